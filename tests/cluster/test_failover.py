"""The primary dies under load, and a standby that had every commit takes its place."""

import pytest

from support.cluster import OUTAGES, Cluster, Load
from support.postgres import USER, Postgres, Standby


@pytest.fixture
def primary():
    with Postgres() as primary:
        yield primary


@pytest.fixture
def standby(primary):
    with Standby(primary) as standby:
        yield standby


def test_a_standby_is_promoted(tmp_path, primary, standby):
    hosts = f"127.0.0.1:{primary.port},127.0.0.1:{standby.port}"
    url = f"postgresql://{USER}@{hosts}/postgres?target_session_attrs=read-write"
    with Cluster(tmp_path, [url] * 3) as cluster:
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
