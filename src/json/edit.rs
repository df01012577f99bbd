//! One whole document is copied, with members renamed, replaced or left out, and without a tree.
//!
//! The idea: who edits says of each member, as it comes, what becomes of it. Only objects that the editor wants to see
//! the members of are looked into; everything else is checked and copied, so an edit costs as little as a [`Pass`].
//! What can't be decided member by member stops the edit, and the caller takes a tree ([`parse`]) instead.
//!
//! [`Pass`]: super::Pass
//! [`parse`]: super::parse()

use super::fault::JsonFault;
use super::token::{Token, Tokenizer, between_quotes};
use super::tree::{Array, Object, Text, Value};

/// Says what becomes of members. A place is where in the document the editor has something to do.
pub trait Editor {
    /// A place.
    type Place: Copy;

    /// What becomes of a member of the object at this place. The name comes unescaped, and
    /// means the same in whatever ASCII case.
    fn member(&mut self, at: Self::Place, name: &[u8]) -> Fate<Self::Place>;

    /// Whether [`Editor::member`] says anything but that it stays.
    fn minds(&self, at: Self::Place, name: &[u8]) -> bool;

    /// The new name of the member at this place, escaped as JSON asks for; none if it keeps its own.
    fn name(&self, at: Self::Place) -> Option<&str>;

    /// Whether [`Editor::value`] has anything to say at this place.
    fn judges(&self, at: Self::Place) -> bool;

    /// What becomes of a value at this place that is no container, or an empty one.
    fn value(&mut self, at: Self::Place, value: &Value<'_>, stands: Stands) -> Deed;

    /// Whether a container at this place is looked into.
    fn enter(&self, at: Self::Place, is_array: bool, stands: Stands) -> Entry;

    /// Whether an object may stay if of its members this one is left, and others were left out.
    fn carries(&self, name: &[u8]) -> bool;

    /// Whether [`Editor::string`] has something to say of a string under this name. Names as in [`Editor::member`]; the
    /// second is that of the member in which the object stands.
    fn wants<'k>(&self, name: &[u8], above: impl Fn() -> Option<&'k [u8]>) -> bool;

    /// What becomes of a string that is wanted; it can't be left out.
    fn string(&mut self, name: &[u8], above: Option<&[u8]>, value: &Text<'_>) -> Deed;
}

/// Where a value stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stands {
    /// Under a name.
    Named,
    /// In an array under a name.
    Listed,
}

/// What becomes of a member.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate<P> {
    /// It stays as it is.
    Stays,
    /// It stays, perhaps under another name, and its value is at this place.
    Becomes(P),
    /// It is left out.
    Goes,
    /// This can't be decided here.
    Stops,
}

/// What becomes of a value.
#[derive(Debug, PartialEq)]
pub enum Deed {
    /// It stays.
    Keep,
    /// This takes its place.
    Put(Value<'static>),
    /// Its member is left out.
    Leave,
    /// This can't be decided here.
    Stop,
}

/// Whether a container is looked into.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Entry {
    /// No.
    Skip,
    /// Yes: its members or items are at the same place.
    Look,
    /// This can't be decided here.
    Stop,
}

/// Why an edit ended early. What it has written is no document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stopped {
    /// The document is no JSON, or ambiguous JSON.
    Fault(JsonFault),
    /// The document is no object.
    NoObject,
    /// The editor could not decide.
    Undecided,
}

impl From<JsonFault> for Stopped {
    fn from(fault: JsonFault) -> Self {
        Self::Fault(fault)
    }
}

/// What editors share from one document to the next, so that it needn't be made anew.
#[derive(Debug, Default)]
pub struct Scratch(Tokenizer);

/// An object was copied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Edited {
    /// How many bytes it has.
    pub length: usize,
    /// Whether a wanted string was replaced. What else was done the editor knows.
    pub has_rewritten: bool,
}

