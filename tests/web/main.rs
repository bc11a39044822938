//! The pages as a browser sees them, through the router and without a network.

mod changes;
#[cfg(test)]
mod custodians;
#[cfg(test)]
mod earlier;
#[cfg(test)]
mod keyed;
#[cfg(test)]
mod labels;
#[cfg(test)]
mod locate;
#[cfg(test)]
mod pages;
#[cfg(test)]
mod print_label;
mod requests;
#[cfg(test)]
mod room;
#[cfg(test)]
mod safety;
#[cfg(test)]
#[path = "../support/source.rs"]
mod source;
