"""Every command, as a process: once against the server, once against one that misbehaves."""

import json
import re
import subprocess
from pathlib import Path

import pytest

import catalog
import programs
from liar import Liar, reply
from support.api import unique
from support.secret_values import SECRETS
from terminal import columns_of, environment, orgkeys

KEY = SECRETS.add("sk-admin-CommandLineKeyOfTheTests0123456789")


def ids(**kept):
    """Flags of ids."""
    return [part for name, value in kept.items() for part in (f"--{name.replace('_', '-')}", value)]


class Command:
    """Calls one command at the shared server; each format's output is checked on the way."""

    def __init__(self, server, api):
        self.server = server
        self.api = api

    def json(self, *words, **options):
        return orgkeys(*words, "--format", "json", server=self.server, **options).json

    def people(self, *words, **options):
        return orgkeys(*words, server=self.server, **options)

    def lists(self, words, path, *flags):
        """A list's three formats hold what the API gives."""
        limit = ["--limit", "5"]
        listed = self.api.call("GET", f"{path}?limit=5")
        assert listed["data"], "there is nothing to list"
        assert self.json(words, *flags, *limit) == listed
        lines = self.people(words, *flags, *limit, "--format", "jsonl")
        assert lines.lines == listed["data"]
        names, rows = columns_of(self.people(words, *flags, *limit).out)
        assert [row["ID"] for row in rows] == [item["id"] for item in listed["data"]]

    def shows(self, words, path, *flags):
        wanted = self.api.call("GET", path)
        assert self.json(words, *flags) == wanted
        record = self.people(words, *flags).out
        assert wanted["id"] in record and "\n" not in record.split("\n")[-1]

    def deletes(self, words, path, *flags):
        shown = self.json(words, *flags, "--yes")
        assert shown["deleted"] is True and shown["id"] in flags
        self.api.call("GET", path, expect=404)


@pytest.fixture
def command(server, api):
    return Command(server, api)


def admin_api_keys_list(command):
    command.lists("admin-api-keys list", "/admin_api_keys")


def admin_api_keys_create(command):
    name = unique("ci")
    done = command.people("admin-api-keys create", "--name", name, "--expires-in", "90d")
    key = next(k for k in command.api.all("/admin_api_keys") if k["name"] == name)
    assert key["expires_at"] - key["created_at"] == 90 * 86400
    assert command.api.with_key(done.secret).call("GET", "/projects?limit=1")
    assert key["id"] in done.error and "written to standard output, this once" in done.error and "Shown" not in done.error


def admin_api_keys_retrieve(command):
    key = command.api.admin_key()["id"]
    command.shows("admin-api-keys retrieve", f"/admin_api_keys/{key}", *ids(key_id=key))


def admin_api_keys_delete(command):
    key = command.api.admin_key()["id"]
    command.deletes("admin-api-keys delete", f"/admin_api_keys/{key}", *ids(key_id=key))


def projects_list(command):
    command.lists("projects list", "/projects")


def projects_create(command):
    made = command.json("projects create", "--name", "two words", "--residency", "EU_STORAGE_PROCESSING")
    assert command.api.call("GET", f"/projects/{made['id']}") == made
    assert (made["name"], made["residency"]) == ("two words", "EU_STORAGE_PROCESSING")


def projects_retrieve(command):
    project = command.api.project()["id"]
    command.shows("projects retrieve", f"/projects/{project}", *ids(project_id=project))


def projects_update(command):
    project = command.api.project()["id"]
    changed = command.json("projects update", *ids(project_id=project), "--name=renamed")
    assert changed["name"] == "renamed" == command.api.call("GET", f"/projects/{project}")["name"]


def projects_archive(command):
    project = command.api.project()["id"]
    assert command.json("projects archive", *ids(project_id=project), "--yes")["status"] == "archived"


def projects_api_keys_list(command):
    project = command.api.project()["id"]
    command.api.key_of(project)
    command.lists("projects api-keys list", f"/projects/{project}/api_keys", *ids(project_id=project))


