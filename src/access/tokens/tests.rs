use std::time::{Duration, Instant, UNIX_EPOCH};

use proptest::prelude::*;

use super::super::issue::{Grant, LIVE_TOKENS, Weak};
use super::super::secret::Secret;
use super::super::token::os_random;
use super::*;

/// A secret that a client had before.
const OLD: &str = "9f86d081884c7d659a2feaa0c55ad015";

fn okta() -> ConnectionName {
    ConnectionName::parse("okta").unwrap()
}

fn grant(lifetime: Option<u64>) -> Grant {
    Grant {
        connection: okta(),
        name: Label::parse("Okta").unwrap(),
        scopes: ScopeSet::every(&[]),
        lifetime: lifetime.map(Duration::from_secs),
        at_most: LIVE_TOKENS,
    }
}

fn issue(register: &mut Register, lifetime: Option<u64>) -> (Entry, String) {
    let (entry, secret) = register.create(grant(lifetime), UNIX_EPOCH, &mut os_random).unwrap();
    (entry, secret.expose().to_owned())
}

fn import(register: &mut Register, grant: Grant) -> Entry {
    register.import(&Secret::new(OLD.to_owned()), Weak::Refuse, grant, UNIX_EPOCH, &mut os_random).unwrap()
}

/// Who calls at a second since 1970, with a token.
fn call(tokens: &Tokens, secret: &str, seconds: u64) -> Result<String, AuthFailure> {
    let header = format!("Bearer {secret}");
    let now = UNIX_EPOCH + Duration::from_secs(seconds);
    tokens.authenticate(&[header.as_bytes()], Form::Bearer, &okta(), now).map(|caller| caller.id().to_owned())
}

#[test]
fn an_issued_and_an_imported_token_are_known() {
    let mut register = Register::default();
    let (issued, secret) = issue(&mut register, None);
    let imported = import(&mut register, grant(None));
    let tokens = Tokens::new(&register);
    assert_eq!(call(&tokens, &secret, 0).as_deref(), Ok(issued.id.as_str()));
    assert_eq!(call(&tokens, OLD, 0).as_deref(), Ok(imported.id.as_str()));
    assert!(!tokens.is_empty());
}

#[test]
fn t_01_a_digest_is_no_token() {
    let mut register = Register::default();
    let entries = [issue(&mut register, None).0, import(&mut register, grant(None))];
    let tokens = Tokens::new(&register);
    for entry in entries {
        assert_eq!(call(&tokens, &String::from(entry.digest), 0), Err(AuthFailure::Unknown));
        assert_eq!(call(&tokens, entry.id.as_str(), 0), Err(AuthFailure::Unknown));
    }
}

#[test]
fn t_01_nothing_that_is_printed_holds_a_secret() {
    let mut register = Register::default();
    let (entry, secret) = issue(&mut register, None);
    let tokens = Tokens::new(&register);
    let header = format!("Bearer {secret}");
    let caller = tokens.authenticate(&[header.as_bytes()], Form::Bearer, &okta(), UNIX_EPOCH).unwrap();
    let printed = format!("{tokens:?} {caller:?}");
    let (_, random) = secret.rsplit_once('_').unwrap();
    assert!(printed.contains(entry.id.as_str()) && !printed.contains(random), "{printed}");
    assert!(!printed.contains(&String::from(entry.digest)), "{printed}");
}

#[test]
fn t_03_an_unknown_id_costs_what_a_wrong_secret_costs() {
    let mut register = Register::default();
    let (known, _) = issue(&mut register, None);
    let tokens = Tokens::new(&register);
    let unknown = issue(&mut Register::default(), None).1;
    let wrong = token::mint(known.id, &mut os_random).unwrap().expose().to_owned();
    let mut times = [Vec::new(), Vec::new()];
    for _ in 0..4_000 {
        for (secret, times) in [&unknown, &wrong].into_iter().zip(&mut times) {
            let begun = Instant::now();
            assert_eq!(call(&tokens, secret, 0), Err(AuthFailure::Unknown));
            times.push(begun.elapsed().as_nanos());
        }
    }
    let [unknown, wrong] = times.map(|mut times| {
        times.sort_unstable();
        times[times.len() / 2] as f64
    });
    assert!((0.8..1.25).contains(&(unknown / wrong)), "medians of {unknown} and {wrong} ns");
}

#[test]
fn t_04_without_tokens_nobody_is_known() {
    let (secret, tokens) = (issue(&mut Register::default(), None).1, Tokens::none());
    assert!(tokens.is_empty());
    for secret in [secret.as_str(), OLD, "a"] {
        assert_eq!(call(&tokens, secret, 0), Err(AuthFailure::Unknown));
    }
    assert_eq!(call(&tokens, "", 0), Err(AuthFailure::Malformed));
    assert_eq!(tokens.authenticate(&[], Form::Bearer, &okta(), UNIX_EPOCH).unwrap_err(), AuthFailure::Missing);
}

#[test]
fn t_04_a_token_with_a_typo_is_malformed() {
    let mut register = Register::default();
    let (_, secret) = issue(&mut register, None);
    let tokens = Tokens::new(&register);
    let last = if secret.ends_with('0') { '1' } else { '0' };
    for typo in ["sg_", "sg_a_b", &secret[..57], &format!("{secret}0"), &format!("{}{last}", &secret[..57])] {
        assert_eq!(call(&tokens, typo, 0), Err(AuthFailure::Malformed), "{typo}");
    }
}

