//! The page that stands on a station's desk: what became of the last scan, to be read from three metres away.

use super::batch::BatchSection;
use super::extract::Path;
use super::filters;
use super::mark::{Mark, next_step};
use super::times::{Times, When};
use super::{Frame, Page, PageError, page, seen};
use crate::access::Role;
use crate::label::visible;
use crate::scanner::Gauge;
use crate::store::{
    Arrivals, BoardScan, BoardStep, BoardView, BoardVolume, Compliance, Named, SessionView, Viewed,
};
use crate::tracking::grammar::{Mode, MovementKind, Progress, StationKind};
use crate::tracking::{Signal, Verdict, VolumeId};
use crate::web::door::{self, User};
use crate::web::{App, Site, SiteStation, glass};
use askama::Template;
use askama::filters::HtmlSafe;
use axum::extract::State;
use axum::http::header;
use axum::response::{AppendHeaders, IntoResponse, Response};
use jiff::SignedDuration;

/// Scans that the page shows.
const SCANS_SHOWN: u32 = 20;
/// Characters of a number that a screen shows: the digits that the shelf goes by.
const TAIL_CHARS: usize = 4;
/// What a screen says where there is more to do than its word tells.
const SAID_ELSEWHERE: &str = "open the page of this station, signed in: it says what to do";
/// Time over which scans that were left out are counted.
const COMPLIANCE_OF: SignedDuration = SignedDuration::from_hours(30 * 24);

#[derive(Template)]
#[template(path = "stations.html", config = "src/web/askama.toml")]
struct StationsPage {
    frame: Frame,
    stations: Vec<Listed>,
}

struct Listed {
    station: SiteStation,
    scanners: Vec<ScannerState>,
    lost: Option<Lost>,
    compliance: Option<Compliance>,
}

#[derive(Template)]
#[template(path = "station.html", config = "src/web/askama.toml")]
struct StationPage {
    frame: Frame,
    station: SiteStation,
    custodian: Named,
    scanners: Vec<ScannerState>,
    is_desk: bool,
    /// Names and numbers are: anybody may walk past.
    is_hidden: bool,
    session: Option<Session>,
    lost: Option<Lost>,
    /// Why a label that was asked for was not printed.
    unprinted: Option<String>,
    tally: Tally,
    /// What was sent here, if anything was.
    arrivals: Option<Arrivals>,
    last: Option<Outcome>,
    scans: Vec<Outcome>,
    batch: Option<BatchSection>,
}

/// What the next chart is scanned for.
struct Session {
    does: String,
    /// How far the pull list or the sweep is, and which chart is next.
    far: Option<String>,
    /// How far the pull list is, for screens: without a chart.
    counted: Option<String>,
    operator: Option<String>,
    batch: usize,
    ends_at: Option<When>,
}

/// A scanner of the station.
struct ScannerState {
    source: String,
    mark: Mark,
}

/// The last scan, if it is not on disk.
struct Lost {
    /// Another one has another.
    id: String,
    at: When,
    why: String,
    count: u64,
}

/// Scans of today.
struct Tally {
    recorded: u64,
    others: Vec<(Mark, u64)>,
}

/// A scan and what became of it, as the section that can be read from three metres away.
#[derive(Template)]
#[template(path = "outcome.html", config = "src/web/askama.toml")]
pub(super) struct Outcome {
    no: String,
    pub(super) mark: Mark,
    /// Which of the tones in `sound.js` it sounds.
    tone: &'static str,
    at: When,
    pub(super) text: String,
    volume: Option<BoardVolume>,
    step: Option<String>,
    /// What matters more than where it moved.
    why: Option<String>,
    /// Where what a sweep did not see is listed.
    unseen: Option<String>,
    next: String,
    /// It is told at once, even if something else is being read out.
    is_urgent: bool,
}

