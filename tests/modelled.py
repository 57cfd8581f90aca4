"""The fake at the edge "model": it says what a test lets it say, and remembers what it was asked."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

from bot import jobs
from bot.ai import model
from bot.ai.client import OpenAIModel
from bot.ai.model import Hear, ModelFailed, Prompt, Said
from models import base
from models.base import transaction
from models.mail import Job
from tests.chat import Chat

Says = Callable[[dict[str, Any]], str]
VPN = "To reset the VPN, open the Connect app, choose *Reset profile* and sign in again with your badge number."
SAYS = "To reset the VPN, open the Connect app and choose Reset profile."


class FakeModel:
    """``says`` is given what is asked (``question`` and ``passages``), and gives the reply or raises."""

    name = "fake"

    def __init__(self, says: Says | str) -> None:
        self.says = says
        self.asked: list[Prompt] = []

    def ask(self, prompt: Prompt, hear: Hear) -> Said:
        """See ``Model``."""
        self.asked.append(prompt)
        text = self.says if isinstance(self.says, str) else self.says(json.loads(prompt.text))
        for start in range(0, len(text), 7):
            hear(text[start : start + 7])
        return Said(text, 100, 20)


Asks = Callable[..., FakeModel]
"""``asks(says, **limits)``: from now on there is a model."""


def reply(*sentences: tuple[str, list[int]]) -> str:
    """A reply as it should be."""
    return json.dumps({"sentences": [{"text": text, "sources": cited} for text, cited in sentences]})


def fails(reason: str, charged: bool = False) -> Says:
    """A model that does not reply."""

    def fail(_: dict[str, Any]) -> str:
        raise ModelFailed(reason, charged)

    return fail


def served(database: str, url: str) -> Iterator[Chat]:
    """A company whose model is the server at ``url``."""
    base.connect(database, pool=4)
    model.use(OpenAIModel("k", "gpt-4o", url, 10))
    yield Chat()
    model.use(None)
    base.set_clock(None)
    base.disconnect()


def work(chat: Chat) -> int:
    """Do the jobs that wait, and what follows from them; how many there were."""
    count = 0
    router = chat.runtime.router
    while (run := _take(chat)) is not None:
        with transaction() as session:
            kind = session.get_one(Job, run.id).kind
        jobs.perform(router, run, kind, "test")
        chat.work()
        count += 1
    return count


def _take(chat: Chat) -> jobs.Run | None:
    with transaction() as session:
        return jobs.take(session, "test", list(chat.runtime.router.jobs))