/// Copies a document that is one object, edited from this place on.
///
/// # Errors
/// What [`parse`](super::parse()) would refuse, and what the editor can't decide.
pub fn edit<E: Editor>(
    bytes: &[u8],
    top: E::Place,
    editor: &mut E,
    scratch: &mut Scratch,
    out: &mut Vec<u8>,
) -> Result<Edited, Stopped> {
    scratch.0.begin(0);
    let mut editing = Editing::new(bytes, editor, &mut scratch.0, out);
    editing.start_at(top)?;
    while editing.step()? {}
    editing.tokenizer.finish()?;
    editing.flush(bytes.len());
    Ok(Edited { length: bytes.len(), has_rewritten: editing.has_rewritten })
}

/// Copies the object that begins these bytes, as [`edit`] does; nothing if it doesn't end in them. It stands within
/// `around` containers.
///
/// # Errors
/// As those of [`edit`]; for what follows the object there are none.
pub fn edit_first<E: Editor>(
    bytes: &[u8],
    around: usize,
    top: E::Place,
    editor: &mut E,
    scratch: &mut Scratch,
    out: &mut Vec<u8>,
) -> Result<Option<Edited>, Stopped> {
    scratch.0.begin(around);
    let mut editing = Editing::new(bytes, editor, &mut scratch.0, out);
    editing.start_at(top)?;
    while !editing.open.is_empty() {
        if !editing.step()? {
            return Ok(None);
        }
    }
    let length = editing.at;
    editing.flush(length);
    Ok(Some(Edited { length, has_rewritten: editing.has_rewritten }))
}

/// A container that is looked into.
#[derive(Debug)]
struct Open<P> {
    place: P,
    is_array: bool,
    /// How many containers are open within it, with itself.
    depth: usize,
    /// Whether a member has been left out.
    has_left: bool,
    /// Whether a member has stayed.
    has_kept: bool,
    /// Whether one has stayed for which the object may stay.
    is_carried: bool,
}

struct Editing<'a, E: Editor> {
    bytes: &'a [u8],
    editor: &'a mut E,
    out: &'a mut Vec<u8>,
    tokenizer: &'a mut Tokenizer,
    /// What is before `at` is read.
    at: usize,
    /// Whether there is nothing more to be read.
    is_dry: bool,
    /// What is before `sent` is copied, replaced or left out.
    sent: usize,
    /// The containers that are looked into; others may be open within the innermost.
    open: Vec<Open<E::Place>>,
    has_rewritten: bool,
}

/// Where a member stands: where the one before it ends, and its own name begins and ends.
#[derive(Clone, Copy)]
struct Member {
    gap: usize,
    start: usize,
    end: usize,
    /// Whether the object may stay for its sake.
    carries: bool,
}

impl<'a, E: Editor> Editing<'a, E> {
    fn new(bytes: &'a [u8], editor: &'a mut E, tokenizer: &'a mut Tokenizer, out: &'a mut Vec<u8>) -> Self {
        let open = Vec::with_capacity(4);
        Self { bytes, editor, out, tokenizer, at: 0, is_dry: false, sent: 0, open, has_rewritten: false }
    }

    fn start_at(&mut self, top: E::Place) -> Result<(), Stopped> {
        match self.next()? {
            Some(Token::ObjectStart) => {
                self.look(top, false);
                Ok(())
            }
            Some(_) => Err(Stopped::NoObject),
            None => Err(self.tokenizer.finish().map_or_else(Stopped::Fault, |_| Stopped::NoObject)),
        }
    }

    fn next(&mut self) -> Result<Option<Token>, JsonFault> {
        // A chunk runs dry once.
        if self.is_dry {
            return Ok(None);
        }
        let token = self.tokenizer.next(self.bytes, &mut self.at)?;
        self.is_dry = token.is_none();
        Ok(token)
    }

    fn start(&self) -> usize {
        self.tokenizer.start().unwrap_or_default()
    }

    fn look(&mut self, place: E::Place, is_array: bool) {
        let depth = self.tokenizer.depth();
        self.open.push(Open { place, is_array, depth, has_left: false, has_kept: false, is_carried: false });
    }

    fn flush(&mut self, to: usize) {
        self.out.extend_from_slice(self.bytes.get(self.sent..to).unwrap_or_default());
        self.sent = to;
    }

