"""A command of orgkeys that is stopped in the middle: strace sends it SIGSTOP with one of its system calls."""

import contextlib
import os
import signal
import subprocess
from pathlib import Path

from backups import LEAKS_UNSEEN
from support.server import binary, environment
from support.wait import wait_until

TIMEOUT = 120


class Stopped:
    def __init__(self, process):
        self._process = process

    def signal(self, *numbers):
        for child in self._children():
            for number in numbers:
                os.kill(child, number)

    def end(self):
        """(exit status, standard output, standard error), once it has ended."""
        printed, said = self._process.communicate(timeout=TIMEOUT)
        return self._process.returncode, printed, said

    def _children(self):
        """The command alone, as long as it runs."""
        path = Path(f"/proc/{self._process.pid}/task/{self._process.pid}/children")
        return map(int, path.read_text().split()) if path.exists() else []

    def kill(self):
        """Also what strace would leave behind, stopped."""
        self.signal(signal.SIGKILL)
        self._process.kill()


@contextlib.contextmanager
def stopped_at(trace, call, number, *arguments, file=None):
    """`orgkeys ARGUMENTS`, stopped with its call of that number, or its call with `file`. `trace` is a file to make."""
    only = () if file is None else ("-P", file)
    command = ["strace", "-o", trace, *only, "-e", f"trace={call}", "-e", f"inject={call}:signal=STOP:when={number}"]
    with subprocess.Popen(
        [*command, binary(), *arguments], env=environment(LEAKS_UNSEEN), stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    ) as process:
        stopped = Stopped(process)
        try:
            wait_until(lambda: trace.exists() and "stopped by SIGSTOP" in trace.read_text(), TIMEOUT)
            yield stopped
        finally:
            stopped.kill()
