"""What is different on a terminal: questions, secrets, following."""

import json
import os
import signal
import subprocess

import pytest

import programs
from liar import Liar, reply
from support.api import Api, parallel, unique
from support.secret_values import SECRETS
from support.wait import wait_until
from terminal import environment, on_terminal, orgkeys


@pytest.fixture
def project(api):
    return api.project(unique("doomed"))["id"]


@pytest.mark.parametrize("answer", ["n\n", "\n", "no\n", "\x04"], ids=["n", "nothing", "no", "end"])
def test_anything_but_yes_leaves_it_alone(server, api, project, answer):
    status, sent = on_terminal("projects archive --project-id", project, server=server, typed=answer)
    assert status == 1 and f"Archive the project {project}" in sent and "Nothing was done" in sent
    assert api.call("GET", f"/projects/{project}")["status"] == "active"


def test_yes_does_it(server, api, project):
    status, sent = on_terminal("projects archive --project-id", project, server=server, typed="y\n")
    assert status == 0 and "archived" in sent
    assert api.call("GET", f"/projects/{project}")["status"] == "archived"


def test_a_flag_answers_beforehand(server, project):
    status, sent = on_terminal("projects archive --yes --project-id", project, server=server)
    assert status == 0 and "[y/N]" not in sent


def test_a_question_shows_nothing_that_a_terminal_obeys():
    with Liar(reply("{}")) as liar:
        _, sent = on_terminal("projects", "archive", "--project-id", "proj_\x1b[2J", server=liar.base_url,
                              key="sk-admin-x", typed="n\n")
    assert "\x1b[2J" not in sent and "proj_?[2J" in sent


def test_errors_are_red_on_a_terminal_alone():
    with Liar(reply("{}", "400 Bad Request")) as liar:
        _, sent = on_terminal("projects list", server=liar.base_url, key="sk-admin-x")
        _, plain = on_terminal("projects list", server=liar.base_url, key="sk-admin-x", env={"NO_COLOR": "1"})
        piped = orgkeys("projects list", server=liar.base_url, key="sk-admin-x", expect=1).error
    assert "\033[31m" in sent and "\033" not in plain + piped


def test_a_key_is_not_read_from_a_terminal(server):
    status, sent = on_terminal("keys verify", server=server)
    assert status == 2 and "standard input" in sent


def test_a_new_key_can_be_seen_on_a_terminal(server, api):
    project = api.project()["id"]
    status, sent = on_terminal("projects", "api-keys", "create", "--project-id", project, "--name", "seen", server=server)
    key = SECRETS.add(sent.split()[-1])
    assert status == 0 and key.startswith("sk-proj-") and "Shown this once" in sent


class Follower:
    """`audit-logs list --follow` in the background."""

    def __init__(self, server, *flags):
        self.process = subprocess.Popen(
            [programs.BUILD / "orgkeys", "audit-logs", "list", "--follow", *flags],
            env=environment(server), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )

    def __enter__(self):
        return self

    def line(self):
        """The next one: waits for it; a server that is gone ends the waiting."""
        return self.process.stdout.readline()

    def __exit__(self, *_):
        os.kill(self.process.pid, signal.SIGINT)
        out, error = self.process.communicate(timeout=60)
        self.error = error
        assert error == ""


def test_following_shows_what_was_and_what_comes_oldest_first(server, api):
    project = api.project()["id"]
    made = [api.service_account(project)["id"] for _ in range(4)]
    flags = ["--since", "1h", "--project-id", project, "--event-type", "service_account.created", "--format", "jsonl"]
    with Follower(server, *flags, "--limit", "3") as follower:
        shown = [json.loads(follower.line()) for _ in range(4)]
        made += [api.service_account(project)["id"] for _ in range(3)]
        shown += [json.loads(follower.line()) for _ in range(3)]
    assert [event["service_account.created"]["id"] for event in shown] == made


