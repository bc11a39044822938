//! A file room to play with: its charts and custodians, clerks who scan (and err) by a seeded script, and scanners on
//! pseudo-terminals, read by the same code as hardware.
//!
//! `world`, `script`, `errors` and `file_room` are pure; `pty` makes the devices.

mod errors;
pub mod file_room;
mod pty;
mod script;
mod world;

pub use errors::{Errors, ErrorsError, Mix, mixes};
pub use pty::PtyScanner;
pub use script::{Act, Script};
pub use world::{Desk, Volume, World};
