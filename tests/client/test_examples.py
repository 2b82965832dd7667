"""The programs of examples/c against a real server."""

import programs


def test_keys_of_a_project_are_listed_through_all_pages(server, api):
    project = api.project()
    keys = [api.key_of(project["id"]) for _ in range(45)]
    env = programs.environment(server.base_url, server.admin_key)
    lines = programs.output("examples/c/list_project_api_keys", project["id"], env=env)
    assert lines == [f"{key['id']} {key['name']}" for key in keys]
