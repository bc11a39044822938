//! Where messages go. Whoever has something to say never waits for whoever takes it: a full pipe or a terminal that was
//! stopped must hold up no scan.

use crate::cli::Log;
use outguide::log::filter;
use std::io::{self, Write};
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
        Log::Journal => tracing_journald::layer().ok(),
        Log::Auto if by_systemd => tracing_journald::layer().ok(),
        Log::Auto | Log::Text | Log::Json => None,
    };
    if journal.is_none() {
        start_writing();
    }
    let plain = tracing_subscriber::fmt::layer().with_writer(Queue).with_target(false);
    let colour =
        std::env::var_os("NO_COLOR").is_none() && std::io::IsTerminal::is_terminal(&std::io::stderr());
    let started = match (journal, to) {
        (Some(journal), _) => registry.with(journal).try_init(),
        (None, Log::Json) => registry.with(plain.json()).try_init(),
        (None, _) => registry.with(plain.with_ansi(colour)).try_init(),
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

/// Without the thread each message is written by whoever says it.
fn start_writing() {
    let (sender, lines) = sync_channel(WAITING_MAX);
    let started = std::thread::Builder::new().name("log".to_owned()).spawn(move || write(&lines));
    if started.is_ok() {
        // Started twice, the first one stays.
        drop(LINES.set(sender));
    }
}

fn write(lines: &Receiver<Vec<u8>>) {
    for line in lines {
        // A log that nobody reads any more is not worth ending for.
        drop(io::stderr().write_all(&line));
        if WAITING.fetch_sub(1, Ordering::AcqRel) == 1 {
            let count = LEFT_OUT.swap(0, Ordering::AcqRel);
            if count > 0 {
                tracing::warn!(count, "messages are not here: nobody took the log in time");
            }
        }
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
        let Some(lines) = LINES.get() else { return io::stderr().write(message) };
        WAITING.fetch_add(1, Ordering::AcqRel);
        if lines.try_send(message.to_vec()).is_err() {
            WAITING.fetch_sub(1, Ordering::AcqRel);
            LEFT_OUT.fetch_add(1, Ordering::AcqRel);
        }
        Ok(message.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
