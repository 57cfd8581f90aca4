"""How much a platform takes in a window, where it does not tell: learned from what it refuses, and what it does not.

A refusal proves little: platforms also refuse for reasons that have nothing to do with how much was sent. What shows a
limit is that refusals come at one count of the window, time and again, and nothing is ever taken beyond it. So a count
at which something was refused is suspected; whatever is taken at that count, or above, clears it; one that is refused
``STRIKES`` times and never cleared is the limit. From then on a little less is sent, and a little more is tried now and
then, more seldom each time that it is refused: at most a few requests an hour are refused for that.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

STRIKES = 4
MARGIN = 0.985
"""What is sent of what was found to be the limit: networks deliver in bunches what was sent evenly."""
LEAST = 10
GROWS, TRIES = 1.1, 1.03
"""By how much more is tried: while no limit is known, and beyond one that is."""
SOON, SELDOM, RARELY = 60.0, 600.0, 4 * 3600.0
"""Seconds until more is tried: while no limit is known; beyond one that was just learned; and at most."""


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
    _suspect: int | None = None
    _strikes: int = 0
    _used: int = 0
    _wait: float = SOON
    _try_at: float | None = None

    def refused(self, count: int, moment: float) -> None:
        """Something was refused when ``count`` had been taken within the window."""
        if self._suspect is None or count < self._suspect:
            self._suspect, self._strikes = count, 0
        self._strikes += 1
        tried = self.known and count >= self._proven
        if self._strikes < (1 if tried else STRIKES):
            return
        self._wait = min(RARELY, 2 * self._wait) if tried else SELDOM
        limit = self._proven if tried else max(LEAST, int(self._suspect * MARGIN))
        self._settle(limit, moment)
        self.known, self._proven = True, limit

    def taken(self, count: int) -> None:
        """Something was taken when ``count`` had been taken within the window before."""
        self._used = max(self._used, count + 1)
        if self._suspect is not None and count >= self._suspect:
            self._suspect = None

    def look(self, moment: float) -> None:
        """Try a little more, where it is time to, and what is allowed was used up."""
        if self._try_at is None:
            self._try_at = moment + self._wait / self.scale
        if moment < self._try_at or self._suspect is not None:
            return
        if self._used < 0.95 * self.most:
            self._try_at, self._used = moment + SOON / self.scale, 0
            return
        if self.known and self._used > self._proven:  # more than was known went well
            self._proven, self._wait = self.most, SOON
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
        self._suspect, self._strikes, self._used = None, 0, 0
        self._try_at = moment + self._wait / self.scale
