"""Signing in: sessions, passwords, roles. The cookie goes to the API like a key does."""

import re

import httpx
import pytest

from support.api import PASSWORD, Api, http_client, unique
from support.secret_values import SECRETS

OTHER_PASSWORD = SECRETS.add("another horse, another staple")
COOKIE = "orgkeys-session"


class Browser(Api):
    """Calls as a page of the dashboard makes them."""

    def __init__(self, server):
        self.base_url = server.base_url
        self.origin = server.url
        self.http = http_client(server.base_url, Origin=server.url)

    def sign_in(self, expect=200, **body):
        return self.post("/sessions", body, expect)

    @property
    def token(self):
        return self.http.cookies[COOKIE]


@pytest.fixture
def browser(server):
    one = Browser(server)
    yield one
    one.close()


@pytest.fixture
def browsers(server):
    made = []

    def make():
        made.append(Browser(server))
        return made[-1]

    yield make
    for one in made:
        one.close()


def with_password(api, browser, role="reader", projects=(), email=None, sign_in=True):
    """A person who joined with a password, signed in with it."""
    email = email or f"{unique('person')}@example.com"
    invite = api.invite(email, role, projects=[{"id": p, "role": r} for p, r in projects])
    token = invite["invite_url"].partition("#")[2]
    user = browser.post("/invites/accept", {"token": token, "name": "Some Body", "password": PASSWORD})
    if sign_in:
        browser.sign_in(email=email, password=PASSWORD)
    return user


# ---- With an admin key


def test_an_admin_key_becomes_a_session(api, browser):
    key = api.admin_key()
    session = browser.sign_in(admin_key=key["value"])
    assert session["admin_api_key_id"] == key["id"] and session["is_current"]
    assert session["user"]["id"] == key["owner"]["id"] and session["user"]["role"] == "owner"
    assert browser.get("/projects")["object"] == "list"
    assert browser.get("/sessions/current")["id"] == session["id"]
    SECRETS.add(browser.token)
    api.delete(f"/admin_api_keys/{key['id']}")
    browser.get("/projects", expect=(401, "invalid_session"))


def test_the_cookie_is_out_of_reach(api, browser):
    key = api.admin_key()
    reply = browser.http.post("/organization/sessions", json={"admin_key": key["value"]})
    cookie = reply.headers["set-cookie"]
    SECRETS.add(re.match(rf"{COOKIE}=(session-[0-9A-Za-z]{{49}});", cookie).group(1))
    attributes = {part.strip() for part in cookie.split(";")[1:]}
    assert attributes == {"Path=/", "Max-Age=604800", "HttpOnly", "SameSite=Strict"}
    assert browser.token not in reply.text
    browser.delete("/sessions/current")


def test_behind_tls_only_this_host_can_set_it(fresh_server):
    server = fresh_server("--public-url", "https://keys.example.com")
    with http_client(server.base_url, Origin="https://keys.example.com") as client:
        reply = client.post("/organization/sessions", json={"admin_key": server.admin_key})
        cookie = reply.headers["set-cookie"]
        name, _, value = cookie.partition(";")[0].partition("=")
        SECRETS.add(value)
        assert name == "__Host-orgkeys-session"
        assert {"Secure", "Path=/"} <= {part.strip() for part in cookie.split(";")}
        headers = {"Cookie": f"{name}={value}"}
        assert client.get("/organization/projects", headers=headers).status_code == 200
        # The name without its prefix could be set by a neighbour.
        headers = {"Cookie": f"orgkeys-session={value}"}
        client.cookies.clear()
        assert client.get("/organization/projects", headers=headers).status_code == 401


def test_wrong_ways_to_sign_in(browser, api):
    other = api.project("of keys")
    project_key = api.key_of(other["id"])["value"]
    browser.sign_in((400, "missing_required_parameter", "email"))
    browser.sign_in((400, "missing_required_parameter", "password"), email="a@example.com")
    browser.sign_in((400, "invalid_value", "admin_key"), admin_key="k" * 20, password=PASSWORD)
    browser.sign_in((401, "invalid_api_key"), admin_key="k" * 20)
    browser.sign_in((401, "invalid_api_key"), admin_key=project_key)
    assert COOKIE not in browser.http.cookies


# ---- With a password


def test_a_person_joins_with_a_password_and_signs_in(api, browser):
    user = with_password(api, browser)
    session = browser.get("/sessions/current")
    assert session["user"]["id"] == user["id"] and session["admin_api_key_id"] is None
    assert session["organization"]["id"].startswith("org_")
    assert session["user_agent"].startswith("python-httpx")
    browser.delete("/sessions/current")
    assert not browser.http.cookies
    browser.get("/projects", expect=(401, None))


