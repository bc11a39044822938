//! The address of the site's program: https, or http to this machine.

use hyper::Uri;
use std::net::IpAddr;
use std::str::FromStr;

/// Where notices are posted to. Its path and query may hold a secret: they go to that server and nowhere else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    host: String,
    port: u16,
    path: String,
    is_tls: bool,
}

/// Why notices cannot be posted there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// No address of a program.
    #[error("is no address; write \"https://hooks.example.org/outguide\", without a user, a password or a #")]
    Shape,
    /// It would cross the network in clear.
    #[error(
        "would cross the network in clear; write https://, or http:// with localhost, 127.0.0.1 or [::1] for a program on \
         this machine"
    )]
    Clear,
}

impl FromStr for Address {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Address, AddressError> {
        let uri: Uri = text.parse().map_err(|_| AddressError::Shape)?;
        let is_tls = match uri.scheme_str() {
            Some("https") => true,
            Some("http") => false,
            _ => return Err(AddressError::Shape),
        };
        let is_odd = text.contains('#') || uri.authority().is_none_or(|whole| whole.as_str().contains('@'));
        let host = uri.host().unwrap_or_default().trim_matches(['[', ']']).to_owned();
        if host.is_empty() || is_odd {
            return Err(AddressError::Shape);
        }
        let port = uri.port_u16().unwrap_or(if is_tls { 443 } else { 80 });
        let path = uri.path_and_query().map_or_else(|| "/".to_owned(), ToString::to_string);
        let address = Address { host, port, path, is_tls };
        if !is_tls && !address.is_here() {
            return Err(AddressError::Clear);
        }
        Ok(address)
    }
}

impl Address {
    /// Name or number of the server.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// Its port.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// TLS is spoken.
    pub fn is_tls(&self) -> bool {
        self.is_tls
    }

    /// What is asked of the server.
    pub(super) fn path(&self) -> &str {
        &self.path
    }

    /// The server as the header `host` names it.
    pub(super) fn authority(&self) -> String {
        let host = if self.host.contains(':') { format!("[{}]", self.host) } else { self.host.clone() };
        match (self.is_tls, self.port) {
            (true, 443) | (false, 80) => host,
            (_, port) => format!("{host}:{port}"),
        }
    }

    fn is_here(&self) -> bool {
        let is_loopback = |host: &str| host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback());
        self.host.eq_ignore_ascii_case("localhost") || is_loopback(&self.host)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Result<(&str, u16, &str, &str), AddressError>) {
        let read: Result<Address, _> = text.parse();
        let found = read.as_ref().map(|read| (read.host(), read.port(), read.path(), read.authority()));
        let found = found.as_ref().map(|(host, port, path, whole)| (*host, *port, *path, whole.as_str()));
        assert_eq!(found.map_err(|error| **error), expected, "{text}");
    }

    #[test]
    fn https_anywhere_and_http_to_this_machine() {
        check("https://h.example.org/a?b=1", Ok(("h.example.org", 443, "/a?b=1", "h.example.org")));
        check("https://10.1.2.3:8443", Ok(("10.1.2.3", 8443, "/", "10.1.2.3:8443")));
        check("https://[fd00::1]:444/x", Ok(("fd00::1", 444, "/x", "[fd00::1]:444")));
        check("http://localhost:9000/x", Ok(("localhost", 9000, "/x", "localhost:9000")));
        check("http://127.0.0.1/x", Ok(("127.0.0.1", 80, "/x", "127.0.0.1")));
        check("http://[::1]:81/", Ok(("::1", 81, "/", "[::1]:81")));
    }

    #[test]
    fn what_is_none_or_in_clear_is_refused() {
        for text in [
            "",
            "/x",
            "h.example.org",
            "ftp://h/",
            "https://",
            "https://u:p@h/",
            "https://h/#a",
            "https://h h/",
        ] {
            check(text, Err(AddressError::Shape));
        }
        for text in ["http://h.example.org/", "http://10.0.0.1/", "http://localhost.example.org/"] {
            check(text, Err(AddressError::Clear));
        }
    }
}
