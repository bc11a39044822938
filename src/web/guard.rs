//! Keeps other people's pages out: a browser on this machine must not be talked into asking or telling Outguide
//! anything by a page from elsewhere.
//!
//! The site listens on this machine only, and has no sign-in yet. What is left to fear is the browser itself: a name
//! that resolves to 127.0.0.1 (DNS rebinding), and forms that another site sends here (CSRF).

use super::headers;
use super::pages::PageError;
use axum::Router;
use axum::extract::Request;
use axum::http::header::HOST;
use axum::http::uri::Authority;
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use std::net::SocketAddr;
use tower_http::csrf::CsrfLayer;

/// Puts the guard and the security headers around the whole site; `listen` is the address really listened on.
///
/// To be applied last, so that fallbacks and errors are inside.
pub fn guarded(site: Router, listen: SocketAddr) -> Router {
    let csrf = CsrfLayer::new().with_rejection_response(|_error| PageError::CrossSite.into_response());
    site.layer(csrf)
        .layer(middleware::from_fn(move |request: Request, next: Next| {
            only_ours(listen.port(), request, next)
        }))
        .layer(middleware::map_response(async |response: Response| headers::add(response)))
}

async fn only_ours(port: u16, request: Request, next: Next) -> Response {
    let mut named = request.headers().get_all(HOST).iter();
    let host = named.next().is_some_and(|host| is_ours(host.as_bytes(), port)) && named.next().is_none();
    let target = request.uri().authority().is_none_or(|target| is_ours(target.as_str().as_bytes(), port));
    if host && target { next.run(request).await } else { PageError::WrongHost.into_response() }
}

/// Whether an authority is this machine by one of its own names, with our port or none.
fn is_ours(authority: &[u8], port: u16) -> bool {
    let Ok(authority) = Authority::try_from(authority) else { return false };
    let host = authority.host();
    let by_own_name = host.eq_ignore_ascii_case("localhost") || host == "127.0.0.1" || host == "[::1]";
    let rest = authority.as_str().get(host.len()..).unwrap_or("?");
    by_own_name && (rest.is_empty() || rest == format!(":{port}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_machine_by_its_own_names() {
        for ours in ["localhost", "LocalHost:8470", "127.0.0.1:8470", "127.0.0.1", "[::1]:8470", "[::1]"] {
            assert!(is_ours(ours.as_bytes(), 8470), "{ours}");
        }
        for other in [
            "",
            "evil.example",
            "evil.example:8470",
            "localhost.evil.example:8470",
            "localhost:80",
            "localhost:",
            "127.0.0.1.nip.io",
            "127.0.0.2",
            "0.0.0.0:8470",
            "[::]:8470",
            "user@localhost:8470",
            "localhost:8470@evil.example",
            "localhost/..",
        ] {
            assert!(!is_ours(other.as_bytes(), 8470), "{other}");
        }
    }
}
