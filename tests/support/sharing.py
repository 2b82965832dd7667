"""How `pytest --numprocesses` shares the tests out among its processes."""

from xdist.scheduler import LoadScopeScheduling

# What takes longest begins first, so that nothing long is left at the end.
LONGEST_FIRST = (
    "cluster/", "crash/", "package/", "sdk/", "browser/", "api/test_schemathesis.py", "api/test_store_copy.py",
    "api/test_first_start.py", "api/test_reads.py", "api/test_sessions.py", "cli/test_doctor.py",
    "api/test_durability.py",
    "api/test_http.py", "api/test_routes.py", "proxies/",
)


def part_of(nodeid):
    """What stays in one process, in its order: a file, whose tests share servers."""
    file, _, test = nodeid.partition("::")
    if file.endswith("/test_silence.py"):
        return file
    if "/cluster/" in file:
        return "cluster"  # one storm at a time: each takes the whole machine
    if "/crash/" in file or "/failures/" in file:
        return nodeid  # each has a server of its own, or shares it with nobody at one time
    if "/sdk/" in file:
        return "sdk"  # its files share a server that takes long to fill
    if file.endswith("/test_schemathesis.py"):
        return f"{file}::{test.partition(' ')[0]}"  # by the operations' methods
    return file


def place_of(item):
    """When a test begins, compared with others."""
    file = item.nodeid.partition("::")[0]
    return next((i for i, part in enumerate(LONGEST_FIRST) if f"/{part}" in file), len(LONGEST_FIRST))


def pytest_collection_modifyitems(config, items):
    if hasattr(config, "workerinput"):
        items.sort(key=place_of)


def pytest_xdist_make_scheduler(config, log):
    config.option.loadscopereorder = False
    return Sharing(config, log)


class Sharing(LoadScopeScheduling):
    def _split_scope(self, nodeid):
        return part_of(nodeid)
