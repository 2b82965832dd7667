"""`orgkeys doctor` finds what is wrong and says what to mend."""

import contextlib
import pwd
import re
import shutil
import sqlite3
import subprocess
import time
from email.utils import formatdate

import pytest

from liar import Liar, reply
from support.postgres import Postgres, Standby
from support.secret_values import SECRETS
from support.server import Server, run
from support.small_disk import run_where_mounting_is_allowed, small_disk
from support.tls import expire, make_certificates
from terminal import environment, orgkeys


def doctor(directory, base_url=None, key=None, *flags, **env):
    """Its exit status, and its lines as (verdict, what, detail)."""
    done = run("doctor", "--data", directory, *flags, env={**environment(base_url, key), **env})
    assert done.stderr == ""
    SECRETS.assert_absent(done.stdout, "what the doctor says")
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


def test_variables_that_are_not_set(own, tmp_path):
    """Beside a server they need not be."""
    status, lines = doctor(own.directory)
    assert status == 0 and wrong(lines) == []
    told = [
        (what, detail.replace(str(own.directory), "DATA"))
        for verdict, what, detail in lines
        if verdict == "note" and what.startswith("OPENAI_")
    ]
    status, lines = doctor(tmp_path / "none")
    assert status == 1 and wrong(lines) == told
    assert [what for what, _ in told] == ["OPENAI_ADMIN_KEY", "OPENAI_BASE_URL"]
    assert all("export" in detail for _, detail in told)


def test_hints_have_the_places_of_the_server(own):
    _, lines = doctor(own.directory, None, None, "--listen", own.url.removeprefix("http://"))
    told = {what: detail for _, what, detail in lines}
    assert f"export OPENAI_ADMIN_KEY=$(cat {own.directory}/first-admin-key)," in told["OPENAI_ADMIN_KEY"]
    assert f"`orgkeys recover --data {own.directory}`" in told["OPENAI_ADMIN_KEY"]
    assert told["OPENAI_BASE_URL"].endswith(f"export OPENAI_BASE_URL={own.base_url}")


def test_the_internal_address_is_asked_whether_it_is_ready(fresh_server):
    own = fresh_server("--internal-listen", "127.0.0.1:0")
    flags = ("--internal-listen", own.internal_url.removeprefix("http://"))
    status, lines = doctor(own.directory, own.base_url, own.admin_key, *flags)
    assert status == 0 and ("ok", "internal", f"{own.internal_url} is ready") in lines
    assert ("ok", "server", "runs") in lines
    own.stop()
    status, lines = doctor(own.directory, None, None, *flags)
    ((what, detail),) = wrong(lines)
    assert status == 1 and what == "internal" and own.internal_url in detail


@pytest.mark.parametrize("key", ["sk-admin-of-another-server", "two words"])
def test_what_to_do_next_is_what_other_commands_say(own, key):
    status, lines = doctor(own.directory, own.base_url, key)
    ((what, detail),) = wrong(lines)
    said = orgkeys("projects list", server=own, key=key, expect=None).error
    assert status == 1 and what == "admin key"
    if "request req_" in said:
        reason, _, advice = said.removeprefix("orgkeys: ").partition(" (HTTP 401")
        assert detail == f"{reason} {advice.partition(chr(10))[2].strip()}" and "recover" in detail
    else:
        assert "visible ASCII" in said and "visible ASCII" in detail


def test_variables_that_are_too_long(own):
    _, lines = doctor(own.directory, f"http://{'x' * 8200}/v1", "sk-admin-x")
    assert wrong(lines) == [("variables", "OPENAI_ADMIN_KEY or OPENAI_BASE_URL is too long")]


def test_nobody_listens(tmp_path):
    _, lines = doctor(tmp_path / "none", "http://127.0.0.1:9/v1", "sk-admin-x")
    ((what, detail),) = wrong(lines)
    assert what == "server" and "Is the server running at http://127.0.0.1:9/v1? `orgkeys serve` starts one" in detail
    assert "orgkeys doctor" not in detail and "--base-url" not in detail


