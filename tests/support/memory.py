"""What is in the memory of a running process. Reading it needs root: the server forbids it to all others."""

import os
import re
import subprocess
import tempfile
from pathlib import Path

from support.secret_values import PART, body_of

REGION = re.compile(r"^([0-9a-f]+)-([0-9a-f]+) rw\S+ \S+ \S+ \S+ *(.*)\n(?:(?![0-9a-f]+-).*\n)*?Rss: +(\d+) kB", re.M)
NOTES = 1 << 40  # bytes: a region of this size holds a sanitizer's notes of memory, at most 8 bits of each 8 bytes
PIECE = 1 << 24
PAGE = 4096


def writable_regions(pid):
    """(start, end, name) of what can be written and was."""
    with open(f"/proc/{pid}/smaps") as smaps:
        for start, end, name, resident in REGION.findall(smaps.read()):
            start, end = int(start, 16), int(end, 16)
            if resident != "0" and end - start < NOTES:
                yield start, end, name


def first_environment(content, environment):
    """Where, in a mapping of its own, a sanitizer keeps a copy of the environment that the process began with."""
    beginning, _, _ = environment.partition(b"\0")
    for at in range(0, len(content), PAGE):
        if content.startswith(beginning + b"\0", at):
            return range(at, at + len(environment))
    return range(0)


def find_secrets(pid, secrets, sanitized=False):
    """[(a part of a secret, the region it lies in, what stands around it)] of a process that is at rest. What a
    sanitizer keeps is its own affair."""
    assert os.geteuid() == 0, "memory of another process is read by root alone: run this test as root"
    parts = {body_of(value)[at : at + PART] for value in secrets for at in range(0, len(body_of(value)), PART)}
    parts = sorted(part.encode() for part in parts if len(part) == PART)
    found = []
    environment = Path(f"/proc/{pid}/environ").read_bytes()
    with tempfile.NamedTemporaryFile() as patterns, open(f"/proc/{pid}/mem", "rb", buffering=0) as memory:
        patterns.write(b"\n".join(parts))
        patterns.flush()
        for start, end, name in writable_regions(pid):
            content = b"".join(
                os.pread(memory.fileno(), min(PIECE, end - at), at) for at in range(start, end, PIECE)
            )
            search = subprocess.run(
                ["grep", "-obUaF", "-f", patterns.name], input=content, capture_output=True, env={"LC_ALL": "C"},
            )
            assert search.returncode in (0, 1), search.stderr
            left_out = first_environment(content, environment) if sanitized and not name else range(0)
            for line in search.stdout.splitlines():
                at, _, part = line.partition(b":")
                if int(at) not in left_out:
                    around = content[max(0, int(at) - 64) : int(at) + 64].replace(b"\0", b"")
                    found.append((part, f"{name or 'anonymous'} {start + int(at):#x}", around))
    return found
