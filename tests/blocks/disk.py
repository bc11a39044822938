"""The disk: one file in a FUSE mount that keeps everything in memory and writes down, in order, what the file system above does
to it. `disk.py MOUNTPOINT IMAGE LOG` serves IMAGE's content as MOUNTPOINT/disk until it is unmounted."""

import errno
import stat
import struct
import sys
import time

import fusepy

RECORD = struct.Struct("<cqqI")
"""What, when (monotonic ns), where, how many bytes follow."""

SYNC_S = 0.002
"""How long a flush takes, as on a disk: an answer that does not wait for it gets ahead of it, and is seen to."""


class Disk(fusepy.Operations):
    def __init__(self, image, log):
        with open(image, "rb") as file:
            self.content = bytearray(file.read())
        self.log = open(log, "wb", buffering=1 << 20)

    def note(self, what, offset=0, data=b""):
        """A record is stamped before its caller is answered: who heard of it later has a later time."""
        self.log.write(RECORD.pack(what, time.monotonic_ns(), offset, len(data)))
        self.log.write(data)

    def getattr(self, path, fh=None):
        if path == "/":
            return {"st_mode": stat.S_IFDIR | 0o700, "st_nlink": 2}
        if path == "/disk":
            return {"st_mode": stat.S_IFREG | 0o600, "st_nlink": 1, "st_size": len(self.content)}
        raise fusepy.FuseOSError(errno.ENOENT)

    def readdir(self, path, fh):
        return [".", "..", "disk"]

    def read(self, path, size, offset, fh):
        return bytes(self.content[offset : offset + size])

    def write(self, path, data, offset, fh):
        if offset + len(data) > len(self.content):
            raise fusepy.FuseOSError(errno.ENOSPC)
        self.note(b"W", offset, data)
        self.content[offset : offset + len(data)] = data
        return len(data)

    def fsync(self, path, datasync, fh):
        time.sleep(SYNC_S)
        self.note(b"F")
        return 0

    def destroy(self, path):
        self.log.close()


if __name__ == "__main__":
    # One thread: what is written down first happened first.
    fusepy.FUSE(Disk(sys.argv[2], sys.argv[3]), sys.argv[1], foreground=True, nothreads=True, big_writes=True)
