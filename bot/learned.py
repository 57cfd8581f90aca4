"""How much a platform takes in a window, where it does not tell: learned from what it refuses, and what it does not.

A refusal proves little: platforms also refuse for reasons that have nothing to do with how much was sent. What shows a
limit is that refusals come at one count of the window, time and again, and hardly anything is taken beyond it. So a
count at which something was refused is suspected; what is taken above it clears it, and so does what is taken at it a
few times; one that was refused ``STRIKES`` times before is the limit. What counts as one count is ``BLUR`` wide, since
messages overtake each other on their way. From then on a little less is sent, and a little more is tried now and then,
more seldom each time that it is refused: at most a few requests an hour are refused for that.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

STRIKES, AGAIN = 5, 2
"""Refusals that show a limit; and those that show it when more than it was tried."""
CLEARED = 4
"""Messages taken at a count, or little above it, that clear it."""
MISTRUST = 7
"""So many more it takes where many others had no such reason."""
BLUR, NARROWEST = 0.006, 2
"""Counts that differ by such a part of the window, but at least by so many, are one."""
MARGIN = 0.995
"""What is sent of what was found to be the limit: networks deliver in bunches what was sent evenly."""
LEAST = 10
GROWS, TRIES = 1.1, 1.05
"""By how much more is tried: while no limit is known, and beyond one that is."""
SOON, SELDOM, RARELY = 60.0, 600.0, 4 * 3600.0
"""Seconds until more is tried: while no limit is known; beyond one that was just learned; and at most. What is not
refused for ``SELDOM`` is suspected no more."""


@dataclass(slots=True)
class _Suspect:
    """A count at which something was refused: the highest of them, how often, what they sum up to, and when last."""

    count: int
    strikes: int = 0
    total: int = 0
    taken: int = 0
    """What was taken there since."""
    at: float = 0.0

    def strike(self, count: int, moment: float) -> None:
        """Once more."""
        self.count = max(self.count, count)
        self.strikes, self.total, self.taken, self.at = self.strikes + 1, self.total + count, 0, moment


@dataclass
class Learned:
    """What is known of one window; moments are those of the pacing's clock. ``scale`` divides all seconds."""

    most: int
    known: bool = False
    """Whether a limit was found."""
    scale: float = 1.0
    changed: bool = False
    """Whether there is something that other processes should know."""
    _proven: int = 0
    suspects: list[_Suspect] = field(default_factory=list)
    _cleared: int = 0
    _used: int = 0
    _wait: float = SOON
    _try_at: float | None = None

    def refused(self, count: int, moment: float) -> None:
        """Something was refused when ``count`` had been taken within the window."""
        suspect = next((each for each in self.suspects if abs(each.count - count) <= self._blur), None)
        if suspect is None:
            suspect = _Suspect(count)
            self.suspects.append(suspect)
        suspect.strike(count, moment)
        tried = self.known and suspect.count > self._proven
        if suspect.strikes < (AGAIN if tried else STRIKES) + min(MISTRUST, self._cleared // STRIKES):
            return
        limit = max(LEAST, int(suspect.total / suspect.strikes * MARGIN), self._proven if tried else 0)
        self._wait = min(RARELY, 2 * self._wait) if tried else SELDOM
        self._settle(limit, moment)
        self.known, self._proven = True, limit

    def taken(self, count: int) -> None:
        """Something was taken when ``count`` had been taken within the window before."""
        self._used = max(self._used, count + 1)
        if self.suspects:
            left = [each for each in self.suspects if not self._clears(count, each)]
            self._cleared += len(self.suspects) - len(left)
            self.suspects = left

    def _clears(self, count: int, suspect: _Suspect) -> bool:
        suspect.taken += count >= suspect.count
        return count > suspect.count + self._blur or suspect.taken >= CLEARED

    @property
    def _blur(self) -> int:
        return max(NARROWEST, round(BLUR * self.most))

    def look(self, moment: float) -> None:
        """Try a little more, where it is time to, and what is allowed was used up."""
        self.suspects = [each for each in self.suspects if each.at > moment - SELDOM / self.scale]
        if self._try_at is None:
            self._try_at = moment + self._wait / self.scale
        if moment < self._try_at or self.suspects:
            return
        if self._used < 0.95 * self.most:
            self._try_at, self._used = moment + SOON / self.scale, 0
            return
        if self.known and self._used > self._proven:  # more than was known went well
            self._proven, self._wait = self._used, SOON
        self._settle(int(self.most * (TRIES if self.known else GROWS)) + 1, moment)

    def to_json(self) -> dict[str, Any]:
        """What another process has to know."""
        return {"most": self._proven if self.known else self.most, "known": self.known, "wait": self._wait}

    def take_over(self, said: dict[str, Any], moment: float) -> None:
        """Go on where another process stood."""
        self.most = self._proven = int(said["most"])
        self.known, self._wait = bool(said["known"]), float(said["wait"])
        self._settle(self.most, moment)
        self.changed = False

    def _settle(self, most: int, moment: float) -> None:
        self.most, self.changed = most, True
        self.suspects, self._cleared, self._used = [], 0, 0
        self._try_at = moment + self._wait / self.scale
