"""The scanners: what each kind sends, and how it hears that a scan was recorded.

All are played over a socket of the host. An FTDI adapter is QEMU's own; the others are gadgets of the guest's kernel, so
that both sides of the USB stack are the real ones.
"""

import socket
import time

from keys import BLANK, CAPS, SCROLL, chord, reports_for

QUIET_S = 1.5
"""A keyboard's answer has ended when its LEDs have not changed for so long."""

LONG_FLASH_S = 0.7
"""Between the flash of 0.2 s that means recorded and that of 1 s that means look."""


class Scanner:
    """What all kinds have in common. `config` are the lines of its source that name it."""

    kind = ""
    config = ""
    sock = None

    def __init__(self, machine, name):
        self.machine = machine
        self.name = name

    def send(self, data):
        self.sock.sendall(data)

    def hear(self, count, timeout):
        """Bytes that came from the host: `count` of them, or fewer if time is up."""
        heard = b""
        end = time.monotonic() + timeout
        while len(heard) < count and time.monotonic() < end:
            self.sock.settimeout(max(0.001, end - time.monotonic()))
            try:
                got = self.sock.recv(count - len(heard))
            except TimeoutError:
                break
            if not got:
                break
            heard += got
        return heard

    def forget(self):
        """Throws away what came from the host so far."""
        self.sock.setblocking(False)
        try:
            while self.sock.recv(4096):
                pass
        except OSError:
            pass
        self.sock.setblocking(True)

    def scan(self, code, timeout=30):
        """Sends a code; returns the answer, None if there was none, and the seconds until it came."""
        self.forget()
        begun = time.monotonic()
        self.send_code(code)
        answer = self.answer(timeout)
        return answer, time.monotonic() - begun

    def refuses(self, code):
        """Whether a code is not answered as recorded."""
        return self.scan(code, timeout=5)[0] != "recorded"

    def send_code(self, code):
        """A whole code with its end."""
        raise NotImplementedError

    def send_part(self, code):
        """The beginning of a code."""
        raise NotImplementedError

    def answer(self, timeout):
        """The next answer: "recorded", another word, or None."""
        raise NotImplementedError


class Serial(Scanner):
    """Sends characters and a carriage return; hears ACK or NAK."""

    words = {b"\x06": "recorded", b"\x15": "not recorded", b"": None}

    def send_code(self, code):
        self.send(code.encode() + b"\r")

    def send_part(self, code):
        self.send(code.encode())

    def answer(self, timeout):
        heard = self.hear(1, timeout)
        return self.words.get(heard, f"bytes {heard.hex()}")


class Ftdi(Serial):
    """RS-232 behind an FTDI adapter."""

    kind = "FTDI"

    def __init__(self, machine, name, serial, port):
        super().__init__(machine, name)
        self.serial = serial
        self.port = port
        self.device = f"/dev/serial/by-id/usb-QEMU_QEMU_USB_SERIAL_{serial}-if00-port0"
        self.config = f'device = "{self.device}"\nanswer = "ack-nak"\n'

    def plug(self):
        self.sock = self.machine.add_socket(self.name)
        properties = {"serial": self.serial, "port": str(self.port), "always-plugged": True}
        self.machine.plug("usb-serial", self.name + "-device", chardev=self.name, **properties)

    def unplug(self):
        self.machine.unplug(self.name + "-device")
        self.machine.remove_socket(self.name, self.sock)
        self.sock = None

    def remove(self):
        if self.sock:
            self.unplug()


class Gadget(Scanner):
    """A scanner made of the guest kernel's gadget functions; a pipe joins its far side to a socket here."""

    function = ""
    vendor, product = 0x1209, 0x0001

    def __init__(self, machine, name, serial="", model="Scanner"):
        super().__init__(machine, name)
        self.serial = serial
        self.model = model
        self.usb = f"{self.vendor:04x}:{self.product:04x}:{serial}"
        self.made = False

    def plug(self):
        if self.made:
            return self.machine.sh(f"gadget plug {self.name}")
        self.machine.sh("[ -e /sys/class/udc/dummy_udc.0 ] || gadget load")
        self.pipe = self.machine.free_pipes.pop(0)
        self.sock = self.machine.sockets[self.pipe]
        self.made = True
        ids = f"0x{self.vendor:04x} 0x{self.product:04x}"
        self.machine.sh(
            f"gadget add {self.function} {self.name} {self.pipe + 1} '{self.serial}' {ids} '{self.model}'"
        )
        return None

    def unplug(self):
        self.machine.sh(f"gadget unplug {self.name}")
        self.forget()

    def remove(self):
        if self.made:
            self.made = False
            self.machine.sh(f"gadget remove {self.name}")
            self.forget()
            self.machine.free_pipes.append(self.pipe)


