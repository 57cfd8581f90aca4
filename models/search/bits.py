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
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from models.search.column import Spans, places
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
_NONE = -1
_SOME = 4096
_LEARNED_FROM = 64  # rows for each list
_ROUNDS = 8

Rows = NDArray[np.int64]
Differing = NDArray[np.int32]
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
    """Spans: of each long group its first list, the one after its last, and how many rows it has; and the lists of the
    others."""

    long: Sequence[tuple[int, int, int]]
    others: Rows


class Bits:
    """The codes of all rows: those of a long group in its lists, those of another group in a list of its own, which
    comes after all of these."""

    def __init__(self, codes: Codes, order: NDArray[np.int32], lists: Lists, groups: Spans) -> None:
        starts, ends = (side[groups[1] - groups[0] <= LONG] for side in groups)
        self._starts, self._others, self._middles = lists.starts, starts, lists.middles
        self._squared, self._sizes = _squared(lists.middles), lists.ends - lists.starts
        every = np.concatenate([lists.starts, starts]), np.concatenate([lists.ends, ends])
        self._codes = _inverted(codes, order.astype(np.int64), every)
        self._known: dict[tuple[bytes, bytes], Divided] = {}

    @classmethod
    def open(cls, folder: Path, groups: Spans) -> Bits | None:
        """What ``write`` wrote of these groups, read into memory; ``None`` where it wrote nothing."""
        if not (folder / "codes.npy").exists():
            return None
        read = {name: np.load(folder / f"{name}.npy") for name in ("codes", "order", *Lists._fields)}
        return cls(read["codes"], read["order"], Lists(*(read[name] for name in Lists._fields)), groups)

    def alike(self, aim: Aim, reach: Sequence[Spans], most: int) -> list[tuple[Rows, Differing]]:
        """Of each part of what is searched, among the rows of its spans, the ``most`` whose bits differ least. A long
        group is a span by itself."""
        import faiss  # 30 MB that a small store does without

        far = self._squared - 2 * (self._middles @ aim.vector)
        each = [self._looked_at(far, spans, most) for spans in reach]
        lists = np.full((len(each), max(map(len, each))), _NONE)
        for place, some in enumerate(each):
            lists[place, : len(some)] = some
        faiss.omp_set_num_threads(1)
        self._codes.nprobe = lists.shape[1]
        code = np.repeat(aim.code, len(each), axis=0)
        differing, rows = self._codes.search_preassigned(code, most, lists, np.zeros(lists.shape, np.int32))
        return [(found[found >= 0], bits[found >= 0]) for found, bits in zip(rows, differing, strict=True)]

    def _looked_at(self, far: NDArray[np.float32], spans: Spans, most: int) -> Rows:
        """The lists of these spans, of long groups the nearest."""
        key = spans[0].tobytes(), spans[1].tobytes()
        if key not in self._known:
            if len(self._known) >= _KNOWN:
                self._known.clear()
            self._known[key] = self._divided(spans)
        long, others = self._known[key]
        parts = [self._nearest(far, first, last, max(_PROBED * rows, _PER_WANTED * most)) for first, last, rows in long]
        return np.concatenate([*parts, others])

    def _divided(self, spans: Spans) -> Divided:
        """Spans that are long groups, and the others."""
        first, last = (np.searchsorted(self._starts, side) for side in spans)
        long, rows = last > first, spans[1] - spans[0]
        each = zip(first[long].tolist(), last[long].tolist(), rows[long].tolist(), strict=True)
        others = places(*(np.searchsorted(self._others, side[~long]) for side in spans))
        return Divided(list(each), len(self._starts) + others)

    def _nearest(self, far: NDArray[np.float32], first: int, last: int, least: float) -> Rows:
        """Of these lists the nearest, until they are ``least`` rows."""
        near: Rows = first + far[first:last].argsort()
        return near[: int(self._sizes.take(near).cumsum().searchsorted(least)) + 1]


def _inverted(codes: Codes, order: Rows, lists: Spans) -> Any:
    """The codes as faiss reads them, list by list, where they lie."""
    import faiss

    kept = faiss.IndexBinaryIVF(faiss.IndexBinaryFlat(BITS), BITS, len(lists[0]))
    for number, (start, end) in enumerate(np.stack(lists, axis=1).tolist()):
        here = faiss.swig_ptr(order[start:end]), faiss.swig_ptr(codes[start:end])
        kept.invlists.add_entries(number, end - start, *here)
    kept.use_heap, kept.max_codes = False, len(codes)  # it counts, which is quicker, and then takes 0 for none at all
    return kept


def aim(query: Vector) -> Aim:
    """What is compared of a query."""
    return Aim(query, signs(query[None, :]))


def _squared(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    squared: NDArray[np.float32] = np.einsum("ij,ij->i", vectors, vectors)
    return squared


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
