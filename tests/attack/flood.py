"""Network exhaustion: who holds connections, sends slowly, reads slowly, sends too much, or guesses."""

import json
import random
import resource
import select
import socket
import threading
import time

import http1
from room import PASSWORD, labelled

HEAD = "POST /api/v1/charts/search HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {token}\r\nContent-Type: application/json\r\n"
# What the room's configuration says: small, so that each limit is met in seconds.
LIMITS = """
[limits]
connections = 160
connections_per_address = 40
header_timeout_s = 2
request_timeout_s = 4
answer_timeout_s = 3
live_pages = 24
"""
OTHER = "127.0.0.9"
"""Another computer's address: what one takes must leave room for this one."""


class Flood:
    """Connections that are held, and what became of them."""

    def __init__(self, room):
        self.room, self.sockets = room, []

    def open(self, count, first, source=None, buffer=None):
        """Opens connections as one address, or as many, and sends `first` on each."""
        for number in range(count):
            try:
                raw = socket.socket()
                if buffer:
                    raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
                address = source(number) if callable(source) else source
                if address:
                    raw.bind((address, 0))
                raw.settimeout(2)
                raw.connect((self.room.host, self.room.port))
                raw.sendall(first)
                self.sockets.append(raw)
            except OSError:
                raw.close()
        return len(self.sockets)

    def send(self, data):
        for raw in self.sockets:
            try:
                raw.send(data)
            except OSError:
                pass

    def still_open(self, within=0.0):
        """How many the daemon has not closed; `within` is how long is read."""
        until, left = time.monotonic() + within, list(self.sockets)
        while True:
            for raw in list(left):
                raw.setblocking(False)
                try:
                    while data := raw.recv(65536):
                        pass
                    left.remove(raw)
                except BlockingIOError:
                    pass
                except OSError:
                    left.remove(raw)
            if not left or time.monotonic() > until:
                return len(left)
            time.sleep(0.05)

    def close(self):
        for raw in self.sockets:
            raw.close()
        self.sockets = []


def other_gets_in(room, table, attack):
    """Another computer still gets an answer, and how long it takes."""
    began = time.monotonic()
    try:
        with http1.Connection(room.host, room.port, OTHER) as connection:
            status = connection.ask("GET", "/livez").status
    except (OSError, http1.Broken) as error:
        status = str(error)
    table.check(f"{attack}: another computer gets in", status == 200, f"{status}")
    return time.monotonic() - began


def held(room, table, load, attack, first, drip, seconds, limit, count=60, source=None, closed=True):
    """Holds connections for a while; they are closed by the limit, others get in, and scans go on."""
    load.take()
    flood = Flood(room)
    opened = flood.open(count, first, source)
    until = time.monotonic() + seconds
    took = other_gets_in(room, table, attack)
    while time.monotonic() < until:
        flood.send(drip)
        time.sleep(0.3)
    left = flood.still_open(1.0)
    flood.close()
    if closed:
        table.check(f"{attack}: closed by the limit", left == 0, f"{left} of {opened} are still open")
    table.add(attack, count, 0, 0, limit, load.take(), f"another computer was answered in {took * 1000:.0f} ms; resident {room.resident()} MB")


def slow(room, table, load):
    host, token = f"{room.host}:{room.port}", room.people["token:locate"].token
    head = HEAD.format(host=host, token=token)
    held(room, table, load, "slowloris: half a header, held", b"GET /livez HTTP/1.1\r\nHost: x", b"", 5, "limits.header_timeout_s")
    held(room, table, load, "slowloris: a header line at a time", b"GET /livez HTTP/1.1\r\n", b"x: y\r\n", 4, "limits.header_timeout_s")
    held(room, table, load, "a connection and nothing", b"", b"", 4, "limits.header_timeout_s")
    body = (head + "Content-Length: 5000\r\n\r\n{").encode()
    held(room, table, load, "slow body, a byte at a time", body, b" ", 6, "limits.request_timeout_s")
    chunked = (head + "Transfer-Encoding: chunked\r\n\r\n").encode()
    held(room, table, load, "slow body in chunks", chunked, b"1\r\n \r\n", 6, "limits.request_timeout_s")
    many = lambda number: f"127.0.{1 + number // 40}.{2 + number % 200}"
    held(room, table, load, "slowloris from many addresses", b"GET /livez HTTP/1.1\r\nHost: x", b"", 6, "limits.connections", 300, many)