#[test]
fn t_05_a_valid_token_beside_another_is_nobody() {
    let mut register = Register::default();
    let (_, secret) = issue(&mut register, None);
    let tokens = Tokens::new(&register);
    let (good, bad) = (format!("Bearer {secret}"), "Bearer nobody".to_owned());
    let joined = [format!("{good}, {bad}"), format!("{bad}, {good}"), format!("{good}, {good}")];
    for pair in [[&good, &bad], [&bad, &good], [&good, &good]] {
        let pair = pair.map(|header| header.as_bytes());
        assert_eq!(tokens.authenticate(&pair, Form::Bearer, &okta(), UNIX_EPOCH).unwrap_err(), AuthFailure::Duplicate);
    }
    for header in joined {
        let failure = tokens.authenticate(&[header.as_bytes()], Form::Bearer, &okta(), UNIX_EPOCH).unwrap_err();
        assert_eq!(failure, AuthFailure::Duplicate, "{header}");
    }
}

#[test]
fn t_07_a_token_is_valid_until_the_second_before_its_end() {
    let mut register = Register::default();
    let (_, secret) = issue(&mut register, Some(900));
    import(&mut register, grant(Some(900)));
    let tokens = Tokens::new(&register);
    for secret in [secret.as_str(), OLD] {
        assert!(call(&tokens, secret, 0).is_ok());
        assert!(call(&tokens, secret, 899).is_ok());
        assert_eq!(call(&tokens, secret, 900), Err(AuthFailure::Expired));
        assert_eq!(call(&tokens, secret, 4_500), Err(AuthFailure::Expired));
        assert!(call(&tokens, secret, 500).is_ok(), "a clock that is set back");
    }
    let header = format!("Bearer {secret}");
    let last_nanosecond = UNIX_EPOCH + Duration::from_nanos(899_999_999_999);
    assert!(tokens.authenticate(&[header.as_bytes()], Form::Bearer, &okta(), last_nanosecond).is_ok());
}

#[test]
fn t_07_that_a_token_has_expired_is_told_only_to_who_has_it() {
    let mut register = Register::default();
    let (entry, _) = issue(&mut register, Some(900));
    let tokens = Tokens::new(&register);
    let wrong = token::mint(entry.id, &mut os_random).unwrap();
    assert_eq!(call(&tokens, wrong.expose(), 4_500), Err(AuthFailure::Unknown));
}

#[test]
fn t_12_two_tokens_are_valid_while_one_takes_the_place_of_the_other() {
    let mut register = Register::default();
    let (old, first) = issue(&mut register, None);
    let (_, second) = issue(&mut register, None);
    let both = Tokens::new(&register);
    assert!(call(&both, &first, 0).is_ok() && call(&both, &second, 0).is_ok());
    register.revoke(old.id).unwrap();
    let one = Tokens::new(&register);
    assert_eq!(call(&one, &first, 0), Err(AuthFailure::Unknown));
    assert!(call(&one, &second, 0).is_ok());
}

#[test]
fn a_token_of_another_connection_is_unknown() {
    let mut register = Register::default();
    let other = Grant { connection: ConnectionName::parse("entra").unwrap(), ..grant(Some(900)) };
    let (_, secret) = register.create(other.clone(), UNIX_EPOCH, &mut os_random).unwrap();
    import(&mut register, other);
    let tokens = Tokens::new(&register);
    for (secret, seconds) in [(secret.expose(), 0), (OLD, 0), (secret.expose(), 4_500)] {
        assert_eq!(call(&tokens, secret, seconds), Err(AuthFailure::Unknown));
    }
}

#[test]
fn one_old_secret_can_be_two_tokens_on_two_connections() {
    let mut register = Register::default();
    let here = import(&mut register, grant(None));
    import(&mut register, Grant { connection: ConnectionName::parse("entra").unwrap(), ..grant(None) });
    assert_eq!(call(&Tokens::new(&register), OLD, 0).as_deref(), Ok(here.id.as_str()));
}

fn stocked() -> (Tokens, Vec<u8>) {
    let mut register = Register::default();
    let (_, secret) = issue(&mut register, None);
    import(&mut register, grant(None));
    (Tokens::new(&register), format!("Bearer {secret}").into_bytes())
}

proptest! {
    #[test]
    fn random_bytes_never_authenticate(
        headers in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..80), 0..3),
        token in "[!-~]{1,80}|sg_[0-9a-z]{16}_[0-9A-Za-z]{38}",
    ) {
        let (tokens, _) = stocked();
        let headers: Vec<&[u8]> = headers.iter().map(Vec::as_slice).collect();
        prop_assert!(tokens.authenticate(&headers, Form::Bearer, &okta(), UNIX_EPOCH).is_err());
        prop_assert!(call(&tokens, &token, 0).is_err());
    }

    #[test]
    fn a_valid_header_with_one_byte_changed_never_authenticates(place in 7_usize..65, byte in any::<u8>()) {
        let (tokens, mut header) = stocked();
        prop_assert!(tokens.authenticate(&[&header], Form::Bearer, &okta(), UNIX_EPOCH).is_ok());
        prop_assume!(header[place] != byte);
        header[place] = byte;
        prop_assert!(tokens.authenticate(&[&header], Form::Bearer, &okta(), UNIX_EPOCH).is_err());
    }
}
