"""A hundred thousand keys: the first page comes, and so does what is searched for."""

import pytest

from support.api import Api

MANY = 100_000
PAGE = 50


@pytest.fixture(scope="module")
def project(server, owner):
    api = Api(server.base_url, server.admin_key)
    project = api.project("many keys")["id"]
    key = api.key_of(project, name="the first one")["id"]
    api.close()
    server.listen = [server.address()]
    server.stop()
    # Copies of that key, older than it.
    server.sql(f"""
        WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {MANY})
        INSERT INTO project_api_keys (id, project_id, organization_id, owner_type, owner_id, name,
                                      redacted_value, digest, scopes, created_at)
        SELECT printf('key_0%023d', i), project_id, organization_id, owner_type, owner_id,
               printf('worker %06d', i), 'sk-proj-...' || substr(printf('%06d', i), 4), randomblob(32),
               scopes, created_at
        FROM n, (SELECT * FROM project_api_keys WHERE id = '{key}')
        """)
    server.start()
    return project


@pytest.mark.parametrize("where", ["the project's", "all"])
def test_the_page_shows_its_first_rows_and_finds_others(server, owner, project, visit, where):
    visitor = visit(server)
    visitor.sign_in(owner)
    page = visitor.page("/keys" if where == "all" else f"/projects/{project}/keys")
    rows = page.get_by_role("table", name="Keys").get_by_role("row")
    page.get_by_role("row", name="the first one").wait_for()
    assert rows.count() == 1 + PAGE
    first = rows.nth(PAGE).inner_text()

    page.get_by_role("button", name="Next").click()
    page.get_by_role("row", name="the first one").wait_for(state="detached")
    assert rows.count() == 1 + PAGE and rows.nth(PAGE).inner_text() != first

    page.get_by_label("Search keys").fill("worker 031415")
    page.get_by_role("row", name="worker 031415").wait_for()
    rows.nth(2).wait_for(state="detached")
    assert rows.count() == 2

    page.get_by_label("Search keys").fill("worker 9999999")
    rows.nth(1).wait_for(state="detached")
    assert page.get_by_role("alert").count() == 0
