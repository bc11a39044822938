"""A small file room: its configuration, the daemon, and scanners on pseudo-terminals whose answers are heard to the nanosecond."""

import contextlib
import os
import pty
import random
import select
import signal
import socket
import subprocess
import time
import tty

STATIONS = [f"desk-{number}" for number in range(8)]
CHARTS = 60
"""Charts on file from the start; each station scans each of them once at most, so that every scan differs from every other."""
MORE_CHARTS = 40
"""Charts that a second list brings, between two runs of the daemon."""
IN_FLIGHT = 2
PACE_S = 0.04
"""Most that a station waits between two scans: most of them have a commit of their own, some share one."""
ACK = 0x06
PATIENCE_S = 60
LABEL = "V{}"


class Trouble(Exception):
    """The room does not do what it must, so that nothing can be learned from it."""


def custodian(station):
    return station.upper()


class Scanner:
    """A pseudo-terminal that the daemon opens like a serial port."""

    def __init__(self, link):
        self.master, self.far = pty.openpty()
        tty.setraw(self.far)
        fresh = link.with_suffix(".new")
        fresh.symlink_to(os.ttyname(self.far))
        fresh.rename(link)

    def close(self):
        os.close(self.master)
        os.close(self.far)


class Room:
    """What stays of it while disks come and go: configuration and devices in `directory`, the database in `data`."""

    def __init__(self, program, directory, data):
        self.program, self.dir, self.data = program, directory, data
        self.child, self.scanners = None, {}
        (directory / "dev").mkdir(parents=True, exist_ok=True)
        self.configuration = directory / "outguide.toml"
        self.log_file = directory / "log"
        text = f'data_dir = "{data}"\nlisten = "127.0.0.1:0"\n[[label]]\nkind = "volume"\npattern = "V[0-9]+"\n'
        for station in STATIONS:
            text += (
                f'[[station]]\nname = "{station}"\ncustodian = "{custodian(station)}"\n'
                f'[[station.source]]\nname = "{station}-gun"\ndevice = "{directory}/dev/{station}"\nanswer = "ack-nak"\n'
            )
        self.configuration.write_text(text)

    def run(self, *arguments):
        """Runs a subcommand to its end; exit code and what it said."""
        command = [self.program, *arguments, "--log-level", "error", "--config", str(self.configuration)]
        try:
            done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=PATIENCE_S)
        except subprocess.TimeoutExpired:
            return None, f"{arguments[0]} goes on for ever"
        return done.returncode, done.stdout + done.stderr

    def must(self, *arguments):
        code, said = self.run(*arguments)
        if code != 0:
            raise Trouble(f"outguide {' '.join(map(str, arguments))} ended with {code}: {said}")

    def list(self, kind, head, rows):
        file = self.dir / "list.csv"
        file.write_text("\n".join([head, *rows]) + "\n")
        self.must("import", kind, str(file))

    def charts(self, first, count):
        self.list("charts", "mrn,label,home", [f"{number},{LABEL.format(number)},FILE" for number in range(first, first + count)])

    def fill(self):
        self.list("custodians", "code,name", ["FILE,File room", *(f"{custodian(name)},Clinic {name}" for name in STATIONS)])
        self.charts(1, CHARTS)

    def serve(self, wrapper=(), stations=STATIONS):
        """Starts the daemon on fresh scanners; waits until they are up."""
        self.scanners = {name: Scanner(self.dir / "dev" / name) for name in stations}
        command = [*wrapper, self.program, "serve", "--log", "text", "--config", str(self.configuration)]
        environment = {**os.environ, "NO_COLOR": "1", "NOTIFY_SOCKET": str(self.dir / "notify")}
        (self.dir / "notify").unlink(missing_ok=True)
        until = time.monotonic() + PATIENCE_S
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notices, open(self.log_file, "wb") as log:
            notices.bind(str(self.dir / "notify"))
            notices.settimeout(0.005)
            self.child = subprocess.Popen(command, stdout=log, stderr=log, env=environment, start_new_session=True)
            # As systemd knows it.
            is_ready = False
            while not is_ready or self.log().count('state="up"') < len(stations):
                if self.child.poll() is not None or time.monotonic() > until:
                    raise Trouble(f"the daemon does not serve:\n{self.log()[-2000:]}")
                with contextlib.suppress(TimeoutError):
                    is_ready |= b"READY=1" in notices.recv(4096)

    def log(self):
        return self.log_file.read_text(errors="replace")

    def end(self, how=signal.SIGTERM):
        """Ends the daemon and unplugs its scanners; its exit code."""
        code = None
        if self.child is not None:
            if self.child.poll() is None:
                # The group: a wrapper and the daemon.
                os.killpg(self.child.pid, how)
            try:
                code = self.child.wait(timeout=PATIENCE_S)
            except subprocess.TimeoutExpired:
                raise Trouble(f"the daemon does not end:\n{self.log()[-2000:]}") from None
        for scanner in self.scanners.values():
            scanner.close()
        self.child, self.scanners = None, {}
        return code

    def kill(self):
        self.end(signal.SIGKILL)

    def scan(self, labels, until=None):
        """Every station scans its `labels`, at a pace of its own; ends when all are answered, or at `until`. What was sent, and
        what was answered green and when: lists of (station, label) and (station, label, ns)."""
        waiting = {name: list(codes) for name, codes in labels.items()}
        under_way = {name: [] for name in labels}
        ready = dict.fromkeys(labels, 0)
        sent, heard = [], []
        by_master = {self.scanners[name].master: name for name in labels}
        give_up = time.monotonic() + PATIENCE_S
        while any(waiting.values()) or any(under_way.values()):
            now = time.monotonic()
            if until is not None and now > until:
                break
            if now > give_up:
                raise Trouble(f"scans are not answered: {under_way}\n{self.log()[-2000:]}")
            for name, codes in waiting.items():
                if codes and len(under_way[name]) < IN_FLIGHT and now > ready[name]:
                    ready[name] = now + random.uniform(0, PACE_S)
                    under_way[name].append(codes.pop(0))
                    sent.append((name, under_way[name][-1]))
                    os.write(self.scanners[name].master, under_way[name][-1].encode() + b"\r")
            for master in select.select(by_master, [], [], 0.001)[0]:
                answers, at = os.read(master, 64), time.monotonic_ns()
                for answer in answers:
                    label = under_way[by_master[master]].pop(0)
                    if answer != ACK:
                        raise Trouble(f"{label} was answered with {answer:#x}")
                    heard.append((by_master[master], label, at))
        return sent, heard
