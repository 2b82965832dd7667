"""Secrets everywhere one can be put, in right and in wrong places; then the search for them everywhere they
must not be: replies, logs, metrics, audit events, files, what the system shows of the process, its memory."""

import os
import random
import signal
import ssl
import string
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import httpx
import pytest

from support.api import Api, unique
from support.memory import find_secrets
from support.plain import PLAIN
from support.postgres import Postgres
from support.raw import Connection, exchange
from support.secret_values import SECRETS, SecretValues
from support.server import binary, environment, run
from support.tls import make_certificates
from support.wait import wait_until

FIRST_SECRETS = ("first-admin-key", "first-password-link")  # files that are meant to hold one
LETTERS = string.ascii_letters + string.digits


class Story:
    """A client that keeps every secret, and looks for it in every reply that is not meant to show it."""

    def __init__(self, server, admin_key, authority=None):
        self.server = server
        self.url = server.url if authority is None else server.url.replace("http:", "https:")
        self.trust = PLAIN if authority is None else ssl.create_default_context(cafile=authority)
        self.client = httpx.Client(base_url=f"{self.url}/v1/organization", verify=self.trust, timeout=60)
        self.secrets = []
        self.known = SecretValues()
        self.headers = {"Authorization": f"Bearer {self.keep(admin_key)}"}

    def keep(self, value):
        self.secrets.append(SECRETS.add(value))
        self.known.add(value)
        return value

    def canary(self, prefix=""):
        """A secret that nobody has."""
        return self.keep(prefix + "".join(random.choices(LETTERS, k=49)))

    def call(self, method, path, expect=200, headers=None, shown="", **options):
        """What is new in the reply is for the caller to keep; `shown` is what it is meant to show."""
        headers = self.headers if headers is None else headers
        self.client.cookies.clear()
        reply = self.client.request(method, path, headers=headers, **options)
        allowed = expect if isinstance(expect, tuple) else (expect,)
        assert reply.status_code in allowed, f"{method}: {reply.status_code} {reply.text}"
        for said in (reply.text.replace(f'"value":"{shown}"', ""), str(reply.headers)):
            self.known.assert_absent(said, f"the reply {reply.status_code} to {method}")
        return reply

    def post(self, path, body, expect=200, **options):
        return self.call("POST", path, expect, json=body, **options).json()

    def browser(self, reply=None):
        """The headers of a person's browser, signed in by `reply`."""
        headers = {"Origin": self.url}
        if reply is not None:
            name, _, value = reply.headers["set-cookie"].partition(";")[0].partition("=")
            headers["Cookie"] = f"{name}={self.keep(value)}"
        return headers


def keys(story):
    """Keys are issued, brought in, used, refused, revoked. Gives a key that works."""
    project = story.post("/projects", {"name": "chat"})["id"]
    account = story.post(f"/projects/{project}/service_accounts", {"name": "backend"})
    key = story.keep(account["api_key"]["value"])
    accounts = f"/projects/{project}/service_accounts/{account['id']}/api_keys"
    for value in (story.canary(), story.canary("sk-"), story.canary("sk-proj-")):
        status = 400 if value.startswith("sk-proj-") else 200
        story.call("POST", accounts, status, shown=value, json={"name": "brought in", "value": value})
        if status == 200:
            story.call("POST", accounts, 400, json={"name": "again", "value": value})
    story.keep(story.post(f"/projects/{project}/api_keys", {"name": "a person's"})["value"])
    admin = story.post("/admin_api_keys", {"name": "second"})
    story.keep(admin["value"])
    story.call("GET", "/projects", headers={"Authorization": f"Bearer {admin['value']}"})
    story.call("DELETE", f"/admin_api_keys/{admin['id']}")
    story.call("GET", "/projects", 401, headers={"Authorization": f"Bearer {admin['value']}"})
    story.call("GET", "/projects", 401, headers={"Authorization": f"Bearer {key}"})
    introspect = f"{story.url}/oauth2/introspect"
    for token in (key, admin["value"], story.canary(), story.canary("sk-svcacct-")):
        story.call("POST", introspect, data={"token": token})
    return key


