"""The operations that the server must have, and an object of each kind to try them on."""

from dataclasses import dataclass, field

from support.api import PASSWORD, unique

V1 = "/v1/organization"
PROJECT = V1 + "/projects/{project_id}"

# The operations of OpenAI's contract...
CONTRACT = [
    ("GET", V1 + "/admin_api_keys"),
    ("POST", V1 + "/admin_api_keys"),
    ("GET", V1 + "/admin_api_keys/{key_id}"),
    ("DELETE", V1 + "/admin_api_keys/{key_id}"),
    ("GET", V1 + "/projects"),
    ("POST", V1 + "/projects"),
    ("GET", PROJECT),
    ("POST", PROJECT),
    ("POST", PROJECT + "/archive"),
    ("GET", PROJECT + "/users"),
    ("POST", PROJECT + "/users"),
    ("GET", PROJECT + "/users/{user_id}"),
    ("POST", PROJECT + "/users/{user_id}"),
    ("DELETE", PROJECT + "/users/{user_id}"),
    ("GET", PROJECT + "/service_accounts"),
    ("POST", PROJECT + "/service_accounts"),
    ("GET", PROJECT + "/service_accounts/{service_account_id}"),
    ("POST", PROJECT + "/service_accounts/{service_account_id}"),
    ("DELETE", PROJECT + "/service_accounts/{service_account_id}"),
    ("POST", PROJECT + "/service_accounts/{service_account_id}/api_keys"),
    ("GET", PROJECT + "/api_keys"),
    ("GET", PROJECT + "/api_keys/{api_key_id}"),
    ("POST", PROJECT + "/api_keys/{api_key_id}"),
    ("DELETE", PROJECT + "/api_keys/{api_key_id}"),
    ("GET", V1 + "/users"),
    ("GET", V1 + "/users/{user_id}"),
    ("POST", V1 + "/users/{user_id}"),
    ("DELETE", V1 + "/users/{user_id}"),
    ("GET", V1 + "/invites"),
    ("POST", V1 + "/invites"),
    ("GET", V1 + "/invites/{invite_id}"),
    ("DELETE", V1 + "/invites/{invite_id}"),
    ("GET", V1 + "/audit_logs"),
]
# ...and our own.
ACCEPT = ("POST", V1 + "/invites/accept")
SIGN_IN = ("POST", V1 + "/sessions")
SET_PASSWORD = ("POST", V1 + "/passwords")
WITHOUT_KEY = (ACCEPT, SIGN_IN, SET_PASSWORD)
OURS = [
    ("POST", PROJECT + "/api_keys"),
    ("GET", V1 + "/project_api_keys"),
    ACCEPT,
    ("POST", V1 + "/invites/{invite_id}/link"),
    ("GET", V1 + "/sessions"),
    SIGN_IN,
    ("GET", V1 + "/sessions/{session_id}"),
    ("DELETE", V1 + "/sessions/{session_id}"),
    SET_PASSWORD,
    ("POST", V1 + "/password"),
    ("POST", V1 + "/users/{user_id}/password_link"),
]
ALL = CONTRACT + OURS
WITH_KEY = [operation for operation in ALL if operation not in WITHOUT_KEY]
POSTS = [operation for operation in ALL if operation[0] == "POST"]
LISTS = [(method, path) for method, path in ALL if method == "GET" and not path.endswith("}")]
PATHS = sorted({path for _, path in ALL})