def projects_api_keys_create(command):
    project = command.api.project()["id"]
    scopes = ["--scope", "models.read", "--scope", "files.write"]
    done = command.people("projects api-keys create", *ids(project_id=project), "--name", "laptop", *scopes)
    (key,) = command.api.call("GET", f"/projects/{project}/api_keys")["data"]
    assert key["scopes"] == ["models.read", "files.write"] and done.secret.startswith("sk-proj-")


def projects_api_keys_retrieve(command):
    project = command.api.project()["id"]
    key = command.api.key_of(project)["id"]
    command.shows("projects api-keys retrieve", f"/projects/{project}/api_keys/{key}",
                  *ids(project_id=project, api_key_id=key))


def projects_api_keys_update(command):
    project = command.api.project()["id"]
    key = command.api.key_of(project)["id"]
    flags = ids(project_id=project, api_key_id=key)
    changed = command.json("projects api-keys update", *flags, "--expires-in", "1d", "--scope", "models.read")
    assert 0 <= changed["expires_at"] - changed["created_at"] - 86400 < 600 and changed["scopes"] == ["models.read"]
    assert command.json("projects api-keys update", *flags, "--scope=")["scopes"] == []


def projects_api_keys_delete(command):
    project = command.api.project()["id"]
    key = command.api.key_of(project)["id"]
    command.deletes("projects api-keys delete", f"/projects/{project}/api_keys/{key}",
                    *ids(project_id=project, api_key_id=key))


def member(command):
    """A person in a project: the ids of both."""
    project = command.api.project()["id"]
    return project, command.api.person(projects=[(project, "member")])["id"]


def projects_users_list(command):
    project, _ = member(command)
    command.lists("projects users list", f"/projects/{project}/users", *ids(project_id=project))


def projects_users_create(command):
    project, person = command.api.project()["id"], command.api.person()
    shown = command.json("projects users create", *ids(project_id=project), "--email", person["email"], "--role", "member")
    assert shown == command.api.call("GET", f"/projects/{project}/users/{person['id']}")


def projects_users_retrieve(command):
    project, user = member(command)
    command.shows("projects users retrieve", f"/projects/{project}/users/{user}", *ids(project_id=project, user_id=user))


def projects_users_update(command):
    project, user = member(command)
    changed = command.json("projects users update", *ids(project_id=project, user_id=user), "--role", "owner")
    assert changed["role"] == "owner"


def projects_users_delete(command):
    project, user = member(command)
    command.deletes("projects users delete", f"/projects/{project}/users/{user}", *ids(project_id=project, user_id=user))


def account(command):
    project = command.api.project()["id"]
    return project, command.api.service_account(project)["id"]


def service_accounts_list(command):
    project, _ = account(command)
    command.lists("service-accounts list", f"/projects/{project}/service_accounts", *ids(project_id=project))


def service_accounts_create(command):
    project = command.api.project()["id"]
    done = command.people("service-accounts create", *ids(project_id=project), "--name", "backend")
    assert done.secret.startswith("sk-svcacct-") and "api_key.value" not in done.error
    bare = command.people("service-accounts create", *ids(project_id=project), "--name", "bare",
                          "--create-service-account-only")
    assert "bare" in bare.out and bare.error == ""


def service_accounts_retrieve(command):
    project, made = account(command)
    command.shows("service-accounts retrieve", f"/projects/{project}/service_accounts/{made}",
                  *ids(project_id=project, service_account_id=made))


def service_accounts_update(command):
    project, made = account(command)
    flags = ids(project_id=project, service_account_id=made)
    assert command.json("service-accounts update", *flags, "--role", "owner")["role"] == "owner"


def service_accounts_delete(command):
    project, made = account(command)
    command.deletes("service-accounts delete", f"/projects/{project}/service_accounts/{made}",
                    *ids(project_id=project, service_account_id=made))


