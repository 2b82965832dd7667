"""The disk of forgetful_disk.c: it loses what was not synced, and fails when it is told to."""

import mmap
import os
import random
import struct
from pathlib import Path

from support.server import Server, binary

OPERATIONS = ("read", "write", "sync")
KINDS = ("database", "log")
FIELDS = ("skip", "left", "code", "failed")
FIELD = struct.Struct("=i")

# SQLite's result codes.
FULL = 13
IO_READ = 266
IO_WRITE = 778
IO_SYNC = 1034


class Disk:
    """What is to fail, in memory that the server shares."""

    def __init__(self, path):
        self.path = Path(path)
        self.path.write_bytes(bytes(len(OPERATIONS) * len(KINDS) * len(FIELDS) * FIELD.size))
        with self.path.open("r+b") as file:
            self.memory = mmap.mmap(file.fileno(), 0)

    def _at(self, operation, kind, field):
        index = OPERATIONS.index(operation) * len(KINDS) + KINDS.index(kind)
        return (index * len(FIELDS) + FIELDS.index(field)) * FIELD.size

    def _set(self, operation, kind, field, value):
        FIELD.pack_into(self.memory, self._at(operation, kind, field), value)

    def fail(self, operation, kind, code, skip=0, count=1):
        """The calls behind the next `skip`."""
        self._set(operation, kind, "code", code)
        self._set(operation, kind, "skip", skip)
        self._set(operation, kind, "left", count)

    def failed(self, operation, kind):
        """How many calls did, ever."""
        return FIELD.unpack_from(self.memory, self._at(operation, kind, "failed"))[0]

    def heal(self):
        for operation in OPERATIONS:
            for kind in KINDS:
                self._set(operation, kind, "left", 0)


class ForgetfulServer(Server):
    """SIGKILL of it is a power cut. The disk is told by `disk` what is to fail."""

    def __init__(self, directory, *options, **keywords):
        super().__init__(directory, *options, **keywords)
        self.disk = Disk(Path(directory).with_suffix(".disk"))
        self.env["FORGETFUL_DISK"] = str(self.disk.path)

    def command(self):
        program = Path(binary()).parent / "tests" / "crash" / "forgetful-server"
        assert program.is_file(), f"there is no {program}: build with -Dtests=enabled"
        return [str(program) if part == binary() else part for part in super().command()]

    def launch(self):
        self.env["FORGETFUL_SEED"] = str(random.getrandbits(32))
        return super().launch()