def people(story):
    """Invites, password links, passwords right and wrong, sessions."""
    email = f"{unique('person')}@example.com"
    invite = story.post("/invites", {"email": email, "role": "reader"})
    first = story.keep(invite["invite_url"].partition("#")[2])
    again = story.post(f"/invites/{invite['id']}/link", {})
    token = story.keep(again["invite_url"].partition("#")[2])
    password, second, third = story.canary(), story.canary(), story.canary()
    wrong = [story.canary() for _ in range(4)]
    here = story.browser()
    story.post("/invites/accept", {"token": first, "name": "A", "password": wrong[0]}, 400, headers=here)
    story.post("/invites/accept", {"token": token, "name": "A", "password": "short"}, 400, headers=here)
    accepted = {"token": token, "name": "A", "password": password}
    joined = story.call("POST", "/invites/accept", json=accepted, headers=here)
    story.browser(joined)
    user = joined.json()["id"]
    link = story.keep(story.post(f"/users/{user}/password_link", {})["url"].partition("#")[2])
    unused = story.keep(story.post(f"/users/{user}/password_link", {})["url"].partition("#")[2])
    story.post("/passwords", {"token": link, "password": wrong[1]}, 400, headers=here)
    story.post("/passwords", {"token": unused, "password": second}, headers=here)
    story.post("/sessions", {"email": email, "password": wrong[2]}, 401, headers=here)
    signed_in = story.call("POST", "/sessions", json={"email": email, "password": second}, headers=here)
    cookie = story.browser(signed_in)
    story.post("/password", {"current_password": wrong[3], "password": third}, 400, headers=cookie)
    story.post("/password", {"current_password": second, "password": third}, headers=cookie)
    story.call("GET", "/sessions", headers=cookie)
    story.call("DELETE", "/sessions/current", headers=cookie)
    story.call("GET", "/sessions/current", 401, headers=cookie)
    admin_key = story.headers["Authorization"].partition(" ")[2]
    owner = story.browser(story.call("POST", "/sessions", json={"admin_key": admin_key}, headers=here))
    story.call("GET", "/projects", headers=owner)
    story.post("/sessions", {"admin_key": story.canary("sk-admin-")}, 401, headers=here)
    story.call("GET", "/projects", 401, headers={"Cookie": "orgkeys_session=" + story.canary("session-")})


def checks(story, key):
    """What `/auth` is asked."""
    auth = f"{story.url}/auth"
    for headers, status in (
        ({"Authorization": f"Bearer {key}"}, 200),
        ({"x-api-key": key}, 200),
        ({"api-key": key}, 200),
        ({"Authorization": f"Bearer {story.canary('sk-proj-')}"}, 401),
        ({"Authorization": f"Bearer {key}", "x-api-key": story.canary()}, 401),
        ({"Authorization": f"Basic {story.canary()}"}, 401),
        ({"Authorization": story.canary()}, 401),
        ({"api-key": story.canary() * 20}, 401),
        (story.headers, 403),
    ):
        story.call("GET", auth, status, headers=headers)
    story.call("GET", f"{auth}?scope={story.canary()}", 200, headers={"x-api-key": key})
    story.call("GET", f"{auth}?organization={story.canary()}", 400, headers={"x-api-key": key})
    story.call("GET", f"{auth}/organization=any/-/{story.canary()}?key={story.canary()}", headers={"x-api-key": key})


