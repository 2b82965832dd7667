"""What a check costs elsewhere, printed beside `/auth`. Nothing is pinned: these have processes of their own."""

import json
import shutil
from pathlib import Path
from statistics import median

from bench import MANY_KEYS, Row, ratios
from checks import ONE_THREAD, SECONDS, checks, known, rate, write_keys
from serving import Server, run
from support.postgres import USER, Postgres

MANY_CLIENTS = 8
BETTER_AUTH_KEYS = 100
BETTER_AUTH = Path(__file__).resolve().parent / "better_auth"

FILL = f"""
CREATE TABLE api_keys (
    digest bytea PRIMARY KEY, id text NOT NULL, project_id text NOT NULL, expires_at bigint);
INSERT INTO api_keys
    SELECT sha256(convert_to(i::text, 'UTF8')), 'key_' || i, 'proj_1', NULL
    FROM generate_series(1, {MANY_KEYS}) i;
VACUUM ANALYZE api_keys;
"""
LOOK_UP = f"""
\\set number random(1, {MANY_KEYS})
SELECT id, project_id, expires_at FROM api_keys WHERE digest = sha256(convert_to(:number::text, 'UTF8'));
"""


def where(database):
    return ("-h", database.directory, "-p", database.port, "-U", USER, "postgres")


def looked_up(database, script, clients):
    """A second."""
    arguments = ("-n", "-M", "prepared", "-c", clients, "-T", SECONDS, "-f", script, *where(database))
    printed = database.run("pgbench", *arguments)
    return float(printed.rpartition("tps = ")[2].split()[0])


def postgresql(bench):
    good = write_keys(bench.directory / "good-keys", known(bench))
    found = {(side, clients): [] for clients in (1, MANY_CLIENTS) for side in ("ours", "against")}
    with (
        Server(bench.build, bench.filled(MANY_KEYS), options=ONE_THREAD) as server,
        Postgres() as database,
    ):
        bench.progress(f"filling PostgreSQL with {MANY_KEYS:,} digests")
        database.psql(FILL)
        script = database.directory / "look-up.sql"
        script.write_text(LOOK_UP, encoding="ascii")
        for number in range(bench.rounds):
            bench.progress(f"PostgreSQL, round {number + 1} of {bench.rounds}")
            for clients in (1, MANY_CLIENTS):
                ours = checks(server, good, connections=clients, processor=None)
                found["ours", clients].append(ours.rate)
                found["against", clients].append(looked_up(database, script, clients))
    for clients, name in ((1, "one client"), (MANY_CLIENTS, f"{MANY_CLIENTS} clients")):
        ours, against = found["ours", clients], found["against", clients]
        yield Row(
            f"`/auth`, {name}, against PostgreSQL looking up the digest (pgbench, prepared)",
            rate(median(ours)),
            rate(median(against)),
            ratios(ours, against),
        )


def better_auth(bench):
    good = write_keys(bench.directory / "good-keys", known(bench))
    # The repository stays as it is.
    directory = shutil.copytree(
        BETTER_AUTH, bench.directory / "better-auth", ignore=shutil.ignore_patterns("node_modules")
    )
    bench.progress("installing better-auth")
    run("npm", "ci", "--prefix", directory, "--ignore-scripts", "--no-audit", "--no-fund")
    ours, against = [], []
    with (
        Server(bench.build, bench.filled(MANY_KEYS), options=ONE_THREAD) as server,
        Postgres() as database,
    ):
        verify = ["node", directory / "verify.mjs", database.directory, database.port, USER, BETTER_AUTH_KEYS, SECONDS]
        for number in range(bench.rounds):
            bench.progress(f"better-auth, round {number + 1} of {bench.rounds}")
            ours.append(checks(server, good, connections=1, processor=None).rate)
            against.append(float(run(*verify)))
    version = json.loads((BETTER_AUTH / "package.json").read_text(encoding="utf-8"))["dependencies"]["better-auth"]
    yield Row(
        f"`/auth`, one client, against better-auth {version}'s `verifyApiKey` with PostgreSQL, without HTTP",
        rate(median(ours)),
        rate(median(against)),
        ratios(ours, against),
    )
