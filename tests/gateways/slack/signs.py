"""What tests of the sign that Agora is at it have in common: an answer that waits, and what was called meanwhile."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from bot.turn import Turn
from models.base import reading
from models.mail import PostedCard
from tests.gateways.conftest import until
from tests.gateways.slack.conftest import Workspace

SIGN = "One moment: I am working on it."
THREAD = "1763800001.000100"
Handler = Callable[[Turn], bool]


@contextmanager
def held_up(workspace: Workspace, then: Handler | None = None) -> Iterator[threading.Event]:
    """Messages and /ask wait until they are let go; ``then`` is what becomes of a message."""
    going_on, router = threading.Event(), workspace.runtime.router
    handlers, ask = list(router.messages), router.commands["ask"]

    def slow(turn: Turn) -> bool:
        going_on.wait(20)
        return then(turn) if then is not None else any(handler(turn) for handler in handlers)

    def slow_ask(turn: Turn) -> Any:
        going_on.wait(20)
        return ask.handler(turn)

    router.messages[:] = [slow]
    router.commands["ask"] = type(ask)(ask.name, ask.usage, slow_ask, ask.opens)
    try:
        yield going_on
    finally:
        going_on.set()


def calls(workspace: Workspace, method: str) -> list[dict[str, Any]]:
    return workspace.slack.calls[method]


async def called(workspace: Workspace, method: str, count: int = 1) -> list[dict[str, Any]]:
    """What was asked of this method, once it was so often."""
    await until(lambda: len(calls(workspace, method)) >= count)
    return calls(workspace, method)


async def quiet(workspace: Workspace) -> None:
    """Everything that was to be said is said."""
    await until(lambda: all(row.state in ("sent", "dropped", "failed") for row in workspace.sent()))


def signs() -> int:
    with reading() as session:
        return session.query(PostedCard).where(PostedCard.about.like("sign:%")).count()
