"""The primary dies under load, and a standby that had every commit takes its place."""

import os
import signal
import threading
from itertools import count, islice

import pytest

from support.api import http_client
from support.cluster import OUTAGES, Cluster, Load
from support.postgres import USER
from support.wait import wait_until

COMMITTING = "SELECT backend_xid FROM pg_stat_activity WHERE wait_event = 'SyncRep'"


@pytest.fixture
def cluster(tmp_path, primary, standby):
    hosts = f"127.0.0.1:{primary.port},127.0.0.1:{standby.port}"
    url = f"postgresql://{USER}@{hosts}/postgres?target_session_attrs=read-write"
    with Cluster(tmp_path, [url] * 3) as cluster:
        yield cluster


def test_a_standby_is_promoted(cluster, primary, standby):
    with Load(cluster, writers=9) as load:
        load.wait_for_more(150)
        load.cut_off.update(cluster.nodes)
        refused = load.statuses.get(503, 0)
        primary.kill9()
        load.wait_for_refusals(refused + 20)
        standby.promote()
        cluster.wait_until_whole()
        load.cut_off.clear()
        load.wait_for_more(150)
    assert set(load.statuses) <= {200, 503}, load.statuses
    load.settle()
    cluster.check_logs(*OUTAGES)


def test_a_commit_that_the_standby_never_got_was_not_done(cluster, primary, standby, replication):
    """Though others commit under its revision, and its transaction's number, before its node looks."""
    project, account = cluster.account()
    cluster.wait_until_whole()
    node, other = cluster.nodes[:2]
    path = f"/projects/{project}/service_accounts/{account}/api_keys"
    answers = []

    def create():
        with http_client(node.base_url, cluster.admin_key) as client:
            answers.append(client.post(f"/organization{path}", json={"name": "never replicated"}))

    replication.stall()
    creating = threading.Thread(target=create)
    creating.start()
    transaction = int(wait_until(lambda: primary.psql(COMMITTING), interval=0.01))
    for one in cluster.nodes:
        os.kill(one.pid, signal.SIGSTOP)
    try:
        primary.kill9()
        replication.refuse()
        standby.promote()
        # Nobody's in particular, but committed.
        wait_until(lambda: int(standby.psql("SELECT pg_current_xact_id()")) >= transaction, interval=0)
        for one in cluster.nodes[1:]:
            os.kill(one.pid, signal.SIGCONT)
        with http_client(other.base_url, cluster.admin_key) as client:
            replies = (client.post(f"/organization{path}", json={}) for _ in count())
            good = (reply.json()["id"] for reply in replies if reply.status_code == 200)
            made = list(islice(good, 10))
    finally:
        os.kill(node.pid, signal.SIGCONT)
    creating.join()
    [reply] = answers
    assert reply.status_code == 503, reply.text
    cluster.wait_until_whole()
    listed = cluster.api(node).all(f"/projects/{project}/api_keys")
    assert [key["id"] for key in listed] == made
    cluster.check_logs(*OUTAGES)
