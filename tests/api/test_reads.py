"""What a call reads: one snapshot, within one deadline, whatever others do meanwhile."""

import re
import threading
import time

import httpx
import pytest

from support.api import Api, http_client, parallel
from support.secret_values import SECRETS
from support.wait import wait_until


@pytest.fixture
def alone(fresh_server):
    """A server of the test's own, and short calls to it."""
    server = fresh_server()
    api = Api(server.base_url, server.admin_key)
    yield api
    api.close()


def test_a_page_of_events_has_no_gap_while_others_write(alone):
    ended = threading.Event()

    def write(_number):
        with_key = alone.with_key(alone.key)
        while not ended.is_set():
            project = with_key.project()["id"]
            with_key.post(f"/projects/{project}", {"name": "renamed"})
        with_key.close()

    # The two that occur are searched first and last, so that there is time between them.
    types = ["project.created", *(f"nothing.{i}" for i in range(60)), "project.updated"]
    writers = [threading.Thread(target=write, args=(i,)) for i in range(4)]
    for writer in writers:
        writer.start()
    try:
        pages = [alone.get("/audit_logs", limit=100, event_types__=types)["data"] for _ in range(40)]
    finally:
        ended.set()
        for writer in writers:
            writer.join()
    events = [event["id"] for event in alone.events(event_types__=["project.created", "project.updated"])]
    for page in filter(None, pages):
        first = events.index(page[0]["id"])
        assert [event["id"] for event in page] == events[first : first + len(page)]


def statuses(http, path, key, times=20):
    replies = [http.get(path, headers={"Authorization": f"Bearer {key}"}) for _ in range(times)]
    return {(reply.status_code, reply.status_code != 200 and reply.json()["error"]["code"]) for reply in replies}


def test_keys_that_may_not_call_are_told_so_also_when_all_readers_are_taken(fresh_server):
    server = fresh_server("--readers", "1", "--read-queue", "1")
    api = Api(server.base_url, server.admin_key)
    project = api.default_project()["id"]
    project_key = SECRETS.add(api.key_of(project)["value"])
    expired = api.admin_key(expires_in_seconds=1)
    revoked = api.admin_key()
    api.delete(f"/admin_api_keys/{revoked['id']}")
    wait_until(lambda: time.time() > expired["expires_at"])
    expected = {
        "sk-admin-garbage-that-nobody-issued": (401, "invalid_api_key"),
        SECRETS.add(revoked["value"]): (401, "invalid_api_key"),
        SECRETS.add(expired["value"]): (401, "expired_api_key"),
        project_key: (401, None),
    }
    ended = threading.Event()
    refused = threading.Event()

    def read(_number):
        with http_client(server.base_url, server.admin_key) as http:
            while not ended.is_set():
                types = [f"nothing.{i}" for i in range(100)]
                if http.get("/organization/audit_logs", params={"event_types[]": types}).status_code == 503:
                    refused.set()

    readers = [threading.Thread(target=read, args=(i,)) for i in range(6)]
    for reader in readers:
        reader.start()
    try:
        assert refused.wait(30)
        with http_client(server.base_url) as http:
            for key, answer in expected.items():
                assert statuses(http, "/organization/projects", key) == {answer}
    finally:
        ended.set()
        for reader in readers:
            reader.join()
    api.close()


def test_a_key_that_expires_while_its_change_waits_has_expired(alone):
    key = alone.admin_key(expires_in_seconds=1)
    SECRETS.add(key["value"])

    def change(_number):
        codes = set()
        with http_client(alone.base_url, key["value"]) as http:
            while not codes:
                reply = http.post("/organization/projects", json={"name": "until then"})
                if reply.status_code != 200:
                    codes.add(reply.json()["error"]["code"])
        return codes

    assert parallel(change, range(16)) == [{"expired_api_key"}] * 16


def test_the_events_name_the_person_behind_the_key(alone):
    owner = alone.owner()
    alone.project()
    event = alone.events(limit=1)[0]
    assert event["actor"]["api_key"]["user"] == {"id": owner["id"], "email": owner["email"]}


def test_tokens_that_are_no_invites_never_reach_the_writer(alone):
    def jobs():
        text = httpx.get(alone.base_url.removesuffix("/v1") + "/metrics").text
        return re.search(r"^orgkeys_store_jobs_total (\d+)$", text, re.MULTILINE)[1]

    token = alone.invite()["invite_url"].partition("#")[2]
    changed = token[:-1] + ("0" if token[-1] != "0" else "1")
    before = jobs()
    with http_client(alone.base_url) as http:
        for garbage in ("", "x" * 56, "invite-", changed, token[:-1], f"{token}0", SECRETS.add(alone.key)):
            reply = http.post("/organization/invites/accept", json={"token": garbage, "name": "No One"})
            assert (reply.status_code, reply.json()["error"]["code"]) in {
                (400, "invalid_invite_token"),
                (400, "string_below_min_length"),
            }
    assert jobs() == before


