//! One task per configured scanner, of whatever kind; each gives the same [`Reading`]s.
//!
//! Pure: `frame` (bytes to frames), `keys` (keys to bytes), `hid` (reports to bytes), `answer`, `policy`, `trend`,
//! `capture`. Devices: `wire` (one file per kind), `inventory` (what is plugged in), `hotplug`, `kernel`. `source` runs one
//! source for ever, `session` one open wire.

mod advice;
pub mod answer;
pub mod capture;
pub mod frame;
mod health;
pub mod hid;
mod hotplug;
mod inventory;
mod kernel;
pub mod keys;
mod link;
mod policy;
mod reading;
mod session;
mod source;
mod trend;
mod wire;

pub use advice::advice;
pub use health::{Gauge, Presence, SourceHealth, Tapped};
pub use hotplug::Plugs;
pub use inventory::{Inventory, NodeKind, Plugged};
pub use kernel::LineErrors;
pub use link::{Device, LineSettings, Link, Source, UsbId};
pub use policy::{Reconnect, Retry, Trouble};
pub use reading::{Outlets, Reading};
pub use source::run;
pub use trend::{Concern, Trend};
pub use wire::look;
