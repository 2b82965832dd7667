"""The rules of the key plane that need care, one test each."""

import json
import re
import time

import httpx
import pytest

from support import commands
from support.api import Api, http_client, unique
from support.operations import ABSENT
from support.secret_values import SECRETS
from support.server import parse_log_line
from support.wait import wait_until

OWN_REDACTED = re.compile(r"sk-[a-z]+\.\.\.[0-9A-Za-z]{3}")


def code_with(server, key):
    """What the admin API says to a key: None when it is let in."""
    with http_client(server.base_url, key) as client:
        reply = client.get("/organization/projects")
    return None if reply.status_code == 200 else reply.json()["error"]["code"]


def says_wrong_kind(server, key):
    """Whether a project key is known and alive: the admin API then says which scope it lacks."""
    with http_client(server.base_url, key) as client:
        error = client.get("/organization/projects").json()["error"]
    return error["code"] is None and "insufficient permissions" in error["message"]


def access(api, project, key):
    return api.get(f"/projects/{project}/api_keys/{key}")["owner_project_access"]


def listed(api, project, which=None):
    query = {} if which is None else {"owner_project_access": which}
    return {key["id"] for key in api.all(f"/projects/{project}/api_keys", **query)}


@pytest.fixture
def project_id(api):
    return api.project()["id"]


# --- admin keys


def test_an_admin_key_belongs_to_the_person_behind_the_calling_key(api):
    me = api.owner()
    owner = api.admin_key()["owner"]
    assert owner == {
        "type": "user",
        "object": "organization.user",
        "id": me["id"],
        "name": me["name"],
        "created_at": me["added_at"],
        "role": "owner",
    }


def test_an_admin_key_shows_its_value_once(api):
    made = api.admin_key()
    assert re.fullmatch(r"sk-admin-[0-9A-Za-z]{49}", made["value"])
    assert made["redacted_value"] == "sk-admin..." + made["value"][-3:]
    shown = api.get(f"/admin_api_keys/{made['id']}")
    assert shown == {name: value for name, value in made.items() if name != "value"}
    assert made["value"] not in api.http.get("/organization/admin_api_keys").text


def test_an_admin_key_works_at_once_and_ends_with_its_delete(api, server):
    made = api.admin_key()
    assert code_with(server, made["value"]) is None
    assert api.delete(f"/admin_api_keys/{made['id']}") == {
        "object": "organization.admin_api_key.deleted",
        "id": made["id"],
        "deleted": True,
    }
    assert code_with(server, made["value"]) == "invalid_api_key"
    api.get(f"/admin_api_keys/{made['id']}", expect=(404, "api_key_not_found"))
    assert made["id"] not in {key["id"] for key in api.all("/admin_api_keys", limit=1000)}


def test_a_key_may_delete_itself(api, server):
    made = api.admin_key()
    itself = api.with_key(made["value"])
    assert itself.delete(f"/admin_api_keys/{made['id']}")["deleted"] is True
    assert code_with(server, made["value"]) == "invalid_api_key"


def test_an_expired_admin_key_says_so_and_stays_listed(api, server):
    made = api.admin_key(expires_in_seconds=1)
    assert made["expires_at"] == made["created_at"] + 1
    wait_until(lambda: code_with(server, made["value"]) == "expired_api_key")
    assert api.get(f"/admin_api_keys/{made['id']}")["expires_at"] == made["expires_at"]


def test_an_admin_key_lives_a_year_at_most(api):
    longest = 31_536_000
    assert api.admin_key(expires_in_seconds=longest)["expires_at"]
    api.post(
        "/admin_api_keys",
        {"name": "x", "expires_in_seconds": longest + 1},
        expect=(400, "integer_above_max_value", "expires_in_seconds"),
    )


def test_a_project_key_never_calls_the_admin_api(api, server, project_id):
    key = api.service_account(project_id)["api_key"]["value"]
    assert says_wrong_kind(server, key)
    with http_client(server.base_url, key) as client:
        reply = client.post("/organization/projects", json={"name": "x"})
        assert reply.status_code == 401
        assert "api.management.write" in reply.json()["error"]["message"]


@pytest.fixture
def two_owners(fresh_server):
    """A server with two owners who have an admin key each: (server, first's Api, second's Api)."""
    server = fresh_server("--owner-email", "first@example.com", "--owner-name", "First")
    first = Api(server.base_url, server.admin_key)
    first.person("second@example.com", "owner", name="Second")
    server.stop()
    key = commands.recover(server.directory, "--owner-email", "second@example.com")
    server.start()
    first, second = Api(server.base_url, server.admin_key), Api(server.base_url, key)
    assert second.owner()["email"] == "second@example.com"
    yield server, first, second
    first.close()
    second.close()


@pytest.mark.parametrize("how", ["demoted", "removed"])
def test_admin_keys_end_when_their_person_is_demoted_or_removed(how, two_owners):
    server, first, second = two_owners
    person = second.owner()
    extra = second.admin_key()
    if how == "demoted":
        first.post(f"/users/{person['id']}", {"role": "reader"})
    else:
        first.delete(f"/users/{person['id']}")
    for key in (second.key, extra["value"]):
        assert code_with(server, key) == "invalid_api_key"
    first.get(f"/admin_api_keys/{extra['id']}", expect=404)
    assert {key["owner"]["id"] for key in first.all("/admin_api_keys")} == {first.owner()["id"]}


def test_admin_keys_do_not_come_back_when_the_person_is_an_owner_again(two_owners):
    server, first, second = two_owners
    person = second.owner()
    first.post(f"/users/{person['id']}", {"role": "reader"})
    first.post(f"/users/{person['id']}", {"role": "owner"})
    assert code_with(server, second.key) == "invalid_api_key"


def test_an_owner_may_step_down_while_another_stays(two_owners):
    server, first, second = two_owners
    first.post(f"/users/{first.owner()['id']}", {"role": "reader"})
    assert code_with(server, first.key) == "invalid_api_key"
    assert second.all("/users")


# --- users of the organization


