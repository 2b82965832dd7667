"""Calls as a page of the dashboard makes them: with a cookie instead of a key."""

from support.api import PASSWORD, Api, http_client, unique

COOKIE = "orgkeys-session"


class Browser(Api):
    def __init__(self, server, **headers):
        self.base_url = server.base_url
        self.origin = server.url
        self.http = http_client(server.base_url, Origin=server.url, **headers)

    def sign_in(self, expect=200, **body):
        return self.post("/sessions", body, expect)

    @property
    def token(self):
        return self.http.cookies[COOKIE]


def with_password(api, browser, role="reader", projects=(), email=None):
    """A person who joined with a password, which signed them in."""
    email = email or f"{unique('person')}@example.com"
    invite = api.invite(email, role, projects=[{"id": p, "role": r} for p, r in projects])
    token = invite["invite_url"].partition("#")[2]
    return browser.post("/invites/accept", {"token": token, "name": "Some Body", "password": PASSWORD})
