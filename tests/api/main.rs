//! The API, health pages and live events: handlers by themselves, and the whole over real sockets.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod answers;
mod charts;
mod description;
mod file;
mod health;
mod live;
mod missing;
#[cfg(test)]
mod notices;
mod privacy;
mod problems;
mod requests;
mod room;
mod scans;
mod sockets;
#[cfg(test)]
#[path = "../support/source.rs"]
mod source;
mod tls;
#[cfg(test)]
#[path = "../support/token.rs"]
mod token;
