//! What was typed is not lost: when a form is refused, and when the sign-in ends while somebody types.

use crate::room::{Answer, Room};
use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use outguide::access::Role;
use outguide::web::door::{Peer, Rules};

fn keeps(answer: &Answer, what: &[&str]) {
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", answer.body);
    has(answer, what);
}

fn has(answer: &Answer, what: &[&str]) {
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

/// What is shown of it cannot act on the page, and keeps its lines.
#[tokio::test]
async fn what_was_typed_is_shown_by_signs_where_it_could_act() {
    let room = Room::new(&[("12-34-56", "V1")]).await;
    let hostile = "to \u{1b}[31m\u{202e}left\u{9b}\r\nsecond\tline\0";
    for typed in [hostile.to_owned(), format!("{hostile}{}", "x".repeat(2000))] {
        let refused = room.post("/volumes/1/home", &[("home", &typed)]).await;
        assert_eq!(refused.status, StatusCode::BAD_REQUEST);
        has(&refused, &["<dd>to ␛[31m&#60;U+202E&#62;left&#60;U+009B&#62;\nsecond\tline␀"]);
        let raw = refused.body.contains(['\u{1b}', '\u{202e}', '\u{9b}', '\0']);
        assert!(!raw, "{}", refused.body);
    }
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

/// It arrived whole: who is told that it did not looks for the fault in the network.
#[tokio::test]
async fn a_form_with_words_where_a_number_must_be_is_told_so() {
    let room = Room::new(&[("12-34-56", "V1")]).await;
    for fields in [[("into", "the second folder")], [("folder", "2")]] {
        let answer = room.post("/charts/1/unite", &fields).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST);
        has(&answer, &["the form lacks a field, or has one that Outguide cannot read"]);
    }
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

/// Each form of a chart's page of changes: what was typed stands there again, and what is wrong beside its field.
#[tokio::test]
async fn a_form_of_a_charts_changes_that_is_refused_comes_back_with_its_wrong_field_named() {
    let room =
        Room::of_patients(&[("12-34-56", "V1", "Old, Name", "1970-01-02"), ("65-43-21", "V2", "", "")]).await;
    let wrong = |form: &str, field: &str| format!("id=\"{form}-{field}-why\" role=\"alert\"");
    let check = async |address: &str, fields: &[(&str, &str)], kept: &[&str], (form, field): (&str, &str)| {
        let answer = room.post(address, fields).await;
        assert!([409, 422].contains(&answer.status.as_u16()), "{}", answer.body);
        has(&answer, kept);
        has(&answer, &[&wrong(form, field), &format!("aria-describedby=\"{form}-{field}-why\" autofocus")]);
    };
    let future = [("name", "Ünal, <Ayşe>"), ("born", "2099-01-01")];
    let kept = ["value=\"Ünal, &#60;Ayşe&#62;\"", "value=\"2099-01-01\"", "still to come"];
    check("/charts/1/patient", &future, &kept, ("patient", "born")).await;
    let long = "x".repeat(121);
    let kept = [&*format!("value=\"{long}\""), "longer than 120 characters"];
    check("/charts/1/patient", &[("name", &long), ("born", "")], &kept, ("patient", "name")).await;
    let no_number = "value=\"no number, or so it would seem to me\"";
    let typed = [("number", "no number, or so it would seem to me")];
    check("/charts/1/number", &typed, &[no_number], ("number", "number")).await;
    check(
        "/charts/1/number",
        &[("number", "65-43-21")],
        &["value=\"65-43-21\"", "merge the two"],
        ("number", "number"),
    )
    .await;
    check(
        "/charts/1/merge",
        &[("number", "77-77-77")],
        &["value=\"77-77-77\"", "no chart"],
        ("merge", "number"),
    )
    .await;
    let label = [("at", "2"), ("label", "nobody's")];
    check(
        "/charts/1/volumes",
        &label,
        &["nobody&#39;s</textarea>", "value=\"2\" selected"],
        ("volumes", "label"),
    )
    .await;
    check(
        "/charts/1/temporary",
        &label,
        &["value=\"nobody&#39;s\"", "value=\"2\" selected"],
        ("temporary", "label"),
    )
    .await;
    check(
        "/charts/1/volumes",
        &[("at", ""), ("label", "V77")],
        &["V77</textarea>", "choose where"],
        ("volumes", "at"),
    )
    .await;
    check("/volumes/1/labels", &[("label", "nobody's")], &["value=\"nobody&#39;s\""], ("label-1", "label"))
        .await;
    check(
        "/volumes/1/life",
        &[("life", "retired"), ("why", &long)],
        &[&format!("value=\"{long}\"")],
        ("life-1", "why"),
    )
    .await;
    // What the rules are against as a whole says so at the head, and still loses nothing.
    let taken = room.post("/volumes/1/labels", &[("label", "V2")]).await;
    assert_eq!(taken.status, StatusCode::CONFLICT, "{}", taken.body);
    assert!(
        taken.body.contains("Nothing was changed:</strong>") && taken.body.contains("value=\"V2\""),
        "{}",
        taken.body
    );
}

/// Forms whose page does not come back by itself: what was typed stands on the page that says why.
#[tokio::test]
async fn a_refusal_shows_what_was_typed() {
    let room = Room::new(&[("12-34-56", "V1")]).await;
    room.sql("update volume set missing_since_us = 1 where volume_id = 1");
    let answer = room
        .post("/requests/99", &[("step", "cancelled"), ("why", "the <ward> called"), ("seen", "1")])
        .await;
    assert!(answer.status.is_client_error(), "{}", answer.body);
    assert!(
        answer.body.contains("What you had typed")
            && answer.body.contains("<dd>the &#60;ward&#62; called</dd>"),
        "{}",
        answer.body
    );
    assert!(!answer.body.contains("<dt>seen</dt>"), "{}", answer.body);
    // Passwords are given back by no page.
    let password = [("password_now", "geheim"), ("password", "geheimer"), ("password_again", "other")];
    assert!(!room.post("/account/password", &password).await.body.contains("geheim"));
}

/// A schedule that was sent after the sign-in had ended: a file that is a text and not too large goes on as if pasted.
#[tokio::test]
async fn a_schedule_that_was_sent_too_late_is_not_lost() {
    let room = Room::new(&[("12-34-56", "V1")]).await;
    let body = |file: &str| {
        let part = |name: &str, rest: &str, value: &str| {
            format!("--edge\r\nContent-Disposition: form-data; name=\"{name}\"{rest}\r\n\r\n{value}\r\n")
        };
        let file = part("file", "; filename=\"day.csv\"\r\nContent-Type: text/csv", file);
        Body::from(format!("{file}{}{}--edge--\r\n", part("text", "", ""), part("map", "", "start=Time")))
    };
    let send = async |role, file: &str| {
        let request = room.request("POST", role, "/schedule");
        let request = request.header(header::CONTENT_TYPE, "multipart/form-data; boundary=edge");
        room.send(request.body(body(file)).unwrap()).await
    };
    let over = send(None, "mrn,clinic,Time\n12-34-56,CLIN,\"2026-11-22T14:00\"\n").await;
    assert_eq!(over.status, StatusCode::UNAUTHORIZED);
    for kept in [
        "name=\"send\" value=\"/schedule\"",
        "name=\"carried.map\" value=\"start=Time\"",
        "name=\"carried.text\" value=\"mrn,clinic,Time\n12-34-56,CLIN,&#34;2026-11-22T14:00&#34;\n\"",
        "is not lost",
    ] {
        assert!(over.body.contains(kept), "{kept}: {}", over.body);
    }
    // What cannot be carried is told, and the way back to the form is kept.
    let large = send(None, &"12-34-56,CLIN,2026-11-22T14:00\n".repeat(4000)).await;
    assert_eq!(large.status, StatusCode::UNAUTHORIZED);
    assert!(
        large.body.contains("choose the file again")
            && large.body.contains("name=\"to\" value=\"/schedule\""),
        "{}",
        large.body
    );
}

/// The hour of a reason is over while somebody types: the reason is asked again, and the form comes back.
#[tokio::test]
async fn a_form_for_a_chart_that_has_closed_meanwhile_is_carried_through_the_reason() {
    let room = Room::of_patients(&[("12-34-56", "V1", "Old, Name", "1970-01-02")]).await;
    let restrict = [("restricted", "yes"), ("why", "a member of the staff")];
    room.post_as(Some(Role::Privacy), "/charts/1/restriction", &restrict).await;
    let right = [("name", "New, <Name>"), ("born", "1970-01-03")];
    let closed = room.post("/charts/1/patient", &right).await;
    assert_eq!(closed.status, StatusCode::FORBIDDEN);
    for kept in [
        "name=\"send\" value=\"/charts/1/patient\"",
        "name=\"carried.name\" value=\"New, &#60;Name&#62;\"",
        "is not lost",
    ] {
        assert!(closed.body.contains(kept), "{kept}: {}", closed.body);
    }
    assert!(!closed.body.contains("Old, Name"), "{}", closed.body);
    let carried = |why: &'static str| {
        [
            ("why", why),
            ("to", "/charts/1"),
            ("send", "/charts/1/patient"),
            ("carried.name", "New, <Name>"),
            ("carried.born", "1970-01-03"),
        ]
    };
    let short = room.post("/charts/1/open", &carried("x")).await;
    keeps(
        &short,
        &["value=\"x\" aria-invalid", "3 to 200 characters", "name=\"carried.born\" value=\"1970-01-03\""],
    );
    let open = room.post("/charts/1/open", &carried("the ward called")).await;
    assert_eq!(open.status, StatusCode::OK);
    for kept in ["action=\"/charts/1/patient\"", "name=\"name\" value=\"New, &#60;Name&#62;\"", "Send it now"]
    {
        assert!(open.body.contains(kept), "{kept}: {}", open.body);
    }
    assert_eq!(room.post("/charts/1/patient", &right).await.status, StatusCode::SEE_OTHER);
    // Nobody is sent to another site.
    let elsewhere = [("why", "the ward called"), ("send", "//evil.example/x"), ("carried.a", "b")];
    let elsewhere = room.post("/charts/1/open", &elsewhere).await;
    assert_eq!((elsewhere.status, elsewhere.location()), (StatusCode::SEE_OTHER, "/charts/1"));
}
