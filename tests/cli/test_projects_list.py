"""`orgkeys projects list`, as an example of every list: formats, pages, tables, terminals."""

import json
import shlex
import subprocess
from datetime import datetime, timedelta, timezone

import pytest

import programs
from liar import Liar, reply
from support.api import Api, unique
from support.server import Server
from terminal import columns_of, environment, on_terminal, orgkeys

KEY = "sk-admin-OfALiar"
ZONE = timezone(timedelta(hours=3))


def project(number, **more):
    return {"id": f"proj_{number}", "object": "organization.project", "name": f"project {number}",
            "created_at": 1700000000, "archived_at": None, "status": "active", **more}


def page(*items, has_more=False):
    last = items[-1]["id"] if items else None
    return reply(json.dumps({"object": "list", "data": list(items), "last_id": last, "has_more": has_more}))


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """One of its own: what the other tests made would be in every list."""
    server = Server(tmp_path_factory.mktemp("lists") / "data", "--last-used-interval", "1h").start()
    yield server
    server.stop()


@pytest.fixture(scope="module")
def api(server):
    with_key = Api(server.base_url, server.admin_key)
    yield with_key
    with_key.close()


@pytest.fixture(scope="module")
def crowd(api):
    return [api.project(unique("listed"))["id"] for _ in range(5)]


def test_a_table_for_people(server, api, crowd):
    names, rows = columns_of(orgkeys("projects list --all", server=server).out)
    assert names == ["ID", "NAME", "STATUS", "CREATED", "ARCHIVED"]
    shown = {row["ID"]: row for row in rows}
    wanted = api.call("GET", f"/projects/{crowd[0]}")
    row = shown[crowd[0]]
    assert row["NAME"] == wanted["name"] and row["ARCHIVED"] == "-"
    assert row["CREATED"] == datetime.fromtimestamp(wanted["created_at"], ZONE).strftime("%Y-%m-%d %H:%M:%S")


def test_json_is_the_apis_reply(server, api, crowd):
    done = orgkeys("projects list --limit 3 --format json", server=server)
    assert done.json == api.call("GET", "/projects?limit=3")


def test_all_pages_are_one_document_or_a_line_an_object(server, api, crowd):
    wanted = [item for item in api.call("GET", "/projects?limit=100")["data"]]
    whole = orgkeys("projects list --all --limit 2 --format json", server=server).json
    assert whole["data"] == wanted and whole["object"] == "list" and whole["has_more"] is False
    assert (whole["first_id"], whole["last_id"]) == (wanted[0]["id"], wanted[-1]["id"])
    assert orgkeys("projects list --all --limit 2 --format jsonl", server=server).lines == wanted


def test_one_page_says_how_to_go_on(server, api, crowd):
    first = orgkeys("projects list --limit 2 --format jsonl", server=server)
    assert len(first.lines) == 2
    command = shlex.split(first.error.splitlines()[-1])
    assert command[0] == "orgkeys" and "There is more" in first.error
    second = orgkeys(*command[1:], server=server)
    assert [p["id"] for p in first.lines + second.lines] == [
        p["id"] for p in api.call("GET", "/projects?limit=4")["data"]
    ]
    assert shlex.split(second.error.splitlines()[-1]).count("--after") == 1


def test_columns_align_across_pages_and_wide_characters():
    pages = [page(project(1), has_more=True), page(project(2, name="漢字漢字"), project(3, name="e\u0301" * 30))]
    with Liar(*pages) as liar:
        lines = orgkeys("projects list --all", server=liar.base_url, key=KEY).out.splitlines()
    width = {"漢": 2, "字": 2, "\u0301": 0}
    starts = {sum(width.get(c, 1) for c in line[: line.index(word)]) for line, word in
              zip(lines, ["STATUS", *["active"] * 3], strict=True)}
    assert len(starts) == 1, lines


def test_nothing_that_a_terminal_obeys_gets_through():
    name = "a\x1b[31mb\x9b31mc\x07\u202ed\r\ne\tf"
    pages = [page(project(1, name=name))] * 3
    with Liar(*pages, reply(json.dumps(project(1, name=name)))) as liar:
        table = orgkeys("projects list", server=liar.base_url, key=KEY).out
        lines = orgkeys("projects list --format jsonl", server=liar.base_url, key=KEY)
        whole = orgkeys("projects list --format json", server=liar.base_url, key=KEY)
        record = orgkeys("projects retrieve --project-id proj_1", server=liar.base_url, key=KEY)
    for text in (table, lines.out, whole.out, record.out):
        assert not set(text) & set("\x1b\x9b\x07\u202e\r\t")
    assert "a?[31mb?31mc??d??e?f" in table
    assert lines.lines[0]["name"] == name == whole.json["data"][0]["name"]


def test_a_terminal_has_colors_unless_it_should_not(server, crowd):
    assert "\033[1m" in on_terminal("projects list", server=server)[1]
    for env in ({"NO_COLOR": "1"}, {"TERM": "dumb"}):
        assert "\033[" not in on_terminal("projects list", server=server, env=env)[1]
    assert "\033[" not in orgkeys("projects list", server=server).out


