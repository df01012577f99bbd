//! Bytes stream through as they came, checked; only chosen strings may be replaced.
//!
//! The idea: what is not asked for is never touched, so a document that nobody changes is the same byte for byte, and
//! memory does not grow with it: only a string that may be replaced is held until its end.

use super::fault::JsonFault;
use super::token::{Token, Tokenizer, between_quotes};
use super::tree::Text;
use super::whole::Whole;

/// Which strings are replaced, and by what.
pub trait Rewrite {
    /// Whether the string under this name is to be offered. `parent_key` is the name under which the enclosing object
    /// stands, through arrays the name of the array; none at the top. Names come unescaped,
    /// and mean the same in whatever ASCII case.
    fn wants<'k>(&self, key: &[u8], parent_key: impl Fn() -> Option<&'k [u8]>) -> bool;

    /// What takes the place of this string; none if it stays.
    fn string(&mut self, key: &[u8], parent_key: Option<&[u8]>, value: &Text<'_>) -> Option<Text<'static>>;
}

/// One document on its way through.
#[derive(Debug)]
pub struct Pass<R> {
    rewrite: R,
    tokenizer: Tokenizer,
    /// The wanted string that is being read.
    wanted: Whole,
    changed: bool,
}

impl<R: Rewrite> Pass<R> {
    /// For one document.
    #[must_use]
    pub fn new(rewrite: R) -> Self {
        Self { rewrite, tokenizer: Tokenizer::default(), wanted: Whole::default(), changed: false }
    }

    /// Takes the next bytes, in chunks of any size, and gives those that are settled.
    ///
    /// # Errors
    /// The document breaks the rules of [`parse`](super::parse()), or a string that may be replaced is longer than
    /// 16 MiB. What has been given out so far is no complete document; after a fault there is only the same fault.
    pub fn feed(&mut self, chunk: &[u8], out: &mut Vec<u8>) -> Result<(), JsonFault> {
        // What is before `sent` is given out, what is before `at` is read.
        let (mut at, mut sent) = (0, 0);
        loop {
            let rewrite = &self.rewrite;
            self.tokenizer.skim(chunk, &mut at, 0, |key, _, names| rewrite.wants(key, || names.last(1)));
            let whole = self.tokenizer.next(chunk, &mut at)?;
            let Some(token) = whole.or(self.tokenizer.unfinished()) else { break };
            if self.wants(token) {
                let start = self.tokenizer.start().unwrap_or(0);
                out.extend_from_slice(part(chunk, sent, start));
                sent = at;
                self.offer(part(chunk, start, at), whole.is_some(), out)?;
            }
            if whole.is_none() {
                break;
            }
        }
        out.extend_from_slice(part(chunk, sent, chunk.len()));
        Ok(())
    }

    /// The document has ended. Nothing is left to be given out.
    ///
    /// # Errors
    /// It has ended too early, or there was a fault before.
    pub fn finish(&mut self, _out: &mut Vec<u8>) -> Result<(), JsonFault> {
        self.tokenizer.finish().map(drop)
    }

    /// Whether a string was replaced.
    #[must_use]
    pub fn changed(&self) -> bool {
        self.changed
    }

    fn wants(&self, token: Token) -> bool {
        let tokenizer = &self.tokenizer;
        token == Token::String && tokenizer.name().is_some_and(|key| self.rewrite.wants(key, || tokenizer.above()))
    }

    /// Takes bytes of a wanted string; gives it, or what takes its place, once it is whole.
    fn offer(&mut self, bytes: &[u8], is_last: bool, out: &mut Vec<u8>) -> Result<(), JsonFault> {
        let whole = self.wanted.add(bytes, is_last).map_err(|kind| self.tokenizer.fail(kind))?;
        let (Some(quoted), Some(key)) = (whole, self.tokenizer.name()) else { return Ok(()) };
        let value = Text::from_raw(String::from_utf8_lossy(between_quotes(quoted)));
        match self.rewrite.string(key, self.tokenizer.above(), &value) {
            Some(text) => {
                self.changed = true;
                out.push(b'"');
                out.extend_from_slice(text.raw().as_bytes());
                out.push(b'"');
            }
            None => out.extend_from_slice(quoted),
        }
        Ok(())
    }
}