def wrong_places(story):
    """Where a person in a hurry, or a program with a bug, puts a key."""
    here = story.headers
    for name in ("User-Agent", "X-Request-Id", "Referer", "Cookie", "X-Api-Token", "X-Forwarded-For", "Traceparent"):
        story.call("GET", "/projects", headers={**here, name: story.canary()})
    for name in ("OpenAI-Organization", "OpenAI-Project"):
        story.call("GET", "/projects", 401, headers={**here, name: story.canary()})
    story.call("GET", "/projects", 400, headers={**here, "Host": f"user:{story.canary()}@localhost"})
    for query, status in (("key", 200), ("api_key", 200), ("after", 400), ("limit", 400), (story.canary(), 200)):
        story.call("GET", "/projects", status, params={query: story.canary()})
    story.call("GET", f"/projects/{story.canary()}", 404)
    story.call("GET", f"{story.url}/v1/{story.canary()}", 404)
    story.call("GET", f"{story.url}/{story.canary()}", 404)
    story.call("DELETE", f"/admin_api_keys/{story.canary('sk-admin-')}", 404)
    for body in (
        {story.canary(): 1},
        {"name": {story.canary(): story.canary()}},
        {"name": 1, "value": story.canary()},
        {"name": story.canary() * 30},
        {"name": "a", "external_key_id": story.canary() * 30},
    ):
        story.post("/projects", body, 400)
    story.post("/invites", {"email": story.canary(), "role": "reader"}, 400)
    story.post("/invites", {"email": "a@example.com", "role": story.canary()}, 400)
    for broken in ('{"name": "%s', '{"name": "a"} %s', "%s", '{"%s": 1, "name":}', '["%s"]', '{"name": "%s\\u0000"}'):
        for secret in (story.canary(), story.keep("".join(random.choices(string.ascii_letters, k=16)))):
            content = (broken % secret).encode()
            story.call("POST", "/projects", 400, content=content, headers={**here, "Content-Type": "application/json"})
    story.call("POST", "/projects", 413, content=b'"%s"' % (story.canary().encode() * 30000), headers=here)
    story.call("POST", "/projects", 415, content=story.canary(), headers={**here, "Content-Type": "text/plain"})
    story.call("GET", "/projects", 431, headers={**here, "X-Long": story.canary() * 400})
    story.call("POST", "/projects", 417, json={}, headers={**here, "Expect": story.canary()})
    story.call("GET", f"{story.url}/healthz?{story.canary()}")


def broken_requests(story):
    """What never becomes a request."""
    for request in (
        "{0} / HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET {0} HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET /#{0} HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET / {0}\r\nHost: a\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nAuthorization : Bearer {0}\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {0}\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\n{0}\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: {0}\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: {0}\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1;{0}\ra\r\n0\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n{0}\r\n0\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nAuthorization: Bearer {0}\r\n\r\n",
        "{0}{0}{0}",
    ):
        for reply in exchange(story.server, (request.format(story.canary()) + "\r\n\r\n").encode()):
            story.known.assert_absent(f"{reply.headers} {reply.body.decode()}", "the refusal of a broken request")
            assert reply.status == 400, request


def halves(story):
    """Clients that go away before their request, or its body, is whole."""
    for request in (
        "GET / HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {0}",
        "POST /v1/organization/sessions HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n{{\"admin_key\": \"{0}",
    ):
        with Connection(story.server) as connection:
            connection.send(request.format(story.canary()).encode())
            connection.end()
            assert connection.at_end()


def in_files(directory):
    """(name, text) of all files that are not meant to hold a secret."""
    for path in directory.rglob("*"):
        if path.is_file() and path.name not in FIRST_SECRETS:
            yield path.name, path.read_bytes().decode("latin-1")


def shown_by_the_system(pid):
    for name in ("cmdline", "environ", "status", "maps"):
        with open(f"/proc/{pid}/{name}", "rb") as file:
            yield f"/proc/PID/{name}", file.read().decode("latin-1")


def at_rest(story):
    """Waits until the server has closed all that the story opened."""
    story.client.close()
    open_line = "orgkeys_http_connections_open 1\n"
    wait_until(lambda: open_line in httpx.get(f"{story.url}/metrics", verify=story.trust, timeout=60).text, 60)


def in_memory(story):
    """What is left in memory."""
    program = Path(binary()).read_bytes()
    sanitized = b"__asan_init" in program or b"__tsan_init" in program
    return find_secrets(story.server.pid, story.secrets, sanitized)


