//! Coming in, staying in, and being kept out.

use crate::room::{Answer, Room};
use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use outguide::access::{AccountName, Role};
use outguide::secret::{draw_code, hash_of_code};
use outguide::store::{NewAccount, Viewed};
use outguide::web::door::{Peer, Rules};
use std::time::Duration;

pub(crate) const PASSWORD: &str = "kettle orbit lantern snow";

pub(crate) async fn room() -> Room {
    let room = Room::with(&[("12-34-56", "V1")], Rules::default()).await;
    add(&room, "ann", Role::Clerk).await;
    room
}

/// Makes an account with the password above.
pub(crate) async fn add(room: &Room, name: &str, role: Role) {
    let new = NewAccount {
        name: AccountName::parse(name).unwrap(),
        full_name: "Ann Clerk".into(),
        role,
        station: None,
    };
    let code = draw_code().unwrap();
    room.app.store.add_account(new, hash_of_code(&code), None).await.unwrap();
    let fields = [("code", code.as_str()), ("password", PASSWORD), ("password_again", PASSWORD)];
    let answer = room.post_as(None, "/code", &fields).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
}

pub(crate) async fn try_to_sign_in(room: &Room, name: &str, password: &str) -> Answer {
    room.post_as(None, "/sign-in", &[("name", name), ("password", password)]).await
}

fn cookie_of(answer: &Answer) -> String {
    let set = answer.headers[header::SET_COOKIE].to_str().unwrap();
    set.split(';').next().unwrap().to_owned()
}

async fn get_with(room: &Room, cookie: &str, address: &str) -> Answer {
    let request = Request::get(address).header(header::HOST, "localhost:8470").header(header::COOKIE, cookie);
    room.send(request.body(Body::empty()).unwrap()).await
}

/// What the audit log says, the newest last.
async fn audit(room: &Room) -> Vec<String> {
    // The notes ride along with this transaction.
    room.app.store.viewed(None, Viewed::Audit, "by the test").unwrap();
    room.app.store.end_sign_ins(outguide::access::AccountId(1), None, "test".into()).await.unwrap();
    room.rows("select action || ' ' || coalesce(actor, '-') || ' ' || coalesce(detail, '') from audit order by audit_no")
}

