"""What happens to devices in a file room: twins, other sockets, other programs, scanners that do not listen."""

from bench import SCANS
from scanners import Acm, Ftdi

TWIN = "/dev/serial/by-path/pci-0000:00:03.0-usb-0:{port}:1.0-port0"
"""What an FTDI adapter in a socket of the machine is called after its place."""


def identical(bench):
    """Two adapters that share a serial number, as cheap ones do: told apart by their sockets."""
    report, machine = bench.report, bench.machine
    left = bench.scanner(Ftdi, "left", "0001", port=1)
    right = bench.scanner(Ftdi, "right", "0001", port=2)
    answer = 'answer = "ack-nak"\n'
    room = bench.room(*(f'device = "{TWIN.format(port=port)}"\n{answer}' for port in (1, 2)))
    room.serve()
    for scanner, desk in zip((left, right), room.stations):
        scanner.plug()
        room.wait_presence(desk, "up")
    links = machine.sh("ls /dev/serial/by-id").split()
    report.equal("both have one name by-id", links, [left.device.rsplit("/", 1)[1]])
    for scanner, desk in zip((left, right), room.stations):
        bench.scan(f"{scanner.name} socket", room, desk, scanner)
    for scanner, desk in zip((left, right), room.stations):
        scanner.unplug()
        room.wait_presence(desk, "not-present")
    # In the other order they get each other's ttyUSB number.
    for scanner, desk in reversed(list(zip((left, right), room.stations))):
        scanner.plug()
        room.wait_presence(desk, "up")
    for scanner, desk in zip((left, right), room.stations):
        bench.scan(f"{scanner.name} socket, replugged in the other order", room, desk, scanner)
    bench.end(room)


def other_socket(bench):
    """A scanner with a serial number goes where its plug goes."""
    scanner = bench.scanner(Ftdi, "ftdi", "FT0002", port=1)
    room = bench.room(scanner.config)
    desk = room.stations[0]
    room.serve()
    scanner.plug()
    room.wait_presence(desk, "up")
    bench.scan("first socket", room, desk, scanner)
    scanner.unplug()
    scanner.port = 7
    scanner.plug()
    room.wait_presence(desk, "not-present")
    bench.report.figure(scanner.kind, "moved to ready", room.wait_presence(desk, "up"))
    bench.scan("another socket", room, desk, scanner)
    bench.end(room)


def plugged_before(bench):
    """The scanner is there, and sends, before the daemon is."""
    scanner = bench.scanner(Acm, "acm", "ACM0002")
    room = bench.room(scanner.config)
    desk = room.stations[0]
    scanner.plug()
    bench.machine.wait(f"test -e {scanner.device}")
    early = next(room.labels)
    scanner.send_code(early)
    room.serve()
    bench.report.figure("daemon", "start to scanner ready", room.wait_presence(desk, "up"))
    bench.report.equal("scanned when nobody listened: not recorded", room.holder(early), "FILE")
    # Until a port is raw, the kernel echoes: the scanner may hear its own bytes, but no answer.
    bench.report.check("scanned when nobody listened: not answered", b"\x06" not in scanner.hear(64, 1))
    bench.scan("scan", room, desk, scanner)
    bench.end(room)


def port_held(bench):
    """Another program has the port: it is named, and the scanner comes up when that one lets go."""
    report, machine = bench.report, bench.machine
    scanner = bench.scanner(Ftdi, "ftdi", "FT0003", port=1)
    room = bench.room(scanner.config)
    desk = room.stations[0]
    scanner.plug()
    machine.wait(f"su scan -c 'test -w {scanner.device}'")
    hold = f"su scan -c 'exec flock --no-fork {scanner.device} sleep 600'"
    holder = int(machine.sh(f"{hold} >/tmp/held 2>&1 & echo $!"))
    machine.wait(f"ls -l /proc/{holder}/fd | grep -q ttyUSB")
    room.serve()
    room.wait_presence(desk, "fault")
    why = room.scanner(desk)["why"]
    report.check("the fault names the program", f"in use by sleep (process {holder})" in why, why)
    report.check("the fault is on the page", "in use by" in room.page("/scanners"))
    machine.sh(f"kill {holder}")
    report.figure(scanner.kind, "port let go to ready", room.wait_presence(desk, "up"))
    bench.scan("scan", room, desk, scanner)
    bench.end(room)


