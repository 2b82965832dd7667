"""SIGKILL at random instants, round after round on the same data, under a mixed load; also of a server whose
disk then loses all that was not synced. What was acknowledged stands, what was not is done or not done."""

import random
import time

import pytest

from crash.disk import ForgetfulServer
from crash.load import Load, Site
from support.api import Api
from support.server import Server

ROUNDS = 10
INSTANT = 0.03  # seconds behind the last answer that was waited for, at most
FIRST_STARTS = 4
FIRST_STARTS_MAXIMUM = 100

pytestmark = pytest.mark.sqlite(reason="test_crashes_postgresql.py has a PostgreSQL of its own")


def crash(site, seed):
    dice = random.Random(seed)
    with Load(site, seed) as load:
        load.wait_for(dice.randint(1, 100))
        time.sleep(dice.random() * INSTANT)
        load.kill9()
    while dice.random() < 0.3:
        kill_in_start(site.server, dice, site.server.start_seconds)
    site.server.start()
    site.look()


def kill_in_start(server, dice, seconds):
    server.launch()
    time.sleep(dice.random() * seconds)
    server.kill9()


@pytest.mark.parametrize("kind", [Server, ForgetfulServer], ids=["killed", "without power"])
def test_crashes_lose_nothing_acknowledged(kind, start_server, crash_rounds, crash_seed):
    site = Site(start_server(kind))
    for number in range(crash_rounds or ROUNDS):
        print(f"--crash-seed {crash_seed}, round {number}: {site.figures()}")
        crash(site, f"{crash_seed} {number}")
    site.server.restart()
    site.look()
    site.server.stop()
    assert site.model.counts["unknown"], "no call was under way at any kill"
    print(f"all {crash_rounds or ROUNDS} rounds: {site.figures()}")


@pytest.mark.parametrize("kind", [Server, ForgetfulServer], ids=["killed", "without power"])
def test_crashes_in_the_first_start_leave_one_key_that_works(kind, start_server, crash_rounds, crash_seed):
    dice = random.Random(crash_seed)
    print(f"--crash-seed {crash_seed}")
    whole = start_server(kind)
    whole.kill9()
    half_made = rounds = 0
    while rounds < (crash_rounds or FIRST_STARTS) or half_made == 0:
        rounds += 1
        assert half_made or rounds < FIRST_STARTS_MAXIMUM, "no kill came between the database and its first key"
        server = start_server(kind, start=False)
        for _ in range(dice.randint(1, 3)):
            kill_in_start(server, dice, whole.start_seconds)
            half_made += is_half_made(server)
        server.start()
        api = Api(server.base_url, server.admin_key)
        assert [len(api.all(path)) for path in ("/admin_api_keys", "/users", "/projects")] == [1, 1, 1]
        api.close()
        server.kill9()
    print(f"{rounds} rounds, {half_made} kills of a database half made")


def is_half_made(server):
    return (server.directory / "orgkeys.db").exists() and not (server.directory / "first-admin-key").exists()
