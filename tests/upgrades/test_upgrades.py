"""The present server on the databases of every release (dump.py), with all that was in them."""

import contextlib
import json
import re
import sqlite3
from pathlib import Path

import httpx
import pytest

from dump import lists_of
from support.api import Api, unique
from support.browser import Browser
from support.plain import PLAIN
from support.postgres import Postgres
from support.secret_values import SECRETS
from support.server import binary, run

RELEASES = sorted(path.name for path in Path(__file__).parent.iterdir() if (path / "sqlite.sql").exists())


@pytest.fixture(scope="module")
def postgres():
    with Postgres() as running:
        yield running


def read(release, kind, ending):
    return (Path(__file__).parent / release / f"{kind}.{ending}").read_text()


def restore_sqlite(text, directory):
    directory.mkdir(mode=0o700)
    with contextlib.closing(sqlite3.connect(directory / "orgkeys.db")) as database:
        database.executescript(text)
    return {}


def restore_postgresql(text, postgres, name):
    url = postgres.create_database(name)
    postgres.psql(text, name)
    return {"ORGKEYS_DATABASE_URL": url}


@pytest.fixture(params=[(release, kind) for release in RELEASES for kind in ("sqlite", "postgresql")], ids="-".join)
def released(request, tmp_path, fresh_server):
    """A server on the database of a release that has not started; `expected` is what was in it."""
    release, kind = request.param
    text = read(release, kind, "sql")
    if kind == "sqlite":
        env = restore_sqlite(text, tmp_path / "data")
    else:
        env = restore_postgresql(text, request.getfixturevalue("postgres"), unique("upgraded"))
    server = fresh_server("--last-used-interval", "1h", env=env, start=False)
    server.kind = kind
    server.expected = json.loads(read(release, kind, "json"))
    values = [*server.expected["admin_keys"], *server.expected["keys"]["good"], *server.expected["keys"]["refused"]]
    for value in [*values, server.expected["person"]["password"]]:
        SECRETS.add(value)
    return server


@pytest.fixture
def upgraded(released):
    """A server of today on it."""
    return released.start()


