"""Several nodes on one PostgreSQL, the load on them, and a model of what they acknowledged.

The model is what the promises are: what was acknowledged is there; a key that was revoked is refused by
the node that did it from its reply on and by every other node a second later, and never let in again; a
good key is never refused."""

import contextlib
import http.client
import random
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import httpx

from support.api import Api, http_client, unique
from support.plain import PLAIN
from support.secret_values import SECRETS
from support.server import Server
from support.wait import wait_until

# Seconds, by a node that reaches the database. Promise 4 says one; machines that run tests are busy, and
# nothing that is timed decides about them.
FOLLOWED_WITHIN = 15.0
# The same for promise 5: after two seconds a node that cannot reach the database says 503 of what it does
# not know.
KNOWN_WITHIN = 16.0

# What a node says of a database that went away.
OUTAGES = (
    "store batch failed",
    "store job failed",
    "store outcome cannot be settled",
    "store reader cannot open the database",
    "commits of other nodes cannot be followed",
    "uses of keys cannot be recorded",
    "changes that were followed cannot be deleted",
    "sweep failed",
)


class Checker:
    """Asks one node about keys, on a connection that stays open."""

    def __init__(self, node):
        self.node = node
        self.connection = None

    def ask(self, value):
        """The status, and the reply's headers; None when the node is not there."""
        try:
            if self.connection is None:
                self.connection = http.client.HTTPConnection(self.node.host, self.node.port, timeout=30)
            self.connection.request("GET", "/auth", headers={"x-api-key": value})
            reply = self.connection.getresponse()
            reply.read()
        except (OSError, IndexError, http.client.HTTPException):
            self.close()
            return None, {}
        return reply.status, reply.headers

    def status(self, value):
        return self.ask(value)[0]

    def close(self):
        if self.connection is not None:
            self.connection.close()
            self.connection = None


class Cluster:
    """Nodes with a data directory each and one database. `urls` gives each its own way there."""

    def __init__(self, directory, urls, *options):
        self.nodes = [
            Server(directory / f"node-{number}", "--database", url, "--log-format", "json", *options)
            for number, url in enumerate(urls)
        ]
        self._apis = {}

    def __enter__(self):
        try:
            with ThreadPoolExecutor(len(self.nodes)) as pool:
                list(pool.map(Server.start, self.nodes))
        except BaseException:
            self.__exit__(AssertionError)
            raise
        return self

    def __exit__(self, problem, *_):
        problems = []
        for node in self.nodes:
            try:
                if problem is None:
                    node.stop()
            except AssertionError as failure:
                problems.append(failure)
            if node.running():
                node.process.kill()
                node.process.wait()
        if problems:
            raise problems[0]

    @property
    def admin_key(self):
        found = [node for node in self.nodes if (node.directory / "first-admin-key").exists()]
        assert len(found) == 1, f"{len(found)} nodes made the first key"
        return found[0].admin_key

    def api(self, node):
        """Calls to one of the nodes, as it is now."""
        server = self.nodes[node] if isinstance(node, int) else node
        known = self._apis.get(server)
        if known is None or known.base_url != server.base_url:
            known = self._apis[server] = Api(server.base_url, self.admin_key)
        return known

    def account(self):
        """A project and a service account of it, which all nodes have followed."""
        project = self.api(0).project()["id"]
        account = self.api(0).service_account(project, create_service_account_only=True)["id"]
        self.api(0).post(f"/projects/{project}/service_accounts/{account}", {"role": "member"})
        return project, account

    def readiness(self, node):
        reply = httpx.get(f"{node.url}/readyz", timeout=30, verify=PLAIN)
        return reply.status_code, reply.json()

    def wait_until_whole(self, timeout=30):
        """Until every node reaches the database, to read too, and has followed what any had at the
        beginning."""
        newest = max(self.readiness(node)[1]["revision"] for node in self.nodes)

        def is_whole():
            found = [self.readiness(node)[1] for node in self.nodes]
            if not all(one["database"] and one["revision"] >= newest for one in found):
                return False
            reads = [self.api(node).http.get("/organization/projects") for node in self.nodes]
            return all(reply.status_code != 503 for reply in reads)

        wait_until(is_whole, timeout)

    def check_logs(self, *expected):
        """No node failed at anything but what the test did to it."""
        for node in self.nodes:
            for line in node.log_lines(level="error"):
                is_outage = line["event"] in expected or (expected and str(line.get("status")) == "503")
                assert is_outage and line.get("error") != "INTERNAL", line


@dataclass
class Key:
    id: str
    value: str
    made_by: Server
    made_at: float  # when the reply was read
    deleting: bool = False  # it was asked for; what became of it may not be known
    deleted_by: Server | None = None
    deleted_at: float | None = None  # when the reply was read
    let_in: set = field(default_factory=set)  # nodes that did
    refused: set = field(default_factory=set)  # nodes that did, after it was asked to be deleted


