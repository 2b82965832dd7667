"""`/oauth2/introspect` (RFC 7662): what there is to say of a key, to whom it may be said."""

import time

import httpx
import pytest

SCOPE = "api.keys.introspect"
INACTIVE = {"active": False}


@pytest.fixture(scope="module")
def url(server):
    return server.base_url.removesuffix("/v1") + "/oauth2/introspect"


@pytest.fixture(scope="module")
def account(api):
    project = api.project()["id"]
    return project, api.service_account(project)


@pytest.fixture(scope="module")
def resource_server(api, account):
    """A key of the project that may ask."""
    return api.account_key(account[0], account[1]["id"], scopes=[SCOPE])["value"]


def ask(url, key, token, status=200, form=None):
    headers = {} if key is None else {"Authorization": f"Bearer {key}"}
    reply = httpx.post(url, headers=headers, data=form or {"token": token})
    assert reply.status_code == status, reply.text
    assert reply.headers["cache-control"] == "no-store"
    return reply.json()


def test_an_admin_key_learns_whom_a_key_speaks_for(url, server, api, account):
    project, made = account
    soon = api.account_key(project, made["id"], scopes=["b", "a"], expires_in_seconds=3600)
    told = ask(url, server.admin_key, soon["value"], form={"token": soon["value"], "token_type_hint": "access_token"})
    assert told.pop("organization_id").startswith("org_")
    assert abs(told.pop("exp") - time.time() - 3600) < 60
    assert told == {
        "active": True, "scope": "b a", "token_type": "Bearer", "sub": made["id"], "jti": soon["id"],
        "project_id": project, "owner_type": "service_account",
    }


def test_what_a_key_has_not_is_left_out(url, server, account):
    told = ask(url, server.admin_key, account[1]["api_key"]["value"])
    assert told["active"] and not {"scope", "exp"} & set(told)


def test_a_key_of_a_project_learns_of_its_project_only(url, api, account, resource_server):
    assert ask(url, resource_server, account[1]["api_key"]["value"])["project_id"] == account[0]
    elsewhere = api.service_account(api.project()["id"])["api_key"]["value"]
    assert ask(url, resource_server, elsewhere) == INACTIVE


def test_another_organizations_key_is_not_active(url, other, account):
    assert ask(url, other.key, account[1]["api_key"]["value"]) == INACTIVE


def test_what_may_not_come_in_is_not_active(url, server, api, account):
    project, made = account
    revoked = api.account_key(project, made["id"])
    assert ask(url, server.admin_key, revoked["value"])["active"]
    api.delete(f"/projects/{project}/api_keys/{revoked['id']}")
    archived = api.project()["id"]
    of_archived = api.service_account(archived)["api_key"]["value"]
    api.post(f"/projects/{archived}/archive")
    for token in (revoked["value"], of_archived, server.admin_key, "unknown", "x" * 9000, "a b+c", "é"):
        assert ask(url, server.admin_key, token) == INACTIVE


def test_who_may_not_ask(url, api, account):
    project, made = account
    good = made["api_key"]["value"]
    assert ask(url, None, good, 401)["error"]["code"] is None
    assert ask(url, "unknown", good, 401)["error"]["code"] == "invalid_api_key"
    for scopes in ([], ["api.all.read"], ["api.keys"]):
        key = api.account_key(project, made["id"], scopes=scopes)["value"]
        assert ask(url, key, good, 403)["error"]["code"] == "insufficient_scope"
    reply = httpx.post(url, headers={"Authorization": f"Bearer {good}", "x-api-key": "x"}, data={"token": good})
    assert (reply.status_code, reply.json()["error"]["code"]) == (401, "multiple_credentials")


def test_the_question_has_its_form(url, server):
    headers = {"Authorization": f"Bearer {server.admin_key}"}
    assert ask(url, server.admin_key, None, 400, {"other": "x"})["error"]["param"] == "token"
    assert ask(url, server.admin_key, None, 400, {"token": ""})["error"]["param"] == "token"
    for body, content_type, status in (
        (b'{"token": "x"}', "application/json", 415),
        (b"token=x", "text/plain", 415),
        (b"token=a&token=b", "application/x-www-form-urlencoded", 400),
        (b"token=%zz", "application/x-www-form-urlencoded", 400),
        (b"token=x", "application/x-www-form-urlencoded; charset=utf-8", 200),
        (b"token=" + b"x" * 17000, "application/x-www-form-urlencoded", 413),
    ):
        reply = httpx.post(url, headers={**headers, "Content-Type": content_type}, content=body)
        assert reply.status_code == status, (body[:30], reply.text)
    reply = httpx.get(url, headers=headers)
    assert (reply.status_code, reply.headers["allow"]) == (405, "POST")
