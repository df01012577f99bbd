//! The laws of the room, as properties: every reader says the same, and serde_json never says no to what they accept.

use proptest::prelude::*;
use serde_json::Value as Theirs;

use super::token::{Token, Tokenizer};
use super::{FaultKind, JsonFault, Object, Pass, Piece, Rewrite, Text, Value, WalkFault, Walker, parse};

/// A document of few names, so that some come twice, with white space and escapes.
pub(super) fn document() -> impl Strategy<Value = String> {
    let scalar = prop_oneof![
        Just("null".to_owned()),
        Just("true".to_owned()),
        Just("false".to_owned()),
        "-?(0|[1-9][0-9]{0,20})(\\.[0-9]{1,4})?([eE][+-]?[0-9]{1,3})?",
        string(),
    ];
    scalar.prop_recursive(5, 60, 6, |inner| {
        prop_oneof![
            (prop::collection::vec(inner.clone(), 0..6), space())
                .prop_map(|(items, space)| format!("[{space}{}{space}]", items.join(&format!("{space},")))),
            (prop::collection::vec((string(), inner), 0..6), space()).prop_map(|(members, space)| {
                let members: Vec<_> =
                    members.iter().map(|(key, value)| format!("{space}{key}{space}:{value}")).collect();
                format!("{{{}{space}}}", members.join(","))
            }),
        ]
    })
}

fn string() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-cA-C]{1,2}".prop_map(|text| format!("\"{text}\"")),
        any::<String>().prop_map(|text| serde_json::to_string(&text).unwrap()),
        "(\\\\u00[46][1-3]|[a-c]|\\\\n|\\\\ud83d\\\\ude00|\\\\ud800|\\\\udc00|\\\\/|ä|€|😀){0,12}"
            .prop_map(|text| format!("\"{text}\"")),
    ]
}

fn space() -> impl Strategy<Value = String> {
    "[ \t\r\n]{0,2}"
}

/// Bytes put in, taken out or changed.
pub(super) fn mutated() -> impl Strategy<Value = Vec<u8>> {
    let byte =
        prop_oneof![any::<u8>(), prop::sample::select(b"{}[]\",:\\u0eE+-.tfn \xef\xbb\xbf\xc3\xed\xa0\x0c".to_vec()),];
    let change = (any::<prop::sample::Index>(), 0..3_u8, byte);
    (document(), prop::collection::vec(change, 0..4)).prop_map(|(document, changes)| {
        let mut bytes = document.into_bytes();
        for (place, what, byte) in changes {
            let place = place.index(bytes.len() + 1);
            match what {
                0 => bytes.insert(place, byte),
                1 if place < bytes.len() => bytes[place] = byte,
                _ if place < bytes.len() => drop(bytes.remove(place)),
                _ => {}
            }
        }
        bytes
    })
}

/// Cuts bytes into chunks of these lengths, over and over.
pub(super) fn chunks<'b>(mut bytes: &'b [u8], lengths: &[usize]) -> Vec<&'b [u8]> {
    let mut chunks = Vec::new();
    for length in lengths.iter().cycle() {
        if bytes.is_empty() {
            break;
        }
        let (chunk, rest) = bytes.split_at((*length).min(bytes.len()));
        chunks.push(chunk);
        bytes = rest;
    }
    chunks
}

/// Lengths of chunks; one of them is not zero, so that they come to an end.
fn lengths() -> impl Strategy<Value = Vec<usize>> {
    prop_oneof![
        Just(vec![1]),
        prop::collection::vec(0..9_usize, 1..6).prop_map(|mut lengths| {
            lengths.push(1);
            lengths
        })
    ]
}

/// The same value as serde_json sees it; none if it has a number that serde_json does not keep.
fn theirs(value: &Value<'_>) -> Theirs {
    match value {
        Value::Null => Theirs::Null,
        Value::Bool(truth) => Theirs::Bool(*truth),
        Value::Number(text) => serde_json::from_str(text).unwrap(),
        Value::String(text) => Theirs::String(text.decoded().into_owned()),
        Value::Array(items) => items.iter().map(theirs).collect(),
        Value::Object(object) => Theirs::Object(
            object.iter().map(|member| (member.key.decoded().into_owned(), theirs(&member.value))).collect(),
        ),
    }
}

