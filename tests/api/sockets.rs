//! The accept loop against clients that are slow, silent, greedy or broken.

use crate::room::{Room, limits};
use axum::Router;
use axum::routing::get;
use std::net::SocketAddr;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

const GOOD: &[u8] = b"GET /livez HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n";
const SOON: Duration = Duration::from_secs(5);

/// Sends bytes and reads until the server closes; how long that took.
async fn talk(address: SocketAddr, bytes: &[u8]) -> (String, Duration) {
    let start = Instant::now();
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(bytes).await.unwrap();
    let mut answer = Vec::new();
    let reading = stream.read_to_end(&mut answer);
    tokio::time::timeout(Duration::from_secs(20), reading).await.expect("the connection stays open").unwrap();
    (String::from_utf8(answer).unwrap(), start.elapsed())
}

async fn check_closed_in_time(bytes: &[u8]) {
    let room = Room::new().await;
    let (address, _serving) = room.serve().await;
    let (answer, took) = talk(address, bytes).await;
    let limit = room.app.limits.header_timeout;
    assert!(took >= limit.mul_f32(0.9) && took < limit + Duration::from_secs(2), "{took:?} {answer}");
}

#[tokio::test]
async fn a_silent_connection_is_closed() {
    check_closed_in_time(b"").await;
}

#[tokio::test]
async fn a_half_sent_header_is_closed() {
    check_closed_in_time(b"GET /livez HTTP/1.1\r\nhost: loc").await;
}

#[tokio::test]
async fn an_idle_connection_is_closed_after_its_answer() {
    check_closed_in_time(b"GET /livez HTTP/1.1\r\nhost: localhost\r\n\r\n").await;
}

#[tokio::test]
async fn a_half_sent_body_is_answered_with_a_problem_when_the_time_is_up() {
    let room = Room::with({
        let mut limits = limits();
        limits.request_timeout = Duration::from_millis(400);
        limits
    })
    .await;
    let (address, _serving) = room.serve().await;
    let head = format!(
        "POST /api/v1/scans HTTP/1.1\r\nhost: localhost\r\nauthorization: {}\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{{",
        room.bearer()
    );
    let (answer, took) = talk(address, head.as_bytes()).await;
    assert!(answer.starts_with("HTTP/1.1 503") && answer.contains("problem-too-slow"), "{answer}");
    assert!(took < Duration::from_secs(3), "{took:?}");
}

#[tokio::test]
async fn an_oversize_header_is_answered_with_431() {
    let room = Room::new().await;
    let (address, _serving) = room.serve().await;
    let request = format!("GET /livez HTTP/1.1\r\nhost: localhost\r\nx: {}\r\n\r\n", "x".repeat(40_000));
    let (answer, _) = talk(address, request.as_bytes()).await;
    assert!(answer.starts_with("HTTP/1.1 431"), "{answer}");
}

/// The client sends everything before it reads: without lingering it would see a reset and no answer.
#[tokio::test]
async fn an_oversize_body_is_answered_with_a_problem_and_no_reset() {
    let room = Room::new().await;
    let (address, _serving) = room.serve().await;
    let body = "x".repeat(600_000);
    let request = format!(
        "POST /api/v1/scans HTTP/1.1\r\nhost: localhost\r\nauthorization: {}\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        room.bearer(),
        body.len()
    );
    let (answer, _) = talk(address, request.as_bytes()).await;
    assert!(answer.starts_with("HTTP/1.1 413") && answer.contains("application/problem+json"), "{answer}");
}

async fn slow_connections(address: SocketAddr, count: usize) -> Vec<TcpStream> {
    let mut slow = Vec::new();
    for _ in 0..count {
        let mut stream = TcpStream::connect(address).await.unwrap();
        // One that is turned away at once may not take it.
        drop(stream.write_all(b"GET /livez HTTP/1.1\r\nx: ").await);
        slow.push(stream);
    }
    slow
}

