//! A file room in a temporary directory, with its site: what the tests ask and what they compare.

use crate::source::serial_source;
use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Request, StatusCode, header, request};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use outguide::access::{Role, SignInRules};
use outguide::changes::Changes;
use outguide::clock::Clock;
use outguide::intake::{Intake, NETWORK_SOURCE, NetworkScan, Settings};
use outguide::label::{CheckScheme, FormatSpec, Formats, LabelKind, ReadOptions};
use outguide::scanner::Gauge;
use outguide::store::{ChartLine, CustodianLine, Importer, Options, PersonLine, Place, Station, Store};
use outguide::tracking::{Entry, Mrn, ScanId, Verdict};
use outguide::web::door::{Door, Rules};
use outguide::web::{App, Parts, Site, SiteStation, WebLimits, router};
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, RwLock};
use std::time::Duration;
use tower::ServiceExt;

/// Sunday 22 November 2026, 10:42 in Zurich.
const NOW: &str = "2026-11-22T09:42:00Z";

/// A name that would like to be more than a name.
pub(crate) const HOSTILE: &str = "<img src=x onerror=alert(1)> \u{202e}draw\u{1b}[2J";

/// An open file room: stations "desk" (custodian FILE) and "clinic" (custodian CLIN), charts at FILE.
pub(crate) struct Room {
    pub(crate) app: App,
    dir: tempfile::TempDir,
    cookies: Vec<(Role, String)>,
    scans: AtomicU32,
}

