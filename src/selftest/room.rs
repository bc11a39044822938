//! A small file room to write in: one checkpoint, and charts that do not exist.

use super::NotTried;
use crate::clock::Clock;
use crate::label::LabelKind;
use crate::store::{
    ChartLine, CustodianLine, Importer, NotRecorded, Numbered, Options, Place, Recorded, Station, Store,
    StoreThread,
};
use crate::tracking::grammar::StationKind;
use crate::tracking::{Entry, Mrn, Scan, ScanId, Sighting};
use std::path::Path;
use std::time::Duration;

const CHARTS: u64 = 200;
const STATION: &str = "selftest";
const SOURCE: &str = "selftest-scanner";

/// An open store with its station.
pub(super) struct Room {
    store: Store,
    thread: StoreThread,
    numbered: Numbered,
    clock: Clock,
    runtime: tokio::runtime::Runtime,
}

fn failed(error: impl std::error::Error) -> NotTried {
    let cause = error.source().map_or(String::new(), |cause| format!(": {cause}"));
    NotTried::Store(format!("{error}{cause}"))
}

/// Makes the charts.
pub(super) fn furnish(dir: &Path, clock: &Clock) -> Result<(), NotTried> {
    let mut importer = Importer::open(&Place::new(dir), clock.now(), false).map_err(failed)?;
    for code in ["HOME", "DESK"] {
        drop(importer.custodian(&CustodianLine::new(code, code)).map_err(failed)?);
    }
    for number in 1..=CHARTS {
        if let Some(mrn) = Mrn::parse(&format!("T{number:06}")) {
            drop(importer.chart(&ChartLine::new(mrn, key(number), "HOME")).map_err(failed)?);
        }
    }
    importer.finish("charts").map_err(failed)
}

fn key(number: u64) -> String {
    format!("SELFTEST-{number:06}")
}

impl Room {
    pub(super) fn open(dir: &Path, clock: &Clock) -> Result<Room, NotTried> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .build()
            .map_err(NotTried::file("start its runtime"))?;
        let options = Options { place: Place::new(dir), queue: 4096, readers: 1 };
        let (store, thread) = Store::open(&options, clock).map_err(failed)?;
        let station = Station {
            prints: false,
            name: STATION.into(),
            title: STATION.into(),
            custodian: "DESK".into(),
            kind: StationKind::Checkpoint,
            idle: Duration::from_secs(120),
            badge_idle: Duration::from_secs(900),
            double_read_window: Duration::ZERO,
            sources: vec![SOURCE.into()],
        };
        let numbered = runtime.block_on(store.set_stations(vec![station])).map_err(failed)?;
        Ok(Room { store, thread, numbered, clock: clock.clone(), runtime })
    }

    pub(super) fn close(self) {
        drop(self.store);
        self.thread.join();
    }

    /// The scan of this number; the same number is the same delivery, whenever it is made.
    fn scan(&self, number: u32) -> Option<Scan> {
        let label = key(1 + u64::from(number) % CHARTS);
        Some(Scan {
            id: ScanId::new(u64::from(number), 1, number),
            station: *self.numbered.stations.get(STATION)?,
            source: *self.numbered.sources.get(SOURCE)?,
            scanned_at: self.clock.now(),
            arrived: self.clock.elapsed(),
            entry: Entry::Scanned,
            operator: None,
            frame: label.clone().into_bytes(),
            sighting: Sighting::Label { kind: LabelKind::Volume, key: label },
            resend: false,
        })
    }

    /// Records it, and waits until it is answered.
    pub(super) fn record(&self, number: u32) -> Result<Recorded, NotTried> {
        let scan = self.scan(number).ok_or_else(|| NotTried::Store("its station is not there".to_owned()))?;
        self.runtime.block_on(self.store.record(scan)).map_err(failed)
    }

    /// How many of these scans are not on disk: each is delivered again, and the store must know it.
    pub(super) fn missing(&self, numbers: impl IntoIterator<Item = u32>) -> Result<u64, NotTried> {
        let numbers: Vec<u32> = numbers.into_iter().collect();
        let mut missing = 0;
        for some in numbers.chunks(1024) {
            let waiting: Vec<_> = some
                .iter()
                .filter_map(|number| self.scan(*number))
                .map(|scan| self.store.record(scan))
                .collect();
            let answers: Result<Vec<Recorded>, NotRecorded> =
                self.runtime.block_on(async { futures_util::future::try_join_all(waiting).await });
            let unknown = answers.map_err(failed)?.iter().filter(|recorded| !recorded.repeated).count();
            missing += unknown as u64;
        }
        Ok(missing)
    }
}
