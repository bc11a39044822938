//! Lists as hospitals send them, good and bad, through the import and into a database.

#[cfg(test)]
mod charts;
#[cfg(test)]
mod custodians;
#[cfg(test)]
mod mapping;
#[cfg(test)]
mod patients;
#[cfg(test)]
mod room;
#[cfg(test)]
mod sheets;
#[cfg(test)]
mod whole;

#[cfg(test)]
use outguide::import::*;
#[cfg(test)]
use room::{Room, check, story};
