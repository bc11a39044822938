//! `outguide demo`: the main job on a temporary database, with scanners played by a script.

use super::{LAST_THREADS, past, runtime, say, say_error};
use crate::cli;
use crate::logging;
use anyhow::{Context, Result, ensure};
use outguide::access::{AccountName, Role};
use outguide::clock::Clock;
use outguide::config::Config;
use outguide::daemon::Daemon;
use outguide::demo::{PtyScanner, Script, World};
use outguide::import::{Kind, import};
use outguide::secret::{Passwords, draw_code, hash_of_code};
use outguide::store::{self, Importer, NewAccount, Options, Place, Store};
use outguide::tracking::{Command, Signal, Verdict};
use std::fmt::Write;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// How often the progress line is written.
const PROGRESS: Duration = Duration::from_secs(5);
/// How long the last answers may take.
const LAST_ANSWERS: Duration = Duration::from_millis(600);
/// ACK: what the demo's scanners are told when a scan is on disk.
const GREEN: u8 = 0x06;

/// Open at all hours, so that there is something to see at any; charts are due back in two days.
const CALENDAR: &str = "[calendar]\nworking_days = [\"mon\", \"tue\", \"wed\", \"thu\", \"fri\", \"sat\", \"sun\"]\n\
                        opens = \"00:00\"\ncloses = \"00:00\"\ndue = \"2wd\"\n";
/// Clinics are asked by mail, into files; the file room's supervisor by slip.
const NOTICES: &str = "[[notices.step]]\nname = \"late\"\nwhen = \"1d after\"\nto = \"holder\"\n\
                       [[notices.step]]\nname = \"supervisor\"\nwhen = \"3d after\"\nto = \"FILE\"\n\
                       [mail]\ntransport = \"file\"\nfrom = \"file-room@demo.example\"\n";

