//! The checksum of a WAL: two sums over words, each of which adds the other in. It is linear, so what one wrong bit does to
//! it can be reckoned backwards, and the bit be found.

/// In which order the bytes of a word stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) enum Words {
    LowFirst,
    HighFirst,
}

/// A checksum, or what it has come to so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(in super::super) struct Sum(u32, u32);

impl Words {
    fn read(self, bytes: [u8; 4]) -> u32 {
        match self {
            Words::LowFirst => u32::from_le_bytes(bytes),
            Words::HighFirst => u32::from_be_bytes(bytes),
        }
    }

    /// Where in a word the byte with this bit stands.
    fn byte_of(self, bit: u32) -> usize {
        let byte = usize::try_from(bit / 8).unwrap_or_default();
        match self {
            Words::LowFirst => byte,
            Words::HighFirst => 3 - byte,
        }
    }
}

impl Sum {
    /// As it stands in the file, highest byte first whatever the order of the words.
    pub(in super::super) fn from_stored(stored: &[u8; 8]) -> Sum {
        let [a, b, c, d, e, f, g, h] = *stored;
        Sum(u32::from_be_bytes([a, b, c, d]), u32::from_be_bytes([e, f, g, h]))
    }

    pub(in super::super) fn to_stored(self) -> [u8; 8] {
        let [a, b, c, d] = self.0.to_be_bytes();
        let [e, f, g, h] = self.1.to_be_bytes();
        [a, b, c, d, e, f, g, h]
    }

    /// Goes on over `bytes`, which are a multiple of eight.
    pub(in super::super) fn over(self, bytes: &[u8], words: Words) -> Sum {
        let (pairs, _) = bytes.as_chunks::<8>();
        pairs.iter().fold(self, |Sum(first, second), [a, b, c, d, e, f, g, h]| {
            let first = first.wrapping_add(words.read([*a, *b, *c, *d])).wrapping_add(second);
            let second = second.wrapping_add(words.read([*e, *f, *g, *h])).wrapping_add(first);
            Sum(first, second)
        })
    }

    fn minus(self, other: Sum) -> Sum {
        Sum(self.0.wrapping_sub(other.0), self.1.wrapping_sub(other.1))
    }

    fn times(self, factor: u32) -> Sum {
        Sum(self.0.wrapping_mul(factor), self.1.wrapping_mul(factor))
    }

    /// What it comes to once another pair of zeros has been added.
    fn one_pair_later(self) -> Sum {
        let first = self.0.wrapping_add(self.1);
        Sum(first, self.1.wrapping_add(first))
    }
}

/// The single bits of `bytes` that make `found` of what should be `right`: which byte has to be what. Low bits of a word give
/// themselves away; of the highest nine, there may be several words that would do.
pub(in super::super) fn wrong_bits(bytes: &[u8], words: Words, found: Sum, right: Sum) -> Vec<(usize, u8)> {
    let missing = right.minus(found);
    let mut wrong = Vec::new();
    // What one more in the first and in the second word of a pair adds to the sums at the end.
    let (mut in_first, mut in_second) = (Sum(1, 1), Sum(0, 1));
    let (pairs, _) = bytes.as_chunks::<8>();
    for (pair, [a, b, c, d, e, f, g, h]) in pairs.iter().enumerate().rev() {
        for (word, effect, at) in
            [([*a, *b, *c, *d], in_first, pair * 8), ([*e, *f, *g, *h], in_second, pair * 8 + 4)]
        {
            let value = words.read(word);
            let change =
                |bit: u32| if value >> bit & 1 == 0 { 1 << bit } else { (1_u32 << bit).wrapping_neg() };
            if let Some(bit) = (0..32).find(|bit| effect.times(change(*bit)) == missing) {
                let at = at + words.byte_of(bit);
                wrong.extend(bytes.get(at).map(|byte| (at, byte ^ (1_u8 << (bit % 8)))));
            }
        }
        (in_first, in_second) = (in_first.one_pair_later(), in_second.one_pair_later());
    }
    wrong
}
