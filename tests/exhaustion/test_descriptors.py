"""No descriptor is left: whoever is connected goes on, others wait or are turned away, and nobody spins."""

import contextlib
import os
import re
import resource
import signal
from pathlib import Path

import pytest

from support.api import Api, http_client
from support.cluster import Checker
from support.postgres import Postgres
from support.raw import Connection
from support.server import run
from support.tls import make_certificates
from support.wait import wait_until

NONE_LEFT = "no descriptor or memory for a connection"


def limit_descriptors(server, count):
    """Of a process that runs; gives what the limit was."""
    before, most = resource.prlimit(server.pid, resource.RLIMIT_NOFILE)
    resource.prlimit(server.pid, resource.RLIMIT_NOFILE, (count, most))
    return before


@contextlib.contextmanager
def no_descriptor_left(server):
    """From now on the process gets none: below its new limit every number is taken."""
    before = limit_descriptors(server, 3)
    try:
        yield
    finally:
        limit_descriptors(server, before)


@pytest.fixture
def connected(fresh_server):
    """A server, and a connection with the admin key that was made in time."""
    server = fresh_server("--log-format", "json", "--readers", "2")
    with http_client(server.base_url, server.admin_key) as client:
        assert client.get("/organization/projects").status_code == 200
        yield server, client


def threads(server):
    """Of all of them: how often they waited for something, and their processor time, of which a second has 100."""
    pauses = ticks = 0
    for task in Path(f"/proc/{server.pid}/task").iterdir():
        pauses += int(re.search(r"^voluntary_ctxt_switches:\s(\d+)$", (task / "status").read_text(), re.M)[1])
        fields = (task / "stat").read_text().rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return pauses, ticks


def answered(connection):
    connection.send(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
    reply = connection.read_reply()
    return reply is not None and reply.status == 200


def test_who_is_connected_goes_on_and_who_comes_is_let_in_later(connected):
    server, client = connected
    with contextlib.ExitStack() as stack:
        with no_descriptor_left(server):
            waiting = stack.enter_context(Connection(server, timeout=60))
            server.wait_for_log(NONE_LEFT)
            made = client.post("/organization/projects", json={"name": "without a descriptor"})
            assert made.status_code == 200
            assert client.get("/organization/audit_logs").status_code == 200
            assert client.get(server.url + "/metrics").status_code == 200
            # It waits between two attempts, which cost next to nothing.
            pauses, ticks = threads(server)
            wait_until(lambda: threads(server)[0] >= pauses + 40, timeout=60)
            assert threads(server)[1] - ticks < 40, "it spins"
        assert answered(waiting), "it waited in the queue, and is served"
    assert len(server.log_lines(event=NONE_LEFT)) == 1, "it is said once"


def test_the_last_descriptor_turns_others_away(fresh_server):
    """A client that cannot be served is told so by the end of its connection, instead of being left to wait."""
    server = fresh_server("--log-format", "json", "--readers", "2", "--max-connections", "1000")
    with contextlib.ExitStack() as stack:
        first = stack.enter_context(Connection(server))
        assert answered(first)
        limit_descriptors(server, 40)
        crowd = [stack.enter_context(Connection(server, timeout=60)) for _ in range(60)]
        served = [connection for connection in crowd if answered(connection)]
        assert 0 < len(served) < len(crowd), "some found a descriptor, others the end"
        assert answered(first) and all(answered(connection) for connection in served)
        server.wait_for_log(NONE_LEFT)
    # They have gone: there are descriptors again, without a word to the server.
    def is_let_in():
        with Connection(server) as connection:
            return answered(connection)

    wait_until(is_let_in)


def test_a_certificate_that_cannot_be_opened_changes_nothing(fresh_server, tmp_path):
    files = make_certificates(tmp_path)
    server = fresh_server("--tls-cert", files.certificate, "--tls-key", files.key, "--internal-listen", "127.0.0.1:0")
    with no_descriptor_left(server):
        os.kill(server.pid, signal.SIGHUP)
        assert "Too many open files" in server.wait_for_log("the former TLS certificate stays")
    os.kill(server.pid, signal.SIGHUP)
    wait_until(lambda: sum("TLS certificate loaded" in line for line in server.log) == 2)


def test_a_limit_that_leaves_hardly_any_connection_leaves_one(fresh_server):
    """The rest is kept for the server itself: its database, and telling others that there are too many."""
    server = fresh_server(wrapper=("prlimit", "--nofile=300:300"))
    warning = server.wait_for_log("fewer connections than --max-connections")
    assert " connections=1 " in warning and "LimitNOFILE=" in warning, warning
    with contextlib.ExitStack() as stack:
        crowd = [stack.enter_context(Connection(server)) for _ in range(20)]
        assert all(answered(connection) for connection in crowd[-1:])
    with http_client(server.base_url, server.admin_key) as client:
        assert client.post("/organization/projects", json={"name": "with few descriptors"}).status_code == 200
        assert client.get("/organization/projects").status_code == 200
    assert not any(NONE_LEFT in line for line in server.log), server.log


def test_a_start_without_enough_descriptors_says_so(tmp_path):
    done = run(
        "serve", "--data", tmp_path / "data", "--listen", "127.0.0.1:0",
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (8, 8)),
    )
    assert done.returncode == 1
    assert "Too many open files" in done.stderr and "cannot start" in done.stderr, done.stderr


def test_a_postgresql_that_comes_back_waits_for_a_descriptor(fresh_server):
    with Postgres() as postgres:
        server = fresh_server(
            "--database", postgres.create_database("few"), "--log-format", "json", "--readers", "2"
        )
        api = Api(server.base_url, server.admin_key)
        value = api.key_of(api.default_project()["id"])["value"]
        api.close()
        with http_client(server.base_url, server.admin_key) as client, contextlib.closing(Checker(server)) as checker:
            assert client.get("/organization/projects").status_code == 200 and checker.status(value) == 200
            with no_descriptor_left(server):
                postgres.psql(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                    "WHERE datname = 'few' AND pid <> pg_backend_pid()"
                )

                def refused(method, **body):
                    reply = client.request(method, "/organization/projects", **body)
                    return reply.status_code == 503 and reply.json()["error"]["code"] == "store_unavailable"

                wait_until(lambda: refused("POST", json={"name": "in vain"}))
                wait_until(lambda: refused("GET"))
                assert checker.status(value) == 200, "a check needs no descriptor"
                for _ in range(20):
                    assert refused("GET") and refused("POST", json={"name": "in vain"})
                causes = [line for line in server.log_lines(level="error") if line["event"] != "call"]
                assert len(causes) < 10, causes
            wait_until(
                lambda: client.post("/organization/projects", json={"name": "again"}).status_code == 200
                and client.get("/organization/projects").status_code == 200
            )
        server.stop()
