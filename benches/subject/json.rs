//! Documents: read and written as a tree, streamed through, walked element by element.

use std::convert::Infallible;
use std::hint::black_box;

use scimgate::json::{Pass, Piece, Rewrite, Text, Walker, parse};

use super::Once;
use crate::work::bodies::{self, Dialect};

/// The pieces in which a body arrives, in bytes.
const PIECE: usize = 16 * 1024;

/// Replaces URLs, as the gateway does in every answer.
struct Locations;

impl Rewrite for Locations {
    fn wants<'k>(&self, key: &[u8], _: impl Fn() -> Option<&'k [u8]>) -> bool {
        key == b"location" || key == b"$ref"
    }

    fn string(&mut self, _: &[u8], _: Option<&[u8]>, value: &Text<'_>) -> Option<Text<'static>> {
        let value = value.decoded();
        let below = value.strip_prefix("http://backend.example/scim/v2")?;
        Some(Text::new(&format!("https://gateway.example/scim/v2{below}")))
    }
}

pub fn read_user() -> Once {
    let user = bodies::user(Dialect::Standard, 1);
    Box::new(move || drop(black_box(parse(user.as_bytes()).unwrap())))
}

pub fn write_user() -> Once {
    let user = bodies::user(Dialect::Standard, 1);
    let tree = parse(user.as_bytes()).unwrap().into_owned();
    let mut out = Vec::new();
    Box::new(move || {
        out.clear();
        tree.write(black_box(&mut out));
    })
}

pub fn stream_user() -> Once {
    stream(bodies::user(Dialect::Standard, 1))
}

pub fn stream_list() -> Once {
    stream(bodies::list(Dialect::Standard, 200))
}

fn stream(body: String) -> Once {
    let mut out = Vec::new();
    Box::new(move || {
        let mut pass = Pass::new(Locations);
        for piece in body.as_bytes().chunks(PIECE) {
            out.clear();
            pass.feed(piece, &mut out).unwrap();
        }
        pass.finish(black_box(&mut out)).unwrap();
    })
}

pub fn walk_list() -> Once {
    let body = bodies::list(Dialect::Standard, 200);
    Box::new(move || {
        let mut walker = Walker::new("Resources");
        let mut pieces = 0_usize;
        for piece in body.as_bytes().chunks(PIECE) {
            let mut sink = |piece: Piece<'_>| {
                black_box(piece);
                pieces += 1;
                Ok::<(), Infallible>(())
            };
            walker.feed(piece, &mut sink).unwrap();
        }
        assert!(pieces > 200);
    })
}