def test_an_organization_keeps_one_owner(fresh_server):
    server = fresh_server()
    api = Api(server.base_url, server.admin_key)
    me = api.owner()
    api.post(f"/users/{me['id']}", {"role": "reader"}, expect=(400, "last_owner"))
    api.delete(f"/users/{me['id']}", expect=(400, "last_owner"))
    second = api.person(role="owner")
    api.post(f"/users/{second['id']}", {"role": "reader"})
    api.post(f"/users/{me['id']}", {"role": "reader"}, expect=(400, "last_owner"))
    assert api.get(f"/users/{me['id']}")["role"] == "owner"


def test_a_person_who_returns_is_a_new_user_and_old_keys_stay_ended(api, server, project_id):
    email = f"{unique('returning')}@example.com"
    person = api.person(email, projects=[(project_id, "member")])
    key = api.key_of(project_id, user_id=person["id"])
    assert says_wrong_kind(server, key["value"])
    assert api.delete(f"/users/{person['id']}") == {
        "object": "organization.user.deleted",
        "id": person["id"],
        "deleted": True,
    }
    assert code_with(server, key["value"]) == "invalid_api_key"
    again = api.person(email, projects=[(project_id, "member")])
    assert again["id"] != person["id"]
    assert code_with(server, key["value"]) == "invalid_api_key"
    api.get(f"/projects/{project_id}/api_keys/{key['id']}", expect=404)
    assert key["id"] not in listed(api, project_id, "any")


def test_a_person_who_left_is_in_no_project(api, project_id):
    person = api.person(projects=[(project_id, "owner")])
    api.delete(f"/users/{person['id']}")
    api.get(f"/projects/{project_id}/users/{person['id']}", expect=(404, "user_not_found"))
    assert person["id"] not in {user["id"] for user in api.all(f"/projects/{project_id}/users")}


def test_user_fields_are_kept_and_role_id_may_only_be_null(api):
    person = api.person()
    fields = {"technical_level": "expert", "developer_persona": "builder", "role_id": None}
    updated = api.post(f"/users/{person['id']}", fields)
    assert updated["technical_level"] == "expert" and updated["developer_persona"] == "builder"
    assert updated["role"] == "reader"
    assert api.get(f"/users/{person['id']}")["technical_level"] == "expert"
    api.post(
        f"/users/{person['id']}", {"role_id": "role_x"}, expect=(400, "unsupported_parameter", "role_id")
    )
    # Null and absent leave a field as it is.
    assert api.post(f"/users/{person['id']}", {"technical_level": None})["technical_level"] == "expert"


def test_email_addresses_are_unique_without_regard_to_case_and_shown_as_given(api):
    name = unique("Mixed.Case")
    person = api.person(f"{name}@Example.COM")
    assert person["email"] == f"{name}@Example.COM"
    for spelled in (f"{name}@Example.COM", f"{name.upper()}@example.com", f"{name.lower()}@EXAMPLE.com"):
        api.post("/invites", {"email": spelled, "role": "reader"}, expect=(400, "user_already_exists"))
        assert [user["id"] for user in api.get("/users", emails__=[spelled])["data"]] == [person["id"]]


def test_the_emails_filter_takes_several_and_finds_only_them(api):
    people = [api.person() for _ in range(3)]
    wanted = [people[0]["email"], people[2]["email"], "nobody@example.com"]
    found = api.get("/users", emails__=wanted)["data"]
    assert [user["id"] for user in found] == [people[0]["id"], people[2]["id"]]
    page = api.get("/users", emails__=wanted, limit=1)
    assert page["has_more"] is True
    page = api.get("/users", emails__=wanted, limit=1, after=page["last_id"])
    assert [user["id"] for user in page["data"]] == [people[2]["id"]] and page["has_more"] is False


# --- projects


def test_the_default_project_can_be_renamed_not_archived(api):
    default = api.default_project()
    name = unique("still the default")
    assert api.post(f"/projects/{default['id']}", {"name": name})["name"] == name
    api.post(f"/projects/{default['id']}/archive", expect=(400, "default_project"))
    assert api.get(f"/projects/{default['id']}")["status"] == "active"


def test_an_archived_project_is_listed_only_on_request_and_cannot_be_changed(api):
    project = api.project()
    person, account = api.person(), api.service_account(project["id"])
    archived = api.post(f"/projects/{project['id']}/archive")
    assert archived["status"] == "archived" and archived["archived_at"] >= archived["created_at"]
    path = f"/projects/{project['id']}"
    assert api.get(path) == archived
    assert project["id"] not in {one["id"] for one in api.all("/projects")}
    assert project["id"] in {one["id"] for one in api.all("/projects", include_archived="true")}
    assert project["id"] not in {one["id"] for one in api.all("/projects", include_archived="false")}
    refused = (400, "project_archived")
    api.post(path, {"name": "x"}, expect=refused)
    api.post(f"{path}/archive", expect=refused)
    api.get(f"{path}/users", expect=refused)
    api.post(f"{path}/users", {"user_id": person["id"], "role": "member"}, expect=refused)
    api.delete(f"{path}/users/{person['id']}", expect=refused)
    api.get(f"{path}/service_accounts", expect=refused)
    api.post(f"{path}/service_accounts", {"name": "x"}, expect=refused)
    api.delete(f"{path}/service_accounts/{account['id']}", expect=refused)
    api.post(f"{path}/service_accounts/{account['id']}/api_keys", {}, expect=refused)
    api.post(f"{path}/api_keys", {"name": "x"}, expect=refused)


def test_the_archived_error_names_the_project_as_openai_does(api):
    project = api.project()["id"]
    api.post(f"/projects/{project}/archive")
    reply = api.http.post(f"/organization/projects/{project}", json={"name": "x"})
    message = f"Project '{project}' is archived. You can only update an active project."
    assert reply.json()["error"]["message"] == message


