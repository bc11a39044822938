//! The stations, and what each one's board shows.

use super::extract::Part;
use super::search::Custodian;
use super::words;
use crate::intake::Lost;
use crate::label;
use crate::store::{BoardScan, BoardView, BoardVolume, SessionView, Viewed};
use crate::tracking::grammar::{Progress, StationKind};
use crate::tracking::{Signal, StationId, Verdict};
use crate::web::door::User;
use crate::web::problem::{Problem, ProblemBody, ProblemKind};
use crate::web::{App, SiteStation};
use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

/// Scans on a board.
const SCANS: u32 = 50;

/// All stations.
#[derive(Serialize, ToSchema)]
pub(super) struct StationsAnswer {
    /// In the order of the configuration.
    stations: Vec<Station>,
}

/// A checkpoint.
#[derive(Serialize, ToSchema)]
struct Station {
    /// Its key.
    name: String,
    /// What people call it.
    title: String,
    /// Code of the custodian that it stands for.
    custodian: String,
    /// Names of its scanners.
    scanners: Vec<String>,
    /// Its last scan is not on disk; null as soon as a later one is.
    not_recorded: Option<LostScan>,
}

/// A scan that is not on disk: it has to be made again.
#[derive(Serialize, ToSchema)]
struct LostScan {
    /// When.
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    /// Why, and what to do.
    why: String,
    /// How many in a row.
    count: u64,
}

/// A station's board.
#[derive(Serialize, ToSchema)]
pub(super) struct BoardAnswer {
    #[serde(flatten)]
    station: Station,
    /// The custodian that it stands for.
    holder: Custodian,
    /// When the day began that the counts are of, in the file room's time zone.
    #[schema(value_type = String, format = DateTime)]
    today_since: Timestamp,
    /// Scans of today by verdict; a verdict that is not here did not occur.
    today: Vec<VerdictCount>,
    /// How much of what was sent there has arrived.
    arrivals: ArrivalCount,
    /// What the next chart is scanned for.
    session: Option<Session>,
    /// The last scans, newest first; at most 50.
    scans: Vec<ScanRow>,
}

/// A station between two scans.
#[derive(Serialize, ToSchema)]
struct Session {
    /// `checkpoint`: what is scanned is here; `desk`: labels say what is done.
    kind: &'static str,
    /// What the next chart is scanned for: `rest`, `whither` (a place is to be scanned), `to`, `check-in`, `refile`,
    /// `sighted`, `missing`, `found`, `print-label`, `pull`, `send` or `slip`.
    mode: &'static str,
    /// The place of `to` and `sighted`.
    place: Option<String>,
    /// Code of the person whose badge was scanned.
    operator: Option<String>,
    /// Charts of the batch.
    batch: usize,
    /// How far the pull list is that is worked on; null if there is none.
    list: Option<ListProgress>,
    /// How far the sweep is that goes on; null if there is none, and in a file area, where nobody confirms all shelves at once.
    sweep: Option<SweepProgress>,
    /// When the batch ends by waiting; null if there is none.
    #[schema(value_type = Option<String>, format = DateTime)]
    ends_at: Option<Timestamp>,
}

/// How much of what was sent to a place has arrived.
#[derive(Serialize, ToSchema)]
struct ArrivalCount {
    /// Charts that were sent there and were scanned there, since `today_since`.
    arrived: u64,
    /// Those, and what is still on its way there.
    expected: u64,
}

/// How far a sweep is.
#[derive(Serialize, ToSchema)]
struct SweepProgress {
    /// Charts that are on record there and were seen since it began.
    seen: u64,
    /// Charts that are on record there.
    on_record: u64,
}

/// How far a pull list is.
#[derive(Serialize, ToSchema)]
struct ListProgress {
    /// Rows that are ticked.
    ticked: usize,
    /// Rows.
    rows: usize,
    /// The record number of the next chart on the walk.
    next_mrn: Option<String>,
    /// Its volume.
    next_number: Option<u32>,
    /// Where it is.
    next_place: Option<String>,
}

impl From<Progress> for ListProgress {
    fn from(progress: Progress) -> ListProgress {
        let next = progress.next;
        ListProgress {
            ticked: progress.ticked,
            rows: progress.of,
            next_number: next.as_ref().map(|next| next.number),
            next_mrn: next.as_ref().map(|next| next.mrn.clone()),
            next_place: next.map(|next| next.place),
        }
    }
}

/// How often a verdict occurred.
#[derive(Serialize, ToSchema)]
struct VerdictCount {
    #[schema(schema_with = words::verdict)]
    verdict: Verdict,
    scans: u64,
}

/// A scan on a board.
#[derive(Serialize, ToSchema)]
struct ScanRow {
    /// Its place in the journal.
    scan_no: i64,
    /// When it was recorded.
    #[schema(value_type = String, format = DateTime)]
    recorded_at: Timestamp,
    /// The word for it.
    #[schema(schema_with = words::verdict)]
    verdict: Verdict,
    /// The word as a clerk reads it.
    title: &'static str,
    /// What the clerk was told beyond it.
    why: Option<String>,
    /// How the person at the scanner was told.
    #[schema(schema_with = words::signal)]
    signal: Signal,
    /// The code as it came, controls made visible.
    code: String,
    /// Who had the volume, if it moved.
    from: Option<String>,
    /// Who has it now, if it moved.
    to: Option<String>,
    /// What the movement was: `received`, `charged-out`, `dispatched`, `transferred`, `checked-in`, `refiled`, `sighted`,
    /// `missing`, `found` or `undone`.
    movement: Option<&'static str>,
    /// It was sent there and has not been scanned there.
    in_transit: bool,
    /// The volume, if the label was on file.
    volume: Option<ScanVolume>,
}

