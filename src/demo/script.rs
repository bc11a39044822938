//! What the clerks of the demo do: charts go from the file room to clinics, from clinic to clinic and back; and now
//! and then something goes wrong on purpose.

use super::world::{Volume, World, own_label};
use std::time::Duration;

/// One act at a scanner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Act {
    /// Wait before it.
    pub after: Duration,
    /// At which of [`World::desks`].
    pub desk: usize,
    /// What the scanner sends.
    pub bytes: Vec<u8>,
    /// How many scans that is.
    pub scans: u32,
}

/// The script of a seed: the same acts in the same order, for ever.
#[derive(Debug)]
pub struct Script {
    random: fastrand::Rng,
    volumes: Vec<Volume>,
    last: [Option<String>; 3],
}

/// How often a chart is looked for that a clerk at this desk would have in hand.
const LOOKS_MAX: usize = 64;

impl Script {
    /// The script of a seed in a world.
    pub fn new(seed: u64, world: &World) -> Script {
        Script {
            random: fastrand::Rng::with_seed(seed),
            volumes: world.volumes.clone(),
            last: Default::default(),
        }
    }

    /// The next act.
    pub fn next_act(&mut self) -> Act {
        let after = Duration::from_millis(self.random.u64(90..480));
        let desk = self.random.usize(0..3);
        let (bytes, scans) = match self.random.u32(0..100) {
            // The chart just scanned, once more: it is already here.
            0..5 => self.again(desk),
            // The trigger held too long: two reads of one label.
            5..9 => {
                let label = self.chart_in_hand(desk);
                ([line(&label), line(&label)].concat(), 2)
            }
            // A label that no chart has.
            9..11 => (line(&own_label('V', u64::from(self.random.u32(900_000..999_999)))), 1),
            // A smudged label: two digits exchanged, so the check character is wrong.
            11..13 => (line(&smudged(&self.chart_in_hand(desk))), 1),
            // The bar code of a carton of gloves.
            13..14 => (b"]E05901234123457\r".to_vec(), 1),
            // The cable was touched in the middle of a code. What follows it is refused once, too: it might be its tail.
            14..15 => (half(&self.chart_in_hand(desk)), 1),
            _ => (line(&self.chart_in_hand(desk)), 1),
        };
        Act { after, desk, bytes, scans }
    }

    fn again(&mut self, desk: usize) -> (Vec<u8>, u32) {
        let last = self.last.get(desk).cloned().flatten();
        (line(&last.unwrap_or_else(|| self.chart_in_hand(desk))), 1)
    }

    /// A chart that arrives at a desk: at the file room one that comes back, at a clinic one from anywhere else.
    fn chart_in_hand(&mut self, desk: usize) -> String {
        let here = World::desks().get(desk).map_or("", |desk| desk.custodian);
        for _ in 0..LOOKS_MAX {
            let Some(volume) = self.random.choice(self.volumes.iter_mut()) else { break };
            if volume.place != here {
                volume.place = here;
                let label = volume.label.clone();
                if let Some(last) = self.last.get_mut(desk) {
                    *last = Some(label.clone());
                }
                return label;
            }
        }
        self.volumes.first().map_or_else(String::new, |volume| volume.label.clone())
    }
}

fn line(label: &str) -> Vec<u8> {
    format!("{label}\r").into_bytes()
}

fn half(label: &str) -> Vec<u8> {
    let mut bytes = label.as_bytes().to_vec();
    bytes.truncate(bytes.len() / 2);
    bytes
}

/// The label with two digits exchanged (or one changed, if they are alike).
fn smudged(label: &str) -> String {
    let mut bytes = label.as_bytes().to_vec();
    match bytes.as_mut_slice() {
        [_, _, third, fourth, ..] if third != fourth => std::mem::swap(third, fourth),
        [_, second, ..] => *second = if *second == b'7' { b'8' } else { b'7' },
        _ => {}
    }
    String::from_utf8(bytes).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_is_a_day() {
        let world = World::new(1);
        let acts = |seed| {
            let mut script = Script::new(seed, &world);
            (0..300).map(|_| script.next_act()).collect::<Vec<_>>()
        };
        assert_eq!(acts(1), acts(1));
        assert_ne!(acts(1), acts(2));
        assert!((0..3).all(|desk| acts(1).iter().any(|act| act.desk == desk)));
        assert!(acts(1).iter().any(|act| act.scans == 2), "somebody holds the trigger too long now and then");
    }

    #[test]
    fn most_charts_that_are_scanned_really_come_from_elsewhere() {
        let world = World::new(1);
        let mut script = Script::new(1, &world);
        for desk in [0, 1, 2, 0, 1, 2] {
            let before = script.volumes.clone();
            let label = script.chart_in_hand(desk);
            let from = before.iter().find(|volume| volume.label == label).unwrap().place;
            assert_ne!(from, World::desks()[desk].custodian);
        }
    }
}
