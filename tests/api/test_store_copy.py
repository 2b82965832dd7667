"""`orgkeys store copy`: from SQLite files to a PostgreSQL database, everything or nothing."""

import contextlib
import json
import os
import pty
import re
import select
import signal
import sqlite3
import subprocess
import time

import httpx
import pytest

from support.api import Api
from support.postgres import Postgres
from support.secret_values import SECRETS
from support.server import binary, environment, run
from support.wait import wait_until

pytestmark = pytest.mark.sqlite(reason="it copies from SQLite to PostgreSQL in any case")

# What says something about the database itself, or is for its nodes, and stays where it is.
NOT_COPIED = {"schema_migrations", "changes"}
ORGANIZATION, PROJECT, USER = "org_z", "proj_z", "user_z"

# A row of each table in which every column has a value; what is not copied too.
ROWS = {
    "store_state": None,  # the server has made its only row
    "organizations": {
        "id": ORGANIZATION, "name": "Größe \"1\"\t\\N", "default_project_id": PROJECT, "created_at": 1,
    },
    "users": {
        "id": USER, "organization_id": ORGANIZATION, "email": "Zoë@example.com",
        "email_key": "zoë@example.com", "name": "Zoë", "role": "owner", "added_at": 2, "is_default": 1,
        "technical_level": "high", "developer_persona": "backend", "api_key_last_used_at": 3,
        "admin_keys_after": "key_a",
    },
    "projects": {
        "id": PROJECT, "organization_id": ORGANIZATION, "name": "", "created_at": 4, "archived_at": 5,
        "residency": "eu",
    },
    "project_users": {"project_id": PROJECT, "user_id": USER, "role": "member", "added_at": 6},
    "service_accounts": {
        "id": "svc_acct_z", "project_id": PROJECT, "organization_id": ORGANIZATION, "name": "robot",
        "role": "none", "created_at": 7,
    },
    "project_api_keys": {
        "id": "key_z", "project_id": PROJECT, "organization_id": ORGANIZATION, "owner_type": "user",
        "owner_id": USER, "name": "key", "redacted_value": "sk-proj...xyz", "digest": bytes(range(32)),
        "scopes": '["a.read"]', "created_at": 8, "expires_at": 2**62, "last_used_at": 9,
    },
    "admin_api_keys": {
        "id": "key_y", "organization_id": ORGANIZATION, "user_id": USER, "name": "admin",
        "redacted_value": "sk-admin...xyz", "digest": bytes(range(32, 64)), "created_at": 10,
        "expires_at": 11, "last_used_at": 12,
    },
    "sessions": {
        "user_id": USER, "id": "sess_z", "organization_id": ORGANIZATION, "admin_api_key_id": "key_y",
        "digest": bytes(range(96, 128)), "created_at": 20, "last_used_at": 21, "expires_at": 22,
        "address": "192.0.2.1", "user_agent": "browser",
    },
    "passwords": {"user_id": USER, "hash": "$argon2id$", "changed_at": 23},
    "password_links": {
        "user_id": USER, "organization_id": ORGANIZATION, "token_digest": bytes(range(128, 160)),
        "expires_at": 24,
    },
    "invites": {
        "id": "invite_z", "organization_id": ORGANIZATION, "email": "X@example.com",
        "email_key": "x@example.com", "role": "reader", "projects": "[]",
        "token_digest": bytes(range(64, 96)), "created_at": 13, "expires_at": 14, "accepted_at": 15,
    },
    "audit_logs": {
        "id": "audit_log_z", "organization_id": ORGANIZATION, "type": "project.created",
        "effective_at": 16, "project_id": PROJECT, "project_name": "z", "actor": '{"type":"session"}',
        "actor_id": USER, "actor_key_id": "key_y", "actor_email": "zoë@example.com",
        "resource_id": PROJECT, "detail": '{"data":"' + "long " * 5000 + '"}',
    },
    "departures": {"id": "user_gone", "kind": "user", "departed_at": 17},
    "changes": {"revision": 1, "node": "other", "made_at": 18, "changes": "[]"},
}


@pytest.fixture(scope="module")
def postgres():
    with Postgres() as running:
        yield running