/// All stations.
pub(super) async fn list(State(app): State<App>) -> Page {
    let site = app.site();
    let times = Times::new(&app, &site);
    let mut stations = Vec::new();
    for station in &site.stations {
        stations.push(Listed {
            scanners: scanners(&site, &station.name),
            lost: lost(&app, &times, &station.name),
            compliance: compliance(&app, station).await?,
            station: station.clone(),
        });
    }
    page(&StationsPage { frame: Frame::new(&app, &site, "/stations"), stations })
}

/// How well a station has scanned lately; `None` if nothing has passed there.
async fn compliance(app: &App, station: &SiteStation) -> Result<Option<Compliance>, PageError> {
    let Some(id) = app.intake.settings().numbered.stations.get(&station.name).copied() else {
        return Ok(None);
    };
    let since = app.clock.now() - COMPLIANCE_OF;
    let found = app.store.compliance(id, station.custodian.clone(), since).await?;
    Ok(found.percent().map(|_| found))
}

/// A station's page.
pub(super) async fn show(
    State(app): State<App>,
    user: User,
    Path(name): Path<String>,
) -> Result<Response, PageError> {
    let site = app.site();
    let station =
        site.stations.iter().find(|station| station.name == name && user.sees_station(&name)).cloned();
    let id = app.intake.settings().numbered.stations.get(&name).copied();
    let (Some(station), Some(id)) = (station, id) else { return Err(PageError::NotFound("station")) };
    let times = Times::new(&app, &site);
    let board = app.store.board(id, station.custodian.clone(), times.day_start(), SCANS_SHOWN).await?;
    let BoardView { custodian, counts, arrivals, session, scans } =
        board.ok_or(PageError::NotFound("station"))?;
    let scans = glass::veil(&app, scans).await?;
    let session = glass::veil(&app, Vec::from_iter(session)).await?.pop();
    let mut session = session;
    let loose = session.as_mut().map(|session| std::mem::take(&mut session.loose)).unwrap_or_default();
    let is_display = user.is_display();
    let is_hidden = is_display || is_of_another(&user, session.as_ref());
    if !is_hidden {
        // Shown all the same: this page has to say that nothing can be recorded.
        if let Err(error) = seen(&app, Viewed::Board, &format!("station {name}")) {
            tracing::error!(%error, "a station's page was shown, and that is not noted");
        }
    }
    let shown = if is_hidden { Outcome::for_passers_by } else { Outcome::new };
    let mut scans = scans.into_iter().map(|scan| shown(scan, &times)).collect::<Vec<_>>().into_iter();
    let loose = if is_hidden { Vec::new() } else { loose };
    let board = page(&StationPage {
        batch: super::batch::section(&app, &name, loose).await?,
        frame: Frame::new(&app, &site, "/stations"),
        scanners: scanners(&site, &name),
        is_desk: session.as_ref().is_some_and(|session| session.kind == StationKind::Desk),
        session: session
            .map(|session| if is_hidden { session.for_passers_by() } else { session })
            .and_then(|session| Session::new(session, &times))
            .map(|session| if is_hidden { session.for_passers_by() } else { session }),
        is_hidden,
        lost: lost(&app, &times, &name),
        unprinted: app.intake.labels().trouble(&name).map(|why| {
            if is_hidden { "open the page of this station, signed in: it says why".to_owned() } else { why }
        }),
        tally: Tally::new(&counts),
        arrivals: Some(arrivals).filter(|arrivals| arrivals.expected > 0),
        last: scans.next(),
        scans: scans.collect(),
        custodian,
        station,
    })?;
    // A screen's cookie would be forgotten by the browser in the end; each look renews it.
    let renewed = user.cookie().filter(|_| is_display).and_then(|cookie| door::set(cookie, Role::Display));
    Ok((AppendHeaders(renewed.map(|cookie| (header::SET_COOKIE, cookie))), board).into_response())
}

/// Whether somebody's badge was scanned who is not the one that is signed in at this desk: what is shown is theirs no more.
fn is_of_another(user: &User, session: Option<&SessionView>) -> bool {
    let scans = session.and_then(|session| session.operator_code.as_ref());
    user.desk.as_ref().is_some_and(|desk| scans.is_some_and(|scans| Some(scans) != desk.badge.as_ref()))
}

