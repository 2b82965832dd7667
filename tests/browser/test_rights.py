"""What a reader may not: the page does not offer it, and the server refuses it by hand."""

import pytest

from support.browser import Browser as Client
from support.browser import with_password

# In the page's own context, with its cookie and its Origin.
CALL = """([method, path, body]) => fetch('/v1/organization' + path, {
    method, body: body && JSON.stringify(body), headers: body ? {'Content-Type': 'application/json'} : {},
}).then(async (reply) => [reply.status, (await reply.json()).error?.code ?? null])"""


@pytest.fixture(scope="module")
def people(server, api):
    """A reader who is a member of one project, beside another one."""
    client = Client(server)
    mine, theirs = api.project("mine"), api.project("theirs")
    reader = with_password(
        api, client, email="reader@example.com", projects=[(mine["id"], "member")]
    )
    other_key = api.key_of(mine["id"], name="somebody else's")
    client.close()
    return {"reader": reader, "mine": mine, "theirs": theirs, "other_key": other_key}


@pytest.fixture
def page(server, people, visit):
    visitor = visit(server)
    visitor.sign_in(people["reader"]["email"])
    return visitor.page("/")


def test_a_reader_sees_what_is_theirs(page, people):
    page.get_by_role("heading", level=1, name="Overview").wait_for()
    links = page.get_by_role("navigation", name="Main").get_by_role("link").all_inner_texts()
    assert links == ["Overview", "Projects", "Keys"]
    page.get_by_role("link", name="Projects").click()
    page.get_by_role("link", name="mine").wait_for()
    assert page.get_by_role("link", name="theirs").count() == 0
    assert page.get_by_role("button", name="Create project").count() == 0
    page.get_by_role("link", name="mine").click()
    page.get_by_role("button", name="Create key").wait_for()
    page.get_by_text("No keys yet").wait_for()
    assert page.get_by_text("somebody else's").count() == 0
    tabs = page.get_by_role("navigation", name="Parts of mine").get_by_role("link").all_inner_texts()
    assert tabs == ["Keys", "Service accounts", "People"]


@pytest.mark.parametrize("path", ["/people", "/admin-keys", "/audit-log"])
def test_a_page_for_owners_says_so(page, path):
    page.goto(path)
    page.get_by_text("Only owners of the organization see this page").wait_for()


def test_a_project_of_others_is_none(page, people):
    page.goto(f"/projects/{people['theirs']['id']}")
    page.get_by_role("alert").wait_for()
    assert "theirs" not in page.inner_text("main")


def test_by_hand_it_is_refused(page, people, api):
    mine, theirs, me = people["mine"]["id"], people["theirs"]["id"], people["reader"]["id"]
    before = [event["id"] for event in api.events()]
    for method, path, body, expected in (
        ("POST", "/projects", {"name": "a"}, 403),
        ("POST", f"/projects/{mine}", {"name": "a"}, 403),
        ("POST", f"/projects/{mine}/archive", None, 403),
        ("POST", f"/projects/{mine}/users", {"email": "owner@example.com", "role": "owner"}, 403),
        ("POST", f"/projects/{mine}/users/{me}", {"role": "owner"}, 403),
        ("POST", f"/projects/{mine}/service_accounts", {"name": "a"}, 403),
        ("DELETE", f"/projects/{mine}/api_keys/{people['other_key']['id']}", None, 404),
        ("GET", f"/projects/{theirs}", None, 404),
        ("GET", f"/projects/{theirs}/api_keys", None, 404),
        ("POST", f"/projects/{theirs}/api_keys", {"name": "a"}, 404),
        ("GET", "/users", None, 403),
        ("POST", f"/users/{me}", {"role": "owner"}, 403),
        ("POST", f"/users/{me}/password_link", None, 403),
        ("POST", "/invites", {"email": "a@example.com", "role": "owner"}, 403),
        ("GET", "/admin_api_keys", None, 403),
        ("POST", "/admin_api_keys", {"name": "a"}, 403),
        ("GET", "/audit_logs", None, 403),
    ):
        status, code = page.evaluate(CALL, [method, path, body])
        assert status == expected, (method, path, status, code)
        if status == 403:
            assert code == "insufficient_role", (method, path, code)
    assert [event["id"] for event in api.events()] == before
