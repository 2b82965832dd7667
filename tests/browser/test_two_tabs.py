"""Another tab signs somebody else in: no page shows one person and acts as another."""

import pytest

from support.api import PASSWORD
from support.browser import Browser as Client
from support.browser import with_password
from support.visitor import OWNER_NAME

LOOKED_AT = "document.dispatchEvent(new Event('visibilitychange'))"


@pytest.fixture
def reader(server, api):
    client = Client(server)
    yield with_password(api, client)
    client.close()


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
    links = page.get_by_role("navigation", name="Main").get_by_role("link").all_inner_texts()
    assert links == ["Overview", "Projects", "Keys"]
