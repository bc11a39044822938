//! Scanners in the network: where they are, and who may connect.

use std::net::{IpAddr, SocketAddr};

use super::fields::{At, Fields};
use super::problems::Problems;
use super::station::Taken;

/// Most addresses that may connect to one source.
const ALLOW_MAX: usize = 64;

/// `host:port` of a scanner or device server that listens.
pub(super) fn connect(fields: &Fields<'_>, taken: &mut Taken, problems: &mut Problems<'_>) -> Option<String> {
    let given = fields.text("address", problems);
    let At { place, value } = fields.required("address", given, problems)?;
    let is_good = value.rsplit_once(':').is_some_and(|(host, port)| {
        let is_host = |byte: u8| byte.is_ascii_alphanumeric() || b".-:[]_".contains(&byte);
        !host.is_empty() && host.bytes().all(is_host) && port.parse::<u16>().is_ok_and(|port| port > 0)
    });
    if !is_good {
        let advice = "write host and port of the scanner or device server, such as \"192.0.2.7:4001\"";
        problems.add(place, format!("`address` {value:?} cannot be connected to; {advice}"));
        return None;
    }
    taken.claim("address", value, place, problems)?;
    Some(value.to_owned())
}

/// Address and port that scanners connect to.
pub(super) fn listen(
    fields: &Fields<'_>,
    taken: &mut Taken,
    problems: &mut Problems<'_>,
) -> Option<SocketAddr> {
    let given = fields.text("address", problems);
    let At { place, value } = fields.required("address", given, problems)?;
    let Ok(address) = value.parse::<SocketAddr>() else {
        let advice = "write one of this machine's own addresses and a port, such as \"192.0.2.1:4001\"";
        problems.add(place, format!("`address` {value:?} cannot be listened on; {advice}"));
        return None;
    };
    if address.ip().is_unspecified() {
        let advice = "write the one address of this machine that the scanners are connected to";
        problems.add(place, format!("`address` {value:?} would listen on every network; {advice}"));
        return None;
    }
    taken.claim("address", value, place, problems)?;
    Some(address)
}

/// Who may connect.
pub(super) fn allow(fields: &Fields<'_>, problems: &mut Problems<'_>) -> Option<Vec<IpAddr>> {
    let given = fields.texts("allow", problems);
    let At { place, value } = fields.required("allow", given, problems)?;
    if value.is_empty() || value.len() > ALLOW_MAX {
        let what = format!("`allow` must name who may connect; write 1 to {ALLOW_MAX} addresses of scanners");
        problems.add(place, what);
        return None;
    }
    let parse = |At { place, value }: At<&str>| {
        let address = value.parse::<IpAddr>().ok();
        if address.is_none() {
            let advice = "write the address of one scanner, such as \"192.0.2.7\"";
            problems.add(place, format!("`allow` {value:?} is no address; {advice}"));
        }
        address
    };
    value.into_iter().map(parse).collect()
}