class Load:
    """Threads that create and delete keys on any node, and others which ask every node about them.
    `cut_off`: nodes that do not reach the database, of which only less can be asked."""

    def __init__(self, cluster, writers=6, nodes=None):
        self.cluster = cluster
        self.nodes = list(nodes or cluster.nodes)
        self.project, self.account = cluster.account()
        self.path = f"/organization/projects/{self.project}"
        self.keys = {}
        self.uncertain = set()  # names of keys whose fate nobody was told
        self.refused = set()  # names of keys that were not made, as a reply said
        self.lost_deletes = set()  # ids
        self.statuses = {}
        self.checks = {}  # status: count
        self.problems = []
        self.cut_off = set()
        self.clients = {}
        self.lock = threading.Lock()
        self.stopping = threading.Event()
        self.threads = [threading.Thread(target=self._guard, args=(self._write, n)) for n in range(writers)]
        self.threads += [threading.Thread(target=self._guard, args=(self._check, n)) for n in self.nodes]
        cluster.wait_until_whole()

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, problem, *_):
        self.stopping.set()
        for thread in self.threads:
            thread.join(60)
            assert not thread.is_alive(), "a thread of the load hangs"
        if problem is None:
            assert not self.problems, "\n".join(map(str, self.problems[:5]))

    def _guard(self, function, argument):
        try:
            function(argument)
        except Exception as problem:  # shown by the test's thread
            self.problems.append(repr(problem))
            self.stopping.set()

    # --- changes

    def _write(self, number):
        dice = random.Random(number)
        # Whatever becomes of the last node, half of the threads go on.
        nodes = self.nodes if number % 2 else self.nodes[:-1]
        while not self.stopping.is_set():
            node = dice.choice(nodes)
            client = self._client(node)
            if client is None:
                self.stopping.wait(0.01)
                continue
            key = self._choose(dice) if dice.random() < 0.4 else None
            if key is not None:
                self._delete(node, client, key)
            else:
                self._create(node, client)

    def _client(self, node):
        """To where the node listens now; None while it does not."""
        try:
            base_url = node.base_url
        except IndexError:
            return None
        with self.lock:
            if base_url not in self.clients:
                self.clients[base_url] = http_client(base_url, self.cluster.admin_key)
            return self.clients[base_url]

    def _choose(self, dice):
        with self.lock:
            candidates = [key for key in self.keys.values() if not key.deleting]
            if len(candidates) < 8:
                return None
            key = dice.choice(candidates)
            key.deleting = True
            return key

    def _count(self, reply):
        with self.lock:
            code = None if reply is None else reply.status_code
            self.statuses[code] = self.statuses.get(code, 0) + 1

    def _send(self, client, method, path, **options):
        """None when the node went away: then anything may have happened."""
        try:
            reply = client.request(method, self.path + path, **options)
        except httpx.TransportError:
            reply = None
        self._count(reply)
        if reply is None or reply.status_code == 200:
            return reply
        code = reply.json()["error"]["code"]
        # Of what was asked, nothing was done; never that the key is wrong, or that nothing is there.
        assert reply.status_code == 503, reply.text
        if code == "outcome_unknown":
            assert reply.headers["x-should-retry"] == "false" and "retry-after" not in reply.headers
            return None
        time.sleep(0.02)
        return reply

    def _create(self, node, client):
        name = unique("key")
        path = f"/service_accounts/{self.account}/api_keys"
        reply = self._send(client, "POST", path, json={"name": name})
        with self.lock:
            if reply is None:
                self.uncertain.add(name)
            elif reply.status_code == 200:
                made = reply.json()
                self.keys[made["id"]] = Key(made["id"], made["value"], node, time.monotonic())
            else:
                self.refused.add(name)

    def _delete(self, node, client, key):
        reply = self._send(client, "DELETE", f"/api_keys/{key.id}")
        with self.lock:
            if reply is None:
                self.lost_deletes.add(key.id)
            elif reply.status_code == 200:
                key.deleted_by = node
                key.deleted_at = time.monotonic()
            else:
                key.deleting = bool(key.refused)
                assert not key.refused, "a delete that was refused took the key"

    # --- checks

    def _check(self, node):
        dice = random.Random(node.directory.name)
        checker = Checker(node)
        while not self.stopping.is_set():
            with self.lock:
                keys = list(self.keys.values())
            # The newest, where things happen, and some of all others.
            for key in keys[-20:] + dice.sample(keys, min(len(keys), 10)):
                self._check_one(node, checker, key)
            if not keys:
                self.stopping.wait(0.01)
        checker.close()

    def _check_one(self, node, checker, key):
        was_cut_off = node in self.cut_off
        asked_at = time.monotonic()
        deleted_at = key.deleted_at
        status = checker.status(key.value)
        if status is None:
            self.stopping.wait(0.01)
            return
        with self.lock:
            self.checks[status] = self.checks.get(status, 0) + 1
            if status == 200:
                key.let_in.add(node)
                assert node not in key.refused, f"{node.directory.name} lets a revoked key in again"
                if deleted_at is not None:
                    bound = 0 if key.deleted_by is node else FOLLOWED_WITHIN
                    late = asked_at - deleted_at
                    assert late <= bound or was_cut_off, (
                        f"{node.directory.name} lets a key in {late:.3f} s after its revocation"
                    )
            elif status == 401 and key.deleting:
                # Otherwise the node may not have heard of the key yet.
                if node in key.let_in or key.made_by is node:
                    key.refused.add(node)
            elif status == 401:
                age = asked_at - key.made_at
                bound = 0 if key.made_by is node else KNOWN_WITHIN
                assert node not in key.let_in, f"{node.directory.name} refuses a good key"
                assert age <= bound, f"{node.directory.name} does not know a key after {age:.3f} s"
            else:
                assert status == 503, status

    # --- what the test waits for

    def acknowledged(self):
        with self.lock:
            return len(self.keys) + sum(key.deleted_at is not None for key in self.keys.values())

    def wait_for_more(self, count=60, timeout=60):
        goal = self.acknowledged() + count
        wait_until(lambda: self.stopping.is_set() or self.acknowledged() >= goal, timeout)
        assert not self.problems, self.problems[0]

    def wait_for_refusals(self, goal, timeout=60):
        wait_until(lambda: self.stopping.is_set() or self.statuses.get(503, 0) >= goal, timeout)
        assert not self.problems, self.problems[0]

    # --- afterwards

    def settle(self):
        """Once the threads have ended: the nodes, the database, the audit log and the model say the
        same."""
        self.cluster.wait_until_whole()
        alive = [key for key in self.keys.values() if not key.deleting]
        dead = [key for key in self.keys.values() if key.deleted_at is not None]
        assert alive and dead
        for node in self.nodes:
            checker = Checker(node)
            assert {checker.status(key.value) for key in alive} == {200}, "an acknowledged key is lost"
            assert {checker.status(key.value) for key in dead} == {401}, "a revoked key is back"
            checker.close()
        api = self.cluster.api(self.nodes[0])
        names = [(key["id"], key["name"]) for key in api.all(f"/projects/{self.project}/api_keys")]
        found = {id for id, _ in names}
        assert {key.id for key in alive} <= found and not {key.id for key in dead} & found
        assert found <= set(self.keys) | {id for id, name in names if name in self.uncertain}
        assert len(found) == len({name for _, name in names}), "a key was made twice"
        self._settle_events(api, found)

    def _settle_events(self, api, found):
        events = {"api_key.created": [], "api_key.deleted": []}
        for event in api.events(event_types__=list(events), project_ids__=[self.project]):
            events[event["type"]].append(event[event["type"]]["id"])
        for kind, ids in events.items():
            assert len(ids) == len(set(ids)), f"{kind}: something was done twice"
        created, deleted = (set(ids) for ids in events.values())
        assert created - deleted == found
        assert set(self.keys) <= created
        told = {key.id for key in self.keys.values() if key.deleted_at is not None}
        assert told <= deleted <= told | self.lost_deletes


