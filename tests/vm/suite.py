"""Runs the scenarios one after the other in one machine, and says what was seen."""

import sys
import traceback
from pathlib import Path

import claiming
import devices
import plugging
import power
import wedge
from bench import Bench
from machine import Machine, Trouble
from report import Report

SCENARIOS = {
    "ftdi": plugging.ftdi,
    "acm": plugging.acm,
    "keyboard": plugging.keyboard,
    "hid-pos": plugging.hid_pos,
    "identical": devices.identical,
    "other-socket": devices.other_socket,
    "plugged-before": devices.plugged_before,
    "port-held": devices.port_held,
    "late-permission": devices.late_permission,
    "deaf": devices.deaf,
    "clerk": wedge.clerk,
    "caps-lock": wedge.caps_lock,
    "keys": wedge.keys,
    "shift-held": wedge.shift_held,
    # What it types before it is claimed goes to the console: after those who look at that.
    "claim": claiming.claim,
    "power-cut": power.cut,
}


def run(name, machine, report):
    """Runs a scenario to its end, whatever happens in it."""
    bench = Bench(machine, report)
    report.scenario = name
    known, begun = len(report.failed), report.elapsed()
    try:
        if not machine.is_running():
            machine.start()
        SCENARIOS[name](bench)
    except (Trouble, OSError, LookupError, ValueError) as trouble:
        report.check("runs to its end", False, f"{trouble}\n{traceback.format_exc()}")
    is_good = len(report.failed) == known
    try:
        if not is_good:
            tell_all(bench)
        bench.clear()
    except (Trouble, OSError) as trouble:
        report.say(f"{name}: the machine starts anew: {trouble}")
        machine.cut()
    report.durations.append((name, report.elapsed() - begun, is_good))


def tell_all(bench):
    """What helps to find a failure's cause."""
    for room in bench.rooms:
        print(f"-- the daemon's log\n{room.log()}")
    print(f"-- the guest's console\n{bench.machine.console()}")
    print(f"-- the kernel's messages\n{bench.machine.try_sh('dmesg | tail -n 20')[1]}", flush=True)


def main(work, names):
    unknown = [name for name in names if name not in SCENARIOS]
    if unknown:
        sys.exit(f"there is no scenario {', '.join(unknown)}; there are: {', '.join(SCENARIOS)}")
    report = Report()
    machine = Machine(work, work / "run")
    try:
        for name in names or SCENARIOS:
            run(name, machine, report)
    finally:
        machine.cut()
    lines = list(report.lines(machine.boots))
    (work / "report.txt").write_text("\n".join(lines) + "\n")
    print("\n" + "\n".join(lines))
    return 1 if report.failed else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]).resolve(), sys.argv[2:]))
