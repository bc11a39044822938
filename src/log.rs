//! Which messages may be written at all, whatever level is asked for.

use tracing_subscriber::filter::{LevelFilter, Targets};

/// Everything down to `level`; of the web libraries only warnings, because at finer levels they write whole addresses,
/// and a client may have put a patient's number into one.
pub fn filter(level: tracing::Level) -> Targets {
    let warnings = LevelFilter::WARN.min(LevelFilter::from_level(level));
    Targets::new()
        .with_default(level)
        .with_target("tower_http", warnings)
        .with_target("hyper", warnings)
        .with_target("hyper_util", warnings)
}
