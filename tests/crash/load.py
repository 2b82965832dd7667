"""Threads that create, update, revoke, verify and list, and tell the model what they were answered."""

import random
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import httpx

from crash.model import FIRST_KEY, Change, Model, Thing, unique
from support.api import Api, http_client
from support.plain import PLAIN
from support.secret_values import SECRETS
from support.wait import wait_with

THREADS = 6
LIVING = 12  # of a kind and a thread; more are not made


class Away(Exception):
    """The server was killed."""


class Load:
    """From `with` to its end. With `is_failing`, calls may be refused with 503 and 507; with `is_away`, the
    database of several nodes, of which any may have made the key that this one does not know."""

    def __init__(self, site, seed, is_failing=False, is_away=False):
        self.site, self.model = site, site.model
        self.is_failing, self.is_away = is_failing or is_away, is_away
        self.is_killed = False
        self.statuses = Counter()
        self.stopping = threading.Event()
        self.problems = []
        self.lock = threading.Lock()
        self.threads = [
            threading.Thread(target=self._run, args=(Worker(self, number, f"{seed} {number}"),))
            for number in range(THREADS)
        ]

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, problem, *_):
        self.stopping.set()
        for thread in self.threads:
            thread.join(60)
            assert not thread.is_alive()
        if problem is None and self.problems:
            raise self.problems[0]

    def _run(self, worker):
        try:
            with worker:
                while not self.stopping.is_set():
                    worker.step()
        except Away:
            pass
        except BaseException as problem:  # noqa: BLE001 (told by whoever waits)
            self.problems.append(problem)

    def kill9(self):
        """The server; from now on, and not before, it need not answer."""
        self.is_killed = True
        self.site.server.kill9()

    def changes(self):
        return sum(count for (is_change, _), count in self.statuses.items() if is_change)

    def kept(self):
        """How many changes were acknowledged."""
        return self.statuses[True, 200]

    def wait_for(self, changes):
        """Until so many more were answered."""
        wanted = self.changes() + changes
        self.wait_until(lambda: self.changes() >= wanted)

    def wait_until(self, condition):
        wait_with(self.problems, condition, interval=0.002)

    def refusals(self):
        """What was answered besides what the model asks for."""
        return {status for _, status in self.statuses} - {200, 401, 403}


