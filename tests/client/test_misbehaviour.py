"""The library against a server that lies, stalls and sends garbage. Everything runs under the
sanitizers; programs.run fails on what they find."""

import json
import subprocess
import time
from email.utils import formatdate
from urllib.parse import parse_qsl

import pytest

import programs
from liar import Liar, reply
from support.secret_values import SECRETS

API, CONNECTION, TIMEOUT, REPLY, CANCELLED = -1, -2, -3, -4, -7
KEY = SECRETS.add("sk-admin-MisbehaviourKeyOfTheTests0123456789")
PROJECT = {"id": "proj_1", "object": "organization.project", "name": "one", "created_at": 1}


def call(liar, command="retrieve-project", *arguments, retries=0, **env):
    """What the driver printed, line by line, and its exit status."""
    arguments = arguments or ("proj_1",)
    env = programs.environment(liar.base_url, KEY, CLIENT_RETRIES=str(retries), **env)
    done = programs.run("tests/client/client_driver", command, *arguments, env=env)
    SECRETS.assert_absent(done.stdout, "the driver's output")
    return done.returncode, [json.loads(line) for line in done.stdout.splitlines()]


def error_of(*replies):
    with Liar(*replies) as liar:
        status, lines = call(liar)
    assert status == 1, lines
    return lines[-1]


def page(*items, **members):
    return reply(json.dumps({"object": "list", "data": list(items), **members}))


# ---- What is not a reply


MALFORMED = {
    "empty": b"",
    "no JSON": b"<html>hello</html>",
    "half of it": b'{"id":"proj_1"',
    "two of it": b'{"id":"proj_1"}{"id":"proj_2"}',
    "not UTF-8": b'{"id":"\xff\xfe"}',
    "a NUL in a text": b'{"id":"proj_1\\u0000x"}',
    "NUL bytes": b"\0" * 1000,
    "a name twice": b'{"id":"a","id":"b"}',
    "an array": b"[]",
    "a number": b"7",
    "null": b"null",
    "a wrong type": b'{"id":7}',
    "a text for a time": b'{"id":"a","created_at":"yesterday"}',
    "a fraction for a time": b'{"id":"a","created_at":1.5}',
    "too large a number": b'{"id":"a","created_at":99999999999999999999999}',
    "an object for a text": b'{"id":{}}',
    "deep": b"[" * 100000 + b"]" * 100000,
    "many values": b"[" + b"{}," * 200000 + b"{}]",
    "a lone surrogate": b'{"id":"\\ud800"}',
}


@pytest.mark.parametrize("body", MALFORMED.values(), ids=MALFORMED.keys())
def test_a_malformed_body_is_an_error_and_not_asked_for_again(body):
    with Liar(reply(body)) as liar:
        status, lines = call(liar, retries=2)
    assert status == 1 and lines[-1]["status"] == REPLY and lines[-1]["message"]
    assert len(liar.requests) == 1


@pytest.mark.parametrize(
    "body",
    [
        b'{"data":{}}',
        b"{}",
        b'{"data":[7]}',
        b'{"data":[{"id":7}]}',
        b'{"data":[],"has_more":"no"}',
        b'{"data":[],"has_more":true}',
        b'{"data":[{"name":"no id"}],"has_more":true}',
        b'{"data":[{"id":"a"}],"has_more":true,"last_id":7}',
        b'{"data":[' + b"{}," * 60000 + b"{}]}",
    ],
)
def test_a_malformed_page_is_an_error(body):
    with Liar(reply(body)) as liar:
        status, lines = call(liar, "list-projects", "-", 0)
    assert status == 1 and lines[-1]["status"] == REPLY


def test_unknown_members_and_missing_ones_do_not_matter():
    with Liar(reply('{"id":"proj_1","new":{"deep":[1.5,null]},"name":null}')) as liar:
        status, (project,) = call(liar)
    assert status == 0
    assert (project["id"], project["name"], project["created_at"]) == ("proj_1", None, None)


