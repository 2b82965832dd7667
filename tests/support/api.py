"""A short way to call the API with httpx, and to make the objects that tests need."""

import itertools
from concurrent.futures import ThreadPoolExecutor

import httpx

from support.checks import CheckingTransport
from support.secret_values import SECRETS

_numbers = itertools.count(1)

PASSWORD = SECRETS.add("correct horse battery staple")


def unique(word):
    """A name that no other test uses."""
    return f"{word}-{next(_numbers)}"


def http_client(base_url, key=None, **headers):
    """An httpx client whose every reply is checked; `base_url` ends with /v1."""
    if key is not None:
        headers["Authorization"] = f"Bearer {key}"
    return httpx.Client(
        base_url=base_url,
        headers=headers,
        transport=CheckingTransport(limits=httpx.Limits(max_connections=64)),
        timeout=60,
    )


def parallel(function, items, threads=16):
    """Runs `function` over `items` in threads; results in the order of the items."""
    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(function, items))


class Api:
    """Calls with one key. Paths are below /v1/organization; `expect` is a status, or a tuple of
    status, code and (when given) param of the error. Gives the reply's JSON."""

    def __init__(self, base_url, key):
        self.base_url = base_url
        self.key = key
        self.http = http_client(base_url, key)

    def close(self):
        self.http.close()

    def with_key(self, key):
        return Api(self.base_url, key)

    def call(self, method, path, expect=200, **options):
        reply = self.http.request(method, f"/organization{path}", **options)
        wanted = expect if isinstance(expect, tuple) else (expect,)
        got = [reply.status_code]
        if reply.status_code >= 400:
            error = reply.json()["error"]
            got += [error["code"], error["param"]]
        assert tuple(got[: len(wanted)]) == wanted, (
            f"{method} {path} {options}: {reply.status_code} {reply.text}"
        )
        return reply.json()

    def get(self, path, expect=200, **query):
        """Query names as Python allows them; a trailing `__` stands for `[]`."""
        params = {(name[:-2] + "[]" if name.endswith("__") else name): value for name, value in query.items()}
        return self.call("GET", path, expect, params=params)

    def post(self, path, body=None, expect=200, **options):
        if body is not None:
            options["json"] = body
        return self.call("POST", path, expect, **options)

    def delete(self, path, expect=200):
        return self.call("DELETE", path, expect)

    def all(self, path, **query):
        """Every object of a list, page after page."""
        found = []
        query.setdefault("limit", 100)
        while True:
            page = self.get(path, **query)
            found += page["data"]
            if not page["has_more"]:
                return found
            query["after"] = page["last_id"]

    # --- objects

    def project(self, name=None, **fields):
        return self.post("/projects", {"name": name or unique("project"), **fields})

    def default_project(self):
        """The oldest one: it was made with the organization."""
        return self.get("/projects", limit=1)["data"][0]

    def owner(self):
        """The person behind this key."""
        me = self.post("/admin_api_keys", {"name": unique("who am I")})
        self.delete(f"/admin_api_keys/{me['id']}")
        return self.get(f"/users/{me['owner']['id']}")

    def invite(self, email=None, role="reader", **fields):
        return self.post(
            "/invites", {"email": email or f"{unique('person')}@example.com", "role": role, **fields}
        )

    def accept(self, invite, name="Some Body", expect=200):
        token = invite["invite_url"].partition("#")[2]
        with http_client(self.base_url) as client:
            reply = client.post("/organization/invites/accept", json={"token": token, "name": name})
        assert reply.status_code == expect, reply.text
        return reply.json()

    def person(self, email=None, role="reader", projects=(), name="Some Body"):
        """A new member of the organization, who joined by an invite."""
        email = email or f"{unique('person')}@example.com"
        invite = self.invite(email, role, projects=[{"id": p, "role": r} for p, r in projects])
        self.accept(invite, name)
        return self.get("/users", emails__=[email])["data"][0]

    def service_account(self, project_id, **fields):
        fields.setdefault("name", unique("robot"))
        return self.post(f"/projects/{project_id}/service_accounts", fields)

    def account_key(self, project_id, account_id, **fields):
        return self.post(f"/projects/{project_id}/service_accounts/{account_id}/api_keys", fields)

    def key_of(self, project_id, **fields):
        """Issues a person's project key; without user_id, for the person behind this key."""
        fields.setdefault("name", unique("key"))
        return self.post(f"/projects/{project_id}/api_keys", fields)

    def admin_key(self, **fields):
        fields.setdefault("name", unique("admin key"))
        return self.post("/admin_api_keys", fields)

    def session(self, admin_key):
        """Somebody signs in with an admin key, and goes."""
        with http_client(self.base_url) as client:
            reply = client.post("/organization/sessions", json={"admin_key": admin_key})
        assert reply.status_code == 200, reply.text
        return reply.json()

    def password_token(self, user_id):
        return self.post(f"/users/{user_id}/password_link")["url"].partition("#")[2]

    def own_password(self):
        """Of the person behind this key; their sessions end."""
        with http_client(self.base_url) as client:
            body = {"token": self.password_token(self.owner()["id"]), "password": PASSWORD}
            reply = client.post("/organization/passwords", json=body)
        assert reply.status_code == 200, reply.text
        return PASSWORD

    def events(self, **query):
        return self.all("/audit_logs", **query)
