"""A chat on a fresh database."""

from collections.abc import Iterator

import pytest

from models import base
from tests.chat import Chat


@pytest.fixture
def chat(database: str) -> Iterator[Chat]:
    """A company of nobody yet."""
    base.connect(database, pool=4)
    yield Chat()
    base.set_clock(None)
    base.disconnect()
