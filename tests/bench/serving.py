"""The programs that the bench runs: orgkeys, the load on it, and the fillers of its database."""

import json
import os
import re
import signal
import ssl
import subprocess
import time
import urllib.request
from contextlib import contextmanager
from pathlib import Path

from support.wait import wait_until

HERE = Path(__file__).resolve().parent
START_TIMEOUT = 60
STOP_TIMEOUT = 60
LOADING_MAXIMUM = 600
REPLY_TIMEOUT = 30
PROGRAM_TIMEOUT = 180
# For a server and its load that take turns: none when there is nothing to choose.
SERVER_PROCESSOR, LOAD_PROCESSOR = [*sorted(os.sched_getaffinity(0))[:2], None, None][:2]
if LOAD_PROCESSOR is None:
    SERVER_PROCESSOR = None
INTERNAL = re.compile(r"listening address=(\S+) side=internal")
LISTENING = re.compile(r"listening address=(\S+)")


def environment(extra=None):
    """Nothing of the caller's configures the server."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("ORGKEYS_", "OPENAI_"))}
    return {**kept, **(extra or {})}


def pinned(command, processor):
    """The command on one processor; on any when it is None."""
    return command if processor is None else ["taskset", "--cpu-list", str(processor), *command]


def run(*command, processor=None, env=None):
    done = subprocess.run(
        pinned([str(part) for part in command], processor),
        env=environment(env),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=PROGRAM_TIMEOUT,
    )
    if done.returncode != 0:
        raise RuntimeError(f"{command[0]} failed: {done.stderr or done.stdout}")
    return done.stdout


def processor_seconds(process):
    """Of a process or a thread, by its folder in /proc."""
    fields = Path(f"/proc/{process}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    # utime and stime of proc(5), counted from the field after the name
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def loops(process):
    """The threads that serve connections."""
    names = Path("/proc").glob(f"{process}/task/*/comm")
    return [path.parent.relative_to("/proc") for path in names if path.read_text(encoding="utf-8") == "loop\n"]


def load_command(script, url, connections, seconds):
    options = ("-t1", f"-c{connections}", f"-d{seconds}s", f"--timeout={REPLY_TIMEOUT}s")
    return ["wrk", *options, "-s", str(HERE / script), url]


def outcome_of(printed):
    """What the `done` of tests/bench/outcome.lua printed."""
    lines = printed.strip().splitlines()
    outcome = json.loads(lines[-1]) if lines else {}
    if outcome.get("errors", 1) > 0 or outcome["requests"] == 0:
        raise RuntimeError(f"the load failed: {outcome}")
    return outcome


def scripts_environment(variables):
    return {"ORGKEYS_BENCH_SCRIPTS": str(HERE), **variables}


def load(script, url, connections, seconds, processor, variables):
    """One thread of wrk, keep-alive."""
    command = load_command(script, url, connections, seconds)
    return outcome_of(run(*command, processor=processor, env=scripts_environment(variables)))


@contextmanager
def loading(script, url, connections, processor, variables):
    """The load until the end of `with`; the list that it gives has the outcome then."""
    process = subprocess.Popen(
        pinned(load_command(script, url, connections, LOADING_MAXIMUM), processor),
        env=environment(scripts_environment(variables)),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
    )
    outcomes = []
    try:
        yield outcomes
        process.send_signal(signal.SIGINT)  # wrk says what it has
        outcomes.append(outcome_of(process.communicate(timeout=STOP_TIMEOUT)[0]))
    finally:
        if process.poll() is None:
            end(process, signal.SIGKILL)


def end(process, number=signal.SIGTERM):
    process.send_signal(number)
    try:
        process.wait(STOP_TIMEOUT)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


class Server:
    """`orgkeys serve` on a free loopback port, from `with` to its end. Its log goes to a file, as a
    service's would. `certificates` (support/tls.py): it speaks TLS."""

    def __init__(self, build, directory, processor=None, options=(), certificates=None):
        self.has_internal = "--internal-listen" in options
        self.context = None
        if certificates is not None:
            options = (*options, "--tls-cert", certificates.certificate, "--tls-key", certificates.key)
            self.context = ssl.create_default_context(cafile=certificates.authority)
        self.directory = Path(directory)
        self.log_path = self.directory.with_name(self.directory.name + ".log")
        self.command = pinned(
            [
                str(build / "orgkeys"),
                "serve",
                "--listen",
                "127.0.0.1:0",
                "--data",
                str(self.directory),
                *map(str, options),
            ],
            processor,
        )
        self.process = None
        self.started_at = None
        self.started_in = None  # seconds, to the line that says `listening`
        self.url = None

    def __enter__(self):
        self.started_at = time.perf_counter()
        with open(self.log_path, "wb") as log:
            self.process = subprocess.Popen(
                self.command,
                env=environment(),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=log,
            )
        try:
            self.url = f"{'https' if self.context else 'http'}://{self._wait_for_address()}"
        except BaseException:
            self._end(signal.SIGKILL)
            raise
        return self

    def __exit__(self, *problem):
        self._end(signal.SIGTERM)

    def _wait_for_address(self):
        while time.perf_counter() < self.started_at + START_TIMEOUT:
            found = LISTENING.search(self.log_path.read_text(encoding="utf-8"))
            if found:
                self.started_in = time.perf_counter() - self.started_at
                return found.group(1)
            if self.process.poll() is not None:
                break
            time.sleep(0.0002)
        raise RuntimeError(f"the server did not start: {self.log_path.read_text(encoding='utf-8')}")

    def _end(self, number):
        end(self.process, number)
        self.log_path.unlink(missing_ok=True)

    @property
    def address(self):
        return self.url.partition("//")[2]

    @property
    def internal_address(self):
        """Of --internal-listen; it is logged right behind the first."""
        return wait_until(lambda: INTERNAL.search(self.log_path.read_text(encoding="utf-8"))).group(1)

    @property
    def key(self):
        return (self.directory / "first-admin-key").read_text(encoding="ascii").strip()

    def call(self, method, path, body=None):
        request = urllib.request.Request(
            self.url + path,
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": f"Bearer {self.key}", "Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=30, context=self.context) as reply:
            return json.load(reply)

    def metric(self, name):
        url = f"http://{self.internal_address}" if self.has_internal else self.url
        with urllib.request.urlopen(f"{url}/metrics", timeout=30, context=self.context) as reply:
            text = reply.read().decode()
        return float(re.search(rf"^{name} (\S+)$", text, re.M).group(1))

    def resident_bytes(self, name="VmRSS"):
        """Now; `VmHWM`: at most since the start."""
        status = Path(f"/proc/{self.process.pid}/status").read_text(encoding="ascii")
        return int(re.search(rf"^{name}:\s+(\d+) kB", status, re.M).group(1)) * 1024

    def processor_seconds(self):
        return processor_seconds(self.process.pid)

    def loop_seconds(self):
        return sum(map(processor_seconds, loops(self.process.pid)))

    def load(self, method, path, connections, seconds, body=None, processor=None):
        """The same request over and over."""
        variables = {"ORGKEYS_BENCH_METHOD": method, "ORGKEYS_BENCH_KEY": self.key}
        if body is not None:
            variables["ORGKEYS_BENCH_BODY"] = json.dumps(body)
        outcome = load("wrk.lua", self.url + path, connections, seconds, processor, variables)
        if outcome["refused"] > 0:
            raise RuntimeError(f"{method} {path}: {outcome}")
        return outcome


def first_project(server):
    return server.call("GET", "/v1/organization/projects?limit=1")["data"][0]["id"]


def new_account(server):
    """The path of its project, and its id."""
    project = f"/v1/organization/projects/{first_project(server)}"
    return project, server.call("POST", f"{project}/service_accounts", {"name": "bench"})["id"]


def make_directory(build, directory, keys=0):
    """A directory that a server has made, with that many project keys in its first project."""
    with Server(build, directory):
        pass
    if keys > 0:
        run(build / "tests" / "bench" / "bench-fill", directory, keys)
    return directory
