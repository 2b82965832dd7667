"""The same odd requests straight to orgkeys, through nginx and through HAProxy, each as strict and as
lenient as it can be made. Whatever a proxy takes for one request, orgkeys takes for one, and for that one."""

import re
import shutil
import signal
import subprocess
from dataclasses import dataclass, replace
from types import SimpleNamespace

import pytest

from proxies import EXAMPLES, Proxy, nginx
from relay import Relay
from support.api import Api
from support.odd_requests import BAD, ENDS, EVIL, ODD
from support.ports import ReservedPort
from support.raw import Connection
from support.tls import make_certificates
from support.wait import wait_until

MARKER = b"GET /healthz?marker HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
STATUS = re.compile(rb"HTTP/1\.1 ([2-5]\d\d) ")  # which no body of ours holds
EVIL_REPLY = b'"openapi":"'
ALL = {**{name: (request, [400, ENDS]) for name, request in BAD.items()}, **ODD}
STOP_TIMEOUT = 30

NGINX = """
upstream orgkeys {{
    server {orgkeys};
    keepalive 8;
}}
log_format seen '$remote_port $upstream_bytes_sent $upstream_status $status $request';
server {{
    listen {listen};
    access_log {folder}/seen.log seen;
    lingering_close off;            # a connection has ended when its line is in the log
    proxy_ignore_client_abort on;
    client_max_body_size 0;
    {leniency}
    location / {{
        proxy_pass http://orgkeys;
        proxy_http_version 1.1;
        proxy_set_header Connection "";
        proxy_request_buffering {buffering};
    }}
    location = /last {{
        return 204;
    }}
}}
"""
LENIENT_NGINX = """
    ignore_invalid_headers off;
    underscores_in_headers on;
    merge_slashes off;
    large_client_header_buffers 8 128k;
    proxy_set_header Host $http_host;"""

HAPROXY = """
global
    log stdout format raw local0
    nbthread 1
    maxconn 100
    {large}
defaults
    mode http
    log global
    retries 0
    timeout connect 10s
    timeout client 20s
    timeout server 20s
    timeout http-request 20s
    log-format "%cp %s %ts %ST %{{+Q}}r"
    {leniency}
frontend clients
    bind {listen}
    http-request return status 204 if {{ path /last }}
    default_backend orgkeys
backend orgkeys
    http-reuse always
    server orgkeys {orgkeys}
"""


@dataclass
class Seen:
    """A request that a proxy saw, by its own log."""

    port: int  # of the client
    forwarded: bool
    aborted: bool  # the client went away before it was whole
    status: int
    line: str  # the request line


def seen_by_nginx(line):
    port, sent, answered, status, request = line.split(" ", 4)
    forwarded = sent not in ("-", "0")
    return Seen(int(port), forwarded, forwarded and answered == "-", int(status), request)


def seen_by_haproxy(line):
    port, server, ended, status, request = line.split(" ", 4)
    return Seen(int(port), server != "<NOSRV>", ended[0] == "C", int(status), request.strip('"'))


