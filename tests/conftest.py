"""Fixtures of all black-box tests. The server is a real process; see support/server.py.

    pytest tests/api tests/sdk --database postgresql

runs them on a real PostgreSQL, in which every data directory has a database of its own."""

import os
import signal

import pytest

from support import commands, secret_reports
from support import server as support_server
from support.api import Api, http_client
from support.ports import ReservedPort
from support.postgres import Databases, Postgres
from support.sdk import sdk_client
from support.server import Server

OWNER_EMAIL = "owner@example.com"
OWNER_NAME = "Olivia Owner"


def pytest_addoption(parser):
    parser.addoption("--database", choices=("sqlite", "postgresql"), default="sqlite")
    parser.addoption("--crash-rounds", type=int, help="how often each test of tests/crash crashes its server")
    parser.addoption("--crash-seed", type=int, help="the dice of tests/crash, to do it again")


def keep_signals_for_programs():
    """A shell that starts the tests behind itself, or nohup, has these ignored, which every program would inherit;
    a handler that does nothing is not inherited."""
    for number in (signal.SIGINT, signal.SIGHUP):
        if signal.getsignal(number) == signal.SIG_IGN:
            signal.signal(number, lambda *_: None)


def pytest_configure(config):
    keep_signals_for_programs()
    config.addinivalue_line("markers", "sqlite(reason): what it is about exists on SQLite alone")
    config.pluginmanager.register(secret_reports)
    if os.environ.get("EVERY_FAILURE") or config.getoption("--crash-rounds"):
        config.option.timeout = 0  # what was asked for takes as long as it takes
    if config.pluginmanager.hasplugin("xdist"):
        from support import sharing

        config.pluginmanager.register(sharing)


def pytest_collection_modifyitems(config, items):
    for item in items:
        mark = item.get_closest_marker("sqlite")
        if mark is not None and config.getoption("--database") != "sqlite":
            item.add_marker(pytest.mark.skip(reason=f"SQLite alone: {mark.kwargs['reason']}"))


@pytest.fixture(scope="session", autouse=True)
def database(request):
    """The kind of database that servers have: `sqlite` or `postgresql`."""
    kind = request.config.getoption("--database")
    if kind == "sqlite":
        yield kind
        return
    with Postgres() as postgres:
        support_server.DATABASES = Databases(postgres)
        yield kind
        support_server.DATABASES = None


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    """The server that most tests share. It holds two organizations; `other_admin_key` is the
    second's."""
    server = Server(
        tmp_path_factory.mktemp("shared") / "data", "--owner-email", OWNER_EMAIL, "--owner-name", OWNER_NAME,
        # What tests compare must not change by itself; test_last_used.py has servers of its own.
        "--last-used-interval", "1h",
    )
    server.start()
    assert server.admin_key
    server.stop()
    server.other_admin_key = commands.create_organization(server.directory)
    server.start()
    yield server
    server.stop()
    done = support_server.run("check", "--data", server.directory)
    assert done.returncode == 0, f"what all the tests leave does not fit together:\n{done.stdout}{done.stderr}"


@pytest.fixture
def fresh_server(tmp_path):
    """Makes servers of the test's own: fresh_server("--option", "value", env={...}, name="a")."""
    made = []

    def make(*options, name="data", start=True, **keywords):
        new = Server(tmp_path / name, *options, **keywords)
        made.append(new)
        return new.start() if start else new

    yield make
    problems = []
    for one in made:
        try:
            one.stop()
        except BaseException as problem:  # noqa: BLE001 (a limit of time, too; told once all of them have ended)
            problems.append(problem)
    if problems:
        raise problems[0]


@pytest.fixture
def reserved_port():
    """For a server that is to listen where one did before, or is awaited there."""
    port = ReservedPort()
    yield port.number
    port.free()


@pytest.fixture(scope="session")
def api(server):
    """Short calls with the first organization's admin key."""
    with_key = Api(server.base_url, server.admin_key)
    yield with_key
    with_key.close()


@pytest.fixture(scope="session")
def other(server):
    """The same for the second organization."""
    with_key = Api(server.base_url, server.other_admin_key)
    yield with_key
    with_key.close()


@pytest.fixture(scope="session")
def http(server):
    """httpx with the admin key; every reply is checked."""
    with http_client(server.base_url, server.admin_key) as client:
        yield client


@pytest.fixture(scope="session")
def anonymous(server):
    """httpx without a key."""
    with http_client(server.base_url) as client:
        yield client


@pytest.fixture(scope="session")
def client(server):
    """OpenAI's own Python SDK; every reply is checked."""
    with sdk_client(server) as sdk:
        yield sdk


@pytest.fixture(scope="session")
def project(api):
    """A project for tests that need any."""
    return api.project("any project")


def pytest_terminal_summary(terminalreporter):
    """No test is left out silently."""
    for report in terminalreporter.stats.get("skipped", []):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
        terminalreporter.write_line(f"LEFT OUT: {report.nodeid}: {reason}")