@pytest.mark.parametrize(("transport", "log_format"), [("plain", "json"), ("tls", "text")])
def test_secrets_stay_where_they_belong(fresh_server, tmp_path, transport, log_format):
    admin_key = "".join(random.choices(LETTERS, k=49))
    options, authority = [], None
    if transport == "tls":
        files = make_certificates(tmp_path)
        options = ["--tls-cert", files.certificate, "--tls-key", files.key]
        authority = files.authority
    server = fresh_server(
        "--log-level", "debug", "--log-format", log_format, *options,
        # Else the dynamic linker keeps a register, of a secret that was just copied, on a thread's stack.
        env={"ORGKEYS_ADMIN_KEY": SECRETS.add(admin_key), "LD_BIND_NOW": "1"},
    )
    story = Story(server, admin_key, authority)
    story.keep(server.password_link.partition("#")[2])
    key = keys(story)
    people(story)
    checks(story, key)
    wrong_places(story)
    if transport == "plain":
        broken_requests(story)
        halves(story)
    story.call("GET", "/audit_logs", params={"limit": 100})
    at_rest(story)
    for name, text in [*in_files(server.directory), *shown_by_the_system(server.pid)]:
        story.known.assert_absent(text, name)
    found = in_memory(story)
    assert not found, f"{len(found)} parts in memory:\n" + "\n".join(map(str, found[:20]))


def test_threads_are_told_apart_by_name(fresh_server):
    tasks = Path(f"/proc/{fresh_server().pid}/task").glob("*/comm")
    names = {path.read_text().strip() for path in tasks}
    assert {"orgkeys", "loop", "acceptor", "store-writer", "store-reader", "password", "log"} <= names


@pytest.mark.parametrize("ending", [signal.SIGABRT, signal.SIGQUIT, signal.SIGSEGV])
def test_a_signal_from_outside_ends_the_server_without_a_core_file(fresh_server, tmp_path, ending):
    """--default-signal: where the tests run in the background of a shell, SIGQUIT would be ignored."""
    wanted = f"{os.environ.get('ASAN_OPTIONS', '')}:disable_coredump=0:handle_segv=0"
    server = fresh_server(
        env={"ASAN_OPTIONS": wanted},
        wrapper=["env", "--default-signal", "-C", tmp_path, "prlimit", "--core=unlimited:unlimited"],
    )
    with open(f"/proc/{server.pid}/limits") as limits:
        assert [line.split()[4:6] for line in limits if line.startswith("Max core file size")] == [["0", "0"]]
    project = Api(server.base_url, server.admin_key).project()
    server.process.send_signal(ending)
    ended = os.waitid(os.P_PID, server.pid, os.WEXITED | os.WNOWAIT)
    assert (ended.si_code, ended.si_status) == (os.CLD_KILLED, ending)  # not CLD_DUMPED
    assert server.wait() == -ending
    assert [path.name for path in tmp_path.iterdir()] == ["data"]
    server.start()
    assert project in Api(server.base_url, server.admin_key).all("/projects")


REPORTED = """
import os

from support.secret_values import SECRETS

SECRET = SECRETS.add(os.environ["SECRET"])


def test_printed():
    print({"value": SECRET})


def test_compared():
    assert {"value": SECRET} == {"value": None}


def test_not_registered():
    assert os.environ["ISSUED"] == ""
"""


def test_no_report_of_a_test_shows_a_secret(tmp_path):
    """Not of a test that fails, and one that prints a secret does."""
    secret, issued = (SECRETS.add(prefix + "".join(random.choices(LETTERS, k=49))) for prefix in ("", "sk-proj-"))
    (tmp_path / "test_reported.py").write_text(REPORTED)
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "support.secret_reports", "-p", "no:cacheprovider", tmp_path],
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[1]), "SECRET": secret, "ISSUED": issued},
        cwd=tmp_path, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=300,
    )
    assert "3 failed" in done.stdout and "Captured stdout call: a part of a secret" in done.stdout
    SECRETS.assert_absent(done.stdout + done.stderr, "a report")


def presented(story):
    """A call that nobody understands, with secrets in all its parts."""
    return {"headers": {**story.headers, "x-api-key": story.canary()}, "params": {"name": story.canary()}}


def listing(story, number):
    return "GET", "/projects", presented(story)


def change(story, number):
    return "POST", "/projects", presented(story) | {"json": {"name": "a"}}


def attempt(story, number):
    """Of an account and from an address that have not tried yet."""
    tried = {"email": f"nobody-{number}@example.com", "password": story.canary()}
    headers = story.browser() | {"X-Forwarded-For": f"192.0.2.{number}"}
    return "POST", "/sessions", {"headers": headers, "json": tried}


