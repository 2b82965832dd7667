"""Passwords are compared by few threads: what happens when more come than they can take."""

import re
import signal
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from support.api import Api, http_client, unique
from support.secret_values import SECRETS
from support.wait import wait_until

WRONG_PASSWORD = SECRETS.add("nobody has this one")
WAITING = 32  # may wait for the two threads
ATTEMPTS = 2 * WAITING


@pytest.fixture
def crowd(fresh_server):
    """A server, and how to begin so many attempts to sign in there, each from an address of its own."""
    server = fresh_server("--trusted-proxy", "127.0.0.1")
    client = http_client(server.base_url)

    def attempt(number):
        body = {"email": f"{unique('nobody')}@example.com", "password": WRONG_PASSWORD}
        headers = {"X-Forwarded-For": f"192.0.2.{number}"}
        return client.post("/organization/sessions", json=body, headers=headers)

    with ThreadPoolExecutor(ATTEMPTS) as threads:
        yield server, lambda count: [threads.submit(attempt, number) for number in range(count)]
    client.close()


def begun(server):
    counted = re.search(r'orgkeys_api_calls_total\{operation="create-session"\} (\d+)', server.metrics())
    return int(counted.group(1)) if counted else 0


def test_too_many_are_told_to_come_again_and_keys_are_checked(crowd):
    server, attempt = crowd
    api = Api(server.base_url, server.admin_key)
    key = api.key_of(api.default_project()["id"])["value"]
    refused = []
    for _ in range(10):
        pending = attempt(ATTEMPTS)
        with httpx.Client(headers={"Authorization": f"Bearer {key}"}) as proxy:
            while not all(reply.done() for reply in pending):
                assert proxy.get(f"{server.url}/auth").status_code == 200
        replies = [reply.result() for reply in pending]
        assert {reply.status_code for reply in replies} <= {401, 503}
        refused += [reply for reply in replies if reply.status_code == 503]
        if refused:
            break
    assert {reply.json()["error"]["code"] for reply in refused} == {"overloaded"}
    assert all(int(reply.headers["retry-after"]) >= 1 for reply in refused)
    # There is room again.
    assert [reply.result().status_code for reply in attempt(2)] == [401, 401]
    api.close()


def test_who_waits_when_the_server_stops_is_told(crowd):
    server, attempt = crowd
    pending = attempt(WAITING)
    wait_until(lambda: begun(server) == WAITING, interval=0.01)
    server.process.send_signal(signal.SIGTERM)
    replies = [reply.result() for reply in pending]
    assert server.wait() == 0
    codes = {(reply.status_code, reply.json()["error"]["code"]) for reply in replies}
    assert (503, "shutting_down") in codes and codes <= {(503, "shutting_down"), (401, "wrong_login")}, codes
