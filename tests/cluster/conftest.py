"""Three nodes on one PostgreSQL. Every test has a database of its own, and may stop the server."""

import itertools

import pytest

from support.cluster import Cluster
from support.postgres import Postgres, Standby
from support.tcp_proxy import TcpProxy

_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def postgres():
    with Postgres() as postgres:
        yield postgres


@pytest.fixture
def database(postgres):
    """The name of an empty one."""
    name = f"cluster_{next(_numbers)}"
    postgres.create_database(name)
    return name


@pytest.fixture(scope="module")
def shared_nodes(tmp_path_factory, postgres):
    """For tests that neither stop nor count anything."""
    with Cluster(tmp_path_factory.mktemp("shared"), [postgres.create_database("shared")] * 3) as cluster:
        yield cluster


@pytest.fixture
def three_nodes(tmp_path, postgres, database):
    with Cluster(tmp_path, [postgres.url(database)] * 3) as cluster:
        yield cluster


# --- A server of the test's own, and another that follows it


@pytest.fixture
def primary():
    with Postgres() as primary:
        yield primary


@pytest.fixture
def replication(primary):
    """The standby's way to the primary."""
    with TcpProxy("127.0.0.1", primary.port) as proxy:
        yield proxy


@pytest.fixture
def standby(primary, replication):
    with Standby(primary, replication.port) as standby:
        yield standby
