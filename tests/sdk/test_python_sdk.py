"""OpenAI's own Python SDK against the server: every operation, paging, errors, both clients."""

import asyncio
import re
import time

import httpx
import openai
import pytest

from support.api import unique
from support.operations import ABSENT, CONTRACT, PROJECT, V1, World, named
from support.raw import Connection, wait_until_read
from support.sdk import CountingTransport, async_sdk_client, sdk_client

ACCOUNT = PROJECT + "/service_accounts/{service_account_id}"
MISSING_PROJECT = ABSENT["project_id"]

# How each operation of the contract is called, with a world of objects to call it on.
CALLS = {
    ("GET", V1 + "/admin_api_keys"): lambda o, w: o.admin_api_keys.list(order="desc", limit=5, after=None),
    ("POST", V1 + "/admin_api_keys"): lambda o, w: o.admin_api_keys.create(
        name="sdk", expires_in_seconds=3600
    ),
    ("GET", V1 + "/admin_api_keys/{key_id}"): lambda o, w: o.admin_api_keys.retrieve(w.admin_key["id"]),
    ("DELETE", V1 + "/admin_api_keys/{key_id}"): lambda o, w: o.admin_api_keys.delete(w.admin_key["id"]),
    ("GET", V1 + "/projects"): lambda o, w: o.projects.list(limit=3, include_archived=True),
    ("POST", V1 + "/projects"): lambda o, w: o.projects.create(
        name="sdk", residency="EU_STORAGE_PROCESSING", external_key_id=None
    ),
    ("GET", PROJECT): lambda o, w: o.projects.retrieve(w.project["id"]),
    ("POST", PROJECT): lambda o, w: o.projects.update(w.project["id"], name="renamed"),
    ("POST", PROJECT + "/archive"): lambda o, w: o.projects.archive(w.project["id"]),
    ("GET", PROJECT + "/users"): lambda o, w: o.projects.users.list(w.project["id"]),
    ("POST", PROJECT + "/users"): lambda o, w: o.projects.users.create(
        w.project["id"], user_id=w.api.person()["id"], role="owner"
    ),
    ("GET", PROJECT + "/users/{user_id}"): lambda o, w: o.projects.users.retrieve(
        w.user["id"], project_id=w.project["id"]
    ),
    ("POST", PROJECT + "/users/{user_id}"): lambda o, w: o.projects.users.update(
        w.user["id"], project_id=w.project["id"], role="owner"
    ),
    ("DELETE", PROJECT + "/users/{user_id}"): lambda o, w: o.projects.users.delete(
        w.user["id"], project_id=w.project["id"]
    ),
    ("GET", PROJECT + "/service_accounts"): lambda o, w: o.projects.service_accounts.list(w.project["id"]),
    ("POST", PROJECT + "/service_accounts"): lambda o, w: o.projects.service_accounts.create(
        w.project["id"], name="robot", expires_in_seconds=60
    ),
    ("GET", ACCOUNT): lambda o, w: o.projects.service_accounts.retrieve(
        w.account["id"], project_id=w.project["id"]
    ),
    ("POST", ACCOUNT): lambda o, w: o.projects.service_accounts.update(
        w.account["id"], project_id=w.project["id"], name="other", role="owner"
    ),
    ("DELETE", ACCOUNT): lambda o, w: o.projects.service_accounts.delete(
        w.account["id"], project_id=w.project["id"]
    ),
    ("POST", ACCOUNT + "/api_keys"): lambda o, w: o.projects.service_accounts.api_keys.create(
        w.account["id"],
        project_id=w.project["id"],
        name="k",
        scopes=["api.all.read"],
        expires_in_seconds=None,
    ),
    ("GET", PROJECT + "/api_keys"): lambda o, w: o.projects.api_keys.list(
        w.project["id"], limit=100, owner_project_access="any"
    ),
    ("GET", PROJECT + "/api_keys/{api_key_id}"): lambda o, w: o.projects.api_keys.retrieve(
        w.key["id"], project_id=w.project["id"]
    ),
    ("POST", PROJECT + "/api_keys/{api_key_id}"): lambda o, w: o.projects.api_keys.update(
        w.key["id"], project_id=w.project["id"], scopes=["api.files.read"], expires_in_seconds=600
    ),
    ("DELETE", PROJECT + "/api_keys/{api_key_id}"): lambda o, w: o.projects.api_keys.delete(
        w.key["id"], project_id=w.project["id"]
    ),
    ("GET", V1 + "/users"): lambda o, w: o.users.list(emails=[w.user["email"], "nobody@example.com"]),
    ("GET", V1 + "/users/{user_id}"): lambda o, w: o.users.retrieve(w.user["id"]),
    ("POST", V1 + "/users/{user_id}"): lambda o, w: o.users.update(
        w.user["id"], role="owner", technical_level="expert", developer_persona="builder"
    ),
    ("DELETE", V1 + "/users/{user_id}"): lambda o, w: o.users.delete(w.user["id"]),
    ("GET", V1 + "/invites"): lambda o, w: o.invites.list(limit=1),
    ("POST", V1 + "/invites"): lambda o, w: o.invites.create(
        email=f"{unique('sdk')}@example.com",
        role="reader",
        projects=[{"id": w.project["id"], "role": "member"}],
    ),
    ("GET", V1 + "/invites/{invite_id}"): lambda o, w: o.invites.retrieve(w.invite["id"]),
    ("DELETE", V1 + "/invites/{invite_id}"): lambda o, w: o.invites.delete(w.invite["id"]),
    ("GET", V1 + "/audit_logs"): lambda o, w: o.audit_logs.list(
        effective_at={"gte": 1, "lt": int(time.time()) + 60},
        project_ids=[w.project["id"]],
        event_types=["project.created", "api_key.created"],
        actor_ids=[w.api.owner()["id"]],
        actor_emails=["owner@example.com"],
        limit=2,
    ),
}


