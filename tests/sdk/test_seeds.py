"""The seed documents' own snippets against the server: only the base URL and the key change."""

import json
import os
import re
import subprocess
import sys

import pytest

import seeds
from support.node import node


@pytest.fixture(scope="module")
def filled(api):
    """A project with one key of a person and one of a service account."""
    project = api.project("filled through the API")
    user = api.person(projects=[(project["id"], "owner")], name="First Last")
    key = api.key_of(project["id"], user_id=user["id"], name="My API Key")
    account = api.service_account(project["id"])
    return {"project": project["id"], "user_key": key["id"], "account_key": account["api_key"]["id"]}


def exports(server):
    """What `make run` prints to paste."""
    return {
        "PATH": os.environ["PATH"],
        "HOME": os.environ.get("HOME", "/"),
        "OPENAI_BASE_URL": server.base_url,
        "OPENAI_ADMIN_KEY": server.admin_key,
    }


def run(command, server):
    done = subprocess.run(command, env=exports(server), capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout


def assert_has_shape(example, reply, where="reply"):
    """Every field of the example is in the reply, with a value of the same JSON type (or null)."""
    if isinstance(example, dict):
        assert isinstance(reply, dict), where
        for name, value in example.items():
            assert name in reply, f"{where} has no {name}"
            assert_has_shape(value, reply[name], f"{where}.{name}")
    elif isinstance(example, list):
        for item in reply:
            assert_has_shape(example[0], item, f"{where}[]")
    else:
        assert reply is None or type(reply) is type(example), f"{where} is {reply!r}"


def split_owner(example, kind):
    """The example shows both owners in one object; a key has one of them."""
    shown = json.loads(json.dumps(example))
    owner = shown["data"][0]["owner"]
    del owner["service_account" if kind == "user" else "user"]
    owner["type"] = kind
    return shown


def test_seed_000_python_prints_the_id_of_a_real_key(server, filled):
    snippet = seeds.PYTHON_LIST_PROJECT_KEYS.replace('"project_id"', repr(filled["project"]))
    printed = run([sys.executable, "-c", snippet], server).strip()
    assert printed == filled["user_key"]


def test_seed_001_curl_lists_the_keys(server, filled):
    snippet = (
        seeds.CURL_LIST_PROJECT_KEYS.replace("https://api.openai.com/v1", server.base_url)
        .replace("{project_id}", filled["project"])
        .replace("<token>", server.admin_key)
    )
    reply = json.loads(run(["bash", "-c", snippet], server))
    assert [key["id"] for key in reply["data"]] == [filled["user_key"], filled["account_key"]]
    for index, kind in enumerate(("user", "service_account")):
        one = {**reply, "data": [reply["data"][index]]}
        assert_has_shape(split_owner(seeds.LIST_EXAMPLE_WITH_OLD_OWNER, kind), one)
        assert one["data"][0]["owner"]["type"] == kind


def test_seed_002_in_node_lists_admin_keys(server, filled):
    printed = node("ruby-seed.mjs", env=exports(server))
    reply = json.loads(printed)
    assert reply["data"]
    assert_has_shape(seeds.ADMIN_LIST_EXAMPLE, reply)
    for key in reply["data"]:
        assert re.fullmatch(r"sk-admin\.\.\.[0-9A-Za-z]{3}", key["redacted_value"])
        assert key["owner"]["type"] == "user"
        assert key["owner"]["object"] == "organization.user"
        assert key["owner"]["role"] == "owner"


def test_seed_003_curl_retrieves_a_key(server, filled):
    snippet = (
        seeds.CURL_RETRIEVE_PROJECT_KEY.replace("https://api.openai.com/v1", server.base_url)
        .replace("proj_abc", filled["project"])
        .replace("key_abc", filled["user_key"])
    )
    reply = json.loads(run(["bash", "-c", snippet], server))
    assert reply["id"] == filled["user_key"]
    assert_has_shape(seeds.KEY_EXAMPLE, reply)
    assert re.fullmatch(r"sk-proj\.\.\.[0-9A-Za-z]{3}", reply["redacted_value"])
    user = reply["owner"]["user"]
    # Both generations of the contract: the newer created_at, the older object and added_at.
    assert user["object"] == "organization.project.user"
    assert user["created_at"] and user["added_at"]
