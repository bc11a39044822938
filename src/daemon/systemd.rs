//! What systemd is told: ready, reloading, stopping, status, and the watchdog.

use sd_notify::NotifyState;
use std::time::Duration;

/// How often the state is looked at when no watchdog asks for it.
const BEAT: Duration = Duration::from_secs(5);

/// The rhythm of the watchdog.
pub(super) struct Pulse {
    interval: tokio::time::Interval,
    watchdog: bool,
}

impl Pulse {
    pub(super) fn new() -> Pulse {
        let watchdog = sd_notify::watchdog_enabled();
        let every = watchdog.map_or(BEAT, |limit| (limit / 3).min(BEAT)).max(Duration::from_millis(100));
        let mut interval = tokio::time::interval(every);
        interval.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        Pulse { interval, watchdog: watchdog.is_some() }
    }

    pub(super) async fn beat(&mut self) {
        self.interval.tick().await;
    }

    pub(super) fn feed(&self) {
        if self.watchdog {
            tell(&[NotifyState::Watchdog]);
        }
    }
}

pub(super) fn ready() {
    tell(&[NotifyState::Ready]);
}

pub(super) fn reloading() {
    match NotifyState::monotonic_usec_now() {
        Ok(now) => tell(&[NotifyState::Reloading, now]),
        Err(_) => tell(&[NotifyState::Reloading]),
    }
}

pub(super) fn stopping() {
    tell(&[NotifyState::Stopping]);
}

pub(super) fn status(text: &str) {
    tell(&[NotifyState::Status(text)]);
}

/// Without systemd there is nobody to tell, which is fine.
fn tell(state: &[NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(state) {
        tracing::debug!(%error, "systemd could not be told");
    }
}