RESIDENCIES = """GLOBAL US_STORAGE_PROCESSING EU_STORAGE_PROCESSING JP_STORAGE JP_STORAGE_PROCESSING KR_STORAGE
CA_STORAGE SG_STORAGE IN_STORAGE IN_STORAGE_PROCESSING AU_STORAGE AU_STORAGE_PROCESSING GB_STORAGE AE_STORAGE
AE_STORAGE_PROCESSING""".split()


def test_residency_is_kept_and_echoed(api):
    for residency in RESIDENCIES:
        project = api.project(residency=residency)
        assert project["residency"] == residency
        assert api.get(f"/projects/{project['id']}")["residency"] == residency
    assert api.post(f"/projects/{project['id']}", {"name": "renamed"})["residency"] == residency
    assert api.project(residency=None)["id"]


def test_geography_is_accepted_but_not_together_with_residency(api):
    assert "geography" not in api.project(geography="EU")
    api.post(
        "/projects",
        {"name": "x", "geography": "EU", "residency": "EU_STORAGE_PROCESSING"},
        expect=(400, "invalid_value"),
    )
    project = api.project()["id"]
    assert api.post(f"/projects/{project}", {"geography": "US"})["id"] == project


def test_external_key_id_may_only_be_null(api):
    project = api.project(external_key_id=None)
    assert project["external_key_id"] is None
    for path in ("/projects", f"/projects/{project['id']}"):
        api.post(
            path,
            {"name": "x", "external_key_id": "key_1"},
            expect=(400, "unsupported_parameter", "external_key_id"),
        )


def test_an_update_with_nothing_in_it_changes_nothing(api):
    project = api.project()
    for body in ({}, {"name": None}, {"name": None, "external_key_id": None, "geography": None}):
        assert api.post(f"/projects/{project['id']}", body) == project


def test_names_are_any_text_without_control_characters(api):
    for name in (
        "a",
        "x" * 255,
        "\U0001f511" * 255,
        "  ",
        'quotes " and \\ and </script>',
        "\u202eright to left",
        "'; DROP TABLE project; --",
    ):
        project = api.project(name)
        assert project["name"] == name
        assert api.get(f"/projects/{project['id']}")["name"] == name


# --- users of projects


def test_a_user_is_added_by_id_or_by_email_in_any_case(api, project_id):
    users = f"/projects/{project_id}/users"
    by_id, by_email = api.person(), api.person()
    added = api.post(users, {"user_id": by_id["id"], "role": "member"})
    assert added["object"] == "organization.project.user"
    assert (added["id"], added["email"], added["role"]) == (by_id["id"], by_id["email"], "member")
    added = api.post(users, {"email": by_email["email"].upper(), "role": "owner", "user_id": None})
    assert (added["id"], added["email"], added["role"]) == (by_email["id"], by_email["email"], "owner")


def test_adding_without_saying_whom_is_400(api, project_id):
    for body in ({"role": "member"}, {"role": "member", "user_id": None, "email": None}):
        reply = api.http.post(f"/organization/projects/{project_id}/users", json=body)
        error = reply.json()["error"]
        assert (reply.status_code, error["code"]) == (400, "missing_required_parameter")
        assert error["param"] in ("user_id", "email")


def test_only_members_of_the_organization_can_be_added(api, other, project_id):
    users = f"/projects/{project_id}/users"
    stranger = other.person()
    for whom in (
        {"user_id": stranger["id"]},
        {"email": stranger["email"]},
        {"user_id": ABSENT["user_id"]},
        {"email": "nobody@example.com"},
        {"user_id": "nonsense"},
    ):
        api.post(users, {**whom, "role": "member"}, expect=(404, "user_not_found"))


def test_a_second_membership_is_400(api, project_id):
    person = api.person(projects=[(project_id, "member")])
    reply = api.http.post(
        f"/organization/projects/{project_id}/users", json={"user_id": person["id"], "role": "owner"}
    )
    error = reply.json()["error"]
    assert (reply.status_code, error["code"]) == (400, "user_already_in_project")
    assert "already exists in project" in error["message"], "clients match this text"
    assert api.get(f"/projects/{project_id}/users/{person['id']}")["role"] == "member"


def test_a_member_can_be_changed_and_removed_and_the_second_delete_is_404(api, project_id):
    person = api.person(projects=[(project_id, "member")])
    path = f"/projects/{project_id}/users/{person['id']}"
    assert api.post(path, {"role": "owner"})["role"] == "owner"
    assert api.post(path, {"role": None})["role"] == "owner"
    assert api.delete(path) == {
        "object": "organization.project.user.deleted",
        "id": person["id"],
        "deleted": True,
    }
    api.delete(path, expect=(404, "user_not_found"))
    api.get(path, expect=(404, "user_not_found"))
    assert api.get(f"/users/{person['id']}"), "still in the organization"


def test_organization_owners_are_owners_of_every_project(api, project_id):
    boss = api.person(role="owner")
    path = f"/projects/{project_id}/users"
    api.post(path, {"user_id": boss["id"], "role": "member"}, expect=(400, "user_already_in_project"))
    api.post(f"{path}/{boss['id']}", {"role": "member"}, expect=(400, "user_is_organization_owner"))
    api.delete(f"{path}/{boss['id']}", expect=(400, "user_is_organization_owner"))
    key = api.key_of(project_id, user_id=boss["id"])
    assert key["owner_project_access"] == "active"
    assert key["owner"]["user"]["role"] == "owner"


def test_an_owner_who_becomes_a_reader_loses_the_projects_without_a_membership(api, project_id):
    boss = api.person(role="owner")
    key = api.key_of(project_id, user_id=boss["id"])
    api.post(f"/users/{boss['id']}", {"role": "reader"})
    assert access(api, project_id, key["id"]) == "inactive"
    api.post(f"/projects/{project_id}/users", {"user_id": boss["id"], "role": "member"})
    assert access(api, project_id, key["id"]) == "active"


def roles_of(project_user):
    """In the project and in the organization: an owner of one need not be one of the other."""
    return project_user["role"], project_user["organization_role"]


