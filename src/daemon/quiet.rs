//! Notices scanners that are silent for longer than their station ever is at this hour.

use super::control::Gauges;
use crate::changes::Change;
use crate::scanner::{Gauge, Presence};
use crate::tracking::Rhythm;
use crate::web::App;
use jiff::{SignedDuration, Timestamp};
use std::collections::HashMap;
use std::sync::{Arc, PoisonError};
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// How often silence is looked at.
const LOOK: Duration = Duration::from_secs(60);
/// How often the rhythm is learned anew, in looks.
const LEARN_EVERY: u32 = 60;
/// How much history it is learned from.
const HISTORY: SignedDuration = SignedDuration::from_hours(28 * 24);

/// Looks at all scanners every minute until `stop`.
pub(super) async fn watch(app: App, gauges: Gauges, stop: CancellationToken) {
    let mut rhythms = HashMap::new();
    for look in 0_u32.. {
        if look % LEARN_EVERY == 0 {
            rhythms = learn(&app).await;
        }
        let gauges = gauges.read().unwrap_or_else(PoisonError::into_inner).clone();
        if note(&rhythms, &gauges, app.clock.now()) {
            app.changes.announce(Change::Scanners);
        }
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(LOOK) => {}
        }
    }
}

/// Each station's rhythm, by its name.
async fn learn(app: &App) -> HashMap<String, Rhythm> {
    let mut rhythms = HashMap::new();
    let zone = app.site().time_zone.clone();
    let since = app.clock.now().checked_sub(HISTORY).unwrap_or(Timestamp::UNIX_EPOCH);
    for (name, station) in app.intake.settings().numbered.stations.clone() {
        match app.store.rhythm(station, since, zone.clone()).await {
            Ok(rhythm) => drop(rhythms.insert(name, rhythm)),
            Err(error) => tracing::warn!(station = name, %error, "the station's rhythm could not be learned"),
        }
    }
    rhythms
}

/// Notes what is unusual at `now`; true if that changed. A station with several scanners is silent when all are.
fn note(rhythms: &HashMap<String, Rhythm>, gauges: &[Arc<Gauge>], now: Timestamp) -> bool {
    let heard = |station: &str| {
        let of_station = gauges.iter().filter(|gauge| gauge.station == station);
        of_station.filter_map(|gauge| gauge.read().last_frame).max()
    };
    let mut changed = false;
    for gauge in gauges {
        let health = gauge.read();
        let silent = rhythms
            .get(&gauge.station)
            .filter(|_| health.presence == Presence::Up)
            .and_then(|rhythm| rhythm.unusual_silence(heard(&gauge.station), now));
        if silent.is_some() != health.unusually_silent.is_some() {
            changed = true;
            if let Some(silent) = silent {
                tracing::warn!(
                    source = gauge.source,
                    minutes = silent.as_secs() / 60,
                    "no scan for longer than ever at this hour; is the scanner well?"
                );
            }
        }
        gauge.set_unusually_silent(silent);
    }
    changed
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scanner::answer::AnswerProfile;
    use crate::scanner::frame::{FrameSettings, Framing};
    use crate::scanner::{Link, Source};
    use jiff::tz::TimeZone;

    fn gauge(name: &str, presence: Presence, now: Timestamp) -> Arc<Gauge> {
        let source = Source {
            name: name.to_owned(),
            link: Link::Replay { file: "/none".into() },
            frame: FrameSettings {
                framing: Framing::StxEtx,
                prefix: Vec::new(),
                frame_bytes_max: 64,
                gap: Duration::from_millis(100),
                total: Duration::from_secs(1),
            },
            answer: AnswerProfile::None,
        };
        let gauge = Gauge::new(&source, "desk".to_owned(), now);
        gauge.set_presence(presence, now);
        Arc::new(gauge)
    }

    #[test]
    fn a_silent_station_is_told_at_scanners_that_are_up_and_once() {
        let mut rhythm = Rhythm::new(TimeZone::UTC);
        let start: Timestamp = "2026-11-02T00:00:00Z".parse().unwrap();
        let minutes = |minutes: i64| start + SignedDuration::from_mins(minutes);
        (0..21 * 24 * 6).for_each(|ten| rhythm.scan(minutes(ten * 10)));
        let rhythms = HashMap::from([("desk".to_owned(), rhythm)]);
        let last = 21 * 24 * 60 - 10;
        let gauges = [gauge("gun", Presence::Up, start), gauge("cart", Presence::Absent, start)];
        assert!(!note(&rhythms, &gauges, minutes(last + 15)));
        assert!(note(&rhythms, &gauges, minutes(last + 40)));
        assert!(!note(&rhythms, &gauges, minutes(last + 41)), "told once");
        let silent: Vec<_> = gauges.iter().map(|gauge| gauge.read().unusually_silent).collect();
        assert_eq!(silent, [Some(Duration::from_secs(41 * 60)), None]);
        let words = gauges.first().unwrap().read().concerns();
        assert!(words.iter().any(|words| words.starts_with("no scan for 0 h 41 min")), "{words:?}");
        assert!(!note(&HashMap::new(), &gauges[1..], minutes(last + 50)));
    }
}