fn scanners(site: &Site, station: &str) -> Vec<ScannerState> {
    let of_station = site.gauges.iter().filter(|gauge| gauge.station == station);
    of_station.map(|gauge| ScannerState::new(gauge)).collect()
}

fn lost(app: &App, times: &Times, station: &str) -> Option<Lost> {
    let lost = app.intake.lost(station)?;
    let id = format!("{}-{}", lost.at.as_microsecond(), lost.count);
    Some(Lost { id, at: times.clock(lost.at), why: lost.why, count: lost.count })
}

impl ScannerState {
    fn new(gauge: &Gauge) -> ScannerState {
        ScannerState { source: gauge.source.clone(), mark: Mark::presence(&gauge.read().presence) }
    }

    fn is_up(&self) -> bool {
        self.mark.class == "up"
    }
}

impl Tally {
    fn new(counts: &[(Verdict, u64)]) -> Tally {
        let count = |wanted| counts.iter().find(|(verdict, _)| *verdict == wanted).map_or(0, |(_, n)| *n);
        let is_movement = |verdict: &Verdict| verdict.is_movement();
        let others = Verdict::ALL.into_iter().filter(|verdict| !is_movement(verdict));
        Tally {
            recorded: Verdict::ALL.into_iter().filter(is_movement).map(count).sum(),
            others: others
                .map(|verdict| (Mark::verdict(verdict), count(verdict)))
                .filter(|(_, n)| *n > 0)
                .collect(),
        }
    }
}

impl Session {
    /// Nothing if a checkpoint does what it always does.
    fn new(session: SessionView, times: &Times) -> Option<Session> {
        let place = session.place.as_deref().map_or_else(|| "another place".to_owned(), filters::cut);
        let does = match (session.mode, session.kind) {
            (Mode::Rest, StationKind::Checkpoint) if session.batch == 0 && session.operator.is_none() => {
                return None;
            }
            (Mode::Rest, StationKind::Checkpoint) => "Charts are recorded here".to_owned(),
            (Mode::Rest, StationKind::Desk) => "Scan a place or a command".to_owned(),
            (Mode::Whither, _) => "Scan the place that the charts go to".to_owned(),
            (Mode::To(_), _) => format!("Charts go to {place}"),
            (Mode::CheckIn, _) => "Charts have come back".to_owned(),
            (Mode::Refile, _) => "Charts go onto their own shelf".to_owned(),
            (Mode::Sighted(_), _) => format!("Charts are confirmed at {place}"),
            (Mode::Missing, _) => "Scan the label of the missing chart".to_owned(),
            (Mode::Found, _) => "Scan the chart that was found".to_owned(),
            (Mode::Open, _) => "Scan the box that is opened".to_owned(),
            (Mode::PrintLabel, _) => "Scan the chart that gets a new label".to_owned(),
            (Mode::Pull(list), _) => format!("Pull list {list}: scan each chart that you pulled"),
            (Mode::Send(list), _) => format!("Charts of pull list {list} go to who wants them"),
            (Mode::Slip(_), _) => "Scan the chart of the slip".to_owned(),
        };
        let ends_at = session.ends_at.map(|at| times.clock(at));
        let swept = session
            .sweep
            .map(|sweep| format!("{} of {} that are on record there seen", sweep.seen, sweep.on_record));
        let far = session.progress.as_ref().map(far).or(swept);
        let counted = session.progress.as_ref().map(|list| format!("{} of {}", list.ticked, list.of));
        Some(Session { does, far, counted, operator: session.operator, batch: session.batch, ends_at })
    }

    fn for_passers_by(self) -> Session {
        let far = self.counted.clone().or(self.far);
        Session { operator: None, far, ..self }
    }
}

/// How far a pull list is, and which chart is next.
fn far(progress: &Progress) -> String {
    let Some(next) = &progress.next else { return progress.words() };
    let volume = if next.number > 1 { format!(" vol. {}", next.number) } else { String::new() };
    let (ticked, of) = (progress.ticked, progress.of);
    format!("{ticked} of {of}, next: {}{volume}, {}", next.mrn, next.place)
}