def test_a_membership_outlives_a_time_as_organization_owner(api, project_id):
    person = api.person(projects=[(project_id, "member")])
    path = f"/projects/{project_id}/users/{person['id']}"
    api.post(f"/users/{person['id']}", {"role": "owner"})
    assert roles_of(api.get(path)) == ("owner", "owner")
    api.post(f"/users/{person['id']}", {"role": "reader"})
    assert roles_of(api.get(path)) == ("member", "reader")


def test_organization_owners_are_listed_in_every_project_like_members(api, project_id):
    boss = api.person(role="owner")
    member = api.person(projects=[(project_id, "owner")])
    users = api.all(f"/projects/{project_id}/users", limit=2)
    ids = [user["id"] for user in users]
    roles = {user["id"]: roles_of(user) for user in users}
    assert roles[api.owner()["id"]] == roles[boss["id"]] == ("owner", "owner")
    assert roles[member["id"]] == ("owner", "reader")
    assert ids == sorted(ids), "ordered by the member's id"
    assert len(set(ids)) == len(ids)
    for user in users:
        assert api.get(f"/projects/{project_id}/users/{user['id']}") == user


# --- service accounts


def test_a_service_account_comes_with_a_key(api, server, project_id):
    made = api.service_account(project_id, name="robot")
    assert made["object"] == "organization.project.service_account"
    assert (made["name"], made["role"]) == ("robot", "member")
    key = made["api_key"]
    assert key["object"] == "organization.project.service_account.api_key"
    assert key["name"] == "Secret Key" and key["expires_at"] is None
    assert re.fullmatch(r"sk-svcacct-[0-9A-Za-z]{49}", key["value"])
    assert says_wrong_kind(server, key["value"])
    shown = api.get(f"/projects/{project_id}/service_accounts/{made['id']}")
    assert shown == {name: value for name, value in made.items() if name != "api_key"}


def test_a_service_account_alone_has_no_role_and_no_key(api, project_id):
    made = api.service_account(project_id, create_service_account_only=True)
    assert made["role"] == "none" and made["api_key"] is None
    key = api.account_key(project_id, made["id"])
    assert access(api, project_id, key["id"]) == "inactive"
    assert key["id"] in listed(api, project_id, "inactive")
    assert key["id"] not in listed(api, project_id)
    updated = api.post(f"/projects/{project_id}/service_accounts/{made['id']}", {"role": "member"})
    assert updated["role"] == "member"
    assert access(api, project_id, key["id"]) == "active"


def test_no_expiry_without_a_key(api, project_id):
    path = f"/projects/{project_id}/service_accounts"
    body = {"name": "x", "create_service_account_only": True}
    reply = api.http.post(f"/organization{path}", json={**body, "expires_in_seconds": 60})
    assert reply.status_code == 400 and reply.json()["error"]["param"] == "expires_in_seconds"
    assert api.post(path, {**body, "expires_in_seconds": None})["api_key"] is None
    made = api.post(path, {"name": "x", "create_service_account_only": False, "expires_in_seconds": 60})
    assert made["api_key"]["expires_at"] == made["api_key"]["created_at"] + 60


def test_a_service_account_takes_name_and_role_but_never_none(api, project_id):
    made = api.service_account(project_id)
    path = f"/projects/{project_id}/service_accounts/{made['id']}"
    assert api.post(path, {"name": "renamed"})["name"] == "renamed"
    assert api.post(path, {"role": "owner"})["role"] == "owner"
    api.post(path, {"role": "none"}, expect=(400, "invalid_value", "role"))
    shown = api.get(path)
    assert (shown["name"], shown["role"]) == ("renamed", "owner")


def test_deleting_a_service_account_ends_all_its_keys(api, server, project_id):
    made = api.service_account(project_id)
    second = api.account_key(project_id, made["id"], name="second")
    path = f"/projects/{project_id}/service_accounts/{made['id']}"
    assert api.delete(path) == {
        "object": "organization.project.service_account.deleted",
        "id": made["id"],
        "deleted": True,
    }
    for key in (made["api_key"], second):
        assert code_with(server, key["value"]) == "invalid_api_key"
        api.get(f"/projects/{project_id}/api_keys/{key['id']}", expect=(404, "api_key_not_found"))
        api.delete(f"/projects/{project_id}/api_keys/{key['id']}", expect=(404, "api_key_not_found"))
    assert listed(api, project_id, "any") == set()
    api.delete(path, expect=(404, "service_account_not_found"))
    api.get(path, expect=(404, "service_account_not_found"))


def test_a_service_accounts_key_can_be_deleted_alone(api, server, project_id):
    made = api.service_account(project_id)
    second = api.account_key(project_id, made["id"])
    assert api.delete(f"/projects/{project_id}/api_keys/{made['api_key']['id']}") == {
        "object": "organization.project.api_key.deleted",
        "id": made["api_key"]["id"],
        "deleted": True,
    }
    assert code_with(server, made["api_key"]["value"]) == "invalid_api_key"
    assert says_wrong_kind(server, second["value"])
    assert api.get(f"/projects/{project_id}/service_accounts/{made['id']}")["id"] == made["id"]


# --- keys that are brought in


@pytest.fixture
def account(api, project_id):
    return api.service_account(project_id, create_service_account_only=True)["id"]


def test_a_value_can_be_brought_in_and_is_never_shown_again(api, server, project_id, account):
    value = SECRETS.add("the-static-key.everybody+has~today!")
    key = api.account_key(project_id, account, name="legacy", value=value)
    assert key["value"] == value
    shown = api.get(f"/projects/{project_id}/api_keys/{key['id']}")
    assert "value" not in shown and shown["redacted_value"].endswith("...ay!")
    assert "static" not in shown["redacted_value"]
    assert says_wrong_kind(server, value)
    api.delete(f"/projects/{project_id}/api_keys/{key['id']}")
    assert code_with(server, value) == "invalid_api_key"


