//! Outguide: see the map (being drawn).
pub mod label;
pub mod scanner;