    /// Something else takes the place of what was just read.
    fn put(&mut self, start: usize, value: &Value<'_>) {
        self.flush(start);
        value.write(self.out);
        self.sent = self.at;
    }

    /// Takes what comes next. False at the end of the document.
    fn step(&mut self) -> Result<bool, Stopped> {
        use Token::{ArrayEnd, ArrayStart, False, Key, Null, Number, ObjectEnd, ObjectStart, String, True};
        self.skim();
        let gap = self.at;
        let Some(token) = self.next()? else { return Ok(false) };
        let Some(&Open { place, is_array, depth, .. }) = self.open.last() else { return Ok(true) };
        let inside = self.tokenizer.depth();
        match token {
            Key if inside == depth => self.member(place, gap)?,
            Key => self.wanted()?,
            ObjectEnd | ArrayEnd if inside < depth => self.leave()?,
            ObjectStart | ArrayStart if is_array && inside == depth + 1 => {
                self.enter(token, place, Stands::Listed)?;
            }
            String | Number | True | False | Null if is_array && inside == depth => self.item(token, place)?,
            _ => {}
        }
        Ok(true)
    }

    /// Reads on over all that stays as it is.
    fn skim(&mut self) {
        let Some(open) = self.open.last_mut().filter(|_| !self.is_dry) else { return };
        let editor = &*self.editor;
        self.tokenizer.skim(self.bytes, &mut self.at, open.depth, |name, is_here, names| {
            if !is_here {
                return editor.wants(name, || names.last(1));
            }
            let is_first_kept = open.has_left && !open.has_kept;
            if is_first_kept || editor.minds(open.place, name) || editor.wants(name, || names.last(1)) {
                return true;
            }
            open.has_kept = true;
            open.is_carried |= editor.carries(name);
            false
        });
    }

    fn member(&mut self, place: E::Place, gap: usize) -> Result<(), Stopped> {
        let Some(name) = self.tokenizer.name() else { return Ok(()) };
        let member = Member { gap, start: self.start(), end: self.at, carries: self.editor.carries(name) };
        match self.editor.member(place, name) {
            Fate::Stays => {
                self.keep(member);
                self.wanted()
            }
            Fate::Becomes(place) => self.becomes(place, member),
            Fate::Goes => {
                self.flush(member.gap);
                self.skip()?;
                self.left();
                Ok(())
            }
            Fate::Stops => Err(Stopped::Undecided),
        }
    }

    fn becomes(&mut self, place: E::Place, member: Member) -> Result<(), Stopped> {
        let keep = |editing: &mut Self| {
            editing.keep(member);
            editing.rename(place, member);
        };
        // The end is told by `finish`.
        let Some(token) = self.next()? else { return Ok(()) };
        let start = self.start();
        let Some(value) = self.judged(token, place)? else {
            keep(self);
            return self.enter(token, place, Stands::Named);
        };
        match self.editor.value(place, &value, Stands::Named) {
            Deed::Keep => keep(self),
            Deed::Put(value) => {
                keep(self);
                self.put(start, &value);
            }
            Deed::Leave => {
                self.flush(member.gap);
                self.left();
            }
            Deed::Stop => return Err(Stopped::Undecided),
        }
        Ok(())
    }