def test_a_value_that_is_known_is_400_also_in_another_organization(api, other, project_id, account):
    value = SECRETS.add(f"static-key-for-everybody-{unique('v')}")
    api.account_key(project_id, account, value=value)
    refused = (400, "api_key_already_exists")
    api.post(f"/projects/{project_id}/service_accounts/{account}/api_keys", {"value": value}, expect=refused)
    theirs = other.project()["id"]
    robot = other.service_account(theirs)["id"]
    other.post(f"/projects/{theirs}/service_accounts/{robot}/api_keys", {"value": value}, expect=refused)
    # A value that the server itself issued is known too.
    issued = api.admin_key()["value"]
    api.post(f"/projects/{project_id}/service_accounts/{account}/api_keys", {"value": issued}, expect=refused)


def test_bringing_in_a_value_that_has_just_ended_is_answered_clearly(api, project_id, account):
    robot = api.service_account(project_id)
    api.delete(f"/projects/{project_id}/service_accounts/{robot['id']}")
    reply = api.http.post(
        f"/organization/projects/{project_id}/service_accounts/{account}/api_keys",
        json={"value": robot["api_key"]["value"]},
    )
    assert reply.status_code == 200 or reply.json()["error"]["code"] == "api_key_already_exists", reply.text


def test_a_value_has_16_to_256_visible_characters(api, project_id, account):
    path = f"/projects/{project_id}/service_accounts/{account}/api_keys"
    for length in (16, 256):
        value = (unique("v") + "!~" * 128)[:length]
        assert api.post(path, {"value": value})["value"] == value
    api.post(path, {"value": "v" * 15}, expect=(400, "string_below_min_length", "value"))
    api.post(path, {"value": "v" * 257}, expect=(400, "string_above_max_length", "value"))
    for wrong in (
        "with a space inside",
        "with a tab\tinside it",
        "nicht-ascii-\u00fc-inside",
        "control\u0001character",
    ):
        reply = api.http.post(f"/organization{path}", json={"value": wrong})
        error = reply.json()["error"]
        assert (reply.status_code, error["code"], error["param"]) == (400, "invalid_value", "value"), (
            reply.text
        )
        assert wrong not in reply.text


def test_a_value_of_our_own_form_needs_the_right_checksum(api, project_id, account):
    value = "sk-svcacct-" + "0" * 49
    api.post(
        f"/projects/{project_id}/service_accounts/{account}/api_keys",
        {"value": value},
        expect=(400, "invalid_value", "value"),
    )


def test_redacted_values_have_the_seeds_form(api, project_id, account):
    mine = api.key_of(project_id)
    robot = api.account_key(project_id, account)
    for key in (mine, robot):
        shown = api.get(f"/projects/{project_id}/api_keys/{key['id']}")["redacted_value"]
        assert OWN_REDACTED.fullmatch(shown) and shown.endswith(key["value"][-3:])
    for value, begins in (
        (f"sk-legacy{unique('')}abcdefghijk", "sk-"),
        (f"no-prefix{unique('')}abcdefghijk", ""),
    ):
        key = api.account_key(project_id, account, value=value)
        shown = api.get(f"/projects/{project_id}/api_keys/{key['id']}")["redacted_value"]
        assert shown.rstrip("-").startswith(begins.rstrip("-")) and shown.endswith("...ijk")
        assert len(shown) <= len("sk-...ijk"), f"{shown} shows more than prefix and last three"


# --- project keys


def test_a_persons_key_is_issued_for_the_person_behind_the_calling_key(api, server, project_id):
    me = api.owner()
    key = api.post(f"/projects/{project_id}/api_keys", {"name": "mine"})
    assert re.fullmatch(r"sk-proj-[0-9A-Za-z]{49}", key["value"])
    assert key["object"] == "organization.project.api_key"
    assert key["owner"]["type"] == "user" and "service_account" not in key["owner"]
    assert key["owner"]["user"]["id"] == me["id"]
    shown = api.get(f"/projects/{project_id}/api_keys/{key['id']}")
    assert shown == {name: value for name, value in key.items() if name != "value"}
    assert says_wrong_kind(server, key["value"])


def test_a_key_can_be_issued_for_another_member(api, project_id):
    person = api.person(projects=[(project_id, "member")])
    key = api.key_of(project_id, user_id=person["id"], scopes=["api.files.read"], expires_in_seconds=60)
    user = key["owner"]["user"]
    assert (user["id"], user["email"], user["role"]) == (person["id"], person["email"], "member")
    assert key["scopes"] == ["api.files.read"]
    assert key["expires_at"] == key["created_at"] + 60


def test_a_key_cannot_be_issued_for_a_stranger(api, other, project_id):
    outsider = other.person()
    for whom in (outsider["id"], ABSENT["user_id"], "nonsense"):
        api.post(
            f"/projects/{project_id}/api_keys", {"name": "x", "user_id": whom}, expect=(404, "user_not_found")
        )


def test_owner_user_carries_both_generations_of_fields(api, project_id):
    person = api.person(projects=[(project_id, "member")])
    key = api.key_of(project_id, user_id=person["id"])
    user = key["owner"]["user"]
    assert set(user) == {"object", "id", "name", "email", "role", "created_at", "added_at"}
    assert user["object"] == "organization.project.user"
    account = api.service_account(project_id)
    owner = api.get(f"/projects/{project_id}/api_keys/{account['api_key']['id']}")["owner"]
    assert owner["service_account"] == {
        "object": "organization.project.service_account",
        "id": account["id"],
        "name": account["name"],
        "role": "member",
        "created_at": account["created_at"],
    }


def test_owner_project_access_follows_the_membership_and_comes_back(api, server, project_id):
    person = api.person(projects=[(project_id, "member")])
    key = api.key_of(project_id, user_id=person["id"])
    assert access(api, project_id, key["id"]) == "active"
    api.delete(f"/projects/{project_id}/users/{person['id']}")
    assert access(api, project_id, key["id"]) == "inactive"
    assert key["id"] not in listed(api, project_id), "omitted means active"
    assert key["id"] not in listed(api, project_id, "active")
    assert key["id"] in listed(api, project_id, "inactive")
    assert key["id"] in listed(api, project_id, "any")
    assert says_wrong_kind(server, key["value"]), "not ended, only without access"
    api.post(f"/projects/{project_id}/users", {"user_id": person["id"], "role": "member"})
    assert access(api, project_id, key["id"]) == "active"
    assert key["id"] in listed(api, project_id)
    assert key["id"] not in listed(api, project_id, "inactive")


