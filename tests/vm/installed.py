"""The machine on which Outguide is installed as the README says, with Debian's systemd, and its file room."""

import subprocess
import time

from machine import Machine
from room import SCOPES, TOKEN, Room

UNIT = "outguide.service"

OTHERS = "192.0.2.7:"
"""Address of the program that plays everything else on the machine (guest/others)."""


class Installed(Machine):
    """A whole Debian: its disk is the one that tests/vm/system built."""

    initramfs = "system.cpio"
    kernel_line = f"systemd.show_status=no {Machine.kernel_line}"
    memory_mib = 512

    def new_disk(self):
        subprocess.run(["cp", "--sparse=always", self.image / "system.disk", self.disk], check=True)

    def wait_ready(self):
        super().wait_ready()
        self.sh("systemctl is-system-running --wait || systemctl --failed", 240)
        self.sh("modprobe configfs; mountpoint -q /sys/kernel/config || mount -t configfs none /sys/kernel/config")


class ServedRoom(Room):
    """A file room whose daemon is systemd's to start, in the files that the README names; root looks after it."""

    def configure(self, toml):
        """The sample as it comes; what is this site's own stands beside it."""
        self.dir = "/src"
        self.machine.sh("cd /src && sh -e ./install", 240)
        self.machine.sh("mkdir -p /etc/outguide/conf.d")
        self.machine.write("/etc/outguide/conf.d/desk.toml", toml)

    def command(self, arguments, first=""):
        return f"{first}outguide {arguments}"

    def serve(self):
        begun = time.monotonic()
        self.machine.sh(f"systemctl enable --now {UNIT}", 120)
        seconds = time.monotonic() - begun
        self.machine.sh(f"outguide account token tests --scope {SCOPES} | sed -n 's/^token: //p' >{TOKEN}")
        return seconds

    def stop(self):
        begun = time.monotonic()
        self.machine.sh(f"systemctl stop {UNIT}", 120)
        return int(self.show("ExecMainStatus")), time.monotonic() - begun

    def kill(self):
        pass

    def listens_on(self):
        """Where connections are waited for; the others on the machine do so in the network."""
        waiting = self.machine.sh("busybox netstat -ltn | awk '/LISTEN/ { print $4 }'").split()
        return {address for address in waiting if not address.startswith(OTHERS)}

    def show(self, key):
        """What systemd says of the unit."""
        return self.machine.sh(f"systemctl show --property {key} --value {UNIT}").strip()

    def log(self):
        return self.machine.try_sh(f"journalctl --unit {UNIT} --output cat --no-pager | tail -n 60")[1]
