"""What one node commits, every node follows: promises 3, 4 and 5 across nodes that are all well."""

import math
import os
import re
import signal
import time

import pytest

from support.api import http_client
from support.cluster import FOLLOWED_WITHIN, OUTAGES, Checker, Cluster, Load, changes_once, watching
from support.commands import key_alone
from support.server import run
from support.wait import wait_until


def every(cluster, value):
    """What the nodes say of a key."""
    return [Checker(node).status(value) for node in cluster.nodes]


def wait_for(cluster, value, status):
    wait_until(lambda: set(every(cluster, value)) == {status}, timeout=FOLLOWED_WITHIN, interval=0.005)


def followed_within(node):
    """How many commits of others a node has followed within so many seconds."""
    counts = re.findall(r'^orgkeys_follow_seconds_bucket\{le="(.*)"\} (\d+)$', node.metrics(), re.MULTILINE)
    return {float(bound): int(count) for bound, count in counts}


def test_three_nodes_under_load_say_the_same(three_nodes):
    with Load(three_nodes, writers=8) as load:
        load.wait_for_more(400)
    assert set(load.statuses) == {200} and set(load.checks) == {200, 401}
    load.settle()
    three_nodes.check_logs()


def test_what_one_node_commits_another_follows_within_a_second(three_nodes):
    """Promise 4, where nothing else happens: most within a fraction of one."""
    commits = 60
    node = three_nodes.nodes[1]
    project, account = three_nodes.account()
    three_nodes.wait_until_whole()
    before = followed_within(node)
    for _ in range(commits):
        wait_for(three_nodes, three_nodes.api(0).account_key(project, account)["value"], 200)
    followed = {bound: count - before[bound] for bound, count in followed_within(node).items()}
    assert followed[math.inf] >= commits
    # A machine that runs tests may be held up now and then.
    assert followed[1] >= 0.8 * followed[math.inf], followed


@pytest.fixture
def owned(shared_nodes):
    """A key of a person in a project, one of a service account there, and where they are."""
    api = shared_nodes.api(0)
    project = api.project()["id"]
    person = api.person(projects=[(project, "member")])["id"]
    account = api.service_account(project, create_service_account_only=True)["id"]
    api.post(f"/projects/{project}/service_accounts/{account}", {"role": "member"})
    of_person = api.key_of(project, user_id=person)
    of_account = api.account_key(project, account)
    for key in (of_person, of_account):
        wait_for(shared_nodes, key["value"], 200)
    return {
        "project": project, "person": person, "account": account,
        "of_person": of_person, "of_account": of_account,
    }


CAUSES = {
    "the key is deleted": (
        "of_account", "DELETE", "/projects/{project}/api_keys/{of_account[id]}", None, 401,
    ),
    "its account is deleted": (
        "of_account", "DELETE", "/projects/{project}/service_accounts/{account}", None, 401,
    ),
    "its project is archived": ("of_person", "POST", "/projects/{project}/archive", None, 403),
    "its person leaves the project": ("of_person", "DELETE", "/projects/{project}/users/{person}", None, 403),
    "its person leaves the organization": ("of_person", "DELETE", "/users/{person}", None, 401),
}


@pytest.mark.parametrize("cause", CAUSES)
def test_what_ends_a_key_on_one_node_ends_it_on_every_node_for_good(shared_nodes, owned, cause):
    which, method, path, body, refusal = CAUSES[cause]
    by = shared_nodes.nodes[1]
    with watching(shared_nodes, owned[which]["value"]) as answers:
        wait_until(lambda: all(len(each) >= 20 for each in answers.values()))
        shared_nodes.api(by).call(method, path.format(**owned), **({"json": body} if body else {}))
        ended_at = time.monotonic()
        wait_until(lambda: all(each[-1][1] == refusal for each in answers.values()))
        counts = {node: len(each) for node, each in answers.items()}
        wait_until(lambda: all(len(answers[node]) >= count + 20 for node, count in counts.items()))
    for node, each in answers.items():
        changes_once(each, 200, refusal, ended_at, 0 if node is by else FOLLOWED_WITHIN)
    shared_nodes.check_logs()


