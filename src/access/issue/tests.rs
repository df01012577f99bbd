use std::time::UNIX_EPOCH;

use super::super::token::os_random;
use super::*;

const HEX: &str = "9f86d081884c7d659a2feaa0c55ad015";

fn grant() -> Grant {
    Grant {
        connection: ConnectionName::parse("okta").unwrap(),
        name: Label::parse("Okta").unwrap(),
        scopes: ScopeSet::every(&[]),
        lifetime: None,
        at_most: LIVE_TOKENS,
    }
}

fn at(seconds: u64) -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(seconds)
}

fn import(secret: &str, weak: Weak) -> Result<Entry, IssueFault> {
    Register::default().import(&Secret::new(secret.to_owned()), weak, grant(), at(0), &mut os_random)
}

#[test]
fn t_01_an_entry_holds_no_secret() {
    let mut register = Register::default();
    let (entry, secret) = register.create(grant(), at(0), &mut os_random).unwrap();
    let written = format!("{register:?} {entry:?} {}", serde_json::to_string(&register).unwrap());
    let (_, random) = secret.expose().rsplit_once('_').unwrap();
    assert!(written.contains(entry.id.as_str()) && !written.contains(random), "{written}");
}

#[test]
fn t_12_a_third_live_token_is_refused_and_the_text_says_how_to_go_on() {
    let mut register = Register::default();
    let (first, _) = register.create(grant(), at(0), &mut os_random).unwrap();
    let (second, _) = register.create(grant(), at(0), &mut os_random).unwrap();
    let fault = register.create(grant(), at(0), &mut os_random).unwrap_err();
    assert_eq!(
        fault.to_string(),
        format!(
            "connection `okta` has 2 live tokens and may have 2: revoke one that is no longer used with \
             `scimgate token revoke {0}`; it has `{0}`, `{1}`",
            first.id, second.id
        )
    );
    assert_eq!(register.entries().len(), 2);
    register.revoke(first.id).unwrap();
    register.create(grant(), at(0), &mut os_random).unwrap();
}

#[test]
fn t_12_other_connections_and_expired_tokens_do_not_count() {
    let mut register = Register::default();
    let short = Grant { lifetime: Some(SHORTEST_LIFETIME), ..grant() };
    register.create(short.clone(), at(0), &mut os_random).unwrap();
    register.create(short, at(0), &mut os_random).unwrap();
    let other = Grant { connection: ConnectionName::parse("entra").unwrap(), ..grant() };
    register.create(other, at(0), &mut os_random).unwrap();
    assert!(register.create(grant(), at(899), &mut os_random).is_err());
    assert!(register.create(grant(), at(900), &mut os_random).is_ok());
}

#[test]
fn a_lifetime_is_at_least_900_seconds() {
    let of = |seconds| Grant { lifetime: Some(Duration::from_secs(seconds)), ..grant() };
    let mut register = Register::default();
    for bad in [0, 899, u64::MAX] {
        assert_eq!(register.create(of(bad), at(0), &mut os_random).unwrap_err(), IssueFault::Lifetime);
    }
    let (entry, _) = register.create(of(900), at(100), &mut os_random).unwrap();
    assert_eq!(entry.expires_at, Some(Moment::of(at(1000))));
}

#[test]
fn a_token_without_scopes_is_refused() {
    let none = Grant { scopes: ScopeSet::default(), ..grant() };
    assert_eq!(Register::default().create(none, at(0), &mut os_random).unwrap_err(), IssueFault::NoScopes);
}

#[test]
fn t_12_a_weak_secret_is_imported_only_if_that_is_allowed() {
    let long = "a".repeat(60);
    for weak in [
        "password",
        "123456789012345678901234567890",
        "Tr0ub4dor&3",
        &HEX[1..],
        &long,
        "abcabcabcabcabcabcabcabcabcabc",
    ] {
        assert!(matches!(import(weak, Weak::Refuse), Err(IssueFault::TooWeak { .. })), "{weak}");
        assert!(import(weak, Weak::Allow).is_ok(), "{weak}");
    }
    for strong in
        [HEX, "0b3c9f4e-7f76-453a-919d-4138619046a6", "q2VkR7xTz0LmN4pW8sYb1c", "tok_0123456789abcdef.9f86d0818"]
    {
        assert!(import(strong, Weak::Refuse).is_ok(), "{strong}");
    }
}

#[test]
fn a_secret_that_could_never_match_is_not_imported() {
    for bad in ["", "with a space in it", "comma,comma", "line\nbreak", "ümlaut", &"x".repeat(513)] {
        assert_eq!(import(bad, Weak::Allow).unwrap_err(), IssueFault::NotSendable, "{bad}");
    }
    assert_eq!(import("sg_anything", Weak::Allow).unwrap_err(), IssueFault::OurOwn);
}

#[test]
fn a_secret_is_imported_once_for_each_connection() {
    let (mut register, secret) = (Register::default(), Secret::new(HEX.to_owned()));
    let mut again = |grant| register.import(&secret, Weak::Refuse, grant, at(0), &mut os_random);
    let first = again(grant()).unwrap();
    assert_eq!(again(grant()).unwrap_err(), IssueFault::Known { id: first.id });
    let other = Grant { connection: ConnectionName::parse("entra").unwrap(), ..grant() };
    assert_ne!(again(other).unwrap().id, first.id);
}

#[test]
fn t_12_an_id_is_never_used_twice() {
    let mut register = Register::default();
    let mut stuck = |buffer: &mut [u8]| {
        buffer.fill(7);
        Ok(())
    };
    register.create(grant(), at(0), &mut stuck).unwrap();
    assert_eq!(register.create(grant(), at(0), &mut stuck).unwrap_err(), IssueFault::NoRandomness(NoRandomness));
}

#[test]
fn what_is_not_there_is_not_revoked() {
    let id = TokenId::parse("0123456789abcdef").unwrap();
    assert_eq!(Register::default().revoke(id).unwrap_err(), IssueFault::NoSuchToken { id });
}
