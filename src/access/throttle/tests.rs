use std::net::{Ipv4Addr, Ipv6Addr};
use std::time::UNIX_EPOCH;

use governor::clock::FakeRelativeClock;

use super::super::credential::Form;
use super::super::issue::Grant;
use super::super::name::{ConnectionName, Label};
use super::super::register::Register;
use super::super::scope::ScopeSet;
use super::super::token::os_random;
use super::super::tokens::Tokens;
use super::*;

const SECOND: Duration = Duration::from_secs(1);

fn okta() -> ConnectionName {
    ConnectionName::parse("okta").unwrap()
}

/// A register with so many tokens, and their secrets.
fn register(many: usize) -> (Register, Vec<String>) {
    let mut register = Register::default();
    let secrets = (0..many).map(|_| {
        let name = Label::parse("Okta").unwrap();
        let grant = Grant { connection: okta(), name, scopes: ScopeSet::every(&[]), lifetime: None, at_most: many };
        register.create(grant, UNIX_EPOCH, &mut os_random).unwrap().1.expose().to_owned()
    });
    let secrets = secrets.collect();
    (register, secrets)
}

fn caller(tokens: &Tokens, secret: &str) -> Caller {
    tokens.authenticate(&[format!("Bearer {secret}").as_bytes()], Form::Bearer, &okta(), UNIX_EPOCH).unwrap()
}

fn callers<const N: usize>() -> [Caller; N] {
    let (register, secrets) = register(N);
    let tokens = Tokens::new(&register);
    let callers: Vec<Caller> = secrets.iter().map(|secret| caller(&tokens, secret)).collect();
    callers.try_into().unwrap()
}

/// How many of so many calls are let through.
fn passed(throttles: &Throttles<FakeRelativeClock>, caller: &Caller, calls: usize) -> usize {
    (0..calls).filter(|_| throttles.check(caller).is_ok()).count()
}

#[test]
fn several_calls_in_one_are_let_through_all_or_none() {
    let (clock, [caller, other]) = (FakeRelativeClock::default(), callers());
    let throttles = Throttles::with_clock(Rate::of(1, 5), Rate::of(1, 7), clock.clone());
    assert_eq!(throttles.at_once(), Some(5));
    assert!(throttles.check(&caller).is_ok() && throttles.check_further(&caller, 0).is_ok());
    let refused = throttles.check_further(&caller, 5).unwrap_err();
    assert_eq!(refused.limit, Limited::Token);
    assert!(throttles.check_further(&caller, 4).is_ok());
    let refused = throttles.check_further(&caller, 1).unwrap_err();
    assert_eq!((refused.limit, refused.seconds()), (Limited::Token, 1));
    let refused = throttles.check_further(&other, 3).unwrap_err();
    assert_eq!((refused.limit, refused.seconds()), (Limited::Connection, 1));
    clock.advance(SECOND * 60);
    assert!(throttles.check_further(&caller, 5).is_ok());
    let unlimited = Throttles::unlimited();
    assert!(unlimited.check_further(&caller, 1000).is_ok() && unlimited.at_once().is_none());
}

#[test]
fn the_default_is_fifty_at_once_and_then_twenty_five_a_second() {
    let (clock, [caller]) = (FakeRelativeClock::default(), callers());
    let throttles = Throttles::with_clock(Rate::default(), Rate::default(), clock.clone());
    assert_eq!(passed(&throttles, &caller, 100), 50);
    clock.advance(SECOND);
    assert_eq!(passed(&throttles, &caller, 100), 25);
    clock.advance(SECOND * 3600);
    assert_eq!(passed(&throttles, &caller, 100), 50);
}

#[test]
fn what_a_tokens_limit_refuses_takes_nothing_from_the_connection() {
    let (clock, [busy, calm]) = (FakeRelativeClock::default(), callers());
    let throttles = Throttles::with_clock(Rate::of(1, 2), Rate::of(1, 4), clock);
    assert_eq!(passed(&throttles, &busy, 100), 2);
    assert_eq!(throttles.check(&busy).unwrap_err().limit, Limited::Token);
    assert_eq!(passed(&throttles, &calm, 2), 2);
}

#[test]
fn all_tokens_of_a_connection_share_its_limit() {
    let (clock, [one, other]) = (FakeRelativeClock::default(), callers());
    let throttles = Throttles::with_clock(Rate::of(1, 10), Rate::of(1, 3), clock);
    assert_eq!(passed(&throttles, &one, 2), 2);
    assert_eq!(passed(&throttles, &other, 9), 1);
    assert_eq!(throttles.check(&one).unwrap_err().limit, Limited::Connection);
}