def late_permission(bench):
    """Access comes seconds after the device, then never: a wait without a word, and a fault with advice."""
    report, machine = bench.report, bench.machine
    late = "/etc/udev/rules.d/10-late.rules"
    machine.write(late, 'ACTION=="add", KERNEL=="ttyACM*", PROGRAM="/bin/sleep 3"\n')
    machine.sh("udevadm control --reload")
    scanner = bench.scanner(Acm, "acm", "ACM0003")
    room = bench.room('device = "/dev/ttyACM0"\nanswer = "ack-nak"\n')
    desk = room.stations[0]
    room.serve()
    scanner.plug()
    machine.wait("test -e /dev/ttyACM0")
    is_early = machine.try_sh("su scan -c 'test -w /dev/ttyACM0'")[0] != 0
    report.check("the device is there before its permission", is_early)
    report.figure(scanner.kind, "plug to ready, udev 3 s late", room.wait_presence(desk, "up"))
    report.equal("no fault was logged", machine.try_sh(f"grep ERROR {room.dir}/log")[1], "")
    bench.scan("permission after 3 s", room, desk, scanner)
    scanner.unplug()
    machine.sh(f"rm {late}; udevadm control --reload")

    machine.write(late, 'KERNEL=="ttyACM*", MODE:="0600", GROUP:="root"\n')
    machine.sh("udevadm control --reload")
    room.wait_presence(desk, "not-present")
    scanner.plug()
    room.wait_presence(desk, "fault")
    why = room.scanner(desk)["why"]
    report.check("no permission at all: the fault says what to do", "dialout" in why, why)
    machine.sh(f"rm {late}; udevadm control --reload; chgrp dialout /dev/ttyACM0; chmod 660 /dev/ttyACM0")
    report.figure(scanner.kind, "permission given to ready", room.wait_presence(desk, "up"))
    bench.scan("permission given by hand", room, desk, scanner)
    bench.end(room)


BLOCK = 64
"""Scans whose answers, of 13 bytes each, the daemon holds back in full for a scanner that takes none."""
BLOCKS_MAX = 60
"""Blocks by which the buffers of both kernels are full."""


def deaf(bench):
    """A scanner that never reads its answers: recorded all the same, nobody else waits, and the daemon stops in time."""
    report, machine = bench.report, bench.machine
    machine.sh("mkdir -p /tmp/gadget.deaf && touch /tmp/gadget.deaf/deaf")
    scanner = bench.scanner(Acm, "deaf", "ACM0004")
    neighbour = bench.scanner(Ftdi, "ftdi", "FT0004", port=1)
    room = bench.room(f'device = "{scanner.device}"\nframing = "ssi"\n', neighbour.config)
    desk, next_desk = room.stations
    room.serve()
    scanner.plug()
    neighbour.plug()
    room.wait_presence(desk, "up")
    room.wait_presence(next_desk, "up")
    label = next(room.labels)
    blocks = 0
    while not room.scanner(desk)["answers_dropped"] and blocks < BLOCKS_MAX:
        blocks += 1
        scanner.send(ssi_packet(label) * BLOCK)
        room.wait_scans(desk, blocks * BLOCK)
    report.check(f"the line is stuck after {blocks} blocks of {BLOCK} scans", blocks < BLOCKS_MAX)
    bench.scan("its neighbour", room, next_desk, neighbour)
    scanner.send(ssi_packet(label) * BLOCK)
    scans = (blocks + 1) * BLOCK
    report.equal("its scans are in the journal all the same", room.wait_scans(desk, scans), scans)
    report.equal("its chart is with the station", room.holder(label), desk.custodian)
    report.equal("it is still up", room.scanner(desk)["presence"], "up")
    heard = [neighbour.scan(next(room.labels)) for _ in range(SCANS)]
    report.equal("all scans of its neighbour are answered", {answer for answer, _ in heard}, {"recorded"})
    report.figure(neighbour.kind, "scan to answer beside a deaf one", *(seconds for _, seconds in heard))
    bench.end(room, "TERM to end, deaf scanner")


def ssi_packet(code):
    """Zebra SSI DECODE_DATA of a Code 39 label: length, command, source, status, type, data, and a sum of two bytes."""
    body = bytes([len(code) + 5, 0xF3, 0x00, 0x00, 0x01]) + code.encode()
    return body + (0x10000 - sum(body)).to_bytes(2, "big")
