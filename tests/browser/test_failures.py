"""Where the page or the browser fails: it says so, and is never blank."""

import pytest

# A browser that was told to keep nothing throws at the first look.
BLOCKED = "Object.defineProperty(window, 'localStorage', { get() { throw new DOMException('', 'SecurityError'); } })"


@pytest.fixture
def visitor(server, owner, visit):
    visitor = visit(server)
    visitor.sign_in(owner)
    return visitor


def test_an_address_that_cannot_be_read_is_none(visitor):
    page = visitor.page("/projects/%zz")
    page.get_by_role("heading", level=1, name="Not found").wait_for()


def test_without_storage_all_works_but_is_not_remembered(visitor):
    page = visitor.page()
    page.add_init_script(BLOCKED)
    page.goto("/")
    page.get_by_role("heading", level=1, name="Overview").wait_for()
    page.get_by_role("button", name="Dark").click()
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    page.close()


def test_a_page_that_cannot_be_drawn_offers_to_be_loaded_anew(visitor):
    page = visitor.page()
    listed = "**/v1/organization/projects?*"
    page.route(listed, lambda route: route.fulfill(json={"data": [None], "has_more": False, "last_id": None}))
    page.goto("/projects")
    page.get_by_role("heading", level=1, name="This page failed").wait_for()
    visitor.expect("TypeError")
    page.unroute(listed)
    page.get_by_role("button", name="Reload").click()
    page.get_by_role("heading", level=1, name="Projects").wait_for()
