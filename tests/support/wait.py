"""Waiting for a condition instead of for a time."""

import time


def wait_until(condition, timeout=15, interval=0.05):
    """Calls `condition` until it gives something true; gives that."""
    deadline = time.monotonic() + timeout
    while True:
        found = condition()
        if found:
            return found
        assert time.monotonic() < deadline, "the condition did not come true in time"
        time.sleep(interval)