def test_what_is_wrong_of_a_login_is_not_said(api, browser, browsers):
    user = with_password(api, browser)
    without = api.person()
    replies = [
        browsers().http.post("/organization/sessions", json={"email": email, "password": password})
        for email, password in (
            (user["email"], OTHER_PASSWORD),
            (without["email"], PASSWORD),
            (f"{unique('nobody')}@example.com", PASSWORD),
        )
    ]
    own = {"x-request-id", "openai-processing-ms", "date"}
    seen = [(r.status_code, r.text, sorted((n, v) for n, v in r.headers.items() if n not in own)) for r in replies]
    assert seen[0][0] == 401 and seen.count(seen[0]) == len(seen), seen
    assert replies[0].json()["error"]["code"] == "wrong_login"
    failed = [e for e in api.events(event_types__=["login.failed"]) if e["actor"]["session"]["user"]["id"] == user["id"]]
    assert [e["login.failed"]["error_code"] for e in failed] == ["wrong_login"]


def test_wrong_passwords_are_slowed(fresh_server):
    server = fresh_server()
    api = Api(server.base_url, server.admin_key)
    browser = Browser(server)
    user = with_password(api, browser)
    statuses = []
    # Attempts must be further and further apart, so one comes too soon however slow they are.
    while 429 not in statuses:
        assert len(statuses) < 20, statuses
        reply = browser.http.post("/organization/sessions", json={"email": user["email"].upper(), "password": OTHER_PASSWORD})
        statuses.append(reply.status_code)
    assert statuses[:5] == [401] * 5, statuses
    assert 1 <= int(reply.headers["retry-after"]) <= 60
    assert "orgkeys_logins_refused_total 0" not in server.metrics()
    assert len(api.events(event_types__=["login.failed"])) == statuses.count(401)
    browser.close()
    api.close()


def test_an_account_elsewhere_is_another(api, other, browsers):
    """Signing in there does not wipe out the attempts here."""
    email = f"{unique('twice')}@example.com"
    with_password(api, browsers(), email=email)
    with_password(other, browsers(), email=email, sign_in=False)
    organization = other.http.get("/organization/projects").headers["openai-organization"]
    wrong = {"email": email, "password": OTHER_PASSWORD}
    statuses = []
    for _ in range(8):
        statuses += [browsers().http.post("/organization/sessions", json=wrong).status_code for _ in range(2)]
        browsers().sign_in(email=email, password=PASSWORD, organization_id=organization)
    assert statuses[:5] == [401] * 5 and 429 in statuses, statuses


def test_a_used_link_of_an_invite_costs_no_password(api, browser):
    invite = api.invite()
    token = invite["invite_url"].partition("#")[2]
    body = {"token": token, "name": "Some Body", "password": PASSWORD}
    browser.post("/invites/accept", body)
    browser.post("/invites/accept", body, (400, "invalid_invite_token"))


def test_changing_a_password_ends_the_other_sessions(api, browser, browsers):
    user = with_password(api, browser)
    elsewhere = browsers()
    elsewhere.sign_in(email=user["email"], password=PASSWORD)
    assert len(browser.get("/sessions")["data"]) == 2
    body = {"current_password": OTHER_PASSWORD, "password": OTHER_PASSWORD}
    browser.post("/password", body, (400, "wrong_password", "current_password"))
    browser.post("/password", {"current_password": PASSWORD, "password": "short"}, (400, "string_below_min_length"))
    browser.post("/password", {"current_password": PASSWORD, "password": OTHER_PASSWORD})
    browser.get("/projects")
    elsewhere.get("/projects", expect=(401, "invalid_session"))
    elsewhere.sign_in((401, "wrong_login"), email=user["email"], password=PASSWORD)
    elsewhere.sign_in(email=user["email"], password=OTHER_PASSWORD)


def test_a_link_sets_a_password_once(api, browser):
    user = api.person()
    old = api.post(f"/users/{user['id']}/password_link")
    link = api.post(f"/users/{user['id']}/password_link")
    old_token, token = (SECRETS.add(one["url"].partition("#")[2]) for one in (old, link))
    browser.post("/passwords", {"token": old_token, "password": PASSWORD}, (400, "invalid_password_link", "token"))
    assert browser.post("/passwords", {"token": token, "password": PASSWORD})["id"] == user["id"]
    browser.post("/passwords", {"token": token, "password": PASSWORD}, (400, "invalid_password_link", "token"))
    browser.sign_in(email=user["email"], password=PASSWORD)