class ReverseProxy:
    """A proxy that passes everything on to orgkeys, and whose log says what it saw."""

    def __init__(self, program, folder, orgkeys, lenient):
        assert shutil.which(program), f"{program} is not installed"
        self.folder = folder
        self.reserved = ReservedPort()
        self.host, self.port = "127.0.0.1", self.reserved.number
        self.log = folder / "seen.log"
        self.log_start = 0  # of what is read of it: the kernel gives ports to clients again and again
        self.read_line = {"nginx": seen_by_nginx, "haproxy": seen_by_haproxy}[program]
        self.command = {"nginx": self.nginx, "haproxy": self.haproxy}[program](orgkeys, lenient)

    def nginx(self, orgkeys, lenient):
        file = self.folder / "reverse.conf"
        file.write_text(NGINX.format(
            orgkeys=orgkeys, listen=f"{self.host}:{self.port}", folder=self.folder,
            leniency=LENIENT_NGINX if lenient else "", buffering="off" if lenient else "on",
        ))
        return nginx(file, self.folder)

    def haproxy(self, orgkeys, lenient):
        file = self.folder / "haproxy.cfg"
        file.write_text(HAPROXY.format(
            orgkeys=orgkeys, listen=f"{self.host}:{self.port}",
            leniency="option accept-invalid-http-request" if lenient else "",
            large="tune.bufsize 131072\n    tune.http.maxhdr 32767" if lenient else "",
        ))
        return ["haproxy", "-db", "-f", file]

    def __enter__(self):
        with open(self.folder / "seen.log", "ab") as log, open(self.folder / "errors.log", "wb") as errors:
            self.process = subprocess.Popen(
                list(map(str, self.command)), stdin=subprocess.DEVNULL, stdout=log, stderr=errors, cwd=self.folder
            )
        try:
            wait_until(self.listens, timeout=60)
        except AssertionError:
            self.process.kill()
            self.process.wait()
            self.reserved.free()
            raise
        return self

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(STOP_TIMEOUT)
        finally:
            self.process.kill()
            self.process.wait()
            self.reserved.free()

    def listens(self):
        assert self.process.poll() is None, (self.folder / "errors.log").read_text()
        try:
            Connection(self).close()
        except OSError:
            return False
        return True

    def forget(self):
        self.log_start = self.log.stat().st_size

    def seen(self, port):
        """What it saw on a connection that has ended."""
        with Connection(self) as last:
            last.send(b"GET /last HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            assert last.read_to_end().startswith(b"HTTP/1.1 204"), self.log.read_text()[-500:]
            own = last.port
        wait_until(lambda: self.lines_of(own))
        return self.lines_of(port)

    def lines_of(self, port):
        lines = self.log.read_bytes()[self.log_start :].decode(errors="replace").splitlines()
        return [seen for seen in map(self.read_line, filter(self.is_whole, lines)) if seen.port == port]

    @staticmethod
    def is_whole(line):
        return line[:1].isdigit() and line.count(" ") >= 4


@pytest.fixture(scope="module", params=["nginx", "nginx-lenient", "haproxy", "haproxy-lenient"])
def running(request, server, tmp_path_factory):
    program, _, leniency = request.param.partition("-")
    folder = tmp_path_factory.mktemp(request.param)
    with (
        Relay(lambda: (server.host, server.port)) as relay,
        ReverseProxy(program, folder, relay.address, bool(leniency)) as proxy,
    ):
        yield SimpleNamespace(proxy=proxy, relay=relay)


def send_all(place, data):
    """Everything at once; then no more comes. Gives the client's port, and what was said."""
    with Connection(place) as connection:
        connection.send(data)
        connection.end()
        return connection.port, connection.read_to_end()


def statuses_in(said):
    return [int(status) for status in STATUS.findall(said)]


@pytest.mark.parametrize("name", ALL)
def test_straight(server, name):
    request, expected = ALL[name]
    _, said = send_all(server, request + MARKER)
    if expected[-1] is not ENDS:
        assert statuses_in(said) == [*expected, 200]
    else:
        assert statuses_in(said) == expected[:-1]
        assert b"connection: close\r\n" in said.lower() or expected == [ENDS]


def exchange(running, data):
    """What the proxy saw of a connection, and what orgkeys said meanwhile."""
    running.relay.forget()
    running.proxy.forget()
    port, _ = send_all(running.proxy, data)
    seen = running.proxy.seen(port)
    running.relay.end_connections()
    return seen, b"".join(running.relay.answered)


@pytest.mark.parametrize("name", ALL)
def test_a_proxy_and_orgkeys_see_the_same_requests(running, name):
    request, _ = ALL[name]
    seen, said = exchange(running, request + MARKER)
    asked = b"".join(running.relay.asked)
    forwarded = [one for one in seen if one.forwarded]
    whole = [one.status for one in forwarded if not one.aborted]
    answered = statuses_in(said)
    told = f"{seen}\nasked {asked[:3000]!r}\nanswered {answered}"
    if len(whole) == len(forwarded):
        assert answered == whole, told
    else:
        assert answered[: len(whole)] == whole and len(answered) <= len(forwarded), told
    evil = [one for one in forwarded if "/openapi.json" in one.line and one.status == 200]
    assert said.count(EVIL_REPLY) == len(evil), told


# --- keys that stand in the body of another request

HOST = b"POST /v1/organization/projects HTTP/1.1\r\nHost: localhost\r\n"
# Each makes a body of what it is given, for one of two readers at least.
WRAPPERS = {
    "CL": lambda inner: HOST + b"Content-Length: %d\r\n\r\n" % len(inner) + inner,
    "TE": lambda inner: HOST + b"Transfer-Encoding: chunked\r\n\r\n%x\r\n" % len(inner) + inner + b"\r\n0\r\n\r\n",
    "CL.TE": lambda inner: HOST
    + b"Content-Length: %d\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" % (5 + len(inner)) + inner,
    "TE.CL": lambda inner: HOST
    + b"Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n%x\r\n" % len(inner) + inner + b"\r\n0\r\n\r\n",
    "TE.TE": lambda inner: HOST
    + b"Transfer-Encoding: chunked\r\nTransfer-Encoding: x\r\nContent-Length: 4\r\n\r\n%x\r\n" % len(inner)
    + inner + b"\r\n0\r\n\r\n",
    "CL.CL": lambda inner: HOST + b"Content-Length: 0\r\nContent-Length: %d\r\n\r\n" % len(inner) + inner,
    "CL.0": lambda inner: HOST + b"Connection: Content-Length\r\nContent-Length: %d\r\n\r\n" % len(inner) + inner,
    "GET": lambda inner: b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n" % len(inner) + inner,
    "Upgrade": lambda inner: HOST
    + b"Connection: Upgrade\r\nUpgrade: h2c\r\nContent-Length: %d\r\n\r\n" % len(inner) + inner,
    "Expect": lambda inner: HOST
    + b"Expect: 100-continue\r\nContent-Length: %d\r\n\r\n" % len(inner) + inner,
    "a chunk's extension": lambda inner: HOST
    + b"Transfer-Encoding: chunked\r\n\r\n2;\nxx\r\n%x\r\n0\r\n\r\n" % len(inner) + inner + b"\r\n0\r\n\r\n",
}


@pytest.mark.parametrize("wrapper", WRAPPERS)
def test_a_key_in_a_body_does_nothing(running, server, api, wrapper):
    project = api.project()["id"]
    inner = (
        f"POST /v1/organization/projects/{project}/archive HTTP/1.1\r\nHost: localhost\r\n"
        f"Authorization: Bearer {server.admin_key}\r\n\r\n"
    ).encode()
    data = WRAPPERS[wrapper](inner)
    send_all(server, data + MARKER)
    exchange(running, data + MARKER)
    assert api.get(f"/projects/{project}")["status"] == "active"


# --- in front of a model server

def test_nothing_reaches_the_model_server_without_a_key_of_its_own(server, api, tmp_path_factory):
    """The example of nginx, with orgkeys in the place of the model server too, since that knows how many
    requests it was sent. The first request of each connection has a key; those behind it have none."""
    example = replace(EXAMPLES[0], replaced={
        **EXAMPLES[0].replaced,
        # A client that waits for an end that does not come need not wait long.
        "client_max_body_size 512m;": "client_max_body_size 512m; lingering_close off; "
        "client_header_timeout 300ms; client_body_timeout 300ms; keepalive_timeout 300ms;",
    })
    folder = tmp_path_factory.mktemp("example")
    certificates = make_certificates(tmp_path_factory.mktemp("certificates"))
    key = api.service_account(api.project()["id"])["api_key"]["value"]
    with_key = b"Host: localhost\r\nAuthorization: Bearer " + key.encode() + b"\r\n"
    served = 0
    with (
        Relay(lambda: (server.host, server.port)) as questions,
        Relay(lambda: (server.host, server.port)) as model_server,
        Proxy(example, folder, questions.address, model_server.address, certificates) as proxy,
    ):
        for name, (request, _) in ALL.items():
            questions.forget()
            model_server.forget()
            with Connection(proxy) as connection:
                connection.send(request.replace(b"Host: localhost\r\n", with_key, 1) + MARKER)
                connection.read_to_end()
            questions.end_connections()
            model_server.end_connections()
            let_in = statuses_in(b"".join(questions.answered)).count(200)
            reached = b"".join(model_server.answered)
            assert len(statuses_in(reached)) <= let_in <= 1, name
            assert EVIL_REPLY not in reached, name
            served += let_in
    assert served > 30
