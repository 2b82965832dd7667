"""Requests made at random from /openapi.json: the server keeps to its own description."""

import httpx
import hypothesis
import pytest
import schemathesis
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from support.api import Api
from support.checks import check_reply, document_of
from support.operations import ALL, World, named
from support.server import Server

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
EXAMPLES = 25
OPERATIONAL = [("GET", "/healthz"), ("GET", "/readyz"), ("GET", "/openapi.json"), ("GET", "/metrics")]


@pytest.fixture(scope="module")
def target(tmp_path_factory):
    """A server of its own, for whatever the requests do to it: (server, schema)."""
    server = Server(tmp_path_factory.mktemp("random") / "data").start()
    schema = schemathesis.openapi.from_dict(httpx.get(f"{server.url}/openapi.json").json())
    schema.config.update(base_url=server.url)
    yield server, schema
    server.stop()


def operation_of(schema, method, path):
    for result in schema.get_all_operations():
        operation = result.ok()
        if operation.method.upper() == method and operation.full_path == path:
            return operation
    raise AssertionError(f"{method} {path} is not in the document")


@pytest.mark.parametrize("mode", schemathesis.GenerationMode, ids=lambda mode: mode.value)
@pytest.mark.parametrize("operation", ALL, ids=named)
def test_random_requests(operation, mode, target):
    server, schema = target
    method, path = operation
    found = operation_of(schema, method, path)
    try:
        strategy = found.as_strategy(generation_mode=mode)
    except Exception as problem:
        raise AssertionError(f"no requests can be made of {method} {path}") from problem
    api = Api(server.base_url, server.admin_key)
    world = World.make(api)
    document = document_of(server.url)
    authorization = {"Authorization": f"Bearer {server.admin_key}"}

    @hypothesis.settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        derandomize=True,
        suppress_health_check=list(hypothesis.HealthCheck),
        phases=[hypothesis.Phase.generate],
    )
    @hypothesis.given(case=strategy, real=hypothesis.strategies.booleans())
    def ask(case, real):
        if real:
            # Ids made at random are only ever absent: half of the requests are for real objects.
            for name in case.path_parameters or {}:
                case.path_parameters[name] = world.ids[name]
        reply = case.call(headers=authorization)
        case.validate_response(reply, checks=CHECKS)
        headers = httpx.Headers({name: values[0] for name, values in reply.headers.items()})
        request = httpx.Request(method, reply.request.url, headers=authorization)
        check_reply(request, reply.status_code, headers, reply.content, document)

    ask()
    api.close()
    assert server.running()
