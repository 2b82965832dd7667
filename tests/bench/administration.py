"""Benches of what the administration API does: lists, creates, starting with many keys."""

import resource
import sqlite3
from dataclasses import dataclass
from statistics import median

from bench import MANY_KEYS, Row, ratios
from serving import LOAD_PROCESSOR, SERVER_PROCESSOR, Server, first_project, make_directory, run

FEW_KEYS = 1_000
PAGE = 100
CONNECTIONS = 64
LISTING_SECONDS = 1
CREATES_SECONDS = 3


# ---- Listing ----


def cursors(directory, keys):
    """The `after` of the first, the middle and the last page."""
    with sqlite3.connect(directory / "orgkeys.db") as database:
        ids = [row[0] for row in database.execute("SELECT id FROM project_api_keys ORDER BY id")]
    assert len(ids) == keys
    return {"first": None, "middle": ids[keys // 2 - 1], "last": ids[-PAGE - 1]}


def page_path(project, after):
    path = f"/v1/organization/projects/{project}/api_keys?limit={PAGE}"
    return path if after is None else f"{path}&after={after}"


def page_time(server, path):
    return server.load("GET", path, 1, LISTING_SECONDS, processor=LOAD_PROCESSOR)["median"]


def check_page(server, path):
    page = server.call("GET", path)
    assert len(page["data"]) == PAGE, f"{path}: {len(page['data'])} keys"


def listing(bench):
    """Both servers run all the time; the one that is not asked does nothing. One connection, whose
    median is the time of a page."""
    times = {}
    sizes = (MANY_KEYS, FEW_KEYS)
    after = {size: cursors(bench.filled(size), size) for size in sizes}
    with (
        Server(bench.build, bench.filled(MANY_KEYS), SERVER_PROCESSOR) as many,
        Server(bench.build, bench.filled(FEW_KEYS), SERVER_PROCESSOR) as few,
    ):
        servers = {MANY_KEYS: many, FEW_KEYS: few}
        paths = {
            (size, page): page_path(first_project(servers[size]), cursor)
            for size in sizes
            for page, cursor in after[size].items()
        }
        for (size, _), path in paths.items():
            check_page(servers[size], path)
        for number in range(bench.rounds):
            bench.progress(f"listing, round {number + 1} of {bench.rounds}")
            order = sizes if number % 2 == 0 else sizes[::-1]
            for page in after[MANY_KEYS]:
                for size in order:
                    times.setdefault((size, page), []).append(page_time(servers[size], paths[size, page]))
    for page in after[MANY_KEYS]:
        ours, against = times[MANY_KEYS, page], times[FEW_KEYS, page]
        yield Row(
            f"{page} page of {PAGE} keys: of {MANY_KEYS:,} in the project, against of {FEW_KEYS:,}",
            f"{median(ours):,.0f} µs",
            f"{median(against):,.0f} µs",
            ratios(ours, against),
            "at most 1.3",
        )


# ---- Creates ----


@dataclass
class Creates:
    count: int
    rate: float  # a second
    processor_time: float  # microseconds a create
    batch: int = 0
    median: float = 0  # latency, milliseconds
    p99: float = 0


def creates_by_server(bench, directory, path):
    with Server(bench.build, directory) as server:
        used = server.processor_seconds()
        load = server.load("POST", path, CONNECTIONS, CREATES_SECONDS, {})
        used = server.processor_seconds() - used
        jobs = server.metric("orgkeys_store_jobs_total")
        batches = server.metric("orgkeys_store_batches_total")
    count = load["requests"]
    return Creates(
        count,
        count / load["microseconds"] * 1e6,
        used / jobs * 1e6,
        max(1, round(jobs / batches)),
        load["median"] / 1000,
        load["p99"] / 1000,
    )


def creates_by_loop(bench, directory, count, batch):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds = float(run(bench.build / "tests" / "bench" / "bench-insert", directory, count, batch))
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Creates(count, count / seconds, used / count * 1e6)


def creates(bench):
    """Each side begins with a copy of the same directory and inserts the same number of rows. No
    side is pinned: the server has more threads than there are processors."""
    start = make_directory(bench.build, bench.directory / "creates")
    with Server(bench.build, start) as server:
        accounts = f"/v1/organization/projects/{first_project(server)}/service_accounts"
        account = server.call("POST", accounts, {"name": "bench"})["id"]
        path = f"{accounts}/{account}/api_keys"
        server.call("POST", path, {})
    ours, against = [], []
    for number in range(bench.rounds):
        bench.progress(f"creates, round {number + 1} of {bench.rounds}")
        one = creates_by_server(bench, bench.copy(start, "by-server"), path)
        ours.append(one)
        against.append(creates_by_loop(bench, bench.copy(start, "by-loop"), one.count, one.batch))

    def middle(side, name):
        return median(getattr(one, name) for one in side)

    yield Row(
        f"durable creates, {CONNECTIONS} connections, against a bare loop with the server's batches "
        f"(of {middle(ours, 'batch'):.0f})",
        f"{middle(ours, 'rate'):,.0f} /s",
        f"{middle(against, 'rate'):,.0f} /s",
        ratios([one.rate for one in ours], [one.rate for one in against]),
        "at least 0.5",
    )
    yield Row(
        "processor time of such a create, all threads",
        f"{middle(ours, 'processor_time'):.0f} µs",
        f"{middle(against, 'processor_time'):.0f} µs",
        ratios([one.processor_time for one in ours], [one.processor_time for one in against]),
    )
    yield Row(
        "latency of such a create: median, p99",
        f"{middle(ours, 'median'):.1f} ms, {middle(ours, 'p99'):.1f} ms",
    )


# ---- Start and memory ----


def start_once(bench, directory):
    with Server(bench.build, directory) as server:
        server.call("GET", "/v1/organization/projects?limit=1")
        return server.started_in, server.resident_bytes()


def start(bench):
    sizes = (MANY_KEYS, 0)
    found = {size: [] for size in sizes}
    for size in sizes:
        bench.filled(size)
    bench.progress("start and memory")
    for _ in range(bench.rounds):
        for size in sizes:
            found[size].append(start_once(bench, bench.filled(size)))
    seconds = {size: [one[0] for one in found[size]] for size in sizes}
    memory = {size: [one[1] for one in found[size]] for size in sizes}
    yield Row(
        f"start, to `listening`: with {MANY_KEYS:,} keys, against none",
        f"{median(seconds[MANY_KEYS]) * 1000:.1f} ms",
        f"{median(seconds[0]) * 1000:.1f} ms",
    )
    yield Row(
        f"resident memory at rest: with {MANY_KEYS:,} keys, against none",
        f"{median(memory[MANY_KEYS]) / 2**20:.1f} MiB",
        f"{median(memory[0]) / 2**20:.1f} MiB",
    )
