//! A group of ten thousand, before a backend that takes a hundred changes at once, replaces nobody, and lists fifty at a time.

mod club;

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use http::{Method, Request, Response};
use serde_json::{Value, json};

use crate::access::Brake;
use crate::config::shipped;
use crate::fault::Faults;
use crate::rules::Can;
use crate::rules::can::{Able, Creating, MemberChange, Paging, Patching};

use super::super::super::upstream::{Retry, Upstream, UpstreamBody, UpstreamFault};
use super::{Gateway, answer, gateway};
use club::{Club, Failure, State};

fn can() -> Can {
    let members = vec![MemberChange::Add, MemberChange::RemoveByFilter];
    let mut can =
        Can { filter: Able::No, page: Able::Yes(Paging { max: Some(50), ..Paging::default() }), ..Can::default() };
    can.groups.patch = Able::Yes(Patching { members, max_changes: Some(100), ..Patching::default() });
    can
}

fn club(ids: std::ops::Range<usize>) -> (Club, Gateway<Club>, String) {
    let club = Club::default();
    club.0.lock().unwrap().members = names(ids);
    let (gateway, secret) = gateway(club.clone(), can(), Brake::off());
    (club, gateway, secret)
}

fn names(ids: std::ops::Range<usize>) -> BTreeSet<String> {
    ids.map(|id| format!("m{id:05}")).collect()
}

fn listed(ids: std::ops::Range<usize>) -> Value {
    names(ids).into_iter().map(|id| json!({ "value": id })).collect()
}

fn replaced(ids: std::ops::Range<usize>) -> Value {
    json!([{ "op": "replace", "path": "members", "value": listed(ids) }])
}

fn added(ids: std::ops::Range<usize>) -> Value {
    json!([{ "op": "add", "path": "members", "value": listed(ids) }])
}

fn removed(ids: std::ops::Range<usize>) -> Value {
    names(ids).iter().map(|id| json!({ "op": "remove", "path": format!("members[value eq \"{id}\"]") })).collect()
}

async fn patch(gateway: &Gateway<Club>, secret: &str, ops: &Value) -> (u16, String) {
    let body = json!({ "Operations": ops }).to_string();
    let (status, body) = answer(gateway, secret, Method::PATCH, "/Groups/7", body).await;
    (status, String::from_utf8(body.to_vec()).unwrap())
}

#[tokio::test]
async fn a_group_of_ten_thousand_is_exact_whatever_is_asked_of_it() {
    let (club, gateway, secret) = club(0..10_000);
    let looked_up =
        answer(&gateway, &secret, Method::GET, "/Groups?filter=displayName%20eq%20%22Tour%207%22", String::new());
    let (status, found) = looked_up.await;
    assert_eq!(status, 200);
    assert_eq!(serde_json::from_slice::<Value>(&found).unwrap()["Resources"][0]["id"], "7");
    let mut told = vec![format!("look-up {}", std::mem::take(&mut club.0.lock().unwrap().calls))];
    for (what, ops, left, calls) in [
        ("replace", replaced(5_000..15_000), names(5_000..15_000), 101),
        ("add", added(15_000..25_000), names(5_000..25_000), 100),
        ("remove", removed(10_000..20_000), &names(5_000..10_000) | &names(20_000..25_000), 100),
        ("remove all", json!([{ "op": "replace", "path": "members", "value": [] }]), BTreeSet::new(), 101),
    ] {
        let (status, body) = patch(&gateway, &secret, &ops).await;
        assert_eq!((status, body), (204, String::new()), "{what}");
        let mut state = club.0.lock().unwrap();
        assert!(state.members == left, "{what}: {} members", state.members.len());
        assert_eq!(std::mem::take(&mut state.calls), calls, "{what}");
        told.push(format!("{what} {calls}"));
    }
    let longest = club.0.lock().unwrap().longest;
    assert!(longest < 10_000, "{longest}");
    println!("calls: {}; longest body {longest} bytes", told.join(", "));
}

/// The number before ` of 1000 changes are made`, and whether nobody knows of the next.
fn said(body: &str) -> Option<(usize, bool)> {
    let before = body.split(" of 1000 changes are made").next().filter(|before| before.len() < body.len())?;
    let digits: String = before.chars().rev().take_while(char::is_ascii_digit).collect();
    Some((digits.chars().rev().collect::<String>().parse().unwrap(), body.contains("nobody knows")))
}