def slow_read(room, table, load):
    """Asks for large pages again and again, and takes nothing, or a byte now and then."""
    load.take()
    clerk = room.people["clerk"]
    ask = f"GET /help HTTP/1.1\r\nHost: {room.host}:{room.port}\r\nCookie: {clerk.cookie}\r\n\r\n".encode() * 20
    for name, drips in [("slow read: nothing is taken", False), ("slow read: a byte a second", True)]:
        flood = Flood(room)
        opened = flood.open(40, ask, buffer=2048)
        took = other_gets_in(room, table, name)
        # A busy machine is long at making what nobody takes.
        until, least = time.monotonic() + 40, time.monotonic() + 5
        while time.monotonic() < least or established(room) > 4 and time.monotonic() < until:
            if drips:
                for raw in flood.sockets:
                    try:
                        raw.settimeout(0.01)
                        raw.recv(1)
                    except OSError:
                        pass
            time.sleep(1)
        # What was sent to them lies in buffers: an end is seen once all is read, so the daemon is asked how many it has.
        left = established(room)
        flood.close()
        table.check(f"{name}: closed by the limit", left <= 4, f"{left} of {opened} are still open")
        table.add(name, opened, 0, 0, "limits.answer_timeout_s", load.take(), f"another computer was answered in {took * 1000:.0f} ms; resident {room.resident()} MB")


def established(room):
    """Connections that the daemon has open on its port."""
    wanted, count = f":{room.port:04X}", 0
    for line in open("/proc/net/tcp", encoding="ascii").readlines()[1:]:
        fields = line.split()
        count += fields[1].endswith(wanted) and fields[3] == "01"
    return count


