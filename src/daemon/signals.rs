//! The signals that the daemon heeds.

use tokio::signal::unix::{Signal, SignalKind, signal};

/// SIGXFSZ: a write beyond a file size limit must fail with an error, not kill the daemon.
const SIGXFSZ: i32 = 25;

pub(super) struct Signals {
    terminate: Signal,
    interrupt: Signal,
    hang_up: Signal,
    user_1: Signal,
    _file_size: Signal,
}

pub(super) enum Received {
    Stop,
    Reload,
    Dump,
}

impl Signals {
    pub(super) fn new() -> std::io::Result<Signals> {
        Ok(Signals {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
            hang_up: signal(SignalKind::hangup())?,
            user_1: signal(SignalKind::user_defined1())?,
            _file_size: signal(SignalKind::from_raw(SIGXFSZ))?,
        })
    }

    pub(super) async fn next(&mut self) -> Received {
        tokio::select! {
            _ = self.terminate.recv() => Received::Stop,
            _ = self.interrupt.recv() => Received::Stop,
            _ = self.hang_up.recv() => Received::Reload,
            _ = self.user_1.recv() => Received::Dump,
        }
    }
}

/// Exit code after a second signal, as shells report an interrupt.
const INTERRUPTED: i32 = 130;

/// From now on a signal ends the process at once: everything answered green is on disk already.
pub(super) fn exit_at_second_signal() {
    drop(tokio::spawn(async {
        let Ok(mut signals) = Signals::new() else { return };
        loop {
            if let Received::Stop = signals.next().await {
                tracing::warn!("second signal: stopping at once");
                std::process::exit(INTERRUPTED);
            }
        }
    }));
}
