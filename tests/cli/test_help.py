"""Help, suggestions, usage errors, configuration: what people meet before anything is sent."""

import os
import re
import subprocess

import pytest

import catalog
import programs
from liar import Liar, reply
from support.secret_values import SECRETS
from support.server import run
from terminal import environment, orgkeys

KEY = SECRETS.add("sk-admin-ThatSomebodyPutInTheWrongPlace0123456789")

PROJECTS_API_KEYS_DELETE = """\
Usage: orgkeys projects api-keys delete [FLAG...]

Revokes a key of a project.

Flags:
  --project-id ID (needed)
      The project's id.
  --api-key-id ID (needed)
      The key's id.
  --yes
      Do not ask.
  --format table|json|jsonl
      For people (table), or for programs: the API's own JSON, whole or a line
      each.
"""


def test_help_of_a_command():
    help = orgkeys("projects api-keys delete --help").out
    assert help.startswith(PROJECTS_API_KEYS_DELETE)
    assert "Example:\n  orgkeys projects api-keys delete --project-id" in help
    assert orgkeys("help projects api-keys delete").out == help


def test_every_level_has_an_example_and_fits_a_terminal():
    words = catalog.commands()
    groups = {" ".join(one.split()[:n]) for one in words for n in range(1, len(one.split()))}
    for level in ["", *sorted(groups), *words]:
        done = orgkeys(level, "--help") if level != "help" else orgkeys("help")
        assert "Example:\n  " in done.out, level
        if level in catalog.of_the_api() or level in groups:
            long = [line for line in done.out.splitlines() if len(line) > 80 and "orgkeys" not in line]
            assert not long, (level, long)


def test_all_commands_are_found_from_the_top():
    top = orgkeys("help").out
    for words in catalog.commands():
        first = words.split()[0]
        assert f"  {first}" in top
        assert words in orgkeys(f"help {first}").out


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("project list", "orgkeys projects list"),
        ("projects lst", "orgkeys projects list"),
        ("sevre", "orgkeys serve"),
        ("audit-log list", "orgkeys audit-logs list"),
        ("projects list --al", "--all"),
        ("projects list --formt json", "--format"),
        ("keys revoke --api-key-id key_1", "orgkeys projects api-keys delete"),
        ("api-keys create", "orgkeys projects api-keys create"),
        ("admin-keys list", "orgkeys admin-api-keys list"),
        ("audit", "orgkeys audit-logs"),
        ("audit list", "orgkeys audit-logs list"),
        ("verify", "orgkeys keys verify"),
        ("users create --email a@b.example", "orgkeys invites create"),
        ("projects delete --project-id proj_1", "orgkeys projects archive"),
        ("projects service-accounts list", "orgkeys service-accounts list"),
        ("projects create chat", "--name NAME"),
        ("projects archive proj_1", "--project-id ID"),
        ("projects api-keys retrieve --project-id proj_1 key_1", "--api-key-id ID"),
    ],
)
def test_the_nearest_is_suggested(typed, meant):
    done = orgkeys(typed, expect=2)
    assert f"did you mean {meant}" in done.error.replace("`", "") and done.out == ""


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("projects retrieve", "--project-id is needed"),
        ("projects create", "--name is needed"),
        ("projects list --limit", "--limit takes a value"),
        ("projects list --limit ten", "--limit takes a number"),
        ("projects list --all=yes", "--all takes no value"),
        ("projects list --format xml", "--format takes one of: table, json, jsonl"),
        ("users update --user-id user_1 --role king", "--role takes one of: owner, reader"),
        ("projects list --limit 1 --limit 2", "--limit is given twice"),
        ("projects create --name --residency", "--name takes a value, and a flag follows it"),
        ("projects retrieve --project-id=", "--project-id is empty"),
        ("admin-api-keys create --name a --expires-in 3", "--expires-in takes"),
        ("audit-logs list --since yesterday", "--since takes"),
        ("keys list --expires-before soon", "--expires-before takes in how long"),
        ("keys list --last-used-before soon", "--last-used-before takes how long ago"),
        ("invites create --email a@b.example --role reader --project proj_1", "PROJECT_ID:ROLE"),
        ("projects list --retries 11", "--retries is at most 10"),
        ("projects list --timeout 0s", "--timeout is at least"),
        ("audit-logs list --follow --format json", "jsonl"),
        ("audit-logs list --follow --until 1h", "--until"),
        ("audit-logs list --follow --all", "--all"),
        ("audit-logs list --follow --before audit_log_1", "--before"),
        ("audit-logs list --since 2026-02-31", "--since takes"),
        ("audit-logs list --project-id=", "--project-id is empty"),
        ("users list --email=", "--email is empty"),
        ("projects retrieve --project-id ..", "--project-id takes an id"),
        ("projects list --base-url 127.0.0.1:8080/v1", "--base-url: it does not begin with http"),
        ("completion bash now", "takes nothing"),
        ("invites accept --name Mona --token-from-stdin", "needs something on standard input"),
        ("keys verify", "there is no key to ask about"),
    ],
)
def test_wrong_usage_is_status_2_and_nothing_is_sent(typed, said):
    with Liar(reply("{}")) as liar:
        done = orgkeys(typed, server=liar.base_url, key="sk-admin-x", expect=2)
    assert said in done.error and done.out == "" and liar.requests == []


