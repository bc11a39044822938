//! Takes requests apart; whatever cannot be taken becomes a problem that does not repeat it.

use crate::web::problem::{FieldError, Problem, ProblemKind};
use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, Path, Query, Request};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::IntoResponse;
use serde::de::DeserializeOwned;
use serde_json::error::Category;

/// A part of the address's path.
#[derive(FromRequestParts)]
#[from_request(via(Path), rejection(Problem))]
pub(super) struct Part<T>(pub(super) T);

/// What follows `?` in the address.
#[derive(FromRequestParts)]
#[from_request(via(Query), rejection(Problem))]
pub(super) struct Asked<T>(pub(super) T);

/// A body of JSON.
pub(super) struct Body<T>(pub(super) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Body<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Body<T>, Problem> {
        if !is_json(request.headers()) {
            let detail = "send the body as JSON, with content-type: application/json";
            return Err(Problem::new(ProblemKind::NotJson, detail));
        }
        let bytes = Bytes::from_request(request, state).await.map_err(|rejection| {
            if rejection.into_response().status() == StatusCode::PAYLOAD_TOO_LARGE {
                let detail = "the body is larger than `limits.body_bytes_max` of the configuration";
                return Problem::new(ProblemKind::TooLarge, detail);
            }
            Problem::new(ProblemKind::Malformed, "the body did not arrive whole")
        })?;
        serde_json::from_slice(&bytes).map(Body).map_err(|error| refusal(&error))
    }
}

fn is_json(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let essence = kind.split(';').next().unwrap_or_default().trim();
    essence.eq_ignore_ascii_case("application/json")
}

/// Says why a body is refused. Of the parser's sentence only the end is passed on, which tells what was expected: the
/// beginning repeats what was sent.
fn refusal(error: &serde_json::Error) -> Problem {
    if error.classify() != Category::Data {
        let detail = format!("the body is no JSON at line {} column {}", error.line(), error.column());
        return Problem::new(ProblemKind::Malformed, detail);
    }
    let sentence = error.to_string();
    for (start, message) in [("missing field `", "is missing"), ("duplicate field `", "is there twice")] {
        if let Some((field, _)) = sentence.strip_prefix(start).and_then(|rest| rest.split_once('`')) {
            let error = FieldError { field: field.to_owned().into(), message: message.into() };
            return Problem::of_fields(vec![error]);
        }
    }
    let expected = sentence.rsplit_once(", expected ").map_or("something else", |(_, expected)| expected);
    Problem::new(ProblemKind::Invalid, format!("the body does not fit: expected {expected}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only its refusals are looked at")]
    struct Wanted {
        query: String,
        many: Option<u32>,
    }

    async fn check(body: &str, expect: &str) {
        let error = serde_json::from_str::<Wanted>(body).err().unwrap();
        let bytes = axum::body::to_bytes(refusal(&error).into_response().into_body(), 10_000).await.unwrap();
        let text = String::from_utf8(bytes.to_vec()).unwrap();
        assert!(text.contains(expect), "{text}");
        assert!(!text.contains("123456"), "{text}");
    }

    #[tokio::test]
    async fn a_refusal_says_what_was_expected_and_repeats_nothing() {
        check("{\"query\": \"123456", "no JSON at line 1").await;
        check("{\"many\": 3}", "{\"field\":\"query\",\"message\":\"is missing\"}").await;
        check("{\"query\":\"a\",\"query\":\"123456\"}", "is there twice").await;
        check("{\"query\": 123456}", "expected a string at line 1").await;
        check("{\"query\": \"a\", \"many\": \"123456\"}", "expected u32").await;
        check("{\"mrn 123456, expected 123456\": 1}", "expected `query` or `many`").await;
        check("123456", "expected struct Wanted").await;
    }
}
