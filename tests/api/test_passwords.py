"""Passwords: how people get one, sign in with it, change it, and how guessing is slowed."""

from support.api import PASSWORD, Api, parallel, unique
from support.browser import with_password
from support.secret_values import SECRETS

OTHER_PASSWORD = SECRETS.add("another horse, another staple")


def test_joining_with_a_password_signs_in(api, browser):
    user = with_password(api, browser)
    assert user["object"] == "organization.user"
    session = browser.get("/sessions/current")
    (event,) = api.events(event_types__=["login.succeeded"], actor_ids__=[user["id"]])
    assert event["actor"]["session"]["id"] == session["id"]
    assert session["user"]["id"] == user["id"] and session["admin_api_key_id"] is None
    assert session["organization"]["id"].startswith("org_")
    assert session["user_agent"].startswith("python-httpx")
    browser.delete("/sessions/current")
    assert not browser.http.cookies
    browser.get("/projects", expect=(401, None))
    browser.sign_in(email=user["email"], password=PASSWORD)


def test_joining_without_a_password_does_not(api, browser):
    token = api.invite()["invite_url"].partition("#")[2]
    browser.post("/invites/accept", {"token": token, "name": "Some Body"})
    assert not browser.http.cookies


def test_joining_ends_the_session_before(api, browser):
    """A browser has one: whoever was signed in there is signed out."""
    browser.sign_in(admin_key=api.admin_key()["value"])
    before = api.http.__class__(base_url=browser.base_url, cookies=dict(browser.http.cookies))
    user = with_password(api, browser)
    assert browser.get("/sessions/current")["user"]["id"] == user["id"]
    assert before.get("/organization/projects").status_code == 401
    before.close()


def test_a_link_signs_in_here_and_nowhere_else(api, browser, browsers):
    user = with_password(api, browser)
    elsewhere = browsers()
    token = SECRETS.add(api.password_token(user["id"]))
    elsewhere.post("/passwords", {"token": token, "password": OTHER_PASSWORD})
    (session,) = elsewhere.get("/sessions")["data"]
    assert session["user"]["id"] == user["id"] and session["is_current"] and not session["admin_api_key_id"]
    browser.get("/projects", expect=(401, "invalid_session"))


def test_what_is_wrong_of_a_login_is_not_said(api, browser, browsers):
    user = with_password(api, browser)
    without = api.person()
    replies = [
        browsers().http.post("/organization/sessions", json={"email": email, "password": password})
        for email, password in (
            (user["email"], OTHER_PASSWORD),
            (without["email"], PASSWORD),
            (f"{unique('nobody')}@example.com", PASSWORD),
        )
    ]
    own = {"x-request-id", "openai-processing-ms", "date"}
    seen = [(r.status_code, r.text, sorted((n, v) for n, v in r.headers.items() if n not in own)) for r in replies]
    assert seen[0][0] == 401 and seen.count(seen[0]) == len(seen), seen
    assert replies[0].json()["error"]["code"] == "wrong_login"
    failed = [e for e in api.events(event_types__=["login.failed"]) if e["actor"]["session"]["user"]["id"] == user["id"]]
    assert [e["login.failed"]["error_code"] for e in failed] == ["wrong_login"]


def test_wrong_passwords_are_slowed(fresh_server, browsers):
    server = fresh_server()
    api = Api(server.base_url, server.admin_key)
    browser = browsers(server)
    user = with_password(api, browser)
    statuses = []
    # Attempts must be further and further apart, so one comes too soon however slow they are.
    while 429 not in statuses:
        assert len(statuses) < 20, statuses
        reply = browser.http.post("/organization/sessions", json={"email": user["email"].upper(), "password": OTHER_PASSWORD})
        statuses.append(reply.status_code)
    assert statuses[:5] == [401] * 5, statuses
    assert 1 <= int(reply.headers["retry-after"]) <= 60
    assert "orgkeys_logins_refused_total 0" not in server.metrics()
    assert len(api.events(event_types__=["login.failed"])) == statuses.count(401)
    api.close()


def test_a_link_unlocks_an_account(api, browser):
    """Whoever keeps trying it does not keep its person out."""
    user = api.person()
    wrong = {"email": user["email"], "password": OTHER_PASSWORD}
    while browser.http.post("/organization/sessions", json=wrong).status_code != 429:
        pass
    browser.post("/passwords", {"token": SECRETS.add(api.password_token(user["id"])), "password": PASSWORD})
    browser.sign_in(email=user["email"], password=PASSWORD)


def test_an_account_elsewhere_is_another(api, other, browsers):
    """Signing in there does not wipe out the attempts here."""
    email = f"{unique('twice')}@example.com"
    with_password(api, browsers(), email=email)
    with_password(other, browsers(), email=email)
    organization = other.http.get("/organization/projects").headers["openai-organization"]
    wrong = {"email": email, "password": OTHER_PASSWORD}
    statuses = []
    for _ in range(8):
        statuses += [browsers().http.post("/organization/sessions", json=wrong).status_code for _ in range(2)]
        browsers().sign_in(email=email, password=PASSWORD, organization_id=organization)
    assert statuses[:5] == [401] * 5 and 429 in statuses, statuses


def test_a_used_link_of_an_invite_costs_no_password(api, browser):
    invite = api.invite()
    token = invite["invite_url"].partition("#")[2]
    body = {"token": token, "name": "Some Body", "password": PASSWORD}
    browser.post("/invites/accept", body)
    browser.post("/invites/accept", body, (400, "invalid_invite_token"))


