"""Times as people read them: by the calendar of where they are."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import expect

HERE = ZoneInfo("Europe/Berlin")
HOUR = 3600


@pytest.fixture(scope="module")
def project(api):
    return api.project("timed")["id"]


@pytest.fixture
def page(server, owner, project, visit):
    visitor = visit(server)
    visitor.sign_in(owner)
    return visitor.page(f"/projects/{project}/keys")


def in_days(hours):
    """How somebody in Berlin says when that is."""
    now = datetime.now(HERE)
    days = ((now.astimezone(ZoneInfo("UTC")) + timedelta(hours=hours)).astimezone(HERE).date() - now.date()).days
    return "tomorrow" if days == 1 else f"in {days} days"


@pytest.mark.parametrize("hours", [25, 47, 49, 7 * 24])
def test_days_are_those_of_the_calendar(api, project, page, hours):
    name = f"ends in {hours} hours"
    api.key_of(project, name=name, expires_in_seconds=hours * HOUR)
    page.reload()
    expect(page.get_by_role("row", name=name).locator("time").last).to_have_text(in_days(hours))


def test_the_last_day_of_a_key_belongs_to_it(api, project, page):
    last = datetime.now(HERE).date() + timedelta(days=3)
    page.get_by_role("button", name="Create key").click()
    dialog = page.get_by_role("dialog", name="Create key")
    dialog.get_by_label("Name").fill("through the day")
    dialog.get_by_label("Expiry").select_option(label="Custom date")
    dialog.get_by_label("Last day").fill(last.isoformat())
    dialog.get_by_text(f"Works through {last:%b} {last.day}, {last.year}").wait_for()
    dialog.get_by_role("button", name="Create key").click()
    page.get_by_role("dialog", name="Save this key").get_by_role("button", name="Done").click()
    key = next(key for key in api.all(f"/projects/{project}/api_keys") if key["name"] == "through the day")
    ends = datetime.fromtimestamp(key["expires_at"], HERE)
    assert (ends.date(), ends.hour, ends.minute) == (last, 23, 59)