def test_sessions_are_listed_and_ended(api, browser, browsers):
    user = with_password(api, browser)
    elsewhere = browsers()
    there = elsewhere.sign_in(email=user["email"], password=PASSWORD)
    listed = browser.get("/sessions")["data"]
    assert [session["is_current"] for session in listed] == [True, False]
    browser.delete(f"/sessions/{there['id']}")
    elsewhere.get("/projects", expect=(401, "invalid_session"))
    browser.delete(f"/sessions/{there['id']}", (404, "session_not_found"))
    # Another person's are not there.
    other = browsers()
    with_password(api, other)
    other.delete(f"/sessions/{listed[0]['id']}", (404, "session_not_found"))


def test_a_person_has_at_most_fifty_sessions(api, browser, browsers):
    key = api.admin_key()
    oldest = browsers()
    oldest.sign_in(admin_key=key["value"])
    for _ in range(50):
        browser.sign_in(admin_key=key["value"])
    assert len(browser.all("/sessions")) == 50
    oldest.get("/projects", expect=(401, "invalid_session"))
    api.delete(f"/admin_api_keys/{key['id']}")


def test_whoever_leaves_is_signed_out(api, browser):
    user = with_password(api, browser, role="owner")
    browser.get("/audit_logs", limit=1)
    api.post(f"/users/{user['id']}", {"role": "reader"})
    browser.get("/audit_logs", limit=1, expect=(403, "insufficient_role"))
    api.delete(f"/users/{user['id']}")
    browser.get("/projects", expect=(401, "invalid_session"))


@pytest.mark.parametrize("column", ["last_used_at", "expires_at"])
def test_a_session_ends_by_itself(fresh_server, column):
    server = fresh_server()
    browser = Browser(server)
    browser.sign_in(admin_key=server.admin_key)
    browser.get("/projects")
    server.stop()
    server.sql(f"UPDATE sessions SET {column} = {column} - 8 * 24 * 3600")
    server.start()
    moved = Browser(server)
    moved.http.cookies = browser.http.cookies
    moved.get("/projects", expect=(401, "invalid_session"))
    browser.close()
    moved.close()


# ---- Pages of others


@pytest.mark.parametrize("origin", [None, "null", "http://evil.example", "https://127.0.0.1:1"])
def test_a_page_of_another_site_changes_nothing(server, api, browser, origin):
    key = api.admin_key()
    browser.sign_in(admin_key=key["value"])
    headers = {"Cookie": f"{COOKIE}={SECRETS.add(browser.token)}"}
    if origin is not None:
        headers["Origin"] = origin
    with httpx.Client(base_url=server.base_url, headers=headers) as client:
        assert client.get("/organization/projects").status_code == 200
        reply = client.post("/organization/projects", json={"name": "forged"})
        assert (reply.status_code, reply.json()["error"]["code"]) == (403, "wrong_origin")
        assert "access-control-allow-origin" not in reply.headers
        # Nor does it sign somebody in as its own user.
        if origin is not None:
            del client.headers["Cookie"]
            reply = client.post("/organization/sessions", json={"admin_key": key["value"]})
            assert (reply.status_code, reply.json()["error"]["code"]) == (403, "wrong_origin")
    assert "forged" not in [project["name"] for project in api.all("/projects")]


def test_beside_a_key_the_cookie_counts_for_nothing(server, api, browser):
    browser.sign_in(admin_key=api.admin_key()["value"])
    headers = {"Authorization": "Bearer sk-admin-nobody"}
    assert browser.http.get("/organization/projects", headers=headers).status_code == 401
    headers = {"Authorization": f"Bearer {server.admin_key}", "Origin": "http://evil.example"}
    name = unique("by key")
    assert browser.http.post("/organization/projects", headers=headers, json={"name": name}).status_code == 200
    event = api.events(event_types__=["project.created"])[0]
    assert event["actor"]["type"] == "api_key"


def test_a_cookie_opens_nothing_behind_the_proxy(server, api, browser):
    browser.sign_in(admin_key=api.admin_key()["value"])
    token = browser.token
    assert httpx.get(f"{server.url}/auth", headers={"Cookie": f"{COOKIE}={token}"}).status_code == 401
    assert httpx.get(f"{server.url}/auth", headers={"Authorization": f"Bearer {token}"}).status_code == 401
    assert httpx.get(f"{server.base_url}/organization/projects", headers={"Authorization": f"Bearer {token}"}).status_code == 401


# ---- Roles


