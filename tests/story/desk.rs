//! A day's work of a file room with scanners alone: no keyboard and no mouse.

use crate::support::{PATIENCE, Room, Running, answers};
use outguide::demo::PtyScanner;
use outguide::import::Kind;
use outguide::label::CheckScheme;
use outguide::tracking::Command;
use std::collections::BTreeMap;
use std::fmt::Write;

const CHARTS: u32 = 300;
const CLINICS: u32 = 6;
const ACK: u8 = 0x06;
const NAK: u8 = 0x15;

/// One of Outguide's own labels: a kind letter, a number and its check character.
fn label(kind: char, number: u32) -> String {
    let payload = format!("{kind}{number}");
    let check = CheckScheme::Iso7064Mod37_36.compute(&payload).unwrap();
    payload + &check
}

fn chart(number: u32) -> String {
    label('V', number)
}

fn badge(number: u32) -> String {
    label('P', number)
}

fn clinic(number: u32) -> String {
    label('L', 100 + number)
}

/// A file room with a desk, and clinics of which the first two have a door with a scanner.
fn room() -> Room {
    let mut room = Room::new("[calendar]\ndue = \"3wd\"\n");
    let mut places =
        "code,name,kind,label\nFILE,File room,file-area,\nSORT,Sorting shelf,sorting,\n".to_owned();
    for number in 1..=CLINICS {
        writeln!(places, "C{number},Clinic {number},clinic,{}", clinic(number)).unwrap();
    }
    room.import(Kind::Custodians, &places);
    room.import(Kind::People, &format!("code,name,label\nAMI,Ami,{}\nBEA,Bea,{}\n", badge(1), badge(2)));
    let charts: String = (1..=CHARTS).map(|n| format!("{n:06},{},FILE\n", chart(n))).collect();
    room.import(Kind::Charts, &format!("mrn,label,home\n{charts}"));
    room.station("desk", "SORT", "answer = \"ack-nak\"");
    room.station("door-1", "C1", "answer = \"ack-nak\"");
    room.station("door-2", "C2", "answer = \"ack-nak\"");
    room.make_desk("desk");
    room
}

/// A clerk with a scanner, who hears its answers and counts the scans of each task.
struct Clerk {
    scanner: PtyScanner,
    scans: BTreeMap<&'static str, u32>,
}

impl Clerk {
    fn scan(&mut self, task: &'static str, code: &str, expect: u8) {
        *self.scans.entry(task).or_default() += 1;
        self.scanner.send(format!("{code}\r").as_bytes()).unwrap();
        assert_eq!(answers(&mut self.scanner, 1, PATIENCE), [expect], "{task}: {code}");
    }

    fn command(&mut self, task: &'static str, command: Command) {
        self.scan(task, &command.key(), ACK);
    }
}

/// Code of who has a chart, `>` before it while it is on its way.
fn holder(daemon: &Running, number: u32) -> String {
    let volume = daemon.search(&chart(number));
    let way = if volume["in_transit"] == true { ">" } else { "" };
    format!("{way}{}", volume["at"]["code"].as_str().unwrap())
}

/// Who made the last movement of a chart.
fn operator(daemon: &Running, number: u32) -> String {
    let volume = &daemon.search(&chart(number))["id"];
    let answer = daemon.get(&format!("/api/v1/volumes/{volume}/history"));
    let body = answer.split("\r\n\r\n").nth(1).unwrap();
    let history: serde_json::Value = serde_json::from_str(body).unwrap_or_else(|_| panic!("{answer}"));
    history["movements"][0]["operator"].as_str().unwrap_or_default().to_owned()
}

/// The power goes in the middle of a batch, and the clerk scans on.
fn cut_in_mid_batch(room: &Room, desk: &mut Clerk, daemon: Running) -> Running {
    desk.scan("after the cut", &clinic(3), ACK);
    desk.scan("after the cut", &chart(1), ACK);
    daemon.kill();
    let daemon = room.serve(3);
    desk.scan("after the cut", &chart(7), ACK);
    assert_eq!(holder(&daemon, 7), "C3", "the desk still knows where charts go");
    desk.command("after the cut", Command::Undo);
    desk.command("after the cut", Command::Undo);
    assert_eq!((holder(&daemon, 7), holder(&daemon, 1)), (">C1".to_owned(), ">C1".to_owned()));
    desk.command("after the cut", Command::Done);
    daemon
}

