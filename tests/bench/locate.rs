//! Locating over HTTP, against an axum server that says hello; the same load, the same machine, in turn: with 10
//! thousand charts, and with as many as the command says (`cargo bench -- locate 5000000`).

use crate::measure::{self, Latencies, median};
use crate::names::Person;
use crate::room::{directory, furnish_with_patients, stations};
use axum::Router;
use axum::routing::get;
use jiff::tz::TimeZone;
use outguide::access::Permission;
use outguide::changes::Changes;
use outguide::clock::Clock;
use outguide::config::default_formats;
use outguide::intake::{Intake, Settings};
use outguide::label::{Formats, ReadOptions};
use outguide::secret::{draw_token, hash_of};
use outguide::store::{NewToken, Options, Place, Store};
use outguide::web::{self, App, Parts, Site, WebLimits};
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::{Arc, OnceLock, RwLock};
use std::time::{Duration, Instant};
use tokio_util::sync::CancellationToken;

const FEW_CHARTS: usize = 10_000;
/// Unless the command says otherwise.
const MANY_CHARTS: usize = 100_000;
const ROUNDS: usize = 3;
const RUN: Duration = Duration::from_secs(2);

/// What is asked.
struct Ask {
    name: &'static str,
    /// Connections that ask at once; a search is timed alone.
    clients: usize,
    request: fn(usize, usize) -> String,
}

/// Rate, p50, p99 and the longest, in microseconds.
type Figures = [f64; 4];

const ASKS: [Ask; 12] = [
    Ask { name: "axum hello", clients: 8, request: |_, _| get_request("/") },
    Ask {
        name: "JSON search by record number",
        clients: 8,
        request: |at, of| json(&format!("{:06}", at % of + 1)),
    },
    Ask {
        name: "HTML page of a chart",
        clients: 8,
        request: |at, of| get_request(&format!("/charts/{}", at % of + 1)),
    },
    Ask { name: "JSON by name", clients: 1, request: |at, of| json(&person(at, of).name()) },
    Ask {
        name: "JSON by name and date of birth",
        clients: 1,
        request: |at, of| {
            let person = person(at, of);
            json(&format!("{} {} {}", person.given, person.born, person.surname))
        },
    },
    Ask {
        name: "JSON by two beginnings",
        clients: 1,
        request: |at, of| {
            let person = person(at, of);
            json(&format!("{} {}", begin(&person.surname), begin(&person.given)))
        },
    },
    Ask { name: "JSON by name, first letter wrong", clients: 1, request: |at, of| slip(&person(at, of), 0) },
    Ask {
        name: "JSON by name, letter in the middle wrong",
        clients: 1,
        request: |at, of| slip(&person(at, of), 1),
    },
    Ask { name: "JSON by name, two letters swapped", clients: 1, request: |at, of| slip(&person(at, of), 2) },
    Ask { name: "JSON by a common name: Garcia Maria", clients: 1, request: |_, _| json("garcia maria") },
    Ask { name: "JSON by a common name with a slip: Gracia", clients: 1, request: |_, _| json("gracia m") },
    Ask {
        name: "JSON by a name that nobody has",
        clients: 1,
        request: |at, _| json(&format!("xylqa{} wolpertinger", letters(at))),
    },
];

pub(crate) fn run() {
    let wanted = std::env::args().filter_map(|argument| argument.parse().ok()).next();
    let many: usize = wanted.unwrap_or(MANY_CHARTS);
    println!("locating over HTTP on kept connections, {FEW_CHARTS} charts and {many}, {ROUNDS} rounds");
    let few = measure(FEW_CHARTS);
    let many = measure(many);
    println!("| what | of hello | p50 us, few | many | p99 us, few | many | ratio | longest us |");
    println!("| --- | --- | --- | --- | --- | --- | --- | --- |");
    let base = many[0][0];
    for (ask, (few, many)) in ASKS.iter().zip(few.iter().zip(&many)) {
        let [rate, p50, p99, longest] = *many;
        let of_hello =
            if ask.clients > 1 { format!("{:.0} %", 100.0 * rate / base) } else { "alone".to_owned() };
        println!(
            "| {} | {of_hello} | {:.0} | {p50:.0} | {:.0} | {p99:.0} | {:.1} | {longest:.0} |",
            ask.name,
            few[1],
            few[2],
            p99 / few[2]
        );
    }
}

fn measure(charts: usize) -> Vec<Figures> {
    let dir = directory();
    let cpu_time = || measure::cpu_time(std::process::id()).as_secs_f64();
    let before = cpu_time();
    furnish_with_patients(&Place::new(dir.path()), charts);
    let bytes = std::fs::metadata(Place::new(dir.path()).db()).unwrap().len();
    println!(
        "{charts} charts: {:.0} s of a processor to import, {} bytes a chart",
        cpu_time() - before,
        bytes / charts as u64
    );
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let stop = CancellationToken::new();
    let ours = runtime.block_on(serve_site(dir.path(), stop.clone()));
    let hello = runtime.block_on(serve_hello());
    let mut results: Vec<Vec<Figures>> = vec![Vec::new(); ASKS.len()];
    for _ in 0..ROUNDS {
        for (number, (result, ask)) in results.iter_mut().zip(&ASKS).enumerate() {
            result.push(load(if number == 0 { hello } else { ours }, ask, charts));
        }
    }
    stop.cancel();
    let middle = |result: &Vec<Figures>, at: usize| median(result.iter().map(|run| run[at]).collect());
    results.iter().map(|result| [0, 1, 2, 3].map(|at| middle(result, at))).collect()
}

