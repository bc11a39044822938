//! Live events.

use crate::room::{Room, scan};
use axum::body::{Body, BodyDataStream};
use axum::http::Request;
use futures_util::StreamExt;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tower::ServiceExt;

pub(crate) struct Events(BodyDataStream);

impl Events {
    /// Everything heard until a piece with this text.
    pub(crate) async fn until(&mut self, text: &str, limit: Duration) -> String {
        let mut heard = String::new();
        let reading = async {
            while !heard.contains(text) {
                heard.push_str(std::str::from_utf8(&self.0.next().await.expect("ended").unwrap()).unwrap());
            }
        };
        if tokio::time::timeout(limit, reading).await.is_err() {
            panic!("no {text} in {heard}");
        }
        heard
    }

    /// Whether the stream ends.
    pub(crate) async fn end(mut self, limit: Duration) -> bool {
        tokio::time::timeout(limit, async { while self.0.next().await.is_some() {} }).await.is_ok()
    }
}

fn ask_for_changes(room: &Room) -> String {
    format!("GET /api/v1/changes HTTP/1.1\r\nhost: localhost\r\nauthorization: {}\r\n\r\n", room.bearer())
}

pub(crate) async fn open(room: &Room) -> Events {
    let request = Request::get("/api/v1/changes")
        .header("host", "localhost")
        .header("authorization", room.bearer())
        .header("accept-encoding", "gzip")
        .body(Body::empty())
        .unwrap();
    let response = room.router().oneshot(request).await.unwrap();
    assert_eq!(response.status(), 200);
    assert_eq!(response.headers()["content-type"], "text/event-stream");
    assert_eq!(response.headers()["cache-control"], "no-store");
    assert!(!response.headers().contains_key("content-encoding"), "compression would hold events back");
    Events(response.into_body().into_data_stream())
}

const SOON: Duration = Duration::from_secs(5);

#[tokio::test]
async fn a_page_asks_for_everything_first_and_hears_of_each_scan() {
    let room = Room::new().await;
    let mut events = open(&room).await;
    assert_eq!(events.until("\n\n", SOON).await, "id: 1\nevent: change\ndata: all\n\n");
    room.post("/api/v1/scans", &scan(1, "clinic", "V1")).await;
    assert_eq!(events.until("\n\n", SOON).await, "id: 2\nevent: change\ndata: station/clinic\n\n");
}

#[tokio::test]
async fn streams_end_when_the_daemon_stops() {
    let room = Room::new().await;
    let events = open(&room).await;
    room.app.stop.cancel();
    assert!(events.end(SOON).await);
}

#[tokio::test]
async fn more_pages_than_allowed_are_told_to_come_later() {
    let room = Room::new().await;
    let mut pages = Vec::new();
    for _ in 0..3 {
        pages.push(open(&room).await);
    }
    let refused = room.get("/api/v1/changes").await;
    assert_eq!((refused.status.as_u16(), refused.header("content-type")), (503, "application/problem+json"));
    assert!(!refused.header("retry-after").is_empty());
    assert_eq!(refused.header("connection"), "close", "who is turned away keeps no connection");
    pages.pop();
    pages.push(open(&room).await);
}

#[tokio::test]
async fn over_a_socket_a_page_hears_of_a_scan_and_is_let_go_when_the_daemon_stops() {
    let room = Room::new().await;
    let (address, serving) = room.serve().await;
    let mut page = TcpStream::connect(address).await.unwrap();
    page.write_all(ask_for_changes(&room).as_bytes()).await.unwrap();
    let mut heard = Vec::new();
    while !String::from_utf8_lossy(&heard).contains("data: all") {
        assert!(page.read_buf(&mut heard).await.unwrap() > 0);
    }
    // Longer than a header may take: a stream is no slow request.
    tokio::time::sleep(room.app.limits.header_timeout * 2).await;
    room.post("/api/v1/scans", &scan(1, "clinic", "V1")).await;
    while !String::from_utf8_lossy(&heard).contains("data: station/clinic") {
        assert!(tokio::time::timeout(SOON, page.read_buf(&mut heard)).await.unwrap().unwrap() > 0);
    }
    room.app.stop.cancel();
    tokio::time::timeout(SOON, page.read_to_end(&mut heard))
        .await
        .expect("the stream is still open")
        .unwrap();
    drop(page);
    tokio::time::timeout(Duration::from_secs(2), serving).await.expect("still serving").unwrap();
}

#[tokio::test]
async fn a_page_that_is_closed_frees_its_place() {
    let room = Room::new().await;
    let (address, _serving) = room.serve().await;
    let mut page = TcpStream::connect(address).await.unwrap();
    page.write_all(ask_for_changes(&room).as_bytes()).await.unwrap();
    page.read_u8().await.unwrap();
    assert_eq!(room.app.changes.listeners(), 1);
    drop(page);
    let freed = async {
        while room.app.changes.listeners() > 0 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(SOON, freed).await.expect("its place is still taken");
}
