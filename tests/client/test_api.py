"""Every function of the library against a real server, compared with what the server says itself."""

import json
import time

import httpx
import pytest

import programs
from support.api import unique
from support.secret_values import SECRETS

# What the library leaves out: constants, and names that an older contract had for the same.
LEFT_OUT = {"object", "owner_object", "owner_user_object", "owner_user_added_at", "owner_service_account_object"}
LEFT_OUT |= {"user_object", "created", "api_key_object"}


class Client:
    """The library, through tests/client/client_driver.c."""

    def __init__(self, server, key):
        self.env = programs.environment(server.base_url, key)

    def all(self, command, *arguments):
        """The objects that a command prints; None is NULL."""
        given = ["-" if argument is None else argument for argument in arguments]
        lines = programs.output("tests/client/client_driver", command, *given, env=self.env)
        objects = [json.loads(line) for line in lines]
        for one in objects:
            secrets = [one.get("value"), (one.get("invite_url") or "").partition("#")[2]]
            for secret in filter(None, secrets):
                SECRETS.add(secret)
        return objects

    def one(self, command, *arguments):
        (found,) = self.all(command, *arguments)
        return found

    def error(self, command, *arguments, **env):
        given = ["-" if argument is None else argument for argument in arguments]
        done = programs.run("tests/client/client_driver", command, *given, env={**self.env, **env})
        assert done.returncode == 1, done.stdout + done.stderr
        return json.loads(done.stdout.splitlines()[-1])


def flat(node, prefix=""):
    """{"owner": {"id": 1}} as {"owner_id": 1}; a list of objects as a list a member."""
    found = {}
    for name, value in node.items():
        path = prefix + name
        if isinstance(value, dict):
            found.update(flat(value, f"{path}_"))
        elif isinstance(value, list) and value and isinstance(value[0], dict):
            for member in value[0]:
                found[f"{path}_{member}"] = [item[member] for item in value]
        else:
            found[path] = value
    return {name: value for name, value in found.items() if name not in LEFT_OUT}


def assert_same(printed, reply):
    """Everything that the reply says is what the library says; what it does not say is not there."""
    said = flat(reply)
    nested = printed.pop("api_key", None) or {}
    printed = {**printed, **{f"api_key_{name}": value for name, value in nested.items()}}
    for name, value in said.items():
        if value == [] and name == "projects":
            continue
        assert printed.pop(name) == value, name
    assert all(value in (None, False, []) for value in printed.values()), printed


@pytest.fixture(scope="module")
def c(server, api):
    return Client(server, api.key)


@pytest.fixture(scope="module")
def place(api):
    return api.project()


def test_admin_keys(c, api):
    made = c.one("create-admin-api-key", unique("from C"), 3600)
    assert made["value"].startswith("sk-admin-") and made["owner_role"] == "owner"
    key = api.get(f"/admin_api_keys/{made['id']}")
    assert key["expires_at"] == key["created_at"] + 3600
    assert_same({**made, "value": None}, key)
    assert_same(c.one("retrieve-admin-api-key", made["id"]), key)
    newest = c.all("list-admin-api-keys", "desc", 1, None)
    assert [one["id"] for one in newest] == [one["id"] for one in api.all("/admin_api_keys", order="desc")]
    assert c.all("list-admin-api-keys", None, 0, made["id"]) == []
    c.all("delete-admin-api-key", made["id"])
    api.get(f"/admin_api_keys/{made['id']}", expect=404)


def test_projects(c, api):
    made = c.one("create-project", "made in C", "EU_STORAGE_PROCESSING", None)
    assert_same(made, api.get(f"/projects/{made['id']}"))
    renamed = c.one("update-project", made["id"], 'Ünïcode "name" \\ of\ta project'.replace("\t", " "), None)
    assert renamed["name"] == 'Ünïcode "name" \\ of a project'
    archived = c.one("archive-project", made["id"])
    assert archived["status"] == "archived" and archived["archived_at"]
    assert_same(c.one("retrieve-project", made["id"]), api.get(f"/projects/{made['id']}"))
    assert made["id"] not in [one["id"] for one in c.all("list-projects", "false", 1)]
    assert [one["id"] for one in c.all("list-projects", "true", 2)] == [
        one["id"] for one in api.all("/projects", include_archived="true")
    ]
    error = c.error("update-project", made["id"], "another name", None)
    assert (error["http_status"], error["code"]) == (400, "project_archived")


