"""The files of the dashboard, over HTTP: where they are, what their headers promise, what is refused."""

import gzip
import re
from pathlib import Path

import httpx
import pytest

from support.other_site import OtherSite
from support.server import Server, binary

VIEWS = (
    "/", "/account", "/admin-keys", "/audit-log", "/invite", "/keys", "/password", "/people", "/projects",
    "/projects/proj_x", "/projects/proj_x/service-accounts", "/sign-in",
)
ASSETS = {
    "/app.js": "text/javascript; charset=utf-8",
    "/app.css": "text/css; charset=utf-8",
    "/icon.svg": "image/svg+xml",
}
COMPRESSED_MAXIMUM = 100 * 1000  # bytes of the whole dashboard

POLICY = {
    "default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self' data:", "connect-src 'self'",
    "base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'",
}  # fmt: skip


def check_protection(headers):
    assert {part.strip() for part in headers["content-security-policy"].split(";")} == POLICY
    assert headers["x-frame-options"] == "DENY"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cross-origin-opener-policy"] == "same-origin"
    assert headers["cross-origin-resource-policy"] == "same-origin"
    assert "set-cookie" not in headers


@pytest.fixture(scope="module")
def http(server):
    with httpx.Client(base_url=server.url, headers={"Accept-Encoding": "identity"}) as client:
        yield client


def raw_body(http, path, accept):
    with http.stream("GET", path, headers={"Accept-Encoding": accept}) as reply:
        return reply.headers, b"".join(reply.iter_raw())


@pytest.mark.parametrize("path", VIEWS)
def test_every_view_is_the_same_page(http, path):
    reply = http.get(path)
    assert reply.status_code == 200
    assert reply.headers["content-type"] == "text/html; charset=utf-8"
    assert reply.headers["cache-control"] == "no-cache"
    assert reply.content == http.get("/").content
    check_protection(reply.headers)


def test_the_page_refers_to_what_there_is(http):
    page = http.get("/").text
    referred = set(re.findall(r'(?:src|href)="?(/[^"?> ]*)', page))
    assert referred == set(ASSETS)
    assert "style=" not in page and not re.search(r"<script(?![^>]*src=)", page)


@pytest.mark.parametrize("path", ASSETS)
def test_its_files_have_their_types(http, path):
    reply = http.get(path)
    assert reply.status_code == 200
    assert reply.headers["content-type"] == ASSETS[path]
    check_protection(reply.headers)
    assert reply.content
    assert http.get(f"{path}?v=of-an-older-server").content == reply.content


@pytest.mark.parametrize("path", ["/", *ASSETS])
def test_who_has_a_file_is_told_that_it_is_the_same(http, path):
    tag = http.get(path).headers["etag"]
    for known in (tag, f'"another", {tag}', tag.removeprefix("W/")):
        reply = http.get(path, headers={"If-None-Match": known})
        assert (reply.status_code, reply.content, reply.headers["etag"]) == (304, b"", tag)
        check_protection(reply.headers)
    for other in ('W/"another"', tag[:-2] + '"', tag.strip('"'), ""):
        assert http.get(path, headers={"If-None-Match": other}).status_code == 200, other


def test_files_have_different_tags(http):
    assert len({http.get(path).headers["etag"] for path in ["/", *ASSETS]}) == 1 + len(ASSETS)


@pytest.mark.parametrize("path", ["/", *ASSETS])
def test_who_takes_gzip_gets_it(http, path):
    plain_headers, plain = raw_body(http, path, "identity")
    assert "content-encoding" not in plain_headers and plain_headers["vary"] == "Accept-Encoding"
    for accept in ("gzip", "deflate, GZIP;q=0.5, br", "br , gzip ; q=1"):
        headers, body = raw_body(http, path, accept)
        assert headers["content-encoding"] == "gzip" and headers["vary"] == "Accept-Encoding", accept
        assert gzip.decompress(body) == plain
        assert int(headers["content-length"]) == len(body)
    for accept in ("gzip;q=0", "br, gzip; q=0.000", "br", "xgzip", ""):
        headers, body = raw_body(http, path, accept)
        assert "content-encoding" not in headers and body == plain, accept


