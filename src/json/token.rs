//! The tokenizer: what a document is, said once. It is fed bytes in pieces of any size and may stop anywhere.
//!
//! The idea: the readers (`parse`, `pass`, `walk`) ask for one token after the other and keep the bytes themselves; the
//! tokenizer keeps only where it stands, which containers are open and which names their objects have. Only names and
//! numbers that are cut in two by the end of a chunk are held.
//!
//! Not here: values. A token says where it stands, not what it means.

use super::fault::{FaultKind, JsonFault};
use super::names::Names;
use super::number::Number;
use super::quoted::Quoted;
use super::scan;
use super::tree::Text;

/// How many arrays and objects may stand within each other.
pub(super) const DEPTH: usize = 64;

/// The longest name or number, in bytes. No honest one comes near; they are held, so there must be an end.
const LONGEST: usize = 64 * 1024;

/// The quotes count.
const QUOTES: usize = 2;

/// A word of the language.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Token {
    ObjectStart,
    ObjectEnd,
    ArrayStart,
    ArrayEnd,
    /// The name of a member.
    Key,
    String,
    Number,
    True,
    False,
    Null,
}

/// Reads tokens. After a fault it gives the same fault for ever.
#[derive(Debug)]
pub(super) struct Tokenizer {
    /// The bytes of the chunks before this one.
    before: u64,
    /// Where the token begins that was read last.
    start: Start,
    /// The token in which the last chunk ended.
    inside: Option<Inside>,
    expect: Expect,
    /// How many containers may be open.
    deepest: usize,
    open: Containers,
    names: Names,
    /// The beginning of a name or number that was cut in two, from its first byte on.
    held: Vec<u8>,
    failed: Option<JsonFault>,
}

/// Where a token begins.
#[derive(Clone, Copy, Debug, Default)]
struct Start {
    document: u64,
    /// None if it began in an earlier chunk.
    chunk: Option<usize>,
}

/// An unfinished token.
#[derive(Clone, Copy, Debug)]
struct Inside {
    token: Token,
    rest: Rest,
}

/// What is left to be read of it.
#[derive(Clone, Copy, Debug)]
enum Rest {
    Quoted(Quoted),
    Number(Number),
    /// These letters.
    Letters(&'static [u8]),
}

/// What the first byte of something turns out to be.
enum Begun {
    /// `,` or `:`
    Separator,
    /// A token that has no more bytes.
    All(Token),
    /// A token that has more bytes.
    More(Token),
}

/// What may come next.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Expect {
    #[default]
    Value,
    ValueOrEnd,
    Key,
    KeyOrEnd,
    Colon,
    CommaOrEnd,
    /// Nothing: the document has ended.
    Nothing,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Container {
    Object,
    Array,
}

/// The containers that are open: one bit each, the innermost lowest, set for an object.
#[derive(Clone, Copy, Debug, Default)]
struct Containers {
    objects: u64,
    depth: usize,
}

impl Containers {
    fn is_in_object(self) -> bool {
        self.objects & 1 == 1
    }

    /// At most [`DEPTH`] are pushed.
    fn push(&mut self, container: Container) {
        self.objects = (self.objects << 1) | u64::from(container == Container::Object);
        self.depth += 1;
    }

    /// Takes the innermost away; says whether it was an object.
    fn pop(&mut self) -> bool {
        let is_object = self.is_in_object();
        self.objects >>= 1;
        self.depth = self.depth.saturating_sub(1);
        is_object
    }
}

impl Default for Tokenizer {
    fn default() -> Self {
        Self {
            before: 0,
            start: Start::default(),
            inside: None,
            expect: Expect::default(),
            deepest: DEPTH,
            open: Containers::default(),
            names: Names::default(),
            held: Vec::new(),
            failed: None,
        }
    }
}

impl Tokenizer {
    /// Begins another document, which stands within so many containers of a larger one.
    pub(super) fn begin(&mut self, around: usize) {
        self.before = 0;
        self.start = Start::default();
        self.inside = None;
        self.expect = Expect::default();
        self.deepest = DEPTH.saturating_sub(around);
        self.open = Containers::default();
        self.names.clear();
        self.held.clear();
        self.failed = None;
    }

    /// Reads on in this chunk from `at` to behind the end of a token; none if the chunk has run dry. Then the next call
    /// is about the next chunk.
    #[inline]
    pub(super) fn next(&mut self, chunk: &[u8], at: &mut usize) -> Result<Option<Token>, JsonFault> {
        match self.quick(chunk, at) {
            Some(token) => Ok(Some(token)),
            None => self.next_slowly(chunk, at),
        }
    }

