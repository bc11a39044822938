"""Whether a disk still holds what was promised: the shipped program says, and the journal is read past it."""

import collections
import contextlib
import sqlite3

from room import CHARTS, STATIONS, Trouble, custodian

FRESH = (STATIONS[0], f"V{CHARTS}")
"""What nobody scans all day: the scan by which a daemon shows that it serves again."""

JOURNAL = """
select station.name, cast(scan.frame as text), scan.*, source.name as gun, volume.label, movement.*, place.code
from scan join station using (station_id) join source using (source_id)
left join volume using (volume_id) left join movement using (scan_no) left join custodian place on place.custodian_id = movement.to_id
order by scan.scan_no"""

NAMED_MAX = 3
"""Most rows that a finding names."""
WORDS_MAX = 400
"""Longest that a finding is: verify may have much to say."""


class Journal:
    """What a database says: by (station, label) its rows with their movements, and the charts."""

    def __init__(self, rows, charts):
        self.rows, self.charts = rows, charts


def read(file):
    """Reads the journal past the program: the check must not lean on what it checks."""
    rows = collections.defaultdict(list)
    with contextlib.closing(sqlite3.connect(file)) as conn:
        conn.execute("pragma query_only = on")
        for station, frame, *row in conn.execute(JOURNAL):
            rows[(station, frame)].append(tuple(row))
        return Journal(rows, {mrn for (mrn,) in conn.execute("select mrn from chart")})


class Outcome:
    """What checks of states came to; two add up."""

    def __init__(self):
        self.counts = collections.Counter()
        self.findings = []
        self.is_cut = False

    def add(self, other):
        self.counts += other.counts
        self.findings += other.findings

    def find(self, what, count, words):
        if count:
            self.counts[what] += count
            self.findings.append(words[:WORDS_MAX])

    def blame_the_file_system(self):
        """What is gone with a piece of a file that e2fsck threw away counts by itself: nobody above could have kept it."""
        self.counts["cut"] += 1
        self.counts["lost in cut"] += self.counts.pop("lost", 0)
        self.findings = []

    def is_sound(self):
        return not self.findings


def compare(promises, sent, reference, journal, outcome):
    """Holds a journal against what had been promised, all that was ever sent, and the rows as they were at the end of the day."""
    lost = []
    for _, what, *key in promises:
        if what == "scan":
            lost += [] if tuple(key) in journal.rows else [" ".join(key)]
        elif what == "chart":
            lost += [] if key[0] in journal.charts else [f"chart {key[0]}"]
    outcome.counts["checks"] += sum(what in ("scan", "chart") for _, what, *_ in promises)
    rows = {key: rows for key, rows in journal.rows.items() if key != FRESH}
    doubled = [" ".join(key) for key, found in rows.items() if len(found) > 1]
    altered = [" ".join(key) for key, found in rows.items() if key not in sent or found[0] != reference.get(key)]
    for what, keys in ("lost", lost), ("doubled", doubled), ("altered", altered):
        outcome.find(what, len(keys), f"{len(keys)} {what}: {', '.join(keys[:NAMED_MAX])}")


def as_sent(journal, sent):
    """Rows of the reference that do not say what was sent: what all others are held against must be right itself."""
    wrong = []
    for (station, label), rows in journal.rows.items():
        gun_label_place = (f"{station}-gun", label, custodian(station))
        if (station, label) not in sent or len(rows) != 1 or any(rows[0].count(said) != 1 for said in gun_label_place):
            wrong.append(f"{station} {label} {rows}")
    return wrong


def backup(file, promises, outcome):
    """A backup is whole or not there; one that was promised is there, with all that was answered before it began."""
    promised = [scans for _, what, *more in promises if what == "backup" for scans in more[1:]]
    try:
        if not file.exists():
            return outcome.find("unsound", len(promised), "the backup is not there")
        with contextlib.closing(sqlite3.connect(f"file:{file}?immutable=1", uri=True)) as conn:
            whole = conn.execute("pragma integrity_check").fetchone()[0]
            scans = conn.execute("select count(*) from scan").fetchone()[0]
    except (OSError, sqlite3.Error) as error:
        return outcome.find("unsound", 1, f"the backup is not whole: {error}")
    is_so = whole == "ok" and all(scans >= least for least in promised)
    return outcome.find("unsound", not is_so, f"the backup is not whole: {whole}, {scans} scans")


def verify(room, when, outcome):
    code, said = room.run("verify")
    outcome.find("unsound", code != 0, f"verify, {when}, ends with {code}: {said.strip()}")


def serve(room, outcome):
    """The daemon serves again: it opens the database as after any power cut, takes a scan, and stops in order. Whether it did."""
    station, label = FRESH
    try:
        room.serve(stations=[station])
        room.scan({station: [label]})
        code = room.end()
        outcome.find("unsound", code != 0, f"the daemon ends with {code}")
        return True
    except Trouble as trouble:
        room.kill()
        outcome.find("unsound", 1, str(trouble))
        return False


def look(room, looks_first, promises, sent, reference, outcome):
    """Everything that is looked at on a mounted disk."""
    backup(room.data.parent / "backup.db", promises, outcome)
    # Half of the time somebody looks before the daemon starts, as a careful person would; else the daemon finds the disk as
    # the power cut left it.
    if looks_first:
        verify(room, "before the daemon starts", outcome)
    served = serve(room, outcome)
    verify(room, "after the daemon", outcome)
    try:
        journal = read(room.data / "outguide.db")
    except sqlite3.Error as error:
        scans = sum(what != "backup" for _, what, *_ in promises)
        outcome.counts["checks"] += scans
        return outcome.find("lost", scans, f"all {scans}: the database cannot be read: {error}")
    outcome.find("lost", served and FRESH not in journal.rows, "what was scanned after the cut is lost")
    return compare(promises, sent, reference, journal, outcome)