pub(super) fn demo(args: &cli::Demo, to: cli::Log, level: tracing::Level) -> Result<ExitCode> {
    // The demo talks in sentences of its own; messages of the daemon only matter when something is wrong.
    logging::start(to, level.min(tracing::Level::WARN));
    let mut room = Room::furnish(args)?;
    let runtime = runtime()?;
    let outcome = runtime.block_on(play(args, &mut room));
    runtime.shutdown_timeout(LAST_THREADS);
    let tally = outcome?;
    let report = store::verify(&Place::new(room.dir.join("data")), &mut |_, _| ())?;
    say(&tally.summary());
    for finding in &report.findings {
        say(&format!("FOUND: {finding}"));
    }
    say(&format!("verify: {} findings; the temporary database is thrown away", report.findings.len()));
    let sound = report.findings.is_empty() && tally.green.load(Ordering::Relaxed) == tally.recorded;
    Ok(if sound { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// A temporary directory with a configuration, a database full of charts, and scanners.
struct Room {
    dir: PathBuf,
    config: Config,
    scanners: Vec<PtyScanner>,
    world: World,
    /// Where whoever watches scans by typing.
    counter_port: u16,
}

impl Room {
    fn furnish(args: &cli::Demo) -> Result<Room> {
        let dir = temporary_directory()?;
        let world = World::new(args.seed);
        let mut scanners = Vec::new();
        let mut text = format!(
            "site_name = \"Demo file room\"\ndata_dir = \"{0}/data\"\nlisten = \"127.0.0.1:{1}\"\n{CALENDAR}{NOTICES}\
             directory = \"{0}/mail\"\n",
            dir.display(),
            args.port
        );
        for desk in World::desks() {
            let scanner = PtyScanner::new().context("no pseudo-terminal for a demo scanner")?;
            write!(
                text,
                "\n[[station]]\nname = \"{0}\"\ntitle = \"{1}\"\ncustodian = \"{2}\"\n\n[[station.source]]\nname = \"{0}-scanner\"\n\
                 device = \"{3}\"\nanswer = \"ack-nak\"\n",
                desk.name,
                desk.title,
                desk.custodian,
                scanner.path().display()
            )?;
            scanners.push(scanner);
        }
        let (counter, counter_port) = (World::counter(), free_port()?);
        write!(
            text,
            "\n[[station]]\nname = \"{0}\"\ntitle = \"{1}\"\ncustodian = \"{2}\"\nkind = \"desk\"\n\n[[station.source]]\n\
             name = \"{0}-scanner\"\nkind = \"tcp-listen\"\naddress = \"127.0.0.1:{counter_port}\"\nallow = [\"127.0.0.1\"]\n",
            counter.name, counter.title, counter.custodian
        )?;
        let config_file = dir.join("outguide.toml");
        std::fs::write(&config_file, text).context("the demo's configuration cannot be written")?;
        let room = Room { config: Config::load(&config_file)?, dir, scanners, world, counter_port };
        room.fill(Kind::Custodians, "custodians.csv", &room.world.custodians_csv)?;
        room.fill(Kind::Charts, "charts.csv", &room.world.charts_csv)?;
        Ok(room)
    }

    fn fill(&self, kind: Kind, name: &str, csv: &str) -> Result<()> {
        let file = self.dir.join(name);
        std::fs::write(&file, csv).context("the demo's lists cannot be written")?;
        let importer =
            Importer::open(&Place::new(&self.config.data_dir), past::begins(Clock::system().now()), false)?;
        let report = import(kind, &file, importer, &mut |_, _| ())?;
        ensure!(report.refused == 0, "the demo's {name} has bad lines: {:?}", report.bad);
        Ok(())
    }

    /// What somebody may try at the counter.
    fn invitation(&self) -> String {
        let (place, chart) = self.world.to_try();
        let (done, undo) = (Command::Done.key(), Command::Undo.key());
        format!(
            "a desk is yours, {}: its scanner is `nc 127.0.0.1 {}`; type a label a line: {place} (to Cardiology), {chart} (a \
             chart), {undo} (UNDO), {done} (DONE); or type them at /stations/file-room-counter/keyed",
            World::counter().title,
            self.counter_port
        )
    }
}

/// A port of this machine that nobody listens on now.
fn free_port() -> Result<u16> {
    let socket = std::net::TcpListener::bind(("127.0.0.1", 0)).context("no port for the demo's counter")?;
    Ok(socket.local_addr()?.port())
}

impl Drop for Room {
    fn drop(&mut self) {
        if let Err(error) = std::fs::remove_dir_all(&self.dir) {
            say_error(&format!("{} could not be removed: {error}", self.dir.display()));
        }
    }
}

fn temporary_directory() -> Result<PathBuf> {
    let dir = std::env::temp_dir().join(format!("outguide-demo-{}", std::process::id()));
    std::fs::create_dir(&dir).with_context(|| format!("{} cannot be made", dir.display()))?;
    Ok(dir)
}

/// What the clerks did and what they were told.
#[derive(Debug, Default)]
struct Tally {
    scans: AtomicU64,
    green: AtomicU64,
    not_green: AtomicU64,
    /// Green verdicts in the journal at the end.
    recorded: u64,
    by_verdict: Vec<(Verdict, u64)>,
}

impl Tally {
    fn count_answers(&self, answers: &[u8]) {
        for answer in answers {
            let counter = if *answer == GREEN { &self.green } else { &self.not_green };
            counter.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn line(&self, seconds: u64) -> String {
        format!(
            "{seconds:>4} s  {} codes scanned, {} answered green, {} not",
            self.scans.load(Ordering::Relaxed),
            self.green.load(Ordering::Relaxed),
            self.not_green.load(Ordering::Relaxed)
        )
    }

    fn summary(&self) -> String {
        let mut text = format!(
            "summary: {} codes scanned, {} answered green, {} green in the journal\n",
            self.scans.load(Ordering::Relaxed),
            self.green.load(Ordering::Relaxed),
            self.recorded
        );
        for (verdict, count) in &self.by_verdict {
            // Writing to a string cannot fail.
            let _ = writeln!(text, "  {count:>6} {}", verdict.title());
        }
        text
    }
}

async fn play(args: &cli::Demo, room: &mut Room) -> Result<Tally> {
    let clock = Clock::system();
    let staged = past::live_through(&room.config, &room.world, clock.now()).await?;
    room.world.volumes.retain(|volume| !staged.contains(&volume.label));
    let password = accounts(&room.config, &clock).await?;
    let began = clock.now();
    let mut daemon =
        Daemon::start(room.dir.join("outguide.toml"), room.config.clone(), clock.clone()).await?;
    let stop = CancellationToken::new();
    let tally = Arc::new(Tally::default());
    say(&format!(
        "sign in as clerk, supervisor, privacy, requester or administrator; all have the password\npassword: {password}"
    ));
    say(&format!("ready: http://{}/", daemon.address()));
    say_error(&room.invitation());
    say_error("three clerks scan charts, and err now and then; Ctrl-C ends the demo");
    let clerks = {
        let (script, scanners) = (Script::new(args.seed, &room.world), std::mem::take(&mut room.scanners));
        let (tally, stop) = (Arc::clone(&tally), stop.clone());
        tokio::task::spawn_blocking(move || play_script(script, scanners, &tally, &stop))
    };
    let reporter = tokio::spawn(report(Arc::clone(&tally), clock.clone(), stop.clone()));
    let end = stop.clone();
    let seconds = args.seconds;
    let timer = tokio::spawn(async move {
        if let Some(seconds) = seconds {
            tokio::time::sleep(Duration::from_secs(seconds)).await;
            end.cancel();
        }
    });
    let ran = daemon.run(stop.clone()).await;
    stop.cancel();
    timer.abort();
    reporter.await.context("the reporter failed")?;
    clerks.await.context("the script failed")?;
    let mut by_verdict = Verdict::ALL.map(|verdict| (verdict, 0)).to_vec();
    let app = daemon.app();
    let settings = app.intake.settings();
    // What whoever watches scanned at the counter was answered to them.
    let played = |name: &String| name != World::counter().name;
    for (station, id) in settings.numbered.stations.iter().filter(|(name, _)| played(name)) {
        let custodian =
            World::desks().into_iter().find(|desk| desk.name == *station).map_or("", |desk| desk.custodian);
        let board = app.store.board(*id, custodian.to_owned(), began, 1).await?;
        for (verdict, count) in board.map(|board| board.counts).unwrap_or_default() {
            by_verdict.iter_mut().filter(|(known, _)| *known == verdict).for_each(|(_, sum)| *sum += count);
        }
    }
    daemon.stop().await;
    ran?;
    let mut tally = Arc::into_inner(tally).context("a clerk is still at work")?;
    let green = |verdict: &Verdict| matches!(verdict.signal(), Signal::Recorded | Signal::AlreadyHere);
    tally.recorded = by_verdict.iter().filter(|(verdict, _)| green(verdict)).map(|(_, count)| count).sum();
    tally.by_verdict = by_verdict;
    Ok(tally)
}

/// An account of each role of people, all with one password, which is drawn anew for each demo.
async fn accounts(config: &Config, clock: &Clock) -> Result<String> {
    let password = draw_code()?;
    let kept = Passwords::default().hash(password.clone()).await?;
    let options = Options { place: Place::new(&config.data_dir), queue: 16, readers: 1 };
    let (store, thread) = Store::open(&options, clock)?;
    for role in Role::ALL.into_iter().filter(|role| !role.is_device()) {
        let name = AccountName::parse(role.as_str())?;
        let code = hash_of_code(&draw_code()?);
        let full_name = format!("Demo {}", role.as_str());
        store.add_account(NewAccount { name, full_name, role, station: None }, code, None).await?;
        store.use_code(code, Some(kept.clone())).await?;
    }
    drop(store);
    tokio::task::spawn_blocking(move || thread.join()).await.context("the database did not close")?;
    Ok(password)
}

/// Plays the script on the scanners, one act after the other, until `stop`.
fn play_script(mut script: Script, mut scanners: Vec<PtyScanner>, tally: &Tally, stop: &CancellationToken) {
    while !stop.is_cancelled() {
        let act = script.next_act();
        std::thread::sleep(act.after);
        if scanners.get_mut(act.desk).is_some_and(|scanner| scanner.send(&act.bytes).is_ok()) {
            tally.scans.fetch_add(u64::from(act.scans), Ordering::Relaxed);
        }
        scanners.iter_mut().for_each(|scanner| tally.count_answers(&scanner.answers()));
    }
    std::thread::sleep(LAST_ANSWERS);
    scanners.iter_mut().for_each(|scanner| tally.count_answers(&scanner.answers()));
}

async fn report(tally: Arc<Tally>, clock: Clock, stop: CancellationToken) {
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(PROGRESS) => say_error(&tally.line(clock.elapsed().as_secs())),
        }
    }
}