def service_accounts_api_keys_create(command):
    project, made = account(command)
    flags = ids(project_id=project, service_account_id=made)
    second = command.people("service-accounts api-keys create", *flags, "--name", "second")
    assert second.secret.startswith("sk-svcacct-")
    old = SECRETS.add("the-static-key-of-" + unique("yesterday"))
    brought = command.people("service-accounts api-keys create", *flags, "--value-from-stdin", given=f"{old}\n")
    assert old not in brought.out + brought.error and "key_" in brought.out and brought.error == ""
    orgkeys("keys verify", server=command.server, given=old)


def users_list(command):
    command.lists("users list", "/users")
    person = command.api.person()
    found = command.json("users list", "--email", person["email"], "--email", "nobody@example.com")
    assert [user["id"] for user in found["data"]] == [person["id"]]


def users_retrieve(command):
    user = command.api.person()["id"]
    command.shows("users retrieve", f"/users/{user}", *ids(user_id=user))


def users_update(command):
    user = command.api.person()["id"]
    assert command.json("users update", *ids(user_id=user), "--role", "owner")["role"] == "owner"


def users_delete(command):
    user = command.api.person()["id"]
    command.deletes("users delete", f"/users/{user}", *ids(user_id=user))


def users_password_link(command):
    user = command.api.person()["id"]
    done = command.people("users password-link", *ids(user_id=user))
    token = SECRETS.add(done.secret.partition("#")[2])
    assert token.startswith("password-link-") and "\nThe link was written" in done.error
    again = command.json("users password-link", *ids(user_id=user))
    SECRETS.add(again["url"].partition("#")[2])
    assert again["user_id"] == user and again["url"] != done.secret


def invites_list(command):
    command.api.invite()
    command.lists("invites list", "/invites")
    newest = command.json("invites list", "--order", "desc", "--status", "pending", "--limit", "1")
    assert newest == command.api.call("GET", "/invites?order=desc&status=pending&limit=1")


def invites_create(command):
    project, email = command.api.project()["id"], f"{unique('new')}@example.com"
    done = command.people("invites create", "--email", email, "--role", "reader", "--project", f"{project}:member")
    invite = next(i for i in command.api.all("/invites") if i["email"] == email)
    assert invite["projects"] == [{"id": project, "role": "member"}] and "#" in done.secret
    nowhere = command.json("invites create", "--email", f"{unique('new')}@example.com", "--role", "reader", "--project", "")
    assert nowhere["projects"] == []


def invites_retrieve(command):
    invite = command.api.invite()["id"]
    command.shows("invites retrieve", f"/invites/{invite}", *ids(invite_id=invite))


def invites_renew_link(command):
    invite = command.api.invite()
    done = command.people("invites renew-link", *ids(invite_id=invite["id"]), "--yes")
    assert done.secret != invite["invite_url"]


def invites_accept(command):
    invite = command.api.invite()
    token = invite["invite_url"].partition("#")[2]
    joined = command.json("invites accept", "--name", "Mona", "--token-from-stdin", given=token,
                          env={"OPENAI_ADMIN_KEY": ""})
    assert joined["email"] == invite["email"] and joined["name"] == "Mona"
    # Every process of the machine could read it; the page behind the link asks for one.
    refused = orgkeys("invites accept --name Mona --token-from-stdin --password", "long and secret",
                      server=command.server, given=token, expect=2)
    assert "a flag that the command does not know" in refused.error and "long and" not in refused.error


def invites_delete(command):
    invite = command.api.invite()["id"]
    command.deletes("invites delete", f"/invites/{invite}", *ids(invite_id=invite))


def audit_logs_list(command):
    command.lists("audit-logs list", "/audit_logs")
    project = command.api.project()["id"]
    flags = ["--project-id", project, "--since", "1h", "--event-type", "project.created"]
    _, (row,) = columns_of(command.people("audit-logs list", *flags).out)
    assert row["TYPE"] == "project.created" and row["OBJECT"] == project and "@" in row["ACTOR"]
    assert command.json("audit-logs list", "--project-id", project, "--until", "1h")["data"] == []
    assert command.json("audit-logs list", "--project-id", project, "--since", "2999-01-01")["data"] == []