def test_the_token_of_an_invite_is_not_brought_in_as_a_key(alone):
    project = alone.default_project()["id"]
    account = alone.service_account(project)["id"]
    token = SECRETS.add(alone.invite()["invite_url"].partition("#")[2])
    path = f"/projects/{project}/service_accounts/{account}/api_keys"
    alone.post(path, {"value": token}, expect=(400, "invalid_value", "value"))


@pytest.mark.parametrize("name", ["OpenAI-Organization", "OpenAI-Project"])
def test_a_tenant_is_named_once(alone, name):
    own = {"OpenAI-Organization": None, "OpenAI-Project": alone.default_project()["id"]}
    reply = alone.http.get("/organization/projects")
    own["OpenAI-Organization"] = reply.headers["openai-organization"]
    code = "mismatched_" + name[7:].lower()
    for values in ([own[name], own[name]], ["", "org_of_somebody"], ["", ""]):
        headers = [(name, value) for value in values]
        reply = alone.http.get("/organization/projects", headers=headers)
        assert (reply.status_code, reply.json()["error"]["code"]) == (401, code)


def fill_with_events(server, count):
    """Copies the oldest event `count` times: older ids, each about another thing."""
    server.sql(
        f"""
        WITH RECURSIVE n (i, digits) AS (
            SELECT 1, '1' UNION ALL SELECT i + 1, CAST(i + 1 AS TEXT) FROM n WHERE i < {count}
        )
        INSERT INTO audit_logs (id, organization_id, type, effective_at, actor, actor_id,
                                actor_key_id, actor_email, resource_id, detail)
        SELECT 'audit_log_0' || substr('{"0" * 23}', length(digits) + 1) || digits, organization_id,
               type, effective_at, actor, actor_id, actor_key_id, actor_email, 'r' || digits, detail
        FROM n, (SELECT * FROM audit_logs WHERE actor_id IS NOT NULL ORDER BY id LIMIT 1) AS oldest
        """
    )


def test_the_rarest_filter_drives_a_search(fresh_server):
    server = fresh_server()
    api = Api(server.base_url, server.admin_key)
    owner = api.owner()
    key = api.events(limit=1)[0]["actor"]["api_key"]["id"]
    project = api.project()
    server.stop()
    fill_with_events(server, 500000)
    server.start()
    api = Api(server.base_url, server.admin_key)
    # By the actors' indexes this would compare every event twice with long values: out of time.
    actors = [owner["id"], key, owner["id"]]
    types = ["project.created", *(f"{i:0>250}" for i in range(50))]
    found = api.get("/audit_logs", actor_ids__=actors, event_types__=types)
    assert [event["project.created"]["id"] for event in found["data"]] == [project["id"]]
    common = api.get("/audit_logs", actor_ids__=actors, event_types__=["api_key.created"], limit=3)
    address = [owner["email"]]
    assert common == api.get("/audit_logs", actor_emails__=address, event_types__=["api_key.created"], limit=3)
    api.close()


def test_inactive_keys_are_the_same_from_their_owners_and_from_all(alone):
    project = alone.project()["id"]
    only = {"create_service_account_only": True}  # has no role
    robots = [alone.service_account(project, **fields)["id"] for fields in (only, {}, {})]
    people = [alone.person(projects=[(project, "member")])["id"] for _ in range(3)]
    for number in range(12):
        alone.account_key(project, robots[number % 3])
        alone.key_of(project, user_id=people[number % 3])
    alone.key_of(project)
    alone.delete(f"/projects/{project}/users/{people[0]}")
    alone.delete(f"/projects/{project}/service_accounts/{robots[1]}")
    alone.delete(f"/users/{people[1]}")
    path = f"/projects/{project}/api_keys"
    keys = alone.all(path, owner_project_access="any")
    for access, count in (("inactive", 8), ("active", 10)):
        wanted = [key for key in keys if key["owner_project_access"] == access]
        assert len(wanted) == count
        for limit in (2, 100):
            assert alone.all(path, owner_project_access=access, limit=limit) == wanted
    alone.post(f"/projects/{project}/archive")
    assert len(alone.all(path, owner_project_access="inactive")) == len(keys)
