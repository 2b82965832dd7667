"""Benches of one node on PostgreSQL, beside SQLite or PostgreSQL alone."""

import json
import subprocess
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from statistics import median

from administration import CONNECTIONS, CREATES_SECONDS
from bench import MANY_KEYS, Row, ratios
from checks import ONE_THREAD, checks, in_turn, known, microseconds, milliseconds, rate, row, write_keys
from databases import DATABASE, filled_database, new_database, node
from serving import SERVER_PROCESSOR, START_TIMEOUT, Server, new_account
from support.postgres import USER
from support.wait import wait_until

# ---- Checks ----


def auth_postgresql(bench):
    """Both servers run all the time; the one that is not asked does nothing."""
    good = write_keys(bench.directory / "good-keys", known(bench))
    found = [], []
    database, key = filled_database(bench, MANY_KEYS)
    with (
        node(bench, database, "node", key, SERVER_PROCESSOR, ONE_THREAD) as on_postgresql,
        Server(bench.build, bench.filled(MANY_KEYS), SERVER_PROCESSOR, ONE_THREAD) as on_sqlite,
    ):
        for number in range(bench.rounds):
            bench.progress(f"auth on PostgreSQL, round {number + 1} of {bench.rounds}")
            for side in in_turn(number, [0, 1]):
                found[side].append(checks((on_postgresql, on_sqlite)[side], good))
    yield row(f"`/auth`, good key of {MANY_KEYS:,}, on PostgreSQL, against on SQLite", found, "rate", rate, "about 1")
    yield row("p99 of these", found, "p99", milliseconds)
    yield row("processor time of these, a check", found, "processor_time", microseconds)


# ---- Creates ----

# Ids sort by time, as the server's do.
NEW_ID = (
    "lpad(CAST(CAST(extract(epoch FROM clock_timestamp()) * 1000000 AS BIGINT) AS TEXT), 16, '0') "
    "|| lpad(CAST(:client_id AS TEXT), 8, '0')"
)
NEW_KEY = {"id": f"'key_' || {NEW_ID}", "digest": "sha256(int8send(CAST(:number AS BIGINT)))"}
NEW_EVENT = {"id": f"'audit_log_' || {NEW_ID}", "resource_id": f"'key_' || {NEW_ID}"}
NEWEST_EVENT = "WHERE type = 'api_key.created'"
# The server's: src/store/store.c, src/keyring/following.c.
OF_A_COMMIT = """
UPDATE store_state SET revision = revision + 1, last_issued_at = last_issued_at + 2 WHERE id = 1;
{inserts}
INSERT INTO changes (revision, node, made_at, changes)
    SELECT revision, 'bench', {made_at}, {changes} FROM store_state WHERE id = 1;
NOTIFY orgkeys;
"""
IN_ONE_ROUND_TRIP = """
\\set number random(1, 9000000000000000000)
\\startpipeline
BEGIN;
{statements}
COMMIT;
\\endpipeline
"""


def literal(value):
    """Of SQL; pgbench takes :word for a variable, wherever it is."""
    if value is None or isinstance(value, int):
        return "NULL" if value is None else str(value)
    escaped = value.replace("\\", "\\005C").replace(":", "\\003A").replace("'", "''")
    return f"U&'{escaped}'"


def newest(database, table, order, condition=""):
    query = f"SELECT row_to_json(t) FROM {table} t {condition} ORDER BY {order} DESC LIMIT 1"
    return json.loads(database.psql(query, DATABASE))


def insert(table, newest_row, new):
    values = [new.get(name) or literal(value) for name, value in newest_row.items()]
    return f"INSERT INTO {table} ({', '.join(newest_row)}) VALUES ({', '.join(values)});"


def scripts(database):
    """Of pgbench: a create as the server commits it, and its two inserts alone. The rows are copies of
    the newest, with new ids and digests."""
    inserts = "\n".join(
        [
            insert("project_api_keys", newest(database, "project_api_keys", "id"), NEW_KEY),
            insert("audit_logs", newest(database, "audit_logs", "id", NEWEST_EVENT), NEW_EVENT),
        ]
    )
    change = newest(database, "changes", "revision")
    made_at, changes = literal(change["made_at"]), literal(change["changes"])
    commit = OF_A_COMMIT.format(inserts=inserts, made_at=made_at, changes=changes)
    written = []
    for name, statements in (("commit", commit), ("inserts", inserts)):
        path = database.directory / f"{name}.sql"
        path.write_text(IN_ONE_ROUND_TRIP.format(statements=statements), encoding="utf-8")
        written.append(path)
    return written


