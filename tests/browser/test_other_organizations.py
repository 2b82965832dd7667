"""A second organization on the same server: its people come in by the sign-in page as well."""

import pytest

from support import commands
from support.api import PASSWORD, Api
from support.browser import Browser as Client
from support.browser import with_password
from support.server import Server
from support.visitor import OWNER_EMAIL, OWNER_NAME


@pytest.fixture(scope="module")
def person(server_of_two):
    api = Api(server_of_two.base_url, server_of_two.other_admin_key)
    client = Client(server_of_two)
    person = with_password(api, client, email="eva@example.com")
    organization = client.get("/sessions/current")["organization"]["id"]
    client.close()
    api.close()
    return person | {"organization": organization}


@pytest.fixture(scope="module")
def server_of_two(tmp_path_factory):
    server = Server(
        tmp_path_factory.mktemp("two") / "data", "--owner-email", OWNER_EMAIL, "--owner-name", OWNER_NAME
    ).start()
    server.stop()
    server.other_admin_key = commands.create_organization(server.directory, "chief@example.com", "Carla Chief")
    server.start()
    yield server
    server.stop()


def fill(page, person):
    page.get_by_label("E-mail").fill(person["email"])
    page.get_by_label("Password", exact=True).fill(PASSWORD)


def enter(page):
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.get_by_role("heading", level=1, name="Overview").wait_for()


def sign_out(page, person):
    page.get_by_role("button", name=person["name"]).click()
    page.get_by_role("menuitem", name="Sign out").click()
    page.get_by_role("heading", level=1, name="Sign in").wait_for()


def test_somebody_signs_in_to_another_organization(server_of_two, visit, person):
    page = visit(server_of_two).page("/sign-in")
    fill(page, person)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.get_by_role("alert").wait_for()
    page.get_by_text("Another organization?").click()
    page.get_by_label("Organization id").fill(person["organization"])
    enter(page)
    # It is remembered.
    sign_out(page, person)
    page.get_by_text(f"Organization: {person['organization']}").wait_for()
    fill(page, person)
    enter(page)


def test_a_link_to_the_sign_in_page_names_the_organization(server_of_two, visit, person):
    page = visit(server_of_two).page(f"/sign-in?organization={person['organization']}")
    fill(page, person)
    enter(page)


def test_who_joined_by_a_link_is_asked_for_no_organization(server_of_two, visit):
    api = Api(server_of_two.base_url, server_of_two.other_admin_key)
    invite = api.invite("finn@example.com")
    api.close()
    page = visit(server_of_two).page(invite["invite_url"])
    page.get_by_label("Your name").fill("Finn Fitter")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Join").click()
    page.get_by_role("heading", level=1, name="Overview").wait_for()
    finn = {"name": "Finn Fitter", "email": "finn@example.com"}
    sign_out(page, finn)
    fill(page, finn)
    enter(page)
