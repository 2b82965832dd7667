"""Every failure in turn: of all that a request calls (memory, statements, reads, writes, descriptors) the
n-th call fails, for every n. Nothing leaks, nothing crashes, no change is half done, and what a reply says
is so.

    EVERY_FAILURE=1 scripts/test tests/failures -n 3

does it for every operation. Without it, a few stand for all."""

import json
import os
from dataclasses import dataclass
from types import SimpleNamespace

import httpx
import pytest

from support.api import PASSWORD, Api, unique
from support.checks import ENVELOPE, check_reply, document_of
from support.failing import ACCEPTOR, BACKGROUND, KINDS, REQUESTS, TIMEOUT, FailingServer, Request, exchange
from support.operations import ALL, PROJECT, SIGN_IN, V1, WITHOUT_KEY, World, named
from support.postgres import Postgres
from support.secret_values import SECRETS
from support.wait import wait_until

EVERYTHING = bool(os.environ.get("EVERY_FAILURE"))
CALLS_MAXIMUM = 3000  # more than any request has
# What a failure may be answered with, beside what the request is answered with when nothing fails.
FAILED = (500, 503, 507)
UNKNOWN_KEY = SECRETS.add("sk-proj-" + "Zq7" * 14 + "x9K2mT")

AUTH = ("GET", "/auth")
AUTH_UNKNOWN = ("GET", "/auth with an unknown key")
AUTH_REVOKED = ("GET", "/auth with a revoked key")
INTROSPECT = ("POST", "/oauth2/introspect")
PASSWORD_SIGN_IN = ("POST", "/v1/organization/sessions with a password")
OTHERS = [
    AUTH,
    AUTH_UNKNOWN,
    AUTH_REVOKED,
    INTROSPECT,
    PASSWORD_SIGN_IN,
    ("GET", "/openapi.json"),
    ("GET", "/metrics"),
    ("GET", "/healthz"),
    ("GET", "/"),
]
# What stands for all: checks, reads of one and of many, kinds of change.
REPRESENTATIVE = [
    AUTH,
    AUTH_UNKNOWN,
    AUTH_REVOKED,
    INTROSPECT,
    ("GET", V1 + "/users"),
    ("GET", PROJECT + "/api_keys/{api_key_id}"),
    ("POST", PROJECT + "/api_keys"),
    ("POST", PROJECT + "/users/{user_id}"),
    ("DELETE", PROJECT + "/api_keys/{api_key_id}"),
]
# Whose effect is seen elsewhere than at the same path.
VIEWS = {
    PROJECT + "/archive": [PROJECT],
    V1 + "/invites/{invite_id}/link": [V1 + "/invites/{invite_id}"],
    V1 + "/invites/accept": [V1 + "/invites", V1 + "/users"],
    V1 + "/passwords": [V1 + "/sessions"],
    V1 + "/password": [V1 + "/sessions"],
    V1 + "/users/{user_id}/password_link": [V1 + "/users/{user_id}"],
    PROJECT + "/service_accounts/{service_account_id}/api_keys": [PROJECT + "/api_keys"],
}


OPERATIONS = ALL + OTHERS if EVERYTHING else REPRESENTATIVE


@pytest.fixture(scope="module")
def failing(tmp_path_factory):
    server = FailingServer(tmp_path_factory.mktemp("failing") / "data").start()
    api = Api(server.base_url, server.admin_key)
    yield SimpleNamespace(server=server, api=api, calls=server.calls)
    api.close()
    server.stop()


@dataclass
class State:
    """What can be seen of what an operation changes: objects, events, and what keys may do."""

    seen: list
    newest_event: str | None
    keys: list


