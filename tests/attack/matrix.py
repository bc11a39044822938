"""Role × route × method with hostile parameters: no 5xx, nobody let in beyond tests/web/routes.txt, nothing reflected."""

import random
import re
import threading
import urllib.parse

import hostile
import http1
from room import REPOSITORY

METHODS = ["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"]
# Written down apart from the code: who may do more has to be written here, too.
MAY = {
    "display": "see-board",
    "requester": "locate request",
    "clerk": "see-stations see-board see-scanners locate request work print scan",
    "supervisor": "see-stations see-board see-scanners locate request work print scan supervise restrict",
    "privacy": "locate restrict see-audit",
    "administrator": "see-stations see-scanners administer",
}
# These tell who asks that they are let in nowhere, or not here.
NOT_LET_IN = {400, 401, 403, 404, 405, 414, 415, 421, 431}
# They would end what the others come in with.
LEFT_ALONE = {"/sign-out", "/account/end-others"}
THREADS = 4


def routes():
    """Each route: its address, its method, what it needs."""
    lines = (REPOSITORY / "tests/web/routes.txt").read_text().splitlines()
    return [tuple(line.split(" ")) for line in lines]


def may(person, needs):
    if needs == "nothing" or (needs == "signed-in" and person != "nobody"):
        return True
    if person.startswith("token:"):
        return person == f"token:{needs}"
    return needs in MAY.get(person, "").split()


def address(path, rng=None):
    """An address of the route: one that leads to something, or a hostile one."""
    def part(found):
        known = {"name": "desk", "family": "opticon", "hash": "0", "file": "l7160.css", "station": "desk"}
        if rng is None:
            return known.get(found[1], "1")
        value = rng.choice(hostile.VALUES)
        return urllib.parse.quote(value[:4000], safe=rng.choice(["", "/.;:@"]))
    made = re.sub(r"\{(\w+)\}", part, path)
    return "/static/0/app.css" if made == "/static/0/desk" else made


class Fuzz:
    """Counts, and the first of each kind of trouble."""

    def __init__(self, room, table, seed):
        self.room, self.table, self.seed = room, table, seed
        self.lock = threading.Lock()
        self.tried = self.errors = self.let_in = self.wrong = 0
        self.told = set()

    def tell(self, kind, what):
        key = (kind, what.split(" ")[1] if " " in what else what, what[-60:])
        with self.lock:
            if kind == "5xx":
                self.errors += 1
            elif kind == "let in":
                self.let_in += 1
            else:
                self.wrong += 1
            if len(self.told) < 40 and key not in self.told:
                self.told.add(key)
                print(f"   {kind}: {what}", flush=True)

    def judge(self, person, method, path, needs, answer, is_plain=False):
        """Compares an answer with what must be; `needs` is None where there is no such route."""
        with self.lock:
            self.tried += 1
        what = f"{person} {method} {path[:90]} -> {answer.status}"
        if answer.status >= 500:
            self.tell("5xx", what)
        is_in = answer.status not in ((401, 403) if is_plain and needs else NOT_LET_IN) and answer.status < 500
        if is_in and (needs is None or not may(person, needs)):
            # Whoever has none is asked for it, and where it is missing nothing was done.
            self.tell("let in", what)
        if is_plain and needs is not None and may(person, needs) and answer.status in (401, 403):
            if not (person == "display" and path == "/api/v1/stations/desk") and path not in ("/sign-in", "/charts/2"):
                self.tell("kept out", what)
        for wrong in hostile.trouble(answer):
            self.tell("written", f"{what}: {wrong}")

    def each(self, jobs):
        """Runs jobs, a function with a connection each, on a few threads."""
        jobs = list(jobs)

        def work(number):
            with http1.Connection(self.room.host, self.room.port) as connection:
                for job in jobs[number::THREADS]:
                    try:
                        job(connection)
                    except (http1.Broken, OSError) as error:
                        connection.close()
                        self.tell("5xx", f"no answer: {error}")

        threads = [threading.Thread(target=work, args=(number,)) for number in range(THREADS)]
        [thread.start() for thread in threads]
        [thread.join() for thread in threads]

    def row(self, name, scans, limit=""):
        self.table.add(name, self.tried, self.errors, self.let_in, limit, scans.take())
        self.table.check(f"{name}: nothing else is wrong", self.wrong == 0, f"{self.wrong}, see above")
        self.tried = self.errors = self.let_in = self.wrong = 0


def plain(fuzz):
    """Everybody on each route by each method, at addresses that lead to something."""
    table = {}
    for path, method, needs in routes():
        table.setdefault(path, {})[method] = needs
    jobs = []
    for name, person in fuzz.room.people.items():
        for path, needs in table.items():
            for method in METHODS:
                if path in LEFT_ALONE and method == "POST" and name != "nobody":
                    continue
                wanted = needs.get("GET" if method == "HEAD" else method)

                def job(connection, name=name, person=person, path=path, method=method, wanted=wanted):
                    where = address(path)
                    kind = "application/json" if where.startswith("/api/") else http1.FORM
                    answer = connection.ask(method, where, person, kind=kind if method == "POST" else None)
                    fuzz.judge(name, method, where, wanted, answer, True)
                jobs.append(job)
    fuzz.each(jobs)


