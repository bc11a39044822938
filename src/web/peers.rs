//! How many connections each address has, so that no single one takes them all.

use super::door::{Door, Peer};
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

/// Connections by address.
pub(super) struct Peers {
    most: usize,
    open: Arc<Mutex<HashMap<IpAddr, usize>>>,
}

/// The place of one connection; given back when it is dropped.
pub(super) struct PeerPlace {
    peer: IpAddr,
    open: Arc<Mutex<HashMap<IpAddr, usize>>>,
}

impl Peers {
    /// With so many connections for each address.
    pub(super) fn new(most: usize) -> Peers {
        Peers { most, open: Arc::default() }
    }

    /// A place for one connection more, unless the address has as many as it may; a proxy of ours stands for many.
    pub(super) fn let_in(&self, Peer(peer): Peer, door: &Door) -> Option<PeerPlace> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let count = open.entry(peer).or_default();
        if *count >= self.most && !door.is_proxy(peer) {
            tracing::debug!(
                most = self.most,
                "an address has as many connections as it may, and gets no other"
            );
            return None;
        }
        *count += 1;
        Some(PeerPlace { peer, open: Arc::clone(&self.open) })
    }
}

impl Drop for PeerPlace {
    fn drop(&mut self) {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = open.get_mut(&self.peer) {
            *count = count.saturating_sub(1);
            if *count == 0 {
                open.remove(&self.peer);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::door::Rules;

    #[test]
    fn an_address_gets_its_part_and_its_places_come_back() {
        let (greedy, other, proxy) =
            (Peer([192, 0, 2, 7].into()), Peer([192, 0, 2, 8].into()), [10, 0, 0, 1].into());
        let door = Door::new(Rules { trusted_proxies: vec![proxy], ..Rules::default() });
        let peers = Peers::new(2);
        let mut places: Vec<_> = (0..2).map(|_| peers.let_in(greedy, &door).unwrap()).collect();
        assert!(peers.let_in(greedy, &door).is_none());
        assert!(peers.let_in(other, &door).is_some(), "another address gets in");
        let _many: Vec<_> = (0..5).map(|_| peers.let_in(Peer(proxy), &door).unwrap()).collect();
        drop(places.pop());
        assert!(peers.let_in(greedy, &door).is_some());
        drop(places);
        assert_eq!(peers.open.lock().unwrap().len(), 1, "only the proxy is still there");
    }
}
