//! Sweeps for charts that are going missing. What is owed is asked anew each time, so that a restart, a clock that was
//! set or a week switched off loses nothing.

use crate::changes::Change;
use crate::store::Swept;
use crate::web::App;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// How often is swept.
const EVERY: Duration = Duration::from_secs(5 * 60);
/// The first sweep waits until the scanners are up.
const FIRST: Duration = Duration::from_secs(10);

/// Sweeps every few minutes until `stop`.
pub(super) async fn watch(app: App, stop: CancellationToken) {
    let mut wait = FIRST;
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(wait) => {}
        }
        wait = EVERY;
        // Calendar and rules are those in force; who needs what is in the open requests.
        let site = app.site();
        match app.store.sweep(site.calendar.clone(), site.missing, Vec::new()).await {
            Ok(Swept { noted: 0, .. }) => {}
            Ok(Swept { weighed, noted }) => {
                tracing::info!(weighed, noted, "charts that may be going missing");
                app.changes.announce(Change::FileRoom);
            }
            Err(error) => tracing::warn!(%error, "no sweep for missing charts; the next one does it"),
        }
    }
}
