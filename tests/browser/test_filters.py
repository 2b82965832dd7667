"""What is listed by filters, and what the address says of it."""

import re
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import expect

from support.visitor import OWNER_EMAIL, OWNER_NAME, heading

DAY = 86400
PERSON = "Felix Filter"

# What the times of each key are moved to in the database, in days from now.
TIMES = {
    "fresh": {},
    "about to end": {"expires_at": 5, "last_used_at": -1},
    "ended": {"expires_at": -2, "last_used_at": -3},
    "forgotten": {"last_used_at": -100},
    "never touched": {"created_at": -30},
}
CHIPS = {
    "All": {*TIMES, "shut out"},
    "Expiring in 14 days": {"about to end"},
    "Expired": {"ended"},
    "Unused for 90 days": {"forgotten"},
    "Never used for 7 days": {"never touched"},
    "Owner without access": {"shut out"},
}
CARDS = {
    "Expiring within 14 days": "Expiring in 14 days",
    "Expired": "Expired",
    "Unused for 90 days": "Unused for 90 days",
    "Never used for 7 days": "Never used for 7 days",
}


@pytest.fixture(scope="module")
def person(server, api, owner):
    """Who left a project with a key in it, beside keys of all kinds."""
    project = api.project("filtered")["id"]
    for name in TIMES:
        api.key_of(project, name=name)
    person = api.person(projects=[(project, "member")], name=PERSON)
    api.key_of(project, name="shut out", user_id=person["id"])
    api.delete(f"/projects/{project}/users/{person['id']}")
    api.project("beside it")
    server.listen = [server.address()]
    server.stop()
    now = int(datetime.now().timestamp())
    for name, moved in TIMES.items():
        for column, days in moved.items():
            server.sql(f"UPDATE project_api_keys SET {column} = {now + days * DAY} WHERE name = '{name}'")
    server.start()
    return person


@pytest.fixture
def visitor(server, person, visit):
    visitor = visit(server)
    visitor.sign_in(OWNER_EMAIL)
    return visitor


def expect_keys(page, names):
    shown = page.get_by_role("table", name="Keys").locator("button.row-title")
    expect(shown).to_have_count(len(names))
    assert set(shown.all_inner_texts()) == names


@pytest.mark.parametrize("chip", CHIPS)
def test_a_chip_filters_the_keys_and_stays_in_the_address(visitor, chip):
    page = visitor.page("/keys")
    expect_keys(page, CHIPS["All"])
    page.get_by_role("button", name=chip, exact=True).click()
    expect_keys(page, CHIPS[chip])
    page.reload()
    expect_keys(page, CHIPS[chip])
    pressed = page.get_by_role("group", name="Filter").locator("[aria-pressed=true]")
    assert pressed.all_inner_texts() == [chip]


@pytest.mark.parametrize("card", CARDS)
def test_what_the_overview_shows_is_what_it_leads_to(visitor, card):
    page = visitor.page("/")
    shown = page.locator("section").filter(has=page.get_by_role("heading", name=card)).locator("li a")
    shown.first.wait_for()
    names = set(shown.all_inner_texts())
    page.get_by_role("link", name=f"See all keys: {card}").click()
    expect_keys(page, names)
    assert names == CHIPS[CARDS[card]]


# ---- The audit log


@pytest.fixture
def log(visitor):
    page = visitor.page("/audit-log")
    page.sentences = page.locator("main li p:first-child")
    page.sentences.first.wait_for()
    return page


def expect_only(log, said):
    expect(log.sentences.filter(has_not_text=said)).to_have_count(0)
    expect(log.sentences.filter(has_text=said)).not_to_have_count(0)


def test_events_of_a_kind_and_of_a_project(log):
    log.get_by_label("Event", exact=True).select_option(label="Key created")
    expect_only(log, re.compile("created the (admin )?key"))
    log.get_by_label("Project", exact=True).select_option(label="filtered")
    expect_only(log, "in filtered")
    expect(log.sentences).to_have_count(len(CHIPS["All"]))
    log.reload()
    expect_only(log, "in filtered")
    log.get_by_label("Project", exact=True).select_option(label="beside it")
    log.get_by_text("No event matches").wait_for()
    log.get_by_role("button", name="Clear").click()
    log.sentences.filter(has_text="created the project beside it").wait_for()
    assert log.url.endswith("/audit-log")


def test_events_by_somebody(log, person):
    log.get_by_label("By (e-mail)").fill(person["email"])
    expect_only(log, PERSON)
    expect(log.sentences.filter(has_text=OWNER_NAME)).to_have_count(0)
    log.reload()
    expect_only(log, PERSON)
    assert log.get_by_label("By (e-mail)").input_value() == person["email"]


def test_events_between_days(log):
    today = datetime.now(ZoneInfo("Europe/Berlin")).date()
    past, future = (str(today + timedelta(days=days)) for days in (-2, 2))
    log.get_by_label("From").fill(future)
    log.get_by_text("No event matches").wait_for()
    log.get_by_label("From").fill(past)
    log.sentences.first.wait_for()
    log.get_by_label("To").fill(past)
    log.get_by_text("No event matches").wait_for()
    log.get_by_label("To").fill(future)
    log.sentences.first.wait_for()


def test_the_address_is_what_counts(log):
    """A link to the log without a filter takes the filter away, and Back brings it back."""
    field = log.get_by_label("By (e-mail)")
    field.fill("nobody@example.com")
    log.get_by_text("No event matches").wait_for()
    log.get_by_role("link", name="Audit log").click()
    log.sentences.first.wait_for()
    expect(field).to_have_value("")
    assert log.url.endswith("/audit-log")
    log.go_back()
    log.get_by_text("No event matches").wait_for()
    expect(field).to_have_value("nobody@example.com")


def test_a_wrong_password_and_a_session_of_a_key_are_said(server, api, log):
    heading(log, "Audit log")
    log.evaluate(
        """(body) => fetch('/v1/organization/password', {
            method: 'POST', body: JSON.stringify(body), headers: {'Content-Type': 'application/json'},
        })""",
        {"current_password": "not what it is", "password": "three other words here"},
    )
    key = api.admin_key()
    api.session(key["value"])
    log.reload()
    log.sentences.filter(has_text="gave a wrong password when changing theirs").wait_for()
    entry = log.get_by_role("listitem").filter(has_text=f"{OWNER_NAME} signed in").first
    assert "with an admin key" in entry.inner_text()
