"""What goes wrong in Slack: on demand, or by chance."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from aiohttp import web


@dataclass(frozen=True)
class Fault:
    """What goes wrong, once. ``after``: only when it is done already.

    ``kind``: ``ratelimited`` (the method, in the workspace, for ``seconds``), ``rate_limited`` (the channel), an HTTP
    status such as ``503``, ``dropped`` (no answer), ``slow`` (the body takes ``seconds``), ``garbled`` (no JSON), else
    an error of Slack's.
    """

    kind: str
    after: bool = False
    seconds: float = 1.0


def rolling(share: float, others: float, seed: int) -> Callable[[str], Fault | None]:
    """Faults by chance, the same for one seed: ``share`` of the calls are rate-limited, half of them for the whole
    workspace and half for the channel, for one to three seconds; ``others`` of them fail in another way."""
    chance = random.Random(seed)
    kinds = [Fault("503"), Fault("500", after=True), Fault("dropped", after=True), Fault("fatal_error"),
             Fault("fatal_error", after=True), Fault("dropped")]  # fmt: skip

    def roll(method: str) -> Fault | None:
        if method != "chat.postMessage":
            return None
        number = chance.random()
        if number < share:
            return Fault(chance.choice(("ratelimited", "rate_limited")), seconds=float(chance.randint(1, 3)))
        return chance.choice(kinds) if number < share + others else None

    return roll


async def slowly(request: web.Request, answer: Mapping[str, Any], seconds: float) -> web.StreamResponse:
    """The answer, whose body takes so many seconds."""
    response = web.StreamResponse(headers={"Content-Type": "application/json"})
    await response.prepare(request)
    await response.write(b" ")
    await asyncio.sleep(seconds)
    await response.write(json.dumps(answer).encode())
    return response
