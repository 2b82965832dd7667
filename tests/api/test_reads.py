"""What a call reads: one snapshot, within one deadline, whatever others do meanwhile."""

import threading

import pytest

from support.api import Api


@pytest.fixture
def alone(fresh_server):
    """A server of the test's own, and short calls to it."""
    server = fresh_server()
    api = Api(server.base_url, server.admin_key)
    yield api
    api.close()


def test_a_page_of_events_has_no_gap_while_others_write(alone):
    ended = threading.Event()

    def write(_number):
        with_key = alone.with_key(alone.key)
        while not ended.is_set():
            project = with_key.project()["id"]
            with_key.post(f"/projects/{project}", {"name": "renamed"})
        with_key.close()

    # The two that occur are searched first and last, so that there is time between them.
    types = ["project.created", *(f"nothing.{i}" for i in range(60)), "project.updated"]
    writers = [threading.Thread(target=write, args=(i,)) for i in range(4)]
    for writer in writers:
        writer.start()
    try:
        pages = [alone.get("/audit_logs", limit=100, event_types__=types)["data"] for _ in range(40)]
    finally:
        ended.set()
        for writer in writers:
            writer.join()
    events = [event["id"] for event in alone.events(event_types__=["project.created", "project.updated"])]
    for page in filter(None, pages):
        first = events.index(page[0]["id"])
        assert [event["id"] for event in page] == events[first : first + len(page)]
