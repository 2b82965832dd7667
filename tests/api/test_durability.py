"""What was acknowledged stays: a full disk, a second server, SIGTERM in the middle. Crashes are in
tests/crash."""

import contextlib
import os
import random
import re
import socket
import subprocess
import sys
import threading
import time

import httpx
import openai
import pytest

from support.api import Api, http_client, parallel
from support.raw import Connection
from support.sdk import CountingTransport, sdk_client
from support.secret_values import SECRETS
from support.server import run
from support.wait import wait_until


class Storm:
    """Threads that create and delete service-account keys, and remember what was acknowledged."""

    def __init__(self, server, project, account, threads=12):
        self.base_url, self.key = server.base_url, server.admin_key
        self.path = f"/organization/projects/{project}"
        self.account = account
        self.created = {}  # id: value, of acknowledged creates
        self.deleting = set()  # ids whose delete was sent
        self.deleted = set()  # ids whose delete was acknowledged
        self.statuses = {}
        self.lock = threading.Lock()
        self.stopping = threading.Event()
        self.threads = [threading.Thread(target=self._run, args=(n,)) for n in range(threads)]

    def start(self):
        for thread in self.threads:
            thread.start()
        return self

    def finish(self):
        self.stopping.set()
        for thread in self.threads:
            thread.join(60)
            assert not thread.is_alive()

    def _run(self, number):
        dice = random.Random(number)
        with contextlib.suppress(httpx.TransportError), http_client(self.base_url, self.key) as client:
            while not self.stopping.is_set():
                with self.lock:
                    candidates = [key for key in self.created if key not in self.deleting]
                if candidates and dice.random() < 0.4:
                    key = dice.choice(candidates)
                    with self.lock:
                        if key in self.deleting:
                            continue
                        self.deleting.add(key)
                    reply = client.delete(f"{self.path}/api_keys/{key}")
                    with self.lock:
                        if reply.status_code == 200:
                            self.deleted.add(key)
                        else:
                            # A refusal says that nothing was done: the key is still there.
                            assert reply.status_code in (503, 507), reply.text
                            self.deleting.discard(key)
                else:
                    reply = client.post(f"{self.path}/service_accounts/{self.account}/api_keys", json={})
                    if reply.status_code == 200:
                        made = reply.json()
                        with self.lock:
                            self.created[made["id"]] = made["value"]
                with self.lock:
                    self.statuses[reply.status_code] = self.statuses.get(reply.status_code, 0) + 1

    def wait_for(self, count):
        wait_until(lambda: len(self.created) + len(self.deleted) >= count, timeout=60)

    def check(self, api):
        """Nothing acknowledged is lost, nothing deleted is back."""
        found = {key["id"] for key in api.all(self.path.removeprefix("/organization") + "/api_keys")}
        # A delete that was sent and not acknowledged may have happened or not.
        kept = set(self.created) - self.deleting
        assert kept <= found, f"{len(kept - found)} acknowledged keys are lost"
        assert not self.deleted & found, f"{len(self.deleted & found)} deleted keys are back"
        events = {}
        for event in api.events(event_types__=["api_key.created", "api_key.deleted"]):
            events.setdefault(event["type"], set()).add(event[event["type"]]["id"])
        assert set(self.created) <= events["api_key.created"], "a change without its event"
        assert self.deleted <= events.get("api_key.deleted", set()), "a delete without its event"
        assert not events.get("api_key.deleted", set()) & found, "an event of a delete that did not happen"


def stage(server):
    """A project with an account that has no keys yet: (Api, project id, account id)."""
    api = Api(server.base_url, server.admin_key)
    project = api.project()["id"]
    return api, project, api.service_account(project, create_service_account_only=True)["id"]


