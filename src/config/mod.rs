//! The configuration: raw TOML becomes a checked [`Config`] once, and nothing deeper sees strings or the environment.
//!
//! `outguide.toml` is read first, then `conf.d/*.toml` beside it in name order: a later value replaces an earlier
//! one, `[[station]]`, `[[label]]` and `[[printer]]` add up. Unknown keys are refused. All mistakes of one reading are reported
//! together, each with file, line and column.
//!
//! Invariant: reading the configuration opens no device and no port, so it can be checked while the daemon runs.

mod backup;
mod calendar;
mod errors;
mod fields;
mod files;
mod keys;
mod labels;
mod missing;
mod nearest;
mod network;
mod notices;
mod printer;
mod problems;
mod site;
mod source;
mod station;
#[cfg(test)]
mod tests;
mod tracking;
mod web;
mod webhook;

use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Span};

use crate::access::SignInRules;
use crate::backups::Plan;
use crate::label::Formats;
use crate::missing::Rules;
use crate::paper::Habit;
use crate::printer::Printer;
use crate::scanner::Source;
use crate::tracking::grammar::StationKind;
use crate::tracking::{Calendar, DueRule};

pub use errors::{ConfigError, ConfigErrors};
pub use labels::default_formats;
pub use notices::Notices;
pub use tracking::ARRIVES_WITHIN;

use fields::Fields;
use files::SourceFile;
use problems::Problems;

/// The checked configuration.
#[derive(Debug, Clone)]
pub struct Config {
    /// Directory of the database; absolute.
    pub data_dir: PathBuf,
    /// Where the pages are served; a loopback address, unless there is TLS.
    pub listen: SocketAddr,
    /// How the pages are reached, and by whom.
    pub web: Web,
    /// Time zone of the file room, for due dates and what the pages show.
    pub time_zone: TimeZone,
    /// Name of the file room in page titles.
    pub site_name: String,
    /// Every limit of the daemon.
    pub limits: Limits,
    /// When the file room is open.
    pub calendar: Calendar,
    /// When charts are due back from holders that have no rule of their own.
    pub due: DueRule,
    /// What is settled about missing charts.
    pub missing: Rules,
    /// How long a chart may be on its way before it counts as never arrived.
    pub arrives_within: SignedDuration,
    /// After how long movements are moved into the archive, in years; `None`: never.
    pub archive_after: Option<Span>,
    /// The stations in the order of the files; at least one.
    pub stations: Vec<Station>,
    /// Label formats in the order they are tried.
    pub formats: Formats,
    /// How labels look unless somebody chooses otherwise.
    pub habit: Habit,
    /// The label printers in the order of the files.
    pub printers: Vec<Printer>,
    /// Backups by the clock; `None`: none are made.
    pub backup: Option<Plan>,
    /// Who is asked for charts, when, and how mail leaves.
    pub notices: Notices,
}

/// How the pages are reached, and by whom.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Web {
    /// Names that the site is called by, besides those of this machine.
    pub hosts: Vec<String>,
    /// Certificate and key for TLS.
    pub tls: Option<Tls>,
    /// How long sign-ins last.
    pub sign_in: SignInRules,
    /// Header in which a proxy names who asks; lower case.
    pub proxy_header: Option<String>,
    /// The proxies that are believed.
    pub trusted_proxies: Vec<IpAddr>,
}

/// Where certificate and key are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tls {
    /// The certificate and those above it, PEM.
    pub certificate: PathBuf,
    /// Its key, PEM.
    pub key: PathBuf,
}

/// Every limit of the daemon: what is beyond one is refused aloud, never queued silently.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Scans that wait for the recorder, of all sources together.
    pub scan_queue: usize,
    /// Scans of one source that wait for their answer.
    pub scans_in_flight_per_source: usize,
    /// Open HTTP connections.
    pub connections: usize,
    /// Of these, what one address gets; up to `connections`.
    pub connections_per_address: usize,
    /// Longest time from a connection's first byte to the end of the request's header.
    pub header_timeout: Duration,
    /// Longest time a request may take.
    pub request_timeout: Duration,
    /// Longest time for which a client may take next to nothing of its answer.
    pub answer_timeout: Duration,
    /// Largest request body, in bytes.
    pub body_bytes_max: usize,
    /// Open live pages; fewer than `connections`, so that pages never shut out requests.
    pub live_pages: usize,
    /// Database connections that only read.
    pub readers: usize,
}

/// A place with one or more scanners, where scanned charts change hands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Station {
    /// Key in URLs and records: lower-case letters, digits and `-`; unique.
    pub name: String,
    /// What the clerk reads; the name unless given.
    pub title: String,
    /// Code of the custodian at whose place the station stands.
    pub custodian: String,
    /// Within this time the same code from the same source is one movement; zero: every read counts.
    pub double_read: Duration,
    /// What it does by itself.
    pub kind: StationKind,
    /// Silence after which a batch is at its end.
    pub idle: Duration,
    /// Silence after which a badge must be scanned again.
    pub badge_idle: Duration,
    /// Name of its label printer, for PRINT LABEL.
    pub printer: Option<String>,
    /// Its scanners; at least one.
    pub sources: Vec<Source>,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            scan_queue: 1024,
            scans_in_flight_per_source: 16,
            connections: 256,
            connections_per_address: 64,
            header_timeout: Duration::from_secs(5),
            request_timeout: Duration::from_secs(10),
            answer_timeout: Duration::from_secs(30),
            body_bytes_max: 65_536,
            live_pages: 64,
            readers: 2,
        }
    }
}

