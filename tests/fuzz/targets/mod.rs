//! What is fuzzed: each target takes any bytes and asserts what must hold for them.

mod body;
mod configuration;
mod conversation;
mod framer;
mod gs1;
mod hid;
mod keys;
mod label;
mod list;
mod recording;
mod schedule;
mod ssi;
mod template;

/// A target takes any bytes, and panics if something does not hold.
pub(crate) type Target = fn(&[u8]);

/// All targets, each with the name of its corpus.
pub(crate) const ALL: [(&str, Target); 13] = [
    ("framer", framer::run),
    ("conversation", conversation::run),
    ("ssi", ssi::run),
    ("label", label::run),
    ("gs1", gs1::run),
    ("hid", hid::run),
    ("keys", keys::run),
    ("recording", recording::run),
    ("schedule", schedule::run),
    ("list", list::run),
    ("configuration", configuration::run),
    ("template", template::run),
    ("body", body::run),
];
