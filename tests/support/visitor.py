"""A person's browser, and what is asked of every page in it."""

import re
from importlib.resources import files
from urllib.parse import unquote_plus, urlsplit

from support.api import PASSWORD
from support.secret_values import SECRETS

OWNER_EMAIL = "owner@example.com"
OWNER_NAME = "Olivia Owner"
COOKIE = "orgkeys-session"
TIMEOUT = 20_000  # milliseconds that a page has for anything; sanitizers and argon2id are slow
WIDE = {"width": 1440, "height": 900}

# The browser says so of every 4xx; what the page makes of it is what the tests look at.
NO_PROBLEM = "Failed to load resource: the server responded with a status of"


# Where a secret comes in behind the `#`, which no server and no other page sees.
LINK_PAGES = ("/invite", "/password")

KEPT = "JSON.stringify([localStorage, sessionStorage, history.state, location.href, document.cookie])"


class Visitor:
    """One person's browser: their cookies, their pages, and what went wrong in them."""

    def __init__(self, chromium, server, **options):
        self.server = server
        self.problems = []
        self.context = chromium.new_context(
            base_url=server.url, viewport=WIDE, locale="en-GB", timezone_id="Europe/Berlin", **options
        )
        self.context.set_default_timeout(TIMEOUT)
        self.context.on("console", self._console)
        self.context.on("weberror", lambda error: self.problems.append(f"uncaught: {error.error}"))
        self.context.on("request", self._request)
        # Of a page that is loaded, and of one that writes the history itself.
        self.context.on("page", lambda page: page.on("framenavigated", lambda frame: self._saw(frame.url)))
        self.addresses = []
        self.hosts = {urlsplit(server.url).netloc}

    def _console(self, message):
        if message.type == "error" and not message.text.startswith(NO_PROBLEM):
            self.problems.append(f"console: {message.text}")

    def _saw(self, address):
        parts = urlsplit(address)
        shown = parts._replace(fragment="") if parts.path in LINK_PAGES else parts
        self.addresses.append(unquote_plus(shown.geturl()))

    def _request(self, request):
        self._saw(request.url)
        parts = urlsplit(request.url)
        if parts.scheme in ("http", "https", "ws", "wss") and parts.netloc not in self.hosts:
            self.problems.append(f"a request to another host: {request.url}")

    def page(self, path=None):
        page = self.context.new_page()
        if path is not None:
            page.goto(path)
        return page

    def sign_in(self, email, password=PASSWORD):
        """Without the form; test_story.py has that."""
        return self._sign_in({"email": email, "password": password})

    def sign_in_with_key(self, admin_key):
        return self._sign_in({"admin_key": admin_key})

    def _sign_in(self, data):
        reply = self.context.request.post(
            "/v1/organization/sessions", data=data, headers={"Origin": self.server.url}
        )
        assert reply.status == 200, reply.text()
        self.register_cookies()
        return reply.json()

    def register_cookies(self):
        for cookie in self.context.cookies():
            if cookie["name"].endswith(COOKIE):
                SECRETS.add(cookie["value"])

    def expect(self, part):
        """A problem that must have been there, since a test provoked it."""
        found = [problem for problem in self.problems if part in problem]
        assert found, f"nothing said {part!r}: {self.problems}"
        self.problems = [problem for problem in self.problems if problem not in found]

    def check(self):
        self.register_cookies()
        SECRETS.assert_absent("\n".join(self.addresses), "an address")
        for page in self.context.pages:
            if page.url.startswith(self.server.url):
                SECRETS.assert_absent(page.evaluate(KEPT), "what the browser keeps")
        assert not self.problems, "\n".join(self.problems)

    def close(self):
        self.context.close()


def heading(page, name):
    page.get_by_role("heading", level=1, name=name).wait_for()


def secret_shown(page, label):
    value = page.get_by_role("dialog").get_by_label(label, exact=True).input_value()
    SECRETS.add(value.partition("#")[2] or value)
    return value


def choose(page, row, action):
    page.get_by_role("row", name=row).get_by_role("button", name=re.compile("^Actions for")).click()
    page.get_by_role("menuitem", name=action).click()


AXE = (files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")


def accessibility_problems(page, *rules):
    """What axe-core finds by the given rules, or by all: a line each, with the elements."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE)
    options = {"resultTypes": ["violations"], **({"runOnly": list(rules)} if rules else {})}
    found = page.evaluate("(options) => axe.run(document, options)", options)["violations"]
    return [f"{rule['id']}: {[node['html'] for node in rule['nodes']]}" for rule in found]