def test_what_gives_a_key_its_access_does_so_on_every_node(shared_nodes, owned):
    api, project, person = shared_nodes.api(2), owned["project"], owned["person"]
    account = api.service_account(project, create_service_account_only=True)["id"]
    value = api.account_key(project, account)["value"]
    wait_for(shared_nodes, value, 403)
    api.post(f"/projects/{project}/service_accounts/{account}", {"role": "member"})
    wait_for(shared_nodes, value, 200)

    value = owned["of_person"]["value"]
    api.delete(f"/projects/{project}/users/{person}")
    wait_for(shared_nodes, value, 403)
    api.post(f"/users/{person}", {"role": "owner"})
    wait_for(shared_nodes, value, 200)
    api.post(f"/users/{person}", {"role": "reader"})
    wait_for(shared_nodes, value, 403)
    api.post(f"/projects/{project}/users", {"user_id": person, "role": "member"})
    wait_for(shared_nodes, value, 200)


def test_scopes_and_expiry_that_change_are_followed(shared_nodes, owned):
    api, key = shared_nodes.api(0), owned["of_account"]
    path = f"/projects/{owned['project']}/api_keys/{key['id']}"

    def scopes(node):
        return Checker(node).ask(key["value"])[1]["x-orgkeys-scopes"]

    api.post(path, {"scopes": ["models.read"]})
    nodes = shared_nodes.nodes
    wait_until(lambda: {scopes(node) for node in nodes} == {"models.read"}, timeout=FOLLOWED_WITHIN)
    api.post(path, {"expires_in_seconds": 1})
    # The second itself, and what is left of the one that began.
    wait_until(lambda: every(shared_nodes, key["value"]) == [401] * 3, timeout=2 + FOLLOWED_WITHIN)
    api.post(path, {"expires_in_seconds": 1000})
    wait_for(shared_nodes, key["value"], 200)


def test_an_admin_key_that_is_deleted_is_of_no_use_on_any_node(shared_nodes):
    key = shared_nodes.api(0).admin_key()
    wait_for(shared_nodes, key["value"], 403)
    shared_nodes.api(0).delete(f"/admin_api_keys/{key['id']}")
    for number in (0, 1, 2):
        # Whether a node has followed or not: the right to change is read again in the transaction.
        shared_nodes.api(number).with_key(key["value"]).post("/projects", {"name": "in vain"}, expect=401)


def test_nodes_that_start_at_once_found_one_organization(three_nodes, postgres, database):
    assert postgres.psql("SELECT count(*) FROM organizations", database) == "1"
    assert postgres.psql("SELECT count(*) FROM admin_api_keys", database) == "1"
    made = [three_nodes.api(number).project()["id"] for number in range(3)]
    for number in range(3):
        assert set(made) <= {project["id"] for project in three_nodes.api(number).all("/projects")}
    three_nodes.check_logs()


def test_commands_that_change_the_database_are_followed_by_the_nodes(tmp_path, postgres, database):
    url = postgres.url(database)
    founding = ("--name", "Second", "--owner-email", "otto@example.com", "--owner-name", "Otto Other")
    with Cluster(tmp_path, [url] * 3) as cluster:
        command = ("--data", tmp_path / "none", "--database", url)
        second = key_alone(run("organization", "create", *founding, *command))
        made_at = time.monotonic()
        for node in cluster.nodes:
            # The new admin key may do what it is for as soon as the node has followed.
            with http_client(node.base_url, second) as client:
                wait_until(lambda: client.get("/organization/projects").status_code == 200, interval=0.005)
        assert time.monotonic() - made_at <= FOLLOWED_WITHIN
        first = cluster.admin_key
        recovered = key_alone(run("recover", "--revoke-others", *command))
        wait_for(cluster, recovered, 403)
        wait_for(cluster, first, 401)
        cluster.check_logs()


