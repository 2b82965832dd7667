"""What the benches share. Each gives rows for the table; figures are medians, ratios are made round
by round and their median is taken, so that what disturbs the machine for a while disturbs both sides."""

import os
import shutil
from contextlib import ExitStack
from dataclasses import dataclass

from serving import make_directory

ROUNDS = 5  # unless --rounds says otherwise
MANY_KEYS = 1_000_000


@dataclass
class Row:
    what: str
    ours: str
    against: str = ""
    ratios: tuple = ()
    reach: str = ""


def ratios(ours, against):
    return tuple(a / b for a, b in zip(ours, against, strict=True))


class Bench:
    """What all benches of one invocation share, until the end of `with`: the programs, and what is made
    once."""

    def __init__(self, build, directory, rounds, progress):
        self.build = build
        self.directory = directory
        self.rounds = rounds
        self.progress = progress
        self._filled = {}
        self._shared = {}
        self._stack = ExitStack()

    def __enter__(self):
        return self

    def __exit__(self, *problem):
        self._stack.close()

    def program(self, name):
        return self.build / "tests" / "bench" / name

    def filled(self, keys):
        if keys not in self._filled:
            self.progress(f"filling a database with {keys:,} keys")
            self._filled[keys] = make_directory(self.build, self.directory / f"keys-{keys}", keys)
            os.sync()  # else the system writes it while something is measured
        return self._filled[keys]

    def shared(self, name, make):
        """What the context manager gives that `make` makes when this is first asked for."""
        if name not in self._shared:
            self._shared[name] = self._stack.enter_context(make())
        return self._shared[name]

    def copy(self, directory, name):
        target = self.directory / name
        shutil.rmtree(target, ignore_errors=True)
        return shutil.copytree(directory, target)
