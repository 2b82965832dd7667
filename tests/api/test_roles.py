"""What a session may do, by the roles of its person."""

from support.api import unique
from support.browser import with_password


def test_a_reader_sees_their_projects_and_their_own_keys(api, browser):
    mine, shared, hidden = (api.project(unique(word)) for word in ("mine", "shared", "hidden"))
    user = with_password(api, browser, projects=[(mine["id"], "owner"), (shared["id"], "member")])
    assert [p["id"] for p in browser.all("/projects")] == [mine["id"], shared["id"]]
    browser.get(f"/projects/{hidden['id']}", expect=(404, "project_not_found"))

    browser.post(f"/projects/{mine['id']}/api_keys", {"name": "x", "user_id": api.owner()["id"]}, (403, "insufficient_role"))
    browser.post(f"/projects/{hidden['id']}/archive", expect=(404, "project_not_found"))

    others = api.key_of(shared["id"])
    own = browser.post(f"/projects/{shared['id']}/api_keys", {"name": "own"})
    assert own["owner"]["user"]["id"] == user["id"]
    assert [k["id"] for k in browser.all(f"/projects/{shared['id']}/api_keys")] == [own["id"]]
    path = f"/projects/{shared['id']}/api_keys"
    browser.get(f"{path}/{others['id']}", expect=(404, "api_key_not_found"))
    browser.delete(f"{path}/{others['id']}", (404, "api_key_not_found"))
    browser.post(f"{path}/{others['id']}", {"expires_in_seconds": 60}, (404, "api_key_not_found"))
    somebody = api.owner()["id"]
    browser.post(path, {"name": "for another", "user_id": somebody}, (403, "insufficient_role"))
    browser.delete(f"{path}/{own['id']}")

    # A project's owner manages it.
    account = browser.post(f"/projects/{mine['id']}/service_accounts", {"name": "robot"})
    assert [k["id"] for k in browser.all(f"/projects/{mine['id']}/api_keys")] == [account["api_key"]["id"]]
    browser.post(f"/projects/{mine['id']}", {"name": unique("renamed")})
    browser.delete(f"/projects/{mine['id']}/service_accounts/{account['id']}")
    # The role is that of this moment.
    api.post(f"/projects/{mine['id']}/users/{user['id']}", {"role": "member"})
    browser.post(f"/projects/{mine['id']}", {"name": "x"}, (403, "insufficient_role"))
    api.delete(f"/projects/{mine['id']}/users/{user['id']}")
    browser.get(f"/projects/{mine['id']}", expect=(404, "project_not_found"))


def test_a_member_only_restricts_their_own_key_further(api, browser):
    project = api.project()
    with_password(api, browser, projects=[(project["id"], "member")])
    path = f"/projects/{project['id']}/api_keys"
    refused = (403, "insufficient_role")
    key = f"{path}/{browser.post(path, {'name': 'own'})['id']}"

    assert browser.post(key, {"scopes": ["api.all.read", "chat.write"]})["scopes"] == ["api.all.read", "chat.write"]
    browser.post(key, {"scopes": []}, refused)
    browser.post(key, {"scopes": ["files.write"]}, refused)
    browser.post(key, {"scopes": ["chat.write", "api.keys.introspect"]}, refused)
    assert browser.post(key, {"scopes": ["models.read", "chat.write"]})["scopes"] == ["models.read", "chat.write"]
    browser.post(key, {"scopes": ["files.read"]}, refused)

    first = browser.post(key, {"expires_in_seconds": 3600})["expires_at"]
    browser.post(key, {"expires_in_seconds": 7200}, refused)
    assert browser.post(key, {"expires_in_seconds": 1800})["expires_at"] < first
    browser.post(key, {"scopes": ["models.read"]})
    # An owner widens it again.
    api.post(key, {"scopes": [], "expires_in_seconds": 7200})


