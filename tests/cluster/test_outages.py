"""Nodes, the database, and the way between them go away and come back, in a storm of changes and checks:
promises 3, 4 and 5."""

import contextlib
import os
import random
import signal
import threading
import time

import pytest

from support.api import http_client
from support.cluster import OUTAGES, Checker, Cluster, Load, guessed_key
from support.secret_values import SECRETS
from support.tcp_proxy import TcpProxy
from support.wait import wait_until

# Of any node: whose transaction holds the row with the revision, and waits for its node.
HOLDS_THE_REVISION = """
    SELECT a.pid FROM pg_stat_activity a JOIN pg_locks l ON l.pid = a.pid
    WHERE a.datname = current_database() AND a.client_port = ANY ('{{{ports}}}')
    AND a.state = 'idle in transaction' AND l.relation = 'store_state'::regclass
    AND l.mode = 'RowExclusiveLock' AND l.granted"""


def ports_of(node):
    """Local ports of the connections that a node has."""
    inodes = set()
    for name in os.listdir(f"/proc/{node.pid}/fd"):
        with contextlib.suppress(OSError):
            inodes.add(os.readlink(f"/proc/{node.pid}/fd/{name}").removeprefix("socket:[").removesuffix("]"))
    with open("/proc/net/tcp") as table:
        rows = [line.split() for line in table][1:]
    return [int(row[1].rsplit(":", 1)[1], 16) for row in rows if row[9] in inodes]


def stop_while_it_holds_the_revision(node, postgres, database):
    """Stops the process, then looks; goes on with it, and tries again, while that is not so."""

    def caught():
        os.kill(node.pid, signal.SIGSTOP)
        ports = ",".join(map(str, ports_of(node)))
        if postgres.psql(HOLDS_THE_REVISION.format(ports=ports), database):
            return True
        os.kill(node.pid, signal.SIGCONT)
        return False

    wait_until(caught, timeout=60, interval=0)


def test_kill_9_of_nodes_in_a_storm(three_nodes):
    with Load(three_nodes) as load:
        for node in three_nodes.nodes:
            load.wait_for_more(60)
            node.kill9()
            load.wait_for_more(30)
            node.start()
        load.wait_for_more(60)
    # 503: where the processors are busy, a batch may take longer than it may hold the others up.
    assert set(load.statuses) <= {200, 503, None}, load.statuses
    load.settle()
    three_nodes.check_logs()


def test_kill_9_of_a_node_that_holds_the_revision(three_nodes, postgres, database):
    victim = three_nodes.nodes[2]
    with Load(three_nodes) as load:
        load.wait_for_more()
        load.cut_off.add(victim)
        stop_while_it_holds_the_revision(victim, postgres, database)
        victim.kill9()
        load.wait_for_more()
        victim.start()
        load.cut_off.discard(victim)
        load.wait_for_more()
    assert set(load.statuses) <= {200, None}, load.statuses
    load.settle()
    three_nodes.check_logs()


def test_a_node_that_stops_while_it_holds_the_revision_keeps_the_others_for_two_seconds(
    three_nodes, postgres, database
):
    victim = three_nodes.nodes[2]
    with Load(three_nodes, writers=12) as load:
        load.wait_for_more()
        load.cut_off.add(victim)
        stop_while_it_holds_the_revision(victim, postgres, database)
        try:
            load.wait_for_more()
        finally:
            os.kill(victim.pid, signal.SIGCONT)
        three_nodes.wait_until_whole()
        load.cut_off.discard(victim)
        load.wait_for_more()
    # What the victim's batch had in it was not done, and its callers are told so.
    assert set(load.statuses) <= {200, 503}, load.statuses
    load.settle()
    three_nodes.check_logs(*OUTAGES)


class Outage:
    """What must hold of every node while the database is away."""

    def __init__(self, cluster, load):
        self.cluster = cluster
        with load.lock:
            good = [key for key in load.keys.values() if not key.deleting]
        self.key = next(key for key in good if len(key.let_in) == len(cluster.nodes))
        self.key.deleting = True  # not by the load
        self.load = load

    def over(self):
        self.key.deleting = False

    def check(self, node):
        checker = Checker(node)
        assert checker.status(self.key.value) == 200
        # Our own prefix and length, with a checksum that is wrong.
        broken = SECRETS.add(self.key.value[:-1] + ("0" if self.key.value[-1] != "0" else "1"))
        assert checker.status(broken) == 401
        assert checker.status("short") == 401

        def is_not_sure():
            status, headers = checker.ask(guessed_key())
            assert status == 401 or (status == 503 and int(headers["retry-after"]) > 0), status
            return status == 503

        wait_until(is_not_sure, timeout=10)
        # Its last sweep is over two seconds old, and it stays so.
        assert all(checker.status(guessed_key()) == 503 for _ in range(20))
        with http_client(node.base_url, self.cluster.admin_key) as client:
            for method, path in (
                ("GET", "/projects"),
                ("GET", f"/projects/{self.load.project}/api_keys/{self.key.id}"),
                ("POST", "/projects"),
                ("DELETE", f"/projects/{self.load.project}/api_keys/{self.key.id}"),
                ("DELETE", f"/projects/{self.load.project}/api_keys/key_000000000000000000000000"),
            ):
                body = {"json": {"name": "in vain"}} if method == "POST" else {}
                reply = client.request(method, f"/organization{path}", **body)
                assert reply.status_code == 503, f"{method} {path}: {reply.status_code} {reply.text}"
                assert reply.json()["error"]["code"] != "outcome_unknown"
        with http_client(node.base_url, guessed_key()) as client:
            assert client.get("/organization/projects").status_code == 503
        wait_until(lambda: not self.cluster.readiness(node)[1]["database"])
        status, body = self.cluster.readiness(node)
        assert status == 200 and body["status"] == "ready" and body["seconds_since_sweep"] > 2, body
        assert "orgkeys_store_connected 0" in node.metrics()