    /// Reads what most tokens are. Nothing if the next one is another: then it has not been touched.
    #[inline]
    fn quick(&mut self, chunk: &[u8], at: &mut usize) -> Option<Token> {
        if self.inside.is_some() || self.failed.is_some() {
            return None;
        }
        loop {
            let start = *at;
            match (chunk.get(start)?, self.expect) {
                (b',', Expect::CommaOrEnd) => {
                    self.expect = if self.is_in_object() { Expect::Key } else { Expect::Value };
                    *at += 1;
                }
                (b':', Expect::Colon) => {
                    self.expect = Expect::Value;
                    *at += 1;
                }
                (b'"', Expect::Key | Expect::KeyOrEnd) => return self.quick_text(Token::Key, chunk, at),
                (b'"', Expect::Value | Expect::ValueOrEnd) => return self.quick_text(Token::String, chunk, at),
                (b'{', Expect::Value | Expect::ValueOrEnd) if self.open.depth < self.deepest => {
                    return Some(self.quick_start(Container::Object, at));
                }
                (b'[', Expect::Value | Expect::ValueOrEnd) if self.open.depth < self.deepest => {
                    return Some(self.quick_start(Container::Array, at));
                }
                (b'}', Expect::CommaOrEnd) if self.is_in_object() => {
                    return Some(self.quick_end(Token::ObjectEnd, at));
                }
                (b']', Expect::CommaOrEnd) if !self.is_in_object() => {
                    return Some(self.quick_end(Token::ArrayEnd, at));
                }
                _ => return None,
            }
        }
    }

    /// A string of ASCII without escapes that ends in this chunk; a name that comes for the first time.
    #[inline]
    fn quick_text(&mut self, token: Token, chunk: &[u8], at: &mut usize) -> Option<Token> {
        let start = *at;
        let text = plain(chunk, start)?;
        match token {
            Token::Key if !self.names.add(text) => return None,
            Token::Key => self.expect = Expect::Colon,
            _ => self.after_value(),
        }
        *at = start + text.len() + QUOTES;
        self.begins(start);
        Some(token)
    }

    #[inline]
    fn quick_start(&mut self, container: Container, at: &mut usize) -> Token {
        self.begins(*at);
        *at += 1;
        self.enter(container)
    }

    #[inline]
    fn quick_end(&mut self, token: Token, at: &mut usize) -> Token {
        self.begins(*at);
        self.close();
        *at += 1;
        token
    }

    /// A token begins here in this chunk.
    fn begins(&mut self, start: usize) {
        self.start = Start { document: self.before + start as u64, chunk: Some(start) };
    }

    /// Reads on over what nobody has to look at, token by token, and stops before the first that is not plain, and before a
    /// name of which `stops` says so; it is also told whether the name stands in the container at depth `floor`, beyond which
    /// nothing is closed, and in which, if it is an array, nothing is read. A value whose name was read by
    /// [`Tokenizer::next`] is left to that.
    pub(super) fn skim(
        &mut self,
        chunk: &[u8],
        at: &mut usize,
        floor: usize,
        mut stops: impl FnMut(&[u8], bool, &Names) -> bool,
    ) {
        use Expect::{Colon, CommaOrEnd, Key, KeyOrEnd, Value, ValueOrEnd};
        let is_named = self.expect == Colon || (self.expect == Value && self.is_in_object());
        if self.inside.is_some() || self.failed.is_some() || is_named {
            return;
        }
        let (mut open, mut here) = (self.open, *at);
        // What is expected next, and what was where the last token ended: separators are read again.
        let (mut expect, mut settled) = (self.expect, self.expect);
        while let Some(&byte) = chunk.get(here) {
            let has_values = open.depth > floor || open.is_in_object();
            match (byte, expect) {
                (b'"', Key | KeyOrEnd) => {
                    let Some(name) = plain(chunk, here) else { break };
                    if stops(name, open.depth == floor, &self.names) || !self.names.add(name) {
                        break;
                    }
                    here += name.len() + QUOTES;
                    expect = Colon;
                    // Most names are followed at once, and so are most values below.
                    if chunk.get(here) == Some(&b':') {
                        (*at, settled) = (here, expect);
                        here += 1;
                        expect = Value;
                        continue;
                    }
                }
                (b'"', Value | ValueOrEnd) if has_values => {
                    let Some(text) = plain(chunk, here) else { break };
                    here += text.len() + QUOTES;
                    expect = CommaOrEnd;
                    if chunk.get(here) == Some(&b',') {
                        (*at, settled) = (here, expect);
                        here += 1;
                        expect = if open.is_in_object() { Key } else { Value };
                        continue;
                    }
                }
                (b',', CommaOrEnd) => {
                    here += 1;
                    expect = if open.is_in_object() { Key } else { Value };
                    continue;
                }
                (b':', Colon) => {
                    here += 1;
                    expect = Value;
                    continue;
                }
                (b'{', Value | ValueOrEnd) if has_values && open.depth < self.deepest => {
                    here += 1;
                    open.push(Container::Object);
                    self.names.open();
                    expect = KeyOrEnd;
                }
                (b'[', Value | ValueOrEnd) if has_values && open.depth < self.deepest => {
                    here += 1;
                    open.push(Container::Array);
                    expect = ValueOrEnd;
                }
                (b'}', KeyOrEnd | CommaOrEnd) if open.is_in_object() && open.depth > floor.max(1) => {
                    here += 1;
                    open.pop();
                    self.names.close();
                    expect = CommaOrEnd;
                }
                (b']', ValueOrEnd | CommaOrEnd) if !open.is_in_object() && open.depth > floor.max(1) => {
                    here += 1;
                    open.pop();
                    expect = CommaOrEnd;
                }
                (b't' | b'f' | b'n', Value | ValueOrEnd) if has_values => {
                    let Some(length) = word(chunk.get(here..).unwrap_or_default()) else { break };
                    here += length;
                    expect = CommaOrEnd;
                }
                (b' ' | b'\t' | b'\n' | b'\r', _) => {
                    here += 1;
                    continue;
                }
                _ => break,
            }
            (*at, settled) = (here, expect);
        }
        self.open = open;
        self.expect = settled;
    }