class Case:
    """One operation, again and again."""

    def __init__(self, failing, operation):
        self.failing = failing
        self.server = failing.server
        self.operation = operation
        self.changes = operation in ALL and operation[0] != "GET" or operation == PASSWORD_SIGN_IN
        self.document = document_of(self.server.url)
        self.renew()

    # --- the request

    def renew(self):
        """Objects, and a request, that nothing was done to."""
        self.world = World.make(self.failing.api)
        self.request = self._request()
        self.cursors = {}
        self.state = self.look()
        self.good = None

    def _request(self):
        method, path = self.operation
        headers = {"Authorization": f"Bearer {self.failing.api.key}"}
        if self.operation in ALL:
            if self.operation in WITHOUT_KEY:
                headers = {"Origin": self.server.url}
            return self._with_body(method, "/v1" + self.world.url(path), headers, self._body())
        if self.operation in (AUTH, AUTH_UNKNOWN, AUTH_REVOKED):
            key = {AUTH: self.world.key["value"], AUTH_UNKNOWN: UNKNOWN_KEY}.get(self.operation) or self._revoked()
            return Request("GET", "/auth", {"Authorization": f"Bearer {key}"})
        if self.operation == INTROSPECT:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
            return Request(method, path, headers, f"token={self.world.key['value']}".encode())
        if self.operation == PASSWORD_SIGN_IN:
            email = self.failing.api.owner()["email"]
            self.failing.api.own_password()
            return self._with_body(
                method, SIGN_IN[1], {"Origin": self.server.url}, {"email": email, "password": PASSWORD}
            )
        return Request(method, path, {})

    @staticmethod
    def _with_body(method, target, headers, body):
        if body is None:
            return Request(method, target, headers)
        headers["Content-Type"] = "application/json"
        return Request(method, target, headers, json.dumps(body).encode())

    def _body(self):
        """One that changes something."""
        body = self.world.body(self.operation)
        return {
            PROJECT + "/users/{user_id}": {"role": "owner"},
            PROJECT + "/api_keys/{api_key_id}": {"scopes": [unique("scope")]},
            V1 + "/users/{user_id}": {"role": "owner"},
        }.get(self.operation[1], body) if self.operation[0] == "POST" else body

    def _revoked(self):
        key = self.failing.api.key_of(self.world.project["id"])
        self.failing.api.delete(f"/projects/{self.world.project['id']}/api_keys/{key['id']}")
        return key["value"]

    # --- what there is

    def _ask(self, target, key=None, expect=(200, 404)):
        """The server is asked until it can answer: it recovers by itself."""
        request = Request("GET", target, {"Authorization": f"Bearer {key or self.failing.api.key}"})

        def answer():
            reply = exchange(self.server, request)
            assert self.server.running(), f"it ended:\n{self.server.log_text()[-8000:]}"
            return reply if reply is not None and reply.status not in FAILED else None

        reply = wait_until(answer, timeout=TIMEOUT, interval=0.02)
        assert reply.status in expect, f"{target}: {reply.status} {reply.body}"
        return reply

    def _look_at(self, path):
        """The object; or what is new in the list, whose newest come first or last."""
        target = "/v1" + self.world.url(path)
        if path.endswith("}"):
            reply = self._ask(target)
            return reply.status, reply.body if reply.status == 200 else b""
        if path not in self.cursors:
            ids = [one["id"] for one in self.failing.api.all(target.removeprefix("/v1/organization"))]
            self.cursors[path] = "" if ids != sorted(ids) or not ids else f"&after={ids[-1]}"
        reply = self._ask(f"{target}?limit=10{self.cursors[path]}")
        return [one["id"] for one in json.loads(reply.body)["data"]]

    def look(self):
        if not self.changes:
            return None
        path = self.operation[1].partition(" ")[0]
        events = json.loads(self._ask(V1 + "/audit_logs?limit=1").body)["data"]
        return State(
            seen=[self._look_at(view) for view in VIEWS.get(path, [path])],
            newest_event=events[0]["id"] if events else None,
            keys=[
                self._ask("/auth", self.world.key["value"], (200, 401, 403)).status,
                self._ask(V1 + "/projects?limit=1", self.world.admin_key["value"], (200, 401)).status,
            ],
        )

    # --- one failure

    def must_have(self, kind):
        """Whether calls of this kind are among those of the request."""
        if kind == "full disk":
            return self.changes
        if kind in ("statement", "late statement"):
            return self.operation in ALL or self.operation == PASSWORD_SIGN_IN
        return True  # a connection is accepted, read and written

    def send(self):
        reply = exchange(self.server, self.request)
        assert self.server.running(), f"it ended:\n{self.server.log_text()[-8000:]}"
        return reply

    def recover(self):
        """A session that broke is replaced by itself, in a moment."""

        def is_whole():
            reply = exchange(self.server, Request("GET", "/readyz", {}))
            return reply is not None and reply.status == 200 and json.loads(reply.body)["database"]

        wait_until(is_whole, timeout=TIMEOUT, interval=0.01)

    def prepare_good(self):
        """Of a request that changes nothing: the reply when nothing fails."""
        if not self.changes and self.good is None:
            self.good = wait_until(lambda: (r := self.send()) and r.status not in FAILED and r, timeout=TIMEOUT)
            if self.operation in (AUTH_UNKNOWN, AUTH_REVOKED):
                assert self.good.status == 401
            else:
                assert self.good.status == 200, self.good

    def judge(self, reply):
        if reply is not None:
            self._judge_form(reply)
        if not self.changes:
            self._judge_read(reply)
            return
        after = self.look()
        before, self.state = self.state, after
        kept = after.newest_event != before.newest_event
        if not kept:
            assert after == before, f"changed without an event: {before} -> {after}"
        elif self.operation not in SEEN_IN_EVENTS_ALONE:
            assert after != State(before.seen, after.newest_event, before.keys), f"an event alone: {before} -> {after}"
        if reply is not None and reply.status == 200:
            assert kept, "the reply says that it is done, and it was not kept"
        elif reply is not None and b'"outcome_unknown"' not in reply.body:
            assert not kept, f"{reply.status} {reply.body}: and yet it was done: {before} -> {after}"
        if kept:
            self.renew()

    def _judge_form(self, reply):
        good = self.good.status if self.good is not None else 200
        assert reply.status in (good, *FAILED), f"{reply.status} {reply.body}"
        if reply.status == 500 and reply.headers.get("connection") == "close" and not reply.body:
            return  # there was no memory for any other
        if reply.status in FAILED:
            assert set(json.loads(reply.body)["error"]) == ENVELOPE, reply.body
        if self.request.target.startswith("/v1"):
            check_reply(
                httpx.Request(self.request.method, self.server.url + self.request.target, headers=self.request.headers),
                reply.status, httpx.Headers(reply.headers), reply.body, self.document,
            )

    def _judge_read(self, reply):
        if reply is not None and reply.status == self.good.status and self.operation[1] != "/metrics":
            assert reply.body == self.good.body, f"{reply.body} instead of {self.good.body}"

    def repeat(self):
        """The same without a failure: afterwards statements and connections are there, and make no calls."""
        reply = wait_until(lambda: (r := self.send()) and r.status not in FAILED and r, timeout=30)
        assert self.good is None or reply.status == self.good.status, reply
        if self.changes:
            self.renew()

    def fail(self, kind, number, lasts=False):
        """The number of calls that failed."""
        calls = self.failing.calls
        self.prepare_good()
        calls.arm(kind, number, lasts=lasts)
        try:
            reply = self.send()
        finally:
            calls.disarm()
        failures = calls.failures
        try:
            # Without space the session stays, and the next change is tried at once: nobody has to wait.
            if kind != "full disk":
                self.recover()
            self.judge(reply)
        except AssertionError as problem:
            raise AssertionError(f"{kind} {number} ({calls.where()}): {problem}") from problem
        return failures


