"""A circuit breaker: what fails again and again is left alone for a while, so that nobody waits for it in vain.

Each process has its own, for each server. After ``FAILURES`` in a row it is open: nothing is asked for ``REST``
seconds, then one call tries again, and every failure of that one doubles the rest, up to ``LONGEST``.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

FAILURES = 5
REST, LONGEST = 15.0, 300.0  # seconds
CLOSED, OPEN, TRYING = "closed", "open", "trying"


class Breaker:
    """Safe to share between threads. An ``allows()`` that said yes is followed by ``succeeded()`` or ``failed()``."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock, self._lock = clock, threading.Lock()
        self._failures, self._rest, self._until, self._trying = 0, REST, 0.0, 0.0

    @property
    def state(self) -> str:
        """``closed`` (calls go through), ``open`` (they do not) or ``trying`` (one of them does)."""
        with self._lock:
            return self._state()

    def allows(self) -> bool:
        """Whether a call may be made now."""
        with self._lock:
            if self._state() == CLOSED:
                return True
            if self._state() == OPEN or self._trying > self._clock():
                return False
            self._trying = self._clock() + LONGEST  # whoever tries and says nothing of it does not close it for ever
            return True

    def succeeded(self) -> None:
        """The call was answered."""
        with self._lock:
            self._failures, self._rest, self._until, self._trying = 0, REST, 0.0, 0.0

    def failed(self, hard: bool = False) -> None:
        """The call was not answered. ``hard``: no other would be either, such as with a key that is refused."""
        with self._lock:
            self._failures += 1
            if self._state() == TRYING:
                self._rest = min(2 * self._rest, LONGEST)
            if hard or self._failures >= FAILURES:
                self._until, self._trying = self._clock() + self._rest, 0.0

    def _state(self) -> str:
        if not self._until:
            return CLOSED
        return OPEN if self._clock() < self._until else TRYING
