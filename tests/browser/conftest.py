"""A real Chromium that looks at a real server. Whatever a page does that the dashboard must not do fails
the test that opened it: an error in the console, a request to another host, a secret kept in the browser."""

import os
import shutil

import pytest
from playwright.sync_api import sync_playwright

from support.api import Api
from support.server import Server
from support.visitor import OWNER_EMAIL, OWNER_NAME, Visitor


@pytest.fixture(scope="session")
def chromium():
    program = shutil.which("chromium")
    assert program, "Chromium is not installed (scripts/install-deps does it)"
    # Chromium's own walls need a user that is not root.
    arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=arguments)
        yield browser
        browser.close()


@pytest.fixture
def visit(chromium):
    """Opens browsers: visit(server) gives a Visitor."""
    visitors = []

    def open_one(server, **options):
        visitors.append(Visitor(chromium, server, **options))
        return visitors[-1]

    yield open_one
    try:
        for visitor in visitors:
            visitor.check()
    finally:
        for visitor in visitors:
            visitor.close()


@pytest.fixture(scope="module")
def server(request, tmp_path_factory):
    """A server of the module's own, with its SERVER_OPTIONS."""
    server = Server(
        tmp_path_factory.mktemp("dashboard") / "data",
        "--owner-email", OWNER_EMAIL, "--owner-name", OWNER_NAME, "--last-used-interval", "1s",
        *getattr(request.module, "SERVER_OPTIONS", ()),
    ).start()
    yield server
    server.stop()


@pytest.fixture(scope="module")
def api(server):
    with_key = Api(server.base_url, server.admin_key)
    yield with_key
    with_key.close()


@pytest.fixture(scope="module")
def owner(api):
    """The e-mail address of an owner whose password is PASSWORD."""
    api.own_password()
    return OWNER_EMAIL
