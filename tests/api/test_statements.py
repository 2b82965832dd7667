"""Every SQL statement prepares on SQLite and on a real PostgreSQL, against the real migrations."""

import json
import os
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