@contextlib.contextmanager
def later_release():
    """Within it, what is run is of a release whose schema is newer than today's: later.c."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ORGKEYS_SERVER", str(Path(binary()).parent / "tests" / "upgrades" / "later-release"))
        yield


def check(server, value):
    return httpx.get(f"{server.url}/auth", headers={"Authorization": f"Bearer {value}"}, timeout=60, verify=PLAIN)


def without_time(path, found):
    """What changes by itself: an invite that was open then has expired, a key was used."""
    changes = {"last_used_at", "api_key_last_used_at"} | ({"status"} if path == "/invites" else set())
    return [{name: value for name, value in one.items() if name not in changes} for one in found]


def assert_all_is_there_and_works(server):
    expected = server.expected
    for value in expected["keys"]["good"]:
        reply = check(server, value)
        assert reply.status_code in (200, 204)
        assert reply.headers.get("x-orgkeys-scopes", "") == expected["scopes"].get(value, "")
    for value in expected["keys"]["refused"]:
        assert check(server, value).status_code in (401, 403)
    for key in expected["admin_keys"]:
        api = Api(server.base_url, key)
        found = {path: api.all(path, **query) for path, query in lists_of(api)}
        assert found.keys() == expected["lists"].keys()
        for path, before in expected["lists"].items():
            assert without_time(path, found[path]) == without_time(path, before), path
        api.close()


def test_all_of_a_release_is_there_and_works(upgraded):
    assert_all_is_there_and_works(upgraded)


def test_what_is_done_with_a_release_goes_on(upgraded):
    expected = upgraded.expected
    browser = Browser(upgraded)
    assert browser.sign_in(**expected["person"])["user"]["email"] == expected["person"]["email"]
    SECRETS.add(browser.token)
    browser.close()
    api = Api(upgraded.base_url, expected["admin_keys"][0])
    newest = max(one["id"] for one in expected["lists"]["/audit_logs"])
    made = api.account_key(expected["project"], expected["service_account"])
    assert check(upgraded, SECRETS.add(made["value"])).status_code in (200, 204)
    api.delete(f"/projects/{expected['project']}/api_keys/{made['id']}")
    assert check(upgraded, made["value"]).status_code == 401
    events = [event["id"] for event in api.events() if event["id"] > newest]
    assert len(events) >= 2, "ids go on behind those of the release"
    api.close()
    done = run("check", "--data", upgraded.directory, env=upgraded.env)
    assert done.returncode == 0, done.stdout + done.stderr


def schema_of(server, postgres):
    if server.kind == "sqlite":
        with contextlib.closing(sqlite3.connect(server.directory / "orgkeys.db")) as database:
            rows = database.execute(
                "SELECT type, name, tbl_name, sql FROM sqlite_master WHERE name NOT LIKE 'sqlite_%'"
            ).fetchall()
            return sorted(map(str, rows + database.execute("SELECT tbl, idx, stat FROM sqlite_stat1").fetchall()))
    name = server.env["ORGKEYS_DATABASE_URL"].rpartition("/")[2]
    text = postgres.run("pg_dump", "--schema-only", "--no-owner", *postgres.by_socket(name))
    return re.sub(r"^\\(un)?restrict .*\n", "", text, flags=re.M)


def test_an_upgraded_database_has_the_schema_of_a_new_one(upgraded, fresh_server, postgres):
    """Word for word, so it fails too when a migration that was released is edited: databases that have it
    already do not see that. A change is a new migration."""
    env = {"ORGKEYS_DATABASE_URL": postgres.create_database(unique("new"))} if upgraded.kind == "postgresql" else {}
    new = fresh_server(name="new", env=env)
    new.kind = upgraded.kind
    upgraded.stop()
    new.stop()
    assert schema_of(upgraded, postgres) == schema_of(new, postgres)


def number_of(server, postgres, counted):
    statement = f"SELECT count(*) FROM {counted}"
    if server.kind == "postgresql":
        return int(postgres.psql(statement, server.env["ORGKEYS_DATABASE_URL"].rpartition("/")[2]))
    with contextlib.closing(sqlite3.connect(server.directory / "orgkeys.db")) as database:
        return database.execute(statement).fetchone()[0]


def test_a_migration_keeps_what_it_does_not_change(released, postgres):
    """It is done once; and from then on programs of before refuse the database."""
    with later_release():
        for _ in range(2):
            released.start()
            assert_all_is_there_and_works(released)
            released.stop()
        done = run("check", "--data", released.directory, env=released.env)
        assert done.returncode == 0, done.stdout + done.stderr
    projects = number_of(released, postgres, "projects")
    assert projects >= 4 and number_of(released, postgres, "projects WHERE label = 'label of ' || id") == projects
    refused = run("serve", "--data", released.directory, "--listen", "127.0.0.1:0", env=released.env)
    assert refused.returncode == 1 and refused.stderr.endswith(", this program knows 1: it needs a newer orgkeys\n")


def test_a_migration_that_fails_changes_nothing_and_says_so(released):
    broken = released.env | {"LATER_MIGRATION": "broken"}
    with later_release():
        refused = run("serve", "--data", released.directory, "--listen", "127.0.0.1:0", env=broken)
    assert refused.returncode == 1 and refused.stderr.startswith("orgkeys: ") and "no_such_table" in refused.stderr
    released.start()
    assert_all_is_there_and_works(released)
    released.stop()
    with later_release():
        released.start()
        assert_all_is_there_and_works(released)
        released.stop()


def test_every_release_is_here():
    """CHANGELOG.md names them."""
    changelog = (Path(__file__).parents[2] / "CHANGELOG.md").read_text()
    released = set(re.findall(r"^## (\d+\.\d+\.\d+)\b(?!, not released)", changelog, re.M))
    assert released <= set(RELEASES) and RELEASES
