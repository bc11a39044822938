//! Bodies of requests: any bytes, for any address that takes some, from somebody who may do everything.

use crate::input::Input;
use axum::Router;
use axum::body::Body;
use axum::http::{Request, header};
use outguide::access::Role;
use outguide::clock::Clock;
use outguide::config::Config;
use outguide::daemon::Daemon;
use outguide::store::{ChartLine, CustodianLine, Importer, Place};
use outguide::tracking::Mrn;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::LazyLock;
use tokio::runtime::Runtime;
use tower::ServiceExt;

const ROUTES: &str = include_str!("../../web/routes.txt");
/// What comes in with a password takes long on purpose, and ends what the others come in with.
const LEFT_ALONE: [&str; 12] = [
    "/sign-in",
    "/sign-out",
    "/first",
    "/code",
    "/unlock",
    "/account/password",
    "/account/pin",
    "/account/end-others",
    "/accounts/{account}/close",
    "/accounts/{account}/end",
    "/accounts/{account}/reset",
    "/accounts/{account}/role",
];

struct Site {
    runtime: Runtime,
    router: Router,
    address: SocketAddr,
    cookies: Vec<String>,
    routes: Vec<String>,
}

static SITE: LazyLock<Site> = LazyLock::new(|| {
    let dir = tempfile::tempdir().unwrap().keep();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let (router, address, cookies) = runtime.block_on(open(&dir));
    let takes = ROUTES.lines().filter_map(|line| line.split_once(" POST ")).map(|(path, _)| path);
    let routes = takes.filter(|path| !LEFT_ALONE.contains(path)).map(filled).collect();
    Site { runtime, router, address, cookies, routes }
});

/// An address that leads to something.
fn filled(path: &str) -> String {
    path.split('/')
        .map(|part| match part {
            "{name}" => "desk",
            part if part.starts_with('{') => "1",
            part => part,
        })
        .collect::<Vec<_>>()
        .join("/")
}

async fn open(dir: &Path) -> (Router, SocketAddr, Vec<String>) {
    let data = dir.join("data");
    let mut importer = Importer::open(&Place::new(&data), Clock::system().now(), false).unwrap();
    for code in ["FILE", "CLIN"] {
        importer.custodian(&CustodianLine::new(code, code)).unwrap().unwrap();
    }
    for number in 1..5 {
        let mrn = Mrn::parse(&format!("00{number}")).unwrap();
        importer.chart(&ChartLine::new(mrn, format!("V{number}"), "FILE")).unwrap().unwrap();
    }
    importer.finish("four charts").unwrap();
    let file = dir.join("outguide.toml");
    let text = format!(
        "data_dir = {data:?}\nlisten = \"127.0.0.1:0\"\n[[station]]\nname = \"desk\"\ncustodian = \"FILE\"\n\
         [[station.source]]\nname = \"gun\"\nkind = \"serial\"\ndevice = \"/dev/outguide-none\"\n"
    );
    std::fs::write(&file, text).unwrap();
    let config = Config::load(&file).unwrap();
    let daemon = Daemon::start(file, config, Clock::system()).await.unwrap();
    let (app, address) = (daemon.app().clone(), daemon.address());
    let mut cookies = Vec::new();
    for role in [Role::Supervisor, Role::Administrator, Role::Privacy] {
        cookies.push(crate::sign_in::sign_in(&app.store, role, None, "unknown").await);
    }
    // It serves until the process ends.
    std::mem::forget(daemon);
    (outguide::web::router(app), address, cookies)
}

pub(crate) fn run(bytes: &[u8]) {
    let site = &*SITE;
    // The first line is the address, or stands for one.
    let end = bytes.iter().position(|byte| *byte == b'\n').unwrap_or(bytes.len());
    let (line, rest) = bytes.split_at(end);
    let sum: usize = line.iter().map(|byte| usize::from(*byte)).sum();
    let named = site.routes.iter().find(|path| path.as_bytes() == line);
    let path = named.unwrap_or(&site.routes[sum % site.routes.len()]);
    let mut input = Input::new(rest.get(1..).unwrap_or_default());
    let cookie = &site.cookies[input.below(site.cookies.len())];
    let kinds = ["application/json", "application/x-www-form-urlencoded", "text/csv", "text/plain"];
    let kind = input.one_of(kinds);
    let request = Request::post(path)
        .header(header::HOST, site.address.to_string())
        .header(header::COOKIE, format!("__Host-outguide={cookie}"))
        .header(header::CONTENT_TYPE, kind)
        .body(Body::from(input.rest().to_vec()))
        .unwrap();
    let status = site.runtime.block_on(async {
        let answer = site.router.clone().oneshot(request).await.unwrap();
        let status = answer.status();
        axum::body::to_bytes(answer.into_body(), 1 << 22).await.unwrap();
        status
    });
    assert!(!status.is_server_error(), "{path} answers {status}");
}
