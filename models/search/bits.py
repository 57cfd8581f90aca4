"""Of many vectors 256 bits each, to find those by which the nearest are: the signs of 256 fixed random projections,
after what all have in common was taken away. A question comes without what questions have in common.

The rows of a long group are put into lists of about a thousand that lie near each other (the inverted file of Jégou,
Douze and Schmid, Product Quantization for Nearest Neighbor Search, 2011): of these, the bits of the lists nearest to a
question are compared, a twentieth of all.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from models.search.column import Spans
from models.search.pool import Vector

BITS = 256
LONG = 50_000
"""Groups of more rows have lists: the bits of so many are compared in a tenth of a millisecond."""
_LIST = 1_000
_PROBED = 0.05
"""The share of a long group that is looked at,"""
_PER_WANTED = 40
"""but at least so many rows for each that is wanted."""
_KNOWN = 256
"""So many readers' spans are known apart into long groups and others."""
_SOME = 4096
_LEARNED_FROM = 64  # rows for each list
_ROUNDS = 8

Rows = NDArray[np.int64]
Differing = NDArray[np.int64]
Codes = NDArray[np.uint8]


class Aim(NamedTuple):
    """A query, seen from the middle as it is asked (``models.search.centre``), and its bits."""

    vector: Vector
    code: Codes


class Lists(NamedTuple):
    """Where each list begins and ends among the codes, and its middle; in the order of the groups."""

    starts: NDArray[np.int64]
    ends: NDArray[np.int64]
    middles: NDArray[np.float32]


class Divided(NamedTuple):
    """Spans: of each long group its first list, the one after its last, and how many rows it has; and the others."""

    long: Sequence[tuple[int, int, int]]
    others: Spans


class Bits:
    """The codes of all rows, those of a long group in the order of its lists."""

    def __init__(self, codes: Codes, order: NDArray[np.int32], lists: Lists) -> None:
        self._codes, self._order, self._lists = codes, order, lists
        self._squared = _squared(lists.middles)
        self._known: dict[tuple[bytes, bytes], Divided] = {}
        self._room = np.zeros((0, codes.shape[1]), np.uint8)

    @classmethod
    def open(cls, folder: Path) -> Bits | None:
        """What ``write`` wrote, read into memory; ``None`` where it wrote nothing."""
        if not (folder / "codes.npy").exists():
            return None
        read = {name: np.load(folder / f"{name}.npy") for name in ("codes", "order", *Lists._fields)}
        return cls(read["codes"], read["order"], Lists(*(read[name] for name in Lists._fields)))

    def alike(self, aim: Aim, spans: Spans, most: int) -> tuple[Rows, Differing]:
        """Among the rows of ``spans`` the ``most`` whose bits differ least, and in how many places. A long group is a
        span by itself."""
        starts, ends = self._looked_at(aim.vector, spans, most)
        until = np.cumsum(ends - starts)
        codes = self._together(starts.tolist(), ends.tolist(), int(until[-1]))
        at, differing = _closest(aim.code, codes, most)
        of = np.searchsorted(until, at, side="right")
        return self._order[at + (ends - until)[of]].astype(np.int64), differing

    def _looked_at(self, vector: Vector, spans: Spans, most: int) -> Spans:
        """These spans, of long groups the nearest lists."""
        key = spans[0].tobytes(), spans[1].tobytes()
        if key not in self._known:
            if len(self._known) >= _KNOWN:
                self._known.clear()
            self._known[key] = self._divided(spans)
        long, others = self._known[key]
        parts = [
            self._nearest(vector, first, last, max(_PROBED * rows, _PER_WANTED * most)) for first, last, rows in long
        ]
        parts.append(others)
        return np.concatenate([starts for starts, _ in parts]), np.concatenate([ends for _, ends in parts])

    def _divided(self, spans: Spans) -> Divided:
        """Spans that are long groups, and the others."""
        first, last = (np.searchsorted(self._lists.starts, side) for side in spans)
        long, rows = last > first, spans[1] - spans[0]
        each = zip(first[long].tolist(), last[long].tolist(), rows[long].tolist(), strict=True)
        return Divided(list(each), (spans[0][~long], spans[1][~long]))

    def _nearest(self, vector: Vector, first: int, last: int, least: float) -> Spans:
        """Of these lists the nearest, until they are ``least`` rows."""
        lists = self._lists
        starts, ends, middles = lists.starts[first:last], lists.ends[first:last], lists.middles[first:last]
        near = (self._squared[first:last] - 2 * (middles @ vector)).argsort()
        enough = int((ends - starts)[near].cumsum().searchsorted(least)) + 1
        return starts[near[:enough]], ends[near[:enough]]

    def _together(self, starts: Sequence[int], ends: Sequence[int], count: int) -> Codes:
        """The codes of these spans, in room that is used again."""
        if count > len(self._room):
            self._room = np.empty((2 * count, self._codes.shape[1]), np.uint8)
        every = [self._codes[start:end] for start, end in zip(starts, ends, strict=True)]
        return np.concatenate(every, out=self._room[:count])


