"""`/auth`: may this key come in? Asked as a proxy asks it."""

import threading

import httpx
import pytest

from support.secret_values import SECRETS

IDENTITY = ("organization-id", "project-id", "key-id", "owner-type", "owner-id", "scopes", "expires-at")


@pytest.fixture(scope="module")
def proxy(server):
    with httpx.Client(base_url=server.base_url.removesuffix("/v1")) as client:
        yield client


@pytest.fixture(scope="module")
def account(api):
    project = api.project()
    made = api.service_account(project["id"])
    return project["id"], made["id"], made["api_key"]["value"], made["api_key"]["id"]


def ask(proxy, key=None, question="", status=200, code=None, **headers):
    if key is not None:
        headers["Authorization"] = f"Bearer {key}"
    reply = proxy.get(f"/auth{question}", headers=headers)
    assert reply.status_code == status, reply.text
    if status != 200:
        assert reply.json()["error"]["code"] == code, reply.text
    return reply


def identity(reply):
    assert all(reply.headers.get_list(f"x-orgkeys-{name}") for name in IDENTITY), reply.headers
    return {name: reply.headers[f"x-orgkeys-{name}"] for name in IDENTITY}


def test_a_good_key_passes_and_says_whom_it_speaks_for(proxy, account):
    project_id, account_id, value, key_id = account
    shown = identity(ask(proxy, value))
    assert shown.pop("organization-id").startswith("org_")
    assert shown == {
        "project-id": project_id, "key-id": key_id, "owner-type": "service_account",
        "owner-id": account_id, "scopes": "", "expires-at": "",
    }


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"])
def test_any_method_is_answered(proxy, account, method):
    reply = proxy.request(method, "/auth", headers={"Authorization": f"Bearer {account[2]}"})
    assert reply.status_code == 200 and reply.content == b""


def test_a_key_comes_in_one_of_three_headers(proxy, account):
    for headers in ({"x-api-key": account[2]}, {"api-key": account[2]},
                    {"x-api-key": account[2], "Authorization": f"bearer {account[2]}"}):
        ask(proxy, **headers)


def test_two_credentials_are_none(proxy, account, api):
    other = SECRETS.add("another-key-of-somebody-else")
    for headers in (
        [("Authorization", f"Bearer {account[2]}")] * 2,
        [("x-api-key", account[2])] * 2,
        [("Authorization", f"Bearer {account[2]}"), ("x-api-key", other)],
        [("x-api-key", account[2]), ("api-key", other)],
        [("Authorization", "Basic dXNlcjpwYXNz"), ("x-api-key", account[2])],
    ):
        reply = proxy.get("/auth", headers=headers)
        assert (reply.status_code, reply.json()["error"]["code"]) == (401, "multiple_credentials")


def test_no_key_is_401(proxy, account):
    reply = ask(proxy, status=401)
    assert reply.headers["www-authenticate"].startswith("Bearer")
    ask(proxy, status=401, Cookie=f"api-key={account[2]}")
    ask(proxy, status=401, Authorization="Basic dXNlcjpwYXNz")


def test_a_refusal_says_why_in_the_words_of_rfc_6750_and_in_one_header(proxy, api, account):
    """RFC 6750, 3.1; X-Orgkeys-Error is for proxies that cannot pass on a reply's body."""
    scoped = api.account_key(account[0], account[1], scopes=["a"])["value"]
    for reply, error in (
        (ask(proxy, status=401), None),
        (ask(proxy, "wrong", status=401, code="invalid_api_key"), "invalid_token"),
        (ask(proxy, account[2], status=401, code="multiple_credentials", **{"api-key": "x"}), "invalid_request"),
        (ask(proxy, scoped, "?scope=b", 403, "insufficient_scope"), "insufficient_scope"),
        (ask(proxy, account[2], "?scope=", 400, "invalid_question"), ""),
    ):
        challenge = reply.headers.get("www-authenticate")
        assert challenge == {
            None: 'Bearer realm="orgkeys"', "": None,
        }.get(error, f'Bearer realm="orgkeys", error="{error}"')
        assert reply.headers["x-orgkeys-error"] == reply.text
        assert reply.headers["content-type"] == "application/json"
        assert reply.headers["cache-control"] == "no-store"