@pytest.mark.parametrize(
    ("options", "call", "said"),
    [
        (["--readers", 1, "--read-queue", 1], listing, "too many calls are waiting"),
        (["--write-queue", 1], change, "too many changes are waiting"),
        (["--trusted-proxy", "127.0.0.1"], attempt, "too many passwords are waiting"),
    ],
)
def test_what_is_refused_by_a_full_queue(fresh_server, options, call, said):
    server = fresh_server("--log-level", "debug", *options)
    story = Story(server, server.admin_key)
    calls = [call(story, number) for number in range(64)]

    def is_refused(one):
        method, path, parts = one
        reply = story.call(method, path, (200, 401, 429, 503), **parts)
        return reply.status_code == 503 and said in reply.json()["error"]["message"]

    with ThreadPoolExecutor(len(calls)) as pool:
        wait_until(lambda: any(list(pool.map(is_refused, calls))), timeout=120)
    at_rest(story)
    assert not in_memory(story)


def searched(story, *arguments, expect=0, **env):
    """What a command printed, but for a key alone on standard output, which it was asked for."""
    done = run(*arguments, env=env)
    said = done.stdout + done.stderr
    if arguments[0] in ("recover", "organization") and done.returncode == 0:
        story.keep(done.stdout.strip())
        said = done.stderr
    SECRETS.assert_absent(said, f"orgkeys {arguments[0]}")
    assert done.returncode == expect, f"orgkeys {arguments[0]}: {done.returncode} {said}"


@pytest.mark.sqlite(reason="backups are of SQLite, and store copy is from SQLite to PostgreSQL")
def test_commands_beside_the_server(fresh_server, tmp_path):
    server = fresh_server()
    story = Story(server, server.admin_key)
    keys(story)
    people(story)
    data, backup = ("--data", server.directory), tmp_path / "copies" / "backup.db"
    backup.parent.mkdir()
    searched(story, "backup", *data, "--to", backup)
    searched(story, "check", *data)
    searched(story, "recover", *data, expect=1)
    server.stop()
    searched(story, "recover", *data)
    searched(story, "recover", *data, "--revoke-others")
    searched(story, "organization", "create", *data, "--name", "second", "--owner-email", "second@example.com")
    searched(story, "restore", *data, "--from", backup, expect=1)
    searched(story, "restore", "--data", tmp_path / "restored", "--from", backup)
    searched(story, "check", *data)
    password = SECRETS.add(story.canary())
    with Postgres(password=password) as postgres:
        url = with_password(postgres.create_database("copy"), password)
        source = ("--from", f"sqlite:{server.directory}")
        searched(story, "store", "copy", *source, "--to", url, expect=2)
        searched(story, "store", "copy", *source, expect=1, ORGKEYS_DATABASE_URL=url.replace(password, story.canary()))
        searched(story, "store", "copy", *source, ORGKEYS_DATABASE_URL=url)
        story.known.assert_absent(postgres.copy("copy"), "the copy in PostgreSQL")
    for name, text in in_files(tmp_path):
        story.known.assert_absent(text, name)


def with_password(url, password):
    return url.replace("://orgkeys@", f"://orgkeys:{password}@")


def does_not_know(story):
    reply = story.call("GET", f"{story.url}/auth", (401, 503), headers={"x-api-key": story.canary()})
    return reply.status_code == 503