@pytest.fixture
def target(postgres, request):
    """(name, URL) of a new database."""
    name = re.sub(r"\W", "_", request.node.name)[:50] + os.urandom(4).hex()
    return name, postgres.create_database(name)


@pytest.fixture
def source(fresh_server):
    """A stopped server on SQLite with an organization."""
    server = fresh_server(name="source")
    assert server.admin_key
    server.stop()
    return server


def insert(server, table, *rows):
    with contextlib.closing(sqlite3.connect(server.directory / "orgkeys.db")) as database, database:
        columns = list(rows[0])
        places = ", ".join("?" * len(columns))
        database.executemany(
            f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({places})",
            [[row[column] for column in columns] for row in rows],
        )


def tables_of(server):
    """{table: rows as PostgreSQL writes them in JSON, sorted}"""
    with contextlib.closing(sqlite3.connect(server.directory / "orgkeys.db")) as database:
        database.row_factory = sqlite3.Row
        names = [
            name
            for (name,) in database.execute(
                "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
            )
        ]
        return {
            name: sorted(
                json.dumps(
                    {
                        column: "\\x" + value.hex() if isinstance(value, bytes) else value
                        for column, value in dict(row).items()
                    },
                    sort_keys=True,
                )
                for row in database.execute(f"SELECT * FROM {name}")
            )
            for name in names
        }


def rows_of(postgres, database, table):
    printed = postgres.psql(f"SELECT row_to_json(t) FROM {table} t", database)
    return sorted(json.dumps(json.loads(line), sort_keys=True) for line in printed.splitlines())


def is_unused(postgres, database):
    names = postgres.psql("SELECT tablename FROM pg_tables WHERE schemaname = 'public'", database).split()
    unused = {"store_state", "schema_migrations"}
    return all(not rows_of(postgres, database, name) for name in names if name not in unused)


def copy(source, url=None, **options):
    arguments = ["--from", f"sqlite:{source.directory}"] + (["--to", url] if url else [])
    return run("store", "copy", *arguments, **options)


def assert_copied(done):
    assert done.returncode == 0, done.stderr


def assert_refused(done, *words, status=1):
    assert done.returncode == status, (done.returncode, done.stderr)
    assert done.stdout == ""
    last = done.stderr.splitlines()[-1]
    assert last.startswith("orgkeys: ") and all(word in last for word in words), done.stderr


# --- what is copied


def test_every_column_of_every_table_is_copied(source, target, postgres):
    for table, row in ROWS.items():
        if row is not None:
            insert(source, table, row)
    before = tables_of(source)
    # A new table or column needs a value here, and then a place in the table of tables.
    assert set(before) - {"schema_migrations"} == set(ROWS)
    for table in set(ROWS) - NOT_COPIED:
        for column in json.loads(before[table][0]):
            values = [json.loads(row)[column] for row in before[table]]
            assert any(value is not None for value in values), f"{table}.{column} has no value here"

    name, url = target
    done = copy(source, url)
    assert_copied(done)
    for table, rows in before.items():
        assert rows_of(postgres, name, table) == rows or table in NOT_COPIED, table
    assert rows_of(postgres, name, "changes") == []
    assert tables_of(source) == before
    printed = {line.split()[0]: int(line.split()[1]) for line in done.stdout.splitlines()}
    assert printed == {table: len(rows) for table, rows in before.items() if table not in NOT_COPIED}


def test_tables_longer_than_a_page_are_copied_whole(source, target, postgres):
    """Pages end within a project, between projects, and at the end of a table."""
    insert(source, "departures", *({"id": f"user_{n:05}", "kind": "user", "departed_at": n} for n in range(2000)))
    insert(source, "organizations", ROWS["organizations"])
    insert(source, "projects", *(ROWS["projects"] | {"id": f"proj_{n}"} for n in range(3)))
    insert(
        source,
        "project_api_keys",
        *(
            ROWS["project_api_keys"]
            | {"id": f"key_{n:05}", "project_id": f"proj_{n % 3}", "digest": n.to_bytes(32, "big")}
            for n in range(2999)
        ),
    )
    before = tables_of(source)
    name, url = target
    assert_copied(copy(source, url))
    for table in ("departures", "projects", "project_api_keys"):
        assert rows_of(postgres, name, table) == before[table]


