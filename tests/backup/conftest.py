import os
import pwd
import shutil
import tempfile
from pathlib import Path

import pytest

from support.server import Server
from support.storm import working_account


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
