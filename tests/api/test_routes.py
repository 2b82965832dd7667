"""Every route of /openapi.json, walked as a table: credentials, ids, methods, bodies, queries, paging."""

import json
import re

import httpx
import pytest

from support.api import parallel, unique
from support.checks import document_of
from support.operations import (
    ABSENT,
    ACCEPT,
    ALL,
    ITEM_PREFIX,
    LISTS,
    NOBODY,
    NOT_FOUND,
    PATHS,
    POSTS,
    PROJECT,
    V1,
    WITH_KEY,
    World,
    named,
)
from support.samples import flatten, wrong_types
from support.secret_values import SECRETS

WITH_BODY = [operation for operation in POSTS if not operation[1].endswith(("/archive", "link"))]
WITH_ID = [operation for operation in WITH_KEY if "{" in operation[1]]
GETS = [operation for operation in ALL if operation[0] == "GET"]


@pytest.fixture(scope="module")
def world(api):
    """Objects that the tests of this module try requests on which must not change them."""
    return World.make(api)


@pytest.fixture(scope="module")
def foreign(other):
    """The same in the second organization."""
    return World.make(other)


@pytest.fixture(scope="module")
def document(server):
    return document_of(server.url)


def send(client, operation, world, ids=None, **options):
    """Sends one request of an operation, with the world's ids; not for the DELETEs of live objects."""
    method, path = operation
    return client.request(method, world.url(path, **(ids or {})), **options)


def error_of(reply):
    return reply.json()["error"]


def assert_error(reply, status, code, param=None):
    error = error_of(reply)
    assert (reply.status_code, error["code"]) == (status, code), reply.text
    if param is not None:
        assert error["param"] == param, reply.text


def test_the_openapi_document_has_exactly_the_operations_of_the_issue(document):
    found = {operation.id for operation in document.operations.values() if operation.path.startswith(V1)}
    assert found == {f"{method} {path}" for method, path in ALL}


# --- credentials


@pytest.mark.parametrize("operation", WITH_KEY, ids=named)
def test_without_a_key_is_401(operation, anonymous, world):
    reply = send(anonymous, operation, world)
    assert_error(reply, 401, None)
    assert "You didn't provide an API key" in error_of(reply)["message"]
    assert "www-authenticate" not in reply.headers or reply.headers["www-authenticate"].startswith("Bearer")


@pytest.mark.parametrize("operation", WITH_KEY, ids=named)
def test_with_garbage_as_a_key_is_401(operation, anonymous, world):
    for garbage in ("x", "' OR '1'='1", "sk-admin-" + "0" * 49, "sk-admin-" + "z" * 300, "k\xe9y" * 10):
        header = f"Bearer {garbage}".encode("latin-1")
        reply = send(anonymous, operation, world, headers={"Authorization": header})
        assert_error(reply, 401, "invalid_api_key")


@pytest.mark.parametrize("operation", WITH_KEY, ids=named)
def test_with_another_scheme_is_401(operation, anonymous, world, server):
    for header in (server.admin_key, f"Basic {server.admin_key}", "Bearer", "Basic"):
        reply = send(anonymous, operation, world, headers={"Authorization": header})
        assert reply.status_code == 401, reply.text


@pytest.fixture(scope="module")
def revoked(api):
    key = api.admin_key(name="to revoke")
    api.delete(f"/admin_api_keys/{key['id']}")
    return key["value"]


@pytest.mark.parametrize("operation", WITH_KEY, ids=named)
def test_a_revoked_key_reads_like_an_unknown_one(operation, anonymous, world, revoked):
    unknown = send(anonymous, operation, world, headers={"Authorization": "Bearer neverHeardOfThisKeyBefore"})
    reply = send(anonymous, operation, world, headers={"Authorization": f"Bearer {revoked}"})
    assert_error(reply, 401, "invalid_api_key")
    assert reply.json() == unknown.json()


