//! A file room with two stations, three charts and the site on top.

use crate::source::serial_source;
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request, StatusCode};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use outguide::access::Permission;
use outguide::changes::Changes;
use outguide::clock::Clock;
use outguide::intake::{Intake, NETWORK_SOURCE, Settings};
use outguide::label::{CheckScheme, FormatSpec, Formats, LabelKind, ReadOptions};
use outguide::scanner::Gauge;
use outguide::store::{ChartLine, CustodianLine, Importer, Numbered, Options, Place, Station, Store};
use outguide::tracking::Mrn;
use outguide::web::door::Door;
use outguide::web::{App, Parts, Site, SiteStation, WebLimits, router, serve};
use serde_json::Value;
use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, RwLock};
use std::time::Duration;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

/// Charts V1 to V3 have the numbers 87-65-41 to 87-65-43; this is what they have in common without separators.
pub(crate) const MRN_START: &str = "87654";

pub(crate) struct Room {
    pub(crate) dir: tempfile::TempDir,
    pub(crate) clock: Clock,
    pub(crate) app: App,
    /// What programs come in with; it has every scope.
    pub(crate) token: String,
}

pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {}", self.text))
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}

pub(crate) fn limits() -> WebLimits {
    WebLimits {
        listen: SocketAddr::from(([127, 0, 0, 1], 0)),
        hosts: Vec::new(),
        connections: 400,
        live_pages: 3,
        connections_per_address: 100,
        answer_timeout: Duration::from_secs(30),
        header_timeout: Duration::from_millis(300),
        request_timeout: Duration::from_secs(8),
        body_bytes_max: 16_384,
    }
}

impl Room {
    pub(crate) async fn new() -> Room {
        Room::with(limits()).await
    }

    pub(crate) async fn with(limits: WebLimits) -> Room {
        crate::privacy::capture();
        let dir = tempfile::tempdir().unwrap();
        let clock = Clock::manual(Timestamp::from_second(1_700_000_000).unwrap());
        import(&Place::new(dir.path()), &clock);
        let options = Options { place: Place::new(dir.path()), queue: 64, readers: 1 };
        let (store, _thread) = Store::open(&options, &clock).unwrap();
        let numbered = store.set_stations(vec![station("desk", "FILE"), station("clinic", "CLIN")]).await;
        let changes = Changes::default();
        let settings = settings(numbered.unwrap());
        let intake = Intake::new(store.clone(), clock.clone(), changes.clone(), settings);
        let site = Arc::new(RwLock::new(Arc::new(site(&clock))));
        let stop = CancellationToken::new();
        let token = crate::token::token(&store, &Permission::OF_TOKENS).await;
        let door = Arc::new(Door::default());
        let app = App::new(Parts {
            store,
            intake,
            changes,
            clock: clock.clone(),
            site,
            door,
            limits,
            stop,
            backups: Arc::default(),
        });
        Room { dir, clock, app, token }
    }

    pub(crate) fn router(&self) -> Router {
        router(self.app.clone())
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        let request = Request::get(path).header("host", "localhost");
        self.ask(request.body(Body::empty()).unwrap()).await
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Answer {
        let request =
            Request::post(path).header("host", "localhost").header("content-type", "application/json");
        self.ask(request.body(Body::from(body.to_string())).unwrap()).await
    }

    pub(crate) fn bearer(&self) -> String {
        format!("Bearer {}", self.token)
    }

    /// Asks with the token, if the request has none of its own.
    pub(crate) async fn ask(&self, mut request: Request<Body>) -> Answer {
        request.headers_mut().entry("authorization").or_insert(self.bearer().parse().unwrap());
        self.ask_as_it_is(request).await
    }

    pub(crate) async fn ask_as_it_is(&self, request: Request<Body>) -> Answer {
        let response = self.router().oneshot(request).await.unwrap();
        let (status, headers) = (response.status(), response.headers().clone());
        let bytes = to_bytes(response.into_body(), 1 << 20).await.unwrap();
        Answer { status, headers, text: String::from_utf8(bytes.to_vec()).unwrap() }
    }

    /// Serves on a port of its own until `app.stop`.
    pub(crate) async fn serve(&self) -> (SocketAddr, tokio::task::JoinHandle<()>) {
        self.serve_router(self.router()).await
    }

    pub(crate) async fn serve_router(&self, router: Router) -> (SocketAddr, tokio::task::JoinHandle<()>) {
        let listener = tokio::net::TcpListener::bind(self.app.limits.listen).await.unwrap();
        let address = listener.local_addr().unwrap();
        let serving = serve(
            listener,
            router,
            self.app.limits.clone(),
            None,
            Arc::clone(&self.app.door),
            self.app.stop.clone(),
        );
        (address, tokio::spawn(serving))
    }
}

pub(crate) fn scan(count: u32, station: &str, code: &str) -> Value {
    serde_json::json!({ "id": format!("01920000-0000-7000-8000-{count:012}"), "station": station, "code": code })
}

fn import(place: &Place, clock: &Clock) {
    let mut importer = Importer::open(place, clock.now(), false).unwrap();
    for code in ["FILE", "CLIN"] {
        let line = CustodianLine {
            kind: Some("clinic".into()),
            phone: Some("1234".into()),
            ..CustodianLine::new(code, format!("{code} room"))
        };
        importer.custodian(&line).unwrap().unwrap();
    }
    for number in 1..4 {
        let mrn = Mrn::parse(&format!("87-65-4{number}")).unwrap();
        let mut line = ChartLine::new(mrn, format!("V{number}"), "FILE");
        if number == 3 {
            (line.name, line.born) = (Some("López, Ana".to_owned()), "1956-03-12".parse().ok());
        }
        importer.chart(&line).unwrap().unwrap();
    }
    importer.finish("three charts").unwrap();
}

fn station(name: &str, custodian: &str) -> Station {
    Station {
        kind: outguide::tracking::grammar::StationKind::Checkpoint,
        idle: std::time::Duration::from_secs(120),
        badge_idle: std::time::Duration::from_secs(900),
        prints: false,
        name: name.into(),
        title: name.into(),
        custodian: custodian.into(),
        double_read_window: Duration::ZERO,
        sources: vec![format!("{name}-scanner"), NETWORK_SOURCE.into()],
    }
}

fn settings(numbered: Numbered) -> Settings {
    let volumes = FormatSpec {
        kind: LabelKind::Volume,
        pattern: "V[0-9]{1,9}".into(),
        check: CheckScheme::None,
        keep_check: false,
        aim: Vec::new(),
        gs1: None,
        hibc: None,
    };
    let formats = Formats::new(vec![volumes], ReadOptions::default()).unwrap();
    Settings { formats, numbered, station_of: HashMap::new() }
}

fn site(clock: &Clock) -> Site {
    let station = |name: &str, custodian: &str| SiteStation {
        name: name.into(),
        title: format!("The {name}"),
        custodian: custodian.into(),
        printer: None,
    };
    let gauge = Gauge::new(&serial_source("desk-scanner", "/dev/ttyACM0"), "desk".into(), clock.now());
    Site {
        name: "File room".into(),
        time_zone: TimeZone::UTC,
        stations: vec![station("desk", "FILE"), station("clinic", "CLIN")],
        gauges: vec![Arc::new(gauge)],
        habit: outguide::paper::Habit::default(),
        printers: outguide::printer::Printers::default(),
        calendar: outguide::tracking::Calendar::default(),
        missing: outguide::missing::Rules::default(),
        arrives_within: outguide::config::ARRIVES_WITHIN,
        notices: outguide::web::SiteNotices::default(),
    }
}
