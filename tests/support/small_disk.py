"""A file system of a few MiB, filled and emptied by the test that it is for."""

import contextlib
import os
import subprocess
import sys


@contextlib.contextmanager
def small_disk(path, size):
    """A file system of a few MiB, of this test alone."""
    path.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size},mode=0700", "tmpfs", str(path)], check=True)
    try:
        yield path
    finally:
        subprocess.run(["umount", "--lazy", str(path)], check=True)


IN_NAMESPACE = "ORGKEYS_TEST_IN_NAMESPACE"


def is_in_namespace():
    return IN_NAMESPACE in os.environ


def may_mount():
    return (
        os.geteuid() == 0
        and subprocess.run(["unshare", "--mount", "true"], capture_output=True).returncode == 0
    )


def run_where_mounting_is_allowed(request, check):
    """Calls `check` as root; for an ordinary user, runs the test again in a namespace of its own."""
    if may_mount():
        check()
        return
    assert not is_in_namespace(), "no file system can be mounted, neither as root nor in a namespace"
    inner = [sys.executable, "-m", "pytest", "-x", "-q", f"{request.node.path}::{request.node.name}"]
    done = subprocess.run(
        ["unshare", "--map-root-user", "--mount", *inner],
        env={**os.environ, IN_NAMESPACE: "1"},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def fill(disk):
    """Takes what space there is; gives the file that has it."""
    ballast = disk / "ballast"
    with ballast.open("ab", buffering=0) as file:
        for size in (65536, 512):
            with contextlib.suppress(OSError):
                while True:
                    file.write(b"\0" * size)
    return ballast
