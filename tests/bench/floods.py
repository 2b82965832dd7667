"""Benches of floods: what the checks of a proxy, paced and on connections of their own, take at the internal
listener while strangers or busy callers do what they can at the public one. The server is on one processor.
Those who check and those who flood share the other, where the flood only gets what is left (nice 19): so the
figures are what the flood costs inside the server, and not what its client takes away."""

from dataclasses import dataclass, field

from bench import Row
from checks import PRESENTED_KEYS, in_turn, milliseconds, print_keys, row, write_keys
from serving import LOAD_PROCESSOR, SERVER_PROCESSOR, Server, load, new_account, pinned
from support.floods import flooding
from support.tls import make_certificates
from support.wait import wait_until

RATE = 1_000  # checks a second
CONNECTIONS = 4
SECONDS = 3
MEBIBYTE = 1024 * 1024
IDLE_CONNECTIONS = 9_700  # --max-connections, as far as two sides of it fit into 20,000 descriptors
UNKNOWN_RATE = 5_000  # a second
API = "/v1/organization/projects"


@dataclass
class Case:
    what: str
    flood: str
    options: dict = field(default_factory=dict)
    is_internal: bool = False  # it comes through the proxy
    speaks_tls: bool = False
    keys: str = ""  # "unknown" or "admin"
    changes: bool = False


CASES = (
    Case(f"{IDLE_CONNECTIONS:,} slow senders of a head of 15 kB", "slow senders", {"connections": IDLE_CONNECTIONS}),
    Case(f"{IDLE_CONNECTIONS:,} slow readers of `/openapi.json`", "slow readers", {"connections": IDLE_CONNECTIONS}),
    Case(f"{IDLE_CONNECTIONS:,} idle connections", "idle", {"connections": IDLE_CONNECTIONS}),
    Case("connections that come and go, 256 at a time", "churn", {"connections": 256}),
    Case("2,000 clients that pipeline and never read", "pipelining", {"connections": 2_000}),
    Case("TLS handshakes that nobody ends, 64 at a time", "handshakes", {"connections": 64}, speaks_tls=True),
    Case(
        "64 clients with unknown keys at the API",
        "requests",
        {"connections": 64, "method": "GET", "path": API},
        keys="unknown",
    ),
    Case(
        f"{UNKNOWN_RATE:,} checks of unknown keys a second beside them",
        "requests",
        {"connections": 32, "method": "GET", "path": "/auth", "rate": UNKNOWN_RATE},
        is_internal=True,
        keys="unknown",
    ),
    Case(
        "600 clients that create keys",
        "requests",
        {"connections": 600, "method": "POST", "body": "{}"},
        keys="admin",
        changes=True,
    ),
)


@dataclass
class Outcome:
    median: float  # microseconds
    p99: float


def paced_checks(server, keys):
    variables = {"ORGKEYS_BENCH_KEYS": str(keys), "ORGKEYS_BENCH_RATE": str(RATE)}
    url = f"http://{server.internal_address}/auth"
    found = load("wrk_keys.lua", url, CONNECTIONS, SECONDS, LOAD_PROCESSOR, variables)
    if found["refused"] > 0:
        raise RuntimeError(f"good keys were refused: {found}")
    return Outcome(found["median"], found["p99"])


def begin(bench, case, server):
    options = dict(case.options)
    keys = {"unknown": [], "admin": [server.key]}.get(case.keys, [])
    if case.keys == "unknown":
        keys = print_keys(bench, PRESENTED_KEYS + 1, 1, 1_000)
        keys = [key if i % 2 == 0 else key[:-2] + key[:-3:-1] for i, key in enumerate(keys)]
    if case.changes:
        project, account = new_account(server)
        options["path"] = f"{project}/service_accounts/{account}/api_keys"
    address = server.internal_address if case.is_internal else server.address
    return flooding(case.flood, address, wrapper=pinned(["nice", "-n", "19"], LOAD_PROCESSOR), keys=keys, **options)


def run_case(bench, case, keys, certificates):
    """(under the flood, at rest), each by round; the memory it took; what the flood met."""
    under, at_rest, outcomes = [], [], []
    directory = bench.copy(bench.filled(PRESENTED_KEYS), "floods")
    options = ("--internal-listen", "127.0.0.1:0", "--request-timeout", "60s")
    with Server(bench.build, directory, SERVER_PROCESSOR, options, certificates if case.speaks_tls else None) as server:
        paced_checks(server, keys)
        before = server.resident_bytes("VmHWM")
        for number in range(bench.rounds):
            bench.progress(f"{case.what}, round {number + 1} of {bench.rounds}")
            for side in in_turn(number, [0, 1]):
                if side == 0:
                    at_rest.append(paced_checks(server, keys))
                    continue
                with begin(bench, case, server) as flood:
                    under.append(paced_checks(server, keys))
                outcomes.append(flood.outcome)
                wait_until(lambda: server.metric("orgkeys_http_connections_open") == 1, timeout=60)
        grown = server.resident_bytes("VmHWM") - before
    return (under, at_rest), grown, outcomes


def answers(outcomes):
    """What busy callers got, of all rounds."""
    counts = [f"{sum(one.get(status, 0) for one in outcomes):,} × {status}" for status in ("200", "503")]
    longest = max(one["longest_wait"] for one in outcomes)
    return f"{', '.join(counts)}; {longest / 1000:,.0f} ms"


def floods(bench):
    folder = bench.directory / "certificates"
    folder.mkdir(exist_ok=True)
    certificates = make_certificates(folder)
    keys = write_keys(bench.directory / "few-good-keys", print_keys(bench, 1, 1, PRESENTED_KEYS))
    for case in CASES:
        found, grown, outcomes = run_case(bench, case, keys, certificates)
        yield row(f"`/auth`, {RATE:,} a second, during {case.what}, against at rest: p99", found, "p99", milliseconds,
                  "at most 2")
        yield row("median of these", found, "median", milliseconds)
        yield Row("memory that the flood took at most", f"{grown / MEBIBYTE:.1f} MiB")
        if case.changes:
            yield Row("what they were answered, and the longest wait", answers(outcomes))