NOTHING = ["{}", '{"error":{"message":"no"}}', '{"id":null}', '{"id":""}', '{"object":"organization.project"}']


@pytest.mark.parametrize("body", NOTHING)
@pytest.mark.parametrize(
    "command",
    [
        ["retrieve-project", "p"],
        ["create-project", "one", "-", "-"],
        ["retrieve-admin-api-key", "k"],
        ["retrieve-user", "u"],
        ["retrieve-invite", "i"],
        ["create-service-account", "p", "bot", "-", "-"],
        ["delete-admin-api-key", "k"],
    ],
    ids=lambda command: command[0],
)
def test_a_200_without_an_id_is_no_success(command, body):
    with Liar(reply(body)) as liar:
        status, lines = call(liar, *command, retries=2)
    assert status == 1 and lines[-1]["status"] == REPLY and "id" in lines[-1]["message"]
    assert len(liar.requests) == 1


def test_an_item_without_an_id_is_no_item():
    with Liar(page(PROJECT, {"name": "no id"}, has_more=False)) as liar:
        status, lines = call(liar, "list-projects", "-", 0)
    assert status == 1 and lines[-1]["status"] == REPLY


BOT = {"id": "svc_acct_1", "object": "organization.project.service_account", "name": "bot", "created_at": 1}


@pytest.mark.parametrize(
    ("command", "body"),
    [
        (["create-admin-api-key", "one", "-"], {"id": "key_1"}),
        (["create-project-api-key", "p", "one", "-", "-", "-"], {"id": "key_1"}),
        (["create-service-account", "p", "bot", "-", "-"], BOT),
        (["create-service-account", "p", "bot", "-", "-"], {**BOT, "api_key": {"id": "key_1"}}),
        (["create-service-account", "p", "bot", "-", "-"], {**BOT, "api_key": {"value": "sk-svcacct-x"}}),
        (["create-service-account-api-key", "p", "s", "-", "-", "-", "-"], {"id": "key_1"}),
    ],
)
def test_a_new_key_without_its_value_is_no_success(command, body):
    with Liar(reply(json.dumps(body))) as liar:
        status, lines = call(liar, *command)
    assert status == 1 and lines[-1]["status"] == REPLY and "value" in lines[-1]["message"]


def test_a_key_that_is_brought_in_and_an_account_alone_have_no_value():
    key = SECRETS.add("sk-BroughtInByATestOfTheLibrary0123456789")
    with Liar(reply('{"id":"key_1"}'), reply(json.dumps(BOT))) as liar:
        status, (made,) = call(liar, "create-service-account-api-key", "p", "s", "-", "-", "-", key)
        alone, (account,) = call(liar, "create-service-account", "p", "bot", "true", "-")
    assert (status, made["id"], made["value"]) == (0, "key_1", None)
    assert (alone, account["id"]) == (0, "svc_acct_1") and "api_key" not in account


def test_a_whole_number_may_be_written_with_a_fraction():
    with Liar(page({**PROJECT, "created_at": 1711471533.0}, {**PROJECT, "created_at": 1711471534})) as liar:
        _, lines = call(liar, "list-projects", "-", 0)
    assert [line["created_at"] for line in lines[:2]] == [1711471533, 1711471534]


@pytest.mark.parametrize("odd", ["soon", 1.5, 1e300, [], {}, True])
def test_an_optional_member_of_a_wrong_kind_counts_as_absent(odd):
    key = {"id": "key_1", "name": [], "created_at": 1, "last_used_at": odd, "owner": {"id": {}, "name": 7}}
    with Liar(page(key, has_more=False)) as liar:
        status, (line,) = call(liar, "list-admin-api-keys", "-", 0, "-")
    assert status == 0 and line["id"] == "key_1" and line["created_at"] == 1
    assert (line["name"], line["last_used_at"], line["owner_name"]) == (None, None, None)