def test_a_key_that_is_used_on_every_node_has_its_latest_use(tmp_path, postgres, database):
    url = postgres.url(database)
    with Cluster(tmp_path, [url] * 3, "--last-used-interval", "100ms") as cluster:
        with Load(cluster) as load:
            load.wait_for_more(100)
            keys = [key for key in list(load.keys.values()) if not key.deleting][:20]
            for key in keys:
                key.deleting = True  # not by the load
            checkers = [Checker(node) for node in cluster.nodes]
            used_at = int(time.time())
            for value in (key.value for key in keys):
                assert [checker.status(value) for checker in checkers] == [200, 200, 200]

            def recorded():
                listed = cluster.api(2).all(f"/projects/{load.project}/api_keys")
                times = [one["last_used_at"] for one in listed if one["id"] in {key.id for key in keys}]
                return len(times) == len(keys) and all(at and at >= used_at for at in times)

            wait_until(recorded)
            for key in keys:
                key.deleting = False
        load.settle()
        cluster.check_logs()


def test_a_node_whose_commits_to_follow_are_gone_loads_everything_anew(three_nodes, postgres, database):
    """As after ten minutes in which it was stopped."""
    away = three_nodes.nodes[2]
    with Load(three_nodes, nodes=three_nodes.nodes[:2]) as load:
        load.wait_for_more(40)
        os.kill(away.pid, signal.SIGSTOP)
        try:
            load.wait_for_more(200)
        finally:
            postgres.psql("DELETE FROM changes", database)
            os.kill(away.pid, signal.SIGCONT)
        away.wait_for_log("all keys are loaded anew")
        load.wait_for_more(100)
    load.nodes.append(away)
    load.settle()
    # It may have tried to commit before it had loaded.
    three_nodes.check_logs("store batch failed")


def test_a_database_that_was_put_back_is_what_the_nodes_hold_afterwards(three_nodes, postgres, database):
    """What came behind the copy is gone, keys and revocations; what came before it is there."""
    project, account = three_nodes.account()
    api = three_nodes.api(0)
    path = f"/projects/{project}/api_keys"
    kept, revoked = api.account_key(project, account), api.account_key(project, account)
    copy = postgres.copy(database)
    lost = api.account_key(project, account)
    api.delete(f"{path}/{revoked['id']}")
    wait_for(three_nodes, lost["value"], 200)
    wait_for(three_nodes, revoked["value"], 401)
    postgres.put_back(database, copy)
    wait_until(lambda: every(three_nodes, lost["value"]) == [401] * 3)
    wait_until(lambda: every(three_nodes, revoked["value"]) == [200] * 3)
    assert every(three_nodes, kept["value"]) == [200] * 3
    for number in range(3):
        made = three_nodes.api(number).account_key(project, account)
        wait_for(three_nodes, made["value"], 200)
    three_nodes.check_logs(*OUTAGES)


def test_a_node_that_had_followed_what_was_undone_follows_no_other_commits_behind_it(
    three_nodes, postgres, database
):
    """Commits of the same revisions are there again before it looks: they are not those it followed."""
    project, account = three_nodes.account()
    api, stopped = three_nodes.api(0), three_nodes.nodes[1:]
    path = f"/projects/{project}/api_keys"
    revoked = api.account_key(project, account)
    copy = postgres.copy(database)
    lost = api.account_key(project, account)
    wait_for(three_nodes, lost["value"], 200)
    three_nodes.wait_until_whole()
    for node in stopped:
        os.kill(node.pid, signal.SIGSTOP)
    try:
        postgres.put_back(database, copy)
        asking = Checker(three_nodes.nodes[0])
        wait_until(lambda: asking.status(lost["value"]) == 401)
        # Its writer may not have a new session yet.
        wait_until(lambda: api.http.delete(f"/organization{path}/{revoked['id']}").status_code == 200)
        made = [api.account_key(project, account) for _ in range(5)]
    finally:
        for node in stopped:
            os.kill(node.pid, signal.SIGCONT)
    wait_until(lambda: every(three_nodes, lost["value"]) == [401] * 3)
    for key in made:
        wait_for(three_nodes, key["value"], 200)
    wait_for(three_nodes, revoked["value"], 401)
    three_nodes.check_logs(*OUTAGES)
