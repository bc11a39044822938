//! A morning of the pull room: a schedule, a list that is pulled and sent by scanning, a chart that comes back and is wanted.

use crate::support::{PATIENCE, Room, Running, answers};
use outguide::clock::Clock;
use outguide::demo::PtyScanner;
use outguide::import::Kind;
use outguide::label::CheckScheme;
use outguide::tracking::Command;
use serde_json::{Value, json};
use std::time::Duration;

const ACK: u8 = 0x06;
const NAK: u8 = 0x15;
const CHARTS: u32 = 40;

fn label(kind: &str, number: u32) -> String {
    let payload = format!("{kind}{number}");
    let check = CheckScheme::Iso7064Mod37_36.compute(&payload).unwrap();
    payload + &check
}

fn chart(number: u32) -> String {
    label("V", number)
}

/// A desk of the file room, a door at the heart clinic, and an eye clinic where nobody scans.
fn room() -> Room {
    let mut room = Room::new("");
    room.import(
        Kind::Custodians,
        "code,name,kind,label\nFILE,File room,file-area,\nSORT,Sorting shelf,sorting,\nHEART,Heart clinic,clinic,\n\
         EYES,Eye clinic,clinic,\n",
    );
    let charts: String = (1..=CHARTS).map(|n| format!("{n:06},{},FILE\n", chart(n))).collect();
    room.import(Kind::Charts, &format!("mrn,label,home\n{charts}"));
    room.station("desk", "SORT", "answer = \"ack-nak\"");
    room.station("heart", "HEART", "answer = \"ack-nak\"");
    room.make_desk("desk");
    room
}

fn scan(scanner: &mut PtyScanner, code: &str, expect: u8) {
    scanner.send(format!("{code}\r").as_bytes()).unwrap();
    assert_eq!(answers(scanner, 1, PATIENCE), [expect], "{code}");
}

fn told(daemon: &Running, station: &str, words: &str) {
    let page = daemon.get(&format!("/stations/{station}"));
    assert!(page.contains(words), "{words}: {page}");
}

fn states(daemon: &Running, list: u64) -> Vec<(String, String)> {
    let page = daemon.get(&format!("/api/v1/pull-lists/{list}"));
    let list: Value = serde_json::from_str(page.split("\r\n\r\n").nth(1).unwrap()).unwrap();
    let word = |request: &Value, name: &str| request[name].as_str().unwrap().to_owned();
    list["requests"].as_array().unwrap().iter().map(|one| (word(one, "mrn"), word(one, "state"))).collect()
}

fn state(daemon: &Running, list: u64, number: u32) -> String {
    let mrn = format!("{number:06}");
    states(daemon, list).into_iter().find(|(found, _)| *found == mrn).unwrap().1
}

