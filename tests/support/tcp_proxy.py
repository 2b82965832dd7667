"""A TCP proxy between a node and PostgreSQL, which a test can stall, cut, or have lose a COMMIT."""

import contextlib
import re
import selectors
import socket
import threading
import time

from support.ports import ReservedPort

PIECE = 1 << 16
_COMMIT_PREPARED = re.compile(rb"P.{4}(s\d+)\0COMMIT\0", re.DOTALL)
_COMMIT_DONE = b"C\0\0\0\x0bCOMMIT\0"


class _Link:
    """One connection of the node, and the proxy's own to the database."""

    def __init__(self, proxy, client):
        self.proxy, self.client = proxy, client
        self.server = socket.create_connection(proxy.target, timeout=10)
        self.commit = None  # what names the prepared COMMIT in a Bind message
        for one in (client, self.server):
            one.settimeout(None)
            one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def run(self):
        self.proxy.welcoming.wait()
        with self.client, self.server, contextlib.suppress(OSError), selectors.DefaultSelector() as selector:
            selector.register(self.client, selectors.EVENT_READ, (self.server, self.loses_request))
            selector.register(self.server, selectors.EVENT_READ, (self.client, self.loses_reply))
            while self.pass_on(selector.select()):
                pass

    def pass_on(self, ready):
        for key, _ in ready:
            target, loses = key.data
            self.proxy.flowing.wait()
            time.sleep(self.proxy.delay)
            data = key.fileobj.recv(PIECE)
            if not data or loses(data):
                return False
            target.sendall(data)
        return True

    def loses_request(self, data):
        prepared = _COMMIT_PREPARED.search(data)
        if prepared:
            self.commit = b"\0" + prepared[1] + b"\0"
        # A Bind names an unnamed portal, then the statement.
        is_commit = self.commit is not None and re.search(rb"B.{4}" + self.commit, data, re.DOTALL)
        return bool(is_commit) and self.proxy.take("request")

    def loses_reply(self, data):
        return _COMMIT_DONE in data and self.proxy.take("reply")

    def close(self):
        for one in (self.client, self.server):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)


class TcpProxy:
    """From `with` to its end. `lose` arms it: the next COMMIT's request never arrives, or its reply is
    swallowed; the connection is closed then."""

    def __init__(self, host, port, delay=0):
        """`delay`: seconds that each piece takes longer, in each direction."""
        self.target = (host, port)
        self.delay = delay
        self.flowing = threading.Event()
        self.flowing.set()
        self.welcoming = threading.Event()
        self.welcoming.set()
        self.lost = threading.Event()  # what `lose` asked for has happened
        self._lock = threading.Lock()
        self._losing = None
        self._afterwards = None
        self._links = []
        self._listener = None
        self._reserved = ReservedPort()
        self.port = self._reserved.number

    def __enter__(self):
        self._listen()
        return self

    def __exit__(self, *_):
        self.refuse()
        self.flow()
        self._reserved.free()

    def _listen(self):
        self._listener = socket.create_server(("127.0.0.1", self.port))
        threading.Thread(target=self._accept, args=(self._listener,), daemon=True).start()

    def _accept(self, listener):
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            try:
                link = _Link(self, client)
            except OSError:
                client.close()
                continue
            with self._lock:
                self._links.append(link)
            threading.Thread(target=link.run, daemon=True).start()

    def stall(self):
        """Nothing passes, and nobody is told. It goes on with `flow`."""
        self.flowing.clear()

    def ignore(self):
        """The same of new connections alone: they are accepted, and nothing passes until `flow`."""
        self.welcoming.clear()

    def flow(self):
        self.flowing.set()
        self.welcoming.set()

    def refuse(self, only_new=False):
        """Refuses connections until `accept`, and ends those that there are, unless `only_new`."""
        with self._lock:
            listener, self._listener = self._listener, None
            links, self._links = ([], self._links) if only_new else (self._links, [])
        if listener is not None:
            # A thread that waits in accept() keeps the socket; this wakes it.
            listener.shutdown(socket.SHUT_RDWR)
            listener.close()
        for link in links:
            link.close()

    def accept(self):
        self._listen()

    def lose(self, what, afterwards=None):
        """`request` or `reply`, of the next COMMIT; `afterwards` is one of the functions above."""
        self.lost.clear()
        with self._lock:
            self._losing, self._afterwards = what, afterwards

    def take(self, what):
        with self._lock:
            if self._losing != what:
                return False
            self._losing = None
        if self._afterwards:
            self._afterwards()
        self.lost.set()
        return True
