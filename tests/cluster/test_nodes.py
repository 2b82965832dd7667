"""Nodes that were left behind: on a primary of the past, by commits, in the middle of a load."""

import contextlib
import os
import signal
import time
from pathlib import Path

import pytest

from support.api import Api, http_client
from support.cluster import FOLLOWED_WITHIN, OUTAGES, Checker, Cluster, changes_once, guessed_key, watching
from support.postgres import USER, Postgres, Standby
from support.server import Server
from support.tcp_proxy import TcpProxy
from support.wait import wait_until

# Seconds: how old a node's newest commit may be, what it may be out of touch, and --max-staleness; three times
# that, since machines that run tests are busy.
UNSURE_WITHIN = 3 * (4 + 2 + 2)
# Seconds: until the next commit that a node tries by itself, until it gives up waiting for the standby, until
# the one after; and as long again, since machines that run tests are busy.
LEFT_WITHIN = 40


def every(cluster, key):
    """What the nodes say of a key."""
    return [Checker(node).status(key["value"]) for node in cluster.nodes]


def wait_for(cluster, key, status, timeout=FOLLOWED_WITHIN):
    wait_until(lambda: set(every(cluster, key)) == {status}, timeout)


def states_of_threads(node):
    tasks = Path(f"/proc/{node.pid}/task").glob("*/stat")
    return {task.read_text().rpartition(")")[2].split()[0] for task in tasks}


@contextlib.contextmanager
def stopped(node):
    os.kill(node.pid, signal.SIGSTOP)
    try:
        wait_until(lambda: states_of_threads(node) == {"T"})
        yield
    finally:
        os.kill(node.pid, signal.SIGCONT)


# --- Two primaries


@pytest.fixture
def to_primary(primary):
    """The nodes' way to the primary."""
    with TcpProxy("127.0.0.1", primary.port) as proxy:
        yield proxy


@pytest.fixture
def cluster(tmp_path, to_primary, standby):
    hosts = f"127.0.0.1:{to_primary.port},127.0.0.1:{standby.port}"
    url = f"postgresql://{USER}@{hosts}/postgres?target_session_attrs=read-write"
    with Cluster(tmp_path, [url] * 3) as cluster:
        yield cluster


def wait_for_standbys(primary, names):
    """Commits of the primary wait for these from then on."""
    primary.psql(f"ALTER SYSTEM SET synchronous_standby_names = '{names}'; SELECT pg_reload_conf()")
    wait_until(lambda: primary.psql("SHOW synchronous_standby_names") == names)


def test_nodes_whose_sessions_stay_on_an_old_primary_refuse_what_is_revoked_on_the_new_one(
    cluster, to_primary, standby, tmp_path
):
    project, account = cluster.account()
    api = cluster.api(0)
    kept, revoked = api.account_key(project, account), api.account_key(project, account)
    wait_for(cluster, revoked, 200)
    to_primary.refuse(only_new=True)
    standby.promote()
    new = Server(tmp_path / "new", "--database", standby.url()).start()
    try:
        with watching(cluster, revoked["value"]) as answers:
            Api(new.base_url, cluster.admin_key).delete(f"/projects/{project}/api_keys/{revoked['id']}")
            revoked_at = time.monotonic()
            wait_until(lambda: all(each[-1][1] == 401 for each in answers.values()), LEFT_WITHIN)
            newest = max(len(each) for each in answers.values())
            wait_until(lambda: all(len(each) >= newest + 500 for each in answers.values()))
        for each in answers.values():
            # In between it may not be sure.
            said = [(asked_at, status) for asked_at, status in each if status != 503]
            changes_once(said, 200, 401, revoked_at, LEFT_WITHIN)
        cluster.wait_until_whole()
        made = Api(new.base_url, cluster.admin_key).account_key(project, account)
        wait_for(cluster, made, 200)
        assert every(cluster, kept) == [200] * 3
    finally:
        new.stop()
    cluster.check_logs(*OUTAGES)


def test_nodes_forget_what_the_new_primary_never_got(cluster, primary, to_primary, standby, replication):
    """Though their sessions on the old one still have it."""
    project, account = cluster.account()
    kept = cluster.api(0).account_key(project, account)
    cluster.wait_until_whole()
    wait_for_standbys(primary, "")
    replication.stall()
    lost = cluster.api(0).account_key(project, account)
    wait_for(cluster, lost, 200)
    wait_for_standbys(primary, "*")
    to_primary.refuse(only_new=True)
    replication.refuse()
    standby.promote()
    wait_for(cluster, lost, 401, LEFT_WITHIN)
    cluster.wait_until_whole()
    for node in cluster.nodes:
        wait_for(cluster, cluster.api(node).account_key(project, account), 200)
    assert every(cluster, lost) == [401] * 3 and every(cluster, kept) == [200] * 3
    cluster.check_logs(*OUTAGES)