def test_the_filter_pages_like_any_list(api, project_id):
    person = api.person(projects=[(project_id, "member")])
    keys = []
    for _ in range(12):
        keys.append(api.key_of(project_id, user_id=person["id"])["id"])
        api.key_of(project_id)
    api.delete(f"/projects/{project_id}/users/{person['id']}")
    assert [
        key["id"]
        for key in api.all(f"/projects/{project_id}/api_keys", owner_project_access="inactive", limit=5)
    ] == keys
    assert len(listed(api, project_id)) == 12
    assert len(listed(api, project_id, "any")) == 24


def test_updating_a_key_replaces_scopes_and_expiry(api, project_id):
    key = api.key_of(project_id, scopes=["api.files.read", "api.files.write"])
    path = f"/projects/{project_id}/api_keys/{key['id']}"
    updated = api.post(path, {"scopes": ["api.all.read"]})
    assert updated["scopes"] == ["api.all.read"] and updated["expires_at"] is None
    assert "value" not in updated
    before = int(time.time())
    updated = api.post(path, {"expires_in_seconds": 600})
    assert updated["scopes"] == ["api.all.read"]
    assert before + 600 <= updated["expires_at"] <= int(time.time()) + 600, "counted from this request"
    updated = api.post(path, {"scopes": [], "expires_in_seconds": 60})
    assert updated["scopes"] == [] and updated["expires_at"] < before + 600


def test_an_update_of_a_key_needs_at_least_one_field_and_no_nulls(api, project_id):
    path = f"/projects/{project_id}/api_keys/{api.key_of(project_id)['id']}"
    for body in ({}, None):
        reply = (
            api.http.post(f"/organization{path}", json=body)
            if body is not None
            else api.http.post(f"/organization{path}")
        )
        assert reply.status_code == 400, reply.text
        assert reply.json()["error"]["code"] == "missing_required_parameter"
    for name in ("scopes", "expires_in_seconds"):
        api.post(path, {name: None}, expect=(400, "invalid_type", name))


def test_scopes_are_tokens_at_most_16_of_at_most_64_bytes(api, project_id):
    path = f"/projects/{project_id}/api_keys"
    for scopes in (["a"], ["x" * 64], [f"api.thing{n}.read" for n in range(16)], ["!#[]~^`|"]):
        assert api.post(path, {"name": "x", "scopes": scopes})["scopes"] == scopes
    api.post(
        path,
        {"name": "x", "scopes": [f"s{n}" for n in range(17)]},
        expect=(400, "array_above_max_length", "scopes"),
    )
    for wrong in ("", "x" * 65, "with space", 'quo"te', "back\\slash", "\u00fcmlaut", "tab\t"):
        reply = api.http.post(f"/organization{path}", json={"name": "x", "scopes": ["fine", wrong]})
        assert reply.status_code == 400, f"{wrong!r}: {reply.text}"
        assert reply.json()["error"]["param"] == "scopes[1]", reply.text


def test_an_expired_key_stays_listed_until_it_is_given_more_time(api, server, project_id):
    key = api.key_of(project_id, expires_in_seconds=1)
    wait_until(lambda: code_with(server, key["value"]) == "expired_api_key")
    assert key["id"] in listed(api, project_id, "any")
    path = f"/projects/{project_id}/api_keys/{key['id']}"
    assert api.get(path)["expires_at"] == key["expires_at"]
    assert api.post(path, {"expires_in_seconds": 600})["expires_at"] > key["expires_at"]
    assert says_wrong_kind(server, key["value"])


def test_the_second_delete_is_404(api, project_id):
    key, admin, invite = api.key_of(project_id), api.admin_key(), api.invite()
    for path, code in (
        (f"/projects/{project_id}/api_keys/{key['id']}", "api_key_not_found"),
        (f"/admin_api_keys/{admin['id']}", "api_key_not_found"),
        (f"/invites/{invite['id']}", "invite_not_found"),
    ):
        assert api.delete(path)["deleted"] is True
        api.delete(path, expect=(404, code))
        api.get(path, expect=(404, code))


def test_values_are_never_the_same_and_never_carry_openais_infix(api, project_id):
    values = {api.key_of(project_id)["value"] for _ in range(50)}
    assert len(values) == 50
    assert not any("T3BlbkFJ" in value for value in values)


# --- invites


def token_of(invite):
    return invite["invite_url"].partition("#")[2]


def accept(server, token, expect=200, name="New Person"):
    with http_client(server.base_url) as client:
        reply = client.post("/organization/invites/accept", json={"token": token, "name": name})
    code = None if reply.status_code == 200 else reply.json()["error"]["code"]
    assert (reply.status_code, code) == (expect if isinstance(expect, tuple) else (expect, None)), reply.text
    return reply.json()


def test_an_invite_carries_its_link_once(api, server):
    invite = api.invite()
    assert re.fullmatch(re.escape(server.url) + r"/invite#invite-[0-9A-Za-z]{49}", invite["invite_url"])
    shown = api.get(f"/invites/{invite['id']}")
    assert "invite_url" not in shown
    assert shown == {name: value for name, value in invite.items() if name != "invite_url"}
    assert "invite_url" not in api.http.get("/organization/invites", params={"limit": 100}).text
    assert shown["status"] == "pending" and shown["accepted_at"] is None
    assert shown["expires_at"] == shown["created_at"] + 7 * 24 * 3600