# A new link is shown once, and a password never.
SEEN_IN_EVENTS_ALONE = (
    ("POST", V1 + "/users/{user_id}/password_link"),
    ("POST", V1 + "/invites/{invite_id}/link"),
    ("POST", V1 + "/passwords"),
    ("POST", V1 + "/password"),
)


def fail_in_turn(case, kind, prepare):
    """From one number on nothing fails any more: there were no more calls. Twice, as a session that broke
    makes more of them."""
    failed = 0
    spared = 0
    for number in range(1, CALLS_MAXIMUM):
        prepare()
        once = case.fail(kind, number)
        failed += once
        spared = spared + 1 if once == 0 else 0
        if spared == 2:
            return failed
    raise AssertionError(f"after {CALLS_MAXIMUM} calls there are more")


def fail_each(case, kind, record_property):
    """Each failure behind the one before, whose session broke, maybe: with all the calls of a new one. Then each
    where all is there, as it is most of the time: what comes last, behind the commit, has smaller numbers there."""
    failed = fail_in_turn(case, kind, lambda: None) + fail_in_turn(case, kind, case.repeat)
    case.recover()
    record_property("failed calls", {kind: failed})
    assert failed > 0 or not case.must_have(kind), f"no call failed: is {kind} still wrapped?"


@pytest.mark.parametrize(
    ("kind", "operation"),
    [pytest.param(kind, one, id=f"{kind}-{named(one)}") for kind in KINDS for one in OPERATIONS],
)
def test_every_call_of_a_request_may_fail(failing, record_property, kind, operation):
    fail_each(Case(failing, operation), kind, record_property)