@contextmanager
def a_copy(database):
    """The name of one of the database."""
    database.psql(f"CREATE DATABASE a_copy TEMPLATE {DATABASE}")
    try:
        yield "a_copy"
    finally:
        database.psql("DROP DATABASE a_copy")


def creates_by_pgbench(database, name, script):
    """A second."""
    where = ("-h", "127.0.0.1", "-p", database.port, "-U", USER, name)
    clients = ("-c", CONNECTIONS, "-j", 2, "-T", CREATES_SECONDS)
    printed = database.run("pgbench", "-n", "-M", "prepared", *clients, "-f", script, *where)
    return float(printed.rpartition("tps = ")[2].split()[0])


def creates_by_node(bench, database, name, key, path):
    with node(bench, database, "creating-node", key, of=name) as server:
        return server.load("POST", path, CONNECTIONS, CREATES_SECONDS, {})


def creates_postgresql(bench):
    """Each side begins with a copy of the same database. No side is pinned: PostgreSQL has a process
    for each connection."""
    ours, alike, bare = [], [], []
    with new_database(bench) as (database, key):
        with node(bench, database, "preparing-node", key) as server:
            project, account = new_account(server)
            path = f"{project}/service_accounts/{account}/api_keys"
            server.call("POST", path, {})
        commit, inserts = scripts(database)
        for number in range(bench.rounds):
            bench.progress(f"creates on PostgreSQL, round {number + 1} of {bench.rounds}")
            with a_copy(database) as name:
                ours.append(creates_by_node(bench, database, name, key, path))
            with a_copy(database) as name:
                alike.append(creates_by_pgbench(database, name, commit))
            with a_copy(database) as name:
                bare.append(creates_by_pgbench(database, name, inserts))
    rates = [load["requests"] / load["microseconds"] * 1e6 for load in ours]
    what = f"durable creates on PostgreSQL, {CONNECTIONS} connections, against {CONNECTIONS} of pgbench"
    for against, doing, reach in (
        (alike, "each create as the server commits it", "at least 0.5"),
        (bare, "the key and its event alone", ""),
    ):
        yield Row(f"{what}, {doing}", rate(median(rates)), rate(median(against)), ratios(rates, against), reach)
    latency = [milliseconds(median(load[name] for load in ours)) for name in ("median", "p99")]
    yield Row("latency of such a create: median, p99", ", ".join(latency))


# ---- Start ----

# What the keyring reads at start, without what is small.
READ_AT_START = """
COPY (SELECT digest, id, organization_id, project_id, owner_type, owner_id, scopes, expires_at
    FROM project_api_keys) TO STDOUT;
COPY (SELECT project_id, id FROM service_accounts WHERE role <> 'none') TO STDOUT;
"""


def is_ready(server):
    try:
        with urllib.request.urlopen(f"{server.url}/readyz", timeout=START_TIMEOUT) as reply:
            return reply.status == 200
    except urllib.error.HTTPError:
        return False


def ready_in(server):
    """Seconds, from the start of the process."""
    with server:
        wait_until(lambda: is_ready(server), START_TIMEOUT, interval=0.001)
        return time.perf_counter() - server.started_at


def read_by_psql(database):
    """Seconds."""
    command = database.command("psql", "-X", "-q", "-d", database.url(DATABASE), "-c", READ_AT_START)
    started_at = time.perf_counter()
    subprocess.run(command, check=True, cwd=database.directory, stdout=subprocess.DEVNULL)
    return time.perf_counter() - started_at


def start_postgresql(bench):
    ours, on_sqlite, read = [], [], []
    database, key = filled_database(bench, MANY_KEYS)
    for number in range(bench.rounds):
        bench.progress(f"start on PostgreSQL, round {number + 1} of {bench.rounds}")
        ours.append(ready_in(node(bench, database, "starting-node", key)))
        on_sqlite.append(ready_in(Server(bench.build, bench.filled(MANY_KEYS))))
        read.append(read_by_psql(database))
    for against, what in ((on_sqlite, "on SQLite"), (read, "psql's reading of the same rows")):
        yield Row(
            f"start on PostgreSQL, to `/readyz` 200, with {MANY_KEYS:,} keys, against {what}",
            f"{median(ours) * 1000:,.0f} ms",
            f"{median(against) * 1000:,.0f} ms",
            ratios(ours, against),
        )
