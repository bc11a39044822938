//! Where messages go.

use crate::cli::Log;
use outguide::log::filter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

/// Starts logging; a second call changes nothing.
pub(crate) fn start(to: Log, level: tracing::Level) {
    let registry = tracing_subscriber::registry().with(filter(level));
    let by_systemd = std::env::var_os("JOURNAL_STREAM").is_some();
    let journal = match to {
        Log::Journal => tracing_journald::layer().ok(),
        Log::Auto if by_systemd => tracing_journald::layer().ok(),
        Log::Auto | Log::Text | Log::Json => None,
    };
    let plain = tracing_subscriber::fmt::layer().with_writer(std::io::stderr).with_target(false);
    let colour =
        std::env::var_os("NO_COLOR").is_none() && std::io::IsTerminal::is_terminal(&std::io::stderr());
    let started = match (journal, to) {
        (Some(journal), _) => registry.with(journal).try_init(),
        (None, Log::Json) => registry.with(plain.json()).try_init(),
        (None, _) => registry.with(plain.with_ansi(colour)).try_init(),
    };
    if let Err(error) = started {
        tracing::debug!(%error, "logging was started before");
    }
}
