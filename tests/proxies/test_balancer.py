"""The load balancer of docs/operations.md, as it stands there but for addresses and paths of files. Its three
nodes are one server; one of them says 503 where a test wants it to."""

import contextlib
from types import SimpleNamespace

import httpx
import pytest

from proxies import EXAMPLES, Example, Proxy, nginx
from relay import Relay
from support.api import Api
from support.ports import ReservedPort
from support.secret_values import SECRETS
from support.server import Server
from support.tls import make_certificates
from support.upstream import Upstream

BALANCER = Example(
    "balancer",
    ("../docs/operations.md",),
    "nginx",
    nginx,
    {
        **{f"server node{node}:8080 ": "server {orgkeys} " for node in (1, 2, 3)},
        "server node1:9090 ": "server {first_node} ",
        **{f"server node{node}:9090 ": "server {checks} " for node in (2, 3)},
        "listen 443 ssl;": "listen {listen} ssl;",
        "listen 10.77.0.5:9090;": "listen {inside};",
        "/etc/nginx/keys.crt": "{certificate}",
        "/etc/nginx/keys.key": "{key}",
    },
    tls=True,
)
NODE_THAT_CANNOT_KNOW = b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\nContent-Length: 0\r\n\r\n"




class Balancer(Proxy):
    """`nodes` are where the API is, `first_node` and `checks` where the nodes are asked /auth."""

    def __init__(self, folder, nodes, first_node, checks, certificates):
        super().__init__(BALANCER, folder, nodes, "", certificates)
        self.reserved_inside = ReservedPort()
        self.inside = f"127.0.0.1:{self.reserved_inside.number}"
        self.places |= {"first_node": first_node, "checks": checks, "inside": self.inside}

    def __exit__(self, *reason):
        super().__exit__(*reason)
        self.reserved_inside.free()


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    folder = tmp_path_factory.mktemp("balancer")
    certificates = make_certificates(folder)
    server = Server(folder / "data", "--internal-listen", "127.0.0.1:0", "--trusted-proxy", "127.0.0.1")

    def inside():
        host, _, port = server.address("internal").rpartition(":")
        return host, int(port)

    with (
        Relay(lambda: (server.host, server.port)) as nodes,
        Relay(inside) as first_node,
        Relay(inside) as checks,
        Balancer(folder, nodes.address, first_node.address, checks.address, certificates) as balancer,
    ):
        server.options += ["--public-url", balancer.url]
        server.start()
        with contextlib.closing(Api(server.base_url, server.admin_key)) as api:
            yield SimpleNamespace(
                server=server, api=api, balancer=balancer, nodes=nodes, first_node=first_node,
                certificates=certificates,
            )
        server.stop()


@pytest.fixture
def client(running):
    with httpx.Client(base_url=running.balancer.url, verify=running.balancer.trust(), timeout=20) as client:
        yield client


def test_the_administration_the_dashboard_and_its_links_are_behind_it(running, client):
    balancer, bearer = running.balancer, {"Authorization": f"Bearer {running.server.admin_key}"}
    invite = client.post(
        "/v1/organization/invites", json={"email": "mona@example.com", "role": "reader"}, headers=bearer
    ).json()["invite_url"]
    SECRETS.add(invite.partition("#")[2])
    for url in (invite, running.server.password_link, f"{balancer.url}/", f"{balancer.url}/sign-in"):
        assert url.startswith(f"{balancer.url}/")
        balancer.load_page(client, url)
    unknown = client.post("/oauth2/introspect", data={"token": "unknown"}, headers=bearer)
    assert (unknown.status_code, unknown.json()) == (200, {"active": False})
    assert "paths" in client.get("/openapi.json").json()


@pytest.mark.parametrize("path", ["/auth", "/auth/organization=any/-", "/metrics", "/readyz", "/x/../auth"])
def test_what_is_internal_is_not_at_the_public_address(running, path):
    head = [f"GET {path} HTTP/1.1", "Host: localhost", f"Authorization: Bearer {running.server.admin_key}"]
    with running.balancer.connect() as connection:
        connection.sendall("\r\n".join([*head, "Connection: close", "", ""]).encode())
        assert connection.recv(64).startswith(b"HTTP/1.1 404 ")


@pytest.mark.parametrize("path", ["/", "/metrics", "/readyz", "/authority", "/v1/organization/projects"])
def test_only_the_question_is_at_the_inner_address(running, path):
    assert httpx.get(f"http://{running.balancer.inside}{path}").status_code == 404


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.name)
def test_every_proxy_can_ask_it(running, example, tmp_path):
    project = running.api.project()["id"]
    key = running.api.service_account(project)["api_key"]
    bearer = {"Authorization": f"Bearer {key['value']}"}
    with (
        Upstream() as upstream,
        Proxy(example, tmp_path, running.balancer.inside, upstream.address, running.certificates) as proxy,
        httpx.Client(base_url=proxy.url, verify=proxy.trust(), timeout=20, headers=bearer) as caller,
    ):
        assert caller.get("/v1/models").status_code == 200
        assert upstream.requests[0].values("x-orgkeys-project-id") == [project]
        running.api.delete(f"/projects/{project}/api_keys/{key['id']}")
        refused = caller.get("/v1/models")
        assert (refused.status_code, refused.json()["error"]["code"]) == (401, "invalid_api_key")


def test_another_node_is_asked_when_one_cannot_know(running):
    """Whatever the method, which is the caller's own where Envoy asks."""
    key = running.api.service_account(running.api.project()["id"])["api_key"]["value"]
    running.first_node.forget()
    running.first_node.canned = NODE_THAT_CANNOT_KNOW
    try:
        while not running.first_node.requests():
            asked = httpx.post(
                f"http://{running.balancer.inside}/auth/scope=api.model.request/-/v1/files",
                headers={"Authorization": f"Bearer {key}"},
            )
            assert asked.status_code == 200
    finally:
        running.first_node.canned = None