def test_accepting_makes_a_user_with_the_invites_role_and_projects(api, server):
    first, second = api.project()["id"], api.project()["id"]
    email = f"{unique('joins')}@example.com"
    projects = [{"id": second, "role": "owner"}, {"id": first, "role": "member"}]
    invite = api.post("/invites", {"email": email, "role": "reader", "projects": projects})
    assert invite["projects"] == projects
    accept(server, token_of(invite), name="Joan Joins")
    user = api.get("/users", emails__=[email])["data"][0]
    assert (user["name"], user["role"], user["email"]) == ("Joan Joins", "reader", email)
    assert api.get(f"/projects/{first}/users/{user['id']}")["role"] == "member"
    assert api.get(f"/projects/{second}/users/{user['id']}")["role"] == "owner"
    shown = api.get(f"/invites/{invite['id']}")
    assert shown["status"] == "accepted" and shown["accepted_at"] >= shown["created_at"]
    assert shown["projects"] == projects


def test_projects_of_an_invite_come_back_in_the_order_given(api):
    ids = [api.project()["id"] for _ in range(6)]
    for order in (ids, ids[::-1], ids[3:] + ids[:3]):
        projects = [{"id": one, "role": "member"} for one in order]
        invite = api.invite(projects=projects)
        assert invite["projects"] == projects
        assert api.get(f"/invites/{invite['id']}")["projects"] == projects


def test_projects_left_out_means_the_default_project_and_empty_means_none(api, server):
    default = api.default_project()["id"]
    joined = {}
    for name, fields in (("left out", {}), ("empty", {"projects": []})):
        email = f"{unique('guest')}@example.com"
        invite = api.post("/invites", {"email": email, "role": "reader", **fields})
        assert invite["projects"] == ([{"id": default, "role": "member"}] if name == "left out" else [])
        accept(server, token_of(invite))
        joined[name] = api.get("/users", emails__=[email])["data"][0]["id"]
    assert api.get(f"/projects/{default}/users/{joined['left out']}")["role"] == "member"
    api.get(f"/projects/{default}/users/{joined['empty']}", expect=(404, "user_not_found"))


def test_an_invite_takes_only_this_organizations_projects(api, other):
    for one in (other.project()["id"], ABSENT["project_id"], "nonsense"):
        body = {
            "email": f"{unique('x')}@example.com",
            "role": "reader",
            "projects": [{"id": one, "role": "member"}],
        }
        api.post("/invites", body, expect=(404, "project_not_found"))
    body["projects"] = [{"id": api.project()["id"], "role": "none"}]
    api.post("/invites", body, expect=(400, "invalid_value", "projects[0].role"))


def test_a_token_is_single_use(api, server):
    invite = api.invite()
    accept(server, token_of(invite))
    accept(server, token_of(invite), expect=(400, "invalid_invite_token"))


def test_a_deleted_invite_cannot_be_accepted(api, server):
    invite = api.invite()
    assert api.delete(f"/invites/{invite['id']}") == {
        "object": "organization.invite.deleted",
        "id": invite["id"],
        "deleted": True,
    }
    accept(server, token_of(invite), expect=(400, "invalid_invite_token"))


def test_a_token_that_was_not_copied_whole_is_400(api, server):
    token = token_of(api.invite())
    swapped = token[:-1] + ("A" if token[-1] != "A" else "B")
    for wrong in (token[:-1], token + "x", swapped, "x", "invite-" + "0" * 49, token.upper(), f" {token}"):
        accept(server, wrong, expect=(400, "invalid_invite_token"))
    accept(server, token)


def test_a_new_link_ends_the_old_one(api, server):
    invite = api.invite()
    again = api.post(f"/invites/{invite['id']}/link")
    assert again["id"] == invite["id"] and again["status"] == "pending"
    assert again["expires_at"] >= invite["expires_at"]
    assert token_of(again) != token_of(invite)
    accept(server, token_of(invite), expect=(400, "invalid_invite_token"))
    accept(server, token_of(again))


def test_an_accepted_invite_can_neither_be_deleted_nor_get_a_link(api, server):
    invite = api.invite()
    accept(server, token_of(invite))
    reply = api.http.delete(f"/organization/invites/{invite['id']}")
    assert reply.json()["error"]["code"] == "invite_already_accepted"
    assert "already accepted" in reply.json()["error"]["message"], "clients match this text"
    api.post(f"/invites/{invite['id']}/link", expect=(400, "invite_already_accepted"))


def test_invites_are_listed_by_status_and_newest_first(fresh_server):
    server = fresh_server()
    api = Api(server.base_url, server.admin_key)
    made = [api.invite()["id"] for _ in range(6)]
    server.stop()
    server.sql(f"UPDATE invites SET expires_at = 1 WHERE id IN ('{made[0]}', '{made[3]}')")
    server.sql(f"UPDATE invites SET accepted_at = 1 WHERE id IN ('{made[3]}', '{made[5]}')")
    server.start()
    api = Api(server.base_url, server.admin_key)
    expected = {"pending": [made[1], made[2], made[4]], "expired": [made[0]], "accepted": [made[3], made[5]], None: made}
    for status, ids in expected.items():
        query = {"status": status} if status else {}
        for order in ("asc", "desc"):
            found = api.all("/invites", order=order, limit=2, **query)
            assert [one["id"] for one in found] == (ids if order == "asc" else ids[::-1]), (status, order)
            assert status is None or {one["status"] for one in found} == {status}
        assert [one["id"] for one in api.all("/invites", **query)] == ids
    for name, wrong in (("status", "open"), ("order", "newest")):
        api.get("/invites", (400, "invalid_value", name), **{name: wrong})
    api.close()


def test_a_second_pending_invite_for_an_address_is_400_without_regard_to_case(api):
    name = unique("Twice")
    invite = api.invite(f"{name}@example.com")
    for spelled in (f"{name}@example.com", f"{name.upper()}@EXAMPLE.com"):
        api.post("/invites", {"email": spelled, "role": "owner"}, expect=(400, "invite_already_exists"))
    api.delete(f"/invites/{invite['id']}")
    assert api.invite(f"{name}@example.com")["status"] == "pending"


