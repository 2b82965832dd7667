"""What strangers and busy callers do to a server, all at once: checks go on, the admin API answers or says
503, memory keeps its bounds, and afterwards everything is as before. docs/reliability.md has the same floods
at full size; here no time decides."""

import contextlib
import re
import secrets
import ssl
from pathlib import Path

import httpx
import pytest

from support.api import Api
from support.floods import flooding
from support.plain import PLAIN
from support.raw import Connection, exchange, wait_until_read
from support.secret_values import SECRETS
from support.tls import make_certificates
from support.wait import wait_until

CHECKS = 150
ADMIN_CALLS = 25
CALLERS = 300
QUEUE = 16
BATCH = 64  # changes that the writer has in hand; what it does not begin in half a second waits once more
TIMEOUT = 120  # seconds, after which something hangs
KIBIBYTE = 1024
MEBIBYTE = 1024 * KIBIBYTE
# What a flood or a test holds open, it holds for as long as a busy machine takes for the rest.
PATIENCE = ("--request-timeout", "1h", "--idle-timeout", "1h", "--write-timeout", "1h")
# So that what was freed does not count: the address sanitizer keeps it for a while otherwise.
FREES_AT_ONCE = {
    "ASAN_OPTIONS": "detect_leaks=1:abort_on_error=0:quarantine_size_mb=1:thread_local_quarantine_size_kb=16"
}


class Bystanders:
    """A proxy that checks keys at the internal listener, and an owner who uses the admin API."""

    def __init__(self, server, verify=PLAIN):
        self.server = server
        self.verify = verify
        api = Api(server.base_url, server.admin_key) if verify is PLAIN else None
        self.good_key = api.key_of(api.default_project()["id"])["value"] if api else server.admin_key
        self.unknown_key = SECRETS.add(f"sk-proj-{secrets.token_hex(20)}")
        if api:
            api.close()

    def check_checks(self):
        """As the proxy does, on a connection that it keeps."""
        with httpx.Client(base_url=self.server.internal_url, verify=PLAIN, timeout=TIMEOUT) as proxy:
            for number in range(CHECKS):
                is_good = number % 3 > 0
                key = self.good_key if is_good else self.unknown_key
                reply = proxy.get("/auth", headers={"Authorization": f"Bearer {key}"})
                wanted = self.good_status if is_good else 401
                assert reply.status_code == wanted, (number, reply.status_code, reply.text)

    @property
    def good_status(self):
        return 200 if self.verify is PLAIN else 403  # an admin key is known, and is none of a project

    def admin_statuses(self):
        """Of calls on connections of their own; each that is refused says when to come again."""
        scheme = "http" if self.verify is PLAIN else "https"
        statuses = []
        for number in range(ADMIN_CALLS):
            with httpx.Client(base_url=f"{scheme}://{self.server.address()}/v1/organization",
                              headers={"Authorization": f"Bearer {self.server.admin_key}"},
                              verify=self.verify, timeout=TIMEOUT) as owner:
                if number % 5 == 0:
                    reply = owner.post("/projects", json={"name": f"beside the flood {number}"})
                else:
                    reply = owner.get("/projects", params={"limit": 3})
            statuses.append(reply.status_code)
            assert reply.status_code != 503 or "retry-after" in reply.headers, reply.headers
        return set(statuses)


def metric(server, name):
    return int(re.search(rf"^{name} (\d+)$", server.metrics(), re.M).group(1))


def most_memory(server):
    """The most that was resident at once."""
    status = Path(f"/proc/{server.pid}/status").read_text()
    return int(re.search(r"^VmHWM:\s+(\d+) kB", status, re.M).group(1)) * KIBIBYTE


@contextlib.contextmanager
def memory_grows_below(server, bound):
    before = most_memory(server)
    yield
    grown = most_memory(server) - before
    assert grown < bound + OTHERS, f"{grown / MEBIBYTE:.0f} MiB more, beyond {bound / MEBIBYTE:.0f}"


