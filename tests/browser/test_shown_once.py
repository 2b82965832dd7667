"""What is shown once is left only by who means it."""

import pytest

from support.secret_values import SECRETS


@pytest.fixture
def page(server, api, owner, visit):
    """Where a key is shown, behind the list of projects."""
    project = api.project("shown once")["name"]
    visitor = visit(server)
    visitor.sign_in(owner)
    page = visitor.page("/projects")
    page.get_by_role("link", name=project).first.click()
    page.get_by_role("button", name="Create key").click()
    dialog = page.get_by_role("dialog", name="Create key")
    dialog.get_by_label("Name").fill("once")
    dialog.get_by_role("button", name="Create key").click()
    SECRETS.add(shown(page).get_by_label("Key", exact=True).input_value())
    return page


def shown(page):
    return page.get_by_role("dialog", name="Save this key")


def asked(page, act, answer):
    """The kind of question that `act` leads to, which is answered so."""
    questions = []

    def reply(dialog):
        questions.append(dialog.type)
        dialog.accept() if answer else dialog.dismiss()

    page.once("dialog", reply)
    with page.expect_event("dialog"):
        page.evaluate(act)
    return questions


def test_going_back_asks(page):
    address = page.url
    assert asked(page, "history.back()", answer=False) == ["confirm"]
    assert shown(page).is_visible() and page.url == address
    assert asked(page, "history.back()", answer=True) == ["confirm"]
    page.get_by_role("heading", level=1, name="Projects").wait_for()
    assert shown(page).count() == 0


def test_loading_anew_asks(page):
    assert asked(page, "location.reload()", answer=False) == ["beforeunload"]
    assert shown(page).is_visible()
    # Afterwards, nothing is asked any more.
    shown(page).get_by_role("button", name="Done").click()
    page.on("dialog", lambda dialog: pytest.fail(f"asked: {dialog.type}"))
    page.reload()
    page.get_by_role("row", name="once").first.wait_for()
