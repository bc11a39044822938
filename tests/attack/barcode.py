"""Barcodes as attackers: what a label holds is shown as signs, runs nothing, and moves nothing that it was not printed for."""

import csv
import io
import os
import re
import time

import hostile
from hostile import MARK
from room import ACK, LETTERS, NAK, labelled

COMMANDS = [labelled(f"K{number}") for number in range(1, 13)]


def frames():
    """Codes that no label of the file room has, as bytes."""
    texts = [value for value in hostile.VALUES if MARK in value]
    texts += [f"]C1{MARK}\x1d8018", f"]Q3{MARK}", f"https://id.gs1.org/8018/{MARK}", f"WIFI:S:{MARK};;", f"BEGIN:VCARD {MARK}", f"\\000026{MARK}", f"]e0{MARK}\x1e\x04"]
    made = [text.encode("utf-8", "surrogateescape") for text in texts]
    made += [MARK.encode() + bytes(range(1, 256)).replace(b"\r", b"").replace(b"\n", b""), b"\xff\xfe" + MARK.encode(), b"\xc3\x28" + MARK.encode(), b"\xf0\x9f" + MARK.encode(), b"\x00" * 40, b"\x1b" * 400]
    made += [MARK.encode() + b"<" * 10_000, b"A" * 10_240, (MARK.encode() + b"\x1b[2J") * 1500]
    # A terminator would make two codes of one.
    return [code.replace(b"\r", b"").replace(b"\n", b"") or b" " for code in made]


def run(room, table, load):
    table.section("Barcodes as attackers")
    gun, desk = room.scanners["hostile"], room.scanners["desk"]
    codes, green, answered = frames(), 0, 0
    load.take()
    for code in codes:
        for at in range(0, len(code), 2048):
            os.write(gun.master, code[at : at + 2048])
            time.sleep(0.002)
        took, answer = gun.scan(b"", 3)
        green += answer == ACK
        answered += answer is not None
        gun.drain(0.02)
    # A line of NULs is a line that was broken, and no code.
    table.check("hostile codes: each is answered", answered >= len(codes) - 1, f"{answered} of {len(codes)}")
    seen = wrong = 0
    for name, pages in {
        "clerk": ["/stations/hostile", "/work", *(f"/work/{n}" for n in range(1, 90)), "/scanners", "/stations", "/"], "display": ["/stations/desk", "/wall"], "privacy": ["/audit?scans=1", "/audit"],
        "token:work": ["/api/v1/work-items"], "token:see-board": ["/api/v1/stations/hostile"],
    }.items():
        for page in pages:
            answer = room.ask("GET", page, room.people[name])
            seen += MARK.encode() in answer.body
            for trouble in hostile.trouble(answer):
                wrong += 1
                table.check(f"hostile codes on {page}", False, trouble)
            if answer.header("content-type").startswith("application/") and hostile.RAW_CONTROL.search(answer.body):
                table.check(f"hostile codes on {page}", False, "raw control")
    table.check("hostile codes: they got onto pages", seen > 5, f"{seen} pages")
    table.add("hostile codes from a scanner", len(codes), 0, green, "framing, label formats", load.take(), f"{seen} pages show them, {wrong} as they are")
    commands(room, table, load, desk)
    exports(room, table)
    log = room.log()
    table.check("hostile codes: no raw byte in the log", not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f]", log))


def commands(room, table, load, desk):
    """Command labels with wrong check characters, of numbers that are none, in other clothes."""
    load.take()
    chart = room.labels[-1]
    forged = [command[:-1] + letter for command in COMMANDS for letter in LETTERS if letter != command[-1]]
    forged += [labelled(f"K{number}") for number in (0, 13, 99, 2**63, 10**30)]
    forged += [f"\x02{COMMANDS[5]}", COMMANDS[5].lower(), f"K6{labelled('K6')}", f"{chart} {COMMANDS[5]}", f"L1{COMMANDS[5]}"]
    taken = 0
    for code in forged:
        took, answer = desk.scan(code.encode(), 5)
        if answer == ACK:
            taken += 1
            print(f"   taken: {code!r}")
    desk.drain()
    # Were one of them taken, this would be moved, flagged or taken back.
    desk.scan(chart.encode())
    page = room.ask("GET", "/locate", room.people["clerk"]).status
    found = room.ask("POST", "/locate", room.people["clerk"], {"q": chart})
    shown = room.ask("GET", found.header("location"), room.people["clerk"]).text()
    table.check("forged commands: the chart after them is where it was", "flagged missing" not in shown.lower() and page in (200, 303, 405), shown[shown.lower().find("flagged missing") - 300 :][:400])
    table.add("forged command labels at a desk", len(forged), 0, taken, "check characters", load.take())
    # The control: a real one is taken.
    answer = desk.scan(labelled("K10").encode())[1]
    table.check("forged commands: a real one is taken", answer == ACK, f"{answer}")


def exports(room, table):
    """Files for spreadsheets: no cell is a formula, whatever was scanned, typed or asked for."""
    supervisor, privacy, clerk = (room.people[name] for name in ["supervisor", "privacy", "clerk"])
    formulas = [f"={MARK}+cmd|' /C calc'!A0", f"+{MARK}", f"-{MARK}", f"@SUM({MARK})", f"\t={MARK}", f"\r={MARK}", f" ={MARK}", f'"={MARK}', f"a\n={MARK}"]
    for number, formula in enumerate(formulas):
        room.ask("POST", "/volumes/5/missing", clerk, {"sign": "holder-denies", "sure": "yes", "detail": formula})
        room.ask("POST", "/people", supervisor, {"code": f"{formula}{number}", "name": formula})
        room.ask("POST", "/custodians/new", supervisor, {"code": f"F{number}", "name": formula, "kind": "clinic", "phone": formula, "filing": "td-2-2"})
        room.ask("POST", "/charts/3/restriction", supervisor, {"restricted": "yes", "reason": formula, "why": formula})
        room.ask("POST", "/charts/3/open", clerk, {"reason": formula, "why": formula})
        room.ask("POST", "/missing/1/reason", clerk, {"reason": formula, "detail": formula})
        room.ask("POST", "/missing/1/look", clerk, {"place": "1", "detail": formula, "note": formula})
        room.ask("POST", "/requests", clerk, {"q": room.labels[9], "volumes": "newest", "to": "2", "requester": formula, "channel": "phone", "priority": "routine", "needed": "2030-01-01T08:00", "form": f"x{number}", "comment": formula})
    cells = bad = files = 0
    for path in ["/audit/file", "/audit/file?scans=1", *(f"/missing/{case}/record" for case in range(1, 4))]:
        answer = room.ask("GET", path, privacy)
        if not answer.header("content-type").startswith("text/csv"):
            continue
        files += 1
        table.check(f"{path}: is a file to be kept", "attachment" in answer.header("content-disposition"), answer.header("content-disposition"))
        for row in csv.reader(io.StringIO(answer.text(), newline="")):
            for cell in row:
                cells += 1
                if re.match(r"[=+\-@\t\r]", cell):
                    bad += 1
                    table.check(f"{path}: no cell is a formula", False, repr(cell[:80]))
    table.check("exports: some were looked at", files >= 2 and cells > 100, f"{files} files, {cells} cells")
    table.add("formulas in files for spreadsheets", cells, 0, bad, "pages/audit.rs", None, f"{files} files")
