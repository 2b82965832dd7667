"""A web site of somebody else, on another loopback port and maybe under another name: one page."""

from http.server import BaseHTTPRequestHandler

from support.local_site import LocalSite


class OtherSite(LocalSite):
    def __init__(self, markup, host="127.0.0.1"):
        self._host = host
        body = f"<!doctype html><title>another site</title>{markup}".encode()
        super().__init__(type("Handler", (Handler,), {"body": body}))

    @property
    def host(self):
        return f"{self._host}:{self.port}"

    @property
    def url(self):
        return f"http://{self.host}/"


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        is_page = self.path == "/"
        self.send_response(200 if is_page else 404)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(self.body) if is_page else 0))
        self.end_headers()
        self.wfile.write(self.body if is_page else b"")

    def log_message(self, *_):
        pass
