"""Vectors as the index keeps them: a byte for each dimension to compare exactly enough, and 256 bits to find by.

Few vectors are compared one by one. Of many, those come first whose bits differ in the fewest places: the signs of 256
fixed random projections, after what all have in common was taken away. What is found so is then compared by its bytes.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from models.search.column import places
from models.search.pool import Vector

BITS = 256
FEW = 4096
"""So many are compared one by one: that takes about a millisecond."""
_CHUNK = 4096
WIDER = 8
"""So many times what is wanted is found by bits, to be compared by bytes."""

Rows = NDArray[np.int64]
Scores = NDArray[np.float64]
Differing = NDArray[np.int64]
Spans = tuple[NDArray[np.int64], NDArray[np.int64]]
"""Where each begins, and where it ends: in order."""


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

    def __init__(
        self,
        values: NDArray[np.int8],
        scales: NDArray[np.float32],
        codes: NDArray[np.uint8] | None = None,
        mean: NDArray[np.float32] | None = None,
    ) -> None:
        self.values = values
        self.scales = scales
        self._codes = codes
        self._mean = mean

    @classmethod
    def open(cls, folder: Path) -> Stored:
        """What ``write`` wrote, read from the disk as it is needed; the bits are held in memory."""
        values, scales = mapped(folder / "values.npy"), mapped(folder / "scales.npy")
        codes = np.load(folder / "codes.npy") if (folder / "codes.npy").exists() else None
        return cls(values, scales, codes, np.load(folder / "mean.npy"))

    @property
    def dimensions(self) -> int:
        """How long a vector is."""
        return int(self.values.shape[1])

    def there(self, rows: Rows) -> NDArray[np.bool_]:
        """Which of ``rows`` have a vector."""
        there: NDArray[np.bool_] = self.scales[rows] > 0
        return there

    def real(self, rows: Rows) -> NDArray[np.float32]:
        """The vectors of ``rows``."""
        real: NDArray[np.float32] = self.values[rows].astype(np.float32) * self.scales[rows, None]
        return real

    def cosines(self, rows: Rows, query: Vector) -> Scores:
        """How near each of ``rows`` is to ``query``; nan where it has no vector."""
        near: Scores = self.products(rows, [query])[0]
        return near

    def products(self, rows: Rows, queries: Sequence[Vector]) -> Scores:
        """The same for several ``queries``, one row of numbers for each."""
        found, columns = np.empty((len(queries), len(rows))), np.stack(queries, axis=1)
        for start in range(0, len(rows), _CHUNK):
            some = rows[start : start + _CHUNK]
            scales = np.where(self.scales[some] > 0, self.scales[some], np.nan)
            found[:, start : start + _CHUNK] = ((self.values[some].astype(np.float32) @ columns) * scales[:, None]).T
        return found

    def code(self, query: Vector) -> NDArray[np.uint8] | None:
        """The bits of a query; none where there are no bits to compare them with."""
        return None if self._codes is None or self._mean is None else bits((query - self._mean)[None, :])

    def near(self, code: NDArray[np.uint8] | None, spans: Spans, alive: NDArray[np.bool_], most: int) -> Near:
        """Rows of ``spans`` that are alive among which the ``most`` nearest to a query with this ``code`` are: all
        where they are few, else those whose bits differ least."""
        total = int((spans[1] - spans[0]).sum())
        if total <= FEW or code is None or self._codes is None:
            rows = places(*spans)
            return Near(rows[alive[rows] & self.there(rows)], None)
        wider = WIDER * most
        while True:
            rows, differing = self._alike(code, self._codes, spans, wider)
            good = alive[rows] & self.there(rows)
            if np.count_nonzero(good) >= most or wider >= total:
                return Near(rows[good], differing[good])
            wider *= 4  # many are no longer alive

    def _alike(
        self, code: NDArray[np.uint8], codes: NDArray[np.uint8], spans: Spans, most: int
    ) -> tuple[Rows, Differing]:
        """The ``most`` rows whose bits differ least, and in how many places; more where spans are long."""
        long = spans[1] - spans[0] > FEW
        found = []
        for start, end in zip(spans[0][long].tolist(), spans[1][long].tolist(), strict=True):
            rows, differing = _closest(code, codes[start:end], most)
            found.append((rows + start, differing))
        if not long.all():
            several = places(spans[0][~long], spans[1][~long])
            rows, differing = _closest(code, codes[several], most)
            found.append((several[rows], differing))
        return np.concatenate([rows for rows, _ in found]), np.concatenate([differing for _, differing in found])


def mapped(file: Path) -> NDArray[Any]:
    """An array on the disk, read as it is needed. Not as numpy's own class for it, which makes every look slow."""
    return np.asarray(np.load(file, mmap_mode="r"))


def _closest(code: NDArray[np.uint8], codes: NDArray[np.uint8], most: int) -> tuple[Rows, Differing]:
    """Where the ``most`` codes are that differ from ``code`` in the fewest bits, and in how many."""
    import faiss  # 30 MB that a small store does without

    faiss.omp_set_num_threads(1)
    differing, at = faiss.knn_hamming(code, codes, min(most, len(codes)), variant="mc")
    return np.asarray(at[0], np.int64), np.asarray(differing[0], np.int64)


@cache
def _projections(dimensions: int) -> NDArray[np.float32]:
    """256 directions, the same always; at right angles to each other as far as there is room."""
    chance = np.random.default_rng(dimensions)
    blocks = []
    for _ in range(-(-BITS // dimensions)):
        blocks.append(np.linalg.qr(chance.standard_normal((dimensions, dimensions)))[0])
    return np.concatenate(blocks)[:BITS].T.astype(np.float32)


def bits(vectors: NDArray[np.float32]) -> NDArray[np.uint8]:
    """On which side of each of the 256 directions every vector lies."""
    return np.packbits(vectors @ _projections(vectors.shape[1]) > 0, axis=1)


def write(folder: Path, parts: Sequence[tuple[Stored | None, Rows]], dimensions: int) -> None:
    """Write the vectors of the given rows of several stores, one after another, into a new folder."""
    folder.mkdir()
    count = sum(len(rows) for _, rows in parts)
    mean = _mean(parts, dimensions)
    new = np.lib.format.open_memmap
    values = new(folder / "values.npy", "w+", np.int8, (count, dimensions))
    scales = new(folder / "scales.npy", "w+", np.float32, (count,))
    codes = new(folder / "codes.npy", "w+", np.uint8, (count, BITS // 8)) if count > FEW else None
    at = 0
    for stored, rows in parts:
        for start in range(0, len(rows), _CHUNK):
            some = rows[start : start + _CHUNK]
            here = slice(at, at + len(some))
            if stored is not None:
                values[here], scales[here] = stored.values[some], stored.scales[some]
                if codes is not None:
                    codes[here] = bits(stored.real(some) - mean)
            at += len(some)
    np.save(folder / "mean.npy", mean)
    for array in (values, scales, codes):
        if array is not None:
            array.flush()


def _mean(parts: Sequence[tuple[Stored | None, Rows]], dimensions: int) -> NDArray[np.float32]:
    """What the vectors have in common, from some of each part."""
    total, count = np.zeros(dimensions, np.float32), 0
    for stored, rows in parts:
        if stored is not None:
            some = rows[:: max(1, len(rows) // _CHUNK)]
            some = some[stored.there(some)]
            total, count = total + stored.real(some).sum(axis=0), count + len(some)
    return total / np.float32(max(1, count))
