//! From a reading to a recorded scan: the only way into the store, for scanners and network clients alike.
//!
//! Invariant: what is answered as recorded was committed; what could not be recorded is shown at the station until a
//! later scan of it succeeds.

mod labels;

pub use labels::{LabelWanted, Labels};

use crate::changes::{Change, Changes};
use crate::clock::Clock;
use crate::label::{self, Formats, LabelKind};
use crate::scanner::Reading;
use crate::store::{NotRecorded, Numbered, Recorded, Store};
use crate::tracking::{Entry, Scan, ScanId, Sighting, Signal, SourceId, StationId, VolumeId};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use jiff::Timestamp;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Duration;

/// How long a scan may wait for its commit before the clerk is told that it is not recorded.
const RECORD_TIMEOUT: Duration = Duration::from_secs(5);

/// Name of the source under which scans of network clients are journalled.
pub const NETWORK_SOURCE: &str = "network";

/// What a reading is read with; replaced as a whole when the configuration is read again.
#[derive(Debug)]
pub struct Settings {
    /// Label formats.
    pub formats: Formats,
    /// Numbers of stations and sources.
    pub numbered: Numbered,
    /// Station name by source name.
    pub station_of: HashMap<String, String>,
}

/// The last scan of a station that is not on disk.
#[derive(Debug, Clone)]
pub struct Lost {
    /// When.
    pub at: Timestamp,
    /// Why, and what to do.
    pub why: String,
    /// How many in a row.
    pub count: u64,
}

/// A scan that a network client delivers.
#[derive(Debug, Clone)]
pub struct NetworkScan {
    /// Made by the client, one for each scan.
    pub id: ScanId,
    /// The station's name.
    pub station: String,
    /// The bytes of the code, AIM identifier first if there is one.
    pub bytes: Vec<u8>,
    /// When it was scanned, by the client's clock; now if it does not say.
    pub scanned_at: Option<Timestamp>,
    /// Scanned or typed.
    pub entry: Entry,
}

/// A label that would not read, typed at a station's page.
#[derive(Debug, Clone)]
pub struct KeyedEntry {
    /// Made with the form, so that a form that is sent twice is one scan.
    pub id: ScanId,
    /// The station's name.
    pub station: String,
    /// What was typed.
    pub text: String,
    /// The label of the volume that the clerk chose, if the text is no label.
    pub chosen: Option<String>,
    /// Who typed it, if a sign-in told.
    pub operator: Option<String>,
}

/// Somebody takes one chart of a station's batch back.
#[derive(Debug, Clone)]
pub struct TakeBack {
    /// Made with the form, so that a form that is sent twice is one scan.
    pub id: ScanId,
    /// The station's name.
    pub station: String,
    /// Which volume.
    pub volume: VolumeId,
    /// Who asks.
    pub operator: Option<String>,
}

/// Scans that were written down when they could not be made.
#[derive(Debug, Clone)]
pub struct WrittenDown {
    /// Made with the form; each line has its own after it.
    pub id: ScanId,
    /// The station's name.
    pub station: String,
    /// When they would have been made.
    pub at: Timestamp,
    /// What was written, and the label of the volume that it means if it is no label.
    pub lines: Vec<(String, Option<String>)>,
    /// Who tells, if a sign-in told.
    pub operator: Option<String>,
}

/// Records readings. Cheap to clone.
#[derive(Clone)]
pub struct Intake {
    store: Store,
    clock: Clock,
    changes: Changes,
    settings: Arc<RwLock<Arc<Settings>>>,
    lost: Arc<Mutex<HashMap<String, Lost>>>,
    labels: Labels,
}

impl Intake {
    /// An intake that reads labels with `settings`.
    pub fn new(store: Store, clock: Clock, changes: Changes, settings: Settings) -> Intake {
        let settings = Arc::new(RwLock::new(Arc::new(settings)));
        Intake { store, clock, changes, settings, lost: Arc::default(), labels: Labels::default() }
    }

