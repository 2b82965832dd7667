"""The lists of project keys, of one project and of all: their filters, orders and pages, and what of them
a person sees who does not own the organization."""

import itertools
import time

import httpx
import pytest

from support.api import Api, unique
from support.browser import Browser, with_password
from support.server import Server
from support.wait import wait_until

ALL = "/project_api_keys"
ORDERS = ("asc", "desc")


def ids(keys):
    return [key["id"] for key in keys]


def of(project):
    return f"/projects/{project['id']}/api_keys"


@pytest.fixture
def readers(server, api):
    """Makes people: readers([(project, role), ...]) gives (user, their calls)."""
    made = []

    def make(projects):
        reader = Browser(server)
        made.append(reader)
        return with_password(api, reader, projects=[(one["id"], role) for one, role in projects]), reader

    yield make
    for one in made:
        one.close()


def set_column(server, changes):
    """Sets columns of keys as time would: {id: {"last_used_at": 5}}."""
    server.sql(
        ";\n".join(
            f"UPDATE project_api_keys SET {', '.join(f'{name} = {value}' for name, value in columns.items())}"
            f" WHERE id = '{key}'"
            for key, columns in changes.items()
        )
    )


class Stock:
    """Keys of every kind in two projects, one archived and another organization."""

    def __init__(self, server):
        api = self.api = Api(server.base_url, server.admin_key)
        self.first, self.second, self.archived = (api.project(name) for name in ("first", "second", "old"))
        self.ada = api.person("Ada.L@Example.com", projects=[(self.first["id"], "member")], name="Ada Lovelace")
        robot = api.service_account(self.first["id"], name="Night_Robot")
        other = api.service_account(self.second["id"], name="second robot")
        late = api.service_account(self.archived["id"], name="late robot")
        lone = api.service_account(self.second["id"], name="lone", create_service_account_only=True)
        keys = [robot["api_key"], other["api_key"], late["api_key"]]
        for number in range(4):
            keys.append(api.account_key(self.first["id"], robot["id"], name=f"Backend {number}"))
            keys.append(api.key_of(self.first["id"], user_id=self.ada["id"], name=f"laptop {number}"))
            keys.append(api.account_key(self.second["id"], other["id"], name=f"100% Σ_{number}\\"))
            keys.append(api.account_key(self.second["id"], lone["id"], name=f"without role {number}"))
        api.post(f"/projects/{self.archived['id']}/archive")
        self.ids = ids(keys)
        server.stop()
        columns = ("created_at", "expires_at", "last_used_at")
        values = ((1000, 2000, 3000), ("NULL", 5000, 6000, 9_000_000_000), ("NULL", 4000, 4500))
        kinds = itertools.cycle(itertools.product(*values))
        set_column(server, {key: dict(zip(columns, next(kinds), strict=True)) for key in self.ids})
        server.start()
        self.api.close()
        self.api = Api(server.base_url, server.admin_key)

    def keys(self, **query):
        return self.api.all(ALL, owner_project_access="any", include_archived="true", **query)


@pytest.fixture(scope="module")
def stock(tmp_path_factory):
    server = Server(tmp_path_factory.mktemp("lists") / "data", "--last-used-interval", "1h").start()
    made = Stock(server)
    yield made
    made.api.close()
    server.stop()


def text_of(key):
    """What a search looks at, as the description says."""
    owner = key["owner"].get("user") or key["owner"]["service_account"]
    return [key["name"], key["id"], key["redacted_value"][-3:], owner["name"], owner.get("email", "")]


def lower(text):
    return "".join(letter.lower() if letter.isascii() else letter for letter in text)


FILTERS = {
    "search": lambda key, value: any(lower(value) in lower(text) for text in text_of(key)),
    "expires_at[gte]": lambda key, value: key["expires_at"] is not None and key["expires_at"] >= value,
    "expires_at[lt]": lambda key, value: key["expires_at"] is not None and key["expires_at"] < value,
    "last_used_at[lt]": lambda key, value: key["last_used_at"] is not None and key["last_used_at"] < value,
    "created_at[lt]": lambda key, value: key["created_at"] < value,
    "never_used": lambda key, value: value == "false" or key["last_used_at"] is None,
    "owner_project_access": lambda key, value: value in ("any", key["owner_project_access"]),
}
VALUES = {
    "search": ["a", "ROBOT", "laptop 1", "%", "_", "\\", "Σ", "σ", "ada.l@", "nothing has this"],
    "expires_at[gte]": [0, 5000, 5001],
    "expires_at[lt]": [5000, 5001, 2**62],
    "last_used_at[lt]": [4000, 4001, -1],
    "created_at[lt]": [1000, 2500],
    "never_used": ["true", "false"],
    "owner_project_access": ["active", "inactive", "any"],
}


