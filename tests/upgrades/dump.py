"""Keeps the databases of a release, for the tests of upgrades to begin with:

    python tests/upgrades/dump.py

in a tree that is the release, once it is built. It writes tests/upgrades/VERSION: a dump of each kind
of database with every kind of row, made by the server, and what a server must say of it."""

import contextlib
import json
import re
import shutil
import sqlite3
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from support import commands  # noqa: E402
from support.api import PASSWORD, Api  # noqa: E402
from support.browser import Browser, with_password  # noqa: E402
from support.postgres import Postgres  # noqa: E402
from support.server import Server, run  # noqa: E402

# The only tables that may be empty: SQLite has nobody else to tell of changes.
MAY_BE_EMPTY = {"sqlite": {"changes"}, "postgresql": set()}


def fill(server):
    """Uses all there is to use; gives what must be so afterwards."""
    api = Api(server.base_url, server.admin_key)
    project, archived = api.project("kept")["id"], api.project("archived")["id"]
    worker = api.service_account(project, name="worker")
    ended = api.service_account(archived, name="of the archive")
    api.service_account(project, name="without a key", create_service_account_only=True)
    owner = api.person("second@example.com", role="owner", projects=[(project, "owner")], name="Second Owner")
    reader = api.person("reader@example.com", projects=[(project, "member")], name="Röad Er")
    gone = api.person("gone@example.com", projects=[(project, "member")])
    narrow = api.key_of(project, user_id=reader["id"], name="narrow", scopes=["a.read", "b.write"])
    later = api.account_key(project, worker["id"], name="until the end of time", expires_in_seconds=3_000_000_000)
    revoked = api.account_key(project, worker["id"], name="revoked")
    left_behind = api.key_of(project, user_id=gone["id"])
    second_admin = api.admin_key(name="second")
    browser = Browser(server)
    signed_in = with_password(api, browser, projects=[(project, "member")], email="password@example.com")
    api.password_token(owner["id"])
    api.invite("open@example.com", projects=[{"id": project, "role": "owner"}])
    api.delete(f"/projects/{project}/api_keys/{revoked['id']}")
    api.post(f"/projects/{archived}/archive")
    api.delete(f"/users/{gone['id']}")
    lists = {path: api.all(path, **query) for path, query in lists_of(api)}
    return {
        "admin_keys": [server.admin_key, second_admin["value"]],
        "keys": {
            "good": [worker["api_key"]["value"], narrow["value"], later["value"]],
            "refused": [ended["api_key"]["value"], revoked["value"], left_behind["value"]],
        },
        "scopes": {narrow["value"]: "a.read b.write"},
        "person": {"email": signed_in["email"], "password": PASSWORD},
        "project": project,
        "service_account": worker["id"],
        "lists": lists,
    }


def lists_of(api):
    """Every list that an admin key may read, as (path, query)."""
    everything = {"include_archived": "true"}
    paths = [
        ("/projects", everything), ("/users", {}), ("/invites", {}), ("/admin_api_keys", {}),
        ("/audit_logs", {}), ("/project_api_keys", {}),
    ]
    for project in api.all("/projects", **everything):
        if project["status"] == "active":
            paths += [(f"/projects/{project['id']}/{name}", {}) for name in ("users", "service_accounts", "api_keys")]
    return paths


def make(server):
    server.start()
    assert server.admin_key
    server.stop()
    commands.create_organization(server.directory)
    server.start()
    expected = fill(server)
    server.stop()
    return expected


def dump_sqlite(folder):
    with tempfile.TemporaryDirectory() as temporary:
        server = Server(Path(temporary) / "data", "--last-used-interval", "1h")
        expected = make(server)
        with contextlib.closing(sqlite3.connect(server.directory / "orgkeys.db")) as database:
            tables = [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
            counts = {name: database.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in tables}
            write(folder, "sqlite", "\n".join(database.iterdump()) + "\n", expected, counts)


def dump_postgresql(folder):
    with tempfile.TemporaryDirectory() as temporary, Postgres() as postgres:
        env = {"ORGKEYS_DATABASE_URL": postgres.create_database("dumped")}
        server = Server(Path(temporary) / "data", "--last-used-interval", "1h", env=env)
        server.start()
        assert server.admin_key
        made = run("organization", "create", "--data", server.directory, "--name", "Second", env=env)
        assert made.returncode == 0, made.stderr
        expected = fill(server)
        server.stop()
        tables = postgres.psql("SELECT tablename FROM pg_tables WHERE schemaname = 'public'", "dumped").split()
        counts = {name: int(postgres.psql(f"SELECT count(*) FROM {name}", "dumped")) for name in tables}
        text = postgres.run(
            "pg_dump", "--inserts", "--no-owner", "--no-privileges", *postgres.by_socket("dumped")
        )
        # psql of other versions does not know these.
        text = re.sub(r"^\\(un)?restrict .*\n", "", text, flags=re.M)
        write(folder, "postgresql", text, expected, counts)


def write(folder, kind, text, expected, counts):
    empty = {name for name, count in counts.items() if count == 0}
    assert empty <= MAY_BE_EMPTY[kind], f"no rows in {empty}"
    (folder / f"{kind}.sql").write_text(text)
    (folder / f"{kind}.json").write_text(json.dumps(expected, indent=1, ensure_ascii=False) + "\n")


def main():
    version = run("--version").stdout.split()[-1]
    folder = HERE / version
    if folder.exists():
        sys.exit(f"{folder} is there already: what was released does not change")
    folder.mkdir()
    try:
        dump_sqlite(folder)
        dump_postgresql(folder)
    except BaseException:
        shutil.rmtree(folder)
        raise


if __name__ == "__main__":
    main()
