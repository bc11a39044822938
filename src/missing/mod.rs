//! Charts that are going missing: when one is suspected, where to look for it next, and what a find teaches. Pure.
//!
//! [`case`] weighs evidence and says which level a case may go to; [`plan`] ranks places by what a look there is worth,
//! after Koopman's theory of search (L. D. Stone, *Theory of Optimal Search*). Both take values and give values; every
//! number they give can be explained by the factors that they keep.

pub mod case;
pub mod plan;
mod reason;
mod rules;

pub use rules::{Round, Rules};
