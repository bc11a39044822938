//! Locating over HTTP, against an axum server that says hello; the same load, the same machine, in turn.

use crate::measure::{Latencies, median};
use crate::room::{directory, furnish, stations};
use axum::Router;
use axum::routing::get;
use jiff::tz::TimeZone;
use outguide::changes::Changes;
use outguide::clock::Clock;
use outguide::config::default_formats;
use outguide::intake::{Intake, Settings};
use outguide::label::{Formats, ReadOptions};
use outguide::store::{Options, Place, Store};
use outguide::web::{self, App, Site, WebLimits};
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::{Arc, RwLock};
use std::time::{Duration, Instant};
use tokio_util::sync::CancellationToken;

const CHARTS: usize = 100_000;
const CLIENTS: usize = 8;
const ROUNDS: usize = 3;
const RUN: Duration = Duration::from_secs(2);

/// What is asked, of whom, by which request.
type Ask = (&'static str, SocketAddr, fn(usize) -> String);

pub(crate) fn run() {
    println!("locating over HTTP, {CHARTS} charts, {CLIENTS} clients on kept connections");
    println!("| what | requests/s | of hello | p50 us | p99 us |");
    println!("| --- | --- | --- | --- | --- |");
    let dir = directory();
    furnish(&Place::new(dir.path()), CHARTS);
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let stop = CancellationToken::new();
    let ours = runtime.block_on(serve_site(dir.path(), stop.clone()));
    let hello = runtime.block_on(serve_hello());
    let asks: [Ask; 3] = [
        ("axum hello", hello, |_| get_request("/")),
        ("JSON search by record number", ours, search_request),
        ("HTML page of a chart", ours, |number| get_request(&format!("/charts/{}", number % CHARTS + 1))),
    ];
    let mut results: Vec<Vec<(f64, f64, f64)>> = vec![Vec::new(); asks.len()];
    for _ in 0..ROUNDS {
        for (result, (_, address, request)) in results.iter_mut().zip(&asks) {
            result.push(load(*address, *request));
        }
    }
    let of = |result: &[(f64, f64, f64)], pick: fn(&(f64, f64, f64)) -> f64| {
        median(result.iter().map(pick).collect())
    };
    let base = of(&results[0], |run| run.0);
    for ((name, ..), result) in asks.iter().zip(&results) {
        let rate = of(result, |run| run.0);
        println!(
            "| {name} | {rate:.0} | {:.0} % | {:.0} | {:.0} |",
            100.0 * rate / base,
            of(result, |run| run.1),
            of(result, |run| run.2)
        );
    }
    stop.cancel();
}

fn get_request(path: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n")
}

fn search_request(number: usize) -> String {
    let body = format!("{{\"query\":\"{:06}\"}}", number % CHARTS + 1);
    format!(
        "POST /api/v1/charts/search HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
}

/// Requests per second, p50 and p99.
fn load(address: SocketAddr, request: fn(usize) -> String) -> (f64, f64, f64) {
    let start = Instant::now();
    let clients: Vec<_> = (0..CLIENTS)
        .map(|client| std::thread::spawn(move || ask(address, request, client * 7919, start)))
        .collect();
    let all: Vec<Duration> = clients.into_iter().flat_map(|client| client.join().unwrap()).collect();
    let rate = all.len() as f64 / start.elapsed().as_secs_f64();
    let latencies = Latencies::new(all);
    (rate, latencies.us(50), latencies.us(99))
}

fn ask(address: SocketAddr, request: fn(usize) -> String, first: usize, start: Instant) -> Vec<Duration> {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_nodelay(true).unwrap();
    let mut latencies = Vec::new();
    let mut buffer = vec![0; 1 << 16];
    for number in first.. {
        if start.elapsed() > RUN {
            break;
        }
        let asked = Instant::now();
        stream.write_all(request(number).as_bytes()).unwrap();
        read_response(&mut stream, &mut buffer);
        latencies.push(asked.elapsed());
    }
    latencies
}

fn read_response(stream: &mut TcpStream, buffer: &mut [u8]) {
    let mut filled = 0;
    loop {
        let count = stream.read(&mut buffer[filled..]).unwrap();
        assert!(count > 0, "the server hung up");
        filled += count;
        let text = String::from_utf8_lossy(&buffer[..filled]);
        let Some(header) = text.find("\r\n\r\n") else { continue };
        assert!(text.starts_with("HTTP/1.1 200"), "{text}");
        let lower = text[..header].to_lowercase();
        let length = lower.split("content-length: ").nth(1).expect("a length");
        let length: usize = length.lines().next().unwrap().trim().parse().unwrap();
        if filled >= header + 4 + length {
            return;
        }
    }
}

async fn serve_hello() -> SocketAddr {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let router = Router::new().route("/", get(|| async { "hello" }));
    tokio::spawn(async move { axum::serve(listener, router).await });
    address
}

async fn serve_site(dir: &std::path::Path, stop: CancellationToken) -> SocketAddr {
    let clock = Clock::system();
    let options = Options { place: Place::new(dir), queue: 1024, readers: 2 };
    let (store, _thread) = Store::open(&options, &clock).unwrap();
    let numbered = store.set_stations(stations()).await.unwrap();
    let formats = Formats::new(default_formats(), ReadOptions::default()).unwrap();
    let changes = Changes::default();
    let settings = Settings { formats, numbered, station_of: Default::default() };
    let intake = Intake::new(store.clone(), clock.clone(), changes.clone(), settings);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let limits = WebLimits {
        listen: address,
        connections: 256,
        live_pages: 8,
        header_timeout: Duration::from_secs(5),
        request_timeout: Duration::from_secs(10),
        body_bytes_max: 65_536,
    };
    let site = Site {
        name: "Bench".into(),
        time_zone: TimeZone::UTC,
        stations: Vec::new(),
        gauges: Vec::new(),
        habit: outguide::paper::Habit::default(),
        printers: outguide::printer::Printers::default(),
        notices: outguide::web::SiteNotices::default(),
    };
    let site = Arc::new(RwLock::new(Arc::new(site)));
    let app = App { store, intake, changes, clock, site, limits: limits.clone(), stop: stop.clone() };
    tokio::spawn(web::serve(listener, web::router(app), limits, stop));
    address
}
