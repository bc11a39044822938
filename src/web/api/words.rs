//! The words of the file room as the API document lists them; the pure rooms know nothing of OpenAPI.

use crate::tracking::{Entry, Signal, Verdict};
use utoipa::openapi::schema::{Object, ObjectBuilder, SchemaType, Type};

fn one_of(description: &str, words: &[&str]) -> Object {
    ObjectBuilder::new()
        .schema_type(SchemaType::new(Type::String))
        .description(Some(description))
        .enum_values(Some(words.iter().copied()))
        .build()
}

/// How a label got into the system.
pub(super) fn entry() -> Object {
    one_of("How the label got in.", &[Entry::Scanned, Entry::Keyed].map(Entry::as_str))
}

/// What became of a scan.
pub(super) fn verdict() -> Object {
    one_of("What became of the scan.", &Verdict::ALL.map(Verdict::as_str))
}

/// What the person at the scanner is told.
pub(super) fn signal() -> Object {
    one_of("What the person at the scanner is told.", &Signal::ALL.map(Signal::as_str))
}