    /// The settings in force.
    pub fn settings(&self) -> Arc<Settings> {
        Arc::clone(&self.settings.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Puts new settings in force; readings under way keep theirs.
    pub fn set_settings(&self, settings: Settings) {
        *self.settings.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(settings);
    }

    /// The last scan of a station that is not on disk, if none was recorded since.
    pub fn lost(&self, station: &str) -> Option<Lost> {
        self.lost.lock().unwrap_or_else(PoisonError::into_inner).get(station).cloned()
    }

    /// The labels that scans ask for.
    pub fn labels(&self) -> &Labels {
        &self.labels
    }

    /// Records a scanner's reading; the signal comes once its fate is known.
    pub fn take(&self, reading: Reading) -> BoxFuture<'static, Signal> {
        let settings = self.settings();
        let station = settings.station_of.get(&reading.source).cloned().unwrap_or_default();
        let numbers = numbers(&settings.numbered, &station, &reading.source);
        let Some((station_id, source_id)) = numbers else {
            // The source left the configuration while this reading was under way.
            return std::future::ready(Signal::NotRecorded).boxed();
        };
        let sighting = match reading.defect {
            Some(defect) => Sighting::Refused { why: defect.sentence().to_owned() },
            None => sighting(&settings.formats, &reading.bytes),
        };
        let scan = Scan {
            id: reading.id,
            station: station_id,
            source: source_id,
            scanned_at: reading.at,
            arrived: reading.arrived,
            entry: Entry::Scanned,
            operator: None,
            frame: reading.bytes,
            sighting,
            resend: reading.resend,
        };
        let recording = self.record(station, scan);
        async move { recording.await.map_or(Signal::NotRecorded, |recorded| recorded.verdict.signal()) }
            .boxed()
    }

    /// Records a network client's scan.
    ///
    /// # Errors
    /// It is not on disk; the client may deliver it again under the same id.
    pub fn take_network(&self, scan: NetworkScan) -> BoxFuture<'static, Result<Recorded, NotRecorded>> {
        let settings = self.settings();
        let Some((station_id, source_id)) = numbers(&settings.numbered, &scan.station, NETWORK_SOURCE) else {
            return std::future::ready(Err(NotRecorded::NoSuchStation)).boxed();
        };
        let now = self.clock.now();
        let sighting = sighting(&settings.formats, &scan.bytes);
        let journalled = Scan {
            id: scan.id,
            station: station_id,
            source: source_id,
            scanned_at: scan.scanned_at.unwrap_or(now),
            arrived: self.clock.elapsed(),
            entry: scan.entry,
            operator: None,
            frame: scan.bytes,
            sighting,
            resend: false,
        };
        self.record(scan.station, journalled).boxed()
    }

    /// An id for a scan that a form will tell.
    pub fn new_id(&self) -> ScanId {
        let ms = u64::try_from(self.clock.now().as_millisecond()).unwrap_or_default();
        // Without random numbers, the time since the start still tells forms apart.
        let elapsed = || u64::try_from(self.clock.elapsed().as_nanos()).unwrap_or(u64::MAX);
        ScanId::new(ms, getrandom::u64().unwrap_or_else(|_| elapsed()), 0)
    }