def check_everything_is_back(server, bystanders):
    wait_until(lambda: metric(server, "orgkeys_http_connections_open") == 1, TIMEOUT)
    wait_until(lambda: metric(server, "orgkeys_store_jobs_waiting") == 0, TIMEOUT)
    bystanders.check_checks()
    assert bystanders.admin_statuses() == {200}


@pytest.fixture
def make_server(fresh_server):
    def make(*options, **keywords):
        return fresh_server("--internal-listen", "127.0.0.1:0", *PATIENCE, *options, env=FREES_AT_ONCE, **keywords)

    return make


def flood_of(name, server, **options):
    return flooding(name, server.address(), **options)


# As docs/operations.md, "Floods and memory", has them: of a connection with a request, of TLS, of a connection without
# a request, of all replies, of SQLite's caches.
BUSY = 40 * KIBIBYTE
TLS = 48 * KIBIBYTE
IDLE = KIBIBYTE
REPLIES = 256 * MEBIBYTE
CACHES = 48 * MEBIBYTE
OTHERS = 16 * MEBIBYTE  # calls, and what the sanitizer adds to small things


@pytest.mark.parametrize(
    "name, connections, bound",
    [
        ("slow senders", 1500, 1500 * BUSY),
        ("slow readers", 4000, 4000 * IDLE + REPLIES),
        ("idle", 2000, 2000 * IDLE),
        ("churn", 64, 64 * BUSY),
        ("pipelining", 200, 200 * BUSY),
    ],
)
def test_strangers_who_keep_the_server_busy(make_server, name, connections, bound):
    server = make_server()
    bystanders = Bystanders(server)
    bystanders.check_checks()
    with memory_grows_below(server, bound), flood_of(name, server, connections=connections) as flood:
        bystanders.check_checks()
        assert bystanders.admin_statuses() <= {200, 503}
    assert flood.outcome["connected"] >= connections
    assert set(flood.outcome) <= {"connected", "200", "503", "closed", "reset", "requests"}, flood.outcome
    check_everything_is_back(server, bystanders)


def test_keys_that_nobody_issued(make_server):
    server = make_server()
    bystanders = Bystanders(server)
    with contextlib.closing(Api(server.base_url, server.admin_key)) as api:
        revoked = [api.admin_key() for _ in range(8)]
        for key in revoked:
            api.delete(f"/admin_api_keys/{key['id']}")
    keys = [SECRETS.add(key["value"]) for key in revoked]
    keys += [SECRETS.add("sk-admin-" + secrets.token_hex(size)) for size in (1, 20, 100, 400)]
    with memory_grows_below(server, CALLERS * BUSY), flood_of(
        "requests", server, connections=CALLERS, keys=keys, until=["401"],
        method="GET", path="/v1/organization/projects",
    ) as flood:
        bystanders.check_checks()
        assert bystanders.admin_statuses() <= {200, 503}
    assert set(flood.outcome) == {"connected", "longest_wait", "401"}, flood.outcome
    check_everything_is_back(server, bystanders)


def overflow(make_server, method, body=""):
    """More calls than can wait: each is answered at its turn, or at once with when to come again."""
    server = make_server("--write-queue", QUEUE, "--read-queue", QUEUE, "--readers", "1")
    bystanders = Bystanders(server)
    with memory_grows_below(server, CALLERS * BUSY + CACHES), flood_of(
        "requests", server, connections=CALLERS, keys=[server.admin_key], until=["200", "503"],
        method=method, path="/v1/organization/projects", body=body,
    ) as flood:
        bystanders.check_checks()
        assert bystanders.admin_statuses() <= {200, 503}
        # So nobody waits behind more than these.
        assert max(metric(server, "orgkeys_store_jobs_waiting") for _ in range(50)) <= QUEUE + BATCH
    assert set(flood.outcome) == {"connected", "longest_wait", "200", "503"}, flood.outcome
    check_everything_is_back(server, bystanders)
    return server, flood.outcome["200"]


def test_more_reads_than_can_be_queued(make_server):
    overflow(make_server, "GET")


def test_more_changes_than_can_be_queued(make_server):
    server, done = overflow(make_server, "POST", '{"name":"one of many"}')
    with contextlib.closing(Api(server.base_url, server.admin_key)) as api:
        made = sum(project["name"] == "one of many" for project in api.all("/projects"))
    # Those whose reply the flood did not wait for were made, too.
    assert done <= made <= done + CALLERS