impl Config {
    /// Reads a configuration file and the files in `conf.d` beside it.
    ///
    /// # Errors
    /// Every mistake in the files, and why one of them could not be read.
    pub fn load(path: &Path) -> Result<Config, ConfigErrors> {
        let (files, unreadable) = files::read(path);
        parse(&files, unreadable)
    }

    /// What is allowed and is probably not meant.
    pub fn advice(&self) -> Option<&'static str> {
        let is_behind_proxy = self.listen.ip().is_loopback() && !self.web.hosts.is_empty();
        (is_behind_proxy && self.web.trusted_proxies.is_empty()).then_some(
            "`hosts` says that a proxy passes the network's requests on, but `trusted_proxies` is empty: all computers count \
             as one, with the connections of one, and one that guesses passwords makes the others wait; write \
             trusted_proxies = [\"127.0.0.1\"], if the proxy sends X-Forwarded-For",
        )
    }

    /// The keys that differ between this and a newer configuration and that take effect only at the next start.
    pub fn changes_needing_restart(&self, new: &Config) -> Vec<&'static str> {
        let (old, limits) = (&self.limits, &new.limits);
        let years = |config: &Config| config.archive_after.map_or(0, |after| after.get_years());
        let differences = [
            ("data_dir", self.data_dir != new.data_dir),
            ("listen", self.listen != new.listen),
            ("web.hosts", self.web.hosts != new.web.hosts),
            ("web.tls_certificate", self.web.tls.is_some() != new.web.tls.is_some()),
            ("time_zone", self.time_zone != new.time_zone),
            ("tracking.archive_after_years", years(self) != years(new)),
            ("limits.scan_queue", old.scan_queue != limits.scan_queue),
            (
                "limits.scans_in_flight_per_source",
                old.scans_in_flight_per_source != limits.scans_in_flight_per_source,
            ),
            ("limits.connections", old.connections != limits.connections),
            ("limits.connections_per_address", old.connections_per_address != limits.connections_per_address),
            ("limits.answer_timeout_s", old.answer_timeout != limits.answer_timeout),
            ("limits.header_timeout_s", old.header_timeout != limits.header_timeout),
            ("limits.request_timeout_s", old.request_timeout != limits.request_timeout),
            ("limits.body_bytes_max", old.body_bytes_max != limits.body_bytes_max),
            ("limits.live_pages", old.live_pages != limits.live_pages),
            ("limits.readers", old.readers != limits.readers),
        ];
        differences.into_iter().filter(|(_, differs)| *differs).map(|(key, _)| key).collect()
    }
}

/// Checks the files' texts. A file that is no TOML hides what it would have said, so then nothing else is judged.
fn parse(files: &[SourceFile], unreadable: Vec<ConfigError>) -> Result<Config, ConfigErrors> {
    let mut errors = unreadable;
    let mut roots = Vec::new();
    for file in files {
        match file.parse() {
            Ok(root) => roots.push(root),
            Err(found) => errors.extend(found),
        }
    }
    if !errors.is_empty() {
        return Err(ConfigErrors(errors));
    }
    let mut problems = Problems::new(files);
    let config = check(&Fields::top(&keys::TOP, &roots), &mut problems);
    let errors = problems.into_errors();
    match config {
        Some(config) if errors.is_empty() => Ok(config),
        _ => Err(ConfigErrors(errors)),
    }
}

fn check(top: &Fields<'_>, problems: &mut Problems<'_>) -> Option<Config> {
    top.refuse_unknown(problems);
    let data_dir = site::data_dir(top, problems);
    let listen = site::listen(top, problems);
    let web = web::web(&top.section("web", &keys::WEB, problems), listen, top.place_of("listen"), problems);
    let time_zone = site::time_zone(top, problems);
    let site_name = site::name(top, problems);
    let limits = site::limits(top, problems);
    let backup = backup::backup(&top.section("backup", &keys::BACKUP, problems), &time_zone, problems);
    let open = top.section("calendar", &keys::CALENDAR, problems);
    let calendar = calendar::calendar(&open, &time_zone, problems);
    let missing = missing::rules(&top.section("missing", &keys::MISSING, problems), problems);
    let followed = top.section("tracking", &keys::TRACKING, problems);
    let arrives_within = tracking::arrives_within(&followed, problems);
    let archive_after = tracking::archive_after(&followed, problems);
    let habit = printer::habit(top, problems);
    let printers = printer::printers(top, problems);
    let stations = station::stations(top, &printers, problems);
    let formats = labels::formats(top, problems)?;
    let (calendar, due) = calendar?;
    let notices = notices::notices(top, &calendar, &site_name, problems);
    Some(Config {
        data_dir,
        listen,
        web,
        time_zone,
        site_name,
        limits,
        calendar,
        due,
        missing,
        arrives_within,
        archive_after,
        stations,
        formats,
        habit,
        printers,
        backup,
        notices,
    })
}