    /// Records what was typed instead of scanned.
    ///
    /// # Errors
    /// It is not on disk; the same form may be sent again.
    pub fn take_keyed(&self, keyed: KeyedEntry) -> BoxFuture<'static, Result<Recorded, NotRecorded>> {
        let settings = self.settings();
        let Some((station, source)) = numbers(&settings.numbered, &keyed.station, NETWORK_SOURCE) else {
            return std::future::ready(Err(NotRecorded::NoSuchStation)).boxed();
        };
        let frame = keyed.text.into_bytes();
        let sighting = match keyed.chosen {
            Some(key) => Sighting::Label { kind: LabelKind::Volume, key },
            None => sighting(&settings.formats, &frame),
        };
        let scan = Scan {
            id: keyed.id,
            station,
            source,
            scanned_at: self.clock.now(),
            arrived: self.clock.elapsed(),
            entry: Entry::Keyed,
            operator: keyed.operator,
            frame,
            sighting,
            resend: false,
        };
        self.record(keyed.station, scan).boxed()
    }

    /// Takes one chart of a station's batch back, as somebody asks on its page.
    pub fn take_back(&self, back: TakeBack) -> BoxFuture<'static, Result<Recorded, NotRecorded>> {
        let settings = self.settings();
        let Some((station, source)) = numbers(&settings.numbered, &back.station, NETWORK_SOURCE) else {
            return std::future::ready(Err(NotRecorded::NoSuchStation)).boxed();
        };
        let scan = Scan {
            id: back.id,
            station,
            source,
            scanned_at: self.clock.now(),
            arrived: self.clock.elapsed(),
            entry: Entry::Keyed,
            operator: back.operator,
            frame: format!("take back volume {}", back.volume).into_bytes(),
            sighting: Sighting::TakeBack { volume: back.volume },
            resend: false,
        };
        self.record(back.station, scan).boxed()
    }

    /// The scans of what somebody wrote down at a station, one for each label; `None` if there is no such station.
    pub fn scans_told(&self, written: &WrittenDown) -> Option<Vec<Scan>> {
        let settings = self.settings();
        let (station, source) = numbers(&settings.numbered, &written.station, NETWORK_SOURCE)?;
        let scan = |(line, (text, chosen)): (u32, &(String, Option<String>))| Scan {
            id: written.id.of_line(line),
            station,
            source,
            scanned_at: written.at,
            arrived: self.clock.elapsed(),
            entry: Entry::Keyed,
            operator: written.operator.clone(),
            frame: text.clone().into_bytes(),
            sighting: match chosen {
                Some(key) => Sighting::Label { kind: LabelKind::Volume, key: key.clone() },
                None => sighting(&settings.formats, text.as_bytes()),
            },
            resend: false,
        };
        Some((0..).zip(&written.lines).map(scan).collect())
    }

    /// Hands a scan to the writer at once; the future resolves after its commit and tells the live pages.
    fn record(
        &self,
        station: String,
        scan: Scan,
    ) -> impl Future<Output = Result<Recorded, NotRecorded>> + Send + use<> {
        let recording = self.store.record(scan);
        let intake = self.clone();
        async move {
            let patience = intake.clock.wait(RECORD_TIMEOUT);
            let recorded =
                tokio::time::timeout(patience, recording).await.unwrap_or(Err(NotRecorded::TooSlow));
            if let Ok(Recorded { label: true, volume: Some(volume), .. }) = &recorded {
                intake.labels.want(&station, *volume);
            }
            intake.note(&station, recorded.as_ref().err());
            recorded
        }
    }

    fn note(&self, station: &str, failure: Option<&NotRecorded>) {
        match failure {
            // The client's own mistake: nothing was scanned that the station would miss.
            Some(NotRecorded::IdTaken | NotRecorded::NoSuchStation) => return,
            Some(failure) => {
                tracing::error!(station, why = %failure, "scan NOT recorded");
                let mut lost = self.lost.lock().unwrap_or_else(PoisonError::into_inner);
                let count = lost.get(station).map_or(0, |lost| lost.count) + 1;
                lost.insert(
                    station.to_owned(),
                    Lost { at: self.clock.now(), why: failure.to_string(), count },
                );
            }
            None => drop(self.lost.lock().unwrap_or_else(PoisonError::into_inner).remove(station)),
        }
        self.changes.announce(Change::Station(station.to_owned()));
    }
}

fn numbers(numbered: &Numbered, station: &str, source: &str) -> Option<(StationId, SourceId)> {
    Some((*numbered.stations.get(station)?, *numbered.sources.get(source)?))
}

/// What a frame means to the recorder.
fn sighting(formats: &Formats, frame: &[u8]) -> Sighting {
    let decoded = formats.read(frame);
    match decoded.reading {
        label::Reading::Label(label) => Sighting::Label { kind: label.kind, key: label.key },
        label::Reading::Foreign(foreign) => Sighting::Foreign { what: foreign.sentence().to_owned() },
        label::Reading::Damaged(damage) => Sighting::Refused { why: damage.sentence().to_owned() },
        label::Reading::Unknown => Sighting::Unknown { text: label::visible_text(&decoded.text) },
    }
}
