//! The pages as a browser sees them, through the router and without a network.

mod pages;
mod room;
mod safety;
