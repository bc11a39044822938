//! One volume wanted twice on one day: who hands it to whom.

use super::{HURRY, RequestState};
use crate::tracking::{CustodianId, RequestId, VolumeId};
use jiff::Timestamp;
use jiff::tz::TimeZone;

/// Somebody who wants a volume.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Want {
    /// Which request.
    pub id: RequestId,
    /// Of which volume.
    pub volume: VolumeId,
    /// To whom it goes.
    pub to: CustodianId,
    /// By when.
    pub needed_at: Timestamp,
    /// Where it stands.
    pub state: RequestState,
}

/// A volume that several want on one day, in the order in which it goes from one to the next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conflict {
    /// Which.
    pub volume: VolumeId,
    /// Who, the first first.
    pub chain: Vec<Want>,
    /// Two of them want it within so short a time that it can hardly be with both.
    pub is_tight: bool,
}

/// Finds what is wanted by more than one on one day of the room. What is cancelled, expired or cannot be had wants nothing;
/// what was delivered stands, because the next gets the volume from there.
pub fn conflicts(mut wants: Vec<Want>, zone: &TimeZone) -> Vec<Conflict> {
    wants.retain(|want| want.state.is_open() || want.state == RequestState::Delivered);
    let day = |want: &Want| want.needed_at.to_zoned(zone.clone()).date();
    wants.sort_by_key(|want| (want.volume, want.needed_at, want.id));
    let groups = wants.chunk_by(|one, next| one.volume == next.volume && day(one) == day(next));
    let mut found: Vec<Conflict> = groups.filter_map(conflict).collect();
    found.sort_by_key(|conflict| conflict.chain.first().map(|want| (want.needed_at, want.id)));
    found
}

fn conflict(chain: &[Want]) -> Option<Conflict> {
    let first = chain.first()?;
    let is_over = !chain.iter().any(|want| want.state.is_open());
    if is_over || chain.iter().all(|want| want.to == first.to) {
        return None;
    }
    let is_tight = chain.windows(2).any(|pair| match pair {
        [one, next] => one.to != next.to && next.needed_at.duration_since(one.needed_at) < HURRY,
        _ => false,
    });
    Some(Conflict { volume: first.volume, chain: chain.to_vec(), is_tight })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn want(id: i64, volume: i64, to: i64, at: &str, state: RequestState) -> Want {
        let needed_at = format!("2026-11-{at}:00Z").parse().unwrap();
        Want { id: RequestId(id), volume: VolumeId(volume), to: CustodianId(to), needed_at, state }
    }

    #[test]
    fn who_hands_what_to_whom() {
        use RequestState as S;
        let found = conflicts(
            vec![
                want(1, 1, 3, "22T14:00", S::Requested),
                want(2, 1, 4, "22T09:00", S::Delivered),
                want(3, 1, 5, "22T11:00", S::Cancelled),
                // The next day in Zurich, though not in UTC.
                want(4, 1, 5, "22T23:30", S::Requested),
                want(5, 2, 3, "22T08:00", S::Requested),
                want(6, 2, 4, "22T08:10", S::Requested),
                // Twice by the same clinic, and what is over.
                want(7, 3, 3, "22T08:00", S::Requested),
                want(8, 3, 3, "22T09:00", S::Requested),
                want(9, 4, 3, "22T08:00", S::Delivered),
                want(10, 4, 4, "22T09:00", S::Expired),
            ],
            &TimeZone::get("Europe/Zurich").unwrap(),
        );
        let told: Vec<_> = found
            .iter()
            .map(|conflict| {
                (conflict.chain.iter().map(|want| want.id.0).collect::<Vec<_>>(), conflict.is_tight)
            })
            .collect();
        assert_eq!(told, [(vec![5, 6], true), (vec![2, 1], false)]);
    }
}
