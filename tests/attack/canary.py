"""Marked patients are followed through everything that leaves the program: none may be found where patients' data has no place."""

import base64
import glob
import http.server
import os
import pathlib
import re
import signal
import socket
import subprocess
import threading
import time

import hostile
import http1
from room import PROGRAM, ROLES, Person, labelled

NAME, FIRST, BORN, MRN = "Quetzalcanary", "Xiomara", "1913-04-05", "937-146-285"
WAS = "Oldcanary"
NOTE = "Phonenotezyx 0177 555 0199"
LABEL = labelled("V5550123")
PATIENTS = [(MRN, LABEL, f'"{NAME}, {FIRST}"', BORN), ("937-146-286", labelled("V5550124"), f'"{WAS}, {FIRST}"', BORN)]
MARKS = ["quetzalcanary", "oldcanary", "xiomara", "937146285", "937146286", "phonenotezyx", "19130405", "05041913", "5apr1913", "5april1913", LABEL.lower()]
# A mail names the record number (README, "Asking for charts"), never whose it is.
OF_PERSONS = ["quetzalcanary", "oldcanary", "xiomara", "phonenotezyx", "19130405", "05041913", "5apr1913", "5april1913"]
SETTINGS = """
[[notices.step]]
name = "late"
when = "1d after"
to = "holder"
[mail]
transport = "file"
from = "outguide@example.org"
directory = "{dir}/mail"
[calendar]
working_days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
opens = "00:00"
closes = "23:59"
[notices]
link = "https://outguide.example.org"
apart_min = 0
needed_h = 168
[webhook]
url = "http://127.0.0.1:{port}/hook"
secret_file = "{dir}/webhook-secret"
takes = "without-mail"
[backup]
directory = "{dir}/backups"
recipients = ["{key}"]
"""

# What a list to choose from has as its first choice says nothing.
TRUE = {"kind": "clinic", "parent": ""}
HEADERS = {"from", "to", "reply-to", "subject", "date", "message-id", "auto-submitted", "mime-version", "content-type", "content-transfer-encoding", "precedence", "x-auto-response-suppress"}


def found(data, marks=MARKS):
    """The first mark in bytes, however it is written."""
    plain = re.sub(rb"%2[dD]|%20|[-+ .,]", b"", data).lower()
    return next((mark for mark in marks if mark.encode() in plain), None)


class Sinks:
    """Everything that leaves the program, by where it goes."""

    def __init__(self, table):
        self.table, self.looked_at = table, {}

    def look(self, sink, data, marks=MARKS):
        data = data if isinstance(data, bytes) else data.encode("utf-8", "replace")
        count, size = self.looked_at.get(sink, (0, 0))
        self.looked_at[sink] = (count + 1, size + len(data))
        if mark := found(data, marks):
            at = re.search(mark[:6].encode(), data.lower())
            about = data[max(0, at.start() - 80) : at.end() + 60] if at else b""
            self.table.check(f"canary: {sink}", False, f"{mark} in {about!r}")


class Program(http.server.ThreadingHTTPServer):
    """The program of a site that takes notices: what it was posted."""

    def __init__(self):
        posted = self.posted = []

        class Answer(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["content-length"]))
                posted.append((f"{self.requestline}\n{self.headers}".encode(), body))
                self.send_response(204)
                self.end_headers()

            def log_message(self, *_):
                pass

        super().__init__(("127.0.0.1", 0), Answer)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def settings(self, directory, key):
        pathlib.Path(f"{directory}/webhook-secret").write_text(f"whsec_{base64.b64encode(os.urandom(32)).decode()}\n")
        return SETTINGS.format(dir=directory, key=key, port=self.server_port)


