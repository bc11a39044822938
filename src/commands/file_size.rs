//! A limit on the size of files is an error to tell, not a reason to die.

use tokio::signal::unix::{SignalKind, signal};

/// SIGXFSZ: the kernel kills whoever writes beyond a file size limit and does not care for this signal.
const SIGXFSZ: i32 = 25;

/// From now on, and for good, a write beyond a limit fails with an error that is told like any other.
pub(super) fn is_an_error() -> std::io::Result<()> {
    // The runtime is needed to ask; what it asked for stays in force when it is gone.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build()?;
    let _in_it = runtime.enter();
    signal(SignalKind::from_raw(SIGXFSZ)).map(drop)
}
