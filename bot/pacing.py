"""How fast a platform may be talked to: windows that each take so many, and the pauses that platforms ask for.

A *pace* is one limit under a key: a conversation's, a workspace's, a method's. Who wants to send asks for all that it
counts against and is told how long to wait. What is narrow is waited for first, so that a busy conversation takes no
slots away from the others of its workspace. What many get takes a slot only at its moment (``last``), evenly, and
leaves a few: so whoever is answered goes before. Everything is in memory: each process keeps to the limits by itself,
what many get is sent by one of them (``bot.masses``), and what they overdo together comes back as pauses.
"""

from __future__ import annotations

import contextlib
import math
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import takewhile
from typing import Any, NamedTuple

from bot.learned import Learned

HOLD = 2.0
"""Seconds ahead for which slots are given out: longer and who comes later could not come first, however urgent."""
_DENSER = 0.75  # those who come back come a little faster than slots do: after a pause there is something to catch up
SHARE = 0.98
"""The part of a limit that what many get may use: who is answered meanwhile need not wait."""
PARTS, EVENLY = 6, 1.3
"""What many get is spread over the parts of a window, somewhat denser than evenly: pauses are made up for."""
FAR = 60.0
"""Seconds after which everybody asks again: the line may have become shorter, or longer, by others."""


class Window(NamedTuple):
    """At most ``most`` in any ``seconds``."""

    most: int
    seconds: float


class Pace(NamedTuple):
    """A limit of a platform: all of ``windows``, the shortest first, hold for what counts under ``key``. Where it is
    not ``told``, the longest is a first guess."""

    key: str
    windows: tuple[Window, ...]
    told: bool = True