def large(room, table, load):
    """Bodies and headers beyond what is taken."""
    load.take()
    token, clerk = room.people["token:locate"], room.people["clerk"]
    search, form = "/api/v1/charts/search", "/locate"
    deep = {
        "JSON 2,000 deep": (search, token, "[" * 2000 + "]" * 2000),
        "JSON 30,000 deep": (search, token, "[" * 30_000),
        "JSON objects 5,000 deep": (search, token, '{"a":' * 5000 + "1" + "}" * 5000),
        "JSON with 10,000 fields": (search, token, "{" + ",".join(f'"f{n}":1' for n in range(5000)) + "}"),
        "JSON with the same field 8,000 times": (search, token, "{" + ",".join(['"query":"1"'] * 5000) + "}"),
        "JSON number of 60,000 digits": (search, token, '{"query":' + "9" * 60_000 + "}"),
        "JSON of 16 MB": (search, token, '{"query":"' + "x" * 16_000_000 + '"}'),
        "JSON with lone surrogates": (search, token, '{"query":"\\ud800\\udc00\\ud800"}'),
        "a query of 60,000 letters": (search, token, json.dumps({"query": "a b " * 15_000})),
        "a form of 16 MB": (form, clerk, "q=" + "x" * 16_000_000),
        "a form of 20,000 fields": (form, clerk, "&".join(f"a{n}=1" for n in range(8000))),
        "a form that decodes to itself": (form, clerk, "q=" + "%25" * 20_000),
        "a schedule of 5 MB": ("/api/v1/schedule", room.people["token:work"], '{"appointments":[' + "[" * 5_000_000),
    }
    errors = taken = 0
    for name, (path, person, body) in deep.items():
        kind = "application/json" if path.startswith("/api") else http1.FORM
        try:
            with http1.Connection(room.host, room.port) as connection:
                status = connection.ask("POST", path, person, body=body.encode(), kind=kind).status
        except (OSError, http1.Broken) as error:
            # The daemon answers and closes while a client that never looks goes on sending.
            status = f"closed ({type(error).__name__})"
        errors += isinstance(status, int) and status >= 500
        if name in ("JSON of 16 MB", "a form of 16 MB", "a schedule of 5 MB"):
            table.check(f"{name}: refused", status in (400, 413) or not isinstance(status, int), f"{status}")
        taken += 1
    table.add("large, deep and many-fielded bodies", taken, errors, 0, "limits.body_bytes_max", load.take(), f"resident {room.resident()} MB")
    tried = errors = 0
    for lines in ["x: " + "y" * 100_000, "\r\n".join(f"x{n}: y" for n in range(5000)), "Cookie: " + "a=b; " * 20_000, "x" * 60_000 + ": y"]:
        answer = http1.talk(room.host, room.port, f"GET /livez HTTP/1.1\r\nHost: {room.host}:{room.port}\r\n{lines}\r\n\r\n".encode(), 5)
        tried += 1
        errors += answer[9:10] == b"5"
        table.check("header flood: refused", answer[9:12] in (b"431", b"400", b""), f"{answer[:60]!r}")
    answer = http1.talk(room.host, room.port, b"GET /" + b"a" * 100_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n", 5)
    table.check("an endless address: refused", answer[9:12] in (b"414", b"431", b"400", b""), f"{answer[:60]!r}")
    table.add("header floods and endless addresses", tried + 1, errors, 0, "16 KiB, 100 headers", load.take())


def connections(room, table, load, is_long):
    """Connections that come and go, far past what there is room for."""
    load.take()
    most, before = (20_000, room.resident()) if is_long else (3000, room.resident())
    stop, done, lock = time.monotonic() + (60 if is_long else 6), [0], threading.Lock()

    def one(number):
        while time.monotonic() < stop and done[0] < most:
            try:
                raw = socket.create_connection((room.host, room.port), 2, (f"127.0.0.{20 + number}", 0))
                raw.sendall(b"GET /sign-in HTTP/1.1\r\nHost: x\r\n\r\n")
                raw.close()
            except OSError:
                pass
            with lock:
                done[0] += 1

    threads = [threading.Thread(target=one, args=(number,)) for number in range(4)]
    [thread.start() for thread in threads]
    time.sleep(1)
    took = other_gets_in(room, table, "connection flood")
    [thread.join() for thread in threads]
    grown = room.resident() - before
    table.check("connection flood: memory is flat", grown < 64, f"grew by {grown} MB")
    table.add("connection flood, opened and dropped", done[0], 0, 0, "limits.connections", load.take(), f"another computer {took * 1000:.0f} ms; memory +{grown} MB")
    load.take()
    flood = Flood(room)
    opened = flood.open(most // 10, b"", OTHER.replace("9", "8"))
    took = other_gets_in(room, table, "one address takes all it can")
    open_now = flood.still_open()
    flood.close()
    table.check("one address takes all it can: gets its part", open_now <= 40, f"{open_now} open")
    table.add("one address takes all it can", most // 10, 0, 0, "limits.connections_per_address", load.take(), f"{open_now} of {opened} held; another computer {took * 1000:.0f} ms")


def streams(room, table, load, is_long):
    """Live streams, many more than are allowed, from many addresses and with a good cookie."""
    load.take()
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 65536), hard))
    wanted = 10_000 if is_long else 1500
    count = min(wanted, min(hard, 65536) - 200)
    token = room.people["token:see-stations"].token
    ask = f"GET /api/v1/changes HTTP/1.1\r\nHost: {room.host}:{room.port}\r\nAuthorization: Bearer {token}\r\n\r\n".encode()
    flood, before = Flood(room), room.resident()
    opener = threading.Thread(target=lambda: flood.open(count, ask, lambda number: f"127.1.{number // 200 % 250}.{1 + number % 200}"))
    opener.start()
    time.sleep(4)
    metrics = None
    while opener.is_alive():
        time.sleep(0.5)
        if len(flood.sockets) > 140 and metrics is None:
            metrics = True
            took = other_gets_in(room, table, "live streams")
    time.sleep(1)
    kept = flood.still_open()
    flood.close()
    time.sleep(1)
    took = other_gets_in(room, table, "live streams")
    grown = room.resident() - before
    table.check("live streams: memory is flat", grown < 96, f"grew by {grown} MB")
    table.add(f"{wanted} live streams", count, 0, 0, "limits.live_pages", load.take(), f"memory +{grown} MB; then another computer {took * 1000:.0f} ms")
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def guesses(room, table, load, is_long):
    """Passwords and PINs, of one account from many addresses, of many from one, all at once."""
    load.take()
    rng = random.Random(5)
    lock, counts = threading.Lock(), {"tried": 0, "in": 0, "5xx": 0, "checked": 0, "waits": 0}
    names = ["clerk", "supervisor", "administrator", "privacy", "requester", "nobody", "root", "admin"]
    until = time.monotonic() + (60 if is_long else 9)

    def one(number):
        while time.monotonic() < until:
            # Half of them want one account, from all over the place; the others spray.
            name = "supervisor" if number % 2 else rng.choice(names)
            source = f"127.2.{rng.randint(1, 250)}.{rng.randint(1, 250)}" if number % 2 else "127.0.0.30"
            password = rng.choice(["password1234", "outguide1234", "winter2026winter", "kettle orbit lantern"])
            try:
                with http1.Connection(room.host, room.port, source) as connection:
                    answer = connection.ask("POST", "/sign-in", None, {"name": name, "password": password})
            except (OSError, http1.Broken):
                continue
            with lock:
                counts["tried"] += 1
                counts["in"] += answer.status in (200, 303) or bool(answer.cookie())
                counts["5xx"] += answer.status >= 500
                counts["checked"] += answer.status == 401
                counts["waits"] += answer.status == 429

    threads = [threading.Thread(target=one, args=(number,)) for number in range(8)]
    [thread.start() for thread in threads]
    time.sleep(2)
    took = other_gets_in(room, table, "password spraying")
    [thread.join() for thread in threads]
    # Three free tries of each of eight names, fifteen of an address, and the few that fall due meanwhile.
    table.check("password spraying: few are looked at", counts["checked"] <= 80, f"{counts}")
    table.add("password spraying", counts["tried"], counts["5xx"], counts["in"], "waiting (access/throttle.rs)", load.take(), f"{counts['checked']} looked at, {counts['waits']} had to wait; another computer {took * 1000:.0f} ms")
    pins(room, table, load)


