//! The cookies: that of a sign-in, and beside a screen's that of whoever is signed in at its desk. `__Host-`
//! binds them to this host and to secure connections; browsers take them from loopback addresses without TLS, too (tried with Chromium 148 on 127.0.0.1 and localhost).

use crate::access::Role;
use axum::http::header::COOKIE;
use axum::http::{HeaderMap, HeaderValue};

const NAME: &str = "__Host-outguide";
/// Beside the cookie of a screen: who is signed in at its desk.
const DESK_NAME: &str = "__Host-outguide-desk";
/// Seconds that a screen's cookie is kept: 400 days, the longest that browsers keep one; renewed whenever it is used.
const SCREEN_S: u32 = 400 * 24 * 3600;
/// Longest value that can be one of ours.
const VALUE_MAX: usize = 128;

/// The value of our cookie. A request with two of them has none: one was planted.
pub(super) fn value(headers: &HeaderMap) -> Option<String> {
    named(NAME, headers)
}

/// The cookie of whoever is signed in at the desk.
pub(super) fn desk_value(headers: &HeaderMap) -> Option<String> {
    named(DESK_NAME, headers)
}

fn named(wanted: &str, headers: &HeaderMap) -> Option<String> {
    let all = headers.get_all(COOKIE);
    let pairs = all.iter().filter_map(|value| value.to_str().ok()).flat_map(|value| value.split(';'));
    let mut ours = pairs.filter_map(|pair| pair.trim().split_once('=')).filter(|(name, _)| *name == wanted);
    let (_, value) = ours.next()?;
    (ours.next().is_none() && value.len() <= VALUE_MAX).then(|| value.to_owned())
}

/// Sets the cookie: a person's until the browser is closed, a screen's for as long as may be.
pub(in crate::web) fn set(value: &str, role: Role) -> Option<HeaderValue> {
    let keep = if role.is_device() { format!("; Max-Age={SCREEN_S}") } else { String::new() };
    let cookie = format!("{NAME}={value}; Path=/; Secure; HttpOnly; SameSite=Lax{keep}");
    let mut header = HeaderValue::from_str(&cookie).ok()?;
    header.set_sensitive(true);
    Some(header)
}

/// Sets the cookie of whoever signs in at a desk.
pub(in crate::web) fn set_desk(value: &str) -> Option<HeaderValue> {
    let mut header =
        HeaderValue::from_str(&format!("{DESK_NAME}={value}; Path=/; Secure; HttpOnly; SameSite=Lax"))
            .ok()?;
    header.set_sensitive(true);
    Some(header)
}

/// Takes it away.
pub(in crate::web) fn clear_desk() -> HeaderValue {
    HeaderValue::from_static("__Host-outguide-desk=; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=0")
}

/// Takes the cookie away.
pub(in crate::web) fn clear() -> HeaderValue {
    HeaderValue::from_static("__Host-outguide=; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=0")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(cookies: &[&str], expect: Option<&str>) {
        let mut headers = HeaderMap::new();
        for cookie in cookies {
            headers.append(COOKIE, cookie.parse().unwrap());
        }
        assert_eq!(value(&headers).as_deref(), expect, "{cookies:?}");
    }

    #[test]
    fn our_cookie_is_found_among_others_and_counts_once() {
        check(&[], None);
        check(&["__Host-outguide=abc"], Some("abc"));
        check(&["a=b; __Host-outguide=abc; c=d"], Some("abc"));
        check(&["a=b", "__Host-outguide=abc"], Some("abc"));
        check(&["outguide=abc"], None);
        check(&["__Host-outguide=abc; __Host-outguide=def"], None);
        check(&["__Host-outguide-desk=abc"], None);
        check(&["__Host-outguide-desk=abc; __Host-outguide=def"], Some("def"));
        check(&[&format!("__Host-outguide={}", "a".repeat(200))], None);
    }
}
