//! A long list streams through, one whole element at a time.
//!
//! The idea: a list is an object with a few members of which one is a long array. Everything around the array's
//! elements goes out as it comes; each element is gathered whole, so memory is bounded by the longest element.
//!
//! **Elements are not checked.** Arrays and objects in the long array are only followed to the bracket that closes them
//! (quotes and brackets, nothing else), because who takes an element reads it again, with [`parse`](super::parse()) or
//! [`Pass`](super::Pass), and refuses then. All the rest of the document is checked here.

use super::fault::{FaultKind, JsonFault};
use super::scan;
use super::token::{DEPTH, Token, Tokenizer};
use super::whole::Whole;

/// The containers around an element: the document and its array.
const AROUND: usize = 2;

/// The depth right inside an element that is an array or object.
const INSIDE: usize = AROUND + 1;

/// A part of the document. All parts one after the other are the document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Piece<'a> {
    /// What is neither of the others, cut anywhere.
    Plain(&'a [u8]),
    /// The value of a member of the document that is no array and no object.
    Scalar {
        /// The member's name, unescaped.
        key: &'a str,
        /// The value as it was written, a string with its quotes.
        text: &'a [u8],
    },
    /// One element of the array, whole, without the white space and commas around it. An array or object is **not
    /// checked**: it may be no JSON at all.
    Element(&'a [u8]),
}

/// Why a walk ended.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WalkFault<E> {
    /// The document is no JSON, or ambiguous JSON, or no object, or has a part that is longer than 16 MiB.
    #[error(transparent)]
    Json(#[from] JsonFault),
    /// The sink did not want to go on.
    #[error("{0}")]
    Sink(E),
}

/// What takes the pieces.
pub trait Sink {
    /// Why it does not want to go on.
    type Fault;

    /// Takes the next piece.
    ///
    /// # Errors
    /// The walk is to end.
    fn piece(&mut self, piece: Piece<'_>) -> Result<(), Self::Fault>;

    /// An element that is an array or object begins these bytes, within two containers. If it ends in them too, it may be
    /// taken here, without being looked for its end first: how long it is. Otherwise it comes as a piece.
    fn begun(&mut self, _bytes: &[u8]) -> Option<usize> {
        None
    }
}

impl<E, F: FnMut(Piece<'_>) -> Result<(), E>> Sink for F {
    type Fault = E;

    fn piece(&mut self, piece: Piece<'_>) -> Result<(), E> {
        self(piece)
    }
}

/// One list on its way through.
#[derive(Debug)]
pub struct Walker {
    array_key: &'static str,
    tokenizer: Tokenizer,
    /// The name of the current member of the document.
    key: String,
    /// Whether the array under it is the one we walk.
    is_in_array: bool,
    /// Whether that array has come.
    has_array: bool,
    /// Where in an element that is an array or object the reading stands.
    element: Option<Brackets>,
    /// The element or scalar that is being read.
    whole: Whole,
}

/// What a token belongs to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Plain,
    Scalar,
    Element,
}

/// An element followed by its quotes and brackets only.
#[derive(Debug)]
struct Brackets {
    depth: usize,
    is_in_string: bool,
    /// After a backslash.
    is_escaped: bool,
}

impl Walker {
    /// For one document whose elements stand in the array under this name, compared without ASCII case. `null` may stand
    /// there too, nothing else.
    #[must_use]
    pub fn new(array_key: &'static str) -> Self {
        Self {
            array_key,
            tokenizer: Tokenizer::default(),
            key: String::new(),
            is_in_array: false,
            has_array: false,
            element: None,
            whole: Whole::default(),
        }
    }

    /// Takes the next bytes, in chunks of any size, and gives those that are settled.
    ///
    /// # Errors
    /// The document breaks the rules of [`parse`](super::parse()) outside its elements, or is no object, or its list is no
    /// array, or an element or scalar is longer than 16 MiB; or the sink failed. Don't feed it again then.
    pub fn feed<S: Sink>(&mut self, chunk: &[u8], sink: &mut S) -> Result<(), WalkFault<S::Fault>> {
        // What is before `sent` is given out, what is before `at` is read.
        let (mut at, mut sent) = (0, 0);
        loop {
            if self.element.is_some() {
                self.skip(chunk, &mut at)?;
                self.give(Kind::Element, part(chunk, sent, at), self.element.is_none(), sink)?;
                sent = at;
            }
            let whole = self.tokenizer.next(chunk, &mut at)?;
            let Some(token) = whole.or(self.tokenizer.unfinished()) else { break };
            let kind = self.classify(token, whole.is_some(), chunk, at)?;
            if kind != Kind::Plain {
                let start = self.tokenizer.start().unwrap_or(0);
                give_plain(part(chunk, sent, start), sink)?;
                sent = start;
                if self.element.is_some()
                    && let Some(length) = sink.begun(part(chunk, start, chunk.len()))
                {
                    self.element = None;
                    at = start + length;
                    sent = at;
                } else if self.element.is_none() {
                    sent = at;
                    self.give(kind, part(chunk, start, at), whole.is_some(), sink)?;
                }
            }
            if whole.is_none() {
                break;
            }
        }
        give_plain(part(chunk, sent, chunk.len()), sink)
    }

    /// The document has ended. Nothing is left to be given out.
    ///
    /// # Errors
    /// It has ended too early, or is no object.
    pub fn finish<S: Sink>(&mut self, _sink: &mut S) -> Result<(), WalkFault<S::Fault>> {
        self.tokenizer.finish()?;
        Ok(())
    }

    /// Whether the document has the array, as far as it has been read.
    #[must_use]
    pub fn has_array(&self) -> bool {
        self.has_array
    }

    /// Says what a token belongs to, and notes where the reading stands.
    fn classify(&mut self, token: Token, is_whole: bool, chunk: &[u8], at: usize) -> Result<Kind, JsonFault> {
        use Token::{ArrayEnd, ArrayStart, False, Key, Null, Number, ObjectEnd, ObjectStart, String, True};
        match (token, self.tokenizer.depth()) {
            (ObjectEnd, 0) => {}
            (_, 0) | (ArrayStart, 1) => return Err(self.tokenizer.fail(FaultKind::NoObject)),
            // It would go out as plain bytes, and who looks at elements would never see what is in it.
            (ObjectStart, AROUND) | (String | Number | True | False, 1) if self.is_under_array_key() => {
                return Err(self.tokenizer.fail(FaultKind::NoArray));
            }
            (Key, 1) if is_whole => self.key = self.tokenizer.key(chunk, at).decoded().into_owned(),
            (ArrayStart, AROUND) => {
                self.is_in_array = self.is_under_array_key();
                self.has_array |= self.is_in_array;
            }
            (ArrayEnd, 1) => self.is_in_array = false,
            (ObjectStart | ArrayStart, INSIDE) if self.is_in_array => {
                self.tokenizer.leave_container();
                self.element = Some(Brackets { depth: 1, is_in_string: false, is_escaped: false });
                return Ok(Kind::Element);
            }
            (String | Number | True | False | Null, 1) => return Ok(Kind::Scalar),
            (String | Number | True | False | Null, AROUND) if self.is_in_array => return Ok(Kind::Element),
            _ => {}
        }
        Ok(Kind::Plain)
    }

    fn is_under_array_key(&self) -> bool {
        self.key.eq_ignore_ascii_case(self.array_key)
    }

    /// Reads on in an element that is an array or object.
    fn skip(&mut self, chunk: &[u8], at: &mut usize) -> Result<(), JsonFault> {
        let Some(brackets) = &mut self.element else { return Ok(()) };
        match brackets.read(part(chunk, *at, chunk.len())) {
            Ok(Some(length)) => {
                *at += length;
                self.element = None;
            }
            Ok(None) => *at = chunk.len(),
            Err(kind) => return Err(self.tokenizer.fail(kind)),
        }
        Ok(())
    }

    /// Takes bytes of an element or scalar; gives it once it is whole.
    fn give<S: Sink>(
        &mut self,
        kind: Kind,
        bytes: &[u8],
        is_last: bool,
        sink: &mut S,
    ) -> Result<(), WalkFault<S::Fault>> {
        let whole = self.whole.add(bytes, is_last).map_err(|kind| self.tokenizer.fail(kind))?;
        let Some(text) = whole else { return Ok(()) };
        let piece = match kind {
            Kind::Plain => Piece::Plain(text),
            Kind::Scalar => Piece::Scalar { key: &self.key, text },
            Kind::Element => Piece::Element(text),
        };
        sink.piece(piece).map_err(WalkFault::Sink)
    }
}

impl Brackets {
    /// The number of bytes up to and with the bracket that closes the element, or none if it is not in this piece.
    fn read(&mut self, piece: &[u8]) -> Result<Option<usize>, FaultKind> {
        let mut at = 0;
        while let Some(&byte) = piece.get(at) {
            if self.is_in_string {
                at += self.string(part(piece, at, piece.len()));
                continue;
            }
            at += 1;
            match byte {
                b'"' => self.is_in_string = true,
                b'{' | b'[' if self.depth == DEPTH - AROUND => return Err(FaultKind::Depth),
                b'{' | b'[' => self.depth += 1,
                b'}' | b']' if self.depth == 1 => return Ok(Some(at)),
                b'}' | b']' => self.depth -= 1,
                _ => {}
            }
        }
        Ok(None)
    }

    /// Reads on in a string: how many bytes.
    fn string(&mut self, rest: &[u8]) -> usize {
        if std::mem::take(&mut self.is_escaped) {
            return 1;
        }
        let run = scan::run(rest).len;
        match rest.get(run) {
            None => return run,
            Some(b'"') => self.is_in_string = false,
            Some(b'\\') => self.is_escaped = true,
            // A control character: who takes the element refuses it.
            Some(_) => {}
        }
        run + 1
    }
}

fn give_plain<S: Sink>(bytes: &[u8], sink: &mut S) -> Result<(), WalkFault<S::Fault>> {
    if bytes.is_empty() { Ok(()) } else { sink.piece(Piece::Plain(bytes)).map_err(WalkFault::Sink) }
}

fn part(bytes: &[u8], from: usize, to: usize) -> &[u8] {
    bytes.get(from..to).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::super::laws::{chunks, walk};
    use super::*;

    fn fault(document: &str) -> String {
        walk(&[document.as_bytes()]).unwrap_err().to_string()
    }

    #[test]
    fn a_list_comes_in_its_pieces_however_it_is_cut() {
        let document =
            r#"{ "n":12,"s" : "x\"]", "\u0041" : [ {"a":"]}\\"} , [1,[2]],-3,"q\u0022" ,null],"o":{"n":1,"a":[1]} } "#;
        let expected = [
            ('p', "", r#"{ "n":"#),
            ('s', "n", "12"),
            ('p', "", r#","s" : "#),
            ('s', "s", r#""x\"]""#),
            ('p', "", r#", "\u0041" : [ "#),
            ('e', "", r#"{"a":"]}\\"}"#),
            ('p', "", " , "),
            ('e', "", "[1,[2]]"),
            ('p', "", ","),
            ('e', "", "-3"),
            ('p', "", ","),
            ('e', "", r#""q\u0022""#),
            ('p', "", " ,"),
            ('e', "", "null"),
            ('p', "", r#"],"o":{"n":1,"a":[1]} } "#),
        ];
        let expected = expected.map(|(kind, key, text)| (kind, key.to_owned(), text.as_bytes().to_vec()));
        for length in 1..document.len() + 1 {
            assert_eq!(walk(&chunks(document.as_bytes(), &[length])).unwrap(), expected, "{length}");
        }
    }

    #[test]
    fn an_element_in_one_chunk_is_not_copied() {
        let chunk = br#"{"a":[{"b":1}]}"#;
        let mut seen = false;
        let mut sink = |piece: Piece<'_>| {
            if let Piece::Element(bytes) = piece {
                seen = std::ptr::eq(bytes.as_ptr(), &raw const chunk[6]);
            }
            Ok::<_, ()>(())
        };
        Walker::new("a").feed(chunk, &mut sink).unwrap();
        assert!(seen);
    }

    #[test]
    fn what_is_no_object_is_refused_at_once() {
        for document in ["[]", "12", "12 ", "\"ab", "\"ab\"", "null", " [{}]"] {
            assert!(fault(document).starts_with("a document that is no object"), "{document}");
        }
        assert_eq!(fault(""), "end of input in the middle of a document at byte 0");
        assert_eq!(fault(r#"{"a":[{}"#), "end of input in the middle of a document at byte 8");
        assert_eq!(fault(r#"{"a":[{"b":1"#), "end of input in the middle of a document at byte 12");
    }

    #[test]
    fn what_stands_in_place_of_the_array_is_refused() {
        for document in [r#"{"a":{"b":1}}"#, r#"{"A":"b"}"#, r#"{"n":1,"\u0061":0}"#, r#"{"a":true}"#] {
            assert!(fault(document).starts_with("a list that is no array"), "{document}");
        }
        for document in [r#"{"a":null}"#, r#"{"n":{"a":{}}}"#, r#"{"n":[{"a":1}]}"#] {
            assert!(walk(&[document.as_bytes()]).is_ok(), "{document}");
        }
    }

    #[test]
    fn around_the_elements_everything_is_checked() {
        assert_eq!(fault(r#"{"a":[{},{}],"A":[]}"#), "duplicate key `A` at byte 13");
        assert_eq!(fault(r#"{"a":[{} {}]}"#), "expected `,` or `]` at byte 9");
        assert_eq!(fault(r#"{"a":[{},]}"#), "expected a value at byte 9");
        assert_eq!(fault(r#"{"a":[{}]} x"#), "more input after the end of the document at byte 11");
    }

    #[test]
    fn the_depth_of_an_element_counts_from_the_document() {
        let document = |depth: usize| format!("{{\"a\":[{}{}]}}", "[".repeat(depth), "]".repeat(depth));
        assert!(walk(&[document(62).as_bytes()]).is_ok());
        for depth in [63, 64, 5_000, 1_000_000] {
            assert!(fault(&document(depth)).starts_with("nesting deeper than 64"), "{depth}");
        }
    }

    #[test]
    fn an_element_or_scalar_that_never_ends_is_refused() {
        let chunk = vec![b'x'; 1024 * 1024];
        for start in [r#"{"a":[{"b":""#, r#"{"n":""#, r#"{"a":[""#] {
            let mut walker = Walker::new("a");
            let mut sink = |_: Piece<'_>| Ok::<_, ()>(());
            walker.feed(start.as_bytes(), &mut sink).unwrap();
            let fault = (0..17).find_map(|_| walker.feed(&chunk, &mut sink).err()).unwrap();
            assert!(matches!(fault, WalkFault::Json(fault) if matches!(fault.kind(), FaultKind::TooLong(_))));
        }
    }

    #[test]
    fn a_sink_that_fails_ends_the_walk() {
        let mut sink = |piece: Piece<'_>| if matches!(piece, Piece::Element(_)) { Err("full") } else { Ok(()) };
        let ended = Walker::new("a").feed(br#"{"a":[1]}"#, &mut sink);
        assert_eq!(ended, Err(WalkFault::Sink("full")));
    }
}