#[test]
fn a_schedule_is_pulled_sent_and_delivered_by_scanning_alone() {
    let room = room();
    let (mut desk, mut heart) = (room.plug("desk"), room.plug("heart"));
    let daemon = room.serve(2);
    let now = Clock::system().now();
    let at = |minutes: u64| (now + Duration::from_secs(minutes * 60)).to_string();
    let visit = |number: u32, clinic: &str, minutes| json!({ "mrn": number.to_string(), "clinic": clinic, "start": at(minutes), "provider": "Dr Lee" });
    let mut visits: Vec<Value> = (1..=10).map(|number| visit(number, "HEART", 10)).collect();
    visits.push(visit(1, "EYES", 11));
    visits.push(visit(999, "HEART", 10));
    let schedule = json!({ "appointments": visits });
    let taken = daemon.send("/api/v1/schedule", &schedule);
    assert_eq!((&taken["added"], &taken["without_chart"]), (&json!(12), &json!(1)), "{taken}");
    let again = daemon.send("/api/v1/schedule", &schedule);
    assert_eq!((&again["added"], &again["unchanged"]), (&json!(0), &json!(12)), "{again}");
    let (list, eyes) = (taken["pull_lists"][0].as_u64().unwrap(), taken["pull_lists"][1].as_u64().unwrap());

    // The list's own bar code, then every chart: each ticks its row; a wrong one is told at once.
    let order = label("RL", u32::try_from(list).unwrap());
    scan(&mut desk, &order, ACK);
    for number in 2..=8 {
        scan(&mut desk, &chart(number), ACK);
    }
    told(&daemon, "desk", "7 of 10, next: 000009, shelf File room");
    scan(&mut desk, &chart(30), NAK);
    told(&daemon, "desk", "wrong chart");
    assert_eq!(daemon.search(&chart(30))["at"]["code"], "FILE");
    scan(&mut desk, &chart(1), ACK);
    assert_eq!(state(&daemon, list, 1), "pulled");
    // Looked for in vain: MISSING and the bar code of the row, which is its request's.
    let page = daemon.get(&format!("/api/v1/pull-lists/{list}"));
    let page: Value = serde_json::from_str(page.split("\r\n\r\n").nth(1).unwrap()).unwrap();
    let row = page["requests"].as_array().unwrap().iter().find(|row| row["mrn"] == "000010").unwrap().clone();
    scan(&mut desk, &Command::Missing.key(), ACK);
    scan(&mut desk, row["label"].as_str().unwrap(), ACK);
    assert_eq!(state(&daemon, list, 10), "not-found");

    // The power goes; the desk still works on the list.
    daemon.kill();
    let daemon = room.serve(2);
    scan(&mut desk, &chart(9), ACK);
    told(&daemon, "desk", "9 of 10");

    // Sent: one command, the list, the charts. The first is wanted by another clinic afterwards, which is told.
    scan(&mut desk, &Command::ChargeOut.key(), ACK);
    scan(&mut desk, &order, ACK);
    for number in 2..=9 {
        scan(&mut desk, &chart(number), ACK);
    }
    scan(&mut desk, &chart(1), NAK);
    told(&daemon, "desk", "from here it goes straight on: for Dr Lee");
    assert_eq!(state(&daemon, list, 1), "sent");
    scan(&mut desk, &Command::Done.key(), ACK);

    // Delivered at the door of the clinic, and handed straight to the next.
    scan(&mut heart, &chart(2), ACK);
    scan(&mut heart, &chart(1), NAK);
    assert_eq!(
        (state(&daemon, list, 1).as_str(), state(&daemon, eyes, 1).as_str()),
        ("delivered", "requested")
    );
    let slip = states_label(&daemon, eyes);
    scan(&mut heart, &slip, ACK);
    scan(&mut heart, &chart(3), NAK);
    told(&daemon, "heart", "wrong chart: the slip is for another one");
    scan(&mut heart, &chart(1), ACK);
    assert_eq!(state(&daemon, eyes, 1), "delivered");
    assert_eq!(daemon.search(&chart(1))["at"]["code"], "EYES");
    assert!(daemon.stop().success());
    assert_eq!(room.findings(), [""; 0]);
}

fn states_label(daemon: &Running, list: u64) -> String {
    let page = daemon.get(&format!("/api/v1/pull-lists/{list}"));
    let list: Value = serde_json::from_str(page.split("\r\n\r\n").nth(1).unwrap()).unwrap();
    list["requests"][0]["label"].as_str().unwrap().to_owned()
}

#[test]
fn a_returned_chart_that_somebody_wants_is_trapped_at_the_scan() {
    let room = room();
    let mut desk = room.plug("desk");
    let daemon = room.serve(1);
    let wish = json!({
        "query": "000007", "to": "EYES", "requester": "Dr Ng", "channel": "walk-in", "priority": "stat", "key": "k1",
        "needed_at": (Clock::system().now() + Duration::from_secs(3600)).to_string(),
    });
    let made = daemon.send("/api/v1/requests", &wish);
    assert_eq!(daemon.send("/api/v1/requests", &wish)["repeated"], true, "{made}");
    scan(&mut desk, &Command::CheckIn.key(), ACK);
    scan(&mut desk, &chart(6), ACK);
    scan(&mut desk, &chart(7), NAK);
    let page = daemon.get("/stations/desk");
    assert!(page.contains("HOLD for Dr Ng") && page.contains("Eye clinic, a patient waits"), "{page}");
    assert_eq!(daemon.search(&chart(7))["at"]["code"], "SORT", "it is on record all the same");
    scan(&mut desk, &label("R", 1), ACK);
    scan(&mut desk, &chart(7), ACK);
    assert_eq!(daemon.search(&chart(7))["at"]["code"], "EYES");
    scan(&mut desk, &label("R", 1), NAK);
    scan(&mut desk, &label("R", 99), NAK);
    let log = room.findings();
    assert!(daemon.stop().success());
    assert_eq!(log, [""; 0]);
}