def working_account(server):
    api, project, account = stage(server)
    api.post(f"/projects/{project}/service_accounts/{account}", {"role": "member"})
    return api, project, account


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
    few = ("prlimit", "--nofile=160:160")
    server = fresh_server("--max-connections", "64", "--readers", "2", wrapper=few)
    for _ in range(4):
        for number in range(100):
            with Connection(server) as connection:
                connection.send(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"[: 5 + number])
        wait_until(lambda: open_connections(server) == 1)  # the one that asks
        api = Api(server.base_url, server.admin_key)
        parallel(lambda _, api=api: api.project(), range(50))
        api.all("/projects", limit=5)
        api.close()


# --- a full disk


@contextlib.contextmanager
def small_disk(path, size):
    """A file system of a few MiB, of this test alone."""
    path.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size},mode=0700", "tmpfs", str(path)], check=True)
    try:
        yield path
    finally:
        subprocess.run(["umount", "--lazy", str(path)], check=True)


IN_NAMESPACE = "ORGKEYS_TEST_IN_NAMESPACE"


def may_mount():
    return (
        os.geteuid() == 0
        and subprocess.run(["unshare", "--mount", "true"], capture_output=True).returncode == 0
    )


def run_where_mounting_is_allowed(test, check):
    """Calls `check` as root; for an ordinary user, runs the test again in a namespace of its own."""
    if may_mount():
        check()
        return
    assert IN_NAMESPACE not in os.environ, "no file system can be mounted, neither as root nor in a namespace"
    inner = [sys.executable, "-m", "pytest", "-x", "-q", f"{__file__}::{test}"]
    done = subprocess.run(
        ["unshare", "--map-root-user", "--mount", *inner],
        env={**os.environ, IN_NAMESPACE: "1"},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.sqlite(reason="a PostgreSQL whose log finds no space stops")
def test_a_full_disk_in_the_middle_of_a_batch(fresh_server, tmp_path):
    def check():
        with small_disk(tmp_path / "disk", "16m") as disk:
            check_full_disk(fresh_server, disk)

    run_where_mounting_is_allowed("test_a_full_disk_in_the_middle_of_a_batch", check)


def check_full_disk(fresh_server, disk):
    server = fresh_server(name="disk/data")
    api, project, account = working_account(server)
    ballast = disk / "ballast"

    def fill():
        with ballast.open("wb", buffering=0) as file:
            with contextlib.suppress(OSError):
                while True:
                    file.write(b"\0" * 65536)
            with contextlib.suppress(OSError):
                while True:
                    file.write(b"\0" * 512)

    storm = Storm(server, project, account).start()
    storm.wait_for(60)
    fill()
    wait_until(lambda: storm.statuses.keys() & {503, 507}, timeout=60)
    storm.finish()
    assert set(storm.statuses) <= {200, 503, 507}, storm.statuses
    # The SDK does not ask again for what only an operator can mend.
    transport = CountingTransport()
    with sdk_client(server, transport=transport) as sdk, pytest.raises(openai.InternalServerError) as full:
        for number in range(500):
            sdk.admin.organization.projects.create(name=f"does not fit {number} " + "x" * 200)
    assert full.value.status_code == 507 and full.value.code == "insufficient_storage"
    assert transport.requests[-1].headers["x-stainless-retry-count"] == "0"
    # Reading goes on, and says what is true.
    storm.check(api)
    ready = httpx.get(server.url + "/readyz")
    assert ready.status_code == 200, "checks can be answered"
    # Space again: writing again, without a restart.
    ballast.unlink()
    wait_until(
        lambda: api.http.post("/organization/projects", json={"name": "space"}).status_code == 200, timeout=30
    )
    storm.check(api)
    # And the same after the machine went down while the disk was full.
    storm = Storm(server, project, account).start()
    storm.wait_for(40)
    fill()
    wait_until(lambda: storm.statuses.keys() & {503, 507}, timeout=60)
    server.kill9()
    storm.finish()
    ballast.unlink()
    server.start()
    storm.check(Api(server.base_url, server.admin_key))
    server.stop()


@pytest.mark.sqlite(reason="nothing but the first key is written there")
def test_a_disk_that_is_full_at_the_first_start_is_a_clear_error(tmp_path):
    def check():
        with small_disk(tmp_path / "disk", "64k") as disk:
            done = run("serve", "--data", disk / "data", "--listen", "127.0.0.1:0")
            assert done.returncode not in (0, 2)
            assert "space" in done.stderr or "full" in done.stderr, done.stderr

    run_where_mounting_is_allowed("test_a_disk_that_is_full_at_the_first_start_is_a_clear_error", check)
