"""Requests that two servers in a row could read differently, and requests that are merely unusual. Behind
each stands another one, which must not be answered where the first one ends the connection, and nowhere
twice."""

EVIL = b"GET /openapi.json HTTP/1.1\r\nHost: evil\r\n\r\n"


def post(headers, body=b"abc" + EVIL, version=b"1.1", host=b"Host: localhost\r\n"):
    return b"POST /v1/organization/projects HTTP/" + version + b"\r\n" + host + headers + b"\r\n" + body


def get(headers=b"", line=b"GET /healthz HTTP/1.1\r\n", host=b"Host: localhost\r\n"):
    return line + host + headers + b"\r\n" + EVIL


def chunks(body, headers=b"Transfer-Encoding: chunked\r\n"):
    return post(headers, body + EVIL)


BAD = {
    # Content-Length
    "two different Content-Length": post(b"Content-Length: 3\r\nContent-Length: 46\r\n"),
    "two different Content-Length, larger first": post(b"Content-Length: 46\r\nContent-Length: 3\r\n"),
    "two equal Content-Length": post(b"Content-Length: 3\r\nContent-Length: 3\r\n"),
    "Content-Length with a list": post(b"Content-Length: 3, 3\r\n"),
    "space before the colon": post(b"Content-Length : 3\r\n"),
    "tab before the colon": post(b"Content-Length\t: 3\r\n"),
    "space before the colon of any header": get(b"X-Any : 1\r\n"),
    "folded Content-Length": post(b"Content-Length:\r\n 3\r\n"),
    "folded with a tab": post(b"Content-Length:\r\n\t3\r\n"),
    "folded any header": get(b"X-Any: 1\r\n 2\r\n"),
    "folded to a Content-Length": get(b"X-Any: 1\r\n Content-Length: 46\r\n"),
    "indented first header": b"GET /healthz HTTP/1.1\r\n Host: localhost\r\n\r\n" + EVIL,
    "indented Content-Length": post(b"Content-Length: 46\r\n Content-Length: 3\r\n"),
    "Content-Length +3": post(b"Content-Length: +3\r\n"),
    "Content-Length -3": post(b"Content-Length: -3\r\n"),
    "Content-Length 0x3": post(b"Content-Length: 0x3\r\n"),
    "Content-Length 3 3": post(b"Content-Length: 3 3\r\n"),
    "Content-Length 3.0": post(b"Content-Length: 3.0\r\n"),
    "Content-Length 3;x": post(b"Content-Length: 3;x\r\n"),
    "Content-Length empty": post(b"Content-Length:\r\n"),
    "Content-Length in quotes": post(b'Content-Length: "3"\r\n'),
    "Content-Length over 64 bits": post(b"Content-Length: 18446744073709551619\r\n"),
    "Content-Length 3,46": post(b"Content-Length: 3,46\r\n"),
    "Content-Length 3_0": post(b"Content-Length: 3_0\r\n"),
    "Content-Length, the second in lower case": post(b"Content-Length: 3\r\ncontent-length: 46\r\n"),
    "Content Length": post(b"Content Length: 46\r\n"),
    "Content-Length with a NUL before it": post(b"\0Content-Length: 46\r\n"),
    "Content-Length with a vertical tab": post(b"Content-Length: \x0b3\r\n"),
    # Transfer-Encoding
    "Content-Length and chunked": post(
        b"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n", b"0\r\n\r\n" + EVIL
    ),
    "chunked and Content-Length": post(
        b"Transfer-Encoding: chunked\r\nContent-Length: 46\r\n", b"0\r\n\r\n" + EVIL
    ),
    "Transfer-Encoding gzip, chunked": chunks(b"0\r\n\r\n", b"Transfer-Encoding: gzip, chunked\r\n"),
    "Transfer-Encoding chunked, gzip": chunks(b"0\r\n\r\n", b"Transfer-Encoding: chunked, gzip\r\n"),
    "Transfer-Encoding chunked, chunked": chunks(b"0\r\n\r\n", b"Transfer-Encoding: chunked, chunked\r\n"),
    "Transfer-Encoding identity": chunks(b"0\r\n\r\n", b"Transfer-Encoding: identity\r\n"),
    "Transfer-Encoding xchunked": chunks(b"0\r\n\r\n", b"Transfer-Encoding: xchunked\r\n"),
    "Transfer-Encoding with a parameter": chunks(b"0\r\n\r\n", b"Transfer-Encoding: chunked;q=1\r\n"),
    "Transfer-Encoding empty": chunks(b"", b"Transfer-Encoding:\r\n"),
    "Transfer-Encoding a comma": chunks(b"0\r\n\r\n", b"Transfer-Encoding: chunked,\r\n"),
    "Transfer-Encoding twice": chunks(
        b"0\r\n\r\n", b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"
    ),
    "Transfer-Encoding twice, one other": chunks(
        b"0\r\n\r\n", b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n"
    ),
    "Transfer-Encoding folded": chunks(b"0\r\n\r\n", b"Transfer-Encoding:\r\n chunked\r\n"),
    "Transfer-Encoding with a space before the colon": chunks(b"0\r\n\r\n", b"Transfer-Encoding : chunked\r\n"),
    "Transfer-Encoding with a tab before the colon": chunks(b"0\r\n\r\n", b"Transfer-Encoding\t: chunked\r\n"),
    "Transfer-Encoding with a vertical tab before the colon": chunks(
        b"0\r\n\r\n", b"Transfer-Encoding\x0b: chunked\r\n"
    ),
    "Transfer-Encoding behind a space": chunks(b"0\r\n\r\n", b"X-Any: 1\r\n Transfer-Encoding: chunked\r\n"),
    "Transfer-Encoding behind a bare LF": chunks(b"0\r\n\r\n", b"X-Any: 1\nTransfer-Encoding: chunked\r\n"),
    "Transfer-Encoding behind a bare CR": chunks(b"0\r\n\r\n", b"X-Any: 1\rTransfer-Encoding: chunked\r\n"),
    "Transfer-Encoding that ends with a bare LF": chunks(b"0\r\n\r\n", b"Transfer-Encoding: chunked\n"),
    "Transfer-Encoding identity, chunked": chunks(b"0\r\n\r\n", b"Transfer-Encoding: identity, chunked\r\n"),
    "Transfer-Encoding chunked, identity": chunks(b"0\r\n\r\n", b"Transfer-Encoding: chunked, identity\r\n"),
    "Transfer-Encoding chunk": chunks(b"0\r\n\r\n", b"Transfer-Encoding: chunk\r\n"),
    "Transfer-Encoding with a NUL": chunks(b"0\r\n\r\n", b"Transfer-Encoding: chunked\0\r\n"),
    "Transfer-Encoding with a form feed": chunks(b"0\r\n\r\n", b"Transfer-Encoding: \x0cchunked\r\n"),
    "xchunked and Content-Length": post(b"Transfer-Encoding: xchunked\r\nContent-Length: 3\r\n"),
    "spaced Transfer-Encoding and Content-Length": post(b"Transfer-Encoding : chunked\r\nContent-Length: 3\r\n"),
    "Transfer-Encoding with a vertical tab": chunks(b"0\r\n\r\n", b"Transfer-Encoding: \x0bchunked\r\n"),
    "Transfer-Encoding in quotes": chunks(b"0\r\n\r\n", b'Transfer-Encoding: "chunked"\r\n'),
    "Transfer-Encoding on a GET, not chunked": get(b"Transfer-Encoding: gzip\r\n"),
    "chunked under HTTP/1.0": post(b"Transfer-Encoding: chunked\r\n", b"0\r\n\r\n" + EVIL, version=b"1.0"),
    # chunks
    "chunk size 0x1": chunks(b"0x1\r\na\r\n0\r\n\r\n"),
    "chunk size +1": chunks(b"+1\r\na\r\n0\r\n\r\n"),
    "chunk size -1": chunks(b"-1\r\na\r\n0\r\n\r\n"),
    "chunk size with a leading space": chunks(b" 1\r\na\r\n0\r\n\r\n"),
    "chunk size g": chunks(b"g\r\na\r\n0\r\n\r\n"),
    "chunk size empty": chunks(b"\r\na\r\n0\r\n\r\n"),
    "chunk size over 64 bits": chunks(b"10000000000000001\r\na\r\n0\r\n\r\n"),
    "chunk size with a space behind it": chunks(b"1 \r\na\r\n0\r\n\r\n"),
    "chunk size with a tab behind it": chunks(b"1\t\r\na\r\n0\r\n\r\n"),
    "chunk size 1_0": chunks(b"1_0\r\na\r\n0\r\n\r\n"),
    "chunk size 0x0": chunks(b"0x0\r\n\r\n"),
    "chunk size of 64 bits and 16 more": chunks(b"10000000000000000\r\n\r\n"),
    "chunk size with text behind it": chunks(b"1 a\r\na\r\n0\r\n\r\n"),
    "chunk extension with a NUL": chunks(b"1;\0\r\na\r\n0\r\n\r\n"),
    "chunk extension with a space before it": chunks(b"1 ;x=y\r\na\r\n0\r\n\r\n"),
    "last chunk with a bare LF in its extension": chunks(b"0;x\n\r\n"),
    "chunk size line with a bare LF": chunks(b"1\na\r\n0\r\n\r\n"),
    "chunk extension with a bare LF": chunks(b"1;x\na\r\n0\r\n\r\n"),
    "chunk extension with a bare CR": chunks(b"1;x\ry\r\na\r\n0\r\n\r\n"),
    "chunk data without its CRLF": chunks(b"1\r\na0\r\n\r\n"),
    "chunk data with a bare LF": chunks(b"1\r\na\n0\r\n\r\n"),
    "chunk data with a bare CR": chunks(b"1\r\na\r0\r\n\r\n"),
    "chunk data longer than its size": chunks(b"1\r\nab\r\n0\r\n\r\n"),
    "last chunk with a bare LF": chunks(b"0\n\n"),
    "last chunk with one bare LF": chunks(b"0\r\n\n"),
    "a trailer": chunks(b"0\r\nX-Trailer: 1\r\n\r\n"),
    "Authorization as a trailer": chunks(b"0\r\nAuthorization: Bearer aTrailerIsNoHeader\r\n\r\n"),
    "Content-Length as a trailer": chunks(b"0\r\nContent-Length: 46\r\n\r\n"),
    # lines
    "bare LF after the request line": b"GET /healthz HTTP/1.1\nHost: localhost\r\n\r\n" + EVIL,
    "bare LF after a header": b"GET /healthz HTTP/1.1\r\nHost: localhost\n\r\n" + EVIL,
    "bare LF everywhere": b"GET /healthz HTTP/1.1\nHost: localhost\n\n" + EVIL,
    "bare LF at the end": b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\n" + EVIL,
    "LF before the request line": b"\nGET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n" + EVIL,
    "bare CR in a value": get(b"X-Any: a\rContent-Length: 46\r\n"),
    "bare CR in the request line": b"GET /healthz\r HTTP/1.1\r\nHost: localhost\r\n\r\n" + EVIL,
    "bare CR as a line": b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\rX: y\r\n\r\n" + EVIL,
    "CR CR LF": get(b"X-Any: a\r\r\n"),
    "NUL in a value": get(b"X-Any: a\0b\r\n"),
    "NUL in a name": get(b"X-\0Any: a\r\n"),
    "NUL in the target": get(line=b"GET /health\0z HTTP/1.1\r\n"),
    "NUL as Content-Length's end": post(b"Content-Length: 3\0\r\n"),
    "control character in a value": get(b"X-Any: a\x01b\r\n"),
    "escape in a value": get(b"X-Any: \x1b[31m\r\n"),
    "DEL in a value": get(b"X-Any: a\x7fb\r\n"),
    "empty header name": get(b": value\r\n"),
    "header without a colon": get(b"NoColon\r\n"),
    "header name with a bracket": get(b"X(Any: 1\r\n"),
    "header name with UTF-8": get(b"X-\xc3\xbc: 1\r\n"),
    "header name with a space": get(b"X Any: 1\r\n"),
    # Host
    "no Host": get(host=b""),
    "Host twice": get(b"Host: localhost\r\n"),
    "Host twice, different": get(b"Host: evil\r\n"),
    "Host with a path": get(host=b"Host: localhost/evil\r\n"),
    "Host with user information": get(host=b"Host: user@localhost\r\n"),
    "Host with a space": get(host=b"Host: local host\r\n"),
    # the request line
    "# in the target": get(line=b"GET /healthz#x HTTP/1.1\r\n"),
    "%00 in the target": get(line=b"GET /healthz%00 HTTP/1.1\r\n"),
    "%00 in the query": get(line=b"GET /healthz?a=%00 HTTP/1.1\r\n"),
    "UTF-8 in the target": get(line=b"GET /h\xc3\xa4 HTTP/1.1\r\n"),
    "control character in the target": get(line=b"GET /healthz\x07 HTTP/1.1\r\n"),
    "tab in the target": get(line=b"GET /health\tz HTTP/1.1\r\n"),
    "target that does not begin with a slash": get(line=b"GET healthz HTTP/1.1\r\n"),
    "target * of a GET": get(line=b"GET * HTTP/1.1\r\n"),
    "absolute target of another host": get(line=b"GET http://evil/healthz HTTP/1.1\r\n"),
    "absolute target of another scheme": get(line=b"GET ftp://localhost/healthz HTTP/1.1\r\n"),
    "two spaces in the request line": get(line=b"GET  /healthz HTTP/1.1\r\n"),
    "two spaces before the version": get(line=b"GET /healthz  HTTP/1.1\r\n"),
    "space at the end of the request line": get(line=b"GET /healthz HTTP/1.1 \r\n"),
    "space before the method": get(line=b" GET /healthz HTTP/1.1\r\n"),
    "tabs in the request line": get(line=b"GET\t/healthz\tHTTP/1.1\r\n"),
    "no version": get(line=b"GET /healthz\r\n"),
    "HTTP/0.9": get(line=b"GET /healthz HTTP/0.9\r\n"),
    "HTTP/1.2": get(line=b"GET /healthz HTTP/1.2\r\n"),
    "HTTP/2.0": get(line=b"GET /healthz HTTP/2.0\r\n"),
    "HTTP/1": get(line=b"GET /healthz HTTP/1\r\n"),
    "HTTP/01.1": get(line=b"GET /healthz HTTP/01.1\r\n"),
    "http/1.1": get(line=b"GET /healthz http/1.1\r\n"),
    "RTSP/1.0": get(line=b"GET /healthz RTSP/1.0\r\n"),
    "ICE/1.0": get(line=b"SOURCE /healthz ICE/1.0\r\n"),
    "text after the version": get(line=b"GET /healthz HTTP/1.1 x\r\n"),
    "method with a bracket": get(line=b"G(T /healthz HTTP/1.1\r\n"),
    "no method": get(line=b" /healthz HTTP/1.1\r\n"),
    "HTTP/2 with prior knowledge": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + EVIL,
    "a TLS ClientHello": bytes.fromhex("16030100c8010000c40303") + b"\x5a" * 190 + EVIL,
    "three empty lines first": b"\r\n\r\n\r\nGET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n" + EVIL,
    "text": b"hello\r\n\r\n" + EVIL,
}


