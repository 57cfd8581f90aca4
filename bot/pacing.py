"""How fast a platform may be talked to: windows that each take so many, and the pauses that platforms ask for.

A *pace* is one limit under a key: a conversation's, a workspace's, a method's. Who wants to send asks for all that it
counts against and is told how long to wait. What is narrow is waited for first, so that a busy conversation takes no
slots away from the others of its workspace. What many get takes a slot only at its moment (``last``), evenly, and
leaves a few: so whoever is answered goes before. Everything is in memory: each process keeps to the limits by itself,
what many get is sent by one of them (``bot.masses``), and what they overdo together comes back as pauses.
"""

from __future__ import annotations

import contextlib
import time
from collections import deque
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from bot.learned import Learned
from bot.windows import Log, scaled
from bot.windows import Window as Window

HOLD = 2.0
"""Seconds ahead for which slots are given out: longer and who comes later could not come first, however urgent."""
FAR = 60.0
"""Seconds after which everybody asks again: the line may have become shorter, or longer, by others."""


_EACH = 0.25  # seconds by which it is told what was used


class Pace(NamedTuple):
    """A limit of a platform: all of ``windows``, the shortest first, hold for what counts under ``key``. Where it is
    not ``told``, the longest is a first guess."""

    key: str
    windows: tuple[Window, ...]
    told: bool = True


@dataclass(frozen=True)
class Slot:
    """A moment to send: ``at`` on the clock of the pacing. ``given`` is false where that is too far ahead to be
    promised: ask again a little before."""

    at: float
    given: bool
    noted: tuple[tuple[Log, int, float], ...] = field(default=(), repr=False)
    """Where it counts, with the epoch, and at which moment."""
    count: int | None = None
    """How many were given out before in the longest window, where that is to be learned, and known."""

    @property
    def stands(self) -> bool:
        """Whether it was not taken back by a pause since."""
        return self.given and all(log.epoch == epoch for log, epoch, _ in self.noted)


class Pacing:
    """The limits of platforms, as this process has used them up. For one thread.

    ``scale`` divides all seconds: tests and benchmarks live that many times faster.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic, scale: float = 1.0) -> None:
        self.clock = clock
        self._scale = scale
        self._logs: dict[str, Log] = {}
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
        *narrow, wide = [self._log(pace) for pace in paces]
        due = wide.next(moment - wide.late, calm=True)
        at = max((due, *(log.next(moment) for log in narrow)))
        if at > moment:
            return Slot(at, False)
        count = wide.count(moment)
        return Slot(moment, True, (*_note(narrow, moment), *_note([wide], due)), count)

    def own(self, paces: Sequence[Pace]) -> float:
        """When those of ``paces`` that few share allow it, whatever the last one says."""
        moment = self.clock()
        return max((self._log(pace).next(moment) for pace in paces[:-1]), default=moment)

    def _given(self, logs: Sequence[Log], at: float) -> Slot:
        count = logs[-1].count(at) if logs else None
        return Slot(at, True, _note(logs, at), count)

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
        for log, _, at in slot.noted:
            with contextlib.suppress(ValueError):  # a pause took it back already
                log.taken.remove(at)

    def taken(self, slot: Slot) -> None:
        """What was sent in it was taken."""
        for log, _, _ in slot.noted[-1:]:
            if log.learned is not None and slot.count is not None:
                log.learned.taken(slot.count)

    def refused(self, key: str | None, slot: Slot) -> None:
        """What was sent in it was refused for what counts under ``key``; to be said once before the pause that
        follows."""
        log, moment = self._logs.get(key or ""), self.clock()
        if log is None or log.learned is None or slot.count is None or log.paused > moment:
            return
        if log is slot.noted[-1][0]:
            log.learned.refused(slot.count, moment)

    def used(self, keys: Collection[str]) -> dict[str, list[int]]:
        """How many were sent in the last quarter of a second, the last but one, and so on, for whoever comes next."""
        logs = {key: log for key in keys if (log := self._logs.get(key)) is not None}
        return {key: log.used(self.clock(), _EACH / self._scale) for key, log in logs.items()}

    def assume(self, pace: Pace, used: Sequence[int], ago: float) -> None:
        """Another process has sent under it what it said ``ago`` seconds ago (``used``), and is gone."""
        self._log(pace).assume(self.clock(), _EACH / self._scale, used, ago)

    def lessons(self) -> dict[str, dict[str, Any]]:
        """What was learned since this was asked last, by key."""
        found = {key: log.learned for key, log in self._logs.items() if log.learned is not None}
        for learned in found.values():
            learned.look(self.clock())
        changed = {key: learned for key, learned in found.items() if learned.changed}
        for learned in changed.values():
            learned.changed = False
        said = {key: learned.to_json() for key, learned in changed.items()}
        self._said.update(said)
        return said

    def learn(self, key: str, said: dict[str, Any]) -> None:
        """Some process has learned this. It may be said many times, and by this process itself."""
        if self._said.get(key) == said:
            return
        self._said[key] = said
        if (log := self._logs.get(key)) is not None and log.learned is not None:
            log.learned.take_over(said, self.clock())

    def pause(self, key: str, seconds: float) -> None:
        """Nothing under ``key`` for so many seconds, whatever was given out."""
        moment = self.clock()
        log = self._logs.setdefault(key, Log(None, deque(maxlen=1)))
        log.paused = max(log.paused, moment + seconds)
        log.take_back(moment)

    def _log(self, pace: Pace) -> Log:
        log = self._logs.get(pace.key)
        if log is None or log.windows is None:
            if len(self._logs) >= self._sweep_at:
                self._sweep()
            windows = scaled(pace.windows, self._scale)
            most = max((each.most for each in windows), default=1)
            log = self._logs[pace.key] = Log(windows, deque(maxlen=most if pace.told else None),
                                              log.paused if log else 0.0)  # fmt: skip
            if not pace.told:
                log.learned = Learned(most, scale=self._scale)
                if pace.key in self._said:
                    log.learned.take_over(self._said[pace.key], self.clock())
        return log

    def _sweep(self) -> None:
        """Forget who was quiet for longer than any of their windows."""
        moment = self.clock()
        self._logs = {key: log for key, log in self._logs.items() if not log.is_quiet(moment)}
        self._sweep_at = max(1024, 2 * len(self._logs))


def _note(logs: Sequence[Log], at: float) -> tuple[tuple[Log, int, float], ...]:
    for log in logs:
        log.taken.append(at)
    return tuple((log, log.epoch, at) for log in logs)