class Worker:
    def __init__(self, load, number, seed):
        self.load, self.model, self.number = load, load.model, number
        self.dice = random.Random(seed)
        self.home = load.site.homes[number]
        self.client = http_client(load.site.server.base_url, load.site.server.admin_key)
        self.plain = httpx.Client(base_url=load.site.server.url, verify=PLAIN, timeout=60)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.client.close()
        self.plain.close()

    # --- what is sent

    def send(self, is_change, call):
        try:
            reply = call()
        except httpx.TransportError:
            if self.load.is_killed:
                raise Away from None
            raise
        with self.load.lock:
            self.load.statuses[is_change, reply.status_code] += 1
        return reply

    def change(self, method, path, body, *changes):
        """The reply, or None when it was refused or is unknown."""
        self.model.send(changes)
        reply = self.send(True, lambda: self.client.request(method, f"/organization{path}", json=body))
        with self.load.lock:
            if reply.status_code == 200:
                given = reply.json()
                for change in changes:
                    if change.subject.id is None:
                        is_second = change.subject.name == FIRST_KEY
                        change.subject.id = (given["api_key"] if is_second else given)["id"]
                self.model.acknowledge(changes, given)
                return given
            assert self.load.is_failing, f"{reply.status_code} {reply.text}"
            assert reply.status_code in (503, 507), f"{reply.status_code} {reply.text}"
            if reply.json()["error"]["code"] == "outcome_unknown":
                self.model.counts["outcome_unknown"] += 1
            else:
                self.model.refuse(changes)
        return None

    def read(self, path, **query):
        reply = self.send(False, lambda: self.client.get(f"/organization{path}", params=query))
        if self.load.is_failing and reply.status_code == 503:
            return None
        return reply

    def make(self, kind, path, name, **fields):
        thing = Thing(kind, path, name, owner=fields.pop("owner", None))
        thing.number = self.number
        with self.load.lock:
            self.model.things.append(thing)
        return thing

    def mine(self, *kinds):
        with self.load.lock:
            return [t for t in self.model.live(*kinds) if t.number == self.number]

    def any(self, *kinds, is_wanted=lambda thing: True):
        found = [thing for thing in self.mine(*kinds) if is_wanted(thing)]
        return self.dice.choice(found) if found else None

    # --- what is done

    def step(self):
        names = list(STEPS)
        name = self.dice.choices(names, weights=[STEPS[name] for name in names])[0]
        getattr(self, name)()

    def is_full(self, *kinds):
        return len(self.mine(*kinds)) >= LIVING

    def create_project(self):
        # Archived ones stay.
        if not self.is_full("project"):
            thing = self.make("project", "/projects", unique("project"))
            fields = {"name": thing.name, "status": "active"}
            self.change("POST", thing.path, {"name": thing.name}, Change(thing, fields, ("project.created",)))

    def rename_project(self):
        thing = self.any("project", is_wanted=lambda thing: thing.fields["status"] == "active")
        if thing is not None:
            body = {"name": unique("renamed")}
            self.change("POST", thing.own_path, body, Change(thing, dict(body), ("project.updated",)))

    def archive_project(self):
        thing = self.any("project", is_wanted=lambda thing: thing.fields["status"] == "active")
        if thing is not None and self.dice.random() < 0.1:
            change = Change(thing, {"status": "archived"}, ("project.archived",))
            self.change("POST", f"{thing.own_path}/archive", None, change)

    def create_account(self):
        """With a key or without, in one call."""
        if self.is_full("account"):
            return
        home = f"/projects/{self.home}"
        account = self.make("account", f"{home}/service_accounts", unique("robot"))
        only = self.dice.random() < 0.5
        body = {"name": account.name, "create_service_account_only": only}
        fields = {"name": account.name, "role": "none" if only else "member"}
        changes = [Change(account, fields, ("service_account.created",))]
        if not only:
            key = self.make("key", f"{home}/api_keys", FIRST_KEY, owner=account)
            changes.append(Change(key, {"name": FIRST_KEY}, ("api_key.created",)))
        given = self.change("POST", account.path, body, *changes)
        if given is not None and not only:
            key.value = SECRETS.add(given["api_key"]["value"])

    def update_account(self):
        thing = self.any("account")
        if thing is not None:
            body = {"name": unique("renamed"), "role": self.dice.choice(["owner", "member"])}
            self.change("POST", thing.own_path, body, Change(thing, dict(body), ("service_account.updated",)))

    def delete_account(self):
        self.end("account", "service_account.deleted")

    def create_key(self):
        """Of an account, or of the person behind the admin key."""
        if self.is_full("key"):
            return
        account = self.any("account") if self.dice.random() < 0.7 else None
        home = f"/projects/{self.home}"
        key = self.make("key", f"{home}/api_keys", unique("key"), owner=account)
        scope = unique("scope")
        lifetime = self.any_lifetime()
        body = {"name": key.name, "scopes": [scope], **lifetime}
        path = key.path if account is None else f"{account.own_path}/api_keys"
        fields = {"name": key.name, "scopes": [scope]}
        if not lifetime:
            fields["expires_at"] = None
        change = Change(key, fields, ("api_key.created",), *lifetime.values())
        given = self.change("POST", path, body, change)
        if given is not None:
            key.value = SECRETS.add(given["value"])

    def update_key(self):
        thing = self.any("key")
        if thing is not None:
            scopes, lifetime = {"scopes": [unique("scope")]}, self.any_lifetime()
            change = Change(thing, scopes, ("api_key.updated",), *lifetime.values())
            self.change("POST", thing.own_path, {**scopes, **lifetime}, change)

    def any_lifetime(self):
        """Or none."""
        return {"expires_in_seconds": self.dice.randint(3600, 10**6)} if self.dice.random() < 0.5 else {}

    def delete_key(self):
        self.end("key", "api_key.deleted")

    def create_admin_key(self):
        if not self.is_full("admin key"):
            thing = self.make("admin key", "/admin_api_keys", unique("admin"))
            body = {"name": thing.name}
            given = self.change("POST", thing.path, body, Change(thing, dict(body), ("api_key.created",)))
            if given is not None:
                thing.value = SECRETS.add(given["value"])

    def delete_admin_key(self):
        self.end("admin key", "api_key.deleted")

    def create_invite(self):
        if not self.is_full("invite", "user"):
            thing = self.make("invite", "/invites", f"{unique('person')}@example.com")
            body = {"email": thing.name, "role": "reader"}
            change = Change(thing, {**body, "status": "pending"}, ("invite.sent",))
            given = self.change("POST", thing.path, body, change)
            if given is not None:
                thing.token = SECRETS.add(given["invite_url"].partition("#")[2])

    def accept_invite(self):
        invite = self.any("invite", is_wanted=lambda t: t.token and t.fields["status"] == "pending")
        if invite is not None:
            user = self.make("user", "/users", invite.name)
            fields = {"email": user.name, "role": "reader", "name": unique("Somebody")}
            self.change(
                "POST", "/invites/accept", {"token": invite.token, "name": fields["name"]},
                Change(user, fields, ("user.added", "role.assignment.created")),
                Change(invite, {"status": "accepted"}, ("invite.accepted",)),
            )

    def delete_invite(self):
        self.end("invite", "invite.deleted", lambda thing: thing.fields["status"] == "pending")

    def update_user(self):
        thing = self.any("user")
        if thing is not None:
            body = {"role": "owner" if thing.fields["role"] == "reader" else "reader"}
            self.change("POST", thing.own_path, body, Change(thing, dict(body), ("user.updated",)))

    def delete_user(self):
        self.end("user", "user.deleted")

    def end(self, kind, event, is_wanted=lambda thing: True):
        thing = self.any(kind, is_wanted=is_wanted)
        if thing is not None:
            self.change("DELETE", thing.own_path, None, Change(thing, None, (event,)))

    def verify(self):
        """A key of this thread's, alive or dead."""
        with self.load.lock:
            keys = [
                t for t in self.model.things
                if t.number == self.number and t.kind == "key" and t.value is not None and not t.uncertain
            ]
        if keys:
            thing = self.dice.choice(keys)
            reply = self.send(False, lambda: self.plain.get("/auth", headers={"x-api-key": thing.value}))
            wanted = thing.check_status()
            nobody_knows = self.load.is_away and wanted == 401 and reply.status_code == 503
            assert reply.status_code == wanted or nobody_knows, f"{reply.status_code} of {thing}"
            self.model.counts["good keys"] += reply.status_code == 200

    def retrieve(self):
        thing = self.any("project", "account", "key", "admin key", "invite", "user")
        if thing is not None:
            reply = self.read(thing.own_path)
            if reply is not None:
                assert reply.status_code == 200, reply.text
                assert thing.fields.items() <= reply.json().items()

    def list_keys(self):
        reply = self.read(f"/projects/{self.home}/api_keys", limit=100, owner_project_access="any")
        if reply is not None:
            assert reply.status_code == 200, reply.text
            found = {entry["id"] for entry in reply.json()["data"]}
            lost = {t.id for t in self.mine("key")} - found
            assert not lost or reply.json()["has_more"], f"lost from a list: {lost}"


