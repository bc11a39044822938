//! A tote goes from the sorting shelf to a clinic and is opened there, by scanners alone.

use crate::support::{PATIENCE, Room, Running, answers};
use outguide::demo::PtyScanner;
use outguide::import::Kind;
use outguide::label::CheckScheme;
use outguide::tracking::Command;

const ACK: u8 = 0x06;
const NAK: u8 = 0x15;

fn label(kind: char, number: u32) -> String {
    let payload = format!("{kind}{number}");
    let check = CheckScheme::Iso7064Mod37_36.compute(&payload).unwrap();
    payload + &check
}

fn scan(scanner: &mut PtyScanner, code: &str, expect: u8) {
    scanner.send(format!("{code}\r").as_bytes()).unwrap();
    assert_eq!(answers(scanner, 1, PATIENCE), [expect], "{code}");
}

fn holder(daemon: &Running, number: u32) -> String {
    daemon.search(&label('V', number))["at"]["code"].as_str().unwrap().to_owned()
}

fn told(daemon: &Running, station: &str, words: &str) {
    let page = daemon.get(&format!("/stations/{station}"));
    assert!(page.contains(words), "{words}: {page}");
}

fn room() -> Room {
    let mut room = Room::new("");
    let (clinic, tote) = (label('L', 101), label('L', 7));
    room.import(
        Kind::Custodians,
        &format!(
            "code,name,kind,parent,label\nNORTH,North,site,,\nFILE,File room,file-area,NORTH,\nANNEX,Annex,file-area,,\n\
             SORT,Sorting shelf,sorting,NORTH,\nC1,Clinic 1,clinic,,{clinic}\nT1,Tote 1,box,FILE,{tote}\n"
        ),
    );
    let charts: String = (1..=20)
        .map(|n| format!("{n:06},{},{}\n", label('V', n), if n == 20 { "ANNEX" } else { "FILE" }))
        .collect();
    room.import(Kind::Charts, &format!("mrn,label,home\n{charts}"));
    room.station("desk", "SORT", "answer = \"ack-nak\"");
    room.station("door", "C1", "answer = \"ack-nak\"");
    room.make_desk("desk");
    room
}

#[test]
fn a_tote_is_packed_sent_received_and_opened_and_a_power_cut_changes_nothing() {
    let room = room();
    let (mut desk, mut door) = (room.plug("desk"), room.plug("door"));
    let daemon = room.serve(2);
    let tote = label('L', 7);
    // A chart of another file room is told at the sorting desk, and the scanner says look.
    scan(&mut desk, &Command::CheckIn.key(), ACK);
    scan(&mut desk, &label('V', 20), NAK);
    told(&daemon, "desk", "wrong file room: it belongs to Annex, send it there");
    scan(&mut desk, &Command::Done.key(), ACK);

    scan(&mut desk, &tote, ACK);
    for number in 1..=12 {
        scan(&mut desk, &label('V', number), ACK);
    }
    // The power goes while it is packed.
    daemon.kill();
    let daemon = room.serve(2);
    scan(&mut desk, &label('V', 13), ACK);
    scan(&mut desk, &label('L', 101), ACK);
    scan(&mut desk, &tote, ACK);
    told(&daemon, "desk", "Tote 1 with 13 charts is on its way to Clinic 1");
    assert_eq!((holder(&daemon, 1).as_str(), holder(&daemon, 13).as_str()), ("T1", "T1"));
    told(&daemon, "door", "<strong>0 of 13</strong> that were sent here arrived");
    scan(&mut door, &tote, ACK);
    told(&daemon, "door", "Tote 1 with 13 charts is here");
    told(&daemon, "door", "<strong>13 of 13</strong> that were sent here arrived");
    scan(&mut door, &label('V', 5), ACK);
    daemon.kill();
    let daemon = room.serve(2);
    scan(&mut door, &Command::OpenBox.key(), ACK);
    scan(&mut door, &tote, ACK);
    told(&daemon, "door", "12 charts are out of Tote 1 and here");
    assert!((1..=13).all(|number| holder(&daemon, number) == "C1"));
    told(&daemon, "door", "<strong>13 of 13</strong> that were sent here arrived");
    scan(&mut desk, &Command::CheckIn.key(), ACK);
    scan(&mut desk, &tote, ACK);
    told(&daemon, "desk", "Tote 1 with no charts is here");
}
