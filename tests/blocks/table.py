"""What became of the states, as a table, and whether all of it is as it must be."""

import time

COLUMNS = ["states", "checks", "lost", "doubled", "altered", "unmountable", "unsound", "fsck -p", "fsck -y"]
"""Unsound is what verify, the daemon that serves again, or the backup says. The last two: what e2fsck repaired by itself at boot,
and what it would not without being told to."""
FINDINGS_MAX = 5
CUT_MAX = 0.1
"""Largest share of states in which e2fsck may throw away pieces of files: those prove nothing."""


class Table:
    def __init__(self):
        self.began, self.failures, self.controls = time.monotonic(), [], [0, 0]
        self.print("", COLUMNS, "s")

    @staticmethod
    def print(name, cells, seconds):
        print(f"{name:<54}" + "".join(f"{cell:>{max(len(head), 6) + 2}}" for head, cell in zip(COLUMNS, cells)) + f"{seconds:>6}", flush=True)

    def row(self, name, outcome, began):
        self.print(name, [outcome.counts[column] for column in COLUMNS], f"{time.monotonic() - began:.0f}")

    def recorded(self, name, recording, wrong):
        """What a day was made of; without checkpoints, flushes and answers it proves nothing."""
        what = [promise[1] for promise in recording.promises]
        scans, checkpoints = what.count("scan"), recording.notes["checkpoints"]
        size = sum(length for _, _, length in recording.writes) / 1e6
        writes = len(recording.stamps) - len(recording.flushes)
        print(
            f"{name}: {scans} of {len(recording.sent)} scans answered, {checkpoints} checkpoints, {what.count('chart')} charts listed, "
            f"{what.count('backup')} backup; {writes} writes of {size:.0f} MB, {len(recording.flushes)} flushes"
        )
        self.expect(scans > 400 and checkpoints > 3 and "backup" in what, f"{name}: too little happened")
        self.expect(not wrong, f"{name}: at the end of the day there are rows that are not what was sent: {wrong[:1]}")

    def survives(self, name, outcome, began):
        """States in which everything must be there."""
        self.row(name, outcome, began)
        print(f"    with writes that no flush had covered: {outcome.counts['open']}", flush=True)
        if cut := outcome.counts["cut"]:
            print(f"    e2fsck -y threw away a piece of a file in {cut}, and {outcome.counts['lost in cut']} answered scans with them", flush=True)
        self.expect(cut <= max(1, CUT_MAX * outcome.counts["states"]), f"{name}: e2fsck threw away pieces of files in {cut} states")
        self.expect(outcome.counts["states"] > 0 and outcome.counts["checks"] > 0, f"{name}: nothing was looked at")
        self.failures += [f"{name}: {finding}" for finding in outcome.findings[:FINDINGS_MAX]]
        if (more := len(outcome.findings) - FINDINGS_MAX) > 0:
            self.failures.append(f"{name}: and {more} more")
        if outcome.findings:
            recording, number = outcome.findings[0].split(":")[0].split()
            self.failures.append(f"once more: tests/blocks/run again {recording} {number}")

    def is_caught(self, name, outcome, began):
        """A broken promise that must be seen as scans that are lost."""
        self.row(name, outcome, began)
        seen = outcome.counts["lost"] > 0
        print(f"    {'caught' if seen else 'MISSED'} in {outcome.counts['caught']} of {outcome.counts['states']}", flush=True)
        self.controls[0] += seen
        self.controls[1] += 1
        self.expect(seen, f"{name} was not caught: these checks cannot fail")

    def expect(self, is_so, what):
        if not is_so:
            self.failures.append(what)

    def end(self):
        print(f"controls caught {self.controls[0]} of {self.controls[1]}, {time.monotonic() - self.began:.0f} s")
        for failure in self.failures:
            print(f"FAILED: {failure}")
        return 1 if self.failures else 0
