"""A chat on a fresh database."""

from collections.abc import Iterator

import pytest

from bot.ai import model
from models import base
from models.budgets import Limits
from tests.chat import Chat
from tests.modelled import SAYS, Asks, FakeModel, Says, reply


@pytest.fixture
def chat(database: str) -> Iterator[Chat]:
    """A company of nobody yet."""
    base.connect(database, pool=4)
    yield Chat()
    base.set_clock(None)
    base.disconnect()


@pytest.fixture
def asks() -> Iterator[Asks]:
    """``asks(says)``: from now on there is a model."""

    def begin(says: Says | str | None = None, **limits: int) -> FakeModel:
        fake = FakeModel(reply((SAYS, [1])) if says is None else says)
        model.use(fake, Limits(**{"calls_per_person": 9, "tokens_per_day": 10**6, "tokens_per_month": 10**6, **limits}))
        return fake

    yield begin
    model.use(None)
