"""The examples of proxies, each with the real proxy, orgkeys behind a relay that remembers what was
asked, and a model server that remembers what reached it. Every test holds for every example."""

import contextlib
import hashlib
import http.client
import json
import os
import re
import threading
from types import SimpleNamespace

import httpx
import openai
import pytest

from proxies import EXAMPLES, MODEL_SERVER_KEY, Proxy
from relay import Relay
from support.api import Api
from support.raw import Connection, wait_until_read
from support.secret_values import SECRETS
from support.tls import make_certificates
from support.upstream import Upstream, own_error
from support.wait import wait_until

SCOPE = "api.model.request"
IDENTITY = ("organization-id", "project-id", "key-id", "owner-type", "owner-id", "scopes", "expires-at")
CREDENTIALS = ("authorization", "x-api-key", "api-key")
# What HTTP itself, or a proxy on its own account, may add to the question.
OF_THE_PROXY = {"host", "connection", "user-agent", "accept-encoding", "content-length"}
PREFIXES_OF_THE_PROXY = ("x-forwarded-", "x-envoy-")
UPLOAD = 20 << 20


@pytest.fixture(scope="session")
def certificates(tmp_path_factory):
    return make_certificates(tmp_path_factory.mktemp("certificates"))


@pytest.fixture(scope="module", params=EXAMPLES, ids=lambda example: example.name)
def example(request):
    return request.param


@pytest.fixture(scope="module")
def running(example, server, certificates, tmp_path_factory):
    """The parts in their row: proxy, relay, model server."""
    folder = tmp_path_factory.mktemp(example.name)
    with (
        Upstream() as upstream,
        Relay(lambda: (server.host, server.port)) as relay,
        Proxy(example, folder, relay.address, upstream.address, certificates) as proxy,
    ):
        yield SimpleNamespace(proxy=proxy, relay=relay, upstream=upstream)


@pytest.fixture
def proxy(running):
    running.relay.forget()
    running.upstream.forget()
    return running.proxy


@pytest.fixture
def relay(running, proxy):
    yield running.relay
    running.relay.canned = None


@pytest.fixture
def upstream(running, proxy):
    return running.upstream


@pytest.fixture
def caller(proxy):
    with httpx.Client(base_url=proxy.url, verify=proxy.trust(), timeout=20) as client:
        yield client


@pytest.fixture(scope="module")
def account(api):
    """A service account with a key that has everything a reply of /auth can name."""
    project = api.project()["id"]
    made = api.service_account(project)
    key = api.account_key(project, made["id"], scopes=[SCOPE, "a.b"], expires_in_seconds=3600)
    return SimpleNamespace(project=project, id=made["id"], key=key)


def bearer(value):
    return {"Authorization": f"Bearer {value}"}


def error_code(reply):
    assert reply.headers["content-type"].startswith("application/json"), reply.headers
    return reply.json()["error"]["code"]


def direct(server, **headers):
    """What orgkeys itself answers to the question of the examples."""
    return httpx.get(f"{server.url}/auth?scope={SCOPE}", headers=headers)


def exchange_in_full(proxy, head, body=b""):
    """A request as it is written here; gives the reply's status, headers and body."""
    with proxy.connect() as connection:
        connection.sendall("\r\n".join([*head, "", ""]).encode() + body)
        reply = http.client.HTTPResponse(connection)
        reply.begin()
        return reply.status, reply.headers, reply.read()


def exchange(proxy, head, body=b""):
    """The reply's status and body."""
    status, _, content = exchange_in_full(proxy, head, body)
    return status, content


def identity_at(request):
    """What the model server could take for an identity, however it was written: it may be behind a
    gateway interface that makes `_` of everything, or add trailers to the headers."""
    found = {}
    for name, value in [*request.headers, *request.trailers]:
        plain = name.lower().replace("_", "-").replace(".", "-")
        if plain.removeprefix("x-orgkeys-") in IDENTITY:
            found.setdefault(plain.removeprefix("x-orgkeys-"), []).append(value)
    return found


def assert_real_identity(request, server, account):
    said = direct(server, **bearer(account.key["value"])).headers
    assert identity_at(request) == {name: [said[f"x-orgkeys-{name}"]] for name in IDENTITY}


