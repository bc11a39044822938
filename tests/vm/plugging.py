"""Each kind of scanner through its day: plugged in, scanning, pulled out in the middle of a code, plugged in again."""

import time

from bench import SCANS
from room import ASK
from scanners import Acm, Ftdi, HidPos, Keyboard

# Long, so that what ends a code is the unplugging and not the silence after its beginning.
PATIENT = "gap_ms = 5000\ntotal_ms = 20000\n"

HALF_A_CODE_S = 0.5


def ftdi(bench):
    day(bench, bench.scanner(Ftdi, "ftdi", "FT0001", port=1))


def acm(bench):
    day(bench, bench.scanner(Acm, "acm", "ACM0001"))


def keyboard(bench):
    day(bench, bench.scanner(Keyboard, "wedge", "KBD0001"))


def hid_pos(bench):
    day(bench, bench.scanner(HidPos, "pos", "POS0001"))


def day(bench, scanner):
    report = bench.report
    room = bench.room(scanner.config + PATIENT)
    desk = room.stations[0]
    report.figure("daemon", "start to pages", room.serve())
    user = bench.machine.sh(f"awk '/^Uid:/ {{ print $2 }}' /proc/{room.pid}/status").strip()
    report.equal("the daemon runs as an ordinary user", user, "1000")
    room.wait_presence(desk, "not-present")

    scanner.plug()
    report.figure(scanner.kind, "plug to ready", room.wait_presence(desk, "up"))
    bench.scan("scan", room, desk, scanner)
    answers(bench, room, scanner)
    refusal(bench, room, desk, scanner)

    halfway = next(room.labels)
    scanner.send_part(halfway[:4])
    # Nothing shows that half a code has arrived; if it has not, the board tells below.
    time.sleep(HALF_A_CODE_S)
    scanner.unplug()
    report.figure(scanner.kind, "unplug to seen", room.wait_presence(desk, "not-present"))
    newest = room.board(desk)[0]
    seen = (newest["verdict"], newest["code"].endswith(halfway[:4]))
    report.equal("unplugged in the middle of a code: kept as refused", seen, ("refused", True))
    report.equal("unplugged in the middle of a code: the chart did not move", room.holder(halfway), "FILE")

    scanner.plug()
    report.figure(scanner.kind, "replug to ready", room.wait_presence(desk, "up"))
    bench.scan("scan after replugging", room, desk, scanner)
    report.equal("counted as one hang-up", room.scanner(desk)["hang_ups"], 1)
    bench.end(room)


def counted(desk, figure, count):
    """A test that the scanner of a desk has this count of a figure."""
    shown = f'"station":"{desk.name}"[^}}]*"{figure}":{count}[,}}]'
    return f"{ASK} http://127.0.0.1:8470/api/v1/scanners | grep -qE '{shown}'"


def answers(bench, room, scanner):
    """Times scans, each sent after the answer to the one before."""
    heard = [scanner.scan(next(room.labels)) for _ in range(SCANS)]
    bench.report.figure(scanner.kind, "scan to answer", *(seconds for _, seconds in heard))
    bench.report.equal(f"{SCANS} scans: all answered", {answer for answer, _ in heard}, {"recorded"})


def refusal(bench, room, desk, scanner):
    """A label that is not on file: kept, and not answered green."""
    bench.report.check("unknown label: not answered as recorded", scanner.refuses("V99999"))
    bench.machine.wait(counted(desk, "frames", SCANS + 2))
    bench.report.equal("unknown label: kept as such", room.board(desk)[0]["verdict"], "unknown")
