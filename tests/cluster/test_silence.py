"""The database says nothing any more, or is slow to: connections are accepted, stay, and nothing comes."""

import contextlib
import signal
import time
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from support.api import http_client, unique
from support.cluster import OUTAGES, Checker, Cluster, Load, watching
from support.tcp_proxy import TcpProxy
from support.wait import wait_until

CALLS = 50
# Seconds in which calls that come together have their answer: as long as one that waits for the database
# may take, and the connection that is tried then; with room for machines that are busy.
ANSWERED_WITHIN = 20
# docs/operations.md, "When the database is away".
SETTLED_WITHIN = 30
STOPPED_WITHIN = 60


@pytest.fixture
def proxy(postgres):
    with TcpProxy("127.0.0.1", postgres.port) as proxy:
        yield proxy


def urls_by(proxy, postgres, database, count):
    return [postgres.url(database).replace(f":{postgres.port}/", f":{proxy.port}/")] * count


@pytest.fixture
def alone(tmp_path, postgres, database, proxy):
    """One node, which reaches the database through the proxy."""
    with Cluster(tmp_path, urls_by(proxy, postgres, database, 1), "--readers", "2") as cluster:
        yield cluster


class Calls:
    """Calls of the admin API; their replies, whatever they are."""

    def __init__(self, cluster):
        project, account = cluster.account()
        self.keys = f"/organization/projects/{project}/api_keys"
        self.account_keys = f"/organization/projects/{project}/service_accounts/{account}/api_keys"
        self.http = http_client(cluster.nodes[0].base_url, cluster.admin_key)
        self.pool = ThreadPoolExecutor(CALLS + 1)

    def read(self):
        return self.http.get(self.keys)

    def write(self, name=None):
        return self.http.post(self.account_keys, json={"name": name or unique("key")})

    def begin(self, *functions):
        """CALLS of them at once."""
        return [self.pool.submit(functions[i % len(functions)]) for i in range(CALLS)]

    def names(self):
        return [key["name"] for key in self.read().json()["data"]]


@pytest.fixture
def calls(alone):
    calls = Calls(alone)
    yield calls
    calls.pool.shutdown()
    calls.http.close()


def assert_not_done(reply):
    """The caller is told that nothing was done, and to come again."""
    assert reply.status_code == 503, reply.text
    assert reply.json()["error"]["code"] == "store_unavailable"
    assert int(reply.headers["retry-after"]) > 0


def works(call):
    return call().status_code == 200


def test_only_the_first_calls_wait_for_a_silent_database(alone, calls, proxy):
    node = alone.nodes[0]
    key = calls.write("before").json()["value"]
    refused = {unique("refused") for _ in range(3 * CALLS)}
    pid = node.pid
    with watching(alone, key) as answers:
        wait_until(lambda: answers[node])
        proxy.stall()
        begun_at = time.monotonic()
        for call in calls.begin(calls.read, calls.write):
            assert_not_done(call.result())
        assert time.monotonic() - begun_at < ANSWERED_WITHIN
        # Were each to try a connection, or to wait until the next attempt, that would take minutes.
        begun_at = time.monotonic()
        for name in refused:
            assert_not_done(calls.read())
            assert_not_done(calls.write(name))
        assert time.monotonic() - begun_at < ANSWERED_WITHIN
        proxy.flow()
        wait_until(lambda: works(calls.read) and works(calls.write))
        seen = len(answers[node])
        wait_until(lambda: len(answers[node]) > seen)
        assert {status for _, status in answers[node]} == {200}
    assert node.pid == pid and node.running()
    assert all(works(calls.read) and works(calls.write) for _ in range(CALLS))
    assert not set(calls.names()) & refused
    alone.check_logs(*OUTAGES)


def test_changes_do_not_wait_for_the_outcome_of_another(alone, calls, proxy):
    proxy.lose("reply", afterwards=proxy.ignore)
    lost = calls.pool.submit(calls.write, "lost")
    assert proxy.lost.wait(ANSWERED_WITHIN)
    lost_at = time.monotonic()
    refused = [unique("refused") for _ in range(CALLS)]
    for reply in calls.pool.map(calls.write, refused):
        assert_not_done(reply)
    # What reads has its connections yet.
    assert all(works(calls.read) for _ in range(CALLS))
    assert not lost.done(), "the others are to be answered before the node gives up finding out"
    reply = lost.result()
    assert time.monotonic() - lost_at < SETTLED_WITHIN
    assert reply.status_code == 503 and reply.json()["error"]["code"] == "outcome_unknown", reply.text
    assert "retry-after" not in reply.headers and reply.headers["x-should-retry"] == "false"
    proxy.flow()
    wait_until(lambda: works(calls.write))
    names = calls.names()
    assert names.count("lost") == 1 and not set(names) & set(refused)
    alone.check_logs(*OUTAGES)


def test_an_outcome_is_found_out_once_the_database_speaks_again(alone, calls, proxy):
    proxy.lose("reply", afterwards=proxy.ignore)
    lost = calls.pool.submit(calls.write, "lost")
    assert proxy.lost.wait(ANSWERED_WITHIN)
    assert_not_done(calls.write())
    proxy.flow()
    reply = lost.result()
    assert reply.status_code == 200, reply.text
    assert Checker(alone.nodes[0]).status(reply.json()["value"]) == 200
    wait_until(lambda: works(calls.write))
    assert calls.names().count("lost") == 1
    alone.check_logs(*OUTAGES)


@pytest.mark.parametrize("holds", ["calls", "an outcome"])
def test_a_node_stops_while_the_database_is_silent(alone, calls, proxy, holds):
    node = alone.nodes[0]
    if holds == "an outcome":
        proxy.lose("reply", afterwards=proxy.stall)
        held = [calls.pool.submit(calls.write)]
        assert proxy.lost.wait(ANSWERED_WITHIN)
    else:
        proxy.stall()
        held = calls.begin(calls.read, calls.write)
    begun_at = time.monotonic()
    node.process.send_signal(signal.SIGTERM)
    assert node.wait(STOPPED_WITHIN) == 0
    assert time.monotonic() - begun_at < STOPPED_WITHIN
    for call in held:
        with contextlib.suppress(httpx.TransportError):  # it may have been cut off
            assert call.result().status_code == 503
    alone.check_logs(*OUTAGES)


def test_latency_changes_no_answer(tmp_path, postgres, database):
    with TcpProxy("127.0.0.1", postgres.port, delay=0.01) as slow:
        with Cluster(tmp_path, urls_by(slow, postgres, database, 2)) as cluster:
            with Load(cluster) as load:
                load.wait_for_more(100)
            # On a busy machine a node may be out of touch for a moment, and says so.
            assert set(load.statuses) <= {200, 503} and load.statuses.get(503, 0) <= 5, load.statuses
            load.settle()
            cluster.check_logs()