    fn next_slowly(&mut self, chunk: &[u8], at: &mut usize) -> Result<Option<Token>, JsonFault> {
        if let Some(fault) = &self.failed {
            return Err(fault.clone());
        }
        self.step(chunk, at).map_err(|fault| {
            let fault = fault.shifted(self.before);
            self.failed = Some(fault.clone());
            fault
        })
    }

    /// The document has ended. A number at its very end ends only now.
    pub(super) fn finish(&mut self) -> Result<Option<Token>, JsonFault> {
        let end = self.before;
        let mut last = None;
        if self.failed.is_some() || self.unfinished() == Some(Token::Number) {
            // White space ends a number, and may follow every document.
            last = self.next(b" ", &mut 0)?;
        }
        if self.inside.is_some() || self.expect != Expect::Nothing {
            let fault = JsonFault::new(FaultKind::Ended, end);
            self.failed = Some(fault.clone());
            return Err(fault);
        }
        Ok(last)
    }

    /// A reader has found a fault in the chunk that was read last.
    pub(super) fn fail(&mut self, kind: FaultKind) -> JsonFault {
        let fault = JsonFault::new(kind, self.start.document);
        self.failed = Some(fault.clone());
        fault
    }

    /// The token in which the chunk that has run dry ended.
    pub(super) fn unfinished(&self) -> Option<Token> {
        self.inside.map(|inside| inside.token)
    }

    /// Where in its chunk the token begins that was read last, or is unfinished; none if in an earlier chunk.
    pub(super) fn start(&self) -> Option<usize> {
        self.start.chunk
    }

    /// How many containers are open.
    pub(super) fn depth(&self) -> usize {
        self.open.depth
    }

    /// The name that was just read, up to `at` in this chunk.
    pub(super) fn key<'k>(&'k self, chunk: &'k [u8], at: usize) -> Text<'k> {
        Text::from_raw(String::from_utf8_lossy(between_quotes(self.text(chunk, at))))
    }

    /// The name of the current member of the innermost object, unescaped; nothing in an array and at the top.
    #[inline]
    pub(super) fn name(&self) -> Option<&[u8]> {
        self.names.last(0).filter(|_| self.is_in_object())
    }

    /// The name under which the innermost object stands, through arrays that of the array; nothing at the top.
    pub(super) fn above(&self) -> Option<&[u8]> {
        self.names.last(1)
    }

    /// Somebody else reads on from behind the bracket that was just read to behind the one that closes it.
    pub(super) fn leave_container(&mut self) {
        self.close();
    }

    /// The name or number that was just read.
    fn text<'k>(&'k self, chunk: &'k [u8], at: usize) -> &'k [u8] {
        match self.start.chunk {
            Some(start) => chunk.get(start..at).unwrap_or_default(),
            None => &self.held,
        }
    }