fn person(at: usize, of: usize) -> Person {
    // Spread over all of them.
    Person::new((at * 7919 % of + 1) as u64)
}

fn begin(name: &str) -> String {
    name.chars().take(4).collect()
}

fn letters(mut at: usize) -> String {
    let mut letters = String::new();
    while at > 0 {
        letters.push(char::from(b'a' + (at % 26) as u8));
        at /= 26;
    }
    letters
}

/// A name with one slip in the surname.
fn slip(person: &Person, slip: u8) -> String {
    let mut letters: Vec<char> = person.surname.chars().collect();
    let middle = letters.len() / 2;
    match slip {
        0 => letters[0] = if letters[0] == 'X' { 'Q' } else { 'X' },
        1 => letters[middle] = if letters[middle] == 'x' { 'q' } else { 'x' },
        _ => letters.swap(middle - 1, middle),
    }
    json(&format!("{} {}", person.given, letters.into_iter().collect::<String>()))
}

/// What the clients come in with; drawn when the site is there.
static TOKEN: OnceLock<String> = OnceLock::new();

fn bearer() -> &'static str {
    TOKEN.get().map_or("", String::as_str)
}

fn get_request(path: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {}\r\n\r\n", bearer())
}

fn json(query: &str) -> String {
    let body = format!("{{\"query\":\"{query}\"}}");
    format!(
        "POST /api/v1/charts/search HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        bearer(),
        body.len()
    )
}

fn load(address: SocketAddr, ask: &'static Ask, charts: usize) -> Figures {
    let start = Instant::now();
    let clients: Vec<_> = (0..ask.clients)
        .map(|client| std::thread::spawn(move || asking(address, ask, charts, client * 7919, start)))
        .collect();
    let all: Vec<Duration> = clients.into_iter().flat_map(|client| client.join().unwrap()).collect();
    let rate = all.len() as f64 / start.elapsed().as_secs_f64();
    let longest = all.iter().max().map_or(0.0, |longest| longest.as_secs_f64() * 1e6);
    let latencies = Latencies::new(all);
    [rate, latencies.us(50), latencies.us(99), longest]
}

fn asking(address: SocketAddr, ask: &Ask, charts: usize, first: usize, start: Instant) -> Vec<Duration> {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_nodelay(true).unwrap();
    let mut latencies = Vec::new();
    let mut buffer = vec![0; 1 << 18];
    for number in first.. {
        if start.elapsed() > RUN {
            break;
        }
        let request = (ask.request)(number, charts);
        let asked = Instant::now();
        stream.write_all(request.as_bytes()).unwrap();
        read_response(&mut stream, &mut buffer);
        latencies.push(asked.elapsed());
    }
    latencies
}

/// Reads an answer whole, and looks at no more of it than it has to: it shares the cores with who answers.
fn read_response(stream: &mut TcpStream, buffer: &mut [u8]) {
    let (mut filled, mut whole) = (0, None);
    while whole.is_none_or(|whole| filled < whole) {
        let count = stream.read(&mut buffer[filled..]).unwrap();
        assert!(count > 0, "the server hung up");
        filled += count;
        let end = || buffer[..filled].windows(4).position(|end| end == b"\r\n\r\n");
        whole = whole.or_else(|| end().map(|end| end + 4 + body_length(&buffer[..end])));
    }
}

fn body_length(header: &[u8]) -> usize {
    let text = std::str::from_utf8(header).unwrap().to_ascii_lowercase();
    assert!(text.starts_with("http/1.1 200"), "{text}");
    let length = text.split("content-length: ").nth(1).expect("a length");
    length.lines().next().unwrap().trim().parse().unwrap()
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
        hosts: Vec::new(),
        connections: 256,
        live_pages: 8,
        connections_per_address: 64,
        answer_timeout: Duration::from_secs(30),
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
        calendar: outguide::tracking::Calendar::default(),
        missing: outguide::missing::Rules::default(),
        arrives_within: outguide::config::ARRIVES_WITHIN,
        notices: outguide::web::SiteNotices::default(),
    };
    let site = Arc::new(RwLock::new(Arc::new(site)));
    TOKEN.get_or_init(|| draw_token("og_").unwrap());
    let new =
        NewToken { name: "bench".into(), scopes: Permission::OF_TOKENS.into_iter().collect(), until: None };
    store.add_token(new, hash_of(bearer()), "bench".into()).await.unwrap();
    let door = Arc::default();
    let app = App::new(Parts {
        store,
        intake,
        changes,
        clock,
        site,
        door,
        limits: limits.clone(),
        stop: stop.clone(),
        backups: Arc::default(),
    });
    let door = Arc::clone(&app.door);
    tokio::spawn(web::serve(listener, web::router(app), limits, None, door, stop));
    address
}
