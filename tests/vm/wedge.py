"""What a keyboard wedge may do: case, control characters, numbers from the keypad, and the clerk's own keyboard."""

from plugging import PATIENT
from scanners import LONG_FLASH_S, ClerkKeyboard, Keyboard


def keyboard_room(bench, **settings):
    """A room with a keyboard wedge that is not plugged in yet."""
    scanner = bench.scanner(Keyboard, "wedge", "KBD0002", **settings)
    room = bench.room(scanner.config + PATIENT)
    room.serve()
    room.wait_presence(room.stations[0], "not-present")
    return scanner, room, room.stations[0]


def watch_console(machine):
    """Collects what the console gets, as a session of a clerk would."""
    machine.sh("stty -F /dev/tty1 -icanon -echo; : >/tmp/console")
    machine.sh("[ -e /tmp/console.pid ] || { cat /dev/tty1 >>/tmp/console 2>&1 & echo $! >/tmp/console.pid; }")


def clerk(bench):
    """The clerk's keyboard goes to the screen and nowhere else; the wedge goes to us and nowhere else."""
    report, machine = bench.report, bench.machine
    own = bench.scanner(ClerkKeyboard)
    own.plug()
    scanner, room, desk = keyboard_room(bench)
    watch_console(machine)
    scanner.plug()
    room.wait_presence(desk, "up")
    own.press("h", "e", "l", "l", "o")
    bench.scan("scan between the clerk's keys", room, desk, scanner)
    own.press("y", "o", "u", "ret")
    machine.wait("grep -q helloyou /tmp/console", 10)
    report.equal("the screen has the clerk's keys and no others", machine.sh("cat /tmp/console"), "helloyou\n")
    report.equal("no frame of the clerk's keys", room.scanner(desk)["frames"], 1)
    scanner.unplug()
    room.wait_presence(desk, "not-present")
    own.press("b", "y", "e", "ret")
    machine.wait("grep -q bye /tmp/console", 10)
    report.equal("the clerk types on when the wedge is gone", machine.sh("cat /tmp/console"), "helloyou\nbye\n")
    bench.end(room)


def caps_lock(bench):
    """Caps Lock of the desk, before and during: codes stay as they are, also from a scanner that makes up for it."""
    report = bench.report
    own = bench.scanner(ClerkKeyboard)
    own.plug()
    scanner, room, desk = keyboard_room(bench, inverts=True)
    own.press("caps_lock")
    scanner.plug()
    room.wait_presence(desk, "up")
    scanner.look(1)
    report.check("Caps Lock on before: not shown at the scanner", not scanner.leds & 2, scanner.leds)
    bench.scan("Caps Lock on before", room, desk, scanner)
    own.press("caps_lock")
    bench.scan("Caps Lock switched off", room, desk, scanner)
    own.press("caps_lock")
    bench.scan("Caps Lock switched on meanwhile", room, desk, scanner)
    scanner.look(1)
    report.check("Caps Lock meanwhile: not shown at the scanner", not scanner.leds & 2, scanner.leds)
    own.press("caps_lock")
    bench.end(room)


def keys(bench):
    """Keys that are no letters: control characters, the keypad, and Alt with a number."""
    scanner, room, desk = keyboard_room(bench)
    scanner.plug()
    room.wait_presence(desk, "up")

    def expect(what, count, code):
        room.wait_scans(desk, count)
        bench.report.equal(what, room.board(desk)[0]["code"], code)

    scanner.send_part("]C18018123456789012345675")
    scanner.press("ctrl", "]")
    scanner.send_code("10AB")
    expect("Ctrl and ] is GS", 1, "]C18018123456789012345675␝10AB")
    for digit in "20000001":
        scanner.press(f"keypad-{digit}")
    scanner.press("keypad-enter")
    expect("digits and Enter of the keypad", 2, "20000001")
    scanner.send_code("AÄB")
    expect("Alt and 0196 is Ä", 3, "AÄB")
    scanner.send_code("v10005V10006_x")
    expect("shift as it was typed", 4, "v10005V10006_x")
    flashes = scanner.flashes(next(room.labels))
    is_short = len(flashes) == 1 and flashes[0] < LONG_FLASH_S
    bench.report.check("one short flash for a recorded scan", is_short, flashes)
    bench.end(room)


def shift_held(bench):
    """Pulled out while shift is down: the shift is gone with it."""
    scanner, room, desk = keyboard_room(bench)
    scanner.plug()
    room.wait_presence(desk, "up")
    scanner.send_part("1234")
    scanner.hold("shift")
    bench.machine.sh("usleep 300000")
    scanner.unplug()
    room.wait_presence(desk, "not-present")
    bench.report.equal("what was typed is refused", room.board(desk)[0]["verdict"], "refused")
    scanner.plug()
    room.wait_presence(desk, "up")
    answer, _ = scanner.scan("20000002")
    bench.report.equal("digits afterwards: answered as recorded", answer, "recorded")
    bench.report.equal("digits afterwards: the chart is here", room.holder("20000002"), desk.custodian)
    bench.end(room)
