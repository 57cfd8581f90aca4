"""The runtime's parts on a fresh database, with routes that a test chooses itself."""

from collections.abc import Iterator

import pytest

from bot import log
from bot.router import Router
from models import base
from tests.chat import Chat, Someone


@pytest.fixture
def db(database: str) -> Iterator[str]:
    """The URL of a fresh database, which this process is connected to."""
    base.connect(database, pool=12)
    log.configure("json")
    yield database
    base.set_clock(None)
    base.disconnect()


@pytest.fixture
def chat(db: str) -> Chat:
    """A company of nobody yet, and an Agora that knows no feature: ``chat.runtime.router`` is empty."""
    chat = Chat()
    chat.runtime.router = Router()
    return chat


@pytest.fixture
def router(chat: Chat) -> Router:
    """The routes of ``chat``: none yet."""
    return chat.runtime.router


@pytest.fixture
def mona(chat: Chat) -> Someone:
    """Somebody who reads Italian."""
    return chat.slack("mona", locale="it")
