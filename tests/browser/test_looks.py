"""Every page in light, dark and narrow: axe-core finds nothing, nothing runs out of the window. What was seen
is left in screenshots/ beside the server, for people to look at."""

from pathlib import Path
from types import SimpleNamespace

import pytest
from playwright.sync_api import expect

from support.api import PASSWORD, Api
from support.browser import Browser as Client
from support.secret_values import SECRETS
from support.server import binary
from support.visitor import OWNER_EMAIL, WIDE, accessibility_problems

DAY = 86400
NARROW = {"width": 360, "height": 740}
SERVER_OPTIONS = ("--organization-name", "Northwind Research")
SCREENSHOTS = Path(binary()).parent / "screenshots"

PAGES = {
    "overview": "/",
    "projects": "/projects",
    "project-keys": "/projects/{project}/keys",
    "project-service-accounts": "/projects/{project}/service-accounts",
    "project-people": "/projects/{project}/people",
    "project-settings": "/projects/{project}/settings",
    "archived-project": "/projects/{archived}",
    "absent-project": "/projects/proj_absent",
    "keys": "/keys",
    "keys-none-found": "/keys?search=nothing-is-called-so",
    "people": "/people",
    "invites": "/people?show=invites",
    "admin-keys": "/admin-keys",
    "audit-log": "/audit-log",
    "account": "/account",
    "no-such-page": "/projects/x/y/z",
}
STAND_ALONE = {"sign-in": "/sign-in", "invite": "{invite}", "password": "{password}", "link-not-whole": "/invite"}


def age(server, key_id, **columns):
    """As if it had been made, used or ended at another time; so many days from now."""
    now = "CAST(strftime('%s') AS INTEGER)"
    changes = ", ".join(f"{name} = {now} + {days * DAY}" for name, days in columns.items())
    return f"UPDATE project_api_keys SET {changes} WHERE id = '{key_id}'"


@pytest.fixture(scope="module")
def world(server):
    """An organization as there are many, with something for every page to show."""
    api = Api(server.base_url, server.admin_key)
    api.own_password()
    names = ("Search", "Chat assistant", "Document pipeline", "Evaluation", "Sandbox")
    search, chat, documents, _, sandbox = (api.project(name)["id"] for name in names)
    client = Client(server)
    for name, role, projects in (
        ("Ada Lindqvist", "owner", []),
        ("Bruno Costa", "reader", [(search, "owner"), (chat, "member")]),
        ("Chiyo Tanaka", "reader", [(search, "member")]),
        ("Dev Patel", "reader", [(search, "member"), (documents, "owner")]),
    ):
        email = f"{name.split()[0].lower()}@northwind.example"
        token = api.invite(email, role, projects=[{"id": p, "role": r} for p, r in projects])["invite_url"]
        client.post("/invites/accept", {"token": token.partition("#")[2], "name": name, "password": PASSWORD})
    statements = []
    users = {user["email"].split("@")[0]: user["id"] for user in api.all("/users")}
    for name, owner, expires, columns in (
        ("Indexer", None, 200, {"created_at": -300, "last_used_at": 0}),
        ("Ranking experiments", "bruno", 9, {"created_at": -60, "last_used_at": -1}),
        ("Notebook", "chiyo", None, {"created_at": -190, "last_used_at": -120}),
        ("Load test", "dev", 30, {"created_at": -40, "expires_at": -3}),
        ("Old crawler", "dev", None, {"created_at": -400}),
        ("Laptop", "chiyo", None, {}),
    ):
        fields = {"name": name, **({"expires_in_seconds": expires * DAY} if expires else {})}
        if name == "Indexer":
            account = api.service_account(search, name="search-backend")["id"]
            key = api.account_key(search, account, scopes=["models.read", "api.responses.write"], **fields)
        else:
            key = api.key_of(search, user_id=users[owner], **fields)
        if columns:
            statements.append(age(server, key["id"], **columns))
    for name in ("nightly-batch", "ci"):
        api.service_account(documents, name=name)
    api.service_account(chat, name="web-frontend")
    api.admin_key(name="Terraform", expires_in_seconds=90 * DAY)
    api.admin_key(name="Backup script")
    api.invite("elif@northwind.example", "reader", projects=[{"id": chat, "role": "member"}])
    api.invite("farid@northwind.example", "owner")
    api.post(f"/projects/{sandbox}/archive")
    client.close()
    server.listen = [server.address()]
    server.stop()
    server.sql(";\n".join(statements))
    server.start()
    api.post(f"/projects/{documents}", {"name": "Documents"})
    invite = api.invite("greta@northwind.example")["invite_url"]
    password = api.post(f"/users/{users['bruno']}/password_link")["url"]
    yield SimpleNamespace(search=search, sandbox=sandbox, invite=invite, password=password)
    api.close()


