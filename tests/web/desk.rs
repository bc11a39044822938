//! A desk that many share: badge and PIN show names and numbers, leaving it alone hides them, and scanning never stops.

use crate::room::{Answer, Room};
use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use outguide::access::{AccountName, Role};
use outguide::secret::{draw_code, hash_of_code};
use outguide::store::NewAccount;
use outguide::tracking::Verdict;
use outguide::web::door::Rules;
use std::time::Duration;

const PASSWORD: &str = "kettle orbit lantern snow";
const BADGE: &str = "P1";

/// Somebody at the browser of the station "desk", with the cookies that it has been given.
struct Desk<'a> {
    room: &'a Room,
    cookies: String,
}

impl Desk<'_> {
    async fn ask(&mut self, request: axum::http::request::Builder, body: String) -> Answer {
        let request = request.header(header::HOST, "localhost:8470").header(header::COOKIE, &self.cookies);
        let answer = self.room.send(request.body(Body::from(body)).unwrap()).await;
        for set in answer.headers.get_all(header::SET_COOKIE) {
            let pair = set.to_str().unwrap().split(';').next().unwrap();
            if let Some(value) = pair.strip_prefix("__Host-outguide-desk=") {
                let screen = self.cookies.split("; ").next().unwrap().to_owned();
                self.cookies = format!("{screen}; __Host-outguide-desk={value}");
            }
        }
        answer
    }

    async fn get(&mut self, address: &str) -> Answer {
        self.ask(Request::get(address), String::new()).await
    }

    async fn post(&mut self, address: &str, fields: &[(&str, &str)]) -> Answer {
        let coded = |text: &str| text.bytes().map(|byte| format!("%{byte:02X}")).collect::<String>();
        let fields: Vec<_> = fields.iter().map(|(name, value)| format!("{name}={}", coded(value))).collect();
        let kind = "application/x-www-form-urlencoded";
        self.ask(Request::post(address).header(header::CONTENT_TYPE, kind), fields.join("&")).await
    }

    async fn unlock(&mut self, pin: &str) -> Answer {
        self.post("/unlock", &[("pin", pin), ("to", "/stations/desk")]).await
    }

    async fn shows_numbers(&mut self) -> bool {
        let page = self.get("/stations/desk").await;
        assert_eq!(page.status, StatusCode::OK);
        let hidden = page.body.contains("Names and numbers are hidden");
        assert_ne!(page.body.contains("12-34-56"), hidden, "{}", page.body);
        !hidden
    }
}

/// Two clerks with badges P1 and P2 and PINs, and a chart that was scanned.
async fn room() -> Room {
    let room = Room::with(&[("12-34-56", "V1")], Rules::default()).await;
    room.make_desk().await;
    room.sql(
        "insert into person (person_id, code, name, created_at_us) values (1, 'ANN', 'Ann Clerk', 1), (2, 'BOB', 'Bob Clerk', 1);
         insert into label values ('person', 'P1', 1, 1), ('person', 'P2', 2, 1);",
    );
    for (name, badge, pin) in [("ann", BADGE, "4711"), ("bob", "P2", "8027")] {
        let answer = choose(&room, name, badge, pin).await;
        assert!(answer.body.contains("The PIN is chosen"), "{}", answer.body);
    }
    room.scan("desk", "V1").await;
    room
}

/// Makes a clerk's account and chooses the PIN of it, as its holder does.
async fn choose(room: &Room, name: &str, badge: &str, pin: &str) -> Answer {
    let new = NewAccount {
        name: AccountName::parse(name).unwrap(),
        full_name: format!("{name} full"),
        role: Role::Clerk,
        station: None,
    };
    let code = draw_code().unwrap();
    let fields = [("code", code.as_str()), ("password", PASSWORD), ("password_again", PASSWORD)];
    room.app.store.add_account(new, hash_of_code(&code), None).await.unwrap();
    let answer = room.post_as(None, "/code", &fields).await;
    let cookies = answer.headers[header::SET_COOKIE].to_str().unwrap().split(';').next().unwrap().to_owned();
    let fields = [("badge", badge), ("pin", pin), ("pin_again", pin), ("password_now", PASSWORD)];
    Desk { room, cookies }.post("/account/pin", &fields).await
}

