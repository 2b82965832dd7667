"""HTTP/1.1 itself, on raw sockets: what is ambiguous is refused, and never answered twice."""

import json
import socket

import httpx
import pytest

from support.api import Api, http_client
from support.checks import check_error, check_headers
from support.odd_requests import BAD, EVIL, chunks, get, post
from support.raw import Connection, exchange, exchange_split_everywhere, replies_in, wait_until_read
from support.wait import wait_until


@pytest.fixture(scope="module")
def target(tmp_path_factory):
    """A server of its own: (server, project id)."""
    from support.server import Server

    # Splitting a request at every byte makes as many connections, all of which are served at once.
    queues = ("--read-queue", "4096", "--write-queue", "4096")
    server = Server(tmp_path_factory.mktemp("http") / "data", *queues).start()
    api = Api(server.base_url, server.admin_key)
    server.project = api.project("raw")["id"]
    api.close()
    yield server
    server.stop()


def filled(target, text):
    """A request with HOST, AUTH and PROJECT put in."""
    return (
        text.replace(b"{HOST}", b"Host: localhost\r\n")
        .replace(b"{AUTH}", b"Authorization: Bearer " + target.admin_key.encode() + b"\r\n")
        .replace(b"{PROJECT}", b"/v1/organization/projects/" + target.project.encode())
    )


# --- good requests; all of them ask the server to close afterwards

CLOSE = b"Connection: close\r\n"
BODY = b'{"name":"renamed"}'
# name: (request, status, what the body has, whether it is a HEAD)
GOOD = {
    "GET": (
        b"GET {PROJECT} HTTP/1.1\r\n{HOST}{AUTH}" + CLOSE + b"\r\n",
        200,
        b'"organization.project"',
        False,
    ),
    "HEAD": (b"HEAD {PROJECT} HTTP/1.1\r\n{HOST}{AUTH}" + CLOSE + b"\r\n", 200, b"", True),
    "POST with Content-Length": (
        b"POST {PROJECT} HTTP/1.1\r\n{HOST}{AUTH}Content-Type: application/json\r\nContent-Length: 18\r\n"
        + CLOSE
        + b"\r\n"
        + BODY,
        200,
        b'"renamed"',
        False,
    ),
    "POST in chunks": (
        b"POST {PROJECT} HTTP/1.1\r\n{HOST}{AUTH}Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n"
        + CLOSE
        + b"\r\n5\r\n"
        + BODY[:5]
        + b"\r\nd\r\n"
        + BODY[5:]
        + b"\r\n0\r\n\r\n",
        200,
        b'"renamed"',
        False,
    ),
    "POST in chunks, spelled in upper case": (
        b"POST {PROJECT} HTTP/1.1\r\n{HOST}{AUTH}CONTENT-TYPE: application/json\r\nTRANSFER-ENCODING: CHUNKED\r\n"
        + CLOSE
        + b"\r\n0012\r\n"
        + BODY
        + b"\r\n000\r\n\r\n",
        200,
        b'"renamed"',
        False,
    ),
    "POST without a body": (
        b"POST {PROJECT} HTTP/1.1\r\n{HOST}{AUTH}Content-Length: 0\r\n" + CLOSE + b"\r\n",
        200,
        b'"renamed"',
        False,
    ),
    "DELETE": (
        b"DELETE {PROJECT}/api_keys/key_none HTTP/1.1\r\n{HOST}{AUTH}" + CLOSE + b"\r\n",
        404,
        b'"api_key_not_found"',
        False,
    ),
    "HTTP/1.0 without Host": (b"GET {PROJECT} HTTP/1.0\r\n{AUTH}\r\n", 200, b'"organization.project"', False),
    "an empty line first": (
        b"\r\nGET {PROJECT} HTTP/1.1\r\n{HOST}{AUTH}" + CLOSE + b"\r\n",
        200,
        b'"organization.project"',
        False,
    ),
    "spaces and tabs around values": (
        b"GET {PROJECT} HTTP/1.1\r\nhost:localhost\r\n{AUTH}X-Empty:\r\nX-Odd: \t a b\t \r\nCONNECTION:\tclose \r\n\r\n",
        200,
        b'"organization.project"',
        False,
    ),
    "absolute target": (
        b"GET http://localhost{PROJECT} HTTP/1.1\r\n{HOST}{AUTH}" + CLOSE + b"\r\n",
        200,
        b'"organization.project"',
        False,
    ),
    "Upgrade is ignored": (
        b"GET {PROJECT} HTTP/1.1\r\n{HOST}{AUTH}Upgrade: h2c, websocket\r\nHTTP2-Settings: AAMAAABk\r\n"
        b"Connection: Upgrade, HTTP2-Settings, close\r\n\r\n",
        200,
        b'"organization.project"',
        False,
    ),
    "UTF-8 in a value": (
        b"GET {PROJECT} HTTP/1.1\r\n{HOST}{AUTH}X-Name: \xc3\xbc\r\n" + CLOSE + b"\r\n",
        200,
        b'"organization.project"',
        False,
    ),
}