fn part(bytes: &[u8], from: usize, to: usize) -> &[u8] {
    bytes.get(from..to).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::super::laws::{chunks, pass};
    use super::super::{FaultKind, parse};
    use super::*;

    /// Notes what is offered; turns `old..` into `new..`.
    #[derive(Default)]
    struct Old<'n>(Option<&'n mut Vec<String>>);

    impl Rewrite for Old<'_> {
        fn wants<'k>(&self, key: &[u8], parent_key: impl Fn() -> Option<&'k [u8]>) -> bool {
            key == b"$ref" || (key.eq_ignore_ascii_case(b"location") && parent_key() == Some(b"meta"))
        }

        fn string(&mut self, key: &[u8], parent_key: Option<&[u8]>, value: &Text<'_>) -> Option<Text<'static>> {
            let value = value.decoded();
            if let Some(noted) = &mut self.0 {
                let text = String::from_utf8_lossy;
                noted.push(format!("{} in {}: {value}", text(key), text(parent_key.unwrap_or(b"-"))));
            }
            value.strip_prefix("old").map(|rest| Text::new(&format!("new{rest}")))
        }
    }

    const DOCUMENT: &str = r#"{ "location":"old", "$ref" : "old\/1", "meta": {"Location":"\u006fld","x":["old"]},
        "members":[{"$ref":"old2","$REF":7},[{"\u0024ref":"ol\"d"}], {"meta":{"location":["old"]}}], "$reg":"old" } "#;

    #[test]
    fn only_what_is_wanted_is_offered_and_replaced() {
        let document = DOCUMENT.replace(r#""$REF":7"#, r#""y":7"#);
        let expected = document
            .replace(r#""$ref" : "old\/1""#, r#""$ref" : "new/1""#)
            .replace(r#""\u006fld""#, r#""new""#)
            .replace("old2", "new2");
        for length in 1..document.len() + 1 {
            let mut noted = Vec::new();
            let passed = pass(Old(Some(&mut noted)), &chunks(document.as_bytes(), &[length]));
            let (out, changed) = passed.unwrap();
            assert_eq!(String::from_utf8(out).unwrap(), expected);
            assert!(changed);
            let offered =
                ["$ref in -: old/1", "Location in meta: old", "$ref in members: old2", "$ref in members: ol\"d"];
            assert_eq!(noted, offered);
        }
    }

    #[test]
    fn a_duplicate_is_refused_where_nothing_is_wanted() {
        let fault = pass(Old::default(), &chunks(DOCUMENT.as_bytes(), &[7])).unwrap_err();
        assert_eq!(*fault.kind(), FaultKind::Duplicate("$REF".into()));
        assert_eq!(Err(fault), parse(DOCUMENT.as_bytes()));
    }

    #[test]
    fn everything_but_a_wanted_string_goes_out_at_once() {
        let mut pass = Pass::new(Old::default());
        let mut out = Vec::new();
        pass.feed(br#"{"other":"abc"#, &mut out).unwrap();
        assert_eq!(out, br#"{"other":"abc"#);
        pass.feed(br#"d","$ref":"ol"#, &mut out).unwrap();
        assert_eq!(out, br#"{"other":"abcd","$ref":"#);
        pass.feed(br#"d"}"#, &mut out).unwrap();
        pass.finish(&mut out).unwrap();
        assert_eq!(out, br#"{"other":"abcd","$ref":"new"}"#);
    }

    #[test]
    fn after_a_fault_there_is_only_that_fault() {
        let mut pass = Pass::new(Old::default());
        let mut out = Vec::new();
        let fault = pass.feed(b"[01]", &mut out).unwrap_err();
        assert_eq!(pass.feed(b"[]", &mut out), Err(fault.clone()));
        assert_eq!(pass.finish(&mut out), Err(fault));
        assert!(out.is_empty());
    }

    #[test]
    fn a_wanted_string_that_never_ends_is_refused() {
        let mut pass = Pass::new(Old::default());
        let mut out = Vec::new();
        pass.feed(br#"{"$ref":""#, &mut out).unwrap();
        let chunk = vec![b'x'; 1024 * 1024];
        let fault = (0..17).find_map(|_| pass.feed(&chunk, &mut out).err()).unwrap();
        assert_eq!(fault.to_string(), "a single part longer than 16777216 bytes at byte 8");
        assert_eq!(pass.finish(&mut out), Err(fault));
    }
}
