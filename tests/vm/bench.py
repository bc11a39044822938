"""What a scenario works with: the machine, a file room, scanners; and what is cleared away after it."""

from room import Room, Station

SCANS = 20
"""Scans of which an answer's median and maximum are taken."""


class Bench:
    def __init__(self, machine, report):
        self.machine = machine
        self.report = report
        self.rooms = []
        self.scanners = []

    # Setting up.

    def room(self, *sources):
        """A file room whose stations, desk1 and on, have scanners with these lines of configuration."""
        stations = [Station(f"desk{n}", source) for n, source in enumerate(sources, 1)]
        name = f"{self.report.scenario}-{len(self.rooms)}"
        room = Room(self.machine, name, stations)
        self.rooms.append(room)
        return room

    def scanner(self, kind, *arguments, **settings):
        """A scanner, taken out again when the scenario ends."""
        scanner = kind(self.machine, *arguments, **settings)
        self.scanners.append(scanner)
        return scanner

    def clear(self):
        """Leaves the machine as it was found."""
        for room in self.rooms:
            room.kill()
        for scanner in self.scanners:
            scanner.remove()
        self.rooms, self.scanners = [], []

    # Steps that most scenarios take.

    def scan(self, what, room, station, scanner):
        """Scans a chart that was not scanned before and looks whether all the world knows; returns the seconds."""
        label = next(room.labels)
        answer, seconds = scanner.scan(label)
        self.report.equal(f"{what}: answered as recorded", answer, "recorded")
        newest = room.board(station)[:1]
        seen = [(scan["verdict"], scan["code"].endswith(label)) for scan in newest]
        self.report.equal(f"{what}: the chart is with the station", room.holder(label), station.custodian)
        self.report.equal(f"{what}: on the station's board", seen, [("moved", True)])
        self.report.check(f"{what}: on the page", label in room.page(f"/stations/{station.name}"))
        return seconds

    def end(self, room, what="TERM to end"):
        """Stops the daemon in order and has the database checked."""
        status, seconds = room.stop()
        self.report.figure("daemon", what, seconds)
        self.report.equal("the daemon stops in order", status, 0)
        self.report.check("the daemon stops within 10 s", seconds < 10, f"{seconds:.1f} s")
        verified = room.verify()
        self.report.check("the database is whole afterwards", verified.startswith("ok"), verified)
