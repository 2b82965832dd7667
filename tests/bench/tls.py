"""Benches of the server's own TLS against none: a kept connection, a new one, one that resumes, and memory. The
server has one thread for connections and a processor of its own; the certificate's key is of P-256."""

import contextlib
import socket
import ssl
import time
from dataclasses import dataclass
from statistics import median

from bench import MANY_KEYS, Row, ratios
from checks import ONE_THREAD, checks, in_turn, known, microseconds, milliseconds, rate, row, write_keys
from serving import SERVER_PROCESSOR, Server
from support.tls import make_certificates

SECONDS = 2
HELD = 1_000  # connections
REQUEST = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
KEPT = REQUEST.replace(b"Connection: close\r\n", b"")


@dataclass
class Connections:
    processor_time: float  # microseconds a connection, of the server


def connect(server, session=None):
    host, _, port = server.address.rpartition(":")
    plain = socket.create_connection((host, int(port)))
    if server.context is None:
        return plain
    return server.context.wrap_socket(plain, server_hostname="localhost", session=session)


def ask(connection):
    connection.sendall(REQUEST)
    while connection.recv(1 << 16):
        pass


def new_connections(server, resumes=False):
    """One after the other, each with one request."""
    session = None
    if resumes:
        with connect(server) as first:
            ask(first)
            session = first.session
    count = 0
    used = server.processor_seconds()
    end = time.perf_counter() + SECONDS
    while time.perf_counter() < end:
        with connect(server, session) as connection:
            ask(connection)
            if resumes:
                if not connection.session_reused:
                    raise RuntimeError("the session was not resumed")
                session = connection.session  # a ticket is good once
        count += 1
    return Connections((server.processor_seconds() - used) / count * 1e6)


def memory_of_connections(server):
    """Bytes a connection that has been asked something and lies idle."""
    with contextlib.ExitStack() as held:
        for _ in range(HELD // 10):  # what the first ones make, others need not
            ask(held.enter_context(connect(server)))
        before = server.resident_bytes()
        for _ in range(HELD):
            connection = held.enter_context(connect(server))
            connection.sendall(KEPT)
            connection.recv(1 << 16)
        return (server.resident_bytes() - before) / HELD


def tls(bench):
    folder = bench.directory / "certificates"
    folder.mkdir(exist_ok=True)
    certificates = make_certificates(folder)
    keys = write_keys(bench.directory / "good-keys", known(bench))
    kept, opened, resumed, memory = ([], []), ([], []), ([], []), ([], [])
    with (
        Server(bench.build, bench.copy(bench.filled(MANY_KEYS), "tls"), SERVER_PROCESSOR, ONE_THREAD, certificates)
        as with_tls,
        Server(bench.build, bench.filled(MANY_KEYS), SERVER_PROCESSOR, ONE_THREAD) as without,
    ):
        servers = (with_tls, without)
        for number in range(bench.rounds):
            bench.progress(f"TLS, round {number + 1} of {bench.rounds}")
            for side in in_turn(number, [0, 1]):
                kept[side].append(checks(servers[side], keys))
                opened[side].append(new_connections(servers[side]))
            resumed[0].append(new_connections(with_tls, resumes=True))
            resumed[1].append(opened[0][-1])
        memory = [memory_of_connections(server) for server in servers]
    yield row("`/auth` by TLS 1.3 on kept connections, against without TLS", kept, "rate", rate)
    yield row("p99 of these", kept, "p99", milliseconds)
    yield row("processor time of these, a check", kept, "processor_time", microseconds)
    yield row("processor time of a new connection with one request, against without TLS", opened, "processor_time",
              microseconds)
    yield row("processor time of one that resumes a session, against a whole handshake", resumed, "processor_time",
              microseconds)
    seconds = median(one.processor_time for one in opened[0]) / 1e6
    resuming = median(one.processor_time for one in resumed[0]) / 1e6
    name = "so many of these a second keep one processor busy: whole handshakes, resumed ones"
    yield Row(name, f"{1 / seconds:,.0f} /s, {1 / resuming:,.0f} /s")
    yield Row("memory of an idle connection, against without TLS", f"{memory[0]:,.0f} bytes", f"{memory[1]:,.0f} bytes",
              ratios(memory[:1], memory[1:]))
