"""`last_used_at` of keys and `api_key_last_used_at` of people: written in batches, off the path."""

import time

import httpx
import pytest

from support.api import Api, parallel
from support.secret_values import SECRETS
from support.server import Server
from support.wait import wait_until

OFTEN = ("--last-used-interval", "100ms")
CLIENT = httpx.Client()
NEVER = ("--last-used-interval", "1h")


@pytest.fixture(scope="module")
def often(tmp_path_factory):
    server = Server(tmp_path_factory.mktemp("often") / "data", *OFTEN).start()
    yield server
    server.stop()


@pytest.fixture(scope="module")
def api(often):
    return Api(often.base_url, often.admin_key)


def check(server, key, question="", status=200):
    reply = CLIENT.get(f"{server.url}/auth{question}", headers={"x-api-key": key})
    assert reply.status_code == status, reply.text


def used_at(api, project, key_id):
    return api.get(f"/projects/{project}/api_keys/{key_id}")["last_used_at"]


def test_a_key_that_lets_somebody_in_was_used(often, api):
    project = api.project()["id"]
    account = api.service_account(project)
    idle = api.account_key(project, account["id"])
    key = account["api_key"]
    assert used_at(api, project, key["id"]) is None
    before = int(time.time())
    check(often, key["value"])
    shown = wait_until(lambda: used_at(api, project, key["id"]))
    assert before <= shown <= time.time()
    assert used_at(api, project, idle["id"]) is None


def test_a_later_use_moves_it_on(often, api):
    project = api.project()["id"]
    key = api.service_account(project)["api_key"]
    check(often, key["value"])
    first = wait_until(lambda: used_at(api, project, key["id"]))

    def used_again():
        check(often, key["value"])
        return used_at(api, project, key["id"]) > first

    wait_until(used_again)


def test_a_key_that_is_refused_was_not_used(often, api):
    project, elsewhere = api.project()["id"], api.project()["id"]
    key = api.service_account(project)["api_key"]
    witness = api.service_account(project)["api_key"]
    check(often, key["value"], f"?project={elsewhere}", 403)
    check(often, witness["value"])
    wait_until(lambda: used_at(api, project, witness["id"]))
    assert used_at(api, project, key["id"]) is None


def test_people_show_their_keys_last_use(often, api):
    project = api.project()["id"]
    person = api.person(projects=[(project, "member")])
    assert person["api_key_last_used_at"] is None
    check(often, api.key_of(project, user_id=person["id"])["value"])
    wait_until(lambda: api.get(f"/users/{person['id']}")["api_key_last_used_at"])


def test_admin_keys_are_used_by_calls(often, api):
    key = api.post("/admin_api_keys", {"name": "used"})
    assert api.get(f"/admin_api_keys/{key['id']}")["last_used_at"] is None
    api.with_key(key["value"]).get("/projects")
    wait_until(lambda: api.get(f"/admin_api_keys/{key['id']}")["last_used_at"])
    assert api.owner()["api_key_last_used_at"]


def test_using_keys_leaves_no_trace_in_the_audit_log(often, api):
    def events():
        return len(api.all("/audit_logs"))

    project = api.project()["id"]
    key = api.service_account(project)["api_key"]
    before = events()
    check(often, key["value"])
    wait_until(lambda: used_at(api, project, key["id"]))
    assert events() == before


def test_more_uses_than_a_batch_holds_are_all_written(often, api):
    project = api.project()["id"]
    account = api.service_account(project)["id"]
    keys = parallel(lambda _: api.account_key(project, account), range(1100))
    for key in keys:
        check(often, key["value"])
    wait_until(lambda: sum(bool(key["last_used_at"]) for key in api.all(f"/projects/{project}/api_keys")) == 1100)


def test_a_stop_writes_what_is_noted(fresh_server):
    server = fresh_server(*NEVER)
    api = Api(server.base_url, server.admin_key)
    project = api.project()["id"]
    account = api.service_account(project)["id"]
    keys = parallel(lambda _: api.account_key(project, account), range(1001))
    parallel(lambda key: check(server, key["value"]), keys)
    assert used_at(api, project, keys[0]["id"]) is None
    server.stop()
    server.start()
    api = Api(server.base_url, server.admin_key)
    assert sum(bool(key["last_used_at"]) for key in api.all(f"/projects/{project}/api_keys")) == len(keys)
    assert api.get("/admin_api_keys")["data"][0]["last_used_at"]


def test_an_idle_server_writes_nothing(fresh_server):
    """Rounds of the writer go by, and no commit."""

    def metric(name):
        lines = CLIENT.get(f"{server.url}/metrics").text.splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith(f"{name} "))

    def rounds(count):
        goal = metric("orgkeys_store_jobs_total") + count
        wait_until(lambda: metric("orgkeys_store_jobs_total") >= goal)

    server = fresh_server(*OFTEN)
    api = Api(server.base_url, server.admin_key)
    api.project()
    wait_until(lambda: api.get("/admin_api_keys")["data"][0]["last_used_at"])
    rounds(2)
    before = metric("orgkeys_store_revision")
    check(server, "unknown-and-long-enough", status=401)
    rounds(3)
    assert metric("orgkeys_store_revision") == before


def test_a_use_is_not_that_of_a_later_key_with_the_same_value(fresh_server):
    server = fresh_server(*NEVER)
    api = Api(server.base_url, server.admin_key)
    project, elsewhere = api.project()["id"], api.project()["id"]
    value = SECRETS.add("a-value-that-is-brought-in-twice-0123456789")
    first = api.account_key(project, api.service_account(project)["id"], value=value)
    check(server, value)
    api.delete(f"/projects/{project}/api_keys/{first['id']}")
    used_by = int(time.time())
    wait_until(lambda: int(time.time()) > used_by)  # times have whole seconds
    again = api.account_key(elsewhere, api.service_account(elsewhere)["id"], value=value)
    server.stop()
    server.start()
    assert used_at(Api(server.base_url, server.admin_key), elsewhere, again["id"]) is None


@pytest.mark.parametrize("interval", ["0", "99ms", "2h"])
def test_the_interval_has_bounds(fresh_server, interval):
    server = fresh_server("--last-used-interval", interval, start=False).launch()
    assert server.wait() == 2
    assert any("last-used-interval" in line for line in server.log)
