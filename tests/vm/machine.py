"""The virtual machine: starts it, runs scripts in it, plugs QEMU's own devices, and cuts its power.

Invariant: QEMU is ended by the process that was started here, never by a name; nothing needs a port of this machine.
"""

import base64
import json
import socket
import subprocess
import time
from pathlib import Path

BOOT_S = 240
"""How long a boot may take: emulation, on a machine that others use too."""

PIPES = 6
"""Pipes between host and guest beside the agent's; each plays one gadget at a time."""


class Trouble(Exception):
    """What was waited for did not come about."""


class Lines:
    """Lines out of a socket, each waited for until a deadline."""

    def __init__(self, sock):
        self.sock = sock
        self.rest = b""

    def next(self, timeout):
        end = time.monotonic() + timeout
        while b"\n" not in self.rest:
            self.sock.settimeout(max(0.001, end - time.monotonic()))
            try:
                got = self.sock.recv(65536)
            except TimeoutError:
                return None
            if not got:
                raise Trouble("the machine has gone")
            self.rest += got
        line, self.rest = self.rest.split(b"\n", 1)
        return line


def connect(path, is_alive, timeout=30):
    """Connects to a socket that QEMU is about to make."""
    end = time.monotonic() + timeout
    while True:
        sock = socket.socket(socket.AF_UNIX)
        try:
            sock.connect(str(path))
            return sock
        except OSError:
            sock.close()
        if not is_alive() or time.monotonic() > end:
            raise Trouble(f"no connection to {path}")
        time.sleep(0.05)


class Monitor:
    """QEMU's own control (QMP)."""

    def __init__(self, sock):
        self.sock = sock
        self.lines = Lines(sock)
        self.events = []
        self.lines.next(30)
        self.ask("qmp_capabilities")

    def ask(self, command, **arguments):
        message = {"execute": command, "arguments": arguments}
        self.sock.sendall(json.dumps(message).encode() + b"\n")
        while True:
            answer = self.read(60, command)
            if "error" in answer:
                raise Trouble(f"{command}: {answer['error']['desc']}")
            if "return" in answer:
                return answer["return"]
            self.events.append(answer)

    def wait_deleted(self, device):
        def is_it(event):
            return event.get("event") == "DEVICE_DELETED" and event["data"].get("device") == device

        while not any(is_it(event) for event in self.events):
            self.events.append(self.read(60, f"removal of {device}"))
        self.events = []

    def read(self, timeout, awaited):
        line = self.lines.next(timeout)
        if line is None:
            raise Trouble(f"QEMU does not answer: {awaited}")
        return json.loads(line)