def test_checks_are_counted_by_outcome_and_timed(proxy, account):
    def counts():
        lines = proxy.get("/metrics").text.splitlines()
        return {name: int(line.rpartition(" ")[2]) for line in lines for name in names if line.startswith(name)}

    names = ('orgkeys_checks_total{outcome="ALLOWED"}', 'orgkeys_checks_total{outcome="INVALID_API_KEY"}',
             "orgkeys_check_seconds_count")
    before = counts()
    ask(proxy, account[2])
    ask(proxy, "wrong", status=401, code="invalid_api_key")
    ask(proxy, "also-wrong", status=401, code="invalid_api_key")
    after = counts()
    assert [after[name] - before[name] for name in names] == [1, 2, 3]


def test_garbage_unknown_and_revoked_keys_read_alike(proxy, api, account):
    key = api.account_key(account[0], account[1])
    ask(proxy, key["value"])
    api.delete(f"/projects/{account[0]}/api_keys/{key['id']}")
    replies = {
        ask(proxy, wrong, status=401, code="invalid_api_key").text
        for wrong in (key["value"], "x", "' OR '1'='1", key["value"][:-1] + "0", "never-heard-of-this-one")
    }
    assert len(replies) == 1


def test_scopes_narrow(proxy, api, account):
    value = api.account_key(account[0], account[1], scopes=["api.model.request"])["value"]
    assert identity(ask(proxy, value))["scopes"] == "api.model.request"
    ask(proxy, value, "?scope=api.model.request")
    ask(proxy, value, "?scope=api.model.request&scope=api.files.read", 403, "insufficient_scope")
    ask(proxy, account[2], "?scope=api.model.request&scope=api.files.read")
    reader = api.account_key(account[0], account[1], scopes=["api.all.read"])["value"]
    ask(proxy, reader, "?scope=api.files.read")
    ask(proxy, reader, "?scope=api.files.write", 403, "insufficient_scope")


def test_projects_and_organizations_narrow(proxy, account, other):
    theirs = other.project()["id"]
    their_key = other.service_account(theirs)["api_key"]["value"]
    own = identity(ask(proxy, account[2]))["organization-id"]
    ask(proxy, account[2], f"?project={account[0]}&organization={own}")
    ask(proxy, account[2], f"?project={theirs}", 403, "other_project")
    ask(proxy, their_key, "", 401, "invalid_api_key")
    ask(proxy, their_key, f"?organization={own}", 401, "invalid_api_key")
    there = identity(ask(proxy, their_key, "?organization=any"))["organization-id"]
    assert there != own
    ask(proxy, their_key, f"?organization={there}&project={theirs}")
    ask(proxy, account[2], f"?organization={there}", 401, "invalid_api_key")


@pytest.mark.parametrize("question", [
    "?scop=a", "?scope=", "?scope", "?project=", "?organization=", "?project=a&project=b", "?a",
    "?organization=any&organization=any", "?organization=Any", "?organization=org_1", "?project=any",
    "?project=proj_", "?project=key_08DnjgMyyYg3JuB5iCwYd7G1", "?scope=a&&scope=b", "?scope=%zz",
    "?" + "&".join(f"scope=s{i}" for i in range(17)), '?scope=a"b', "?scope=" + 65 * "a", "/scope=a", "/scope=a/b", "/",
])
def test_a_typing_error_lets_nobody_in(proxy, account, question):
    ask(proxy, account[2], question, 400, "invalid_question")


def test_what_a_proxy_appends_is_not_read(proxy, account):
    for path in (f"/project={account[0]}&scope=a/-/v1/chat?scope=&organization=x", "/project=/-/x"):
        reply = proxy.get(f"/auth{path}", headers={"x-api-key": account[2]})
        assert reply.status_code == (400 if "project=/" in path else 200), reply.text
    assert proxy.get("/auth/scope=s/-", headers={"x-api-key": account[2]}).status_code == 200


def test_admin_keys_are_for_administration(proxy, server):
    ask(proxy, server.admin_key, status=403, code="admin_key")


