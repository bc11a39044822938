"""The unit as it ships, on a machine that runs Debian's systemd: one story, told from the installation on."""

import sys
import traceback
from pathlib import Path

import sandbox
from bench import Bench
from installed import UNIT, Installed, ServedRoom
from machine import Trouble
from report import Report
from room import Station
from scanners import Acm, Ftdi, HidPos, Keyboard
from suite import tell_all

WATCHDOG_S = 30
"""WatchdogSec of the unit."""

RESTART_S = 20
"""RestartSec of the unit, 2 s, and what an emulated machine may take to stop and start the daemon."""

SENT = 15
"""Scans sent at once right before it falls; it may have answered all, some or none of them."""

QUIET_S = 3
"""No answer is late by as much."""

DYNAMIC_USERS = range(61184, 65520)
"""Where systemd takes users from that exist while a service runs."""


class Noting(Ftdi):
    """Keeps what was answered green."""

    def __init__(self, *arguments, **settings):
        super().__init__(*arguments, **settings)
        self.green = []

    def scan(self, code, timeout=30):
        answer, seconds = super().scan(code, timeout)
        self.green += [code] if answer == "recorded" else []
        return answer, seconds


def installed(bench):
    """By the README's commands; then the unit is started, and only then scanners plugged in for the first time."""
    report = bench.report
    scanner = bench.scanner(Noting, "desk", "FT0001", port=1)
    others = [bench.scanner(Acm, "acm", "ACM0001"), bench.scanner(HidPos, "pos", "POS0001")]
    others += [bench.scanner(Keyboard, "wedge", "KBD0001")]
    stations = [Station(f"desk{n}", scanner.config) for n, scanner in enumerate([scanner, *others], 1)]
    room = ServedRoom(bench.machine, "unit", stations)
    bench.rooms.append(room)
    report.figure("unit", "start to ready", room.serve())
    report.equal("the unit is active", room.show("ActiveState"), "active")
    report.equal("it tells when it is ready", (room.show("Type"), room.show("NRestarts")), ("notify", "0"))
    report.check("ready by its own page", is_ready(room))
    report.check("the pages are there", "desk1" in room.page("/stations"))
    report.equal("on the loopback only", room.listens_on(), {"127.0.0.1:8470"})
    as_whom(report, room)
    for station, plugged in zip(stations, [scanner, *others]):
        plugged.plug()
        report.figure(plugged.kind, "plug to ready", room.wait_presence(station, "up"))
        bench.scan(f"{plugged.kind} scanner", room, station, plugged)
    return room, scanner