@dataclass
class _Log:
    """The slots given out under one key, in order; ``epoch`` changes when those that lie ahead are taken back."""

    windows: tuple[Window, ...] | None  # none: so far it was only paused
    taken: deque[float]
    paused: float = 0.0
    epoch: int = 0
    later: float = 0.0
    """Up to when those are spread who were told to come back."""
    learned: Learned | None = None
    _most: int | None = None
    _allowed: tuple[tuple[Window, ...], ...] = ()

    def allowed(self, calm: bool = False) -> tuple[Window, ...]:
        """The windows; ``calm``: evenly, and with a few slots left for others."""
        most = self.learned.most if self.learned is not None else None
        if self._most != most or not self._allowed:
            windows = self.windows or ()
            if most is not None:
                windows = (*windows[:-1], Window(most, windows[-1].seconds))
            self._most, self._allowed = most, (windows, _calm(windows))
        return self._allowed[calm]

    def next(self, moment: float, calm: bool = False) -> float:
        """The first moment from ``moment`` on that keeps all windows."""
        self._forget(moment)
        moment = max(moment, self.paused, self.taken[-1] if self.taken else 0.0)
        for most, seconds in self.allowed(calm):
            if len(self.taken) >= most:
                moment = max(moment, self.taken[-most] + seconds)
        return moment

    @property
    def longest(self) -> float:
        """The seconds of the longest window, which comes last."""
        return self.windows[-1].seconds if self.windows else 0.0

    def count(self, moment: float) -> int:
        """How many were given out in the longest window up to ``moment``, where that is to be learned. What lies ahead
        does not count: nothing was sent yet, and a pause takes it back."""
        if self.learned is None:
            return 0
        over = sum(1 for _ in takewhile(lambda at: at <= moment - self.longest, self.taken))
        ahead = sum(1 for _ in takewhile(lambda at: at > moment, reversed(self.taken)))
        return max(0, len(self.taken) - over - ahead)

    def _forget(self, moment: float) -> None:
        """Those before the longest window, where its size changes: else there is no place for them."""
        while self.learned is not None and self.taken and self.taken[0] <= moment - self.longest:
            self.taken.popleft()

    def room(self, moment: float, seconds: float) -> int:
        """How many slots for what many get there may be within so many seconds."""
        end = moment + seconds
        if self.paused >= end:
            return 0
        left = (math.ceil(most * max(1.0, seconds / each)) - sum(at > end - each for at in self.taken)
                for most, each in self.allowed(calm=True))  # fmt: skip
        return max(0, min(left, default=0))

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
    count: int = 0
    """How many were given out before in the widest window, where that is to be learned."""

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
        self._said: dict[str, dict[str, Any]] = {}
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
        return self._given(logs, at)

    def last(self, paces: Sequence[Pace]) -> Slot:
        """A slot at this moment for what many get; or when there may be one."""
        moment = self.clock()
        logs = [self._log(pace) for pace in paces]
        at = max((log.next(moment, calm=log is logs[-1]) for log in logs), default=moment)
        if at > moment:
            return Slot(at, False)
        return self._given(logs, at)

    def _given(self, logs: Sequence[_Log], at: float) -> Slot:
        count = logs[-1].count(at) if logs else 0
        for log in logs:
            log.taken.append(at)
        return Slot(at, True, tuple((log, log.epoch) for log in logs), count)

    def room(self, pace: Pace, seconds: float) -> int:
        """How many of what many get may be sent within so many seconds, about."""
        return self._log(pace).room(self.clock(), seconds)

    def spare(self, paces: Sequence[Pace]) -> Slot | None:
        """A slot at this moment, for what may as well be left out: only where less than half of each limit is used up,
        so that nobody who must send waits for it."""
        moment = self.clock()
        logs = [self._log(pace) for pace in paces]
        if any(log.next(moment) > moment or log.is_busy(moment) for log in logs):
            return None
        return self._given(logs, moment)

    def give_back(self, slot: Slot) -> None:
        """It was not used, or what was sent in it does not count: others need not wait for it."""
        for log, _ in slot.epochs:
            with contextlib.suppress(ValueError):  # a pause took it back already
                log.taken.remove(slot.at)

    def taken(self, slot: Slot) -> None:
        """What was sent in it was taken."""
        for log, _ in slot.epochs[-1:]:
            if log.learned is not None:
                log.learned.taken(slot.count)

    def refused(self, key: str) -> None:
        """Something was refused for what counts under ``key``; to be said once before the pause that follows."""
        log, moment = self._logs.get(key), self.clock()
        if log is not None and log.learned is not None and log.paused <= moment:
            log.learned.refused(log.count(moment), moment)

    def lessons(self) -> dict[str, dict[str, Any]]:
        """What was learned since this was asked last, by key."""
        found = {key: log.learned for key, log in self._logs.items() if log.learned is not None}
        for learned in found.values():
            learned.look(self.clock())
        changed = {key: learned for key, learned in found.items() if learned.changed}
        for learned in changed.values():
            learned.changed = False
        return {key: learned.to_json() for key, learned in changed.items()}

    def learn(self, key: str, said: dict[str, Any]) -> None:
        """Another process has learned this."""
        self._said[key] = said
        if (log := self._logs.get(key)) is not None and log.learned is not None:
            log.learned.take_over(said, self.clock())

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
            log = self._logs[pace.key] = _Log(windows, deque(maxlen=most if pace.told else None),
                                              log.paused if log else 0.0)  # fmt: skip
            if not pace.told:
                log.learned = Learned(most, scale=self._scale)
                if pace.key in self._said:
                    log.learned.take_over(self._said[pace.key], self.clock())
        return log

    def _sweep(self) -> None:
        """Forget who was quiet for longer than any of their windows."""
        moment = self.clock()
        self._logs = {key: log for key, log in self._logs.items() if not _is_quiet(log, moment)}
        self._sweep_at = max(1024, 2 * len(self._logs))


def _calm(windows: tuple[Window, ...]) -> tuple[Window, ...]:
    less = tuple(Window(max(1, int(most * SHARE)), seconds) for most, seconds in windows)
    even = (Window(math.ceil(most * EVENLY / PARTS), seconds / PARTS) for most, seconds in less if most > PARTS)
    return (*less, *even)


def _is_quiet(log: _Log, moment: float) -> bool:
    return log.learned is None and log.paused <= moment and (not log.taken or log.taken[-1] + log.longest <= moment)
