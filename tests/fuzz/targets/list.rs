//! Lists to import: any file, against a real database, in which nothing is kept.

use crate::input::Input;
use jiff::Timestamp;
use outguide::import::{ImportError, Kind, List, Outcome, Tolerance};
use outguide::store::{Importer, Place};
use std::sync::{LazyLock, Mutex};

static DIR: LazyLock<Mutex<tempfile::TempDir>> = LazyLock::new(|| Mutex::new(tempfile::tempdir().unwrap()));

pub(crate) fn run(bytes: &[u8]) {
    let mut input = Input::new(bytes);
    let kind = input.one_of([Kind::Charts, Kind::Custodians, Kind::People, Kind::Patients]);
    let own_labels = input.byte() % 2 == 1;
    let dir = DIR.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let file = dir.path().join("list.csv");
    std::fs::write(&file, input.rest()).unwrap();
    let list = List { own_labels, tolerance: Tolerance::Any, ..List::new(kind, file) };
    let now = Timestamp::from_second(1_795_000_000).unwrap();
    let importer = Importer::open(&Place::new(dir.path().join("data")), now, true).unwrap();
    match list.import(importer, &mut |_| ()) {
        Ok(report) => {
            assert!(report.outcome != Outcome::Stopped, "any number of bad lines is put up with: {report:?}");
            assert!(report.refused <= report.lines, "{report:?}");
        }
        Err(ImportError::Store(error)) => panic!("a list broke the database: {error:?}"),
        Err(error) => assert!(!error.to_string().is_empty()),
    }
}
