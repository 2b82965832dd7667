"""A web site of somebody else, on another loopback port and maybe under another name: one page."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

TIMEOUT = 20


class OtherSite:
    def __init__(self, markup, host="127.0.0.1"):
        self._host = host
        body = f"<!doctype html><title>another site</title>{markup}".encode()
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (Handler,), {"body": body}))
        self._http.daemon_threads = True
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.05,), daemon=True)

    @property
    def host(self):
        return f"{self._host}:{self._http.server_port}"

    @property
    def url(self):
        return f"http://{self.host}/"

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._http.shutdown()
        self._http.server_close()
        self._thread.join(TIMEOUT)


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