    /// The value that begins with this token, if there is something to say of it and it is no container, or an empty one:
    /// that is read to its end.
    fn judged(&mut self, token: Token, place: E::Place) -> Result<Option<Value<'a>>, Stopped> {
        if !self.editor.judges(place) {
            return Ok(None);
        }
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let next = rest.iter().find(|byte| !byte.is_ascii_whitespace());
        let value = match (token, next) {
            (Token::ObjectStart, Some(b'}')) => Value::Object(Object::new()),
            (Token::ArrayStart, Some(b']')) => Value::Array(Array::default()),
            (Token::ObjectStart | Token::ArrayStart, _) => return Ok(None),
            _ => return Ok(Some(self.scalar(token))),
        };
        self.next()?;
        Ok(Some(value))
    }

    /// The value that was just read, which is no container.
    fn scalar(&self, token: Token) -> Value<'a> {
        let text = self.bytes.get(self.start()..self.at).unwrap_or_default();
        match token {
            Token::True | Token::False => Value::Bool(token == Token::True),
            Token::Number => Value::Number(String::from_utf8_lossy(text)),
            Token::String => Value::String(Text::from_raw(String::from_utf8_lossy(between_quotes(text)))),
            _ => Value::Null,
        }
    }

    fn item(&mut self, token: Token, place: E::Place) -> Result<(), Stopped> {
        let start = self.start();
        let Some(value) = self.judged(token, place)? else { return Ok(()) };
        match self.editor.value(place, &value, Stands::Listed) {
            Deed::Keep => Ok(()),
            Deed::Put(value) => {
                self.put(start, &value);
                Ok(())
            }
            Deed::Leave | Deed::Stop => Err(Stopped::Undecided),
        }
    }

    /// A value begins with this token; if it is a container, it may be looked into.
    fn enter(&mut self, token: Token, place: E::Place, stands: Stands) -> Result<(), Stopped> {
        let is_array = match token {
            Token::ObjectStart => false,
            Token::ArrayStart => true,
            _ => return Ok(()),
        };
        match self.editor.enter(place, is_array, stands) {
            Entry::Skip => {}
            Entry::Look => self.look(place, is_array),
            Entry::Stop => return Err(Stopped::Undecided),
        }
        Ok(())
    }

    /// An object that has become hollow may have to go, and what is around it too: that is not decided here.
    fn leave(&mut self) -> Result<(), Stopped> {
        match self.open.pop() {
            Some(open) if open.has_left && !open.is_carried => Err(Stopped::Undecided),
            _ => Ok(()),
        }
    }

    /// The member stays. If all before it were left out, so is the comma.
    fn keep(&mut self, member: Member) {
        let Some(open) = self.open.last_mut() else { return };
        open.is_carried |= member.carries;
        if !std::mem::replace(&mut open.has_kept, true) && open.has_left {
            self.sent = member.start;
        }
    }

    fn rename(&mut self, place: E::Place, member: Member) {
        if self.editor.name(place).is_none() {
            return;
        }
        self.flush(member.start);
        let name = self.editor.name(place).unwrap_or_default();
        self.out.push(b'"');
        self.out.extend_from_slice(name.as_bytes());
        self.out.push(b'"');
        self.sent = member.end;
    }

    /// Everything up to here was copied or is left out.
    fn left(&mut self) {
        self.sent = self.at;
        if let Some(open) = self.open.last_mut() {
            open.has_left = true;
        }
    }

    /// Reads the value that comes next to its end.
    fn skip(&mut self) -> Result<(), JsonFault> {
        let depth = self.tokenizer.depth();
        while self.next()?.is_some() && self.tokenizer.depth() > depth {}
        Ok(())
    }

    /// A name was read: if its value is a string, it may be replaced.
    fn wanted(&mut self) -> Result<(), Stopped> {
        let tokenizer = &*self.tokenizer;
        let wanted = tokenizer.name().is_some_and(|name| self.editor.wants(name, || tokenizer.above()));
        if !wanted || !self.is_string_next() || self.next()?.is_none() {
            return Ok(());
        }
        let start = self.start();
        let quoted = self.bytes.get(start..self.at).unwrap_or_default();
        let value = Text::from_raw(String::from_utf8_lossy(between_quotes(quoted)));
        let tokenizer = &*self.tokenizer;
        let Some(name) = tokenizer.name() else { return Ok(()) };
        match self.editor.string(name, tokenizer.above(), &value) {
            Deed::Keep => {}
            Deed::Put(value) => {
                self.put(start, &value);
                self.has_rewritten = true;
            }
            Deed::Leave | Deed::Stop => return Err(Stopped::Undecided),
        }
        Ok(())
    }

    /// Whether a string follows the name that was just read.
    fn is_string_next(&self) -> bool {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let next = rest.iter().find(|byte| !byte.is_ascii_whitespace() && **byte != b':');
        next == Some(&b'"')
    }
}

#[cfg(test)]
mod tests {
    use super::super::parse;
    use super::*;

