"""Sign-ins stolen, forged, fixed and replayed; names of hosts; paths; requests that two servers would read differently."""

import http.server
import json
import pathlib
import re
import secrets
import shutil
import subprocess
import threading

import hostile
import http1
from room import PASSWORD, REPOSITORY, Person

INSIDE = "/work"
"""A page that only who is let in sees."""


class Counts:
    """What one kind of attack came to."""

    def __init__(self, room, table):
        self.room, self.table = room, table
        self.tried = self.errors = self.let_in = 0

    def out(self, what, person, path=INSIDE, source=None, headers=(), host=None):
        """This must not be let in."""
        with http1.Connection(self.room.host, self.room.port, source) as connection:
            answer = connection.ask("GET", path, person, headers=headers, host=host)
        self.judge(what, answer)
        return answer

    def judge(self, what, answer):
        self.tried += 1
        self.errors += answer.status >= 500
        if answer.status < 400:
            self.let_in += 1
            print(f"   let in: {what} -> {answer.status}")
        for wrong in hostile.trouble(answer):
            self.table.check(f"{what}: how it is written", False, wrong)

    def row(self, name, limit=""):
        self.table.add(name, self.tried, self.errors, self.let_in, limit)
        self.tried = self.errors = self.let_in = 0


def sign_ins(room, table):
    counts = Counts(room, table)
    cookie = lambda value: Person("forged", cookie=f"__Host-outguide={value}")
    # Fixation: a cookie that somebody else chose, before and while signing in.
    fixed = secrets.token_hex(32)
    signed_in = room.sign_in("clerk", person=cookie(fixed))
    good = signed_in.cookie()
    table.check("fixation: a new cookie is drawn", good and fixed not in good, f"{signed_in.status}")
    counts.out("a cookie from before the sign-in", cookie(fixed))
    again = room.sign_in("clerk", person=Person("clerk", cookie=good)).cookie()
    table.check("fixation: each sign-in draws its own", again and again != good)
    counts.out("the cookie before a second sign-in", Person("before", cookie=good))
    head = signed_in.header("set-cookie")
    table.check("cookie: its attributes", all(word in head for word in ["__Host-", "Secure", "HttpOnly", "SameSite=", "Path=/"]) and "Domain" not in head, head.split("=")[0])
    # Theft: the same cookie from another computer; it is worth nothing there, and goes on being worth something here.
    for source in ["127.0.0.9", "127.7.7.7"]:
        counts.out("a stolen cookie at another address", Person("thief", cookie=again), source=source)
        forwarded = [("X-Forwarded-For", "127.0.0.1"), ("Forwarded", "for=127.0.0.1"), ("X-Real-IP", "127.0.0.1")]
        counts.out("a stolen cookie with a made-up address", Person("thief", cookie=again), source=source, headers=forwarded)
    table.check("theft: its owner stays signed in", room.ask("GET", INSIDE, Person("clerk", cookie=again)).status == 200)
    # Forgery.
    value = again.split("=")[1]
    turned = value[:-1] + ("0" if value[-1] != "0" else "1")
    for forged in [turned, value[:-1], value + "0", value.upper(), value[::-1], "", "0" * 64, "null", "1", "' or '1'='1", "../../clerk", value + "%00", f'"{value}"', value[:32], "A" * 100_0]:
        counts.out(f"forged cookie {forged[:12]}", cookie(forged))
    for pair in [f"__Host-outguide={fixed}; {again}", f"outguide={value}", f"__Host-outguide-desk={value}", f"__host-outguide={value}", f"__Host-outguide ={value}; x=1"]:
        counts.out(f"cookie {pair.split('=')[0]} of two or of another name", Person("forged", cookie=pair))
    for _ in range(200):
        counts.out("a cookie drawn at random", cookie(secrets.token_hex(32)))
    # Tokens.
    token = room.people["token:work"].token
    for forged in [token[:-1], token[:-1] + "g", token.upper(), token[3:], "og_" + "0" * 64, "og_", "", "null", value, f"{token} {token}", f"{token},{token}", "Basic " + token]:
        counts.out(f"forged token {forged[:10]}", Person("forged", token=forged), "/api/v1/work-items")
    for scheme in ["Basic", "Digest", "Token", "Bearer:", "bearer-"]:
        counts.out(f"token by {scheme}", None, "/api/v1/work-items", headers=[("Authorization", f"{scheme} {token}")])
    counts.out("a token in the address", None, f"/api/v1/work-items?access_token={token}&token={token}")
    counts.out("a token as a cookie", cookie(token), "/api/v1/work-items")
    counts.out("two tokens", None, "/api/v1/custodians", headers=[("Authorization", f"Bearer {token}"), ("Authorization", f"Bearer {room.people['token:locate'].token}")])
    # A proxy's words from who is no proxy.
    for name in ["X-Remote-User", "Remote-User", "X-Forwarded-User", "X-Webauth-User"]:
        counts.out(f"{name} from nobody's proxy", None, headers=[(name, "supervisor")])
    # Replay after signing out, ending, closing, changing the password.
    person = Person("clerk", cookie=again)
    out = room.ask("POST", "/sign-out", person, {})
    table.check("sign-out: the browser forgets", out.header("clear-site-data") and "Max-Age=0" in out.header("set-cookie"), f"{out.headers}")
    counts.out("replay after signing out", person)
    ended = room.account("ended", "clerk")
    accounts = room.ask("GET", "/accounts", room.people["administrator"]).text()
    number = re.search(r'/accounts/(\d+)/end"(?:(?!/accounts/\d+/end").)*$', accounts[: accounts.rfind("ended")] + '"', re.S)
    for step in ["end", "close"]:
        for candidate in re.findall(rf"/accounts/(\d+)/{step}", accounts):
            page = accounts[: accounts.find(f"/accounts/{candidate}/{step}")]
            if ">ended<" in page[page.rfind("<tr") :]:
                room.ask("POST", f"/accounts/{candidate}/{step}", room.people["administrator"], {"sure": "yes"})
                counts.out(f"replay after an administrator's {step}", ended)
    changed = room.account("changed", "clerk")
    other = Person("changed", cookie=room.sign_in("changed").cookie())
    refused = room.ask("POST", "/account/password", changed, {"password_now": "wrong " + PASSWORD, "password": "other " + PASSWORD, "password_again": "other " + PASSWORD})
    still = room.sign_in("changed")
    table.check("password: it is not changed without the one before", refused.status in (401, 403, 422) and still.status == 303, f"{refused.status} {still.status}")
    room.ask("POST", "/account/password", changed, {"password_now": PASSWORD, "password": "other " + PASSWORD, "password_again": "other " + PASSWORD})
    counts.out("a second sign-in after the password was changed", other)
    counts.row("sign-ins and tokens: fixed, stolen, forged, replayed", "tests/web/door.rs")