def test_a_server_goes_on_where_the_other_stopped(fresh_server, target):
    _, url = target
    server = fresh_server(name="source")
    api = Api(server.base_url, server.admin_key)
    project = api.project()["id"]
    account = api.post(f"/projects/{project}/service_accounts", {"name": "robot"})
    value = SECRETS.add(account["api_key"]["value"])
    paths = ("/projects", "/audit_logs", f"/projects/{project}/service_accounts", f"/projects/{project}/api_keys")
    before = {path: api.all(path) for path in paths}
    server.stop()
    assert_copied(copy(server, url))

    moved = fresh_server(name="moved", env={"ORGKEYS_DATABASE_URL": url})
    assert not (moved.directory / "first-admin-key").exists()
    api = Api(moved.base_url, server.admin_key)
    assert {path: api.all(path) for path in paths} == before
    check = httpx.get(f"{moved.url}/auth", headers={"Authorization": f"Bearer {value}"})
    assert check.status_code in (200, 204)
    newer = api.project()["id"]
    assert newer > max(one["id"] for one in before["/projects"])
    api.delete(f"/projects/{project}/api_keys/{account['api_key']['id']}")
    check = httpx.get(f"{moved.url}/auth", headers={"Authorization": f"Bearer {value}"})
    assert check.status_code == 401


def test_what_was_copied_is_served_again_only_on_purpose(source, target, postgres):
    mark = source.directory / "copied-to-postgresql"
    assert_refused(copy(source, "postgresql://127.0.0.1:9/none"), "refused")
    assert not mark.exists(), "a copy that failed changes nothing"
    assert_copied(copy(source, target[1]))
    done = run("serve", "--data", source.directory, "--listen", "127.0.0.1:0")
    assert_refused(done, "was copied to a PostgreSQL database", f"delete {mark}")
    told = run("doctor", "--data", source.directory)
    assert told.returncode == 1 and re.search(rf"^wrong +data .*copied.* rm {mark}$", told.stdout, re.M)
    assert_copied(copy(source, postgres.create_database("a_second_copy")))
    mark.unlink()
    source.start()


def test_a_source_that_cannot_be_marked_was_copied_all_the_same(source, target, postgres):
    (source.directory / "copied-to-postgresql").mkdir()
    (source.directory / "copied-to-postgresql" / "in the way").touch()
    done = copy(source, target[1])
    assert done.returncode == 1 and "organizations" in done.stdout and "could not be marked" in done.stderr
    assert rows_of(postgres, target[0], "organizations")


# --- what is refused


def test_a_target_in_use_is_refused_and_left_as_it_is(source, fresh_server, target, postgres):
    name, url = target
    fresh_server(name="other", env={"ORGKEYS_DATABASE_URL": url}).stop()
    before = {table: rows_of(postgres, name, table) for table in ROWS}
    assert_refused(copy(source, url), "the target is in use already")
    assert {table: rows_of(postgres, name, table) for table in ROWS} == before


def test_what_is_left_of_other_nodes_makes_a_target_used(source, target, postgres):
    """A node would take them for changes of what was copied."""
    name, url = target
    assert_copied(copy(source, url))
    emptied = ", ".join(table for table in ROWS if table != "store_state")
    postgres.psql(
        f"TRUNCATE {emptied}; UPDATE store_state SET revision = 0, last_issued_at = 0; "
        "INSERT INTO changes VALUES (7, 'other', 0, '[]')",
        name,
    )
    assert_refused(copy(source, url), "changes has rows")
    postgres.psql("TRUNCATE changes", name)
    assert_copied(copy(source, url))


def test_files_that_a_server_has_open_are_refused(source, target, postgres):
    name, url = target
    source.start()
    assert_refused(copy(source, url), "another orgkeys server holds")
    assert postgres.psql("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'", name) == "0"


def test_a_server_cannot_open_files_that_are_copied(source, target, postgres):
    name, url = target
    with held_up(source, name, url, postgres):
        done = run("serve", "--data", source.directory, "--listen", "127.0.0.1:0")
        assert_refused(done, "another orgkeys server holds")