FIRST_OF_LASTING = (1, 2, 3, 5, 8, 13, 21, 34, 55, 89) if EVERYTHING else (1, 5, 34)


# Who cannot be accepted waits, and nothing else is opened.
LASTING = tuple(kind for kind in KINDS if kind != "open")


@pytest.mark.parametrize("kind", LASTING)
def test_failures_may_last(failing, record_property, kind):
    """All calls fail from one on, while several requests come; then it serves on as if nothing had been."""
    reads = Case(failing, ("GET", PROJECT + "/api_keys/{api_key_id}"))
    changes = Case(failing, ("POST", PROJECT + "/service_accounts"))
    checks = Case(failing, AUTH)
    failed = 0
    for number in FIRST_OF_LASTING:
        for case in (reads, checks):
            case.prepare_good()
        changes.state = changes.look()
        failing.calls.arm(kind, number, threads=REQUESTS & ~ACCEPTOR, lasts=True)
        try:
            replies = [(case, case.send()) for case in (changes, reads, checks, reads)]
        finally:
            failing.calls.disarm()
        failed += failing.calls.failures
        changes.recover()
        for case, reply in replies[1:] + replies[:1]:
            case.judge(reply)
    record_property("failed calls", {kind: failed})
    assert failed > 0


def nobody_notices(failing, record_property, kind):
    """Every call of threads that nobody waits for fails."""
    cases = [Case(failing, one) for one in (AUTH, ("GET", PROJECT), ("POST", PROJECT + "/service_accounts"))]
    for case in cases:
        case.prepare_good()
    failing.calls.arm(kind, 1, threads=BACKGROUND, lasts=True)
    try:
        replies = [case.send() for case in cases]
        wait_until(lambda: failing.calls.failures > 0, TIMEOUT)
        replies += [case.send() for case in cases]
    finally:
        failing.calls.disarm()
    assert [reply and reply.status for reply in replies] == [200] * 6
    record_property("failed calls", {kind: failing.calls.failures})
    cases[0].recover()


# Every call of the admin API is a line of the log.
@pytest.mark.parametrize("kind", ["write", "full disk"])
def test_requests_need_no_log(failing, record_property, kind):
    nobody_notices(failing, record_property, kind)


# --- PostgreSQL

POSTGRES_KINDS = ("statement", "read", "write", "open")
POSTGRES_REPRESENTATIVE = [
    AUTH,
    AUTH_REVOKED,
    ("GET", PROJECT + "/api_keys/{api_key_id}"),
    ("POST", PROJECT + "/api_keys"),
    ("DELETE", PROJECT + "/api_keys/{api_key_id}"),
]


@pytest.fixture(scope="module")
def failing_on_postgres(tmp_path_factory):
    with Postgres() as postgres:
        postgres.create_database("failing")
        server = FailingServer(
            tmp_path_factory.mktemp("failing") / "data", "--database", postgres.url("failing")
        ).start()
        api = Api(server.base_url, server.admin_key)
        yield SimpleNamespace(server=server, api=api, calls=server.calls)
        api.close()
        server.stop()


@pytest.mark.parametrize(
    ("kind", "operation"),
    [
        pytest.param(kind, one, id=f"{kind}-{named(one)}")
        for kind in POSTGRES_KINDS
        for one in (ALL + OTHERS if EVERYTHING else POSTGRES_REPRESENTATIVE)
    ],
)
def test_statements_and_connections_may_fail(failing_on_postgres, record_property, kind, operation):
    fail_each(Case(failing_on_postgres, operation), kind, record_property)


# It asks the database several times a second.
@pytest.mark.parametrize("kind", ["statement", "read"])
def test_requests_need_no_follower(failing_on_postgres, record_property, kind):
    nobody_notices(failing_on_postgres, record_property, kind)
