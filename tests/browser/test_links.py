"""Links with a secret behind the #: opened, opened in a page that is there already, and used."""

import re

import pytest
from playwright.sync_api import expect

from support.secret_values import SECRETS

PASSWORD_OF_SOMEBODY = SECRETS.add("nine slow tramways sing")


@pytest.fixture
def link(api):
    """Makes one, by the page that it leads to."""

    def make(path):
        if path == "/invite":
            return api.invite()["invite_url"]
        url = api.post(f"/users/{api.person()['id']}/password_link")["url"]
        SECRETS.add(url.partition("#")[2])
        return url

    return make


def use(page, path):
    if path == "/invite":
        page.get_by_label("Your name").fill("Some Body")
    page.get_by_label(re.compile("^(New p|P)assword$")).fill(PASSWORD_OF_SOMEBODY)
    page.locator("form").get_by_role("button").last.click()


@pytest.mark.parametrize("before", ["nothing", "a part of it", "a used one"])
@pytest.mark.parametrize("path", ["/invite", "/password"])
def test_a_link_that_is_pasted_into_the_open_page(server, api, visit, link, path, before):
    page = visit(server).page(path)
    if before == "nothing":
        page.get_by_text("The link was not copied whole").wait_for()
    else:
        used = link(path)
        page.goto(used[:-5] if before == "a part of it" else used)
        use(page, path)
        if before == "a part of it":
            page.get_by_role("alert").wait_for()
        else:
            page.get_by_role("heading", level=1, name="Overview").wait_for()
            page.go_back()
    page.evaluate("window.isTheSamePage = true")
    page.goto(link(path))
    expect(page).to_have_url(re.compile(path + "$"))
    expect(page.get_by_role("alert")).to_have_count(0)
    use(page, path)
    page.get_by_role("heading", level=1, name="Overview").wait_for()


def test_a_link_is_forgotten_once_it_was_used(server, visit, link):
    page = visit(server).page(link("/invite"))
    use(page, "/invite")
    page.get_by_role("heading", level=1, name="Overview").wait_for()
    page.evaluate("history.pushState(null, '', '/invite'); dispatchEvent(new PopStateEvent('popstate'))")
    page.get_by_text("The link was not copied whole").wait_for()