#[test]
fn a_day_at_the_desk_needs_no_keyboard_and_no_mouse() {
    let room = room();
    let clerk = |station| Clerk { scanner: room.plug(station), scans: BTreeMap::new() };
    let (mut desk, mut door_1, mut door_2) = (clerk("desk"), clerk("door-1"), clerk("door-2"));
    let daemon = room.serve(3);

    // At rest a desk tells where a chart is and moves nothing.
    desk.scan("look", &chart(1), NAK);
    assert_eq!(holder(&daemon, 1), "FILE");

    // 300 charts to six clinics: one scan for each place, one for each chart.
    for number in 1..=CLINICS {
        desk.scan("charge out", &clinic(number), ACK);
        for chart_no in (number..=CHARTS).step_by(CLINICS as usize) {
            desk.scan("charge out", &chart(chart_no), ACK);
        }
    }
    // Two slips: a chart to the wrong clinic, and one too many.
    desk.command("undo", Command::Undo);
    desk.command("undo", Command::Undo);
    assert_eq!((holder(&daemon, 300).as_str(), holder(&daemon, 294).as_str()), ("FILE", "FILE"));
    desk.scan("undo", &chart(300), ACK);
    desk.scan("undo", &chart(294), ACK);
    desk.command("charge out", Command::Done);
    assert_eq!(holder(&daemon, 1), ">C1", "on its way until the clinic's door has seen it");
    assert_eq!(holder(&daemon, 3), "C3", "nobody scans at clinic 3");
    assert!(daemon.search(&chart(3))["due_at"].is_string(), "lent for three working days");

    let daemon = cut_in_mid_batch(&room, &mut desk, daemon);

    // Received at the doors; one is handed on from clinic 1 to clinic 2 at its door.
    for number in (1..=CHARTS).step_by(CLINICS as usize) {
        door_1.scan("receive", &chart(number), ACK);
    }
    for number in (2..=CHARTS).step_by(CLINICS as usize) {
        door_2.scan("receive", &chart(number), ACK);
    }
    door_2.scan("hand on", &chart(1), ACK);
    assert_eq!((holder(&daemon, 1).as_str(), holder(&daemon, 7).as_str()), ("C2", "C1"));

    // Back to the sorting shelf, then onto the shelves; Bea takes over from Ami half-way, in the middle of the batch.
    desk.scan("badge", &badge(1), ACK);
    desk.command("check in", Command::CheckIn);
    for number in 1..=CHARTS {
        if number == 151 {
            desk.scan("badge", &badge(2), ACK);
        }
        desk.scan("check in", &chart(number), ACK);
    }
    assert_eq!((operator(&daemon, 150).as_str(), operator(&daemon, 151).as_str()), ("AMI", "BEA"));
    assert_eq!(holder(&daemon, 150), "SORT");
    desk.scan("check in", &chart(150), ACK);
    desk.command("refile", Command::Refile);
    for number in 1..=CHARTS {
        desk.scan("refile", &chart(number), ACK);
    }
    desk.command("refile", Command::Done);
    assert!((1..=CHARTS).all(|number| holder(&daemon, number) == "FILE"));
    assert!(daemon.search(&chart(3))["due_at"].is_null(), "at home nothing is due");

    let page = daemon.get("/stations/desk");
    assert!(page.contains("Scan a place or a command"), "{page}");
    assert!(daemon.stop().success());
    assert_eq!(room.findings(), [""; 0]);
    let expect = [
        ("after the cut", 6),
        ("badge", 2),
        ("charge out", 307),
        ("check in", 302),
        ("look", 1),
        ("refile", 302),
        ("undo", 4),
    ];
    assert_eq!(desk.scans, BTreeMap::from(expect));
}

#[test]
fn a_sweep_lists_what_should_be_there_and_was_not_seen() {
    let room = room();
    let clerk = |station| Clerk { scanner: room.plug(station), scans: BTreeMap::new() };
    let (mut desk, mut door) = (clerk("desk"), clerk("door-1"));
    let daemon = room.serve(2);
    for number in 1..=3 {
        door.scan("", &chart(number), ACK);
    }
    desk.command("sweep", Command::Sighted);
    desk.scan("sweep", &clinic(1), ACK);
    desk.scan("sweep", &chart(1), ACK);
    desk.scan("sweep", &chart(3), ACK);
    // One was not recorded here: it is now.
    desk.scan("sweep", &chart(9), ACK);
    desk.command("sweep", Command::Done);
    let page = daemon.get("/stations/desk");
    let link = page.split("href=\"/custodians/").find(|part| part.contains("unseen=")).unwrap();
    let list = daemon.get(&format!("/custodians/{}", link.split('"').next().unwrap()));
    let listed = |number| list.contains(&chart(number));
    assert_eq!([1, 2, 3, 9].map(listed), [false, true, false, false], "{list}");
    assert!(daemon.stop().success());
}

#[test]
fn a_chart_in_a_box_is_where_the_box_is_and_is_not_due() {
    let room = room();
    let boxes = format!(
        "code,name,kind,parent,phone,label\nSTORE,Far store,institution,,ext. 9,\nBOX17,Box 17,box,STORE,,{}\n",
        clinic(17)
    );
    room.import(Kind::Custodians, &boxes);
    let mut desk = Clerk { scanner: room.plug("desk"), scans: BTreeMap::new() };
    let daemon = room.serve(1);
    desk.scan("", &clinic(17), ACK);
    desk.scan("", &chart(1), ACK);
    desk.scan("", &clinic(3), ACK);
    desk.scan("", &chart(2), ACK);
    let (boxed, lent) = (daemon.search(&chart(1)), daemon.search(&chart(2)));
    assert_eq!((boxed["at"]["code"].as_str(), boxed["due_at"].is_null()), (Some("BOX17"), true), "{boxed}");
    assert!(lent["due_at"].is_string(), "{lent}");
    let page = daemon.get(&format!("/charts/{}", boxed["chart"]));
    assert!(page.contains("The box is at</dt><dd>Far store, phone ext. 9"), "{page}");
    assert!(daemon.stop().success());
}

#[test]
fn what_a_desk_cannot_do_is_told_and_nothing_is_half_done() {
    let room = room();
    let mut desk = Clerk { scanner: room.plug("desk"), scans: BTreeMap::new() };
    let daemon = room.serve(1);
    desk.scan("", &Command::Undo.key(), NAK);
    desk.scan("", &label('L', 999), NAK);
    desk.scan("", &badge(9), NAK);
    desk.scan("", &label('K', 99), NAK);
    desk.command("", Command::ChargeOut);
    desk.scan("", &chart(1), NAK);
    desk.command("", Command::Missing);
    desk.scan("", &chart(1), ACK);
    desk.command("", Command::Found);
    desk.scan("", &chart(1), ACK);
    desk.command("", Command::WhoAmI);
    assert_eq!(holder(&daemon, 1), "SORT");
    assert!(daemon.stop().success());
    assert_eq!(room.findings(), [""; 0]);
}