def test_a_reader_sees_their_projects_and_their_own_keys(api, browser):
    mine, shared, hidden = (api.project(unique(word)) for word in ("mine", "shared", "hidden"))
    user = with_password(api, browser, projects=[(mine["id"], "owner"), (shared["id"], "member")])
    assert [p["id"] for p in browser.all("/projects")] == [mine["id"], shared["id"]]
    browser.get(f"/projects/{hidden['id']}", expect=(404, "project_not_found"))

    browser.post(f"/projects/{mine['id']}/api_keys", {"name": "x", "user_id": api.owner()["id"]}, (403, "insufficient_role"))
    browser.post(f"/projects/{hidden['id']}/archive", expect=(404, "project_not_found"))

    others = api.key_of(shared["id"])
    own = browser.post(f"/projects/{shared['id']}/api_keys", {"name": "own"})
    assert own["owner"]["user"]["id"] == user["id"]
    assert [k["id"] for k in browser.all(f"/projects/{shared['id']}/api_keys")] == [own["id"]]
    path = f"/projects/{shared['id']}/api_keys"
    browser.get(f"{path}/{others['id']}", expect=(404, "api_key_not_found"))
    browser.delete(f"{path}/{others['id']}", (404, "api_key_not_found"))
    browser.post(f"{path}/{others['id']}", {"expires_in_seconds": 60}, (404, "api_key_not_found"))
    somebody = api.owner()["id"]
    browser.post(path, {"name": "for another", "user_id": somebody}, (403, "insufficient_role"))
    browser.delete(f"{path}/{own['id']}")

    # A project's owner manages it.
    account = browser.post(f"/projects/{mine['id']}/service_accounts", {"name": "robot"})
    assert [k["id"] for k in browser.all(f"/projects/{mine['id']}/api_keys")] == [account["api_key"]["id"]]
    browser.post(f"/projects/{mine['id']}", {"name": unique("renamed")})
    browser.delete(f"/projects/{mine['id']}/service_accounts/{account['id']}")
    # The role is that of this moment.
    api.post(f"/projects/{mine['id']}/users/{user['id']}", {"role": "member"})
    browser.post(f"/projects/{mine['id']}", {"name": "x"}, (403, "insufficient_role"))
    api.delete(f"/projects/{mine['id']}/users/{user['id']}")
    browser.get(f"/projects/{mine['id']}", expect=(404, "project_not_found"))


def test_what_takes_an_owner_is_refused_to_a_reader(api, browser):
    project = api.project(unique("project"))
    user = with_password(api, browser, projects=[(project["id"], "member")])
    of_project = f"/projects/{project['id']}"
    refused = [
        ("GET", "/admin_api_keys"), ("POST", "/admin_api_keys"), ("POST", "/projects"),
        ("POST", of_project), ("POST", f"{of_project}/archive"), ("POST", f"{of_project}/users"),
        ("DELETE", f"{of_project}/users/{user['id']}"), ("POST", f"{of_project}/service_accounts"),
        ("GET", "/users"), ("POST", f"/users/{user['id']}"), ("DELETE", f"/users/{user['id']}"),
        ("GET", "/invites"), ("POST", "/invites"), ("GET", "/audit_logs"),
        ("POST", f"/users/{user['id']}/password_link"),
    ]
    bodies = {
        "/admin_api_keys": {"name": "x"}, "/projects": {"name": "x"}, of_project: {"name": "x"},
        f"{of_project}/users": {"user_id": user["id"], "role": "owner"},
        f"{of_project}/service_accounts": {"name": "x"}, f"/users/{user['id']}": {"role": "owner"},
        "/invites": {"email": "x@example.com", "role": "owner"},
    }
    for method, path in refused:
        options = {"json": bodies[path]} if method == "POST" and path in bodies else {}
        browser.call(method, path, (403, "insufficient_role"), **options)
    assert browser.get(f"/users/{user['id']}")["id"] == user["id"]
    browser.get(f"/users/{api.owner()['id']}", expect=(403, "insufficient_role"))
    assert browser.get(f"{of_project}/users")["object"] == "list"
    assert browser.get(f"{of_project}/service_accounts")["object"] == "list"


def test_what_a_session_did_is_in_the_audit_log(api, browser):
    user = with_password(api, browser, role="owner")
    project = browser.post("/projects", {"name": unique("by session")})
    event = api.events(event_types__=["project.created"], resource_ids__=[project["id"]])[0]
    assert event["actor"]["type"] == "session"
    assert event["actor"]["session"]["user"] == {"id": user["id"], "email": user["email"]}
    browser.delete("/sessions/current")
    kinds = [e["type"] for e in api.events(actor_ids__=[user["id"]])]
    assert kinds[:1] == ["logout.succeeded"] and "login.succeeded" in kinds