class Acm(Gadget, Serial):
    """A scanner in "USB COM" mode."""

    kind = "CDC-ACM"
    function = "acm"
    vendor, product = 0x05E0, 0x1701

    def __init__(self, machine, name, serial="", model="Scanner"):
        super().__init__(machine, name, serial, model)
        self.device = f"/dev/serial/by-id/usb-Outguide_{model}_{serial}-if00"
        self.config = f'device = "{self.device}"\nanswer = "ack-nak"\n'


class HidPos(Gadget):
    """A HID POS scanner: reports of 64 bytes; hears a report with a bit for each sound."""

    kind = "HID POS"
    function = "hid-pos"
    vendor, product = 0x0C2E, 0x0B6A
    words = {b"\x04\x10": "recorded", b"\x04\x08": "not recorded", b"\x04\x20": "not on file", b"": None}

    def __init__(self, machine, name, serial):
        super().__init__(machine, name, serial)
        self.config = f'kind = "hid-pos"\nusb = "{self.usb}"\nanswer = "hid-pos"\n'

    def reports(self, code, more_follows):
        data = code.encode()
        parts = [data[start : start + 56] for start in range(0, len(data), 56)]
        for number, part in enumerate(parts, 1):
            more = more_follows or number < len(parts)
            yield bytes([2, len(part)]) + b"]C0" + part.ljust(56, b"\0") + bytes([0, 0, more])

    def send_code(self, code):
        self.send(b"".join(self.reports(code, False)))

    def send_part(self, code):
        self.send(b"".join(self.reports(code, True)))

    def answer(self, timeout):
        heard = self.hear(2, timeout)
        return self.words.get(heard, f"report {heard.hex()}")


class Keyboard(Gadget):
    """A keyboard wedge: types a code and Enter; hears flashes of its Scroll Lock LED.

    With `inverts` it turns case round while it sees its Caps Lock LED lit, as some scanners do to make up for the host.
    """

    kind = "keyboard"
    function = "keyboard"
    vendor, product = 0x05F9, 0x2204

    def __init__(self, machine, name, serial, inverts=False):
        super().__init__(machine, name, serial)
        self.config = f'kind = "keyboard"\nusb = "{self.usb}"\nlayout = "us"\nanswer = "leds"\n'
        self.inverts = inverts
        self.leds = 0

    def plug(self):
        self.leds = 0
        super().plug()

    def send_code(self, code):
        self.send_part(code + "\n")

    def send_part(self, code):
        self.look()
        if self.inverts and self.leds & CAPS:
            code = code.swapcase()
        self.send(b"".join(reports_for(code)))

    def press(self, *names):
        """Presses keys together and lets go of them."""
        self.send(chord(*names) + BLANK)

    def hold(self, *names):
        """Presses keys together and keeps them down."""
        self.send(chord(*names))

    def look(self, timeout=0.0):
        """Follows the LEDs for so long; returns how each change left them."""
        seen = []
        while heard := self.hear(1, timeout or 0.001):
            seen.append(heard[0])
            self.leds = heard[0]
        return seen

    def forget(self):
        """Waits until the light of the last answer is out."""
        end = time.monotonic() + 5
        while (self.look(0.2) or self.leds & SCROLL) and time.monotonic() < end:
            pass

    def answer(self, timeout):
        """The moment that counts is that of the first light; `flashes` tells how many there are."""
        end = time.monotonic() + timeout
        while time.monotonic() < end:
            heard = self.hear(1, end - time.monotonic())
            if not heard:
                return None
            self.leds = heard[0]
            if self.leds & SCROLL:
                return "recorded"
        return None

    def refuses(self, code):
        """One short flash means recorded, one long flash does not."""
        flashes = self.flashes(code)
        return len(flashes) != 1 or flashes[0] > LONG_FLASH_S

    def flashes(self, code):
        """Scans a code; returns how long the LED was lit each time, in seconds."""
        self.forget()
        self.send_code(code)
        flashes, lit_at, timeout = [], None, 5
        while heard := self.hear(1, timeout):
            timeout = QUIET_S
            self.leds = heard[0]
            if lit_at is None and self.leds & SCROLL:
                lit_at = time.monotonic()
            elif lit_at is not None and not self.leds & SCROLL:
                flashes.append(time.monotonic() - lit_at)
                lit_at = None
        return flashes


class ClerkKeyboard:
    """The keyboard on the clerk's desk: QEMU's own."""

    def __init__(self, machine):
        self.machine = machine
        self.is_plugged = False

    def plug(self):
        self.machine.plug("usb-kbd", "clerk", port="4", serial="CLERK")
        self.is_plugged = True
        self.machine.wait("test -e /dev/input/by-id/*CLERK*-event-kbd")

    def remove(self):
        if self.is_plugged:
            self.machine.unplug("clerk")

    def press(self, *names):
        """Types keys by QEMU's names, no faster than the guest asks for them."""
        for name in names:
            for is_down in (True, False):
                key = {"type": "key", "data": {"down": is_down, "key": {"type": "qcode", "data": name}}}
                self.machine.monitor.ask("input-send-event", events=[key])
                time.sleep(0.05)