@contextlib.contextmanager
def watching(cluster, value):
    """Every node is asked about one key all the time; gives the answers of each: (asked at, status)."""
    stopping = threading.Event()
    answers = {node: [] for node in cluster.nodes}

    def ask(node):
        checker = Checker(node)
        while not stopping.is_set():
            asked_at = time.monotonic()
            answers[node].append((asked_at, checker.status(value)))
        checker.close()

    threads = [threading.Thread(target=ask, args=(node,)) for node in cluster.nodes]
    for thread in threads:
        thread.start()
    try:
        yield answers
    finally:
        stopping.set()
        for thread in threads:
            thread.join(60)


def changes_once(answers, before, after, since, bound=FOLLOWED_WITHIN):
    """What a node answered about a key that was changed: `before` until at most `bound` seconds after
    the moment, then `after` for good. Gives how long it took."""
    statuses = [status for _, status in answers]
    at = statuses.index(after)
    assert set(statuses[:at]) <= {before} and set(statuses[at:]) == {after}, statuses
    late = [asked_at - since for asked_at, status in answers if status == before]
    assert max(late, default=0) <= bound, f"{max(late):.3f} s"
    return max(late, default=0)


def guessed_key():
    """Well-formed as our own keys need not be: no node ever saw it."""
    return SECRETS.add(unique("a-key-that-nobody-was-ever-given"))