def expected(keys, query):
    access = {"owner_project_access": "active", **query}
    return [key for key in keys if all(FILTERS[name](key, value) for name, value in access.items())]


@pytest.mark.parametrize("name", FILTERS)
def test_each_filter_leaves_what_it_says(stock, name):
    keys = stock.keys()
    assert ids(keys) == stock.ids
    outcomes = set()
    for value in VALUES[name]:
        wanted = ids(expected(keys, {"owner_project_access": "any", name: value}))
        outcomes.add(len(wanted))
        query = {"owner_project_access": "any", name: value}
        assert ids(stock.api.all(ALL, include_archived="true", **query)) == wanted, value
        assert ids(stock.api.all(ALL, include_archived="true", order="desc", **query)) == wanted[::-1], value
        for project in (stock.first, stock.second, stock.archived):
            its = ids(key for key in expected(keys, query) if key["project"]["id"] == project["id"])
            assert ids(stock.api.all(of(project), **query)) == its, value
    assert len(outcomes) > 1


def test_filters_combine_with_and(stock):
    keys = stock.keys()
    some = 0
    for values in itertools.combinations(VALUES, 3):
        for chosen in itertools.islice(itertools.product(*(VALUES[name] for name in values)), 0, None, 17):
            query = dict(zip(values, chosen, strict=True))
            wanted = ids(expected(keys, query))
            some += 0 < len(wanted) < len(keys)
            assert ids(stock.api.all(ALL, include_archived="true", **query)) == wanted, query
    assert some > 10


def test_keys_of_archived_projects_are_listed_when_asked_for(stock):
    keys = stock.keys()
    without = [key["id"] for key in keys if key["project"]["id"] != stock.archived["id"]]
    assert ids(stock.api.all(ALL, owner_project_access="any")) == without
    assert ids(stock.api.all(ALL, owner_project_access="any", include_archived="false")) == without
    assert len(without) < len(keys)


def test_a_key_names_its_project(stock):
    names = {one["id"]: one["name"] for one in (stock.first, stock.second, stock.archived)}
    for key in stock.keys():
        assert key["project"] == {"id": key["project"]["id"], "name": names[key["project"]["id"]]}
        assert key == stock.api.get(f"/projects/{key['project']['id']}/api_keys/{key['id']}")


def test_the_prefix_of_all_keys_is_no_answer_to_a_search(stock):
    """Only the last characters of the redacted value are looked at."""
    key = next(key for key in stock.keys() if key["name"] == "Backend 2")
    assert key["redacted_value"].startswith("sk-svcacct...")
    assert stock.keys(search="sk-svcacct") == []
    assert key["id"] in ids(stock.keys(search=key["redacted_value"][-3:].swapcase()))
    assert ids(stock.keys(search=key["id"])) == [key["id"]]


def test_nothing_is_found_across_two_texts(stock):
    key = stock.keys()[0]
    assert stock.keys(search=key["name"] + key["id"]) == []
    stock.api.get(ALL, (400, "invalid_value", "search"), search=f"{key['name']}\n{key['id']}")


@pytest.mark.parametrize("text", ["<script>alert(1)</script>", "' OR 1=1 --", "%%", "__", "\\%", "\\\\", "*", "$4", "🗝"])
def test_a_search_is_a_text_and_nothing_else(api, text):
    project = api.project()
    keys = [api.key_of(project["id"], name=name)["id"] for name in (f"before {text} after", "another", text)]
    assert ids(api.all(of(project), search=text)) == [keys[0], keys[2]]
    assert ids(api.all(ALL, search=text, order="desc", limit=1))[:2] == [keys[2], keys[0]]


