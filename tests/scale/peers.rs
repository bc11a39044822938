//! Outguide's part of `tests/scale/peers`: movements through the whole daemon and look-ups by bar code, a line for each.

use crate::room::{directory, furnish_with_patients};
use crate::scale::building::STRIDE;
use crate::scale::whole::serve;
use outguide::store::Place;
use std::time::Duration;

/// As many as the others have.
const CHARTS: usize = 100_000;
/// Clients, and scans of each.
const CLIENTS: [(usize, usize); 3] = [(1, 3000), (8, 1500), (64, 500)];

pub(crate) fn run() {
    let dir = directory();
    furnish_with_patients(&Place::new(dir.path()), CHARTS);
    let mut scanned = 0;
    for (clients, scans) in CLIENTS {
        let mut running = serve(dir.path(), CHARTS, clients);
        // Charts that were not scanned before: each makes a movement.
        running.scanned = scanned;
        scanned += clients * scans;
        println!("movements {clients} {:.0}", running.scan(scans, Duration::ZERO).rate);
        let site = &running.site;
        let located = site.load(clients, &|count| site.search(&format!("V{}", count * STRIDE % CHARTS + 1)));
        println!("locate {clients} {:.0}", located.rate);
    }
}