def check_good(replies, status, part, where):
    assert len(replies) == 1, f"{where}: {len(replies)} replies"
    assert replies[0].status == status, f"{where}: {replies[0]}"
    assert part in replies[0].body, where
    assert replies[0].headers.get("connection") == "close", where


@pytest.mark.parametrize("name", GOOD)
def test_good_request_is_answered_once(name, target):
    request, status, part, head = GOOD[name]
    check_good(exchange(target, filled(target, request), head), status, part, name)


@pytest.mark.parametrize("name", GOOD)
def test_good_request_split_at_every_byte_is_answered_once(name, target):
    request, status, part, head = GOOD[name]
    for at, replies in enumerate(exchange_split_everywhere(target, filled(target, request), head), 1):
        check_good(replies, status, part, f"{name}, split at {at}")


# --- requests that two servers in a row could read differently, and plain nonsense

def check_refused(replies, where, statuses=(400,)):
    assert len(replies) == 1, f"{where}: {[reply.status for reply in replies]}"
    reply = replies[0]
    assert reply.status in statuses, f"{where}: {reply}"
    assert reply.headers.get("connection") == "close", where
    body = json.loads(reply.body)
    check_headers(reply.headers, "GET", reply.body)
    check_error(reply.status, reply.headers, body)
    if reply.status == 400:
        assert body["error"]["code"] == "malformed_request", where
    return reply


@pytest.mark.parametrize("name", BAD)
def test_bad_request_is_400_and_close_and_what_follows_is_never_answered(name, target):
    check_refused(exchange(target, BAD[name]), name)


@pytest.mark.parametrize("name", BAD)
def test_bad_request_split_at_every_byte_is_400_and_close(name, target):
    for at, replies in enumerate(exchange_split_everywhere(target, BAD[name]), 1):
        check_refused(replies, f"{name}, split at {at}")


def test_a_bad_request_does_not_disturb_the_good_ones_before_it(target):
    good = filled(target, b"GET {PROJECT} HTTP/1.1\r\n{HOST}{AUTH}\r\n")
    for name in (
        "two different Content-Length",
        "bare LF everywhere",
        "Content-Length and chunked",
        "a trailer",
    ):
        replies = exchange(target, good + good + BAD[name])
        assert [reply.status for reply in replies] == [200, 200, 400], name
        assert replies[0].headers.get("connection") != "close"


def test_the_refusal_repeats_nothing_that_was_sent(target):
    secret = b"sk-proj-SentInABrokenHeaderLine0123456789"
    replies = exchange(target, get(b"Authorization : Bearer " + secret + b"\r\n"))
    check_refused(replies, "secret")
    assert b"SentInABroken" not in replies[0].body
    assert "SentInABroken" not in target.log_text()


# --- several requests on one connection


def numbered(target, count):
    return [
        filled(target, b"GET {PROJECT}/api_keys/key_%d HTTP/1.1\r\n{HOST}{AUTH}\r\n" % number)
        for number in range(count)
    ]


def test_keep_alive_answers_one_after_the_other(target):
    request = filled(target, b"GET {PROJECT} HTTP/1.1\r\n{HOST}{AUTH}\r\n")
    with Connection(target) as connection:
        ids = set()
        for _ in range(100):
            connection.send(request)
            reply = connection.read_reply()
            assert reply.status == 200
            ids.add(reply.headers["x-request-id"])
        assert len(ids) == 100


