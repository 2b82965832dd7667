"""The programs of examples/c against a real server: what docs/c.md shows."""

import re

import pytest

import programs
from liar import Liar, reply
from support.secret_values import SECRETS
from support.server import REPOSITORY


@pytest.fixture(scope="module")
def env(server, api):
    """What the server prints to paste."""
    return programs.environment(server.base_url, api.key)


@pytest.fixture(scope="module")
def filled(api):
    """A project with 45 keys: more than two pages of the server's default size."""
    project = api.project()
    keys = [api.key_of(project["id"]) for _ in range(44)]
    api.service_account(project["id"])
    return {"id": project["id"], "keys": api.all(f"/projects/{project['id']}/api_keys"), "first": keys[0]}


def test_seed_000_lists_a_projects_keys(env, filled):
    assert programs.output("examples/c/list_project_api_keys", filled["id"], env=env) == [filled["first"]["id"]]


def test_seed_001_goes_through_all_pages(env, filled):
    lines = programs.output("examples/c/list_all_project_api_keys", filled["id"], env=env)
    expected = []
    for key in filled["keys"]:
        owner = key["owner"][key["owner"]["type"]]
        expected.append(f"{key['id']} {key['redacted_value']} {key['name']} of {owner['name']}")
    assert len(lines) == 45 and lines == expected


def test_seed_002_lists_admin_keys(env, api):
    lines = programs.output("examples/c/list_admin_api_keys", env=env)
    assert lines == [
        f"{key['id']} {key['redacted_value']} {key['name']} {key['created_at']}"
        for key in api.all("/admin_api_keys")
    ]


def test_seed_003_retrieves_a_key(env, filled):
    key = filled["first"]
    lines = programs.output("examples/c/retrieve_project_api_key", filled["id"], key["id"], env=env)
    assert lines == [f"{key['id']} {key['name']} {key['redacted_value']}"]
    done = programs.run("examples/c/retrieve_project_api_key", filled["id"], "key_none", env=env)
    assert done.returncode == 1 and done.stderr.startswith("HTTP 404: ")


def test_a_new_service_accounts_key_is_alone_on_standard_output_and_can_be_verified(env):
    done = programs.run("examples/c/create_service_account", "from an example", env=env)
    (key,) = done.stdout.splitlines()
    SECRETS.add(key)
    assert done.returncode == 0 and re.fullmatch(r"svc_acct_\w+\n", done.stderr)
    done = programs.run("examples/c/verify_key", env=env, input=f"{key}\n")
    assert done.returncode == 0 and re.fullmatch(r"key_\w+ of svc_acct_\w+ in proj_\w+\n", done.stdout)
    done = programs.run("examples/c/verify_key", env=env, input=f"{key[:-1]}\n")
    assert done.returncode == 1 and done.stdout == "" and done.stderr


def test_where_no_server_is_it_is_not_known():
    env = programs.environment("http://127.0.0.1:1/v1")
    done = programs.run("examples/c/verify_key", env=env, input="sk-proj-any\n")
    assert done.returncode == 2 and done.stderr


LIES = {
    "nothing": reply("{}"),
    "an empty list": reply('{"data":[]}'),
    "an item of nothing": reply('{"data":[{}],"has_more":false}'),
    "ids alone": reply('{"id":"x","data":[{"id":"x"}],"has_more":false}', X_Orgkeys_Key_Id="k", X_Orgkeys_Owner_Id="o"),
    "an error": reply('{"error":{"message":"no"}}'),
    "a page": reply("<html>"),
}


@pytest.mark.parametrize("lie", LIES.values(), ids=LIES.keys())
@pytest.mark.parametrize(
    ("program", "arguments"),
    [
        ("list_project_api_keys", ["p"]),
        ("list_all_project_api_keys", ["p"]),
        ("list_admin_api_keys", []),
        ("retrieve_project_api_key", ["p", "k"]),
        ("create_service_account", ["a name"]),
        ("verify_key", []),
    ],
    ids=lambda part: part if isinstance(part, str) else "",
)
def test_a_server_that_lies_breaks_no_example(program, arguments, lie):
    with Liar(lie) as liar:
        env = programs.environment(liar.base_url, "sk-admin-OfATestOfTheExamples")
        done = programs.run(f"examples/c/{program}", *arguments, env=env, input="sk-proj-any\n")
    assert done.returncode in (0, 1, 2) and "(null)" not in done.stdout + done.stderr
    assert done.returncode != 0 or "{" not in done.stdout


def test_each_example_has_a_test():
    tested = set(re.findall(r"examples/c/(\w+)\"", open(__file__).read()))
    assert {path.stem for path in (REPOSITORY / "examples/c").glob("*.c")} == tested


def test_the_page_shows_what_the_examples_say():
    """Each block of C in docs/c.md is a part of an example, as it stands there."""
    blocks = re.findall(r"```c\n(.*?)```", (REPOSITORY / "docs/c.md").read_text(), re.S)
    sources = [path.read_text() for path in (REPOSITORY / "examples/c").glob("*.c")]
    assert len(blocks) >= 5
    for block in blocks:
        assert any(block in source for source in sources), block