#[test]
fn a_token_keeps_its_count_when_tokens_are_reloaded() {
    let (register, secrets) = register(1);
    let throttles = Throttles::with_clock(Rate::of(1, 2), Rate::of(100, 100), FakeRelativeClock::default());
    assert_eq!(passed(&throttles, &caller(&Tokens::new(&register), &secrets[0]), 9), 2);
    assert_eq!(passed(&throttles, &caller(&Tokens::new(&register), &secrets[0]), 9), 0);
}

#[test]
fn after_the_wait_that_is_told_the_call_is_let_through() {
    let (clock, [caller]) = (FakeRelativeClock::default(), callers());
    let throttles = Throttles::with_clock(Rate::of(1, 1), Rate::of(100, 100), clock.clone());
    throttles.check(&caller).unwrap();
    clock.advance(Duration::from_millis(1));
    let throttled = throttles.check(&caller).unwrap_err();
    assert_eq!(throttled.wait, Wait(Duration::from_millis(999)));
    clock.advance(Duration::from_secs(throttled.seconds()));
    throttles.check(&caller).unwrap();
}

#[test]
fn a_wait_is_rounded_up_to_whole_seconds_and_is_never_zero() {
    for (milliseconds, seconds) in [(0, 1), (1, 1), (1000, 1), (1001, 2), (59_999, 60)] {
        assert_eq!(Wait(Duration::from_millis(milliseconds)).seconds(), seconds);
    }
    assert_eq!(Wait(Duration::MAX).seconds(), u64::MAX);
}

#[test]
fn the_extremes_of_a_rate_are_rates() {
    let [caller] = callers();
    for rate in [Rate::of(1, 1), Rate::of(u32::MAX, u32::MAX), Rate::of(1, u32::MAX), Rate::of(u32::MAX, 1)] {
        assert!(Throttles::new(rate, rate).check(&caller).is_ok(), "{rate:?}");
    }
}

#[test]
fn without_limits_nothing_is_refused() {
    let ([caller], throttles) = (callers(), Throttles::unlimited());
    assert!((0..10_000).all(|_| throttles.check(&caller).is_ok()));
}

fn v4(number: u32) -> Option<IpAddr> {
    Some(Ipv4Addr::from(number).into())
}

fn v6(network: u64, host: u64) -> Option<IpAddr> {
    Some(Ipv6Addr::from(u128::from(network) << 64 | u128::from(host)).into())
}

#[test]
fn t_10_a_thousand_guesses_are_limited_and_a_valid_token_is_not() {
    let clock = FakeRelativeClock::default();
    let strangers = Strangers::with_clock(clock.clone());
    let (register, secrets) = register(1);
    let tokens = Tokens::new(&register);
    let tried = (0..1_000).filter(|_| strangers.guess(v4(1)).is_ok()).count();
    assert_eq!(tried, 30);
    assert_eq!(strangers.guess(v4(1)).unwrap_err().seconds(), 1);
    assert_eq!(caller(&tokens, &secrets[0]).name().as_str(), "Okta");
    assert!(strangers.guess(v4(2)).is_ok(), "another address");
    clock.advance(SECOND);
    assert!(strangers.guess(v4(1)).is_ok());
    assert!(strangers.guess(v4(1)).is_err());
}

#[test]
fn t_10_a_network_of_ipv6_addresses_is_one_source_and_a_mapped_address_is_ipv4() {
    let strangers = Strangers::with_clock(FakeRelativeClock::default());
    let tried = (0..1_000).filter(|host| strangers.guess(v6(0x2001_0db8_0000_0001, *host)).is_ok()).count();
    assert_eq!(tried, 30);
    assert!(strangers.guess(v6(0x2001_0db8_0000_0002, 0)).is_ok());
    let mapped = Some(IpAddr::V6(Ipv4Addr::from(7).to_ipv6_mapped()));
    let tried = (0..40).filter(|_| strangers.guess(v4(7)).is_ok()).count();
    assert_eq!(tried, 30);
    assert!(strangers.guess(mapped).is_err());
}

#[test]
fn t_10_however_many_sources_guess_memory_and_guesses_are_bounded() {
    let clock = FakeRelativeClock::default();
    let strangers = Strangers::with_clock(clock.clone());
    let sources = u32::try_from(Strangers::SOURCES).unwrap();
    let tried = (0..sources + 5_000).filter(|number| strangers.guess(v4(*number)).is_ok()).count();
    assert_eq!(tried, Strangers::SOURCES + 100);
    assert_eq!(strangers.by_source.len(), Strangers::SOURCES);
    assert!(strangers.guess(None).is_err(), "the unknown share the limit of those who found no room");
    clock.advance(SECOND * 60);
    assert!(strangers.guess(v4(0)).is_ok());
    assert_eq!(strangers.by_source.len(), 1, "the quiet are forgotten");
}
