"""A server that lies, stalls and breaks: it answers with the bytes that a test gives it."""

import socket
import ssl
import threading


class Liar:
    """Answers each request with the next of `replies`, the last one for ever. A reply is bytes, or a
    function of the connection. It keeps the requests that it read."""

    def __init__(self, *replies, certificate=None):
        self.replies = list(replies)
        self.requests = []  # heads, as text
        self.bodies = []
        self._ended = threading.Event()
        self._context = None
        if certificate is not None:
            self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self._context.load_cert_chain(certificate)
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    @property
    def base_url(self):
        return f"{'https' if self._context else 'http'}://127.0.0.1:{self.port}/v1"

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._ended.set()
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self._thread.join(30)
        assert not self._thread.is_alive()

    def wait_for_end(self):
        """For replies that stall: returns when the test is over."""
        self._ended.wait(60)

    @property
    def is_over(self):
        return self._ended.is_set()

    def _serve(self):
        threads = []
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                break
            threads.append(threading.Thread(target=self._talk, args=(connection,)))
            threads[-1].start()
        for thread in threads:
            thread.join(30)

    def _talk(self, connection):
        connection.settimeout(60)
        try:
            if self._context:
                connection = self._context.wrap_socket(connection, server_side=True)
            with connection:
                self._answer(connection)
        except OSError:
            connection.close()

    def _answer(self, connection):
        received = b""
        while b"\r\n\r\n" not in received:
            part = connection.recv(65536)
            if not part:
                return
            received += part
        head, _, body = received.partition(b"\r\n\r\n")
        text = head.decode()
        length = next((int(l[15:]) for l in text.lower().split("\r\n") if l.startswith("content-length:")), 0)
        while len(body) < length:
            body += connection.recv(65536)
        reply = self.replies[min(len(self.requests), len(self.replies) - 1)]
        self.requests.append(text)
        self.bodies.append(body)
        if callable(reply):
            reply(connection)
        else:
            connection.sendall(reply)


def reply(body="{}", status="200 OK", **headers):
    """A whole reply; the names of headers have _ for -."""
    data = body.encode() if isinstance(body, str) else body
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(data)}", "Connection: close"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + data
