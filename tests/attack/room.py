"""A file room under attack: the real daemon on a scratch directory, people of every role, scanners on pseudo-terminals."""

import os
import pathlib
import pty
import re
import select
import signal
import subprocess
import sys
import threading
import time
import tty

import clerks
import http1

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
PROGRAM = pathlib.Path(os.environ.get("OUTGUIDE") or REPOSITORY / "target/debug/outguide").resolve()
PASSWORD = "kettle orbit lantern snow"
ROLES = ["display", "requester", "clerk", "supervisor", "privacy", "administrator"]
SCOPES = "scan locate request see-stations see-board see-scanners work print supervise".split()
CHECKPOINTS = ["north", "south", "east"]
ACK, NAK = 0x06, 0x15
READY_S = 60
LETTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def labelled(text):
    """Text with its check character by ISO 7064 MOD 37,36, as Outguide's own labels have it."""
    p = 36
    for letter in text:
        s = p + LETTERS.index(letter)
        p = ((s - 36 if s > 36 else s) or 36) * 2 % 37
    return text + LETTERS[(37 - p) % 36]


assert labelled("V4650") == "V4650N"


def of_unit():
    """The environment that the service's unit gives."""
    lines = (REPOSITORY / "systemd/outguide.service").read_text().splitlines()
    return dict(line.removeprefix("Environment=").split("=", 1) for line in lines if line.startswith("Environment="))


class Person:
    """Somebody, or some program, with what lets them in."""

    def __init__(self, name, cookie=None, token=None):
        self.name, self.cookie, self.token = name, cookie, token

    def headers(self):
        if self.token:
            return [("Authorization", f"Bearer {self.token}")]
        return [("Cookie", self.cookie)] if self.cookie else []


class Scanner:
    """A pseudo-terminal that the daemon opens like a serial port."""

    def __init__(self, link):
        self.master, self.far = pty.openpty()
        tty.setraw(self.far)
        fresh = link.with_suffix(".new")
        fresh.symlink_to(os.ttyname(self.far))
        fresh.rename(link)

    def scan(self, code, patience=30):
        """Sends a code and waits for its answer: seconds, and the answer's byte; None if there was none."""
        return clerks.scan(self.master, code, patience)

    def drain(self, quiet=0.3):
        """Reads what is still answered."""
        answers = b""
        while select.select([self.master], [], [], quiet)[0]:
            answers += os.read(self.master, 4096)
        return answers


