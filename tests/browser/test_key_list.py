"""The list of keys: what is searched for, where it is remembered, and its pages."""

import re
import secrets

import pytest
from playwright.sync_api import expect

from support.api import parallel
from support.secret_values import SECRETS

KEYS = 110
PAGE = 50


@pytest.fixture(scope="module")
def keys(api):
    project = api.project("searched")["id"]
    parallel(lambda i: api.key_of(project, name=f"worker {i:03}"), range(KEYS))
    return api.key_of(project, name="the newest")


@pytest.fixture
def page(server, owner, keys, visit):
    visitor = visit(server)
    visitor.sign_in(owner)
    page = visitor.page("/keys")
    page.get_by_role("row", name="the newest").wait_for()
    return page


def imported_key():
    return SECRETS.add(secrets.token_urlsafe(30))


@pytest.mark.parametrize("form", ["{}", "OPENAI_API_KEY='{}'", "Authorization: Bearer {}", "  {} "])
@pytest.mark.parametrize("whose", ["ours", "imported"])
def test_a_whole_key_gets_into_no_address(page, keys, form, whose):
    value = keys["value"] if whose == "ours" else imported_key()
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.get_by_label("Search keys").fill(form.format(value))
    expect(page.get_by_label("Search keys")).to_have_value(value[-3:])
    expect(page).to_have_url(re.compile(re.escape(f"?search={value[-3:]}") + "$"))
    if whose == "ours":
        page.get_by_role("row", name="the newest").wait_for()
    SECRETS.assert_absent("\n".join(asked), "what was asked for")


def test_a_key_in_an_address_that_is_opened_is_taken_out(page):
    # Of nobody: this one stands in an address, where no secret may be.
    value = f"sk-proj-{secrets.token_urlsafe(30)}"
    page.goto(f"/keys?search={value}")
    expect(page).to_have_url(re.compile(re.escape(f"/keys?search={value[-3:]}") + "$"))
    expect(page.get_by_label("Search keys")).to_have_value(value[-3:])


def test_an_id_is_searched_for_whole(page, keys):
    page.get_by_label("Search keys").fill(keys["id"])
    expect(page).to_have_url(re.compile(f"search={keys['id']}$"))
    expect(page.get_by_role("table", name="Keys").get_by_role("row")).to_have_count(2)


def test_the_address_says_what_is_searched_for(page):
    field = page.get_by_label("Search keys")
    rows = page.get_by_role("table", name="Keys").get_by_role("row")
    field.fill("worker 017")
    expect(rows).to_have_count(2)
    expect(page).to_have_url(re.compile(r"/keys\?search=worker\+017$"))
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Keys", exact=True).click()
    expect(field).to_have_value("")
    expect(rows).to_have_count(1 + PAGE)
    expect(page).to_have_url(re.compile("/keys$"))
    page.go_back()
    expect(field).to_have_value("worker 017")
    expect(rows).to_have_count(2)


def test_a_double_click_goes_one_page_further(page):
    later = page.get_by_role("button", name="Next")
    rows = page.get_by_role("table", name="Keys").get_by_role("row")
    later.dblclick()
    page.get_by_role("row", name="the newest").wait_for(state="detached")
    expect(page.locator(".pager")).to_contain_text("51–100")
    expect(rows).to_have_count(1 + PAGE)
    first = rows.nth(1).inner_text()
    later.click()
    expect(page.locator(".pager")).to_contain_text("101–111")
    expect(rows).to_have_count(1 + KEYS + 1 - 2 * PAGE)
    expect(later).to_be_disabled()
    page.get_by_role("button", name="Previous").click()
    expect(rows).to_have_count(1 + PAGE)
    assert rows.nth(1).inner_text() == first
