"""What the disk wrote down, and the states in which a power cut may have left it."""

import bisect
import json
import mmap
import os
import random

from disk import RECORD
from mounts import BLOCK, SIZE

MODES = ["none", "all", "begin", "some", "torn"]
"""Which writes since the last flush are on disk: none, all, the first so many, any of them, any 4 KiB of any of them."""

LIAR_KEEPS = 32
"""Writes that the lying disk of a control has in its cache, flushed or not."""

EARLY_NS = 5_000_000
"""How much sooner than it did the daemon of a control answers: about two flushes."""


class Recording:
    """A log with the promises that were heard meanwhile. A promise is [ns, what, …]: it counts from that time on.

    Controls tell of a world in which something is broken: `lies` of a disk that has not kept what it flushed, `early` of a
    daemon that answers too soon.
    """

    def __init__(self, directory, control=None):
        self.lies = control == "lies"
        early = EARLY_NS if control == "early" else 0
        self.dir = directory
        story = json.loads((directory / "story.json").read_text())
        self.kind, self.seed, self.notes = story["kind"], story["seed"], story["notes"]
        self.sent, self.promises = story["sent"], story["promises"]
        self.stamps, self.writes, self.flushes = [], [], []
        with open(directory / "log", "rb") as file:
            self.bytes = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        at = 0
        while at < len(self.bytes):
            what, stamp, offset, length = RECORD.unpack_from(self.bytes, at)
            at += RECORD.size
            if what == b"F":
                self.flushes.append(len(self.stamps))
            # A flush writes nothing, and keeps its place.
            self.writes.append((offset, at, length))
            self.stamps.append(stamp)
            at += length
        self.heard_at = [self.position(promise[0] - early) for promise in self.promises]
        self.first, self.last = self.position(story["begun"]), self.position(story["ended"])

    def position(self, ns):
        """How many records there were at a time: what came later had not been answered yet."""
        return bisect.bisect_right(self.stamps, ns)

    def heard(self, cut):
        """The promises that had been heard when the first `cut` records had happened."""
        return [promise for promise, at in zip(self.promises, self.heard_at) if at <= cut]

    def data(self, record):
        offset, at, length = self.writes[record]
        return offset, self.bytes[at : at + length]


class State:
    """One power cut, made from a recording and a number alone."""

    def __init__(self, recording, number):
        self.number = number
        self.random = random.Random(f"{recording.seed}/{number}")
        self.cut = self.point(recording)
        self.mode = self.random.choice(MODES)
        if recording.lies:
            self.synced = max(self.cut - LIAR_KEEPS, recording.first)
        else:
            flushed = bisect.bisect_left(recording.flushes, self.cut)
            self.synced = recording.flushes[flushed - 1] + 1 if flushed else 0

    def point(self, recording):
        """Half of them anywhere; the others where it matters most: as somebody hears a promise, or as a flush begins."""
        anywhere = self.random.randint(recording.first, recording.last)
        where = self.random.choice(["anywhere", "anywhere", "promise", "flush"])
        if where == "promise":
            return max(self.random.choice(recording.heard_at), recording.first)
        if where == "flush":
            return recording.flushes[min(bisect.bisect_left(recording.flushes, anywhere), len(recording.flushes) - 1)]
        return anywhere

    def unsynced(self, recording):
        """What of the writes since the last flush is on disk, in the order in which it got there."""
        pending = [recording.data(record) for record in range(self.synced, self.cut)]
        pending = [write for write in pending if write[1]]
        if self.mode == "none":
            return []
        if self.mode == "begin":
            return pending[: self.random.randint(0, len(pending))]
        if self.mode == "torn":
            pending = [(at + n, data[n : n + BLOCK]) for at, data in pending for n in range(0, len(data), BLOCK)]
        if self.mode in ("some", "torn"):
            share = self.random.random()
            pending = [write for write in pending if self.random.random() < share]
            self.random.shuffle(pending)
        return pending

    def __str__(self):
        return f"{self.number}: cut after record {self.cut}, {self.mode} of those from {self.synced} on"


class End:
    """The end of the day, when nothing was cut."""

    def __init__(self, recording):
        self.synced = len(recording.stamps)

    def unsynced(self, recording):
        return []


class Platter:
    """Two images: what is on disk for sure, which only moves forward, and the state that is made of it."""

    def __init__(self, recording, directory):
        self.recording, self.done = recording, 0
        self.sure = os.open(directory / "sure", os.O_RDWR | os.O_CREAT | os.O_TRUNC)
        self.image = directory / "image"
        self.state = os.open(self.image, os.O_RDWR | os.O_CREAT | os.O_TRUNC)
        base = os.open(recording.dir / "base", os.O_RDONLY)
        copy(base, self.sure)
        os.close(base)
        os.truncate(self.state, SIZE)

    def lay(self, state):
        """Makes the image of a state; states come in the order of their `synced`."""
        for record in range(self.done, state.synced):
            offset, data = self.recording.data(record)
            os.pwrite(self.sure, data, offset)
        self.done = max(self.done, state.synced)
        copy(self.sure, self.state)
        for offset, data in state.unsynced(self.recording):
            os.pwrite(self.state, data, offset)

    def close(self):
        os.close(self.sure)
        os.close(self.state)


def copy(source, target):
    """Copies an image and leaves out its holes."""
    os.truncate(target, 0)
    os.truncate(target, SIZE)
    at = 0
    while at < SIZE:
        try:
            at = os.lseek(source, at, os.SEEK_DATA)
        except OSError:
            return
        end = os.lseek(source, at, os.SEEK_HOLE)
        os.pwrite(target, os.pread(source, end - at, at), at)
        at = end