class Machine:
    """One boot after another of the same file-room PC; its disk stays, as that of a real one does."""

    initramfs = "initramfs"
    kernel_line = "console=tty0 console=ttyS0 quiet panic=-1 mitigations=off nokaslr no_timer_check"
    memory_mib = 384

    def __init__(self, image, run):
        self.image = Path(image)
        self.run = Path(run)
        self.run.mkdir(parents=True, exist_ok=True)
        self.disk = self.run / "disk"
        self.qemu = None
        self.boots = []
        self.new_disk()

    def new_disk(self):
        with open(self.disk, "wb") as disk:
            disk.truncate(96 << 20)
        subprocess.run(["mkfs.ext4", "-q", "-F", self.disk], check=True)

    def start(self):
        begun = time.monotonic()
        for old in self.run.glob("*.sock"):
            old.unlink()
        with open(self.run / "qemu.log", "wb") as log:
            self.qemu = subprocess.Popen(
                self.command(), stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
            )
        try:
            self.monitor = Monitor(connect(self.run / "monitor.sock", self.is_running))
            self.sockets = [connect(self.run / f"pipe{n}.sock", self.is_running) for n in range(PIPES + 1)]
            self.agent = Lines(self.sockets[0])
            self.free_pipes = list(range(1, PIPES + 1))
            self.scripts = 0
            self.wait_ready()
        except Trouble as trouble:
            self.cut()
            raise Trouble(f"{trouble}\n{self.log()}\n{self.console()}") from None
        except BaseException:
            self.cut()
            raise
        self.boots.append(time.monotonic() - begun)

    def command(self):
        # Never KVM, even where there is one: the figures are to be of one kind, and nested ones have been seen to hang.
        command = ["qemu-system-x86_64", "-accel", "tcg,thread=multi", "-machine", "q35", "-cpu", "qemu64"]
        command += ["-smp", "2", "-m", str(self.memory_mib), "-nodefaults", "-no-reboot"]
        command += ["-display", "none", "-vga", "std"]
        command += ["-kernel", self.image / "vmlinuz", "-initrd", self.image / self.initramfs]
        command += ["-append", self.kernel_line]
        command += ["-chardev", f"file,id=console,path={self.run}/console.log", "-serial", "chardev:console"]
        command += ["-qmp", f"unix:{self.run}/monitor.sock,server=on,wait=off"]
        command += ["-device", "virtio-rng-pci", "-device", "qemu-xhci,id=usb,p2=12,p3=4"]
        command += ["-drive", f"file={self.disk},if=none,id=disk,format=raw", "-device", "virtio-blk-pci,drive=disk"]
        command += ["-device", "virtio-serial-pci"]
        for number in range(PIPES + 1):
            path = f"{self.run}/pipe{number}.sock"
            command += ["-chardev", f"socket,id=pipe{number},path={path},server=on,wait=off"]
            command += ["-device", f"virtserialport,chardev=pipe{number},nr={number + 1}"]
        return command

    def is_running(self):
        return self.qemu is not None and self.qemu.poll() is None

    def wait_ready(self):
        end = time.monotonic() + BOOT_S
        while self.agent.next(1) != b"ready":
            if not self.is_running():
                raise Trouble("QEMU has ended")
            if time.monotonic() > end:
                raise Trouble(f"the guest was not up within {BOOT_S} s")

    def cut(self):
        """Cuts the power: what the guest had not yet given to its disk is gone."""
        if self.qemu:
            self.qemu.kill()
            self.qemu.wait()
            self.qemu = None
            for sock in getattr(self, "sockets", []):
                sock.close()

    def log(self):
        return (self.run / "qemu.log").read_text(errors="replace")

    def console(self):
        """The last that the guest said on its console."""
        path = self.run / "console.log"
        return path.read_text(errors="replace")[-3000:] if path.exists() else ""

    # Scripts in the guest.

    def try_sh(self, script, timeout=60):
        """Runs a script as root; returns its exit status and all that it said."""
        self.scripts += 1
        number = str(self.scripts).encode()
        self.sockets[0].settimeout(timeout)
        self.sockets[0].sendall(number + b" " + base64.b64encode(script.encode()) + b"\n")
        end = time.monotonic() + timeout
        while True:
            line = self.agent.next(end - time.monotonic())
            if line is None:
                raise Trouble(f"the guest did not end this within {timeout} s: {script}")
            tag, _, answer = line.partition(b" ")
            if tag == number:
                status, _, output = answer.partition(b" ")
                return int(status), base64.b64decode(output).decode("utf8", "replace")

    def sh(self, script, timeout=60):
        """Runs a script that must succeed; returns what it said."""
        status, output = self.try_sh(script, timeout)
        if status:
            raise Trouble(f"exit status {status} of: {script}\n{output}")
        return output

    def wait(self, test, timeout=30):
        """Repeats a test in the guest until it succeeds; returns the seconds that took."""
        begun = time.monotonic()
        clock = "read now rest </proc/uptime; now=${now%.*}"
        late = f"{clock}; [ $now -lt $end ] || exit 1"
        loop = f"{clock}; end=$((now + {timeout})); until {test}; do {late}; usleep 20000; done"
        status, output = self.try_sh(loop, timeout + 60)
        if status:
            raise Trouble(f"not within {timeout} s: {test}\n{output}")
        return time.monotonic() - begun

    def write(self, path, text):
        self.sh(f"echo {base64.b64encode(text.encode()).decode()} | base64 -d >{path}")

    # QEMU's devices.

    def add_socket(self, name):
        """Makes a chardev of this name; returns our end of it."""
        path = self.run / f"{name}.sock"
        path.unlink(missing_ok=True)
        address = {"type": "unix", "data": {"path": str(path)}}
        backend = {"type": "socket", "data": {"addr": address, "server": True, "wait": False}}
        self.monitor.ask("chardev-add", id=name, backend=backend)
        return connect(path, self.is_running)

    def remove_socket(self, name, sock):
        sock.close()
        end = time.monotonic() + 10
        while True:
            try:
                return self.monitor.ask("chardev-remove", id=name)
            except Trouble:
                if time.monotonic() > end:
                    raise
                time.sleep(0.05)

    def plug(self, driver, name, **properties):
        self.monitor.ask("device_add", driver=driver, id=name, bus="usb.0", **properties)

    def unplug(self, name):
        self.monitor.ask("device_del", id=name)
        self.monitor.wait_deleted(name)
