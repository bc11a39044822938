//! Reads a write-ahead log (WAL) frame by frame, as SQLite's recovery does, and looks behind the place where that stops.
//!
//! SQLite takes what stands in the WAL up to the first frame whose checksum is wrong, and says nothing of the rest. For a
//! power cut that is right: each commit is synced before the next begins, so at most one whole commit can stand behind
//! such a frame. Two or more had been answered. The format is described at <https://www.sqlite.org/fileformat2.html#walformat>.

pub(super) mod sum;

use std::collections::BTreeSet;
use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::Path;
use sum::{Sum, Words};

const HEADER_BYTES: usize = 32;
const FRAME_HEADER_BYTES: usize = 24;
/// The magic number with which checksums read words lowest byte first; one more: highest byte first.
const MAGIC: u32 = 0x377f_0682;
/// A database of more pages (32 GB) is not thought of when it is asked which bit turned.
const PAGES_PLAUSIBLE: u32 = 1 << 23;
const PAGE_BYTES: std::ops::RangeInclusive<u32> = 512..=65_536;

/// One wrong bit, and where it is put right.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Fix {
    /// Byte of the file.
    pub(super) at: u64,
    /// What it has to be.
    pub(super) byte: u8,
}

/// What stands in a WAL.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Seen {
    /// Single wrong bits that the checksums give away.
    pub(super) fixes: Vec<Fix>,
    /// The first frame that does not fit and cannot be put right, from 1; 0: the header.
    pub(super) broken_frame: Option<u64>,
    /// Commits from that frame on.
    pub(super) commits_behind: u64,
    /// Bytes up to the end of the last commit before it.
    pub(super) sound_bytes: u64,
}

impl Seen {
    /// Commits that had been answered cannot be read any more.
    pub(super) fn is_lossy(&self) -> bool {
        self.commits_behind > 1
    }

    /// Whether this is what a power cut may leave.
    pub(super) fn is_honest(&self) -> bool {
        self.fixes.is_empty() && !self.is_lossy()
    }
}

/// An open WAL.
pub(super) struct Wal {
    file: File,
    words: Words,
    page_bytes: usize,
    salts: [u8; 8],
    start: Sum,
    frames: u64,
    header_fix: Option<Fix>,
    header_is_broken: bool,
}

/// One frame as it stands there.
pub(super) struct Frame {
    /// The page it holds, from 1.
    pub(super) page_no: u32,
    /// Pages of the database after this commit; 0: no commit.
    pub(super) commit: u32,
    salts: [u8; 8],
    stored: Sum,
    /// Page number and commit, as covered by the checksum.
    head: [u8; 8],
    /// The page.
    pub(super) page: Vec<u8>,
}

/// How a frame fits behind those before it.
enum Fit {
    Fits(Sum),
    /// But for one bit: which byte of the frame has to be what.
    But(usize, u8, Sum),
    /// But for one bit of the page, and it cannot be told which of several.
    ButOneOf(usize, u8, Sum),
    Not,
}

