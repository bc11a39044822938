//! One task per configured scanner.
pub mod answer;
pub mod frame;
pub mod serial;
