//! One task per configured source: it owns the wire, reads, frames, hands scans over and answers the scanner.
//!
//! Invariant: an answer is written only when the recorder has said what became of the scan; a scanner that does not
//! listen to answers never stops the reading; a device's end of file is an unplug, not an error, and never a loop.

use super::advice::advice;
use super::health::{Gauge, Presence};
use super::inventory::Inventory;
use super::link::Source;
use super::policy::{Reconnect, Retry, Trouble};
use super::reading::{HEARTBEAT, Outlets};
use super::session::{Ended, Ids, Session};
use super::wire::Opener;
use crate::clock::Clock;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

/// Between a plug and the next attempt: a flood of device events must not become a flood of attempts.
const AFTER_PLUG: Duration = Duration::from_millis(20);

/// Runs a source until `stop`: absent, opening, up, down, and again, for ever.
pub async fn run(
    source: Source,
    gauge: Arc<Gauge>,
    mut outlets: Outlets,
    salt: u64,
    stop: CancellationToken,
) {
    let mut reconnect = Reconnect::default();
    let mut ids = Ids::new(salt);
    let mut opener = Opener::default();
    while !stop.is_cancelled() {
        gauge.alive(outlets.clock.elapsed());
        let opened = tokio::select! {
            () = stop.cancelled() => return,
            opened = opener.open(&source.name, &source.link) => opened,
            () = keep_alive(&gauge, &outlets.clock) => return,
        };
        let retry = match opened {
            Ok(wire) => {
                reconnect.opened(outlets.clock.elapsed());
                announce(&source, &gauge, &outlets, Presence::Up);
                look_twice(&source, &gauge);
                let mut session = Session::new(&source, &gauge, &outlets, wire);
                let ended = session.serve(&mut ids, &stop).await;
                session.end(&mut ids, ended).await;
                match ended {
                    Ended::Stopped => return,
                    Ended::Played => return rest(&source, &gauge, &outlets, &stop).await,
                    Ended::HungUp => went_away(&source, &gauge, &outlets, &mut reconnect),
                }
            }
            Err(trouble) => not_opened(&source, &gauge, &outlets, &mut reconnect, &trouble),
        };
        tokio::select! {
            () = stop.cancelled() => return,
            () = sleep(retry.after) => {}
            () = outlets.plugs.next() => sleep(AFTER_PLUG).await,
        }
    }
}

/// Shows for ever that the task is alive while the device takes its time to open.
async fn keep_alive(gauge: &Gauge, clock: &Clock) {
    loop {
        sleep(HEARTBEAT).await;
        gauge.alive(clock.elapsed());
    }
}

/// A recording has been played: there is nothing more to do until the end.
async fn rest(source: &Source, gauge: &Gauge, outlets: &Outlets, stop: &CancellationToken) {
    announce(source, gauge, outlets, Presence::Played);
    tokio::select! {
        () = stop.cancelled() => {}
        () = keep_alive(gauge, &outlets.clock) => {}
    }
}

/// Looks in the background whether the open device is the one that is meant.
pub(super) fn look_twice(source: &Source, gauge: &Arc<Gauge>) {
    let Some(device) = source.link.device().cloned() else { return };
    let (gauge, name) = (Arc::clone(gauge), source.name.clone());
    drop(tokio::task::spawn_blocking(move || {
        let doubt = Inventory::default().doubt(&device);
        let is_news = gauge.change(|health| {
            let is_news = health.doubt != doubt;
            health.doubt.clone_from(&doubt);
            is_news
        });
        if let (true, Some(doubt)) = (is_news, doubt) {
            tracing::warn!(source = name, "{doubt}");
        }
    }));
}

fn announce(source: &Source, gauge: &Gauge, outlets: &Outlets, presence: Presence) {
    let word = presence.as_str();
    if gauge.set_presence(presence, outlets.clock.now()) {
        tracing::info!(source = source.name, device = %source.link, state = word, "scanner");
        (outlets.changed)();
    }
}

fn went_away(source: &Source, gauge: &Gauge, outlets: &Outlets, reconnect: &mut Reconnect) -> Retry {
    let now = outlets.clock.elapsed();
    let retry = reconnect.hung_up(now);
    let unstable = reconnect.is_unstable(now);
    gauge.change(|health| {
        health.hang_ups += 1;
        health.unstable = unstable;
        (health.concern, health.doubt, health.unusually_silent) = (None, None, None);
    });
    announce(source, gauge, outlets, Presence::Absent);
    if unstable {
        tracing::warn!(source = source.name, "scanner comes and goes: check its plug, cable and hub");
    }
    retry
}

fn not_opened(
    source: &Source,
    gauge: &Gauge,
    outlets: &Outlets,
    reconnect: &mut Reconnect,
    trouble: &Trouble,
) -> Retry {
    let now = outlets.clock.elapsed();
    let retry = reconnect.failed(trouble, now);
    gauge.change(|health| health.unstable = reconnect.is_unstable(now));
    let words = (*trouble != Trouble::Absent).then(|| advice(&source.link, trouble));
    // A fault is shown once it has lasted; until then the scanner is simply not there yet.
    let shown = match words {
        Some(words) if retry.log => {
            tracing::error!(source = source.name, "{words}");
            Some(Presence::Fault(words))
        }
        Some(_) => None,
        None => Some(Presence::Absent),
    };
    if let Some(presence) = shown {
        announce(source, gauge, outlets, presence);
    }
    retry
}
