"""Many numbers in one array: those that grow, and spans of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Spans = tuple[NDArray[np.int64], NDArray[np.int64]]
"""Where each begins, and where it ends: in order."""


class Column:
    """Numbers that grow by one at a time."""

    def __init__(self, dtype: Any) -> None:
        self._values = np.zeros(64, dtype)
        self._used = 0

    def append(self, value: Any) -> None:
        """One more, or several at once."""
        count = np.size(value)
        if self._used + count > len(self._values):
            more = np.zeros(max(count, len(self._values)), self._values.dtype)
            self._values = np.concatenate([self._values, more])
        self._values[self._used : self._used + count] = value
        self._used += count

    @property
    def values(self) -> NDArray[Any]:
        """All of them: a view, to be written to as well."""
        return self._values[: self._used]


def places(starts: NDArray[np.int64], ends: NDArray[np.int64]) -> NDArray[np.int64]:
    """All numbers from each of ``starts`` to before each of ``ends``, one span after another."""
    sizes = ends - starts
    before = np.cumsum(sizes) - sizes
    every: NDArray[np.int64] = np.arange(int(sizes.sum())) + np.repeat(starts - before, sizes)
    return every


def mapped(file: Path) -> NDArray[Any]:
    """An array on the disk, read as it is needed. Not as numpy's own class for it, which makes every look slow."""
    return np.asarray(np.load(file, mmap_mode="r"))