def aim(query: Vector) -> Aim:
    """What is compared of a query."""
    return Aim(query, signs(query[None, :]))


def _squared(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    squared: NDArray[np.float32] = np.einsum("ij,ij->i", vectors, vectors)
    return squared


def _closest(code: Codes, codes: Codes, most: int) -> tuple[Rows, Differing]:
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


def signs(vectors: NDArray[np.float32]) -> Codes:
    """On which side of each of the 256 directions every vector lies."""
    return np.packbits(vectors @ _projections(vectors.shape[1]) > 0, axis=1)


class Source(Protocol):
    """Vectors at rest (``models.search.vectors.Stored``)."""

    def real(self, rows: Rows) -> NDArray[np.float32]:
        """The vectors of ``rows``."""


def write(folder: Path, source: Source, count: int, mean: Vector, groups: Spans) -> None:
    """Write the codes of all ``count`` rows; ``groups`` are spans of rows that are searched together."""
    order, lists = np.arange(count, dtype=np.int32), []
    for start, end in np.stack(groups, axis=1).tolist():
        if end - start > LONG:
            of, middles = _learned(source, mean, start, end)
            order[start:end] = start + np.argsort(of, kind="stable")
            ends = start + np.cumsum(np.bincount(of, minlength=len(middles)))
            lists.append(Lists(np.append(start, ends[:-1]), ends, middles))
    codes = np.lib.format.open_memmap(folder / "codes.npy", "w+", np.uint8, (count, BITS // 8))
    for rows in _chunks(0, count):
        codes[rows] = signs(source.real(order[rows].astype(np.int64)) - mean)
    codes.flush()
    np.save(folder / "order.npy", order)
    nothing = Lists(np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros((0, len(mean)), np.float32))
    for name, parts in zip(Lists._fields, zip(nothing, *lists, strict=True), strict=True):
        np.save(folder / f"{name}.npy", np.concatenate(parts))


def _chunks(start: int, end: int) -> Iterator[Rows]:
    for at in range(start, end, _SOME):
        yield np.arange(at, min(at + _SOME, end))


def _learned(source: Source, mean: Vector, start: int, end: int) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """The list of each row, and the middles of the lists (Lloyd's algorithm, from some of the rows)."""
    count, chance = (end - start) // _LIST, np.random.default_rng(end - start)
    several = chance.choice(end - start, min(end - start, _LEARNED_FROM * count), replace=False)
    sample = source.real(start + np.sort(several)) - mean
    middles = sample[chance.choice(len(sample), count, replace=False)]
    for _ in range(_ROUNDS):
        of = _assigned(sample, middles)
        sums = np.zeros_like(middles)
        np.add.at(sums, of, sample)
        sizes = np.bincount(of, minlength=count)
        middles = np.where(sizes[:, None] > 0, sums / np.maximum(sizes, 1)[:, None], middles).astype(np.float32)
    every = [_assigned(source.real(rows) - mean, middles) for rows in _chunks(start, end)]
    return np.concatenate(every), middles


def _assigned(vectors: NDArray[np.float32], middles: NDArray[np.float32]) -> NDArray[np.int64]:
    """The nearest of ``middles`` to each vector."""
    near = _squared(middles) - 2 * (vectors @ middles.T)
    nearest: NDArray[np.int64] = near.argmin(axis=1)
    return nearest