def test_an_expired_invite_says_so_until_it_gets_a_new_link(fresh_server):
    server = fresh_server("--invite-lifetime", "2m")
    api = Api(server.base_url, server.admin_key)
    invite = api.invite("late@example.com")
    assert invite["expires_at"] == invite["created_at"] + 120
    # The shortest lifetime is a minute: instead of waiting for it, the invite is made that old.
    server.stop()
    server.sql("UPDATE invites SET created_at = created_at - 121, expires_at = expires_at - 121")
    server.start()
    api = Api(server.base_url, server.admin_key)
    assert api.get(f"/invites/{invite['id']}")["status"] == "expired"
    assert [one["status"] for one in api.all("/invites")] == ["expired"]
    accept(server, token_of(invite), expect=(400, "invite_expired"))
    again = api.post(f"/invites/{invite['id']}/link")
    assert again["status"] == "pending" and again["expires_at"] >= invite["expires_at"]
    accept(server, token_of(again))
    assert api.get(f"/invites/{invite['id']}")["status"] == "accepted"


def test_an_expired_invite_does_not_stand_in_the_way_of_a_new_one(fresh_server):
    server = fresh_server("--invite-lifetime", "2m")
    api = Api(server.base_url, server.admin_key)
    old = api.invite("twice@example.com")
    server.stop()
    server.sql("UPDATE invites SET created_at = created_at - 121, expires_at = expires_at - 121")
    server.start()
    api = Api(server.base_url, server.admin_key)
    new = api.invite("Twice@example.com")
    # The old one cannot come back beside it, and never makes a second user.
    api.post(f"/invites/{old['id']}/link", expect=(400, "invite_already_exists"))
    accept(server, token_of(new))
    again = api.http.post(f"/organization/invites/{old['id']}/link")
    assert again.status_code == 400 and again.json()["error"]["code"] == "user_already_exists", again.text
    assert len(api.get("/users", emails__=["twice@example.com"])["data"]) == 1


def test_addresses_that_are_none_are_400(api):
    for wrong in (
        "",
        "x",
        "no-at.example.com",
        "two@@example.com",
        "@example.com",
        "x@",
        "sp ace@example.com",
        "a@b\n.com",
        "x" * 250 + "@example.com",
    ):
        reply = api.http.post("/organization/invites", json={"email": wrong, "role": "reader"})
        assert reply.status_code == 400 and reply.json()["error"]["param"] == "email", (
            f"{wrong!r}: {reply.text}"
        )


def test_a_project_archived_before_the_invite_is_accepted_is_left_out(api, server):
    kept, archived = api.project()["id"], api.project()["id"]
    email = f"{unique('late')}@example.com"
    projects = [{"id": archived, "role": "member"}, {"id": kept, "role": "member"}]
    invite = api.post("/invites", {"email": email, "role": "reader", "projects": projects})
    api.post(f"/projects/{archived}/archive")
    accept(server, token_of(invite))
    user = api.get("/users", emails__=[email])["data"][0]
    assert api.get(f"/projects/{kept}/users/{user['id']}")["role"] == "member"


def test_the_public_url_makes_the_link_never_the_host_header(fresh_server):
    server = fresh_server("--public-url", "https://keys.example.com")
    api = Api(server.base_url, server.admin_key)
    with http_client(server.base_url, server.admin_key, Host="evil.example") as client:
        reply = client.post("/organization/invites", json={"email": "x@example.com", "role": "reader"})
    assert reply.json()["invite_url"].startswith("https://keys.example.com/invite#")
    assert "evil" not in reply.text and api.get("/invites")["data"]


# --- headers of requests and replies


def test_the_organization_header_must_name_the_keys_organization(server, api, other):
    mine = api.http.get("/organization/projects").headers["openai-organization"]
    theirs = other.http.get("/organization/projects").headers["openai-organization"]
    assert mine != theirs
    ok = api.http.get("/organization/projects", headers={"OpenAI-Organization": mine})
    assert ok.status_code == 200
    for wrong in (theirs, "org_" + "0" * 24, "nonsense"):
        reply = api.http.get("/organization/projects", headers={"OpenAI-Organization": wrong})
        assert (reply.status_code, reply.json()["error"]["code"]) == (401, "mismatched_organization")
    assert api.http.get("/organization/projects", headers={"OpenAI-Organization": ""}).status_code == 200


def test_the_project_header_must_name_a_project_of_the_organization(api, other, project_id):
    assert api.http.get("/organization/users", headers={"OpenAI-Project": project_id}).status_code == 200
    for wrong in (other.project()["id"], ABSENT["project_id"], "nonsense"):
        reply = api.http.get("/organization/users", headers={"OpenAI-Project": wrong})
        assert (reply.status_code, reply.json()["error"]["code"]) == (401, "mismatched_project")


def test_two_credentials_are_refused(server):
    with httpx.Client(base_url=server.base_url) as client:
        header = f"Bearer {server.admin_key}"
        reply = client.get(
            "/organization/projects", headers=[("Authorization", header), ("Authorization", header)]
        )
    assert reply.status_code in (400, 401)
    assert reply.json()["error"]["code"] in ("multiple_credentials", "malformed_request")


def test_request_ids_are_never_the_same(api):
    ids = {api.http.get("/organization/projects").headers["x-request-id"] for _ in range(50)}
    assert len(ids) == 50


def test_an_admin_call_is_one_log_line_with_the_request_id(api, server):
    reply = api.http.get("/organization/projects")
    line = server.wait_for_log(reply.headers["x-request-id"])
    fields = parse_log_line(line)
    assert (fields["operation"], fields["status"], fields["address"]) == ("list-projects", "200", "127.0.0.1")
    assert sum(reply.headers["x-request-id"] in one for one in server.log) == 1


def test_log_lines_can_be_json(fresh_server):
    server = fresh_server("--log-format", "json")
    api = Api(server.base_url, server.admin_key)
    reply = api.http.get("/organization/projects")
    server.wait_for_log(reply.headers["x-request-id"])
    for line in server.log:
        assert isinstance(json.loads(line), dict), line


def test_ids_sort_by_creation(api):
    ids = [api.project()["id"] for _ in range(30)]
    assert ids == sorted(ids)


def test_created_at_is_now_in_seconds(api):
    before = int(time.time())
    created = api.project()["created_at"]
    assert before <= created <= int(time.time())
