"""Waiting for a condition instead of for a time."""

import functools
import inspect
import time

# Seconds until a test gives up: far beyond what a slow machine with much to do needs.
PATIENCE = 60


def wait_until(condition, timeout=PATIENCE, interval=0.05):
    """Calls `condition` until it gives something true; gives that."""
    deadline = time.monotonic() + timeout
    while True:
        found = condition()
        if found:
            return found
        assert time.monotonic() < deadline, f"still {found!r} after {timeout} s:\n{source(condition)}"
        time.sleep(interval)


def wait_with(problems, condition, interval=0.05):
    """The same, beside threads that put what goes wrong into `problems`: the first is raised at once."""

    @functools.wraps(condition)
    def come():
        if problems:
            raise problems[0]
        return condition()

    return wait_until(come, interval=interval)


def source(condition):
    try:
        return inspect.getsource(condition)
    except (OSError, TypeError):
        return repr(condition)
