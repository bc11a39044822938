"""Where one worker looks at states: each is mounted, and the shipped program is let loose on it."""

import multiprocessing
import shutil

import check
import mounts
from log import End, Platter, Recording, State
from room import Room

ENDS = multiprocessing.Event()
"""Set when all is to end: workers finish the state they are at."""


class Desk:
    """Directories, a loop device and a room of its own."""

    def __init__(self, program, recording, scratch):
        self.recording, self.dir = recording, scratch
        scratch.mkdir(parents=True)
        self.room = Room(program, scratch / "room", scratch / "mounted" / "data")
        self.platter = Platter(recording, scratch)

    def visit(self, act, outcome):
        """Mounts the state as it lies, and lets somebody act on it."""
        with mounts.looped(self.platter.image) as device:
            if mounts.KINDS[self.recording.kind].is_checked_at_boot:
                repaired, outcome.is_cut = mounts.check(device)
                outcome.counts[repaired] += 1
            with mounts.mounted(self.recording.kind, device, self.dir / "mounted"):
                try:
                    act()
                finally:
                    self.room.kill()

    def close(self):
        self.platter.close()
        shutil.rmtree(self.dir)

    def look(self, state, sent, reference):
        """What one state comes to."""
        outcome = check.Outcome()
        outcome.counts["states"] = 1
        outcome.counts["open"] = state.cut > state.synced
        self.platter.lay(state)
        promises = self.recording.heard(state.cut)
        looks_first = state.random.random() < 0.5
        try:
            self.visit(lambda: check.look(self.room, looks_first, promises, sent, reference, outcome), outcome)
        except mounts.CannotMount as why:
            outcome.find("unmountable", 1, str(why))
        if outcome.is_cut:
            outcome.blame_the_file_system()
        outcome.counts["caught"] = not outcome.is_sound()
        outcome.findings = [f"{self.recording.dir.name} {state}: {found}" for found in outcome.findings]
        return outcome


def reference_of(desk):
    """The journal at the end of the day, when nothing was cut."""
    desk.platter.lay(End(desk.recording))
    found = []
    desk.visit(lambda: found.append(check.read(desk.room.data / "outguide.db")), check.Outcome())
    return found[0]


def work(program, keep, scratch, numbers, control, reference, sent):
    """One worker's share of the states."""
    recording = Recording(keep, control)
    desk = Desk(program, recording, scratch)
    outcome = check.Outcome()
    states = [State(recording, number) for number in numbers]
    for state in sorted(states, key=lambda state: state.synced):
        if ENDS.is_set():
            break
        outcome.add(desk.look(state, sent, reference))
    desk.close()
    return outcome
