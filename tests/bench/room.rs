//! A file room to measure in.

use outguide::clock::Clock;
use outguide::store::{ChartLine, CustodianLine, Importer, Place, Station};
use outguide::tracking::{FilingScheme, Mrn};
use std::time::Duration;

pub(crate) const CUSTODIANS: usize = 64;

/// A temporary directory on the disk that holds the build, not in memory.
pub(crate) fn directory() -> tempfile::TempDir {
    tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap()
}

/// Imports so many charts, labelled V1, V2 …, and the custodians C0, C1 ….
pub(crate) fn furnish(place: &Place, charts: usize) {
    let mut importer = Importer::open(place, Clock::system().now(), false).unwrap();
    for number in 0..CUSTODIANS {
        let line = CustodianLine {
            code: format!("C{number}"),
            name: format!("Clinic {number}"),
            kind: "clinic".into(),
            phone: None,
            filing: FilingScheme::parse("").unwrap(),
            label: None,
        };
        importer.custodian(&line).unwrap().unwrap();
    }
    for number in 1..=charts {
        let line = ChartLine {
            mrn: Mrn::parse(&format!("{number:06}")).unwrap(),
            record_type: "medical".into(),
            volume: 1,
            label: format!("V{number}"),
            home: "C0".into(),
            at: None,
        };
        importer.chart(&line).unwrap().unwrap();
    }
    importer.finish("bench").unwrap();
}

/// One station for each custodian.
pub(crate) fn stations() -> Vec<Station> {
    let station = |number| Station {
        kind: outguide::tracking::grammar::StationKind::Checkpoint,
        idle: std::time::Duration::from_secs(120),
        badge_idle: std::time::Duration::from_secs(900),
        name: format!("s{number}"),
        title: format!("Station {number}"),
        custodian: format!("C{number}"),
        double_read_window: Duration::from_secs(2),
        sources: vec![format!("s{number}-scanner")],
    };
    (0..CUSTODIANS).map(station).collect()
}
