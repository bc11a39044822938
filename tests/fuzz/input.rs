//! Arbitrary bytes as a source of choices: numbers, pieces of bytes, and what is left.

use std::time::Duration;

/// What a target has not used yet of its bytes.
pub(crate) struct Input<'a>(&'a [u8]);

impl<'a> Input<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Input<'a> {
        Input(bytes)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// One byte; 0 at the end.
    pub(crate) fn byte(&mut self) -> u8 {
        let Some((first, rest)) = self.0.split_first() else { return 0 };
        self.0 = rest;
        *first
    }

    /// A number below `end`.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        usize::from(self.byte()) % end
    }

    /// One of several.
    pub(crate) fn one_of<T: Copy, const N: usize>(&mut self, of: [T; N]) -> T {
        of[self.below(N)]
    }

    /// So many bytes, or fewer at the end.
    pub(crate) fn bytes(&mut self, count: usize) -> &'a [u8] {
        let (taken, rest) = self.0.split_at(count.min(self.0.len()));
        self.0 = rest;
        taken
    }

    /// Some bytes, up to `most`.
    pub(crate) fn some(&mut self, most: usize) -> &'a [u8] {
        let count = self.below(most + 1);
        self.bytes(count)
    }

    /// Some capital letters and digits, at least one.
    pub(crate) fn code(&mut self, most: usize) -> String {
        const LETTERS: &[u8; 36] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
        let length = 1 + self.below(most);
        (0..length).map(|_| char::from(LETTERS[self.below(36)])).collect()
    }

    /// A while: often short, sometimes longer than any silence that is waited for.
    pub(crate) fn pause(&mut self) -> Duration {
        let byte = u64::from(self.byte());
        Duration::from_millis(match byte {
            0..=127 => byte / 4,
            128..=223 => (byte - 127) * 2,
            _ => (byte - 200) * 100,
        })
    }

    /// Everything that is left.
    pub(crate) fn rest(&mut self) -> &'a [u8] {
        std::mem::take(&mut self.0)
    }
}