def listen(room, sinks, person, stop):
    """Hears live events until `stop`."""
    with http1.Connection(room.host, room.port) as connection:
        connection.open()
        head = "".join(f"{name}: {value}\r\n" for name, value in person.headers())
        connection.socket.sendall(f"GET /api/v1/changes HTTP/1.1\r\nHost: {room.host}:{room.port}\r\n{head}\r\n".encode())
        connection.socket.settimeout(0.3)
        heard = b""
        while not stop.is_set():
            try:
                heard += connection.socket.recv(65536)
            except OSError:
                pass
    sinks.look("live events", heard)
    return heard


def live_a_day(room, sinks):
    """What a file room does with the marked patients."""
    clerk, supervisor, privacy = (room.people[name] for name in ["clerk", "supervisor", "privacy"])
    asked = []

    def post(person, path, fields, expect=(200, 303, 422)):
        answer = room.ask("POST", path, person, fields)
        asked.append((path, answer))
        sinks.table.check(f"canary: {path} is answered", answer.status in expect, f"{answer.status} {answer.text()[-300:]}")
        return answer

    for q in [MRN, MRN.replace("-", ""), NAME, f"{NAME.lower()} {FIRST}", BORN, LABEL, f"{NAME} 1913", "quetzalcanari"]:
        post(clerk, "/locate", {"q": q})
        room.ask("GET", f"/locate?q={q}".replace(" ", "+"), clerk)
        room.ask("GET", f"/charts/{MRN}", clerk)
        room.ask("GET", f"/{NAME}/{MRN}?{BORN}", clerk)
        room.ask("POST", f"/api/v1/{NAME}", clerk, body=b"{" + NAME.encode(), kind="application/json")
        room.ask("POST", "/api/v1/charts/search", room.people["token:locate"], body=f'{{"query":"{q}"}}'.encode(), kind="application/json")
        room.ask("POST", "/api/v1/charts/search", room.people["token:locate"], body=f'{{"query":{{"{NAME}":"{q}"'.encode(), kind="application/json")
    chart = post(clerk, "/locate", {"q": MRN}).header("location").split("?")[0]
    volume = re.search(r"/volumes/(\d+)/", room.ask("GET", chart, clerk).text())[1]
    shown = room.ask("GET", chart, clerk)
    sinks.table.check("canary: the search for marks works", found(shown.body) is not None, "the chart's own page has none")
    room.scanners["desk"].scan(labelled("V5550123").encode())
    # Who is asked by mail has a name and an address that try to be more.
    edit = next(form for form in hostile.Forms(room.ask("GET", "/custodians/4/edit", supervisor).text()).forms if form[1] == "/custodians/4/edit")[2]
    for evil in ["x\r\nBcc: evil@example.org", "x\nSubject: evil\n\nevil", "x\r\n.\r\nRCPT TO:<evil@example.org>"]:
        post(supervisor, "/custodians/4/edit", {**edit, **TRUE, "mail": evil})
        post(supervisor, "/custodians/4/edit", {**edit, **TRUE, "mail": f"{evil}@clinic.example"})
        post(supervisor, "/custodians/4/edit", {**edit, **TRUE, "name": f"Door {evil}"})
    # Whoever has no address is asked through the site's program.
    edit = next(form for form in hostile.Forms(room.ask("GET", "/custodians/5/edit", supervisor).text()).forms if form[1] == "/custodians/5/edit")[2]
    post(supervisor, "/custodians/5/edit", {**edit, **TRUE, "mail": ""}, (200, 303))
    room.scanners["south"].scan(PATIENTS[1][1].encode())
    other = post(clerk, "/locate", {"q": PATIENTS[1][0]}).header("location").split("?")[0]
    room.scanners["north"].scan(LABEL.encode())
    room.scanners["south"].scan(MRN.encode())
    room.scanners["south"].scan(f"{NAME} {MRN}".encode())
    for number, wanted in enumerate([chart, other]):
        post(clerk, "/requests", {"chart": wanted.split("/")[-1], "volumes": "newest", "to": "2", "requester": "Dr Lee", "channel": "phone", "priority": "urgent",
                                  "needed": time.strftime("%Y-%m-%dT%H:%M", time.gmtime(time.time() + 7200)), "form": f"f{number}", "comment": NOTE, "purpose": NOTE})
    post(clerk, f"{chart}/patient", {"name": f"{NAME}, {FIRST} Ann", "born": BORN})
    post(clerk, f"/volumes/{volume}/missing", {"sign": "holder-denies", "sure": "yes", "detail": NOTE})
    post(clerk, "/stations/north/keyed", {"label": LABEL, "q": MRN, "id": "1"}, (200, 303, 400, 422))
    post(clerk, "/earlier", {"station": "north", "at": "2026-11-01T08:00:00", "labels": f"{LABEL}\n{MRN}"}, (200, 303, 400, 422))
    post(supervisor, f"{chart}/restriction", {"reason": NOTE, "why": NOTE, "restricted": "yes"}, (200, 303, 400, 422))
    post(clerk, f"{chart}/open", {"reason": NOTE, "why": NOTE, "to": chart}, (200, 303, 400, 422))
    post(Person("nobody"), f"{chart}/patient", {"name": f"{NAME}", "born": BORN}, (401,))
    post(Person("nobody"), "/sign-in", {"name": NAME.lower(), "password": MRN}, (401, 429))
    line = f'{{"mrn":"{MRN}","clinic":"CARD","start":"{time.strftime("%Y-%m-%d", time.gmtime(time.time() + 86400))}T09:00:00Z","provider":"Dr {FIRST}"}}'
    bad = f'{{"mrn":"{MRN}x","clinic":"{NAME}","start":"{BORN}"}}'
    for body in [f'{{"appointments":[{line}]}}', f'{{"appointments":[{line},{bad}]}}', f'{{"appointments":"{NAME}"}}']:
        room.ask("POST", "/api/v1/schedule", room.people["token:work"], body=body.encode(), kind="application/json")
    for code in [LABEL, MRN, f"{NAME}\x1b"]:
        body = f'{{"id":"0192f0c4-0000-7000-8000-{abs(hash(code)) % 10**12:012}","station":"east","code_hex":"{code.encode().hex()}"}}'
        room.ask("POST", "/api/v1/scans", room.people["token:scan"], body=body.encode(), kind="application/json")
    for path, answer in asked:
        sinks.look("headers and redirects", repr(answer.headers))
    return chart