def test_what_ends_a_key_ends_it_at_the_next_check(proxy, api):
    project = api.project()["id"]
    account = api.service_account(project)
    value = account["api_key"]["value"]
    person = api.person(projects=[(project, "member")])
    theirs = api.key_of(project, user_id=person["id"])["value"]
    assert identity(ask(proxy, theirs))["owner-type"] == "user"
    api.delete(f"/projects/{project}/users/{person['id']}")
    ask(proxy, theirs, status=403, code="owner_without_access")
    api.post(f"/projects/{project}/users", {"user_id": person["id"], "role": "member"})
    ask(proxy, theirs)
    api.delete(f"/users/{person['id']}")
    ask(proxy, theirs, status=401, code="invalid_api_key")
    api.post(f"/projects/{project}/archive")
    ask(proxy, value, status=403, code="project_archived")


def test_deleting_a_service_account_ends_its_keys(proxy, api, account):
    made = api.service_account(account[0])
    more = api.account_key(account[0], made["id"])["value"]
    ask(proxy, more)
    api.delete(f"/projects/{account[0]}/service_accounts/{made['id']}")
    for value in (more, made["api_key"]["value"]):
        ask(proxy, value, status=401, code="invalid_api_key")


def test_keys_are_there_again_after_a_restart(fresh_server):
    from support.api import Api

    server = fresh_server()
    api = Api(server.base_url, server.admin_key)
    project = api.project()["id"]
    kept = api.service_account(project)
    scoped = api.account_key(project, kept["id"], scopes=["a.b"], expires_in_seconds=3600)["value"]
    idle = api.service_account(project, create_service_account_only=True)
    useless = api.account_key(project, idle["id"])["value"]
    gone = api.service_account(project)
    api.delete(f"/projects/{project}/service_accounts/{gone['id']}")
    server.kill9()
    server.start()
    with httpx.Client(base_url=server.base_url.removesuffix("/v1")) as client:
        ask(client, kept["api_key"]["value"])
        assert identity(ask(client, scoped))["scopes"] == "a.b"
        ask(client, useless, status=403, code="owner_without_access")
        ask(client, gone["api_key"]["value"], status=401, code="invalid_api_key")


def test_a_key_works_from_its_reply_and_never_after_its_end(server, api, account):
    """Cases 1, 8 and 9: many connections check while keys come and go."""
    base = server.base_url.removesuffix("/v1")
    wrong = []

    def churn():
        with httpx.Client(base_url=base) as client:
            for _ in range(30):
                key = api.account_key(account[0], account[1])
                headers = {"x-api-key": key["value"]}
                if client.get("/auth", headers=headers).status_code != 200:
                    wrong.append("not known after its reply")
                api.delete(f"/projects/{account[0]}/api_keys/{key['id']}")
                if any(client.get("/auth", headers=headers).status_code != 401 for _ in range(3)):
                    wrong.append("known after its end")

    threads = [threading.Thread(target=churn) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_a_value_brought_in_again_after_its_owner_is_gone_works(proxy, api, account):
    value = SECRETS.add("a-static-key-that-comes-back-0123456789")
    first = api.service_account(account[0])["id"]
    api.account_key(account[0], first, value=value)
    ask(proxy, value)
    api.delete(f"/projects/{account[0]}/service_accounts/{first}")
    ask(proxy, value, status=401, code="invalid_api_key")
    again = api.account_key(account[0], account[1], value=value)
    assert identity(ask(proxy, value))["owner-id"] == account[1]
    api.delete(f"/projects/{account[0]}/api_keys/{again['id']}")
    ask(proxy, value, status=401, code="invalid_api_key")


def test_with_an_internal_listener_checks_are_only_there(fresh_server):
    from support.api import Api

    server = fresh_server("--internal-listen", "127.0.0.1:0")
    api = Api(server.base_url, server.admin_key)
    value = api.service_account(api.project()["id"])["api_key"]["value"]
    headers = {"x-api-key": value}
    assert httpx.get(f"{server.internal_url}/auth", headers=headers).status_code == 200
    for path in ("/auth", "/auth/scope=a/-", "/auth?scope=a"):
        assert httpx.get(f"{server.url}{path}", headers=headers).status_code == 404
    for url in (server.url, server.internal_url):
        asked = httpx.post(
            f"{url}/oauth2/introspect", headers={"Authorization": f"Bearer {server.admin_key}"}, data={"token": value}
        )
        assert asked.json()["active"]