def test_scopes_that_cannot_be_read_are_not_no_restriction():
    with Liar(reply('{"id":"key_1","scopes":"models.read"}')) as liar:
        status, lines = call(liar, "retrieve-project-api-key", "p", "key_1")
    assert status == 1 and "scopes" in lines[-1]["message"]


# ---- Connections


def cut(connection):
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{")


def hang_up(connection):
    connection.close()


@pytest.mark.parametrize("breaking", [cut, hang_up], ids=["in the body", "at once"])
def test_a_connection_that_breaks_is_tried_again(breaking):
    with Liar(breaking, reply(json.dumps(PROJECT))) as liar:
        status, (project,) = call(liar, retries=2)
    assert status == 0 and project["id"] == "proj_1" and len(liar.requests) == 2
    assert error_of(breaking)["status"] == CONNECTION


def test_a_server_that_is_not_there():
    with Liar(b"") as liar:
        url = liar.base_url
    env = programs.environment(url, KEY, CLIENT_RETRIES="0")
    done = programs.run("tests/client/client_driver", "retrieve-project", "proj_1", env=env)
    assert json.loads(done.stdout)["status"] == CONNECTION


def test_garbage_for_a_head():
    assert error_of(b"\0\1\2 this is not HTTP\r\n\r\n")["status"] in (REPLY, CONNECTION)


def test_a_stalling_server_is_given_up():
    with Liar(lambda connection: liar.wait_for_end()) as liar:
        status, lines = call(liar, CLIENT_TIMEOUT_MS="300")
    assert status == 1 and lines[-1]["status"] == TIMEOUT


def test_a_dripping_server_is_given_up():
    def drip(connection):
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
        while not liar.is_over:
            connection.sendall(b" ")
            time.sleep(0.01)  # what a slow server does: nothing waits for it

    with Liar(drip) as liar:
        status, lines = call(liar, CLIENT_TIMEOUT_MS="500")
    assert status == 1 and lines[-1]["status"] == TIMEOUT


def flood(start, part):
    def send(connection):
        connection.sendall(start)
        try:
            while True:
                connection.sendall(part)
        except OSError:
            pass

    return send


@pytest.mark.parametrize(
    "endless",
    [
        flood(b"HTTP/1.1 200 OK\r\n", b"X-More: of the same\r\n" * 100),
        flood(b"HTTP/1.1 200 OK\r\n\r\n", b" " * 65536),
        flood(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1000\r\n" + b" " * 4096 + b"\r\n"),
        flood(b"HTTP/1.1 500 No\r\n\r\n", b"x" * 65536),
    ],
    ids=["headers", "a body", "chunks", "an error's body"],
)
def test_endless_replies_end(endless):
    error = error_of(endless)
    assert error["status"] in (REPLY, CONNECTION) and error["message"]


def test_an_endless_header_ends():
    with Liar(flood(b"HTTP/1.1 200 OK\r\nX-Long: ", b"x" * 4096)) as liar:
        _, lines = call(liar, retries=2)
    assert lines[-1]["status"] == REPLY and "header" in lines[-1]["message"]
    assert len(liar.requests) == 1


def test_redirects_are_not_followed():
    with Liar(b"") as other:
        error = None
        with Liar(reply("", "307 Elsewhere", Location=f"{other.base_url}/organization/projects/p")) as liar:
            status, lines = call(liar, retries=2)
            error = lines[-1]
    assert status == 1 and (error["status"], error["http_status"]) == (API, 307)
    assert "redirect" in error["message"]
    assert len(liar.requests) == 1 and other.requests == []


# ---- Errors


@pytest.mark.parametrize(
    "body, message",
    [
        ('{"error":{"message":"No.","type":"t","code":"c","param":"p"}}', "No."),
        ('{"message":"At the top","code":404}', "At the top"),
        ('{"error":"Only a text"}', "Only a text"),
        ("<html>", "the server answered with HTTP status 404"),
        ("", "the server answered with HTTP status 404"),
        ('{"error":[]}', "the server answered with HTTP status 404"),
        ('{"error":{"message":7}}', "the server answered with HTTP status 404"),
        (json.dumps({"error": {"message": "a\nb\x1b[31m"}}), "a b [31m"),
    ],
)
def test_errors_of_other_forms(body, message):
    error = error_of(reply(body, "404 Not Found", x_request_id="req_7"))
    assert (error["status"], error["http_status"], error["message"]) == (API, 404, message)
    assert error["request_id"] == "req_7"


def test_a_long_message_is_cut_between_characters():
    error = error_of(reply(json.dumps({"error": {"message": "ü" * 5000}}, ensure_ascii=False), "400 No"))
    assert set(error["message"]) == {"ü"} and 500 < len(error["message"]) < 512


def test_an_echoed_key_is_not_in_the_error():
    said = {"message": f"bad key {KEY}", "type": KEY, "code": KEY, "param": f"x{KEY}"}
    with Liar(reply(json.dumps({"error": said}), "401 No", x_request_id=KEY)) as liar:
        status, lines = call(liar)  # which looks for the key in the output
    assert status == 1 and lines[-1]["http_status"] == 401
    assert "repeats a secret" in lines[-1]["message"]


@pytest.mark.parametrize(
    "arguments",
    [
        ("create-service-account-api-key", "proj_1", "svc_acct_1", "name", "-", 0),
        ("accept-invite",),
    ],
    ids=["a key that is brought in", "a token"],
)
def test_an_echoed_body_is_not_in_the_error(arguments):
    secret = SECRETS.add("TheSecretThatIsInTheBody0123456789")
    last = (secret, "Mona") if arguments[0] == "accept-invite" else (secret,)
    said = {"message": f"cannot read {secret}", "type": secret, "code": secret, "param": secret}
    with Liar(reply(json.dumps({"error": said}), "400 No", x_request_id=secret)) as liar:
        status, (error,) = call(liar, *arguments, *last)  # which looks for it in the output
    assert status == 1 and error["http_status"] == 400
    assert "repeats a secret" in error["message"] and secret.encode() in liar.bodies[0]


# ---- Requests


def test_what_is_sent():
    with Liar(reply(json.dumps(PROJECT))) as liar:
        call(liar, "update-project", "proj 1", "näme", "-")
        call(liar, "archive-project", "proj_1")
        call(liar, "list-users", "a+b@example.com,c@example.com")
    update, archive, users = liar.requests
    assert update.startswith("POST /v1/organization/projects/proj%201 HTTP/1.1\r\n")
    assert f"Authorization: Bearer {KEY}" in update and "Content-Type: application/json" in update
    assert "User-Agent: orgkeys-c/" in update and "Accept: application/json" in update
    assert json.loads(liar.bodies[0]) == {"name": "näme"}  # what was not given is not null
    assert "Content-Length: 0" in archive and "Content-Type" not in archive
    assert users.startswith(
        "GET /v1/organization/users?emails%5B%5D=a%2Bb%40example.com&emails%5B%5D=c%40example.com HTTP"
    )


def test_an_argument_that_is_not_utf8_is_not_sent():
    with Liar(reply(json.dumps(PROJECT))) as liar:
        env = programs.environment(liar.base_url, KEY)
        done = programs.run("tests/client/client_driver", b"update-project", b"p", b"\xff", b"-", env=env)
    assert json.loads(done.stdout)["status"] == -5 and liar.requests == []


# ---- Retries


AGAIN = {"retry_after_ms": "1"}


@pytest.mark.parametrize("status", [408, 409, 429, 500, 502, 503, 529])
def test_statuses_that_are_tried_again(status):
    with Liar(reply("", f"{status} Later", **AGAIN)) as liar:
        _, lines = call(liar, retries=2)
    assert lines[-1]["http_status"] == status and len(liar.requests) == 3


@pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 422, 499])
def test_statuses_that_are_not(status):
    with Liar(reply("", f"{status} No", **AGAIN)) as liar:
        call(liar, retries=2)
    assert len(liar.requests) == 1


