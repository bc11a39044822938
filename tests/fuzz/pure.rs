//! The modules of Outguide that are fuzzed, and nothing of what they do not know.

#[path = "../../src/decode.rs"]
pub mod decode;
#[path = "../../src/label/mod.rs"]
pub mod label;

/// Of the scanner's room the pure modules.
#[path = "../../src/scanner"]
pub mod scanner {
    pub mod capture;
    pub mod frame;
    pub mod hid;
    pub mod keys;
}
