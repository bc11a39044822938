//! What a form held, kept while it is answered: a refusal gives it back instead of losing it.
//!
//! Invariant: passwords and PINs are never kept, and nothing is kept longer than the answer takes.

use super::pages::PageError;
use axum::body::{Body, Bytes, HttpBody, to_bytes};
use axum::extract::{FromRequest, Multipart, Request};
use axum::http::{Method, header};
use form_urlencoded::{Serializer, parse};

/// Largest form that is kept, bytes.
const BYTES_MAX: u64 = 64 * 1024;
/// Most fields that are kept.
const FIELDS_MAX: usize = 200;
/// Fields that no person fills in.
const HIDDEN: [&str; 9] = ["case", "chart", "confirmed", "form", "page", "request", "seen", "to", "volume"];

/// A form that was sent.
#[derive(Debug, Clone)]
pub(super) struct Sent {
    address: String,
    body: Bytes,
}

tokio::task_local! {
    static SENT: Option<Sent>;
}

/// The form that the request which this task answers came with, if it is one that can be kept.
pub(super) fn current() -> Option<Sent> {
    SENT.try_with(Clone::clone).ok().flatten()
}

/// Answers with the request's form at hand.
pub(super) async fn at_hand<T>(sent: Option<Sent>, answer: impl Future<Output = T>) -> T {
    SENT.scope(sent, answer).await
}

/// The form that goes as several parts, as a file may be in it.
pub(super) const IN_PARTS: &str = "/schedule";

/// Takes the form out of a request that holds one, and leaves it there for its handler, too.
///
/// # Errors
/// The form broke off, or was longer than it said.
pub(super) async fn held(request: Request) -> Result<(Request, Option<Sent>), PageError> {
    if request.method() != Method::POST || !is_short(&request) || !is_form(&request) {
        return Ok((request, None));
    }
    let address = address(&request);
    let (parts, body) = request.into_parts();
    let broken =
        |_| PageError::BadRequest("the form did not arrive whole, or was larger than Outguide takes");
    let body = to_bytes(body, usize::MAX).await.map_err(broken)?;
    let sent = Sent { address, body: body.clone() };
    Ok((Request::from_parts(parts, Body::from(body)), Some(sent)))
}

/// The form of a request that is not answered now, to be carried through another page; `None` if there is none, or it is
/// longer than `bytes_max`, which is what that page's own form may have.
pub(super) async fn carried(request: Request, bytes_max: usize) -> Option<Sent> {
    let sent = if request.uri().path() == IN_PARTS {
        in_parts(request).await?
    } else {
        held(request).await.ok()?.1?
    };
    (sent.body.len() <= bytes_max).then_some(sent)
}

/// A form in parts, its file as if it had been pasted.
async fn in_parts(request: Request) -> Option<Sent> {
    if request.method() != Method::POST || !is_short(&request) {
        return None;
    }
    let address = address(&request);
    let mut parts = Multipart::from_request(request, &()).await.ok()?;
    let (mut fields, mut file) = (Vec::new(), String::new());
    while let Some(part) = parts.next_field().await.ok()? {
        let name = part.name().unwrap_or_default().to_owned();
        let text = String::from_utf8(part.bytes().await.ok()?.to_vec()).ok()?;
        if name == "file" { file = text } else { fields.push((name, text)) }
    }
    if !file.is_empty() {
        fields.retain(|(name, _)| name != "text");
        fields.push(("text".to_owned(), file));
    }
    let body = Serializer::new(String::new()).extend_pairs(fields).finish();
    Some(Sent { address, body: body.into() })
}

/// Whether a person put a field in; of the others only their form knows what they mean.
pub(super) fn is_typed(name: &str, value: &str) -> bool {
    !value.trim().is_empty() && !HIDDEN.contains(&name)
}

fn address(request: &Request) -> String {
    request.uri().path_and_query().map_or("/", |address| address.as_str()).to_owned()
}

fn is_short(request: &Request) -> bool {
    request.body().size_hint().upper().is_some_and(|bytes| bytes <= BYTES_MAX)
}

fn is_form(request: &Request) -> bool {
    let kind = request.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    kind.is_some_and(|kind| kind.starts_with("application/x-www-form-urlencoded"))
}

impl Sent {
    /// Where it goes.
    pub(super) fn address(&self) -> &str {
        &self.address
    }

    /// Another page can carry it, whose own form is no longer than any.
    pub(super) fn is_carried(&self) -> bool {
        self.body.len() as u64 <= BYTES_MAX / 4 * 3
    }

    /// Its fields; `None` if there are too many to be given back.
    pub(super) fn fields(&self) -> Option<Vec<(String, String)>> {
        let is_secret = |name: &str| name.contains("password") || name.starts_with("pin");
        let fields: Vec<(String, String)> = parse(&self.body)
            .take(FIELDS_MAX + 1)
            .map(|(name, value)| (name.into_owned(), value.into_owned()))
            .collect();
        (fields.len() <= FIELDS_MAX)
            .then(|| fields.into_iter().filter(|(name, _)| !is_secret(name)).collect())
    }

    /// What a person put into it.
    pub(super) fn typed(&self) -> Vec<(String, String)> {
        let fields = self.fields().unwrap_or_default().into_iter();
        fields.filter(|(name, value)| is_typed(name, value)).collect()
    }
}