@pytest.fixture
def visitor(server, world, visit):
    return visit(server, reduced_motion="reduce")


def settle(page):
    page.get_by_role("heading", level=1).wait_for()
    page.wait_for_load_state("networkidle")
    expect(page.locator(".skeleton")).to_have_count(0)


def picture(page, name):
    SCREENSHOTS.mkdir(exist_ok=True)
    page.screenshot(path=SCREENSHOTS / f"{name}.png", animations="disabled")


def check_looks(page, name):
    settle(page)
    problems = accessibility_problems(page)
    picture(page, f"{name}-light")
    page.emulate_media(color_scheme="dark")
    problems += accessibility_problems(page, "color-contrast")
    picture(page, f"{name}-dark")
    page.emulate_media(color_scheme="light")
    page.set_viewport_size(NARROW)
    picture(page, f"{name}-narrow")
    width = page.evaluate("document.documentElement.scrollWidth")
    page.set_viewport_size(WIDE)
    assert not problems, "\n".join(problems)
    assert width <= NARROW["width"], f"{width} pixels wide"


@pytest.mark.parametrize("name", PAGES)
def test_a_page(visitor, world, name):
    visitor.sign_in(OWNER_EMAIL)
    check_looks(visitor.page(PAGES[name].format(project=world.search, archived=world.sandbox)), name)


@pytest.mark.parametrize("name", STAND_ALONE)
def test_a_page_for_who_is_not_signed_in(visitor, world, name):
    address = STAND_ALONE[name].format(invite=world.invite, password=world.password)
    SECRETS.add(address.partition("#")[2])
    check_looks(visitor.page(address), name)


def test_a_page_of_a_reader(visitor, world):
    visitor.sign_in("chiyo@northwind.example")
    check_looks(visitor.page(f"/projects/{world.search}"), "reader-project-keys")


def open_create(page):
    page.get_by_role("button", name="Create key").click()


def open_issued(page):
    open_create(page)
    page.get_by_role("dialog").get_by_label("Name").fill("Weekly report")
    page.get_by_role("dialog").get_by_role("button", name="Create key").click()
    SECRETS.add(page.get_by_role("dialog").get_by_label("Key", exact=True).input_value())


def open_details(page):
    page.get_by_role("button", name="Indexer", exact=True).click()


def open_menu(page):
    page.get_by_role("button", name="Actions for Indexer").click()
    page.get_by_role("menu", name="Actions for Indexer").wait_for()


def open_revoke(page):
    open_menu(page)
    page.get_by_role("menuitem", name="Revoke").click()


@pytest.mark.parametrize("open_it", [open_create, open_details, open_menu, open_revoke, open_issued])
def test_what_opens_over_a_page(visitor, world, open_it):
    visitor.sign_in(OWNER_EMAIL)
    page = visitor.page(f"/projects/{world.search}/keys")
    settle(page)
    open_it(page)
    check_looks(page, f"project-keys-{open_it.__name__.removeprefix('open_')}")
    if open_it is open_issued:
        page.get_by_role("button", name="Done").click()