def test_following_catches_up_with_more_than_a_page(server, api):
    project = api.project()["id"]
    flags = ["--project-id", project, "--event-type", "service_account.created", "--since", "1h", "--format", "jsonl"]
    api.service_account(project)
    with Follower(server, *flags) as follower:
        shown = [json.loads(follower.line())]
        parallel(lambda _: api.service_account(project), range(110))
        shown += [json.loads(follower.line()) for _ in range(110)]
    wanted = api.events(project_ids__=[project], event_types__=["service_account.created"], limit=100)
    assert shown == wanted[::-1]


def test_following_in_a_table_has_one_header(server, api):
    project = api.project()["id"]
    with Follower(server, "--project-id", project) as follower:
        header, first = follower.line(), follower.line()
        account = api.service_account(project)["id"]
        later = [follower.line(), follower.line()]
    assert header.startswith("TIME") and project in first and any(account in line for line in later)
    assert first.index("project.created") == header.index("TYPE")


def test_following_goes_on_after_a_restart(fresh_server, reserved_port):
    server = fresh_server(listen=(f"127.0.0.1:{reserved_port}",))
    process = subprocess.Popen(
        [programs.BUILD / "orgkeys", "audit-logs", "list", "--follow", "--retries", "0", "--format", "jsonl",
         "--event-type", "project.created"],
        env=environment(server), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )
    assert json.loads(process.stdout.readline())["type"] == "project.created"
    server.stop()
    assert "asking again" in process.stderr.readline()
    server.start()
    made = Api(server.base_url, server.admin_key).project()["id"]
    assert json.loads(process.stdout.readline())["project.created"]["id"] == made
    os.kill(process.pid, signal.SIGINT)
    assert process.communicate(timeout=60) == ("", "")


def test_following_begins_when_the_server_does(fresh_server, reserved_port):
    server = fresh_server(listen=(f"127.0.0.1:{reserved_port}",))
    server.stop()
    process = subprocess.Popen(
        [programs.BUILD / "orgkeys", "audit-logs", "list", "--follow", "--retries", "0", "--format", "jsonl"],
        env=environment(server), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )
    said = process.stderr.readline()
    assert "; asking again" in said and ".;" not in said
    server.start()
    assert json.loads(process.stdout.readline())["id"]
    os.kill(process.pid, signal.SIGINT)
    assert process.communicate(timeout=60)[1] == ""


def test_following_ends_when_nobody_reads(fresh_server):
    """Without another event: nothing is written that could fail."""
    command = f"{programs.BUILD}/orgkeys audit-logs list --follow --limit 1 --format jsonl | head -1"
    done = subprocess.run(["bash", "-c", command], env=environment(fresh_server()), capture_output=True, text=True, timeout=20)
    assert json.loads(done.stdout)["id"] and done.stderr == ""


def test_a_server_that_stalls_is_said_on_a_terminal_alone():
    with Liar(lambda _: liar.wait_for_end()) as liar:
        flags = ["projects list --timeout 7s --retries 0"]
        _, sent = on_terminal(*flags, server=liar.base_url, key="sk-admin-x")
    assert "no answer yet" in sent and "did not answer in time" in sent


def test_following_what_begins_empty_misses_nothing(server, api):
    def questions():
        return sum("operation=list-audit-logs" in line for line in server.log)

    project = api.project()["id"]
    flags = ["--project-id", project, "--event-type", "service_account.created", "--format", "jsonl", "--limit", "2"]
    before = questions()
    with Follower(server, *flags) as follower:
        wait_until(lambda: questions() > before)  # it has seen that there is nothing yet
        made = [api.service_account(project)["id"] for _ in range(7)]
        shown = [json.loads(follower.line())["service_account.created"]["id"] for _ in range(7)]
    assert shown == made


def test_following_ends_when_the_key_is_refused(fresh_server):
    done = orgkeys("audit-logs list --follow", server=fresh_server(), key="sk-admin-unknown", expect=1)
    assert "OPENAI_ADMIN_KEY" in done.error
