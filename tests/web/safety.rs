//! What keeps patients' data in and other people's pages out.

use crate::room::Room;
use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use outguide::access::Role;

#[tokio::test]
async fn only_what_is_the_same_for_everybody_is_compressed() {
    let room = Room::new(&[("12-34-56", "V1")]).await;
    let page = room.page("/").await;
    let style = page.split("href=\"/static/").nth(1).unwrap().split('"').next().unwrap();
    for (address, expect) in
        [(format!("/static/{style}"), true), ("/charts/1".into(), false), ("/help".into(), false)]
    {
        let request = room.request("GET", Some(Role::Clerk), &address).header("accept-encoding", "gzip");
        let answer = room.send(request.body(Body::empty()).unwrap()).await;
        assert_eq!(answer.status, StatusCode::OK, "{address}");
        assert_eq!(answer.headers.contains_key(header::CONTENT_ENCODING), expect, "{address}");
    }
}

#[tokio::test]
async fn every_answer_has_the_security_headers() {
    let room = Room::new(&[("12-34-56", "V1")]).await;
    let wrong_host = Request::get("/").header(header::HOST, "evil.example").body(Body::empty()).unwrap();
    let wrong_method = Request::put("/").header(header::HOST, "localhost").body(Body::empty()).unwrap();
    let answers = [
        room.get("/").await,
        room.get("/charts/1").await,
        room.get("/charts/99").await,
        room.get("/nowhere").await,
        room.get("/setup").await,
        room.get("/setup/opticon").await,
        room.get("/setup/nobody").await,
        room.locate("12-34-56").await,
        room.locate("nothing").await,
        room.send(wrong_host).await,
        room.send(wrong_method).await,
    ];
    for answer in answers {
        let header = |name: &str| answer.headers.get(name).map_or("", |value| value.to_str().unwrap());
        let policy = header("content-security-policy");
        assert!(policy.starts_with("default-src 'none';") && !policy.contains("unsafe"), "{policy}");
        assert_eq!(header("x-content-type-options"), "nosniff");
        assert_eq!(header("referrer-policy"), "same-origin");
        assert_eq!(header("cache-control"), "no-store");
        assert_eq!(header("cross-origin-resource-policy"), "same-origin");
        assert!(header("permissions-policy").contains("camera=()"));
        assert!(!answer.body.contains(" style=") && !answer.body.contains(" onclick="));
    }
}

#[tokio::test]
async fn static_files_are_kept_for_ever_under_their_own_hash_only() {
    let room = Room::new(&[]).await;
    let page = room.page("/").await;
    let addresses: Vec<_> =
        page.split('"').filter(|part| part.starts_with("/static/")).map(str::to_owned).collect();
    assert_eq!(addresses.len(), 3, "{addresses:?}");
    for address in addresses {
        let answer = room.get(&address).await;
        assert_eq!(answer.status, StatusCode::OK);
        assert!(answer.headers[header::CACHE_CONTROL].to_str().unwrap().contains("immutable"), "{address}");
        assert_eq!(answer.headers["x-content-type-options"], "nosniff");
        let name = address.rsplit('/').next().unwrap();
        let other = room.get(&format!("/static/000000/{name}")).await;
        assert_eq!(other.headers[header::CACHE_CONTROL], "no-store", "{address}");
    }
}

async fn check_host(host: &[&str], expect: StatusCode) {
    let room = Room::new(&[]).await;
    let mut request = Request::get("/help");
    for host in host {
        request = request.header(header::HOST, *host);
    }
    assert_eq!(room.send(request.body(Body::empty()).unwrap()).await.status, expect, "{host:?}");
}

#[tokio::test]
async fn only_names_of_this_machine_are_answered() {
    for host in ["localhost", "localhost:8470", "127.0.0.1:8470", "[::1]:8470"] {
        check_host(&[host], StatusCode::OK).await;
    }
    for host in ["evil.example", "evil.example:8470", "localhost:81", "127.0.0.1.evil.example:8470", ""] {
        check_host(&[host], StatusCode::MISDIRECTED_REQUEST).await;
    }
    check_host(&[], StatusCode::MISDIRECTED_REQUEST).await;
    check_host(&["localhost", "evil.example"], StatusCode::MISDIRECTED_REQUEST).await;
}

