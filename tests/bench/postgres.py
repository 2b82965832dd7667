"""A PostgreSQL of the bench alone: a temporary directory, a Unix socket, an ordinary user."""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

USER = "bench"
TIMEOUT = 300


def program(name):
    for folder in sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True):
        if (folder / name).exists():
            return str(folder / name)
    found = shutil.which(name)
    if found is None:
        raise RuntimeError(f"PostgreSQL's {name} is not installed")
    return found


class Postgres:
    """From `with` to its end. As root, it runs as the user `postgres`."""

    def __init__(self):
        # Not in the bench's directory: the path of a Unix socket has 107 characters at most, and
        # another user has to come in.
        self.directory = Path(tempfile.mkdtemp(prefix="orgkeys-bench-pg-"))
        self.data = self.directory / "data"
        self.become = []
        if os.geteuid() == 0:
            shutil.chown(self.directory, "postgres")
            self.become = ["runuser", "-u", "postgres", "--"]

    def __enter__(self):
        options = f"-c listen_addresses='' -c unix_socket_directories='{self.directory}' -c fsync=off"
        log = self.directory / "log"
        try:
            self.run("initdb", "-D", self.data, "-A", "trust", "-U", USER, "--no-sync", "--locale=C")
            self.run("pg_ctl", "-D", self.data, "-w", "-l", log, "-o", options, "start")
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *problem):
        try:
            if (self.data / "postmaster.pid").exists():
                self.run("pg_ctl", "-D", self.data, "-w", "-m", "immediate", "stop")
        finally:
            shutil.rmtree(self.directory, ignore_errors=True)

    def run(self, name, *arguments, text=""):
        done = subprocess.run(
            [*self.become, program(name), *map(str, arguments)],
            env={"PATH": os.environ["PATH"], "LC_ALL": "C", "HOME": str(self.directory)},
            cwd=self.directory,
            input=text,
            capture_output=True,
            text=True,
            timeout=TIMEOUT,
        )
        if done.returncode != 0:
            raise RuntimeError(f"{name} failed: {done.stderr or done.stdout}")
        return done.stdout

    def psql(self, text):
        return self.run("psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", *self.where(), text=text)

    def where(self):
        """The arguments of PostgreSQL's clients that say where it is."""
        return ["-h", self.directory, "-U", USER, "postgres"]
