//! Keeps other people's pages out: a browser on this machine must not be talked into asking or telling Outguide
//! anything by a page from elsewhere.
//!
//! What is to be feared is the browser itself: a name that resolves to this machine (DNS rebinding), and forms that
//! another site sends here (CSRF).

use super::headers;
use super::pages::PageError;
use axum::Router;
use axum::extract::Request;
use axum::http::header::HOST;
use axum::http::uri::Authority;
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use std::net::SocketAddr;
use std::sync::Arc;
use tower::ServiceBuilder;
use tower_http::csrf::CsrfLayer;

/// Puts the guard and the security headers around the whole site; `listen` is the address really listened on.
///
/// To be applied last, so that fallbacks and errors are inside.
pub fn guarded(site: Router, listen: SocketAddr, hosts: &[String]) -> Router {
    let ours = Arc::new(Ours { listen, hosts: hosts.to_vec() });
    let csrf = CsrfLayer::new().with_rejection_response(|_error| PageError::CrossSite.into_response());
    site.layer(
        ServiceBuilder::new()
            .layer(middleware::map_response(async |response: Response| headers::add(response)))
            .layer(middleware::from_fn(move |request: Request, next: Next| {
                only_ours(Arc::clone(&ours), request, next)
            }))
            .layer(csrf),
    )
}

/// What this site is called.
struct Ours {
    listen: SocketAddr,
    hosts: Vec<String>,
}

async fn only_ours(ours: Arc<Ours>, request: Request, next: Next) -> Response {
    let mut named = request.headers().get_all(HOST).iter();
    let host = named.next().is_some_and(|host| ours.are(host.as_bytes())) && named.next().is_none();
    let target = request.uri().authority().is_none_or(|target| ours.are(target.as_str().as_bytes()));
    if host && target { next.run(request).await } else { PageError::WrongHost.into_response() }
}

impl Ours {
    /// Whether an authority is this site: by a name of this machine or the address listened on, with our port or none;
    /// or by a name of the configuration with whatever port a proxy has.
    fn are(&self, authority: &[u8]) -> bool {
        let Ok(authority) = Authority::try_from(authority) else { return false };
        let host = authority.host();
        let rest = authority.as_str().get(host.len()..).unwrap_or("?");
        let port = rest.strip_prefix(':').and_then(|port| port.parse::<u16>().ok());
        if !rest.is_empty() && port.is_none() {
            return false;
        }
        if self.hosts.iter().any(|name| name.eq_ignore_ascii_case(host)) {
            return true;
        }
        let address = self.listen.ip();
        let is_listened_on =
            !address.is_unspecified() && host.trim_matches(['[', ']']) == address.to_string();
        let by_own_name = host.eq_ignore_ascii_case("localhost") || host == "127.0.0.1" || host == "[::1]";
        (by_own_name || is_listened_on) && port.is_none_or(|port| port == self.listen.port())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(listen: &str, authority: &str, expect: bool) {
        let hosts = vec!["outguide.hospital.example".to_owned()];
        let ours = Ours { listen: listen.parse().unwrap(), hosts };
        assert_eq!(ours.are(authority.as_bytes()), expect, "{listen} {authority:?}");
    }

    #[test]
    fn only_this_site_by_its_own_names() {
        for ours in ["localhost", "LocalHost:8470", "127.0.0.1:8470", "127.0.0.1", "[::1]:8470", "[::1]"] {
            check("127.0.0.1:8470", ours, true);
        }
        for ours in ["outguide.hospital.example", "OUTGUIDE.hospital.example:443"] {
            check("127.0.0.1:8470", ours, true);
        }
        check("192.0.2.7:8470", "192.0.2.7:8470", true);
        check("[2001:db8::7]:8470", "[2001:db8::7]:8470", true);
        check("127.0.0.1:8470", "192.0.2.7:8470", false);
        check("0.0.0.0:8470", "0.0.0.0:8470", false);
        for other in [
            "",
            "evil.example",
            "evil.example:8470",
            "localhost.evil.example:8470",
            "localhost:80",
            "localhost:",
            "127.0.0.1.nip.io",
            "127.0.0.2",
            "[::]:8470",
            "user@localhost:8470",
            "localhost:8470@evil.example",
            "localhost/..",
            "evil.example@outguide.hospital.example",
            "x.outguide.hospital.example",
        ] {
            check("127.0.0.1:8470", other, false);
        }
    }
}
