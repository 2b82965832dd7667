"""What people do here first, from the first start to the audit log, by hand."""

import re

import httpx
import pytest

from support.api import PASSWORD
from support.secret_values import SECRETS
from support.visitor import OWNER_NAME, choose, heading, secret_shown
from support.wait import wait_until

NEW_PASSWORD = SECRETS.add("seven grey lighthouses hum")


def ask(server, key):
    return httpx.get(f"{server.url}/auth", headers={"Authorization": f"Bearer {key}"}).status_code


def test_from_the_first_start_to_the_audit_log(server, visit):
    # The link that the first start printed.
    olivia = visit(server)
    page = olivia.page(server.password_link)
    heading(page, "Set your password")
    page.get_by_label("New password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Set password").click()
    heading(page, "Overview")
    assert "#" not in page.url

    # A project.
    page.get_by_role("link", name="Projects").click()
    page.get_by_role("button", name="Create project").click()
    dialog = page.get_by_role("dialog", name="Create project")
    dialog.get_by_label("Name").fill("Search engine")
    dialog.get_by_role("button", name="Create project").click()
    heading(page, "Search engine")

    # Somebody to work in it, and the link for them.
    page.get_by_role("link", name="People", exact=True).first.click()
    page.get_by_role("button", name="Invite a person").click()
    dialog = page.get_by_role("dialog", name="Invite a person")
    dialog.get_by_label("E-mail").fill("ben@example.com")
    dialog.get_by_label("Search engine").check()
    dialog.get_by_role("button", name="Create invite").click()
    page.get_by_role("dialog", name="Hand over this link").wait_for()
    link = secret_shown(page, "Link")
    page.get_by_role("button", name="Done").click()

    # They join in a browser of their own.
    ben = visit(server)
    theirs = ben.page(link)
    heading(theirs, "Join")
    theirs.get_by_label("Your name").fill("Ben Builder")
    theirs.get_by_label("Password", exact=True).fill(NEW_PASSWORD)
    theirs.get_by_role("button", name="Join").click()
    heading(theirs, "Overview")
    assert "#" not in theirs.url
    assert theirs.get_by_role("navigation", name="Main").get_by_role("link").all_inner_texts() == [
        "Overview", "Projects", "Keys",
    ]  # fmt: skip

    # Their key, which comes in.
    theirs.get_by_role("link", name="Projects").click()
    theirs.get_by_role("link", name="Search engine").click()
    theirs.get_by_role("button", name="Create key").click()
    dialog = theirs.get_by_role("dialog", name="Create key")
    dialog.get_by_label("Name").fill("crawler")
    dialog.get_by_role("button", name="Create key").click()
    theirs.get_by_role("dialog", name="Save this key").wait_for()
    key = secret_shown(theirs, "Key")
    theirs.keyboard.press("Escape")
    assert theirs.get_by_role("dialog", name="Save this key").is_visible(), "it cannot be had a second time"
    theirs.get_by_role("button", name="Done").click()
    assert key not in theirs.content() and key[:-3] not in theirs.content()
    row = theirs.get_by_role("row", name="crawler")
    assert "Never" in row.inner_text()
    assert ask(server, key) == 200

    # The use is seen.
    def last_used():
        theirs.reload()
        row.wait_for()
        return row.locator("time").count() == 2

    wait_until(last_used)

    # The owner revokes it: it is refused.
    page.get_by_role("link", name="Projects").click()
    page.get_by_role("link", name="Search engine").click()
    page.get_by_role("row", name="crawler").wait_for()
    choose(page, "crawler", "Revoke")
    dialog = page.get_by_role("dialog", name="Revoke crawler?")
    assert "cannot be undone" in dialog.inner_text() and "Ben Builder" in dialog.inner_text()
    dialog.get_by_role("button", name="Revoke key").click()
    page.get_by_text("No keys yet").wait_for()
    assert ask(server, key) == 401

    # All of it is in the audit log.
    page.get_by_role("link", name="Audit log").click()
    heading(page, "Audit log")
    page.get_by_role("listitem").filter(has_text="revoked the key").wait_for()
    said = [" ".join(text.split()) for text in page.locator("main li p:first-child").all_inner_texts()]
    assert any(re.fullmatch(rf"{OWNER_NAME} revoked the key.* in Search engine", line) for line in said), said
    assert any(re.fullmatch(r"Ben Builder created the key.* in Search engine", line) for line in said), said
    for expected in (
        "Ben Builder joined as a reader",
        f"{OWNER_NAME} invited ben@example.com as a reader",
        f"{OWNER_NAME} created the project Search engine",
        f"{OWNER_NAME} signed in",
    ):
        assert expected in said, said


def test_signing_in_and_out_by_hand(server, owner, visit):
    page = visit(server).page("/projects?from=somewhere")
    heading(page, "Sign in")
    page.get_by_label("E-mail").fill(owner)
    page.get_by_label("Password", exact=True).fill("not the right password")
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.get_by_role("alert").wait_for()
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.keyboard.press("Enter")
    heading(page, "Projects")
    assert page.url.endswith("/projects?from=somewhere"), "where they wanted to go"
    page.get_by_role("button", name=OWNER_NAME).click()
    page.get_by_role("menuitem", name="Sign out").click()
    heading(page, "Sign in")
    page.goto("/projects")
    heading(page, "Sign in")
    assert page.evaluate("fetch('/v1/organization/projects').then((reply) => reply.status)") == 401


def test_signing_in_with_an_admin_key(server, api, visit):
    key = api.admin_key()
    page = visit(server).page("/")
    page.get_by_role("button", name="Use an admin key").click()
    page.get_by_label("Admin key").fill("sk-admin-unknown")
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.get_by_role("alert").wait_for()
    page.get_by_label("Admin key").fill(key["value"])
    page.get_by_role("button", name="Sign in", exact=True).click()
    heading(page, "Overview")
    assert SECRETS.find(page.content()) is None
    # It ends with the key.
    api.delete(f"/admin_api_keys/{key['id']}")
    page.get_by_role("link", name="Projects").click()
    heading(page, "Sign in")


@pytest.mark.parametrize("path", ["/invite", "/password"])
def test_a_link_that_was_used_says_so(server, api, visit, path):
    if path == "/invite":
        invite = api.invite()
        api.accept(invite)
        link = invite["invite_url"]
    else:
        link = api.post(f"/users/{api.person()['id']}/password_link")["url"]
        body = {"token": link.partition("#")[2], "password": PASSWORD}
        assert httpx.post(f"{server.base_url}/organization/passwords", json=body).status_code == 200
    page = visit(server).page(link)
    if path == "/invite":
        page.get_by_label("Your name").fill("Too Late")
    page.get_by_label(re.compile("^(New p|P)assword$")).fill(NEW_PASSWORD)
    page.locator("form").get_by_role("button").last.click()
    page.get_by_role("alert").wait_for()
    assert page.url.endswith(path)
