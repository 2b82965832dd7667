"""A node that is far from the database: what it changes takes long, and the others do not wait for it."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from support.api import http_client, unique
from support.cluster import Cluster
from support.tcp_proxy import TcpProxy

DELAY = 0.025  # seconds, in each direction
# Calls at one time: without a bound on its time, one transaction would have them all, and take twice as
# long as another node waits for it.
FAR_WRITERS = 40
NEAR_WRITERS = 3
NEAR_CALLS = 5  # of each


@pytest.fixture
def cluster(tmp_path, postgres, database):
    url = postgres.url(database)
    with TcpProxy("127.0.0.1", postgres.port, delay=DELAY) as proxy:
        far = url.replace(f":{postgres.port}/", f":{proxy.port}/")
        with Cluster(tmp_path, [url, far]) as cluster:
            yield cluster


def test_a_node_far_from_the_database_does_not_starve_the_others(cluster):
    project, account = cluster.account()
    cluster.wait_until_whole()
    path = f"/organization/projects/{project}/service_accounts/{account}/api_keys"
    enough = threading.Event()

    def write(node, goes_on):
        statuses = []
        with http_client(node.base_url, cluster.admin_key) as client:
            while goes_on(statuses):
                statuses.append(client.post(path, json={"name": unique("key")}, timeout=120).status_code)
        return statuses

    near, far = cluster.nodes
    with ThreadPoolExecutor(FAR_WRITERS + NEAR_WRITERS) as pool:
        of_far = [pool.submit(write, far, lambda _: not enough.is_set()) for _ in range(FAR_WRITERS)]
        try:
            of_near = [
                pool.submit(write, near, lambda statuses: len(statuses) < NEAR_CALLS) for _ in range(NEAR_WRITERS)
            ]
            assert [one.result() for one in of_near] == [[200] * NEAR_CALLS] * NEAR_WRITERS
        finally:
            enough.set()
        for one in of_far:
            assert set(one.result()) == {200}
    cluster.check_logs()
