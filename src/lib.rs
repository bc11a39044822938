//! Outguide: see the map (being drawn).
pub mod clock;
pub mod label;
pub mod scanner;
pub mod store;
pub mod tracking;