@pytest.mark.parametrize("options", [(), ("--max-staleness", "2s")], ids=["for ever", "for 2 s"])
def test_a_node_is_not_sure_on_an_old_primary_that_takes_new_sessions(tmp_path, primary, options):
    """It is the first that the URL names and can be read as ever; only its commits wait."""
    with Standby(primary, primary.port) as standby:
        hosts = f"127.0.0.1:{primary.port},127.0.0.1:{standby.port}"
        url = f"postgresql://{USER}@{hosts}/postgres?target_session_attrs=read-write"
        with Cluster(tmp_path, [url], *options) as cluster:
            [node] = cluster.nodes
            project, account = cluster.account()
            known = cluster.api(node).account_key(project, account)
            standby.promote()
            new = Server(tmp_path / "new", "--database", standby.url()).start()
            try:
                made = Api(new.base_url, cluster.admin_key).account_key(project, account)
                path = f"/organization/projects/{project}/api_keys/{made['id']}"
                checker = Checker(node)
                with http_client(node.base_url, cluster.admin_key) as client:

                    def answers():
                        checks = [checker.status(key) for key in (made["value"], guessed_key(), known["value"])]
                        return [*checks, client.get(path).status_code, cluster.readiness(node)[0]]

                    sure = 503 if options else 200
                    unsure = [503, 503, sure, 503, sure]
                    wait_until(lambda: answers() == unsure, UNSURE_WITHIN)
                    # It stays so while the writer gives up and comes back to the same server.
                    until = time.monotonic() + UNSURE_WITHIN
                    while time.monotonic() < until:
                        assert answers() == unsure
            finally:
                new.stop()
            primary.kill9()
            cluster.wait_until_whole()
            wait_for(cluster, made, 200)
            cluster.check_logs(*OUTAGES)


# --- Far behind


def test_a_node_that_was_stopped_for_hundreds_of_commits_follows_them_all(three_nodes):
    """More than it reads at a time."""
    project, account = three_nodes.account()
    api, away = three_nodes.api(0), three_nodes.nodes[2]
    revoked = [api.account_key(project, account) for _ in range(60)]
    wait_for(three_nodes, revoked[-1], 200)
    with stopped(away):
        made = [api.account_key(project, account) for _ in range(150)]
        for key in revoked:
            api.delete(f"/projects/{project}/api_keys/{key['id']}")
    wait_for(three_nodes, revoked[-1], 401)
    checker = Checker(away)
    assert {checker.status(key["value"]) for key in revoked} == {401}
    assert {checker.status(key["value"]) for key in made} == {200}
    assert "all keys are loaded anew" not in away.log_text()
    # It writes behind them.
    wait_for(three_nodes, three_nodes.api(away).account_key(project, account), 200)
    three_nodes.check_logs(*OUTAGES)


# --- A load that fails

LOCK = "BEGIN; LOCK TABLE departures IN ACCESS EXCLUSIVE MODE; PREPARE TRANSACTION 'lock'"
WORKS = """
    SELECT count(*) FROM pg_stat_activity
    WHERE backend_type = 'client backend' AND state = 'active' AND pid <> pg_backend_pid()
"""
WAITS = "SELECT count(*) FROM pg_locks WHERE relation = 'departures'::regclass AND NOT granted"


def test_a_node_that_is_cut_off_in_the_middle_of_a_load_stays_as_it_was_until_the_next(tmp_path):
    with Postgres("max_prepared_transactions=1") as postgres, TcpProxy("127.0.0.1", postgres.port) as proxy:
        urls = [f"postgresql://{USER}@127.0.0.1:{proxy.port}/postgres", postgres.url()]
        with Cluster(tmp_path, urls) as cluster:
            cut_off_in_the_middle_of_a_load(cluster, postgres, proxy)
            cluster.check_logs(*OUTAGES)


def cut_off_in_the_middle_of_a_load(cluster, postgres, proxy):
    project, account = cluster.account()
    node, api = cluster.nodes[0], cluster.api(1)
    kept, revoked = api.account_key(project, account), api.account_key(project, account)
    wait_for(cluster, revoked, 200)
    with stopped(node):
        wait_until(lambda: postgres.psql(WORKS) == "0")  # what the node had asked for is answered
        api.delete(f"/projects/{project}/api_keys/{revoked['id']}")
        made = api.account_key(project, account)
        # The table that is read last.
        postgres.psql(f"DELETE FROM changes; {LOCK}")
    checker = Checker(node)
    for _ in range(2):
        node.wait_for_log("all keys are loaded anew")
        wait_until(lambda: postgres.psql(WAITS) != "0")
        revision = cluster.readiness(node)[1]["revision"]
        proxy.refuse()
        wait_until(lambda: not cluster.readiness(node)[1]["database"])
        assert cluster.readiness(node)[1]["revision"] == revision
        assert checker.status(kept["value"]) == checker.status(revoked["value"]) == 200
        assert checker.status(made["value"]) in (401, 503)
        proxy.accept()
    postgres.psql("ROLLBACK PREPARED 'lock'")
    wait_for(cluster, made, 200)
    wait_for(cluster, revoked, 401)
    assert every(cluster, kept) == [200] * 2
    cluster.wait_until_whole()