/// A movement as one line: from, to, and what it was if the two do not tell.
fn step_words(step: &BoardStep) -> String {
    let (from, to) = (filters::cut(&step.from), filters::cut(&step.to));
    match step.kind {
        MovementKind::Sighted => format!("confirmed at {to}"),
        MovementKind::Missing => format!("flagged missing, last with {from}"),
        MovementKind::Found => format!("found at {to}"),
        MovementKind::Undone => format!("{from} → {to}, where it was before"),
        MovementKind::Dispatched => format!("{from} → {to}, on its way"),
        MovementKind::Received
        | MovementKind::ChargedOut
        | MovementKind::Transferred
        | MovementKind::CheckedIn
        | MovementKind::Refiled
        | MovementKind::Import
        | MovementKind::Begun
        | MovementKind::Combined
        | MovementKind::Unpacked
        | MovementKind::Rehomed => format!("{from} → {to}"),
    }
}

fn tone(signal: Signal) -> &'static str {
    match signal {
        Signal::Recorded => "ok",
        Signal::AlreadyHere | Signal::Look => "attention",
        Signal::Refused | Signal::NotRecorded => "error",
    }
}

/// The end of a number or code: enough to know which of the folders in hand it is, not enough to know whose.
fn tail(text: &str) -> String {
    let count = text.chars().count();
    // Never more than half: of a short number, four would be all.
    let skipped = count - TAIL_CHARS.min(count / 2);
    format!("…{}", text.chars().skip(skipped).collect::<String>())
}

impl HtmlSafe for Outcome {}

impl Outcome {
    /// What a screen may show that anybody can walk past: no whole number, nothing to follow, and nothing of what was told
    /// beyond the word, which may name charts, labels and people; only that there is more.
    fn for_passers_by(scan: BoardScan, times: &Times) -> Outcome {
        let needs_hands = matches!(scan.verdict, Verdict::Attention | Verdict::Look);
        let why = scan.why.filter(|_| needs_hands).map(|_| SAID_ELSEWHERE.to_owned());
        let step = scan.step.map(|step| step.for_passers_by());
        let outcome = Outcome::new(BoardScan { why, step, ..scan }, times);
        Outcome { text: tail(&outcome.text), volume: None, unseen: None, ..outcome }
    }

    /// Which volume of its chart that is, if there are several.
    pub(super) fn number(&self) -> Option<u32> {
        self.volume.as_ref().filter(|volume| volume.of > 1).map(|volume| volume.number)
    }

    /// What it did, in a line.
    pub(super) fn line(&self) -> String {
        match (&self.step, &self.why) {
            (Some(step), Some(why)) => format!("{step}: {why}"),
            (Some(step), None) => step.clone(),
            (None, _) => self.next.clone(),
        }
    }

    /// The folder whose label it was.
    pub(super) fn volume(&self) -> Option<VolumeId> {
        self.volume.as_ref().map(|volume| volume.volume)
    }

    pub(super) fn new(scan: BoardScan, times: &Times) -> Outcome {
        let text = match &scan.volume {
            Some(volume) => volume.mrn.clone(),
            None => filters::cut(&visible(&scan.frame)),
        };
        Outcome {
            no: scan.no.to_string(),
            mark: Mark::verdict(scan.verdict),
            tone: tone(scan.verdict.signal()),
            at: times.clock(scan.at),
            text,
            volume: scan.volume,
            step: scan.step.map(|step| step_words(&step)),
            // What moves a chart says more only if something matters, or how far its pull list is.
            why: scan.why.clone().filter(|_| scan.verdict.is_movement() && scan.verdict != Verdict::Undone),
            unseen: scan.swept.map(|sweep| {
                format!("/custodians/{}?unseen={}", sweep.custodian, sweep.since.as_microsecond())
            }),
            next: scan.why.unwrap_or_else(|| next_step(scan.verdict).to_owned()),
            is_urgent: !matches!(scan.verdict.signal(), Signal::Recorded | Signal::AlreadyHere),
        }
    }
}
