"""Where the database was lost, no server makes a new organization in its place."""

import contextlib
import sqlite3

import pytest

from support.api import Api
from support.server import Server, run

pytestmark = pytest.mark.sqlite(reason="it is about the files of a directory")


def content(directory):
    return {path.name: path.read_bytes() for path in directory.iterdir() if path.name != "lock"}


@pytest.fixture
def lost(fresh_server):
    """What a server leaves that was killed: a database, its log, and the first key."""
    server = fresh_server()
    api = Api(server.base_url, server.admin_key)
    api.post("/projects", {"name": "chat"})
    api.close()
    server.kill9()
    assert (server.directory / "orgkeys.db-wal").stat().st_size > 0
    return server


@pytest.mark.parametrize("how", ["empty", "missing"])
@pytest.mark.parametrize(
    "left", ["orgkeys.db-wal", "first-admin-key", "orgkeys.db.replaced-20261122T153133Z", "orgkeys.db.restoring"]
)
def test_what_is_left_of_a_lost_database_is_left_alone(lost, how, left):
    directory = lost.directory
    (directory / "orgkeys.db").rename(directory / "kept")
    for path in directory.iterdir():
        if path.name not in ("lock", "kept", left):
            path.unlink()
    if left not in content(directory):
        (directory / left).write_bytes(b"what it was")
    if how == "empty":
        (directory / "orgkeys.db").touch(mode=0o600)
    before = content(directory)
    for command in ("serve", "recover", "check", "doctor"):
        done = run(command, "--data", directory)
        said = done.stdout if command == "doctor" else done.stderr
        assert done.returncode == 1 and content(directory) == before, command
        if how == "empty" or command in ("serve", "doctor"):
            assert f"orgkeys.db is {how}, but {left} is there: restore a backup" in said, command
    for path in directory.iterdir():
        path.rename(directory.parent / path.name)
    Server(directory).start().stop()


def test_a_backup_is_put_into_a_directory_that_lost_its_database(fresh_server, tmp_path):
    server = fresh_server()
    backup = tmp_path / "backup.db"
    assert run("backup", "--data", server.directory, "--to", backup).returncode == 0
    server.kill9()
    (server.directory / "orgkeys.db").unlink()
    assert run("restore", "--data", server.directory, "--from", backup, "--replace").returncode == 0
    key = server.admin_key
    server.start()
    assert server.admin_key == key
    server.stop()


def test_another_programs_database_gets_no_tables_of_ours(tmp_path):
    directory = tmp_path / "data"
    directory.mkdir(mode=0o700)
    file = directory / "orgkeys.db"
    with contextlib.closing(sqlite3.connect(file)) as database, database:
        database.execute("CREATE TABLE notes (text)")
    file.chmod(0o600)
    before = file.read_bytes()
    for command in ("serve", "recover", "doctor"):
        done = run(command, "--data", directory)
        assert done.returncode == 1 and "another program's database: give another --data" in done.stdout + done.stderr
        assert file.read_bytes() == before, command