def crawl(room, sinks, most):
    """All pages that anybody is shown: titles, addresses, headers; and whole pages of who may see no patients."""
    pages = 0
    for name in [*ROLES, "nobody", "wall"]:
        person, seen, ahead = room.people[name], set(), ["/", "/wall", "/account", "/missing", "/work", "/requests", "/audit", "/backups", "/scanners", "/missing/records"]
        with http1.Connection(room.host, room.port) as connection:
            while ahead and len(seen) < most:
                link = ahead.pop(0)
                shape = re.sub(r"(?<=/charts/)\d{3,}|(?<=/volumes/)\d{3,}", "#", link)
                if shape in seen:
                    continue
                seen.add(shape)
                pages += 1
                answer = connection.ask("GET", link, person)
                sinks.look("addresses that were visited", link)
                sinks.look("headers and redirects", repr(answer.headers))
                if not answer.header("content-type").startswith("text/html"):
                    continue
                text = answer.text()
                page = hostile.Forms(text)
                sinks.look("titles", " ".join(re.findall(r"<title>(.*?)</title>", text, re.S)))
                sinks.look("addresses on pages", "\n".join([*page.links, *(form[1] for form in page.forms), *re.findall(r'(?:src|href|action|data-\w+)="([^"]*)"', text)]))
                if name in ("wall", "display"):
                    sinks.look("wall screen" if name == "wall" else "station's screen", answer.body)
                elif name in ("administrator", "nobody"):
                    sinks.look("pages of who may see no charts", answer.body)
                ahead += sorted(page.links - seen)
    return pages


