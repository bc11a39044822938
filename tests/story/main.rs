//! Whole stories with the real binary: scanners on pseudo-terminals, signals, kill -9, full disks, bad input.

#[cfg(test)]
mod day;
#[cfg(test)]
mod import;
#[cfg(test)]
mod kill;
#[cfg(test)]
mod links;
#[cfg(test)]
mod streams;
#[cfg(test)]
#[path = "../support/mod.rs"]
mod support;
#[cfg(test)]
mod trouble;