def test_people_of_a_project(c, api, place):
    person = api.person()
    path = f"/projects/{place['id']}/users/{person['id']}"
    made = c.one("create-project-user", place["id"], "member", person["id"], None)
    assert_same(made, api.get(path))
    assert c.one("update-project-user", place["id"], person["id"], "owner")["role"] == "owner"
    assert_same(c.one("retrieve-project-user", place["id"], person["id"]), api.get(path))
    everybody = c.all("list-project-users", place["id"])
    assert [one["id"] for one in everybody] == [one["id"] for one in api.all(f"/projects/{place['id']}/users")]
    c.all("delete-project-user", place["id"], person["id"])
    api.get(path, expect=404)
    assert c.one("create-project-user", place["id"], "member", None, person["email"])["id"] == person["id"]


def test_service_accounts(c, api, place):
    made = c.one("create-service-account", place["id"], "robot", None, 60)
    account = api.get(f"/projects/{place['id']}/service_accounts/{made['id']}")
    key = made.pop("api_key")
    SECRETS.add(key["value"])
    assert key["value"].startswith("sk-svcacct-") and key["expires_at"] == key["created_at"] + 60
    assert_same(made, account)
    bare = c.one("create-service-account", place["id"], "bare", "true", None)
    assert bare["role"] == "none" and "api_key" not in bare
    changed = c.one("update-service-account", place["id"], made["id"], "renamed", "owner")
    assert (changed["name"], changed["role"]) == ("renamed", "owner")
    assert_same(c.one("retrieve-service-account", place["id"], made["id"]), changed)
    pages = c.all("list-service-accounts", place["id"], 1, None)
    assert [one["id"] for one in pages] == [
        one["id"] for one in api.all(f"/projects/{place['id']}/service_accounts")
    ]
    c.all("delete-service-account", place["id"], made["id"])
    api.get(f"/projects/{place['id']}/service_accounts/{made['id']}", expect=404)


def test_keys_of_service_accounts(c, api, place):
    account = api.service_account(place["id"])
    ids = [place["id"], account["id"]]
    issued = c.one("create-service-account-api-key", *ids, "second", "a.read,b.write", 600, None)
    key = c.one("retrieve-project-api-key", place["id"], issued["id"])
    assert key["scopes"] == ["a.read", "b.write"] and key["owner_service_account_id"] == account["id"]
    assert (key["owner_type"], key["owner_user_id"]) == ("service_account", None)
    value = SECRETS.add("the-static-key-of-yesterday")
    brought = c.one("create-service-account-api-key", *ids, "brought in", None, 0, value)
    assert brought["name"] == "brought in"
    error = c.error("create-service-account-api-key", *ids, None, None, 0, value)
    assert error["http_status"] in (400, 409)


def test_keys_of_a_project(c, api, place):
    person = api.person(projects=[(place["id"], "member")])
    made = c.one("create-project-api-key", place["id"], "theirs", person["id"], "x.read", 3600)
    assert made["value"].startswith("sk-proj-")
    path = f"/projects/{place['id']}/api_keys/{made['id']}"
    assert_same({**made, "value": None}, api.get(path))
    assert_same(c.one("retrieve-project-api-key", place["id"], made["id"]), api.get(path))
    assert c.one("update-project-api-key", place["id"], made["id"], "y.read,z.read", 0)["scopes"] == ["y.read", "z.read"]
    assert c.one("update-project-api-key", place["id"], made["id"], None, 7200)["scopes"] == ["y.read", "z.read"]
    assert c.one("update-project-api-key", place["id"], made["id"], "", 0)["scopes"] == []
    every = c.all("list-project-api-keys", place["id"], "any", 2)
    theirs = api.all(f"/projects/{place['id']}/api_keys", owner_project_access="any")
    assert len(every) > 2
    for printed, reply in zip(every, theirs, strict=True):
        assert_same(printed, reply)
    c.all("delete-project-api-key", place["id"], made["id"])
    api.get(path, expect=404)