def hosts(room, table):
    counts = Counts(room, table)
    good, clerk = f"{room.host}:{room.port}", room.people["clerk"]
    names = ["evil.example", "evil.example:80", f"evil.example:{room.port}", f"localhost.evil.example:{room.port}", f"127.0.0.1.nip.io:{room.port}", "", " ", "127.0.0.1:1", "[::1]:1",
             f"{good}@evil.example", f"evil.example@{good}", f"{good}.", f"{good}/", f"{good}#", "*", "localhost\x00", f"0x7f000001:{room.port}", f"2130706433:{room.port}", f"127.1:{room.port}", f"0.0.0.0:{room.port}", "a" * 5000]
    for name in names:
        for path in [INSIDE, "/sign-in", "/metrics", "/api/v1/openapi.json"]:
            counts.out(f"Host: {name[:40]!r}", clerk, path, host=name or " ")
    counts.out("two hosts", clerk, headers=[("Host", "evil.example")])
    counts.out("an absolute address", clerk, f"http://evil.example{INSIDE}")
    for header in ["X-Forwarded-Host", "X-Host", "Forwarded", "X-Original-URL", "X-Rewrite-URL", "X-Forwarded-Server", "X-HTTP-Method-Override"]:
        answer = room.ask("GET", "/sign-in", None, headers=[(header, "evil.example/accounts")])
        counts.tried += 1
        table.check(f"{header}: is in no answer", b"evil.example" not in answer.body + repr(answer.headers).encode())
    raw = http1.talk(room.host, room.port, f"GET {INSIDE} HTTP/1.1\r\nCookie: {clerk.cookie}\r\nConnection: close\r\n\r\n".encode(), 3)
    table.check("no host: refused", raw[9:10] == b"4", f"{raw[:40]}")
    counts.row("host names (DNS rebinding)", "web.hosts")


