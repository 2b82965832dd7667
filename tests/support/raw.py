"""Bytes on a socket, and HTTP replies read from it, without an HTTP library in between."""

import socket
import time
from dataclasses import dataclass

TIMEOUT = 60


@dataclass
class Reply:
    status: int
    headers: dict  # names in lower case; values joined with ", "
    body: bytes


class Connection:
    def __init__(self, server, timeout=TIMEOUT):
        self.socket = socket.create_connection((server.host, server.port), timeout=timeout)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.buffer = b""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.socket.close()

    @property
    def port(self):
        return self.socket.getsockname()[1]

    def send(self, data):
        """Sends all; a peer that has closed already is no error: its reply says why."""
        try:
            self.socket.sendall(data)
        except (BrokenPipeError, ConnectionResetError):
            pass

    def _more(self):
        try:
            data = self.socket.recv(1 << 16)
        except ConnectionResetError:
            data = b""
        self.buffer += data
        return bool(data)

    def end(self):
        """Says that no more comes; the peer's replies still do."""
        try:
            self.socket.shutdown(socket.SHUT_WR)
        except OSError:
            pass  # it is gone already

    def read_to_end(self):
        """Everything until the peer closes."""
        while self._more():
            pass
        data, self.buffer = self.buffer, b""
        return data

    def at_end(self):
        """Whether the peer closed without sending more."""
        return self.buffer == b"" and not self._more()

    def read_reply(self, head_only=False):
        """The next reply; None when the peer closes instead."""
        while b"\r\n\r\n" not in self.buffer:
            if not self._more():
                assert self.buffer == b"", f"closed in the middle of a reply: {self.buffer!r}"
                return None
        head, _, self.buffer = self.buffer.partition(b"\r\n\r\n")
        status, headers = parse_head(head)
        length = 0 if head_only or status < 200 else int(headers["content-length"])
        while len(self.buffer) < length:
            assert self._more(), "closed in the middle of a body"
        body, self.buffer = self.buffer[:length], self.buffer[length:]
        return Reply(status, headers, body)


def parse_head(head):
    lines = head.decode("latin-1").split("\r\n")
    version, status, _ = lines[0].split(" ", 2)
    assert version == "HTTP/1.1", lines[0]
    headers = {}
    for line in lines[1:]:
        name, _, value = line.partition(":")
        name = name.lower()
        headers[name] = f"{headers[name]}, {value.strip()}" if name in headers else value.strip()
    return int(status), headers


def replies_in(data, head_only=False):
    """All replies in what was read until the end of a connection."""
    found = []
    while data:
        head, separator, data = data.partition(b"\r\n\r\n")
        assert separator, f"half a reply: {head!r}"
        status, headers = parse_head(head)
        length = 0 if head_only or status < 200 else int(headers["content-length"])
        assert len(data) >= length, "half a body"
        found.append(Reply(status, headers, data[:length]))
        data = data[length:]
    return found


def exchange(server, data, head_only=False):
    """Sends bytes on a connection of their own and reads until the server closes it."""
    with Connection(server) as connection:
        connection.send(data)
        return replies_in(connection.read_to_end(), head_only)


def wait_until_read(server, ports):
    """Waits until the server has taken all bytes that the given client ports sent to it."""
    wanted = {f"{port:04X}" for port in ports}
    own = f"{server.port:04X}"
    deadline = time.monotonic() + TIMEOUT
    while True:
        waiting = 0
        with open("/proc/net/tcp") as table:
            next(table)
            for line in table:
                columns = line.split()
                if columns[1].endswith(own) and columns[2].rsplit(":", 1)[1] in wanted:
                    waiting += columns[4].rsplit(":", 1)[1] != "00000000"
        if not waiting:
            return
        assert time.monotonic() < deadline, f"{waiting} connections were not read"
        time.sleep(0.001)


def exchange_split_everywhere(server, data, head_only=False):
    """The same request on a connection per split point, each sent in two parts of which the server
    reads the first before the second is sent. Gives the list of replies of each connection."""
    connections = [Connection(server) for _ in range(1, len(data))]
    try:
        for at, connection in enumerate(connections, 1):
            connection.send(data[:at])
        wait_until_read(server, [connection.port for connection in connections])
        for at, connection in enumerate(connections, 1):
            connection.send(data[at:])
        return [replies_in(connection.read_to_end(), head_only) for connection in connections]
    finally:
        for connection in connections:
            connection.close()