# An id of the right form that no object has.
NOBODY = "0" * 24
ABSENT = {
    "project_id": f"proj_{NOBODY}",
    "user_id": f"user_{NOBODY}",
    "service_account_id": f"svc_acct_{NOBODY}",
    "api_key_id": f"key_{NOBODY}",
    "key_id": f"key_{NOBODY}",
    "invite_id": f"invite_{NOBODY}",
    "session_id": f"sess_{NOBODY}",
}
NOT_FOUND = {
    "project_id": "project_not_found",
    "user_id": "user_not_found",
    "service_account_id": "service_account_not_found",
    "api_key_id": "api_key_not_found",
    "key_id": "api_key_not_found",
    "invite_id": "invite_not_found",
    "session_id": "session_not_found",
}
# What the ids in a list are.
ITEM_PREFIX = {
    V1 + "/admin_api_keys": "key_",
    V1 + "/projects": "proj_",
    PROJECT + "/users": "user_",
    PROJECT + "/service_accounts": "svc_acct_",
    PROJECT + "/api_keys": "key_",
    V1 + "/project_api_keys": "key_",
    V1 + "/users": "user_",
    V1 + "/invites": "invite_",
    V1 + "/sessions": "sess_",
    V1 + "/audit_logs": "audit_log_",
}


def named(operation):
    """The name of an operation in pytest's output."""
    return f"{operation[0]} {operation[1].removeprefix(V1)}"


@dataclass
class World:
    """One object of each kind in one organization."""

    api: object
    ids: dict = field(default_factory=dict)

    @classmethod
    def make(cls, api):
        world = cls(api)
        world.project = api.project(unique("world"))
        project_id = world.project["id"]
        world.user = api.person(projects=[(project_id, "member")])
        world.account = api.service_account(project_id)
        world.key = api.key_of(project_id, user_id=world.user["id"])
        world.admin_key = api.admin_key()
        world.invite = api.invite()
        world.session = api.session(world.admin_key["value"])
        world.ids = {
            "project_id": project_id,
            "user_id": world.user["id"],
            "service_account_id": world.account["id"],
            "api_key_id": world.key["id"],
            "key_id": world.admin_key["id"],
            "invite_id": world.invite["id"],
            "session_id": world.session["id"],
        }
        return world

    def url(self, path, **ids):
        """The path with this world's ids, or with the given ones, put in; without /v1. A session is
        made anew where a change of the password has ended it."""
        if "{session_id}" in path and self.session["id"] not in [one["id"] for one in self.api.all("/sessions")]:
            self.session = self.api.session(self.admin_key["value"])
            self.ids["session_id"] = self.session["id"]
        return path.removeprefix("/v1").format(**{**self.ids, **ids})

    def body(self, operation):
        """A body that the operation takes; None where it takes none."""
        method, path = operation
        if method != "POST":
            return None
        return {
            V1 + "/admin_api_keys": lambda: {"name": unique("key")},
            V1 + "/projects": lambda: {"name": unique("project")},
            PROJECT: lambda: {"name": unique("renamed")},
            PROJECT + "/archive": lambda: None,
            PROJECT + "/users": lambda: {"user_id": self.api.person()["id"], "role": "member"},
            PROJECT + "/users/{user_id}": lambda: {"role": "member"},
            PROJECT + "/service_accounts": lambda: {"name": unique("robot")},
            PROJECT + "/service_accounts/{service_account_id}": lambda: {"name": unique("robot")},
            PROJECT + "/service_accounts/{service_account_id}/api_keys": lambda: {"name": unique("key")},
            PROJECT + "/api_keys": lambda: {"name": unique("key")},
            PROJECT + "/api_keys/{api_key_id}": lambda: {"scopes": []},
            V1 + "/users/{user_id}": lambda: {"role": "reader"},
            V1 + "/invites": lambda: {"email": f"{unique('guest')}@example.com", "role": "reader"},
            V1 + "/invites/{invite_id}/link": lambda: None,
            V1 + "/sessions": lambda: {"admin_key": self.api.admin_key()["value"]},
            V1 + "/passwords": lambda: {"token": self.api.password_token(self.ids["user_id"]), "password": PASSWORD},
            V1 + "/password": lambda: {"current_password": self.api.own_password(), "password": PASSWORD},
            V1 + "/users/{user_id}/password_link": lambda: None,
            V1 + "/invites/accept": lambda: {
                "token": self.api.invite()["invite_url"].partition("#")[2],
                "name": "New",
            },
        }[path]()
