//! Moves old movements into the archive, a few at a time, as long as there are any.

use crate::store::{Archived, NotMoved, Place};
use crate::web::App;
use jiff::Span;
use std::error::Error;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// How often is looked for movements that have become old.
const EVERY: Duration = Duration::from_secs(3600);
/// The first look waits until the scanners are up.
const FIRST: Duration = Duration::from_secs(10);
/// Somebody reads the archive's log; Litestream lets it be emptied once a minute.
const IN_USE: Duration = Duration::from_secs(60);
/// So many times in a row are told.
const IN_USE_TOLD: u64 = 60;
/// Between two steps scans have the disk to themselves.
const PAUSE: Duration = Duration::from_millis(200);
/// Steps between two lines in the log.
const STEPS_TOLD: u64 = 500;

/// Moves what is older than the configuration says until `stop`.
pub(super) async fn watch(app: App, place: Place, after: Span, stop: CancellationToken) {
    let (mut wait, mut moved, mut steps, mut in_use) = (FIRST, 0, 0, 0);
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(wait) => {}
        }
        let more;
        (more, wait) = match step(&app, &place, after).await {
            Ok(step) => {
                (moved, in_use) = (moved + step.moved, 0);
                (step.more, if step.more { PAUSE } else { EVERY })
            }
            Err(NotMoved::InUse) if in_use < IN_USE_TOLD => {
                in_use += 1;
                (true, IN_USE)
            }
            Err(error) => {
                in_use = 0;
                let cause = error.source().map(ToString::to_string);
                tracing::warn!(%error, cause, "old movements stay in the database; they are tried again in an hour");
                (false, EVERY)
            }
        };
        steps += 1;
        if moved > 0 && (!more || steps >= STEPS_TOLD) {
            tracing::info!(moved, more, "old movements were moved into the archive");
            (moved, steps) = (0, 0);
        }
    }
}

async fn step(app: &App, place: &Place, after: Span) -> Result<Archived, NotMoved> {
    let zone = app.site().time_zone.clone();
    match app.clock.now().to_zoned(zone).checked_sub(after) {
        Ok(before) => app.store.archive_some(place, before.timestamp()).await,
        // Nothing is so old.
        Err(_) => Ok(Archived { moved: 0, more: false }),
    }
}
