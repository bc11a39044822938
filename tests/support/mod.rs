//! The real binary on a temporary file room with pseudo-terminal scanners.

use outguide::clock::Clock;
use outguide::demo::PtyScanner;
use outguide::import::{Kind, import};
use outguide::store::{Importer, Options, Place, Store, StoreThread};
use std::fmt::Write as _;
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

/// How long anything may take before a test gives up: long, because machines are shared.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// A temporary directory with a configuration; scanners are links that can be pointed elsewhere.
pub(crate) struct Room {
    pub(crate) dir: tempfile::TempDir,
    config: String,
}

impl Room {
    /// A room whose configuration begins with `head`.
    pub(crate) fn new(head: &str) -> Room {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir(dir.path().join("dev")).unwrap();
        let data = dir.path().join("data");
        let config = format!("data_dir = \"{}\"\nlisten = \"127.0.0.1:0\"\n{head}\n", data.display());
        Room { dir, config }
    }

    /// Adds a station with one scanner; `source` are further lines of its source.
    pub(crate) fn station(&mut self, name: &str, custodian: &str, source: &str) {
        let device = self.device(name);
        write!(
            self.config,
            "[[station]]\nname = \"{name}\"\ncustodian = \"{custodian}\"\n[[station.source]]\nname = \"{name}-scanner\"\n\
             device = \"{}\"\n{source}\n",
            device.display()
        )
        .unwrap();
    }

    /// Adds lines to the configuration.
    pub(crate) fn configure(&mut self, lines: &str) {
        self.config.push_str(lines);
    }

    /// Makes a station a desk: what is scanned there goes where a label says.
    pub(crate) fn make_desk(&mut self, name: &str) {
        let line = format!("name = \"{name}\"\n");
        self.config = self.config.replacen(&line, &format!("{line}kind = \"desk\"\n"), 1);
    }

    fn device(&self, station: &str) -> PathBuf {
        self.dir.path().join("dev").join(station)
    }

    /// Plugs a new scanner in at a station.
    pub(crate) fn plug(&self, station: &str) -> PtyScanner {
        let scanner = PtyScanner::new().unwrap();
        let link = self.device(station);
        let fresh = link.with_extension("new");
        std::os::unix::fs::symlink(scanner.path(), &fresh).unwrap();
        std::fs::rename(&fresh, &link).unwrap();
        scanner
    }

    /// Takes the device of a station away.
    pub(crate) fn unplug(&self, station: &str, scanner: PtyScanner) {
        std::fs::remove_file(self.device(station)).unwrap();
        drop(scanner);
    }

    pub(crate) fn place(&self) -> Place {
        Place::new(self.dir.path().join("data"))
    }

    /// Writes the configuration and returns its path.
    pub(crate) fn config_file(&self) -> PathBuf {
        let file = self.dir.path().join("outguide.toml");
        std::fs::write(&file, &self.config).unwrap();
        file
    }

    /// Imports lists.
    pub(crate) fn import(&self, kind: Kind, csv: &str) {
        let file = self.dir.path().join("list.csv");
        std::fs::write(&file, csv).unwrap();
        let importer = Importer::open(&self.place(), Clock::system().now(), false).unwrap();
        let report = import(kind, &file, importer, &mut |_, _| ()).unwrap();
        assert_eq!(report.bad, []);
    }

    /// Runs a subcommand to its end.
    pub(crate) fn command(&self, args: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_outguide"))
            .args(args)
            .arg("--config")
            .arg(self.config_file())
            .output()
            .unwrap()
    }

    /// Starts the daemon and waits until it serves pages and `up` scanners are there.
    pub(crate) fn serve(&self, up: usize) -> Running {
        self.serve_by(&mut Command::new(env!("CARGO_BIN_EXE_outguide")), up)
    }

    /// Starts the daemon by a command that ends in `outguide`.
    pub(crate) fn serve_by(&self, command: &mut Command, up: usize) -> Running {
        let log = self.dir.path().join("log");
        let child = command
            .args(["serve", "--log", "text", "--config"])
            .arg(self.config_file())
            .stderr(std::fs::File::create(&log).unwrap())
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        let config = self.dir.path().join("outguide.toml");
        let mut running = Running { child, log, config, token: OnceLock::new() };
        running.wait_for("pages are served", 1);
        running.wait_for("state=\"up\"", up);
        running
    }

    /// Opens the database of a daemon that has ended.
    pub(crate) fn open_store(&self) -> (Store, StoreThread) {
        let options = Options { place: self.place(), queue: 16, readers: 1 };
        Store::open(&options, &Clock::system()).unwrap()
    }