    /// Places are depths: what is named `in` is looked into. `old` is renamed, `gone` left out, `no` undecided, `up` turned
    /// to capitals where it is a string and left out where it is empty, and strings under `url` are replaced.
    struct Table;

    /// What is at a place.
    #[derive(Clone, Copy, PartialEq)]
    enum At {
        Object,
        Old,
        Up,
    }

    impl Editor for Table {
        type Place = At;

        fn member(&mut self, _at: At, name: &[u8]) -> Fate<At> {
            match &*name.to_ascii_lowercase() {
                b"in" => Fate::Becomes(At::Object),
                b"old" => Fate::Becomes(At::Old),
                b"up" => Fate::Becomes(At::Up),
                b"gone" => Fate::Goes,
                b"no" => Fate::Stops,
                _ => Fate::Stays,
            }
        }

        fn minds(&self, _at: At, name: &[u8]) -> bool {
            [&b"in"[..], b"old", b"up", b"gone", b"no"].contains(&&*name.to_ascii_lowercase())
        }

        fn name(&self, at: At) -> Option<&str> {
            (at == At::Old).then_some("new\\n")
        }

        fn judges(&self, at: At) -> bool {
            at == At::Up
        }

        fn value(&mut self, _at: At, value: &Value<'_>, stands: Stands) -> Deed {
            match value {
                Value::String(text) if text.is_empty() && stands == Stands::Named => Deed::Leave,
                Value::String(text) => Deed::Put(Value::string(&text.decoded().to_uppercase())),
                Value::Array(_) => Deed::Leave,
                Value::Object(_) => Deed::Stop,
                _ => Deed::Keep,
            }
        }

        fn enter(&self, at: At, is_array: bool, stands: Stands) -> Entry {
            match (at, is_array, stands) {
                (At::Up, false, _) | (_, true, Stands::Listed) => Entry::Stop,
                (At::Old, ..) => Entry::Skip,
                _ => Entry::Look,
            }
        }

        fn carries(&self, name: &[u8]) -> bool {
            name != b"light"
        }

        fn wants<'k>(&self, name: &[u8], above: impl Fn() -> Option<&'k [u8]>) -> bool {
            name == b"url" && above() != Some(b"x")
        }

