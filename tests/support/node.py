"""Runs the programs of tests/sdk/node."""

import os
import shutil
import subprocess

from support.server import REPOSITORY

DIRECTORY = REPOSITORY / "tests" / "sdk" / "node"


def node(*arguments, env, timeout=300):
    """Runs Node.js in tests/sdk/node; gives what it printed."""
    program = shutil.which("node")
    assert program, "Node.js is not installed (scripts/install-deps does it)"
    modules = REPOSITORY / "tests" / "sdk" / "node_modules" / "openai"
    assert modules.is_dir(), "the Node SDK is not installed (`make test` does it: npm ci in tests/sdk)"
    done = subprocess.run(
        [program, "--no-warnings", *arguments],
        cwd=DIRECTORY,
        env={"PATH": os.environ["PATH"], **env},
        capture_output=True,
        text=True,
        timeout=timeout,
    )
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    return done.stdout