# --- a good key

def test_a_good_key_passes_with_its_identity(caller, upstream, server, account):
    reply = caller.get("/v1/models?limit=1", headers=bearer(account.key["value"]))
    assert (reply.status_code, reply.json()["data"][0]["id"]) == (200, "tiny")
    (request,) = upstream.requests
    assert (request.method, request.target) == ("GET", "/v1/models?limit=1")
    assert request.values("host")[0].startswith("localhost")
    assert identity_at(request)["project-id"] == [account.project]
    assert identity_at(request)["key-id"] == [account.key["id"]]
    assert_real_identity(request, server, account)


def test_what_a_key_does_not_have_is_absent_or_empty(caller, upstream, api, account):
    value = api.account_key(account.project, account.id)["value"]
    forged = {"X-Orgkeys-Scopes": "everything", "X-Orgkeys-Expires-At": "1"}
    assert caller.get("/v1/models", headers={**bearer(value), **forged}).status_code == 200
    found = identity_at(upstream.requests[0])
    assert found.pop("scopes", [""]) == [""] and found.pop("expires-at", [""]) == [""]
    assert set(found) == set(IDENTITY) - {"scopes", "expires-at"}


# --- forged headers

SPELLINGS = {
    "as-they-are": lambda name: [f"X-Orgkeys-{name}: forged"],
    "lower-case": lambda name: [f"x-orgkeys-{name}: forged"],
    "upper-case": lambda name: [f"X-ORGKEYS-{name.upper()}: forged"],
    "underscores": lambda name: [f"X_Orgkeys_{name.replace('-', '_')}: forged"],
    "one-underscore": lambda name: [f"X-Orgkeys_{name}: forged"],
    "dots": lambda name: [f"X.Orgkeys.{name.replace('-', '.')}: forged"],
    "twice": lambda name: [f"X-Orgkeys-{name}: forged", f"x-orgkeys-{name}: forged too"],
    "named-in-connection": lambda name: [f"Connection: X-Orgkeys-{name}"],
    "forged-and-named": lambda name: [f"Connection: close, x-orgkeys-{name}", f"X-Orgkeys-{name}: forged"],
}


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_an_identity_cannot_be_forged(proxy, upstream, server, account, spelling):
    forged = [line for name in IDENTITY for line in SPELLINGS[spelling](name)]
    head = ["GET /v1/models HTTP/1.1", "Host: localhost", f"Authorization: Bearer {account.key['value']}"]
    status, _ = exchange(proxy, head + forged)
    if status == 400:  # refused as a whole is as good
        assert upstream.requests == []
    else:
        assert status == 200
        assert_real_identity(upstream.requests[0], server, account)


def test_trailers_are_no_identity(proxy, upstream, server, account):
    head = [
        "POST /v1/files HTTP/1.1", "Host: localhost", f"Authorization: Bearer {account.key['value']}",
        "Transfer-Encoding: chunked", "Trailer: X-Orgkeys-Project-Id",
    ]
    status, _ = exchange(proxy, head, b"1\r\nx\r\n0\r\nX-Orgkeys-Project-Id: forged\r\n\r\n")
    assert status == 200
    assert_real_identity(upstream.requests[0], server, account)


# --- what orgkeys is asked

@pytest.mark.parametrize("carrier", CREDENTIALS)
def test_orgkeys_gets_the_credential_and_nothing_else(caller, relay, account, carrier):
    value = account.key["value"]
    credential = f"Bearer {value}" if carrier == "authorization" else value
    reply = caller.post(
        "/v1/files?secret=in-the-query", content=b"a body that is not for orgkeys",
        headers={carrier: credential, "Cookie": "session=1", "X-Other": "2", "Content-Type": "text/plain",
                 "X-Orgkeys-Project-Id": "forged"},
    )
    assert reply.status_code == 200
    ((line, headers),) = relay.requests()
    method, target, _ = line.split(" ")
    assert method in ("GET", "HEAD", "POST") and target.startswith("/auth")
    assert f"scope={SCOPE}" in target
    sent = {name.lower(): text for name, text in headers}
    assert len(sent) == len(headers)
    assert sent.pop(carrier) == credential
    assert {name for name in sent if not name.startswith(PREFIXES_OF_THE_PROXY)} <= OF_THE_PROXY
    assert sent.get("content-length", "0") == "0"