def files(room, sinks):
    """Mails, backups, and what lies beside the database."""
    mails(room, sinks)
    posts(sinks)
    backups = glob.glob(f"{room.dir}/backups/*")
    sinks.table.check("canary: a backup was made", any(name.endswith(".age") for name in backups), f"{backups}")
    for backup in backups:
        sinks.look("encrypted backups", pathlib.Path(backup).read_bytes())
    for path in beside(room):
        sinks.look("spool and temporary files", path.read_bytes())
        sinks.look("names of files", str(path))


def posts(sinks):
    """What the site's program got: charts by number alone."""
    sinks.table.check("canary: a notice was posted", bool(sinks.program.posted), "none was, so none was searched")
    for head, body in sinks.program.posted:
        sinks.look("webhook: request line and headers", head)
        sinks.look("webhook: bodies", body)


def mails(room, sinks):
    """Nothing of patients in what passes other machines, and no header but ours, whatever custodians are called."""
    written = glob.glob(f"{room.dir}/mail/*")
    sinks.table.check("canary: a mail went out", bool(written), "none did, so none was searched")
    for mail in map(pathlib.Path, written):
        head, _, body = mail.read_bytes().partition(b"\r\n\r\n")
        sinks.look("mail: names of files", mail.name)
        sinks.look("mail: subjects and headers", head)
        sinks.look("mail: bodies (persons)", body, OF_PERSONS)
        names = {line.split(":")[0].lower() for line in head.decode().splitlines() if line[:1].strip()}
        sinks.table.check("canary: no header of an attacker's", names <= HEADERS and b"evil" not in head.lower(), f"{names - HEADERS}: {head}")


def beside(room):
    """Files of the data directory that are not the database."""
    data = room.dir / "data"
    own = {"outguide.db", "outguide.db-wal", "outguide.db-shm", "outguide.lock", "control.sock"}
    return [path for path in data.rglob("*") if path.is_file() and path.name not in own]


