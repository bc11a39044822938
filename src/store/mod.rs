//! SQLite: the record of everything, in one file that always works alone.
//!
//! Owns all SQL; no rusqlite type leaves this room. One thread writes ([`Store::record`]), a few read; readers never
//! wait for the writer. Read `schema.sql` first.

mod accounts;
mod affairs;
mod ahead;
mod archive;
mod arrivals;
mod audit;
mod audit_log;
mod backup;
mod board;
mod boxes;
mod callers;
mod chain;
mod change;
mod chart;
mod choices;
mod codes;
mod combine;
mod compliance;
mod contents;
mod corrections;
mod custodians;
mod desks;
mod drill;
mod due;
mod error;
mod exchange;
mod filing;
mod find;
mod folders;
mod glance;
mod happened;
mod history;
mod homes;
mod hours;
mod import;
mod known;
mod label_work;
mod labels;
mod leaving;
mod life;
mod lists;
mod lock;
mod log_damage;
mod mates;
mod memory;
mod merges;
mod migrate;
mod missing;
mod names;
mod new_chart;
mod notes;
mod notices;
mod open;
mod patients;
mod place;
mod read;
mod readers;
mod record;
mod record_types;
mod relabel;
mod repeated;
mod requests;
mod restricted;
mod rhythm;
mod shelves;
mod sign_ins;
mod since;
mod standing;
mod stations;
mod stays;
mod temporaries;
mod timeline;
mod tokens;
mod told;
mod tries;
mod unmerge;
mod upgrade;
mod veil;
mod verify;
mod views;
mod wal;
mod wall;
mod work_items;
mod writer;

pub use accounts::{AccountRefused, AccountView, NewAccount};
pub use affairs::{ChartAffairs, ChartName, CombineTask, MergeView};
pub use archive::{Archived, NotMoved, prepare_archive};
pub use arrivals::{Arrivals, SweepCount, UnderWay, UnderWayList};
pub use audit_log::{AuditFilter, AuditPage, AuditView};
pub use backup::{BackupReport, backup, restore};
pub use boxes::BoxStep;
pub use callers::{Caller, CameBy, Worth};
pub use chain::BrokenLink;
pub use change::Unchanged;
pub use chart::moved_last;
pub use choices::Choosable;
pub use codes::{CODE_GOOD, CodeHolder};
pub use compliance::Compliance;
pub use contents::contents;
pub use corrections::{Namesakes, PatientChange};
pub use custodians::{Colleague, CustodianForm, KINDS, NotAllowed};
pub use desks::{Badge, Desk, DeskCookie};
pub use drill::{DrillReport, copy, damaged_logs, drill};
pub use error::{SqliteCause, StoreError};
pub use find::{Found, FoundBy, Hit};
pub use folders::NewLabel;
pub use glance::{Glance, glance};
pub use happened::{Booking, Happened, HappenedPage, Moment, RequestHappened};
pub use import::{
    ChartLine, ChartState, CustodianLine, Effect, Ended, Importer, LineResult, PatientLine, PersonLine,
};
pub use label_work::{LabelDue, LabelsDue};
pub use labels::{LabelKeys, PersonView};
pub use leaving::{HandedOver, Leaving, Part};
pub use lists::Cursor;
pub use missing::{
    CaseDetail, CaseHappened, CaseRecord, CaseStep, CaseTold, CaseView, Claim, Figures, FoundWhere, LookView,
    Need, NoSuchCase, OfCustodian, OpenCase, RecordRow, SheetLine, Swept, VisitAt,
};
pub use new_chart::NewChart;
pub use notes::{Note, Viewed};
pub use notices::{
    AnswerView, Attempt, BeforeAndSince, Decided, Mark, NotAnswered, NotQueued, NoticeFigures,
    NoticeHappened, NoticeLine, NoticeTold, NoticeView, NoticesView, Side, Slip, TryEnd, reply_key,
};
pub use patients::{NumberView, PatientView};
pub use place::Place;
pub use read::Locate;
pub use record::Recorded;
pub use record_types::{RecordTypeForm, RecordTypeView};
pub use requests::{
    AppointmentLine, AppointmentView, ConflictView, NewRequest, NotStepped, NotTaken, PageStep, PullListPage,
    PullListView, PullRow, RequestStepView, RequestView, RequestsOf, ScheduleReport, ScheduleView, Taken,
    Unread, Volumes, WantsView, Whose,
};
pub use restricted::{Glass, GlassView, NotRestricted, Opening, RestrictionView};
pub use sign_ins::{Credentials, SignInView};
pub use stations::{Numbered, Station};
pub use temporaries::VOLUMES_AT_ONCE;
pub use timeline::{ChartEvent, ChartStep};
pub use tokens::{NewToken, TokenView};
pub use told::{NotTold, Told, ToldLine};
pub use tries::Tried;
pub use veil::{Closed, Concerned, Veil};
pub use verify::{Progress, VerifyReport, verify};
pub use views::{
    BoardScan, BoardStep, BoardView, BoardVolume, ChartMention, ChartView, CustodianPage, CustodianView,
    FileRoomTotals, HistoryPage, MovementView, Named, NextNeeded, SessionView, VolumeView, WorkItemView,
};
pub use wall::{WallPull, WallView};
pub use work_items::NotOpen;

