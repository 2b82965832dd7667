"""Variables of the server that nobody knows: most likely a slip."""

import pytest

from support.secret_values import SECRETS
from support.server import parse_log_line, run
from terminal import environment

SLIPS = [
    ("ORGKEYS_LISTNE", "ORGKEYS_LISTEN"),
    ("ORGKEYS_DATABASE", "ORGKEYS_DATABASE_URL"),
    ("ORGKEYS_ADMIN_KEYS", "ORGKEYS_ADMIN_KEY"),
    ("ORGKEYS_LOG_LEVEL_", "ORGKEYS_LOG_LEVEL"),
    ("ORGKEYS_PORT", None),
    ("ORGKEYS_COLOUR", None),
    ("ORGKEYS_", None),
]


@pytest.mark.parametrize("form", ["text", "json"])
def test_the_log_names_them_and_the_nearest_one(fresh_server, form):
    value = SECRETS.add("WhatAnUnknownVariableHolds0123456789")
    server = fresh_server("--log-format", form, env={name: value for name, _ in SLIPS})
    server.stop()
    fields = [parse_log_line(line) for line in server.log if "unknown variable" in line]
    assert sorted((one["name"], one.get("did_you_mean")) for one in fields) == sorted(SLIPS, key=lambda slip: slip[0])
    assert all("warning" in line for line in server.log if "unknown variable" in line)
    SECRETS.assert_absent(server.log_text(), "the log")


def test_those_that_are_known_are_not_named(fresh_server):
    """Those of other commands, of clients and of Kubernetes."""
    server = fresh_server(env={
        "ORGKEYS_OWNER_NAME": "Olga", "ORGKEYS_DATABASE_URL": "", "ORGKEYS_CONFIG": "", "OPENAI_BASE_URL": "http://h",
        "ORGKEYS_SERVICE_HOST": "10.0.0.1", "ORGKEYS_SERVICE_PORT": "8080", "ORGKEYS_PORT": "tcp://10.0.0.1:8080",
        "ORGKEYS_PORT_8080_TCP": "tcp://10.0.0.1:8080", "ORGKEYS_PORT_8080_TCP_ADDR": "10.0.0.1",
        "orgkeys_listne": "", "ORGKEYSLISTEN": "",
    })
    assert not [line for line in server.log if "unknown variable" in line]


def test_the_doctor_names_them(tmp_path):
    env = {**environment(), "ORGKEYS_LISTNE": "a value", "ORGKEYS_\x1b[31m": "a value"}
    told = run("doctor", "--data", tmp_path / "none", env=env).stdout
    assert "ORGKEYS_LISTNE is no variable of orgkeys: did you mean ORGKEYS_LISTEN?" in told
    assert "ORGKEYS_?[31m is no variable of orgkeys" in told and "\x1b" not in told and "a value" not in told
