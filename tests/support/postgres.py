"""A real PostgreSQL of the distribution, of the tests alone: in a temporary directory, as an ordinary
user, reached by a Unix socket and by a free loopback port."""

import contextlib
import hashlib
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path

from support.ports import ReservedPort
from support.small_disk import is_in_user_namespace
from support.wait import wait_until

USER = "orgkeys"
TIMEOUT = 120


def program(name):
    for folder in sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True):
        if (folder / name).exists():
            return str(folder / name)
    found = shutil.which(name)
    assert found, f"PostgreSQL's {name} is not installed (scripts/install-deps does it)"
    return found


def ordinary_user():
    """Whom to run as; None: as whoever runs the tests. PostgreSQL does not run as root."""
    if os.geteuid() != 0 or is_in_user_namespace():
        return None
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name).pw_name
    raise AssertionError("no ordinary user to run PostgreSQL as")


def state_and_parent(process):
    """As proc(5) has them: a letter and a number."""
    try:
        state, parent = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[:2]
    except (FileNotFoundError, ProcessLookupError):
        return None, None
    return state, int(parent)


def is_there(process):
    """As a zombie too: PostgreSQL does not start while its former postmaster is one."""
    return Path(f"/proc/{process}").exists()


class Postgres:
    """From `with` to its end. In between it can be stopped, killed, and started again."""

    def __init__(self, *settings, password=None, certificates=None):
        """`settings` as for `postgres -c`. With a password, connections by TCP need it. With
        certificates (support/tls.py), they may use TLS."""
        self.user = ordinary_user()
        # A short path: that of a Unix socket has 107 characters at most.
        self.directory = Path(tempfile.mkdtemp(prefix="orgkeys-pg-", dir="/tmp"))
        if self.user:
            shutil.chown(self.directory, self.user)
        self.data = self.directory / "data"
        self.reserved = ReservedPort()
        self.port = self.reserved.number
        self.settings = [
            "listen_addresses=127.0.0.1",
            f"port={self.port}",
            f"unix_socket_directories={self.directory}",
            "fsync=off",
            "max_connections=300",
            *settings,
        ]
        self.password = password
        if certificates is not None:
            for path in (certificates.certificate, certificates.key):
                copy = shutil.copy(path, self.directory)
                os.chmod(copy, 0o600)  # else PostgreSQL refuses it
                if self.user:
                    shutil.chown(copy, self.user)
            self.settings += [
                "ssl=on",
                f"ssl_cert_file={self.directory / certificates.certificate.name}",
                f"ssl_key_file={self.directory / certificates.key.name}",
            ]

    def __enter__(self):
        try:
            self.initialize()
            self.start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *problem):
        try:
            if self.is_running():
                self.stop("immediate")
        finally:
            self.reserved.free()
            shutil.rmtree(self.directory, ignore_errors=True)

    def initialize(self, *options):
        self.run(
            "initdb", "-D", self.data, "-A", "trust", "-U", USER, "-E", "UTF8", "--no-sync", "--locale=C", *options
        )
        if self.password is not None:
            rules = "local all all trust\nhost all all 127.0.0.1/32 scram-sha-256\n"
            (self.data / "pg_hba.conf").write_text(rules)

    def start(self):
        options = " ".join(f"-c {setting}" for setting in self.settings)
        self.run("pg_ctl", "-D", self.data, "-w", "-l", self.directory / "log", "-o", options, "start")
        if self.password is not None:
            self.psql(f"ALTER USER {USER} PASSWORD '{self.password}'")

    def stop(self, mode="fast"):
        self.run("pg_ctl", "-D", self.data, "-w", "-m", mode, "stop")

    def restart(self):
        self.stop()
        self.start()

    def postmaster(self):
        return int((self.data / "postmaster.pid").read_text().splitlines()[0])

    def is_running(self):
        try:
            return is_there(self.postmaster())
        except (FileNotFoundError, IndexError):
            return False

    def kill9(self):
        """All of its processes: while one is left, which goes on with what it was asked, it cannot be started
        again."""
        postmaster = self.postmaster()
        os.kill(postmaster, signal.SIGSTOP)  # it makes no more of them
        wait_until(lambda: state_and_parent(postmaster)[0] == "T")
        numbers = [int(path.name) for path in Path("/proc").glob("[0-9]*")]
        processes = [postmaster, *(number for number in numbers if state_and_parent(number)[1] == postmaster)]
        for process in processes:
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        wait_until(lambda: not any(map(is_there, processes)), TIMEOUT)

    def command(self, name, *arguments):
        prefix = ["runuser", "-u", self.user, "--"] if self.user else []
        if is_in_user_namespace():
            # There root is whoever runs the tests, and PostgreSQL shall not see that.
            prefix = ["unshare", "--user", "--map-user=1000", "--map-group=1000", "--"]
        return [*prefix, program(name), *map(str, arguments)]

    def run(self, name, *arguments, text=""):
        done = subprocess.run(
            self.command(name, *arguments),
            env={"PATH": os.environ["PATH"], "LC_ALL": "C", "HOME": str(self.directory)},
            cwd=self.directory,
            input=text,
            capture_output=True,
            text=True,
            timeout=TIMEOUT,
        )
        assert done.returncode == 0, f"{name} failed: {done.stderr or done.stdout}"
        return done.stdout

    def psql(self, text, database="postgres"):
        """What the statements print, a row a line, columns separated by '|'."""
        return self.run(
            "psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", *self.by_socket(database), text=text,
        ).rstrip("\n")

    def create_database(self, name):
        self.psql(f'CREATE DATABASE "{name}"')
        return self.url(name)

    def copy(self, database):
        """What the database holds, for put_back."""
        return self.run("pg_dump", "--clean", "--if-exists", *self.by_socket(database))

    def put_back(self, database, copy):
        """In one transaction, as other sessions see it."""
        self.psql(f"BEGIN;\n{copy}\nCOMMIT;", database)

    def by_socket(self, database):
        return ["-h", self.directory, "-p", self.port, "-U", USER, "-d", database]

    def url(self, database="postgres", **parameters):
        """By TCP, without the password."""
        query = "&".join(f"{name}={value}" for name, value in parameters.items())
        return f"postgresql://{USER}@127.0.0.1:{self.port}/{database}{'?' if query else ''}{query}"

    def log(self):
        return (self.directory / "log").read_text(errors="replace")


