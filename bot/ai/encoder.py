"""What the rest of Agora knows of an encoder: texts go in, one vector each comes out, and it may fail at any moment."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Any, Protocol

import numpy as np

from models.search.pool import Space, Vector

PATIENCE = 0.3
"""Seconds that a person waits for the vectors of a question."""
UNHURRIED = 20.0
"""Seconds that what is done in the background may take."""
REASONS = frozenset("missing key deadline unreachable refused limited server rejected garbage resting spent".split())


class EncoderFailed(Exception):
    """There are no vectors. ``reason`` is one of ``REASONS``; ``says`` tells an operator more."""

    def __init__(self, reason: str, says: str = "") -> None:
        super().__init__(f"{reason}: {says}" if says else reason)
        self.reason, self.says = reason, says


class Allowance:
    """How many texts a day an encoder may be given by the whole company. What other processes used is told to it now
    and then, so a day may end a little above. Safe to share between threads."""

    def __init__(self, per_day: int) -> None:
        self.per_day = per_day
        self._left, self._spent, self._lock = per_day, 0, threading.Lock()

    @property
    def left(self) -> int:
        """How many more, as far as this process knows."""
        return self._left

    def spend(self, count: int) -> None:
        """Count texts that are about to be given; ``EncoderFailed("spent")`` where they are too many."""
        with self._lock:
            if count > self._left:
                raise EncoderFailed("spent", f"{self.per_day} texts a day")
            self._left, self._spent = self._left - count, self._spent + count

    def settle(self, use: Callable[[int], int]) -> None:
        """Tell ``use`` how many were given since the last time; it says how many it were today, by all processes."""
        with self._lock:
            spent, self._spent = self._spent, 0
        used = use(spent)
        with self._lock:
            self._left = max(0, self.per_day - used - self._spent)


class Encoder(Protocol):
    """Something that encodes. Its methods block, and may be called from several threads at once."""

    key: Space
    """The model with its version: stored with each vector, since those of different models are never compared."""
    dimensions: int
    at_once: int
    """How many questions it encodes at the same time without any of them taking longer for it."""
    batch: int
    """How many stored texts are best given to it together."""
    allowance: Allowance | None
    """How many it may be given; ``None`` where it costs nothing."""

    def queries(self, texts: Sequence[str], patience: float = PATIENCE) -> Vector:
        """A row of unit length for each text that is asked, or is compared with such. ``patience``: how many seconds it
        may take where that cannot be known. Raises ``EncoderFailed``."""
        ...

    def passages(self, texts: Sequence[str]) -> Vector:
        """The same for each text in which is searched: some models encode those differently. It is no hurry."""
        ...

    def close(self) -> None:
        """Let go of what it holds; whoever waits for it gets an ``EncoderFailed``."""
        ...


def unit(rows: Any, count: int, dimensions: int) -> Vector:
    """``rows`` as vectors of unit length; ``EncoderFailed`` where they are not ``count`` times ``dimensions`` numbers
    of which something can be made."""
    if not count:
        return np.empty((0, dimensions), dtype=np.float32)
    try:
        found: Vector = np.array(rows, dtype=np.float32, ndmin=2)
    except (TypeError, ValueError):
        raise EncoderFailed("garbage", "what came was no vectors") from None
    if found.shape != (count, dimensions):
        raise EncoderFailed("garbage", f"{found.shape} came instead of {(count, dimensions)}")
    lengths = np.linalg.norm(found.astype(np.float64), axis=1, keepdims=True)
    if not np.isfinite(lengths).all() or (lengths < 1e-9).any():
        raise EncoderFailed("garbage", "a vector has no direction")
    return np.asarray(found / lengths, dtype=np.float32)


def readable(text: str, most: int) -> str:
    """The beginning of ``text``, as any encoder can be given it: without NUL and halves of characters; never empty."""
    return text[:most].replace("\0", " ").encode("utf-8", "ignore").decode().strip() or "…"
