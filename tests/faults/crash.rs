//! What a disk may hold after the power went: everything synced, and of the rest anything.

use crate::disk::Event;
use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::sync::Arc;

/// What disks write as a whole.
const SECTOR: usize = 512;

/// A disk as it is known after part of a tape.
#[derive(Debug, Default, Clone)]
pub(crate) struct Platter {
    files: HashMap<u32, Content>,
    /// Names that are on disk, and what was done to names since.
    names: BTreeMap<String, u32>,
    renaming: Vec<Event>,
    /// Names as they are while the power is on.
    live: BTreeMap<String, u32>,
}

#[derive(Debug, Default, Clone)]
struct Content {
    durable: Vec<u8>,
    pending: Vec<Piece>,
}

/// A change to a file.
#[derive(Debug, Clone)]
enum Piece {
    Bytes(usize, Arc<[u8]>),
    Length(usize),
}

/// What became of that which was not synced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fate {
    /// None of it is there.
    Dropped,
    /// All of it is there.
    Kept,
    /// Each write by itself is there or not.
    Some,
    /// As before, and what is there arrived in any order.
    Shuffled,
    /// Of each write some sectors are there, and one of them in part.
    Torn,
}

pub(crate) const FATES: [Fate; 5] = [Fate::Dropped, Fate::Kept, Fate::Some, Fate::Shuffled, Fate::Torn];

fn apply(to: &mut Vec<u8>, piece: &Piece) {
    match piece {
        Piece::Bytes(at, bytes) => {
            let end = at + bytes.len();
            if to.len() < end {
                to.resize(end, 0);
            }
            to[*at..end].copy_from_slice(bytes);
        }
        Piece::Length(len) => to.resize(*len, 0),
    }
}

/// The sectors of a write that got there.
fn torn(at: usize, bytes: &Arc<[u8]>, random: &mut fastrand::Rng) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut from = 0;
    while from < bytes.len() {
        let to = (from + SECTOR - (at + from) % SECTOR).min(bytes.len());
        let part = match random.u8(0..10) {
            0..6 => to,
            6 => random.usize(from..=to),
            _ => from,
        };
        if part > from {
            pieces.push(Piece::Bytes(at + from, bytes[from..part].into()));
        }
        from = to;
    }
    pieces
}

impl Content {
    fn sync(&mut self) {
        for piece in std::mem::take(&mut self.pending) {
            apply(&mut self.durable, &piece);
        }
    }

    fn after(&self, fate: Fate, random: &mut fastrand::Rng) -> Vec<u8> {
        let mut bytes = self.durable.clone();
        let mut pieces: Vec<Piece> = match fate {
            Fate::Dropped => Vec::new(),
            Fate::Kept => self.pending.clone(),
            Fate::Some | Fate::Shuffled | Fate::Torn => {
                self.pending.iter().filter(|_| random.bool()).cloned().collect()
            }
        };
        if fate == Fate::Shuffled {
            random.shuffle(&mut pieces);
        }
        for piece in pieces {
            match &piece {
                Piece::Bytes(at, written) if fate == Fate::Torn => {
                    torn(*at, written, random).iter().for_each(|piece| apply(&mut bytes, piece));
                }
                _ => apply(&mut bytes, &piece),
            }
        }
        bytes
    }
}

fn rename(names: &mut BTreeMap<String, u32>, event: &Event) {
    match event {
        Event::Made { name, file } => {
            names.insert(name.clone(), *file);
        }
        Event::Renamed { from, to } => {
            if let Some(file) = names.remove(from) {
                names.insert(to.clone(), file);
            }
        }
        Event::Unlinked { name } => {
            names.remove(name);
        }
        _ => {}
    }
}

impl Platter {
    /// Goes on by one event of the tape.
    pub(crate) fn follow(&mut self, event: &Event, random: &mut fastrand::Rng) {
        match event {
            Event::Made { .. } | Event::Renamed { .. } | Event::Unlinked { .. } => {
                rename(&mut self.live, event);
                self.renaming.push(event.clone());
            }
            Event::NamesSynced => {
                for event in std::mem::take(&mut self.renaming) {
                    rename(&mut self.names, &event);
                }
            }
            Event::Wrote { file, at, bytes } => {
                self.files.entry(*file).or_default().pending.push(Piece::Bytes(*at, Arc::clone(bytes)));
            }
            Event::Truncated { file, len } => {
                self.files.entry(*file).or_default().pending.push(Piece::Length(*len));
            }
            Event::Synced { file } => self.files.entry(*file).or_default().sync(),
            Event::SyncFailed { file } => {
                // The kernel marks the pages clean all the same: what did not get there never will.
                let content = self.files.entry(*file).or_default();
                content.durable =
                    content.after(if random.bool() { Fate::Dropped } else { Fate::Torn }, random);
                content.pending.clear();
            }
            Event::Answered { .. } => {}
        }
    }

    /// Whether anything is not synced that somebody may still want.
    pub(crate) fn is_hot(&self) -> bool {
        let content = |file| self.files.get(file).is_some_and(|content| !content.pending.is_empty());
        self.names != self.live || self.live.values().any(content)
    }

    /// Writes into `dir`, which is emptied, what a crash here and now may leave.
    pub(crate) fn crash(&self, dir: &Path, fate: Fate, random: &mut fastrand::Rng) {
        let mut names = self.names.clone();
        let kept = match fate {
            Fate::Dropped => 0,
            Fate::Kept => self.renaming.len(),
            _ => random.usize(0..=self.renaming.len()),
        };
        // A file system with a journal keeps names in order; one without need not.
        let in_order = random.bool();
        for (number, event) in self.renaming.iter().enumerate() {
            if if in_order { number < kept } else { fate == Fate::Kept || kept > 0 && random.bool() } {
                rename(&mut names, event);
            }
        }
        for entry in std::fs::read_dir(dir).unwrap().flatten() {
            std::fs::remove_file(entry.path()).unwrap();
        }
        for (name, file) in names {
            let content = self.files.get(&file).map_or_else(Vec::new, |content| content.after(fate, random));
            std::fs::write(dir.join(&name), content).unwrap();
            // A WAL index is no file to rely on after a crash: now and then there is one, with anything in it.
            if name.ends_with("-wal") && random.u8(..4) == 0 {
                let junk: Vec<u8> = std::iter::repeat_with(|| random.u8(..)).take(32_768).collect();
                std::fs::write(dir.join(name.replace("-wal", "-shm")), junk).unwrap();
            }
        }
    }
}
