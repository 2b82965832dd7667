"""A model server for tests of what stands in front of one. It remembers what reached it, and streams
events when the test says so."""

import hashlib
import json
import queue
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler

from support.local_site import TIMEOUT, LocalSite

PIECE = 1 << 16


@dataclass
class Request:
    method: str
    target: str
    headers: list  # (name, value) as they came
    received: int = 0  # bytes of the body so far
    trailers: list = field(default_factory=list)  # (name, value) as they came behind the body

    def values(self, name):
        return [value for other, value in self.headers if other.lower() == name.lower()]


class Upstream(LocalSite):
    def __init__(self):
        self.forget()
        super().__init__(type("Handler", (Handler,), {"upstream": self}))

    def forget(self):
        self.requests = []  # in the order in which their heads arrived
        self.events = queue.SimpleQueue()  # of the stream: texts to send, then None

    @property
    def address(self):
        return f"127.0.0.1:{self.port}"


class Handler(BaseHTTPRequestHandler):
    """
    GET  /v1/models            a list of one model
    POST /v1/chat/completions  a reply, or with "stream": true the events that the test puts: in chunks,
                               or with ?until-closed as a body that ends with the connection
    POST /v1/files             the SHA-256 and the length of what was sent
    any  /v1/status/NNN        an error of its own with that status
    """

    protocol_version = "HTTP/1.1"
    timeout = TIMEOUT
    disable_nagle_algorithm = True

    def handle_any(self):
        self.note = Request(self.command, self.path, list(self.headers.items()))
        self.upstream.requests.append(self.note)
        path = self.path.partition("?")[0]
        if path.startswith("/v1/status/"):
            self.answer_status(int(path.rpartition("/")[2]))
        elif path == "/v1/files":
            self.answer_file()
        elif path == "/v1/chat/completions":
            self.answer_chat()
        else:
            b"".join(self.body())
            self.reply(200, {"object": "list", "data": [
                {"id": "tiny", "object": "model", "created": 0, "owned_by": "tests"}
            ]})

    do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = do_OPTIONS = handle_any

    def answer_status(self, status):
        b"".join(self.body())
        self.reply(status, own_error(status), {"X-Own": str(status), "WWW-Authenticate": "Own"})

    def answer_file(self):
        digest = hashlib.sha256()
        for piece in self.body():
            digest.update(piece)
        self.reply(200, {"bytes": self.note.received, "sha256": digest.hexdigest()})

    def answer_chat(self):
        question = json.loads(b"".join(self.body()))
        if not question.get("stream"):
            self.reply(200, {"id": "chatcmpl-1", "object": "chat.completion", "created": 0,
                             "model": question.get("model"), "choices": []})
            return
        self.stream(chunked=not self.path.endswith("?until-closed"))

    def stream(self, chunked):
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header(*(("Transfer-Encoding", "chunked") if chunked else ("Connection", "close")))
        self.end_headers()
        while (event := self.upstream.events.get(timeout=TIMEOUT)) is not None:
            data = f"data: {event}\n\n".encode()
            self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data) if chunked else data)
        if chunked:
            self.wfile.write(b"0\r\n\r\n")

    def body(self):
        """The body in pieces, as they arrive."""
        if self.headers.get("Transfer-Encoding", "").lower() == "chunked":
            while (length := int(self.rfile.readline().partition(b";")[0], 16)) != 0:
                yield from self.pieces(length)
                assert self.rfile.readline() == b"\r\n"
            while (line := self.rfile.readline()) not in (b"\r\n", b""):
                name, _, value = line.decode("latin-1").partition(":")
                self.note.trailers.append((name, value.strip()))
        else:
            yield from self.pieces(int(self.headers.get("Content-Length", 0)))

    def pieces(self, length):
        while length > 0:
            piece = self.rfile.read1(min(length, PIECE))
            if not piece:
                raise ConnectionError("the body ended early")
            self.note.received += len(piece)
            length -= len(piece)
            yield piece

    def reply(self, status, body, headers=()):
        data = json.dumps(body).encode()
        self.send_response(status)
        for name, value in {"Content-Type": "application/json", **dict(headers)}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)

    def log_message(self, *_):
        pass


def own_error(status):
    return {"error": {"message": f"The model server says {status}.", "type": "own", "param": None,
                      "code": "own"}}