def keys_list(command):
    projects = [command.api.project() for _ in range(2)]
    word = unique("listed")
    first, last = (command.api.key_of(one["id"], name=f"{word} key") for one in projects)
    command.lists("keys list", "/project_api_keys")
    soon = command.api.key_of(projects[0]["id"], name=word, expires_in_seconds=3600)

    def found(*flags):
        return [key["id"] for key in command.json("keys list", "--search", word.upper(), *flags)["data"]]

    assert found() == [first["id"], last["id"], soon["id"]] == found("--order", "desc")[::-1]
    assert found("--expires-before", "2h") == [soon["id"]] == found("--expires-from", "30m")
    assert found("--expires-before", "30m") == found("--expires-from", "2h") == []
    assert len(found("--never-used")) == 3 and found("--last-used-before", "0s") == []
    assert found("--created-before", "1h") == [] and len(found("--created-before", "2999-01-01")) == 3
    _, rows = columns_of(command.people("keys list", "--search", word).out)
    assert [row["PROJECT"] for row in rows] == [projects[0]["name"], projects[1]["name"], projects[0]["name"]]
    own = ["--project-id", projects[0]["id"], "--order", "desc", "--search", f"{word} KEY"]
    assert [key["id"] for key in command.json("projects api-keys list", *own)["data"]] == [first["id"]]


def keys_verify(command):
    project = command.api.project()["id"]
    key = command.api.key_of(project, scopes=["models.read"])
    SECRETS.add(key["value"])
    shown = command.json("keys verify", "--scope", "models.read", "--project", project, given=key["value"] + "\n")
    assert (shown["key_id"], shown["scopes"]) == (key["id"], "models.read")
    env = {"OPENAI_API_KEY": key["value"], "OPENAI_ADMIN_KEY": ""}
    assert key["id"] in command.people("keys verify", env=env, given=None).out
    windows = {**env, "OPENAI_API_KEY": key["value"] + "\r\n"}
    assert key["id"] in command.people("keys verify", env=windows, given=None).out
    refused = orgkeys("keys verify --scope files.write", server=command.server, given=key["value"], expect=1)
    assert "may not come in" in refused.error and refused.out == ""


def keys_introspect(command):
    project = command.api.project()["id"]
    key = command.api.key_of(project, scopes=["models.read"])
    SECRETS.add(key["value"])
    shown = command.json("keys introspect", given=key["value"])
    assert (shown["active"], shown["jti"], shown["scope"]) == (True, key["id"], "models.read")
    assert key["id"] in command.people("keys introspect", given=key["value"]).out
    unknown = orgkeys("keys introspect --format json", server=command.server, given="sk-unknown", expect=1)
    assert unknown.json == {"active": False}


REAL = {words: globals()[words.replace("-", "_").replace(" ", "_")] for words in catalog.of_the_api()}


@pytest.mark.parametrize("words", REAL)
def test_at_the_server(words, command):
    REAL[words](command)


# ---- Misbehaviour