#[tokio::test]
async fn whatever_fails_the_answer_is_true_and_a_repeat_heals() {
    let asked = [
        (replaced(500..1_500), names(500..1_500), true),
        (added(1_000..2_000), names(0..2_000), false),
        (removed(0..1_000), BTreeSet::new(), false),
    ];
    for (ops, left, reads) in asked {
        for at in 0..10 + usize::from(reads) {
            for failure in [Failure::Refused, Failure::DoneAndRefused, Failure::Lost, Failure::Unsent] {
                let (club, gateway, secret) = club(0..1_000);
                club.0.lock().unwrap().fails = Some((at, failure));
                let (status, body) = patch(&gateway, &secret, &ops).await;
                assert!(status >= 500, "{at} {failure:?}: {status} {body}");
                let now = club.0.lock().unwrap().members.clone();
                let made = now.symmetric_difference(&names(0..1_000)).count();
                let writes = at - usize::from(reads && at > 0);
                let (told, is_unknown) = said(&body).unwrap_or((0, false));
                assert_eq!(told, writes * 100, "{at} {failure:?}: {body}");
                let is_read = reads && at == 0;
                let perhaps = usize::from(matches!(failure, Failure::DoneAndRefused | Failure::Lost) && !is_read) * 100;
                assert_eq!(made, told + perhaps, "{at} {failure:?}: {body}");
                assert_eq!(is_unknown, failure == Failure::Lost && !is_read, "{at}: {body}");
                let (status, body) = patch(&gateway, &secret, &ops).await;
                assert!(status < 300, "{at} {failure:?}: {body}");
                assert!(club.0.lock().unwrap().members == left, "{at} {failure:?}");
            }
        }
    }
}

#[tokio::test]
async fn who_hangs_up_leaves_no_half_done_group_and_the_next_waits() {
    let (club, gateway, secret) = club(0..1_000);
    let ops = replaced(500..1_500);
    let call = patch(&gateway, &secret, &ops);
    let begun = async {
        while club.0.lock().unwrap().calls < 4 {
            tokio::task::yield_now().await;
        }
    };
    tokio::select! {
        biased;
        () = begun => {}
        _ = call => panic!("it is not done yet"),
    }
    let (status, _) = patch(&gateway, &secret, &replaced(1_400..2_400)).await;
    assert_eq!(status, 204);
    let state = club.0.lock().unwrap();
    assert!(state.members == names(1_400..2_400));
    // Eleven calls of the first, and of the second one to read and eighteen for nine hundred each way.
    assert_eq!(state.calls, 11 + 19);
}

/// A POST of a group of three hundred, before a backend that takes a hundred at once.
async fn created(gateway: &Gateway<Club>, secret: &str) -> (u16, String) {
    let members: Vec<_> = names(0..300).iter().map(|id| json!({ "value": id })).collect();
    let group = json!({ "displayName": "Tour 7", "members": members }).to_string();
    let (status, body) = answer(gateway, secret, Method::POST, "/Groups", group).await;
    (status, String::from_utf8(body.to_vec()).unwrap())
}

fn creating() -> Can {
    let mut can = can();
    can.groups.create = Able::Yes(Creating { max_members: Some(100) });
    can
}

#[tokio::test]
async fn a_group_that_is_created_gets_all_its_members_also_when_the_client_hangs_up() {
    let club = Club::default();
    let (gateway, secret) = gateway(club.clone(), creating(), Brake::off());
    let (status, body) = created(&gateway, &secret).await;
    assert_eq!(
        (status, serde_json::from_str::<Value>(&body).unwrap()["members"].as_array().unwrap().len()),
        (201, 300)
    );
    assert_eq!(club.0.lock().unwrap().calls, 4);

    let club = Club::default();
    let (gateway, secret) = self::gateway(club.clone(), creating(), Brake::off());
    let begun = async {
        while club.0.lock().unwrap().in_flight < 1 {
            tokio::task::yield_now().await;
        }
    };
    tokio::select! {
        biased;
        () = begun => {}
        _ = created(&gateway, &secret) => panic!("it is not done yet"),
    }
    while club.0.lock().unwrap().calls < 4 {
        tokio::task::yield_now().await;
    }
    assert!(club.0.lock().unwrap().members == names(0..300));
}

#[tokio::test]
async fn what_fails_once_a_group_is_created_says_which_it_is_and_how_many_are_in_it() {
    for (failure, status) in [(Failure::Refused, 503), (Failure::Lost, 502), (Failure::Unsent, 503)] {
        let club = Club::default();
        club.0.lock().unwrap().fails = Some((2, failure));
        let (gateway, secret) = gateway(club.clone(), creating(), Brake::off());
        let (answered, body) = created(&gateway, &secret).await;
        let told = "100 of 200 changes are made";
        assert!(body.contains(told) && body.contains("the group was made before, as `7`"), "{failure:?}: {body}");
        assert_eq!(answered, status, "{failure:?}: {body}");
    }
}