def test_handshakes_that_nobody_ends(make_server, tmp_path):
    (tmp_path / "tls").mkdir()
    files = make_certificates(tmp_path / "tls")
    server = make_server("--tls-cert", files.certificate, "--tls-key", files.key)
    bystanders = Bystanders(server, ssl.create_default_context(cafile=files.authority))
    with memory_grows_below(server, 16 * (BUSY + TLS)), flood_of("handshakes", server, connections=16) as flood:
        bystanders.check_checks()
        assert bystanders.admin_statuses() <= {200, 503}
    assert set(flood.outcome) == {"connected", "handshakes", "closed"}, flood.outcome
    assert flood.outcome["closed"] == flood.outcome["handshakes"]
    check_everything_is_back(server, bystanders)


def test_who_only_holds_connections_open_keeps_nobody_out(make_server):
    server = make_server("--max-connections", "200")
    bystanders = Bystanders(server)
    with flood_of("idle", server, connections=1000):
        bystanders.check_checks()
        assert bystanders.admin_statuses() == {200}
        assert metric(server, "orgkeys_http_connections_open") <= 201
        displaced = metric(server, "orgkeys_http_connections_displaced_total")
        # In a burst some are refused: connections over the maximum that are dealt with have one of their own.
        assert displaced > 0 and displaced + metric(server, "orgkeys_http_connections_refused_total") >= 800
    check_everything_is_back(server, bystanders)


def test_a_full_public_side_leaves_checks_theirs(make_server):
    server = make_server("--max-connections", "50")
    bystanders = Bystanders(server)
    with contextlib.ExitStack() as held:
        connections = [held.enter_context(Connection(server)) for _ in range(50)]
        for connection in connections:
            connection.send(b"GET /healthz HTTP/1.1\r\n")
        wait_until_read(server, [connection.port for connection in connections])
        bystanders.check_checks()
        assert bystanders.admin_statuses() == {503}
    check_everything_is_back(server, bystanders)


def test_bodies_that_nobody_ends_leave_checks_theirs(make_server):
    server = make_server("--max-bodies-size", "1MiB")
    bystanders = Bystanders(server)
    half = b"POST /v1/organization/projects HTTP/1.1\r\nHost: a\r\nContent-Length: 200000\r\n\r\n" + b" " * 100000
    with contextlib.ExitStack() as held:
        connections = [held.enter_context(Connection(server)) for _ in range(16)]
        for connection in connections:
            connection.send(half)
        wait_until_read(server, [connection.port for connection in connections])
        refused = exchange(server, half)[0]
        assert refused.status == 503 and b"too many request bodies" in refused.body, refused
        reply = httpx.post(f"{server.internal_url}/oauth2/introspect", data={"token": bystanders.good_key},
                           headers={"Authorization": f"Bearer {server.admin_key}"}, verify=PLAIN, timeout=TIMEOUT)
        assert reply.status_code == 200 and reply.json()["active"] is True, reply.text
    check_everything_is_back(server, bystanders)


def test_a_low_limit_of_open_files_stops_no_checks(make_server):
    server = make_server(wrapper=("prlimit", "--nofile=1000:1000"))
    warning = server.wait_for_log("fewer connections than --max-connections")
    assert "open_files_allowed=1000" in warning and "LimitNOFILE=" in warning, warning
    bystanders = Bystanders(server)
    with flood_of("slow senders", server, connections=900):
        bystanders.check_checks()
    assert not any("no descriptor" in line for line in server.log), server.log
    check_everything_is_back(server, bystanders)


def test_the_limit_of_open_files_is_raised_as_far_as_it_may(make_server):
    server = make_server("--max-connections", "2000", wrapper=("prlimit", "--nofile=256:10000"))
    with flood_of("idle", server, connections=1500):
        wait_until(lambda: metric(server, "orgkeys_http_connections_open") >= 1501, TIMEOUT)
        assert exchange(server, b"GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")[0].status == 200