def addresses(fuzz, rounds):
    """Hostile parts of addresses, and hostile questions behind them."""
    rng = random.Random(fuzz.seed)
    jobs = []
    for path, method, needs in routes():
        if method != "GET" or path == "/api/v1/changes":
            continue
        allowed = [name for name in fuzz.room.people if may(name, needs)]
        for turn in range(rounds):
            name = rng.choice(allowed if turn % 4 else list(fuzz.room.people))
            where = address(path, rng if turn % 2 or "{" not in path else None)
            query = urllib.parse.urlencode([(rng.choice(QUERIES), rng.choice(hostile.VALUES)[:4000]) for _ in range(rng.randint(1, 3))])

            def job(connection, name=name, where=where, query=query, path=path):
                answer = connection.ask("GET", f"{where}?{query}", fuzz.room.people[name])
                # A hostile part may make it another address: then what it needs is not what the table says.
                fuzz.judge(name, "GET", where, needs_of(where) or "nothing", answer)
            jobs.append(job)
    fuzz.each(jobs)


QUERIES = "q volume sort before after day who chart scans page from to kind home type station list part format state text file live zq9".split()


def needs_of(where):
    """What the address needs as the router matches it."""
    for path, method, needs in sorted(routes(), key=lambda route: route[0].count("{")):
        if method == "GET" and re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", path), urllib.parse.urlsplit(where).path):
            return needs
    return None


def crawl(room, name, most):
    """The forms that somebody is shown, each once for its route and fields."""
    person, seen, found, ahead = room.people[name], set(), {}, ["/", "/wall", "/account", "/charts/1", "/charts/1/change", "/volumes/1/label"]
    shape = lambda link: re.sub(r"\d+|(?<=/stations/)\w+", "#", urllib.parse.urlsplit(link).path)
    with http1.Connection(room.host, room.port) as connection:
        while ahead and len(seen) < most:
            link = ahead.pop(0)
            if shape(link) in seen:
                continue
            seen.add(shape(link))
            answer = connection.ask("GET", link, person)
            if not answer.header("content-type").startswith("text/html"):
                continue
            page = hostile.Forms(answer.text())
            ahead += sorted(page.links)
            for method, action, fields in page.forms:
                action = action or link
                key = (method, shape(action), tuple(sorted(fields)))
                if action not in LEFT_ALONE:
                    found.setdefault(key, (method, re.sub(r"^/(accounts|tokens)/\d+", r"/\1/1", action), fields))
    return list(found.values())


def forms(fuzz, rounds):
    """Each form that anybody is shown, with hostile values field by field, sent by everybody."""
    rng = random.Random(fuzz.seed + 1)
    jobs, shown = [], 0
    for name in ["requester", "clerk", "supervisor", "privacy", "administrator", "display", "nobody"]:
        for method, action, fields in crawl(fuzz.room, name, 120):
            shown += 1
            # As it is, once; then a field at a time; then several.
            jobs.append(form_job(fuzz, name, method, action, fields))
            for field in fields:
                for value in rng.sample(hostile.VALUES, rounds):
                    jobs.append(form_job(fuzz, name, method, action, {**fields, field: value}))
            for _ in range(rounds):
                several = {field: rng.choice(hostile.VALUES) if rng.random() < 0.5 else value for field, value in fields.items()}
                jobs.append(form_job(fuzz, rng.choice([name, "clerk", "nobody", "display"]), method, action, several))
    fuzz.each(jobs)
    return shown


def form_job(fuzz, name, method, action, fields):
    path = urllib.parse.urlsplit(action).path
    needs = next((needs for route, wanted, needs in sorted(routes(), key=lambda route: route[0].count("{"))
                  if wanted == method and re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", route), path)), None)
    # Wrong passwords are answered 401 to whoever types them.

    def job(connection):
        if method == "GET":
            answer = connection.ask("GET", f"{path}?{urllib.parse.urlencode(fields, errors='replace')}", fuzz.room.people[name])
        else:
            answer = connection.ask("POST", action, fuzz.room.people[name], fields)
        fuzz.judge(name, method, path, needs, answer)
    return job


def run(room, table, load, seed, is_long):
    table.section(f"Role × route × method, seed {seed}")
    fuzz = Fuzz(room, table, seed)
    plain(fuzz)
    fuzz.row("everybody × route × method", load, "tests/web/routes.txt")
    addresses(fuzz, 400 if is_long else 30)
    fuzz.row("hostile addresses", load)
    shown = forms(fuzz, 40 if is_long else 10)
    fuzz.row(f"hostile fields of {shown} forms", load, "limits.body_bytes_max")
    table.check("matrix: the daemon is alive", room.is_alive())
