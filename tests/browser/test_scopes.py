"""The field for scopes: a key with none may do everything, so what was typed is never left out."""

import pytest

from support.secret_values import SECRETS

BAD = 'bad"scope'


@pytest.fixture(scope="module")
def project(api):
    return api.project("scoped")["id"]


@pytest.fixture
def page(server, owner, project, visit):
    visitor = visit(server)
    visitor.sign_in(owner)
    return visitor.page(f"/projects/{project}/keys")


def keys(api, project):
    return {key["name"]: key["scopes"] for key in api.all(f"/projects/{project}/api_keys")}


def save(page, dialog, button):
    """Saves by mouse with one click, and leaves the dialog that shows a key."""
    dialog.get_by_role("button", name=button).click()
    if button == "Create key":
        shown = page.get_by_role("dialog", name="Save this key")
        SECRETS.add(shown.get_by_label("Key", exact=True).input_value())
        shown.get_by_role("button", name="Done").click()
    dialog.wait_for(state="detached")


def creation(page, name):
    page.get_by_role("button", name="Create key").click()
    dialog = page.get_by_role("dialog", name="Create key")
    dialog.get_by_label("Name").fill(name)
    return dialog


@pytest.mark.parametrize("typed", [BAD, " ".join(f"scope.{i}" for i in range(17))], ids=["bad", "too many"])
def test_a_refused_scope_issues_no_key(page, api, project, typed):
    before = keys(api, project)
    dialog = creation(page, "should not be")
    button = dialog.get_by_role("button", name="Create key")
    dialog.get_by_label("Scopes", exact=True).fill(typed)
    dialog.locator(".field-error").wait_for()
    assert button.is_disabled()
    # By keyboard too.
    page.keyboard.press("Enter")
    dialog.get_by_label("Name").press("Enter")
    assert button.is_disabled() and dialog.locator(".field-error").is_visible()
    # Mended, it is taken as it stands.
    dialog.get_by_label("Scopes", exact=True).fill("models.read")
    assert keys(api, project) == before
    save(page, dialog, "Create key")
    assert keys(api, project) == before | {"should not be": ["models.read"]}
    api.delete(f"/projects/{project}/api_keys/{api.get(f'/projects/{project}/api_keys')['last_id']}")


def test_scopes_that_were_added_and_typed_are_all_given(page, api, project):
    dialog = creation(page, "three")
    field = dialog.get_by_label("Scopes", exact=True)
    field.press_sequentially("models.read,")
    field.press_sequentially("files.read ")
    field.press_sequentially("files.write")
    save(page, dialog, "Create key")
    assert sorted(keys(api, project)["three"]) == ["files.read", "files.write", "models.read"]


def test_editing_a_key_to_a_refused_scope_leaves_it_restricted(page, api, project):
    api.key_of(project, name="restricted", scopes=["models.read"])
    page.reload()
    page.get_by_role("button", name="Actions for restricted").click()
    page.get_by_role("menuitem", name="Edit").click()
    dialog = page.get_by_role("dialog", name="Edit restricted")
    dialog.get_by_role("button", name="Remove scope models.read").click()
    dialog.get_by_label("Scopes", exact=True).fill(BAD)
    dialog.locator(".field-error").wait_for()
    assert dialog.get_by_role("button", name="Save changes").is_disabled()
    assert keys(api, project)["restricted"] == ["models.read"]
    dialog.get_by_label("Scopes", exact=True).fill("files.read")
    save(page, dialog, "Save changes")
    assert keys(api, project)["restricted"] == ["files.read"]
