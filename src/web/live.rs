//! Live events: only that something changed, never what, so that lag, loss and reconnects cost nothing.
//!
//! Invariant: every stream ends when the daemon stops; an open one would hold up the shutdown (axum #2673).

use super::App;
use super::door::User;
use super::problem::{Problem, ProblemBody, ProblemKind};
use crate::access::{Permission, Permissions, WHOLE_ROOM};
use crate::changes::Change;
use axum::extract::State;
use axum::http::{HeaderValue, header};
use axum::response::sse::{Event, Sse};
use axum::response::{IntoResponse, Response};
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
/// `event: change` names a topic in `data`: `station/<name>`, `file-room`, `scanners`, `configuration`, or `all`, which is sent
/// first and after events were lost. Ask again for what you show. `event: tick` comes every 15 seconds.
#[utoipa::path(
    get, path = "/api/v1/changes", tag = "live",
    responses(
        (status = 200, description = "The events, until either side ends.", body = String, content_type = "text/event-stream"),
        (status = 503, description = "As many pages listen as may.", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub(super) async fn changes(State(app): State<App>, user: User) -> Response {
    // Listens first and counts then: two that come at once may both be turned away, but never both let in.
    let heard = app.changes.listen();
    if app.changes.listeners() > app.limits.live_pages {
        let detail = "as many pages listen for changes as may; close one, or ask at intervals";
        let mut refused = Problem::new(ProblemKind::Busy, detail).into_response();
        // A crowd that is turned away must not keep the connections, too.
        refused.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
        return refused;
    }
    // Proxies that collect before they pass on would hold events back.
    let stream = Sse::new(events(Listening::new(heard, app.stop.clone(), Some((app, user)))));
    ([("x-accel-buffering", "no")], stream).into_response()
}

struct Listening {
    heard: Receiver<Change>,
    ticks: Interval,
    stop: CancellationToken,
    count: u64,
    /// Who listens; a test may be nobody.
    listener: Option<(App, User)>,
}

impl Listening {
    fn new(heard: Receiver<Change>, stop: CancellationToken, listener: Option<(App, User)>) -> Listening {
        let mut ticks = tokio::time::interval_at(tokio::time::Instant::now() + TICK_EVERY, TICK_EVERY);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        Listening { heard, ticks, stop, count: 0, listener }
    }

    /// The next event's kind and data; `None` when the stream ends.
    async fn next(&mut self) -> Option<(&'static str, String)> {
        if self.count == 0 {
            return Some(("change", ALL.to_owned()));
        }
        loop {
            tokio::select! {
                biased;
                () = self.stop.cancelled() => return None,
                heard = self.heard.recv() => match heard {
                    Ok(change) => if let Some(topic) = self.topic(&change) {
                        return Some(("change", topic));
                    },
                    Err(RecvError::Lagged(_)) => return Some(("change", ALL.to_owned())),
                    Err(RecvError::Closed) => return None,
                },
                // An event without data is never delivered to a page.
                _ = self.ticks.tick() => {
                    return self.is_still_in().await.then(|| ("tick", "tick".to_owned()));
                }
            }
        }
    }

    /// A sign-in or token that has ended ends its streams, at the next tick.
    async fn is_still_in(&self) -> bool {
        match &self.listener {
            Some((app, user)) => user.is_still_in(app).await,
            None => true,
        }
    }

    fn topic(&self, change: &Change) -> Option<String> {
        match &self.listener {
            Some((_, user)) => topic(user.may, user.station.as_deref(), change),
            None => Some(change.topic()),
        }
    }
}

/// What somebody hears of a change: those who may see what has changed do; a screen only of its own station. Who may not
/// see stations but locates charts hears of a scan that something in the file room has changed.
fn topic(may: Permissions, station: Option<&str>, change: &Change) -> Option<String> {
    let needs = [Permission::Locate, Permission::Work, Permission::Request];
    let sees_file_room = needs.into_iter().any(|needed| may.has(needed)) || station == Some(WHOLE_ROOM);
    match change {
        Change::Station(name) if may.has(Permission::SeeBoard) || may.has(Permission::SeeStations) => {
            station.is_none_or(|own| own == name || own == WHOLE_ROOM).then(|| change.topic())
        }
        Change::Station(_) | Change::FileRoom => sees_file_room.then(|| Change::FileRoom.topic()),
        Change::Scanners => (may.has(Permission::SeeScanners) || station.is_some()).then(|| change.topic()),
        Change::Configuration => Some(change.topic()),
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
    use crate::access::Role;
    use crate::changes::Changes;

    #[test]
    fn everybody_hears_of_what_they_may_see() {
        let station = |name: &str| Change::Station(name.to_owned());
        let check = |role: Role, own: Option<&str>, change: Change, expect: Option<&str>| {
            assert_eq!(
                topic(role.permissions(), own, &change).as_deref(),
                expect,
                "{} {change:?}",
                role.as_str()
            );
        };
        check(Role::Clerk, None, station("desk"), Some("station/desk"));
        check(Role::Administrator, None, station("desk"), Some("station/desk"));
        check(Role::Requester, None, station("desk"), Some("file-room"));
        check(Role::Display, Some("desk"), station("desk"), Some("station/desk"));
        check(Role::Display, Some("desk"), station("clinic"), None);
        check(Role::Display, Some("desk"), Change::FileRoom, None);
        check(Role::Display, Some(WHOLE_ROOM), Change::FileRoom, Some("file-room"));
        check(Role::Display, Some(WHOLE_ROOM), station("clinic"), Some("station/clinic"));
        check(Role::Administrator, None, Change::FileRoom, None);
        check(Role::Requester, None, Change::Scanners, None);
        check(Role::Requester, None, Change::Configuration, Some("configuration"));
    }

    #[tokio::test]
    async fn a_page_that_falls_behind_is_told_to_ask_for_everything() {
        let changes = Changes::default();
        let mut listening = Listening::new(changes.listen(), CancellationToken::new(), None);
        listening.count = 1;
        for _ in 0..300 {
            changes.announce(Change::Scanners);
        }
        assert_eq!(listening.next().await.unwrap().1, "all");
        assert_eq!(listening.next().await.unwrap().1, "scanners");
    }
}