def test_keys_of_all_projects(c, api):
    projects = [api.project(), api.project(unique("old"))]
    word = unique("everywhere")
    first, last = (api.key_of(one["id"], name=f"{word} key", expires_in_seconds=3600) for one in projects)
    api.post(f"/projects/{projects[1]['id']}/archive")
    both = api.all("/project_api_keys", search=word, include_archived="true", owner_project_access="any")
    assert [key["id"] for key in both] == [first["id"], last["id"]]

    def found(order=None, search=f"{word} KEY", *filters):
        filters = [*filters, *[None] * (6 - len(filters))]
        return [one["id"] for one in c.all("list-all-project-api-keys", order, search, *filters)]

    (printed,) = c.all("list-all-project-api-keys", None, word, *[None] * 6)
    assert_same(printed, both[0])
    assert (printed["project_id"], printed["project_name"]) == (projects[0]["id"], projects[0]["name"])
    other = api.key_of(projects[0]["id"], name=word)["id"]
    assert found("asc", word) == [first["id"], other] and found("desc", word) == [other, first["id"]]
    soon, ends = int(time.time()) + 60, first["expires_at"]
    assert found() == [first["id"]] and found(None, "nothing has this") == []
    assert found(None, word, "true") == [first["id"], other]
    assert found(None, word, None, ends) == [first["id"]] and found(None, word, None, ends + 1) == []
    assert found(None, word, None, None, ends) == [] and found(None, word, None, None, ends + 1) == [first["id"]]
    assert found(None, word, None, None, None, soon) == []
    assert found(None, word, None, None, None, None, soon) == [first["id"], other]
    assert found(None, word, None, None, None, None, 5) == []
    assert len(found(None, word, None, None, None, None, None, "true")) == 2


def test_people_of_the_organization(c, api):
    person = api.person(name="Zoë C.")
    link = c.one("create-password-link", person["id"])
    assert SECRETS.add(link["url"].partition("#")[2]).startswith("password-link-")
    assert (link["user_id"], c.error("create-password-link", "user_none")["http_status"]) == (person["id"], 404)
    assert_same(c.one("retrieve-user", person["id"]), api.get(f"/users/{person['id']}"))
    changed = c.one("update-user", person["id"], "owner", "expert", "tinkerer")
    assert (changed["role"], changed["technical_level"], changed["developer_persona"]) == (
        "owner",
        "expert",
        "tinkerer",
    )
    other = api.person()
    found = c.all("list-users", f"{person['email']},{other['email']}")
    assert [one["id"] for one in found] == [person["id"], other["id"]]
    assert len(c.all("list-users", None)) == len(api.all("/users"))
    c.all("delete-user", other["id"])
    api.get(f"/users/{other['id']}", expect=404)


def test_invites(c, api, server, place):
    made = c.one("create-invite", f"{unique('guest')}@example.com", "reader", place["id"])
    assert (made["projects_id"], made["projects_role"]) == ([place["id"]], ["member"])
    reply = api.get(f"/invites/{made['id']}")
    assert_same({**made, "invite_url": None}, reply)
    assert_same(c.one("retrieve-invite", made["id"]), reply)
    renewed = c.one("renew-invite-link", made["id"])
    assert renewed["invite_url"] != made["invite_url"]
    token = renewed["invite_url"].partition("#")[2]
    joined = Client(server, None).one("accept-invite", token, "Gustav Guest")
    assert joined["name"] == "Gustav Guest" and joined["email"] == made["email"]
    assert c.one("retrieve-invite", made["id"])["status"] == "accepted"
    other = api.project()
    both = c.one("create-invite", f"{unique('guest')}@example.com", "reader", f"{place['id']},{other['id']}")
    assert dict(zip(both["projects_id"], both["projects_role"])) == {place["id"]: "member", other["id"]: "owner"}
    nowhere = c.one("create-invite", f"{unique('guest')}@example.com", "reader", "")
    assert nowhere["projects_id"] == []
    usual = c.one("create-invite", f"{unique('guest')}@example.com", "reader", None)
    assert usual["projects_id"] == [api.default_project()["id"]]
    ids = [one["id"] for one in c.all("list-invites", None, None)]
    assert {made["id"], nowhere["id"], usual["id"]} <= set(ids)
    for order, status in (("asc", "pending"), ("desc", None), (None, "accepted")):
        expected = [one["id"] for one in api.all("/invites", order=order or "asc", **({"status": status} if status else {}))]
        assert expected and [one["id"] for one in c.all("list-invites", order, status)] == expected
    c.all("delete-invite", usual["id"])
    api.get(f"/invites/{usual['id']}", expect=404)


def test_audit_logs(c, api):
    project = api.project()
    begin = int(time.time()) - 60
    (event,) = c.all("list-audit-logs", "project.created", project["id"], begin)
    (reply,) = api.events(event_types__=["project.created"], project_ids__=[project["id"]])
    detail = json.loads(event.pop("detail"))
    assert detail == reply.pop("project.created") and detail["id"] == project["id"]
    assert event["actor_api_key_user_email"]
    assert_same(event, reply)
    assert c.all("list-audit-logs", "project.created", project["id"], int(time.time()) + 3600) == []


