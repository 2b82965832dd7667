import pytest

from support.browser import Browser


@pytest.fixture
def browsers(server):
    """Makes browsers, of the shared server or of another one."""
    made = []

    def make(of=server, **headers):
        made.append(Browser(of, **headers))
        return made[-1]

    yield make
    for one in made:
        one.close()


@pytest.fixture
def browser(browsers):
    return browsers()
