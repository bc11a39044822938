//! One function per subcommand.

mod account;
mod backups;
mod check;
mod claim;
mod demo;
mod file_size;
mod import;
mod past;
mod scanners;
mod selftest;
mod simulate;
mod watch;

use crate::cli::{self, Cli, Command};
use crate::logging;
use anyhow::{Context, Result};
use clap::CommandFactory;
use outguide::backups::{NotMade, NotOpened};
use outguide::clock::Clock;
use outguide::config::{Config, ConfigErrors};
use outguide::daemon::{Daemon, DaemonError};
use outguide::decode::decode;
use outguide::import::ImportError;
use outguide::store::{Place, StoreError};
use std::io::{IsTerminal, Read, Write};
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

const FOUND: u8 = 1;
const WRONG_COMMAND: u8 = 2;
const IN_USE: u8 = 69;
const FAILED: u8 = 70;
const IO: u8 = 74;
const BAD_CONFIG: u8 = 78;

/// Does what the command line asks for.
pub(crate) fn run(cli: Cli) -> Result<ExitCode> {
    file_size::is_an_error().context("signals cannot be received")?;
    // The selftest breaks what the log would cry about.
    if !matches!(cli.command, Command::Demo(_) | Command::Simulate(_) | Command::Selftest(_)) {
        logging::start(cli.log, cli.log_level);
    }
    match cli.command {
        Command::Serve(args) => serve(&args.config),
        Command::Check(args) => check::check(&args.config),
        Command::Demo(args) => demo::demo(&args, cli.log, cli.log_level),
        Command::Import(args) => import::import(&args),
        Command::Verify(args) => backups::verify(&args.config),
        Command::Backup(args) => backups::backup(&args),
        Command::Restore(args) => backups::restore(&args),
        Command::Drill(args) => backups::drill(&args),
        Command::Selftest(args) => selftest::selftest(&args),
        Command::Decode(args) => decode_input(&args),
        Command::Scanners(args) => match &args.command {
            None => scanners::scanners(&args),
            Some(cli::ScannersCommand::Claim(args)) => claim::claim(args),
            Some(cli::ScannersCommand::Watch(args)) => watch::watch(args),
        },
        Command::Simulate(args) => simulate::simulate(&args, cli.log, cli.log_level),
        Command::Account(args) => account::account(&args),
        Command::Man => man(),
        Command::Completions { shell } => {
            clap_complete::generate(shell, &mut Cli::command(), "outguide", &mut std::io::stdout());
            Ok(ExitCode::SUCCESS)
        }
    }
}

/// The exit code that tells scripts and systemd what kind of failure it was.
pub(crate) fn exit_code(error: &anyhow::Error) -> ExitCode {
    ExitCode::from(error.chain().find_map(code_of).unwrap_or(FAILED))
}

fn code_of(cause: &(dyn std::error::Error + 'static)) -> Option<u8> {
    let store = cause.downcast_ref::<StoreError>().map(|error| match error {
        StoreError::InUse { .. } => IN_USE,
        _ => IO,
    });
    let port = cause.downcast_ref::<DaemonError>().and_then(|error| match error {
        DaemonError::Listen { .. } => Some(IN_USE),
        DaemonError::Stations(_) | DaemonError::Control { .. } | DaemonError::Tls(_) => Some(IO),
        DaemonError::Store(_)
        | DaemonError::Secret(_)
        | DaemonError::WriterEnded
        | DaemonError::Signals(_)
        | DaemonError::Threads(_) => None,
    });
    let list = cause.downcast_ref::<ImportError>().and_then(|error| match error {
        ImportError::File { .. } | ImportError::Header { .. } | ImportError::AmbiguousDate { .. } => Some(IO),
        ImportError::Option(_) => Some(WRONG_COMMAND),
        ImportError::Store(_) => None,
    });
    let backup = (cause.is::<NotMade>() || cause.is::<NotOpened>()).then_some(IO);
    let config = cause.is::<ConfigErrors>().then_some(BAD_CONFIG);
    store.or(port).or(list).or(backup).or(config).or(cause.is::<std::io::Error>().then_some(IO))
}

/// Prints to standard output; a reader that went away (`| head`) is fine.
pub(crate) fn say(text: &str) {
    drop(writeln!(std::io::stdout(), "{text}"));
}

/// Prints to standard error.
pub(crate) fn say_error(text: &str) {
    drop(writeln!(std::io::stderr(), "{text}"));
}

/// The runtime of the daemon and the demo.
pub(crate) fn runtime() -> Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .max_blocking_threads(32)
        .enable_all()
        .build()
        .context("the runtime could not be started")
}

