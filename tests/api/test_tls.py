"""TLS of the server's own: what it speaks, and a new certificate while connections are open."""

import http.client
import os
import re
import shutil
import signal
import socket
import ssl
import subprocess
import xml.etree.ElementTree as ElementTree

import pytest

from support.server import run
from support.tls import make_certificates, openssl
from support.wait import wait_until


@pytest.fixture
def files(tmp_path):
    (tmp_path / "tls").mkdir()
    return make_certificates(tmp_path / "tls")


@pytest.fixture
def server(fresh_server, files):
    return fresh_server("--tls-cert", files.certificate, "--tls-key", files.key)


def trusting(files):
    return ssl.create_default_context(cafile=files.authority)


def connect(server, context, timeout=30):
    connection = http.client.HTTPSConnection(server.host, server.port, context=context, timeout=timeout)
    connection.connect()
    return connection


def get(connection, path="/v1/organization/projects", key=None, **headers):
    connection.request("GET", path, headers={"Authorization": f"Bearer {key}"} if key else headers)
    reply = connection.getresponse()
    return reply.status, reply.read()


def certificate_of(connection):
    return connection.sock.getpeercert(binary_form=True)


def logged(server, words):
    return [line for line in server.log if words in line]


def test_the_api_is_answered_and_links_say_https(server, files):
    connection = connect(server, trusting(files))
    for _ in range(3):
        status, body = get(connection, key=server.admin_key)
        assert status == 200 and b'"object":"list"' in body
    assert get(connection, "/auth")[0] == 401
    assert server.password_link.startswith("https://")
    assert not logged(server, "unencrypted")


