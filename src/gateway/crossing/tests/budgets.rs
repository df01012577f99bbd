//! A backend that lets itself be called only so often.

use std::num::NonZeroU32;
use std::time::Duration;

use tokio::time::Instant;

use super::*;
use crate::rules::can;

/// A rate of one write of each kind in a second.
fn once_a_second() -> Can {
    let rate = can::Rate { calls: NonZeroU32::MIN, per: Duration::from_secs(1), burst: NonZeroU32::MIN };
    let budget = can::Budget { look_ups: None, user_writes: Some(rate), group_writes: Some(rate) };
    Can { budget, ..Can::default() }
}

#[tokio::test(start_paused = true)]
async fn whoever_leaves_overtakes_those_who_wait() {
    let held = holding("{\"id\": \"7\"}");
    let (gateway, secret) = gateway(held, once_a_second(), Brake::off());
    let started = Instant::now();
    let put = async |active: bool| {
        let body = format!("{{\"userName\": \"ada\", \"active\": {active}}}");
        let status = status(&gateway, &secret, Method::PUT, "/Users/7", body).await;
        (status, started.elapsed().as_secs())
    };
    let all = tokio::join!(put(true), put(true), put(true), put(false), put(true));
    assert_eq!(all, ((200, 0), (200, 1), (200, 2), (200, 0), (200, 4)));
    let reads = status(&gateway, &secret, Method::GET, "/Users/7", String::new()).await;
    assert_eq!((reads, started.elapsed().as_secs()), (200, 4), "reads have no budget");
}

#[tokio::test(start_paused = true)]
async fn who_would_wait_too_long_is_told_so_and_nothing_is_sent() {
    let held = holding("{\"id\": \"7\"}");
    let (gateway, secret) = gateway(held.clone(), once_a_second(), Brake::off());
    let (gateway, secret) = (Arc::new(gateway), Arc::new(secret));
    let put = || {
        let (gateway, secret) = (gateway.clone(), secret.clone());
        let body = "{\"userName\": \"ada\", \"active\": true}".to_owned();
        tokio::spawn(async move { status(&gateway, &secret, Method::PUT, "/Users/7", body).await })
    };
    let mut statuses = Vec::new();
    for call in (0..22).map(|_| put()).collect::<Vec<_>>() {
        statuses.push(call.await.unwrap());
    }
    assert_eq!((statuses.pop(), statuses), (Some(429), vec![200; 21]));
    assert_eq!(held.1.lock().unwrap().len(), 21);
}

#[tokio::test(start_paused = true)]
async fn the_parts_of_a_change_wait_for_their_turns() {
    let held = holding("{\"id\": \"7\"}");
    let mut can = once_a_second();
    can.groups.patch = Able::Yes(Patching { max_changes: Some(1), ..Patching::default() });
    let (gateway, secret) = gateway(held.clone(), can, Brake::off());
    let started = Instant::now();
    let op = r#"{"op": "add", "path": "members", "value": [{"value": "a"}, {"value": "b"}, {"value": "c"}]}"#;
    let body = format!("{{\"Operations\": [{op}]}}");
    let status = status(&gateway, &secret, Method::PATCH, "/Groups/7", body).await;
    assert_eq!((status, started.elapsed().as_secs(), held.1.lock().unwrap().len()), (200, 2, 3));
}