def killed(room, sinks, identity):
    """Backup and drill are killed in the middle, as often as it takes to meet them there; the next ones leave nothing."""
    newest = sorted(glob.glob(f"{room.dir}/backups/*.age"))[-1]
    met = 0
    commands = [["drill", newest, "--identity", identity], ["backup", f"{room.dir}/by-hand.age", "--recipient", sinks.key]]
    for command in commands:
        for delay in range(1, 40):
            child = subprocess.Popen([PROGRAM, *command, "--config", str(room.configuration)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            until = time.monotonic() + 5
            while child.poll() is None and time.monotonic() < until and not beside(room):
                time.sleep(0.002)
            time.sleep(0.005 * delay)
            child.kill()
            child.wait()
            if beside(room):
                met += 1
                break
        pathlib.Path(f"{room.dir}/by-hand.age").unlink(missing_ok=True)
    sinks.table.check("canary: a drill and a backup were killed in the middle", met == 2, f"{met}")
    room.run("drill", newest, "--identity", identity)
    left = beside(room)
    sinks.table.check("canary: the next drill leaves nothing of a killed one", not left, f"{left}")
    # And a daemon that starts after one was killed.
    child = subprocess.Popen([PROGRAM, *commands[0], "--config", str(room.configuration)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while child.poll() is None and not beside(room):
        time.sleep(0.002)
    child.kill()
    child.wait()


def dumped(room, sinks):
    """The daemon crashes where core files are allowed: none is written. A program of ours shows that one would be."""
    for name in ["SIGSEGV", "SIGABRT"]:
        # Rust takes the first SIGSEGV for a stack that ran over, and puts the usual end back in force.
        room.child.send_signal(getattr(signal, name))
        time.sleep(0.2)
        room.stop(getattr(signal, name))
        cores = [path for path in (room.dir / "core").iterdir()]
        sinks.table.check(f"canary: no core file after {name}", not cores, f"{cores}")
        room.serve(("prlimit", "--core=unlimited"))
    control = subprocess.Popen(["prlimit", "--core=unlimited", "sleep", "60"], cwd=room.dir / "core")
    time.sleep(0.3)
    control.send_signal(signal.SIGSEGV)
    control.wait()
    pattern = pathlib.Path("/proc/sys/kernel/core_pattern").read_text().strip()
    written = list((room.dir / "core").iterdir())
    if pattern.startswith(("|", "/")) or not written:
        print(f"   core files are not written beside the program here (core_pattern {pattern}): what was looked at is that the daemon may not be dumped")
    for path in written:
        path.unlink()
    status = pathlib.Path(f"/proc/{room.child.pid}/limits").read_text()
    limit = re.search(r"Max core file size\s+(\S+)\s+(\S+)", status)
    sinks.table.check("canary: core files are limited to nothing", limit and limit.groups() == ("0", "0"), f"{limit and limit.groups()}")
    # Who may not be dumped may not be attached to by its own user either: its files in /proc belong to root.
    owner = os.stat(f"/proc/{room.child.pid}/environ").st_uid
    if os.getuid() != 0:
        sinks.table.check("canary: the process may not be dumped", owner == 0, f"{owner}")
    return len(written)


def told_to_systemd(directory):
    """A socket as systemd's, and what is told to it."""
    path = f"{directory}/notify"
    bound = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    bound.bind(path)
    said = []

    def hear():
        while True:
            try:
                said.append(bound.recv(4096))
            except OSError:
                return

    threading.Thread(target=hear, daemon=True).start()
    return path, said


def run(room, table, identity, key, program, is_long):
    table.section("Canaries: marked patients through everything that leaves the program")
    sinks = Sinks(table)
    sinks.key, sinks.program = key, program
    path, said = told_to_systemd(room.dir)
    room.serve(("prlimit", "--core=unlimited"), {"NOTIFY_SOCKET": path})
    room.everybody()
    room.people["wall"] = room.account("wall", "display", "*")
    stop = threading.Event()
    listeners = [threading.Thread(target=listen, args=(room, sinks, room.people[name], stop)) for name in ["clerk", "administrator", "display", "wall"]]
    [listener.start() for listener in listeners]
    live_a_day(room, sinks)
    room.wait_for("a backup was made, restored and verified")
    until = time.monotonic() + 90
    while not (glob.glob(f"{room.dir}/mail/*") and sinks.program.posted) and time.monotonic() < until:
        time.sleep(0.5)
    pages = crawl(room, sinks, 400 if is_long else 90)
    for path in ["/metrics", "/livez", "/readyz", "/api/v1/openapi.json", "/help"]:
        sinks.look(path, room.ask("GET", path).body)
    for command in [["scanners"], ["check"], ["account", "list"], ["verify"]]:
        sinks.look("what commands print", room.run(*command, check=False))
    room.child.send_signal(signal.SIGUSR1)
    room.child.send_signal(signal.SIGHUP)
    time.sleep(1)
    for name in ["cmdline", "environ", "comm"]:
        sinks.look("the process list", pathlib.Path(f"/proc/{room.child.pid}/{name}").read_bytes())
    stop.set()
    [listener.join() for listener in listeners]
    files(room, sinks)
    killed(room, sinks, identity)
    room.stop()
    room.serve(("prlimit", "--core=unlimited"))
    left = beside(room)
    table.check("canary: a start leaves nothing of a killed drill", not left, f"{left}")
    cores = dumped(room, sinks)
    sinks.look("what systemd is told", b"\n".join(said))
    sinks.look("log and journal, at the finest level", room.log())
    table.check("canary: enough sinks", len(sinks.looked_at) >= 20, f"{len(sinks.looked_at)}")
    for sink, (count, size) in sorted(sinks.looked_at.items()):
        print(f"   {sink}: {count}, {size / 1000:.0f} kB")
    failed = sum(failure.startswith("canary: ") for failure in table.failures)
    table.add(f"canaries in {len(sinks.looked_at)} sinks", sum(count for count, _ in sinks.looked_at.values()), 0, 0, "", None, f"{pages} pages, {failed} failed, control cores {cores}")