def test_the_database_is_stopped_and_started(three_nodes, postgres):
    with Load(three_nodes) as load:
        load.wait_for_more()
        wait_until(lambda: any(len(k.let_in) == 3 and not k.deleting for k in list(load.keys.values())))
        outage = Outage(three_nodes, load)
        load.cut_off.update(three_nodes.nodes)
        postgres.stop()
        try:
            for node in three_nodes.nodes:
                outage.check(node)
        finally:
            postgres.start()
        outage.over()
        three_nodes.wait_until_whole()
        load.cut_off.clear()
        load.wait_for_more()
    # A commit whose answer was cut off stays unknown to its caller: the database is away for longer
    # than a node looks for it. What became of it, settle() asks.
    assert set(load.statuses) <= {200, 503}, load.statuses
    load.settle()
    three_nodes.check_logs(*OUTAGES)


def test_the_database_is_restarted_at_random(three_nodes, postgres):
    dice = random.Random(5)
    with Load(three_nodes) as load:
        for mode in ("fast", "immediate", "fast"):
            load.wait_for_more(dice.randrange(20, 60))
            load.cut_off.update(three_nodes.nodes)
            if mode == "immediate":
                postgres.kill9()
            else:
                postgres.stop(mode)
            postgres.start()
            three_nodes.wait_until_whole()
            load.cut_off.clear()
        load.wait_for_more()
    assert set(load.statuses) <= {200, 503, None}, load.statuses
    load.settle()
    three_nodes.check_logs(*OUTAGES)


def test_a_key_that_has_expired_may_have_been_prolonged_by_another_node(three_nodes, postgres):
    project, account = three_nodes.account()
    value = three_nodes.api(0).account_key(project, account, expires_in_seconds=1)["value"]
    checkers = [Checker(node) for node in three_nodes.nodes]

    def all_say(status):
        return all(checker.status(value) == status for checker in checkers)

    wait_until(lambda: all_say(401), timeout=30)
    postgres.stop()
    try:
        wait_until(lambda: all_say(503), timeout=30)
        assert all(all_say(503) for _ in range(20))
    finally:
        postgres.start()
    wait_until(lambda: all_say(401), timeout=30)
    three_nodes.check_logs(*OUTAGES)


@pytest.fixture
def proxy(postgres):
    with TcpProxy("127.0.0.1", postgres.port) as proxy:
        yield proxy


@pytest.fixture
def behind_proxy(tmp_path, postgres, database, proxy):
    """Three nodes, of which the first reaches the database through the proxy."""
    url = postgres.url(database)
    urls = [url.replace(f":{postgres.port}/", f":{proxy.port}/"), url, url]
    with Cluster(tmp_path, urls, "--max-staleness", "2s") as cluster:
        yield cluster


@pytest.mark.parametrize("how", ["stalled", "refused"])
def test_a_node_that_is_cut_off_says_so_after_max_staleness(behind_proxy, proxy, how):
    alone, *others = behind_proxy.nodes
    with Load(behind_proxy, nodes=others) as load:
        load.wait_for_more()
        project, account = behind_proxy.account()
        api = behind_proxy.api(others[0])
        key = api.account_key(project, account)
        checker = Checker(alone)
        wait_until(lambda: checker.status(key["value"]) == 200, timeout=1, interval=0.01)
        (proxy.stall if how == "stalled" else proxy.refuse)()
        cut_at = time.monotonic()
        answers = []
        back = threading.Event()

        def watch():
            asking = Checker(alone)
            while not back.is_set():
                asked_at = time.monotonic()
                answers.append((asked_at, asking.status(key["value"])))
            asking.close()

        watcher = threading.Thread(target=watch)
        watcher.start()
        try:
            api.delete(f"/projects/{project}/api_keys/{key['id']}")
            wait_until(lambda: checker.status(key["value"]) == 503, interval=0.01)
            assert checker.status(guessed_key()) == 503 and checker.status("short") == 401
            assert behind_proxy.readiness(alone)[0] == 503
            assert behind_proxy.readiness(alone)[1]["status"] == "stale"
            for other in others:
                assert behind_proxy.readiness(other)[0] == 200
            load.wait_for_more(30)
        finally:
            (proxy.flow if how == "stalled" else proxy.accept)()
        wait_until(lambda: checker.status(key["value"]) == 401, timeout=30, interval=0.01)
        asked = len(answers)
        wait_until(lambda: len(answers) > asked + 50)
        back.set()
        watcher.join()
        # Let in until it knew that it could not know; then nothing else than that; then refused for good.
        order = [status for i, (_, status) in enumerate(answers) if i == 0 or answers[i - 1][1] != status]
        assert order == [200, 503, 401], order
        # Two seconds behind its last sweep, which was not after the cut.
        assert max(asked_at for asked_at, status in answers if status == 200) - cut_at <= 2
        load.nodes.append(alone)
        load.wait_for_more(30)
    load.settle()
    behind_proxy.check_logs(*OUTAGES)


