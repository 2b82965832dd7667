"""A disk without space: callers read 507 or 503, the log says it once, and it passes without a restart."""

import contextlib
import itertools
import re
import subprocess
from datetime import datetime, timedelta

import httpx
import openai
import pytest

from support import commands
from support.api import Api
from support.cluster import Checker
from support.sdk import CountingTransport, sdk_client
from support.server import binary, environment, run
from support.small_disk import fill, run_where_mounting_is_allowed, small_disk
from support.small_postgres import SmallPostgres
from support.storm import Storm, working_account
from support.wait import wait_until

FULL = {503, 507}

# What the server fails at by itself, and says each time that it is due.
OWN_FAILURES = {"sweep failed", "uses of keys cannot be recorded", "changes that were followed cannot be deleted"}


def check_complaints(server, *events):
    """What the log says to be wrong is of these; that callers are refused is said once a minute at most, however
    many they are."""
    said = [line for line in server.log_lines() if line.get("level") in ("warning", "error")]
    assert {line["event"] for line in said} <= {"call", *OWN_FAILURES, *events}, said
    refusals = [line for line in said if line["event"] in ("store batch failed", "store job failed")]
    times = [datetime.fromisoformat(line["time"]) for line in refusals]
    assert times, said
    assert all(later - earlier > timedelta(seconds=59) for earlier, later in itertools.pairwise(times)), said


def refused(storm, more):
    """Waits until so many more were refused."""
    before = sum(storm.statuses.get(status, 0) for status in FULL)
    storm.wait_until(lambda: sum(storm.statuses.get(status, 0) for status in FULL) >= before + more)


def accepted(storm, more=10):
    before = storm.statuses[200]
    storm.wait_until(lambda: storm.statuses[200] >= before + more)


# --- SQLite


def test_a_full_disk_in_the_middle_of_a_batch(fresh_server, tmp_path, request):
    def check():
        with small_disk(tmp_path / "disk", "48m") as disk:
            check_full_disk(fresh_server, disk)

    run_where_mounting_is_allowed(request, check)


def check_full_disk(fresh_server, disk):
    server = fresh_server("--log-format", "json", name="disk/data")
    api, project, account = working_account(server)
    storm = Storm(server, project, account).start()
    storm.wait_for(60)
    ballast = fill(disk)
    refused(storm, 200)
    storm.finish()
    assert set(storm.statuses) <= {200, 503, 507}, storm.statuses
    # The log's frames may find no room in the database either.
    check_complaints(server, "store batch failed", "store checkpoint failed")
    # The SDK does not ask again for what only an operator can mend.
    transport = CountingTransport()
    with sdk_client(server, transport=transport) as sdk, pytest.raises(openai.InternalServerError) as full:
        for number in range(500):
            sdk.admin.organization.projects.create(name=f"does not fit {number} " + "x" * 200)
    assert full.value.status_code == 507 and full.value.code == "insufficient_storage"
    assert transport.requests[-1].headers["x-stainless-retry-count"] == "0"
    # Reading goes on, and says what is true.
    storm.check(api)
    ready = httpx.get(server.url + "/readyz", timeout=60)
    assert ready.status_code == 200, "checks can be answered"
    # Space again: writing again, without a restart, which is said too.
    ballast.unlink()
    wait_until(
        lambda: api.http.post("/organization/projects", json={"name": "space"}).status_code == 200, timeout=30
    )
    server.wait_for_log("store can be used again")
    storm.check(api)
    # And the same after the machine went down while the disk was full.
    storm = Storm(server, project, account).start()
    storm.wait_for(40)
    ballast = fill(disk)
    refused(storm, 20)
    storm.expect_end()
    server.kill9()
    storm.finish()
    ballast.unlink()
    server.start()
    storm.check(Api(server.base_url, server.admin_key))
    server.stop()


def test_a_disk_that_is_full_at_the_first_start_is_a_clear_error(tmp_path, request):
    def check():
        with small_disk(tmp_path / "disk", "64k") as disk:
            done = run("serve", "--data", disk / "data", "--listen", "127.0.0.1:0")
            assert done.returncode == 1
            assert "No space left on device" in done.stderr or "full" in done.stderr, done.stderr

    run_where_mounting_is_allowed(request, check)


def ends_with_one_line(done, reason):
    assert done.returncode == 1 and done.stdout == "", done.stderr
    assert len(done.stderr.splitlines()) == 1 and reason in done.stderr, done.stderr


def test_no_command_does_half_of_its_work_without_space_or_where_nothing_may_be_written(
    fresh_server, tmp_path, request
):
    def check():
        with small_disk(tmp_path / "disk", "8m") as disk:
            server = fresh_server(name="disk/data")
            events = Api(server.base_url, server.admin_key).events()
            server.stop()
            remount = ["mount", "-o", "remount,ro", str(disk)]
            for reason, spoil, mend in (
                ("No space left on device", lambda: fill(disk), (disk / "ballast").unlink),
                (
                    "Read-only file system",
                    lambda: subprocess.run(remount, check=True),
                    lambda: subprocess.run([*remount[:2], "remount,rw", str(disk)], check=True),
                ),
            ):
                spoil()
                data = ("--data", server.directory)
                ends_with_one_line(run("recover", "--revoke-others", *data), reason)
                owner = ("--name", "in vain", "--owner-email", "in@vain.example", "--owner-name", "In Vain")
                ends_with_one_line(run("organization", "create", *data, *owner), reason)
                ends_with_one_line(run("serve", *data, "--listen", "127.0.0.1:0"), reason)
                mend()
                server.start()
                assert Api(server.base_url, server.admin_key).events() == events
                server.stop()

    run_where_mounting_is_allowed(request, check)