def test_a_certificate_of_a_private_authority(tmp_path):
    made = make_certificates(tmp_path)
    both = tmp_path / "both.pem"
    both.write_text(made.key.read_text() + made.certificate.read_text())
    with Liar(reply('{"status":"ok"}'), reply("{}"), reply('{"data":[]}'), certificate=both) as liar:
        status, lines = doctor(tmp_path / "none", liar.base_url, "sk-admin-x", "--ca-file", made.authority)
        assert status == 0 and ("ok", "admin key", "is accepted") in lines
        _, lines = doctor(tmp_path / "none", liar.base_url, "sk-admin-x")
        assert [what for what, _ in wrong(lines)] == ["server"] and "certificate" in wrong(lines)[0][1]


OTHERS = {
    "404": reply("<html>", "404 Not Found"),
    "a page": reply("<html>hello</html>"),
    "JSON": reply('["ok"]'),
    "another health": reply('{"status":{"status":"ok"}}'),
    "nothing": reply(""),
}


@pytest.mark.parametrize("other", OTHERS)
def test_another_server_is_no_orgkeys(tmp_path, other):
    """OpenAI's, which has no /healthz, or a proxy that passes on /v1 alone."""
    with Liar(OTHERS[other], reply('{"data":[]}')) as liar:
        status, lines = doctor(tmp_path / "none", liar.base_url, "sk-admin-x")
    assert status == 0 and [what for verdict, what, _ in lines if verdict == "note"] == ["data", "server"]
    with Liar(OTHERS[other]) as liar:
        status, lines = doctor(tmp_path / "none", liar.base_url, "sk-admin-x")
    ((what, detail),) = wrong(lines)
    assert status == 1 and what == "admin key" and "the base URL" in detail


@pytest.mark.parametrize("answer", [b"SSH-2.0-OpenSSH_9.2\r\n", b"", b"\0" * 100, reply("{}", "500 Oops")])
def test_garbage_is_no_server(tmp_path, answer):
    with Liar(answer) as liar:
        status, lines = doctor(tmp_path / "none", liar.base_url, "sk-admin-x")
    assert status == 1 and "server" in [what for what, _ in wrong(lines)]


def test_a_base_url_without_v1(own):
    _, lines = doctor(own.directory, own.base_url.removesuffix("/v1"), own.admin_key)
    assert ("OPENAI_BASE_URL", f"is {own.base_url.removesuffix('/v1')}: it should end in /v1") in wrong(lines)


@pytest.mark.parametrize(("seconds", "word"), [(3600, "behind"), (-3600, "ahead")])
def test_clocks_that_disagree(tmp_path, seconds, word):
    date = formatdate(time.time() + seconds, usegmt=True)
    with Liar(reply('{"status":"ok","data":[]}', Date=date)) as liar:
        status, lines = doctor(tmp_path / "none", liar.base_url, "sk-admin-x")
    ((what, detail),) = wrong(lines)
    assert status == 1 and what == "clock" and word in detail and "NTP" in detail


def test_a_server_that_is_not_ready_and_says_more_than_it_should(tmp_path):
    replies = [reply('{"status":"ok"}'), reply('{"status":"stale"}', "503 Service Unavailable"),
               reply('{"error":{"message":"a\\u001b[31mb"}}', "500 Internal Server Error")]
    with Liar(*replies) as liar:
        _, lines = doctor(tmp_path / "none", liar.base_url, "sk-admin-x")
    assert [what for what, _ in wrong(lines)] == ["server", "admin key"]


@pytest.mark.parametrize(("admin", "database", "word"), [("false", "false", "can change nothing"), ("true", "false", "from memory")])
def test_a_server_that_answers_checks_alone(tmp_path, admin, database, word):
    ready = f'{{"status":"ready","admin":{admin},"database":{database}}}'
    with Liar(reply('{"status":"ok"}'), reply(ready), reply('{"data":[]}')) as liar:
        status, lines = doctor(tmp_path / "none", liar.base_url, "sk-admin-x")
    ((what, detail),) = wrong(lines)
    assert status == 1 and what == "server" and word in detail


def test_the_disk_and_the_owner_of_the_data_are_told(own):
    _, lines = doctor(own.directory)
    told = {what: (verdict, detail) for verdict, what, detail in lines}
    assert told["disk"][0] == "ok" and re.search(r" \d+ MiB left$", told["disk"][1])
    assert told["pages"][0] == "ok" and "`orgkeys check` looks at everything" in told["pages"][1]
    owner = pwd.getpwuid(own.directory.stat().st_uid).pw_name
    assert any(re.search(rf"\b{owner}\b", detail) for _, what, detail in lines if what == "data")


