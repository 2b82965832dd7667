"""The commands `orgkeys backup`, `restore` and `check`, and what is asked of them."""

import contextlib
import re
import sqlite3
import stat

import httpx

from support.plain import PLAIN
from support.secret_values import SECRETS
from support.server import run

CONTENT = re.compile(r"revision (\d+), (\d+) organizations?, (\d+) project keys?, (\d+) admin keys?\n")
WELL = re.compile(r"all is well: revision (\d+), (\d+) project keys?, (\d+) admin keys?, as a server would know them")
LEAKS_UNSEEN = {"ASAN_OPTIONS": "detect_leaks=0"}  # of a process that became another user's, or is traced


def backup(server, target):
    return backup_of(server.directory, target)


def backup_of(directory, target):
    done = run("backup", "--data", directory, "--to", target)
    assert done.returncode == 0 and done.stderr == "", done.stderr
    return done.stdout


def restore(directory, source, *options, **keywords):
    return run("restore", "--data", directory, "--from", source, *options, **keywords)


def check(*options, **keywords):
    return run("check", *options, **keywords)


def assert_well(*options, **keywords):
    done = check(*options, **keywords)
    assert done.returncode == 0 and done.stderr == "", done.stdout + done.stderr
    return tuple(map(int, WELL.match(done.stdout).groups()))


def assert_refused(done, *words, status=1):
    assert done.returncode == status, (done.returncode, done.stdout, done.stderr)
    assert done.stdout == ""
    last = done.stderr.splitlines()[-1]
    assert last.startswith("orgkeys: ") and all(word in last for word in words), done.stderr


def lets_in(server, value):
    reply = httpx.get(
        f"{server.url}/auth", headers={"Authorization": f"Bearer {SECRETS.add(value)}"}, timeout=60, verify=PLAIN
    )
    assert reply.status_code in (200, 204, 401), reply.text
    return reply.status_code != 401


def mode_of(path):
    return stat.S_IMODE(path.stat().st_mode)


def names_in(directory):
    return sorted(path.name for path in directory.iterdir())


def sql(directory, text):
    with contextlib.closing(sqlite3.connect(directory / "orgkeys.db")) as database:
        database.executescript(text)


def revision_of(directory):
    return revision_of_file(directory / "orgkeys.db")


def revision_of_file(path):
    done = check("--file", path)
    return int(WELL.match(done.stdout)[1]) if done.returncode == 0 else None


def kept_as(directory, number):
    return directory / f"orgkeys.db.replaced-{number}"


def spoil_newer(path):
    with contextlib.closing(sqlite3.connect(path)) as database, database:
        database.execute("INSERT INTO schema_migrations VALUES (1000000, 0)")


def spoil_page(path):
    content = bytearray(path.read_bytes())
    page = root_page(path, "projects")
    content[(page - 1) * 4096 : page * 4096] = bytes(range(256)) * 16
    path.write_bytes(content)


def root_page(path, name):
    with contextlib.closing(sqlite3.connect(f"file:{path}?immutable=1", uri=True)) as database:
        assert database.execute("PRAGMA page_size").fetchone() == (4096,)
        return database.execute("SELECT rootpage FROM sqlite_master WHERE name = ?", (name,)).fetchone()[0]
