"""How fast a platform may be talked to: windows that each take so many, and the pauses that platforms ask for.

A *pace* is one limit under a key: a conversation's, a workspace's, a method's. Who wants to send asks for all that it
counts against and is told how long to wait. What is narrow is waited for first, so that a busy conversation takes no
turns away from the others of its workspace. Everything is in memory: each process keeps to the limits by itself, and
what several of them overdo together comes back as pauses.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

HOLD = 2.0
"""Seconds ahead for which turns are given out: longer and who comes later could not come first, however urgent."""


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
    """The turns given out under one key, in order; ``epoch`` changes when those that lie ahead are taken back."""

    windows: tuple[Window, ...] | None  # none: so far it was only paused
    turns: deque[float]
    paused: float = 0.0
    epoch: int = 0

    def next(self, moment: float) -> float:
        """The first moment from ``moment`` on that keeps all windows."""
        moment = max(moment, self.paused, self.turns[-1] if self.turns else 0.0)
        for most, seconds in self.windows or ():
            if len(self.turns) >= most:
                moment = max(moment, self.turns[-most] + seconds)
        return moment

    def take_back(self, moment: float) -> None:
        """Nobody goes after ``moment``: who was given a turn then asks again."""
        while self.turns and self.turns[-1] > moment:
            self.turns.pop()
        self.epoch += 1


@dataclass(frozen=True)
class Turn:
    """When it is one's turn: ``at`` on the clock of the pacing. ``given`` is false where that is too far ahead to be
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

    def turn(self, paces: Sequence[Pace], hold: float = HOLD) -> Turn:
        """A turn under all of ``paces``, the narrowest first, within ``hold`` seconds; or when to ask again."""
        moment = self.clock()
        logs = [self._log(pace) for pace in paces]
        for log in logs[:-1]:
            narrow = log.next(moment)
            if narrow > moment:
                return Turn(narrow, False)
        at = max((log.next(moment) for log in logs), default=moment)
        if at > moment + hold:
            return Turn(at, False)
        for log in logs:
            log.turns.append(at)
        return Turn(at, True, tuple((log, log.epoch) for log in logs))

    def give_back(self, turn: Turn) -> None:
        """It was not used: the next in the same conversation need not wait for it."""
        for log, epoch in turn.epochs:
            if log.epoch == epoch and log.turns and log.turns[-1] == turn.at:
                log.turns.pop()

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
    return log.paused <= moment and (not log.turns or log.turns[-1] + longest <= moment)
