"""Calls that arrive at the same moment: every rule holds as if they had come one after the other."""

import threading

import pytest

from support import commands
from support.api import Api, http_client, parallel, unique
from support.secret_values import SECRETS
from support.wait import wait_until


def at_once(*calls):
    """Runs the calls in threads that start together; gives their results in order."""
    barrier = threading.Barrier(len(calls))

    def run(call):
        barrier.wait(30)
        return call()

    return parallel(run, calls, threads=len(calls))


def outcomes(replies):
    """How many replies had each status and code."""
    found = {}
    for reply in replies:
        code = None if reply.status_code == 200 else reply.json()["error"]["code"]
        found[code] = found.get(code, 0) + 1
    return found


def post(api, path, body):
    return lambda: api.http.post(f"/organization{path}", json=body)


def delete(api, path):
    return lambda: api.http.delete(f"/organization{path}")


@pytest.fixture
def project(api):
    return api.project()["id"]


def test_a_value_is_brought_in_once(api, project):
    account = api.service_account(project)["id"]
    value = SECRETS.add(f"imported-at-once-{unique('v')}-x7Qp2")
    path = f"/projects/{project}/service_accounts/{account}/api_keys"
    replies = at_once(*[post(api, path, {"value": value})] * 12)
    assert outcomes(replies) == {None: 1, "api_key_already_exists": 11}


def test_an_address_is_invited_once(api):
    name = unique("Raced")
    bodies = [{"email": f"{spelled}@example.com", "role": "reader"} for spelled in (name, name.upper()) * 6]
    replies = at_once(*[post(api, "/invites", body) for body in bodies])
    assert outcomes(replies) == {None: 1, "invite_already_exists": 11}


def test_an_invite_is_accepted_once(api):
    invite = api.invite()
    body = {"token": invite["invite_url"].partition("#")[2], "name": "Once"}
    with http_client(api.base_url) as nobody:
        replies = at_once(*[lambda: nobody.post("/organization/invites/accept", json=body)] * 12)
    assert outcomes(replies) == {None: 1, "invalid_invite_token": 11}
    assert len(api.get("/users", emails__=[invite["email"]])["data"]) == 1


def test_a_member_is_added_once(api, project):
    person = api.person()["id"]
    body = {"user_id": person, "role": "member"}
    replies = at_once(*[post(api, f"/projects/{project}/users", body)] * 12)
    assert outcomes(replies) == {None: 1, "user_already_in_project": 11}


def test_an_object_is_deleted_once(api, project):
    account = api.service_account(project)
    for path, code in (
        (f"/projects/{project}/api_keys/{account['api_key']['id']}", "api_key_not_found"),
        (f"/projects/{project}/service_accounts/{account['id']}", "service_account_not_found"),
        (f"/admin_api_keys/{api.admin_key()['id']}", "api_key_not_found"),
        (f"/users/{api.person()['id']}", "user_not_found"),
        (f"/invites/{api.invite()['id']}", "invite_not_found"),
    ):
        assert outcomes(at_once(*[delete(api, path)] * 8)) == {None: 1, code: 7}, path
    project_path = f"/projects/{project}/archive"
    assert outcomes(at_once(*[post(api, project_path, {})] * 8)) == {None: 1, "project_archived": 7}


def test_updates_of_different_fields_are_both_kept(api, project):
    """A write must not put back what it did not mean to change."""
    for _ in range(10):
        key = api.key_of(project)["id"]
        path = f"/projects/{project}/api_keys/{key}"
        at_once(post(api, path, {"scopes": ["api.files.read"]}), post(api, path, {"expires_in_seconds": 600}))
        shown = api.get(path)
        assert shown["scopes"] == ["api.files.read"] and shown["expires_at"]
        account = f"/projects/{project}/service_accounts/{api.service_account(project)['id']}"
        at_once(post(api, account, {"name": "renamed"}), post(api, account, {"role": "owner"}))
        shown = api.get(account)
        assert (shown["name"], shown["role"]) == ("renamed", "owner")


