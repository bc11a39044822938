"""File systems, loop devices and mounts: made, and taken down again whatever happens between."""

import contextlib
import pathlib
import subprocess
import time

SIZE = 64 << 20
BLOCK = 4096
"""Of the file system, as on any disk of today; left alone, mkfs gives one this small blocks of 1 KiB."""
READY_S = 20


class Kind:
    """A file system as somebody may have it."""

    def __init__(self, title, features, options, is_checked_at_boot):
        self.title, self.features, self.options, self.is_checked_at_boot = title, features, options, is_checked_at_boot


KINDS = {
    "ext4": Kind("ext4", [], "data=ordered,errors=remount-ro", False),
    # Nothing but e2fsck mends it after a power cut.
    "ext4-no-journal": Kind("ext4 without journal", ["-O", "^has_journal"], "errors=remount-ro", True),
}


class CannotMount(Exception):
    """The file system is not mounted, and why."""


def call(*command):
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise OSError(f"{' '.join(map(str, command))} ended with {done.returncode}: {done.stdout}{done.stderr}")
    return done.stdout.strip()


def make(kind, image):
    """Makes an image with an empty file system."""
    with open(image, "wb") as file:
        file.truncate(SIZE)
    # Nothing is left for a kernel thread to initialise: what is written is written for the daemon.
    lazy = "lazy_itable_init=0,lazy_journal_init=0"
    call("mkfs.ext4", "-q", "-F", "-b", BLOCK, "-m", 0, "-E", lazy, *KINDS[kind].features, image)


@contextlib.contextmanager
def logged(image, log, directory):
    """Serves an image by the disk that writes everything down; its one file."""
    directory.mkdir()
    program = pathlib.Path(__file__).with_name("disk.py")
    server = subprocess.Popen(["/usr/bin/python3", "-B", program, directory, image, log], stderr=subprocess.PIPE, text=True)
    try:
        until = time.monotonic() + READY_S
        while not (directory / "disk").exists():
            if server.poll() is not None or time.monotonic() > until:
                server.kill()
                raise OSError(f"the logging disk does not serve: {server.stderr.readline().strip()}")
            time.sleep(0.02)
        yield directory / "disk"
    finally:
        try:
            if server.poll() is None:
                unmount(directory)
            # The end of the log is written when it is unmounted.
            server.wait(timeout=READY_S)
        finally:
            server.kill()
            server.wait()
            server.stderr.close()


@contextlib.contextmanager
def looped(file, *more):
    """A loop device over a file."""
    device = call("losetup", "--find", "--show", *more, file)
    try:
        yield device
    finally:
        call("losetup", "--detach", device)


def unmount(directory):
    """Unmounts; somebody who was killed may not have let go yet."""
    until = time.monotonic() + READY_S
    while True:
        try:
            return call("umount", directory)
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(0.05)


def is_direct(device):
    return pathlib.Path(f"/sys/block/{pathlib.Path(device).name}/loop/dio").read_text().strip() == "1"


def check(device):
    """What the boot does before it mounts a file system without journal: `-p`; where that does not dare, `-y` as somebody would
    by hand. How it was repaired, empty if it was clean; and whether a piece of a file was thrown away.

    Without a journal a file that grows has its extents and its length written one after the other. With the extents alone
    on disk `-y` takes the last of them away whole, and what was synced in it long before."""
    code = subprocess.run(["e2fsck", "-p", device], capture_output=True, check=False).returncode
    if code < 4:
        return ("fsck -p" if code else ""), False
    done = subprocess.run(["e2fsck", "-f", "-y", device], capture_output=True, text=True, check=False)
    if done.returncode >= 4:
        raise CannotMount(f"e2fsck -y ends with {done.returncode}")
    return "fsck -y", "Clear? yes" in done.stdout


@contextlib.contextmanager
def mounted(kind, device, directory):
    """A mounted file system."""
    directory.mkdir(exist_ok=True)
    try:
        call("mount", "-t", "ext4", "-o", KINDS[kind].options, device, directory)
    except OSError as error:
        raise CannotMount(str(error)) from None
    try:
        yield directory
    finally:
        unmount(directory)


def rehearse(scratch):
    """Finds out whether this machine allows all that is needed.

    # Raises
    OSError, CannotMount: it does not, and what
    """
    scratch.mkdir()
    for kind in KINDS:
        make(kind, scratch / kind)
        with logged(scratch / kind, scratch / "log", scratch / f"{kind}.fuse") as file, looped(file, "--direct-io=on") as device:
            if not is_direct(device):
                raise OSError("the loop device keeps writes back from the disk that logs them: no direct I/O")
            with mounted(kind, device, scratch / f"{kind}.mounted") as directory:
                call("dd", "if=/dev/zero", f"of={directory}/file", "bs=4k", "count=1", "conv=fsync")
