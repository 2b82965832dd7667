"""Invites after they were made: found, renewed, withdrawn."""

import pytest
from playwright.sync_api import expect

from support.api import unique
from support.visitor import choose, secret_shown

INVITES = "/people?show=invites"


@pytest.fixture
def visitor(server, owner, visit):
    visitor = visit(server)
    visitor.sign_in(owner)
    return visitor


def invited(api):
    invite = api.invite(f"{unique('invited')}@example.com")
    assert invite["status"] == "pending"
    return invite


def test_a_new_link_ends_the_one_before(api, visitor):
    invite = invited(api)
    page = visitor.page(INVITES)
    page.get_by_role("row", name=invite["email"]).wait_for()
    choose(page, invite["email"], "New link")
    page.get_by_role("dialog").get_by_role("button", name="Create link").click()
    page.get_by_role("dialog", name="Hand over this link").wait_for()
    link = secret_shown(page, "Link")
    page.get_by_role("button", name="Done").click()
    api.accept(invite, expect=400)
    api.accept({"invite_url": link})
    page.reload()
    row = page.get_by_role("row", name=invite["email"])
    expect(row).to_contain_text("Accepted")
    expect(row.get_by_role("button")).to_have_count(0)


def test_a_withdrawn_one_is_gone(api, visitor):
    invite = invited(api)
    page = visitor.page(INVITES)
    page.get_by_role("row", name=invite["email"]).wait_for()
    choose(page, invite["email"], "Withdraw")
    page.get_by_role("dialog").get_by_role("button", name="Withdraw invite").click()
    page.get_by_role("row", name=invite["email"]).wait_for(state="detached")
    page.get_by_text(f"Invite of {invite['email']} withdrawn.").wait_for()
    api.accept(invite, expect=400)


def test_the_newest_come_first_and_each_state_is_found(server, api, visitor):
    accepted = invited(api)
    api.accept(accepted)
    ended, still_open = invited(api), invited(api)
    server.listen = [server.address()]
    server.stop()
    server.sql(f"UPDATE invites SET expires_at = created_at WHERE id = '{ended['id']}'")
    server.start()
    page = visitor.page(INVITES)
    rows = page.get_by_role("table", name="Invites").get_by_role("row")
    expect(rows.nth(1)).to_contain_text(still_open["email"])
    for chip, one in (("Open", still_open), ("Expired", ended), ("Accepted", accepted)):
        page.get_by_role("group", name="State").get_by_role("button", name=chip).click()
        others = [other["email"] for other in (accepted, ended, still_open) if other is not one]
        page.get_by_role("row", name=one["email"]).wait_for()
        for email in others:
            expect(page.get_by_role("row", name=email)).to_have_count(0)
    page.goto("/")
    page.get_by_role("link", name="See all: Expired invites").click()
    page.get_by_role("row", name=ended["email"]).wait_for()
    expect(page.get_by_role("row", name=still_open["email"])).to_have_count(0)
