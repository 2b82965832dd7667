"""How long a revocation takes to reach the other nodes, while all of them answer checks and change keys.

The nodes are on one processor, what asks them is on the other, PostgreSQL is where the system puts it. At
full speed they wait for a processor above all else, so the same is measured with less load too."""

import http.client
import json
import os
import re
import select
import socket
import time
import urllib.request
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from itertools import chain
from statistics import median, quantiles

from bench import MANY_KEYS, Row, ratios
from checks import CONNECTIONS, ONE_THREAD, changing, known, milliseconds, write_keys
from databases import DATABASE, filled_database, node
from serving import LOAD_PROCESSOR, SERVER_PROCESSOR, loading, new_account, run
from support.wait import wait_until

NODES = 3
CHANGES = 200  # calls a second, of all nodes together
CHANGES_CONNECTIONS = 8  # of each node
SECONDS = 5  # of revocations, a round
NOTICES = 200  # a round
ASKING_TIMEOUT = 30
FOLLOWING_TIMEOUT = 120
CONTENT_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)\r\n", re.IGNORECASE)
# By the part of what the nodes can answer.
LOADS = {1: "at full speed", 0.5: "at half of that", 0: "without other checks"}


def address_of(server):
    host, _, port = server.url.removeprefix("http://").rpartition(":")
    return host, int(port)


class Asker:
    """Asks a node about keys, on a connection that stays open."""

    def __init__(self, server):
        self.socket = socket.create_connection(address_of(server), timeout=ASKING_TIMEOUT)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def fileno(self):
        return self.socket.fileno()

    def ask(self, key):
        self.socket.sendall(f"GET /auth HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {key}\r\n\r\n".encode())

    def status(self):
        reply = b""
        while True:
            reply += self.socket.recv(4096)
            head, _, body = reply.partition(b"\r\n\r\n")
            length = CONTENT_LENGTH.search(head + b"\r\n")
            if length and len(body) == int(length.group(1)):
                return int(reply.split()[1])


def first(askers, key, status):
    """When the first reply of that status had been read from each; all are asked over and over."""
    found = {}
    deadline = time.perf_counter() + ASKING_TIMEOUT
    for asker in askers:
        asker.ask(key)
    while len(found) < len(askers):
        if time.perf_counter() > deadline:
            raise RuntimeError(f"a node has not answered {status} for {ASKING_TIMEOUT} s")
        for asker in select.select([asker for asker in askers if asker not in found], [], [], ASKING_TIMEOUT)[0]:
            if asker.status() == status:
                found[asker] = time.perf_counter()
            else:
                asker.ask(key)
    return list(found.values())


def call(connection, method, path, key):
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    connection.request(method, path, "{}" if method == "POST" else None, headers)
    reply = connection.getresponse()
    body = reply.read()
    if reply.status != 200:
        raise RuntimeError(f"{method} {path}: {reply.status}")
    return body


def revocations(nodes, where):
    """Seconds from the reply to a DELETE to the first refusal, by each of the other nodes."""
    project, account = where
    times = []
    askers = [Asker(server) for server in nodes]
    connections = [http.client.HTTPConnection(*address_of(server), timeout=ASKING_TIMEOUT) for server in nodes]
    deadline = time.perf_counter() + SECONDS
    while time.perf_counter() < deadline:
        connection, others = connections[0], askers[1:]
        connections.append(connections.pop(0))
        askers.append(askers.pop(0))
        made = json.loads(call(connection, "POST", f"{project}/service_accounts/{account}/api_keys", nodes[0].key))
        first(others, made["value"], 200)
        call(connection, "DELETE", f"{project}/api_keys/{made['id']}", nodes[0].key)
        revoked_at = time.perf_counter()
        times += [at - revoked_at for at in first(others, made["value"], 401)]
    return times


def notices(bench, database):
    """Seconds of NOTIFY's round trips."""
    printed = run(bench.program("bench-notify"), database.url(DATABASE), NOTICES, processor=LOAD_PROCESSOR)
    return [int(line) / 1e6 for line in printed.split()]


