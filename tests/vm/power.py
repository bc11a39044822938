"""The power goes right after a scan was acknowledged: when it comes back, the scan is there."""

import time

from scanners import Ftdi

ACK = 0x06
ANSWERS = 40
"""Answers after which the power goes."""
UNDER_WAY = 6
"""Scans that wait for their answers at a time; few enough for one page."""
PATIENCE_S = 60


def cut(bench):
    report, machine = bench.report, bench.machine
    scanner = bench.scanner(Ftdi, "ftdi", "FT0005", port=1)
    room = bench.room(scanner.config)
    desk = room.stations[0]
    room.serve()
    scanner.plug()
    room.wait_presence(desk, "up")
    # The control, right before the scans: what nobody synced has to be gone, or nothing was cut.
    kept, lost = f"{room.dir}/synced", f"{room.dir}/not-synced"
    machine.sh(f"echo kept >{kept}; sync")
    machine.sh(f"echo lost >{lost}")
    report.equal("control: written without a sync, it can be read before", machine.sh(f"cat {lost}"), "lost\n")
    sent, heard = [], b""
    end = time.monotonic() + PATIENCE_S
    while len(heard) < ANSWERS and time.monotonic() < end:
        if len(sent) - len(heard) < UNDER_WAY:
            sent.append(next(room.labels))
            scanner.send_code(sent[-1])
        # Far shorter than an answer takes: scans are under way when the power goes.
        heard += scanner.hear(UNDER_WAY, 0.003)
    machine.cut()
    heard += scanner.hear(UNDER_WAY, 1)
    seen = f"cut when {len(heard)} of {len(sent)} scans were answered"
    report.check(seen, ANSWERS <= len(heard) < len(sent))
    report.equal("all answers said recorded", set(heard), {ACK})
    acknowledged = sent[: len(heard)]

    scanner.sock = room.pid = None
    machine.start()
    report.equal("control: what was synced is there after the cut", machine.sh(f"cat {kept}"), "kept\n")
    report.equal("control: what was not synced is gone", machine.try_sh(f"cat {lost} 2>&-")[1], "")
    report.figure("daemon", "start to pages after the cut", room.serve())
    gone = [label for label in acknowledged if room.holder(label) != desk.custodian]
    report.equal(f"all {len(acknowledged)} acknowledged scans are there", gone, [])
    report.check("the last of them is on the page", acknowledged[-1] in room.page(f"/stations/{desk.name}"))
    verified = room.verify()
    report.check("the database is whole after the cut", verified.startswith("ok"), verified)
    scanner.plug()
    room.wait_presence(desk, "up")
    bench.scan("scan after the cut", room, desk, scanner)
    bench.end(room)
