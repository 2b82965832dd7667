"""Who is offered to change whose role, and what comes of it."""

import pytest
from playwright.sync_api import expect

from support.api import PASSWORD
from support.browser import Browser as Client
from support.browser import with_password
from support.visitor import OWNER_EMAIL, choose


@pytest.fixture
def manager(server, api, owner, visit):
    """An owner of a project: in it are also a member, and the organization's owner, as in every one."""
    project = api.project("managed")["id"]
    client = Client(server)
    person = with_password(api, client, projects=[(project, "owner")])
    client.close()
    member = api.person(projects=[(project, "member")], name="Mia Member")
    visitor = visit(server)
    visitor.sign_in(person["email"], PASSWORD)
    visitor.project, visitor.member = project, member
    return visitor


def test_an_owner_of_a_project_changes_members_but_no_owner_of_the_organization(api, manager):
    page = manager.page(f"/projects/{manager.project}/people")
    owner = page.get_by_role("row", name=OWNER_EMAIL)
    expect(owner).to_contain_text("Organization owner")
    expect(owner.get_by_role("button")).to_have_count(0)
    row = page.get_by_role("row", name="Mia Member")
    choose(page, "Mia Member", "Change role")
    dialog = page.get_by_role("dialog", name="Role of Mia Member")
    expect(dialog.get_by_role("button", name="Save role")).to_be_disabled()
    dialog.get_by_role("radio", name="Owner").check()
    dialog.get_by_role("button", name="Save role").click()
    expect(row).to_contain_text("Owner")
    assert api.get(f"/projects/{manager.project}/users/{manager.member['id']}")["role"] == "owner"


def test_an_owner_of_the_organization_changes_a_person(server, api, owner, visit):
    person = api.person(role="owner", name="Rita Reader")
    visitor = visit(server)
    visitor.sign_in(owner)
    page = visitor.page("/people")
    choose(page, person["email"], "Change role")
    dialog = page.get_by_role("dialog", name="Role of Rita Reader")
    dialog.get_by_role("radio", name="Reader").check()
    dialog.get_by_text("Their admin keys end at once").wait_for()
    dialog.get_by_role("button", name="Save role").click()
    dialog.wait_for(state="detached")
    assert api.get(f"/users/{person['id']}")["role"] == "reader"
