"""A file room in the guest: configuration, lists, the daemon as an unprivileged user, and what its pages say."""

import json
import time

from machine import Trouble

CHARTS = 300
"""Charts on file, V10001 onwards; each may be moved once, so that every scan has something to record."""

STOP_S = 15
"""What systemd gives the daemon to stop (TimeoutStopSec) before it kills it."""

TOKEN = "/tmp/token"
"""What these tests come in with, drawn anew whenever the daemon starts."""

SCOPES = "locate,see-stations,see-board,see-scanners,work"

ASK = f'wget --header "Authorization: Bearer $(cat {TOKEN})" -qO-'

LABELS = """\
[[label]]
kind = "volume"
pattern = 'V[0-9]{5}'
[[label]]
kind = "volume"
pattern = '[0-9]{8}'
"""


class Station:
    """A checkpoint with one scanner, whose source has these lines."""

    def __init__(self, name, source):
        self.name = name
        self.custodian = name.upper()
        self.source = source

    def toml(self):
        head = f'[[station]]\nname = "{self.name}"\ncustodian = "{self.custodian}"\n'
        return f'{head}[[station.source]]\nname = "{self.name}-gun"\n{self.source}'


class Room:
    """A file room of its own for each scenario, on the guest's disk."""

    def __init__(self, machine, name, stations):
        self.machine = machine
        self.dir = f"/data/{name}"
        self.stations = stations
        self.labels = (f"V{10001 + n}" for n in range(CHARTS))
        self.pid = None
        self.configure(LABELS + "".join(station.toml() for station in stations))
        self.fill()

    def configure(self, toml):
        self.machine.sh(f"mkdir -p {self.dir} && chown scan {self.dir}")
        self.machine.write(f"{self.dir}/outguide.toml", f'data_dir = "{self.dir}/db"\n{toml}')

    def fill(self):
        desks = [f"{station.custodian},Desk {station.name}\n" for station in self.stations]
        self.machine.write(f"{self.dir}/custodians.csv", "code,name\nFILE,File room\n" + "".join(desks))
        numbers = [f"V{10001 + n}" for n in range(CHARTS)] + ["20000001", "20000002"]
        charts = [f"{n},{label},FILE\n" for n, label in enumerate(numbers, 1)]
        self.machine.write(f"{self.dir}/charts.csv", "mrn,label,home\n" + "".join(charts))
        self.outguide(f"import custodians {self.dir}/custodians.csv")
        self.outguide(f"import charts {self.dir}/charts.csv")

    def command(self, arguments, first=""):
        return f"su scan -c '{first}exec outguide {arguments} --config {self.dir}/outguide.toml'"

    def outguide(self, arguments):
        """Runs a subcommand as the daemon's user; returns what it said."""
        return self.machine.sh(self.command(arguments))

    # The daemon.

    def serve(self):
        """Starts the daemon; returns the seconds until its pages are there."""
        begun = time.monotonic()
        daemon = self.command("serve --log text", f"echo $$ >{self.dir}/pid; ")
        token = self.command(f"account token tests --scope {SCOPES}")
        self.machine.sh(f"{token} | sed -n 's/^token: //p' >{TOKEN}")
        self.machine.sh(f"rm -f {self.dir}/pid {self.dir}/ended; su scan -c 'touch {self.dir}/pid'")
        self.machine.sh(f"({daemon}; echo $? >{self.dir}/ended) >>{self.dir}/log 2>&1 &")
        self.machine.wait("wget -qO /dev/null http://127.0.0.1:8470/livez")
        self.pid = int(self.machine.sh(f"cat {self.dir}/pid"))
        return time.monotonic() - begun

    def stop(self):
        """Ends the daemon as systemd would; returns its exit status and the seconds until all of it was gone."""
        begun = time.monotonic()
        self.machine.sh(f"kill {self.pid}")
        try:
            # Not the process's entry in /proc: that may look empty while a thread still waits for a port to close.
            self.machine.wait(f"[ -e {self.dir}/ended ]", STOP_S)
        finally:
            self.kill()
        return int(self.machine.sh(f"cat {self.dir}/ended")), time.monotonic() - begun

    def kill(self):
        if self.pid:
            self.machine.try_sh(f"kill -9 {self.pid}")
            self.pid = None

    def verify(self):
        """What `outguide verify` says of the database; it starts with "ok" if nothing was found."""
        return self.machine.try_sh(self.command("verify"))[1].strip()

    def log(self):
        return self.machine.try_sh(f"tail -n 40 {self.dir}/log")[1]

    # What pages and programs are told.

    def page(self, path):
        return self.machine.sh(f"{ASK} http://127.0.0.1:8470{path}")

    def asked(self, path, question=None):
        post = ""
        if question is not None:
            post = f"--header 'Content-Type: application/json' --post-data '{json.dumps(question)}' "
        return json.loads(self.machine.sh(f"{ASK} {post}http://127.0.0.1:8470/api/v1/{path}"))

    def scanner(self, station):
        """How the scanner of a station fares."""
        scanners = self.asked("scanners")["scanners"]
        return next(scanner for scanner in scanners if scanner["station"] == station.name)

    def wait_presence(self, station, presence, timeout=30):
        """Waits until the page shows the scanner so; returns the seconds that took."""
        shown = f'"station":"{station.name}"[^}}]*"presence":"{presence}"'
        test = f"{ASK} http://127.0.0.1:8470/api/v1/scanners | grep -qE '{shown}'"
        try:
            return self.machine.wait(test, timeout)
        except Trouble:
            raise Trouble(f"{station.name} is not {presence} but {self.scanner(station)}") from None

    def board(self, station):
        """The last scans of a station, newest first."""
        return self.asked(f"stations/{station.name}")["scans"]

    def wait_scans(self, station, count, timeout=30):
        """Waits until the journal has so many scans of today; returns how many it has."""
        end = time.monotonic() + timeout
        while (seen := sum(row["scans"] for row in self.asked(f"stations/{station.name}")["today"])) != count:
            if time.monotonic() > end:
                raise Trouble(f"{seen} scans of {station.name} are in the journal, not {count}")
        return seen

    def holder(self, label):
        """The code of the custodian who has a volume."""
        return self.asked("charts/search", {"query": label})["volumes"][0]["at"]["code"]
