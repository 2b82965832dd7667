"""Runs compiled C programs that use the client library."""

import os
import subprocess
from pathlib import Path

from support.secret_values import SECRETS
from support.server import SANITIZER_REPORT, binary

BUILD = Path(binary()).parent


def environment(base_url=None, key=None, **more):
    """Nothing of the caller's that configures an SDK or a proxy."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("ORGKEYS_", "OPENAI_")) and not name.lower().endswith("_proxy")
    }
    kept.setdefault("ASAN_OPTIONS", "detect_leaks=1:abort_on_error=0")
    kept.setdefault("UBSAN_OPTIONS", "print_stacktrace=1:halt_on_error=1")
    if base_url is not None:
        kept["OPENAI_BASE_URL"] = base_url
    if key is not None:
        kept["OPENAI_ADMIN_KEY"] = key
    kept.update(more)
    return kept


def run(program, *arguments, env, timeout=120, **options):
    """Runs a program of the build directory to its end. Fails on a sanitizer's report, and where a
    secret is on standard error."""
    done = subprocess.run(
        [str(BUILD / program), *(a if isinstance(a, bytes) else str(a) for a in arguments)],
        env=env,
        capture_output=True,
        text=True,
        timeout=timeout,
        **options,
    )
    report = SANITIZER_REPORT.search(done.stderr)
    assert report is None, f"sanitizer report of {program}:\n{done.stderr}"
    SECRETS.assert_absent(done.stderr, f"standard error of {program}")
    return done


def output(program, *arguments, env, **options):
    """The lines that a program prints before it ends with 0."""
    done = run(program, *arguments, env=env, **options)
    assert done.returncode == 0, f"{program} ended with {done.returncode}:\n{done.stdout}{done.stderr}"
    return done.stdout.splitlines()