def test_the_whole_is_small(http):
    sizes = {path: len(raw_body(http, path, "gzip")[1]) for path in ["/", *ASSETS]}
    assert sum(sizes.values()) < COMPRESSED_MAXIMUM, sizes


@pytest.mark.parametrize("path", ["/", "/keys", *ASSETS])
def test_head_is_get_without_the_body(http, path):
    changing = {"date"}
    got, head = http.get(path), http.head(path)
    assert (head.status_code, head.content) == (200, b"")
    assert {n: v for n, v in head.headers.items() if n not in changing} == {
        n: v for n, v in got.headers.items() if n not in changing
    }


@pytest.mark.parametrize("path", ["/", "/keys", *ASSETS])
@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS"])
def test_other_methods_are_refused(http, path, method):
    reply = http.request(method, path)
    assert reply.status_code == 405 and reply.headers["allow"] == "GET, HEAD"
    assert reply.json()["error"]["type"] == "invalid_request_error"


@pytest.mark.parametrize(
    "path",
    ["/nothing", "/keysx", "/KEYS", "/app.js/", "/index.html", "/app.js.map", "/%6beys", "//", "/v1", "/v1/keys"],
)
def test_what_is_no_page_is_a_404_as_json(server, path):
    reply = httpx.get(server.url + path)
    assert reply.status_code == 404 and reply.headers["content-type"] == "application/json"


def test_pages_are_not_on_the_internal_listener(fresh_server):
    server = fresh_server("--internal-listen", "127.0.0.1:0")
    assert httpx.get(f"{server.url}/").status_code == 200
    for path in ("/", "/keys", "/app.js"):
        assert httpx.get(f"{server.internal_url}{path}").status_code == 404


def test_pages_are_no_part_of_the_described_api(http):
    assert not {path for path in http.get("/openapi.json").json()["paths"] if path in {*VIEWS, *ASSETS}}


# ---- A build without Node.js


class WithoutDashboard(Server):
    def command(self):
        program = Path(binary()).parent / "tests" / "browser" / "orgkeys-without-dashboard"
        return [str(program), *super().command()[1:]]


@pytest.fixture(scope="module")
def plain_server(tmp_path_factory):
    server = WithoutDashboard(tmp_path_factory.mktemp("plain") / "data").start()
    yield server
    server.stop()


@pytest.mark.parametrize("path", ["/", "/sign-in", "/invite"])
def test_without_a_dashboard_a_page_says_how_to_get_it(plain_server, visit, path):
    visitor = visit(plain_server)
    page = visitor.page()
    reply = page.goto(path)
    assert reply.status == 404
    check_protection(reply.headers)
    page.get_by_role("heading", name="This server was built without its dashboard").wait_for()
    said = page.inner_text("body")
    assert "install Node.js" in said and "make clean && make build" in said


def test_without_a_dashboard_all_else_is_there(plain_server):
    assert httpx.get(f"{plain_server.url}/app.js").status_code == 404
    headers = {"Authorization": f"Bearer {plain_server.admin_key}"}
    assert httpx.get(f"{plain_server.base_url}/organization/projects", headers=headers).status_code == 200
    tag = httpx.get(plain_server.url).headers["etag"]
    assert httpx.get(plain_server.url, headers={"If-None-Match": tag}).status_code == 404


# ---- Other sites


@pytest.mark.parametrize("path", ["/", "/sign-in", "/keys"])
def test_no_other_site_can_frame_it(server, visit, path):
    with OtherSite(f'<iframe src="{server.url}{path}"></iframe>') as site:
        visitor = visit(server)
        visitor.hosts.add(site.host)
        page = visitor.page(site.url)
        frame = page.frame_locator("iframe")
        page.wait_for_function("document.readyState === 'complete'")
        assert page.frames[1].url.startswith("chrome-error:"), page.frames[1].url
        assert frame.get_by_role("button").count() == 0 and frame.get_by_role("textbox").count() == 0
        visitor.expect("frame-ancestors 'none'")