/// An answer, read to its end.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Room {
    /// With charts `(record number, label)` of the record type "medical"; a number that stands twice gets volumes.
    pub(crate) async fn new(charts: &[(&str, &str)]) -> Room {
        let charts: Vec<_> = charts.iter().map(|(mrn, label)| (*mrn, *label, "", "")).collect();
        Room::of_patients(&charts).await
    }

    /// With charts `(record number, label, patient's name, date of birth)`.
    pub(crate) async fn of_patients(charts: &[(&str, &str, &str, &str)]) -> Room {
        // Days go by in these tests, and nobody is to sign in anew meanwhile.
        let sign_in = SignInRules {
            idle: SignedDuration::MAX,
            absolute: SignedDuration::MAX,
            ..SignInRules::default()
        };
        Room::furnished(charts, Rules { sign_in, ..Rules::default() }).await
    }

    /// With so many more clinics and people: `C1`, Clinic 1 of the Heart Centre; `P1`, Person 1.
    pub(crate) async fn large(charts: &[(&str, &str)], of: usize) -> Room {
        let charts: Vec<_> = charts.iter().map(|(mrn, label)| (*mrn, *label, "", "")).collect();
        let mut room = Room::of_places(&charts, Rules::default(), of).await;
        room.meet_everybody().await;
        room
    }

    /// With other rules at the door.
    pub(crate) async fn with(charts: &[(&str, &str)], rules: Rules) -> Room {
        let charts: Vec<_> = charts.iter().map(|(mrn, label)| (*mrn, *label, "", "")).collect();
        Room::furnished(&charts, rules).await
    }

    async fn furnished(charts: &[(&str, &str, &str, &str)], rules: Rules) -> Room {
        let mut room = Room::without_accounts(charts, rules).await;
        room.meet_everybody().await;
        room
    }

    /// Signs one of each role in.
    async fn meet_everybody(&mut self) {
        for role in Role::ALL {
            let station = role.is_device().then_some("desk");
            let cookie = crate::sign_in::sign_in(&self.app.store, role, station, "unknown").await;
            self.cookies.push((role, cookie));
        }
    }

    /// As at the first start.
    pub(crate) async fn empty() -> Room {
        Room::without_accounts(&[], Rules::default()).await
    }

    async fn without_accounts(charts: &[(&str, &str, &str, &str)], rules: Rules) -> Room {
        Room::of_places(charts, rules, 0).await
    }

    async fn of_places(charts: &[(&str, &str, &str, &str)], rules: Rules, places: usize) -> Room {
        let dir = tempfile::tempdir().unwrap();
        let clock = Clock::manual(NOW.parse::<Timestamp>().unwrap());
        import(&Place::new(dir.path()), clock.now(), charts, places);
        let options = Options { place: Place::new(dir.path()), queue: 64, readers: 1 };
        let (store, _thread) = Store::open(&options, &clock).unwrap();
        let stations = vec![station("desk", "Front desk", "FILE"), station("clinic", "Heart clinic", "CLIN")];
        let numbered = store.set_stations(stations).await.unwrap();
        let changes = Changes::default();
        let format = FormatSpec {
            kind: LabelKind::Volume,
            pattern: "V[0-9]+[A-Z]?".into(),
            check: CheckScheme::None,
            keep_check: false,
            aim: Vec::new(),
            gs1: None,
            hibc: None,
        };
        let checked = FormatSpec {
            pattern: "W[0-9]+[0-9A-Z]".into(),
            check: CheckScheme::Iso7064Mod37_36,
            keep_check: true,
            ..format.clone()
        };
        let slips = FormatSpec {
            kind: LabelKind::Request,
            pattern: "R[LNS]?[0-9]+[0-9A-Z]".into(),
            ..checked.clone()
        };
        // WHO AM I and PRINT LABEL; a room that reads no other command prints no card of them.
        let command =
            FormatSpec { kind: LabelKind::Command, pattern: "K1[01][A-Z]".into(), ..checked.clone() };
        let badges = FormatSpec { kind: LabelKind::Person, pattern: "P[0-9]".into(), ..format.clone() };
        let settings = Settings {
            formats: Formats::new(vec![format, checked, slips, command, badges], ReadOptions::default())
                .unwrap(),
            numbered,
            station_of: [("desk-gun".to_owned(), "desk".to_owned())].into(),
        };
        let intake = Intake::new(store.clone(), clock.clone(), changes.clone(), settings);
        let backups = Arc::new(outguide::backups::Backups::new(None, clock.now()));
        let gauge = Gauge::new(&serial_source("desk-gun", "/dev/scanner/desk"), "desk".into(), clock.now());
        let site = Site {
            name: "North file room".into(),
            time_zone: TimeZone::get("Europe/Zurich").unwrap(),
            stations: vec![
                site_station("desk", "Front desk", "FILE"),
                site_station("clinic", "Heart clinic", "CLIN"),
            ],
            gauges: vec![Arc::new(gauge)],
            habit: outguide::paper::Habit::default(),
            printers: outguide::printer::Printers::default(),
            calendar: outguide::tracking::Calendar::default(),
            missing: outguide::missing::Rules::default(),
            arrives_within: outguide::config::ARRIVES_WITHIN,
            notices: outguide::web::SiteNotices::default(),
        };
        let listen = SocketAddr::from(([127, 0, 0, 1], 8470));
        let app = App::new(Parts {
            store,
            intake,
            changes,
            clock,
            site: Arc::new(RwLock::new(Arc::new(site))),
            door: Arc::new(Door::new(rules)),
            limits: limits(listen),
            stop: tokio_util::sync::CancellationToken::new(),
            backups,
        });
        Room { app, dir, cookies: Vec::new(), scans: AtomicU32::new(0) }
    }

    /// The header that signs a request in.
    pub(crate) fn cookie(&self, role: Role) -> String {
        let (_, cookie) = self.cookies.iter().find(|(of, _)| *of == role).unwrap();
        format!("__Host-outguide={cookie}")
    }

    /// The first column of what a question to the database answers.
    #[expect(clippy::disallowed_methods, reason = "what is on disk is looked at past the store")]
    pub(crate) fn rows(&self, sql: &str) -> Vec<String> {
        let conn = rusqlite::Connection::open(Place::new(self.dir.path()).db()).unwrap();
        let mut rows = conn.prepare(sql).unwrap();
        let text = |row: &rusqlite::Row<'_>| match row.get::<_, rusqlite::types::Value>(0)? {
            rusqlite::types::Value::Text(text) => Ok(text),
            rusqlite::types::Value::Integer(number) => Ok(number.to_string()),
            other => panic!("{other:?}"),
        };
        rows.query_map([], text).unwrap().map(Result::unwrap).collect()
    }

    /// Makes the station "desk" one where labels say what is done.
    pub(crate) async fn make_desk(&self) {
        let mut desk = station("desk", "Front desk", "FILE");
        desk.kind = outguide::tracking::grammar::StationKind::Desk;
        self.app.store.set_stations(vec![desk, station("clinic", "Heart clinic", "CLIN")]).await.unwrap();
    }

    /// Puts a label printer beside the station "clinic", and somebody who prints what it asks for.
    pub(crate) async fn set_label_printer(&self, printer: outguide::printer::Printer) {
        let mut clinic = station("clinic", "Heart clinic", "CLIN");
        clinic.prints = true;
        self.app.store.set_stations(vec![station("desk", "Front desk", "FILE"), clinic]).await.unwrap();
        let mut site = self.app.site.write().unwrap();
        let site = Arc::get_mut(&mut site).unwrap();
        site.stations[1].printer = Some(printer.name.clone());
        site.printers =
            outguide::printer::Printers::new(vec![printer], outguide::printer::Patience::default());
        drop(tokio::spawn(outguide::web::print_wanted(self.app.clone(), self.app.stop.clone())));
    }

    /// The database is whole: chains, whereabouts, counts.
    pub(crate) fn sound(&self) {
        let report = outguide::store::verify(&Place::new(self.dir.path()), &mut |_, _| ()).unwrap();
        assert_eq!(report.findings, [""; 0]);
    }

    /// Has only supervisors declare charts missing.
    pub(crate) fn let_supervisors_flag(&self) {
        let mut site = self.app.site.write().unwrap();
        Arc::get_mut(&mut site).unwrap().missing.supervisor_flags = true;
    }

    /// Runs a statement behind the store's back.
    #[expect(
        clippy::disallowed_methods,
        reason = "a fault is made here that the store could not make itself"
    )]
    pub(crate) fn sql(&self, sql: &str) {
        let conn = rusqlite::Connection::open(Place::new(self.dir.path()).db()).unwrap();
        conn.execute_batch(sql).unwrap();
    }

    /// What a statement counts.
    #[expect(clippy::disallowed_methods, reason = "the audit log has no page yet")]
    pub(crate) fn count(&self, sql: &str) -> i64 {
        let conn = rusqlite::Connection::open(Place::new(self.dir.path()).db()).unwrap();
        conn.query_row(sql, [], |row| row.get(0)).unwrap()
    }

    fn site(&self) -> Router {
        router(self.app.clone())
    }

    /// Only the status, for answers that never end.
    pub(crate) async fn status(&self, request: Request<Body>) -> StatusCode {
        self.site().oneshot(request).await.unwrap().status()
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.site().oneshot(request).await.unwrap();
        let (head, body) = response.into_parts();
        let body = axum::body::to_bytes(body, 1 << 20).await.unwrap();
        Answer {
            status: head.status,
            headers: head.headers,
            body: String::from_utf8_lossy(&body).into_owned(),
        }
    }

    /// Asks as a supervisor, who may see all of the file room.
    pub(crate) async fn get(&self, address: &str) -> Answer {
        self.get_as(Some(Role::Supervisor), address).await
    }

    /// Asks as somebody, or as nobody.
    pub(crate) async fn get_as(&self, role: Option<Role>, address: &str) -> Answer {
        self.send(self.request("GET", role, address).body(Body::empty()).unwrap()).await
    }

    /// A request of somebody, or of nobody.
    pub(crate) fn request(&self, method: &str, role: Option<Role>, address: &str) -> request::Builder {
        let request = Request::builder().method(method).uri(address).header(header::HOST, "localhost:8470");
        match role {
            Some(role) => request.header(header::COOKIE, self.cookie(role)),
            None => request,
        }
    }

    /// A page that must be there.
    pub(crate) async fn page(&self, address: &str) -> String {
        let answer = self.get(address).await;
        assert_eq!(answer.status, StatusCode::OK, "{address}: {}", answer.body);
        answer.body
    }

    pub(crate) async fn locate(&self, text: &str) -> Answer {
        self.post("/locate", &[("q", text)]).await
    }

    /// Sends a form as a supervisor.
    pub(crate) async fn post(&self, address: &str, fields: &[(&str, &str)]) -> Answer {
        self.post_as(Some(Role::Supervisor), address, fields).await
    }

    /// Sends a form as somebody, or as nobody.
    pub(crate) async fn post_as(&self, role: Option<Role>, address: &str, fields: &[(&str, &str)]) -> Answer {
        let coded = |text: &str| text.bytes().map(|byte| format!("%{byte:02X}")).collect::<String>();
        let fields: Vec<_> = fields.iter().map(|(name, value)| format!("{name}={}", coded(value))).collect();
        let request = self
            .request("POST", role, address)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        self.send(request.body(Body::from(fields.join("&"))).unwrap()).await
    }

    /// Scans a code; the word for what became of it, `None` if it was not recorded.
    pub(crate) async fn scan(&self, station: &str, code: &str) -> Option<Verdict> {
        self.app.clock.advance(Duration::from_secs(5));
        let count = self.scans.fetch_add(1, Ordering::Relaxed);
        let scan = NetworkScan {
            id: ScanId::new(u64::from(count), 7, count),
            station: station.to_owned(),
            bytes: code.as_bytes().to_vec(),
            scanned_at: None,
            entry: Entry::Scanned,
        };
        self.app.intake.take_network(scan).await.ok().map(|recorded| recorded.verdict)
    }
}

