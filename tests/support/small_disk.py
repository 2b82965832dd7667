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


NAMESPACE = "ORGKEYS_TEST_NAMESPACE"


def is_in_user_namespace():
    """Where who runs the tests is called root."""
    return os.environ.get(NAMESPACE) == "users"


def may_mount():
    return (
        os.geteuid() == 0
        and subprocess.run(["unshare", "--mount", "true"], capture_output=True).returncode == 0
    )


def run_where_mounting_is_allowed(request, check):
    """Runs the test again in a mount namespace of its own, where it calls `check`. What is mounted there ends
    with it, whatever ends it."""
    if NAMESPACE in os.environ:
        check()
        return
    namespace, options = ("mounts", []) if may_mount() else ("users", ["--map-root-user"])
    inner = [sys.executable, "-m", "pytest", "-x", "-q", f"{request.node.path}::{request.node.name}"]
    done = subprocess.run(
        ["unshare", *options, "--mount", *inner],
        env={**os.environ, NAMESPACE: namespace},
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
