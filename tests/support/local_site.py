"""What the HTTP servers of tests' own have in common: a free loopback port, and a thread as long as they are used."""

import threading
from http.server import ThreadingHTTPServer

TIMEOUT = 20


class LocalSite:
    def __init__(self, handler):
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._http.daemon_threads = True
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.05,), daemon=True)

    @property
    def port(self):
        return self._http.server_port

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._http.shutdown()
        self._http.server_close()
        self._thread.join(TIMEOUT)
