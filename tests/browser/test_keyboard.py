"""Menus and dialogs by keyboard alone, and where the focus is afterwards."""

import pytest
from playwright.sync_api import expect


@pytest.fixture(scope="module")
def project(api):
    project = api.project("by keyboard")["id"]
    api.key_of(project, name="first")
    return project


@pytest.fixture
def page(server, owner, project, visit):
    visitor = visit(server)
    visitor.sign_in(owner)
    return visitor.page(f"/projects/{project}/keys")


@pytest.fixture
def button(page):
    button = page.get_by_role("button", name="Actions for first")
    button.focus()
    return button


def test_the_arrows_go_round_in_a_menu(page, button):
    page.keyboard.press("Enter")
    details, revoke = (page.get_by_role("menuitem", name=name) for name in ("Details", "Revoke"))
    expect(details).to_be_focused()
    for key, focused in (
        ("End", revoke), ("ArrowDown", details), ("ArrowUp", revoke), ("Home", details),
    ):  # fmt: skip
        page.keyboard.press(key)
        expect(focused).to_be_focused()
    expect(button).to_have_attribute("aria-expanded", "true")


@pytest.mark.parametrize("key", ["Escape", "Tab"])
def test_leaving_a_menu_gives_the_focus_back(page, button, key):
    page.keyboard.press("Enter")
    expect(page.get_by_role("menuitem", name="Details")).to_be_focused()
    page.keyboard.press(key)
    expect(page.get_by_role("menu")).to_be_hidden()
    expect(button).to_be_focused()
    expect(button).to_have_attribute("aria-expanded", "false")


@pytest.mark.parametrize("item", ["Details", "Edit expiry and scopes", "Revoke"])
def test_leaving_a_dialog_gives_the_focus_back(page, button, item):
    page.keyboard.press("Enter")
    expect(page.get_by_role("menuitem", name="Details")).to_be_focused()
    while page.get_by_role("menuitem", name=item).evaluate("(element) => element !== document.activeElement"):
        page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog")
    dialog.wait_for()
    assert dialog.evaluate("(element) => element.contains(document.activeElement)")
    page.keyboard.press("Escape")
    dialog.wait_for(state="detached")
    expect(button).to_be_focused()


def test_the_focus_is_at_the_heading_when_what_had_it_is_gone(api, project, page):
    key = api.key_of(project, name="second")
    page.reload()
    page.get_by_role("button", name=f"Actions for {key['name']}").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("menuitem").first).to_be_focused()
    page.keyboard.press("End")
    expect(page.get_by_role("menuitem").last).to_be_focused()
    page.keyboard.press("Enter")
    page.get_by_role("dialog").get_by_role("button", name="Revoke key").focus()
    page.keyboard.press("Enter")
    page.get_by_role("dialog").wait_for(state="detached")
    expect(page.get_by_role("heading", level=1)).to_be_focused()
