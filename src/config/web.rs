//! How the pages are reached: names, TLS, sign-ins, and a proxy in front.

use super::fields::{At, Fields};
use super::files::Place;
use super::problems::Problems;
use super::site::absolute_path;
use super::{Tls, Web};
use crate::access::SignInRules;
use jiff::SignedDuration;
use std::net::{IpAddr, SocketAddr};

/// Most names, and most proxies.
const MANY_MAX: usize = 16;

pub(super) fn web(
    fields: &Fields<'_>,
    listen: SocketAddr,
    listen_at: Option<Place>,
    problems: &mut Problems<'_>,
) -> Web {
    fields.refuse_unknown(problems);
    let tls = tls(fields, problems);
    if !listen.ip().is_loopback() && tls.is_none() && !fields.has("tls_certificate") && !fields.has("tls_key")
    {
        let what = "passwords and patients' data would cross the network in clear; give [web] `tls_certificate` and \
                    `tls_key`, or listen on 127.0.0.1 behind a proxy that has TLS, or on 127.0.0.1 for this machine alone";
        problems.add(listen_at.unwrap_or(fields.place), what);
    }
    let (proxy_header, trusted_proxies) = proxy(fields, problems);
    Web {
        hosts: hosts(fields, problems),
        tls,
        sign_in: sign_in(fields, problems),
        proxy_header,
        trusted_proxies,
    }
}

fn tls(fields: &Fields<'_>, problems: &mut Problems<'_>) -> Option<Tls> {
    let mut file = |key, example| {
        let given = fields.text(key, problems)?;
        absolute_path(key, given, example, problems)
    };
    let certificate = file("tls_certificate", "/etc/outguide/tls/certificate.pem");
    let key = file("tls_key", "/etc/outguide/tls/key.pem");
    for (one, other) in [("tls_certificate", "tls_key"), ("tls_key", "tls_certificate")] {
        if fields.has(one) && !fields.has(other) {
            let place = fields.place_of(one).unwrap_or(fields.place);
            problems.add(place, format!("`{one}` alone is no TLS; add {other} = …"));
        }
    }
    Some(Tls { certificate: certificate?, key: key? })
}

fn hosts(fields: &Fields<'_>, problems: &mut Problems<'_>) -> Vec<String> {
    let Some(At { place, value }) = fields.texts("hosts", problems) else { return Vec::new() };
    if value.len() > MANY_MAX {
        problems.add(place, format!("`hosts` names too many; write up to {MANY_MAX}"));
    }
    let host = |At { place, value }: At<&str>| {
        let is_part =
            |part: &str| !part.is_empty() && part.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
        let is_good = value.split('.').all(is_part);
        if !is_good {
            let advice = "write a name without port, such as \"outguide.hospital.example\"";
            problems.add(place, format!("`hosts` {value:?} is no host's name; {advice}"));
        }
        is_good.then(|| value.to_ascii_lowercase())
    };
    value.into_iter().filter_map(host).collect()
}

fn sign_in(fields: &Fields<'_>, problems: &mut Problems<'_>) -> SignInRules {
    let mut rules = SignInRules::default();
    let mut seconds = |key, range, limit: &mut SignedDuration| {
        let given = fields.number(key, range, problems);
        if let Some(At { value, .. }) = given {
            *limit = SignedDuration::from_secs(i64::try_from(value).unwrap_or(i64::MAX));
        }
    };
    seconds("sign_in_idle_s", 60..=43_200, &mut rules.idle);
    seconds("sign_in_max_s", 600..=86_400, &mut rules.absolute);
    seconds("desk_idle_s", 30..=3600, &mut rules.desk_idle);
    seconds("restricted_open_s", 60..=43_200, &mut rules.glass);
    rules
}

fn proxy(fields: &Fields<'_>, problems: &mut Problems<'_>) -> (Option<String>, Vec<IpAddr>) {
    let header = fields.text("proxy_header", problems);
    let header = header.and_then(|At { place, value }| {
        let is_good = value.len() > 2 && value.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
        if !is_good {
            let what =
                format!("`proxy_header` {value:?} is no header; write its name, such as \"X-Remote-User\"");
            problems.add(place, what);
        }
        is_good.then(|| (place, value.to_ascii_lowercase()))
    });
    let proxies: Vec<IpAddr> = match fields.texts("trusted_proxies", problems) {
        None => Vec::new(),
        Some(At { place, value }) => {
            if value.len() > MANY_MAX {
                problems.add(place, format!("`trusted_proxies` names too many; write up to {MANY_MAX}"));
            }
            let address = |At { place, value }: At<&str>| {
                let address = value.parse().ok();
                if address.is_none() {
                    let advice = "write the address that the proxy connects from, such as \"127.0.0.1\"";
                    problems.add(place, format!("`trusted_proxies` {value:?} is no address; {advice}"));
                }
                address
            };
            value.into_iter().filter_map(address).collect()
        }
    };
    if let Some((place, _)) = &header
        && proxies.is_empty()
        && !fields.has("trusted_proxies")
    {
        let what = "anybody could send `proxy_header`; add trusted_proxies = [\"127.0.0.1\"], the address of the proxy";
        problems.add(*place, what);
    }
    (header.map(|(_, name)| name), proxies)
}
