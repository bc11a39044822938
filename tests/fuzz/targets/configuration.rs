//! The configuration: any text, and whoever wrote it is told where it is wrong.

use outguide::config::Config;
use std::sync::{LazyLock, Mutex, PoisonError};

static DIR: LazyLock<Mutex<tempfile::TempDir>> = LazyLock::new(|| Mutex::new(tempfile::tempdir().unwrap()));

pub(crate) fn run(bytes: &[u8]) {
    let dir = DIR.lock().unwrap_or_else(PoisonError::into_inner);
    let file = dir.path().join("outguide.toml");
    std::fs::write(&file, bytes).unwrap();
    if let Err(errors) = Config::load(&file) {
        assert!(!errors.0.is_empty(), "refused without a reason");
        for error in &errors.0 {
            let told = error.to_string();
            assert!(told.contains("outguide.toml"), "{told}");
            assert!(!told.chars().any(|c| c.is_control() && c != '\n'), "what is quoted can act: {told:?}");
        }
    }
}
