"""`orgkeys restore`: everything or nothing, and nothing of what was there is lost."""

import contextlib
import os
import re
import shutil
import signal
import sqlite3
import subprocess
from pathlib import Path

import pytest

from backups import (
    CONTENT, LEAKS_UNSEEN, WELL, assert_refused, assert_well, backup, backup_of, check, kept_as, lets_in, mode_of,
    names_in, restore, revision_of, revision_of_file, spoil_newer, spoil_page,
)
from stopped import stopped_at
from support.api import Api
from support.commands import create_organization
from support.secret_values import SECRETS
from support.server import binary, environment, run

pytestmark = pytest.mark.sqlite(reason="PostgreSQL has tools of its own; what is about it is here too")
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can be another user")


def give(path, owner):
    for one in (path, *path.iterdir()):
        os.chown(one, owner, -1, follow_symlinks=False)


def test_what_was_revoked_after_the_backup_is_good_again(used, fresh_server, tmp_path):
    """So it says, and so do the documents. What was revoked before stays so."""
    before, after = used.made, used.api.account_key(*used.path.split("/")[2:3], used.api.get(
        f"/projects/{used.path.split('/')[2]}/service_accounts")["data"][0]["id"])
    used.api.delete(f"{used.path}/{before['id']}")
    backup(used, tmp_path / "backup.db")
    used.api.delete(f"{used.path}/{after['id']}")
    newest = used.api.project()["id"]
    used.stop()
    done = restore(used.directory, tmp_path / "backup.db", "--replace")
    assert done.returncode == 0 and "keys that were revoked since are good again" in done.stderr
    used.start()
    api = Api(used.base_url, used.admin_key)
    assert lets_in(used, after["value"]) and not lets_in(used, before["value"])
    assert newest not in {one["id"] for one in api.all("/projects")}
    assert api.project()["id"] > newest, "ids go on, also behind those that were lost"


def test_whom_files_belong_to(used, tmp_path, common, nobody):
    """Root may run the commands: the server, another user, must be able to use what they leave."""
    used.kill9()
    used.directory = used.directory.rename(common / "data")
    (used.directory / "orgkeys.db-shm").unlink()
    give(used.directory, nobody)
    backup(used, tmp_path / "backup.db")
    assert (tmp_path / "backup.db").stat().st_uid == os.geteuid()
    assert_well("--data", used.directory)
    # The backup is where only root reads it.
    done = restore(used.directory, tmp_path / "backup.db", "--replace", env=LEAKS_UNSEEN)
    assert done.returncode == 0, done.stderr
    new = common / "new"
    new.mkdir(mode=0o700)
    give(new, nobody)
    assert restore(new, tmp_path / "backup.db", env=LEAKS_UNSEEN).returncode == 0
    SECRETS.add(run("recover", "--data", new, env=LEAKS_UNSEEN).stdout.strip())
    for path in (*used.directory.iterdir(), *new.iterdir()):
        assert (path.stat().st_uid, mode_of(path)) == (nobody, 0o600), path
    used.start()


@as_root
def test_a_directory_that_its_owner_cannot_reach(stopped, tmp_path, nobody):
    backup_of(stopped, tmp_path / "backup.db")
    give(stopped, nobody)
    tmp_path.chmod(0o700)
    done = restore(stopped, tmp_path / "backup.db", "--replace", env=LEAKS_UNSEEN)
    assert_refused(done, "cannot as its owner reach", str(stopped), "Permission denied")


@as_root
@pytest.mark.parametrize("command", ["restore", "recover", "serve"])
def test_links_give_nothing_of_roots_away(stopped, tmp_path, common, nobody, command):
    """A directory's owner may put into it what it likes; root who works there must do nothing to other files."""
    backup_of(stopped, tmp_path / "backup.db")
    victim = common / "victim.db"
    shutil.copy(tmp_path / "backup.db", victim)
    victim.chmod(0o600)
    before = victim.read_bytes()
    directory = Path(shutil.copytree(stopped, common / "data"))
    names = ["lock", "orgkeys.db.restoring"] if command == "restore" else ["lock"]
    for name in names:
        (directory / name).unlink(missing_ok=True)
        (directory / name).symlink_to(victim)
        give(directory, nobody)
        arguments = {
            "restore": ["--from", tmp_path / "backup.db", "--replace"], "recover": [],
            "serve": ["--listen", "127.0.0.1:0"],
        }[command]
        done = run(command, "--data", directory, *arguments, env=LEAKS_UNSEEN)
        if name == "lock":
            assert_refused(done, "the file `lock`")
            (directory / "lock").unlink()
        else:
            assert done.returncode == 0, done.stderr
        assert (victim.stat().st_uid, victim.read_bytes()) == (0, before)