/// How long threads that close devices are waited for at the end.
pub(crate) const LAST_THREADS: Duration = Duration::from_millis(500);

/// The error, under the name of the database if it is one that does not say it.
pub(crate) fn naming(db: &Path, error: impl Into<anyhow::Error>) -> anyhow::Error {
    let error: anyhow::Error = error.into();
    let nameless = |cause: &(dyn std::error::Error + 'static)| {
        matches!(cause.downcast_ref(), Some(StoreError::Sqlite { .. } | StoreError::Broken(_)))
    };
    if error.chain().any(nameless) { error.context(db.display().to_string()) } else { error }
}

fn serve(file: &Path) -> Result<ExitCode> {
    let config = Config::load(file)?;
    let runtime = runtime()?;
    let served = runtime.block_on(async {
        let db = Place::new(&config.data_dir).db();
        let started = Daemon::start(file.to_owned(), config, Clock::system()).await;
        let mut daemon = started.map_err(|error| naming(&db, error))?;
        let ran = daemon.run(CancellationToken::new()).await;
        daemon.stop().await;
        Ok::<(), anyhow::Error>(ran?)
    });
    // Closing a device with unsent output may take the kernel half a minute: nobody waits for it.
    runtime.shutdown_timeout(LAST_THREADS);
    served?;
    Ok(ExitCode::SUCCESS)
}

fn decode_input(args: &cli::Decode) -> Result<ExitCode> {
    let config = Config::load(&args.config.config)?;
    let mut sources = config.stations.iter().flat_map(|station| &station.sources);
    let source = match &args.source {
        Some(name) => sources.find(|source| source.name == *name),
        None => sources.next(),
    };
    let source = source.with_context(|| {
        format!(
            "there is no source `{}`; name one of the configuration",
            args.source.as_deref().unwrap_or_default()
        )
    })?;
    let mut bytes = Vec::new();
    std::io::stdin().read_to_end(&mut bytes).context("standard input cannot be read")?;
    for frame in decode(source.frame.clone(), &config.formats, &bytes) {
        say(&serde_json::to_string(&frame).context("a frame cannot be written as JSON")?);
    }
    Ok(ExitCode::SUCCESS)
}

fn man() -> Result<ExitCode> {
    let mut page = Vec::new();
    clap_mangen::Man::new(Cli::command()).render(&mut page).context("the manual page cannot be written")?;
    std::io::stdout().write_all(&page).context("the manual page cannot be written")?;
    Ok(ExitCode::SUCCESS)
}

/// A line that tells how far a long job is: redrawn on a terminal, silent otherwise.
struct Bar {
    what: &'static str,
    terminal: bool,
    drawn: bool,
}

const BAR_CELLS: u64 = 30;

impl Bar {
    fn new(what: &'static str) -> Bar {
        Bar { what, terminal: std::io::stderr().is_terminal(), drawn: false }
    }

    fn show(&mut self, done: u64, all: u64, said: &str) {
        let filled = done.saturating_mul(BAR_CELLS).checked_div(all).unwrap_or(BAR_CELLS).min(BAR_CELLS);
        let percent = done.saturating_mul(100).checked_div(all).unwrap_or(100).min(100);
        let cells: String = (0..BAR_CELLS).map(|cell| if cell < filled { '#' } else { '.' }).collect();
        self.draw(&format!("{} [{cells}] {percent} %  {said}", self.what));
    }

    fn step(&mut self, what: &str, row: i64) {
        self.draw(&format!("{}: {what} {row}", self.what));
    }

    fn draw(&mut self, line: &str) {
        if self.terminal {
            drop(write!(std::io::stderr(), "\r\x1b[K{line}"));
            self.drawn = true;
        }
    }

    fn end(&self) {
        if self.drawn {
            drop(writeln!(std::io::stderr()));
        }
    }
}