@contextmanager
def on_processor(processor):
    """This program itself."""
    before = os.sched_getaffinity(0)
    if processor is not None:
        os.sched_setaffinity(0, {processor})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


@contextmanager
def checking(server, keys, rate):
    """As many a second as the node answers, when no rate is given."""
    variables = {"ORGKEYS_BENCH_KEYS": str(keys)} | ({} if rate is None else {"ORGKEYS_BENCH_RATE": str(rate)})
    with loading("wrk_keys.lua", f"{server.url}/auth", CONNECTIONS, LOAD_PROCESSOR, variables) as outcomes:
        yield outcomes
    if outcomes[0]["refused"] > 0:
        raise RuntimeError(f"good keys were refused: {outcomes}")


def rate_of(outcomes):
    return outcomes[0]["requests"] / outcomes[0]["microseconds"] * 1e6


@dataclass
class Found:
    """Of the rounds with one load."""

    checks: list = field(default_factory=list)  # a second, of all nodes
    changes: list = field(default_factory=list)
    revocations: list = field(default_factory=list)  # times of each round
    notices: list = field(default_factory=list)


def p99(times):
    return quantiles(times, n=100)[98]


def measure(bench, database, nodes, where, rates, found):
    """With checks at these rates, a node each: None is full speed; no rates, no checks. Gives the rates."""
    good = write_keys(bench.directory / "good-keys", known(bench))
    with on_processor(LOAD_PROCESSOR), ExitStack() as loads:
        checks = [loads.enter_context(checking(server, good, rate)) for server, rate in zip(nodes, rates, strict=False)]
        changes = [
            loads.enter_context(changing(server, where, CHANGES / NODES, CHANGES_CONNECTIONS)) for server in nodes
        ]
        found.revocations.append(revocations(nodes, where))
        found.notices.append(notices(bench, database))
    found.checks.append(sum(map(rate_of, checks)))
    found.changes.append(sum(map(rate_of, changes)))
    return [rate_of(outcomes) for outcomes in checks]


def rows_of(found, name):
    """Of the times of all rounds together; the ratios are those of the rounds."""
    load = f"{name}: {median(found.checks):,.0f} checks" if any(found.checks) else name
    what = f"revocation by the other two of {NODES} nodes, {load} and {median(found.changes):,.0f} changes a second"
    for of, row_name, reach in (
        (median, f"{what}, against a NOTIFY: median", ""),
        (p99, "p99 of these", "at most 50 ms"),
    ):
        ours, against = (of(list(chain(*rounds))) for rounds in (found.revocations, found.notices))
        by_round = ratios(map(of, found.revocations), map(of, found.notices))
        yield Row(row_name, milliseconds(ours * 1e6), milliseconds(against * 1e6), by_round, reach)


def has_followed(server):
    """Readiness says how many commits are still to be followed."""
    with urllib.request.urlopen(f"{server.url}/readyz", timeout=ASKING_TIMEOUT) as reply:
        readiness = json.load(reply)
    return readiness["lag"] == 0 and readiness["seconds_since_sweep"] < 1


def nodes(bench):
    found = {part: Found() for part in LOADS}
    database, key = filled_database(bench, MANY_KEYS)
    with ExitStack() as started:
        servers = [
            started.enter_context(node(bench, database, f"node-{number}", key, SERVER_PROCESSOR, ONE_THREAD))
            for number in range(NODES)
        ]
        where = new_account(servers[0])
        wait_until(lambda: all(map(has_followed, servers)), FOLLOWING_TIMEOUT)
        for number in range(bench.rounds):
            full_speed = [None] * NODES
            for part, name in LOADS.items():
                bench.progress(f"revocation {name}, round {number + 1} of {bench.rounds}")
                rates = [rate and rate * part for rate in full_speed] if part > 0 else []
                full_speed = measure(bench, database, servers, where, rates, found[part]) or full_speed
    for part, name in LOADS.items():
        yield from rows_of(found[part], name)
