//! One target under libFuzzer; `OUTGUIDE_FUZZ` names it.

#![no_main]

mod input;
#[path = "../support/sign_in.rs"]
mod sign_in;
mod targets;

use std::sync::LazyLock;

static TARGET: LazyLock<targets::Target> = LazyLock::new(|| {
    let wanted = std::env::var("OUTGUIDE_FUZZ").unwrap_or_default();
    let found = targets::ALL.into_iter().find(|(name, _)| *name == wanted);
    found.unwrap_or_else(|| panic!("OUTGUIDE_FUZZ={wanted:?} names no target")).1
});

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| (*TARGET)(bytes));
