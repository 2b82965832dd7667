"""`orgkeys check`: what it finds, and what it does not."""

import contextlib
import os
import re
import signal
import sqlite3

import pytest

from backups import assert_refused, assert_well, check, root_page, sql
from stopped import stopped_at
from support.api import unique
from support.postgres import Postgres
from support.server import run
from support.storm import working_account

pytestmark = pytest.mark.sqlite(reason="PostgreSQL has tools of its own; what is about it is here too")
GONE = "0" * 10 + "Z" * 14
DAMAGE = {
    "a default project": (
        "UPDATE organizations SET default_project_id = 'proj_gone'", r"organizations org_\w+: its default project",
    ),
    "a person": (
        "DELETE FROM users",
        r"admin_api_keys key_\w+: its owner is not there, and did not leave",
    ),
    "a person, of whom only the ownership ended": (
        "INSERT INTO departures SELECT id, 'ownership', 0 FROM users; DELETE FROM users",
        r"admin_api_keys key_\w+: its owner is not there, and did not leave",
    ),
    "a service account": (
        "DELETE FROM service_accounts",
        r"project_api_keys key_\w+: its service account is not there, and was not deleted",
    ),
    "a key's owner": (
        f"UPDATE project_api_keys SET owner_type = 'user', owner_id = 'user_{GONE}'",
        r"project_api_keys key_\w+: its owner is not there, and did not leave",
    ),
    "a project": (
        "DELETE FROM projects",
        r"file: a row of service_accounts refers to a row of projects that is not there",
    ),
    "a member": (
        f"INSERT INTO project_users SELECT id, 'user_{GONE}', 'member', 0 FROM projects",
        rf"project_users proj_\w+ user_{GONE}: the person is not there, and did not leave",
    ),
    "a password's person": (
        f"INSERT INTO passwords VALUES ('user_{GONE}', 'x', 0)",
        rf"passwords user_{GONE}: the person is not there",
    ),
    "a link's person": (
        f"INSERT INTO password_links SELECT 'user_{GONE}', id, randomblob(32), 0 FROM organizations",
        rf"password_links user_{GONE}: the person is not there",
    ),
    "a session's person": (
        f"INSERT INTO sessions SELECT 'user_{GONE}', 'sess_0', id, NULL, randomblob(32), 0, 0, 0, '', '' "
        "FROM organizations",
        r"sessions sess_0: the person is not there",
    ),
    "the organization of a key": (
        "UPDATE project_api_keys SET organization_id = 'org_gone'",
        r"project_api_keys key_\w+: its project is of another organization",
    ),
    "an id that is none": (
        "UPDATE service_accounts SET id = 'svc_acct_1'",
        r"keys: cannot be read: a row of service_accounts is not as it was written: the owner.s id",
    ),
    "the length of a key's digest": (
        "UPDATE project_api_keys SET digest = randomblob(31)",
        r"project_api_keys key_\w+: its digest has another length than 32 bytes",
    ),
    "the length of an invite's digest": (
        "UPDATE invites SET token_digest = randomblob(33)",
        r"invites invite_\w+: its digest has another length than 32 bytes",
    ),
    "one digest for two keys": (
        "UPDATE admin_api_keys SET digest = (SELECT digest FROM project_api_keys)",
        r"admin_api_keys key_\w+: a project key has the same digest",
    ),
    "scopes that are no JSON": (
        "UPDATE project_api_keys SET scopes = '[\"a'", r"project_api_keys key_\w+: its scopes are no list of texts",
    ),
    "scopes that are no texts": (
        "UPDATE project_api_keys SET scopes = '[1]'", r"project_api_keys key_\w+: its scopes are no list of texts",
    ),
    "an actor": (
        "UPDATE audit_logs SET actor = '{'", r"audit_logs audit_log_\w+: its actor is no JSON object",
    ),
    "a detail": (
        "UPDATE audit_logs SET detail = '[]'", r"audit_logs audit_log_\w+: its detail is no JSON object",
    ),
    "an invite's projects": (
        "UPDATE invites SET projects = '[{]'", r"invites invite_\w+: its projects cannot be read",
    ),
    "a commit's changes": (
        "INSERT INTO changes VALUES (1, 'other', 0, '[{}]')", r"changes 1: its changes cannot be read",
    ),
    "the newest time": (
        "UPDATE store_state SET last_issued_at = 1",
        r"project_api_keys key_\w+: it is newer than store_state says, so ids could repeat",
    ),
    "no state": ("DELETE FROM store_state", r"store_state: cannot be read"),
    "what the keyring makes of it": (
        "UPDATE users SET admin_keys_after = 'key_zzz'",
        r"admin_api_keys key_\w+: a server would know another verdict",
    ),
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_each_damage_is_found(stopped, damage):
    statement, line = DAMAGE[damage]
    sql(stopped, f"PRAGMA ignore_check_constraints = ON; {statement};")
    done = check("--data", stopped)
    assert done.returncode == 1 and re.search(rf"^{line}", done.stdout, re.M), done.stdout
    problems = len(done.stdout.splitlines())
    assert done.stderr == f"orgkeys: the check found {problems} problem{'s' if problems > 1 else ''}\n"


@pytest.mark.parametrize("name", ["project_api_keys_by_owner", "project_api_keys", "audit_logs", "schema_migrations"])
def test_a_page_of_other_bytes_is_found(stopped, name):
    path = stopped / "orgkeys.db"
    with open(path, "r+b") as file:
        file.seek((root_page(path, name) - 1) * 4096)
        file.write(os.urandom(4096))
    done = check("--data", stopped)
    assert done.returncode == 1 and re.search(r"\bfile: |malformed", done.stdout + done.stderr)


def test_an_index_that_lacks_a_row_is_found(stopped):
    path = stopped / "orgkeys.db"
    with contextlib.closing(sqlite3.connect(path)) as database:
        database.executescript(
            "PRAGMA writable_schema = ON; "
            "UPDATE sqlite_master SET sql = replace(sql, 'owner_id, id)', 'owner_id, id) WHERE 0') "
            "WHERE name = 'project_api_keys_by_owner'"
        )
    with contextlib.closing(sqlite3.connect(path)) as database:
        database.executescript(
            "REINDEX project_api_keys_by_owner; PRAGMA writable_schema = ON; "
            "UPDATE sqlite_master SET sql = replace(sql, ' WHERE 0', '') WHERE name = 'project_api_keys_by_owner'"
        )
    done = check("--data", stopped)
    assert done.returncode == 1 and "file: row 1 missing from index project_api_keys_by_owner" in done.stdout


def test_much_damage_is_few_lines(stopped):
    sql(
        stopped,
        "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 500) "
        "INSERT INTO passwords SELECT 'user_' || i, 'x', 0 FROM n",
    )
    done = check("--data", stopped)
    assert len(done.stdout.splitlines()) == 21 and done.stdout.endswith("passwords: 480 more of these\n")


def test_what_people_and_keys_leave_behind_is_no_damage(used):
    """Until it is swept, and all that is usual."""
    api, project = used.api, used.api.project()["id"]
    gone, stays = api.person(projects=[(project, "member")]), api.person(role="owner")
    api.key_of(project, user_id=gone["id"])
    api.key_of(project, user_id=stays["id"], scopes=["a.read", "b.write"], expires_in_seconds=3600)
    api.delete(f"/users/{gone['id']}")
    account = api.service_account(project)
    api.delete(f"/projects/{project}/service_accounts/{account['id']}")
    api.service_account(project, name=unique("kept"))
    api.post(f"/users/{stays['id']}", {"role": "reader"})
    api.invite()
    api.own_password()
    api.post(f"/projects/{project}/archive")
    for _ in range(2):
        assert_well("--data", used.directory)
        used.kill9()


MANY_AUDIT_LOGS = """
    WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 300000),
    one AS (SELECT * FROM audit_logs LIMIT 1)
    INSERT INTO audit_logs
    SELECT substr(id, 1, length(id) - 6) || printf('%06d', i), organization_id, type, effective_at, project_id,
    project_name, actor, actor_id, actor_key_id, actor_email, resource_id, detail FROM n, one
"""


def test_a_check_that_is_told_to_end_finds_no_damage(stopped, tmp_path):
    """What it reads after the signal for more than a second is not read to its end."""
    sql(stopped, MANY_AUDIT_LOGS)
    reading = (tmp_path / "trace", "pread64", 100, "check", "--data", stopped)
    with stopped_at(*reading, file=stopped / "orgkeys.db") as told:
        told.signal(signal.SIGTERM, signal.SIGCONT)
        assert told.end() == (1, "", "orgkeys: cannot check: interrupted\n")


def test_a_check_of_postgresql(fresh_server, tmp_path):
    with Postgres() as postgres:
        url = postgres.create_database("checked")
        env = {"ORGKEYS_DATABASE_URL": url}
        server = fresh_server(env=env)
        api, project, account = working_account(server)
        api.account_key(project, account)
        assert assert_well(env=env)[1:] == (1, 1)
        postgres.psql("DELETE FROM service_accounts", "checked")
        done = check(env=env)
        assert done.returncode == 1 and re.match(
            r"project_api_keys key_\w+: its service account is not there, and was not deleted\n", done.stdout
        )
        assert_refused(
            run("backup", "--to", tmp_path / "b", env=env), "pg_dump", status=2,
        )
