"""The proxies of examples/, each run as its example stands but for addresses and paths of files."""

import getpass
import grp
import os
import re
import shutil
import signal
import socket
import ssl
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import httpx

from support.ports import ReservedPort
from support.secret_values import SECRETS
from support.server import REPOSITORY
from support.wait import wait_until

STOP_TIMEOUT = 30
MODEL_SERVER_KEY = "the-key-of-the-model-server"  # in every example
PROGRAMS = Path(sys.executable).parent  # of the Python packages that hold a proxy


@dataclass(frozen=True)
class Example:
    """A row of the table below."""

    name: str
    files: tuple  # below examples/; the first is what the proxy is started with; of a page, its block for nginx
    program: str
    command: callable  # (file, folder) -> what starts the proxy in the foreground
    replaced: dict  # text of the example -> what the test puts there; see `places`
    says_unavailable: bool = False  # without orgkeys: a 503 with an envelope and Retry-After
    tls: bool = False
    one_base_url: bool = False  # the administration API is behind it too
    listens_early: bool = False  # before it knows where requests go: it says 404 until then

    def read(self, file):
        text = (REPOSITORY / "examples" / file).read_text()
        if not file.endswith(".md"):
            return text
        (block,) = re.findall(r"^```nginx\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
        return block


def nginx(file, folder):
    """The example is a file of conf.d; this is the nginx.conf around it."""
    around = folder / "nginx.conf"
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    temporary = "".join(f"    {kind}_temp_path {folder}/{kind};\n" for kind in kinds)
    user = f"user {getpass.getuser()} {grp.getgrgid(os.getgid()).gr_name};\n" if os.getuid() == 0 else ""
    around.write_text(
        f"{user}daemon off;\npid {folder}/nginx.pid;\nevents {{ }}\n"
        f"http {{\n    access_log {folder}/access.log;\n{temporary}    include {file};\n}}\n"
    )
    return ["nginx", "-p", folder, "-c", around, "-e", "stderr"]


def envoy(file, folder):
    """Several may run on one machine only without what hands connections to a successor."""
    return [PROGRAMS / "envoy", "-c", file, "--disable-hot-restart", "--log-level", "warning"]


def traefik(file, folder):
    return [PROGRAMS / "traefik", f"--configFile={file}"]


def caddy(file, folder):
    """It keeps what it knows of certificates below the home directory."""
    return ["env", f"XDG_DATA_HOME={folder}", PROGRAMS / "caddy", "run", "--config", file]


EXAMPLES = [
    Example(
        "nginx",
        ("nginx/model-server.conf",),
        "nginx",
        nginx,
        {
            "server 127.0.0.1:8080;": "server {orgkeys};",
            "server 127.0.0.1:8000;": "server {model_server};",
            "listen 127.0.0.1:8081;": "listen {listen};",
        },
        says_unavailable=True,
    ),
    Example(
        "nginx-one-base-url",
        ("nginx/one-base-url.conf",),
        "nginx",
        nginx,
        {
            "server 127.0.0.1:8080;": "server {orgkeys};",
            "server 127.0.0.1:8000;": "server {model_server};",
            "listen 443 ssl;": "listen {listen} ssl;",
            "/etc/ssl/certs/api.example.com.pem": "{certificate}",
            "/etc/ssl/private/api.example.com.key": "{key}",
        },
        says_unavailable=True,
        tls=True,
        one_base_url=True,
    ),
    Example(
        "envoy",
        ("envoy/envoy.yaml",),
        str(PROGRAMS / "envoy"),
        envoy,
        {
            '"http://127.0.0.1:8080"': '"http://{orgkeys}"',
            "port_value: 8080 }": "port_value: {orgkeys_port} }}",
            "port_value: 8000 }": "port_value: {model_server_port} }}",
            "port_value: 8081 }": "port_value: {listen_port} }}",
        },
        says_unavailable=True,
    ),
    Example(
        "traefik",
        ("traefik/traefik.yaml", "traefik/model-server.yaml"),
        str(PROGRAMS / "traefik"),
        traefik,
        {
            "http://127.0.0.1:8080/": "http://{orgkeys}/",
            "url: http://127.0.0.1:8000": "url: http://{model_server}",
            "address: 127.0.0.1:8081": "address: {listen}",
            "/etc/traefik/": "{folder}/",
        },
        listens_early=True,
    ),
    Example(
        "caddy",
        ("caddy/Caddyfile",),
        str(PROGRAMS / "caddy"),
        caddy,
        {
            "forward_auth 127.0.0.1:8080 {": "forward_auth {orgkeys} {{",
            "reverse_proxy 127.0.0.1:8000 {": "reverse_proxy {model_server} {{",
            "\n:8081 {": "\n:{listen_port} {{",
        },
    ),
]


class Proxy:
    """A running example."""

    def __init__(self, example, folder, orgkeys, model_server, certificates):
        self.example = example
        self.folder = folder
        self.reserved = ReservedPort()
        self.port = self.reserved.number
        self.host = "localhost"
        self.certificates = certificates
        self.process = None
        places = {
            "orgkeys": orgkeys,
            "model_server": model_server,
            "listen": f"127.0.0.1:{self.port}",
            "certificate": certificates.certificate,
            "key": certificates.key,
            "folder": folder,
        }
        self.places = {name: str(place) for name, place in places.items()}
        for name in ("orgkeys", "model_server", "listen"):
            self.places[f"{name}_port"] = self.places[name].rpartition(":")[2]

    @property
    def url(self):
        return f"{'https' if self.example.tls else 'http'}://{self.host}:{self.port}"

    def __enter__(self):
        assert shutil.which(self.example.program), f"{self.example.program} is not installed"
        files = [self.fill_in(file) for file in self.example.files]
        self.check_all_replaced()
        command = [str(word) for word in self.example.command(files[0], self.folder)]
        with open(self.folder / "output.log", "wb") as output:
            self.process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, cwd=self.folder
            )
        try:
            wait_until(self.listens)
        except AssertionError:
            self.process.kill()
            self.process.wait()
            raise
        return self

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(STOP_TIMEOUT)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise AssertionError(f"{self.example.name} did not end:\n{self.output()}") from None
        finally:
            self.reserved.free()
        for file in self.folder.glob("*.log"):
            SECRETS.assert_absent(file.read_text(errors="replace"), f"{file.name} of {self.example.name}")

    def fill_in(self, file):
        text = self.example.read(file)
        for old, new in self.example.replaced.items():
            text = text.replace(old, new.format(**self.places))
        filled = self.folder / Path(file).name
        filled.write_text(text)
        return filled

    def check_all_replaced(self):
        whole = "".join(map(self.example.read, self.example.files))
        absent = [old for old in self.example.replaced if old not in whole]
        assert not absent, f"{self.example.files} no longer hold {absent}"

    def listens(self):
        assert self.process.poll() is None, f"{self.example.name} ended:\n{self.output()}"
        try:
            socket.create_connection((self.host, self.port)).close()
        except OSError:
            return False
        return not self.example.listens_early or httpx.get(f"{self.url}/v1/models").status_code != 404

    def output(self):
        return (self.folder / "output.log").read_text(errors="replace")

    # --- clients

    def load_page(self, client, url):
        """As a browser does: with all that the page names."""
        page = client.get(url.partition("#")[0])
        assert page.status_code == 200, (url, page.status_code, page.text)
        assert page.headers["content-type"] == "text/html; charset=utf-8", (url, page.text)
        named = re.findall(r' (?:href|src)="(/[^"]+)"', page.text)
        assert {Path(name).suffix for name in named} == {".js", ".css", ".svg"}
        for name in named:
            assert client.get(f"{self.url}{name}").status_code == 200, name

    def trust(self):
        """What httpx calls `verify`."""
        return ssl.create_default_context(cafile=self.certificates.authority)

    def connect(self):
        """A socket, for requests that no HTTP library would send."""
        plain = socket.create_connection((self.host, self.port), timeout=20)
        if not self.example.tls:
            return plain
        return self.trust().wrap_socket(plain, server_hostname=self.host)
