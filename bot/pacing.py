"""How fast a platform may be talked to: windows that each take so many, and the pauses that platforms ask for.

A *pace* is one limit under a key: a conversation's, a workspace's, a method's. Who wants to send asks for all that it
counts against and is told how long to wait. What is narrow is waited for first, so that a busy conversation takes no
slots away from the others of its workspace. Everything is in memory: each process keeps to the limits by itself, and
what several of them overdo together comes back as pauses.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

HOLD = 2.0
"""Seconds ahead for which slots are given out: longer and who comes later could not come first, however urgent."""
EARLY = 1.0
"""Seconds before its slot that a delivery comes back: by then it must have been claimed again."""
MOST_WAITING = 1000
_DENSER = 0.75  # those who come back come a little faster than slots do: after a pause there is something to catch up
FAR = 60.0
"""Seconds after which everybody asks again: the line may have become shorter, or longer, by others."""


class Window(NamedTuple):
    """At most ``most`` in any ``seconds``."""

    most: int
    seconds: float


class Pace(NamedTuple):
    """A limit of a platform: all of ``windows`` hold for what counts under ``key``."""

    key: str
    windows: tuple[Window, ...]


@dataclass
class _Log:
    """The slots given out under one key, in order; ``epoch`` changes when those that lie ahead are taken back."""

    windows: tuple[Window, ...] | None  # none: so far it was only paused
    taken: deque[float]
    paused: float = 0.0
    epoch: int = 0
    later: float = 0.0
    """Up to when those are spread who were told to come back."""

    def next(self, moment: float) -> float:
        """The first moment from ``moment`` on that keeps all windows."""
        moment = max(moment, self.paused, self.taken[-1] if self.taken else 0.0)
        for most, seconds in self.windows or ():
            if len(self.taken) >= most:
                moment = max(moment, self.taken[-most] + seconds)
        return moment

    def is_busy(self, moment: float) -> bool:
        """Whether half of a window is used up, or more."""
        windows = self.windows or ()
        return any(2 * sum(each > moment - seconds for each in self.taken) >= most for most, seconds in windows)

    def take_back(self, moment: float) -> None:
        """Nobody goes after ``moment``: who was given a slot then asks again."""
        while self.taken and self.taken[-1] > moment:
            self.taken.pop()
        self.epoch += 1

    def come_back(self, moment: float) -> float:
        """When to ask again for a slot that is not before ``moment``: one after the other, as slots come."""
        then = max(self.later, moment)
        self.later = then + _DENSER * max((seconds / most for most, seconds in self.windows or ()), default=0)
        return then


@dataclass(frozen=True)
class Slot:
    """A moment to send: ``at`` on the clock of the pacing. ``given`` is false where that is too far ahead to be
    promised: ask again a little before."""

    at: float
    given: bool
    epochs: tuple[tuple[_Log, int], ...] = field(default=(), repr=False)

    @property
    def stands(self) -> bool:
        """Whether it was not taken back by a pause since."""
        return self.given and all(log.epoch == epoch for log, epoch in self.epochs)


class Pacing:
    """The limits of platforms, as this process has used them up. For one thread.

    ``scale`` divides all seconds: tests and benchmarks live that many times faster.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic, scale: float = 1.0) -> None:
        self.clock = clock
        self._scale = scale
        self._logs: dict[str, _Log] = {}
        self._sweep_at = 1024

    def slot(self, paces: Sequence[Pace], hold: float = HOLD) -> Slot:
        """A slot under all of ``paces``, the narrowest first, within ``hold`` seconds; or when to ask again."""
        moment = self.clock()
        logs = [self._log(pace) for pace in paces]
        for log in logs[:-1]:
            narrow = log.next(moment)
            if narrow > moment:
                return Slot(narrow, False)
        at = max((log.next(moment) for log in logs), default=moment)
        if at > moment + hold:
            return Slot(min(logs[-1].come_back(at), max(at, moment + FAR)), False)
        for log in logs:
            log.taken.append(at)
        return Slot(at, True, tuple((log, log.epoch) for log in logs))

    def spare(self, paces: Sequence[Pace]) -> Slot | None:
        """A slot at this moment, for what may as well be left out: only where less than half of each limit is used up,
        so that nobody who must send waits for it."""
        moment = self.clock()
        logs = [self._log(pace) for pace in paces]
        if any(log.next(moment) > moment or log.is_busy(moment) for log in logs):
            return None
        for log in logs:
            log.taken.append(moment)
        return Slot(moment, True, tuple((log, log.epoch) for log in logs))

    def give_back(self, slot: Slot) -> None:
        """It was not used, or what was sent in it does not count: others need not wait for it."""
        for log, _ in slot.epochs:
            with contextlib.suppress(ValueError):  # a pause took it back already
                log.taken.remove(slot.at)

    def pause(self, key: str, seconds: float) -> None:
        """Nothing under ``key`` for so many seconds, whatever was given out."""
        moment = self.clock()
        log = self._logs.setdefault(key, _Log(None, deque(maxlen=1)))
        log.paused = max(log.paused, moment + seconds)
        log.take_back(moment)

    def _log(self, pace: Pace) -> _Log:
        log = self._logs.get(pace.key)
        if log is None or log.windows is None:
            if len(self._logs) >= self._sweep_at:
                self._sweep()
            windows = tuple(Window(most, seconds / self._scale) for most, seconds in pace.windows)
            most = max((each.most for each in windows), default=1)
            log = self._logs[pace.key] = _Log(windows, deque(maxlen=most), log.paused if log else 0.0)
        return log

    def _sweep(self) -> None:
        """Forget who was quiet for longer than any of their windows."""
        moment = self.clock()
        self._logs = {key: log for key, log in self._logs.items() if not _is_quiet(log, moment)}
        self._sweep_at = max(1024, 2 * len(self._logs))


def _is_quiet(log: _Log, moment: float) -> bool:
    longest = max((window.seconds for window in log.windows or ()), default=0.0)
    return log.paused <= moment and (not log.taken or log.taken[-1] + longest <= moment)


class Line:
    """Where deliveries wait for their slots, in memory, as long as that is not too long."""

    def __init__(self, pacing: Pacing) -> None:
        self.pacing = pacing
        self.waiting = 0

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

    async def _sleep(self, seconds: float) -> None:
        self.waiting += 1
        try:
            await asyncio.sleep(max(seconds, 0.001))
        finally:
            self.waiting -= 1