/// A club that minds how long a body is.
fn strict(can: Can) -> (Club, Gateway<Club>, String) {
    let club = Club::default();
    club.0.lock().unwrap().most = Some(usize::MAX);
    let (gateway, secret) = gateway(club.clone(), can, Brake::off());
    (club, gateway, secret)
}

fn long(bytes: u32) -> Can {
    let mut can = Can::default();
    can.groups.patch = Able::Yes(Patching { max_bytes: Some(bytes), ..Patching::default() });
    can
}

#[tokio::test]
async fn no_body_is_longer_than_the_backend_takes() {
    for (bytes, calls) in [(100_000, 1), (10_000, 2), (1_000, 32)] {
        let (club, gateway, secret) = strict(long(bytes));
        assert_eq!(patch(&gateway, &secret, &added(0..1_000)).await, (204, String::new()), "{bytes}");
        let state = club.0.lock().unwrap();
        assert!(state.members == names(0..1_000), "{bytes}: {}", state.members.len());
        assert!(state.longest <= usize::try_from(bytes).unwrap(), "{bytes}: {}", state.longest);
        assert_eq!(state.calls, calls, "{bytes}");
    }
}

#[tokio::test]
async fn what_fails_amid_parts_of_such_a_length_says_how_many_are_made() {
    let (club, gateway, secret) = strict(long(10_000));
    club.0.lock().unwrap().fails = Some((1, Failure::Refused));
    let (status, body) = patch(&gateway, &secret, &added(0..1_000)).await;
    let made = club.0.lock().unwrap().members.len();
    assert!(status == 503 && said(&body) == Some((made, false)) && made > 0 && made < 1_000, "{made}: {body}");
    assert_eq!(patch(&gateway, &secret, &added(0..1_000)).await.0, 204);
    assert!(club.0.lock().unwrap().members == names(0..1_000));
}

#[tokio::test]
async fn what_is_too_long_alone_is_a_413_and_nothing_is_sent() {
    let (club, gateway, secret) = strict(long(1_000));
    let op = json!([{ "op": "add", "path": "members", "value": [{ "value": "m".repeat(1_000) }] }]);
    let (status, body) = patch(&gateway, &secret, &op).await;
    assert_eq!((status, club.0.lock().unwrap().calls), (413, 0), "{body}");
}

/// A large group that is pushed to what Miro takes (B-MIR-01).
#[tokio::test]
async fn a_push_to_miro_goes_in_parts() {
    let miro = shipped::pack("backends", "miro", &mut Faults::default()).unwrap().can;
    assert_eq!(miro.groups.patch.limits().unwrap().max_bytes, Some(800_000));
    let (club, gateway, secret) = strict(miro);
    assert_eq!(patch(&gateway, &secret, &added(0..8_001)).await, (204, String::new()));
    let state = club.0.lock().unwrap();
    assert_eq!((state.calls, state.members.len()), (2, 8_001));
}

#[tokio::test(start_paused = true)]
async fn what_would_come_after_the_deadline_is_not_begun_and_the_answer_says_how_much_is_done() {
    let (club, gateway, secret) = club(0..0);
    // Ten parts of eight seconds each, where a client waits for fifty.
    club.0.lock().unwrap().takes = Duration::from_secs(8);
    let (status, body) = patch(&gateway, &secret, &added(0..1_000)).await;
    let done = |state: &State| (state.members.len(), state.calls);
    assert_eq!((status, done(&club.0.lock().unwrap())), (504, (600, 6)), "{body}");
    assert_eq!(said(&body), Some((600, true)), "{body}");
    // The seventh was given up on its way.
    let given_up = |state: &mut State| (state.takes, state.in_flight) = (Duration::ZERO, 0);
    given_up(&mut club.0.lock().unwrap());
    assert_eq!(patch(&gateway, &secret, &added(0..1_000)).await.0, 204);
    assert!(club.0.lock().unwrap().members == names(0..1_000));
}

#[tokio::test(start_paused = true)]
async fn a_read_that_takes_too_long_changes_nothing() {
    let (club, gateway, secret) = club(0..10);
    club.0.lock().unwrap().takes = Duration::from_secs(51);
    let (status, body) = patch(&gateway, &secret, &replaced(5..15)).await;
    assert_eq!(status, 504, "{body}");
    assert!(club.0.lock().unwrap().members == names(0..10));
}