def test_a_search_has_bounds(api, project):
    for path in (of(project), ALL):
        assert api.get(path, search="é" * 100)["data"] == []
        api.get(path, (400, "string_above_max_length", "search"), search="é" * 101)
        api.get(path, (400, "malformed_request"), search="a\0b")
        api.get(path, (400, "invalid_value", "search"), search="a\x7fb")
        assert api.get(path, search="") == api.get(path)


def test_a_search_that_is_no_text_is_refused(server, api, project):
    for path in (of(project), ALL):
        for value in ("%ff", "%c3%28", "%ed%a0%80", "%f8%88%80%80%80"):
            reply = httpx.get(
                f"{server.base_url}/organization{path}?search={value}",
                headers={"Authorization": f"Bearer {server.admin_key}"},
            )
            assert reply.status_code == 400, reply.text


@pytest.mark.parametrize("path", ["one", "all"])
def test_values_that_are_none(api, project, path):
    path = of(project) if path == "one" else ALL
    for name in ("expires_at[gte]", "expires_at[lt]", "last_used_at[lt]", "created_at[lt]"):
        for value in ("soon", "1.5", "9" * 30, "2026-01-01"):
            api.get(path, (400, "invalid_type", name), **{name: value})
        api.call("GET", path, (400, "duplicate_parameter", name), params=[(name, 1), (name, 2)])
    for name in ("expires_at[gt]", "last_used_at[gte]", "created_at[lte]"):
        api.get(path, (400, "invalid_value", name.partition("[")[0]), **{name: 1})
    api.get(path, (400, "invalid_type", "expires_at"), expires_at=1)
    api.get(path, (400, "invalid_type", "never_used"), never_used="1")
    api.get(path, (400, "invalid_value", "order"), order="newest")
    api.get(path, (400, "invalid_cursor", "after"), after="proj_1", order="desc")
    assert api.get(path, nobody_knows_this="1")["object"] == "list"


def test_one_projects_list_has_no_include_archived(api, project):
    """A parameter that a list does not know is ignored, as everywhere."""
    assert api.get(of(project), include_archived="nonsense")["object"] == "list"
    api.get(ALL, (400, "invalid_type", "include_archived"), include_archived="nonsense")


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("where", ["one", "all"])
def test_pages_are_steady_while_keys_come_and_go(api, order, where):
    project = api.project()
    word = unique("steady")
    keys = [api.key_of(project["id"], name=f"{word} {'even' if i % 2 == 0 else 'odd'}")["id"] for i in range(24)]
    path = of(project) if where == "one" else ALL
    wanted = [key for i, key in enumerate(keys) if i % 2 == 0]
    wanted = wanted if order == "asc" else wanted[::-1]
    query = {"search": f"{word} EVEN", "order": order, "limit": 3}
    seen, after = [], {}
    while True:
        page = api.get(path, **query, **after)
        seen += ids(page["data"])
        if not page["has_more"]:
            break
        # The cursor's own key goes, and so does one that comes later; another is made.
        gone = [page["last_id"], next(key for key in wanted if key not in seen)]
        for key in gone:
            api.delete(f"/projects/{project['id']}/api_keys/{key}")
        wanted.remove(gone[1])
        made = api.key_of(project["id"], name=f"{word} even")["id"]
        if order == "asc":
            wanted.append(made)
        after = {"after": page["last_id"]}
        if len(seen) > 12:
            break
    assert len(seen) >= 6 and seen == wanted[: len(seen)]


@pytest.mark.parametrize("order", ORDERS)
def test_every_page_size_gives_the_same_list(stock, order):
    for query in ({}, {"search": "a"}, {"never_used": "true"}, {"owner_project_access": "inactive"}):
        whole = stock.api.all(ALL, order=order, **query)
        for limit in (1, 2, 7):
            assert stock.api.all(ALL, order=order, limit=limit, **query) == whole
        first = stock.api.all(of(stock.first), order=order, **query)
        assert stock.api.all(of(stock.first), order=order, limit=2, **query) == first


# ---- What a person sees