use crate::clock::Clock;
use crate::tracking::{Calendar, DueRule, Scan};
use jiff::Timestamp;
use readers::Readers;
use standing::WriterState;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{SyncSender, TrySendError, sync_channel};
use std::thread::JoinHandle;
use std::time::Duration;
use tokio::sync::oneshot;
use writer::{Job, Writer};

/// Why a scan is not on disk. The loudest outcome there is.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotRecorded {
    /// The database failed.
    #[error("the database failed: {0}")]
    Database(String),
    /// More scans wait than the queue holds.
    #[error("too many scans are waiting to be recorded; scan again in a moment")]
    QueueFull,
    /// The database thread did not answer in time.
    #[error("the database did not answer in time; scan again in a moment")]
    TooSlow,
    /// The daemon is stopping.
    #[error("outguide is stopping; scan again when it runs")]
    Closed,
    /// The station left the configuration.
    #[error("this station is not in the configuration any more")]
    NoSuchStation,
    /// Another scan has this id.
    #[error("this scan id was used before for another scan; make a new id for each scan")]
    IdTaken,
}

/// How a store is opened.
#[derive(Debug, Clone)]
pub struct Options {
    /// Where the database is.
    pub place: Place,
    /// Most jobs that wait for the writer.
    pub queue: usize,
    /// Reading threads.
    pub readers: usize,
}

/// The open database. Cheap to clone.
#[derive(Clone)]
pub struct Store {
    jobs: SyncSender<Job>,
    readers: Arc<Readers>,
    state: Arc<WriterState>,
    clock: Clock,
    sign_ins: Arc<sign_ins::SignIns>,
    notes: Arc<notes::Notes>,
    ahead: Arc<ahead::Ahead>,
    restricts: Arc<restricted::Restricts>,
    /// Whose turn it is to give a schedule.
    schedules: Arc<tokio::sync::Mutex<()>>,
}

/// Ends with the writer; holds the lock on the database until then.
pub struct StoreThread {
    writer: JoinHandle<()>,
    answering: JoinHandle<()>,
    _lock: lock::Lock,
}

/// How the writer fares, for health pages and the watchdog.
#[derive(Debug, Clone)]
pub struct WriterHealth {
    /// Time since its loop turned last.
    pub silent_for: Duration,
    /// Why nothing is recorded now; `None` while all is well.
    pub red: Option<String>,
    /// Transactions committed since start.
    pub commits: u64,
    /// Jobs answered from committed transactions since start.
    pub recorded: u64,
}