def paths(room, table):
    counts = Counts(room, table)
    style = re.search(r"/static/[0-9a-f]+/", room.ask("GET", "/sign-in").text())[0]
    climbs = ["../" * 6, "..%2f" * 6, "%2e%2e/" * 6, "%2e%2e%2f" * 6, "..%5c" * 6, "....//" * 6, "..%252f" * 6, "..;/" * 6, "%c0%ae%c0%ae/" * 6, "/", "//", "/./", "%00/", "~root/", "..\\" * 6]
    for prefix in [style, "/static/", "/static/0/", "/labels/sheets/", "/setup/", "/stations/", "/", "/api/v1/"]:
        for climb in climbs:
            for file in ["etc/passwd", "etc/passwd%00.css", "proc/self/environ", "outguide.toml", "app.css/../../../etc/passwd"]:
                answer = room.ask("GET", f"{prefix}{climb}{file}".replace(" ", "%20"), room.people["clerk"])
                counts.tried += 1
                counts.errors += answer.status >= 500
                counts.let_in += b"root:" in answer.body or b"data_dir" in answer.body or b"HOME=" in answer.body
    answer = room.ask("GET", style + "app.css")
    table.check("paths: the right one is served", answer.status == 200 and "immutable" in answer.header("cache-control"), f"{answer.status} {answer.headers}")
    counts.row("paths out of the static files", "src/web/assets.rs")


def smuggled(room, table):
    """Requests that a proxy before the daemon may end elsewhere: refused, or nothing is read behind them."""
    host = f"Host: {room.host}:{room.port}\r\n"
    inner = f"GET /livez?smuggled HTTP/1.1\r\n{host}\r\n"
    post = f"POST /sign-in HTTP/1.1\r\n{host}Content-Type: {http1.FORM}\r\n"
    chunk = f"{len(inner):x}\r\n{inner}\r\n0\r\n\r\n"
    cases = {
        "CL and TE": f"{post}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n{inner}",
        "TE and CL": f"{post}Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n{inner}",
        "TE in capitals, CL": f"{post}TRANSFER-ENCODING: Chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n{inner}",
        "chunked alone": f"{post}Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n{inner}",
        "two lengths": f"{post}Content-Length: 0\r\nContent-Length: {len(inner)}\r\n\r\n{inner}",
        "two lengths in one": f"{post}Content-Length: 0, {len(inner)}\r\n\r\n{inner}",
        "length +0": f"{post}Content-Length: +0\r\n\r\n{inner}",
        "length 0x0": f"{post}Content-Length: 0x0\r\n\r\n{inner}",
        "length -1": f"{post}Content-Length: -1\r\n\r\n{inner}",
        "length of 30 digits": f"{post}Content-Length: 999999999999999999999999999999\r\n\r\n{inner}",
        "length with a blank inside": f"{post}Content-Length: 0 0\r\n\r\n{inner}",
        "blank before the colon": f"{post}Content-Length : 0\r\n\r\n{inner}",
        "TE with a blank before the colon": f"{post}Transfer-Encoding : chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n{inner}",
        "TE identity": f"{post}Transfer-Encoding: identity\r\nContent-Length: 5\r\n\r\n0\r\n\r\n{inner}",
        "TE xchunked": f"{post}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n{inner}",
        "TE chunked, identity": f"{post}Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n{inner}",
        "TE twice": f"{post}Transfer-Encoding: chunked\r\nTransfer-Encoding: x\r\n\r\n0\r\n\r\n{inner}",
        "TE with a tab": f"{post}Transfer-Encoding:\tchunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n{inner}",
        "TE with a vertical tab": f"{post}Transfer-Encoding: \x0bchunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n{inner}",
        "folded header": f"{post}X: a\r\n Content-Length: 5\r\n\r\n{inner}",
        "folded TE": f"{post}Transfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n{inner}",
        "chunk size 0x0": f"{post}Transfer-Encoding: chunked\r\n\r\n0x0\r\n\r\n{inner}",
        "chunk size of 20 digits": f"{post}Transfer-Encoding: chunked\r\n\r\n{'f' * 20}\r\n{inner}",
        "chunk size -1": f"{post}Transfer-Encoding: chunked\r\n\r\n-1\r\n{inner}",
        "chunk with LF alone": f"{post}Transfer-Encoding: chunked\r\n\r\n0\n\n{inner}",
        "chunk without its end": f"{post}Transfer-Encoding: chunked\r\n\r\n1\r\nab{chunk}",
        "chunk extension of 30 kB": f"{post}Transfer-Encoding: chunked\r\n\r\n0;{'x' * 30000}\r\n\r\n{inner}",
        "trailers of 30 kB": f"{post}Transfer-Encoding: chunked\r\n\r\n0\r\n{'x: y' + chr(13) + chr(10)}" + f"x: {'y' * 30000}\r\n\r\n{inner}",
        "LF alone in the header": f"POST /sign-in HTTP/1.1\n{host}Content-Length: 0\n\n{inner}",
        "CR alone": f"POST /sign-in HTTP/1.1\r{host}\r\r{inner}",
        "NUL in a header": f"{post}X: a\x00b\r\nContent-Length: 0\r\n\r\n{inner}",
        "HTTP/1.0 with chunks": f"{post.replace('HTTP/1.1', 'HTTP/1.0')}Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n{inner}",
        "HTTP/0.9": f"GET /livez\r\n\r\n{inner}",
        "HTTP/2 by surprise": f"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n{inner}",
        "HTTP/1.9": f"POST /sign-in HTTP/1.9\r\n{host}\r\n{inner}",
        "GET with a body": f"GET /livez HTTP/1.1\r\n{host}Content-Length: {len(inner)}\r\n\r\n{inner}",
        "upgrade to h2c": f"GET /livez HTTP/1.1\r\n{host}Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n\r\n{inner}",
        "CONNECT": f"CONNECT evil.example:80 HTTP/1.1\r\n{host}\r\n{inner}",
    }
    # These end where every reader ends them; what follows is a request of its own.
    plain = {"chunked alone", "HTTP/1.9", "upgrade to h2c", "CONNECT", "LF alone in the header", "GET with a body"}
    errors = smuggled = 0
    for name, request in cases.items():
        answer = http1.talk(room.host, room.port, request.encode("latin-1"), 3)
        statuses = re.findall(rb"HTTP/1\.[01] (\d\d\d)", answer)
        errors += any(status >= b"500" for status in statuses)
        if name == "GET with a body":
            table.check(f"smuggling: {name}", len(statuses) == 1, f"{statuses}")
        if name not in plain and len(statuses) > 1:
            smuggled += 1
            print(f"   smuggled: {name} -> {statuses}")
    alive = room.ask("GET", "/livez").status
    table.check("smuggling: the daemon is alive", alive == 200, f"{alive}")
    table.add("requests that two servers read differently", len(cases), errors, smuggled, "hyper, src/web/serve.rs")