def test_pipelined_requests_are_answered_in_order(target):
    requests = []
    for number in range(60):
        body = b'{"name":"pipelined %d"}' % number
        requests.append(
            filled(
                target,
                b"POST {PROJECT} HTTP/1.1\r\n{HOST}{AUTH}Content-Type: application/json\r\nContent-Length: %d\r\n\r\n"
                % len(body),
            )
            + body
        )
        requests.append(filled(target, b"GET {PROJECT} HTTP/1.1\r\n{HOST}{AUTH}\r\n"))
    with Connection(target) as connection:
        connection.send(b"".join(requests))
        for number in range(60):
            for _ in range(2):
                reply = connection.read_reply()
                assert reply.status == 200
                assert json.loads(reply.body)["name"] == f"pipelined {number}"


def test_a_client_that_pipelines_and_does_not_read_is_held_and_served_in_the_end(target):
    request = b"GET /openapi.json HTTP/1.1\r\nHost: localhost\r\n\r\n"
    count = 400
    with Connection(target) as greedy:
        greedy.socket.settimeout(60)
        greedy.socket.setblocking(False)
        data, sent = request * count, 0
        try:
            while sent < len(data):
                sent += greedy.socket.send(data[sent:])
        except BlockingIOError:
            pass
        greedy.socket.settimeout(60)
        # Everybody else is answered meanwhile.
        assert httpx.get(target.url + "/healthz").status_code == 200
        whole = 0
        while sent < len(data) or whole < count:
            if sent < len(data):
                greedy.socket.setblocking(False)
                try:
                    sent += greedy.socket.send(data[sent:])
                except BlockingIOError:
                    pass
                greedy.socket.settimeout(60)
            assert greedy.read_reply().status == 200
            whole += 1
        assert whole == count


def test_connection_close_of_the_client_is_obeyed(target):
    request = filled(target, b"GET {PROJECT} HTTP/1.1\r\n{HOST}{AUTH}Connection: close\r\n\r\n")
    replies = exchange(target, request + EVIL)
    assert [reply.status for reply in replies] == [200]


def test_http_1_0_closes_unless_asked_to_keep_alive(target):
    assert len(exchange(target, b"GET /healthz HTTP/1.0\r\n\r\n" + EVIL)) == 1


def test_an_error_of_the_api_keeps_the_connection(target):
    with Connection(target) as connection:
        for _ in range(3):
            connection.send(filled(target, b"GET {PROJECT}/api_keys/nonsense HTTP/1.1\r\n{HOST}{AUTH}\r\n"))
            assert connection.read_reply().status == 404
            connection.send(b"GET /v1/organization/projects HTTP/1.1\r\nHost: localhost\r\n\r\n")
            assert connection.read_reply().status == 401


def test_the_body_of_a_get_is_not_the_next_request(target):
    body = EVIL
    request = (
        filled(target, b"GET {PROJECT} HTTP/1.1\r\n{HOST}{AUTH}Content-Length: %d\r\n\r\n" % len(body)) + body
    )
    with Connection(target) as connection:
        connection.send(
            request + filled(target, b"DELETE {PROJECT} HTTP/1.1\r\n{HOST}{AUTH}Connection: close\r\n\r\n")
        )
        replies = replies_in(connection.read_to_end())
    assert b'"openapi"' not in b"".join(reply.body for reply in replies)
    assert replies[-1].status in (400, 405) and len(replies) <= 2


