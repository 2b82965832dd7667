"""A real `orgkeys serve` process: started on a free loopback port, watched, stopped, searched."""

import contextlib
import json
import os
import re
import signal
import sqlite3
import subprocess
import threading
import time
from pathlib import Path

import httpx

from support.plain import PLAIN
from support.secret_values import SECRETS
from support.wait import PATIENCE, wait_until

# With `pytest --database postgresql`, the databases that stand for the files of data directories.
DATABASES = None

REPOSITORY = Path(__file__).resolve().parents[2]
START_TIMEOUT = 60
STOP_TIMEOUT = 60
SANITIZER_REPORT = re.compile(r"(Address|Leak|Thread|Memory|UndefinedBehavior)Sanitizer|runtime error:")

_FIELD = re.compile(r'([A-Za-z_][\w.]*)=("(?:[^"\\]|\\.)*"|\S*)')


def binary():
    path = Path(os.environ.get("ORGKEYS_SERVER", REPOSITORY / "build-sanitize" / "orgkeys"))
    if not path.is_absolute():
        path = REPOSITORY / path
    assert path.is_file(), f"there is no server to test at {path} (ORGKEYS_SERVER names another)"
    return str(path)


def environment(extra=None):
    """The environment of a server: nothing of the caller's that configures orgkeys or an SDK."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("ORGKEYS_", "OPENAI_")) and name != "NOTIFY_SOCKET"
    }
    kept.setdefault("ASAN_OPTIONS", "detect_leaks=1:abort_on_error=0")
    kept.setdefault("UBSAN_OPTIONS", "print_stacktrace=1:halt_on_error=1")
    kept.update(extra or {})
    return kept


def database_variable(arguments):
    """The variable that gives a command's data directory its database; none with SQLite."""
    arguments = list(map(str, arguments))
    if DATABASES is None or "--data" not in arguments:
        return {}
    return {"ORGKEYS_DATABASE_URL": DATABASES.url_of(arguments[arguments.index("--data") + 1])}


def run(*arguments, env=None, timeout=60, **options):
    """Runs a short orgkeys command to its end, and fails on a sanitizer report."""
    done = subprocess.run(
        [binary(), *map(str, arguments)],
        env=environment(database_variable(arguments) | (env or {})),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=timeout,
        **options,
    )
    report = SANITIZER_REPORT.search(done.stderr)
    assert report is None, f"sanitizer report of orgkeys {arguments}:\n{done.stderr}"
    return done


def parse_log_line(line):
    """The fields of one line, of either format; empty for a line that is not structured."""
    if line.startswith("{"):
        try:
            return json.loads(line)
        except ValueError:
            return {}
    fields = {}
    for name, value in _FIELD.findall(line):
        fields[name] = json.loads(value) if value.startswith('"') else value
    return fields


def not_overloaded(reply):
    return None if reply.status_code == 503 and "too many connections" in reply.text else reply


