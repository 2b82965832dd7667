"""The server's own description: valid, complete, and compared with a published one field by field."""

import os
import re
from pathlib import Path

import httpx
import pytest
import yaml
from jsonschema import Draft202012Validator

from support.checks import document_of
from support.comparison import compare_operation
from support.openapi import resolve
from support.operations import CONTRACT, OURS, WITHOUT_KEY

DIFFERENCES = Path(__file__).with_name("differences.yaml")
CONTRACT_VARIABLE = "ORGKEYS_CONTRACT"


@pytest.fixture(scope="module")
def raw(server):
    return httpx.get(f"{server.url}/openapi.json").json()


@pytest.fixture(scope="module")
def document(server):
    return document_of(server.url)


def every_schema(node, where="#"):
    """Every schema object of the document, with its place."""
    if isinstance(node, dict):
        for name, inner in node.items():
            if name == "schema" or where.endswith(("/components/schemas", "/properties")):
                yield f"{where}/{name}", inner
            yield from every_schema(inner, f"{where}/{name}")
    elif isinstance(node, list):
        for index, inner in enumerate(node):
            yield from every_schema(inner, f"{where}/{index}")


def references(node):
    if isinstance(node, dict):
        if "$ref" in node:
            yield node["$ref"]
        for inner in node.values():
            yield from references(inner)
    elif isinstance(node, list):
        for inner in node:
            yield from references(inner)


def test_the_document_is_openapi_3_1(raw):
    """What the 3.1 specification requires of the objects that the document uses."""
    assert re.fullmatch(r"3\.1\.\d+", raw["openapi"])
    assert raw["info"]["title"] and raw["info"]["version"]
    assert set(raw) <= {
        "openapi",
        "info",
        "jsonSchemaDialect",
        "servers",
        "paths",
        "components",
        "security",
        "tags",
        "externalDocs",
    }
    ids = []
    for path, item in raw["paths"].items():
        assert path.startswith("/")
        for method, operation in item.items():
            if method == "parameters":
                continue
            assert method in ("get", "post", "delete"), f"{method} {path}"
            ids.append(operation["operationId"])
            assert operation["responses"], path
            for status, response in operation["responses"].items():
                assert re.fullmatch(r"default|[1-5](\d\d|XX)", status)
                assert resolve(raw, response)["description"] is not None
            declared = set()
            for parameter in [*item.get("parameters", []), *operation.get("parameters", [])]:
                parameter = resolve(raw, parameter)
                assert parameter["in"] in ("path", "query", "header")
                assert "schema" in parameter
                assert (parameter["in"], parameter["name"]) not in declared
                declared.add((parameter["in"], parameter["name"]))
                if parameter["in"] == "path":
                    assert parameter["required"] is True
            assert {name for where, name in declared if where == "path"} == set(re.findall(r"{(\w+)}", path))
            for requirement in operation.get("security", []):
                assert set(requirement) <= set(raw["components"]["securitySchemes"])
            if "requestBody" in operation:
                form = "application/x-www-form-urlencoded" if path.startswith("/oauth2/") else "application/json"
                assert set(resolve(raw, operation["requestBody"])["content"]) == {form}
    assert len(ids) == len(set(ids)), "operationId is unique"


def test_every_reference_leads_somewhere_and_every_component_is_used(raw):
    used = set(references(raw))
    for reference in used:
        assert resolve(raw, {"$ref": reference}) is not None, reference
    for kind in ("schemas", "responses", "parameters"):
        for name in raw["components"].get(kind, {}):
            assert f"#/components/{kind}/{name}" in used, f"{kind}/{name} is not used"


def test_every_schema_is_a_json_schema(raw):
    count = 0
    for where, schema in every_schema(raw):
        Draft202012Validator.check_schema(schema)
        types = schema.get("type")
        if types == "array" or (isinstance(types, list) and "array" in types):
            assert "items" in schema, where
        count += 1
    assert count > 100


def test_every_operation_but_those_for_newcomers_needs_a_caller(raw, document):
    for operation in document.operations.values():
        security = operation.node.get("security", raw.get("security", []))
        if operation.path == "/oauth2/introspect":
            assert security, operation.id
        elif (operation.method, operation.path) in WITHOUT_KEY or not operation.path.startswith("/v1"):
            assert not security or {} in security, operation.id
        else:
            assert security, operation.id


def test_every_operation_declares_the_errors_it_can_give(document):
    for operation in document.operations.values():
        if operation.path.startswith("/v1"):
            declared = set(operation.node["responses"])
            assert "200" in declared and declared & {"default", "4XX", "400"}, operation.id


def test_everything_that_is_sent_has_a_limit(document):
    """Every text, integer and list of a request has a maximum (promise 10)."""

    def check(schema, where):
        schema = document.resolve(schema)
        for branch in [schema, *schema.get("anyOf", [])]:
            branch = document.resolve(branch)
            kinds = branch.get("type", [])
            kinds = {kinds} if isinstance(kinds, str) else set(kinds)
            if "string" in kinds and "enum" not in branch and "const" not in branch:
                assert "maxLength" in branch, where
            if "integer" in kinds:
                assert "maximum" in branch, where
            if "array" in kinds:
                assert "maxItems" in branch, where
                check(branch["items"], f"{where}[]")
            for name, field in branch.get("properties", {}).items():
                check(field, f"{where}.{name}")

    for operation in document.operations.values():
        if operation.body_schema():
            check(operation.body_schema(), operation.id)


# --- the comparison


def published():
    path = os.environ.get(CONTRACT_VARIABLE)
    if not path:
        pytest.skip(f"{CONTRACT_VARIABLE} names no OpenAPI file to compare with")
    with open(path, encoding="utf-8") as file:
        return yaml.load(file, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))


def differences(theirs, ours, document):
    """Every difference in the operations that the published document has."""
    for method, path in CONTRACT:
        short = path.removeprefix("/v1")
        their_item = theirs["paths"].get(short)
        assert their_item and method.lower() in their_item, (
            f"{method} {short} is not in the published document"
        )
        operation = document.operations[f"{method} {path}"]
        yield from compare_operation(
            f"{method} {short}",
            (theirs, their_item, their_item[method.lower()]),
            (ours, {}, {**operation.node, "parameters": operation.parameters}),
        )


def test_each_difference_from_the_published_document_is_listed_with_its_reason(raw, document):
    theirs = published()
    found = list(differences(theirs, raw, document))
    assert len(found) == len(set(found))
    listed = {}
    for entry in yaml.safe_load(DIFFERENCES.read_text(encoding="utf-8")):
        assert entry["reason"].strip()
        for line in entry["differences"]:
            assert line not in listed, f"listed twice: {line}"
            listed[line] = entry["reason"]
    new = [line for line in found if line not in listed]
    gone = [line for line in listed if line not in found]
    assert not new, "differences without a reason in differences.yaml:\n" + "\n".join(new)
    assert not gone, "listed differences that are none any more:\n" + "\n".join(gone)


def test_our_own_operations_are_not_in_the_published_document():
    theirs = published()
    for method, path in OURS:
        item = theirs["paths"].get(path.removeprefix("/v1"), {})
        assert method.lower() not in item, f"{method} {path} is OpenAI's by now: compare it"