@pytest.fixture
def world(api):
    return World.make(api)


@pytest.fixture
def strict(server):
    """The SDK with its own check of every reply against its types, which is off by default."""
    with sdk_client(server, _strict_response_validation=True) as sdk:
        yield sdk


def test_the_table_has_every_operation_of_the_contract():
    assert set(CALLS) == set(CONTRACT)


@pytest.mark.parametrize("operation", CONTRACT, ids=named)
def test_operation_through_the_sdk_with_strict_types(operation, strict, world):
    seen = []
    strict._client.event_hooks = {
        "request": [lambda request: seen.append((request.method, request.url.path))]
    }
    reply = CALLS[operation](strict.admin.organization, world)
    assert reply is not None
    method, path = operation
    pattern = re.sub(r"{\w+}", "[^/]+", path)
    assert any(m == method and re.fullmatch(pattern, p) for m, p in seen), seen


# --- what the objects hold, as an SDK user reads them


def test_created_admin_key_shows_its_value_once(client):
    keys = client.admin.organization.admin_api_keys
    created = keys.create(name="shown once")
    assert created.value.startswith("sk-admin-")
    assert created.owner.role == "owner" and created.owner.type == "user"
    again = keys.retrieve(created.id)
    assert not hasattr(again, "value")
    assert again.redacted_value == "sk-admin..." + created.value[-3:]
    assert keys.delete(created.id).deleted is True
    with pytest.raises(openai.NotFoundError):
        keys.retrieve(created.id)


def test_a_created_admin_key_works_at_once_and_not_after_its_delete(client, server):
    created = client.admin.organization.admin_api_keys.create(name="second key")
    with sdk_client(server, created.value) as second:
        assert second.admin.organization.projects.list().data
        client.admin.organization.admin_api_keys.delete(created.id)
        with pytest.raises(openai.AuthenticationError) as refused:
            second.admin.organization.projects.list()
    assert refused.value.code == "invalid_api_key"


def test_service_account_comes_with_a_key_that_the_project_lists(client, world):
    projects = client.admin.organization.projects
    account = projects.service_accounts.create(world.project["id"], name="robot")
    assert account.role == "member"
    assert account.api_key.value.startswith("sk-svcacct-")
    listed = {key.id: key for key in projects.api_keys.list(world.project["id"])}
    found = listed[account.api_key.id]
    assert found.owner.type == "service_account"
    assert found.owner.service_account.id == account.id
    assert found.redacted_value == "sk-svcacct..." + account.api_key.value[-3:]


def test_archiving_sends_an_empty_body_with_a_content_type_and_works(client):
    project = client.admin.organization.projects.create(name="to archive")
    archived = client.admin.organization.projects.archive(project.id)
    assert archived.status == "archived" and archived.archived_at >= project.created_at


# --- paging

