"""Benches of verification. The server has one thread for connections; it and the load are each on a
processor of its own, and so is what it is compared with. Every request brings another key."""

from contextlib import contextmanager
from dataclasses import dataclass
from statistics import median

from bench import MANY_KEYS, Row, ratios
from nginx import asking, known_keys
from serving import (
    LOAD_PROCESSOR,
    SERVER_PROCESSOR,
    Server,
    load,
    loading,
    new_account,
    run,
)
from support.wait import wait_until

PRESENTED_KEYS = 10_000  # that the load presents, and that nginx knows
CONNECTIONS = 32
SECONDS = 2
CHANGES = 1_000  # keys a second that are created, and as many deleted
CHANGES_CONNECTIONS = 32
ONE_THREAD = ("--threads", "1")
KEYS_AN_OWNER = 10
IN_PROCESS_KEYS = (10_000, 1_000_000, 10_000_000)


def write_keys(path, keys):
    path.touch(mode=0o600)
    path.write_text("".join(f"{key}\n" for key in keys), encoding="ascii")
    return path


def print_keys(bench, first, step, count):
    return run(bench.program("bench-keys"), first, step, count).split()


def known(bench):
    """Evenly spread over all that the server has."""
    return print_keys(bench, 1, MANY_KEYS // PRESENTED_KEYS, PRESENTED_KEYS)


def unknown(bench):
    """Half of them never issued, half with a wrong checksum."""
    never_issued = print_keys(bench, MANY_KEYS + 1, 1, PRESENTED_KEYS)
    return [key if i % 2 == 0 else key[:-1] + ("a" if key[-1] != "a" else "b") for i, key in enumerate(never_issued)]


@dataclass
class Checks:
    rate: float  # a second
    p99: float  # microseconds
    median: float
    processor_time: float  # microseconds a check, of the server
    busy: float  # part of the time, of the load


def checks(server, keys, are_good=True, connections=CONNECTIONS, processor=LOAD_PROCESSOR):
    used = server.processor_seconds()
    found = load(
        "wrk_keys.lua",
        f"{server.url}/auth",
        connections,
        SECONDS,
        processor,
        {"ORGKEYS_BENCH_KEYS": str(keys)},
    )
    used = server.processor_seconds() - used
    count = found["requests"]
    if found["refused"] != (0 if are_good else count):
        raise RuntimeError(f"{server.url}: {found}")
    return Checks(count / found["microseconds"] * 1e6, found["p99"], found["median"], used / count * 1e6, found["busy"])


@contextmanager
def server_and_nginx(bench):
    with (
        Server(bench.build, bench.filled(MANY_KEYS), SERVER_PROCESSOR, ONE_THREAD) as server,
        known_keys(bench.directory / "nginx", SERVER_PROCESSOR, known(bench)) as nginx,
    ):
        yield server, nginx


def in_turn(number, sides):
    return sides if number % 2 == 0 else sides[::-1]


def row(what, found, name, show, reach=""):
    ours, against = ([getattr(one, name) for one in side] for side in found)
    return Row(what, show(median(ours)), show(median(against)), ratios(ours, against), reach)


def rate(number):
    return f"{number:,.0f} /s"


def microseconds(number):
    return f"{number:,.1f} µs"


def milliseconds(number):
    return f"{number / 1000:.2f} ms"


def percent(number):
    return f"{number * 100:.0f} %"


# ---- Against a map of nginx ----


def auth(bench):
    good = write_keys(bench.directory / "good-keys", known(bench))
    bad = write_keys(bench.directory / "bad-keys", unknown(bench))
    found = {(side, are_good): [] for side in range(2) for are_good in (True, False)}
    with server_and_nginx(bench) as sides:
        for number in range(bench.rounds):
            bench.progress(f"auth, round {number + 1} of {bench.rounds}")
            for side, are_good in in_turn(number, list(found)):
                keys = good if are_good else bad
                found[side, are_good].append(checks(sides[side], keys, are_good))
    of_good, of_bad = ([found[side, are_good] for side in range(2)] for are_good in (True, False))
    name = f"`/auth`, good key of {MANY_KEYS:,}, against a map of {PRESENTED_KEYS:,} in nginx"
    yield row(name, of_good, "rate", rate, "at least 0.9")
    yield row("p99 of these", of_good, "p99", milliseconds, "at most 1.5")
    yield row("processor time of these, a check", of_good, "processor_time", microseconds, "at most 1.15")
    yield row("part of the time that the load itself was running", of_good, "busy", percent)
    yield row("`/auth`, unknown and malformed keys, against the same", of_bad, "rate", rate, "at least 0.9")


def auth_request(bench):
    """The nginx that asks shares its processor with the one who is asked."""
    good = write_keys(bench.directory / "good-keys", known(bench))
    found = [], []
    with server_and_nginx(bench) as authorities:
        addresses = [authority.url.removeprefix("http://") for authority in authorities]
        with (
            asking(bench.directory / "asking-server", SERVER_PROCESSOR, addresses[0]) as of_server,
            asking(bench.directory / "asking-nginx", SERVER_PROCESSOR, addresses[1]) as of_nginx,
        ):
            for number in range(bench.rounds):
                bench.progress(f"auth_request, round {number + 1} of {bench.rounds}")
                for side in in_turn(number, [0, 1]):
                    found[side].append(checks((of_server, of_nginx)[side], good))
    name = "nginx's `auth_request` to `/auth`, against to that map"
    yield row(name, found, "rate", rate, "at least 0.9")


# ---- In the process ----


def in_process(bench, keys, rounds):
    """Nanoseconds of a check and of the reference, by round."""
    printed = run(bench.program("bench-check"), keys, KEYS_AN_OWNER, rounds, processor=SERVER_PROCESSOR)
    return list(zip(*(map(float, line.split()) for line in printed.splitlines()[1:]), strict=True))


def check(bench):
    for keys in IN_PROCESS_KEYS:
        bench.progress(f"checks in the process, of {keys:,} keys")
        ours, against = in_process(bench, keys, bench.rounds)
        yield Row(
            f"a check in the process, of {keys:,} keys, against a SHA-256 and one random read",
            f"{median(ours):,.0f} ns",
            f"{median(against):,.0f} ns",
            ratios(ours, against),
            "at most 2",
        )


def memory(bench):
    for keys_an_owner, name in ((1, "one"), (2, "two"), (KEYS_AN_OWNER, "ten")):
        bench.progress(f"memory of {MANY_KEYS:,} keys, {name} an owner")
        bytes_a_key = run(bench.program("bench-check"), MANY_KEYS, keys_an_owner, 1).split()[0]
        yield Row(
            f"memory of a key in the process, of {MANY_KEYS:,}, {name} an owner",
            f"{float(bytes_a_key):.0f} bytes",
            reach="at most 128",
        )


# ---- While keys come and go ----


@contextmanager
def changing(server, where, rate, connections):
    """Keys are created and deleted, as many calls a second, until the end of `with`; then the list has
    the outcome. `where`: serving.new_account."""
    project, account = where
    variables = {
        "ORGKEYS_BENCH_KEY": server.key,
        "ORGKEYS_BENCH_CREATE": f"{project}/service_accounts/{account}/api_keys",
        "ORGKEYS_BENCH_DELETE": f"{project}/api_keys",
        "ORGKEYS_BENCH_RATE": str(rate),
    }
    before = server.metric("orgkeys_store_jobs_total")
    with loading("wrk_changes.lua", server.url, connections, LOAD_PROCESSOR, variables) as outcomes:
        wait_until(lambda: server.metric("orgkeys_store_jobs_total") >= before + rate / 20, interval=0.01)
        yield outcomes
    if outcomes[0]["refused"] > 0:
        raise RuntimeError(f"changes were refused: {outcomes}")


@dataclass
class LoopChecks:
    rate: float
    p99: float
    loop_time: float  # microseconds a check, of the thread that answers checks, all that it does


def loop_checks(server, keys):
    used = server.loop_seconds()
    found = checks(server, keys)
    return LoopChecks(found.rate, found.p99, (server.loop_seconds() - used) / (found.rate * SECONDS) * 1e6)


def changes(bench):
    """Both loads are on one processor, all of the server's threads on the other."""
    good = write_keys(bench.directory / "good-keys", known(bench))
    busy, at_rest, changed = [], [], []
    directory = bench.copy(bench.filled(MANY_KEYS), "changes")
    with Server(bench.build, directory, SERVER_PROCESSOR, ONE_THREAD) as server:
        where = new_account(server)
        for number in range(bench.rounds):
            bench.progress(f"checks while keys change, round {number + 1} of {bench.rounds}")
            at_rest.append(loop_checks(server, good))
            with changing(server, where, 2 * CHANGES, CHANGES_CONNECTIONS) as outcomes:
                busy.append(loop_checks(server, good))
            changed += [outcome["requests"] / outcome["microseconds"] * 1e6 / 2 for outcome in outcomes]
    name = f"`/auth` while {median(changed):,.0f} keys a second are created and deleted, against at rest"
    yield row(name, (busy, at_rest), "rate", rate, "at least 0.8")
    yield row("p99 of these", (busy, at_rest), "p99", milliseconds)
    name = "processor time of the thread that answers them, a check; it answers the changes too"
    yield row(name, (busy, at_rest), "loop_time", microseconds)
