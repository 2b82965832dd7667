"""The same on PostgreSQL: SIGKILL of the node, or of the database under a node that stays."""

import random
import time

import pytest

from crash.load import Load, Site
from crash.test_crashes import INSTANT, crash
from support.postgres import Postgres
from support.server import Server

ROUNDS = 3

pytestmark = pytest.mark.sqlite(reason="it has a PostgreSQL of its own")


@pytest.fixture(scope="module")
def postgres():
    with Postgres() as postgres:
        yield postgres


def crash_database(site, postgres, seed):
    """The node recovers by itself."""
    dice = random.Random(seed)
    with Load(site, seed, is_away=True) as load:
        load.wait_for(dice.randint(1, 100))
        time.sleep(dice.random() * INSTANT)
        if dice.random() < 0.5:
            postgres.kill9()
        else:
            postgres.stop("immediate")
        load.wait_until(lambda: 503 in load.refusals())
        postgres.start()
        kept = load.kept()
        load.wait_until(lambda: load.kept() > kept + 10)
    assert load.refusals() <= {503}, load.refusals()
    site.look()


def test_crashes_lose_nothing_acknowledged(start_server, postgres, crash_rounds, crash_seed):
    site = Site(start_server(Server, "--database", postgres.create_database("crashes")))
    for number in range(crash_rounds or ROUNDS):
        print(f"--crash-seed {crash_seed}, round {number}: {site.figures()}")
        if number % 3 == 2:
            crash_database(site, postgres, f"{crash_seed} {number}")
        else:
            crash(site, f"{crash_seed} {number}")
    site.server.stop()
    assert site.model.counts["unknown"], "no call was under way at any kill"
    print(f"all {crash_rounds or ROUNDS} rounds: {site.figures()}")
