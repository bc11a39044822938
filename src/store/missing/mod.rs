//! Charts that are going missing: their cases, what was looked through, and what this site's finds have taught.
//!
//! What speaks for a case, and where to look, is decided in [`crate::missing`]; here are its facts and its rows.

pub(super) mod cases;
mod changes;
mod facts;
mod figures;
mod finds;
pub(super) mod happened;
pub(super) mod search_codes;
mod sweep;
mod told;
mod views;

pub use cases::{CaseView, NoSuchCase};
pub use facts::VisitAt;
pub use figures::{Figures, FoundWhere, OfCustodian};
pub(in crate::store) use figures::{hours, hours_to_find, middle};
pub use happened::{CaseHappened, CaseTold};
pub use search_codes::SheetLine;
pub use sweep::{Need, Swept};
pub use told::{CaseRecord, RecordRow};
pub use views::{CaseDetail, CaseStep, Claim, LookView, OpenCase};

#[cfg(test)]
mod tests;
