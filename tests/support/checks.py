"""What must hold of every reply, whichever test asked: see `check_reply`."""

import json
import re
import threading
from urllib.parse import urlsplit

import httpx

from support.openapi import Document
from support.plain import PLAIN
from support.secret_values import SECRETS, parts_in

REQUEST_ID = re.compile(r"req_[0-9A-Za-z]{16,40}")
ENVELOPE = {"message", "type", "param", "code"}
OPERATIONAL = ("/healthz", "/readyz", "/metrics", "/openapi.json")
# 503s that are not for trying again at once: the same query, or a change that may have been kept.
NOT_FOR_RETRY = ("query_timeout", "outcome_unknown")

_documents = {}
_documents_lock = threading.Lock()


def document_of(origin):
    """The /openapi.json of a running server; asked for once per server."""
    with _documents_lock:
        if origin not in _documents:
            reply = httpx.get(f"{origin}/openapi.json", timeout=30, verify=PLAIN)
            assert reply.status_code == 200, reply.text
            _documents[origin] = Document(reply.json())
        return _documents[origin]


def register_secrets(reply):
    """Remembers what a reply hands out once."""
    if isinstance(reply, dict):
        for name, value in reply.items():
            if name == "value" and isinstance(value, str):
                SECRETS.add(value)
            elif name == "invite_url" and isinstance(value, str):
                SECRETS.add(value.partition("#")[2])
            else:
                register_secrets(value)
    elif isinstance(reply, list):
        for value in reply:
            register_secrets(value)


def check_error(status, headers, body):
    assert set(body) == {"error"}, f"not the error envelope: {body}"
    error = body["error"]
    assert set(error) == ENVELOPE, f"the envelope has the keys {sorted(error)}"
    assert isinstance(error["message"], str) and error["message"], error
    assert isinstance(error["type"], str) and error["type"], error
    assert error["param"] is None or isinstance(error["param"], str), error
    assert error["code"] is None or isinstance(error["code"], str), error
    assert "openai.com" not in error["message"], f"names a page of OpenAI's: {error}"
    assert "{" not in error["message"], f"a placeholder was left: {error}"
    retry = headers.get("x-should-retry")
    if status == 503 and error["code"] not in NOT_FOR_RETRY:
        assert "retry-after" in headers, f"503 without Retry-After: {error}"
        assert retry != "false", error
    elif status not in (408, 500):
        assert retry == "false", f"a retry cannot help, but x-should-retry is {retry}: {status} {error}"
    if status == 405:
        assert "allow" in headers, "405 without Allow"


def check_headers(headers, method, body):
    assert REQUEST_ID.fullmatch(headers.get("x-request-id", "")), (
        f"x-request-id: {headers.get('x-request-id')}"
    )
    assert re.fullmatch(r"\d+", headers.get("openai-processing-ms", "")), "openai-processing-ms"
    assert headers.get("openai-version"), "openai-version"
    assert headers.get("cache-control") == "no-store", f"cache-control: {headers.get('cache-control')}"
    assert headers.get("x-content-type-options") == "nosniff", "x-content-type-options"
    assert headers.get("content-type", "").split(";")[0] == "application/json", headers.get("content-type")
    if method != "HEAD":
        assert int(headers["content-length"]) == len(body)


def check_reply(request, status, headers, body, document):
    """Asserts on one reply of the API. `request` is httpx's; `body` is bytes."""
    method, path = request.method, urlsplit(str(request.url)).path
    if path in OPERATIONAL:
        return
    where = f"{method} {path} -> {status}"
    try:
        check_headers(headers, method, body)
        if method == "HEAD":
            assert body == b"", "a reply to HEAD has a body"
            return
        parsed = json.loads(body)
        assert isinstance(parsed, dict), "not a JSON object"
        credentials = request.headers.get("authorization", "").partition(" ")[2]
        if status >= 400:
            check_error(status, headers, parsed)
            if len(credentials) >= 12:
                assert not parts_in(credentials, body.decode()), (
                    "the error repeats a part of the presented key"
                )
        else:
            assert status == 200, "a success that is not 200"
            register_secrets(parsed)
            if credentials:
                assert re.fullmatch(r"org_[0-9A-Za-z]{24}", headers.get("openai-organization", "")), (
                    "openai-organization"
                )
        operation = document.match(method, path)
        if operation is None:
            assert status >= 400, "an operation that /openapi.json does not have"
            return
        validator = document.validator(operation, status)
        assert validator is not None, f"/openapi.json does not declare status {status} for {operation.id}"
        problems = [
            f"{'/'.join(map(str, e.instance_path)) or '(whole)'}: {e.message}"
            for e in validator.iter_errors(parsed)
        ]
        assert not problems, "the reply does not fit /openapi.json: " + "; ".join(problems[:5])
    except (AssertionError, ValueError) as problem:
        raise AssertionError(
            f"{where}: {problem}\nheaders: {dict(headers)}\nbody: {body[:2000]!r}"
        ) from problem


def note_request(request):
    """Remembers the secrets that a request presents."""
    scheme, _, credentials = request.headers.get("authorization", "").partition(" ")
    if len(credentials) >= 12:
        SECRETS.add(credentials)
    try:
        body = json.loads(request.content) if request.content else None
    except (ValueError, RecursionError, httpx.RequestNotRead):
        return
    if isinstance(body, dict):
        for name in ("value", "token"):
            if isinstance(body.get(name), str) and len(body[name]) >= 16:
                SECRETS.add(body[name])


def _origin(request):
    parts = urlsplit(str(request.url))
    return f"{parts.scheme}://{parts.netloc}"


class CheckingTransport(httpx.HTTPTransport):
    """Checks every reply; a reply that breaks a rule fails the test that caused it."""

    def __init__(self, **options):
        super().__init__(verify=PLAIN, **options)

    def handle_request(self, request):
        request.read()
        note_request(request)
        document = document_of(_origin(request))
        response = super().handle_request(request)
        body = response.read()
        check_reply(request, response.status_code, response.headers, body, document)
        return response


class AsyncCheckingTransport(httpx.AsyncHTTPTransport):
    def __init__(self, **options):
        super().__init__(verify=PLAIN, **options)

    async def handle_async_request(self, request):
        await request.aread()
        note_request(request)
        document = document_of(_origin(request))
        response = await super().handle_async_request(request)
        body = await response.aread()
        check_reply(request, response.status_code, response.headers, body, document)
        return response
