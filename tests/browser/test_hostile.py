"""Pages of others that would act for who is signed in, and names that would be markup."""

import pytest

from support.other_site import OtherSite


def markup(what):
    return f"<img src=x onerror=\"document.title='{what}'\"><b>{what}</b>"


INVITED = "<b>invited</b>@example.com"
SERVER_OPTIONS = ("--organization-name", markup("organization"))

OTHER_SITES = {
    # The cookie's SameSite knows no ports: what refuses here is the server.
    "another port": "127.0.0.1",
    "another host": "localhost",
}

FORM = """<form method="post" enctype="text/plain" action="{url}/v1/organization/projects">
<input name='{{"name": "forged", "x": "' value='"}}'></form><script>document.forms[0].submit()</script>"""
FETCH = """<script>
const send = (path, options) => fetch('{url}/v1/organization' + path, {{credentials: 'include', ...options}})
    .then((reply) => reply.text()).then((text) => text || 'nothing', (error) => 'refused');
Promise.all([
    send('/projects', {{method: 'POST', body: '{{"name": "forged"}}', mode: 'no-cors'}}),
    send('/projects', {{method: 'POST', body: '{{"name": "forged"}}',
                        headers: {{'Content-Type': 'application/json'}}}}),
    send('/sessions/current', {{method: 'DELETE'}}),
    send('/projects'),
]).then((said) => {{ window.said = said; }});
</script>"""


@pytest.fixture
def visitor(server, owner, visit):
    visitor = visit(server)
    visitor.sign_in(owner)
    return visitor


def still_signed_in(visitor):
    page = visitor.page("/")
    page.get_by_role("heading", level=1, name="Overview").wait_for()
    page.close()


@pytest.mark.parametrize("host", OTHER_SITES.values(), ids=OTHER_SITES)
def test_a_form_of_another_site_changes_nothing(server, api, visitor, host):
    before = [event["id"] for event in api.events()]
    with OtherSite(FORM.format(url=server.url), host) as site:
        visitor.hosts.add(site.host)
        page = visitor.page()
        with page.expect_response(lambda reply: reply.url.startswith(server.url)) as reply:
            page.goto(site.url)
        sent = reply.value.request
        assert sent.method == "POST"
        has_cookie = "cookie" in sent.all_headers()
        assert has_cookie == (host == "127.0.0.1")
        assert reply.value.status == (403 if has_cookie else 401), reply.value.text()
        page.close()
    assert [event["id"] for event in api.events()] == before
    still_signed_in(visitor)


@pytest.mark.parametrize("host", OTHER_SITES.values(), ids=OTHER_SITES)
def test_a_script_of_another_site_changes_and_reads_nothing(server, api, visitor, host):
    before = [event["id"] for event in api.events()]
    with OtherSite(FETCH.format(url=server.url), host) as site:
        visitor.hosts.add(site.host)
        page = visitor.page(site.url)
        said = page.wait_for_function("window.said").json_value()
        assert said == ["nothing", "refused", "refused", "refused"]
        visitor.expect("CORS policy")
        visitor.expect("net::ERR_FAILED")
        page.close()
    assert [event["id"] for event in api.events()] == before
    still_signed_in(visitor)


def test_nobody_is_signed_in_by_another_site(server, visit):
    """Into an account of the attacker's, to which they would then trust their keys."""
    script = """<script>fetch('{url}/v1/organization/sessions', {{method: 'POST', mode: 'no-cors',
        credentials: 'include', body: '{{"email": "a@example.com", "password": "b"}}'}})
        .then(() => {{ window.done = true; }});</script>"""
    with OtherSite(script.format(url=server.url)) as site:
        visitor = visit(server)
        visitor.hosts.add(site.host)
        page = visitor.page()
        with page.expect_response(lambda reply: reply.url.startswith(server.url)) as reply:
            page.goto(site.url)
        assert reply.value.status == 403
        page.wait_for_function("window.done")
        assert visitor.context.cookies() == []


# ---- Names


@pytest.fixture(scope="module")
def named(server, api):
    """An object of each kind whose name is markup, and what of it is shown."""
    project = api.project(markup("project"))
    api.invite(INVITED)
    person = api.person(name=markup("person"), projects=[(project["id"], "member")])
    api.service_account(project["id"], name=markup("account"))
    api.key_of(project["id"], name=markup("key"))
    api.admin_key(name=markup("admin-key"))
    api.post(f"/projects/{api.default_project()['id']}", {"name": markup("renamed")})
    return {"project": project, "person": person}


def check_text(page, *texts):
    for text in texts:
        page.get_by_text(text).filter(visible=True).first.wait_for()
    assert page.locator("[onerror], b").count() == 0
    assert " · orgkeys" in page.title(), "a script of a name ran"


def test_markup_in_names_is_text(visitor, named):
    project = f"/projects/{named['project']['id']}"
    page = visitor.page()
    for path, texts in {
        "/projects": [markup("project")],
        f"{project}/keys": [markup("project"), markup("key")],
        f"{project}/service-accounts": [markup("account")],
        f"{project}/people": [markup("person")],
        "/keys": [markup("key"), markup("project")],
        "/people": [markup("person"), markup("organization")],
        "/people?show=invites": [INVITED],
        "/admin-keys": [markup("admin-key")],
        "/audit-log": [markup("project"), markup("key"), markup("renamed"), INVITED],
        "/": [INVITED, markup("organization")],
    }.items():
        page.goto(path)
        check_text(page, *texts)
    page.goto(f"{project}/keys")
    page.get_by_role("button", name=markup("key"), exact=True).click()
    page.get_by_role("dialog").wait_for()
    check_text(page, markup("key"))
