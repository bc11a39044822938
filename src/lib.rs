//! Outguide: see the map (being drawn).
pub mod changes;
pub mod clock;
pub mod config;
pub mod daemon;
pub mod decode;
pub mod demo;
pub mod import;
pub mod intake;
pub mod label;
pub mod log;
pub mod scanner;
pub mod store;
pub mod tracking;
pub mod web;