class Room:
    """The daemon, its files and its people."""

    def __init__(self, directory, patients=(), charts=400, more="", web="", log_level="info"):
        self.dir = pathlib.Path(directory)
        self.log_level = log_level
        self.child = None
        self.people = {}
        for name in ["dev", "backups", "mail", "core"]:
            (self.dir / name).mkdir()
        self.charts = charts
        self.configuration = self.dir / "outguide.toml"
        self.write(more, web)
        self.fill(patients)
        stations = CHECKPOINTS + ["desk", "hostile"]
        self.scanners = {name: Scanner(self.dir / "dev" / name) for name in stations}

    def write(self, more="", web=""):
        """Writes the configuration."""
        text = f'data_dir = "{self.dir}/data"\nlisten = "127.0.0.1:0"\nsite_name = "Under attack"\n{more}\n[web]\n{web}\n'
        for name in CHECKPOINTS + ["desk", "hostile"]:
            kind = '\nkind = "desk"' if name == "desk" else ""
            text += (
                f'[[station]]\nname = "{name}"\ncustodian = "{name.upper()}"{kind}\n'
                f'[[station.source]]\nname = "{name}-gun"\ndevice = "{self.dir}/dev/{name}"\nanswer = "ack-nak"\n'
            )
        self.configuration.write_text(text)

    def run(self, *arguments, check=True):
        """Runs `outguide` to its end; what it says."""
        command = [PROGRAM, *arguments, "--config", str(self.configuration)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if check and done.returncode != 0:
            raise AssertionError(f"{arguments}: {done.returncode} {done.stdout}{done.stderr}")
        return done.stdout + done.stderr

    def fill(self, patients):
        places = [("FILE", "File room", "file-area"), ("CARD", "Cardiology", "clinic"), ("DERM", "Dermatology", "clinic")]
        places += [(name.upper(), f"Door {name}", "clinic") for name in CHECKPOINTS + ["desk", "hostile"]]
        self.list("custodians", "code,name,kind,mail", [f"{code},{name},{kind},{code.lower()}@clinic.example" for code, name, kind in places])
        self.list("people", "code,name,label", [f"ANN,Ann Clerk,{labelled('P1')}", f"BOB,Bob Clerk,{labelled('P2')}"])
        self.labels = [labelled(f"V{10_000 + number}") for number in range(self.charts)]
        rows = [f"{200_000 + 7 * number},{label},FILE,," for number, label in enumerate(self.labels)]
        rows += [f"{mrn},{label},FILE,{name},{born}" for mrn, label, name, born in patients]
        self.list("charts", "mrn,label,home,name,born", rows)

    def list(self, kind, head, rows):
        file = self.dir / "list.csv"
        file.write_text("\n".join([head, *rows]) + "\n")
        self.run("import", kind, str(file))
        file.unlink()

    def serve(self, wrapper=(), environment=None):
        """Starts the daemon and waits until all scanners are up."""
        self.log_file = self.dir / "log"
        command = [*wrapper, PROGRAM, "serve", "--log", "text", "--log-level", self.log_level, "--config", str(self.configuration)]
        # What an earlier start has logged is not taken for this one's.
        begun = len(self.log())
        with open(self.log_file, "ab") as log:
            self.child = subprocess.Popen(
                command, stdout=log, stderr=log, cwd=self.dir / "core", env={**os.environ, "NO_COLOR": "1", **of_unit(), **(environment or {})}
            )
        self.wait_for("pages are served", begun)
        self.wait_for('state="up"', begun, len(self.scanners))
        address = re.findall(r"pages are served address=(\S+)", self.log())[-1]
        self.host, self.port = address.rsplit(":", 1)[0], int(address.rsplit(":", 1)[1])
        self.base = f"http://{address}"
        self.resident_at_start = self.resident()

    def resident(self):
        """The daemon's memory, MB."""
        for line in open(f"/proc/{self.child.pid}/status", encoding="ascii"):
            if line.startswith("VmRSS"):
                return int(line.split()[1]) // 1024
        return 0

    def log(self):
        return self.log_file.read_text(errors="replace") if self.log_file.exists() else ""

    def wait_for(self, words, begun=0, times=1):
        began = time.monotonic()
        while self.log()[begun:].count(words) < times:
            if self.child.poll() is not None or time.monotonic() - began > READY_S:
                raise AssertionError(f"no {words!r} in the log:\n{self.log()[-3000:]}")
            time.sleep(0.01)

    def stop(self, name=signal.SIGTERM):
        """Ends the daemon; its exit code."""
        if self.child is None:
            return 0
        if self.child.poll() is None:
            self.child.send_signal(name)
        code = self.child.wait(timeout=60)
        self.child = None
        return code

    def is_alive(self):
        return self.child is not None and self.child.poll() is None

    # People

    def account(self, name, role, station=None):
        """Makes an account as an administrator with a shell does, and signs it in as its holder does."""
        arguments = ["account", "add", name, "--full-name", f"Some {role}", "--role", role]
        said = self.run(*arguments, *(["--station", station] if station else []))
        code = re.search(r"[0-9A-Z]{5}(?:-[0-9A-Z]{5}){3}", said).group()
        fields = {"code": code}
        if role != "display":
            fields |= {"password": PASSWORD, "password_again": PASSWORD}
        answer = self.ask("POST", "/code", fields=fields)
        cookie = answer.cookie()
        assert cookie, f"{name}: {answer.status} {answer.body[:300]}"
        return Person(name, cookie=cookie)

    def sign_in(self, name, password=PASSWORD, person=None):
        return self.ask("POST", "/sign-in", person, fields={"name": name, "password": password})

    def token(self, scopes):
        said = self.run("account", "token", f"program {scopes}", "--scope", scopes)
        return Person(f"token {scopes}", token=re.search(r"og_[0-9a-f]{64}", said).group())

    def everybody(self):
        """One of each role, one token of each scope, and nobody. Account 1 and token 1 are there to be broken."""
        self.account("decoy", "clerk")
        self.token("locate")
        for role in ROLES:
            self.people[role] = self.account(role, role, "desk" if role == "display" else None)
        for scope in SCOPES:
            self.people[f"token:{scope}"] = self.token(scope)
        self.people["nobody"] = Person("nobody")
        return self.people

    def ask(self, method, path, person=None, fields=None, **more):
        """One request on a connection of its own."""
        with http1.Connection(self.host, self.port) as connection:
            return connection.ask(method, path, person, fields, **more)


class Load:
    """Clerks who go on scanning whatever happens to the pages; how long each scan takes to its green answer."""

    def __init__(self, room):
        self.room = room
        self.lock = threading.Lock()
        self.times, self.lost = [], 0

    def __enter__(self):
        labels = self.room.dir / "labels"
        labels.write_text("\n".join(self.room.labels))
        masters = [self.room.scanners[name].master for name in CHECKPOINTS]
        command = [sys.executable, pathlib.Path(__file__).with_name("clerks.py"), labels, *map(str, masters)]
        self.child = subprocess.Popen(command, pass_fds=masters, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        threading.Thread(target=self.listen, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.child.stdin.close()
        self.child.wait()

    def listen(self):
        for line in self.child.stdout:
            took, answer = line.split()
            with self.lock:
                self.times.append(float(took))
                self.lost += answer == "None"

    def take(self):
        """What was measured since the last time."""
        with self.lock:
            times, lost = self.times, self.lost
            self.times, self.lost = [], 0
        return Figures(times, lost)


class Figures:
    """Scan-to-green times of a while."""

    def __init__(self, times, lost):
        self.count, self.lost = len(times), lost
        ordered = sorted(times) or [0.0]
        self.p50 = ordered[len(ordered) // 2]
        self.p99 = ordered[min(len(ordered) - 1, len(ordered) * 99 // 100)]
        self.longest = ordered[-1]