def test_a_narrow_terminal_cuts_names_and_never_ids():
    with Liar(page(project(1, name="n" * 200))) as liar:
        _, sent = on_terminal("projects list", server=liar.base_url, key=KEY, columns=90, env={"NO_COLOR": "1"})
        piped = orgkeys("projects list", server=liar.base_url, key=KEY).out
    assert max(map(len, sent.splitlines())) <= 90
    assert "proj_1" in sent and "n…" in sent and "n" * 200 in piped


def test_a_narrow_terminal_leaves_out_what_can_be_spared():
    """Times and names go, whose key it is and what happened do not."""
    key = {"id": "key_" + "1" * 24, "name": "n" * 40, "redacted_value": "sk-proj...abcdef", "created_at": 1700000000,
           "owner_project_access": "active"}
    event = {"id": "audit_log-" + "1" * 24, "type": "service_account.created", "effective_at": 1700000000,
             "project": {"id": "proj_1", "name": "p" * 40}, "service_account.created": {"id": "svc_acct_" + "1" * 24}}
    for words, item, kept, gone in (
        ("projects api-keys list --project-id proj_1", key, [key["id"], key["redacted_value"]], ["ACCESS", "CREATED"]),
        ("audit-logs list", event, [event["type"], event["service_account.created"]["id"]], ["ACTOR", event["id"]]),
    ):
        with Liar(page(item)) as liar:
            _, sent = on_terminal(words, server=liar.base_url, key=KEY, columns=82, env={"NO_COLOR": "1"})
            wide = orgkeys(words, server=liar.base_url, key=KEY).out
        assert max(map(len, sent.splitlines())) <= 82
        assert all(text in sent and text in wide for text in kept)
        assert all(text not in sent and text in wide for text in gone)


def test_a_cell_is_no_json():
    invite = {"id": "invite_1", "projects": [{"id": "proj_1", "role": "member"}, {"id": "proj_2", "role": "owner"}]}
    with Liar(reply(json.dumps(invite))) as liar:
        shown = orgkeys("invites retrieve --invite-id invite_1", server=liar.base_url, key=KEY).out
    assert "id=proj_1 role=member, id=proj_2 role=owner\n" in shown and "{" not in shown


def test_names_of_members_are_no_paths():
    item = {"id": "proj_1", "type": "a", "*": 7, "a": 8, "b.c": 9, "d": None}
    with Liar(reply(json.dumps(item))) as liar:
        shown = orgkeys("projects retrieve --project-id proj_1", server=liar.base_url, key=KEY).out
    assert [line.split() for line in shown.splitlines()] == [
        ["id", "proj_1"], ["type", "a"], ["*", "7"], ["a", "8"], ["b.c", "9"], ["d", "-"]]


def test_a_table_that_would_be_too_large_says_so():
    items = [project(n, name="x") for n in range(100)]
    items[0]["name"] = "n" * 3_000_000
    with Liar(page(*items)) as liar:
        done = orgkeys("projects list", server=liar.base_url, key=KEY, expect=1)
        assert len(orgkeys("projects list --format jsonl", server=liar.base_url, key=KEY).lines) == 100
    assert done.out == "" and "--format jsonl" in done.error


def test_progress_is_shown_on_a_terminal_and_wiped():
    pages = [page(project(n), has_more=n < 3) for n in range(1, 4)]
    with Liar(*pages) as liar:
        _, sent = on_terminal("projects list --all", server=liar.base_url, key=KEY)
    with Liar(*pages) as liar:
        quiet = orgkeys("projects list --all", server=liar.base_url, key=KEY)
    assert "2 so far" in sent and "\033[K" in sent and quiet.error == ""


def test_there_is_nothing():
    with Liar(page()) as liar:
        done = orgkeys("projects list", server=liar.base_url, key=KEY)
        assert done.out.split() == ["ID", "NAME", "STATUS", "CREATED", "ARCHIVED"] and "none" in done.error
        assert orgkeys("projects list --format jsonl", server=liar.base_url, key=KEY).out == ""


def test_a_record_leaves_out_object_alone():
    item = {**project(1), "owner": {"object": "organization.user", "subobject": "kept"}}
    with Liar(reply(json.dumps(item))) as liar:
        shown = orgkeys("projects retrieve --project-id proj_1", server=liar.base_url, key=KEY).out
    assert "owner.subobject" in shown and "organization" not in shown


def test_a_page_that_fails_leaves_no_half_document():
    with Liar(page(project(1), has_more=True), reply("{}", "400 Bad Request")) as liar:
        done = orgkeys("projects list --all --format json", server=liar.base_url, key=KEY, expect=1)
    assert done.out == "" and "HTTP 400" in done.error


def test_who_reads_has_had_enough():
    with Liar(page(*(project(n) for n in range(1000)))) as liar:
        command = f"{programs.BUILD}/orgkeys projects list --format jsonl | head -1"
        done = subprocess.run(["bash", "-c", command], env=environment(liar.base_url, KEY),
                              capture_output=True, text=True, timeout=60)
    assert json.loads(done.stdout)["id"] == "proj_0" and done.stderr == ""
