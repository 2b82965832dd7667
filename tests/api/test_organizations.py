"""Two organizations on one server attack each other: organizations are walls."""

import pytest

from support.api import http_client, parallel, unique
from support.operations import ABSENT, ITEM_PREFIX, LISTS, NOT_FOUND, V1, WITH_KEY, World, named

ID_OPERATIONS = [operation for operation in WITH_KEY if "{" in operation[1]]


@pytest.fixture(scope="module")
def mine(api):
    return World.make(api)


@pytest.fixture(scope="module")
def theirs(other):
    return World.make(other)


def snapshot(world):
    """Everything of an organization that its own key can see, but for the events of looking."""
    api = world.api
    seen = {
        name: api.all(path)
        for name, path in (("projects", "/projects"), ("users", "/users"), ("invites", "/invites"))
    }
    seen["admin_api_keys"] = api.all("/admin_api_keys", limit=1000)
    for kind in ("users", "service_accounts", "api_keys"):
        seen[f"project {kind}"] = api.all(f"/projects/{world.ids['project_id']}/{kind}")
    return seen


@pytest.mark.parametrize("operation", ID_OPERATIONS, ids=named)
def test_a_foreign_id_is_answered_exactly_like_an_absent_one(operation, mine, theirs):
    method, path = operation
    body = mine.body(operation)
    foreign = mine.api.http.request(method, theirs.url(path), json=body)
    absent = mine.api.http.request(method, mine.url(path, **ABSENT), json=body)
    assert foreign.status_code == absent.status_code == 404
    assert foreign.json() == absent.json()

    def comparable(reply):
        changing = ("x-request-id", "openai-processing-ms", "date")
        return {name: value for name, value in reply.headers.items() if name not in changing}

    assert comparable(foreign) == comparable(absent)


@pytest.mark.parametrize("operation", ID_OPERATIONS, ids=named)
def test_a_foreign_object_below_an_own_project_is_not_found(operation, mine, theirs):
    method, path = operation
    names = [name for name in mine.ids if f"{{{name}}}" in path]
    if names[-1] == "project_id":
        return  # there is nothing below
    own_project = {"project_id": mine.ids["project_id"]} if "project_id" in names else {}
    mixed = {**theirs.ids, **own_project}
    reply = mine.api.http.request(method, theirs.url(path, **mixed), json=mine.body(operation))
    assert (reply.status_code, reply.json()["error"]["code"]) == (404, NOT_FOUND[names[-1]])


def test_the_attacked_organization_has_not_changed(mine, theirs):
    before = snapshot(theirs)
    for method, path in ID_OPERATIONS:
        for options in (
            {},
            {"json": {}},
            {"json": {"name": "taken", "role": "owner"}},
            {"json": {"name": "taken"}},
        ):
            if method == "POST" or not options:
                assert mine.api.http.request(method, theirs.url(path), **options).status_code in (400, 404)
    assert snapshot(theirs) == before


def test_lists_never_hold_anything_of_the_other(mine, theirs):
    def ids(world):
        seen = snapshot(world)
        return {item["id"] for items in seen.values() for item in items} | {
            e["id"] for e in world.api.events()
        }

    assert ids(mine) and ids(theirs)
    assert not ids(mine) & ids(theirs)


@pytest.mark.parametrize("operation", [o for o in LISTS if "{" not in o[1]], ids=named)
def test_a_foreign_cursor_is_only_a_place_in_the_own_list(operation, mine, theirs):
    """An id of the other organization works as a cursor like one that nobody has: it tells nothing."""
    path = operation[1].removeprefix(V1)
    own = mine.api.all(path)
    foreign = theirs.api.get(path, limit=1)["data"][0]["id"]
    assert foreign.startswith(ITEM_PREFIX[operation[1]])
    found = mine.api.all(path, after=foreign)
    newest_first = operation[1].endswith("/audit_logs")
    wanted = [item for item in own if (item["id"] < foreign if newest_first else item["id"] > foreign)]
    assert found == wanted