def test_a_value_that_is_not_utf_8_is_named():
    with Liar(reply("{}")) as liar:
        done = programs.run("orgkeys", "projects", "create", "--name", b"\xff", env=environment(liar.base_url, "sk-admin-x"))
    assert done.returncode == 2 and "--name is not UTF-8" in done.stderr and liar.requests == []


TOO_LONG = "at most 8192 bytes"
LONG_VALUE = ("much-too-long-" * 100)[:1025]


@pytest.mark.parametrize(
    ("words", "variables", "given", "said"),
    [
        ("projects list", {"OPENAI_ADMIN_KEY": "two words"}, "", "OPENAI_ADMIN_KEY: a key has visible ASCII"),
        ("projects list", {"OPENAI_ADMIN_KEY": "x" * 1001}, "", "OPENAI_ADMIN_KEY: a key has visible ASCII"),
        ("projects list", {"OPENAI_ADMIN_KEY": "x" * 8193}, "", f"OPENAI_ADMIN_KEY or OPENAI_BASE_URL is too long: {TOO_LONG}"),
        ("projects list", {"OPENAI_BASE_URL": f"http://{'x' * 8193}"}, "", TOO_LONG),
        ("projects list", {"OPENAI_BASE_URL": "127.0.0.1:8080/v1"}, "", "OPENAI_BASE_URL: it does not begin with http"),
        ("projects list", {"OPENAI_BASE_URL": "http:///v1"}, "", "OPENAI_BASE_URL: it is no URL"),
        ("projects list", {"OPENAI_BASE_URL": "http:/h/v1"}, "", "OPENAI_BASE_URL: it does not begin with http"),
        ("projects list", {"OPENAI_BASE_URL": "http://h/v1?"}, "", "OPENAI_BASE_URL: it has a `?`"),
        ("projects list", {"OPENAI_BASE_URL": "http://h/v1#"}, "", "OPENAI_BASE_URL: it has a `?` or a `#`"),
        ("projects list", {"OPENAI_BASE_URL": "http://a b/v1"}, "", "OPENAI_BASE_URL: it is no URL"),
        ("projects list", {"OPENAI_BASE_URL": "http://me:hidden@h/v1"}, "", "OPENAI_BASE_URL: it holds a user name"),
        ("keys verify", {"OPENAI_API_KEY": "two words"}, None, "OPENAI_API_KEY: a key has visible ASCII"),
        ("keys verify", {}, "two words", "standard input: a key has visible ASCII"),
        ("keys verify", {}, "x" * 1001, "standard input: a key has visible ASCII"),
        ("keys verify", {}, "x" * 4097, "standard input cannot be read, or has more than 4096"),
        (f"projects create --name {LONG_VALUE}", {}, "", "--name is too long: at most 1024 bytes"),
        (f"projects retrieve --project-id {LONG_VALUE}", {}, "", "--project-id is too long: at most 1024 bytes"),
        (f"keys verify --scope {LONG_VALUE}", {}, "sk-x", "--scope is too long: at most 1024 bytes"),
        (f"projects list --base-url http://{LONG_VALUE}", {}, "", "--base-url is too long: at most 1024 bytes"),
    ],
    ids=range(19),
)
def test_what_cannot_be_used_names_where_it_came_from(words, variables, given, said):
    with Liar(reply("{}")) as liar:
        done = orgkeys(words, server=liar.base_url, key="sk-admin-x", env=variables, given=given, expect=2)
    assert said in done.error and liar.requests == [] and done.out == ""
    assert "two words" not in done.error and "hidden" not in done.error


def test_blanks_and_line_ends_around_a_key_are_not_sent():
    with Liar(reply('{"data":[]}')) as liar:
        orgkeys("projects list", server=liar.base_url, key="sk-admin-x", env={"OPENAI_ADMIN_KEY": " sk-admin-x\r\n"})
    assert "Authorization: Bearer sk-admin-x\r\n" in liar.requests[0]


def test_the_longest_key_is_sent():
    with Liar(reply('{"data":[]}')) as liar:
        orgkeys("projects list", server=liar.base_url, key="x" * 1000)
    assert f"Authorization: Bearer {'x' * 1000}\r\n" in liar.requests[0]


def into_a_full_disk(*words):
    command = [programs.BUILD / "orgkeys", *map(str, words)]
    with open("/dev/full", "w") as full:
        return subprocess.run(command, env=environment(), stdout=full, stderr=subprocess.PIPE, text=True, timeout=60)


def test_output_that_cannot_be_written_is_status_1():
    for words in ("help", "help projects", "help serve", "projects list --help", "serve --help", "doctor", "manual",
                  "--version", "version", "completion bash", "completion zsh", "completion fish"):
        done = into_a_full_disk(*words.split())
        assert done.returncode == 1 and done.stderr.startswith("orgkeys: cannot write to standard output: "), words


