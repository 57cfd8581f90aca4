"""The windows of one limit: the slots that were given out, when there may be the next, and what was learned of it."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import takewhile
from typing import NamedTuple

from bot.learned import Learned

_DENSER = 0.75  # those who come back come a little faster than slots do: after a pause there is something to catch up
SHARE = 0.992
"""The part of a limit that what many get may use: who is answered meanwhile need not wait."""
PARTS, EVENLY = 6, 1.8
"""What many get is spread over the parts of a window, denser than evenly: pauses are made up for."""


class Window(NamedTuple):
    """At most ``most`` in any ``seconds``."""

    most: int
    seconds: float


@dataclass(slots=True)
class Log:
    """The slots given out under one key, in order; ``epoch`` changes when those that lie ahead are taken back."""

    windows: tuple[Window, ...] | None  # none: so far it was only paused
    taken: deque[float]
    paused: float = 0.0
    epoch: int = 0
    later: float = 0.0
    """Up to when those are spread who were told to come back."""
    learned: Learned | None = None
    sure_from: float = 0.0
    """Before this moment some of ``taken`` is only assumed: nothing is learned from it."""
    _most: int | None = None
    _allowed: tuple[tuple[Window, ...], ...] = ()

    def allowed(self, calm: bool = False) -> tuple[Window, ...]:
        """The windows; ``calm``: evenly, and with a few slots left for others."""
        most = self.learned.most if self.learned is not None else None
        if self._most != most or not self._allowed:
            windows = self.windows or ()
            if most is not None:
                windows = (*windows[:-1], Window(most, windows[-1].seconds))
            self._most, self._allowed = most, _both(windows)
        hurries = self.learned is not None and self.learned.suspects and not self.learned.known
        return self._allowed[0 if not calm else 1 if hurries else 2]

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

    @property
    def late(self) -> float:
        """So many seconds late what many get may be sent as if it were in time: who wakes up a little late each time
        would otherwise fall behind in each window anew. ``SHARE`` leaves room for it."""
        return (1 - SHARE) * self.windows[0].seconds if self.windows else 0.0

    def count(self, moment: float) -> int | None:
        """How many were given out in the longest window up to ``moment``, where that is to be learned, and known. What
        lies ahead does not count: nothing was sent yet, and a pause takes it back."""
        if self.learned is None or moment < self.sure_from:
            return None
        over = sum(1 for _ in takewhile(lambda at: at <= moment - self.longest, self.taken))
        ahead = sum(1 for _ in takewhile(lambda at: at > moment, reversed(self.taken)))
        return max(0, len(self.taken) - over - ahead)

    def used(self, moment: float, each: float) -> list[int]:
        """How many were given out in the last ``each`` seconds, the last but one, and so on."""
        counts = [0] * math.ceil(self.longest / each)
        for at in self.taken:
            if 0 <= (n := int((moment - at) / each)) < len(counts):
                counts[n] += 1
        return counts

    def assume(self, moment: float, each: float, used: Sequence[int], ago: float) -> None:
        """Another process has sent what ``used`` said ``ago`` seconds before ``moment``, and whatever it might before
        it would have said so again: rather more than it did."""
        if self.windows is None or ago >= self.longest:
            return
        then, own = moment - ago, list(self.taken)
        self._put(then - (n + 1) * each for n in range(len(used)) for _ in range(used[n]))
        more = []
        while (at := self.next(then, calm=True)) < then + min(ago, 5 * each):
            self.taken.append(at)
            more.append(at)
        self._put([*own, *more, *(then - n * each for n in range(len(used)) for _ in range(used[n]))])
        self.sure_from = moment + self.longest

    def _put(self, taken: Iterable[float]) -> None:
        found = sorted(taken)
        self.taken.clear()
        self.taken.extend(found)

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

    def is_quiet(self, moment: float) -> bool:
        """Whether it may be forgotten: nothing counts any more, or only in the longest window, and not more than that
        would allow for as long as the next longest lasts. So an hour's limit is not kept for everybody who got one
        message in that hour, and who often gets some does not get more than before."""
        if self.learned is not None or self.paused > moment:
            return False
        ago = moment - self.taken[-1] if self.taken else self.longest
        if ago >= self.longest or self.windows is None:
            return True
        *_, (_, short), (most, long) = ((0, self.longest), *self.windows)
        return ago >= short and len(self.taken) <= most * short / long

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


@lru_cache(maxsize=1024)
def scaled(windows: tuple[Window, ...], scale: float) -> tuple[Window, ...]:
    """The windows of a life that is ``scale`` times faster; for all who have the same, the same objects."""
    return tuple(Window(most, seconds / scale) for most, seconds in windows)


@lru_cache(maxsize=1024)
def _both(windows: tuple[Window, ...]) -> tuple[tuple[Window, ...], tuple[Window, ...], tuple[Window, ...]]:
    """The windows, and those for what many get, in a hurry or evenly; for all who have the same, the same objects."""
    less = tuple(Window(max(1, int(most * SHARE)), seconds) for most, seconds in windows)
    even = (Window(math.ceil(most * EVENLY / PARTS), seconds / PARTS) for most, seconds in less if most > PARTS)
    return windows, less, (*less, *even)