SYNC_LISTS = {
    "admin_api_keys": lambda o, p, **q: o.admin_api_keys.list(**q),
    "projects": lambda o, p, **q: o.projects.list(**q),
    "users": lambda o, p, **q: o.users.list(**q),
    "invites": lambda o, p, **q: o.invites.list(**q),
    "project_users": lambda o, p, **q: o.projects.users.list(p, **q),
    "service_accounts": lambda o, p, **q: o.projects.service_accounts.list(p, **q),
    "api_keys": lambda o, p, **q: o.projects.api_keys.list(p, **q),
    "audit_logs": lambda o, p, **q: o.audit_logs.list(**q),
}


def assert_is_the_crowd(found, crowd):
    """All of the crowd, in order, each once; other tests may have added newer objects."""
    members = set(crowd)
    assert [item for item in found if item in members] == crowd
    assert len(set(found)) == len(found)


@pytest.mark.parametrize("name", SYNC_LISTS)
def test_auto_paging_finds_every_object_once(name, crowd):
    with sdk_client(crowd.server) as sdk:
        for query in ({}, {"limit": 100}):
            pages = SYNC_LISTS[name](sdk.admin.organization, crowd.project["id"], **query)
            assert_is_the_crowd([item.id for item in pages], crowd.ids[name])


@pytest.mark.parametrize("name", SYNC_LISTS)
def test_auto_paging_of_the_async_client_finds_every_object_once(name, crowd):
    async def collect():
        async with async_sdk_client(crowd.server) as sdk:
            pages = SYNC_LISTS[name](sdk.admin.organization, crowd.project["id"], limit=50)
            return [item.id async for item in pages]

    assert_is_the_crowd(asyncio.run(collect()), crowd.ids[name])


def test_descending_order_is_the_ascending_one_reversed(crowd):
    with sdk_client(crowd.server) as sdk:
        found = [key.id for key in sdk.admin.organization.admin_api_keys.list(order="desc", limit=70)]
    assert_is_the_crowd(found, crowd.ids["admin_api_keys"][::-1])


def test_deleting_while_paging_neither_skips_nor_repeats(crowd):
    api = crowd.api
    project = api.project("deleted while paged")["id"]
    accounts = [api.service_account(project)["id"] for _ in range(45)]
    with sdk_client(crowd.server) as sdk:
        seen = []
        for account in sdk.admin.organization.projects.service_accounts.list(project, limit=10):
            seen.append(account.id)
            sdk.admin.organization.projects.service_accounts.delete(account.id, project_id=project)
    assert seen == accounts


# --- errors


@pytest.fixture
def counted(server):
    """The SDK with its default of two retries, and the requests it sent."""
    transport = CountingTransport()
    with sdk_client(server, transport=transport) as sdk:
        yield sdk, transport.requests


ERRORS = {
    "400 missing parameter": (
        lambda o: o.projects.users.create(o.projects.list().data[0].id, role="member"),
        openai.BadRequestError,
        None,
    ),
    "400 wrong limit": (
        lambda o: o.projects.list(limit=101),
        openai.BadRequestError,
        "integer_above_max_value",
    ),
    "400 wrong cursor": (
        lambda o: o.projects.list(after="nonsense"),
        openai.BadRequestError,
        "invalid_cursor",
    ),
    "404 project": (
        lambda o: o.projects.retrieve(MISSING_PROJECT),
        openai.NotFoundError,
        "project_not_found",
    ),
    "404 key": (
        lambda o: o.admin_api_keys.delete(ABSENT["key_id"]),
        openai.NotFoundError,
        "api_key_not_found",
    ),
}


@pytest.mark.parametrize("name", ERRORS)
def test_errors_become_their_class_after_one_request(name, counted):
    sdk, requests = counted
    call, kind, code = ERRORS[name]
    with pytest.raises(kind) as refused:
        call(sdk.admin.organization)
    if code is not None:
        assert refused.value.code == code
    assert refused.value.type == "invalid_request_error"
    assert refused.value.request_id.startswith("req_")
    last = (requests[-1].method, requests[-1].url.path)
    assert sum((r.method, r.url.path) == last for r in requests) == 1, "it was tried again"


def test_a_wrong_key_is_an_authentication_error_after_one_request(server):
    transport = CountingTransport()
    with sdk_client(server, "sk-admin-thisKeyWasNeverIssuedByAnybody", transport) as sdk:
        with pytest.raises(openai.AuthenticationError) as refused:
            sdk.admin.organization.projects.list()
    assert refused.value.code == "invalid_api_key"
    assert len(transport.requests) == 1


def test_a_body_too_large_is_a_status_error(counted):
    sdk, requests = counted
    with pytest.raises(openai.APIStatusError) as refused:
        sdk.admin.organization.projects.create(name="x" * (1 << 20))
    assert refused.value.status_code == 413
    assert len(requests) == 1


