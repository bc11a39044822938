//! Every fuzz target as a plain test: over its committed corpus, and over inputs made from it by fixed seeds.
//!
//! `tests/fuzz/run` runs the same targets guided by coverage, and adds what it finds to the corpus.

#[cfg(test)]
mod input;
#[cfg(test)]
mod seeds;
#[cfg(test)]
#[path = "../support/sign_in.rs"]
mod sign_in;
#[cfg(test)]
mod targets;
