"""Promise 4: once the reply to a DELETE was read, no check lets the key in, whatever else goes on.

The numbers are those of the collected cases in which other key servers failed."""

import http.client
import threading
import time

import pytest

from support.api import Api, http_client, parallel
from support.secret_values import SECRETS
from support.server import Server
from support.wait import wait_until

CHECKERS = 4


class Checker(threading.Thread):
    """Asks about a key again and again, on a connection that stays open; notes when each question was
    put, and what the answer was."""

    def __init__(self, server, key):
        super().__init__(daemon=True)
        self.connection = http.client.HTTPConnection(server.host, server.port, timeout=60)
        self.headers = {"x-api-key": key}
        self.answers = []
        self.stopping = threading.Event()

    def ask(self):
        self.connection.request("GET", "/auth", headers=self.headers)
        reply = self.connection.getresponse()
        reply.read()
        return reply.status

    def run(self):
        while not self.stopping.is_set():
            asked_at = time.monotonic()
            self.answers.append((asked_at, self.ask()))

    def after(self, moment):
        """What was answered to questions that were put after it."""
        return [status for asked_at, status in self.answers if asked_at > moment]


class Checkers:
    def __init__(self, server, *keys):
        self.all = [Checker(server, key) for key in keys for _ in range(CHECKERS)]

    def __enter__(self):
        for checker in self.all:
            checker.start()
        return self

    def __exit__(self, *exception):
        for checker in self.all:
            checker.stopping.set()
        for checker in self.all:
            checker.join()
            checker.connection.close()

    def wait_for_more(self, count=50):
        goals = [(checker, len(checker.answers) + count) for checker in self.all]
        wait_until(lambda: all(len(checker.answers) >= goal for checker, goal in goals), timeout=60)

    def after(self, moment):
        return {status for checker in self.all for status in checker.after(moment)}


@pytest.fixture
def account(api):
    project = api.project()["id"]
    return project, api.service_account(project)["id"]


def revoke(api, account, key):
    """When its reply had been read."""
    api.delete(f"/projects/{account[0]}/api_keys/{key['id']}")
    return time.monotonic()


def test_case_8_a_question_at_the_moment_of_the_delete_does_not_keep_the_key(server, api, account):
    for _ in range(5):
        key = api.account_key(*account)
        with Checkers(server, key["value"]) as checkers:
            checkers.wait_for_more()
            revoked_at = revoke(api, account, key)
            checkers.wait_for_more()
        assert checkers.after(0) == {200, 401}
        assert checkers.after(revoked_at) == {401}


def keyring_bytes(server):
    lines = http_client(server.url).get("/metrics").text.splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("orgkeys_keyring_bytes "))


def test_case_9_a_question_from_before_the_delete_does_not_bring_the_key_back(fresh_server):
    """With the table growing around it, which moves keys in memory."""
    server = fresh_server("--last-used-interval", "1h")
    api = Api(server.base_url, server.admin_key)
    project = api.project()["id"]
    account = (project, api.service_account(project)["id"])
    keys = [api.account_key(*account) for _ in range(4)]
    before = keyring_bytes(server)
    with Checkers(server, *(key["value"] for key in keys)) as checkers:
        parallel(lambda _: api.account_key(*account), range(700))
        revoked_at = [revoke(api, account, key) for key in keys][-1]
        parallel(lambda _: api.account_key(*account), range(300))
        checkers.wait_for_more()
    assert keyring_bytes(server) > before, "a new table took the place of the first one"
    assert checkers.after(0) == {200, 401}
    assert checkers.after(revoked_at) == {401}


def test_archiving_ends_every_key_of_the_project_at_once(server, api, account):
    keys = [api.account_key(*account)["value"] for _ in range(3)]
    with Checkers(server, *keys) as checkers:
        checkers.wait_for_more()
        api.post(f"/projects/{account[0]}/archive")
        archived_at = time.monotonic()
        checkers.wait_for_more()
    assert checkers.after(archived_at) == {403}


def test_a_key_works_from_its_reply_on_though_it_was_asked_about_before(server, api, account):
    """What is not known is remembered nowhere."""
    for number in range(5):
        value = SECRETS.add(f"a-key-that-was-guessed-before-it-came-{number:04}")
        with Checkers(server, value) as checkers:
            checkers.wait_for_more()
            api.account_key(*account, value=value)
            made_at = time.monotonic()
            checkers.wait_for_more()
        assert checkers.after(0) == {200, 401}
        assert checkers.after(made_at) == {200}


@pytest.mark.sqlite(reason="the limit is on the files of --data")
def test_case_14_what_is_not_committed_is_not_revoked_and_what_is_stays_so(tmp_path):
    """The limit of a file's size stands for a full disk: writes fail, and nothing of them counts."""
    server = Server(tmp_path / "data", wrapper=("bash", "-c", 'ulimit -S -f 1024; exec "$@"', "bash"))
    server.start()
    api = Api(server.base_url, server.admin_key)
    project = api.project()["id"]
    account = (project, api.service_account(project)["id"])
    kept = api.account_key(*account)
    body = {"name": "x" * 200}
    path = f"/organization/projects/{project}/service_accounts/{account[1]}/api_keys"
    wait_until(lambda: api.http.post(path, json=body).status_code in (503, 507), timeout=120, interval=0)
    asking = Checker(server, kept["value"])
    refused = api.http.delete(f"/organization/projects/{project}/api_keys/{kept['id']}")
    assert refused.status_code in (503, 507), refused.text
    assert asking.ask() == 200, "a revocation that was refused is none"
    server.stop()
    server.wrapper = []
    server.start()
    asking = Checker(server, kept["value"])
    assert asking.ask() == 200
    revoke(Api(server.base_url, server.admin_key), account, kept)
    assert asking.ask() == 401
    server.stop()


def test_case_15_every_way_in_which_a_key_ends_ends_it_in_memory(server, api):
    """One of each, with its place among others; and none comes back when the value is issued anew."""
    project = api.project()["id"]
    value = SECRETS.add("a-rotated-key-that-other-servers-kept-alive")

    def issue():
        owner = api.service_account(project)["id"]
        return owner, api.account_key(project, owner, value=value)

    def by_delete(owner, key):
        api.delete(f"/projects/{project}/api_keys/{key['id']}")

    def by_its_account(owner, key):
        api.delete(f"/projects/{project}/service_accounts/{owner}")

    def by_expiry(owner, key):
        api.post(f"/projects/{project}/api_keys/{key['id']}", {"expires_in_seconds": 1})
        wait_until(lambda: asking.ask() == 401)
        api.delete(f"/projects/{project}/api_keys/{key['id']}")

    asking = Checker(server, value)
    for end in (by_delete, by_its_account, by_expiry):
        owner, key = issue()
        assert asking.ask() == 200, end.__name__
        end(owner, key)
        assert asking.ask() == 401, end.__name__
