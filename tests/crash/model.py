"""What a client knows of a server that may end at any instant: each object as acknowledged, and in doubt
where an answer is missing.

Every object belongs to one thread, which has at most one call under way. So of each object at most one
change is in doubt, and after a restart it must be found either done or not, everywhere alike: in the list,
by itself, at /auth, and in the audit log."""

import itertools
import time
from collections import Counter
from dataclasses import dataclass, field

_numbers = itertools.count(1)


def unique(word):
    return f"{word}-{next(_numbers)}"


@dataclass
class Change:
    """One that was sent. `fields` is what it makes of the object; None: the object ends."""

    subject: "Thing"
    fields: dict | None
    events: tuple  # types, of this object
    lifetime: int | None = None  # seconds, of a key that gets another end
    call: str = ""  # all changes of one call have the same
    sent_at: float = 0

    def apply(self, entry):
        """`entry`: what the server has, or said that it has."""
        thing = self.subject
        if self.lifetime is not None:
            least, most = int(self.sent_at) + self.lifetime, int(time.time()) + self.lifetime
            assert least <= entry["expires_at"] <= most, f"{entry['expires_at']} is not in [{least}, {most}]"
            thing.fields["expires_at"] = entry["expires_at"]
        thing.is_there = self.fields is not None
        thing.fields.update(self.fields or {})
        thing.events.update(self.events)


@dataclass
class Thing:
    kind: str
    path: str  # of its collection, below /organization
    name: str  # in the field that `NAMES` says; no two of a kind and an owner have the same
    owner: "Thing | None" = None  # ends with it
    id: str | None = None
    value: str | None = None  # a key's
    token: str | None = None  # an invite's
    is_there: bool = False
    fields: dict = field(default_factory=dict)
    events: Counter = field(default_factory=Counter)
    doubt: Change | None = None
    touched: bool = True  # since the last look at everything

    @property
    def lives(self):
        return self.is_there and (self.owner is None or self.owner.lives)

    @property
    def uncertain(self):
        return self.doubt is not None or (self.owner is not None and self.owner.uncertain)

    @property
    def own_path(self):
        return f"{self.path}/{self.id}"

    def check_status(self):
        """What /auth says of the key."""
        if not self.lives:
            return 401
        return 200 if self.owner is None or self.owner.fields["role"] != "none" else 403


NAMES = {"invite": "email", "user": "email"}


def owner_id(entry):
    owner = entry.get("owner", {})
    return owner.get("service_account", {}).get("id")


