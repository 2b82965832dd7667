"""A disk whose reads, writes, syncs fail under a mixed load. The server says so, refuses with 503 or 507,
goes on checking keys, and recovers; and what it acknowledged stands, also when the power fails next."""

import random
import time

import pytest

from crash import disk
from crash.disk import ForgetfulServer
from crash.load import Load, Site

ROUNDS = 6
INSTANT = 0.03  # seconds from a failure to the end of the power, at most

# What fails, and what the log says of it: one of these.
FAILURES = {
    "sync of the log": ("sync", "log", disk.IO_SYNC, ["store outcome settled"]),
    "write to the log": ("write", "log", disk.IO_WRITE, ["store outcome settled"]),
    "no space for the log": ("write", "log", disk.FULL, ["store batch failed"]),
    "read of the log": ("read", "log", disk.IO_READ, ["disk I/O error"]),
    "read of the database": ("read", "database", disk.IO_READ, ["disk I/O error"]),
    "sync of the database": ("sync", "database", disk.IO_SYNC, ["store checkpoint failed", "store cannot be synced"]),
    "write to the database": ("write", "database", disk.IO_WRITE, ["store checkpoint failed"]),
    "no space for the database": ("write", "database", disk.FULL, ["store checkpoint failed"]),
}

pytestmark = pytest.mark.sqlite(reason="it is about SQLite's files")


@pytest.fixture
def site(start_server):
    return Site(start_server(ForgetfulServer))


def start_on_a_good_disk(site):
    site.server.disk.heal()
    site.server.start()
    site.look()


def fail_until(load, failure, dice, is_enough):
    """A few calls at a time: a checkpoint writes and syncs the log as a commit does, and nobody waits for it."""
    operation, kind, code, _ = FAILURES[failure]
    failing = load.site.server.disk
    for _ in range(30):
        before, kept = failing.failed(operation, kind), load.kept()
        failing.fail(operation, kind, code, skip=dice.randint(0, 5), count=dice.randint(1, 3))
        # What the log says may be read late, and a database that cannot be synced is never synced again.
        load.wait_until(lambda: is_enough() or failing.failed(operation, kind) > before)  # noqa: B023
        load.wait_until(lambda: is_enough() or load.kept() > kept + 20)  # noqa: B023
        if is_enough():
            failing.heal()
            return
    raise AssertionError(f"not after 30 times:\n{load.site.server.log_text()}")


@pytest.mark.parametrize("failure", FAILURES)
def test_a_failure_is_said_and_survived_and_passes(site, failure, crash_seed):
    print(f"--crash-seed {crash_seed}")
    said = FAILURES[failure][-1]
    has_no_space = failure == "no space for the log"
    with Load(site, f"{crash_seed} {failure}", is_failing=True) as load:

        def is_enough():
            is_said = any(text in line for text in said for line in list(site.server.log))
            return is_said and (507 in load.refusals() or not has_no_space)

        load.wait_for(20)
        fail_until(load, failure, random.Random(f"{crash_seed} {failure}"), is_enough)
        kept = load.kept()
        load.wait_until(lambda: load.kept() > kept + 20)
        load.kill9()
    assert load.refusals() <= ({503, 507} if has_no_space else {503}), load.refusals()
    site.server.start()
    site.look()
    site.server.stop()
    print(f"{failure}: {site.figures()}")


def test_no_power_right_after_a_failure(site, crash_rounds, crash_seed):
    for number in range(crash_rounds or ROUNDS):
        print(f"--crash-seed {crash_seed}, round {number}: {site.figures()}")
        dice = random.Random(f"{crash_seed} {number}")
        operation, kind, code, _ = FAILURES[dice.choice(list(FAILURES))]
        before = site.server.disk.failed(operation, kind)
        with Load(site, f"{crash_seed} {number}", is_failing=True) as load:
            load.wait_for(dice.randint(1, 40))
            site.server.disk.fail(operation, kind, code, dice.randint(0, 20), dice.randint(1, 20))
            load.wait_until(lambda: site.server.disk.failed(operation, kind) > before)  # noqa: B023
            time.sleep(dice.random() * INSTANT)
            load.kill9()
        start_on_a_good_disk(site)
    site.server.stop()
    print(f"all {crash_rounds or ROUNDS} rounds: {site.figures()}")


def test_a_disk_that_fails_for_long(site, crash_seed):
    """Nothing is kept, keys are checked all the time, and it goes on without a restart."""
    print(f"--crash-seed {crash_seed}")
    with Load(site, crash_seed, is_failing=True) as load:
        load.wait_for(40)
        site.server.disk.fail("sync", "log", disk.IO_SYNC, count=10**6)
        site.server.wait_for_log("store outcome cannot be settled")
        # No caller waits for a disk as long as for a standby, and its failures are said once.
        site.server.wait_for_log("status=503 error=OUTCOME_UNKNOWN")
        assert site.server.log_text().count("store outcome cannot be settled") == 1
        checks = site.model.counts["good keys"]
        load.wait_until(lambda: site.model.counts["good keys"] > checks + 5)
        site.server.disk.heal()
        kept = load.kept()
        load.wait_until(lambda: load.kept() > kept + 20)
    assert load.refusals() <= {503}, load.refusals()
    site.server.kill9()
    start_on_a_good_disk(site)
    site.server.stop()


def test_a_start_on_a_disk_that_fails_says_so(site):
    with Load(site, "any") as load:
        load.wait_for(20)
        load.kill9()
    site.server.disk.fail("sync", "log", disk.IO_SYNC, count=10**6)
    site.server.launch()
    assert site.server.wait() not in (0, 2)
    assert "the log cannot be made durable" in site.server.log_text(since_start=True)
    site.server.disk.heal()
    site.server.start()
    site.look()
    site.server.stop()
