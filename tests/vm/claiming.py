"""An administrator with a scanner that nobody has named yet: claim it, watch it, and write down what was printed."""

import re

from scanners import Acm, HidPos, Keyboard

LISTENS_S = 5
"""How long the program may take to listen after it has said so."""


def claimed(bench, room, scanner, code):
    """Claims a scanner by scanning with it; returns what was printed."""
    machine = bench.machine
    scanner.plug()
    machine.wait(f"outguide scanners --config {room.dir}/outguide.toml | grep -q '^-.*{scanner.word}'")
    machine.sh(f"rm -f /tmp/claim.*; (outguide scanners claim --seconds 60 --config {room.dir}/outguide.toml "
               ">/tmp/claim.out 2>/tmp/claim.err; echo $? >/tmp/claim.code) &")
    machine.wait(f"grep -q 'claim.*state=\"up\"' /tmp/claim.err && grep -q 'scan now' /tmp/claim.err", 30)
    # Keyboards are opened one after the other with the rest: the word that all listen is the last one's.
    machine.sh(f"sleep {LISTENS_S}")
    scanner.send_code(code)
    machine.wait("[ -s /tmp/claim.code ]", 70)
    return machine.sh("cat /tmp/claim.out")


def claim(bench):
    """Each kind is recognised, and its lines make it a source without a further thought."""
    report = bench.report
    room = bench.room('device = "/dev/scanner/none"\n')
    scanners = [
        (bench.scanner(Acm, "unclaimed", "ACM0077"), "serial", ['device = "/dev/serial/by-id/', "ACM0077"], "ack-nak"),
        (bench.scanner(HidPos, "unclaimed-pos", "POS0077"), "hid-pos",
         ['usb = "0c2e:0b6a:POS0077"', "SUBSYSTEM"], "hid-pos"),
        (bench.scanner(Keyboard, "unclaimed-kbd", "KBD0077"), "keyboard",
         ['layout = "us"', "LIBINPUT_IGNORE_DEVICE"], "leds"),
    ]
    for scanner, word, expected, answer in scanners:
        scanner.word = word
        printed = claimed(bench, room, scanner, "V10001")
        report.check(f"{word}: claimed by its scan", "V10001" in printed, printed)
        report.check(f"{word}: the lines name it", all(part in printed for part in expected), printed)
        source = re.search(r"\[\[station\.source\]\]\nname = \"my-scanner\"\n((?:[a-z].*\n?)+)", printed)
        report.check(f"{word}: the lines are a source", bool(source), printed)
        if source:
            own = bench.room(f'{source.group(1).strip()}\nanswer = "{answer}"\n')
            own.serve()
            own.wait_presence(own.stations[0], "up")
            bench.scan(f"{word}: scanned as claimed", own, own.stations[0], scanner)
            watched(bench, own, scanner)
            bench.end(own)
        scanner.unplug()
        scanner.remove()


def watched(bench, room, scanner):
    """The daemon goes on while somebody looks at what the scanner sends."""
    machine, source = bench.machine, f"{room.stations[0].name}-gun"
    machine.sh(f"outguide scanners watch {source} --seconds 20 --config {room.dir}/outguide.toml >/tmp/watch 2>&1 &")
    machine.wait(f"grep -q '^{source}: up' /tmp/watch", 20)
    label = next(room.labels)
    scanner.send_code(label)
    machine.wait(f"grep -q 'label key {label}' /tmp/watch", 20)
    bench.report.check("watched while the daemon records", True)
