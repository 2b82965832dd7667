"""Every SQL statement prepares on SQLite and on a real PostgreSQL, against the real migrations."""

import json
import os
import pwd
import shutil
import sqlite3
import subprocess
import tempfile
from pathlib import Path

import pytest

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


class Postgres:
    """A PostgreSQL of this test alone: a temporary directory, a Unix socket, an ordinary user."""

    def __init__(self):
        self.user = None
        if os.geteuid() == 0:
            # PostgreSQL does not run as root.
            for name in ("postgres", "nobody"):
                try:
                    pwd.getpwnam(name)
                    self.user = name
                    break
                except KeyError:
                    continue
            assert self.user, "no ordinary user to run PostgreSQL as"
        # A short path: that of a Unix socket has 107 characters at most.
        self.directory = Path(tempfile.mkdtemp(prefix="orgkeys-pg-", dir="/tmp"))
        if self.user:
            shutil.chown(self.directory, self.user)
        self.data = self.directory / "data"

    @staticmethod
    def program(name):
        for folder in sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True):
            if (folder / name).exists():
                return str(folder / name)
        found = shutil.which(name)
        assert found, f"PostgreSQL's {name} is not installed (scripts/install-deps does it)"
        return found

    def run(self, *command, **options):
        prefix = ["runuser", "-u", self.user, "--"] if self.user else []
        return subprocess.run(
            [*prefix, *command],
            env={"PATH": os.environ["PATH"], "LC_ALL": "C", "HOME": str(self.directory)},
            capture_output=True,
            text=True,
            timeout=120,
            cwd=self.directory,
            **options,
        )

    def start(self):
        done = self.run(
            self.program("initdb"),
            "-D",
            str(self.data),
            "-A",
            "trust",
            "-U",
            "orgkeys",
            "-E",
            "UTF8",
            "--no-sync",
            "--locale=C",
        )
        assert done.returncode == 0, done.stderr
        options = f"-c listen_addresses='' -c unix_socket_directories='{self.directory}' -c fsync=off"
        done = self.run(
            self.program("pg_ctl"),
            "-D",
            str(self.data),
            "-w",
            "-l",
            str(self.directory / "log"),
            "-o",
            options,
            "start",
        )
        assert done.returncode == 0, done.stderr + (self.directory / "log").read_text()

    def stop(self):
        self.run(self.program("pg_ctl"), "-D", str(self.data), "-w", "-m", "immediate", "stop")
        shutil.rmtree(self.directory, ignore_errors=True)

    def psql(self, text):
        return self.run(
            self.program("psql"),
            "-h",
            str(self.directory),
            "-U",
            "orgkeys",
            "-d",
            "postgres",
            "-X",
            "-q",
            "-v",
            "VERBOSITY=terse",
            "-v",
            "ON_ERROR_STOP=0",
            "-f",
            "-",
            input=text,
        )


@pytest.fixture(scope="module")
def postgres():
    server = Postgres()
    try:
        server.start()
        yield server
    finally:
        server.stop()


def test_every_statement_prepares_on_postgresql(texts, postgres):
    for migration in texts["migrations"]:
        done = postgres.psql(f"BEGIN;\n{migration['postgres']}\n;COMMIT;")
        assert done.stderr == "", f"migration {migration['number']}: {done.stderr}"
    script = "".join(
        f"\\echo {statement['name']}\nPREPARE s{number} AS {statement['sql']};\n\\echo done {statement['name']} :ERROR\n"
        for number, statement in enumerate(texts["statements"])
    )
    done = postgres.psql(script)
    lines = done.stdout.splitlines()
    failed = [line for line in lines if line.startswith("done ") and not line.endswith(" false")]
    assert not failed, "\n".join(failed) + "\n" + done.stderr
    assert sum(line.startswith("done ") for line in lines) == len(texts["statements"])


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
    done = postgres.psql(
        "\\pset format unaligned\n\\pset tuples_only on\n\\pset fieldsep ' '\n"
        "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'public';"
    )
    postgres_columns = {tuple(line.split()) for line in done.stdout.splitlines() if line.strip()}
    assert postgres_columns == sqlite_columns
