//! Every capture played by the real binary as a source of kind "replay", and what the journal says of it.

use crate::capture::{Capture, LABELS, all};
use crate::journal::journal;
use crate::support::Room;
use outguide::import::Kind;
use std::collections::BTreeSet;

/// A station and a custodian for each capture: whatever it reads has to move. No chart is in two captures.
fn room(captures: &[Capture]) -> Room {
    let mut room = Room::new(LABELS);
    let mut custodians = "code,name\nFILE,File room\n".to_owned();
    let mut keys = BTreeSet::new();
    for capture in captures {
        let name = &capture.name;
        room.configure(&format!(
            "[[station]]\nname = \"{name}\"\ncustodian = \"{name}\"\n{}",
            capture.source()
        ));
        custodians += &format!("{name},{name}\n");
        let read = capture.expect.iter().filter_map(|(event, _)| event.strip_prefix("label volume "));
        let read: BTreeSet<_> = read.map(|key| key.trim_end_matches(" again").to_owned()).collect();
        assert!(keys.is_disjoint(&read), "{name} reads a chart of another capture");
        keys.extend(read);
    }
    room.import(Kind::Custodians, &custodians);
    let charts: String = (1..).zip(&keys).map(|(number, key)| format!("{number},{key},FILE\n")).collect();
    room.import(Kind::Charts, &format!("mrn,label,home\n{charts}"));
    room
}

#[test]
fn every_capture_is_recorded_as_it_should_be() {
    let captures = all();
    let room = room(&captures);
    let mut daemon = room.serve(0);
    daemon.wait_for("state=\"played\"", captures.len());
    assert!(daemon.stop().success());
    assert_eq!(room.findings(), [""; 0]);
    let journal = journal(&room);
    for capture in captures {
        let scans: Vec<_> = journal.iter().filter(|scan| scan.source == capture.name).collect();
        let found: Vec<_> = scans.iter().map(|scan| scan.verdict.as_str()).collect();
        let recorded =
            capture.expect.iter().filter_map(|(event, verdict)| Some((event, verdict.as_deref()?)));
        let (events, verdicts): (Vec<_>, Vec<_>) = recorded.unzip();
        assert_eq!(found, verdicts, "{}", capture.name);
        for (event, scan) in events.iter().zip(scans) {
            let key = event.strip_prefix("label volume ").unwrap_or_default().trim_end_matches(" again");
            let frame = String::from_utf8_lossy(&scan.frame);
            assert!(frame.contains(key), "{}: {event} is recorded as {frame:?}", capture.name);
        }
    }
}