@pytest.mark.parametrize("operation", WITH_KEY, ids=named)
def test_a_project_key_whatever_its_scopes_is_401(operation, anonymous, world):
    scope = "read" if operation[0] == "GET" else "write"
    for key in (world.key["value"], world.account["api_key"]["value"]):
        reply = send(anonymous, operation, world, headers={"Authorization": f"Bearer {key}"})
        assert_error(reply, 401, None)
        message = error_of(reply)["message"]
        assert message.startswith("You have insufficient permissions for this operation."), message
        assert f"Missing scopes: api.management.{scope}." in message, message


def test_the_scheme_is_read_without_regard_to_case(anonymous, server):
    for scheme in ("bearer", "BEARER", "Bearer "):
        reply = anonymous.get(
            "/organization/projects", headers={"Authorization": f"{scheme} {server.admin_key}"}
        )
        assert reply.status_code == 200, reply.text


def test_accepting_an_invite_needs_no_key(anonymous, world):
    body = world.body(ACCEPT)
    assert anonymous.post("/organization/invites/accept", json=body).status_code == 200


# --- ids


@pytest.mark.parametrize("operation", WITH_ID, ids=named)
def test_absent_foreign_and_malformed_ids_are_the_same_404(operation, http, world, foreign):
    body = world.body(operation)
    for name in re.findall(r"{(\w+)}", operation[1]):
        replies = []
        for value in (
            ABSENT[name],
            foreign.ids[name],
            ABSENT[name].replace(NOBODY, "z" * 24),
            "nonsense",
            "%E2%82%AC",
            "a%2Fb",
            "x" * 2000,
            "%27%20OR%20%271%27%3D%271",
        ):
            reply = send(http, operation, world, {name: value}, json=body)
            assert_error(reply, 404, NOT_FOUND[name])
            replies.append(reply.json())
        assert all(reply == replies[0] for reply in replies)


@pytest.mark.parametrize("operation", [o for o in WITH_ID if o[1].count("{") > 1], ids=named)
def test_ids_of_another_project_are_404(operation, http, api, world):
    elsewhere = api.project(unique("elsewhere"))["id"]
    reply = send(http, operation, world, {"project_id": elsewhere}, json=world.body(operation))
    assert reply.status_code == 404, reply.text
    last = re.findall(r"{(\w+)}", operation[1])[-1]
    assert error_of(reply)["code"] == NOT_FOUND[last]


def test_nothing_of_the_worlds_was_changed_by_the_refused_requests(api, world, foreign):
    for one in (world, foreign):
        assert one.api.get(f"/projects/{one.ids['project_id']}")["status"] == "active"
        for path in ("/users/{user_id}", "/service_accounts/{service_account_id}", "/api_keys/{api_key_id}"):
            one.api.get(f"/projects/{{project_id}}{path}".format(**one.ids))
        one.api.get("/admin_api_keys/{key_id}".format(**one.ids))
        assert one.api.get("/invites/{invite_id}".format(**one.ids))["status"] == "pending"


