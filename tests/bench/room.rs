//! A file room to measure in.

use crate::names::Person;
use outguide::clock::Clock;
use outguide::store::{ChartLine, CustodianLine, Importer, Place, Station};
use outguide::tracking::Mrn;
use std::time::Duration;

pub(crate) const CUSTODIANS: usize = 64;

/// A temporary directory on the disk that holds the build, not in memory.
pub(crate) fn directory() -> tempfile::TempDir {
    tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap()
}

/// Imports so many charts, labelled V1, V2 …, and the custodians C0, C1 ….
pub(crate) fn furnish(place: &Place, charts: usize) {
    furnish_by(place, charts, &|_, _| ());
}

/// The same, each chart with a patient.
pub(crate) fn furnish_with_patients(place: &Place, charts: usize) {
    furnish_by(place, charts, &|number, line| {
        let person = Person::new(number as u64);
        (line.name, line.born) = (Some(person.name()), Some(person.born));
    });
}

fn furnish_by(place: &Place, charts: usize, say: &dyn Fn(usize, &mut ChartLine)) {
    let mut importer = Importer::open(place, Clock::system().now(), false).unwrap();
    for number in 0..CUSTODIANS {
        let line = CustodianLine {
            kind: Some("clinic".into()),
            ..CustodianLine::new(format!("C{number}"), format!("Clinic {number}"))
        };
        importer.custodian(&line).unwrap().unwrap();
    }
    // Where the last of many scanners stands: what a few scan is not at home there, and moves.
    let home = format!("C{}", CUSTODIANS - 1);
    for number in 1..=charts {
        let mut line =
            ChartLine::new(Mrn::parse(&format!("{number:06}")).unwrap(), format!("V{number}"), home.clone());
        say(number, &mut line);
        importer.chart(&line).unwrap().unwrap();
        if number % 100_000 == 0 {
            importer.checkpoint().unwrap();
        }
    }
    importer.finish("bench").unwrap();
}

/// One station for each custodian.
pub(crate) fn stations() -> Vec<Station> {
    let station = |number| Station {
        kind: outguide::tracking::grammar::StationKind::Checkpoint,
        idle: std::time::Duration::from_secs(120),
        badge_idle: std::time::Duration::from_secs(900),
        prints: false,
        name: format!("s{number}"),
        title: format!("Station {number}"),
        custodian: format!("C{number}"),
        double_read_window: Duration::from_secs(2),
        sources: vec![format!("s{number}-scanner")],
    };
    (0..CUSTODIANS).map(station).collect()
}