fn agrees(bytes: &[u8]) {
    match (parse(bytes), serde_json::from_slice::<Theirs>(bytes)) {
        (Ok(ours), Ok(their)) => assert_eq!(theirs(&ours), their),
        (Err(fault), Ok(_)) => assert!(matches!(fault.kind(), FaultKind::Duplicate(_)), "{fault}"),
        (Ok(_), Err(fault)) => panic!("accepted, but {fault}: {}", String::from_utf8_lossy(bytes)),
        (Err(_), Err(_)) => {}
    }
}

/// The tokens of a document in chunks, and where each begins and ends in it.
fn tokens(chunks: &[&[u8]]) -> Result<Vec<(Token, usize, usize)>, JsonFault> {
    let mut tokenizer = Tokenizer::default();
    let mut tokens = Vec::new();
    let (mut before, mut begun) = (0, 0);
    for chunk in chunks {
        let mut at = 0;
        while let Some(token) = tokenizer.next(chunk, &mut at)? {
            tokens.push((token, tokenizer.start().map_or(begun, |start| before + start), before + at));
        }
        if let (Some(_), Some(start)) = (tokenizer.unfinished(), tokenizer.start()) {
            begun = before + start;
        }
        before += chunk.len();
    }
    tokens.extend(tokenizer.finish()?.map(|token| (token, begun, before)));
    Ok(tokens)
}

/// Lets a document pass in chunks.
pub(super) fn pass<R: Rewrite>(rewrite: R, chunks: &[&[u8]]) -> Result<(Vec<u8>, bool), JsonFault> {
    let mut pass = Pass::new(rewrite);
    let mut out = Vec::new();
    for chunk in chunks {
        pass.feed(chunk, &mut out)?;
    }
    pass.finish(&mut out)?;
    Ok((out, pass.changed()))
}

/// Turns strings under `a` into their own length, unless the object stands under `b`.
#[derive(Clone)]
struct Lengths;

impl Rewrite for Lengths {
    fn wants<'k>(&self, key: &[u8], parent_key: impl Fn() -> Option<&'k [u8]>) -> bool {
        key.eq_ignore_ascii_case(b"a") && parent_key().is_none_or(|key| !key.eq_ignore_ascii_case(b"b"))
    }

    fn string(&mut self, _key: &[u8], parent_key: Option<&[u8]>, value: &Text<'_>) -> Option<Text<'static>> {
        (!value.is_empty()).then(|| Text::new(&format!("{}\n{parent_key:?}", value.decoded().len())))
    }
}

/// The same as a `Pass`, on a tree.
fn on_tree(value: &mut Value<'_>, key: Option<&[u8]>) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| on_tree(item, key)),
        Value::Object(object) => on_object(object, key),
        _ => {}
    }
}

fn on_object(object: &mut Object<'_>, above: Option<&[u8]>) {
    for member in object.iter_mut() {
        let key = member.key.decoded().into_owned();
        let key = key.as_bytes();
        match &member.value {
            Value::String(text) if Lengths.wants(key, || above) => {
                if let Some(text) = Lengths.string(key, above, text) {
                    member.value = Value::String(text);
                }
            }
            _ => on_tree(&mut member.value, Some(key)),
        }
    }
}

/// What a walk gives, with neighbouring plain bytes joined.
pub(super) type Walked = Vec<(char, String, Vec<u8>)>;

/// Walks through a document in chunks; every element is parsed, as a sink must.
pub(super) fn walk(chunks: &[&[u8]]) -> Result<Walked, WalkFault<JsonFault>> {
    let mut walker = Walker::new("a");
    let mut pieces: Walked = Vec::new();
    let mut sink = |piece: Piece<'_>| {
        match piece {
            Piece::Plain(bytes) => match pieces.last_mut() {
                Some(('p', _, held)) => held.extend_from_slice(bytes),
                _ => pieces.push(('p', String::new(), bytes.to_vec())),
            },
            Piece::Scalar { key, text } => pieces.push(('s', key.to_owned(), text.to_vec())),
            Piece::Element(bytes) => {
                parse(bytes)?;
                pieces.push(('e', String::new(), bytes.to_vec()));
            }
        }
        Ok(())
    };
    for chunk in chunks {
        walker.feed(chunk, &mut sink)?;
    }
    walker.finish(&mut sink)?;
    Ok(pieces)
}

