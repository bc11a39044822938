//! How the pages are reached.

use super::{STATION, errors, read};

fn check(web: &str, expect: &str) {
    let found = errors(&format!("{web}\n{STATION}"));
    assert!(found.starts_with(expect) && (expect.is_empty() == found.is_empty()), "{web}\n{found}");
}

#[test]
fn a_network_is_listened_on_by_tls_only() {
    let tls = "[web]\ntls_certificate = \"/etc/c.pem\"\ntls_key = \"/etc/k.pem\"";
    for listen in ["0.0.0.0:8470", "192.0.2.7:443", "[::]:8470"] {
        check(
            &format!("listen = \"{listen}\""),
            "a.toml:1:1: passwords and patients' data would cross the network in clear",
        );
        check(&format!("listen = \"{listen}\"\n{tls}"), "");
    }
    check("listen = \"[::1]:8470\"", "");
    check(
        "[web]\ntls_key = \"/etc/k.pem\"",
        "a.toml:2:1: `tls_key` alone is no TLS; add tls_certificate = …",
    );
    check(
        "[web]\ntls_certificate = \"c.pem\"\ntls_key = \"/k.pem\"",
        "a.toml:2:19: `tls_certificate` \"c.pem\" is no absolute path",
    );
}

#[test]
fn a_header_is_believed_from_named_proxies_only() {
    check("[web]\nproxy_header = \"X-Remote-User\"", "a.toml:2:16: anybody could send `proxy_header`");
    check("[web]\nproxy_header = \"X-Remote-User\"\ntrusted_proxies = [\"127.0.0.1\", \"::1\"]", "");
    check(
        "[web]\nproxy_header = \"Remote User\"\ntrusted_proxies = [\"127.0.0.1\"]",
        "a.toml:2:16: `proxy_header` \"Remote User\" is no header",
    );
    check("[web]\ntrusted_proxies = [\"proxy\"]", "a.toml:2:20: `trusted_proxies` \"proxy\" is no address");
    check("[web]\nhosts = [\"a.example:443\"]", "a.toml:2:10: `hosts` \"a.example:443\" is no host's name");
}

#[test]
fn what_is_given_is_in_force() {
    let text = format!(
        "[web]\nhosts = [\"Outguide.Example\"]\nsign_in_idle_s = 60\nsign_in_max_s = 600\ndesk_idle_s = 45\nrestricted_open_s = 90\n{STATION}"
    );
    let web = read(&text).unwrap().web;
    assert_eq!(web.hosts, ["outguide.example"]);
    assert_eq!((web.sign_in.idle.as_secs(), web.sign_in.absolute.as_secs()), (60, 600));
    assert_eq!((web.sign_in.desk_idle.as_secs(), web.sign_in.glass.as_secs()), (45, 90));
}

#[test]
fn a_proxy_that_is_not_believed_is_pointed_out() {
    let check = |web: &str, expect: bool| {
        let advice = read(&format!("{web}\n{STATION}")).unwrap().advice();
        assert_eq!(
            advice.is_some_and(|advice| advice.contains("`trusted_proxies` is empty")),
            expect,
            "{web}"
        );
    };
    check("[web]\nhosts = [\"outguide.example\"]", true);
    check("[web]\nhosts = [\"outguide.example\"]\ntrusted_proxies = [\"127.0.0.1\"]", false);
    check("", false);
    let tls =
        "[web]\nhosts = [\"outguide.example\"]\ntls_certificate = \"/etc/c.pem\"\ntls_key = \"/etc/k.pem\"";
    check(&format!("listen = \"0.0.0.0:443\"\n{tls}"), false);
}