def test_a_person_finds_what_the_lists_of_their_projects_have(api, readers):
    owned, joined, left, hidden, old = (api.project(unique(word)) for word in ("owned", "in", "left", "hidden", "old"))
    user, reader = readers([(owned, "owner"), (joined, "member"), (left, "member"), (old, "owner")])
    word = unique("visible")
    for project in (owned, joined, left, hidden, old):
        api.key_of(project["id"], name=f"{word} of another")
        if project is not hidden:
            api.key_of(project["id"], name=f"{word} own", user_id=user["id"])
    api.delete(f"/projects/{left['id']}/users/{user['id']}")
    api.post(f"/projects/{old['id']}/archive")
    seen = reader.all(ALL, owner_project_access="any", include_archived="true")
    assert {(key["project"]["id"], key["name"]) for key in seen} == {
        (owned["id"], f"{word} of another"),
        (owned["id"], f"{word} own"),
        (joined["id"], f"{word} own"),
        (old["id"], f"{word} of another"),
        (old["id"], f"{word} own"),
    }
    assert ids(reader.all(ALL)) == [key["id"] for key in seen if key["project"]["id"] != old["id"]]
    lists = [reader.all(of(project), owner_project_access="any") for project in (owned, joined, old)]
    assert sorted(ids(itertools.chain(*lists))) == ids(seen)
    reader.get(of(left), (404, "project_not_found"))
    reader.get(of(hidden), (404, "project_not_found"))


def test_no_filter_shows_a_person_more(api, readers):
    owned, joined, hidden = (api.project(unique(word)) for word in ("owned", "joined", "hidden"))
    user, reader = readers([(owned, "owner"), (joined, "member")])
    for project in (owned, joined, hidden):
        api.key_of(project["id"], name="another's", expires_in_seconds=3600)
        api.service_account(project["id"], name="a robot")
    for project in (owned, joined):
        api.key_of(project["id"], name="own", user_id=user["id"], expires_in_seconds=3600)
    everything = [
        *({name: value} for name, values in VALUES.items() for value in values),
        {},
        {"search": hidden["name"]},
        {"search": api.owner()["email"]},
        {"created_at[lt]": 2**40, "expires_at[gte]": 0, "never_used": "true"},
    ]
    some = 0
    for query, order in itertools.product(everything, ORDERS):
        mine = [key["id"] for key in api.all(of(owned), order=order, **query)]
        own = [
            key["id"]
            for key in api.all(of(joined), order=order, **query)
            if key["owner"].get("user", {}).get("id") == user["id"]
        ]
        assert ids(reader.all(of(owned), order=order, limit=2, **query)) == mine
        assert ids(reader.all(of(joined), order=order, limit=2, **query)) == own
        assert ids(reader.all(ALL, order=order, limit=2, **query)) == sorted(mine + own, reverse=order == "desc")
        some += bool(mine) and bool(own)
    assert some > 10


def test_a_role_ends_and_with_it_what_is_seen(api, readers):
    project = api.project()
    user, reader = readers([(project, "owner")])
    others = api.key_of(project["id"])["id"]
    own = reader.post(of(project), {"name": "own"})["id"]
    assert ids(reader.all(ALL)) == [others, own]
    api.post(f"/projects/{project['id']}/users/{user['id']}", {"role": "member"})
    assert ids(reader.all(ALL)) == [own]
    api.delete(f"/projects/{project['id']}/users/{user['id']}")
    assert reader.all(ALL, owner_project_access="any") == []


def test_an_organization_has_its_own_keys_only(api, other):
    key = api.key_of(api.project()["id"])
    assert key["id"] in ids(api.all(ALL, order="desc", limit=1, search=key["id"]))
    assert other.all(ALL, owner_project_access="any", search=key["id"]) == []
    assert not set(ids(api.all(ALL))) & set(ids(other.all(ALL)))


# ---- What they are for


def test_a_use_ends_that_a_key_was_never_used(fresh_server):
    server = fresh_server("--last-used-interval", "100ms")
    with_key = Api(server.base_url, server.admin_key)
    project = with_key.project()
    keys = [with_key.key_of(project["id"]) for _ in range(2)]
    assert ids(with_key.all(ALL, never_used="true")) == ids(keys)
    assert httpx.get(f"{server.url}/auth", headers={"Authorization": f"Bearer {keys[0]['value']}"}).status_code == 200
    wait_until(lambda: ids(with_key.all(ALL, never_used="true")) == [keys[1]["id"]])
    soon = int(time.time()) + 60
    assert ids(with_key.all(of(project), **{"last_used_at[lt]": soon})) == [keys[0]["id"]]
    with_key.close()