def test_owners_who_remove_each_other_leave_one(fresh_server):
    server = fresh_server("--owner-email", "first@example.com")
    api = Api(server.base_url, server.admin_key)
    people = [f"owner{number}@example.com" for number in range(5)]
    for email in people:
        api.person(email, "owner", projects=[])
    server.stop()
    keys = [commands.recover(server.directory, "--owner-email", email) for email in people]
    server.start()
    apis = [Api(server.base_url, key) for key in (server.admin_key, *keys)]
    owners = apis[0].all("/users")
    by_address = {user["email"]: user["id"] for user in owners}
    ids = [by_address["first@example.com"], *(by_address[email] for email in people)]
    # Everybody demotes or removes the next one, all at the same time.
    calls = []
    for number, one in enumerate(apis):
        victim = f"/users/{ids[(number + 1) % len(ids)]}"
        calls.append(delete(one, victim) if number % 2 else post(one, victim, {"role": "reader"}))
    replies = at_once(*calls)
    alive = [one for one in apis if one.http.get("/organization/users").status_code == 200]
    assert len(alive) >= 1, [reply.text for reply in replies]
    left = [user for user in alive[0].all("/users") if user["role"] == "owner"]
    assert len(left) == len(alive)
    # Whoever was refused had lost the right to call, or would have removed the last owner.
    assert set(outcomes(replies)) <= {None, "invalid_api_key", "last_owner"}


def test_a_deleted_key_does_nothing_after_its_delete(api):
    """Also the calls that were on their way: in the log nothing of the key comes after its end."""
    for _ in range(3):
        key = api.admin_key()
        doomed = api.with_key(key["value"])
        statuses, stopping = [], threading.Event()

        def work(doomed=doomed, statuses=statuses, stopping=stopping):
            while not stopping.is_set():
                statuses.append(doomed.http.post("/organization/projects", json={"name": "x"}).status_code)

        threads = [threading.Thread(target=work) for _ in range(8)]
        for thread in threads:
            thread.start()
        wait_until(lambda statuses=statuses: statuses.count(200) > 20)
        api.delete(f"/admin_api_keys/{key['id']}")
        # The reply to the DELETE is here: from now on every request is refused.
        assert doomed.http.get("/organization/projects").status_code == 401
        assert doomed.http.post("/organization/projects", json={"name": "late"}).status_code == 401
        wait_until(lambda statuses=statuses: statuses[-8:].count(401) == 8)
        stopping.set()
        for thread in threads:
            thread.join()
        assert set(statuses) <= {200, 401}
        ending = api.get("/audit_logs", resource_ids__=[key["id"]], event_types__=["api_key.deleted"])[
            "data"
        ][0]
        newest = api.get("/audit_logs", actor_ids__=[key["id"]], limit=1)["data"][0]
        assert newest["id"] < ending["id"], "an event of the key after the key's own end"
        made = len(api.events(actor_ids__=[key["id"]]))
        assert made == statuses.count(200)


def test_an_archived_project_gets_no_key_after_its_end(api):
    for _ in range(3):
        project = api.project()["id"]
        account = api.service_account(project)["id"]
        create = post(api, f"/projects/{project}/service_accounts/{account}/api_keys", {})
        replies = at_once(*[create] * 10, post(api, f"/projects/{project}/archive", {}), *[create] * 10)
        assert set(outcomes(replies)) <= {None, "project_archived"}
        ended = api.get("/audit_logs", project_ids__=[project], event_types__=["project.archived"])["data"][0]
        newest = api.get("/audit_logs", project_ids__=[project], limit=1)["data"][0]
        assert newest["id"] == ended["id"], "something happened in the project after its end"


def test_lists_stay_whole_while_others_write(api, project):
    """Paging through a list that changes shows every object that was there all the time, once."""
    steady = [api.service_account(project)["id"] for _ in range(40)]
    stopping = threading.Event()

    def churn():
        while not stopping.is_set():
            made = api.service_account(project)["id"]
            api.delete(f"/projects/{project}/service_accounts/{made}")

    threads = [threading.Thread(target=churn) for _ in range(4)]
    for thread in threads:
        thread.start()
    try:
        for _ in range(15):
            found = [item["id"] for item in api.all(f"/projects/{project}/service_accounts", limit=3)]
            assert [item for item in found if item in set(steady)] == steady
            assert len(set(found)) == len(found)
    finally:
        stopping.set()
        for thread in threads:
            thread.join()


def test_ids_are_in_the_order_of_the_log(api):
    """Objects that were made at the same moment sort as their events do."""
    marker = api.get("/audit_logs", limit=1)["data"][0]["id"]
    parallel(lambda number: api.project(f"ordered {number}"), range(60))
    events = [event for event in api.events(event_types__=["project.created"]) if event["id"] > marker]
    ids = [event["project.created"]["id"] for event in events]
    assert len(ids) == 60 and ids == sorted(ids, reverse=True)
