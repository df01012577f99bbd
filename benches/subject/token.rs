//! Who calls: one token among a thousand, made here or taken over.

use std::hint::black_box;
use std::time::UNIX_EPOCH;

use scimgate::access::{ConnectionName, Form, Grant, Label, NoRandomness, Register, ScopeSet, Secret, Tokens, Weak};

use super::Once;

const OTHERS: usize = 1000;

type Random = dyn FnMut(&mut [u8]) -> Result<(), NoRandomness>;

pub fn issued() -> Once {
    let mut random = counting();
    let mut register = crowd(&mut random);
    let (_, secret) = register.create(grant(), UNIX_EPOCH, &mut random).unwrap();
    authenticate(&register, secret.expose())
}

pub fn imported() -> Once {
    let mut random = counting();
    let mut register = crowd(&mut random);
    let secret = "a-secret-of-a-client-that-can-not-be-changed-0123456789";
    register.import(&Secret::new(secret.to_owned()), Weak::Allow, grant(), UNIX_EPOCH, &mut random).unwrap();
    authenticate(&register, secret)
}

fn crowd(random: &mut Random) -> Register {
    let mut register = Register::default();
    for _ in 0..OTHERS {
        register.create(grant(), UNIX_EPOCH, random).unwrap();
    }
    register
}

/// The same in every run: reading a token costs more or less by the letters in it.
fn counting() -> Box<Random> {
    let mut next = 0_u64;
    Box::new(move |bytes| {
        bytes.fill_with(|| {
            next = next.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (next >> 56) as u8
        });
        Ok(())
    })
}

fn authenticate(register: &Register, secret: &str) -> Once {
    let tokens = Tokens::new(register);
    let (header, connection) = (format!("Bearer {secret}"), connection());
    Box::new(move || {
        let caller = tokens.authenticate(&[black_box(header.as_bytes())], Form::Bearer, &connection, UNIX_EPOCH);
        drop(black_box(caller.unwrap()));
    })
}

fn connection() -> ConnectionName {
    ConnectionName::parse("okta").unwrap()
}

fn grant() -> Grant {
    let (connection, name) = (connection(), Label::parse("bench").unwrap());
    Grant { connection, name, scopes: ScopeSet::every(&[]), lifetime: None, at_most: 2 * OTHERS }
}