    fn is_in_object(&self) -> bool {
        self.open.is_in_object()
    }

    fn step(&mut self, chunk: &[u8], at: &mut usize) -> Result<Option<Token>, JsonFault> {
        if let Some(inside) = self.inside.take() {
            self.start.chunk = None;
            return self.go_on(inside, chunk, at);
        }
        while let Some(&byte) = chunk.get(*at) {
            let start = *at;
            *at += 1;
            if matches!(byte, b' ' | b'\t' | b'\n' | b'\r') {
                continue;
            }
            match self.first(byte).map_err(|kind| JsonFault::new(kind, start as u64))? {
                Begun::Separator => {}
                Begun::All(token) => {
                    self.begins(start);
                    return Ok(Some(token));
                }
                Begun::More(token) => {
                    self.begins(start);
                    return self.go_on(Inside { token, rest: Rest::after(token, byte) }, chunk, at);
                }
            }
        }
        self.run_dry(chunk);
        Ok(None)
    }

    fn run_dry(&mut self, chunk: &[u8]) {
        self.before = self.before.saturating_add(chunk.len() as u64);
    }

    /// Takes the first byte of something.
    #[inline]
    fn first(&mut self, byte: u8) -> Result<Begun, FaultKind> {
        use Expect::{Colon, CommaOrEnd, Key, KeyOrEnd, Value, ValueOrEnd};
        let begun = match (self.expect, byte) {
            (Colon, b':') => {
                self.expect = Value;
                Begun::Separator
            }
            (CommaOrEnd, b',') => {
                self.expect = if self.is_in_object() { Key } else { Value };
                Begun::Separator
            }
            (Key | KeyOrEnd, b'"') => Begun::More(Token::Key),
            (KeyOrEnd | CommaOrEnd, b'}') if self.is_in_object() => {
                self.close();
                Begun::All(Token::ObjectEnd)
            }
            (ValueOrEnd | CommaOrEnd, b']') if !self.is_in_object() => {
                self.close();
                Begun::All(Token::ArrayEnd)
            }
            (Value | ValueOrEnd, b'"') => Begun::More(Token::String),
            (Value | ValueOrEnd, b'{') => self.open(Container::Object)?,
            (Value | ValueOrEnd, b'[') => self.open(Container::Array)?,
            (Value | ValueOrEnd, b't') => Begun::More(Token::True),
            (Value | ValueOrEnd, b'f') => Begun::More(Token::False),
            (Value | ValueOrEnd, b'n') => Begun::More(Token::Null),
            (Value | ValueOrEnd, b'-' | b'0'..=b'9') => Begun::More(Token::Number),
            (_, byte) => return Err(self.unexpected(byte)),
        };
        Ok(begun)
    }

    #[cold]
    fn unexpected(&self, byte: u8) -> FaultKind {
        match self.expect {
            // U+FEFF begins so in UTF-8; nothing that is allowed outside a string does.
            Expect::Value if byte == 0xef && self.open.depth == 0 => FaultKind::ByteOrderMark,
            Expect::Value => FaultKind::Expected("a value"),
            Expect::ValueOrEnd => FaultKind::Expected("a value or `]`"),
            Expect::Key => FaultKind::Expected("a key in quotes"),
            Expect::KeyOrEnd => FaultKind::Expected("a key in quotes or `}`"),
            Expect::Colon => FaultKind::Expected("`:`"),
            Expect::CommaOrEnd if self.is_in_object() => FaultKind::Expected("`,` or `}`"),
            Expect::CommaOrEnd => FaultKind::Expected("`,` or `]`"),
            Expect::Nothing => FaultKind::Trailing,
        }
    }

    fn open(&mut self, container: Container) -> Result<Begun, FaultKind> {
        if self.open.depth >= self.deepest { Err(FaultKind::Depth) } else { Ok(Begun::All(self.enter(container))) }
    }

    fn enter(&mut self, container: Container) -> Token {
        self.open.push(container);
        match container {
            Container::Object => {
                self.names.open();
                self.expect = Expect::KeyOrEnd;
                Token::ObjectStart
            }
            Container::Array => {
                self.expect = Expect::ValueOrEnd;
                Token::ArrayStart
            }
        }
    }

    fn close(&mut self) {
        if self.open.pop() {
            self.names.close();
        }
        self.after_value();
    }

    fn after_value(&mut self) {
        self.expect = if self.open.depth == 0 { Expect::Nothing } else { Expect::CommaOrEnd };
    }

