"""Power cuts under the shipped daemon, block by block: a day is recorded, states are made of it, and each is looked at."""

import concurrent.futures
import pathlib
import signal
import sys
import time

import check
import mounts
from desk import ENDS, Desk, reference_of, work
from log import Recording
from record import SYNCS_DO_NOTHING, record
from room import Trouble
from table import Table

WORKERS = 2
DAY_STATES = 1_000
"""States that are made of one day; then another one is recorded."""
CONTROL_STATES = 30
NOT_RUN = 77
"""The exit code that says that nothing was tried."""


class Suite:
    def __init__(self, program, scratch, keep):
        self.program, self.scratch, self.keep = program, scratch, keep
        self.table = Table()
        self.used = 0

    def fresh(self):
        """A scratch directory that nobody had."""
        self.used += 1
        return self.scratch / str(self.used)

    def record(self, kind, name, seed, wrapper=()):
        """Records a day; the journal at its end, and what was sent."""
        record(self.program, kind, self.fresh(), self.keep / name, seed, wrapper)
        return self.recorded(name)

    def recorded(self, name):
        recording = Recording(self.keep / name)
        desk = Desk(self.program, recording, self.fresh())
        reference = reference_of(desk)
        desk.close()
        sent = {tuple(key) for key in recording.sent}
        self.table.recorded(name, recording, check.as_sent(reference, sent))
        return recording, reference, sent

    def states(self, recorded, numbers, control=None):
        recording, reference, sent = recorded
        rows = {key: rows[0] for key, rows in reference.rows.items()}
        outcome = check.Outcome()
        with concurrent.futures.ProcessPoolExecutor(WORKERS) as pool:
            parts = [
                pool.submit(work, self.program, recording.dir, self.fresh(), numbers[worker::WORKERS], control, rows, sent)
                for worker in range(WORKERS)
            ]
            for part in parts:
                outcome.add(part.result())
        return outcome

    def blind(self, recorded):
        """Whether the comparison sees what is done to the rows of a sound journal."""
        recording, reference, sent = recorded
        rows = {key: rows[0] for key, rows in reference.rows.items()}
        _, _, *key = next(promise for promise in recording.promises if promise[1] == "scan")
        key, row = tuple(key), rows[tuple(key)]
        for what, there in ("lost", []), ("doubled", [row, row]), ("altered", [(*row[:-1], "ELSEWHERE")]):
            journal = check.Journal({k: found for k, found in {**reference.rows, key: there}.items() if found}, reference.charts)
            outcome = check.Outcome()
            check.compare(recording.promises, sent, rows, journal, outcome)
            self.table.expect(outcome.counts[what] == 1 and len(outcome.findings) == 1, f"a row that is {what} is not seen to be")

    def run(self, states, seed):
        for kind in mounts.KINDS:
            recorded = self.days(kind, states, seed)
            self.blind(recorded)
            self.control(kind, "answers come too soon", recorded, "early")
            self.control(kind, "the disk lies", recorded, "lies")
            unsynced = self.record(kind, f"{kind}-unsynced", seed, SYNCS_DO_NOTHING)
            self.control(kind, "syncs do nothing", unsynced)
        return self.table.end()

    def days(self, kind, states, seed):
        """So many states, of as many days as it takes; the last day."""
        began = time.monotonic()
        outcome = check.Outcome()
        for day, first in enumerate(range(0, states, DAY_STATES)):
            recorded = self.record(kind, f"{kind}-{seed + day}", seed + day)
            outcome.add(self.states(recorded, range(min(DAY_STATES, states - first))))
        self.table.survives(mounts.KINDS[kind].title, outcome, began)
        return recorded

    def control(self, kind, what, recorded, control=None):
        began = time.monotonic()
        name = f"control: {mounts.KINDS[kind].title}, {what}"
        self.table.is_caught(name, self.states(recorded, range(CONTROL_STATES), control), began)

    def again(self, name, number):
        """Looks at one state of a recording once more."""
        recorded = self.recorded(name)
        began = time.monotonic()
        self.table.survives(name, self.states(recorded, [number]), began)
        return self.table.end()


def allowed(scratch):
    """Whether this machine lets all of it be done; says so if it does not."""
    try:
        mounts.rehearse(scratch / "rehearsal")
        mounts.call(*SYNCS_DO_NOTHING, "true")
    except (OSError, mounts.CannotMount) as why:
        print(f"NOT RUN: this machine does not allow power cuts to be played block by block: {why}")
        return False
    return True


def end(*_):
    """Ends in order: the workers after the state they are at, and everything that was mounted is unmounted."""
    ENDS.set()
    raise KeyboardInterrupt


def main(program, scratch, keep, words):
    signal.signal(signal.SIGTERM, end)
    if not allowed(scratch):
        return NOT_RUN
    what, *words = words
    try:
        suite = Suite(program, scratch, keep)
        if what == "again":
            return suite.again(words[0], int(words[1]))
        return suite.run(int(words[0]), int(words[1]))
    except (Trouble, OSError, mounts.CannotMount) as trouble:
        print(f"FAILED: {trouble}")
        return 1
    except KeyboardInterrupt:
        print("FAILED: ended before the end")
        return 1


if __name__ == "__main__":
    program, scratch, keep = (pathlib.Path(word).resolve() for word in sys.argv[1:4])
    sys.exit(main(program, scratch, keep, sys.argv[4:]))