fn desk(room: &Room) -> Desk<'_> {
    Desk { room, cookies: room.cookie(Role::Display) }
}

fn audit(room: &Room, action: &str) -> Vec<String> {
    let sql = format!(
        "select coalesce(actor, '-') || ' ' || detail from audit where action = '{action}' order by audit_no"
    );
    room.rows(&sql)
}

#[tokio::test]
async fn badge_and_pin_show_names_until_the_desk_is_left_alone() {
    let room = room().await;
    let mut desk = desk(&room);
    assert!(!desk.shows_numbers().await);
    let none = desk.unlock("4711").await;
    assert!(none.body.contains("no badge was scanned here lately"), "{}", none.body);
    assert_eq!(room.scan("desk", BADGE).await, Some(Verdict::Ready));
    assert!(!desk.shows_numbers().await, "a badge alone, which anybody can copy, shows nothing");
    let wrong = desk.unlock("4712").await;
    assert_eq!(wrong.status, StatusCode::UNAUTHORIZED);
    assert!(wrong.body.contains("this is not the PIN of Ann Clerk"), "{}", wrong.body);
    let right = desk.unlock("4711").await;
    assert_eq!((right.status, right.location()), (StatusCode::SEE_OTHER, "/stations/desk"));
    assert!(desk.shows_numbers().await);
    let page = desk.get("/charts/1").await;
    assert!(page.status == StatusCode::OK && page.body.contains("ann full"), "{}", page.body);
    assert!(
        page.body.contains("data-locks=\"120\"") && page.body.contains(">Lock</button>"),
        "{}",
        page.body
    );
    // What the page asks by itself keeps nobody signed in.
    room.app.clock.advance(Duration::from_secs(100));
    let live = Request::get("/stations/desk").header("x-outguide-refresh", "1");
    desk.ask(live, String::new()).await;
    desk.get("/stations/desk?live").await;
    room.app.clock.advance(Duration::from_secs(25));
    assert!(!desk.shows_numbers().await);
    assert_eq!(room.scan("desk", "V1").await, Some(Verdict::Waiting), "scanning goes on");
    assert!(desk.get("/charts/1").await.body.contains("With badge and PIN"));
    assert_eq!(audit(&room, "unlock").len(), 1);
    assert!(
        audit(&room, "lock")[0].starts_with("ann sign-in ") && audit(&room, "lock")[0].ends_with("(idle)")
    );
    assert_eq!(audit(&room, "lock").len(), 1, "told once");
    assert!(
        audit(&room, "sign-in-refused")[0].contains("wrong PIN"),
        "{:?}",
        audit(&room, "sign-in-refused")
    );
    let all = room.rows("select coalesce(detail, '') from audit").concat();
    assert!(!all.contains("4711") && !all.contains("4712"));
    assert!(room.rows("select pin from pin").iter().all(|pin| pin.starts_with("$argon2id$")));
}

#[tokio::test]
async fn another_badge_hides_at_once_and_its_pin_changes_over() {
    let room = room().await;
    let mut desk = desk(&room);
    room.scan("desk", BADGE).await;
    desk.unlock("4711").await;
    assert!(desk.shows_numbers().await);
    room.scan("desk", "P2").await;
    assert!(!desk.shows_numbers().await, "Bob stands there now");
    assert_eq!(desk.unlock("4711").await.status, StatusCode::UNAUTHORIZED, "it is Bob's badge");
    assert_eq!(desk.unlock("8027").await.status, StatusCode::SEE_OTHER);
    assert!(desk.shows_numbers().await);
    assert!(desk.get("/account").await.body.contains("bob full"));
    // Signing out locks, and the screen stays what it is.
    let out = desk.post("/sign-out", &[]).await;
    assert_eq!(out.location(), "/stations/desk");
    assert!(!desk.shows_numbers().await);
    assert_eq!(audit(&room, "lock").len(), 2);
}