def test_the_server_decides():
    with Liar(reply("", "503 No", x_should_retry="false")) as liar:
        call(liar, retries=2)
    assert len(liar.requests) == 1
    with Liar(reply("", "400 Again", x_should_retry="true", **AGAIN)) as liar:
        call(liar, retries=1)
    assert len(liar.requests) == 2


def test_it_gets_better():
    with Liar(reply("", "503 No", **AGAIN), reply("", "429 No", **AGAIN), reply(json.dumps(PROJECT))) as liar:
        status, (project,) = call(liar, "create-project", "one", "-", "-", retries=2)
    assert status == 0 and project["id"] == "proj_1"
    assert liar.bodies == [b'{"name":"one"}'] * 3


@pytest.mark.parametrize(
    "asked",
    [
        {"Retry_After": "121"},
        {"Retry_After": "99999999999999999999"},
        {"retry_after_ms": "120001"},
        {"Retry_After": formatdate(time.time() + 3600, usegmt=True)},
    ],
    ids=["121 s", "ages", "ms", "a date"],
)
def test_a_server_that_asks_for_too_long_a_wait_is_not_waited_for(asked):
    with Liar(reply("", "429 Later", **asked)) as liar:
        _, lines = call(liar, retries=1)
    assert lines[-1]["http_status"] == 429
    assert len(liar.requests) == 1


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({}, 0),
        ({"Retry_After": "7"}, 7000),
        ({"Retry_After": "7", "retry_after_ms": "250"}, 250),
        ({"Retry_After": "3600"}, 3600000),
        ({"Retry_After": "soon"}, 0),
        ({"Retry_After": "Sun, 22 Nov 2020 06:03:51 GMT"}, 0),
    ],
)
def test_how_long_the_server_asks_to_wait_is_told(headers, expected):
    assert error_of(reply("", "429 Later", **headers))["retry_after_ms"] == expected