    /// Reads on in a token.
    fn go_on(&mut self, mut inside: Inside, chunk: &[u8], at: &mut usize) -> Result<Option<Token>, JsonFault> {
        let from = *at;
        let piece = chunk.get(from..).unwrap_or_default();
        let ended = inside.rest.read(piece).map_err(|fault| fault.shifted(from as u64))?;
        *at = ended.map_or(chunk.len(), |length| from + length);
        if matches!(inside.token, Token::Key | Token::Number) {
            self.hold(chunk, *at, ended.is_none()).map_err(|kind| self.at_token(kind))?;
        }
        if ended.is_none() {
            self.inside = Some(inside);
            self.run_dry(chunk);
            return Ok(None);
        }
        self.end(chunk, *at, inside).map_err(|kind| self.at_token(kind))?;
        Ok(Some(inside.token))
    }

    /// Keeps what is needed of a name or number until it ends.
    fn hold(&mut self, chunk: &[u8], at: usize, is_cut: bool) -> Result<(), FaultKind> {
        let part = chunk.get(self.start.chunk.unwrap_or(0)..at).unwrap_or_default();
        if self.start.chunk.is_some() {
            self.held.clear();
        }
        if self.held.len() + part.len() > LONGEST {
            return Err(FaultKind::TooLong(LONGEST));
        }
        if is_cut || self.start.chunk.is_none() {
            self.held.extend_from_slice(part);
        }
        Ok(())
    }

    /// A token of more than one byte has ended: what is to be said of it as a whole.
    fn end(&mut self, chunk: &[u8], at: usize, inside: Inside) -> Result<(), FaultKind> {
        match (inside.token, inside.rest) {
            (Token::Key, _) => {
                let name = self.key(chunk, at).decoded().into_owned();
                return self.add_name(name.as_bytes());
            }
            (_, Rest::Number(number)) if !number.is_finite(self.text(chunk, at)) => return Err(FaultKind::Range),
            _ => self.after_value(),
        }
        Ok(())
    }

    /// A name, unescaped, has ended.
    fn add_name(&mut self, name: &[u8]) -> Result<(), FaultKind> {
        self.expect = Expect::Colon;
        if self.names.add(name) { Ok(()) } else { Err(FaultKind::duplicate(&String::from_utf8_lossy(name))) }
    }

    /// A fault where the token begins.
    #[cold]
    fn at_token(&self, kind: FaultKind) -> JsonFault {
        JsonFault::new(kind, self.start.document.wrapping_sub(self.before))
    }
}

impl Rest {
    /// What is left of a token after its first byte.
    fn after(token: Token, first: u8) -> Self {
        match token {
            Token::Number => Self::Number(Number::after(first)),
            Token::True => Self::Letters(b"rue"),
            Token::False => Self::Letters(b"alse"),
            Token::Null => Self::Letters(b"ull"),
            _ => Self::Quoted(Quoted::default()),
        }
    }

    /// The number of bytes of this piece that belong to the token, or none if it has not ended.
    fn read(&mut self, piece: &[u8]) -> Result<Option<usize>, JsonFault> {
        match self {
            Self::Quoted(quoted) => quoted.read(piece),
            Self::Number(number) => {
                let length = number.read(piece)?;
                Ok((length < piece.len()).then_some(length))
            }
            Self::Letters(letters) => {
                let ahead = letters.iter().zip(piece).take_while(|(letter, byte)| letter == byte).count();
                *letters = letters.get(ahead..).unwrap_or_default();
                match letters.is_empty() {
                    true => Ok(Some(ahead)),
                    false if ahead == piece.len() => Ok(None),
                    false => Err(JsonFault::new(FaultKind::Expected("`true`, `false` or `null`"), ahead as u64)),
                }
            }
        }
    }
}

/// The content of the string whose first quote stands here, if it is ASCII without escapes and ends in this chunk.
#[inline]
fn plain(chunk: &[u8], quote: usize) -> Option<&[u8]> {
    let rest = chunk.get(quote + 1..)?;
    let run = scan::run(rest);
    let is_plain = !run.wide && rest.get(run.len) == Some(&b'"') && run.len <= LONGEST - QUOTES;
    if is_plain { rest.get(..run.len) } else { None }
}

/// How long the `true`, `false` or `null` is that begins these bytes.
fn word(bytes: &[u8]) -> Option<usize> {
    [&b"true"[..], b"false", b"null"].into_iter().find(|word| bytes.starts_with(word)).map(<[u8]>::len)
}

/// A string without its quotes.
pub(super) fn between_quotes(text: &[u8]) -> &[u8] {
    text.get(1..text.len().saturating_sub(1)).unwrap_or_default()
}
