//! One task per configured source: it owns the device, reads, frames, hands scans over and answers the scanner.
//!
//! Invariant: an answer is written only when the recorder has said what became of the scan; a scanner that does not
//! listen to answers never stops the reading; the device's end of file is an unplug, not an error, and never a loop.

use super::health::{Gauge, Presence};
use super::policy::{Reconnect, Retry, Trouble};
use super::port;
use super::reading::{HEARTBEAT, Outlets, SerialSource};
use super::session::{Ids, Session};
use crate::clock::Clock;
use std::path::Path;
use std::sync::Arc;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

/// Runs a source until `stop`: absent, opening, up, down, and again, for ever.
pub async fn run(
    source: SerialSource,
    gauge: Arc<Gauge>,
    outlets: Outlets,
    salt: u64,
    stop: CancellationToken,
) {
    let mut reconnect = Reconnect::default();
    let mut ids = Ids { salt, count: 0 };
    while !stop.is_cancelled() {
        gauge.alive(outlets.clock.elapsed());
        let opening = port::open(source.device.clone(), source.line.clone());
        let opened = tokio::select! {
            () = stop.cancelled() => return,
            opened = opening => opened,
            () = keep_alive(&gauge, &outlets.clock) => return,
        };
        let retry = match opened {
            Ok(port) => {
                reconnect.opened();
                announce(&source, &gauge, &outlets, Presence::Up);
                let mut session = Session::new(&source, &gauge, &outlets, port);
                session.serve(&mut ids, &stop).await;
                session.end(&mut ids, stop.is_cancelled()).await;
                if stop.is_cancelled() {
                    return;
                }
                went_away(&source, &gauge, &outlets, &mut reconnect)
            }
            Err(trouble) => not_opened(&source, &gauge, &outlets, &mut reconnect, &trouble),
        };
        tokio::select! {
            () = stop.cancelled() => return,
            () = sleep(retry.after) => {}
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

fn announce(source: &SerialSource, gauge: &Gauge, outlets: &Outlets, presence: Presence) {
    let word = presence.as_str();
    if gauge.set_presence(presence, outlets.clock.now()) {
        tracing::info!(source = source.name, device = %source.device.display(), state = word, "scanner");
        (outlets.changed)();
    }
}

fn went_away(source: &SerialSource, gauge: &Gauge, outlets: &Outlets, reconnect: &mut Reconnect) -> Retry {
    let now = outlets.clock.elapsed();
    let retry = reconnect.hung_up(now);
    let unstable = reconnect.is_unstable(now);
    gauge.change(|health| {
        health.hang_ups += 1;
        health.unstable = unstable;
    });
    announce(source, gauge, outlets, Presence::Absent);
    if unstable {
        tracing::warn!(source = source.name, "scanner comes and goes: check its plug, cable and hub");
    }
    retry
}

fn not_opened(
    source: &SerialSource,
    gauge: &Gauge,
    outlets: &Outlets,
    reconnect: &mut Reconnect,
    trouble: &Trouble,
) -> Retry {
    let now = outlets.clock.elapsed();
    let retry = reconnect.failed(trouble, now);
    gauge.change(|health| health.unstable = reconnect.is_unstable(now));
    let words = (*trouble != Trouble::Absent).then(|| advice(&source.device, trouble));
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

/// What stands in the way of a device, and what to do about it.
pub fn advice(device: &Path, trouble: &Trouble) -> String {
    let device = device.display();
    match trouble {
        Trouble::Absent => format!("{device} is not there: plug the scanner in"),
        Trouble::NotPermitted => format!(
            "{device} may not be opened by this user; add the user to the device's group (dialout), or install 60-outguide.rules"
        ),
        Trouble::Busy { holder: Some(holder) } => {
            format!("{device} is in use by {holder}; stop that program")
        }
        Trouble::Busy { holder: None } => format!("{device} is in use by another program; find and stop it"),
        Trouble::Unfit(cause) => {
            format!(
                "{device} is no serial port, or refuses these line settings ({cause}); correct the source"
            )
        }
        Trouble::Other(cause) => format!("{device} cannot be opened: {cause}"),
    }
}
