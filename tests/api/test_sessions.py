"""Signing in, what ends a session, and pages of others. The cookie goes to the API like a key does."""

import re
import secrets

import httpx
import pytest

from support.api import PASSWORD, http_client, unique
from support.browser import COOKIE, Browser, with_password
from support.secret_values import SECRETS

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


def test_a_key_that_signs_in_is_used(api, browser):
    key = api.admin_key()
    session = browser.sign_in(admin_key=key["value"])
    assert api.get(f"/admin_api_keys/{key['id']}")["last_used_at"] >= session["created_at"]


def test_who_signs_in_again_signs_out(api, browser, browsers):
    """Whoever the browser's session was of; what was wrong ends nothing."""
    key, user = api.admin_key(), with_password(api, browser)
    first = browser.get("/sessions/current")
    kept = browsers()
    kept.http.cookies = browser.http.cookies
    browser.sign_in((401, "wrong_login"), email=user["email"], password=SECRETS.add("of somebody else entirely"))
    kept.get("/projects")
    browser.sign_in(admin_key=key["value"])
    assert browser.token != kept.token
    kept.get("/projects", expect=(401, "invalid_session"))
    ended = api.events(event_types__=["logout.succeeded"], resource_ids__=[first["id"]])
    assert [event["actor"]["session"]["user"]["id"] for event in ended] == [user["id"]]
    api.delete(f"/admin_api_keys/{key['id']}")


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
    unknown_key = SECRETS.add(f"sk-admin-{secrets.token_hex(24)}")
    browser.sign_in((400, "missing_required_parameter", "email"))
    browser.sign_in((400, "missing_required_parameter", "password"), email="a@example.com")
    browser.sign_in((400, "invalid_value", "admin_key"), admin_key=unknown_key, password=PASSWORD)
    browser.sign_in((401, "invalid_api_key"), admin_key=unknown_key)
    browser.sign_in((401, "invalid_api_key"), admin_key=project_key)
    assert COOKIE not in browser.http.cookies


# ---- How long it lasts


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
        browser.http.cookies.clear()
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


def test_a_session_of_a_key_is_as_long_as_the_key_and_its_owner(api, browser, browsers):
    user = with_password(api, browser, role="owner")
    key = browser.post("/admin_api_keys", {"name": unique("own"), "expires_in_seconds": 3600})
    by_key = browsers()
    assert by_key.sign_in(admin_key=key["value"])["expires_at"] == key["expires_at"]
    by_key.get("/audit_logs", limit=1)
    api.post(f"/users/{user['id']}", {"role": "reader"})
    by_key.get("/projects", expect=(401, "invalid_session"))
    browser.get("/projects")


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


@pytest.mark.parametrize(
    ("host", "status"),
    [("localhost", 200), ("[::1]", 200), ("localhost.evil.example", 403), ("127.0.0.10", 403), ("localhost@evil.example", 403)],
)
def test_this_machine_has_several_names(server, api, host, status):
    key = api.admin_key()["value"]
    for port, expected in ((server.port, status), (server.port + 1, 403)):
        with http_client(server.base_url, Origin=f"http://{host}:{port}") as client:
            assert client.post("/organization/sessions", json={"admin_key": key}).status_code == expected
    with http_client(server.base_url, Origin=f"https://{host}:{server.port}") as client:
        assert client.post("/organization/sessions", json={"admin_key": key}).status_code == 403


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
