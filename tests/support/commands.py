"""The offline commands of orgkeys."""

from support.api import unique
from support.secret_values import SECRETS
from support.server import run


def key_alone(done):
    """The one line that `recover` and `organization create` print."""
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert len(lines) == 1 and lines[0].startswith("sk-admin-"), f"not a key alone: {len(lines)} lines"
    return SECRETS.add(lines[0])


def create_organization(directory, email="chief@elsewhere.example", owner="Otto Other"):
    return key_alone(
        run(
            "organization",
            "create",
            "--data",
            directory,
            "--name",
            unique("organization"),
            "--owner-email",
            email,
            "--owner-name",
            owner,
        )
    )


def recover(directory, *options):
    return key_alone(run("recover", "--data", directory, *options))
