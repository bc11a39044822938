//! Sixty-four scanners at once: nothing is lost, nothing is recorded twice. `cargo bench -- many` is the long run.

use crate::crowd::{Plan, audit, scan, stations};
use crate::support::Room;
use outguide::demo::PtyScanner;
use outguide::import::Kind;
use std::time::Duration;

const PLAN: Plan =
    Plan { scanners: 64, scans: 40, period: Duration::from_millis(50), charts: 64 * 40, before: 0 };

#[test]
fn sixty_four_scanners_lose_nothing_and_double_nothing() {
    let mut room = Room::new("[[label]]\nkind = \"volume\"\npattern = \"V[0-9]+\"\n");
    let custodians: String =
        (0..PLAN.scanners).map(|number| format!("C{number},Clinic {number}\n")).collect();
    room.import(Kind::Custodians, &format!("code,name\nFILE,File room\n{custodians}"));
    let charts: String = (1..=PLAN.charts).map(|n| format!("{n},V{n},FILE\n")).collect();
    room.import(Kind::Charts, &format!("mrn,label,home\n{charts}"));
    let mut scanners: Vec<_> = (0..PLAN.scanners).map(|_| PtyScanner::new().unwrap()).collect();
    room.configure(&stations(&scanners));
    let daemon = room.serve(PLAN.scanners);
    let (acknowledged, _) = scan(PLAN, &mut scanners);
    assert!(daemon.stop().success());
    assert_eq!(room.findings(), [""; 0]);
    let outcome = audit(PLAN, &room.place().db(), &acknowledged);
    assert_eq!(outcome.acknowledged, outcome.sent, "every scan is acknowledged");
    assert_eq!((outcome.lost, outcome.doubled, outcome.disordered), (0, 0, 0));
}