# ---- Cancelling


def test_a_call_is_cancelled_while_the_server_stalls(tmp_path):
    def stall(connection):
        (tmp_path / "cancel").touch()
        liar.wait_for_end()

    with Liar(stall) as liar:
        status, lines = call(liar, retries=2, CLIENT_CANCEL_FILE=str(tmp_path / "cancel"))
    assert status == 1 and (lines[-1]["status"], lines[-1]["http_status"]) == (CANCELLED, 0)
    assert "cancelled" in lines[-1]["message"] and len(liar.requests) == 1


def test_a_call_is_cancelled_while_it_waits_to_be_repeated(tmp_path):
    def answer(connection):
        connection.sendall(reply("", "429 Later", Retry_After="110"))
        connection.close()
        (tmp_path / "cancel").touch()

    with Liar(answer) as liar:
        status, lines = call(liar, retries=2, CLIENT_CANCEL_FILE=str(tmp_path / "cancel"))
    assert status == 1 and lines[-1]["status"] == CANCELLED and len(liar.requests) == 1


def test_a_call_that_nobody_cancels_is_not(tmp_path):
    with Liar(reply("", "503 No", **AGAIN), reply(json.dumps(PROJECT))) as liar:
        status, _ = call(liar, retries=1, CLIENT_CANCEL_FILE=str(tmp_path / "cancel"))
    assert status == 0 and len(liar.requests) == 2


# ---- Paging


def test_pages_follow_the_cursor_and_repeat_the_query():
    one, two = {**PROJECT, "id": "proj_1"}, {**PROJECT, "id": "proj_2"}
    with Liar(page(one, has_more=True, last_id="c&1"), page(two, has_more=False)) as liar:
        status, lines = call(liar, "list-projects", "true", 1)
    assert status == 0 and [line["id"] for line in lines] == ["proj_1", "proj_2"]
    assert liar.requests[0].startswith("GET /v1/organization/projects?limit=1&include_archived=true HTTP")
    assert liar.requests[1].startswith(
        "GET /v1/organization/projects?limit=1&include_archived=true&after=c%261 HTTP"
    )


