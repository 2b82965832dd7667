"""`orgkeys doctor` finds what is wrong and says what to mend."""

import re
import shutil
import sqlite3
import time
from email.utils import formatdate

import pytest

from liar import Liar, reply
from support.server import run
from terminal import environment


def doctor(directory, base_url=None, key=None, **env):
    """Its exit status, and its lines as (verdict, what, detail)."""
    done = run("doctor", "--data", directory, env={**environment(base_url, key), **env})
    assert done.stderr == ""
    lines = [re.fullmatch(r"(ok|note|wrong) +(\S+(?: key)?) +(\S.*)", line).groups() for line in done.stdout.splitlines()]
    return done.returncode, lines


def wrong(lines):
    return [(what, detail) for verdict, what, detail in lines if verdict == "wrong"]


@pytest.fixture
def own(fresh_server):
    return fresh_server()


def test_all_is_well(own):
    status, lines = doctor(own.directory, own.base_url, own.admin_key)
    assert status == 0 and wrong(lines) == []
    assert {"data", "files", "schema", "clock", "server", "admin key"} <= {what for _, what, _ in lines}
    assert ("note", "files") in [line[:2] for line in lines]  # the first key is still in its file
    own.stop()
    before = sorted(path.name for path in own.directory.iterdir())
    status, lines = doctor(own.directory, own.base_url, own.admin_key)
    assert status == 1 and [what for what, _ in wrong(lines)] == ["server"]
    assert "ok" in [verdict for verdict, what, _ in lines if what == "schema"]
    assert sorted(path.name for path in own.directory.iterdir()) == before, "it leaves nothing behind"


def test_what_the_detail_says_mends_it(own):
    own.directory.chmod(0o755)
    (own.directory / "lock").chmod(0o644)
    status, lines = doctor(own.directory, own.base_url, own.admin_key)
    mend = [re.search(r": chmod (\d+) (\S+)$", detail) for _, detail in wrong(lines)]
    assert status == 1 and len(mend) == 2
    for command in mend:
        (own.directory.parent / command[2]).chmod(int(command[1], 8))
    assert wrong(doctor(own.directory, own.base_url, own.admin_key)[1]) == []


def test_variables_that_are_not_set(own):
    status, lines = doctor(own.directory)
    assert status == 1 and [what for what, _ in wrong(lines)] == ["OPENAI_ADMIN_KEY", "OPENAI_BASE_URL"]
    assert all("export" in detail for _, detail in wrong(lines))


def test_a_key_that_is_refused(own):
    status, lines = doctor(own.directory, own.base_url, "sk-admin-of-another-server")
    assert status == 1 and [what for what, _ in wrong(lines)] == ["admin key"] and "recover" in wrong(lines)[0][1]


def test_a_base_url_without_v1(own):
    _, lines = doctor(own.directory, own.base_url.removesuffix("/v1"), own.admin_key)
    assert ("OPENAI_BASE_URL", f"is {own.base_url.removesuffix('/v1')}: it should end in /v1") in wrong(lines)


@pytest.mark.parametrize(("seconds", "word"), [(3600, "behind"), (-3600, "ahead")])
def test_clocks_that_disagree(tmp_path, seconds, word):
    date = formatdate(time.time() + seconds, usegmt=True)
    with Liar(reply('{"data":[]}', Date=date)) as liar:
        status, lines = doctor(tmp_path / "none", liar.base_url, "sk-admin-x")
    ((what, detail),) = wrong(lines)
    assert status == 1 and what == "clock" and word in detail and "NTP" in detail


def test_a_server_that_is_not_ready_and_says_more_than_it_should(tmp_path):
    replies = [reply("{}"), reply('{"status":"stale"}', "503 Service Unavailable"),
               reply('{"error":{"message":"a\\u001b[31mb"}}', "500 Internal Server Error")]
    with Liar(*replies) as liar:
        _, lines = doctor(tmp_path / "none", liar.base_url, "sk-admin-x")
    assert [what for what, _ in wrong(lines)] == ["server", "admin key"]


def test_a_newer_and_an_older_schema(own, tmp_path):
    own.stop()
    for change, verdict, word in [("+ 1", "wrong", "newer"), ("- 1", "note", "older")]:
        copy = tmp_path / word
        shutil.copytree(own.directory, copy)
        with sqlite3.connect(copy / "orgkeys.db") as database:
            database.execute(f"UPDATE schema_migrations SET number = number {change}")
        database.close()
        _, lines = doctor(copy)
        assert [(v, word in detail) for v, what, detail in lines if what == "schema"] == [(verdict, True)]


def test_files_that_are_no_database(own):
    own.stop()
    (own.directory / "orgkeys.db").write_text("garbage " * 1000)
    _, lines = doctor(own.directory)
    assert "schema" in [what for what, _ in wrong(lines)]


def test_wrong_configuration_is_told_first(tmp_path):
    file = tmp_path / "orgkeys.conf"
    file.write_text("listne = 127.0.0.1:1\n")
    done = run("doctor", "--config", file)
    assert done.returncode == 2 and f"{file}:1:" in done.stderr
    file.write_text("listen = 127.0.0.1:1\n")
    assert str(file) in run("doctor", "--config", file, "--data", tmp_path / "none").stdout