# How often, compared with others.
STEPS = {
    "create_project": 2, "rename_project": 2, "archive_project": 1, "create_account": 4, "update_account": 3,
    "delete_account": 2, "create_key": 8, "update_key": 5, "delete_key": 5, "create_admin_key": 2,
    "delete_admin_key": 2, "create_invite": 2, "accept_invite": 1, "delete_invite": 1, "update_user": 1,
    "delete_user": 1, "verify": 10, "retrieve": 3, "list_keys": 3,
}


class Site:
    """A server, and all that is known of it."""

    def __init__(self, server):
        self.server, self.model = server, Model()
        api = Api(server.base_url, server.admin_key)
        self.homes = [api.project(f"home {number}")["id"] for number in range(THREADS)]
        self.model.look(api)
        api.close()

    def look(self):
        """Of everything; and one by one at what was touched since."""
        api = Api(self.server.base_url, self.server.admin_key)
        self.model.look(api)
        touched = [thing for thing in self.model.things if thing.touched]
        with httpx.Client(verify=PLAIN, timeout=60) as plain, ThreadPoolExecutor(THREADS) as pool:

            def status_of(thing):
                if thing.kind == "admin key":
                    path, header = "/v1/organization/projects", {"Authorization": f"Bearer {thing.value}"}
                else:
                    path, header = "/auth", {"x-api-key": thing.value}
                return plain.get(f"{self.server.url}{path}", headers=header).status_code

            list(pool.map(lambda thing: self.model.check_each(thing, api, status_of), touched))
        self.model.forget_the_dead()
        api.close()

    def figures(self):
        return ", ".join(f"{count} {name}" for name, count in sorted(self.model.counts.items()))