@pytest.mark.parametrize("name", ["lock", "orgkeys.db.restoring"])
def test_a_pipe_in_the_way_holds_nobody_up(stopped, tmp_path, name):
    backup_of(stopped, tmp_path / "backup.db")
    (stopped / name).unlink(missing_ok=True)
    os.mkfifo(stopped / name)
    done = restore(stopped, tmp_path / "backup.db", "--replace")
    assert name == "lock" or done.returncode == 0, done.stderr


def test_a_restore_keeps_what_was_there_with_the_newest_commits_in_its_log(used, fresh_server, tmp_path):
    backup(used, tmp_path / "backup.db")
    newest = used.api.project()["id"]
    used.kill9()
    assert (used.directory / "orgkeys.db-wal").stat().st_size > 0
    done = restore(used.directory, tmp_path / "backup.db", "--replace")
    kept = re.search(r"kept as (\S+)\.\n", done.stderr)[1]
    assert {"orgkeys.db-wal", "orgkeys.db-shm"} & set(names_in(used.directory)) == set()
    assert_well("--file", kept)
    former = tmp_path / "former"
    assert restore(former, kept).returncode == 0
    server = fresh_server(name="former")
    assert newest in {one["id"] for one in Api(server.base_url, used.admin_key).all("/projects")}


def test_restores_one_after_the_other_and_back(stopped, tmp_path):
    """Each keeps what was there, and what was kept can be restored."""
    backup_of(stopped, tmp_path / "backup.db")
    create_organization(stopped)
    newest = revision_of(stopped)
    for number, source in enumerate([tmp_path / "backup.db", tmp_path / "backup.db", kept_as(stopped, 1)], 1):
        done = restore(stopped, source, "--replace")
        assert done.returncode == 0 and f"kept as {kept_as(stopped, number)}.\n" in done.stderr
    old = revision_of_file(tmp_path / "backup.db")
    assert [revision_of_file(kept_as(stopped, number)) for number in (1, 2, 3)] == [newest, old, old]
    assert assert_well("--data", stopped)[0] == newest > old


def test_a_restore_that_cannot_keep_what_was_there_changes_nothing(stopped, tmp_path):
    backup_of(stopped, tmp_path / "backup.db")
    before = revision_of(stopped)
    for number in range(1, 1001):
        (stopped / f"orgkeys.db.replaced-{number}").touch()
    assert_refused(restore(stopped, tmp_path / "backup.db", "--replace"), "1000 former databases: take some away")
    assert revision_of(stopped) == before
    assert_well("--data", stopped)


def test_a_copy_of_the_directory_is_restored_too(used, tmp_path):
    """With its log, which `cp -a` of a stopped server may have."""
    used.kill9()
    copy = tmp_path / "copy"
    shutil.copytree(used.directory, copy)
    (copy / "orgkeys.db-shm").unlink()
    done = restore(tmp_path / "again", copy / "orgkeys.db")
    assert done.returncode == 0 and CONTENT.search(done.stdout)[3] == "1"


def test_a_directory_in_use_is_not_restored_into(used, tmp_path):
    backup(used, tmp_path / "backup.db")
    assert_refused(restore(used.directory, tmp_path / "backup.db", "--replace"), "another orgkeys server holds")
    used.stop()
    before = names_in(used.directory)
    assert_refused(restore(used.directory, tmp_path / "backup.db"), "has a database", "--replace")
    assert names_in(used.directory) == before
    used.start()
    assert lets_in(used, used.made["value"])


def spoil_text(path):
    path.write_text("no database at all, however long this text may be" * 100)


def spoil_other(path):
    path.unlink()
    with contextlib.closing(sqlite3.connect(path)) as database:
        database.execute("CREATE TABLE mine (id)")


def spoil_empty(path):
    os.truncate(path, 0)