def as_whom(report, room):
    lines = room.machine.sh(f"cat /proc/{room.show('MainPID')}/status").splitlines()
    status = {key: value.split() for key, _, value in (line.partition(":") for line in lines)}
    users = {int(user) for user in status["Uid"] + status["Gid"]}
    report.check("a user and a group of its own", all(user in DYNAMIC_USERS for user in users), users)
    report.equal("and the group of the scanners", set(status["Groups"]) - set(map(str, users)), {"20"})
    none = {status[key][0] for key in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb")}
    report.equal("no capabilities", none, {"0" * 16})
    report.equal("no new privileges, filtered calls", (status["NoNewPrivs"], status["Seccomp"]), (["1"], ["2"]))
    state, user = "/var/lib/outguide/", status["Uid"][0]
    owned = room.machine.sh(f"stat -c '%u %a' {state}; find {state} -not -user {user}")
    report.equal("its state is its alone, with what root imported", owned, f"{user} 700\n")


def is_ready(room):
    return room.machine.try_sh("wget -qO /dev/null http://127.0.0.1:8470/readyz")[0] == 0


def falls(bench, room, scanner, signal, what, limit_s):
    """Has the daemon fall right after scans came in; sees systemd start another one, and scans go on."""
    report, machine, desk = bench.report, bench.machine, room.stations[0]
    pid, restarts = room.show("MainPID"), int(room.show("NRestarts"))
    sent = [next(room.labels) for _ in range(SENT)]
    scanner.forget()
    for label in sent:
        scanner.send_code(label)
    fell_at = float(machine.sh(f"kill -{signal} {pid}; cut -d ' ' -f 1 /proc/uptime"))
    heard = scanner.hear(SENT, QUIET_S)
    # Answers come in the order of the scans.
    scanner.green += sent[: len(heard)]
    report.equal(f"{what}: answered as recorded, {len(heard)} of {SENT}", heard, b"\x06" * len(heard))
    another = f'main=$(systemctl show -P MainPID {UNIT}) && [ "$main" != 0 ] && [ "$main" != {pid} ]'
    machine.wait(f"{{ {another} && systemctl is-active -q {UNIT}; }}", limit_s + 60)
    seconds = int(room.show("ActiveEnterTimestampMonotonic")) / 1e6 - fell_at
    report.figure("unit", f"{what} to ready again", seconds)
    report.check(f"{what}: ready again within {limit_s} s", seconds < limit_s and is_ready(room), f"{seconds:.1f} s")
    report.equal(f"{what}: started once more", int(room.show("NRestarts")), restarts + 1)
    room.wait_presence(desk, "up")
    bench.scan(f"{what}: scan afterwards", room, desk, scanner)


def hangs(bench, room, scanner):
    falls(bench, room, scanner, "STOP", "hang", WATCHDOG_S + RESTART_S)
    said = room.log()
    bench.report.check("hang: it was the watchdog", "Failed with result 'watchdog'" in said, said)


def killed(bench, room, scanner):
    falls(bench, room, scanner, "KILL", "kill -9", RESTART_S)


def misconfigured(bench, room):
    """What no restart heals is not tried again and again."""
    report, machine = bench.report, bench.machine
    machine.write("/etc/outguide/conf.d/wrong.toml", "nonsense = 1\n")
    machine.try_sh(f"systemctl restart {UNIT}", 120)
    # Twice what it waits before a restart.
    machine.sh("sleep 4")
    seen = room.show("ActiveState"), room.show("ExecMainStatus"), room.show("NRestarts")
    report.equal("wrong configuration: failed, and left at that", seen, ("failed", "78", "0"))
    machine.sh(f"rm /etc/outguide/conf.d/wrong.toml; systemctl start {UNIT}", 120)
    report.check("wrong configuration put right: ready", is_ready(room))


def listed(bench, room, scanner):
    """Root imports while the service is stopped; the service has its files back afterwards."""
    machine = bench.machine
    machine.sh(f"systemctl stop {UNIT}", 120)
    machine.sh("printf 'mrn,label,home\\n900,V19999,FILE\\n' >/src/more.csv; outguide import charts /src/more.csv", 120)
    machine.sh(f"systemctl start {UNIT}", 120)
    bench.report.check("import as root while it is stopped: ready", is_ready(room))
    room.wait_presence(room.stations[0], "up")
    bench.scan("scan after the import", room, room.stations[0], scanner)


def power_cut(bench, room, scanner):
    """The machine comes back, and the unit with it, as it is enabled."""
    machine = bench.machine
    machine.cut()
    scanner.sock = None
    machine.start()
    bench.report.equal("after a power cut: active by itself", room.show("ActiveState"), "active")
    room.serve()
    scanner.plug()
    room.wait_presence(room.stations[0], "up")
    bench.scan("after a power cut: scan", room, room.stations[0], scanner)


def kept(bench, room, scanner):
    """What was answered green is there, and the database whole."""
    lost = [label for label in scanner.green if room.holder(label) != room.stations[0].custodian]
    bench.report.equal(f"all {len(scanner.green)} scans that were answered are there", lost, [])
    bench.end(room)


def story(bench):
    room, scanner = installed(bench)
    hangs(bench, room, scanner)
    killed(bench, room, scanner)
    misconfigured(bench, room)
    listed(bench, room, scanner)
    power_cut(bench, room, scanner)
    kept(bench, room, scanner)
    sandbox.judge(bench.report, *sandbox.try_acts(bench.machine, UNIT))


def main(work):
    report = Report()
    report.scenario = "unit"
    machine = Installed(work, work / "unit-run")
    bench = Bench(machine, report)
    try:
        machine.start()
        story(bench)
    except (Trouble, OSError, LookupError, ValueError):
        report.check("runs to its end", False, traceback.format_exc())
        if machine.is_running():
            tell_all(bench)
    finally:
        machine.cut()
    lines = list(report.lines(machine.boots))
    (work / "unit.txt").write_text("\n".join(report.said + lines) + "\n")
    print("\n" + "\n".join(lines))
    return 1 if report.failed else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]).resolve()))