/// What was looked up of a sign-in must not answer for a token: a token has no computer that it belongs to, and is never idle.
#[tokio::test]
async fn a_cookie_is_no_token_and_a_token_no_cookie() {
    let room = room().await;
    let cookie = cookie_of(&try_to_sign_in(&room, "ann", PASSWORD).await);
    assert_eq!(get_with(&room, &cookie, "/work").await.status, StatusCode::OK);
    let value = cookie.split_once('=').unwrap().1;
    let by_bearer = async |token: &str| {
        let request = Request::get("/api/v1/work-items")
            .header(header::HOST, "localhost:8470")
            .header(header::AUTHORIZATION, format!("Bearer {token}"));
        room.send(request.body(Body::empty()).unwrap()).await.status
    };
    assert_eq!(by_bearer(value).await, StatusCode::UNAUTHORIZED);
    let token = crate::token::token(&room.app.store, &[outguide::access::Permission::Work]).await;
    assert_eq!(by_bearer(&token).await, StatusCode::OK);
    let as_cookie = get_with(&room, &format!("__Host-outguide={token}"), "/work").await;
    assert_eq!(as_cookie.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_password_opens_and_signing_out_closes() {
    let room = room().await;
    let answer = try_to_sign_in(&room, " ANN ", PASSWORD).await;
    assert_eq!((answer.status, answer.location()), (StatusCode::SEE_OTHER, "/"));
    let set = answer.headers[header::SET_COOKIE].to_str().unwrap();
    assert!(set.starts_with("__Host-outguide=") && set.contains("; Secure; HttpOnly; SameSite=Lax"), "{set}");
    let cookie = cookie_of(&answer);
    let page = get_with(&room, &cookie, "/").await;
    assert!(page.status == StatusCode::OK && page.body.contains("Ann Clerk"), "{}", page.body);
    assert!(!page.body.contains("Accounts"), "a clerk's menu has only what a clerk may open");
    let request =
        Request::post("/sign-out").header(header::HOST, "localhost").header(header::COOKIE, &cookie);
    let out = room.send(request.body(Body::empty()).unwrap()).await;
    assert_eq!(out.location(), "/sign-in");
    // The cookie is replayed.
    let again = get_with(&room, &cookie, "/charts/1").await;
    assert_eq!(again.status, StatusCode::UNAUTHORIZED);
    assert!(
        again.body.contains("this sign-in was ended") && !again.body.contains("12-34-56"),
        "{}",
        again.body
    );
    let audit = audit(&room).await;
    assert!(audit.iter().any(|row| row.starts_with("refused ann a cookie (ended)")), "{audit:?}");
    assert!(audit.iter().any(|row| row.starts_with("sign-in ann sign-in")), "{audit:?}");
    assert!(!audit.concat().contains(PASSWORD));
}

#[tokio::test]
async fn a_wrong_name_and_a_wrong_password_are_told_alike() {
    let room = room().await;
    let told = |answer: Answer| {
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
        answer.body.replace("value=\"ann\"", "").replace("value=\"nobody\"", "")
    };
    let wrong = told(try_to_sign_in(&room, "ann", "wrong").await);
    assert!(wrong.contains("name or password is wrong"), "{wrong}");
    assert_eq!(wrong, told(try_to_sign_in(&room, "nobody", "wrong").await));
    // A password typed into the field for the name gets nowhere.
    try_to_sign_in(&room, PASSWORD, "").await;
    assert!(!audit(&room).await.concat().contains(PASSWORD));
}

#[tokio::test]
async fn a_live_stream_and_a_page_that_loads_itself_do_not_keep_a_sign_in() {
    for (address, accept) in [("/api/v1/changes", "text/event-stream"), ("/stations/desk?live", "text/html")]
    {
        let room = room().await;
        let cookie = cookie_of(&try_to_sign_in(&room, "ann", PASSWORD).await);
        for _ in 0..2 {
            room.app.clock.advance(Duration::from_secs(20 * 60));
            let request =
                Request::get(address).header(header::HOST, "localhost").header(header::COOKIE, &cookie);
            room.status(request.header(header::ACCEPT, accept).body(Body::empty()).unwrap()).await;
        }
        assert_eq!(
            get_with(&room, &cookie, "/work").await.status,
            StatusCode::UNAUTHORIZED,
            "{address} kept it"
        );
    }
    let page = Room::new(&[]).await.page("/stations/desk").await;
    assert!(page.contains("content=\"5;url=/stations/desk?live\""), "{page}");
}

#[tokio::test]
async fn a_code_ends_the_sign_in_that_the_browser_had() {
    let room = room().await;
    let cookie = cookie_of(&try_to_sign_in(&room, "ann", PASSWORD).await);
    let new = NewAccount {
        name: AccountName::parse("ben").unwrap(),
        full_name: "Ben Clerk".into(),
        role: Role::Clerk,
        station: None,
    };
    let code = draw_code().unwrap();
    room.app.store.add_account(new, hash_of_code(&code), None).await.unwrap();
    let request = Request::post("/code")
        .header(header::HOST, "localhost:8470")
        .header(header::COOKIE, &cookie)
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
    let password = PASSWORD.replace(' ', "+");
    let form = format!("code={code}&password={password}&password_again={password}");
    assert_eq!(room.send(request.body(Body::from(form)).unwrap()).await.status, StatusCode::SEE_OTHER);
    assert_eq!(get_with(&room, &cookie, "/work").await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn an_idle_sign_in_ends_and_a_page_that_asks_by_itself_does_not_keep_it() {
    let room = room().await;
    let cookie = cookie_of(&try_to_sign_in(&room, "ann", PASSWORD).await);
    for _ in 0..30 {
        room.app.clock.advance(Duration::from_secs(20 * 60));
        assert_eq!(get_with(&room, &cookie, "/work").await.status, StatusCode::OK);
    }
    room.app.clock.advance(Duration::from_secs(20 * 60));
    let request = Request::get("/work")
        .header(header::HOST, "localhost")
        .header(header::COOKIE, &cookie)
        .header("x-outguide-refresh", "1");
    assert_eq!(room.send(request.body(Body::empty()).unwrap()).await.status, StatusCode::OK);
    room.app.clock.advance(Duration::from_secs(11 * 60));
    let over = get_with(&room, &cookie, "/work").await;
    assert_eq!(over.status, StatusCode::UNAUTHORIZED);
    assert!(over.body.contains("nothing was done for a while"), "{}", over.body);
}

#[tokio::test]
async fn after_twelve_hours_everybody_signs_in_again() {
    let room = room().await;
    let cookie = cookie_of(&try_to_sign_in(&room, "ann", PASSWORD).await);
    for _ in 0..35 {
        room.app.clock.advance(Duration::from_secs(20 * 60));
        assert_eq!(get_with(&room, &cookie, "/work").await.status, StatusCode::OK);
    }
    room.app.clock.advance(Duration::from_secs(20 * 60));
    assert!(get_with(&room, &cookie, "/work").await.body.contains("one working day"));
}

#[tokio::test]
async fn forged_and_stolen_cookies_open_nothing_and_are_written_down() {
    let room = room().await;
    let cookie = cookie_of(&try_to_sign_in(&room, "ann", PASSWORD).await);
    let forged = format!("__Host-outguide={}", "0".repeat(64));
    for bad in [forged.as_str(), "__Host-outguide=", "outguide=1", &format!("{cookie}; {cookie}")] {
        let answer = get_with(&room, bad, "/charts/1").await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{bad}");
        assert!(!answer.body.contains("12-34-56"));
    }
    // Another computer has the cookie.
    let mut request =
        Request::get("/charts/1").header(header::HOST, "localhost").header(header::COOKIE, &cookie);
    request.extensions_mut().unwrap().insert(Peer("192.0.2.66".parse().unwrap()));
    let stolen = room.send(request.body(Body::empty()).unwrap()).await;
    assert_eq!(stolen.status, StatusCode::UNAUTHORIZED);
    assert!(stolen.body.contains("belongs to another computer"));
    // Its owner goes on.
    assert_eq!(get_with(&room, &cookie, "/charts/1").await.status, StatusCode::OK);
    let audit = audit(&room).await;
    assert!(audit.iter().any(|row| row.starts_with("refused - a cookie (unknown)")), "{audit:?}");
    assert!(audit.iter().any(|row| row == "refused ann a cookie (elsewhere) from 192.0.2.66"), "{audit:?}");
}

#[tokio::test]
async fn a_form_that_comes_after_the_sign_in_has_ended_is_carried_along() {
    let room = room().await;
    room.scan("desk", "V77").await;
    let typed = "found behind \"shelf\" <7> & re-labelled";
    let answer = room.post_as(None, "/work/1/close", &[("why", typed), ("password", "x")]).await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    assert!(answer.body.contains("is not lost"), "{}", answer.body);
    assert!(answer.body.contains("name=\"send\" value=\"/work/1/close\""), "{}", answer.body);
    assert!(answer.body.contains("name=\"carried.why\""), "{}", answer.body);
    assert!(!answer.body.contains("carried.password"));
    assert_eq!(room.rows("select count(*) from work_item where closed_at_us is null"), ["1"]);
    let fields = [("name", "ann"), ("password", PASSWORD), ("send", "/work/1/close"), ("carried.why", typed)];
    let again = room.post_as(None, "/sign-in", &fields).await;
    assert_eq!(again.status, StatusCode::OK);
    assert!(again.body.contains("action=\"/work/1/close\""), "{}", again.body);
    assert!(
        again
            .body
            .contains("name=\"why\" value=\"found behind &#34;shelf&#34; &#60;7&#62; &#38; re-labelled\""),
        "{}",
        again.body
    );
    // A wrong password in between loses nothing either.
    let wrong = [("name", "ann"), ("password", "no"), ("send", "/work/1/close"), ("carried.why", typed)];
    assert!(room.post_as(None, "/sign-in", &wrong).await.body.contains("name=\"carried.why\""));
    // Nobody is led away by it.
    let away = [("name", "ann"), ("password", PASSWORD), ("to", "//evil.example")];
    assert_eq!(room.post_as(None, "/sign-in", &away).await.location(), "/");
}

#[tokio::test]
async fn a_proxys_header_counts_from_the_proxy_alone() {
    let rules = Rules {
        proxy_header: Some("x-remote-user".parse().unwrap()),
        trusted_proxies: vec!["127.0.0.1".parse().unwrap()],
        ..Rules::default()
    };
    let room = Room::with(&[("12-34-56", "V1")], rules).await;
    let ask = async |peer: Option<&str>, names: &[&str]| {
        let mut request = Request::get("/charts/1").header(header::HOST, "localhost");
        for name in names {
            request = request.header("x-remote-user", *name);
        }
        if let Some(peer) = peer {
            request.extensions_mut().unwrap().insert(Peer(peer.parse().unwrap()));
        }
        room.send(request.body(Body::empty()).unwrap()).await
    };
    assert_eq!(ask(Some("127.0.0.1"), &["Clerk"]).await.status, StatusCode::OK);
    let unknown = ask(Some("127.0.0.1"), &["stranger"]).await;
    assert_eq!(unknown.status, StatusCode::FORBIDDEN);
    assert!(unknown.body.contains("have no account here"), "{}", unknown.body);
    for (peer, names) in [
        (Some("192.0.2.9"), &["clerk"] as &[&str]),
        (None, &["clerk"]),
        (Some("127.0.0.1"), &["clerk", "supervisor"]),
        (Some("127.0.0.1"), &["display"]),
        (Some("127.0.0.1"), &[""]),
    ] {
        let answer = ask(peer, names).await;
        assert!(!answer.status.is_success(), "{peer:?} {names:?}: {}", answer.status);
    }
    let audit = audit(&room).await;
    assert!(audit.iter().any(|row| row.contains("a proxy's header from 192.0.2.9")), "{audit:?}");
}

#[tokio::test]
async fn a_code_works_once_and_a_reset_ends_what_was_open() {
    let room = room().await;
    let cookie = cookie_of(&try_to_sign_in(&room, "ann", PASSWORD).await);
    let page = room.get_as(Some(Role::Administrator), "/accounts").await.body;
    let id = page.split("/accounts/").find_map(|part| {
        let id = part.split('/').next()?;
        page.contains(&format!("/accounts/{id}/reset")).then(|| id.to_owned())
    });
    assert!(id.is_some());
    let ann = room.rows("select account_id from account where name = 'ann'")[0].clone();
    let reset = room.post_as(Some(Role::Administrator), &format!("/accounts/{ann}/reset"), &[]).await;
    let code =
        reset.body.split("<p class=\"what code\">").nth(1).unwrap().split('<').next().unwrap().to_owned();
    assert_eq!(get_with(&room, &cookie, "/work").await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(try_to_sign_in(&room, "ann", PASSWORD).await.status, StatusCode::UNAUTHORIZED);
    let weak = [("code", code.as_str()), ("password", "password1234"), ("password_again", "password1234")];
    assert!(room.post_as(None, "/code", &weak).await.body.contains("among the first that are tried"));
    let good = [("code", code.as_str()), ("password", PASSWORD), ("password_again", PASSWORD)];
    assert_eq!(room.post_as(None, "/code", &good).await.status, StatusCode::SEE_OTHER);
    assert_eq!(room.post_as(None, "/code", &good).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    room.app.clock.advance(Duration::from_secs(73 * 3600));
}

#[tokio::test]
async fn a_role_that_changes_and_an_account_that_closes_end_what_was_open() {
    let room = room().await;
    let ann = room.rows("select account_id from account where name = 'ann'")[0].clone();
    let cookie = cookie_of(&try_to_sign_in(&room, "ann", PASSWORD).await);
    let set = room
        .post_as(Some(Role::Administrator), &format!("/accounts/{ann}/role"), &[("role", "requester")])
        .await;
    assert_eq!(set.location(), "/accounts", "{}", set.body);
    assert_eq!(get_with(&room, &cookie, "/work").await.status, StatusCode::UNAUTHORIZED);
    let cookie = cookie_of(&try_to_sign_in(&room, "ann", PASSWORD).await);
    let refused = get_with(&room, &cookie, "/work").await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    assert!(refused.body.contains("not allowed to do the file room&#39;s work"), "{}", refused.body);
    room.post_as(Some(Role::Administrator), &format!("/accounts/{ann}/close"), &[]).await;
    assert_eq!(get_with(&room, &cookie, "/account").await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(try_to_sign_in(&room, "ann", PASSWORD).await.status, StatusCode::UNAUTHORIZED);
    let audit = audit(&room).await;
    assert!(audit.iter().any(|row| row == "refused ann GET /work: needs work"), "{audit:?}");
    assert!(
        audit.iter().any(|row| row == &format!("account administrator account {ann} closed")),
        "{audit:?}"
    );
}

#[tokio::test]
async fn a_screen_sees_its_own_station_and_no_whole_number() {
    let room = Room::with(&[("12-34-56", "V1")], Rules::default()).await;
    room.scan("desk", "V1").await;
    room.scan("desk", "V4711-unknown").await;
    room.app.clock.advance(Duration::from_secs(300 * 24 * 3600));
    let board = room.get_as(Some(Role::Display), "/stations/desk").await;
    assert_eq!(board.status, StatusCode::OK, "{}", board.body);
    assert!(board.body.contains("…4-56"), "{}", board.body);
    for kept in ["12-34-56", "V4711", ">V1<", "href=\"/charts", "/keyed"] {
        assert!(!board.body.contains(kept), "{kept} is on a screen: {}", board.body);
    }
    assert!(board.headers[header::SET_COOKIE].to_str().unwrap().contains("Max-Age=34560000"));
    assert_eq!(room.get_as(Some(Role::Display), "/stations/clinic").await.status, StatusCode::NOT_FOUND);
    assert_eq!(room.get_as(Some(Role::Display), "/").await.location(), "/stations/desk");
}

#[tokio::test]
async fn the_first_administrator_is_made_by_the_code_of_the_start_and_only_once() {
    let room = Room::empty().await;
    let code = draw_code().unwrap();
    room.app.door.set_first_code(hash_of_code(&code));
    assert_eq!(room.get_as(None, "/sign-in").await.location(), "/first");
    let fields = |code: &'static str| {
        [
            ("code", code),
            ("name", "root.admin"),
            ("full_name", "Ada Admin"),
            ("password", PASSWORD),
            ("password_again", PASSWORD),
        ]
    };
    let wrong = room.post_as(None, "/first", &fields("AAAAA-BBBBB-CCCCC-DDDDD")).await;
    assert!(
        wrong.status == StatusCode::UNPROCESSABLE_ENTITY && wrong.body.contains("not the code of this start")
    );
    let code: &'static str = code.leak();
    let made = room.post_as(None, "/first", &fields(code)).await;
    assert_eq!(made.status, StatusCode::OK, "{}", made.body);
    assert_eq!(try_to_sign_in(&room, "root.admin", PASSWORD).await.status, StatusCode::SEE_OTHER);
    assert!(!room.post_as(None, "/first", &fields(code)).await.status.is_success());
    assert_eq!(room.get_as(None, "/first").await.location(), "/sign-in");
}

#[tokio::test]
async fn every_view_of_a_chart_is_written_down_by_its_number_in_the_database() {
    let room = Room::with(&[("12-34-56", "V1")], Rules::default()).await;
    room.locate("12-34-56").await;
    room.get("/charts/1").await;
    room.get("/charts/1").await;
    room.get("/custodians/1").await;
    room.get("/stations/desk").await;
    room.get("/volumes/1/label").await;
    let audit = audit(&room).await;
    let seen: Vec<_> = audit.iter().filter(|row| row.starts_with("view supervisor")).collect();
    assert_eq!(
        seen,
        [
            "view supervisor search found chart 1",
            "view supervisor open chart 1 volume 1",
            "view supervisor list custodian 1",
            "view supervisor board station desk",
            "view supervisor print chart 1, label of volume 1",
        ]
    );
    assert!(!audit.concat().contains("34-56"), "{audit:?}");
}
