"""Who is signed in changes while a page is open: it never shows one person and acts as another."""

import pytest

from support.api import PASSWORD
from support.browser import Browser as Client
from support.browser import with_password
from support.visitor import OWNER_NAME

LOOKED_AT = "document.dispatchEvent(new Event('visibilitychange'))"


@pytest.fixture
def reader(server, api):
    client = Client(server)
    yield with_password(api, client, sign_in=False)
    client.close()


def destinations(page):
    return page.get_by_role("navigation", name="Main").get_by_role("link")


@pytest.fixture
def visitor(server, owner, visit):
    visitor = visit(server)
    visitor.sign_in(owner)
    return visitor


def test_another_person_in_another_tab(visitor, reader):
    page = visitor.page("/projects")
    page.get_by_role("button", name=OWNER_NAME).wait_for()
    page.get_by_role("button", name="Create project").click()
    other = visitor.page("/projects")
    other.get_by_role("button", name=OWNER_NAME).click()
    other.get_by_role("menuitem", name="Sign out").click()
    other.get_by_label("E-mail").fill(reader["email"])
    other.get_by_label("Password", exact=True).fill(PASSWORD)
    other.get_by_role("button", name="Sign in", exact=True).click()
    other.get_by_role("button", name=reader["name"]).wait_for()
    page.evaluate(LOOKED_AT)
    page.get_by_role("button", name=reader["name"]).wait_for()
    assert page.get_by_role("dialog").count() == 0, "what the other person had begun"
    assert destinations(page).all_inner_texts() == ["Overview", "Projects", "Keys"]


def test_a_role_that_changed(visitor, api, reader, server):
    api.post(f"/users/{reader['id']}", {"role": "owner"})
    visitor.context.clear_cookies()
    visitor.sign_in(reader["email"])
    page = visitor.page("/")
    page.get_by_role("link", name="Audit log").wait_for()
    api.post(f"/users/{reader['id']}", {"role": "reader"})
    destinations(page).filter(has_text="People").click()
    page.get_by_text("Only owners of the organization see this page").wait_for()
    assert destinations(page).all_inner_texts() == ["Overview", "Projects", "Keys"]
