"""Every SQL statement prepares on SQLite and on a real PostgreSQL, against the real migrations."""

import json
import os
import re
import sqlite3
import subprocess
from pathlib import Path

import pytest

from support.postgres import Postgres
from support.server import REPOSITORY, environment

PROGRAM = "build-sanitize/tests/unit/print_statements"


@pytest.fixture(scope="module")
def texts():
    """{"migrations": [{"number", "sqlite", "postgres"}], "statements": [{"name", "sql"}]}"""
    program = Path(os.environ.get("ORGKEYS_PRINT_STATEMENTS", PROGRAM))
    if not program.is_absolute():
        program = REPOSITORY / program
    done = subprocess.run(
        [program], env=environment(), capture_output=True, text=True, timeout=60, check=True
    )
    found = json.loads(done.stdout)
    numbers = [migration["number"] for migration in found["migrations"]]
    assert numbers == sorted(set(numbers)) and len(found["statements"]) > 30
    assert len({statement["name"] for statement in found["statements"]}) == len(found["statements"])
    return found


def test_every_statement_prepares_on_sqlite(texts):
    database = sqlite3.connect(":memory:", isolation_level=None)
    for migration in texts["migrations"]:
        database.executescript(migration["sqlite"])
    values = {str(number): None for number in range(1, 33)}
    problems = []
    for statement in texts["statements"]:
        try:
            database.execute("EXPLAIN " + statement["sql"], values)
        except sqlite3.Error as problem:
            problems.append(f"{statement['name']}: {problem}")
    assert not problems, "\n".join(problems)


def steps_of(database, statement, values):
    """What SQLite's machine does for it: so many hundreds of instructions, without a clock."""
    steps = 0

    def count():
        nonlocal steps
        steps += 1

    database.set_progress_handler(count, 100)
    database.execute(statement["sql"], values).fetchall()
    database.set_progress_handler(None, 0)
    return steps


def test_a_list_of_keys_without_a_search_looks_at_no_other_owners(texts):
    database = sqlite3.connect(":memory:", isolation_level=None)
    for migration in texts["migrations"]:
        database.executescript(migration["sqlite"])
    database.executescript(
        """
        INSERT INTO organizations VALUES ('org', 'org', 'project', 0);
        INSERT INTO projects (id, organization_id, name, created_at) VALUES ('project', 'org', 'project', 0);
        WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 5000)
            INSERT INTO users (id, organization_id, email, email_key, name, role, added_at, is_default)
            SELECT 'user' || n, 'org', n, n, 'name', 'reader', 0, 0 FROM n;
        WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 5000)
            INSERT INTO service_accounts (id, project_id, organization_id, name, role, created_at)
            SELECT 'account' || n, 'project', 'org', 'name', 'member', 0 FROM n;
        INSERT INTO project_api_keys (id, project_id, organization_id, owner_type, owner_id, name, redacted_value,
            digest, scopes, created_at) VALUES ('key', 'project', 'org', 'service_account', 'account7', 'name', '...',
            zeroblob(32), '[]', 0);
        ANALYZE sqlite_schema;
        """
    )
    lists = [one for one in texts["statements"] if one["name"].startswith("project_api_key_list")]
    assert len(lists) >= 7
    for statement in lists:
        values = {str(number): None for number in range(1, 33)}
        limits = re.findall(r"LIMIT [$](\d+)", statement["sql"])
        values |= {"1": "org" if "organization" in statement["name"] else "project", "2": ""} | dict.fromkeys(limits, 20)
        if "descending" in statement["name"]:
            values["2"] = "~"
        assert steps_of(database, statement, values) < 20, statement["name"]


@pytest.fixture(scope="module")
def postgres():
    with Postgres() as server:
        yield server


def test_every_statement_prepares_on_postgresql(texts, postgres):
    for migration in texts["migrations"]:
        postgres.psql(f"BEGIN;\n{migration['postgres']}\n;COMMIT;")
    script = "".join(
        f"PREPARE s{number} AS {statement['sql']};\n\\echo :ERROR {statement['name']}\n"
        for number, statement in enumerate(texts["statements"])
    )
    prepared = postgres.psql("\\set ON_ERROR_STOP 0\n" + script).splitlines()
    assert prepared == [f"false {statement['name']}" for statement in texts["statements"]]


def test_the_migrations_refuse_nothing_that_sqlite_takes(texts, postgres):
    """The same tables and columns on both."""
    database = sqlite3.connect(":memory:")
    for migration in texts["migrations"]:
        database.executescript(migration["sqlite"])
    sqlite_columns = {
        (table, column[1])
        for (table,) in database.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
        )
        for column in database.execute(f"PRAGMA table_info({table})")
    }
    lines = postgres.psql(
        "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'public'"
    ).splitlines()
    postgres_columns = {tuple(line.split("|")) for line in lines}
    assert postgres_columns == sqlite_columns
