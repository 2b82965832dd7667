"""No memory is left: callers read 503 or lose their connection, checks go on, and it passes without a restart."""

import contextlib
import re
import resource
import threading
from collections import Counter

import httpx

from support.api import Api
from support.cluster import Checker
from support.plain import PLAIN
from support.raw import Connection
from support.secret_values import SECRETS
from support.server import SANITIZER_REPORT, run
from support.storm import working_account
from support.wait import wait_until, wait_with

MEBIBYTE = 1 << 20
# What the server may take beyond what it has at rest. malloc gives nothing above it.
ROOM = 24 * MEBIBYTE


def sanitizer(log, limit=None):
    """malloc fails above so many bytes in RAM; what the sanitizer says of it goes to files of its own."""
    options = ["detect_leaks=1", "quarantine_size_mb=1", "allocator_release_to_os_interval_ms=50", f"log_path={log}"]
    if limit is not None:
        options += ["allocator_may_return_null=1", f"soft_rss_limit_mb={limit // MEBIBYTE}"]
    return {"ASAN_OPTIONS": ":".join(options)}


def resident(server):
    return int(re.search(r"^process_resident_memory_bytes (\d+)$", server.metrics(), re.M)[1])


@contextlib.contextmanager
def crowd(server, count):
    """Connections that each send nearly all of a large body, and hold it there; or as much as the server takes."""
    head = (
        f"POST /v1/organization/projects HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {server.admin_key}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {MEBIBYTE}\r\n\r\n"
    ).encode()
    with contextlib.ExitStack() as stack:
        for _ in range(count):
            with contextlib.suppress(TimeoutError):
                connection = stack.enter_context(Connection(server, timeout=5))
                connection.send(head + b" " * (MEBIBYTE - 1))
        yield


class Load:
    """Threads that make keys and list them, on connections that they replace."""

    def __init__(self, server, project, account, threads=3):
        self.server, self.path = server, f"/organization/projects/{project}/service_accounts/{account}/api_keys"
        self.keys = {}  # id: value, of what was acknowledged
        self.outcomes = Counter()  # statuses; None: the connection was closed
        self.problems = []
        self.stopping = threading.Event()
        self.threads = [threading.Thread(target=self._run) for _ in range(threads)]

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, problem, *_):
        self.stopping.set()
        for thread in self.threads:
            thread.join(60)
            assert not thread.is_alive()
        if problem is None and self.problems:
            raise self.problems[0]

    def wait_until(self, condition):
        wait_with(self.problems, condition)

    def _run(self):
        headers = {"Authorization": f"Bearer {self.server.admin_key}"}
        try:
            with httpx.Client(base_url=self.server.base_url, headers=headers, verify=PLAIN, timeout=60) as client:
                while not self.stopping.is_set():
                    self._step(client)
        except Exception as problem:  # raised by the test's thread
            self.problems.append(problem)

    def _step(self, client):
        reply = self._call(client.post, self.path, json={})
        if reply is not None and reply.status_code == 200:
            made = reply.json()
            self.keys[made["id"]] = SECRETS.add(made["value"])
        self._call(client.get, "/organization/audit_logs", params={"limit": 100})

    def _call(self, function, *arguments, **options):
        try:
            reply = function(*arguments, **options)
        except httpx.TransportError:
            reply = None
            self.stopping.wait(0.01)
        self.outcomes[None if reply is None else reply.status_code] += 1
        return reply

    def good(self):
        return self.outcomes[200]

    def failed(self):
        return self.outcomes[None] + self.outcomes[503]


def test_nothing_that_was_acknowledged_is_lost_and_all_is_well_once_there_is_memory(fresh_server, tmp_path):
    log = tmp_path / "sanitizer"
    server = fresh_server("--log-format", "json", env=sanitizer(log))
    api, project, account = working_account(server)
    rest = resident(server)
    api.close()
    server.stop()
    server.env = sanitizer(log, rest + ROOM)
    server.start()
    with Load(server, project, account) as load:
        for _ in range(3):
            good = load.good()
            load.wait_until(lambda good=good: load.good() > good + 20)
            failed = load.failed()
            with crowd(server, 100):
                load.wait_until(lambda failed=failed: load.failed() > failed + 20)
        good = load.good()
        load.wait_until(lambda: load.good() > good + 20)
    # Never that a key is wrong, or nothing there. A 500: there was no memory for the reply itself, which says so.
    assert set(load.outcomes) <= {200, 503, 500, None}, load.outcomes
    wait_until(lambda: load.outcomes[500] <= len(server.log_lines(event="a reply could not be made")))
    check_keys(server, load.keys)
    server.stop()
    assert "soft rss limit exhausted" in read_all(tmp_path), "there was memory all the time"
    server.env = sanitizer(log)
    server.start()
    check_keys(server, load.keys)
    api = Api(server.base_url, server.admin_key)
    made = {event["api_key.created"]["id"] for event in api.events(event_types__=["api_key.created"])}
    assert set(load.keys) <= made, f"{len(set(load.keys) - made)} keys were acknowledged, and have no event"
    api.close()
    server.stop()
    said = re.sub(r"AddressSanitizer: soft rss limit (un)?exhausted", "", read_all(tmp_path))
    assert not SANITIZER_REPORT.search(said), said


def check_keys(server, keys):
    with contextlib.closing(Checker(server)) as checker:
        refused = [id for id, value in keys.items() if checker.status(value) != 200]
    assert keys and not refused, f"{len(refused)} acknowledged keys are refused"


def read_all(folder):
    """What the sanitizer said."""
    return "\n".join(path.read_text() for path in folder.glob("sanitizer.*"))


def test_a_start_without_memory_for_its_threads_says_so(tmp_path):
    most = resource.getrlimit(resource.RLIMIT_STACK)[1]
    done = run(
        "serve", "--data", tmp_path / "data", "--listen", "127.0.0.1:0",
        # A thread's stack is as large as the limit of stacks, and there is not that much to be had.
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_STACK, (1 << 44, most)),
    )
    assert done.returncode == 1
    assert "cannot start the thread" in done.stderr and len(done.stderr.splitlines()) == 1, done.stderr
