"""Values that attackers write into fields, and what an answer must never do with them."""

import html.parser
import re

MARK = "zq9"
BIDI = "\u202e\u2066"
VALUES = [
    "", " ", "0", "1", "-1", "2", "9223372036854775807", "9223372036854775808", "-9223372036854775808",
    "18446744073709551616", "1e309", "NaN", "0x10", "00000000000000000001", "1.5", "99999999999999999999999999",
    f"{MARK}" + "A" * 300, f"{MARK}" + "A" * 9000, f"{MARK}" + "é" * 2000,
    f"<{MARK} onload={MARK}()>", f'"{MARK} onfocus={MARK}() autofocus="', f"'{MARK} x='", f"</title><{MARK}>", f"</textarea><{MARK}>",
    f"<script>{MARK}()</script>", f"javascript:{MARK}()", f"{{{{{MARK}*7}}}}", f"${{{MARK}}}", f"{{% {MARK} %}}", f"<!--{MARK}-->", f"&#60;{MARK}&#62;",
    f"{MARK}' or '1'='1", f"{MARK}'; drop table chart; --", f'{MARK}" union select 1,2,3 --', f"{MARK}%' escape '\\", f"{MARK}) or (1=1", "1;select 1",
    f"={MARK}+cmd|' /C calc'!A0", f"+{MARK}", f"-{MARK}", f"@SUM({MARK})", f"\t={MARK}", f"\r={MARK}",
    f"{MARK}\x1b[31m\x1b]0;{MARK}\x07", f"{MARK}\x9b31m", f"{MARK}\x00", "\x00", f"{MARK}\x08\x08\x7f", f"a\r\nx-{MARK}: 1\r\n\r\n<{MARK}>",
    f"{MARK}{BIDI}", f"{MARK}\u2028\u2029\u200b\ufeff", "\U0001f4a3" * 50, f"{MARK}\ufffe\U000e0041",
    "../../../../etc/passwd", "..%2f..%2fetc%2fpasswd", "....//....//etc/passwd", "/etc/passwd", "..\\..\\windows\\win.ini", "%2e%2e%2f", "%00", "file:///etc/passwd",
    "2026-02-30", "0000-00-00", "-9999-01-01", "9999-12-31T23:59:59", "99999-01-01", "2026-11-22T25:61", "24:00", "1970-01-01T00:00",
    "true", "null", "[]", "{}", "a,b,c", "1,2", "*", ".", "..", "/", "\\", "%", "%zz", "?", "#", ";", "&", "=",
]
SECURITY = ["content-security-policy", "x-content-type-options", "x-frame-options", "referrer-policy", "cache-control"]
RAW_MARKUP = re.compile(rf"<{MARK}|<script>{MARK}|<!--{MARK}|[^&#\d]\"{MARK} onfocus|'{MARK} x=".encode())
RAW_CONTROL = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]|\xc2[\x80-\x9f]")
FIELD = re.compile(rb' value="[^"]*"|<textarea[^>]*>[^<]*', re.S)
RAW_BIDI = re.compile(rb"\xe2\x80[\xaa-\xae]|\xe2\x81[\xa6-\xa9]")


def trouble(answer):
    """What is wrong with how an answer is written; nothing, most of the time."""
    wrong = []
    kind = answer.header("content-type")
    if kind.startswith(("text/html", "image/svg")):
        if found := RAW_MARKUP.search(answer.body):
            wrong.append(f"unescaped: {answer.body[max(0, found.start() - 60) : found.end() + 60]!r}")
        # What somebody typed is given back in its field as it was, where it can neither act nor reach its neighbours.
        body = FIELD.sub(b"", answer.body)
        for name, raw in [("control", RAW_CONTROL), ("bidi", RAW_BIDI)]:
            if found := raw.search(body):
                wrong.append(f"raw {name}: {body[max(0, found.start() - 60) : found.end() + 20]!r}")
    if any(MARK in name for name, _ in answer.headers):
        wrong.append("a header was made")
    location = answer.header("location")
    if location and not re.match(r"^/(?![/\\])", location):
        wrong.append(f"leads elsewhere: {location}")
    # What hyper itself answers, to what is no HTTP, has neither body nor header.
    if answer.body or answer.status not in (400, 408, 431):
        lacking = [name for name in SECURITY if not answer.header(name)]
        if lacking:
            wrong.append(f"{answer.status} without {', '.join(lacking)}")
        if "'unsafe-" in answer.header("content-security-policy"):
            wrong.append("the policy allows what is inline")
    return wrong


class Forms(html.parser.HTMLParser):
    """The forms and links of a page."""

    def __init__(self, text):
        super().__init__()
        self.forms, self.links, self.form, self.select = [], set(), None, None
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        if tag == "a" and (attributes.get("href") or "").startswith("/"):
            self.links.add(attributes["href"])
        elif tag == "form":
            self.form = (attributes.get("method", "get").upper(), attributes.get("action", ""), {})
            self.forms.append(self.form)
        elif self.form and tag in ("input", "textarea", "select", "button") and attributes.get("name"):
            kind = attributes.get("type")
            if kind in ("checkbox", "radio") and "checked" not in attributes and attributes["name"] in self.form[2]:
                return
            self.form[2][attributes["name"]] = attributes.get("value") or plausible(attributes)
            self.select = attributes["name"] if tag == "select" else None
        elif self.form and tag == "option" and self.select and ("selected" in attributes or not self.form[2][self.select]):
            self.form[2][self.select] = attributes.get("value") or ""

    def handle_endtag(self, tag):
        if tag == "form":
            self.form = None
        elif tag == "select":
            self.select = None


def plausible(attributes):
    """Something that a person might write."""
    kind, name = attributes.get("type", ""), attributes.get("name", "")
    known = {"number": "1", "date": "2026-11-22", "time": "08:00", "datetime-local": "2026-11-22T12:00", "checkbox": "yes"}
    if kind in known:
        return known[kind]
    if attributes.get("value") == "" or kind == "hidden":
        return ""
    return {"mrn": "777001", "born": "1950-01-31", "q": "200007", "password": "wrong horse battery"}.get(name, f"{name} text")
