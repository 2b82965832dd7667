"""The account page: one's password, and where one is signed in."""

import pytest
from playwright.sync_api import expect

from support.api import PASSWORD
from support.browser import Browser as Client
from support.browser import with_password
from support.secret_values import SECRETS
from support.visitor import heading

NEW_PASSWORD = SECRETS.add("five blue kettles whistle")


@pytest.fixture
def client(server):
    client = Client(server)
    yield client
    client.close()


@pytest.fixture
def person(server, api, client):
    """Somebody who is signed in elsewhere."""
    return with_password(api, client)


@pytest.fixture
def page(server, person, visit):
    visitor = visit(server)
    visitor.sign_in(person["email"])
    page = visitor.page("/account")
    page.get_by_role("row").nth(2).wait_for()
    return page


def change(page, current, password):
    page.get_by_label("Current password", exact=True).fill(current)
    page.get_by_label("New password", exact=True).fill(password)
    page.get_by_role("button", name="Change password").click()


def test_changing_the_password(server, client, person, page):
    change(page, "not the right one", NEW_PASSWORD)
    field = page.get_by_label("Current password", exact=True)
    expect(field).to_have_attribute("aria-invalid", "true")
    client.get("/sessions/current")
    change(page, PASSWORD, NEW_PASSWORD)
    page.get_by_text("Password changed.").wait_for()
    expect(field).to_have_value("")
    expect(page.get_by_label("New password", exact=True)).to_have_value("")
    client.get("/sessions/current", expect=401)
    client.sign_in(email=person["email"], password=PASSWORD, expect=401)
    client.sign_in(email=person["email"], password=NEW_PASSWORD)
    page.reload()
    heading(page, "Account")


def test_signing_out_everywhere_else_though_some_ended_by_themselves(server, client, person, page, visit):
    other = visit(server)
    other.sign_in(person["email"])
    page.reload()
    page.get_by_role("row").nth(3).wait_for()
    page.get_by_role("button", name="Sign out everywhere else").click()
    ended = []

    def end_one_first(route):
        if route.request.method == "DELETE" and not ended:
            ended.append(client.delete("/sessions/current"))
        route.continue_()

    page.route("**/sessions/*", end_one_first)
    page.get_by_role("dialog").get_by_role("button", name="Sign out").click()
    page.get_by_role("dialog").wait_for(state="detached")
    expect(page.get_by_role("row")).to_have_count(2)
    assert other.context.request.get("/v1/organization/sessions/current").status == 401


def test_one_that_ended_meanwhile_is_signed_out(client, page):
    client.delete("/sessions/current")
    page.get_by_role("row").get_by_role("button").click()
    expect(page.get_by_role("row")).to_have_count(2)
    expect(page.get_by_role("alert")).to_have_count(0)


def register(route):
    reply = route.fetch()
    SECRETS.add(reply.json()["url"].partition("#")[2])
    route.fulfill(response=reply)


def test_who_came_with_an_admin_key_sets_a_password(server, api, client, visit):
    visitor = visit(server)
    visitor.sign_in_with_key(api.admin_key()["value"])
    page = visitor.page("/account")
    page.route("**/password_link", register)
    page.get_by_role("button", name="Set a password").click()
    heading(page, "Set your password")
    page.get_by_label("New password", exact=True).fill(NEW_PASSWORD)
    page.get_by_role("button", name="Set password").click()
    heading(page, "Overview")
    client.sign_in(email=api.owner()["email"], password=NEW_PASSWORD)
    page.goto("/account")
    page.get_by_role("button", name="Change password").wait_for()