# --- requests that need not be refused, or not with 400

def body(headers, method=b"POST", data=EVIL, target=b"/v1/organization/projects", version=b"1.1"):
    """A request whose body reads like another request."""
    return method + b" " + target + b" HTTP/" + version + b"\r\nHost: localhost\r\n" + headers + b"\r\n" + data


def chunked(size_line, headers=b"Transfer-Encoding: chunked\r\n", method=b"POST"):
    return body(headers, method, size_line + b"\r\n" + EVIL + b"\r\n0\r\n\r\n")


LENGTH = b"Content-Length: %d\r\n" % len(EVIL)
SIZE = b"%x" % len(EVIL)
OK, UNAUTHORIZED, NOT_FOUND = 200, 401, 404

# name: (bytes, the statuses that they get straight, before that of the request which the test puts behind
# them). A connection that ends with them is told apart by ENDS.
ENDS = None
ODD = {
    # bodies that read like requests
    "the body of a POST": (body(LENGTH), [UNAUTHORIZED]),
    "the body of a GET": (body(LENGTH, b"GET", target=b"/healthz"), [OK]),
    "the body of a HEAD": (body(LENGTH, b"HEAD", target=b"/healthz"), [OK]),
    "the body of a DELETE": (body(LENGTH, b"DELETE"), [405]),
    "the body of an OPTIONS": (body(LENGTH, b"OPTIONS"), [405]),
    "the chunked body of a GET": (chunked(SIZE, method=b"GET"), [UNAUTHORIZED]),
    "a body under HTTP/1.0": (body(LENGTH + b"Connection: keep-alive\r\n", version=b"1.0"), [UNAUTHORIZED]),
    "half a request as the body": (body(b"Content-Length: 10\r\n", data=EVIL[:10]), [UNAUTHORIZED]),
    "Content-Length 0 and a request": (body(b"Content-Length: 0\r\n"), [UNAUTHORIZED, OK]),
    "Content-Length with zeros before it": (body(b"Content-Length: 00%d\r\n" % len(EVIL)), [UNAUTHORIZED]),
    "Content-Length with spaces behind it": (body(LENGTH[:-2] + b"  \r\n"), [UNAUTHORIZED]),
    "Content-Length without a space": (body(LENGTH.replace(b" ", b"")), [UNAUTHORIZED]),
    "Content-Length in upper case": (body(LENGTH.upper()), [UNAUTHORIZED]),
    "Content-Length of 63 bits": (body(b"Content-Length: 9223372036854775807\r\n"), [413, ENDS]),
    "a body that never ends": (body(b"Content-Length: 100000\r\n"), [ENDS]),
    "chunks that never end": (body(b"Transfer-Encoding: chunked\r\n", data=b"fff\r\n" + EVIL), [ENDS]),
    # Transfer-Encoding and chunks
    "Transfer-Encoding in upper case": (chunked(SIZE.upper(), b"TRANSFER-ENCODING: CHUNKED\r\n"), [UNAUTHORIZED]),
    "Transfer-Encoding behind a tab": (chunked(SIZE, b"Transfer-Encoding:\tchunked\r\n"), [UNAUTHORIZED]),
    "Transfer-Encoding without a space": (chunked(SIZE, b"Transfer-Encoding:chunked\r\n"), [UNAUTHORIZED]),
    "Transfer_Encoding": (body(b"Transfer_Encoding: chunked\r\n" + LENGTH), [UNAUTHORIZED]),
    "Transfer.Encoding": (body(b"Transfer.Encoding: chunked\r\n" + LENGTH), [UNAUTHORIZED]),
    "Content_Length": (body(b"Content_Length: 7\r\n" + LENGTH), [UNAUTHORIZED]),
    "a chunk extension": (chunked(SIZE + b";a=b"), [UNAUTHORIZED]),
    "a chunk extension in quotes": (chunked(SIZE + b';a="b;c"'), [UNAUTHORIZED]),
    "a chunk size with zeros before it": (chunked(b"000000" + SIZE), [UNAUTHORIZED]),
    "Trailer, but none comes": (chunked(SIZE, b"Trailer: X-Any\r\nTransfer-Encoding: chunked\r\n"), [UNAUTHORIZED]),
    "TE: trailers, chunked": (body(b"TE: trailers, chunked\r\n" + LENGTH), [UNAUTHORIZED]),
    # one after the other
    "another request behind it": (get(), [OK, OK]),
    "an empty line between": (get()[: -len(EVIL)] + b"\r\n" + EVIL, [OK, OK]),
    "an empty line behind a body": (body(LENGTH) + b"\r\n" + EVIL, [UNAUTHORIZED, OK]),
    "Connection: close and a request": (get(b"Connection: close\r\n"), [OK, ENDS]),
    "HTTP/1.0 and a request": (get(line=b"GET /healthz HTTP/1.0\r\n"), [OK, ENDS]),
    "HTTP/1.0 with keep-alive and a request": (
        get(b"Connection: keep-alive\r\n", line=b"GET /healthz HTTP/1.0\r\n"), [OK, OK],
    ),
    "HTTP/1.0 without Host": (get(line=b"GET /healthz HTTP/1.0\r\n", host=b""), [OK, ENDS]),
    # Expect
    "Expect with the body at once": (body(b"Expect: 100-continue\r\n" + LENGTH), [UNAUTHORIZED]),
    "Expect in upper case": (body(b"EXPECT: 100-CONTINUE\r\n" + LENGTH), [UNAUTHORIZED]),
    "Expect without a body": (get(b"Expect: 100-continue\r\n"), [OK, OK]),
    "Expect under HTTP/1.0": (
        body(b"Expect: 100-continue\r\nConnection: keep-alive\r\n" + LENGTH, version=b"1.0"), [UNAUTHORIZED],
    ),
    "Expect of something else": (body(b"Expect: 200-ok\r\n" + LENGTH), [417, ENDS]),
    "Expect twice": (body(b"Expect: 100-continue\r\nExpect: 100-continue\r\n" + LENGTH), [417, ENDS]),
    "Expect with a list": (body(b"Expect: 100-continue, x\r\n" + LENGTH), [417, ENDS]),
    "Expect with y behind it": (body(b"Expect: y 100-continue\r\n" + LENGTH), [417, ENDS]),
    # Connection
    "Connection: Content-Length": (body(b"Connection: Content-Length\r\n" + LENGTH), [UNAUTHORIZED]),
    "Connection: Transfer-Encoding": (
        chunked(SIZE, b"Connection: Transfer-Encoding\r\nTransfer-Encoding: chunked\r\n"), [UNAUTHORIZED],
    ),
    "Connection: Host": (get(b"Connection: Host\r\n"), [OK, OK]),
    "Connection: Authorization": (get(b"Connection: Authorization\r\n"), [OK, OK]),
    "Connection: X-Forwarded-For": (get(b"Connection: keep-alive, X-Forwarded-For\r\n"), [OK, OK]),
    "Connection twice": (get(b"Connection: keep-alive\r\nConnection: close\r\n"), [OK, ENDS]),
    "Proxy-Connection": (get(b"Proxy-Connection: close\r\n"), [OK, ENDS]),
    "Keep-Alive": (get(b"Keep-Alive: timeout=5, max=1\r\n"), [OK, OK]),
    # Upgrade
    "Upgrade: h2c": (
        get(b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n"), [OK, OK],
    ),
    "Upgrade: websocket": (
        get(b"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
            b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"), [OK, OK],
    ),
    "Upgrade: h2c with a body": (
        body(b"Connection: Upgrade\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n" + LENGTH), [UNAUTHORIZED],
    ),
    # methods
    "CONNECT": (get(line=b"CONNECT localhost:80 HTTP/1.1\r\n"), [405, ENDS]),
    "TRACE": (get(line=b"TRACE /healthz HTTP/1.1\r\n"), [405, OK]),
    "PUT": (body(LENGTH, b"PUT"), [405]),
    "get": (get(line=b"get /healthz HTTP/1.1\r\n"), [400, ENDS]),
    "Get": (get(line=b"Get /healthz HTTP/1.1\r\n"), [400, ENDS]),
    "GETS": (get(line=b"GETS /healthz HTTP/1.1\r\n"), [400, ENDS]),
    "OPTIONS *": (get(line=b"OPTIONS * HTTP/1.1\r\n"), [NOT_FOUND, OK]),
    "X-HTTP-Method-Override": (get(b"X-HTTP-Method-Override: POST\r\nX-Method-Override: POST\r\n"), [OK, OK]),
    # targets
    "absolute target": (get(line=b"GET http://localhost/healthz HTTP/1.1\r\n"), [OK, OK]),
    "absolute target in upper case": (get(line=b"GET HTTPS://LOCALHOST/healthz HTTP/1.1\r\n"), [OK, OK]),
    "absolute target without a path": (get(line=b"GET http://localhost HTTP/1.1\r\n"), [OK, OK]),
    "..": (get(line=b"GET /healthz/../auth HTTP/1.1\r\n"), [NOT_FOUND, OK]),
    "%2e%2e": (get(line=b"GET /healthz/%2e%2e/auth HTTP/1.1\r\n"), [NOT_FOUND, OK]),
    "more .. than there are folders": (get(line=b"GET /../../healthz HTTP/1.1\r\n"), [NOT_FOUND, OK]),
    "%2f": (get(line=b"GET /v1%2forganization%2fprojects HTTP/1.1\r\n"), [NOT_FOUND, OK]),
    "//": (get(line=b"GET //healthz HTTP/1.1\r\n"), [NOT_FOUND, OK]),
    "a path that reads like a host": (get(line=b"GET //localhost/healthz HTTP/1.1\r\n"), [NOT_FOUND, OK]),
    "\\": (get(line=b"GET /x\\..\\healthz HTTP/1.1\r\n"), [NOT_FOUND, OK]),
    ";": (get(line=b"GET /healthz;x HTTP/1.1\r\n"), [NOT_FOUND, OK]),
    "%": (get(line=b"GET /healthz% HTTP/1.1\r\n"), [NOT_FOUND, OK]),
    "%0d%0a": (get(line=b"GET /healthz%0d%0aX-Any:1 HTTP/1.1\r\n"), [NOT_FOUND, OK]),
    "%23": (get(line=b"GET /healthz%23x HTTP/1.1\r\n"), [NOT_FOUND, OK]),
    "%3f": (get(line=b"GET /healthz%3fx HTTP/1.1\r\n"), [NOT_FOUND, OK]),
    "two question marks": (get(line=b"GET /healthz??x=/../auth?y HTTP/1.1\r\n"), [OK, OK]),
    # hosts
    "empty Host": (get(host=b"Host:\r\n"), [OK, OK]),
    "Host with a port": (get(host=b"Host: localhost:65536\r\n"), [OK, OK]),
    "Host of another site": (get(host=b"Host: evil.example\r\n"), [OK, OK]),
    "X-Forwarded-Host": (get(b"X-Forwarded-Host: evil.example\r\nX-Original-URL: /auth\r\n"), [OK, OK]),
    # headers
    "a name of all characters": (get(b"X!#$%&'*+-.^_`|~1: 1\r\n"), [OK, OK]),
    "a value of bytes beyond ASCII": (get(b"X-Any: \x80\xff\r\n"), [OK, OK]),
    "an empty value": (get(b"X-Any:\r\nX-Other: \t \r\n"), [OK, OK]),
    "a colon in a value": (get(b"X-Any: :Content-Length: 46\r\n"), [OK, OK]),
    "a header of 15 KiB": (get(b"X-Any: " + b"x" * 15000 + b"\r\n"), [OK, OK]),
    "a header of 64 KiB": (get(b"X-Any: " + b"x" * 65536 + b"\r\n"), [431, ENDS]),
    "a target of 64 KiB": (get(line=b"GET /" + b"x" * 65536 + b" HTTP/1.1\r\n"), [431, ENDS]),
    "90 headers": (get(b"".join(b"X-%d: 1\r\n" % i for i in range(90))), [OK, OK]),
    "101 headers": (get(b"".join(b"X-%d: 1\r\n" % i for i in range(101))), [431, ENDS]),
    "5000 headers": (get(b"".join(b"X-%d: 1\r\n" % i for i in range(5000))), [431, ENDS]),
}