def test_a_wrong_url_is_a_not_found_error(counted):
    sdk, requests = counted
    with pytest.raises(openai.NotFoundError) as refused:
        sdk.get("/organization/nothing", cast_to=object, options={"security": {"admin_api_key_auth": True}})
    assert "Invalid URL" in refused.value.message
    assert len(requests) == 1


def test_a_wrong_method_is_a_status_error(counted):
    sdk, requests = counted
    with pytest.raises(openai.APIStatusError) as refused:
        sdk.patch(
            "/organization/projects",
            body={},
            cast_to=object,
            options={"security": {"admin_api_key_auth": True}},
        )
    assert refused.value.status_code == 405
    assert len(requests) == 1


def test_a_server_that_is_gone_is_a_connection_error_and_back_means_back(fresh_server):
    server = fresh_server()
    with sdk_client(server, max_retries=0) as sdk:
        assert sdk.admin.organization.projects.list().data
        server.stop()
        with pytest.raises(openai.APIConnectionError):
            sdk.admin.organization.projects.list()


def test_a_503_is_an_internal_server_error_and_tried_again_after_retry_after(fresh_server):
    """Nothing was done, and the reply says when to ask again: the SDK does, and succeeds."""
    server = fresh_server("--max-connections", "1")
    statuses = []

    def note(response):
        statuses.append(response.status_code)
        if len(statuses) == 2:
            held.close()

    plain = httpx.Client(event_hooks={"response": [note]})  # this 503 has no request id: see test_http.py
    with Connection(server) as held:
        held.send(b"GET /healthz HTTP/1.1\r\n")  # what has begun a request is not idle
        wait_until_read(server, [held.port])
        with openai.OpenAI(
            admin_api_key=server.admin_key, base_url=server.base_url, http_client=plain
        ) as sdk:
            with pytest.raises(openai.InternalServerError) as refused:
                sdk.with_options(max_retries=0).admin.organization.projects.list()
            assert refused.value.status_code == 503 and refused.value.code == "overloaded"
            assert sdk.admin.organization.projects.create(name="in the end").id
    assert statuses == [503, 503, 200]


# --- raw replies, headers


def test_raw_reply_has_the_headers_that_users_log(client):
    raw = client.admin.organization.projects.with_raw_response.list(limit=1)
    assert raw.status_code == 200
    assert raw.request_id == raw.headers["x-request-id"]
    assert int(raw.headers["openai-processing-ms"]) >= 0
    assert raw.parse().data[0].object == "organization.project"
    with client.admin.organization.projects.with_streaming_response.list(limit=1) as streamed:
        assert streamed.headers["content-type"].startswith("application/json")


def test_request_id_is_on_objects_and_new_each_time(client):
    first = client.admin.organization.projects.list()
    second = client.admin.organization.projects.list()
    assert first._request_id != second._request_id


def test_organization_and_project_headers_of_a_configured_client_are_accepted(server, api):
    organization = api.http.get("/organization/projects").headers["openai-organization"]
    project = api.default_project()["id"]
    with sdk_client(server, organization=organization, project=project) as sdk:
        assert sdk.admin.organization.projects.list().data
    with (
        sdk_client(server, organization="org_" + "0" * 24) as sdk,
        pytest.raises(openai.AuthenticationError) as refused,
    ):
        sdk.admin.organization.projects.list()
    assert refused.value.code == "mismatched_organization"


def test_the_default_http_client_of_the_sdk_works(server):
    with openai.OpenAI(admin_api_key=server.admin_key, base_url=server.base_url) as sdk:
        assert sdk.admin.organization.projects.list().data
        assert sdk.admin.organization.projects.create(name="with its own client").id


def test_every_operation_of_the_async_client_is_the_same_call(server, world):
    """One of each verb; the generated methods differ in nothing else."""

    async def calls():
        async with async_sdk_client(server) as sdk:
            projects = sdk.admin.organization.projects
            created = await projects.create(name="async")
            assert (await projects.retrieve(created.id)).name == "async"
            assert (await projects.update(created.id, name="async 2")).name == "async 2"
            account = await projects.service_accounts.create(created.id, name="robot")
            assert (await projects.service_accounts.delete(account.id, project_id=created.id)).deleted
            assert (await projects.archive(created.id)).status == "archived"
            with pytest.raises(openai.NotFoundError):
                await projects.retrieve(MISSING_PROJECT)

    asyncio.run(calls())