def test_where_there_are_no_files_none_are_made(tmp_path, target):
    done = run("store", "copy", "--from", f"sqlite:{tmp_path / 'none'}", "--to", target[1])
    assert_refused(done, "there is no database in")
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], ["--from: is needed"]),
        (["--from", "sqlite:data"], ["--to: is needed", "ORGKEYS_DATABASE_URL"]),
        (["--from", "data", "--to", "postgresql://h/d"], ["--from: must be sqlite:"]),
        (["--from", "sqlite:", "--to", "postgresql://h/d"], ["--from: must be sqlite:"]),
        (["--from", "postgresql://u:hidden@h/d", "--to", "postgresql://h/d"], ["--from: must be sqlite:"]),
        (["--from", "sqlite:data", "--to", "sqlite:other"], ["--to: must be a URL"]),
        (["--from", "sqlite:data", "--to", "postgresql://u:hidden@h/d"], ["--to: a password is not taken"]),
        (["--from", "sqlite:data", "--data", "data"], ["--data: is no option of this command"]),
    ],
)
def test_a_wrong_command_line_is_a_usage_error_that_shows_no_password(arguments, words):
    done = run("store", "copy", *arguments)
    assert_refused(done, *words, status=2)
    assert "hidden" not in done.stderr


def test_passwords_come_by_variable_file_and_passfile(source, tmp_path):
    with Postgres(password="correct-horse") as postgres:
        url = postgres.create_database("by_variable")
        secret = url.replace("orgkeys@", "orgkeys:correct-horse@")
        assert_copied(copy(source, env={"ORGKEYS_DATABASE_URL": secret}))

        url = postgres.create_database("by_file")
        file = tmp_path / "orgkeys.conf"
        file.write_text(f"database = {url.replace('orgkeys@', 'orgkeys:correct-horse@')}\n")
        done = run("store", "copy", "--from", f"sqlite:{source.directory}", "--config", file)
        assert_copied(done)

        url = postgres.create_database("by_passfile")
        passfile = tmp_path / "passfile"
        passfile.write_text("127.0.0.1:*:by_passfile:orgkeys:correct-horse\n")
        passfile.chmod(0o600)
        # The flag wins over the variable.
        env = {"ORGKEYS_DATABASE_URL": "postgresql://nobody@127.0.0.1:1/nowhere"}
        assert_copied(copy(source, f"{url}?passfile={passfile}", env=env))

        done = copy(source, postgres.create_database("without"))
        assert_refused(done, "no password supplied")


# --- everything or nothing


@contextlib.contextmanager
def held_up(source, name, url, postgres):
    """A copy that waits, with half of it written, until the block ends. Gives its process."""
    if not postgres.psql("SELECT 1 FROM pg_tables WHERE tablename = 'audit_logs'", name):
        migrate(source, url)
    holder = subprocess.Popen(
        postgres.command("psql", "-X", "-q", "-h", postgres.directory, "-p", postgres.port, "-U", "orgkeys", name),
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        cwd=postgres.directory,
    )
    process = None
    try:
        holder.stdin.write("BEGIN; LOCK TABLE audit_logs IN SHARE MODE; SELECT 'held';\n")
        holder.stdin.flush()
        while "held" not in holder.stdout.readline():
            assert holder.poll() is None
        process = subprocess.Popen(
            [binary(), "store", "copy", "--from", f"sqlite:{source.directory}", "--to", url],
            env=environment(), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            text=True,
        )
        wait_until(lambda: waiting(postgres, name))
        yield process
    finally:
        holder.kill()
        holder.communicate()
        if process is not None:
            process.kill()
            process.communicate()


def waiting(postgres, name):
    return postgres.psql(
        f"SELECT 1 FROM pg_stat_activity WHERE datname = '{name}' AND wait_event_type = 'Lock'", name
    )


def migrate(source, url):
    """The tables of the target, by a copy that cannot succeed: PostgreSQL's texts have no NUL."""
    source.sql("UPDATE organizations SET name = name || char(0)")
    assert_refused(copy(source, url), "organizations: PostgreSQL holds no text with a NUL")
    source.sql("UPDATE organizations SET name = 'Default organization'")