        fn string(&mut self, _name: &[u8], _above: Option<&[u8]>, value: &Text<'_>) -> Deed {
            match &*value.decoded() {
                "a" => Deed::Put(Value::string("b")),
                "no" => Deed::Stop,
                _ => Deed::Keep,
            }
        }
    }

    fn edited(document: &str) -> Result<(String, bool), Stopped> {
        let (mut out, mut scratch) = (Vec::new(), Scratch::default());
        let edited = edit(document.as_bytes(), At::Object, &mut Table, &mut scratch, &mut out)?;
        let first = format!("{}, more", document.trim());
        let mut again = Vec::new();
        let taken = edit_first(first.as_bytes(), 2, At::Object, &mut Table, &mut scratch, &mut again)?.unwrap();
        assert_eq!(taken, Edited { length: document.trim().len(), ..edited });
        assert_eq!(again, out.trim_ascii());
        Ok((String::from_utf8(out).unwrap(), edited.has_rewritten))
    }

    #[track_caller]
    fn becomes(document: &str, expected: &str) {
        assert_eq!(edited(document).unwrap().0, expected);
    }

    #[test]
    fn what_nobody_speaks_of_keeps_its_bytes() {
        let document = " { \"a\" : [ 1.0 , {\"old\":\"\\u0061\", \"gone\":{}} ] ,\n\"b\":{\"up\":\"x\"} } ";
        assert_eq!(edited(document), Ok((document.to_owned(), false)));
    }

    #[test]
    fn names_change_where_they_stand_however_they_are_written() {
        becomes(r#"{ "old" : 1, "in":{"OLD":[{"old":2}]} }"#, r#"{ "new\n" : 1, "in":{"new\n":[{"old":2}]} }"#);
        becomes(r#"{"in":[{"\u006fld":1},{"old":{}}, 3]}"#, r#"{"in":[{"new\n":1},{"new\n":{}}, 3]}"#);
    }

    #[test]
    fn commas_go_with_what_is_left_out() {
        becomes(r#"{ "gone":1 , "a":2 }"#, r#"{"a":2 }"#);
        becomes(r#"{ "a":1 , "gone":[{"gone":2}] , "b":3 }"#, r#"{ "a":1 , "b":3 }"#);
        becomes(r#"{ "a":1 , "gone":2 }"#, r#"{ "a":1 }"#);
        becomes(r#"{"gone":1,"up":"","GONE2":0,"old":4,"up2":5}"#, r#"{"GONE2":0,"new\n":4,"up2":5}"#);
        becomes(r#"{"up":[ ],"in":{"up":"","z":1}}"#, r#"{"in":{"z":1}}"#);
    }

    #[test]
    fn values_are_put_in_place_also_in_lists() {
        becomes(r#"{"up":"\u0061b","in":{"up": true}}"#, r#"{"up":"AB","in":{"up": true}}"#);
        becomes(r#"{"up":["a", null, "" ,"b"]}"#, r#"{"up":["A", null, "" ,"B"]}"#);
    }

    #[test]
    fn what_is_not_plain_is_left_to_others() {
        let documents = [
            r#"{"a":{},"in":[{"no":1}]}"#,
            r#"{"in":{"gone":1}}"#,
            r#"{"in":{"light":1,"gone":1}}"#,
            r#"{"gone":1}"#,
            r#"{"up":{}}"#,
            r#"{"up":{"a":1}}"#,
            r#"{"up":[["a"]]}"#,
            r#"{"up":[[]]}"#,
            r#"{"a":[{"url":"no"}]}"#,
        ];
        for document in documents {
            assert_eq!(edited(document), Err(Stopped::Undecided), "{document}");
        }
        assert_eq!(edited("[]"), Err(Stopped::NoObject));
        assert_eq!(edited("7"), Err(Stopped::NoObject));
    }

    #[test]
    fn wanted_strings_are_replaced_wherever_they_stand() {
        let document =
            r#"{"url":"a","x":{"url":"a"},"in":{"url" : "\u0061","y":[{"url":"a"},{"url":["a"]}]},"z":{"url":"c"}}"#;
        let expected =
            r#"{"url":"b","x":{"url":"a"},"in":{"url" : "b","y":[{"url":"b"},{"url":["a"]}]},"z":{"url":"c"}}"#;
        assert_eq!(edited(document), Ok((expected.to_owned(), true)));
        assert_eq!(edited(r#"{"url":"c"}"#), Ok((r#"{"url":"c"}"#.to_owned(), false)));
    }

    #[test]
    fn the_first_object_is_as_deep_as_it_stands() {
        let nested = |depth: usize| format!("{}1{}", "{\"a\":".repeat(depth), "}".repeat(depth));
        for (depth, around, is_taken) in [(64, 0, true), (65, 0, false), (62, 2, true), (63, 2, false)] {
            let document = nested(depth);
            let mut scratch = Scratch::default();
            let taken = edit_first(document.as_bytes(), around, At::Object, &mut Table, &mut scratch, &mut Vec::new());
            assert_eq!(taken.is_ok(), is_taken, "{depth} within {around}");
        }
    }

    #[test]
    fn a_document_that_breaks_off_is_a_fault_wherever_it_does() {
        let document = r#"{"gone":{"a":[1]},"old":"x","up":"","in":{"up":["a"],"url":"a"}}"#;
        assert!(edited(document).is_ok());
        for end in 0..document.len() {
            let text = document.get(..end).unwrap();
            assert_eq!(edited(text), Err(Stopped::Fault(parse(text.as_bytes()).unwrap_err())), "{text}");
        }
        for end in 1..document.len() {
            let cut = edit_first(
                &document.as_bytes()[..end],
                2,
                At::Object,
                &mut Table,
                &mut Scratch::default(),
                &mut Vec::new(),
            );
            assert_eq!(cut, Ok(None));
        }
        let fault = parse(br#"{"gone":{"a":1,"A":2}}"#).unwrap_err();
        assert_eq!(edited(r#"{"gone":{"a":1,"A":2}}"#), Err(Stopped::Fault(fault)), "what is left out is checked too");
    }
}
