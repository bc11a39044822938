"""The power goes right after a scan was acknowledged: when it comes back, the scan is there."""

from bench import SCANS
from scanners import Ftdi


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
    labels = [next(room.labels) for _ in range(SCANS)]
    heard = [scanner.scan(label)[0] for label in labels]
    machine.cut()
    report.equal("every scan was answered as recorded", set(heard), {"recorded"})

    scanner.sock = room.pid = None
    machine.start()
    report.equal("control: what was synced is there after the cut", machine.sh(f"cat {kept}"), "kept\n")
    report.equal("control: what was not synced is gone", machine.try_sh(f"cat {lost} 2>&-")[1], "")
    report.figure("daemon", "start to pages after the cut", room.serve())
    gone = [label for label in labels if room.holder(label) != desk.custodian]
    report.equal("every acknowledged scan is there", gone, [])
    newest = room.board(desk)[0]
    report.equal("the last one is on the board", (newest["verdict"], newest["code"]), ("moved", labels[-1]))
    scanner.plug()
    room.wait_presence(desk, "up")
    bench.scan("scan after the cut", room, desk, scanner)
    bench.end(room)
