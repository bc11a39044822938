//! One task per configured scanner: serial lines today; each kind gives the same [`Reading`]s.
//!
//! `frame`, `answer` and `policy` are pure; `source` and `port` touch devices.

pub mod answer;
pub mod frame;
mod health;
pub mod hid;
pub mod keys;
mod policy;
mod port;
mod reading;
mod serial;
mod session;
mod source;

pub use health::{Gauge, Presence, SourceHealth};
pub use policy::{Reconnect, Retry, Trouble};
pub use port::look;
pub use reading::{Outlets, Reading, SerialSource};
pub use serial::LineSettings;
pub use source::{advice, run};