class Model:
    def __init__(self):
        self.things = []
        self.strangers = {}  # ids of each kind that were there before
        self.newest_event = None
        self.counts = Counter()
        self.seen = Counter()  # (type, id) of events

    def live(self, *kinds):
        return [t for t in self.things if t.kind in kinds and t.lives and not t.uncertain]

    # --- a change, and the answers to it

    def send(self, changes):
        call = unique("call")
        for change in changes:
            change.call, change.sent_at = call, time.time()
            change.subject.doubt = change
            change.subject.touched = True

    def acknowledge(self, changes, given):
        self.counts["acknowledged"] += 1
        for change in changes:
            change.apply(given)
            change.subject.doubt = None

    def refuse(self, changes):
        """Nothing was done."""
        self.counts["refused"] += 1
        for change in changes:
            change.subject.doubt = None
        refused = {id(change.subject) for change in changes if change.subject.id is None}
        self.things = [thing for thing in self.things if id(thing) not in refused]

    # --- after a restart

    def look(self, api):
        """Compares everything with what the server has now; nothing is in doubt afterwards."""
        found = read_lists(api)
        self._settle_all(found)
        self._check_lists(found)
        self._check_events(api)
        self.counts["looks"] += 1

    def _settle_all(self, found):
        outcomes = {}
        for thing in sorted(self.things, key=lambda thing: thing.owner is not None):
            if thing.doubt is not None:
                outcomes.setdefault(thing.doubt.call, set()).add(self._settle(thing, found[thing.kind]))
        for call, outcome in outcomes.items():
            assert len(outcome) == 1, f"half of a call was done: {call}"
            self.counts["unknown"] += 1
            self.counts["unknown, done"] += outcome == {True}
        self.things = [thing for thing in self.things if thing.id is not None]

    def _settle(self, thing, entries):
        """Takes over which of the two it is; gives whether it was done."""
        change, thing.doubt = thing.doubt, None
        if thing.id is None:
            entry = self._find_created(thing, entries)
        else:
            entry = entries.get(thing.id)
        if change.fields is None:
            is_done = entry is None
        else:
            is_done = entry is not None and change.fields.items() <= entry.items()
        if is_done:
            change.apply(entry)
            thing.id = entry["id"] if thing.id is None else thing.id
        return is_done

    def _find_created(self, thing, entries):
        owner = None if thing.owner is None else thing.owner.id
        found = [
            entry
            for entry in entries.values()
            if entry[NAMES.get(thing.kind, "name")] == thing.name and owner_id(entry) == owner
        ]
        assert len(found) <= 1, f"made twice: {found}"
        return found[0] if found else None

    def _check_lists(self, found):
        for kind, entries in found.items():
            wanted = {t.id: t for t in self.things if t.kind == kind and t.lives}
            known = self.strangers.setdefault(kind, set(entries) - set(wanted))
            lost = set(wanted) - set(entries)
            assert not lost, f"{len(lost)} acknowledged are lost: {[wanted[id] for id in lost][:3]}"
            extra = set(entries) - set(wanted) - known
            assert not extra, f"{len(extra)} are back, or nobody's: {[entries[id] for id in extra][:3]}"
            for id, thing in wanted.items():
                assert thing.fields.items() <= entries[id].items(), f"{thing.fields} became {entries[id]}"

    def _check_events(self, api):
        """Each change has one event, each event its change."""
        while True:
            behind = {} if self.newest_event is None else {"before": self.newest_event}
            page = api.get("/audit_logs", limit=100, **behind)
            if self.newest_event is None:
                # The first look: what there is was there before.
                self.newest_event = page["first_id"]
                break
            for event in page["data"]:
                detail = event[event["type"]]
                self.seen[event["type"], detail.get("principal_id", detail["id"])] += 1
            self.newest_event = page["first_id"] or self.newest_event
            if not page["has_more"]:
                break
        wanted = Counter()
        for thing in self.things:
            for kind, count in thing.events.items():
                wanted[kind, thing.id] += count
        missing, extra = wanted - self.seen, self.seen - wanted
        assert not missing, f"changes without their events: {missing}"
        assert not extra, f"events without their changes: {extra}"

    def check_each(self, thing, api, status_of):
        """One object by itself, and its key."""
        if thing.id is not None:
            if thing.lives:
                entry = api.get(thing.own_path)
                assert thing.fields.items() <= entry.items(), f"{thing.fields} became {entry}"
            elif not (thing.owner is not None and not thing.owner.lives):
                api.get(thing.own_path, expect=404)
        if thing.value is not None:
            status = status_of(thing)
            assert status == thing.check_status(), f"a check says {status} of {thing}"
            self.counts["checks"] += 1

    def forget_the_dead(self):
        """Those that were looked at, but for a few."""
        for thing in self.things:
            thing.touched = False
        dead = [t for t in self.things if not t.lives]
        for thing in dead[:-200]:
            for kind, count in thing.events.items():
                self.seen[kind, thing.id] -= count
        gone = set(map(id, dead[:-200]))
        self.things = [t for t in self.things if id(t) not in gone]


FIRST_KEY = "Secret Key"  # the name of the one that is made with a service account


def read_lists(api):
    projects = api.all("/projects", include_archived=True)
    lists = {
        "project": projects,
        "account": [
            account
            for project in projects
            if project["name"].startswith("home")
            for account in api.all(f"/projects/{project['id']}/service_accounts")
        ],
        "key": api.all("/project_api_keys", owner_project_access="any"),
        "admin key": api.all("/admin_api_keys"),
        "invite": api.all("/invites"),
        "user": api.all("/users"),
    }
    found = {kind: {entry["id"]: entry for entry in entries} for kind, entries in lists.items()}
    for kind, entries in lists.items():
        assert len(found[kind]) == len(entries), f"a list of {kind}s has an entry twice"
    return found
