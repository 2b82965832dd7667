"""What docs/operations.md shows of backups and restoring, run as it stands there, but for the places."""

import os
import re
import sqlite3
import subprocess

import pytest

from support.api import Api
from support.postgres import Postgres, Standby
from support.server import REPOSITORY, Server

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
        ["bash", "-c", commands], env={"PATH": os.environ["PATH"], **env}, capture_output=True, text=True, timeout=60
    )


@pytest.fixture
def installed(tmp_path):
    """A server whose directory is where the unit has it: behind a link. Also the places of the commands."""
    (tmp_path / "lib/private").mkdir(parents=True)
    (tmp_path / "backups").mkdir()
    (tmp_path / "lib/orgkeys").symlink_to("private/orgkeys")
    (tmp_path / "lib/private/orgkeys").mkdir(mode=0o700)
    server = Server(tmp_path / "lib/orgkeys").start()
    yield server, [("/var/lib", tmp_path / "lib"), ("/var/backups", tmp_path / "backups")]
    server.stop()


def backup_in(tmp_path):
    (found,) = (tmp_path / "backups").iterdir()
    return found


def test_a_copy_of_a_stopped_server_is_whole_and_never_mixed_with_another(installed, tmp_path):
    server, places = installed
    key = server.admin_key
    server.stop()
    commands = shown("cp -a ")
    done = shell(commands, *places)
    assert done.returncode == 0, done.stderr
    copy = backup_in(tmp_path)
    before = sorted(path.name for path in copy.iterdir())
    assert not copy.is_symlink() and "orgkeys.db" in before and copy.stat().st_mode & 0o077 == 0
    assert shell(commands, *places).returncode != 0
    assert backup_in(tmp_path) == copy and sorted(path.name for path in copy.iterdir()) == before
    restored = Server(copy).start()
    assert Api(restored.base_url, key).all("/projects")
    restored.stop()


def test_a_backup_of_a_server_that_runs_is_restored(installed, tmp_path):
    server, places = installed
    api = Api(server.base_url, server.admin_key)
    project = api.project()["id"]
    commands = shown("VACUUM INTO '$backup'")
    done = shell(commands, *places)
    assert (done.returncode, done.stdout, done.stderr) == (0, "ok\n", "")
    backup = backup_in(tmp_path)
    assert backup.stat().st_mode & 0o077 == 0
    again = shell(commands, *places)
    assert again.returncode != 0 and "output file already exists" in again.stderr and again.stdout == ""
    api.post(f"/projects/{project}/archive")
    server.stop()
    places = [place for place in places if place[0] in shown("cp \"$backup\"")]
    assert shell(shown("cp \"$backup\""), *places, backup=str(backup)).returncode == 0
    server.start()
    assert project in [one["id"] for one in Api(server.base_url, server.admin_key).all("/projects")]


def test_a_damaged_backup_does_not_say_ok(installed, tmp_path):
    server, places = installed
    check = re.search(r"&& (sqlite3 .*)", shown("VACUUM INTO '$backup'"))[1]
    damaged = tmp_path / "damaged.db"
    server.stop()
    with sqlite3.connect(server.directory / "orgkeys.db") as database:
        database.execute("VACUUM INTO ?", [str(damaged)])
    content = bytearray(damaged.read_bytes())
    content[4096:] = os.urandom(len(content) - 4096)
    damaged.write_bytes(content)
    assert shell(check, backup=str(damaged)).stdout != "ok\n"


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