def test_a_key_that_cannot_be_written_is_said_to_be_lost(fresh_server):
    server = fresh_server()
    server.stop()
    for words in (["recover"], ["organization", "create", "--name", "Second"]):
        done = into_a_full_disk(*words, "--data", server.directory)
        assert done.returncode == 1 and "The key is lost: `orgkeys recover` makes another one" in done.stderr, words


def test_who_reads_has_had_enough_of_the_help():
    command = [programs.BUILD / "orgkeys", "serve", "--help"]
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(command, env=environment(), stdout=writing, stderr=subprocess.PIPE, text=True, timeout=60)
    os.close(writing)
    assert (done.returncode, done.stderr) == (1, "")


def test_no_command_is_help_and_status_2():
    for words in ([], ["projects"], ["projects", "api-keys"]):
        done = orgkeys(*words, expect=2)
        assert done.error.startswith("orgkeys" if not words else "Usage: orgkeys projects") and done.out == ""


@pytest.mark.parametrize(
    "arguments",
    [
        ["keys", "verify", KEY],
        ["projects", "list", "--admin-key", KEY],
        ["projects", "list", f"--admin-key={KEY}"],
        [KEY],
        ["projects", KEY],
        ["projects", "list", "--limit", KEY],
    ],
)
def test_a_key_in_the_wrong_place_is_not_repeated(arguments):
    """The only commands of these tests that have a secret: people make this mistake."""
    done = run(*arguments)
    assert done.returncode == 2
    SECRETS.assert_absent(done.stdout + done.stderr, "the output")


def test_no_flag_takes_a_secret():
    for words in catalog.of_the_api():
        help = orgkeys(words, "--help").out
        assert not re.search(r"--\S*(secret|token|value|admin-key)\S* [A-Z]", help), words


def test_without_an_admin_key_it_says_what_to_do():
    done = orgkeys("projects list", server="http://127.0.0.1:9/v1", expect=2)
    assert "OPENAI_ADMIN_KEY" in done.error and "export" in done.error and "recover" in done.error


def test_a_key_of_another_kind_is_said_to_be_one(server, api):
    key = SECRETS.add(api.key_of(api.project()["id"])["value"])
    done = orgkeys("projects list", server=server, env={"OPENAI_ADMIN_KEY": key}, expect=1)
    assert "an admin key (sk-admin-...)" in done.error and "recover" not in done.error


def test_a_schemes_letters_may_be_large(server):
    url = server.base_url.replace("http://", "HTTP://")
    assert orgkeys("projects list", server=url, key=server.admin_key).out


def test_help_names_limits_and_what_repeats():
    assert "1 to 100. Left out: 20" in orgkeys("projects list --help").out
    assert "1 to 1000. Left out: 20" in orgkeys("admin-api-keys list --help").out
    assert "Can be repeated." in orgkeys("keys verify --help").out


def test_nobody_listens():
    done = orgkeys("projects list --retries 0", server="http://127.0.0.1:9/v1", key="sk-admin-x", expect=1)
    assert "Is the server running at http://127.0.0.1:9/v1? `orgkeys serve` starts one" in done.error


@pytest.mark.parametrize(
    ("path", "key", "said"),
    [("/v1", "sk-admin-unknown", "OPENAI_ADMIN_KEY"), ("/v2", None, "ends in /v1")],
    ids=["401", "404"],
)
def test_what_to_do_next(server, path, key, said):
    url = server.base_url.replace("/v1", path)
    done = orgkeys("projects list", server=url, key=key or server.admin_key, expect=1)
    assert said in done.error and "request req_" in done.error


def test_flags_win_over_variables(server):
    done = orgkeys("projects list --base-url", server.base_url, "--format", "json",
                   server="http://127.0.0.1:9/v1", key=server.admin_key)
    assert done.json["object"] == "list"


def test_the_version():
    told = orgkeys("--version").out
    assert re.fullmatch(r"orgkeys \d+\.\d+\.\d+\n", told) and orgkeys("version").out == told


def test_help_says_which_options_are_flags_alone():
    restore = " ".join(run("restore", "--help").stdout.split())
    assert restore.count("A flag alone.") == 2 and "Any other option is also a variable" in restore
    assert "--data being ORGKEYS_DATA" in restore and "max-body-size" not in restore
    serve = " ".join(run("serve", "--help").stdout.split())
    assert "A flag alone." not in serve and "Each option is also a variable" in serve
    assert "also a variable" not in run("store", "copy", "--help").stdout


def test_the_manual_has_the_defaults():
    assert re.search(r"The default is 127\.0\.0\.1:8080\.", orgkeys("manual").out)


def test_a_path_without_its_flag_is_told_with_the_flag(tmp_path):
    file = tmp_path / "backup.db"
    file.touch()
    for command, path, flag in [("check", tmp_path, "--data"), ("check", file, "--file"), ("restore", file, "--from")]:
        done = run(command, path)
        assert done.returncode == 2 and f"did you mean {flag} {path}?" in done.stderr
    done = run("serve", KEY)
    assert done.returncode == 2 and "argument 1" in done.stderr and KEY not in done.stderr