def test_the_password_of_a_database_and_what_the_database_is_told(fresh_server, tmp_path):
    password = SECRETS.add("".join(random.choices(LETTERS, k=40)))
    with Postgres("log_statement=all", password=password) as postgres:
        url = with_password(postgres.create_database("orgkeys"), password)
        file = tmp_path / "orgkeys.conf"
        file.write_text(f"database = {url}\n")
        by_variable = fresh_server("--log-level", "debug", env={"ORGKEYS_DATABASE_URL": url})
        by_file = fresh_server("--config", file, name="second", env={"ORGKEYS_DATABASE_URL": ""})
        story = Story(by_variable, by_variable.admin_key)
        people(story)
        checks(story, keys(story))
        other = Story(by_file, by_variable.admin_key)
        commands = (
            (["recover"], 0), (["organization", "create", "--name", "a", "--owner-email", "a@example.com"], 0),
            (["check"], 0), (["backup", "--to", tmp_path / "backup"], 2), (["restore", "--from", file], 2),
        )
        for arguments, expect in commands:
            searched(story, *arguments, expect=expect, ORGKEYS_DATABASE_URL=url)
        postgres.stop()
        for one in (story, other):
            one.call("GET", "/projects", 503, **presented(one))
            one.call("POST", "/projects", 503, json={"name": "a"}, **presented(one))
            wait_until(partial(does_not_know, one), 60)
        for arguments, expect in commands:
            searched(story, *arguments, expect=expect or 1, ORGKEYS_DATABASE_URL=url)
        postgres.start()
        wait_until(lambda: httpx.get(f"{other.url}/readyz", timeout=60).status_code == 200, 60)
        for one in (story, other):
            for name, text in [*in_files(one.server.directory), *shown_by_the_system(one.server.pid)]:
                SECRETS.assert_absent(text, name)
        told = postgres.log()
        assert "INSERT INTO" in told and "parameters: $1 = " in told
        story.known.assert_absent(told + postgres.copy("orgkeys"), "what PostgreSQL was told")
        at_rest(story)
        assert not in_memory(story)


def test_the_command_line_shows_a_key_only_where_it_is_meant(fresh_server):
    server = fresh_server()
    key = SECRETS.add("sk-proj-" + "".join(random.choices(LETTERS, k=49)))
    variables = {"OPENAI_BASE_URL": server.base_url, "OPENAI_ADMIN_KEY": server.admin_key}
    for arguments in (
        ["projects", "create", "--name", "chat"], ["projects", "list"], ["projects", "get", key], [key],
        ["keys", "verify", key], ["projects", "list", f"--api-key={key}"], ["projects", "create", "--name", key * 9],
    ):
        done = run(*arguments, env=variables)
        SECRETS.assert_absent(done.stdout + done.stderr, f"orgkeys {arguments[0]}")


def test_the_command_line_never_shows_a_key_that_it_was_given(fresh_server, reserved_port):
    server = fresh_server()
    story = Story(server, server.admin_key)
    good = keys(story)
    wrong = [story.canary(), story.canary("sk-proj-"), story.canary("sk-admin-"), story.canary() * 30,
             f"{story.canary()} {story.canary()}", f"{story.canary()}\n{story.canary()}", f"{story.canary()}\x01"]
    asked = [(server.base_url, value) for value in (good, *wrong)]
    asked.append((f"http://127.0.0.1:{reserved_port}/v1", good))
    asked.append((server.base_url.replace("://", f"://user:{story.canary()}@"), good))
    for url, value in asked:
        variables = {"OPENAI_BASE_URL": url, "OPENAI_ADMIN_KEY": value, "OPENAI_API_KEY": value}
        for arguments in (
            ["projects", "list"], ["keys", "verify"], ["keys", "introspect"],
            ["invites", "accept", "--token-from-stdin", "--name", "A"],
        ):
            done = subprocess.run(
                [binary(), *arguments, "--format", "json", "--retries", "0"], env=environment(variables),
                input=value, capture_output=True, text=True, timeout=60,
            )
            assert arguments[0] == "keys" or done.returncode != 0
            SECRETS.assert_absent(done.stdout + done.stderr, f"orgkeys {arguments[0]} {arguments[1]}")


def test_others_of_the_same_user_cannot_look_into_a_process():
    """What belongs to root in /proc is what the process itself closed to its user, and so to a debugger."""
    ordinary = ["setpriv", "--reuid=65534", "--inh-caps=+dac_override", "--ambient-caps=+dac_override"]
    for command, owner in ((["cat"], 65534), ([binary(), "keys", "verify"], 0)):
        with subprocess.Popen([*ordinary, *command], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL) as process:
            comm = Path(f"/proc/{process.pid}/comm")
            try:
                wait_until(lambda: comm.read_text().strip() == Path(command[0]).name, 60)
                wait_until(lambda: os.stat(f"/proc/{process.pid}/environ").st_uid == owner, 60)
            finally:
                process.stdin.close()