impl Wal {
    /// Opens the WAL at `path`; `None` if there is none or it is empty.
    pub(super) fn open(path: &Path) -> std::io::Result<Option<Wal>> {
        let file = match File::open(path) {
            Ok(file) => file,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        let length = file.metadata()?.len();
        let mut header = [0; HEADER_BYTES];
        if length < HEADER_BYTES as u64 {
            return Ok(None);
        }
        file.read_exact_at(&mut header, 0)?;
        if let Some(read) = read_header(&header) {
            return Ok(Some(Wal::with(file, &header, read, length)));
        }
        // The sum alone names several bits; the first frame says which it is.
        for (at, byte) in bits_of(&header) {
            let mut mended = header;
            if let Some(there) = mended.get_mut(at) {
                *there = byte;
            }
            let Some(read) = read_header(&mended) else { continue };
            let mut wal = Wal::with(file.try_clone()?, &mended, read, length);
            if wal.goes_on(1, wal.start)? {
                wal.header_fix = Some(Fix { at: at as u64, byte });
                return Ok(Some(wal));
            }
        }
        // Of a header that makes no sense the frames may still be counted: pages are of 4096 bytes.
        let nothing = (Words::LowFirst, 4096, Sum::default());
        Ok(Some(Wal { header_is_broken: true, ..Wal::with(file, &header, nothing, length) }))
    }

    fn with(
        file: File,
        header: &[u8; HEADER_BYTES],
        (words, page_bytes, start): (Words, usize, Sum),
        length: u64,
    ) -> Wal {
        let frame_bytes = (page_bytes + FRAME_HEADER_BYTES) as u64;
        Wal {
            file,
            words,
            page_bytes,
            salts: part(header, 16),
            start,
            frames: (length - HEADER_BYTES as u64) / frame_bytes,
            header_fix: None,
            header_is_broken: false,
        }
    }

    /// Bytes of one page.
    pub(super) fn page_bytes(&self) -> usize {
        self.page_bytes
    }

    /// Frames that the file has room for.
    pub(super) fn frames(&self) -> u64 {
        self.frames
    }

    fn offset(&self, frame: u64) -> u64 {
        HEADER_BYTES as u64 + (frame - 1) * (self.page_bytes + FRAME_HEADER_BYTES) as u64
    }

    /// A frame, counted from 1.
    pub(super) fn frame(&self, number: u64) -> std::io::Result<Frame> {
        let mut bytes = vec![0; FRAME_HEADER_BYTES + self.page_bytes];
        self.file.read_exact_at(&mut bytes, self.offset(number))?;
        let page = bytes.split_off(FRAME_HEADER_BYTES);
        Ok(Frame {
            page_no: u32::from_be_bytes(part(&bytes, 0)),
            commit: u32::from_be_bytes(part(&bytes, 4)),
            salts: part(&bytes, 8),
            stored: Sum::from_stored(&part(&bytes, 16)),
            head: part(&bytes, 0),
            page,
        })
    }

    /// Whether a frame was written since the WAL was begun anew.
    pub(super) fn is_of_this_round(&self, frame: &Frame) -> bool {
        frame.salts == self.salts
    }

    /// Reads all of it.
    pub(super) fn look(&self) -> std::io::Result<Seen> {
        let mut seen = Seen { sound_bytes: HEADER_BYTES as u64, ..Seen::default() };
        if self.header_is_broken {
            seen.broken_frame = Some(0);
            seen.sound_bytes = 0;
            seen.commits_behind = self.commits_of_any_round()?;
            return Ok(seen);
        }
        let mut before = self.start;
        let mut fixes: Vec<Fix> = self.header_fix.into_iter().collect();
        let mut open = 1;
        for number in 1..=self.frames {
            let frame = self.frame(number)?;
            match self.fit(number, &frame, before)? {
                Fit::Fits(after) => before = after,
                Fit::But(at, byte, after) => {
                    fixes.push(Fix { at: self.offset(number) + at as u64, byte });
                    before = after;
                }
                // Nobody reads a page that a later commit replaces: what counts is that the sum is right.
                Fit::ButOneOf(at, byte, after) if self.is_replaced(number, frame.page_no)? => {
                    fixes.push(Fix { at: self.offset(number) + at as u64, byte });
                    before = after;
                }
                Fit::ButOneOf(..) | Fit::Not => {
                    seen.broken_frame = Some(number);
                    seen.commits_behind = self.commits_from(open, number)?;
                    break;
                }
            }
            if frame.commit != 0 {
                seen.sound_bytes = self.offset(number + 1);
                open = number + 1;
                // What is put right behind the last commit would be cut off all the same.
                seen.fixes.clone_from(&fixes);
            }
        }
        Ok(seen)
    }

    fn fit(&self, number: u64, frame: &Frame, before: Sum) -> std::io::Result<Fit> {
        let after = before.over(&frame.head, self.words).over(&frame.page, self.words);
        if after == frame.stored {
            return Ok(match one_bit(&self.salts, &frame.salts) {
                _ if self.is_of_this_round(frame) => Fit::Fits(after),
                Some((at, byte)) => Fit::But(8 + at, byte, after),
                None => Fit::Not,
            });
        }
        if !self.is_of_this_round(frame) {
            return Ok(Fit::Not);
        }
        // Whether the sum or what it is of has turned, the next frame says, which goes on from the sum as it was.
        let in_sum = one_bit(&after.to_stored(), &frame.stored.to_stored());
        if let Some((at, byte)) = in_sum
            && self.goes_on(number + 1, after)?
        {
            return Ok(Fit::But(16 + at, byte, after));
        }
        let covered = [&frame.head[..], &frame.page].concat();
        let in_frame = |at: usize| if at < 8 { at } else { at + FRAME_HEADER_BYTES - 8 };
        let mut candidates = sum::wrong_bits(&covered, self.words, after, frame.stored);
        candidates.retain(|(at, byte)| is_plausible(frame.head, *at, *byte));
        Ok(match (&candidates[..], in_sum) {
            ([], Some((at, byte))) => Fit::But(16 + at, byte, after),
            ([], None) => Fit::Not,
            (_, Some(_)) if number == self.frames => Fit::Not,
            ([(at, byte)], _) => Fit::But(in_frame(*at), *byte, frame.stored),
            ([(at, byte), ..], _) if candidates.iter().all(|(at, _)| *at >= 8) => {
                Fit::ButOneOf(in_frame(*at), *byte, frame.stored)
            }
            (_, _) => Fit::Not,
        })
    }

    /// Whether there is such a frame, and it fits behind `before`.
    fn goes_on(&self, number: u64, before: Sum) -> std::io::Result<bool> {
        if number > self.frames {
            return Ok(false);
        }
        let frame = self.frame(number)?;
        let after = before.over(&frame.head, self.words).over(&frame.page, self.words);
        Ok(self.is_of_this_round(&frame) && after == frame.stored)
    }

    /// Whether a later commit has the page anew.
    fn is_replaced(&self, number: u64, page_no: u32) -> std::io::Result<bool> {
        let mut is_there = false;
        for later in number + 1..=self.frames {
            let frame = self.frame(later)?;
            let is_of_this_round = self.is_of_this_round(&frame);
            is_there |= is_of_this_round && frame.page_no == page_no;
            if is_there && is_of_this_round && frame.commit != 0 {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Commits that end in the frame `broken` or behind it; `first` is the first frame of the commit that it is part of. Where
    /// the end of one cannot be read, the next gives it away: no commit writes a page twice, but perhaps in its last frame.
    fn commits_from(&self, first: u64, broken: u64) -> std::io::Result<u64> {
        let mut commits = 0;
        let mut pages = BTreeSet::new();
        for number in first..=self.frames {
            let frame = self.frame(number)?;
            if !self.is_of_this_round(&frame) {
                continue;
            }
            if frame.commit != 0 {
                commits += u64::from(number >= broken);
                pages.clear();
            } else if frame.page_no != 0 && !pages.insert(frame.page_no) {
                commits += 1;
                pages = BTreeSet::from([frame.page_no]);
            }
        }
        Ok(commits)
    }

    /// Commits that carry the salts of the first frame, or of the second if the first has others.
    fn commits_of_any_round(&self) -> std::io::Result<u64> {
        let mut commits = 0;
        let mut salts = None;
        for number in 1..=self.frames {
            let frame = self.frame(number)?;
            let round = *salts.get_or_insert(frame.salts);
            commits += u64::from(round == frame.salts && frame.commit != 0);
        }
        Ok(commits)
    }
}

/// Byte order, bytes of a page and the sum that the first frame goes on from, if all of it fits.
fn read_header(header: &[u8; HEADER_BYTES]) -> Option<(Words, usize, Sum)> {
    let words = match u32::from_be_bytes(part(header, 0)) {
        MAGIC => Words::LowFirst,
        magic if magic == MAGIC + 1 => Words::HighFirst,
        _ => return None,
    };
    let page_bytes = u32::from_be_bytes(part(header, 8));
    let sum = Sum::default().over(header.get(..24)?, words);
    let fits = sum == Sum::from_stored(&part(header, 24));
    let is_size = page_bytes.is_power_of_two() && PAGE_BYTES.contains(&page_bytes);
    (fits && is_size).then_some((words, usize::try_from(page_bytes).ok()?, sum))
}

/// Every byte that a header would have with one bit turned.
fn bits_of(header: &[u8; HEADER_BYTES]) -> impl Iterator<Item = (usize, u8)> {
    let bits =
        header.iter().enumerate().flat_map(|(at, byte)| (0..8).map(move |bit| (at, byte ^ (1_u8 << bit))));
    bits.collect::<Vec<_>>().into_iter()
}

/// Whether page number and commit make sense once the byte is what it has to be.
fn is_plausible(mut head: [u8; 8], at: usize, byte: u8) -> bool {
    if let Some(there) = head.get_mut(at) {
        *there = byte;
    }
    u32::from_be_bytes(part(&head, 0)) < PAGES_PLAUSIBLE
        && u32::from_be_bytes(part(&head, 4)) < PAGES_PLAUSIBLE
}

/// The one bit in which `found` differs from `right`: which byte has to be what.
fn one_bit(right: &[u8; 8], found: &[u8; 8]) -> Option<(usize, u8)> {
    let mut differing = (0..).zip(right.iter().zip(found)).filter(|(_, (right, found))| right != found);
    let (at, (right, found)) = differing.next()?;
    (differing.next().is_none() && (right ^ found).count_ones() == 1).then_some((at, *right))
}

/// Some bytes from `at` on; zeros where there are none.
fn part<const N: usize>(bytes: &[u8], at: usize) -> [u8; N] {
    bytes.get(at..at + N).and_then(|part| part.try_into().ok()).unwrap_or([0; N])
}

#[cfg(test)]
mod tests;
