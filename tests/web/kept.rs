//! What was typed is not lost: when a form is refused, and when the sign-in ends while somebody types.

use crate::room::{Answer, Room};
use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use outguide::access::Role;
use outguide::web::door::{Peer, Rules};

fn keeps(answer: &Answer, what: &[&str]) {
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", answer.body);
    for kept in what {
        assert!(answer.body.contains(kept), "{kept}: {}", answer.body);
    }
}

#[tokio::test]
async fn a_form_that_is_refused_comes_back_as_it_was_filled_in() {
    let room = Room::new(&[("12-34-56", "V1")]).await;
    let fields = [("name", "dock <scanner>"), ("scope", "scan"), ("scope", "work"), ("days", "never")];
    let token = room.post_as(Some(Role::Administrator), "/tokens", &fields).await;
    let name = "value=\"dock &#60;scanner&#62;\"";
    keeps(
        &token,
        &[name, "value=\"scan\" checked", "value=\"work\" checked", "value=\"never\"", "for how many days"],
    );
    assert!(!token.body.contains("value=\"locate\" checked"), "{}", token.body);
    let long = "x".repeat(300);
    let wants = room.post("/schedule/wants", &[("clinic", "2"), ("wants", &long)]).await;
    keeps(&wants, &[&format!("value=\"{long}\""), "value=\"2\" selected", "write at most 200 characters"]);
    room.scan("desk", "V99").await;
    let number = room.post("/work/1/label", &[("number", "no number at all, that is")]).await;
    keeps(&number, &["value=\"no number at all, that is\"", "id=\"number-why\" role=\"alert\""]);
    let why = room.post("/work/1/close", &[("why", "  ")]).await;
    keeps(&why, &["a label leaves the list with a reason"]);
    let merge = room.post("/charts/1/merge", &[("number", "twelve, or thirteen; or so it seems")]).await;
    keeps(&merge, &["value=\"twelve, or thirteen; or so it seems\"", "this is no record number"]);
}

/// A body that is no form is refused with a page of ours, at a locked desk too.
#[tokio::test]
async fn a_broken_form_at_a_desk_is_told_by_a_page() {
    let room = Room::new(&[("12-34-56", "V1")]).await;
    let request =
        room.request("POST", Some(Role::Clerk), "/unlock").header(header::CONTENT_TYPE, "text/plain");
    let answer = room.send(request.body(Body::from("x")).unwrap()).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    assert!(
        answer.body.contains("<h1") && answer.body.contains("the form did not arrive whole"),
        "{}",
        answer.body
    );
}

/// A request, a new chart, a person, a label that nobody knew, a scan typed by hand: after the sign-in, each goes on.
#[tokio::test]
async fn a_sign_in_that_ends_in_the_middle_of_a_form_loses_nothing_of_it() {
    let room = Room::new(&[("12-34-56", "V1")]).await;
    room.scan("desk", "V99").await;
    let forms: [(&str, &[(&str, &str)]); 5] = [
        (
            "/requests",
            &[
                ("q", "12-34-56"),
                ("to", "2"),
                ("requester", "Dr \"Lee\""),
                ("comment", "bring <both>\nplease"),
            ],
        ),
        (
            "/charts/new",
            &[("mrn", "99-88-77"), ("name", "Ünal, Ayşe"), ("born", "1970-12-31"), ("home", "FILE")],
        ),
        ("/people", &[("code", "BEA"), ("name", "Bea & Co")]),
        ("/work/1/label", &[("number", "12-34-56")]),
        (
            "/earlier",
            &[("at", "2026-11-22T09:00"), ("station", "desk"), ("done", "came"), ("lines", "V1\nV2")],
        ),
    ];
    for (address, fields) in forms {
        let over = room.post_as(None, address, fields).await;
        assert_eq!(over.status, StatusCode::UNAUTHORIZED, "{address}");
        assert!(
            over.body.contains(&format!("name=\"send\" value=\"{address}\"")),
            "{address}: {}",
            over.body
        );
        for (name, value) in fields {
            let coded =
                value.replace('&', "&#38;").replace('<', "&#60;").replace('>', "&#62;").replace('"', "&#34;");
            let carried = format!("name=\"carried.{name}\" value=\"{coded}\"");
            assert!(over.body.contains(&carried), "{address} {carried}: {}", over.body);
        }
    }
}

/// Whoever comes in by the hospital's sign-in has no password here, and chooses a PIN for the desks all the same.
#[tokio::test]
async fn who_comes_by_a_proxy_chooses_a_pin() {
    let rules = Rules {
        proxy_header: Some("x-remote-user".parse().unwrap()),
        trusted_proxies: vec!["127.0.0.1".parse().unwrap()],
        ..Rules::default()
    };
    let room = Room::with(&[("12-34-56", "V1")], rules).await;
    room.post("/people", &[("code", "ANN"), ("name", "Ann Miller")]).await;
    let ask = async |method: &str, address: &str, body: &'static str| {
        let mut request = Request::builder().method(method).uri(address).header(header::HOST, "localhost");
        request = request.header("x-remote-user", "clerk");
        request = request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        request.extensions_mut().unwrap().insert(Peer("127.0.0.1".parse().unwrap()));
        room.send(request.body(Body::from(body)).unwrap()).await
    };
    let page = ask("GET", "/account", "").await.body;
    assert!(page.contains("action=\"/account/pin\"") && !page.contains("name=\"password_now\""), "{page}");
    let set = ask("POST", "/account/pin", "badge=ANN&pin=8273&pin_again=8273").await;
    assert_eq!(set.status, StatusCode::OK, "{}", set.body);
    assert!(set.body.contains("The PIN is chosen"), "{}", set.body);
    // Who has a password is still asked for it.
    let without = [("badge", "ANN"), ("pin", "8273"), ("pin_again", "8273")];
    keeps(&room.post("/account/pin", &without).await, &["the password until now is wrong"]);
}