@pytest.mark.parametrize(
    "members, cursor",
    [
        ({"has_more": True, "next": "n", "last_id": "l"}, "n"),
        ({"has_more": True, "last_id": None}, "proj_1"),
        ({"has_more": True}, "proj_1"),
        ({}, "proj_1"),
    ],
)
def test_cursors_of_other_servers(members, cursor):
    with Liar(page(PROJECT, **members), page(has_more=True, last_id="x")) as liar:
        status, lines = call(liar, "list-projects", "-", 0)
    assert status == 0 and len(lines) == 1 and len(liar.requests) == 2
    assert f"after={cursor} " in liar.requests[1]


def test_the_largest_page_of_the_api_is_not_too_large():
    """1,000 admin keys, each name of 255 characters of four bytes."""
    owner = {"type": "user", "object": "organization.user", "id": "user_1", "name": "😀" * 255, "role": "owner"}
    keys = [{"id": f"key_{i}", "name": "😀" * 255, "created_at": 1, "owner": owner} for i in range(1000)]
    body = json.dumps({"object": "list", "data": keys, "has_more": False}, ensure_ascii=False)
    with Liar(reply(body)) as liar:
        status, lines = call(liar, "list-admin-api-keys", "-", 1000, "-")
    assert status == 0 and len(lines) == 1000


def test_a_cursor_that_comes_again_ends_the_list():
    with Liar(page(PROJECT, has_more=True, last_id="proj_1")) as liar:
        status, lines = call(liar, "list-projects", "-", 0)
    assert status == 1 and lines[-1]["status"] == REPLY and len(liar.requests) == 2


@pytest.mark.parametrize(("lead", "circle"), [(0, 2), (1, 2), (0, 3), (5, 1), (7, 6), (20, 13)])
def test_cursors_that_go_in_a_circle_end_the_list(lead, circle):
    cursors = [f"c{number}" for number in range(lead + circle)]
    pages = [page(PROJECT, has_more=True, last_id=cursor) for cursor in cursors]
    with Liar(*pages, *pages[lead:] * 4, reply("", "400 It did not stop")) as liar:
        status, lines = call(liar, "list-projects", "-", 0)
    assert status == 1 and lines[-1]["status"] == REPLY and "never end" in lines[-1]["message"]
    assert len(cursors) < len(liar.requests) <= 3 * len(cursors)


def test_many_pages_are_no_circle():
    pages = [page(PROJECT, has_more=number < 99, last_id=f"c{number}") for number in range(100)]
    with Liar(*pages) as liar:
        status, lines = call(liar, "list-projects", "-", 0)
    assert status == 0 and len(lines) == 100


def test_an_error_in_the_middle_is_no_end():
    with Liar(page(PROJECT, has_more=True, last_id="a"), reply("", "400 No")) as liar:
        status, lines = call(liar, "list-projects", "-", 0)
    assert status == 1 and lines[0]["id"] == "proj_1" and lines[1]["http_status"] == 400


# ---- Deleting, verifying


@pytest.mark.parametrize("body", ['{"id":"key_1","deleted":false}', "{}", '{"deleted":"true"}'])
def test_a_key_is_deleted_when_the_reply_says_so(body):
    with Liar(reply(body)) as liar:
        status, lines = call(liar, "delete-admin-api-key", "key_1")
    assert status == 1 and lines[-1]["status"] == REPLY


@pytest.mark.parametrize(
    "headers", [{}, {"X_Orgkeys_Key_Id": "key_1"}, {"X_Orgkeys_Key_Id": "k", "X_Orgkeys_Owner_Id": "o", "X_Orgkeys_Expires_At": "x"}]
)
def test_a_200_of_anything_else_lets_no_key_in(headers):
    with Liar(reply("hello", **headers)) as liar:
        status, lines = call(liar, "verify-key", "sk-proj-AnyKeyOfThisTestForVerification", "-", "-", "-")
    assert status == 1 and lines[-1]["status"] == REPLY


