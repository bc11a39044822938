//! What is owed by the clock, looked for again and again so that a lost moment heals: requests whose time has passed.

use crate::changes::Change;
use crate::web::App;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// How often is looked.
const LOOK: Duration = Duration::from_secs(600);

/// Ends requests whose time has passed, until `stop`. A scan does not wait for it: it knows by itself which are over.
pub(super) async fn watch(app: App, stop: CancellationToken) {
    loop {
        match app.store.expire_requests().await {
            Ok(0) => {}
            Ok(ended) => {
                tracing::info!(ended, "requests ended because their time has passed");
                app.changes.announce(Change::FileRoom);
            }
            Err(error) => {
                tracing::warn!(%error, "requests whose time has passed stay open; tried again later")
            }
        }
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(LOOK) => {}
        }
    }
}
