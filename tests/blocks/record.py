"""A file room's day on the logging disk: lists, scans in waves with a checkpoint after each, a backup, kill -9, a second list."""

import json
import os
import random
import shutil
import threading
import time

import mounts
from room import CHARTS, MORE_CHARTS, STATIONS, Room, Trouble

WAVE = 8
"""Scans that each station makes between two pauses."""
WAVES = 12
PAUSE_S = (0.5, 0.75)
"""Around the half second without a scan after which the writer moves its pages out of the write-ahead log."""
BACKUP = "backup.db"
BACKUP_AFTER, KILL_AFTER, LIST_AFTER = 2, 4, 7
"""After which wave the backup begins, the daemon is killed in the next, the second list is taken."""

SYNCS_DO_NOTHING = ["strace", "--follow-forks", "--seccomp-bpf", "--quiet=all", "--output=/dev/null"]
SYNCS_DO_NOTHING += ["--trace=fsync,fdatasync", "--inject=fsync,fdatasync:retval=0"]
"""Runs a daemon that believes to sync."""


class Day:
    """One daemon, or several after each other, and what they promised."""

    def __init__(self, room, wrapper, seed):
        self.room, self.wrapper = room, wrapper
        self.random = random.Random(f"day {seed}")
        self.sent, self.promises = [], []
        self.checkpoints = self.waves = 0
        numbers = list(range(1, CHARTS + MORE_CHARTS))
        # Everybody scans every chart once, nobody at the same time as the next: each scan is a movement.
        self.labels = {name: [f"V{n}" for n in turned(numbers[: CHARTS - 1], 7 * at) + turned(numbers[CHARTS:], 5 * at)] for at, name in enumerate(STATIONS)}

    def promise(self, *what):
        self.promises.append([time.monotonic_ns(), *what])

    def lists(self, first, count):
        for number in range(first, first + count):
            self.promise("chart", str(number))

    def wave(self, until=None):
        labels = {name: [codes.pop(0) for _ in range(min(WAVE, len(codes)))] for name, codes in self.labels.items()}
        sent, heard = self.room.scan(labels, until)
        self.sent += sent
        self.promises += [[at, "scan", station, label] for station, label, at in heard]
        self.waves += 1

    def pause(self):
        """The database file is written to by checkpoints alone."""
        database = self.room.data / "outguide.db"
        before = os.stat(database).st_mtime_ns
        time.sleep(self.random.uniform(*PAUSE_S))
        self.checkpoints += os.stat(database).st_mtime_ns != before

    def backup(self):
        scans = sum(promise[1] == "scan" for promise in self.promises)
        self.room.must("backup", str(self.room.data.parent / BACKUP))
        self.promise("backup", BACKUP, scans)

    def run(self):
        room = self.room
        room.serve(self.wrapper)
        for wave in range(WAVES):
            if wave == BACKUP_AFTER:
                beside = threading.Thread(target=self.backup)
                beside.start()
            if wave == KILL_AFTER:
                self.wave(until=time.monotonic() + self.random.uniform(0.01, 0.03))
                room.kill()
                room.serve(self.wrapper)
                continue
            if wave == LIST_AFTER:
                self.second_list()
            self.wave()
            if wave == BACKUP_AFTER:
                beside.join()
            self.pause()
        self.wave()

    def second_list(self):
        code = self.room.end()
        if code != 0 and not self.wrapper:
            raise Trouble(f"the daemon ended with {code}:\n{self.room.log()[-2000:]}")
        self.room.charts(CHARTS + 1, MORE_CHARTS)
        self.lists(CHARTS + 1, MORE_CHARTS)
        self.room.serve(self.wrapper)


def turned(items, by):
    by %= len(items)
    return items[by:] + items[:by]


def record(program, kind, scratch, keep, seed, wrapper=()):
    """Plays a day on a disk of its own; what the disk and the scanners say of it goes to the directory `keep`."""
    shutil.rmtree(keep, ignore_errors=True)
    keep.mkdir(parents=True)
    scratch.mkdir()
    mounts.make(kind, keep / "base")
    data = scratch / "mounted" / "data"
    room = Room(program, scratch / "room", data)
    day = Day(room, wrapper, seed)
    with mounts.logged(keep / "base", keep / "log", scratch / "fuse") as file, mounts.looped(file, "--direct-io=on") as device:
        with mounts.mounted(kind, device, data.parent):
            try:
                room.fill()
                begun = time.monotonic_ns()
                day.lists(1, CHARTS)
                day.run()
                ended = time.monotonic_ns()
            finally:
                room.kill()
    notes = {"waves": day.waves, "checkpoints": day.checkpoints}
    story = {"kind": kind, "seed": seed, "begun": begun, "ended": ended, "sent": day.sent, "promises": day.promises, "notes": notes}
    (keep / "story.json").write_text(json.dumps(story))