/// A document that is likely a list under `a`.
fn list() -> impl Strategy<Value = Vec<u8>> {
    let wrap = |inner: Vec<u8>| [br#"{"n": 12, "A" :"#, inner.as_slice(), br#", "z":"x\"y"}"#].concat();
    let items =
        prop::collection::vec(mutated(), 0..4).prop_map(|items| [b"[", &*items.join(&b", "[..]), b"]"].concat());
    let sound = prop::collection::vec(document().prop_map(String::into_bytes), 0..4)
        .prop_map(|items| [b"[ ", &*items.join(&b" ,"[..]), b"]"].concat());
    prop_oneof![items.prop_map(wrap), sound.prop_map(wrap), mutated()]
}

proptest! {
        #[test]
        fn reads_what_serde_json_reads(document in document()) {
            agrees(document.as_bytes());
        }

        #[test]
        fn refuses_what_serde_json_refuses(bytes in mutated()) {
            agrees(&bytes);
        }

        #[test]
        fn what_was_read_is_written_byte_for_byte(document in document()) {
            if let Ok(value) = parse(document.as_bytes()) {
                prop_assert_eq!(value.to_string(), document);
            }
        }

    #[test]
    fn chunks_make_no_difference_to_tokens(bytes in mutated(), lengths in lengths()) {
        let whole = tokens(&[&bytes]);
        prop_assert_eq!(&whole, &tokens(&chunks(&bytes, &lengths)));
        prop_assert_eq!(whole.err(), parse(&bytes).err());
    }

    #[test]
    fn a_pass_accepts_what_parse_accepts(bytes in mutated(), lengths in lengths()) {
        let verdict = parse(&bytes).map(|mut value| {
            let before = value.clone();
            on_tree(&mut value, None);
            (value.to_bytes(), value != before)
        });
        match (verdict, pass(Lengths, &chunks(&bytes, &lengths))) {
            (Ok((bytes, changed)), Ok((out, out_changed))) => {
                prop_assert_eq!(parse(&bytes).unwrap(), parse(&out).unwrap());
                prop_assert_eq!(changed, out_changed);
            }
            (verdict, passed) => prop_assert_eq!(verdict.err(), passed.err()),
        }
    }

    #[test]
    fn what_nobody_wants_passes_byte_for_byte(document in document(), lengths in lengths()) {
        struct Nothing;
        impl Rewrite for Nothing {
            fn wants<'k>(&self, _key: &[u8], _parent_key: impl Fn() -> Option<&'k [u8]>) -> bool {
                true
            }
            fn string(&mut self, _: &[u8], _: Option<&[u8]>, _: &Text<'_>) -> Option<Text<'static>> {
                None
            }
        }
        if parse(document.as_bytes()).is_ok() {
            let passed = pass(Nothing, &chunks(document.as_bytes(), &lengths));
            prop_assert_eq!(passed, Ok((document.into_bytes(), false)));
        }
    }

    #[test]
    fn a_walk_whose_elements_are_parsed_accepts_what_parse_accepts(bytes in list(), lengths in lengths()) {
        let walked = walk(&chunks(&bytes, &lengths));
        let is_list = |list: &Object<'_>| matches!(list.get("a"), None | Some(Value::Array(_) | Value::Null));
        prop_assert_eq!(walked.is_ok(), parse(&bytes).is_ok_and(|value| value.as_object().is_some_and(is_list)));
        if let Ok(pieces) = walked {
            prop_assert_eq!(&pieces, &walk(&[&bytes]).unwrap());
            prop_assert_eq!(pieces.iter().map(|(_, _, bytes)| bytes.as_slice()).collect::<Vec<_>>().concat(), bytes);
        }
    }
}
