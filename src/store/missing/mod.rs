//! Charts that are going missing: their cases, what was looked through, and what this site's finds have taught.
//!
//! What speaks for a case, and where to look, is decided in [`crate::missing`]; here are its facts and its rows.

pub(super) mod cases;
mod changes;
mod facts;
mod finds;
mod sweep;

pub use cases::{CaseView, NoSuchCase};
pub use facts::VisitAt;
pub use sweep::{Need, Swept};

#[cfg(test)]
mod tests;