    /// What `outguide verify` finds.
    pub(crate) fn findings(&self) -> Vec<String> {
        outguide::store::verify(&self.place(), &mut |_, _| ()).unwrap().findings
    }
}

/// A daemon under test; killed when dropped.
pub(crate) struct Running {
    pub(crate) child: Child,
    log: PathBuf,
    config: PathBuf,
    token: OnceLock<String>,
}

impl Running {
    /// What these tests come in with, made the way an administrator would.
    fn token(&self) -> &str {
        self.token.get_or_init(|| {
            let scopes = "locate,request,see-stations,see-board,see-scanners,work";
            let made = Command::new(env!("CARGO_BIN_EXE_outguide"))
                .args(["account", "token", "tests", "--scope", scopes, "--config"])
                .arg(&self.config)
                .output()
                .unwrap();
            let said = String::from_utf8_lossy(&made.stdout).into_owned();
            let token = said.trim().strip_prefix("token: ");
            token.unwrap_or_else(|| panic!("{}", String::from_utf8_lossy(&made.stderr))).to_owned()
        })
    }

    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap_or_default()
    }

    /// Waits until the log holds `words` `times` times.
    pub(crate) fn wait_for(&mut self, words: &str, times: usize) {
        let start = Instant::now();
        while self.log().matches(words).count() < times {
            assert!(start.elapsed() < PATIENCE, "no {words:?} in the log:\n{}", self.log());
            if let Ok(Some(status)) = self.child.try_wait() {
                panic!("the daemon ended ({status}) before {words:?}:\n{}", self.log());
            }
            std::thread::sleep(Duration::from_millis(2));
        }
    }

    /// Where its pages are.
    pub(crate) fn address(&self) -> String {
        let log = self.log();
        let after = log.split("pages are served address=").nth(1).unwrap();
        after.split_whitespace().next().unwrap().to_owned()
    }

    /// Sends a signal by name.
    pub(crate) fn signal(&self, name: &str) {
        let sent =
            Command::new("kill").args([&format!("-{name}"), &self.child.id().to_string()]).status().unwrap();
        assert!(sent.success());
    }

    /// Ends it as systemd would.
    pub(crate) fn stop(mut self) -> ExitStatus {
        self.signal("TERM");
        self.child.wait().unwrap()
    }

    /// Ends it as a power cut would, as far as a process can tell.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Searches for a chart as a program does; the answer's one volume.
    pub(crate) fn search(&self, query: &str) -> serde_json::Value {
        let body = serde_json::json!({ "query": query }).to_string();
        let head = format!(
            "POST /api/v1/charts/search HTTP/1.1\r\nContent-Type: application/json\r\nContent-Length: {}",
            body.len()
        );
        let answer = self.ask(&head, &body);
        let body = answer.split("\r\n\r\n").nth(1).unwrap();
        let found: serde_json::Value = serde_json::from_str(body).unwrap_or_else(|_| panic!("{answer}"));
        found["volumes"][0].clone()
    }

    /// Sends JSON as a program does; the answer's JSON.
    pub(crate) fn send(&self, path: &str, body: &serde_json::Value) -> serde_json::Value {
        let body = body.to_string();
        let length = body.len();
        let head =
            format!("POST {path} HTTP/1.1\r\nContent-Type: application/json\r\nContent-Length: {length}");
        let answer = self.ask(&head, &body);
        let body = answer.split("\r\n\r\n").nth(1).unwrap();
        serde_json::from_str(body).unwrap_or_else(|_| panic!("{answer}"))
    }

    /// Asks for a page and returns status line, header and body.
    pub(crate) fn get(&self, path: &str) -> String {
        self.ask(&format!("GET {path} HTTP/1.1"), "")
    }

    fn ask(&self, head: &str, body: &str) -> String {
        use std::io::{Read, Write};
        let address = self.address();
        let mut stream = std::net::TcpStream::connect(&address).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        let token = self.token();
        write!(
            stream,
            "{head}\r\nHost: {address}\r\nAuthorization: Bearer {token}\r\nConnection: close\r\n\r\n{body}"
        )
        .unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        String::from_utf8_lossy(&answer).into_owned()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _already_gone = self.child.kill();
        let _reaped = self.child.wait();
    }
}

/// Collects answers until there are `count`, or time is up.
pub(crate) fn answers(scanner: &mut PtyScanner, count: usize, patience: Duration) -> Vec<u8> {
    let start = Instant::now();
    let mut answers = scanner.answers();
    while answers.len() < count && start.elapsed() < patience {
        std::thread::sleep(Duration::from_millis(1));
        answers.extend(scanner.answers());
    }
    answers
}