/// This machine stands for many computers, as a proxy does.
fn trust_local(room: &Room) {
    let trusted_proxies = vec!["127.0.0.1".parse().unwrap()];
    room.app.door.set_rules(outguide::web::door::Rules { trusted_proxies, ..room.app.door.rules() });
}

#[tokio::test]
async fn an_address_that_takes_all_it_can_leaves_room_for_others() {
    let room = Room::with({
        let mut limits = limits();
        limits.connections = 8;
        limits.connections_per_address = 2;
        limits.header_timeout = Duration::from_secs(30);
        limits
    })
    .await;
    let (address, _serving) = room.serve().await;
    let _greedy = slow_connections(address, 12).await;
    let other = tokio::net::TcpSocket::new_v4().unwrap();
    other.bind("127.0.0.2:0".parse().unwrap()).unwrap();
    let mut other = other.connect(address).await.unwrap();
    other.write_all(GOOD).await.unwrap();
    let mut answer = String::new();
    tokio::time::timeout(SOON, other.read_to_string(&mut answer)).await.expect("no room was left").unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
}

#[tokio::test]
async fn three_hundred_slow_connections_do_not_stop_a_good_request() {
    let room = Room::with({
        let mut limits = limits();
        limits.header_timeout = Duration::from_secs(10);
        limits
    })
    .await;
    trust_local(&room);
    let (address, _serving) = room.serve().await;
    let _slow = slow_connections(address, 300).await;
    let (answer, took) = talk(address, GOOD).await;
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    assert!(took < Duration::from_secs(2), "{took:?}");
}

#[tokio::test]
async fn beyond_the_limit_a_request_waits_until_slow_ones_are_closed() {
    let room = Room::with({
        let mut limits = limits();
        limits.connections = 8;
        limits
    })
    .await;
    trust_local(&room);
    let (address, _serving) = room.serve().await;
    let slow = slow_connections(address, 8).await;
    let (answer, took) = talk(address, GOOD).await;
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    assert!(took >= room.app.limits.header_timeout.mul_f32(0.8), "the limit let a ninth in: {took:?}");
    drop(slow);
}

#[tokio::test]
async fn a_panic_ends_its_own_connection_only() {
    let room = Room::new().await;
    let router = Router::new()
        .route("/livez", get(async || "alive"))
        .route("/panic", get(async || if true { panic!("on purpose") } else { "" }));
    let (address, _serving) = room.serve_router(router).await;
    let (answer, _) = talk(address, b"GET /panic HTTP/1.1\r\nhost: localhost\r\n\r\n").await;
    assert_eq!(answer, "");
    assert!(talk(address, GOOD).await.0.starts_with("HTTP/1.1 200"));
}

#[tokio::test]
async fn a_request_under_way_is_finished_when_the_daemon_stops() {
    let room = Room::new().await;
    let slow = get(async || {
        tokio::time::sleep(Duration::from_millis(500)).await;
        "done"
    });
    let (address, serving) = room.serve_router(Router::new().route("/slow", slow)).await;
    let asking =
        tokio::spawn(async move { talk(address, b"GET /slow HTTP/1.1\r\nhost: localhost\r\n\r\n").await });
    tokio::time::sleep(Duration::from_millis(200)).await;
    room.app.stop.cancel();
    let (answer, _) = asking.await.unwrap();
    assert!(answer.ends_with("done"), "{answer}");
    tokio::time::timeout(SOON, serving).await.expect("still serving").unwrap();
    assert!(TcpStream::connect(address).await.is_err(), "nobody listens any more");
}

#[tokio::test]
async fn a_request_that_never_ends_does_not_hold_up_the_stop() {
    let room = Room::new().await;
    let endless = get(async || std::future::pending::<&str>().await);
    let (address, serving) = room.serve_router(Router::new().route("/endless", endless)).await;
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(b"GET /endless HTTP/1.1\r\nhost: localhost\r\n\r\n").await.unwrap();
    tokio::time::sleep(Duration::from_millis(100)).await;
    room.app.stop.cancel();
    tokio::time::timeout(Duration::from_secs(7), serving).await.expect("still serving").unwrap();
}
