"""`orgkeys backup`, `restore` and `check`: of a server that runs, is stopped, or was killed."""

import contextlib
import os
import pwd
import re
import shutil
import signal
import sqlite3
import stat
import subprocess
import tempfile
from pathlib import Path

import httpx
import pytest

from support.api import Api, unique
from support.commands import create_organization
from support.postgres import Postgres
from support.secret_values import SECRETS
from support.server import Server, binary, environment, run
from support.wait import wait_until
from test_durability import Storm, working_account

pytestmark = pytest.mark.sqlite(reason="PostgreSQL has tools of its own; what is about it is here too")

CONTENT = re.compile(r"revision (\d+), (\d+) organizations?, (\d+) project keys?, (\d+) admin keys?\n")
WELL = re.compile(r"all is well: revision (\d+), (\d+) project keys?, (\d+) admin keys?, as a server would know them")


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
    reply = httpx.get(f"{server.url}/auth", headers={"Authorization": f"Bearer {SECRETS.add(value)}"})
    assert reply.status_code in (200, 204, 401), reply.text
    return reply.status_code != 401


def mode_of(path):
    return stat.S_IMODE(path.stat().st_mode)


def names_in(directory):
    return sorted(path.name for path in directory.iterdir())


@pytest.fixture
def used(fresh_server):
    """A running server with a key, and the key."""
    server = fresh_server()
    api, project, account = working_account(server)
    made = api.account_key(project, account)
    server.api, server.path = api, f"/projects/{project}/api_keys"
    server.made = made
    return server


@pytest.fixture(scope="module")
def template(tmp_path_factory):
    """The directory of a stopped server with keys, an account and an invite."""
    server = Server(tmp_path_factory.mktemp("template") / "data").start()
    api, project, account = working_account(server)
    api.account_key(project, account)
    api.invite(projects=[{"id": api.default_project()["id"], "role": "member"}])
    server.stop()
    return server.directory


@pytest.fixture
def stopped(template, tmp_path):
    """A copy of it, to spoil."""
    return Path(shutil.copytree(template, tmp_path / "data"))


@pytest.fixture
def nobody():
    """Another user, where root may be one."""
    return pwd.getpwnam("nobody").pw_uid if os.geteuid() == 0 else os.geteuid()


@pytest.fixture
def common():
    """A folder that other users reach."""
    with tempfile.TemporaryDirectory() as path:
        os.chmod(path, 0o755)
        yield Path(path)


as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can be another user")
LEAKS_UNSEEN = {"ASAN_OPTIONS": "detect_leaks=0"}  # of a process that became another user's, or is traced


def give(path, owner):
    for one in (path, *path.iterdir()):
        os.chown(one, owner, -1, follow_symlinks=False)


# --- back up, and restore


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
    done = restore(stopped, tmp_path / "backup.db", "--replace", timeout=30)
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


def kept_as(directory, number):
    return directory / f"orgkeys.db.replaced-{number}"


def test_a_copy_of_the_directory_is_restored_too(used, tmp_path):
    """With its log, which `cp -a` of a stopped server may have."""
    used.kill9()
    copy = tmp_path / "copy"
    shutil.copytree(used.directory, copy)
    (copy / "orgkeys.db-shm").unlink()
    done = restore(tmp_path / "again", copy / "orgkeys.db")
    assert done.returncode == 0 and CONTENT.search(done.stdout)[3] == "1"


def test_a_long_backup_costs_no_sync_of_the_database_with_each_commit(used, tmp_path):
    """Its snapshot keeps the server from copying its log: what was synced once need not be again."""
    log = used.directory / "orgkeys.db-wal"
    trace = tmp_path / "trace"
    reader = sqlite3.connect(f"file:{used.directory}/orgkeys.db?mode=ro", uri=True, isolation_level=None)
    with contextlib.closing(reader):
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM projects").fetchone()
        while log.stat().st_size < 4200 * 4120:
            used.api.project()
        with subprocess.Popen(
            ["strace", "-f", "-y", "-o", trace, "-e", "trace=fsync,fdatasync", "-p", str(used.pid)],
            stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
        ) as strace:
            assert "attached" in strace.stderr.readline()
            for _ in range(20):
                used.api.project()
            strace.send_signal(signal.SIGINT)
            strace.communicate(timeout=60)
    synced = re.findall(r"sync\(\d+<[^>]*/(orgkeys\.db(?:-wal)?)>", trace.read_text())
    assert synced.count("orgkeys.db-wal") >= 20 and synced.count("orgkeys.db") <= 1, synced


# --- what is refused


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


def spoil_newer(path):
    with contextlib.closing(sqlite3.connect(path)) as database, database:
        database.execute("INSERT INTO schema_migrations VALUES (1000000, 0)")


def spoil_page(path):
    content = bytearray(path.read_bytes())
    page = root_page(path, "projects")
    content[(page - 1) * 4096 : page * 4096] = bytes(range(256)) * 16
    path.write_bytes(content)