class Standby(Postgres):
    """Follows a primary that runs, which waits for it with every commit from `with` on. It reaches the
    primary by `port`."""

    def __init__(self, primary, port, *settings):
        super().__init__(*settings)
        self.primary = primary
        self.primary_port = port

    def initialize(self):
        self.run(
            "pg_basebackup", "-D", self.data, "-h", "127.0.0.1", "-p", self.primary_port, "-U", USER,
            "--write-recovery-conf", "--checkpoint=fast", "--no-sync",
        )

    def start(self):
        super().start()
        self.primary.psql("ALTER SYSTEM SET synchronous_standby_names = '*'; SELECT pg_reload_conf()")
        wait_until(lambda: self.primary.psql("SELECT sync_state FROM pg_stat_replication") == "sync")

    def promote(self):
        self.run("pg_ctl", "-D", self.data, "-w", "promote")


class Databases:
    """A database for each data directory, made when it is first asked for."""

    def __init__(self, postgres):
        self.postgres = postgres
        self._names = {}

    def name_of(self, directory):
        directory = str(Path(directory).absolute())
        if directory not in self._names:
            name = "data_" + hashlib.sha256(directory.encode()).hexdigest()[:16]
            self.postgres.create_database(name)
            self._names[directory] = name
        return self._names[directory]

    def url_of(self, directory):
        return self.postgres.url(self.name_of(directory))
