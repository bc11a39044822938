//! Work that would hold up a thread which answers requests: drawing labels and bar codes by the hundred, files for
//! spreadsheets. Some of it goes on at once on threads of their own, the rest waits its turn.

use super::pages::PageError;
use tokio::sync::Semaphore;

/// How much of it goes on at once: what is left of the machine is for scans and pages.
const AT_ONCE: usize = 2;

static TURN: Semaphore = Semaphore::const_new(AT_ONCE);

/// Does heavy work on a thread of its own. It knows nobody: whoever asks is to be asked before.
///
/// # Errors
/// The work panicked.
pub(super) async fn heavy<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, PageError> {
    let turn = TURN.acquire().await.map_err(|_| PageError::Broken)?;
    let done = tokio::task::spawn_blocking(move || {
        let _turn = turn;
        work()
    });
    done.await.map_err(|_| PageError::Broken)
}