class Server:
    """One data directory and the process that serves it now."""

    def __init__(self, directory, *options, env=None, listen=("127.0.0.1:0",), wrapper=()):
        self.directory = Path(directory)
        self.options = [str(option) for option in options]
        self.env = dict(env or {})
        self.listen = list(listen)
        self.wrapper = list(wrapper)
        self.process = None
        self._must_run = False  # from its launch on, until it is ended
        self.start_seconds = None  # what the last start took
        self.log = []  # lines of standard error, of all starts
        self.output = []  # lines of standard output, of all starts
        self._changed = threading.Condition()
        self._threads = []
        self._log_start = 0
        self._checked = 0
        self._admin_key = None

    # --- starting

    def command(self):
        command = [*self.wrapper, binary(), "serve", "--data", str(self.directory)]
        for address in self.listen:
            command += ["--listen", address]
        return command + self.options

    def launch(self):
        """Starts the process without waiting for it to listen."""
        assert self.process is None or self.process.poll() is not None, "already running"
        self._log_start = len(self.log)
        self.process = subprocess.Popen(
            self.command(),
            env=environment(database_variable(self.command()) | self.env),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        self._must_run = True
        self._threads = [
            threading.Thread(target=self._read, args=(stream, lines), daemon=True)
            for stream, lines in ((self.process.stdout, self.output), (self.process.stderr, self.log))
        ]
        for thread in self._threads:
            thread.start()
        return self

    def start(self):
        started_at = time.monotonic()
        self.launch()
        wanted = len(self.listen) + sum(option == "--internal-listen" for option in self.options)
        deadline = started_at + START_TIMEOUT
        with self._changed:
            while len(self._listening()) < wanted:
                left = deadline - time.monotonic()
                ended = self.process.poll() is not None and not any(t.is_alive() for t in self._threads)
                if ended or left <= 0:
                    why = f"ended with {self.wait()}" if ended else "does not listen"
                    raise AssertionError(f"the server {why}:\n" + self.log_text(since_start=True))
                self._changed.wait(min(left, 0.1))
        self.start_seconds = time.monotonic() - started_at
        return self

    def _read(self, stream, lines):
        with stream:
            for raw in stream:
                with self._changed:
                    lines.append(raw.decode("utf-8", "replace").rstrip("\n"))
                    self._changed.notify_all()
        with self._changed:
            self._changed.notify_all()

    def _listening(self):
        """(side, address) of each listener of this start, in the order of the log."""
        found = []
        for line in self.log[self._log_start :]:
            if "listening" not in line:
                continue
            fields = parse_log_line(line)
            event = fields.get("event", "listening" if " listening " in f"{line} " else "")
            if event == "listening" and "address" in fields:
                side = "internal" if fields.get("side") == "internal" else "public"
                found.append((side, fields["address"]))
        return found

    # --- where it is

    def address(self, side="public", index=0):
        return [address for kind, address in self._listening() if kind == side][index]

    @property
    def host(self):
        return self.address().rsplit(":", 1)[0].strip("[]")

    @property
    def port(self):
        return int(self.address().rsplit(":", 1)[1])

    @property
    def url(self):
        return f"http://{self.address()}"

    @property
    def base_url(self):
        """What OPENAI_BASE_URL is set to."""
        return f"{self.url}/v1"

    @property
    def internal_url(self):
        return f"http://{self.address('internal')}"

    @property
    def pid(self):
        return self.process.pid

    @property
    def admin_key(self):
        """The first admin key of the first organization."""
        if self._admin_key is None:
            self._admin_key = SECRETS.add((self.directory / "first-admin-key").read_text().strip())
        return self._admin_key

    @property
    def password_link(self):
        """By which the owner of the first organization sets a password."""
        link = (self.directory / "first-password-link").read_text().strip()
        SECRETS.add(link.partition("#")[2])
        return link

    def sql(self, text):
        """Runs statements on its database. On SQLite it must have been stopped."""
        if DATABASES is not None:
            DATABASES.postgres.psql(f"BEGIN;\n{text};\nCOMMIT;", DATABASES.name_of(self.directory))
            return
        with contextlib.closing(sqlite3.connect(self.directory / "orgkeys.db")) as database, database:
            database.executescript(f"BEGIN;\n{text};\nCOMMIT;")

    # --- ending

    def running(self):
        return self.process is not None and self.process.poll() is None

    def wait(self, timeout=STOP_TIMEOUT):
        """Waits for the process to end as the test made it; gives its exit status."""
        self._must_run = False
        try:
            status = self.process.wait(timeout)
        except subprocess.TimeoutExpired:
            raise AssertionError("the server did not end:\n" + self.log_text(since_start=True)) from None
        finally:  # the test's own limit of time may end the wait, too
            if self.running():
                self.process.kill()
                self.process.wait()
        for thread in self._threads:
            thread.join(STOP_TIMEOUT)
        self.check_log()
        return status

    def stop(self):
        """SIGTERM; the server must exit 0, without a sanitizer report and without a leaked secret. Nothing, where
        it was ended by other means; but it must not have ended by itself."""
        if not self._must_run:
            return
        try:
            if self.running():
                self.check_metrics()
        finally:
            self.process.terminate()
            status = self.wait()
        assert status == 0, f"exit status {status}:\n" + self.log_text(since_start=True)[-8000:]

    def kill9(self):
        """SIGKILL, of a server that runs: it must not have ended by itself before."""
        self.process.kill()
        status = self.wait()
        assert status == -signal.SIGKILL, f"it had ended with {status}:\n" + self.log_text(since_start=True)[-8000:]

    def restart(self):
        self.stop()
        return self.start()

    # --- what it wrote

    def log_text(self, since_start=False):
        return "\n".join(self.log[self._log_start if since_start else 0 :])

    def log_lines(self, **fields):
        """The lines (as fields) in which all the given fields have the given values."""
        parsed = (parse_log_line(line) for line in list(self.log))
        return [line for line in parsed if all(str(line.get(n)) == str(v) for n, v in fields.items())]

    def wait_for_log(self, text, timeout=PATIENCE):
        """Waits until a line of this start holds `text`; gives the line."""
        deadline = time.monotonic() + timeout
        with self._changed:
            while True:
                for line in self.log[self._log_start :]:
                    if text in line:
                        return line
                left = deadline - time.monotonic()
                if left <= 0:
                    raise AssertionError(f"no line with {text!r}:\n" + self.log_text(since_start=True))
                self._changed.wait(left)

    def check_log(self):
        text = "\n".join([*self.log[self._checked :], *self.output])
        self._checked = len(self.log)
        report = SANITIZER_REPORT.search(text)
        assert report is None, f"sanitizer report:\n{text[max(0, report.start() - 2000) :][:20000]}"
        SECRETS.assert_absent(text, "the server's output")

    def metrics(self):
        sides = dict(reversed(self._listening()))  # of each the first
        is_plain = "internal" in sides or "--tls-cert" not in self.options
        url = f"{'http' if is_plain else 'https'}://{sides.get('internal', sides['public'])}/metrics"
        verify = PLAIN if is_plain else False
        # With --max-connections 1, the connection of before may not have been closed yet.
        reply = wait_until(lambda: not_overloaded(httpx.get(url, timeout=PATIENCE, verify=verify)))
        assert reply.status_code == 200, reply.text
        return reply.text

    def check_metrics(self):
        text = self.metrics()
        SECRETS.assert_absent(text, "/metrics")
        ids = re.findall(r"\b(?:proj|user|svc_acct|key|invite|org|audit_log|req)_[0-9A-Za-z]{24}\b", text)
        assert not ids, f"/metrics holds ids: {ids[:3]}"
