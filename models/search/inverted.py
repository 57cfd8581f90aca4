"""An inverted file: of each word the rows that have it, in order, and how often it is there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise, repeat
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from models.search.column import Spans, mapped, places
from models.search.lexical import Counts, Hashes, Rows

_AT_ONCE = 5_000_000
"""So many rows are written together, at 8 bytes each and some more."""
_ROW, _TIMES = np.uint64(0xFFFFFF), np.uint64(0xFF)

Numbers = NDArray[np.uint32]
Times = NDArray[np.uint8]


class Having(NamedTuple):
    """The rows that have a word, how often it is there, and what it is worth."""

    rows: Numbers
    times: Times
    worth: float = 1.0

    def looked_up(self, rows: Numbers) -> Times:
        """How often the word is in each of ``rows``."""
        if not len(self.rows):
            return np.zeros(len(rows), np.uint8)
        at = self.rows.searchsorted(rows)
        there = self.rows.take(at, mode="clip") == rows
        found: Times = self.times.take(at, mode="clip") * there
        return found

    def within(self, spans: Spans) -> Having:
        """In these spans of rows alone."""
        starts, ends = (self.rows.searchsorted(side.astype(np.uint32)) for side in spans)
        if int((ends - starts).sum()) == len(self.rows):
            return self
        at = places(starts, ends)
        return Having(self.rows[at], self.times[at], self.worth)


@dataclass(frozen=True)
class Inverted:
    """All words of a block, in order; where the rows of each end, those of the next begin."""

    words: Hashes
    ends: NDArray[np.int64]
    rows: Numbers
    times: Times

    @classmethod
    def open(cls, folder: Path) -> Inverted:
        """What ``write`` wrote; the rows are read from the disk as they are needed."""
        words, ends = (np.load(folder / f"{name}.npy") for name in ("words", "ends"))
        return cls(words, ends, mapped(folder / "rows.npy"), mapped(folder / "times.npy"))

    @classmethod
    def of(cls, hashes: Hashes, times: Times, sizes: NDArray[np.int64]) -> Inverted:
        """Of the words of texts, one text after another, each of so many different words."""
        row = np.repeat(np.arange(len(sizes)), sizes)
        number, rows, times = _unpacked(np.sort(_packed(hashes, row, times)))
        words, starts = np.unique(number, return_index=True)
        return cls(words.astype(np.uint32), np.append(starts, len(rows))[1:], rows, times)

    def having(self, words: Hashes, worth: Iterable[float] = repeat(1.0)) -> list[Having]:
        """The rows that have each of several words, which are worth so much."""
        if not len(self.words):
            return [Having(self.rows[:0], self.times[:0], one) for _, one in zip(words, worth, strict=False)]
        at, there = self._found(words)
        ends = self.ends[at]
        starts = np.where(there, np.where(at > 0, self.ends[at - 1], 0), ends)
        each = zip(starts.tolist(), ends.tolist(), worth, strict=False)
        return [Having(self.rows[start:end], self.times[start:end], one) for start, end, one in each]

    def valued(self, worth: Mapping[int, float]) -> list[Having]:
        """The rows of several words that are there, by what these are worth, the highest first."""
        words = sorted(worth, key=lambda word: -worth[word])
        several = self.having(np.array(words, np.uint32), map(worth.__getitem__, words))
        return [one for one in several if len(one.rows)]

    def _found(self, words: Hashes) -> tuple[NDArray[np.intp], NDArray[np.bool_]]:
        """Where each word would be, and whether it is there; of words that are some."""
        at = self.words.searchsorted(words).clip(max=len(self.words) - 1)
        return at, self.words[at] == words

    def frequencies(self, hashes: Hashes) -> NDArray[np.int64]:
        """In how many rows each word is."""
        if not len(self.words):
            return np.zeros(len(hashes), np.int64)
        at, there = self._found(hashes)
        often = self.ends[at] - np.where(at > 0, self.ends[at - 1], 0)
        return np.where(there, often, 0)

    def counts(self, hashes: Hashes, rows: Rows) -> Counts:
        """How often each word is in these rows."""
        found, wanted = np.zeros((len(hashes), len(rows)), np.uint8), rows.astype(np.uint32)
        for place, word in enumerate(self.having(hashes)):
            found[place] = word.looked_up(wanted)
        return found


def write(folder: Path, parts: Sequence[tuple[Inverted, Rows]], total: int) -> None:
    """Write several as one. Of each part it is told which row each of its rows becomes, -1 for none; of all words
    ``total`` rows are left."""
    words = np.unique(np.concatenate([np.zeros(0, np.uint32), *(part.words for part, _ in parts)]))
    new = np.lib.format.open_memmap
    rows = new(folder / "rows.npy", "w+", np.uint32, (max(1, total),))  # none could not be read
    times = new(folder / "times.npy", "w+", np.uint8, (max(1, total),))
    sizes, at = np.zeros(len(words), np.int64), 0
    for first, last in pairwise(_ranges(words, parts)):
        pieces = [_piece(part, becomes, words[first:last]) for part, becomes in parts]
        number, row, some = _unpacked(np.sort(np.concatenate(pieces)))
        sizes[first:last] = np.bincount(number, minlength=last - first)
        rows[at : at + len(row)], times[at : at + len(row)] = row, some
        at += len(row)
    there = sizes > 0
    np.save(folder / "words.npy", words[there])
    np.save(folder / "ends.npy", np.cumsum(sizes[there]))
    rows.flush()
    times.flush()


def _ranges(words: Hashes, parts: Sequence[tuple[Inverted, Rows]]) -> list[int]:
    """Where to cut ``words``, so that each piece has about so many rows as are written together."""
    often = sum((np.asarray(part.frequencies(words)) for part, _ in parts), np.zeros(len(words), np.int64))
    of = np.cumsum(often) // _AT_ONCE
    return [*np.unique(of, return_index=True)[1].tolist(), len(words)]


def _piece(part: Inverted, becomes: Rows, words: Hashes) -> NDArray[np.uint64]:
    """What a part has of ``words``, each as its place among them, and of rows as what they become."""
    first = int(np.searchsorted(part.words, words[0]))
    last = int(np.searchsorted(part.words, words[-1], side="right"))
    ends, start = part.ends[first:last], int(part.ends[first - 1]) if first else 0
    here = slice(start, int(ends[-1]) if len(ends) else start)
    number = np.repeat(np.searchsorted(words, part.words[first:last]), np.diff(ends, prepend=start))
    row = becomes[part.rows[here]]
    left = row >= 0
    return _packed(number[left], row[left], part.times[here][left])


def _packed(number: NDArray[np.integer], row: NDArray[np.integer], times: Times) -> NDArray[np.uint64]:
    """In one number, by which it may be sorted."""
    return (number.astype(np.uint64) << np.uint64(32)) | (row.astype(np.uint64) << np.uint64(8)) | times


def _unpacked(packed: NDArray[np.uint64]) -> tuple[NDArray[np.int64], Numbers, Times]:
    number = (packed >> np.uint64(32)).astype(np.int64)
    return number, (packed >> np.uint64(8) & _ROW).astype(np.uint32), (packed & _TIMES).astype(np.uint8)
