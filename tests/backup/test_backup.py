"""`orgkeys backup`: of a server that runs, is stopped, or was killed."""

import contextlib
import re
import signal
import sqlite3
import subprocess

import pytest

from backups import (
    CONTENT, LEAKS_UNSEEN, assert_refused, assert_well, backup, backup_of, lets_in, mode_of, names_in, restore,
    spoil_newer, spoil_page, sql,
)
from stopped import stopped_at
from support.api import Api
from support.commands import create_organization
from support.server import binary, environment, run
from support.storm import Storm, working_account

pytestmark = pytest.mark.sqlite(reason="PostgreSQL has tools of its own; what is about it is here too")


def test_a_backup_in_a_storm_has_all_that_was_acknowledged_before_it(fresh_server, tmp_path):
    server = fresh_server()
    api, project, account = working_account(server)
    storm = Storm(server, project, account).start()
    storm.wait_for(200)
    with storm.lock:
        created, deleted = dict(storm.created), set(storm.deleted)
    printed = backup(server, tmp_path / "backup.db")
    storm.wait_for(len(created) + len(deleted) + 50)
    storm.finish()
    storm.check(api)
    assert_well("--data", server.directory)
    assert_well("--file", tmp_path / "backup.db")
    deleting = set(storm.deleting)

    done = restore(tmp_path / "again", tmp_path / "backup.db")
    assert done.returncode == 0
    assert CONTENT.search(printed).groups() == CONTENT.search(done.stdout).groups()
    again = fresh_server(name="again")
    again_api = Api(again.base_url, server.admin_key)
    found = {key["id"] for key in again_api.all(f"/projects/{project}/api_keys")}
    assert set(created) - deleting <= found, "an acknowledged key is missing"
    assert not deleted & found, "a key is back that was deleted before the backup"
    for key in list(set(created) - deleting)[:20]:
        assert lets_in(again, created[key])
    for key in list(deleted)[:20]:
        assert not lets_in(again, storm.created[key])


def test_a_backup_says_what_it_wrote_and_is_for_its_owner_alone(used, tmp_path):
    used.stop()
    create_organization(used.directory)
    used.start()
    target = tmp_path / "backup.db"
    printed = backup(used, target)
    assert printed.startswith(f"{target}: {target.stat().st_size} bytes, revision ")
    assert CONTENT.search(printed).groups()[1:] == ("2", "1", "2")
    assert mode_of(target) == 0o600 and names_in(tmp_path) == ["backup.db", "data"]


@pytest.mark.parametrize("how", ["runs", "stopped", "killed", "killed, its shared memory lost"])
def test_a_server_need_not_run_and_is_not_disturbed(used, tmp_path, how):
    acknowledged = used.api.project()["id"]
    if how == "stopped":
        used.stop()
    elif how != "runs":
        used.kill9()
    if "lost" in how:
        (used.directory / "orgkeys.db-shm").unlink()
    backup(used, tmp_path / "backup.db")
    assert_well("--data", used.directory)
    with contextlib.closing(sqlite3.connect(f"file:{tmp_path / 'backup.db'}?immutable=1", uri=True)) as database:
        assert (acknowledged,) in database.execute("SELECT id FROM projects").fetchall()
    if how != "runs":
        used.start()
    assert acknowledged in {one["id"] for one in Api(used.base_url, used.admin_key).all("/projects")}


FRAMES, FRAME_BYTES = 4200, 4120  # of a log that the server would copy, were there no snapshot


def test_a_long_backup_costs_no_sync_of_the_database_with_each_commit(used, tmp_path):
    """Its snapshot keeps the server from copying its log: what was synced once need not be again."""
    log = used.directory / "orgkeys.db-wal"
    trace = tmp_path / "trace"
    reader = sqlite3.connect(f"file:{used.directory}/orgkeys.db?mode=ro", uri=True, isolation_level=None)
    with contextlib.closing(reader):
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM projects").fetchone()
        for _ in range(FRAMES):  # a commit is one at least
            if log.stat().st_size < FRAMES * FRAME_BYTES:
                used.api.project()
        assert log.stat().st_size >= FRAMES * FRAME_BYTES
        with subprocess.Popen(
            ["strace", "-f", "-y", "-o", trace, "-e", "trace=fsync,fdatasync", "-p", str(used.pid)],
            stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
        ) as strace:
            try:
                assert "attached" in strace.stderr.readline()
                for _ in range(20):
                    used.api.project()
                strace.send_signal(signal.SIGINT)
                strace.communicate(timeout=60)
            finally:
                strace.kill()
    synced = re.findall(r"sync\(\d+<[^>]*/(orgkeys\.db(?:-wal)?)>", trace.read_text())
    assert synced.count("orgkeys.db-wal") >= 20 and synced.count("orgkeys.db") <= 1, synced