def test_the_connection_to_orgkeys_is_kept(caller, relay, account):
    before = len(relay.asked)
    for _ in range(20):
        assert caller.get("/v1/models", headers=bearer(account.key["value"])).status_code == 200
    assert len(relay.asked) - before <= 2
    assert len(relay.requests()) == 20


# --- the caller's key

@pytest.mark.parametrize("carriers", [
    ["authorization"], ["x-api-key"], ["api-key"], [*CREDENTIALS], ["X-API-Key", "Api-Key"],
], ids="-and-".join)
def test_the_model_server_gets_its_own_key_only(caller, upstream, account, carriers):
    value = account.key["value"]
    headers = {name: f"Bearer {value}" if name == "authorization" else value for name in carriers}
    assert caller.get("/v1/models", headers=headers).status_code == 200
    (request,) = upstream.requests
    assert request.values("authorization") == [f"Bearer {MODEL_SERVER_KEY}"]
    assert request.values("x-api-key") in ([], [""]) and request.values("api-key") in ([], [""])
    assert value not in str(request.headers)


@pytest.mark.parametrize("name", ["X_Api_Key", "X-Api_Key", "x.api.key", "X-Api.Key", "Api_Key", "api.key"])
def test_a_key_in_a_name_that_is_nearly_right_stays_out(proxy, upstream, account, name):
    """Some model servers take `-`, `_` and `.` for the same."""
    value = account.key["value"]
    keys = [f"Authorization: Bearer {value}", f"{name}: {value}"]
    status, _ = exchange(proxy, ["GET /v1/models HTTP/1.1", "Host: localhost", *keys])
    assert status in (200, 400)
    assert len(upstream.requests) == (status == 200)
    assert not any(value in str(request.headers) for request in upstream.requests)


@pytest.mark.parametrize("carrier", CREDENTIALS)
def test_two_keys_never_reach_the_model_server(proxy, upstream, account, carrier):
    good, other = account.key["value"], SECRETS.add("another-key-of-somebody-else")
    for values in ((good, good), (good, other), (other, good)):
        upstream.forget()
        scheme = "Bearer " if carrier == "authorization" else ""
        head = ["GET /v1/models HTTP/1.1", "Host: localhost", *(f"{carrier}: {scheme}{v}" for v in values)]
        status, _ = exchange(proxy, head)
        assert status in ((400, 401) if carrier == "authorization" else (200, 400, 401))
        assert len(upstream.requests) == (status == 200)
        for request in upstream.requests:
            assert values[0] == good
            assert not any(value in str(request.headers) for value in values)


@pytest.mark.parametrize("other", [
    "Authorization: Basic eDp5", "Authorization: Bearer sk-other", "api-key: sk-other",
])
def test_a_key_beside_another_credential_is_refused(proxy, upstream, account, other):
    head = ["GET /v1/models HTTP/1.1", "Host: localhost", f"x-api-key: {account.key['value']}", other]
    status, body = exchange(proxy, head)
    assert (status, json.loads(body)["error"]["code"]) == (401, "multiple_credentials")
    assert upstream.requests == []


# --- refusals

def test_no_key_and_bad_keys_are_orgkeys_own_401(caller, upstream, server):
    for headers in ({}, bearer("sk-no-such-key"), {"x-api-key": "sk-no-such-key"}, {"Cookie": "api-key=x"}):
        reply, wanted = caller.get("/v1/models", headers=headers), direct(server, **headers)
        assert (reply.status_code, reply.json()) == (401, wanted.json())
        assert error_code(reply) == error_code(wanted)
        assert reply.headers.get_list("www-authenticate") == wanted.headers.get_list("www-authenticate")
        assert "retry-after" not in reply.headers
    assert upstream.requests == []


def test_refusals_of_uploads_are_read_by_the_client(caller, upstream):
    reply = caller.post("/v1/files", content=os.urandom(1 << 16))
    assert (reply.status_code, error_code(reply)) == (401, None)
    assert upstream.requests == []


