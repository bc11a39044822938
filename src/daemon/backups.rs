//! Makes backups when they are owed, and looks for what else should be told of the data directory.

use crate::backups::{self, Backups, NotMade, Plan, State};
use crate::changes::Change;
use crate::store::{self, Place};
use crate::web::App;
use jiff::{SignedDuration, Timestamp};
use std::error::Error;
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// How often is looked.
const LOOK: Duration = Duration::from_secs(60);
/// How long after a try that failed the next one is made.
const AGAIN: SignedDuration = SignedDuration::from_mins(10);

/// Looks every minute until `stop`.
pub(super) async fn watch(app: App, place: Place, stop: CancellationToken) {
    loop {
        let before = app.backups.concerns(app.clock.now());
        look(&app, &place).await;
        let concerns = app.backups.concerns(app.clock.now());
        if concerns != before {
            for concern in concerns.iter().filter(|concern| !before.contains(concern)) {
                tracing::error!("{concern}");
            }
            app.changes.announce(Change::Configuration);
        }
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(LOOK) => {}
        }
    }
}

async fn look(app: &App, place: &Place) {
    let plan = app.backups.plan();
    let now = app.clock.now();
    let (backups, looked_at) = (Arc::clone(&app.backups), place.clone());
    let of_plan = plan.clone();
    let owed = on_a_thread(move || {
        see(&backups, &looked_at, of_plan.as_ref());
        of_plan.filter(|plan| is_to_be_made(&backups.state(), plan, now))
    });
    let Some(Some(plan)) = owed.await else { return };
    app.backups.note(|state| state.running_since = Some(now));
    app.changes.announce(Change::Configuration);
    let place = place.clone();
    let made = on_a_thread(move || {
        let made = backups::make(&place, &plan, now, &mut |_, _| ())?;
        Ok::<_, NotMade>((made, backups::newest(&plan.directory).1))
    })
    .await;
    match made {
        Some(Ok((backup, count))) => {
            let took = app.clock.now().duration_since(now).as_secs();
            tracing::info!(file = %backup.file.display(), bytes = backup.bytes, seconds = took, "a backup was made, restored and verified");
            app.backups.note(|state| {
                (state.last_good, state.failed, state.running_since) = (Some(backup), None, None);
                state.count = count;
            });
        }
        Some(Err(error)) => {
            let why = in_one_line(&error);
            tracing::error!(why, "no backup was made; older ones are as they were");
            app.backups.note(|state| {
                (state.failed, state.running_since) = (Some((app.clock.now(), why)), None);
            });
        }
        None => app.backups.note(|state| state.running_since = None),
    }
    app.changes.announce(Change::Configuration);
}

/// What lies where.
fn see(backups: &Backups, place: &Place, plan: Option<&Plan>) {
    let damaged = store::damaged_logs(place);
    let (newest, count) = plan.map_or((None, 0), |plan| backups::newest(&plan.directory));
    backups.note(|state| {
        state.damaged_logs = damaged;
        state.count = count;
        let is_known =
            state.last_good.as_ref().map(|backup| &backup.file) == newest.as_ref().map(|backup| &backup.file);
        // A directory that is not there does not make the last backup younger or older.
        if !is_known && (newest.is_some() || plan.is_none_or(|plan| plan.directory.is_dir())) {
            state.last_good = newest;
        }
    });
}

fn is_to_be_made(state: &State, plan: &Plan, now: Timestamp) -> bool {
    let newest = state.last_good.as_ref().map(|backup| backup.at);
    let is_too_soon = state.failed.as_ref().is_some_and(|(at, _)| now.duration_since(*at) < AGAIN);
    backups::is_owed(plan, newest, now) && !is_too_soon
}

/// Work that reads and writes much; `None` if it panicked, which is in the log.
async fn on_a_thread<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Option<T> {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => Some(done),
        Err(error) => {
            tracing::error!(%error, "the making of a backup broke off");
            None
        }
    }
}

fn in_one_line(error: &NotMade) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}
