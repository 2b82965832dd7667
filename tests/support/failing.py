"""A server whose calls can be made to fail, one by one: tests/failures/failing.h."""

import http.client
import mmap
import struct
import subprocess
from dataclasses import dataclass
from pathlib import Path

from support.server import Server, binary

# As in failing.h.
KINDS = ("memory", "statement", "late statement", "read", "write", "full disk", "open")
MAIN, LOOP, READER, WRITER, PASSWORD, ACCEPTOR, BACKGROUND = (1 << bit for bit in range(7))
REQUESTS = LOOP | READER | WRITER | PASSWORD | ACCEPTOR
_FRAMES = 24
_CONTROL = struct.Struct(f"=6I48s{_FRAMES}Q")

TIMEOUT = 120  # seconds, after which something hangs


def failing_binary():
    return str(Path(binary()).parent / "tests" / "failures" / "failing_server")


class Calls:
    """Says which call fails, and counts those of its kind."""

    def __init__(self, path):
        self.path = Path(path)
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.path.write_bytes(bytes(_CONTROL.size))
        with self.path.open("r+b") as file:
            self._memory = mmap.mmap(file.fileno(), _CONTROL.size)

    def _put(self, place, value):
        struct.pack_into("=I", self._memory, 4 * place, value)

    def _get(self, place):
        return struct.unpack_from("=I", self._memory, 4 * place)[0]

    def arm(self, kind, number, threads=REQUESTS, lasts=False):
        """The call with this number fails; those behind it too when it lasts. With 0 none does."""
        self.disarm()
        self._memory[:] = bytes(_CONTROL.size)
        for place, value in enumerate((threads, number, int(lasts)), start=1):
            self._put(place, value)
        self._put(0, KINDS.index(kind) + 1)

    def disarm(self):
        self._put(0, 0)

    @property
    def failures(self):
        return self._get(5)

    def where(self):
        """The call that failed first, and what called it."""
        fields = _CONTROL.unpack(self._memory[:])
        name = fields[6].rstrip(b"\0").decode()
        # Of a return address, the call is before it.
        addresses = [hex(frame - 1) for frame in fields[7:] if 0 < frame < 1 << 40]
        found = subprocess.run(
            ["addr2line", "-f", "-s", "-e", failing_binary(), *addresses],
            capture_output=True, text=True, timeout=TIMEOUT,
        ).stdout.splitlines()
        places = [f"{function} ({place})" for function, place in zip(found[::2], found[1::2], strict=False)]
        return " < ".join([name, *(place for place in places if not place.startswith("?"))])


class FailingServer(Server):
    """Has one thread of each kind where it can, so that the calls of a request come in one order."""

    def __init__(self, directory, *options, **keywords):
        super().__init__(
            directory, "--threads", "1", "--readers", "1", "--last-used-interval", "1h", *options, **keywords
        )
        self.calls = Calls(self.directory.with_suffix(".calls"))
        self.env["FAILING_CALLS"] = str(self.calls.path)

    def command(self):
        return [failing_binary() if part == binary() else part for part in super().command()]


@dataclass
class Reply:
    status: int
    headers: dict
    body: bytes


@dataclass
class Request:
    method: str
    target: str
    headers: dict
    body: bytes | None = None


def exchange(server, request):
    """The whole reply, on a connection of its own; None where the server closed that before it was sent."""
    connection = http.client.HTTPConnection(server.host, server.port, timeout=TIMEOUT)
    try:
        connection.request(request.method, request.target, request.body, request.headers)
        reply = connection.getresponse()
        return Reply(reply.status, {n.lower(): v for n, v in reply.getheaders()}, reply.read())
    except (ConnectionError, http.client.HTTPException):
        return None
    finally:
        connection.close()