def test_a_target_that_is_there_stays_as_it_is(used, tmp_path):
    for name in ("a file", "an empty file", "a directory"):
        target = tmp_path / name
        target.mkdir() if name == "a directory" else target.write_text("" if "empty" in name else "mine")
        before = target.stat()
        assert_refused(run("backup", "--data", used.directory, "--to", target), f"{target} is there already")
        assert target.stat() == before
    assert_refused(
        run("backup", "--data", used.directory, "--to", tmp_path / "none" / "b"), "none", "No such file"
    )


def test_a_damaged_database_makes_no_backup(stopped, tmp_path):
    spoil_page(stopped / "orgkeys.db")
    done = run("backup", "--data", stopped, "--to", tmp_path / "b")
    assert_refused(done, "the database is damaged")
    assert names_in(tmp_path) == ["data"]


def test_a_newer_schema_is_refused_in_a_line(stopped, tmp_path):
    spoil_newer(stopped / "orgkeys.db")
    for command in (
        ["serve", "--listen", "127.0.0.1:0"], ["backup", "--to", tmp_path / "b"], ["check"], ["recover"],
    ):
        done = run(command[0], "--data", stopped, *command[1:])
        assert_refused(done, "schema 1000000, this program knows", "it needs a newer orgkeys")
        assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    ("arguments", "words", "status"),
    [
        (["backup"], ["--to: is needed"], 2),
        (["restore"], ["--from: is needed"], 2),
        (["backup", "--to", "b", "--database", "postgresql://h/d"], ["pg_dump", "docs/operations.md"], 2),
        (["restore", "--from", "b", "--database", "postgresql://h/d"], ["pg_restore", "docs/operations.md"], 2),
        (["backup", "--to", "b", "--data", "none"], ["there is no database in none"], 1),
        (["check", "--data", "none"], ["there is no database in none"], 1),
        (["check", "--file", "none"], ["No such file"], 1),
        (["restore", "--from", "none", "--data", "new"], ["No such file"], 1),
    ],
)
def test_what_is_said_of_a_wrong_call(tmp_path, arguments, words, status):
    assert_refused(run(*arguments, cwd=tmp_path), *words, status=status)
    assert names_in(tmp_path) == []


@pytest.fixture
def large(stopped):
    """A database of several steps of a backup."""
    rows = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 50000) "
    sql(stopped, f"{rows} INSERT INTO departures SELECT 'user_' || i || hex(randomblob(100)), 'user', 0 FROM n")
    return stopped


def stopped_backup(directory, tmp_path):
    """With a part of it written."""
    return stopped_at(tmp_path / "trace", "pwrite64", 100, "backup", "--data", directory, "--to", tmp_path / "b")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_backup_that_is_told_to_end_leaves_nothing(large, tmp_path, number):
    with stopped_backup(large, tmp_path) as told:
        assert any(path.stat().st_size > 0 for path in tmp_path.glob("b.*"))
        told.signal(number, signal.SIGCONT)
        assert told.end() == (1, "", "orgkeys: cannot back up: interrupted\n")
    assert names_in(tmp_path) == ["data", "trace"]


def test_a_backup_that_is_killed_harms_nothing(large, tmp_path):
    with stopped_backup(large, tmp_path) as killed:
        killed.signal(signal.SIGKILL)
        assert killed.end()[0] == -signal.SIGKILL
    assert not (tmp_path / "b").exists()
    sql(large, "DELETE FROM departures")
    assert_well("--data", large)
    backup_of(large, tmp_path / "b")


def test_a_backup_whose_name_may_be_lost_is_none(stopped, tmp_path):
    """The directory cannot be synced: what is told as failed is not there."""
    failing = ["strace", "-o", "/dev/null", "-e", "trace=fsync", "-e", "inject=fsync:error=EIO:when=2", binary()]
    done = subprocess.run(
        [*failing, "backup", "--data", stopped, "--to", tmp_path / "b"], env=environment(LEAKS_UNSEEN),
        stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60,
    )
    assert_refused(done, "cannot make", "Input/output error")
    assert names_in(tmp_path) == ["data"]
    backup_of(stopped, tmp_path / "b")
