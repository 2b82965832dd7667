"""Changes by many at once, and what was acknowledged of them."""

import random
import threading

import httpx

from support.api import Api, http_client
from support.wait import wait_with


class Storm:
    """Threads that create and delete service-account keys, and remember what was acknowledged."""

    def __init__(self, server, project, account, threads=12):
        self.base_url, self.key = server.base_url, server.admin_key
        self.path = f"/organization/projects/{project}"
        self.account = account
        self.created = {}  # id: value, of acknowledged creates
        self.deleting = set()  # ids whose delete was sent
        self.deleted = set()  # ids whose delete was acknowledged
        self.statuses = {}
        self.codes = set()  # of errors
        self.lock = threading.Lock()
        self.problems = []
        self.may_end = False  # the server
        self.stopping = threading.Event()
        self.threads = [threading.Thread(target=self._run, args=(n,)) for n in range(threads)]

    def start(self):
        for thread in self.threads:
            thread.start()
        return self

    def expect_end(self):
        """Of the server: from now on a connection may be lost, and its thread ends."""
        self.may_end = True

    def finish(self):
        self.stopping.set()
        for thread in self.threads:
            thread.join(60)
            assert not thread.is_alive()
        if self.problems:
            raise self.problems[0]

    def _run(self, number):
        dice = random.Random(number)
        try:
            with http_client(self.base_url, self.key) as client:
                while not self.stopping.is_set():
                    self._step(client, dice)
        except Exception as problem:  # raised by the test's thread
            if not (self.may_end and isinstance(problem, httpx.TransportError)):
                self.problems.append(problem)

    def _step(self, client, dice):
        key = self._choose(dice) if dice.random() < 0.4 else None
        reply = self._create(client) if key is None else self._delete(client, key)
        with self.lock:
            self.statuses[reply.status_code] = self.statuses.get(reply.status_code, 0) + 1
            if reply.status_code != 200:
                self.codes.add(reply.json()["error"]["code"])

    def _choose(self, dice):
        with self.lock:
            candidates = [key for key in self.created if key not in self.deleting]
            if not candidates:
                return None
            key = dice.choice(candidates)
            self.deleting.add(key)
            return key

    def _delete(self, client, key):
        reply = client.delete(f"{self.path}/api_keys/{key}")
        with self.lock:
            if reply.status_code == 200:
                self.deleted.add(key)
            elif reply.json()["error"]["code"] != "outcome_unknown":
                # A refusal says that nothing was done: the key is still there.
                assert reply.status_code in (503, 507), reply.text
                self.deleting.discard(key)
        return reply

    def _create(self, client):
        reply = client.post(f"{self.path}/service_accounts/{self.account}/api_keys", json={})
        if reply.status_code == 200:
            made = reply.json()
            with self.lock:
                self.created[made["id"]] = made["value"]
        return reply

    def wait_until(self, condition):
        wait_with(self.problems, condition)

    def wait_for(self, count):
        self.wait_until(lambda: len(self.created) + len(self.deleted) >= count)

    def check(self, api):
        """Nothing acknowledged is lost, nothing deleted is back."""
        found = {key["id"] for key in api.all(self.path.removeprefix("/organization") + "/api_keys")}
        # A delete that was sent and not acknowledged may have happened or not.
        kept = set(self.created) - self.deleting
        assert kept <= found, f"{len(kept - found)} acknowledged keys are lost"
        assert not self.deleted & found, f"{len(self.deleted & found)} deleted keys are back"
        events = {}
        for event in api.events(event_types__=["api_key.created", "api_key.deleted"]):
            events.setdefault(event["type"], set()).add(event[event["type"]]["id"])
        assert set(self.created) <= events["api_key.created"], "a change without its event"
        assert self.deleted <= events.get("api_key.deleted", set()), "a delete without its event"
        assert not events.get("api_key.deleted", set()) & found, "an event of a delete that did not happen"


def stage(server):
    """A project with an account that has no keys yet: (Api, project id, account id)."""
    api = Api(server.base_url, server.admin_key)
    project = api.project()["id"]
    return api, project, api.service_account(project, create_service_account_only=True)["id"]


def working_account(server):
    api, project, account = stage(server)
    api.post(f"/projects/{project}/service_accounts/{account}", {"role": "member"})
    return api, project, account
