"""What strangers do to a server, each as a process of its own: `with flooding("idle", address,
connections=2000) as flood`, after which `flood.outcome` says what it met."""

import collections
import contextlib
import errno
import json
import os
import resource
import select
import socket
import ssl
import struct
import subprocess
import sys
import time
from pathlib import Path

READY_TIMEOUT = 120
END_TIMEOUT = 60
OPENING_MAXIMUM = 256  # connections on their way at once: more than a backlog takes would wait for seconds
HEALTH = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"
SLOW_HEAD = 15_000  # bytes; a server takes 16 KiB
LINGER_NOTHING = struct.pack("ii", 1, 0)  # close() resets: the port is free at once


class Peer:
    def __init__(self, connection):
        self.socket = connection
        self.pending = b""
        self.buffer = b""
        self.is_connected = False
        self.sent_at = 0.0


class Flood:
    """`connections` at a time; one that is gone is opened again."""

    TICK = 0.5  # seconds
    READS = True
    RECEIVE_BUFFER = None

    def __init__(self, address, connections, **options):
        self.address = address
        self.connections = connections
        self.options = options
        self.outcome = collections.Counter()
        self.poll = select.epoll()
        self.peers = {}
        self.opening = 0
        self.opened = 0
        self.is_ready = False

    # --- what a flood is made of

    def greeting(self):
        """What is sent first."""
        return b""

    def received(self, peer, data):
        pass

    def sent(self, peer):
        """All that was pending is in the socket."""

    def tick(self):
        pass

    def has_begun(self):
        return self.outcome["connected"] >= self.connections

    # --- the loop

    def open(self):
        connection = socket.socket()
        connection.setblocking(False)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if self.RECEIVE_BUFFER is not None:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, self.RECEIVE_BUFFER)
        problem = connection.connect_ex(self.address)
        if problem not in (0, errno.EINPROGRESS):
            self.outcome[errno.errorcode[problem]] += 1
            connection.close()
            return False
        peer = Peer(connection)
        peer.pending = self.greeting()
        self.peers[connection.fileno()] = peer
        self.poll.register(connection, select.EPOLLOUT)
        self.opening += 1
        self.opened += 1
        return True

    def lost(self, peer, why="closed"):
        self.outcome[why] += 1
        if not peer.is_connected:
            self.opening -= 1
        del self.peers[peer.socket.fileno()]
        self.poll.unregister(peer.socket)
        peer.socket.close()

    def send(self, peer, data):
        peer.pending += data
        self.poll.modify(peer.socket, select.EPOLLOUT | (select.EPOLLIN if self.READS else 0))

    def write(self, peer):
        if not peer.is_connected:
            peer.is_connected = True
            self.opening -= 1
            self.outcome["connected"] += 1
        if peer.pending:
            peer.pending = peer.pending[peer.socket.send(peer.pending) :]
        if not peer.pending:
            self.poll.modify(peer.socket, select.EPOLLIN if self.READS else 0)
            peer.sent_at = time.monotonic()
            self.sent(peer)

    def ready(self, peer, events):
        try:
            if events & select.EPOLLOUT:
                self.write(peer)
            elif events & select.EPOLLIN:
                data = peer.socket.recv(1 << 16)
                if not data:
                    return self.lost(peer)
                self.received(peer, data)
            elif events & (select.EPOLLERR | select.EPOLLHUP):
                self.lost(peer)
        except BlockingIOError:
            pass
        except OSError:
            self.lost(peer, "reset")

    def count_status(self, data):
        self.outcome[data[9:12].decode("latin-1")] += 1

    def wants_more(self):
        return len(self.peers) < self.connections and self.opening < OPENING_MAXIMUM

    def run(self, until):
        self.poll.register(until, select.EPOLLIN | select.EPOLLHUP)
        next_tick = time.monotonic() + self.TICK
        while True:
            while self.wants_more() and self.open():
                pass
            for descriptor, events in self.poll.poll(0.05):
                if descriptor == until:
                    return self.outcome
                if descriptor in self.peers:
                    self.ready(self.peers[descriptor], events)
            if not self.is_ready and self.has_begun():
                self.is_ready = True
                print("ready", flush=True)
            if time.monotonic() >= next_tick:
                self.tick()
                next_tick = time.monotonic() + self.TICK


class SlowSenders(Flood):
    """Heads that never end, as long as they may be, then a byte at a time."""

    TICK = 2

    def greeting(self):
        head = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n"
        return head + b"X-Slow: " + b"x" * (SLOW_HEAD - len(head))

    def received(self, peer, data):
        self.count_status(data)
        self.lost(peer)

    def tick(self):
        for peer in list(self.peers.values()):
            if peer.is_connected and not peer.pending:
                self.send(peer, b"x")


class SlowReaders(Flood):
    """Ask for the largest reply that anybody gets, and take a little of it now and then."""

    READS = False
    RECEIVE_BUFFER = 4096

    def greeting(self):
        return b"GET /openapi.json HTTP/1.1\r\nHost: localhost\r\n\r\n" * 8

    def tick(self):
        for peer in list(self.peers.values()):
            try:
                if peer.is_connected and not peer.socket.recv(256):
                    self.lost(peer)
            except BlockingIOError:
                pass
            except OSError:
                self.lost(peer, "reset")


