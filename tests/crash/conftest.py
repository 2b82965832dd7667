"""How long the crashes go on, by which dice, and on what."""

import random

import pytest


@pytest.fixture
def crash_rounds(request):
    """None: as many as each test has for itself."""
    return request.config.getoption("--crash-rounds")


@pytest.fixture
def crash_seed(request):
    return request.config.getoption("--crash-seed") or random.getrandbits(32)


@pytest.fixture
def start_server(tmp_path, reserved_port):
    """start_server(kind, option, ...): one that listens at the same port after each of its starts. With
    start=False it is not started."""
    made = []

    def start(kind, *options, start=True):
        directory = tmp_path / f"data-{len(made)}"
        made.append(kind(directory, *options, listen=[f"127.0.0.1:{reserved_port}"]))
        return made[-1].start() if start else made[-1]

    yield start
    for one in made:
        if one.running():
            one.kill9()  # the test has failed, maybe with a disk that fails still
        one.stop()