def test_changing_a_password_ends_the_other_sessions(api, browser, browsers):
    user = with_password(api, browser)
    elsewhere = browsers()
    elsewhere.sign_in(email=user["email"], password=PASSWORD)
    assert len(browser.get("/sessions")["data"]) == 2
    body = {"current_password": OTHER_PASSWORD, "password": OTHER_PASSWORD}
    browser.post("/password", body, (400, "wrong_password", "current_password"))
    browser.post("/password", {"current_password": PASSWORD, "password": "short"}, (400, "string_below_min_length"))
    browser.post("/password", {"current_password": PASSWORD, "password": OTHER_PASSWORD})
    browser.get("/projects")
    elsewhere.get("/projects", expect=(401, "invalid_session"))
    elsewhere.sign_in((401, "wrong_login"), email=user["email"], password=PASSWORD)
    elsewhere.sign_in(email=user["email"], password=OTHER_PASSWORD)


def test_changing_is_slowed_by_person(fresh_server, browsers):
    """However somebody is signed in, and whoever else tries to sign in as them."""
    server = fresh_server()
    api = Api(server.base_url, server.admin_key)
    browser = browsers(server)
    user = with_password(api, browser, role="owner")
    with_key = api.with_key(browser.post("/admin_api_keys", {"name": "of the same person"})["value"])
    change = {"current_password": PASSWORD, "password": OTHER_PASSWORD}

    def until_slowed(caller, path, body):
        statuses = []
        while 429 not in statuses:
            assert len(statuses) < 20, statuses
            statuses.append(caller.http.post(f"/organization{path}", json=body).status_code)
        return statuses

    until_slowed(browsers(server), "/sessions", {"email": user["email"], "password": OTHER_PASSWORD})
    browser.post("/password", change)
    # The same once more: the password is another one now.
    assert until_slowed(with_key, "/password", change)[:5] == [400] * 5
    assert until_slowed(browser, "/password", change)[:5] != [400] * 5
    # Another person who also comes with an admin key.
    api.post("/password", change, (400, "wrong_password", "current_password"))
    for one in (api, with_key):
        one.close()


def test_a_link_sets_a_password_once(api, browser):
    user = api.person()
    old = api.post(f"/users/{user['id']}/password_link")
    link = api.post(f"/users/{user['id']}/password_link")
    old_token, token = (SECRETS.add(one["url"].partition("#")[2]) for one in (old, link))
    browser.post("/passwords", {"token": old_token, "password": PASSWORD}, (400, "invalid_password_link", "token"))
    assert browser.post("/passwords", {"token": token, "password": PASSWORD})["id"] == user["id"]
    browser.post("/passwords", {"token": token, "password": PASSWORD}, (400, "invalid_password_link", "token"))
    browser.sign_in(email=user["email"], password=PASSWORD)


def test_an_address_is_slowed_whatever_it_tries(fresh_server, browsers):
    """Also with links that are good, each of which costs a hash; a trusted proxy says of whom."""
    server = fresh_server("--trusted-proxy", "127.0.0.1")
    api = Api(server.base_url, server.admin_key)
    here, elsewhere = (browsers(server, **{"X-Forwarded-For": of}) for of in ("203.0.113.7", "203.0.113.8"))

    def attempt(number):
        body = {"email": f"nobody{number}@example.com", "password": OTHER_PASSWORD}
        return here.http.post("/organization/sessions", json=body).status_code

    def joining():
        token = api.invite()["invite_url"].partition("#")[2]
        return {"token": token, "name": "Some Body", "password": PASSWORD}

    def setting():
        return {"token": SECRETS.add(api.password_token(owner["id"])), "password": PASSWORD}

    def slowed(path, make):
        # Waits double, so that one is longer than the time between two calls.
        for number in range(20):
            while attempt(number) != 429:
                pass
            reply = here.http.post(f"/organization{path}", json=make())
            if reply.status_code == 429:
                return reply
        raise AssertionError(f"{path}: {reply.status_code} {reply.text}")

    owner = api.owner()
    assert set(parallel(attempt, range(30))) == {401}
    for path, make in (("/passwords", setting), ("/invites/accept", joining)):
        reply = slowed(path, make)
        assert reply.json()["error"]["code"] == "too_many_attempts"
        assert 1 <= int(reply.headers["retry-after"]) <= 900
        elsewhere.post(path, make())
    # What costs nothing is not counted.
    here.post("/invites/accept", {name: value for name, value in joining().items() if name != "password"})
    api.close()


def test_what_became_of_a_password_is_in_the_audit_log(api, browser):
    user = api.person()
    browser.post("/passwords", {"token": api.password_token(user["id"]), "password": PASSWORD})
    browser.sign_in(email=user["email"], password=PASSWORD)
    browser.post("/password", {"current_password": OTHER_PASSWORD, "password": PASSWORD}, (400, "wrong_password", "current_password"))
    browser.post("/password", {"current_password": PASSWORD, "password": OTHER_PASSWORD})
    api.post(f"/users/{user['id']}", {"role": "owner"})
    events = api.events(event_types__=["user.updated", "login.failed"], resource_ids__=[user["id"]])
    failed = [event for event in events if event["type"] == "login.failed"]
    changes = [event["user.updated"]["changes_requested"] for event in events if event not in failed]
    assert changes == [{"role": "owner"}, {"password": "changed"}, {"password": "set_by_link"}, {"password": "link_created"}]
    assert [event["login.failed"]["error_code"] for event in failed] == ["wrong_password"]
    assert failed[0]["actor"]["session"]["user"]["id"] == user["id"]
