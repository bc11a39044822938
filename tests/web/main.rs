//! The pages as a browser sees them, through the router and without a network.

#[cfg(test)]
mod labels;
#[cfg(test)]
mod notices;
#[cfg(test)]
mod pages;
#[cfg(test)]
mod room;
#[cfg(test)]
mod safety;
#[cfg(test)]
#[path = "../support/source.rs"]
mod source;