/// The volume of a scan.
#[derive(Serialize, ToSchema)]
struct ScanVolume {
    /// The chart that it is part of.
    chart: i64,
    /// The patient's number as the site writes it.
    mrn: String,
    /// 1 for the first volume.
    number: u32,
    /// How many volumes the chart has.
    of: u32,
    /// Its label.
    label: String,
}

/// Lists the stations.
#[utoipa::path(
    get, path = "/api/v1/stations", tag = "stations",
    responses((status = 200, description = "All stations.", body = StationsAnswer)),
)]
pub(super) async fn list(State(app): State<App>) -> Json<StationsAnswer> {
    let stations = app.site().stations.iter().map(|station| describe(&app, station)).collect();
    Json(StationsAnswer { stations })
}

/// Shows a station's board: the counts of today and the last scans.
#[utoipa::path(
    get, path = "/api/v1/stations/{name}", tag = "stations",
    params(("name" = String, Path, description = "The station's key.")),
    responses(
        (status = 200, description = "The board.", body = BoardAnswer),
        (status = 404, description = "There is no such station.", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub(super) async fn station(
    State(app): State<App>,
    user: User,
    Part(name): Part<String>,
    headers: HeaderMap,
) -> Result<Json<BoardAnswer>, Problem> {
    // A screen's board is a page: here the numbers are whole.
    if user.is_display() {
        return Err(Problem::new(ProblemKind::Forbidden, "a screen reads no whole record numbers"));
    }
    let site = app.site();
    let (station, id) = find(&app, &site.stations, &name).ok_or_else(Problem::not_found)?;
    let today = app.clock.now().to_zoned(site.time_zone.clone()).start_of_day();
    let since = today.map_or(app.clock.now(), |today| today.timestamp());
    let board = app.store.board(id, station.custodian.clone(), since, SCANS).await?;
    let mut board = board.ok_or_else(Problem::not_found)?;
    board.scans = super::veil(&app, &headers, board.scans).await?;
    board.session = super::veil(&app, &headers, Vec::from_iter(board.session)).await?.pop();
    super::seen(&app, Viewed::Board, &format!("station {name}"))?;
    Ok(Json(answer(describe(&app, station), board, since)))
}

fn find<'a>(app: &App, stations: &'a [SiteStation], name: &str) -> Option<(&'a SiteStation, StationId)> {
    let station = stations.iter().find(|station| station.name == name)?;
    let id = *app.intake.settings().numbered.stations.get(name)?;
    Some((station, id))
}

fn describe(app: &App, station: &SiteStation) -> Station {
    let site = app.site();
    let scanners = site.gauges.iter().filter(|gauge| gauge.station == station.name);
    Station {
        name: station.name.clone(),
        title: station.title.clone(),
        custodian: station.custodian.clone(),
        scanners: scanners.map(|gauge| gauge.source.clone()).collect(),
        not_recorded: app.intake.lost(&station.name).map(LostScan::from),
    }
}

fn answer(station: Station, board: BoardView, since: Timestamp) -> BoardAnswer {
    let counts = board.counts.into_iter();
    BoardAnswer {
        station,
        holder: board.custodian.into(),
        today_since: since,
        today: counts.map(|(verdict, scans)| VerdictCount { verdict, scans }).collect(),
        arrivals: ArrivalCount { arrived: board.arrivals.arrived, expected: board.arrivals.expected },
        session: board.session.map(Session::from),
        scans: board.scans.into_iter().map(ScanRow::from).collect(),
    }
}

impl From<SessionView> for Session {
    fn from(session: SessionView) -> Session {
        Session {
            kind: match session.kind {
                StationKind::Checkpoint => "checkpoint",
                StationKind::Desk => "desk",
            },
            mode: session.mode.as_str(),
            place: session.place,
            operator: session.operator_code,
            batch: session.batch,
            list: session.progress.map(ListProgress::from),
            sweep: session.sweep.map(|sweep| SweepProgress { seen: sweep.seen, on_record: sweep.on_record }),
            ends_at: session.ends_at,
        }
    }
}

impl From<Lost> for LostScan {
    fn from(lost: Lost) -> LostScan {
        LostScan { at: lost.at, why: lost.why, count: lost.count }
    }
}

impl From<BoardScan> for ScanRow {
    fn from(scan: BoardScan) -> ScanRow {
        ScanRow {
            scan_no: scan.no.0,
            recorded_at: scan.at,
            verdict: scan.verdict,
            title: scan.verdict.title(),
            why: scan.why,
            signal: scan.verdict.signal(),
            code: label::visible(&scan.frame),
            from: scan.step.as_ref().map(|step| step.from.clone()),
            to: scan.step.as_ref().map(|step| step.to.clone()),
            movement: scan.step.as_ref().map(|step| step.kind.as_str()),
            in_transit: scan.step.is_some_and(|step| step.in_transit),
            volume: scan.volume.map(ScanVolume::from),
        }
    }
}

impl From<BoardVolume> for ScanVolume {
    fn from(volume: BoardVolume) -> ScanVolume {
        ScanVolume {
            chart: volume.chart.0,
            mrn: volume.mrn,
            number: volume.number,
            of: volume.of,
            label: volume.label,
        }
    }
}
