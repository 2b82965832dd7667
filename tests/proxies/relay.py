"""A TCP relay between a proxy and orgkeys, which remembers what the proxy asked."""

import socket
import threading

PIECE = 1 << 16


class Relay:
    """Passes bytes on to `target()`, a (host, port); or, with `canned` set, answers those itself."""

    def __init__(self, target):
        self.target = target
        self.canned = None
        self.asked = []  # what came of each connection, in the order of the connections
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._threads = [threading.Thread(target=self._accept, daemon=True)]
        self._open = set()
        self._closing = False

    @property
    def address(self):
        return f"127.0.0.1:{self._listener.getsockname()[1]}"

    def __enter__(self):
        self._threads[0].start()
        return self

    def __exit__(self, *_):
        self._closing = True
        shut_down(self._listener, *self._open)
        for thread in self._threads:
            thread.join(20)
        self._listener.close()

    def forget(self):
        for asked in self.asked:
            asked.clear()

    def requests(self):
        """The request lines and headers of all that was asked: a list of (line, [(name, value)]).
        A body would not parse as one, and so would show."""
        found = []
        for asked in list(self.asked):
            *heads, rest = bytes(asked).decode("latin-1").split("\r\n\r\n")
            assert rest == "", f"more than the heads of requests: {rest[:200]!r}"
            for head in heads:
                line, *fields = head.split("\r\n")
                assert line.endswith(" HTTP/1.1"), f"not a request: {line[:200]!r}"
                parts = (field.partition(":") for field in fields)
                found.append((line, [(name, value.strip()) for name, _, value in parts]))
        return found

    def _accept(self):
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            asked = bytearray()
            self.asked.append(asked)
            self._start(self._serve, client, asked)

    def _start(self, function, *arguments):
        thread = threading.Thread(target=function, args=arguments, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _serve(self, client, asked):
        self._open.add(client)
        server = None
        try:
            while not self._closing and (data := client.recv(PIECE)):
                asked += data
                if self.canned is not None:
                    client.sendall(self.canned)
                    continue
                if server is None:
                    server = socket.create_connection(self.target())
                    self._start(copy, server, client)
                server.sendall(data)
        except OSError:
            pass  # one end is gone: the other one is told so
        finally:
            self._open.discard(client)
            shut_down(*filter(None, (client, server)))
            client.close()


def copy(source, destination):
    """Until either end closes; then it is closed for both."""
    try:
        while data := source.recv(PIECE):
            destination.sendall(data)
    except OSError:
        pass
    shut_down(source, destination)
    source.close()


def shut_down(*sockets):
    for one in sockets:
        try:
            one.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass  # it is so already