def test_a_client_can_send_byte_by_byte_and_several_requests_at_once(server, files):
    context = trusting(files)
    with context.wrap_socket(socket.create_connection((server.host, server.port)), server_hostname="localhost") as tls:
        for byte in b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n":
            tls.send(bytes([byte]))
        assert tls.recv(4096).startswith(b"HTTP/1.1 200 ")
        tls.sendall(b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n" * 20 + b"GET /healthz HTTP/1.0\r\n\r\n")
        received = b""
        while chunk := tls.recv(65536):
            received += chunk
        assert received.count(b"HTTP/1.1 200 ") == 21
        # The end was said, not only seen: what is cut off is not taken for whole.
        tls.unwrap().close()


def test_a_long_reply_reaches_a_client_that_reads_slowly(server, files):
    context = trusting(files)
    plain = socket.create_connection((server.host, server.port))
    plain.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    with context.wrap_socket(plain, server_hostname="localhost") as tls:
        tls.sendall(b"GET /openapi.json HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        received = b""
        while chunk := tls.recv(1000):
            received += chunk
    head, _, body = received.partition(b"\r\n\r\n")
    assert int(re.search(rb"Content-Length: (\d+)", head)[1]) == len(body) > 60_000


@pytest.mark.parametrize("version", ["TLSv1_2", "TLSv1_3"])
def test_both_versions_are_spoken_and_http_1_1_is_agreed_upon(server, files, version):
    context = trusting(files)
    context.minimum_version = context.maximum_version = ssl.TLSVersion[version]
    context.set_alpn_protocols(["h2", "http/1.1"])
    connection = connect(server, context)
    assert connection.sock.selected_alpn_protocol() == "http/1.1"
    assert get(connection, "/healthz")[0] == 200


def test_a_client_without_http_1_1_is_told_so(server, files):
    context = trusting(files)
    context.set_alpn_protocols(["h2"])
    with pytest.raises(ssl.SSLError, match="(?i)no.application.protocol"):
        connect(server, context)


def s_client(server, files, *options):
    """What openssl s_client says of a connection, and what the server answers on it."""
    return subprocess.run(
        ["openssl", "s_client", "-connect", f"{server.host}:{server.port}", "-CAfile", files.authority,
         "-verify_return_error", "-verify_ip", server.host, "-ign_eof", *options],
        input="GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
        capture_output=True, text=True, timeout=60,
    )


def test_openssl_verifies_the_chain_and_speaks_nothing_old(server, files):
    found = s_client(server, files)
    assert found.returncode == 0 and "Verification: OK" in found.stdout, found.stdout + found.stderr
    assert "HTTP/1.1 200 OK" in found.stdout
    # Without a level of security that would refuse it by itself.
    old = s_client(server, files, "-tls1_1", "-cipher", "ALL:@SECLEVEL=0")
    assert old.returncode != 0 and "HTTP/1.1" not in old.stdout
    assert "alert protocol version" in old.stderr, old.stderr


def test_a_scanner_finds_nothing_old(server):
    """sslscan tries every version, cipher and known weakness."""
    assert shutil.which("sslscan"), "there is no sslscan: scripts/install-deps test"
    scan = ["sslscan", "--xml=-", "--no-check-certificate", f"{server.host}:{server.port}"]
    found = ElementTree.fromstring(subprocess.run(scan, capture_output=True, timeout=120, check=True).stdout)
    versions = {f"{one.get('type')} {one.get('version')}" for one in found.iter("protocol") if one.get("enabled") == "1"}
    assert versions == {"tls 1.2", "tls 1.3"}
    ciphers = {one.get("cipher") for one in found.iter("cipher")}
    assert ciphers and all(re.fullmatch(r"(TLS_|ECDHE-).*(GCM|CHACHA20|POLY1305).*", cipher) for cipher in ciphers)
    assert {one.get("vulnerable") for one in found.iter("heartbleed")} == {"0"}
    assert not [one for one in found.iter("compression") if one.get("supported") == "1"]
    assert not [one for one in found.iter("renegotiation") if one.get("supported") == "1" and one.get("secure") == "0"]


def test_who_does_not_speak_tls_gets_nothing(server, files):
    for bytes_sent in (b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n", os.urandom(100), b"\x16\x03\x01\xff\xff" + b"\0" * 70_000):
        with socket.create_connection((server.host, server.port), timeout=30) as plain:
            try:
                plain.sendall(bytes_sent)
                received = plain.recv(4096)
            except (ConnectionResetError, BrokenPipeError):
                received = b""
            assert b"HTTP/" not in received
    assert get(connect(server, trusting(files)), "/healthz")[0] == 200


def test_a_handshake_that_stands_still_is_closed(fresh_server, files):
    server = fresh_server("--tls-cert", files.certificate, "--tls-key", files.key, "--idle-timeout", "1s",
                          "--request-timeout", "1s")
    with socket.create_connection((server.host, server.port), timeout=30) as plain:
        plain.sendall(b"\x16\x03\x01")
        assert plain.recv(10) == b""


def test_a_new_certificate_is_taken_by_new_connections_and_the_open_ones_stay(server, files, tmp_path):
    before = connect(server, trusting(files))
    former = certificate_of(before)
    (tmp_path / "new").mkdir()
    new = make_certificates(tmp_path / "new")
    new.certificate.replace(files.certificate)
    new.key.replace(files.key)
    os.kill(server.pid, signal.SIGHUP)
    wait_until(lambda: len(logged(server, "TLS certificate loaded")) == 2)
    after = connect(server, trusting(new))
    assert certificate_of(after) != former
    assert get(after, "/healthz")[0] == get(before, "/healthz")[0] == 200


@pytest.mark.parametrize("broken", ["garbage", "gone", "other key", "no chain"])
def test_a_pair_that_is_of_no_use_changes_nothing(server, files, tmp_path, broken):
    before = connect(server, trusting(files))
    (tmp_path / "other").mkdir()
    other = make_certificates(tmp_path / "other")
    if broken == "garbage":
        files.key.write_text("nothing of use")
    elif broken == "gone":
        files.certificate.unlink()
    elif broken == "other key":
        shutil.copy(other.key, files.key)
    else:
        files.certificate.write_text("")
    os.kill(server.pid, signal.SIGHUP)
    (line,) = wait_until(lambda: logged(server, "the former TLS certificate stays"))
    assert str(files.certificate if broken in ("gone", "no chain") else files.key) in line
    after = connect(server, trusting(files))
    assert certificate_of(after) == certificate_of(before)
    assert get(after, "/healthz")[0] == get(before, "/healthz")[0] == 200


def test_a_start_with_a_pair_that_is_of_no_use_says_why(tmp_path, files):
    def start(certificate, key):
        done = run("serve", "--data", tmp_path / "data", "--listen", "127.0.0.1:0", "--tls-cert", certificate, "--tls-key", key)
        assert done.returncode == 1
        return done.stderr

    locked = tmp_path / "locked.pem"
    openssl("pkey", "-in", files.key, "-aes128", "-passout", "pass:of-a-test-only", "-out", locked)
    assert "No such file" in start(tmp_path / "nothing.pem", files.key)
    assert "key values mismatch" in start(files.authority, files.key)
    assert str(locked) in start(files.certificate, locked)


@pytest.mark.parametrize("alone", ["--tls-cert", "--tls-key"])
def test_one_without_the_other_is_refused(tmp_path, files, alone):
    done = run("serve", "--data", tmp_path / "data", alone, files.key)
    assert done.returncode == 2 and f"{alone}: needs tls-" in done.stderr


def test_a_certificate_that_has_expired_is_a_warning(fresh_server, files):
    openssl("x509", "-in", files.certificate, "-signkey", files.key, "-days", "-1", "-out", files.certificate)
    server = fresh_server("--tls-cert", files.certificate, "--tls-key", files.key)
    wait_until(lambda: logged(server, "the TLS certificate has expired"))


def test_without_a_certificate_the_signal_changes_nothing(fresh_server):
    server = fresh_server()
    os.kill(server.pid, signal.SIGHUP)
    wait_until(lambda: logged(server, "nothing to read again"))
    assert get(http.client.HTTPConnection(server.host, server.port), "/healthz")[0] == 200


def test_unix_sockets_and_internal_addresses_speak_plainly(fresh_server, files, tmp_path):
    server = fresh_server("--tls-cert", files.certificate, "--tls-key", files.key, "--internal-listen", "127.0.0.1:0",
                          "--listen", f"unix:{tmp_path}/socket")
    plain = http.client.HTTPConnection("localhost")
    plain.sock = socket.socket(socket.AF_UNIX)
    plain.sock.connect(f"{tmp_path}/socket")
    assert get(plain, "/healthz")[0] == 200
    host, _, port = server.address("internal").rpartition(":")
    assert get(http.client.HTTPConnection(host, int(port)), "/readyz")[0] == 200