class Elsewhere(http.server.BaseHTTPRequestHandler):
    """Another site, with pages that attack ours."""

    page = b""

    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.end_headers()
        self.wfile.write(self.page)

    def log_message(self, *_):
        pass


def browser(room, table):
    """A hostile page in a real browser, whose user is signed in."""
    if not shutil.which("node") or not shutil.which("chromium"):
        table.check("browser: chromium and node are there", False, "not installed")
        return
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Elsewhere)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    routes = [line.split(" ")[0] for line in (REPOSITORY / "tests/web/routes.txt").read_text().splitlines() if " POST " in line]
    before = room.ask("GET", "/people", room.people["supervisor"]).text().count("<tr")
    settings = {
        "base": room.base, "port": room.port, "elsewhere": server.server_address[1],
        "cookie": room.people["supervisor"].cookie.split("=", 1)[1],
        "writing": [re.sub(r"\{name\}", "desk", re.sub(r"\{(?!name)\w+\}", "1", route)) for route in routes],
    }
    command = ["node", REPOSITORY / "tests/attack/hostile.mjs"]
    done = subprocess.run(command, input=json.dumps(settings), capture_output=True, text=True, timeout=300, check=False)
    server.shutdown()
    if not table.check("browser: it ran", done.returncode == 0, done.stderr[-600:]):
        return
    result = json.loads(done.stdout)
    for name, row in result.items():
        for trouble in row.get("troubles", []):
            table.check(f"{name}", False, trouble)
        table.add(f"browser: {name}", row["tried"], row.get("errors", 0), row.get("letIn", 0), row.get("limit", ""), None, row.get("note", ""))
    page = room.ask("GET", "/people", room.people["supervisor"])
    table.check("browser: nothing was changed", page.status == 200 and "EVIL" not in page.text() and page.text().count("<tr") == before, f"{page.status}")


def run(room, table):
    table.section("Sign-ins, hosts, paths, smuggling")
    sign_ins(room, table)
    hosts(room, table)
    paths(room, table)
    smuggled(room, table)


def run_browser(room, table):
    table.section("A hostile page in Chromium")
    browser(room, table)
