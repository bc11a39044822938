//! One task per configured scanner.
pub mod frame;
pub mod answer;
pub mod serial;
