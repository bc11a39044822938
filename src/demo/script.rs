//! What a clerk of the demo does next: mostly right, sometimes wrong on purpose.

use super::world::own_label;
use std::time::Duration;

/// One act at a scanner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Act {
    /// Wait before it.
    pub after: Duration,
    /// What the scanner sends.
    pub bytes: Vec<u8>,
    /// How many frames of it deserve a green answer.
    pub green: u32,
    /// How many frames of it deserve any answer at all.
    pub frames: u32,
}

/// A clerk at one station, driven by a seed.
#[derive(Debug)]
pub struct Clerk {
    random: fastrand::Rng,
    labels: Vec<String>,
    last: Option<String>,
}

impl Clerk {
    /// A clerk who handles the charts with these labels.
    pub fn new(seed: u64, labels: Vec<String>) -> Clerk {
        Clerk { random: fastrand::Rng::with_seed(seed), labels, last: None }
    }

    /// The next act.
    pub fn next_act(&mut self) -> Act {
        let label = self.random.choice(&self.labels).cloned().unwrap_or_default();
        let (bytes, green, frames) = match self.random.u32(0..100) {
            // The chart just scanned, once more: it is already here.
            0..8 => (line(self.last.as_ref().unwrap_or(&label)), 1, 1),
            // The trigger held too long: two reads of one label.
            8..13 => ([line(&label), line(&label)].concat(), 2, 2),
            // A label that no chart has.
            13..16 => (line(&own_label('V', u64::from(self.random.u32(900_000..999_999)))), 0, 1),
            // A smudged label: the check character is wrong.
            16..19 => (line(&smudged(&label)), 0, 1),
            // The bar code of a carton of gloves.
            19..21 => (b"]E05901234123457\r".to_vec(), 0, 1),
            // The cable was touched: half a code, and nothing after it until the pause is over.
            21..23 => (half(&label), 0, 1),
            _ => {
                let bytes = line(&label);
                self.last = Some(label);
                (bytes, 1, 1)
            }
        };
        Act { after: Duration::from_millis(self.random.u64(250..1_400)), bytes, green, frames }
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
        let labels = vec![own_label('V', 1), own_label('V', 12)];
        let acts = |seed| {
            let mut clerk = Clerk::new(seed, labels.clone());
            (0..200).map(|_| clerk.next_act()).collect::<Vec<_>>()
        };
        assert_eq!(acts(1), acts(1));
        assert_ne!(acts(1), acts(2));
        assert!(acts(1).iter().any(|act| act.green == 0), "a clerk errs sometimes");
    }
}
