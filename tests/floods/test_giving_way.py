"""Where processors are short, threads that can wait are nicer than those that answer checks."""

from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from support.plain import PLAIN
from support.wait import wait_until

TIMEOUT = 120  # seconds, after which something hangs
NICER = 10
NICEST = 19
THREADS = 2  # of --listen, and as many of --internal-listen
READERS = 3
CAN_WAIT = {"store-reader", "store-writer", "password", "maintenance"}
CANNOT = {"acceptor", "log"}
WORK = 5  # ticks of processor time, of which a thread that only waits has fewer


@dataclass
class Thread:
    name: str
    niceness: int
    ticks: int


def threads_of(server):
    """By their ids."""
    found = {}
    for task in Path(f"/proc/{server.pid}/task").iterdir():
        fields = (task / "stat").read_text().rpartition(")")[2].split()  # from the third on
        ticks = int(fields[14 - 3]) + int(fields[15 - 3])
        found[int(task.name)] = Thread((task / "comm").read_text().strip(), int(fields[19 - 3]), ticks)
    return found


def nicenesses(server):
    """(usual, of those that give way)"""
    usual = threads_of(server)[server.pid].niceness
    return usual, min(usual + NICER, NICEST)


def check_threads(server, loops):
    """`loops` are the nicenesses of all loops, in order."""
    usual, nicer = nicenesses(server)
    expected = {name: {nicer} for name in CAN_WAIT} | {name: {usual} for name in CANNOT}

    def is_so():
        threads = [thread for task, thread in threads_of(server).items() if task != server.pid]
        found = {name: {thread.niceness for thread in threads if thread.name == name} for name in expected}
        return found == expected and sorted(t.niceness for t in threads if t.name == "loop") == loops

    wait_until(is_so, TIMEOUT)  # a thread says so itself once it runs
    assert sum(thread.name == "store-reader" for thread in threads_of(server).values()) == READERS


def niceness_that_answers(server, url):
    """Of the loop that works when one asks at an address."""
    before = threads_of(server)

    def busy_loop(client):
        for _ in range(100):
            assert client.get("/healthz").status_code == 200
        loops = {task: thread for task, thread in threads_of(server).items() if thread.name == "loop"}
        busiest = max(loops, key=lambda task: loops[task].ticks - before[task].ticks)
        return loops[busiest] if loops[busiest].ticks - before[busiest].ticks >= WORK else None

    with httpx.Client(base_url=url, verify=PLAIN, timeout=TIMEOUT) as client:
        return wait_until(lambda: busy_loop(client), TIMEOUT).niceness


@pytest.fixture
def make_server(fresh_server):
    return lambda *options: fresh_server("--threads", THREADS, "--readers", READERS, *options)


def test_strangers_give_way_to_checks_that_have_threads_of_their_own(make_server):
    server = make_server("--internal-listen", "127.0.0.1:0")
    usual, nicer = nicenesses(server)
    check_threads(server, [usual] * THREADS + [nicer] * THREADS)
    assert niceness_that_answers(server, server.internal_url) == usual
    assert niceness_that_answers(server, server.url) == nicer


def test_loops_that_answer_checks_give_way_to_nobody(make_server):
    server = make_server()
    usual, _ = nicenesses(server)
    check_threads(server, [usual] * THREADS)