SAYS = json.dumps({"error": {"message": f"broken \x1b[31m {KEY}", "type": "server_error", "code": "internal_error"}})
MISBEHAVIOUR = {
    "an error that repeats the key": (reply(SAYS, "500 Internal Server Error", X_Request_Id="req_1"), "req_1"),
    "an error of a proxy": (reply("<html>", "502 Bad Gateway"), "HTTP 502"),
    "no JSON": (reply("hello"), "orgkeys: "),
    "JSON of another kind": (reply('{"id": 7, "data": {"id": 7}, "deleted": "no"}'), "orgkeys: "),
    "nothing": (b"", "Is the server running"),
    "half a reply": (b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{", "orgkeys: "),
    "a refusal": (reply(SAYS, "401 Unauthorized"), ""),
}


ASKING = [words for words in catalog.of_the_api() if words.endswith((" delete", " archive", " renew-link"))]

# One of each kind meets all of it; the others, which are made of the same, one thing each.
KINDS = ["projects list", "projects create", "projects retrieve", "projects api-keys delete", "audit-logs list",
         "invites accept", "keys verify"]
MEETINGS = [(words, behaviour) for words in KINDS for behaviour in MISBEHAVIOUR]
MEETINGS += [(words, list(MISBEHAVIOUR)[number % len(MISBEHAVIOUR)])
             for number, words in enumerate(catalog.of_the_api()) if words not in KINDS]


@pytest.mark.parametrize(("words", "behaviour"), MEETINGS)
def test_at_a_server_that_misbehaves(words, behaviour):
    """Exit status 1, the reason on standard error, nothing on standard output, no secret anywhere."""
    answer, wanted = MISBEHAVIOUR[behaviour]
    flags = [*catalog.needed_flags(words), "--retries", "0"]
    if words in ASKING:
        flags.append("--yes")
    with Liar(answer) as liar:
        done = orgkeys(words, *flags, server=liar.base_url, key=KEY, given=KEY, expect=1)
    assert done.out == "" and done.error.strip() and wanted in done.error
    assert "\x1b" not in done.error
    assert len(liar.requests) == 1


IN_A_WHILE = "repeat it in a while"


@pytest.mark.parametrize(("status", "code", "wanted", "unwanted"), [
    ("503 Service Unavailable", "store_unavailable", IN_A_WHILE, "twice"),
    ("503 Service Unavailable", "outcome_unknown", "List what there is before you repeat it", IN_A_WHILE),
    ("503 Service Unavailable", "query_timeout", "the flags that narrow it", IN_A_WHILE),
    ("507 Insufficient Storage", "keyring_full", "memory that the server", "is full"),
    ("507 Insufficient Storage", "insufficient_storage", "The disk that holds the data", "memory"),
])
def test_the_advice_fits_the_error(status, code, wanted, unwanted):
    error = json.dumps({"error": {"message": "No.", "type": "server_error", "param": None, "code": code}})
    with Liar(reply(error, status)) as liar:
        done = orgkeys("projects create --name x --retries 0", server=liar.base_url, key=KEY, expect=1)
    assert done.out == "" and wanted in done.error and unwanted not in done.error


@pytest.mark.parametrize("form", ["table", "json"])
def test_a_secret_that_cannot_be_written_names_the_key_to_revoke(server, api, form):
    """The first reply is the only one that has it."""
    command = [programs.BUILD / "orgkeys", "admin-api-keys", "create", "--name", unique("lost"), "--format", form]
    with open("/dev/full", "w") as full:
        done = subprocess.run(command, env=environment(server), stdin=subprocess.DEVNULL, stdout=full,
                              stderr=subprocess.PIPE, text=True, timeout=60)
    assert done.returncode == 1
    (lost,) = re.findall(r"could not be written, and is not shown again: revoke (\S+),", done.stderr)
    api.call("DELETE", f"/admin_api_keys/{lost}")


def test_a_secret_of_standard_output_that_is_closed_is_said_to_be_lost(server, api):
    """Without a standard output the first file to be opened would be it."""
    name = unique("closed")
    command = f'{programs.BUILD}/orgkeys admin-api-keys create --name {name} >&-'
    done = subprocess.run(["bash", "-c", command], env=environment(server), stderr=subprocess.PIPE, text=True, timeout=60)
    assert done.returncode == 1 and "the secret could not be written" in done.stderr
    (lost,) = [key["id"] for key in api.all("/admin_api_keys") if key["name"] == name]
    assert f"revoke {lost}" in done.stderr


@pytest.mark.parametrize("closed", [">&-", "2>&-", "<&- >&- 2>&-"])
def test_a_server_without_standard_streams_keeps_its_files_clean(fresh_server, closed):
    """A first start has something to say on each of them."""
    server = fresh_server()
    server.stop()
    data = Path(server.directory).with_name("first")
    command = [programs.BUILD / "orgkeys", "serve", "--data", data, "--listen", server.base_url.split("/")[2]]
    process = subprocess.Popen(["bash", "-c", f'exec "$@" {closed}', "bash", *command], env=environment(),
                               stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        done = orgkeys("keys verify --retries 10", server=server, given="sk-nobodys-of-them", expect=1)
        assert "(invalid_api_key)" in done.error
    finally:
        process.terminate()
        assert process.wait(60) == 0
    assert (data / "lock").read_bytes() == b""
    assert (data / "orgkeys.db").read_bytes().startswith(b"SQLite format 3")


# ---- Keys to ask about


def test_a_given_key_wins_over_the_environments(server, api, tmp_path):
    """A revoked key on standard input must not be answered with the yes to another one."""
    key = SECRETS.add(api.key_of(api.project()["id"])["value"])
    env = {"OPENAI_API_KEY": key}
    assert orgkeys("keys verify", server=server, env=env, given=None).out
    file = tmp_path / "key"
    file.write_text("sk-revoked")
    with open(file) as opened:
        done = subprocess.run([programs.BUILD / "orgkeys", "keys", "verify"], env=environment(server, **env), stdin=opened,
                              capture_output=True, text=True, timeout=60)
    assert done.returncode == 1 and done.stdout == ""
    assert "may not come in" in orgkeys("keys verify", server=server, env=env, given="sk-revoked", expect=1).error
    assert "standard input is empty" in orgkeys("keys verify", server=server, env=env, given="", expect=2).error


@pytest.mark.parametrize("form", ["json", "jsonl"])
def test_a_program_can_tell_a_no_from_no_answer(server, form):
    flags = ["keys verify", "--format", form]
    refused = orgkeys(*flags, server=server, given="sk-unknown", expect=1)
    assert refused.json["error"]["code"] == "invalid_api_key" and refused.json["error"]["message"]
    down = orgkeys(*flags, "--retries", "0", server="http://127.0.0.1:9/v1", given="sk-unknown", expect=1)
    assert down.out == ""


def test_where_verify_asked_is_said():
    with Liar(reply("{}", "404 Not Found")) as liar:
        other = liar.base_url.replace("/v1", "/of-mine")
        for flags, asked in ([], liar.base_url.replace("/v1", "/auth")), (["--auth-url", other], other):
            done = orgkeys("keys verify", *flags, server=liar.base_url, given="sk-x", expect=1)
            assert f"no /auth at {asked}." in done.error and "--auth-url" in done.error and "`list`" not in done.error
    down = orgkeys("keys verify --retries 0", server="http://127.0.0.1:9/v1", given="sk-x", expect=1)
    assert "running at http://127.0.0.1:9/auth?" in down.error and "--auth-url" in down.error


# ---- Replies without what was asked for

MAKING = ["admin-api-keys create", "projects api-keys create", "service-accounts create",
          "service-accounts api-keys create", "invites renew-link", "users password-link"]


@pytest.mark.parametrize("form", ["table", "json"])
@pytest.mark.parametrize("words", MAKING)
def test_a_reply_without_the_secret_is_no_success(words, form):
    flags = [*catalog.needed_flags(words), "--format", form, *(["--yes"] if words in ASKING else [])]
    with Liar(reply('{"id": "key_1", "value": null}')) as liar:
        done = orgkeys(words, *flags, server=liar.base_url, key=KEY, expect=1)
    assert done.out == "" and "has no secret" in done.error


def test_an_invite_whose_link_is_mailed():
    """OpenAI's replies have none."""
    with Liar(reply('{"id": "invite_1", "object": "organization.invite"}')) as liar:
        done = orgkeys("invites create --email a@b.example --role reader", server=liar.base_url, key=KEY)
    assert done.out == "" and "invite_1" in done.error and "sends it itself" in done.error


def test_all_asks_for_the_longest_pages():
    with Liar(reply('{"data":[],"has_more":false}')) as liar:
        orgkeys("projects list --all", server=liar.base_url, key=KEY)
        orgkeys("projects list --all --limit 7", server=liar.base_url, key=KEY)
    assert "limit=100" in liar.requests[0] and "limit=7" in liar.requests[1]


@pytest.mark.parametrize("words", ASKING)
def test_what_cannot_be_undone_is_not_done_without_a_yes(words):
    with Liar(reply("{}")) as liar:
        done = orgkeys(words, *catalog.needed_flags(words), server=liar.base_url, key=KEY, expect=2)
    assert "--yes" in done.error and liar.requests == []
