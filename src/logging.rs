//! Where messages go. Whoever has something to say never waits for whoever takes it: a full pipe or a terminal that was
//! stopped, a journal that hangs must hold up no scan.

mod journal;

use crate::cli::Log;
use outguide::log::filter;
use std::io::{self, Write};
use std::os::unix::net::UnixDatagram;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::time::Duration;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

/// Messages that may wait to be taken; what comes beyond is left out and counted.
const WAITING_MAX: usize = 1024;
/// How long the last messages may take at the end.
const LAST: Duration = Duration::from_secs(1);
const LOOK_EVERY: Duration = Duration::from_millis(2);

static WAITING: AtomicUsize = AtomicUsize::new(0);
static LEFT_OUT: AtomicUsize = AtomicUsize::new(0);
static LINES: OnceLock<SyncSender<Vec<u8>>> = OnceLock::new();

/// Starts logging; a second call changes nothing.
pub(crate) fn start(to: Log, level: tracing::Level) {
    let registry = tracing_subscriber::registry().with(filter(level));
    let by_systemd = std::env::var_os("JOURNAL_STREAM").is_some();
    let journal = match to {
        Log::Journal => journal::open().ok(),
        Log::Auto if by_systemd => journal::open().ok(),
        Log::Auto | Log::Text | Log::Json => None,
    };
    let is_for_journal = journal.is_some();
    let is_writing = start_writing(journal);
    let plain = tracing_subscriber::fmt::layer().with_writer(Queue).with_target(false);
    let colour =
        std::env::var_os("NO_COLOR").is_none() && std::io::IsTerminal::is_terminal(&std::io::stderr());
    let started = match to {
        _ if is_for_journal && is_writing => registry.with(journal::Entries(let_go)).try_init(),
        Log::Json => registry.with(plain.json()).try_init(),
        _ => registry.with(plain.with_ansi(colour)).try_init(),
    };
    if let Err(error) = started {
        tracing::debug!(%error, "logging was started before");
    }
}

/// Waits until the last messages are written, but not for long: nobody may take them.
pub(crate) fn end() {
    let mut left = LAST;
    while WAITING.load(Ordering::Acquire) > 0 && !left.is_zero() {
        std::thread::sleep(LOOK_EVERY);
        left = left.saturating_sub(LOOK_EVERY);
    }
}

/// Without the thread (false) each message is written to standard error by whoever says it.
fn start_writing(journal: Option<UnixDatagram>) -> bool {
    let (sender, lines) = sync_channel(WAITING_MAX);
    let started =
        std::thread::Builder::new().name("log".to_owned()).spawn(move || write(&lines, journal.as_ref()));
    // Started twice, the first one stays.
    started.is_ok() && LINES.set(sender).is_ok()
}

fn write(lines: &Receiver<Vec<u8>>, journal: Option<&UnixDatagram>) {
    for line in lines {
        match journal {
            Some(socket) => journal::send(socket, &line),
            // A log that nobody reads any more is not worth ending for.
            None => drop(io::stderr().write_all(&line)),
        }
        if WAITING.fetch_sub(1, Ordering::AcqRel) == 1 {
            let count = LEFT_OUT.swap(0, Ordering::AcqRel);
            if count > 0 {
                tracing::warn!(count, "messages are not here: nobody took the log in time");
            }
        }
    }
}

fn let_go(message: &[u8]) {
    let Some(lines) = LINES.get() else { return drop(io::stderr().write_all(message)) };
    WAITING.fetch_add(1, Ordering::AcqRel);
    if lines.try_send(message.to_vec()).is_err() {
        WAITING.fetch_sub(1, Ordering::AcqRel);
        LEFT_OUT.fetch_add(1, Ordering::AcqRel);
    }
}

/// Lets go of each message at once.
struct Queue;

impl<'a> MakeWriter<'a> for Queue {
    type Writer = Queue;

    fn make_writer(&'a self) -> Queue {
        Queue
    }
}

impl Write for Queue {
    /// Takes one message: the formatting layer hands over each in one piece.
    fn write(&mut self, message: &[u8]) -> io::Result<usize> {
        let_go(message);
        Ok(message.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