def test_a_forbidden_key_is_orgkeys_own_403(caller, upstream, server, api, account):
    restricted = api.account_key(account.project, account.id, scopes=["api.files.read"])["value"]
    for value, code in ((restricted, "insufficient_scope"), (server.admin_key, "admin_key")):
        reply = caller.get("/v1/models", headers=bearer(value))
        wanted = direct(server, **bearer(value))
        assert (reply.status_code, error_code(reply)) == (403, code)
        assert reply.json() == wanted.json()
        assert reply.headers.get_list("www-authenticate") == wanted.headers.get_list("www-authenticate")
        assert "retry-after" not in reply.headers
    assert upstream.requests == []


def test_a_revoked_key_is_refused_at_the_next_request(caller, upstream, api, account):
    key = api.account_key(account.project, account.id)
    for _ in range(3):
        assert caller.get("/v1/models", headers=bearer(key["value"])).status_code == 200
    api.delete(f"/projects/{account.project}/api_keys/{key['id']}")
    upstream.forget()
    reply = caller.get("/v1/models", headers=bearer(key["value"]))
    assert (reply.status_code, error_code(reply)) == (401, "invalid_api_key")
    assert upstream.requests == []


def assert_unavailable(reply, code=None):
    assert reply.status_code == 503, reply.text
    assert int(reply.headers["retry-after"]) >= 1
    error = reply.json()["error"]
    assert set(error) == {"message", "type", "param", "code"} and error["type"] == "server_error"
    assert code is None or error["code"] == code


def test_orgkeys_503_stays_one(caller, relay, upstream, account):
    """The server answers /auth so while it cannot know: no test can bring that about in a running
    one, so the relay gives the reply that it would give."""
    body = json.dumps({"error": {"message": "Not now.", "type": "server_error", "param": None,
                                 "code": "not_now"}}, separators=(",", ":"))
    relay.canned = (
        "HTTP/1.1 503 Service Unavailable\r\nContent-Type: application/json\r\nRetry-After: 7\r\n"
        f"X-Orgkeys-Error: {body}\r\nContent-Length: {len(body)}\r\n\r\n{body}"
    ).encode()
    reply = caller.get("/v1/models", headers=bearer(account.key["value"]))
    assert_unavailable(reply, "not_now")
    assert (reply.headers["retry-after"], reply.text) == ("7", body)
    assert upstream.requests == []


@pytest.fixture
def own_running(example, fresh_server, reserved_port, certificates, tmp_path):
    """A server of the test's own, without a relay. The proxy is there first, so that it has no
    connection yet."""
    address = f"127.0.0.1:{reserved_port}"
    server = fresh_server("--max-connections", "8", listen=(address,), start=False)
    folder = tmp_path / "proxy"
    folder.mkdir()
    with (
        Upstream() as upstream,
        Proxy(example, folder, address, upstream.address, certificates) as proxy,
        httpx.Client(base_url=proxy.url, verify=proxy.trust(), timeout=20) as caller,
    ):
        server.start()
        yield SimpleNamespace(server=server, upstream=upstream, caller=caller)


