"""What docs/operations.md shows of backups and restoring, run as it stands there, but for the places."""

import os
import subprocess
import time
from pathlib import Path

import pytest

from support.api import Api
from support.postgres import Postgres, Standby
from support.server import REPOSITORY, Server, binary

pytestmark = pytest.mark.sqlite(reason="each test says which database it is about")

LINES = (REPOSITORY / "docs/operations.md").read_text().splitlines()


def shown(words):
    """The block of commands in which the words are."""
    (at,) = [number for number, line in enumerate(LINES) if line.startswith("    ") and words in line]
    first = last = at
    while LINES[first - 1].startswith("    "):
        first -= 1
    while LINES[last + 1].startswith("    "):
        last += 1
    return "\n".join(line.strip() for line in LINES[first : last + 1])


def shell(commands, *places, **env):
    for there, here in places:
        assert there in commands, commands
        commands = commands.replace(there, str(here))
    return subprocess.run(
        ["bash", "-c", commands], env={"PATH": os.environ["PATH"]} | env, capture_output=True, text=True, timeout=60
    )


# ---- SQLite


@pytest.fixture
def installed(tmp_path):
    """A server whose directory is where the unit has it, and the places of the commands."""
    (tmp_path / "lib").mkdir()
    (tmp_path / "backups").mkdir()
    server = Server(tmp_path / "lib/orgkeys").start()
    yield server, [("/var/lib", tmp_path / "lib"), ("/var/backups", tmp_path / "backups")]
    server.stop()


def orgkeys_shell(commands, *places):
    path = f"{Path(binary()).parent}:{os.environ['PATH']}"
    return shell(commands, *places, PATH=path)


def test_a_backup_of_a_server_that_runs_is_restored(installed, tmp_path):
    server, places = installed
    api = Api(server.base_url, server.admin_key)
    project = api.project()["id"]
    done = orgkeys_shell(shown("orgkeys backup "), *places)
    assert done.returncode == 0, done.stderr
    (backup,) = (tmp_path / "backups").iterdir()
    assert backup.stat().st_mode & 0o077 == 0
    again = orgkeys_shell(shown("orgkeys backup "), *places)
    assert again.returncode == 1 and again.stdout == "" and str(backup) in again.stderr
    api.post(f"/projects/{project}/archive")
    server.stop()
    named = ("/var/backups/orgkeys-2026-11-22.db", backup)
    assert orgkeys_shell(shown("orgkeys restore "), named, places[0]).returncode == 0
    (database,) = (tmp_path / "lib/orgkeys").glob("orgkeys.db.replaced-*")
    assert database.name == "orgkeys.db.replaced-1"
    hour = ("2026-11-22 03:00:00", time.strftime("%F %T", time.gmtime(time.time() - 3600)))
    undone = orgkeys_shell(shown("replaced-1?mode=ro"), hour, places[0])
    assert undone.returncode == 0, undone.stderr
    assert any("|project.archived|" in line and project in line for line in undone.stdout.splitlines())
    for done in (
        orgkeys_shell(shown("orgkeys check --data"), named, places[0]),
        orgkeys_shell(shown("ls -t /var/backups"), places[1]),
    ):
        assert done.returncode == 0, done.stderr
    server.start()
    assert project in [one["id"] for one in Api(server.base_url, server.admin_key).all("/projects")]


# ---- PostgreSQL


def psql_of(postgres):
    """Places of commands that `psql` runs as the user postgres on the machine itself."""
    reached = f"PGHOST={postgres.directory} PGPORT={postgres.port} PGUSER=orgkeys PGDATABASE=postgres"
    return ("runuser -u postgres -- psql", f"env {reached} psql --no-psqlrc --no-align --tuples-only")


def test_what_a_restored_backup_makes_good_again_is_listed(tmp_path):
    with Postgres() as postgres:
        server = Server(tmp_path / "data", env={"ORGKEYS_DATABASE_URL": postgres.create_database("orgkeys_before")}).start()
        api = Api(server.base_url, server.admin_key)
        project = api.project()["id"]
        accounts = f"/projects/{project}/service_accounts"
        early, late = api.post(accounts, {"name": "early"}), api.post(accounts, {"name": "late"})
        narrowed = late["api_key"]["id"]
        person = api.person("mona@example.com", "owner")["id"]
        api.delete(f"{accounts}/{early['id']}")
        # The backup is taken here.
        postgres.psql("UPDATE audit_logs SET effective_at = effective_at - 7200", "orgkeys_before")
        backup = postgres.psql("SELECT now() - interval '1 hour'")
        api.post(f"/projects/{project}/api_keys/{narrowed}", {"scopes": ["api.model.request"]})
        api.post(f"/users/{person}", {"role": "reader"})
        api.post(f"/projects/{project}/users", {"user_id": person, "role": "owner"})
        api.post(f"/projects/{project}/users/{person}", {"role": "member"})
        api.delete(f"/projects/{project}/api_keys/{narrowed}")
        api.project("an addition")
        server.stop()
        done = shell(shown("--dbname=orgkeys_before"), psql_of(postgres), ("2026-11-21 03:00:00 UTC", backup))
    assert done.returncode == 0, done.stderr
    types = [line.split("|")[1] for line in done.stdout.splitlines()]
    assert types == [
        "api_key.updated", "user.updated", "role.assignment.created",
        "role.assignment.deleted", "role.assignment.created", "api_key.deleted",
    ]
    assert "reader" in done.stdout and narrowed in done.stdout and early["id"] not in done.stdout


def test_a_standby_tells_how_much_it_has_received_as_a_number():
    with Postgres() as primary, Standby(primary, primary.port) as standby:
        (line,) = [line.strip() for line in LINES if "pg_wal_lsn_diff" in line]
        before = int(shell(line, psql_of(standby)).stdout)
        primary.create_database("more")
        assert int(shell(line, psql_of(standby)).stdout) > before > 0
        primary.stop("immediate")
        standby.stop()
        Postgres.start(standby)
        assert int(shell(line, psql_of(standby)).stdout) > before, "after a start without a primary too"
