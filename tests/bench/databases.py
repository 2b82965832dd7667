"""A PostgreSQL with what a data directory of SQLite has, and nodes on it. Its commits wait for the
disk; otherwise it is as the distribution sets it up, and pinned to no processor."""

import csv
import sqlite3
from contextlib import closing, contextmanager

from serving import Server
from support.postgres import Postgres

DATABASE = "orgkeys"
MADE_BY_THE_SERVER = "schema_migrations"  # in either database, and of its own types


def node(bench, database, name, key=None, processor=None, options=(), of=DATABASE):
    """A server on the database. `key` is the first admin key, where another server was given it."""
    directory = bench.directory / name
    directory.mkdir(mode=0o700, exist_ok=True)
    if key is not None:
        path = directory / "first-admin-key"
        path.touch(mode=0o600)
        path.write_text(key + "\n", encoding="ascii")
    return Server(bench.build, directory, processor, ("--database", database.url(of), *options))


def columns(source, table):
    """By name; as PostgreSQL reads them from CSV, with \\N for NULL."""
    found = {}
    for _, name, kind, *_ in source.execute(f"PRAGMA table_info({table})"):
        value = f"'\\x' || hex({name})" if kind == "BLOB" else name
        found[name] = f"coalesce({value}, '\\N')"
    return found


def copy_table(source, database, table):
    """PostgreSQL's COPY: `orgkeys store copy` compares every row, which takes minutes."""
    names = columns(source, table)
    path = database.directory / f"{table}.csv"
    with open(path, "w", encoding="utf-8", newline="") as lines:
        csv.writer(lines).writerows(source.execute(f"SELECT {', '.join(names.values())} FROM {table}"))
    database.psql(
        "SET session_replication_role = replica;"  # no foreign key is looked up
        f"COPY {table} ({', '.join(names)}) FROM '{path}' (FORMAT csv, NULL '\\N')",
        DATABASE,
    )
    path.unlink()


def copy_all(directory, database):
    with closing(sqlite3.connect(directory / "orgkeys.db")) as source:
        found = source.execute("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%'")
        tables = [name for (name,) in found if name != MADE_BY_THE_SERVER]
        database.psql(f"TRUNCATE {', '.join(tables)}", DATABASE)
        for table in tables:
            copy_table(source, database, table)
    database.psql("VACUUM ANALYZE; CHECKPOINT", DATABASE)


@contextmanager
def new_database(bench):
    """With the tables and the first organization; gives the first admin key too."""
    with Postgres("fsync=on") as database:
        database.create_database(DATABASE)
        with node(bench, database, "first-node") as server:
            key = server.key
        yield database, key


@contextmanager
def new_filled_database(bench, keys):
    directory = bench.filled(keys)
    with new_database(bench) as (database, _):
        bench.progress(f"filling PostgreSQL with {keys:,} keys")
        copy_all(directory, database)
        yield database, (directory / "first-admin-key").read_text(encoding="ascii").strip()


def filled_database(bench, keys):
    """The same for all benches. The ids and the first admin key are those of the data directory."""
    return bench.shared(f"PostgreSQL with {keys} keys", lambda: new_filled_database(bench, keys))
