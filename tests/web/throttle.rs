//! Who guesses has to wait, and nobody else.

use crate::door::{PASSWORD, room, try_to_sign_in};
use crate::room::Room;
use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use outguide::web::door::Peer;
use std::time::Duration;

#[tokio::test]
async fn guessing_has_to_wait_longer_and_longer_and_nobody_is_locked_out() {
    let room = room().await;
    for _ in 0..3 {
        assert_eq!(try_to_sign_in(&room, "bob", "wrong").await.status, StatusCode::UNAUTHORIZED);
    }
    let refused = try_to_sign_in(&room, "bob", "wrong").await;
    assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(refused.headers[header::RETRY_AFTER], "5");
    assert!(refused.body.contains("try again in 5 s"), "{}", refused.body);
    room.app.clock.advance(Duration::from_secs(5));
    assert_eq!(try_to_sign_in(&room, "bob", "wrong").await.status, StatusCode::UNAUTHORIZED);
    assert!(try_to_sign_in(&room, "bob", "wrong").await.body.contains("try again in 10 s"));
    // Another account is not held up by it, nor is the right password refused for ever.
    for _ in 0..3 {
        try_to_sign_in(&room, "ann", "wrong").await;
    }
    assert_eq!(try_to_sign_in(&room, "ann", PASSWORD).await.status, StatusCode::TOO_MANY_REQUESTS);
    room.app.clock.advance(Duration::from_secs(5));
    assert_eq!(try_to_sign_in(&room, "ann", PASSWORD).await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn an_address_that_tries_many_names_has_to_wait_too() {
    let room = room().await;
    for number in 0..15 {
        let answer = try_to_sign_in(&room, &format!("name-{number}"), "wrong").await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{number}");
    }
    assert_eq!(try_to_sign_in(&room, "name-16", "wrong").await.status, StatusCode::TOO_MANY_REQUESTS);
}

#[tokio::test]
async fn who_is_known_at_a_place_gets_in_whatever_others_try_there() {
    let room = room().await;
    for number in 0..40 {
        try_to_sign_in(&room, &format!("name-{number}"), "wrong").await;
    }
    assert_eq!(try_to_sign_in(&room, "stranger", "wrong").await.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(try_to_sign_in(&room, "ann", PASSWORD).await.status, StatusCode::SEE_OTHER);
    // A failure a minute is forgiven: the place is not locked out until a whole quiet day has passed.
    room.app.clock.advance(Duration::from_secs(41 * 60));
    assert_eq!(try_to_sign_in(&room, "stranger", "wrong").await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn all_addresses_of_one_ipv6_network_count_together() {
    let room = room().await;
    for number in 0..15 {
        fail_from(&room, &format!("2001:db8:0:7::{number}"), &format!("name-{number}")).await;
    }
    assert_eq!(fail_from(&room, "2001:db8:0:7:ffff::1", "other").await, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(fail_from(&room, "2001:db8:0:8::1", "other").await, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn names_that_were_made_up_are_forgotten_before_what_is_known_of_addresses() {
    let room = room().await;
    fail_from(&room, "192.0.2.7", "first").await;
    room.app.clock.advance(Duration::from_secs(60));
    room.sql(
        "with recursive n (i) as (select 1 union all select i + 1 from n where i < 10000)
         insert into tries (key, failures, last_us) select 'name:' || i, 1, 4000000000000000 from n",
    );
    fail_from(&room, "192.0.2.8", "second").await;
    let kept = room.rows("select key from tries where key not like 'name:%' order by key");
    assert_eq!(kept, ["address:192.0.2.7", "address:192.0.2.8"]);
}

/// A failure to sign in from an address.
async fn fail_from(room: &Room, address: &str, name: &str) -> StatusCode {
    let mut request = Request::post("/sign-in")
        .header(header::HOST, "localhost:8470")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
    request.extensions_mut().unwrap().insert(Peer(address.parse().unwrap()));
    room.send(request.body(Body::from(format!("name={name}&password=wrong"))).unwrap()).await.status
}