class Idle(Flood):
    """One request, and nothing more. What the server closes stays closed."""

    def greeting(self):
        return HEALTH

    def received(self, peer, data):
        peer.buffer += data
        self.count_status(data)

    def has_begun(self):
        return self.opened == self.connections and all(peer.buffer for peer in self.peers.values())

    def wants_more(self):
        return self.opened < self.connections and self.opening < OPENING_MAXIMUM


class Churn(Flood):
    """Connect, ask, close, connect."""

    def greeting(self):
        return HEALTH.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")

    def received(self, peer, data):
        self.count_status(data)


class Pipelining(Flood):
    """Requests without an end, and no reply is read."""

    READS = False
    RECEIVE_BUFFER = 4096

    def greeting(self):
        return HEALTH * 64

    def sent(self, peer):
        self.outcome["requests"] += 64
        self.send(peer, HEALTH * 64)


class Handshakes(Flood):
    """Begins TLS, makes the server do its part, and goes."""

    def has_begun(self):
        return self.outcome["handshakes"] > self.connections

    def greeting(self):
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        context = ssl._create_unverified_context()
        with contextlib.suppress(ssl.SSLWantReadError):
            context.wrap_bio(incoming, outgoing, server_hostname="localhost").do_handshake()
        hello = outgoing.read()
        self.greeting = lambda: hello
        return hello

    def received(self, peer, data):
        self.outcome["handshakes"] += 1
        peer.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, LINGER_NOTHING)
        self.lost(peer)


class Requests(Flood):
    """One request after the other on each connection: the bodies or the keys of `options`, in turn. It has begun
    when it was answered with each of the statuses `until`."""

    TICK = 0.01

    def __init__(self, address, connections, **options):
        super().__init__(address, connections, **options)
        keys = os.environ["ORGKEYS_FLOOD_KEYS"].split()
        body = options.get("body", "").encode()
        head = f"{options['method']} {options['path']} HTTP/1.1\r\nHost: localhost\r\n"
        if body:
            head += f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
        self.requests = [head.encode() + f"Authorization: Bearer {key}\r\n\r\n".encode() + body for key in keys]
        self.next = 0
        self.allowed = float("inf") if "rate" not in options else 0
        self.waiting = collections.deque()  # peers that may not ask yet

    def greeting(self):
        return self.request() if self.options.get("rate") is None else HEALTH

    def has_begun(self):
        return super().has_begun() and all(self.outcome[status] > 0 for status in self.options.get("until", ()))

    def request(self):
        self.next += 1
        return self.requests[self.next % len(self.requests)]

    def tick(self):
        self.allowed = min(self.allowed + self.options.get("rate", 0) * self.TICK, self.options.get("rate", 0))
        while self.waiting and self.allowed >= 1:
            peer = self.waiting.popleft()
            if not peer.socket._closed:
                self.allowed -= 1
                self.send(peer, self.request())

    def received(self, peer, data):
        peer.buffer += data
        head, separator, rest = peer.buffer.partition(b"\r\n\r\n")
        if not separator:
            return
        length = int(head.lower().partition(b"content-length:")[2].split(b"\r\n")[0])
        if len(rest) < length:
            return
        wait = int((time.monotonic() - peer.sent_at) * 1e6)
        self.outcome["longest_wait"] = max(self.outcome["longest_wait"], wait)  # microseconds
        self.count_status(head)
        if head[9:12] == b"503" and b"retry-after:" not in head.lower():
            self.outcome["503 without Retry-After"] += 1
        peer.buffer = b""
        if "rate" in self.options:
            self.waiting.append(peer)
        else:
            self.send(peer, self.request())


FLOODS = {
    "slow senders": SlowSenders,
    "slow readers": SlowReaders,
    "idle": Idle,
    "churn": Churn,
    "pipelining": Pipelining,
    "handshakes": Handshakes,
    "requests": Requests,
}


class Flooding:
    def __init__(self, process):
        self.process = process
        self.outcome = {}


@contextlib.contextmanager
def flooding(name, address, wrapper=(), keys=(), **options):
    """From when it has begun in earnest (with most: all its connections have been open), to the end of `with`."""
    host, _, port = address.rpartition(":")
    process = subprocess.Popen(
        [*wrapper, sys.executable, str(Path(__file__).resolve()), name, host, port, json.dumps(options)],
        env={**os.environ, "ORGKEYS_FLOOD_KEYS": " ".join(keys)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        found = select.select([process.stdout], [], [], READY_TIMEOUT)[0]
        if not found or process.stdout.readline() != "ready\n":
            raise RuntimeError(f"the flood {name!r} did not begin")
        flood = Flooding(process)
        yield flood
        flood.outcome = json.loads(process.communicate(timeout=END_TIMEOUT)[0])
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()


def main():
    name, host, port, options = sys.argv[1:]
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    flood = FLOODS[name]((host, int(port)), **json.loads(options))
    print(json.dumps(flood.run(sys.stdin.fileno())))


if __name__ == "__main__":
    main()
