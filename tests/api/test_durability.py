"""What was acknowledged stays: a second server, SIGTERM in the middle. Crashes are in tests/crash."""

import re
import socket
import threading
import time

import httpx
import pytest

from support.api import Api, parallel
from support.raw import Connection
from support.secret_values import SECRETS
from support.server import run
from support.storm import Storm, working_account
from support.wait import wait_until


def test_kill_9_right_after_a_reply_keeps_what_it_said(fresh_server):
    server = fresh_server()
    for number in range(8):
        api = Api(server.base_url, server.admin_key)
        made = api.project(f"acknowledged {number}")
        server.kill9()
        server.start()
        api = Api(server.base_url, server.admin_key)
        assert api.get(f"/projects/{made['id']}") == made
        assert api.events()[0]["type"] == "project.created"


def test_sigterm_in_a_storm_finishes_what_is_in_flight_and_exits_0(fresh_server):
    server = fresh_server()
    _, project, account = working_account(server)
    storm = Storm(server, project, account).start()
    storm.wait_for(100)
    storm.expect_end()
    server.stop()
    storm.finish()
    assert set(storm.statuses) <= {200, 503}, storm.statuses
    server.start()
    storm.check(Api(server.base_url, server.admin_key))


def test_sigterm_waits_for_a_request_that_is_arriving(fresh_server):
    server = fresh_server()
    body = b'{"name":"arrived while stopping"}'
    with Connection(server) as connection:
        head = (
            f"POST /v1/organization/projects HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {server.admin_key}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        ).encode()
        connection.send(head + body[:5])
        server.check_metrics()
        server.process.terminate()

        def refused():
            try:
                socket.create_connection((server.host, server.port), timeout=5).close()
            except OSError:
                return True
            return False

        wait_until(refused)
        connection.send(body[5:])
        reply = connection.read_reply()
        # Served, or told that nothing was done; never left without a word.
        assert reply is not None and reply.status in (200, 503)
        assert reply.headers["connection"] == "close" and connection.at_end()
    assert server.wait() == 0
    server.start()
    names = {project["name"] for project in Api(server.base_url, server.admin_key).all("/projects")}
    assert ("arrived while stopping" in names) == (reply.status == 200)


def test_sigterm_does_not_wait_for_idle_connections(fresh_server):
    server = fresh_server()
    with Connection(server) as idle, Connection(server):
        idle.send(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
        assert idle.read_reply().status == 200
        started = time.monotonic()
        server.stop()
        assert time.monotonic() - started < 8, "it waited for --shutdown-timeout"


@pytest.mark.sqlite(reason="several nodes may share a PostgreSQL")
def test_a_second_server_on_the_same_directory_is_refused(fresh_server):
    server = fresh_server()
    done = run("serve", "--data", server.directory, "--listen", "127.0.0.1:0")
    assert done.returncode not in (0, 2)
    problems = [line for line in done.stderr.splitlines() if line]
    assert len(problems) <= 2 and str(server.directory) in done.stderr
    assert "server" in done.stderr or "process" in done.stderr, done.stderr
    assert Api(server.base_url, server.admin_key).project()["id"], "the first one goes on"
    server.kill9()
    server.start()  # a dead server leaves no lock behind


def test_an_address_in_use_is_refused_in_one_line(fresh_server, tmp_path):
    server = fresh_server()
    done = run("serve", "--data", tmp_path / "other", "--listen", server.address())
    assert done.returncode not in (0, 2)
    assert server.address() in done.stderr


def test_a_database_of_a_newer_version_is_refused(fresh_server):
    server = fresh_server()
    server.stop()
    server.sql("INSERT INTO schema_migrations (number, applied_at) VALUES (9999, 0)")
    done = run("serve", "--data", server.directory, "--listen", "127.0.0.1:0")
    assert done.returncode not in (0, 2)
    assert "newer" in done.stderr, done.stderr


@pytest.mark.sqlite(reason="there is no file")
def test_a_file_that_is_no_database_is_refused(fresh_server):
    server = fresh_server()
    server.stop()
    path = database_of(server)
    for extra in ("-wal", "-shm"):
        (path.parent / (path.name + extra)).unlink(missing_ok=True)
    path.write_bytes(b"this is not a database, whatever its name says\n" * 200)
    done = run("serve", "--data", server.directory, "--listen", "127.0.0.1:0")
    assert done.returncode not in (0, 2)
    assert done.stderr.strip()


def database_of(server):
    """The SQLite file in a data directory."""
    for path in sorted(server.directory.iterdir()):
        if path.is_file() and path.read_bytes()[:15] == b"SQLite format 3":
            return path
    raise AssertionError(f"no database in {server.directory}")


def test_what_is_on_disk_holds_no_secret_and_is_the_owners_alone(fresh_server):
    server = fresh_server()
    api = Api(server.base_url, server.admin_key)
    project = api.project()["id"]
    secrets = [
        api.admin_key()["value"],
        api.key_of(project)["value"],
        api.service_account(project)["api_key"]["value"],
    ]
    secrets.append(api.invite()["invite_url"].partition("#")[2])
    server.stop()
    for path in server.directory.rglob("*"):
        assert path.stat().st_mode & 0o077 == 0, f"{path} can be read by others"
        if path.is_file():
            data = path.read_bytes()
            for secret in secrets:
                assert secret[-20:].encode() not in data, f"{path} holds a secret"
    assert server.directory.stat().st_mode & 0o077 == 0


@pytest.mark.sqlite(reason="it is about SQLite's file")
def test_the_write_ahead_log_has_a_bound_while_everybody_reads(fresh_server):
    """No reader holds a snapshot for long, so what was written can be put in place (checkpointed)."""
    server = fresh_server()
    _, project, account = working_account(server)
    keys = f"/organization/projects/{project}/api_keys"
    stopping = threading.Event()

    def plain():
        # Not checked reply by reply: this is about how much goes through.
        authorization = {"Authorization": f"Bearer {server.admin_key}"}
        return httpx.Client(base_url=server.base_url, headers=authorization, timeout=60)

    def read():
        with plain() as client:
            while not stopping.is_set():
                for path in (keys, "/organization/audit_logs"):
                    assert client.get(path, params={"limit": 100}).status_code == 200

    readers = [threading.Thread(target=read) for _ in range(3)]
    for reader in readers:
        reader.start()
    try:
        path = f"/organization/projects/{project}/service_accounts/{account}/api_keys"
        with plain() as client:
            replies = parallel(lambda _: client.post(path, json={}), range(800))  # 50 KiB of log each
        for reply in replies:
            assert reply.status_code == 200
            SECRETS.add(reply.json()["value"])
        log = database_of(server).with_name(database_of(server).name + "-wal")
        assert log.stat().st_size < 24 << 20
    finally:
        stopping.set()
        for reader in readers:
            reader.join()


def open_connections(server):
    reply = httpx.get(f"{server.url}/metrics")
    found = re.search(r"^orgkeys_http_connections_open (\d+)$", reply.text, re.M)
    return int(found[1]) if found else None


def test_connections_and_calls_leave_no_descriptor_open(fresh_server):
    """With few descriptors to have, one that leaks at each of many uses would soon be one too many."""
    few = ("prlimit", "--nofile=470:470")  # as many as it keeps for itself, and 64 connections
    server = fresh_server("--max-connections", "64", "--threads", "2", "--readers", "2", wrapper=few)
    for _ in range(6):
        for number in range(100):
            with Connection(server) as connection:
                connection.send(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"[: 5 + number])
        wait_until(lambda: open_connections(server) == 1)  # the one that asks
        api = Api(server.base_url, server.admin_key)
        parallel(lambda _, api=api: api.project(), range(50))
        api.all("/projects", limit=5)
        api.close()
