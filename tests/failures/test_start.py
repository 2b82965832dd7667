"""The same for a start: where a call of it fails, it ends with a word about why, and what it leaves behind
starts. The first admin key is there in the end.

    EVERY_FAILURE=1 scripts/test tests/failures/test_start.py -n 3

lets every call fail; without it they are those of a list."""

import os

import httpx
import pytest

from support.failing import KINDS, MAIN, REQUESTS, TIMEOUT, FailingServer
from support.wait import wait_until

EVERYTHING = bool(os.environ.get("EVERY_FAILURE"))
# Not those of the log, whose lines tell the test that the server listens.
THREADS = MAIN | REQUESTS
# A start allocates so often that every one would take hours.
STRIDES = {"memory": 29}
CALLS_MAXIMUM = 20000


def numbers(kind):
    if EVERYTHING:
        return range(1, CALLS_MAXIMUM, STRIDES.get(kind, 1))
    return [number * (20 if kind == "memory" else 1) for number in (3, 55)]


def start_failing(server, kind, number):
    """Gives whether it serves in spite of the failure, which is no more then."""
    server.calls.arm(kind, number, threads=THREADS)
    server.launch()
    wait_until(lambda: not server.running() or server._listening(), timeout=TIMEOUT, interval=0.01)
    serves = server.running()
    server.calls.disarm()
    if serves:
        server.stop()
    else:
        status = server.wait()
        where = f"{kind} {number} ({server.calls.where()})"
        assert status in (1, 2), f"{where}: {status}:\n{server.log_text()}"
        assert "orgkeys: " in server.log_text(since_start=True), f"{where}: no word:\n{server.log_text()}"
    return serves


def serves_its_first_key(server):
    server.start()
    reply = httpx.get(
        f"{server.base_url}/organization/projects", headers={"Authorization": f"Bearer {server.admin_key}"}
    )
    server.stop()
    return reply.status_code == 200


def fail_each_start(server_for, record_property, kind):
    failed = 0
    for number in numbers(kind):
        server = server_for(number)
        start_failing(server, kind, number)
        once = server.calls.failures
        where = f"{kind} {number} ({server.calls.where()})"
        assert serves_its_first_key(server), f"{where}: the first admin key is lost"
        failed += once
        if once == 0:
            break
    record_property("failed calls", {kind: failed})
    assert failed > 0, f"no call failed: is {kind} still wrapped?"


@pytest.mark.parametrize("kind", KINDS)
def test_every_call_of_a_first_start_may_fail(tmp_path, record_property, kind):
    def in_a_new_directory(number):
        return FailingServer(tmp_path / str(number) / "data", "--owner-email", "owner@example.com")

    fail_each_start(in_a_new_directory, record_property, kind)


@pytest.mark.parametrize("kind", KINDS)
def test_every_call_of_a_later_start_may_fail(tmp_path, record_property, kind):
    server = FailingServer(tmp_path / "data", "--owner-email", "owner@example.com")
    assert serves_its_first_key(server)
    fail_each_start(lambda number: server, record_property, kind)