def spoil_half(path):
    os.truncate(path, path.stat().st_size // 8192 * 4096)


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (spoil_text, ["backup.db: file is not a database"]),
        (spoil_other, ["backup.db is no database of orgkeys"]),
        (spoil_empty, ["backup.db is no database of orgkeys"]),
        (spoil_newer, ["schema 1000000", "needs a newer orgkeys"]),
        (spoil_page, ["damaged"]),
        (spoil_half, ["backup.db: the file is damaged"]),
        (os.unlink, ["No such file"]),
    ],
)
def test_a_backup_that_is_of_no_use_replaces_nothing(stopped, tmp_path, spoil, words):
    backup_of(stopped, tmp_path / "backup.db")
    spoil(tmp_path / "backup.db")
    before = {path.name: path.read_bytes() for path in stopped.iterdir()}
    assert_refused(restore(stopped, tmp_path / "backup.db", "--replace"), *words)
    assert {path.name: path.read_bytes() for path in stopped.iterdir()} == before
    assert check("--file", tmp_path / "backup.db").returncode == 1


@pytest.mark.parametrize("command", ["check", "backup"])
def test_a_restore_that_overtakes_is_told(stopped, tmp_path, command):
    """The old database is open, and its log is gone before it was: its newest commits would be missing."""
    backup_of(stopped, tmp_path / "backup.db")
    target = ["--to", tmp_path / "b"] if command == "backup" else []
    opened = (tmp_path / "trace", "openat", 1, command, "--data", stopped, *target)
    with stopped_at(*opened, file=stopped / "orgkeys.db") as overtaken:
        assert restore(stopped, tmp_path / "backup.db", "--replace").returncode == 0
        overtaken.signal(signal.SIGCONT)
        status, printed, said = overtaken.end()
    assert status == 1 and printed == "" and "a restore put another database in its place" in said
    assert not (tmp_path / "b").exists()


# What a restore does to files, each killed at its n-th call: before, or instead of what it would do.
CALLS = ["fsync", "rename,renameat,renameat2", "link,linkat", "unlink,unlinkat"]
MANY = 100  # of them: more than it does


@pytest.mark.parametrize("call", CALLS)
def test_a_restore_that_is_killed_leaves_one_database_or_the_other(used, tmp_path, call):
    """Or says that it must be run again; never one with another's log."""
    backup(used, tmp_path / "backup.db")
    newest = used.api.project()["id"]
    used.kill9()
    original = tmp_path / "original"
    used.directory.rename(original)
    old, new = revision_of(original), revision_of_file(tmp_path / "backup.db")
    assert old > new
    killed = 0
    for number in range(1, MANY):
        shutil.rmtree(used.directory, ignore_errors=True)
        shutil.copytree(original, used.directory)
        if not kill_at(call, number, used.directory, tmp_path / "backup.db"):
            break
        killed = number
        done = check("--data", used.directory)
        if done.returncode != 0:
            assert_refused(done, "a restore into", "was interrupted")
            refused = run("serve", "--data", used.directory, "--listen", "127.0.0.1:0")
            assert_refused(refused, "a restore into", "was interrupted")
            assert f"wrong  data             a restore into {used.directory} was interrupted" in doctor_of(used)
        else:
            assert int(WELL.match(done.stdout)[1]) in (old, new)
        was_done = done.returncode == 0 and int(WELL.match(done.stdout)[1]) == new
        done = restore(used.directory, tmp_path / "backup.db", "--replace")
        assert done.returncode == 0, done.stderr
        kept = re.search(r"kept as (\S+)\.\n", done.stderr)[1]
        assert revision_of_file(kept) == (new if was_done else old), "what was there is lost"
        assert revision_of_file(kept_as(used.directory, 1)) == old
        assert assert_well("--data", used.directory)[0] == new
        assert not {"orgkeys.db.restored", "orgkeys.db.restoring"} & set(names_in(used.directory))
    assert 0 < killed < MANY - 1 and assert_well("--data", used.directory)[0] == new
    used.start()
    assert newest not in {one["id"] for one in Api(used.base_url, used.admin_key).all("/projects")}


def doctor_of(server):
    return run("doctor", "--data", server.directory).stdout


def kill_at(call, number, directory, source):
    """Whether the restore made so many of these calls."""
    done = subprocess.run(
        ["strace", "-o", "/dev/null", "-e", f"trace={call}", "-e", f"inject={call}:signal=KILL:when={number}",
         "--signal=none", binary(), "restore", "--data", directory, "--from", source, "--replace"],
        env=environment(LEAKS_UNSEEN),
        stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60,
    )
    assert done.returncode in (0, -signal.SIGKILL, 128 + signal.SIGKILL), done.stderr
    return done.returncode != 0