#[tokio::test]
async fn guessing_a_pin_waits_longer_and_longer_and_the_password_works_all_the_same() {
    let room = room().await;
    let mut desk = desk(&room);
    room.scan("desk", BADGE).await;
    for _ in 0..3 {
        assert_eq!(desk.unlock("0007").await.status, StatusCode::UNAUTHORIZED);
    }
    let waits = desk.unlock("4711").await;
    assert_eq!(waits.status, StatusCode::TOO_MANY_REQUESTS);
    assert!(waits.body.contains("wrong PIN; try again in 5 s"), "{}", waits.body);
    let fields = [("name", "ann"), ("password", PASSWORD), ("to", "/stations/desk")];
    assert_eq!(desk.post("/sign-in", &fields).await.status, StatusCode::SEE_OTHER);
    assert!(desk.shows_numbers().await);
    // It was signed in at the desk: the screen is still there when it locks.
    room.app.clock.advance(Duration::from_secs(121));
    assert!(!desk.shows_numbers().await);
}

#[tokio::test]
async fn the_cookie_of_a_desk_is_worth_nothing_elsewhere() {
    let room = room().await;
    let mut desk = desk(&room);
    room.scan("desk", BADGE).await;
    desk.unlock("4711").await;
    let stolen = desk.cookies.split("__Host-outguide-desk=").nth(1).unwrap().to_owned();
    for cookies in [format!("__Host-outguide-desk={stolen}"), format!("__Host-outguide={stolen}")] {
        let mut thief = Desk { room: &room, cookies };
        assert_eq!(thief.get("/charts/1").await.status, StatusCode::UNAUTHORIZED);
    }
    let other =
        crate::sign_in::sign_in_as(&room.app.store, "other", Role::Display, Some("clinic"), "unknown").await;
    let cookies = format!("__Host-outguide={other}; __Host-outguide-desk={stolen}");
    let mut thief = Desk { room: &room, cookies };
    assert!(!thief.get("/charts/1").await.body.contains("12-34-56"));
    assert!(desk.shows_numbers().await);
}

#[tokio::test]
async fn what_was_typed_when_the_desk_locked_is_sent_after_the_pin() {
    let room = room().await;
    let mut desk = desk(&room);
    room.scan("desk", BADGE).await;
    desk.unlock("4711").await;
    room.app.clock.advance(Duration::from_secs(200));
    let sent = desk.post("/people", &[("code", "EVE"), ("name", "Eve Runner")]).await;
    assert_eq!(sent.status, StatusCode::UNAUTHORIZED);
    for kept in ["name=\"send\" value=\"/people\"", "name=\"carried.code\" value=\"EVE\"", "Eve Runner"] {
        assert!(sent.body.contains(kept), "{kept}: {}", sent.body);
    }
    let fields =
        [("pin", "4711"), ("send", "/people"), ("carried.code", "EVE"), ("carried.name", "Eve Runner")];
    let again = desk.post("/unlock", &fields).await;
    assert!(again.body.contains("Send it now") && again.body.contains("value=\"EVE\""), "{}", again.body);
}

#[tokio::test]
async fn a_badge_goes_with_one_account_and_a_weak_pin_with_none() {
    let room = room().await;
    let taken = choose(&room, "eve", BADGE, "4711").await;
    assert!(taken.body.contains("this badge goes with another account"), "{}", taken.body);
    let weak = choose(&room, "fay", "ANN", "1234").await;
    assert!(weak.body.contains("among the first that are tried") && weak.body.contains("value=\"ANN\""));
    let nobody = choose(&room, "gus", "P77", "4711").await;
    assert!(nobody.body.contains("nobody who works here has this badge"), "{}", nobody.body);
    assert_eq!(room.rows("select count(*) from pin"), ["2"]);
    // Who leaves, or gets a new code, has no PIN any more.
    let account = room.rows("select account_id from account where name = 'ann'").remove(0);
    room.post_as(Some(Role::Administrator), &format!("/accounts/{account}/reset"), &[]).await;
    assert_eq!(room.rows("select count(*) from pin"), ["1"]);
}
