"""Agora's own command line, with leases that end soon and, if asked, a sudden end at a chosen point.

``FAULT=delivered:3`` kills the process with SIGKILL when it passes that point for the third time:

- ``captured``: the event is committed, and the browser has not been told
- ``handled``: all that follows is committed, and nothing of it is sent
- ``delivered``: the message stands on the platform, and the outbox does not know it
- ``recorded``: the outbox knows it, and nobody else
"""

from __future__ import annotations

import itertools
import os
import signal
import sys
from collections.abc import Callable
from typing import Any

import bot.inbox
from models import base

SCALE = 10.0
"""Leases and deadlines end so many times sooner than they do elsewhere."""

bot.inbox.LEASE /= SCALE  # before anybody imports it by name
base._CONNECTION["options"] = base._CONNECTION["options"].replace("30000", f"{30000 / SCALE:.0f}")

import bot.outbox  # noqa: E402

bot.outbox.LEASE /= SCALE
bot.outbox.DEADLINE /= SCALE


def kill_at(point: str, count: int) -> None:
    """Arrange the sudden end."""
    passes = itertools.count(1)

    def passed() -> None:
        if next(passes) == count:
            os.kill(os.getpid(), signal.SIGKILL)

    kind, name = _POINTS[point]
    original = getattr(kind, name)
    setattr(kind, name, _followed(original, passed) if point != "delivered" else _followed_async(original, passed))


def _followed(original: Callable[..., Any], passed: Callable[[], None]) -> Callable[..., Any]:
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        result = original(*args, **kwargs)
        passed()
        return result

    return wrapper


def _followed_async(original: Callable[..., Any], passed: Callable[[], None]) -> Callable[..., Any]:
    async def wrapper(*args: Any, **kwargs: Any) -> Any:
        result = await original(*args, **kwargs)
        passed()
        return result

    return wrapper


def _points() -> dict[str, tuple[type, str]]:
    from bot.dispatcher import Dispatcher
    from bot.outbox import OutboxWorker
    from bot.web.actions import Actions
    from bot.web.gateway import WebGateway

    return {
        "captured": (Actions, "_post"),
        "handled": (Dispatcher, "handle"),
        "delivered": (WebGateway, "deliver"),
        "recorded": (OutboxWorker, "_write"),
    }


_POINTS = _points()

if __name__ == "__main__":
    if fault := os.environ.get("FAULT"):
        where, _, number = fault.partition(":")
        kill_at(where, int(number))
    from app import cli

    cli(sys.argv[1:])
