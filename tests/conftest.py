"""The database of a test session: one embedded server, and a fresh, migrated database for whoever asks."""

import itertools
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

from models.embedded import EmbeddedServer
from models.migrate import upgrade
from tests import rendered, slack_cards, teams_cards
from tests.homes import new_home, sweep

pytest_plugins = ["tests.needs"]

TEMPLATE = "agora_template"
# What a test wrote goes away with it: it need not reach the disk, and a fresh database costs a third of the time.
HASTY = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
_numbers = itertools.count(1)
# A busy machine is slow at times, which says nothing of the code.
settings.register_profile("agora", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("agora")
rendered.CHECKS += [slack_cards.check, teams_cards.check]


@pytest.fixture(scope="session")
def server() -> Iterator[EmbeddedServer]:
    """The embedded database server of this session."""
    sweep()
    with new_home() as home, EmbeddedServer.join(home, HASTY) as joined:
        yield joined


@pytest.fixture(scope="session")
def template(server: EmbeddedServer) -> str:
    """The name of a migrated, empty database to copy."""
    upgrade(server.create_database(TEMPLATE))
    return TEMPLATE


@pytest.fixture
def database(server: EmbeddedServer, template: str) -> Iterator[str]:
    """The URL of a fresh, migrated database of this test's own."""
    name = f"test_{next(_numbers)}"
    yield server.create_database(name, template)
    server.drop_database(name)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What looks at what all the other tests have shown comes last."""
    items.sort(key=lambda item: item.get_closest_marker("last") is not None)


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "last: run the test after all others")
