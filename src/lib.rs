//! Outguide: see the map (being drawn).
pub mod config;
pub mod label;
pub mod scanner;
