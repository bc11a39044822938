//! Live events: only that something changed, never what, so that lag, loss and reconnects cost nothing.
//!
//! Invariant: every stream ends when the daemon stops; an open one would hold up the shutdown (axum #2673).

use super::App;
use super::problem::{Problem, ProblemBody, ProblemKind};
use crate::changes::Change;
use axum::extract::State;
use axum::response::IntoResponse;
use axum::response::sse::{Event, Sse};
use futures_util::{Stream, stream};
use std::convert::Infallible;
use std::time::Duration;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;
use tokio::time::{Interval, MissedTickBehavior};
use tokio_util::sync::CancellationToken;

/// Time between signs of life; a page that hears none knows that it is cut off.
const TICK_EVERY: Duration = Duration::from_secs(15);
/// Sent where any topic may have changed.
const ALL: &str = "all";

/// Tells what changes from now on, as server-sent events.
///
/// `event: change` names a topic in `data`: `station/<name>`, `scanners`, `configuration`, or `all`, which is sent
/// first and after events were lost. Ask again for what you show. `event: tick` comes every 15 seconds.
#[utoipa::path(
    get, path = "/api/v1/changes", tag = "live",
    responses(
        (status = 200, description = "The events, until either side ends.", body = String, content_type = "text/event-stream"),
        (status = 503, description = "As many pages listen as may.", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub(super) async fn changes(State(app): State<App>) -> Result<impl IntoResponse, Problem> {
    // Listens first and counts then: two that come at once may both be turned away, but never both let in.
    let heard = app.changes.listen();
    if app.changes.listeners() > app.limits.live_pages {
        let detail = "as many pages listen for changes as may; close one, or ask at intervals";
        return Err(Problem::new(ProblemKind::Busy, detail));
    }
    // Proxies that collect before they pass on would hold events back.
    Ok(([("x-accel-buffering", "no")], Sse::new(events(Listening::new(heard, app.stop)))))
}

struct Listening {
    heard: Receiver<Change>,
    ticks: Interval,
    stop: CancellationToken,
    count: u64,
}

impl Listening {
    fn new(heard: Receiver<Change>, stop: CancellationToken) -> Listening {
        let mut ticks = tokio::time::interval_at(tokio::time::Instant::now() + TICK_EVERY, TICK_EVERY);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        Listening { heard, ticks, stop, count: 0 }
    }

    /// The next event's kind and data; `None` when the stream ends.
    async fn next(&mut self) -> Option<(&'static str, String)> {
        if self.count == 0 {
            return Some(("change", ALL.to_owned()));
        }
        tokio::select! {
            biased;
            () = self.stop.cancelled() => None,
            heard = self.heard.recv() => match heard {
                Ok(change) => Some(("change", change.topic())),
                Err(RecvError::Lagged(_)) => Some(("change", ALL.to_owned())),
                Err(RecvError::Closed) => None,
            },
            // An event without data is never delivered to a page.
            _ = self.ticks.tick() => Some(("tick", "tick".to_owned())),
        }
    }
}

fn events(listening: Listening) -> impl Stream<Item = Result<Event, Infallible>> {
    stream::unfold(listening, |mut listening| async move {
        let (kind, data) = listening.next().await?;
        listening.count += 1;
        let event = Event::default().id(listening.count.to_string()).event(kind).data(data);
        Some((Ok(event), listening))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::changes::Changes;

    #[tokio::test]
    async fn a_page_that_falls_behind_is_told_to_ask_for_everything() {
        let changes = Changes::default();
        let mut listening = Listening::new(changes.listen(), CancellationToken::new());
        listening.count = 1;
        for _ in 0..300 {
            changes.announce(Change::Scanners);
        }
        assert_eq!(listening.next().await.unwrap().1, "all");
        assert_eq!(listening.next().await.unwrap().1, "scanners");
    }
}