# --- methods and paths


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.removeprefix(V1))
def test_other_methods_are_405_with_allow(path, http, world):
    # /invites/accept is also an invite's path: /invites/{invite_id}.
    paths = {path, V1 + "/invites/{invite_id}"} if path == ACCEPT[1] else {path}
    allowed = {method for method, p in ALL if p in paths}
    if "GET" in allowed:
        allowed.add("HEAD")
    for method in sorted({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"} - allowed):
        reply = http.request(method, world.url(path))
        assert reply.status_code == 405, f"{method}: {reply.text}"
        listed = {word.strip() for word in reply.headers["allow"].split(",")}
        assert listed == allowed, f"{method}: {listed}"
        if method != "HEAD":
            assert error_of(reply)["code"] == "method_not_supported"


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.removeprefix(V1))
def test_a_path_that_is_not_exactly_a_route_is_404(path, http, world):
    url = world.url(path)
    for wrong in (
        url + "/",
        url + "/more",
        url + "//",
        "/" + url,
        url.replace("/organization", "/Organization"),
    ):
        reply = http.get(http.base_url.copy_with(raw_path=b"/v1" + wrong.encode()))
        assert reply.status_code == 404, f"{wrong}: {reply.status_code} {reply.text}"
    for outside in ("/nothing", "/v1", "/v2" + url, url, "/v1/models", "/v1/%2e%2e/organization/projects"):
        reply = http.get(http.base_url.copy_with(raw_path=outside.encode()))
        assert_error(reply, 404, None)
        assert error_of(reply)["message"].startswith("Invalid URL")


@pytest.mark.parametrize("operation", GETS, ids=named)
def test_head_is_get_without_the_body(operation, http, world):
    url = world.url(operation[1])
    head, get = http.head(url), http.get(url)
    assert head.status_code == get.status_code == 200
    assert head.content == b""
    assert head.headers["content-type"] == get.headers["content-type"]
    # The clocks in two replies may differ by a digit (openai-processing-ms), their bodies do not.
    if operation[1] != V1 + "/audit_logs":
        assert head.headers["content-length"] == get.headers["content-length"]


# --- bodies


@pytest.mark.parametrize("operation", POSTS, ids=named)
def test_a_body_over_the_maximum_is_413(operation, http, world):
    reply = send(
        http,
        operation,
        world,
        content=b'{"name":"' + b"x" * (1 << 20) + b'"}',
        headers={"Content-Type": "application/json"},
    )
    assert_error(reply, 413, "request_too_large")


@pytest.mark.parametrize("operation", WITH_BODY, ids=named)
def test_an_unknown_field_is_400_naming_it(operation, http, world):
    body = world.body(operation)
    reply = send(http, operation, world, json={**body, "flavour": 1})
    assert_error(reply, 400, "unknown_parameter", "flavour")


@pytest.mark.parametrize("operation", POSTS, ids=named)
def test_what_is_not_one_json_object_is_400(operation, http, world):
    broken = [
        b"[]",
        b'"text"',
        b"1",
        b"null",
        b"true",
        b"{",
        b"{}{}",
        b"{} x",
        b'{"name":"a","name":"b"}',
        b'{"name":"\xff"}',
        b'{"name":"\\ud800"}',
        b'{"name":"a\\u0000b"}',
        b"\xef\xbb\xbf{}",
        b"{'name':'x'}",
        b'{"name":NaN}',
        b'{"name":1e999}',
        b'{"name":' + b"9" * 40 + b"}",
        b'{"name":"a",}',
        b'{"x":' * 3000 + b"1" + b"}" * 3000,
        b'{"name":"a\nb"}',
        "{}".encode("utf-16"),
    ]
    for body in broken:
        reply = send(http, operation, world, content=body, headers={"Content-Type": "application/json"})
        assert reply.status_code == 400, f"{body[:40]!r}: {reply.status_code} {reply.text}"
        assert_error(reply, 400, None)
        assert error_of(reply)["message"].startswith("We could not parse the JSON body of your request")


@pytest.mark.parametrize("operation", WITH_BODY, ids=named)
def test_a_body_of_another_content_type_is_415(operation, http, world):
    content = json.dumps(world.body(operation)).encode()
    for kind in (
        "text/plain",
        "application/x-www-form-urlencoded",
        "application/jsonx",
        "multipart/form-data; boundary=x",
    ):
        reply = send(http, operation, world, content=content, headers={"Content-Type": kind})
        assert_error(reply, 415, "unsupported_media_type")
    reply = send(
        http,
        operation,
        world,
        content=content,
        headers={"Content-Type": "application/json", "Content-Encoding": "gzip"},
    )
    assert_error(reply, 415, "unsupported_media_type")


@pytest.mark.parametrize(
    "kind", ["application/json; charset=utf-8", "Application/JSON", "application/json;charset=UTF-8"]
)
def test_json_content_types_are_read_as_json(kind, http):
    reply = http.post("/organization/projects", content=b'{"name":"typed"}', headers={"Content-Type": kind})
    assert reply.status_code == 200, reply.text


def body_fields(document, operation):
    """(name, types, keywords, required) of each field of an operation's body."""
    schema = document.operations[f"{operation[0]} {operation[1]}"].body_schema()
    required = schema.get("required", [])
    return [
        (name, *flatten(document, field), name in required) for name, field in schema["properties"].items()
    ]


@pytest.mark.parametrize("operation", WITH_BODY, ids=named)
def test_a_wrong_type_of_any_field_is_400_naming_it(operation, http, world, document):
    for name, types, _, _ in body_fields(document, operation):
        body = world.body(operation)
        for value in wrong_types(types):
            reply = send(http, operation, world, json={**body, name: value})
            code = error_of(reply)["code"]
            assert reply.status_code == 400 and error_of(reply)["param"] == name, (
                f"{name}={value!r}: {reply.text}"
            )
            # A parameter that OpenAI has and this server does not takes no value of any type.
            assert code in ("invalid_type", "unsupported_parameter"), reply.text


@pytest.mark.parametrize("operation", WITH_BODY, ids=named)
def test_null_is_400_where_the_field_may_not_be_null(operation, http, world, document):
    for name, types, _, _ in body_fields(document, operation):
        if "null" not in types:
            reply = send(http, operation, world, json={**world.body(operation), name: None})
            assert_error(reply, 400, "invalid_type", name)


@pytest.mark.parametrize("operation", WITH_BODY, ids=named)
def test_null_is_like_absent_where_the_field_may_be_null(operation, http, api, document):
    world = World.make(api)
    for name, types, _, required in body_fields(document, operation):
        if "null" in types and not required:
            body = world.body(operation)
            if name not in body:
                reply = send(http, operation, world, json={**body, name: None})
                assert reply.status_code == 200, f"{name}: {reply.text}"


@pytest.mark.parametrize("operation", WITH_BODY, ids=named)
def test_a_required_field_that_is_missing_is_400_naming_it(operation, http, world, document):
    for name, _, _, required in body_fields(document, operation):
        if required:
            body = world.body(operation)
            del body[name]
            assert_error(send(http, operation, world, json=body), 400, "missing_required_parameter", name)


@pytest.mark.parametrize("operation", WITH_BODY, ids=named)
def test_texts_that_are_too_long_or_too_short_are_400(operation, http, world, document):
    for name, types, keywords, _ in body_fields(document, operation):
        if "string" not in types or "enum" in keywords:
            continue
        maximum = keywords.get("maxLength")
        if maximum is not None:
            for character in ("x", "\u20ac"):
                reply = send(
                    http, operation, world, json={**world.body(operation), name: character * (maximum + 1)}
                )
                assert reply.status_code == 400 and error_of(reply)["param"] == name, reply.text
                if error_of(reply)["code"] != "unsupported_parameter":
                    assert_error(reply, 400, "string_above_max_length", name)
        if keywords.get("minLength"):
            reply = send(http, operation, world, json={**world.body(operation), name: ""})
            assert_error(reply, 400, "string_below_min_length", name)


@pytest.mark.parametrize("operation", WITH_BODY, ids=named)
def test_control_characters_in_texts_are_400(operation, http, world, document):
    for name, types, keywords, _ in body_fields(document, operation):
        if "string" in types and "enum" not in keywords:
            for text in ("line\nbreak and more", "escape \u001b[2J sequence", "\u007f delete, long enough"):
                reply = send(http, operation, world, json={**world.body(operation), name: text})
                assert reply.status_code in (400, 404), f"{name}={text!r}: {reply.text}"


@pytest.mark.parametrize("operation", WITH_BODY, ids=named)
def test_a_value_that_is_not_of_the_enum_is_400(operation, http, world, document):
    for name, _, keywords, _ in body_fields(document, operation):
        if "enum" in keywords:
            for wrong in ("", "nothing", str(next(v for v in keywords["enum"] if v)).swapcase()):
                reply = send(http, operation, world, json={**world.body(operation), name: wrong})
                assert_error(reply, 400, "invalid_value", name)


@pytest.mark.parametrize("operation", WITH_BODY, ids=named)
def test_integers_outside_their_limits_are_400(operation, http, world, document):
    for name, types, keywords, _ in body_fields(document, operation):
        if "integer" not in types:
            continue
        assert "minimum" in keywords and "maximum" in keywords, f"{name} has no limits in /openapi.json"
        for value, code in (
            (keywords["maximum"] + 1, "integer_above_max_value"),
            (keywords["minimum"] - 1, "integer_below_min_value"),
            (-(2**63), "integer_below_min_value"),
            (2**63 - 1, "integer_above_max_value"),
        ):
            assert_error(
                send(http, operation, world, json={**world.body(operation), name: value}), 400, code, name
            )
        for value in (60.5, "60"):
            assert_error(
                send(http, operation, world, json={**world.body(operation), name: value}),
                400,
                "invalid_type",
                name,
            )


@pytest.mark.parametrize("operation", WITH_BODY, ids=named)
def test_arrays_with_too_many_or_wrong_items_are_400(operation, http, world, document):
    for name, types, keywords, _ in body_fields(document, operation):
        if "array" not in types:
            continue
        item_types, _ = flatten(document, keywords["items"])
        sample = (
            "api.files.read" if "string" in item_types else {"id": world.ids["project_id"], "role": "member"}
        )
        assert "maxItems" in keywords, f"{name} has no maxItems in /openapi.json"
        too_many = [sample] * (keywords["maxItems"] + 1)
        assert_error(
            send(http, operation, world, json={**world.body(operation), name: too_many}),
            400,
            "array_above_max_length",
            name,
        )
        for value in [*wrong_types(item_types), None]:
            reply = send(http, operation, world, json={**world.body(operation), name: [sample, value]})
            assert_error(reply, 400, "invalid_type")
            assert error_of(reply)["param"].startswith(name), reply.text


@pytest.mark.parametrize("operation", [o for o in POSTS if o not in WITH_BODY], ids=named)
def test_an_operation_without_a_body_takes_none_or_an_empty_object(operation, api, http):
    for options in (
        {},
        {"headers": {"Content-Type": "application/json"}},
        {"json": {}},
    ):
        assert send(http, operation, World.make(api), **options).status_code == 200
    assert_error(send(http, operation, World.make(api), json={"name": "x"}), 400, "unknown_parameter", "name")


def test_an_unknown_field_that_could_be_a_key_is_not_repeated(http):
    secret = SECRETS.add("sk-proj-PastedIntoTheWrongPlace0123456789abcdef")
    reply = http.post("/organization/projects", json={"name": "x", secret: 1})
    assert_error(reply, 400, "unknown_parameter")
    assert "PastedInto" not in reply.text
    reply = http.post("/organization/projects", json={"name": {secret: secret}})
    assert_error(reply, 400, "invalid_type", "name")
    assert "PastedInto" not in reply.text


# --- queries


def limits_of(document, operation):
    keywords = document.operations[f"{operation[0]} {operation[1]}"].query_parameters()["limit"]
    return keywords["minimum"], keywords["maximum"]


@pytest.mark.parametrize("operation", LISTS, ids=named)
def test_limit_has_limits(operation, http, world, document):
    minimum, maximum = limits_of(document, operation)
    assert (minimum, maximum) == (1, 1000 if "admin" in operation[1] else 100)
    for value, code in (
        (0, "integer_below_min_value"),
        (-1, "integer_below_min_value"),
        (maximum + 1, "integer_above_max_value"),
        (2**31, "integer_above_max_value"),
        (2**62, "integer_above_max_value"),
    ):
        assert_error(send(http, operation, world, params={"limit": value}), 400, code, "limit")
    for value in ("abc", "1.5", "1e2", "0x10", " 5", "+5", "5 ", "9" * 30, "--1"):
        reply = send(http, operation, world, params={"limit": value})
        assert_error(reply, 400, "invalid_type", "limit")
    for value in (minimum, maximum):
        assert send(http, operation, world, params={"limit": value}).status_code == 200


@pytest.mark.parametrize("operation", LISTS, ids=named)
def test_a_cursor_of_the_wrong_form_is_400_naming_the_parameter(operation, http, world):
    prefix = ITEM_PREFIX[operation[1]]
    others = {"key_", "proj_", "user_"} - {prefix}
    cursors = [
        "x",
        prefix,
        prefix + "0" * 23,
        prefix + "0" * 25,
        prefix + "-" * 24,
        "'" + prefix,
        *(other + NOBODY for other in others),
    ]
    for name in ("after", "before") if operation[1].endswith("/audit_logs") else ("after",):
        for cursor in cursors:
            assert_error(send(http, operation, world, params={name: cursor}), 400, "invalid_cursor", name)


@pytest.mark.parametrize("operation", LISTS, ids=named)
def test_empty_query_values_count_as_absent(operation, http, world, document):
    parameters = document.operations[f"{operation[0]} {operation[1]}"].query_parameters()
    plain = send(http, operation, world).json()
    names = [n for n in parameters if "[" in n or flatten(document, parameters[n])[0] != {"object"}]
    empty = "&".join(f"{name}=" for name in names)
    for query in (empty, "&".join(names), "&", "&&after=&", "=", "=x"):
        reply = http.get(f"{world.url(operation[1])}?{query}")
        assert reply.status_code == 200, f"{query}: {reply.text}"
        assert reply.json() == plain


@pytest.mark.parametrize("operation", GETS, ids=named)
def test_unknown_query_parameters_are_ignored(operation, http, world):
    plain = send(http, operation, world).json()
    reply = send(
        http, operation, world, params={"flavour": "1", "include[]": "all", "Limit": "0", "x[y]": "z"}
    )
    assert reply.status_code == 200, reply.text
    assert reply.json() == plain


@pytest.mark.parametrize("operation", LISTS, ids=named)
def test_a_parameter_that_takes_one_value_may_not_come_twice(operation, http, world):
    reply = http.get(f"{world.url(operation[1])}?limit=1&limit=2")
    assert_error(reply, 400, "duplicate_parameter", "limit")


def test_a_list_parameter_without_brackets_is_400_invalid_type(http, document):
    tried = 0
    for operation in LISTS:
        for name in document.operations[f"{operation[0]} {operation[1]}"].query_parameters():
            if name.endswith("[]") and "{" not in operation[1]:
                bare = name[:-2]
                for spelled in (bare, bare + "[0]", bare + "[x]"):
                    reply = http.get(operation[1].removeprefix("/v1"), params={spelled: "x"})
                    assert_error(reply, 400, "invalid_type")
                    assert bare in error_of(reply)["param"], reply.text
                tried += 1
    assert tried >= 6, "emails[] and the filters of the audit log"


@pytest.mark.parametrize("operation", LISTS, ids=named)
def test_wrong_enums_and_booleans_in_queries_are_400(operation, http, world, document):
    for name, schema in document.operations[f"{operation[0]} {operation[1]}"].query_parameters().items():
        types, keywords = flatten(document, schema)
        if "enum" in keywords:
            assert_error(send(http, operation, world, params={name: "sideways"}), 400, "invalid_value", name)
        if "boolean" in types:
            for value in ("yes", "1", "TRUE"):
                assert_error(send(http, operation, world, params={name: value}), 400, "invalid_type", name)


def test_percent_encoding_that_is_broken_is_400(http):
    for query in ("limit=%", "limit=%1", "limit=%zz", "after=%00", "after=%ff"):
        url = http.base_url.copy_with(raw_path=f"/v1/organization/projects?{query}".encode())
        assert http.get(url).status_code == 400, query


# --- paging


@pytest.fixture(scope="module")
def populated(fresh_populated):
    return fresh_populated


@pytest.fixture(scope="module")
def fresh_populated(tmp_path_factory):
    """A server of its own, where no other test writes while a list is paged through."""
    from support.api import Api
    from support.server import Server

    server = Server(tmp_path_factory.mktemp("populated") / "data").start()
    api = Api(server.base_url, server.admin_key)
    world = World.make(api)
    project = world.ids["project_id"]
    parallel(lambda n: api.person(projects=[(project, "member")]), range(10))
    parallel(lambda n: api.service_account(project), range(10))
    parallel(lambda n: api.project(), range(10))
    parallel(lambda n: api.admin_key(), range(10))
    parallel(lambda n: api.invite(), range(3))
    parallel(lambda n: api.session(server.admin_key), range(10))
    yield world
    api.close()
    server.stop()


@pytest.mark.parametrize("operation", LISTS, ids=named)
def test_every_page_size_gives_the_same_list(operation, populated):
    http, path = populated.api.http, populated.url(operation[1])
    whole = http.get(path, params={"limit": 100}).json()
    assert whole["object"] == "list" and len(whole["data"]) >= 10
    ids = [item["id"] for item in whole["data"]]
    newest_first = operation[1].endswith("/audit_logs")
    assert ids == sorted(ids, reverse=newest_first), "not in the order of creation"
    if whole["has_more"]:
        ids = [
            item["id"] for item in populated.api.all(operation[1].removeprefix(V1).format(**populated.ids))
        ]
    for limit in (1, 3, 100):
        found, query = [], {"limit": limit}
        for _ in range(len(ids) + 1):
            page = http.get(path, params=query).json()
            assert set(page) == {"object", "data", "first_id", "last_id", "has_more"}
            assert len(page["data"]) <= limit
            assert page["first_id"] == page["data"][0]["id"]
            assert page["last_id"] == page["data"][-1]["id"]
            found += [item["id"] for item in page["data"]]
            if not page["has_more"]:
                break
            assert len(page["data"]) == limit, "a page that is not the last one is full"
            query["after"] = page["last_id"]
        assert found == ids, f"limit={limit}"


@pytest.mark.parametrize("operation", LISTS, ids=named)
def test_the_page_after_the_end_is_empty_and_ends_every_sdks_loop(operation, populated):
    http, path = populated.api.http, populated.url(operation[1])
    last = populated.api.all(operation[1].removeprefix(V1).format(**populated.ids))[-1]["id"]
    page = http.get(path, params={"after": last}).json()
    assert page == {"object": "list", "data": [], "first_id": None, "last_id": None, "has_more": False}


@pytest.mark.parametrize("operation", LISTS, ids=named)
def test_exactly_as_many_as_the_limit_is_the_last_page(operation, populated):
    http, path = populated.api.http, populated.url(operation[1])
    ids = [item["id"] for item in populated.api.all(operation[1].removeprefix(V1).format(**populated.ids))]
    page = http.get(path, params={"after": ids[-4], "limit": 3}).json()
    assert page["has_more"] is False
    assert [item["id"] for item in page["data"]] == ids[-3:]


@pytest.mark.parametrize("operation", LISTS, ids=named)
def test_a_cursor_that_never_was_an_object_works_by_its_place(operation, populated):
    """Ids sort by creation, so an id of the right form always has a place in the list."""
    http, path = populated.api.http, populated.url(operation[1])
    prefix = ITEM_PREFIX[operation[1]]
    before_all, after_all = prefix + "0" * 24, prefix + "z" * 24
    if operation[1].endswith("/audit_logs"):
        before_all, after_all = after_all, before_all
    assert http.get(path, params={"after": before_all}).json() == http.get(path).json()
    assert http.get(path, params={"after": after_all}).json()["data"] == []


DELETABLE = {
    V1 + "/admin_api_keys": lambda w: (w.api.admin_key()["id"], "/admin_api_keys/{}"),
    PROJECT + "/users": lambda w: (
        w.api.person(projects=[(w.ids["project_id"], "member")])["id"],
        f"/projects/{w.ids['project_id']}/users/{{}}",
    ),
    PROJECT + "/service_accounts": lambda w: (
        w.api.service_account(w.ids["project_id"])["id"],
        f"/projects/{w.ids['project_id']}/service_accounts/{{}}",
    ),
    PROJECT + "/api_keys": lambda w: (
        w.api.key_of(w.ids["project_id"])["id"],
        f"/projects/{w.ids['project_id']}/api_keys/{{}}",
    ),
    V1 + "/users": lambda w: (w.api.person()["id"], "/users/{}"),
    V1 + "/invites": lambda w: (w.api.invite()["id"], "/invites/{}"),
}


@pytest.mark.parametrize("path", DELETABLE, ids=lambda path: path.removeprefix(V1))
def test_a_cursor_whose_object_is_gone_still_works(path, api):
    world = World.make(api)
    make = DELETABLE[path]
    first, gone, last = (make(world) for _ in range(3))
    api.delete(gone[1].format(gone[0]))
    short = path.removeprefix(V1).format(**world.ids)
    assert [item["id"] for item in api.get(short, after=gone[0])["data"]][:1] == [last[0]]
    assert [item["id"] for item in api.get(short, after=first[0])["data"]][:1] == [last[0]]


def test_descending_admin_keys_page_backwards(populated):
    api = populated.api
    ascending = [key["id"] for key in api.all("/admin_api_keys")]
    found, query = [], {"order": "desc", "limit": 4}
    while True:
        page = api.get("/admin_api_keys", **query)
        found += [key["id"] for key in page["data"]]
        if not page["has_more"]:
            break
        query["after"] = page["last_id"]
    assert found == ascending[::-1]
    # Past the end of a descending list is before the oldest key.
    assert api.get("/admin_api_keys", order="desc", after=ascending[0])["data"] == []


def test_the_default_page_has_twenty(populated):
    assert len(populated.api.get("/audit_logs")["data"]) == 20


# --- the four without a key


def test_operational_endpoints_need_no_key(server):
    for path, kind in (
        ("/healthz", None),
        ("/readyz", None),
        ("/metrics", "text/plain"),
        ("/openapi.json", "application/json"),
    ):
        reply = httpx.get(server.url + path)
        assert reply.status_code == 200, f"{path}: {reply.text}"
        if kind is not None:
            assert reply.headers["content-type"].startswith(kind)


def test_readyz_says_whether_checks_and_admin_calls_can_be_answered(server):
    reply = httpx.get(server.url + "/readyz")
    assert reply.status_code == 200
    body = reply.json() if "json" in reply.headers["content-type"] else reply.text
    assert body, "its body says whether admin calls can"


def test_metrics_are_prometheus_text(server, api):
    api.get("/projects")
    lines = httpx.get(server.url + "/metrics").text.splitlines()
    samples = [line for line in lines if line and not line.startswith("#")]
    assert samples
    for line in samples:
        assert re.fullmatch(r"[a-zA-Z_:][a-zA-Z0-9_:]*(\{[^}]*\})? [-+0-9.eEInfNa]+", line), line
    typed = {line.split()[2] for line in lines if line.startswith("# TYPE")}
    for line in samples:
        name = re.split(r"[{ ]", line)[0]
        assert name in typed or re.sub(r"_(bucket|sum|count|total)$", "", name) in typed, line