def test_filters_find_nothing_of_the_other(mine, theirs):
    get = mine.api.get
    assert get("/users", emails__=[theirs.user["email"]])["data"] == []
    owner = theirs.api.owner()
    for query in (
        {"project_ids__": [theirs.ids["project_id"]]},
        {"actor_ids__": [owner["id"]]},
        {"actor_ids__": [theirs.ids["key_id"]]},
        {"actor_emails__": [owner["email"]]},
        {"resource_ids__": list(theirs.ids.values())},
    ):
        assert get("/audit_logs", **query)["data"] == []


def test_names_and_addresses_may_be_the_same_in_both(mine, theirs):
    email, name = f"{unique('both')}@example.com", unique("both")
    people = [world.api.person(email) for world in (mine, theirs)]
    assert people[0]["id"] != people[1]["id"]
    assert mine.api.project(name)["id"] != theirs.api.project(name)["id"]
    mine.api.delete(f"/users/{people[0]['id']}")
    assert theirs.api.get(f"/users/{people[1]['id']}")["email"] == email


def test_an_invite_is_accepted_into_its_own_organization_only(mine, theirs):
    email = f"{unique('guest')}@example.com"
    theirs.api.accept(theirs.api.invite(email))
    assert theirs.api.get("/users", emails__=[email])["data"]
    assert mine.api.get("/users", emails__=[email])["data"] == []


def test_a_foreign_project_cannot_be_given_in_an_invite(mine, theirs):
    projects = [
        {"id": mine.ids["project_id"], "role": "member"},
        {"id": theirs.ids["project_id"], "role": "owner"},
    ]
    body = {"email": f"{unique('x')}@example.com", "role": "reader", "projects": projects}
    mine.api.post("/invites", body, expect=(404, "project_not_found"))
    assert body["email"] not in {invite["email"] for invite in mine.api.all("/invites")}


def test_a_foreign_user_cannot_be_added_or_given_a_key(mine, theirs):
    project = f"/projects/{mine.ids['project_id']}"
    user = theirs.user
    mine.api.post(
        f"{project}/users", {"user_id": user["id"], "role": "member"}, expect=(404, "user_not_found")
    )
    mine.api.post(
        f"{project}/users", {"email": user["email"], "role": "member"}, expect=(404, "user_not_found")
    )
    mine.api.post(f"{project}/api_keys", {"name": "x", "user_id": user["id"]}, expect=(404, "user_not_found"))


def test_every_reply_names_the_callers_own_organization(mine, theirs):
    def organization(world, path):
        return world.api.http.get(f"/organization{path}").headers["openai-organization"]

    assert {organization(mine, p) for p in ("/projects", "/users", "/audit_logs")} == {
        organization(mine, "/invites")
    }
    assert organization(mine, "/projects") != organization(theirs, "/projects")


def test_the_log_of_one_does_not_grow_by_the_changes_of_the_other(mine, theirs):
    before = len(mine.api.events())
    theirs.api.project()
    theirs.api.post("/projects", {}, expect=400)
    theirs.api.get(f"/projects/{mine.ids['project_id']}", expect=404)
    assert len(mine.api.events()) == before


def test_writing_at_the_same_time_keeps_them_apart(mine, theirs):
    def write(number):
        world = (mine, theirs)[number % 2]
        return number % 2, world.api.project(f"apart {number}")["id"]

    made = parallel(write, range(60))
    for side, world in enumerate((mine, theirs)):
        ids = {project["id"] for project in world.api.all("/projects")}
        assert {one for which, one in made if which == side} <= ids
        assert not {one for which, one in made if which != side} & ids


def test_a_key_of_one_never_opens_the_other(mine, theirs, server):
    key = mine.api.admin_key()["value"]
    with http_client(server.base_url, key) as client:
        assert client.get(f"/organization/projects/{theirs.ids['project_id']}").status_code == 404
        theirs_id = theirs.api.http.get("/organization/projects").headers["openai-organization"]
        reply = client.get("/organization/projects", headers={"OpenAI-Organization": theirs_id})
        assert (reply.status_code, reply.json()["error"]["code"]) == (401, "mismatched_organization")