impl Store {
    /// Takes the lock, opens (makes, migrates) the database, checks the ends of its chains, and starts its threads.
    ///
    /// # Errors
    /// Another daemon runs, or the database cannot be used; the message names the next step.
    pub fn open(options: &Options, clock: &Clock) -> Result<(Store, StoreThread), StoreError> {
        let lock = lock::take(&options.place)?;
        let (conn, heads) = open::writer(&options.place, micros(clock.now()))?;
        let restricts = Arc::new(restricted::Restricts::read(&conn)?);
        let (ahead, looking) = ahead::Ahead::start(&options.place, clock)?;
        let (readers, reading) = Readers::start(&options.place, options.readers)?;
        let (ahead, readers) = (Arc::new(ahead), Arc::new(readers));
        let beside = looking.into_iter().chain(reading).collect();
        let (jobs, queue) = sync_channel(options.queue);
        let state = Arc::new(WriterState::default());
        let (answers, committed) = sync_channel(writer::ANSWERS_WAITING_MAX);
        let place = &options.place;
        let notes = Arc::new(notes::Notes::default());
        let writer = Writer {
            place: place.clone(),
            clock: clock.clone(),
            jobs: queue,
            state: Arc::clone(&state),
            notes: Arc::clone(&notes),
            answers,
        };
        let answering = spawn("store-answers", place, move || writer::answer_committed(&committed))?;
        let writer = spawn("store-writer", place, move || writer.run(conn, heads, beside))?;
        let sign_ins = Arc::default();
        let schedules = Arc::default();
        let clock = clock.clone();
        let store = Store { jobs, readers, state, clock, sign_ins, notes, ahead, restricts, schedules };
        Ok((store, StoreThread { writer, answering, _lock: lock }))
    }

    /// Puts a scan on disk and says what became of it. Queued by the call itself, so that scans keep their order;
    /// the answer comes after the commit.
    ///
    /// # Errors
    /// The scan is not on disk, and the reason says what to do.
    pub fn record(&self, scan: Scan) -> impl Future<Output = Result<Recorded, NotRecorded>> + Send + use<> {
        let (answer, answered) = oneshot::channel();
        self.ahead.tell(&scan);
        let queued = self.send(Job::Record(Box::new(scan), answer));
        async move {
            queued?;
            answered.await.unwrap_or(Err(NotRecorded::Closed))
        }
    }

    /// Makes these the stations that scans are accepted from.
    ///
    /// # Errors
    /// The database failed; the stations before stay.
    pub async fn set_stations(&self, stations: Vec<Station>) -> Result<Numbered, NotRecorded> {
        let (answer, answered) = oneshot::channel();
        self.send(Job::Stations(stations, answer))?;
        answered.await.unwrap_or(Err(NotRecorded::Closed))
    }

    /// From now on charts are due back by this calendar, and by this rule from holders that have none of their own.
    ///
    /// # Errors
    /// The queue is full, or the daemon is stopping.
    pub fn set_due_back(&self, calendar: Calendar, rule: DueRule) -> Result<(), NotRecorded> {
        self.send(Job::DueBack(Arc::new(record::DueBack { calendar, rule })))
    }

    fn send(&self, job: Job) -> Result<(), NotRecorded> {
        self.jobs.try_send(job).map_err(|error| match error {
            TrySendError::Full(_) => NotRecorded::QueueFull,
            TrySendError::Disconnected(_) => NotRecorded::Closed,
        })
    }

    /// How the writer fares.
    pub fn health(&self) -> WriterHealth {
        let alive = Duration::from_millis(self.state.alive_ms.load(Ordering::Relaxed));
        WriterHealth {
            silent_for: self.clock.elapsed().saturating_sub(alive),
            red: self.state.red(),
            commits: self.state.commits.load(Ordering::Relaxed),
            recorded: self.state.recorded.load(Ordering::Relaxed),
        }
    }
}

impl StoreThread {
    /// The writer has ended although nobody asked it to: it panicked, and nothing is recorded any more.
    pub fn has_ended(&self) -> bool {
        self.writer.is_finished()
    }

    /// Waits for the writer to empty its queue, checkpoint and close; every [`Store`] must be dropped first.
    pub fn join(self) {
        if self.writer.join().is_err() || self.answering.join().is_err() {
            tracing::error!("the writer ended by a panic; what it answered is on disk");
        }
    }
}

fn spawn(
    name: &str,
    place: &Place,
    work: impl FnOnce() + Send + 'static,
) -> Result<JoinHandle<()>, StoreError> {
    let failed = |cause| StoreError::File { doing: "start a thread for", path: place.db(), cause };
    std::thread::Builder::new().name(name.to_owned()).spawn(work).map_err(failed)
}

/// Microseconds since 1970, as stored.
fn micros(at: Timestamp) -> i64 {
    at.as_microsecond()
}

/// The time stored as microseconds since 1970; a number out of range (a damaged row) reads as 1970.
fn timestamp(us: i64) -> Timestamp {
    Timestamp::from_microsecond(us).unwrap_or(Timestamp::UNIX_EPOCH)
}

#[cfg(test)]
mod tests;