def test_a_key_is_asked_about_in_a_header_only():
    key = SECRETS.add("sk-proj-AnotherKeyOfThisTestForVerification")
    headers = {"X_Orgkeys_Key_Id": "key_1", "X_Orgkeys_Owner_Id": "user_1", "X_Orgkeys_Expires_At": "17"}
    with Liar(reply("", **headers)) as liar:
        status, (known,) = call(liar, "verify-key", key, "any", "proj_1", "a.read,b c")
    assert status == 0 and known["expires_at"] == 17 and known["scopes"] is None
    line, *fields = liar.requests[0].split("\r\n")
    assert line == "GET /auth?organization=any&project=proj_1&scope=a.read&scope=b%20c HTTP/1.1"
    assert f"Authorization: Bearer {key}" in fields and KEY not in liar.requests[0]


@pytest.mark.parametrize("body", ["{}", '{"active":null}', '{"active":"true"}', "[true]", "yes", ""])
def test_an_introspection_that_does_not_say_lets_no_key_in(body):
    with Liar(reply(body)) as liar:
        status, lines = call(liar, "introspect-key", "sk-proj-AnyKeyOfThisTestForIntrospection")
    assert status == 1 and lines[-1]["status"] == REPLY


def test_a_key_is_introspected_in_a_form():
    key = SECRETS.add("Any form: 50% & more, zXq81 Kw3v")
    with Liar(reply('{"active":true}'), reply(json.dumps({"error": {"message": f"what {key}?"}}), "400 No")) as liar:
        status, (told,) = call(liar, "introspect-key", key)
        _, lines = call(liar, "introspect-key", key)
    assert status == 0 and told["active"] is True and told["exp"] is None
    assert liar.requests[0].startswith("POST /oauth2/introspect HTTP/1.1\r\n")
    assert "Content-Type: application/x-www-form-urlencoded\r\n" in liar.requests[0]
    assert f"Authorization: Bearer {KEY}" in liar.requests[0]
    assert dict(parse_qsl(liar.bodies[0].decode())) == {"token": key}
    assert "repeats a secret" in lines[-1]["message"]


@pytest.mark.parametrize("key", ["", "two words", "line\nbreak", "x" * 2000])
def test_a_key_that_cannot_be_a_header_is_not_sent(key):
    with Liar(reply("")) as liar:
        status, lines = call(liar, "verify-key", key, "-", "-", "-")
    assert status == 1 and lines[-1]["status"] == -5 and liar.requests == []


# ---- Proxies


def test_the_proxy_of_the_environment_is_used():
    with Liar(reply(json.dumps(PROJECT))) as proxy:
        env = programs.environment("http://keys.example:1234/v1", KEY, http_proxy=proxy.base_url)
        programs.output("tests/client/client_driver", "retrieve-project", "proj_1", env=env)
    assert proxy.requests[0].startswith("GET http://keys.example:1234/v1/organization/projects/proj_1 HTTP")


# ---- TLS


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    path = tmp_path_factory.mktemp("tls") / "server.pem"
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
    command += ["-keyout", path, "-out", f"{path}.crt", "-days", "2", "-subj", "/CN=127.0.0.1"]
    command += ["-addext", "subjectAltName=IP:127.0.0.1"]
    subprocess.run(command, check=True, capture_output=True)
    path.write_text(path.read_text() + (path.parent / f"{path.name}.crt").read_text())
    return path


def test_a_certificate_of_nobody_is_not_trusted_and_gets_no_key(certificate):
    with Liar(reply(json.dumps(PROJECT)), certificate=certificate) as liar:
        status, lines = call(liar, retries=2)
    assert status == 1 and lines[-1]["status"] == CONNECTION and liar.requests == []


def test_a_certificate_of_ca_file_is_trusted(certificate):
    with Liar(reply(json.dumps(PROJECT)), certificate=certificate) as liar:
        status, _ = call(liar, CLIENT_CA_FILE=f"{certificate}.crt")
    assert status == 0 and len(liar.requests) == 1