def test_verification_of_keys(c, api, server, place):
    outside = Client(server, None)  # needs no admin key
    key = api.key_of(place["id"], scopes=["a.read", "b.read"])
    SECRETS.add(key["value"])
    known = outside.one("verify-key", key["value"], None, place["id"], "a.read,b.read")
    assert (known["key_id"], known["project_id"], known["owner_id"]) == (
        key["id"],
        place["id"],
        key["owner"]["user"]["id"],
    )
    assert (known["owner_type"], known["scopes"], known["expires_at"]) == ("user", "a.read b.read", None)
    refused = outside.error("verify-key", key["value"], None, None, "c.read")
    assert (refused["status"], refused["http_status"], refused["code"]) == (-1, 403, "insufficient_scope")
    api.delete(f"/projects/{place['id']}/api_keys/{key['id']}")
    gone = outside.error("verify-key", key["value"], None, None, None)
    assert (gone["http_status"], gone["code"]) == (401, "invalid_api_key")


def test_introspection_of_keys(c, api, server, place):
    key = api.key_of(place["id"], scopes=["a.read", "b.read"], expires_in_seconds=3600)
    SECRETS.add(key["value"])
    told = c.one("introspect-key", key["value"])
    asked = {"data": {"token": key["value"]}, "headers": {"Authorization": f"Bearer {api.key}"}}
    reply = httpx.post(f"{server.url}/oauth2/introspect", **asked).json()
    assert told == reply and told["active"] is True and told["jti"] == key["id"] and told["scope"] == "a.read b.read"
    assert c.one("introspect-key", api.key)["active"] is False  # of admin keys nothing is told
    allowed = api.key_of(place["id"], scopes=["api.keys.introspect"])
    assert Client(server, SECRETS.add(allowed["value"])).one("introspect-key", key["value"])["jti"] == key["id"]
    refused = Client(server, key["value"]).error("introspect-key", key["value"])
    assert (refused["status"], refused["http_status"]) == (-1, 403)
    api.delete(f"/projects/{place['id']}/api_keys/{key['id']}")
    gone = c.one("introspect-key", key["value"])
    assert gone.pop("active") is False and set(gone.values()) == {None}


def test_errors_say_what_the_server_said(c, server, api):
    error = c.error("retrieve-project", "proj_none")
    reply = api.http.get("/organization/projects/proj_none")
    assert error["message"] == reply.json()["error"]["message"]
    assert (error["status"], error["http_status"], error["type"]) == (-1, 404, "invalid_request_error")
    assert error["request_id"].startswith("req_")
    error = c.error("list-admin-api-keys", None, 100000, None)
    assert (error["http_status"], error["param"]) == (400, "limit")
    error = Client(server, "sk-admin-of-nobody").error("list-projects", None, 0)
    assert (error["http_status"], error["code"]) == (401, "invalid_api_key")


@pytest.mark.parametrize("identifier", ["", ".", "..", None])
def test_ids_that_are_none_are_not_sent(c, identifier):
    error = c.error("retrieve-project", identifier)
    assert (error["status"], error["http_status"]) == (-5, 0)


def test_ids_are_escaped(c, place):
    error = c.error("retrieve-project", f"{place['id']}/archive?x=1#y")
    assert (error["status"], error["http_status"]) == (-1, 404)
    assert c.one("retrieve-project", place["id"])["status"] == "active"


def test_without_a_key_nothing_is_sent(server):
    for command in (["list-projects", None, 0], ["introspect-key", "sk-proj-any"]):
        error = Client(server, None).error(*command)
        assert error["status"] == -5 and "OPENAI_ADMIN_KEY" in error["message"]


@pytest.mark.parametrize("suffix", ["", "/", "//"])
def test_slashes_at_the_end_of_the_base_url_do_not_matter(server, api, suffix):
    env = programs.environment(server.base_url + suffix, api.key)
    assert programs.output("tests/client/client_driver", "list-projects", "-", 100, env=env)


@pytest.mark.parametrize("url", ["ftp://127.0.0.1/v1", "127.0.0.1/v1", "http://user:secret@127.0.0.1:1/v1", "http://"])
def test_a_base_url_that_is_none_is_told(url):
    env = programs.environment(url, "sk-admin-any")
    done = programs.run("tests/client/client_driver", "list-projects", "-", 0, env=env)
    error = json.loads(done.stdout)
    assert error["status"] == -5 and "base URL" in error["message"] and "secret" not in done.stdout


def test_threads_with_a_client_each(server, api):
    project = api.project()
    for _ in range(10):
        api.key_of(project["id"])
    env = programs.environment(server.base_url, api.key)
    assert programs.output("tests/client/threads", project["id"], env=env) == ["10"] * 8
