"""HTTP/1.1 written by hand: a library would refuse to send what an attacker sends."""

import gzip
import socket
import urllib.parse

FORM = "application/x-www-form-urlencoded"
PATIENCE_S = 30


class Answer:
    """What came back."""

    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    def header(self, name):
        return next((value for key, value in self.headers if key == name), "")

    def all(self, name):
        return [value for key, value in self.headers if key == name]

    def text(self):
        return self.body.decode("utf-8", "replace")

    def cookie(self, name="__Host-outguide"):
        """The cookie that is set, as it is sent back; none if it is taken away."""
        for value in self.all("set-cookie"):
            pair = value.split(";")[0]
            if pair.startswith(name + "=") and not pair.endswith("="):
                return pair
        return None


class Broken(Exception):
    """The other side closed without a whole answer."""


class Connection:
    """A connection that is used again as long as it may be."""

    def __init__(self, host, port, source=None):
        self.host, self.port, self.source = host, port, source
        self.socket = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        if self.socket:
            self.socket.close()
        self.socket = None

    def open(self):
        if self.socket is None:
            source = (self.source, 0) if self.source else None
            self.socket = socket.create_connection((self.host, self.port), PATIENCE_S, source)
            self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.left = b""

    def ask(self, method, path, person=None, fields=None, headers=(), body=b"", kind=None, host=None):
        """Asks; tried anew once if the connection had been closed meanwhile."""
        if fields is not None:
            pairs = fields.items() if isinstance(fields, dict) else fields
            body, kind = urllib.parse.urlencode(list(pairs)).encode(), FORM
        lines = [f"{method} {path} HTTP/1.1", f"Host: {host or f'{self.host}:{self.port}'}"]
        lines += [f"{name}: {value}" for name, value in [*(person.headers() if person else []), *headers]]
        if kind:
            lines.append(f"Content-Type: {kind}")
        if body or method in ("POST", "PUT", "PATCH"):
            lines.append(f"Content-Length: {len(body)}")
        request = "\r\n".join(lines).encode("utf-8", "surrogateescape") + b"\r\n\r\n" + body
        was_open = self.socket is not None
        try:
            return self.exchange(request, method)
        except (Broken, OSError):
            self.close()
            if not was_open:
                raise
            return self.exchange(request, method)

    def exchange(self, request, method):
        self.open()
        self.socket.sendall(request)
        answer = self.read(method)
        if "close" in answer.header("connection") or answer.status in (400, 431):
            self.close()
        return answer

    def more(self):
        data = self.socket.recv(65536)
        if not data:
            raise Broken("closed before the answer was whole")
        self.left += data

    def until(self, mark):
        while mark not in self.left:
            self.more()
        head, self.left = self.left.split(mark, 1)
        return head

    def exactly(self, count):
        while len(self.left) < count:
            self.more()
        taken, self.left = self.left[:count], self.left[count:]
        return taken

    def read(self, method):
        lines = self.until(b"\r\n\r\n").decode("latin-1").split("\r\n")
        status = int(lines[0].split(" ")[1])
        headers = [(name.lower(), value.strip()) for name, _, value in (line.partition(":") for line in lines[1:])]
        answer = Answer(status, headers, b"")
        if method == "HEAD" or status in (204, 304):
            return answer
        if answer.header("content-type").startswith("text/event-stream"):
            # It has no end: what has come so far is the answer.
            answer.body, self.left = self.left, b""
            self.close()
            return answer
        if answer.header("transfer-encoding") == "chunked":
            while size := int(self.until(b"\r\n").split(b";")[0], 16):
                answer.body += self.exactly(size)
                self.exactly(2)
            self.until(b"\r\n")
        elif answer.header("content-length"):
            answer.body = self.exactly(int(answer.header("content-length")))
        if answer.header("content-encoding") == "gzip":
            answer.body = gzip.decompress(answer.body)
        return answer


def talk(host, port, request, patience=10):
    """Sends bytes as they are, and reads until the other side closes or is silent."""
    answer = b""
    with socket.create_connection((host, port), patience) as raw:
        raw.settimeout(patience)
        try:
            raw.sendall(request)
            while data := raw.recv(65536):
                answer += data
        except (TimeoutError, OSError):
            pass
    return answer