impl Answer {
    pub(crate) fn location(&self) -> &str {
        self.headers.get(header::LOCATION).map_or("", |value| value.to_str().unwrap())
    }
}

fn import(place: &Place, now: Timestamp, charts: &[(&str, &str, &str, &str)], places: usize) {
    let mut importer = Importer::open(place, now, false).unwrap();
    for (code, name, phone) in [
        ("FILE", "File area A", None),
        ("CLIN", "Cardiology", Some("ext. 4411")),
        ("EVIL", HOSTILE, Some(HOSTILE)),
    ] {
        let line = CustodianLine {
            kind: Some("clinic".into()),
            phone: phone.map(str::to_owned),
            ..CustodianLine::new(code, name)
        };
        importer.custodian(&line).unwrap().unwrap();
    }
    for at in 1..=places {
        let name = format!("Clinic {at} of the Heart Centre, Building North");
        let line = CustodianLine {
            kind: Some("clinic".into()),
            phone: Some(format!("ext. {at}")),
            ..CustodianLine::new(format!("C{at}"), name)
        };
        importer.custodian(&line).unwrap().unwrap();
        let name = format!("Person {at}, Anna");
        importer
            .person(&PersonLine { code: format!("P{at}"), name, label: None, left: None })
            .unwrap()
            .unwrap();
    }
    for (index, (mrn, label, name, born)) in charts.iter().enumerate() {
        let before = charts.iter().take(index).filter(|(other, ..)| other == mrn).count();
        let line = ChartLine {
            volume: u32::try_from(before).unwrap() + 1,
            name: Some((*name).to_owned()).filter(|name| !name.is_empty()),
            born: born.parse().ok(),
            ..ChartLine::new(Mrn::parse(mrn).unwrap(), *label, "FILE")
        };
        importer.chart(&line).unwrap().unwrap();
    }
    importer.finish("charts of a test").unwrap();
}

fn station(name: &str, title: &str, custodian: &str) -> Station {
    Station {
        kind: outguide::tracking::grammar::StationKind::Checkpoint,
        idle: std::time::Duration::from_secs(120),
        badge_idle: std::time::Duration::from_secs(900),
        prints: false,
        name: name.into(),
        title: title.into(),
        custodian: custodian.into(),
        double_read_window: Duration::from_secs(2),
        sources: vec![NETWORK_SOURCE.to_owned(), format!("{name}-gun")],
    }
}

fn site_station(name: &str, title: &str, custodian: &str) -> SiteStation {
    SiteStation { name: name.into(), title: title.into(), custodian: custodian.into(), printer: None }
}

fn limits(listen: SocketAddr) -> WebLimits {
    WebLimits {
        listen,
        hosts: Vec::new(),
        connections: 8,
        live_pages: 4,
        connections_per_address: 64,
        answer_timeout: Duration::from_secs(30),
        header_timeout: Duration::from_secs(5),
        request_timeout: Duration::from_secs(5),
        body_bytes_max: 65536,
    }
}
