"""nginx as the bench runs it: one process, on a free loopback port, nothing written to a log."""

import os
import shutil
import socket
import subprocess
import time
from pathlib import Path

from serving import START_TIMEOUT, end, environment, pinned, processor_seconds

MAIN = """
daemon off;
master_process off;
worker_processes 1;
pid nginx.pid;
error_log error.log crit;
events {{ worker_connections 1024; }}
http {{
    access_log off;
    server_tokens off;
    keepalive_requests 1000000000;
    keepalive_timeout 1h;
    client_body_temp_path body;
    proxy_temp_path proxy;
    fastcgi_temp_path fastcgi;
    uwsgi_temp_path uwsgi;
    scgi_temp_path scgi;
    {http}
}}
"""

# Replies as long as orgkeys's own.
REFUSAL = (
    '{"error":{"message":"Incorrect API key provided. The key is unknown here, or it was revoked.",'
    '"type":"invalid_request_error","param":null,"code":"invalid_api_key"}}'
)
KNOWN_KEYS = """
    map_hash_max_size 65536;
    map_hash_bucket_size 256;
    map $http_authorization $is_known {{
        default 0;
        include {keys};
    }}
    server {{
        listen {address};
        location / {{
            if ($is_known) {{
                add_header X-Orgkeys-Organization-Id org_08DniHbcRn7Zyp88xWh5F0tG;
                add_header X-Orgkeys-Project-Id proj_08DniHbcRo3hSXYOqKqIYaLV;
                add_header X-Orgkeys-Key-Id key_08DniHh1M9xfgOkrZ7Pqra17;
                add_header X-Orgkeys-Owner-Type service_account;
                add_header X-Orgkeys-Owner-Id svc_acct_08DniHgPlBRUjqzMw2jQh4Ww;
                add_header X-Orgkeys-Scopes api.model.read;
                add_header X-Orgkeys-Expires-At 0;
                return 200;
            }}
            default_type application/json;
            add_header X-Request-Id $request_id always;
            add_header WWW-Authenticate 'Bearer realm="bench"' always;
            return 401 '{refusal}';
        }}
    }}
"""

ASKING = """
    upstream authority {{
        server {authority};
        keepalive 64;
        keepalive_requests 1000000000;
    }}
    server {{
        listen {address};
        location / {{
            auth_request /authority;
            empty_gif;
        }}
        location = /authority {{
            internal;
            proxy_pass http://authority/auth;
            proxy_http_version 1.1;
            proxy_set_header Connection "";
            proxy_set_header Content-Length "";
            proxy_pass_request_body off;
        }}
    }}
"""


def program():
    found = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")
    if found is None:
        raise RuntimeError("nginx is not installed")
    return found


def free_address():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return f"127.0.0.1:{listener.getsockname()[1]}"


class Nginx:
    """From `with` to its end, in a directory of its own."""

    def __init__(self, directory, processor, http, **values):
        self.directory = Path(directory)
        self.processor = processor
        self.address = free_address()
        self.url = f"http://{self.address}"
        self.process = None
        self.directory.mkdir(mode=0o700, exist_ok=True)
        http = http.format(address=self.address, **values)
        (self.directory / "nginx.conf").write_text(MAIN.format(http=http), encoding="ascii")

    def __enter__(self):
        command = [program(), "-p", str(self.directory), "-c", "nginx.conf", "-e", "error.log"]
        self.process = subprocess.Popen(
            pinned(command, self.processor),
            env=environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            self._wait()
        except BaseException:
            end(self.process)
            raise
        return self

    def __exit__(self, *problem):
        end(self.process)

    def _wait(self):
        ends_at = time.monotonic() + START_TIMEOUT
        host, port = self.address.split(":")
        while self.process.poll() is None and time.monotonic() < ends_at:
            try:
                socket.create_connection((host, int(port)), timeout=START_TIMEOUT).close()
                return
            except ConnectionRefusedError:
                time.sleep(0.01)
        raise RuntimeError(f"nginx did not start: {(self.directory / 'error.log').read_text(encoding='utf-8')}")

    def processor_seconds(self):
        return processor_seconds(self.process.pid)


def known_keys(directory, processor, keys):
    """An nginx that knows these keys by heart: a map of its configuration."""
    path = Path(directory).with_suffix(".keys")
    path.touch(mode=0o600)
    path.write_text("".join(f'"Bearer {key}" 1;\n' for key in keys), encoding="ascii")
    return Nginx(directory, processor, KNOWN_KEYS, keys=path, refusal=REFUSAL)


def asking(directory, processor, authority):
    """An nginx that asks the authority, HOST:PORT, by auth_request, and gives one pixel."""
    return Nginx(directory, processor, ASKING, authority=authority)
