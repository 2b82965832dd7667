"""A TCP relay between a proxy and orgkeys, which remembers what the proxy asked."""

import socket
import threading

from support.wait import wait_until

PIECE = 1 << 16


class Relay:
    """Passes bytes on to `target()`, a (host, port); or, with `canned` set, answers those itself."""

    def __init__(self, target):
        self.target = target
        self.canned = None
        self.asked = []  # what came of each connection, in the order of the connections
        self.answered = []  # what `target` said to each
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
        for recorded in (*self.asked, *self.answered):
            recorded.clear()

    def end_connections(self):
        """Makes the proxy close what it keeps open, and waits until `target` has answered all that it was
        asked, however much that is."""
        for client in list(self._open):
            try:
                client.shutdown(socket.SHUT_WR)
            except OSError:
                pass  # the proxy closed it already
        wait_until(lambda: not self._open)

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
            asked, answered = bytearray(), bytearray()
            self.asked.append(asked)
            self.answered.append(answered)
            self._open.add(client)
            self._start(self._serve, client, asked, answered)

    def _start(self, function, *arguments):
        thread = threading.Thread(target=function, args=arguments, daemon=True)
        self._threads.append(thread)
        thread.start()
        return thread

    def _serve(self, client, asked, answered):
        server = answering = None
        try:
            while not self._closing and (data := client.recv(PIECE)):
                asked += data
                if self.canned is not None:
                    client.sendall(self.canned)
                    continue
                if server is None:
                    server = socket.create_connection(self.target())
                    answering = self._start(copy, server, client, answered)
                server.sendall(data)
            if server is not None and not self._closing:
                server.shutdown(socket.SHUT_WR)
                answering.join(20)
        except OSError:
            pass  # one end is gone: the other one is told so
        finally:
            shut_down(*filter(None, (client, server)))
            client.close()
            self._open.discard(client)


def copy(source, destination, copied):
    """Until the source closes, also when nobody takes it any more; then it is closed for both."""
    try:
        while data := source.recv(PIECE):
            copied += data
            try:
                destination.sendall(data)
            except OSError:
                pass
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