def spoil_half(path):
    os.truncate(path, path.stat().st_size // 8192 * 4096)


def root_page(path, name):
    with contextlib.closing(sqlite3.connect(f"file:{path}?immutable=1", uri=True)) as database:
        assert database.execute("PRAGMA page_size").fetchone() == (4096,)
        return database.execute("SELECT rootpage FROM sqlite_master WHERE name = ?", (name,)).fetchone()[0]


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (spoil_text, ["not a database"]),
        (spoil_other, ["no such table: schema_migrations"]),
        (spoil_newer, ["schema 1000000", "needs a newer orgkeys"]),
        (spoil_page, ["damaged"]),
        (spoil_half, ["malformed"]),
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


def test_a_newer_schema_is_refused_in_a_line(stopped, tmp_path):
    spoil_newer(stopped / "orgkeys.db")
    for command in (
        ["serve", "--listen", "127.0.0.1:0"], ["backup", "--to", tmp_path / "b"], ["check"], ["recover"],
    ):
        done = run(command[0], "--data", stopped, *command[1:])
        assert_refused(done, "schema 1000000, this program knows", "it needs a newer orgkeys")
        assert len(done.stderr.splitlines()) == 1


def test_a_damaged_database_makes_no_backup(stopped, tmp_path):
    spoil_page(stopped / "orgkeys.db")
    done = run("backup", "--data", stopped, "--to", tmp_path / "b")
    assert_refused(done, "the database is damaged")
    assert names_in(tmp_path) == ["data"]


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


# --- everything or nothing


@pytest.fixture
def large(stopped):
    """A database that takes a while."""
    rows = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 200000) "
    sql(stopped, f"{rows} INSERT INTO departures SELECT 'user_' || i || hex(randomblob(100)), 'user', 0 FROM n")
    return stopped


def sql(directory, text):
    with contextlib.closing(sqlite3.connect(directory / "orgkeys.db")) as database:
        database.executescript(text)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_backup_that_is_told_to_end_leaves_nothing(large, tmp_path, number):
    process = start_backup(large, tmp_path)
    process.send_signal(number)
    process.send_signal(signal.SIGCONT)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 1 and said == "orgkeys: cannot back up: interrupted\n"
    assert names_in(tmp_path) == ["data"]


def test_a_backup_that_is_killed_harms_nothing(large, tmp_path):
    process = start_backup(large, tmp_path)
    process.kill()
    process.communicate()
    assert not (tmp_path / "b").exists()
    sql(large, "DELETE FROM departures")
    assert_well("--data", large)
    backup_of(large, tmp_path / "b")


MANY_AUDIT_LOGS = """
    WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 300000),
    one AS (SELECT * FROM audit_logs LIMIT 1)
    INSERT INTO audit_logs
    SELECT substr(id, 1, length(id) - 6) || printf('%06d', i), organization_id, type, effective_at, project_id,
    project_name, actor, actor_id, actor_key_id, actor_email, resource_id, detail FROM n, one
"""


def test_a_check_that_is_told_to_end_finds_no_damage(stopped):
    """What it reads after the signal for more than a second is not read to its end."""
    sql(stopped, MANY_AUDIT_LOGS)
    process = subprocess.Popen(
        [binary(), "check", "--data", stopped], env=environment(), stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )
    wait_until(lambda: f"{stopped}/orgkeys.db" in open_files(process.pid), interval=0.001)
    process.send_signal(signal.SIGTERM)
    printed, said = process.communicate(timeout=60)
    assert (process.returncode, printed, said) == (1, "", "orgkeys: cannot check: interrupted\n")


def open_files(pid):
    """Their paths."""
    found = []
    for path in Path(f"/proc/{pid}/fd").iterdir():
        with contextlib.suppress(FileNotFoundError):
            found.append(os.readlink(path))
    return found


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


@pytest.mark.parametrize("command", ["check", "backup"])
def test_a_restore_that_overtakes_is_told(stopped, tmp_path, command):
    """The old database is open, and its log is gone before it was: its newest commits would be missing."""
    backup_of(stopped, tmp_path / "backup.db")
    process = subprocess.Popen(
        ["strace", "-o", "/dev/null", "-f", "-P", stopped / "orgkeys.db", "-e", "trace=openat",
         "-e", "inject=openat:signal=STOP:when=1", binary(), command, "--data", stopped,
         *(["--to", tmp_path / "b"] if command == "backup" else [])],
        env=environment(LEAKS_UNSEEN), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        text=True,
    )
    child = wait_until(lambda: child_with(process.pid, stopped / "orgkeys.db"))  # which then has its signal, too
    try:
        assert restore(stopped, tmp_path / "backup.db", "--replace").returncode == 0
    finally:
        os.kill(child, signal.SIGCONT)
    printed, said = process.communicate(timeout=60)
    assert process.returncode == 1 and printed == "" and "a restore put another database in its place" in said
    assert not (tmp_path / "b").exists()


def child_with(pid, path):
    for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
        if str(path) in open_files(child):
            return int(child)
    return None


def start_backup(directory, tmp_path):
    """Stopped by a signal, with a part of it written."""
    process = subprocess.Popen(
        [binary(), "backup", "--data", directory, "--to", tmp_path / "b"],
        env=environment(), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )
    wait_until(lambda: any(path.stat().st_size > 0 for path in tmp_path.glob("b.*")), interval=0.001)
    process.send_signal(signal.SIGSTOP)
    assert process.poll() is None
    return process


# What a restore does to files, each killed at its n-th call: before, or instead of what it would do.
CALLS = ["fsync", "rename,renameat,renameat2", "link,linkat", "unlink,unlinkat"]


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
    while True:
        shutil.rmtree(used.directory, ignore_errors=True)
        shutil.copytree(original, used.directory)
        if not kill_at(call, killed + 1, used.directory, tmp_path / "backup.db"):
            break
        killed += 1
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
    assert killed > 0 and assert_well("--data", used.directory)[0] == new
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


def revision_of(directory):
    return revision_of_file(directory / "orgkeys.db")


def revision_of_file(path):
    done = check("--file", path)
    return int(WELL.match(done.stdout)[1]) if done.returncode == 0 else None


# --- what a check finds


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
