//! Outguide: see the map (being drawn).
pub mod decode;
pub mod label;
pub mod scanner;
