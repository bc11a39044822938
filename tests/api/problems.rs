//! Whatever goes wrong is a problem, and repeats nothing of what was sent.

use crate::room::{Answer, Room};
use axum::body::Body;
use axum::http::{Method, Request};

fn check(answer: &Answer, status: u16, kind: &str) {
    assert_eq!(answer.status, status, "{kind}: {}", answer.text);
    assert_eq!(answer.header("content-type"), "application/problem+json", "{kind}");
    assert_eq!(answer.header("cache-control"), "no-store", "{kind}");
    let problem = answer.json();
    assert_eq!(problem["type"], format!("/help#problem-{kind}"));
    assert_eq!(problem["status"], status);
    assert!(problem["title"].is_string() && problem["detail"].is_string(), "{problem}");
    assert!(!answer.text.contains("876543"), "{}", answer.text);
}

fn request(method: Method, path: &str, kind: &str, body: impl Into<Body>) -> Request<Body> {
    Request::builder()
        .method(method)
        .uri(path)
        .header("host", "localhost")
        .header("content-type", kind)
        .body(body.into())
        .unwrap()
}

#[tokio::test]
async fn every_error_is_a_problem_that_repeats_nothing() {
    let room = Room::new().await;
    let json = "application/json";
    let search = "/api/v1/charts/search";
    let long = format!("{{\"query\": \"{}\"}}", "876543 ".repeat(10_000));
    let cases = [
        (Method::GET, "/api", json, "".to_owned(), 404, "not-found"),
        (Method::GET, "/api/876543", json, "".to_owned(), 404, "not-found"),
        (Method::POST, "/api/v1/876543/x", json, "".to_owned(), 404, "not-found"),
        (Method::GET, "/api/v1", json, "".to_owned(), 404, "not-found"),
        (Method::GET, "/api/v1/volumes/876543/history", json, "".to_owned(), 404, "not-found"),
        (Method::GET, "/api/v1/volumes/mrn-876543/history", json, "".to_owned(), 404, "not-found"),
        (Method::GET, "/api/v1/volumes/1/history?from=mrn-876543", json, "".to_owned(), 400, "malformed"),
        (Method::GET, "/api/v1/stations/876543", json, "".to_owned(), 404, "not-found"),
        (Method::GET, "/api/v1/stations/%ff876543", json, "".to_owned(), 404, "not-found"),
        (Method::GET, search, json, "".to_owned(), 405, "method-not-allowed"),
        (Method::DELETE, "/api/v1/scans", json, "".to_owned(), 405, "method-not-allowed"),
        (Method::POST, search, json, "{876543".to_owned(), 400, "malformed"),
        (Method::POST, search, json, "".to_owned(), 400, "malformed"),
        (Method::POST, search, json, "{\"q876543\": 1}".to_owned(), 422, "invalid"),
        (Method::POST, search, json, "{\"query\": 876543}".to_owned(), 422, "invalid"),
        (Method::POST, search, json, "{\"query\": \" \"}".to_owned(), 422, "invalid"),
        (Method::POST, search, json, format!("{{\"query\": \"{}\"}}", "876543".repeat(50)), 422, "invalid"),
        (Method::POST, search, "text/plain", "{\"query\": \"876543\"}".to_owned(), 415, "not-json"),
        (Method::POST, search, "", "{\"query\": \"876543\"}".to_owned(), 415, "not-json"),
        (Method::POST, search, json, long, 413, "too-large"),
        (Method::POST, search, json, "[".repeat(10_000), 422, "invalid"),
    ];
    for (method, path, content, body, status, kind) in cases {
        let answer = room.ask(request(method.clone(), path, content, body)).await;
        check(&answer, status, kind);
        if status == 405 {
            assert!(!answer.header("allow").is_empty(), "{method} {path}");
        }
    }
}

#[tokio::test]
async fn a_content_type_with_parameters_is_json_too() {
    let room = Room::new().await;
    let body = "{\"query\": \"V1\"}";
    let kind = "Application/JSON; charset=utf-8";
    assert_eq!(room.ask(request(Method::POST, "/api/v1/charts/search", kind, body)).await.status, 200);
}
