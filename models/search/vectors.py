"""Vectors as the index keeps them: a byte for each dimension to compare exactly enough, and bits to find by.

Few vectors are compared one by one. Of many, those come first whose bits differ in the fewest places
(``models.search.bits``). What is found so is then compared by its bytes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from models.search import bits
from models.search.bits import Aim, Bits, Differing, Rows
from models.search.column import Spans, mapped, places
from models.search.pool import Vector

FEW = 4096
"""So many are compared one by one: that takes about a millisecond."""
_CHUNK = 4096
_COMPARED = 512
"""So many are compared at once, as numbers of four bytes: they stay in a core's own cache."""
WIDER = 5
"""So many times what is wanted is found by bits, to be compared by bytes."""

Scores = NDArray[np.float64]


class Near(NamedTuple):
    """Rows among which the nearest are: with the number of bits in which each differs, where that told them."""

    rows: Rows
    differing: Differing | None


class Bytes:
    """One vector a row, a byte for each dimension; a row without one has the scale 0. Grows in memory."""

    def __init__(self, dimensions: int) -> None:
        self._values = np.zeros((64, dimensions), np.int8)
        self._scales = np.zeros(64, np.float32)

    def put(self, row: int, vector: Vector) -> None:
        """The vector of a row."""
        if row >= len(self._scales):
            more = max(row + 1, 2 * len(self._scales))
            self._values = _grown(self._values, more)
            self._scales = _grown(self._scales, more)
        scale = float(np.abs(vector).max()) / 127 or 1.0
        self._values[row] = np.rint(vector / scale)
        self._scales[row] = scale

    def part(self, rows: int) -> Stored:
        """The first ``rows`` rows, as they are now."""
        if rows > len(self._scales):
            self._values, self._scales = _grown(self._values, rows), _grown(self._scales, rows)
        return Stored(self._values[:rows], self._scales[:rows])


def _grown(values: NDArray[Any], rows: int) -> NDArray[Any]:
    more = np.zeros((rows, *values.shape[1:]), values.dtype)
    more[: len(values)] = values
    return more


class Stored:
    """Vectors that are there, with their bits where they are many."""

    def __init__(self, values: NDArray[np.int8], scales: NDArray[np.float32], bits: Bits | None = None) -> None:
        self.values = values
        self.scales = scales
        self._bits = bits

    @classmethod
    def open(cls, folder: Path, groups: Spans) -> Stored:
        """What ``write`` wrote, read from the disk as it is needed; the bits are held in memory."""
        return cls(mapped(folder / "values.npy"), mapped(folder / "scales.npy"), Bits.open(folder, groups))

    @property
    def dimensions(self) -> int:
        """How long a vector is."""
        return int(self.values.shape[1])

    def there(self, rows: Rows) -> NDArray[np.bool_]:
        """Which of ``rows`` have a vector."""
        there: NDArray[np.bool_] = self.scales.take(rows) > 0
        return there

    def real(self, rows: Rows) -> NDArray[np.float32]:
        """The vectors of ``rows``."""
        real: NDArray[np.float32] = self.values.take(rows, axis=0).astype(np.float32) * self.scales[rows, None]
        return real

    def cosines(self, rows: Rows, query: Vector) -> Scores:
        """How near each of ``rows`` is to ``query``; nan where it has no vector."""
        near: Scores = self.products(rows, query[None])[0]
        return near

    def products(self, rows: Rows, queries: NDArray[np.float32]) -> Scores:
        """The same for several ``queries``, one row of numbers for each."""
        found, columns = np.empty((len(queries), len(rows))), np.ascontiguousarray(queries.T)  # four times as quick
        for start in range(0, len(rows), _COMPARED):
            some = rows[start : start + _COMPARED]
            values, scales = self.values.take(some, axis=0), self.scales.take(some)  # much quicker than [some]
            near = (values.astype(np.float32) @ columns).T
            np.multiply(near, np.where(scales > 0, scales, np.float32(np.nan)), out=found[:, start : start + _COMPARED])
        return found

    def near(self, aim: Aim, reach: Mapping[str, Spans], alive: NDArray[np.bool_], most: int) -> dict[str, Near]:
        """For each language rows of its spans that are alive among which the ``most`` nearest to a query are: all where
        they are few, else those whose bits differ least."""
        totals = {language: int((ends - starts).sum()) for language, (starts, ends) in reach.items()}
        many = {language: reach[language] for language, total in totals.items() if total > FEW and self._bits}
        found, wider = {}, WIDER * most
        for language, spans in reach.items():
            if language not in many:
                rows = places(*spans)
                found[language] = Near(rows[alive[rows] & self.there(rows)], None)
        while many and self._bits is not None:
            each = self._bits.alike(aim, list(many.values()), wider)
            for language, (rows, differing) in zip(list(many), each, strict=True):
                good = alive.take(rows) & self.there(rows)
                if np.count_nonzero(good) >= most or wider >= totals[language]:
                    found[language] = Near(rows[good], differing[good])
                    del many[language]
            wider *= 4  # many are no longer alive
        return found


def write(
    folder: Path, parts: Sequence[tuple[Stored | None, Rows]], dimensions: int, groups: Spans | None = None
) -> None:
    """Write the vectors of the given rows of several stores, one after another, into a new folder; with bits to find
    them by where ``groups`` of rows are searched."""
    folder.mkdir()
    count = sum(len(rows) for _, rows in parts)
    new = np.lib.format.open_memmap
    values = new(folder / "values.npy", "w+", np.int8, (count, dimensions))
    scales = new(folder / "scales.npy", "w+", np.float32, (count,))
    at = 0
    for stored, rows in parts:
        for start in range(0, len(rows), _CHUNK):
            some = rows[start : start + _CHUNK]
            here = slice(at, at + len(some))
            if stored is not None:
                values[here], scales[here] = stored.values[some], stored.scales[some]
            at += len(some)
    if groups is not None and count > FEW:
        bits.write(folder, Stored(values, scales), count, _mean(parts, dimensions), groups)
    values.flush()
    scales.flush()


def _mean(parts: Sequence[tuple[Stored | None, Rows]], dimensions: int) -> NDArray[np.float32]:
    """What the vectors have in common, from some of each part."""
    total, count = np.zeros(dimensions, np.float32), 0
    for stored, rows in parts:
        if stored is not None:
            some = rows[:: max(1, len(rows) // _CHUNK)]
            some = some[stored.there(some)]
            total, count = total + stored.real(some).sum(axis=0), count + len(some)
    return total / np.float32(max(1, count))