def test_a_disk_that_is_nearly_full_or_read_only(request, own, tmp_path):
    def check():
        with small_disk(tmp_path / "disk", "16M") as disk:
            data = disk / "data"
            shutil.copytree(own.directory, data)
            ((what, detail),) = wrong(doctor(data)[1])
            assert what == "disk" and re.search(r" 1\d MiB left: free some", detail)
            subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
            ((what, detail),) = wrong(doctor(data)[1])
            assert what == "disk" and "read-only" in detail

    own.stop()
    run_where_mounting_is_allowed(request, check)


def test_damage_that_the_schema_does_not_show(own):
    own.stop()
    with contextlib.closing(sqlite3.connect(own.directory / "orgkeys.db")) as database:
        page = database.execute("SELECT rootpage FROM sqlite_schema WHERE name = 'projects_active'").fetchone()[0]
        size = database.execute("PRAGMA page_size").fetchone()[0]
    content = bytearray((own.directory / "orgkeys.db").read_bytes())
    content[(page - 1) * size : page * size] = bytes(size)
    (own.directory / "orgkeys.db").write_bytes(content)
    ((what, detail),) = wrong(doctor(own.directory)[1])
    assert what == "pages" and "restore a backup" in detail


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
    database = own.directory / "orgkeys.db"
    content = database.read_bytes()
    for damaged in (b"garbage " * 1000, content[:4096] + bytes(len(content) - 4096), content[: len(content) // 2]):
        database.write_bytes(damaged)
        _, lines = doctor(own.directory)
        ((what, detail),) = wrong(lines)
        assert what == "schema" and str(database) in detail and "restore a backup" in detail
    database.write_bytes(b"")
    ((what, detail),) = wrong(doctor(own.directory)[1])
    assert what == "data" and "orgkeys.db is empty" in detail and "restore a backup" in detail
    for name in ("first-admin-key", "first-password-link"):
        (own.directory / name).unlink()
    ((what, detail),) = wrong(doctor(own.directory)[1])
    assert what == "schema" and "its next start mends it" in detail
    own.start()


@pytest.mark.parametrize("database", ["is there", "is not there"])
def test_a_restore_that_was_interrupted(own, database):
    own.stop()
    (own.directory / "orgkeys.db").rename(own.directory / "orgkeys.db.restored")
    if database == "is there":
        shutil.copy(own.directory / "orgkeys.db.restored", own.directory / "orgkeys.db")
    ((what, detail),) = wrong(doctor(own.directory)[1])
    assert what == "data" and f"a restore into {own.directory} was interrupted" in detail
    command = re.search("run `(.*)` again, with any backup or with (--from .*), which is whole", detail)
    done = run(*command[1].split()[1:], "--data", own.directory, *command[2].split())
    assert done.returncode == 0, done.stderr
    assert wrong(doctor(own.directory)[1]) == []


def test_data_that_is_no_directory(tmp_path):
    file = tmp_path / "file"
    file.write_text("x")
    file.chmod(0o600)
    told = [(what, detail) for what, detail in wrong(doctor(file)[1]) if not what.startswith("OPENAI_")]
    assert told == [("data", f"{file} is no directory: --data names the one with the files")]


def test_wrong_configuration_is_told_first(tmp_path):
    file = tmp_path / "orgkeys.conf"
    file.write_text("listne = 127.0.0.1:1\n")
    done = run("doctor", "--config", file)
    assert done.returncode == 2 and f"{file}:1:" in done.stderr and "did you mean listen?" in done.stderr
    file.write_text("listen = 127.0.0.1:1\n")
    assert str(file) in run("doctor", "--config", file, "--data", tmp_path / "none").stdout


# ---- Passwords, PostgreSQL

PASSWORD = SECRETS.add("APasswordOfADatabase0123456789")


@pytest.fixture(scope="module")
def postgres():
    with Postgres(password=PASSWORD) as postgres:
        yield postgres


def looked_at(url, tmp_path, *flags, **env):
    """What is said of the database, with nothing else around."""
    status, lines = doctor(tmp_path / "none", None, None, *flags, ORGKEYS_DATABASE_URL=url, **env)
    return status, [line for line in lines if line[1] in ("database", "schema", "password")]


def with_password(url):
    return url.replace("orgkeys@", f"orgkeys:{PASSWORD}@")


def content_of(postgres, database):
    """Of a dump, without the word that pg_dump makes up for each."""
    return re.sub(r"^\\(un)?restrict .*$", "", postgres.copy(database), flags=re.M)


@pytest.mark.parametrize(
    ("mode", "verdict", "word"), [(0o600, "ok", "only its owner"), (0o640, "note", "group"), (0o644, "wrong", "everybody")]
)
def test_who_can_read_a_password_in_a_file(tmp_path, mode, verdict, word):
    file = tmp_path / "orgkeys.conf"
    file.write_text(f"# of a node\ndatabase = postgresql://orgkeys:{PASSWORD}@127.0.0.1:9/none\n")
    file.chmod(mode)
    _, lines = doctor(tmp_path / "none", None, None, "--config", file)
    ((told, detail),) = [(verdict, detail) for verdict, what, detail in lines if what == "password"]
    assert told == verdict and word in detail and str(file) in detail
    assert ("chmod 600" in detail) == (mode != 0o600)
    file.write_text("database = postgresql://orgkeys@127.0.0.1:9/none\n")
    _, lines = doctor(tmp_path / "none", None, None, "--config", file)
    assert "password" not in [what for _, what, _ in lines]


def test_a_passfile_that_libpq_would_leave_out(tmp_path, postgres):
    server = Server(tmp_path / "data", env={"ORGKEYS_DATABASE_URL": with_password(postgres.create_database("passfile"))})
    server.start()
    server.stop()
    passfile = tmp_path / "pass file"
    url = postgres.url("passfile", passfile=str(passfile).replace(" ", "%20"))
    assert ("wrong", "password", f"the passfile {passfile} cannot be read: No such file or directory") in looked_at(url, tmp_path)[1]
    passfile.write_text(f"*:*:*:*:{PASSWORD}\n")
    passfile.chmod(0o600)
    good = looked_at(url, tmp_path)[1]
    assert [verdict for verdict, _, _ in good] == ["ok"] * 3
    assert looked_at(postgres.url("passfile"), tmp_path, PGPASSFILE=str(passfile))[1] == good
    passfile.chmod(0o640)
    done = run("doctor", "--data", tmp_path / "none", env={**environment(), "ORGKEYS_DATABASE_URL": url})
    assert f"others can read the passfile {passfile}, so libpq leaves it out: chmod 600" in done.stdout
    assert done.returncode == 1 and PASSWORD not in done.stdout + done.stderr


def test_a_database_is_looked_at_and_left_as_it_is(tmp_path, postgres):
    url = with_password(postgres.create_database("looked_at"))
    empty = content_of(postgres, "looked_at")
    status, lines = looked_at(url, tmp_path)
    assert status == 0 and [line[:2] for line in lines] == [("ok", "database"), ("note", "schema")]
    version = postgres.psql("SHOW server_version")
    assert lines[0][2] == f"PostgreSQL {version} is reached at 127.0.0.1:{postgres.port}: looked_at, as orgkeys"
    assert content_of(postgres, "looked_at") == empty
    server = Server(tmp_path / "data", env={"ORGKEYS_DATABASE_URL": url}).start()
    status, lines = looked_at(url, tmp_path)
    assert status == 0 and re.fullmatch(r"version \d+, this program's", lines[1][2])
    server.stop()
    before = content_of(postgres, "looked_at")
    for change, verdict, word in [("+ 1", "wrong", "newer"), ("- 2", "note", "older")]:
        postgres.psql(f"UPDATE schema_migrations SET number = number {change}", "looked_at")
        status, lines = looked_at(url, tmp_path)
        assert (lines[1][0], word in lines[1][2], status) == (verdict, True, int(verdict == "wrong"))
    postgres.psql("UPDATE schema_migrations SET number = number + 1", "looked_at")
    assert content_of(postgres, "looked_at") == before
    postgres.psql("ALTER DATABASE looked_at SET default_transaction_read_only = on")
    status, lines = looked_at(url, tmp_path)
    assert status == 1 and ("wrong", "database") in [line[:2] for line in lines] and "read-only" in lines[1][2]
    assert lines[2][:2] == ("ok", "schema")


def test_a_database_that_is_not_reached(tmp_path, postgres):
    status, lines = looked_at(with_password(postgres.url("no_such_database")), tmp_path)
    assert status == 1 and lines[0][:2] == ("wrong", "database") and "no_such_database" in lines[0][2]
    assert "createdb --owner=" in lines[0][2]
    status, lines = looked_at(f"postgresql://orgkeys:{PASSWORD}x@127.0.0.1:{postgres.port}/postgres", tmp_path)
    assert status == 1 and "password authentication failed" in lines[0][2] and "mend the password" in lines[0][2]
    status, lines = looked_at(postgres.url(), tmp_path)
    assert status == 1 and "no password supplied" in lines[0][2] and "passfile" in lines[0][2]
    postgres.stop()
    status, lines = looked_at(with_password(postgres.url()), tmp_path)
    postgres.start()
    assert status == 1 and len(lines) == 1 and "Connection refused: start PostgreSQL there" in lines[0][2]


def test_a_role_that_may_do_nothing_there(tmp_path, postgres):
    postgres.psql(f"CREATE ROLE lodger LOGIN PASSWORD '{PASSWORD}'")
    url = with_password(postgres.create_database("rented")).replace("orgkeys:", "lodger:")
    _, lines = looked_at(url, tmp_path)
    assert ("wrong", "database", 'the role may make no tables there: ALTER DATABASE "rented" OWNER TO "lodger"') in lines
    postgres.psql('ALTER DATABASE "rented" OWNER TO "lodger"')
    assert [line[0] for line in looked_at(url, tmp_path)[1]] == ["ok", "note"]
    Server(tmp_path / "data", env={"ORGKEYS_DATABASE_URL": with_password(postgres.url("rented"))}).start().stop()
    _, lines = looked_at(url, tmp_path)
    assert "permission denied" in lines[-1][2] and "must own the database" in lines[-1][2]


def test_a_standby(tmp_path):
    with Postgres() as primary, Standby(primary, primary.port) as standby:
        status, lines = looked_at(standby.url(), tmp_path)
        assert status == 1 and [line[0] for line in lines] == ["ok", "wrong", "note"]
        assert "target_session_attrs=read-write" in lines[1][2]
        status, lines = looked_at(standby.url(target_session_attrs="read-write"), tmp_path)
        assert status == 1 and len(lines) == 1 and "promote a standby" in lines[0][2]


def tls_flags(made):
    return ("--tls-cert", made.certificate, "--tls-key", made.key)


def about_tls(directory, *flags):
    return [(verdict, detail) for verdict, what, detail in doctor(directory, None, None, *flags)[1] if what == "TLS"]


def test_a_certificate_that_is_good(own, tmp_path):
    made = make_certificates(tmp_path, days=90)
    ((verdict, detail),) = about_tls(own.directory, *tls_flags(made))
    assert verdict == "ok" and re.fullmatch("certificate and key fit, for another (89|90) days", detail)
    for host in ("localhost:8443", "127.0.0.1"):
        assert len(about_tls(own.directory, *tls_flags(made), "--public-url", f"https://{host}")) == 1
    for host in ("keys.example.com", "127.0.0.2:8443", "[::1]:8443"):
        _, (verdict, detail) = about_tls(own.directory, *tls_flags(made), "--public-url", f"https://{host}")
        name = host.partition(":8443")[0]
        assert verdict == "note" and f"is not for {name}, the host of --public-url" in detail
    assert about_tls(own.directory) == [], "without a certificate there is nothing to say"
    plain = about_tls(own.directory, *tls_flags(made), "--public-url", "http://keys.example.com")
    assert [verdict for verdict, _ in plain] == ["ok"], "a proxy may have TLS of its own, or none"


def test_a_certificate_that_ends(own, tmp_path):
    made = make_certificates(tmp_path, days=13)
    ((verdict, detail),) = about_tls(own.directory, *tls_flags(made))
    assert verdict == "note" and re.search("expires in 1[23] days", detail) and "reload" in detail
    expire(made)
    ((verdict, detail),) = about_tls(own.directory, *tls_flags(made))
    assert verdict == "wrong" and "has expired" in detail and "reload" in detail


def test_a_certificate_that_is_of_no_use(own, tmp_path):
    made = make_certificates(tmp_path)
    (tmp_path / "other").mkdir()
    other = make_certificates(tmp_path / "other")
    cases = [
        ((made.certificate, other.key), "key values mismatch"),
        ((tmp_path / "none.pem", made.key), "No such file"),
        ((made.key, made.key), "of no use"),
    ]
    for (certificate, key), words in cases:
        ((verdict, detail),) = about_tls(own.directory, "--tls-cert", certificate, "--tls-key", key)
        assert verdict == "wrong" and words in detail and "does not start" in detail