def test_a_copy_that_was_killed_leaves_nothing(source, target, postgres):
    name, url = target
    with held_up(source, name, url, postgres) as process:
        process.kill()
        process.wait()
    wait_until(lambda: not waiting(postgres, name))
    assert is_unused(postgres, name)
    assert_copied(copy(source, url))
    assert rows_of(postgres, name, "organizations") == tables_of(source)["organizations"]


def test_a_copy_may_be_suspended(source, target, postgres):
    """For longer than a node may pause in a transaction."""
    name, url = target
    insert(source, "departures", *({"id": f"user_{n:05}", "kind": "user", "departed_at": n} for n in range(20000)))
    process = subprocess.Popen(
        [binary(), "store", "copy", "--from", f"sqlite:{source.directory}", "--to", url],
        env=environment(), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )
    try:
        suspend_in_transaction(process, name, postgres)
        process.send_signal(signal.SIGCONT)
        _, log = process.communicate(timeout=120)
        assert process.returncode == 0, log
    finally:
        process.kill()
        process.communicate()
    assert rows_of(postgres, name, "departures") == tables_of(source)["departures"]


def suspend_in_transaction(process, name, postgres):
    """Between two statements, for three seconds."""
    resting = (
        f"SELECT 1 FROM pg_stat_activity WHERE datname = '{name}' AND state = 'idle in transaction' "
        "AND query LIKE '%departures%' AND state_change < now() - interval"
    )
    while not postgres.psql(f"{resting} '0.1 s'"):
        assert process.poll() is None, process.stderr.read()
        process.send_signal(signal.SIGCONT)
        time.sleep(0.01)  # the copy goes on
        process.send_signal(signal.SIGSTOP)
        time.sleep(0.2)  # the database does what it was told until then
    ended = f"SELECT 1 WHERE NOT EXISTS (SELECT FROM pg_stat_activity WHERE datname = '{name}')"
    wait_until(lambda: postgres.psql(f"{resting} '3 s'") or postgres.psql(ended))


def test_a_database_that_changes_what_it_is_told_is_noticed(source, target, postgres):
    name, url = target
    migrate(source, url)
    assert is_unused(postgres, name)
    postgres.psql(
        "CREATE FUNCTION spoil() RETURNS trigger LANGUAGE plpgsql AS "
        "'BEGIN NEW.redacted_value := ''other''; RETURN NEW; END'; "
        "CREATE TRIGGER spoil BEFORE INSERT ON admin_api_keys FOR EACH ROW EXECUTE FUNCTION spoil()",
        name,
    )
    assert_refused(copy(source, url), "admin_api_keys: the target holds other rows", "nothing was kept")
    assert is_unused(postgres, name)
    postgres.psql("DROP TRIGGER spoil ON admin_api_keys", name)
    assert_copied(copy(source, url))


# --- what the operator sees


def test_the_log_of_a_copy_has_a_line_a_table(source, target):
    done = copy(source, target[1])
    assert_copied(done)
    assert "copying users: 1 row\n" in done.stderr and "comparing projects: 1 row\n" in done.stderr
    assert "\r" not in done.stderr and done.stderr.endswith("is not in it.\n")


def test_a_terminal_shows_a_bar(source, target):
    main, side = pty.openpty()
    process = subprocess.Popen(
        [binary(), "store", "copy", "--from", f"sqlite:{source.directory}", "--to", target[1]],
        env=environment(), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=side,
    )
    os.close(side)
    shown = b""
    deadline = time.monotonic() + 60
    with contextlib.suppress(OSError):  # the other end is gone
        while select.select([main], [], [], max(0, deadline - time.monotonic()))[0]:
            shown += os.read(main, 4096)
    os.close(main)
    assert process.wait(60) == 0, shown
    text = shown.decode()
    assert re.search(r"\rcopying   \[#{30}\] 100%  (\d+) of \1 rows\r\n", text), text
    assert re.search(r"\rcomparing \[#{30}\] 100%  (\d+) of \1 rows\r\n", text), text
    assert all(len(line) < 80 for line in re.split(r"[\r\n]+", text.split("Copied")[0]))
