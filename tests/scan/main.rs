//! From a scanner's bytes to labels: recorded streams at every cut, and what must hold for any bytes.

#[cfg(test)]
#[path = "../captures/capture.rs"]
mod capture;
#[cfg(test)]
mod captures;
#[cfg(test)]
mod properties;
#[cfg(test)]
mod vectors;
