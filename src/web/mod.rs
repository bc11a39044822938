//! The site: pages, API, live events, health. Knows the store's questions and the intake, nothing of SQL or devices.

mod actor;
pub mod api;
mod assets;
pub mod door;
mod gate;
mod glass;
mod guard;
mod headers;
pub mod health;
mod heavy;
mod label_desk;
mod live;
mod meant;
mod metrics;
mod new_label;
pub mod pages;
mod peers;
pub mod problem;
mod router;
mod routes;
mod sent;
mod serve;
mod stall;
mod tls;

pub use guard::guarded;
pub use label_desk::print_wanted;
pub use router::{router, routes};
pub use routes::{Needs, Route};
pub use serve::serve;
pub use tls::{Tls, TlsError};

use crate::backups::Backups;
use crate::changes::Changes;
use crate::clock::Clock;
use crate::intake::Intake;
use crate::missing::Rules;
use crate::notice::Ladder;
use crate::paper::Habit;
use crate::printer::Printers;
use crate::scanner::Gauge;
use crate::store::{Store, VolumeView};
use crate::tracking::{Calendar, Confidence};
use jiff::SignedDuration;
use jiff::tz::TimeZone;
use std::net::SocketAddr;
use std::ops::Deref;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// Everything that a request may need. Cheap to clone, as every layer around a handler does so once a request.
#[derive(Clone)]
pub struct App(Arc<Parts>);

/// What an [`App`] is made of.
pub struct Parts {
    /// The record.
    pub store: Store,
    /// The way into it.
    pub intake: Intake,
    /// What live pages listen to.
    pub changes: Changes,
    /// Tells the time.
    pub clock: Clock,
    /// What the configuration says that pages show; replaced when it is read again.
    pub site: Arc<RwLock<Arc<Site>>>,
    /// Who may come in.
    pub door: Arc<door::Door>,
    /// Limits of the site.
    pub limits: WebLimits,
    /// Ends live streams when the daemon stops.
    pub stop: CancellationToken,
    /// How backups fare.
    pub backups: Arc<Backups>,
}

/// The parts of the configuration that pages show.
#[derive(Debug)]
pub struct Site {
    /// Name of the file room.
    pub name: String,
    /// Zone of the times on pages, and of the day that counts start with.
    pub time_zone: TimeZone,
    /// The checkpoints.
    pub stations: Vec<SiteStation>,
    /// Gauges of all sources.
    pub gauges: Vec<Arc<Gauge>>,
    /// How labels look unless somebody chooses otherwise.
    pub habit: Habit,
    /// The label printers.
    pub printers: Printers,
    /// When the file room is open.
    pub calendar: Calendar,
    /// What is settled about missing charts.
    pub missing: Rules,
    /// How long a chart may be on its way before it counts as never arrived.
    pub arrives_within: SignedDuration,
    /// How charts are asked for.
    pub notices: SiteNotices,
}

/// How charts are asked for, as pages tell it.
#[derive(Debug, Clone, Default)]
pub struct SiteNotices {
    /// Who is asked when.
    pub ladder: Ladder,
    /// Codes of the custodians that steps of it go to.
    pub recipients: Vec<String>,
    /// What is wrong with the templates of the site.
    pub problems: Vec<String>,
    /// Notices go out as mail.
    pub has_mail: bool,
    /// Some or all of them go to a program of the site.
    pub has_webhook: bool,
    /// Names of patients may stand in notices.
    pub names: bool,
    /// Most charts that one notice lists.
    pub charts: usize,
}

/// A checkpoint as pages know it.
#[derive(Debug, Clone)]
pub struct SiteStation {
    /// Its key, used in addresses.
    pub name: String,
    /// What people call it.
    pub title: String,
    /// Code of the custodian that it stands for.
    pub custodian: String,
    /// Name of its label printer.
    pub printer: Option<String>,
}

/// Limits of the site, from the configuration.
#[derive(Debug, Clone)]
pub struct WebLimits {
    /// Where it listens.
    pub listen: SocketAddr,
    /// Names that the site is called by, besides those of this machine.
    pub hosts: Vec<String>,
    /// Open connections.
    pub connections: usize,
    /// Open connections of one address.
    pub connections_per_address: usize,
    /// Open live streams.
    pub live_pages: usize,
    /// Time for a request's header.
    pub header_timeout: Duration,
    /// Time for a whole request.
    pub request_timeout: Duration,
    /// Time for which a client may take next to nothing of its answer.
    pub answer_timeout: Duration,
    /// Largest request body, bytes.
    pub body_bytes_max: usize,
}

impl Deref for App {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}

impl App {
    /// All that a request may need, together.
    pub fn new(parts: Parts) -> App {
        App(Arc::new(parts))
    }

    /// How sure it is that a volume is where the record says, and why.
    pub fn confidence(&self, volume: &VolumeView) -> (Confidence, String) {
        let site = self.site();
        let mut stations = site.stations.iter();
        let is_proven = volume.station.as_ref().is_some_and(|name| {
            stations.any(|station| station.name == *name && station.custodian == volume.at.code)
        });
        let now = self.clock.now();
        let is_late = volume.since.is_some_and(|since| now.duration_since(since) > site.arrives_within);
        volume.confidence(now, is_proven, is_late)
    }

    /// The configuration's part in force.
    pub fn site(&self) -> Arc<Site> {
        Arc::clone(&self.site.read().unwrap_or_else(PoisonError::into_inner))
    }
}