class Commit:
    """A change at the node behind the proxy, whose COMMIT is lost on its way, and what came of it."""

    def __init__(self, cluster, proxy):
        self.cluster, self.proxy = cluster, proxy
        self.project, self.account = cluster.account()
        cluster.wait_until_whole()

    def lose(self, what, method="POST", path=None, **options):
        """The reply of a call during which the COMMIT is lost."""
        path = path or f"/projects/{self.project}/service_accounts/{self.account}/api_keys"
        body = {"json": {"name": "once"}} if method == "POST" else {}
        with http_client(self.cluster.nodes[0].base_url, self.cluster.admin_key) as client:
            for _ in range(5):
                self.proxy.lose(what, **options)
                reply = client.request(method, f"/organization{path}", **body)
                assert self.proxy.lost.is_set(), "no COMMIT was lost"
                if what == "request" or options or not self.is_of_another(reply):
                    break
                self.cluster.wait_until_whole()
        return reply

    def is_of_another(self, reply):
        """Whether the COMMIT was one that the node makes by itself, and the call came while it had no
        session. Had it been the call's, a second one would leave two of everything."""
        return reply.status_code == 503 and reply.json()["error"]["code"] == "store_unavailable"

    def keys(self):
        return [key["id"] for key in self.cluster.api(1).all(f"/projects/{self.project}/api_keys")]

    def events(self, kind):
        return self.cluster.api(1).events(event_types__=[kind], project_ids__=[self.project])


def test_a_commit_whose_reply_is_lost_is_done_once_and_told(behind_proxy, proxy):
    commit = Commit(behind_proxy, proxy)
    reply = commit.lose("reply")
    assert reply.status_code == 200, reply.text
    made = reply.json()
    assert commit.keys() == [made["id"]] and len(commit.events("api_key.created")) == 1
    for node in behind_proxy.nodes:
        checker = Checker(node)
        wait_until(lambda: checker.status(made["value"]) == 200, timeout=1, interval=0.01)
    path = f"/projects/{commit.project}/api_keys/{made['id']}"
    reply = commit.lose("reply", "DELETE", path)
    assert reply.status_code == 200, reply.text
    assert Checker(behind_proxy.nodes[0]).status(made["value"]) == 401
    assert commit.keys() == [] and len(commit.events("api_key.deleted")) == 1
    behind_proxy.check_logs(*OUTAGES)


def test_a_commit_that_never_arrives_is_not_done_and_may_be_repeated(behind_proxy, proxy):
    commit = Commit(behind_proxy, proxy)
    reply = commit.lose("request")
    assert reply.status_code == 503 and reply.json()["error"]["code"] != "outcome_unknown", reply.text
    assert "retry-after" in reply.headers
    assert commit.keys() == [] and commit.events("api_key.created") == []
    behind_proxy.check_logs(*OUTAGES)


def test_a_commit_of_which_nobody_can_say_anything_is_not_to_be_repeated(behind_proxy, proxy):
    commit = Commit(behind_proxy, proxy)
    node = behind_proxy.nodes[0]
    reply = commit.lose("reply", afterwards=proxy.refuse)
    assert reply.status_code == 503 and reply.json()["error"]["code"] == "outcome_unknown", reply.text
    assert reply.headers["x-should-retry"] == "false" and "retry-after" not in reply.headers
    proxy.accept()
    behind_proxy.wait_until_whole()
    [made] = commit.keys()
    # The node has it too: it writes behind it, and what it says of its revision is everybody's.
    behind_proxy.api(node).delete(f"/projects/{commit.project}/api_keys/{made}")
    assert commit.keys() == [] and len(commit.events("api_key.created")) == 1
    behind_proxy.check_logs(*OUTAGES)


def test_commits_are_lost_in_a_storm(behind_proxy, proxy):
    with Load(behind_proxy) as load:
        for what in ("reply", "request", "reply"):
            load.wait_for_more(40)
            proxy.lose(what)
            assert proxy.lost.wait(30)
            behind_proxy.wait_until_whole()
        load.wait_for_more(40)
    assert set(load.statuses) <= {200, 503}, load.statuses
    assert not load.uncertain and not load.lost_deletes, "every outcome could be settled"
    load.settle()
    behind_proxy.check_logs(*OUTAGES)