def test_an_orgkeys_without_room_is_a_503(example, own_running):
    """Its 503 can come before the question was sent; proxies made with Go's HTTP client take that for
    no answer."""
    def ask():
        return own_running.caller.get("/v1/models", headers=bearer("sk-any-key-at-all"))

    held = []
    with contextlib.ExitStack() as taken:
        for _ in range(8):
            connection = taken.enter_context(Connection(own_running.server))
            connection.send(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
            assert connection.read_reply().status == 200
            connection.send(b"GET /healthz HTTP/1.1\r\n")  # what has begun a request is not idle
            held.append(connection.port)
        wait_until_read(own_running.server, held)
        reply = ask()
    assert reply.status_code >= 500
    if example.says_unavailable or reply.status_code == 503:
        assert_unavailable(reply)
    wait_until(lambda: ask().status_code == 401)  # it has room again
    assert own_running.upstream.requests == []


def test_a_stopped_orgkeys_lets_nobody_in(example, own_running):
    server, caller = own_running.server, own_running.caller
    api = Api(server.base_url, server.admin_key)
    value = api.service_account(api.project()["id"])["api_key"]["value"]
    api.close()
    assert caller.get("/v1/models", headers=bearer(value)).status_code == 200
    server.stop()
    own_running.upstream.forget()
    for headers in (bearer(value), {"x-api-key": value}, {"api-key": value}):
        reply = caller.get("/v1/models", headers=headers)
        assert reply.status_code >= 500
        if example.says_unavailable:
            assert_unavailable(reply)
        assert own_running.upstream.requests == []


# --- what goes through

@pytest.mark.parametrize("status", [400, 401, 403, 404, 429, 500, 502, 503])
def test_the_model_servers_own_errors_are_untouched(caller, account, status):
    reply = caller.get(f"/v1/status/{status}", headers=bearer(account.key["value"]))
    assert (reply.status_code, reply.json()) == (status, own_error(status))
    assert reply.headers["x-own"] == str(status)
    assert reply.headers.get_list("www-authenticate") == ["Own"]
    assert "retry-after" not in reply.headers


@pytest.mark.parametrize("framing", ["content-length", "chunked"])
def test_an_upload_goes_through_as_it_comes(caller, relay, upstream, account, framing):
    data = os.urandom(UPLOAD)
    half_way = threading.Event()

    def body():
        yield data[: UPLOAD // 2]
        # A proxy that first collected the whole body would never let the model server see this half.
        wait_until(lambda: upstream.requests and upstream.requests[0].received > 0)
        half_way.set()
        yield data[UPLOAD // 2 :]

    headers = bearer(account.key["value"])
    if framing == "content-length":
        headers["Content-Length"] = str(UPLOAD)
    reply = caller.post("/v1/files", content=body(), headers=headers)
    assert half_way.is_set()
    assert reply.json() == {"bytes": UPLOAD, "sha256": hashlib.sha256(data).hexdigest()}
    assert len(relay.requests()) == 1  # whose parser fails on anything but the head


@pytest.mark.parametrize("framing", ["chunked", "until-closed"])
def test_a_stream_goes_through_event_by_event(caller, upstream, account, framing):
    question = {"model": "tiny", "stream": True, "messages": []}
    upstream.events.put("first")
    with caller.stream("POST", f"/v1/chat/completions?{framing}", json=question,
                       headers=bearer(account.key["value"])) as reply:
        assert reply.headers["content-type"] == "text/event-stream"
        lines = (line for line in reply.iter_lines() if line)
        assert next(lines) == "data: first"
        upstream.events.put("second")
        assert next(lines) == "data: second"
        upstream.events.put(None)
        assert list(lines) == []


# --- one base URL for models and administration

ONE_BASE_URL = [example for example in EXAMPLES if example.one_base_url]


@pytest.fixture(params=ONE_BASE_URL, ids=lambda example: example.name)
def one_base_url(request, fresh_server, certificates, tmp_path):
    """orgkeys is told by which URL clients reach it, as examples/README.md says."""
    folder = tmp_path / "proxy"
    folder.mkdir()
    with (
        Upstream() as upstream,
        Relay(lambda: (server.host, server.port)) as relay,
        Proxy(request.param, folder, relay.address, upstream.address, certificates) as proxy,
    ):
        server = fresh_server("--public-url", proxy.url, "--trusted-proxy", "127.0.0.1")
        yield SimpleNamespace(server=server, proxy=proxy, relay=relay, upstream=upstream)


def test_the_sdk_needs_one_base_url(one_base_url):
    server, proxy = one_base_url.server, one_base_url.proxy
    with openai.OpenAI(
        base_url=f"{proxy.url}/v1", api_key="none-yet", admin_api_key=server.admin_key, max_retries=0,
        http_client=httpx.Client(verify=proxy.trust(), timeout=20),
    ) as client:
        projects = client.admin.organization.projects
        project = projects.create(name="chat")
        account = projects.service_accounts.create(project.id, name="backend")
        assert [key.id for key in projects.api_keys.list(project.id)] == [account.api_key.id]
        invite = client.admin.organization.invites.create(email="mona@example.com", role="reader")
        assert invite.invite_url.startswith(proxy.url + "/")
        assert one_base_url.upstream.requests == []

        with_key = client.with_options(api_key=SECRETS.add(account.api_key.value))
        assert [model.id for model in with_key.models.list()] == ["tiny"]
        (request,) = one_base_url.upstream.requests
        assert identity_at(request)["owner-id"] == [account.id]
        with pytest.raises(openai.AuthenticationError) as refused:
            client.models.list()
        assert refused.value.code == "invalid_api_key"
        with pytest.raises(openai.PermissionDeniedError) as forbidden:
            client.with_options(api_key=server.admin_key).models.list()
        assert forbidden.value.code == "admin_key"
        projects.api_keys.delete(account.api_key.id, project_id=project.id)
        with pytest.raises(openai.AuthenticationError):
            with_key.models.list()
        assert len(one_base_url.upstream.requests) == 1


def test_introspection_is_behind_it_too(one_base_url):
    server, proxy = one_base_url.server, one_base_url.proxy
    with httpx.Client(base_url=proxy.url, verify=proxy.trust(), timeout=20) as client:
        headers = {"Authorization": f"Bearer {server.admin_key}"}
        reply = client.post("/oauth2/introspect", headers=headers, data={"token": "unknown"})
        assert (reply.status_code, reply.json()) == (200, {"active": False})
    assert one_base_url.upstream.requests == []


VIEWS = ("account", "admin-keys", "audit-log", "invite", "keys", "password", "people", "projects", "sign-in")


def test_the_links_of_invites_and_passwords_open_behind_it(one_base_url):
    """The page, what it loads and what it sends go to orgkeys; the person is signed in then."""
    proxy, password = one_base_url.proxy, SECRETS.add("a horse that knows of batteries")
    with contextlib.closing(Api(one_base_url.server.base_url, one_base_url.server.admin_key)) as api:
        invite = api.post("/invites", {"email": "mona@example.com", "role": "reader"})["invite_url"]
        with httpx.Client(base_url=proxy.url, verify=proxy.trust(), headers={"Origin": proxy.url}, timeout=20) as person:
            proxy.load_page(person, invite)
            joining = {"token": token_of(invite), "name": "Mona", "password": password}
            user = person.post("/v1/organization/invites/accept", json=joining).json()
            for view in ("", *VIEWS, "projects/proj_x/service-accounts"):
                proxy.load_page(person, f"{proxy.url}/{view}")
            assert person.get("/v1/organization/sessions/current").json()["user"]["id"] == user["id"]
        link = api.post(f"/users/{user['id']}/password_link")["url"]
        assert link.startswith(proxy.url + "/")
        with httpx.Client(verify=proxy.trust(), timeout=20) as person:
            proxy.load_page(person, link)
    assert one_base_url.upstream.requests == []


def token_of(link):
    return SECRETS.add(link.partition("#")[2])


FOR_CLIENTS = re.compile(
    r"/v1/(organization|projects)/|/oauth2/introspect(\?|$)"
    rf"|/(app\.js|app\.css|icon\.svg)?(\?|$)|/({'|'.join(VIEWS)})([/?]|$)"
)
OWN_QUESTION = f"/auth?scope={SCOPE}"  # before the model server is asked
ANY = "/auth/organization=any/-"  # behind which /auth reads nothing
UPWARDS = [
    "/../../..", "/..%2f..%2f..", "/..%2F..%2f..", "/%2e%2e/%2e%2e/%2e%2e", "/.%2E/%2e./..", "//../..//../..",
    "%2f..%2f..%2f..", "/./.././../..", "/x/../../../..", "/..\\..\\..", "/..;/..;/..", "/../../../../..",
]
RAW_TARGETS = [
    # Written as one that is not for clients, and comes to one that is.
    *(f"{ANY}{upwards}/v1/organization/x" for upwards in UPWARDS),
    *(f"{ANY}/../../..{path}" for path in (
        "/v1/projects/x", "/oauth2/introspect", "/oauth2/introspect?x=1", "/v1/%6frganization/x",
        "//v1//projects//x", "/V1/Organization/x", "/v1/organization/x?y=/v1/organization/",
        "/v1/organization/x#y", "/", "/app.js", "/app.css?x", "/icon%2esvg", "/invite", "/keys/x", "/projects",
        "/sign-in/",
    )),
    *(f"{scheme}://localhost{ANY}/../../../v1/organization/x" for scheme in ("http", "https", "HTTPS")),
    *(f"/{auth}/../v1/organization/x" for auth in (
        "auth", "auth;", "auth?", "auth%3f", "auth%3Forganization=any", "auth#", "auth%23", "auth%00",
    )),
    *(f"{path}{rest}" for path in ("/metrics", "/readyz", "/healthz", "/openapi.json") for rest in (
        "", "/../v1/organization/x", "%2f..%2fv1/projects/x", "?/../v1/organization/x",
    )),
    "/%761/organization/x", "//v1/organization/x", "/./v1/projects/x", "/x/../oauth2/introspect",
    "//oauth2/introspect", "/oauth2%2fintrospect", "/oauth2/introspect%3f",
    "/orgkeys-auth/../v1/organization/x",
    # Written as one that is for clients, and comes to one that is not.
    "/v1/organization/../../auth", f"/v1/organization/../..{ANY}", "/v1/organization/..%2f..%2fauth",
    f"/v1/organization/../..{ANY}/../../../v1/organization/x", "/v1/projects/%2e%2e/%2e%2e/auth",
    "/v1/organization/..;/..;/auth", "/v1/organization/..\\..\\auth", "/v1/projects/../../metrics",
    "/oauth2/introspect/../../auth", "/oauth2/introspect/../../../v1/organization/x", "/oauth2/introspect/",
    "/invite/../auth", "/invite%2f..%2fauth", f"/keys/..{ANY}", "/app.js/../auth", "/projects/..%2f..%2fmetrics",
    "/invite%3f/../auth", "/keys/%0d%0aX-Forwarded-For:%20203.0.113.9", "/keys/%20HTTP/1.1%0a",
    # Neither.
    "/auth", ANY, "/auth?organization=any", "/AUTH", "//auth", "/%61uth", "/./auth", "/v1/../auth",
    "/orgkeys-auth", "/%6frgkeys-auth", "/invites", "/app.json", "/icon.svg/", "/v1/app.js", "/v1/projects",
]


@pytest.mark.parametrize("version", ["1.0", "1.1"])
def test_nothing_else_of_orgkeys_can_be_reached(one_base_url, version):
    """A proxy that chooses by what a path comes to, and passes it on as it was written, could be led
    anywhere."""
    server, relay, upstream = one_base_url.server, one_base_url.relay, one_base_url.upstream
    with contextlib.closing(Api(server.base_url, server.admin_key)) as api:
        key = api.service_account(api.project()["id"])["api_key"]["value"]
    for target in RAW_TARGETS:
        relay.forget()
        upstream.forget()
        head = [f"GET {target} HTTP/{version}", "Host: localhost", f"Authorization: Bearer {key}"]
        status, headers, body = exchange_in_full(one_base_url.proxy, head)
        assert not [name for name in headers if "orgkeys" in name.lower()], target
        asked = []
        for line, fields in relay.requests():
            _, path, _ = line.split(" ")
            assert len({name.lower() for name, _ in fields}) == len(fields), (target, fields)
            asked.append(path)
        if upstream.requests:
            assert (status, asked) == (200, [OWN_QUESTION]), target
        else:
            assert all(map(FOR_CLIENTS.match, asked)), (target, status, asked, body)


def test_paths_for_clients_can_be_written_in_full(one_base_url):
    server, proxy = one_base_url.server, one_base_url.proxy
    for target in ("/v1/organization/projects?limit=1", f"{proxy.url}/v1/organization/projects"):
        head = [f"GET {target} HTTP/1.1", "Host: localhost", f"Authorization: Bearer {server.admin_key}"]
        status, body = exchange(proxy, head)
        assert (status, json.loads(body)["object"]) == (200, "list")


def test_orgkeys_learns_who_called(one_base_url):
    """The address of the caller, not what the caller says, is in the audit log."""
    server, proxy = one_base_url.server, one_base_url.proxy
    forged = {**bearer(server.admin_key), "X-Forwarded-For": "203.0.113.9", "X-Real-IP": "203.0.113.9"}
    with httpx.Client(base_url=proxy.url, verify=proxy.trust(), headers=forged) as client:
        made = client.post("/v1/organization/projects", json={"name": "chat"}).json()
        events = client.get("/v1/organization/audit_logs", params={"project_ids[]": made["id"]})
    (event,) = events.json()["data"]
    assert event["actor"]["api_key"]["ip_address"] == "127.0.0.1", event
