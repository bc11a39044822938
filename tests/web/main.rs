//! The pages as a browser sees them, through the router and without a network.

#[cfg(test)]
mod alerts;
#[cfg(test)]
mod audit;
#[cfg(test)]
mod backups;
#[cfg(test)]
mod batch;
#[cfg(test)]
mod canary;
mod changes;
#[cfg(test)]
mod choosing;
#[cfg(test)]
mod custodians;
#[cfg(test)]
mod desk;
#[cfg(test)]
mod door;
#[cfg(test)]
mod earlier;
#[cfg(test)]
mod file_room;
#[cfg(test)]
mod happened;
#[cfg(test)]
mod kept;
#[cfg(test)]
mod keyed;
#[cfg(test)]
mod labels;
#[cfg(test)]
mod links;
#[cfg(test)]
mod locate;
#[cfg(test)]
mod matrix;
mod missing;
#[cfg(test)]
mod notices;
#[cfg(test)]
mod pages;
#[cfg(test)]
mod passers_by;
#[cfg(test)]
mod print_label;
#[cfg(test)]
mod reassigned;
#[cfg(test)]
mod requests;
#[cfg(test)]
mod restricted;
#[cfg(test)]
mod restricted_walk;
#[cfg(test)]
mod room;
#[cfg(test)]
mod safety;
#[cfg(test)]
#[path = "../support/sign_in.rs"]
mod sign_in;
#[cfg(test)]
#[path = "../support/source.rs"]
mod source;
#[cfg(test)]
mod throttle;
#[cfg(test)]
#[path = "../support/token.rs"]
mod token;
#[cfg(test)]
mod views;
#[cfg(test)]
mod wall;
#[cfg(test)]
mod weight;
