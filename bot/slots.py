"""Where deliveries wait for their slots, in memory, as long as that is not too long."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from bot.pacing import HOLD, Pace, Pacing, Slot

EARLY = 1.0
"""Seconds before its slot that a delivery comes back: by then it must have been claimed again."""
MOST_WAITING = 1000


class Line:
    """Who waits at the limits of ``pacing``."""

    def __init__(self, pacing: Pacing) -> None:
        self.pacing = pacing
        self.waiting = 0
        self._turns: dict[str, asyncio.Lock] = {}

    async def wait(self, paces: Sequence[Pace], until: float, prepare: Callable[[], Awaitable[None]]) -> Slot:
        """A slot under ``paces``, when its time has come; ``prepare`` is called once before. Where that takes too long,
        or past ``until`` on the clock of the pacing, one that is not given, and when to come back, a little early."""
        prepared = False
        while True:
            slot = self.pacing.slot(paces)
            moment = self.pacing.clock()
            wait = slot.at - moment
            if wait > 0 and (wait > HOLD or self.waiting >= MOST_WAITING or slot.at > until):
                self.pacing.give_back(slot)
                return Slot(max(slot.at - EARLY, moment + 0.01), False)
            if not prepared:
                prepared = True
                await prepare()
                wait = slot.at - self.pacing.clock()
            if wait > 0:
                await self._sleep(wait)
            if slot.stands:
                return slot
            self.pacing.give_back(slot)

    async def last(self, paces: Sequence[Pace], until: float, prepare: Callable[[], Awaitable[None]]) -> Slot:
        """The same for what many get: one after the other, each when nobody else wants the slot. Who has to wait for
        their own conversation holds up nobody."""
        await prepare()
        slot = Slot(self.pacing.own(paces), False)
        while True:
            if slot.at <= self.pacing.clock():
                async with self._turns.setdefault(paces[-1].key, asyncio.Lock()):
                    slot = await self._first(paces, until)
            wait = slot.at - self.pacing.clock()
            if slot.given:
                return slot
            if wait > HOLD or slot.at > until:
                return Slot(max(slot.at - EARLY, self.pacing.clock() + 0.01), False)
            await asyncio.sleep(max(wait, 0.001))

    async def _first(self, paces: Sequence[Pace], until: float) -> Slot:
        """A slot for who is first of those who wait under the last of ``paces``; or one that is not given, where
        waiting makes no sense, or only the conversation is to be waited for."""
        while True:
            slot = self.pacing.last(paces)
            moment = self.pacing.clock()
            if slot.given or slot.at - moment > HOLD or slot.at > until or self.pacing.own(paces) > moment:
                return slot
            await asyncio.sleep(max(slot.at - moment, 0.001))

    async def _sleep(self, seconds: float) -> None:
        self.waiting += 1
        try:
            await asyncio.sleep(max(seconds, 0.001))
        finally:
            self.waiting -= 1