def test_the_body_of_a_refused_request_is_not_the_next_request(target):
    for head in (
        b"POST /nowhere HTTP/1.1\r\nHost: localhost\r\n",  # 404
        b"POST /v1/organization/projects HTTP/1.1\r\nHost: localhost\r\n",  # 401
        b"PUT /v1/organization/projects HTTP/1.1\r\nHost: localhost\r\n",  # 405
        filled(target, b"POST {PROJECT} HTTP/1.1\r\n{HOST}{AUTH}Content-Type: text/plain\r\n"),  # 415
    ):
        with Connection(target) as connection:
            connection.send(head + b"Content-Length: %d\r\n\r\n" % len(EVIL) + EVIL)
            reply = connection.read_reply()
            assert reply.status in (401, 404, 405, 415)
            connection.send(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            rest = replies_in(connection.read_to_end())
            assert len(rest) <= 1 and b'"openapi"' not in b"".join(r.body for r in rest)


def test_a_client_that_goes_away_in_the_middle_is_no_trouble(target):
    for data in (
        b"GET /hea",
        b"POST /v1/organization/projects HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{",
        b"",
    ):
        for _ in range(20):
            with Connection(target) as connection:
                connection.send(data)
    with Connection(target) as connection:
        connection.send(filled(target, b"GET {PROJECT} HTTP/1.1\r\n{HOST}{AUTH}\r\n"))
        connection.socket.shutdown(socket.SHUT_WR)
        assert connection.read_reply().status == 200, "a half-closed client still gets its reply"


# --- Expect: 100-continue


def with_expectation(target, length, more=b""):
    return filled(
        target,
        b"POST {PROJECT} HTTP/1.1\r\n{HOST}{AUTH}Content-Type: application/json\r\nExpect: 100-continue\r\n"
        b"Content-Length: %d\r\n" % length + more + b"\r\n",
    )


def test_expect_100_continue_is_answered_before_the_body(target):
    with Connection(target) as connection:
        connection.send(with_expectation(target, len(BODY)))
        assert connection.read_reply().status == 100
        connection.send(BODY)
        reply = connection.read_reply()
        assert reply.status == 200 and b'"renamed"' in reply.body


def test_expect_100_continue_with_the_body_at_once_is_answered_too(target):
    with Connection(target) as connection:
        connection.send(with_expectation(target, len(BODY)) + BODY)
        reply = connection.read_reply()
        if reply.status == 100:
            reply = connection.read_reply()
        assert reply.status == 200 and b'"renamed"' in reply.body


def test_a_body_too_large_is_refused_instead_of_100(target):
    with Connection(target) as connection:
        connection.send(with_expectation(target, (1 << 20) + 1))
        reply = connection.read_reply()
        assert reply.status == 413 and reply.headers["connection"] == "close"
        assert connection.at_end()


def test_any_other_expectation_is_417(target):
    for value in (b"200-ok", b"100-continue, x", b"x"):
        replies = exchange(target, post(b"Expect: " + value + b"\r\nContent-Length: 3\r\n"))
        assert replies[0].status == 417 and len(replies) == 1
        assert json.loads(replies[0].body)["error"]["code"] == "expectation_failed"


# --- bounds


def test_a_header_over_16_kib_is_431_and_close(target):
    for headers in (
        b"X-Long: " + b"x" * 17000 + b"\r\n",
        b"".join(b"X-%d: %s\r\n" % (n, b"y" * 200) for n in range(90)),
    ):
        check_refused(exchange(target, get(headers)), "long header", (431,))
    check_refused(
        exchange(target, get(line=b"GET /" + b"x" * 17000 + b" HTTP/1.1\r\n")), "long target", (431,)
    )
    check_refused(exchange(target, b"x" * 40000), "one endless line", (431, 400))


def test_more_than_100_header_lines_are_431(target):
    lines = b"".join(b"X-%d: y\r\n" % n for n in range(100))
    check_refused(exchange(target, get(lines)), "many lines", (431,))
    fine = b"".join(b"X-%d: y\r\n" % n for n in range(90))
    replies = exchange(target, b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n" + fine + b"\r\n")
    assert replies[0].status == 200


def test_a_header_just_below_the_bound_is_fine(target):
    value = b"x" * 15000
    replies = exchange(
        target, b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX-Long: " + value + b"\r\n\r\n"
    )
    assert replies[0].status == 200


def test_a_body_over_the_bound_is_413_and_close(target):
    for request in (
        post(b"Content-Length: 1048577\r\n", b"{"),
        post(b"Content-Length: 9223372036854775807\r\n", b"{"),
        chunks(b"100001\r\n" + b" " * 0x100001 + b"\r\n0\r\n\r\n"),
        chunks((b"1000\r\n" + b" " * 0x1000 + b"\r\n") * 257 + b"0\r\n\r\n"),
        chunks(b"fffffffffffffff\r\n"),
    ):
        check_refused(exchange(target, request), "large body", (413,))


def test_a_body_of_exactly_the_bound_is_read(target):
    body = BODY + b" " * ((1 << 20) - len(BODY))
    head = filled(
        target,
        b"POST {PROJECT} HTTP/1.1\r\n{HOST}{AUTH}Content-Type: application/json\r\nConnection: close\r\n",
    )
    replies = exchange(target, head + b"Content-Length: %d\r\n\r\n" % len(body) + body)
    assert replies[0].status == 200, replies
    chunked = b"".join(
        b"%x\r\n%s\r\n" % (0x4000, body[at : at + 0x4000]) for at in range(0, len(body), 0x4000)
    )
    replies = exchange(target, head + b"Transfer-Encoding: chunked\r\n\r\n" + chunked + b"0\r\n\r\n")
    assert replies[0].status == 200, replies


@pytest.mark.parametrize("path", ["sessions", "invites/accept", "passwords"])
def test_a_body_that_holds_too_much_is_refused_whole_without_a_key_too(target, path):
    """Somewhere between few values and many, the long string is what there is no more memory for."""
    problems = set()
    with http_client(target.base_url, Origin=target.url) as client:
        for values in range(20_000, 110_000, 5_000):
            body = b'{"email":[' + b"1," * values + b'"' + b"a" * 300_000 + b'"]}'
            headers = {"Content-Type": "application/json"}
            reply = client.post(f"/organization/{path}", content=body, headers=headers)
            assert reply.status_code == 400, reply.text
            problems.add("it holds too much" in reply.json()["error"]["message"])
    assert problems == {False, True}, "some were read, some held too much"
    assert httpx.get(target.url + "/readyz").status_code == 200


def test_a_slow_sender_is_408_however_steadily_it_sends(fresh_server):
    server = fresh_server("--request-timeout", "500ms")
    for beginning in (
        b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nX-Slow: ",
        b"POST /v1/organization/projects HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\n",
        b"POST /v1/organization/projects HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n3e8\r\n",
    ):
        with Connection(server) as connection:
            connection.send(beginning)
            connection.socket.settimeout(0.05)
            for _ in range(200):  # a byte every 50 ms would take 10 s
                connection.send(b"x")
                try:
                    if not connection._more() or b"\r\n\r\n" in connection.buffer:
                        break
                except TimeoutError:
                    continue
            connection.socket.settimeout(20)
            replies = replies_in(connection.read_to_end())
        check_refused(replies, "slow sender", (408,))


def test_a_connection_that_stays_silent_is_closed(fresh_server):
    server = fresh_server("--request-timeout", "500ms", "--idle-timeout", "500ms")
    with Connection(server) as silent, Connection(server) as used:
        used.send(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert used.read_reply().status == 200
        assert used.at_end()
        data = silent.read_to_end()
        assert data == b"" or replies_in(data)[0].status == 408


def test_one_connection_too_many_is_503_and_close(fresh_server):
    server = fresh_server("--max-connections", "8")
    held = [Connection(server) for _ in range(8)]
    for connection in held:
        connection.send(b"GET /healthz HTTP/1.1\r\n")  # what has begun a request is not idle
    wait_until_read(server, [connection.port for connection in held])
    for _ in range(3):
        with Connection(server) as refused:
            refused.send(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
            reply = replies_in(refused.read_to_end())[0]
            assert reply.status == 503 and reply.headers["connection"] == "close"
            assert reply.headers["content-type"] == "application/json"
            assert reply.headers["cache-control"] == "no-store"
            assert reply.headers["x-request-id"].startswith("req_")
            check_error(503, reply.headers, json.loads(reply.body))
    held.pop().close()

    def served():
        with Connection(server) as again:
            again.send(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            return replies_in(again.read_to_end())[0].status == 200

    wait_until(served)
    for connection in held:
        connection.close()
    wait_until(served)


def test_all_bodies_in_memory_together_have_a_bound(fresh_server):
    server = fresh_server("--max-body-size", "64KiB", "--max-bodies-size", "64KiB")
    head = b"POST /v1/organization/projects HTTP/1.1\r\nHost: localhost\r\nContent-Length: 60000\r\n\r\n"
    with Connection(server) as first:
        first.send(head + b" " * 50000)
        wait_until_read(server, [first.port])

        def refused():
            replies = exchange(
                server,
                head + b" " * 59999 + b"{" + b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
            )
            return replies[0].status == 503 and "retry-after" in replies[0].headers

        wait_until(refused)
        first.send(b" " * 10000)
        assert first.read_reply().status == 401

    def served():
        replies = exchange(
            server, head + b" " * 60000 + b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
        )
        return replies[0].status == 401

    wait_until(served)


def test_connect_is_405_and_close(target):
    replies = exchange(target, b"CONNECT evil.example:443 HTTP/1.1\r\nHost: evil.example:443\r\n\r\n" + EVIL)
    check_refused(replies, "CONNECT", (405,))


def test_upgrade_never_switches_protocols(target):
    with Connection(target) as connection:
        connection.send(
            b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
            b"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n\r\n"
        )
        assert connection.read_reply().status == 200
        connection.send(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert connection.read_reply().status == 200, "still HTTP/1.1"


def test_head_of_every_kind_has_no_body_and_keeps_the_connection(target):
    with Connection(target) as connection:
        for path, status in (("/healthz", 200), ("/nowhere", 404), ("/v1/organization/projects", 401)):
            connection.send(f"HEAD {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
            reply = connection.read_reply(head_only=True)
            assert reply.status == status and int(reply.headers["content-length"]) > 0
        connection.send(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        assert [reply.status for reply in replies_in(connection.read_to_end())] == [200]


def test_replies_have_a_date_and_no_server_version(target):
    reply = exchange(target, b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")[0]
    assert reply.headers["date"].endswith("GMT")
    assert "." not in reply.headers.get("server", "")


def test_a_unix_socket_serves_the_same_api(fresh_server, tmp_path):
    path = tmp_path / "socket"
    server = fresh_server(listen=("127.0.0.1:0", f"unix:{path}"))
    with httpx.Client(transport=httpx.HTTPTransport(uds=str(path)), base_url="http://localhost/v1") as client:
        reply = client.get("/organization/projects", headers={"Authorization": f"Bearer {server.admin_key}"})
    assert reply.status_code == 200
    server.stop()
    server.start()  # the socket file that was left behind, or not, is in nobody's way


def test_internal_endpoints_are_only_on_the_internal_listener(fresh_server):
    server = fresh_server("--internal-listen", "127.0.0.1:0")
    for path in ("/metrics", "/readyz"):
        assert httpx.get(server.url + path).status_code == 404
        assert httpx.get(server.internal_url + path).status_code == 200
    assert httpx.get(server.url + "/healthz").status_code == 200
    assert (
        httpx.get(
            server.internal_url + "/v1/organization/projects",
            headers={"Authorization": f"Bearer {server.admin_key}"},
        ).status_code
        == 404
    )


def test_listening_beyond_loopback_without_tls_warns_once(fresh_server):
    server = fresh_server(listen=("0.0.0.0:0",))
    assert "TLS" in server.wait_for_log(" warning ")
    server.stop()
    assert sum(" warning " in line for line in server.log) == 1, server.log
    quiet = fresh_server(name="quiet")
    quiet.stop()
    assert not any(" warning " in line for line in quiet.log), quiet.log


def test_a_full_read_queue_is_503_with_retry_after_and_nothing_done(fresh_server):
    server = fresh_server("--readers", "1", "--read-queue", "1", "--write-queue", "1")
    from support.api import parallel

    api = Api(server.base_url, server.admin_key)
    made, refused = [], []

    def create(number):
        reply = api.http.post("/organization/projects", json={"name": f"flood {number}"})
        (made if reply.status_code == 200 else refused).append((number, reply))

    parallel(create, range(300), threads=40)
    assert made
    for _, reply in refused:
        assert reply.status_code == 503 and reply.json()["error"]["code"] == "overloaded"
    with http_client(server.base_url, server.admin_key):
        names = {project["name"] for project in api.all("/projects")}
    for number, _ in made:
        assert f"flood {number}" in names
    for number, _ in refused:
        assert f"flood {number}" not in names, "a 503 means that nothing was done"