def test_a_member_gives_no_key_what_asks_about_others(api, browser):
    project = api.project()
    user = with_password(api, browser, projects=[(project["id"], "member")])
    path = f"/projects/{project['id']}/api_keys"
    asking = {"name": "asks", "scopes": ["api.keys.introspect"]}
    browser.post(path, asking, (403, "insufficient_role"))
    key = browser.post(path, {"name": "does not ask"})
    browser.post(f"{path}/{key['id']}", {"scopes": ["api.keys.introspect"]}, (403, "insufficient_role"))
    api.post(f"/projects/{project['id']}/users/{user['id']}", {"role": "owner"})
    assert browser.post(path, asking)["scopes"] == asking["scopes"]


def test_what_takes_an_owner_is_refused_to_a_reader(api, browser):
    project = api.project(unique("project"))
    user = with_password(api, browser, projects=[(project["id"], "member")])
    of_project = f"/projects/{project['id']}"
    refused = [
        ("GET", "/admin_api_keys"), ("POST", "/admin_api_keys"), ("POST", "/projects"),
        ("POST", of_project), ("POST", f"{of_project}/archive"), ("POST", f"{of_project}/users"),
        ("DELETE", f"{of_project}/users/{user['id']}"), ("POST", f"{of_project}/service_accounts"),
        ("GET", "/users"), ("POST", f"/users/{user['id']}"), ("DELETE", f"/users/{user['id']}"),
        ("GET", "/invites"), ("POST", "/invites"), ("GET", "/audit_logs"),
        ("POST", f"/users/{user['id']}/password_link"),
    ]
    bodies = {
        "/admin_api_keys": {"name": "x"}, "/projects": {"name": "x"}, of_project: {"name": "x"},
        f"{of_project}/users": {"user_id": user["id"], "role": "owner"},
        f"{of_project}/service_accounts": {"name": "x"}, f"/users/{user['id']}": {"role": "owner"},
        "/invites": {"email": "x@example.com", "role": "owner"},
    }
    for method, path in refused:
        options = {"json": bodies[path]} if method == "POST" and path in bodies else {}
        browser.call(method, path, (403, "insufficient_role"), **options)
    assert browser.get(f"/users/{user['id']}")["id"] == user["id"]
    browser.get(f"/users/{api.owner()['id']}", expect=(403, "insufficient_role"))
    assert browser.get(f"{of_project}/users")["object"] == "list"
    assert browser.get(f"{of_project}/service_accounts")["object"] == "list"


def test_what_a_session_did_is_in_the_audit_log(api, browser):
    user = with_password(api, browser, role="owner")
    project = browser.post("/projects", {"name": unique("by session")})
    event = api.events(event_types__=["project.created"], resource_ids__=[project["id"]])[0]
    assert event["actor"]["type"] == "session"
    assert event["actor"]["session"]["user"] == {"id": user["id"], "email": user["email"]}
    browser.delete("/sessions/current")
    kinds = [e["type"] for e in api.events(actor_ids__=[user["id"]])]
    assert kinds[:1] == ["logout.succeeded"] and "login.succeeded" in kinds


def test_what_a_session_of_a_key_did_is_the_keys(api, browser):
    key = api.admin_key()
    session = browser.sign_in(admin_key=key["value"])
    project = browser.post("/projects", {"name": unique("by a key's session")})
    done = api.events(actor_ids__=[key["id"]])
    assert [event["type"] for event in done] == ["project.created", "login.succeeded"]
    assert done[0]["project.created"]["id"] == project["id"]
    actor = done[0]["actor"]["session"]
    assert (actor["id"], actor["admin_api_key_id"]) == (session["id"], key["id"])


def test_a_hidden_project_is_named_like_none(api, browser):
    mine, hidden = (api.project(unique(word)) for word in ("mine", "hidden"))
    with_password(api, browser, projects=[(mine["id"], "member")])
    seen = []
    for project in (hidden["id"], "proj_none"):
        reply = browser.http.get("/organization/projects", headers={"OpenAI-Project": project})
        seen.append((reply.status_code, reply.text))
    assert seen[0] == seen[1] and seen[0][0] == 401, seen
    reply = browser.http.get("/organization/projects", headers={"OpenAI-Project": mine["id"]})
    assert reply.status_code == 200
    assert api.http.get("/organization/projects", headers={"OpenAI-Project": hidden["id"]}).status_code == 200
