"""Runs the command line, with pipes or on a terminal of its own."""

import json
import os
import pty
import re
import struct
import subprocess
import termios
from fcntl import ioctl

import programs
from support.secret_values import SECRETS
from support.server import SANITIZER_REPORT

SECRET_ON_OUTPUT = re.compile(r"(sk-[a-z]+-\S+|https?://\S+#\S+)\n")


class Done:
    """How a command ended."""

    def __init__(self, done):
        self.status = done.returncode
        self.out = done.stdout
        self.error = done.stderr

    @property
    def json(self):
        return json.loads(self.out)

    @property
    def lines(self):
        return [json.loads(line) for line in self.out.splitlines()]

    @property
    def secret(self):
        """Standard output, which holds one secret and nothing else."""
        assert SECRET_ON_OUTPUT.fullmatch(self.out), "standard output is no secret alone"
        value = self.out.strip()
        SECRETS.add(value.partition("#")[2] or value)  # of a link, the token is the secret
        return value


def environment(server=None, key=None, **more):
    """Of a server and its admin key, in a time zone of whole hours, with a plain terminal."""
    base_url = server if server is None or isinstance(server, str) else server.base_url
    key = key or (server.admin_key if hasattr(server, "admin_key") else None)
    kept = programs.environment(base_url, key, **{"TZ": "Etc/GMT-3", "TERM": "xterm", **more})
    return {name: value for name, value in kept.items() if name != "NO_COLOR" or "NO_COLOR" in more}


def spelled(words):
    """The arguments: the first text is split at its spaces, the others are one each."""
    return [part for word in words[:1] for part in word.split()] + [str(word) for word in words[1:]]


def orgkeys(*words, server=None, key=None, given="", env=None, expect=0):
    """Runs a command with pipes; see `spelled`. `given` None: standard input is /dev/null."""
    arguments = spelled(words)
    SECRETS.assert_absent(" ".join(arguments), "the command")
    source = {"stdin": subprocess.DEVNULL} if given is None else {"input": given}
    done = Done(programs.run("orgkeys", *arguments, env=environment(server, key, **(env or {})), **source))
    assert expect is None or done.status == expect, f"{arguments}: {done.status}\n{done.out}{done.error}"
    return done


def on_terminal(*words, server=None, key=None, typed="", columns=200, env=None):
    """The same on a terminal, which standard input, output and error are. Gives the exit status and
    what the terminal was sent."""
    arguments = spelled(words)
    ours, theirs = pty.openpty()
    ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    process = subprocess.Popen(
        [programs.BUILD / "orgkeys", *arguments],
        env=environment(server, key, **(env or {})),
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
    )
    os.close(theirs)
    os.write(ours, typed.encode())
    sent = b""
    while True:
        try:
            part = os.read(ours, 65536)
        except OSError:  # the other end is closed
            break
        if not part:
            break
        sent += part
    os.close(ours)
    status = process.wait(60)
    text = sent.decode().replace("\r\n", "\n")
    assert SANITIZER_REPORT.search(text) is None, text
    return status, text


def columns_of(table):
    """A table's header as a list, and its rows as dictionaries, cut where the header's words begin."""
    header, *rows = table.splitlines()
    names = re.findall(r"\S+(?: \S+)*", header)
    starts = [match.start() for match in re.finditer(r"\S+(?: \S+)*", header)]
    ends = [*starts[1:], None]
    cut = [{n: row[s:e].rstrip() for n, s, e in zip(names, starts, ends, strict=True)} for row in rows]
    for row in rows:
        for start in starts[1:]:
            assert row[start - 2 : start] == "  ", f"not aligned:\n{table}"
    return names, cut