def test_a_copy_without_space_leaves_the_source_as_it_was(fresh_server, tmp_path, request):
    def check():
        server = fresh_server()
        key = server.admin_key
        server.stop()
        with SmallPostgres() as postgres:
            url = postgres.create_database("target")
            postgres.psql("SELECT 1", "target")  # whose first session writes a file
            fill(postgres.data_disk)
            done = run("store", "copy", "--from", f"sqlite:{server.directory}", "--to", url)
            assert done.returncode == 1 and "No space left on device" in done.stderr, done.stderr
            (postgres.data_disk / "ballast").unlink()
            done = run("store", "copy", "--from", f"sqlite:{server.directory}", "--to", url)
            assert done.returncode == 0, done.stderr
            copied = fresh_server("--database", url, name="copied")
            assert Api(copied.base_url, key).events()
            copied.stop()

    run_where_mounting_is_allowed(request, check)


# --- PostgreSQL


@contextlib.contextmanager
def storm_on(postgres, fresh_server):
    server = fresh_server("--database", postgres.create_database("full"), "--log-format", "json")
    api, project, account = working_account(server)
    value = api.key_of(project)["value"]
    checker = Checker(server)
    assert checker.status(value) == 200
    storm = Storm(server, project, account).start()
    try:
        storm.wait_for(60)
        yield server, storm, lambda: checker.status(value)
    finally:
        storm.finish()
        checker.close()
    storm.check(api)
    api.close()
    server.stop()


def test_a_postgresql_without_space_for_its_data(fresh_server, request):
    def check():
        with SmallPostgres() as postgres, storm_on(postgres, fresh_server) as (server, storm, status):
            ballast = fill(postgres.data_disk)
            refused(storm, 200)
            assert status() == 200, "a check needs no disk"
            assert storm.codes == {"insufficient_storage"}
            check_complaints(server, "store batch failed", "store job failed")
            ballast.unlink()
            accepted(storm)

    run_where_mounting_is_allowed(request, check)


def test_a_postgresql_without_space_for_its_write_ahead_log_stops_and_comes_back(fresh_server, request):
    def check():
        with SmallPostgres() as postgres, storm_on(postgres, fresh_server) as (server, storm, status):
            ballast = fill(postgres.log_disk)
            # It stops by itself: what it wrote last cannot be made sure of, nor its log be continued.
            wait_until(lambda: not postgres.is_running(), timeout=60)
            refused(storm, 50)
            assert status() == 200, "a check needs no database"
            ballast.unlink()
            postgres.start()
            accepted(storm)
            # Not 507, which means that nothing was done: the commit that stopped it may be on disk.
            assert storm.codes <= {"store_unavailable", "outcome_unknown"}, storm.codes
            server.wait_for_log("store can be used again")
            said = server.log_lines(event="store batch failed")
            assert "No space left on device" in said[0]["fault"], said
            # Once, and again if it came back in between.
            assert len(said) <= len(server.log_lines(event="store can be used again")), said

    run_where_mounting_is_allowed(request, check)


# --- what is printed


def test_a_log_that_takes_nothing_stops_nothing(fresh_server, tmp_path, reserved_port):
    """Its disk is full, or who read its pipe has ended: a server that nobody can hear goes on."""
    for number, stderr in enumerate(("exec 2>/dev/full", "exec 2> >(exit 0)")):
        directory = tmp_path / str(number)
        command = [binary(), "serve", "--data", directory, "--listen", f"127.0.0.1:{reserved_port}"]
        process = subprocess.Popen(
            ["bash", "-c", f'{stderr}; exec "$@"', "bash", *map(str, command)],
            env=environment(),
            stdout=subprocess.DEVNULL,
        )
        try:
            url = f"http://127.0.0.1:{reserved_port}"
            wait_until(lambda: is_ready(process, url), timeout=30)
            api = Api(f"{url}/v1", (directory / "first-admin-key").read_text().strip())
            api.project()
            refused = re.compile(r'^orgkeys_log_lines_left_out_total\{reason="refused"\} [1-9]', re.M)
            wait_until(lambda: refused.search(httpx.get(f"{url}/metrics", timeout=60).text))
            api.close()
            process.terminate()
            assert process.wait(30) == 0
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()


def is_ready(process, url):
    assert process.poll() is None, f"ended with {process.returncode}"
    with contextlib.suppress(httpx.TransportError):
        return httpx.get(f"{url}/readyz", timeout=60).status_code == 200
    return False


def test_a_key_that_could_not_be_printed_is_said_to_be_lost(fresh_server):
    server = fresh_server()
    server.stop()
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [binary(), "recover", "--data", server.directory],
            env=environment(), stdout=full, stderr=subprocess.PIPE, text=True, timeout=60,
        )
    assert done.returncode == 1
    assert "No space left on device" in done.stderr and "`orgkeys recover` makes another one" in done.stderr
    assert commands.recover(server.directory)