def pins(room, table, load):
    """A PIN is guessed at a desk's screen, after its owner's badge was scanned there."""
    clerk = room.account("pinned", "clerk")
    badge = labelled("P1")
    chosen = room.ask("POST", "/account/pin", clerk, {"badge": badge, "password_now": PASSWORD, "pin": "4718", "pin_again": "4718"})
    table.check("PIN: it can be chosen", "PIN is chosen" in chosen.text() or chosen.status == 303, f"{chosen.status}")
    room.scanners["desk"].scan(badge.encode())
    tried = let_in = errors = checked = 0
    with http1.Connection(room.host, room.port) as connection:
        for number in range(300):
            if number in (4718,):
                continue
            answer = connection.ask("POST", "/unlock", room.people["display"], {"pin": f"{number:04}", "to": "/"})
            tried, errors = tried + 1, errors + (answer.status >= 500)
            let_in += bool(answer.cookie("__Host-outguide-desk"))
            checked += answer.status == 401
    table.check("PIN guessing: few are looked at", 0 < checked <= 10, f"{checked} of {tried}")
    table.add("PIN guessing at a desk", tried, errors, let_in, "waiting (access/throttle.rs)", load.take(), f"{checked} looked at")


def run(room, table, load, is_long):
    table.section("Network exhaustion")
    slow(room, table, load)
    slow_read(room, table, load)
    large(room, table, load)
    connections(room, table, load, is_long)
    streams(room, table, load, is_long)
    guesses(room, table, load, is_long)
    recorded = room.ask("GET", "/metrics").text()
    lost = [line for line in recorded.splitlines() if line.startswith("outguide_source_not_recorded") and not line.endswith(" 0")]
    table.check("floods: every scan is on disk", not lost, f"{lost}")
    table.check("floods: the daemon is alive", room.is_alive())
    # Two passwords are worked on at once, 19 MiB each, and their memory is used again.
    grown = room.resident() - room.resident_at_start
    table.check("floods: memory stays flat", grown < 80, f"grew by {grown} MB")
    print(f"   memory: {room.resident_at_start} MB at the start, {room.resident()} MB at the end")
