"""A server with several hundred objects of each kind, for the SDKs to page through."""

from types import SimpleNamespace

import pytest

from support.api import Api, parallel
from support.server import Server

CROWD = 230  # more than two pages of the longest length, and not a multiple of any


@pytest.fixture(scope="session")
def crowd(tmp_path_factory):
    server = Server(tmp_path_factory.mktemp("crowd") / "data").start()
    api = Api(server.base_url, server.admin_key)
    numbers = range(CROWD)
    project = api.project("crowded")
    project_id = project["id"]

    def join(number):
        invite = api.invite(
            f"member{number}@example.com", "reader", projects=[{"id": project_id, "role": "member"}]
        )
        api.accept(invite, f"Member {number}")
        return invite["id"]

    def account(number):
        return api.service_account(project_id, name=f"robot {number}")["id"]

    parallel(join, numbers)
    parallel(account, numbers)
    parallel(lambda number: api.project(f"project {number}")["id"], numbers)
    parallel(lambda number: api.admin_key(name=f"admin {number}")["id"], numbers)
    # What the server itself lists, by plain calls, is what each SDK must find by its own paging.
    lists = {
        "admin_api_keys": "/admin_api_keys",
        "projects": "/projects",
        "users": "/users",
        "invites": "/invites",
        "project_users": f"/projects/{project_id}/users",
        "service_accounts": f"/projects/{project_id}/service_accounts",
        "api_keys": f"/projects/{project_id}/api_keys",
        "audit_logs": "/audit_logs",
    }
    ids = {name: [item["id"] for item in api.all(path)] for name, path in lists.items()}
    for name, found in ids.items():
        assert len(found) >= CROWD, f"{name}: {len(found)}"
        assert len(set(found)) == len(found), name
    yield SimpleNamespace(server=server, api=api, project=project, ids=ids)
    api.close()
    server.stop()