async fn check_post(headers: &[(&str, &str)], expect: StatusCode) {
    let room = Room::new(&[]).await;
    let mut request = room
        .request("POST", Some(Role::Supervisor), "/locate")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    assert_eq!(room.send(request.body(Body::from("q=1")).unwrap()).await.status, expect, "{headers:?}");
}

#[tokio::test]
async fn forms_of_other_sites_are_refused() {
    check_post(&[("sec-fetch-site", "cross-site")], StatusCode::FORBIDDEN).await;
    check_post(&[("sec-fetch-site", "same-site")], StatusCode::FORBIDDEN).await;
    check_post(&[("origin", "http://evil.example")], StatusCode::FORBIDDEN).await;
    check_post(&[("origin", "null")], StatusCode::FORBIDDEN).await;
    check_post(&[("sec-fetch-site", "same-origin")], StatusCode::OK).await;
    check_post(&[("origin", "http://localhost:8470")], StatusCode::OK).await;
    check_post(&[], StatusCode::OK).await;
}

#[tokio::test]
async fn hostile_labels_are_shown_and_do_nothing() {
    let room = Room::new(&[]).await;
    let script = "<script>alert(1)</script>";
    let others =
        ["'; drop table volume; --", "\u{1b}]0;owned\u{7}", "\u{202e}gpj.exe", "\" onfocus=x \"", "{{7*7}}"];
    room.scan("desk", script).await;
    for label in others {
        room.scan("desk", label).await;
    }
    for address in ["/work", "/stations/desk"] {
        let page = room.page(address).await;
        assert!(page.contains("&#60;script&#62;alert(1)&#60;/script&#62;"), "{address}: {page}");
        assert!(
            page.contains("<U+202E>gpj.exe".replace('<', "&#60;").replace('>', "&#62;").as_str()),
            "{page}"
        );
        // A code with control characters is refused as damaged, and so on no work list.
        assert_eq!(page.contains("␛]0;owned␇"), address != "/work", "{page}");
        assert!(page.contains("drop table volume"), "{page}");
        let scripts = page.matches("<script").count();
        assert_eq!(scripts, page.matches("<script src=\"/static/").count(), "a script of somebody else");
        assert_eq!(scripts, if address == "/work" { 1 } else { 2 });
        for bad in ["\u{202e}", "\u{1b}", "\" onfocus"] {
            assert!(!page.contains(bad), "{address} has {bad:?}");
        }
    }
    for address in ["/custodians", "/custodians/3"] {
        let page = room.page(address).await;
        assert!(page.contains("&#60;img src=x onerror=alert(1)&#62; &#60;U+202E&#62;draw␛[2J"), "{page}");
        assert!(!page.contains("<img") && !page.contains('\u{202e}') && !page.contains('\u{1b}'), "{page}");
    }
    let answer = room.locate(script).await;
    assert!(answer.body.contains("value=\"&#60;script&#62;"), "{}", answer.body);
    assert_eq!(answer.body.matches("<script").count(), 1);
    let long = format!("V{}", "9".repeat(40_000));
    assert!(room.locate(&long).await.body.len() < 50 * 1024);
}

#[tokio::test]
async fn record_numbers_are_in_no_address_and_no_title() {
    let mrn = "12-34-56";
    let room = Room::new(&[(mrn, "V1"), (mrn, "V2")]).await;
    room.scan("clinic", "V1").await;
    for text in [mrn, "123456", "V1", "V2"] {
        let location = room.locate(text).await.location().to_owned();
        assert!(location.starts_with("/charts/1?") && !location.contains("34"), "{location}");
    }
    let addresses =
        ["/", "/charts/1", "/custodians/1", "/custodians/2", "/stations/clinic", "/stations", "/work"];
    for address in addresses {
        let page = room.page(address).await;
        let links = page.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next());
        let title = page.split("<title>").nth(1).and_then(|rest| rest.split("</title>").next());
        for text in links.chain(title) {
            assert!(!text.contains("34-56") && !text.contains("123456"), "{address}: {text}");
        }
    }
}
