"""Sessions that end while somebody looks at a page."""

import pytest

from support.api import PASSWORD, Api
from support.browser import Browser as Client
from support.browser import with_password
from support.server import Server
from support.visitor import OWNER_NAME


def page_at_rest(visitor):
    """A page that asks for one thing, and has it: what is refused from now on is what is clicked."""
    page = visitor.page("/account")
    page.get_by_text("This one", exact=True).wait_for()
    return page


@pytest.fixture
def page(server, owner, visit):
    visitor = visit(server)
    visitor.session = visitor.sign_in(owner)
    page = page_at_rest(visitor)
    page.visitor = visitor
    return page


def assert_ended(page):
    """The next step leads to the sign-in, and from there back to where it led."""
    page.get_by_role("link", name="Projects").click()
    page.get_by_role("heading", level=1, name="Sign in").wait_for()
    assert page.get_by_role("navigation", name="Main").count() == 0
    assert OWNER_NAME not in page.inner_text("body")
    page.get_by_label("E-mail").fill("owner@example.com")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.get_by_role("heading", level=1, name="Projects").wait_for()


def test_one_that_was_ended_elsewhere(server, owner, visit, page):
    other = visit(server)
    other.sign_in(owner)
    elsewhere = other.page("/account")
    row = elsewhere.get_by_role("row").filter(has=elsewhere.get_by_role("button", name="Sign out"))
    row.first.wait_for()
    status = elsewhere.evaluate(
        "(id) => fetch('/v1/organization/sessions/' + id, {method: 'DELETE'}).then((reply) => reply.status)",
        page.visitor.session["id"],
    )
    assert status == 200
    assert_ended(page)


def test_the_account_page_ends_all_others(server, owner, visit, page):
    other = visit(server)
    other.sign_in(owner)
    elsewhere = other.page("/account")
    elsewhere.get_by_role("button", name="Sign out everywhere else").click()
    elsewhere.get_by_role("dialog").get_by_role("button", name="Sign out").click()
    elsewhere.get_by_role("dialog").wait_for(state="detached")
    assert elsewhere.get_by_role("heading", level=1, name="Account").is_visible()
    assert_ended(page)


def test_a_person_who_was_removed_is_out(server, api, visit):
    client = Client(server)
    person = with_password(api, client)
    client.close()
    visitor = visit(server)
    visitor.sign_in(person["email"])
    page = page_at_rest(visitor)
    api.delete(f"/users/{person['id']}")
    page.get_by_role("link", name="Projects").click()
    page.get_by_role("heading", level=1, name="Sign in").wait_for()


def test_who_is_no_owner_any_more_loses_what_owners_have(server, api, visit):
    client = Client(server)
    person = with_password(api, client, role="owner")
    client.close()
    visitor = visit(server)
    visitor.sign_in(person["email"])
    page = page_at_rest(visitor)
    api.post(f"/users/{person['id']}", {"role": "reader"})
    page.get_by_role("link", name="Admin keys").click()
    page.get_by_text("Only owners of the organization see this page").wait_for()
    links = page.get_by_role("navigation", name="Main").get_by_role("link").all_inner_texts()
    assert links == ["Overview", "Projects", "Keys"]


@pytest.mark.parametrize("ending", ["expires_at", "last_used_at"])
def test_one_that_expired(tmp_path, visit, ending):
    """Seven days after the sign-in, or twelve hours after the last use: the database says when that was."""
    server = Server(tmp_path / "data", "--owner-email", "owner@example.com", "--owner-name", OWNER_NAME).start()
    api = Api(server.base_url, server.admin_key)
    api.own_password()
    api.close()
    visitor = visit(server)
    visitor.sign_in("owner@example.com")
    page = page_at_rest(visitor)
    server.listen = [server.address()]
    server.stop()
    server.sql(f"UPDATE sessions SET {ending} = {ending} - 7 * 86400")
    server.start()
    try:
        assert_ended(page)
    finally:
        page.close()
        server.stop()
        # Whether the page asked for something meanwhile is chance.
        visitor.problems = [problem for problem in visitor.problems if "ERR_CONNECTION_REFUSED" not in problem]
