"""The newest documents: a block in memory that grows, found in the moment that they are put in."""

from __future__ import annotations

from array import array
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from models.search.block import Groups, Sample, chosen
from models.search.column import Column
from models.search.inverted import Inverted
from models.search.lexical import Counts, Fit, Rows, Sought, Weights, best, even, fit
from models.search.pool import Document, Space, Vector
from models.search.vectors import Bytes, Near, Stored
from models.search.words import Words

_COUNT_BITS, _COUNT = 8, 0xFF
"""Where a word is, is kept as the row and how often it is there, in one number."""
_NOWHERE = array("I")


class Memory:
    """A block that grows."""

    def __init__(self) -> None:
        self.groups = Groups()
        self.length = 0
        self._ids, self._parents, self._group = Column(np.int64), Column(np.int64), Column(np.int64)
        self._alive, self._lengths = Column(bool), Column(np.float64)
        self._hashes, self._counts, self._ends = Column(np.uint32), Column(np.uint8), Column(np.int64)
        self._rows: dict[int, int] = {}
        self._where: defaultdict[int, array[int]] = defaultdict(lambda: array("I"))
        self._often: Counter[int] = Counter()
        self._looked_up: tuple[Sought | None, Counts] = None, np.zeros((0, 0), np.uint8)
        self._vectors: dict[Space, Bytes] = {}
        self._titles: dict[Space, Bytes] = {}

    def __len__(self) -> int:
        return len(self._ids.values)

    @property
    def ids(self) -> NDArray[np.int64]:
        """The documents' numbers by row."""
        return self._ids.values

    @property
    def parents(self) -> NDArray[np.int64]:
        """Those of what they are parts of."""
        return self._parents.values

    @property
    def group(self) -> NDArray[np.int64]:
        """The numbers of their groups."""
        return self._group.values

    @property
    def alive(self) -> NDArray[np.bool_]:
        """Which rows are still true."""
        return self._alive.values

    @property
    def living(self) -> int:
        """How many those are."""
        return len(self._rows)

    def put(self, document: Document, words: Words) -> None:
        """Take a document and its words in; an older one with its number is not alive any more."""
        self.remove(document.id)
        row = len(self)
        self._rows[document.id] = row
        self._ids.append(document.id)
        self._parents.append(document.parent)
        self._group.append(self.groups.number((document.language, tuple(sorted(set(document.audience))))))
        self._alive.append(True)
        self._lengths.append(words.length)
        self.length += words.length
        self._hashes.append(words.hashes)
        self._counts.append(words.counts)
        self._ends.append(len(self._hashes.values))
        numbers, places = words.hashes.tolist(), (np.uint32(row << _COUNT_BITS) | words.counts).tolist()
        self._often.update(numbers)
        for number, place in zip(numbers, places, strict=True):
            self._where[number].append(place)
        for kept, given in ((self._vectors, document.vectors), (self._titles, document.titles)):
            for space, vector in given.items():
                kept.setdefault(space, Bytes(len(vector))).put(row, vector)

    def row(self, id: int) -> int | None:
        """Where a document is."""
        return self._rows.get(id)

    def remove(self, id: int) -> bool:
        """It is not alive any more; whether it was here."""
        row = self._rows.pop(id, None)
        if row is None:
            return False
        self.alive[row] = False
        self.length -= int(self._lengths.values[row])
        start = int(self._ends.values[row - 1]) if row else 0
        self._often.subtract(self._hashes.values[start : int(self._ends.values[row])].tolist())
        return True

    def frequencies(self, asked: Sought) -> NDArray[np.int64]:
        """In how many documents each word of a question is: of what was put in several times, as it is first without
        vectors, only the last counts, or no word would be rare."""
        often = self._often  # kept up to date: of a misspelt word hundreds are looked up
        return np.fromiter((often.get(number, 0) for number in asked.hashes.tolist()), np.int64, len(asked.hashes))

    def by_words(self, asked: Sought, weigh: Weights, readable: Sequence[int], most: int) -> Rows:
        """The best by words among the readable groups."""
        scores = self._fit(asked, weigh).bm25
        return best(np.where(self._readable(readable), scores, 0), most)

    def all_words(self, asked: Sought, readable: Sequence[int], most: int) -> Rows:
        """Some of the rows that have all these words."""
        has = self._fit(asked, even(asked)).met.all(axis=1)
        return np.flatnonzero(has & self._readable(readable))[:most]

    def _fit(self, asked: Sought, weigh: Weights) -> Fit:
        """Of every row."""
        return fit(asked, weigh, self._all(asked), self._lengths.values)

    def _all(self, asked: Sought) -> Counts:
        """How often each word is in every row: looked up once for a question, as rows never change."""
        of, found = self._looked_up
        if of is not asked or found.shape[1] != len(self):
            found = np.zeros((len(asked.hashes), len(self)), np.uint8)
            each = [self._where.get(number, _NOWHERE) for number in asked.hashes.tolist()]
            word = np.repeat(np.arange(len(each)), [len(there) for there in each])
            there = np.concatenate([np.zeros(0, np.uint32), *map(np.asarray, each)])
            found[word, there >> _COUNT_BITS] = there & _COUNT
            self._looked_up = asked, found
        return found

    def counts(self, asked: Sought, rows: Rows) -> Counts:
        """How often each word of a question is in these rows."""
        return self._all(asked).take(rows, axis=1)

    def sizes(self, rows: Rows) -> NDArray[np.int64]:
        """How many different words each has."""
        starts, ends = self._spans(rows)
        return ends - starts

    def lengths(self, rows: Rows) -> NDArray[np.float64]:
        """How many words there are in all."""
        lengths: NDArray[np.float64] = self._lengths.values[rows]
        return lengths

    def _spans(self, rows: Rows) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        ends = self._ends.values
        return np.where(rows > 0, ends[rows - 1], 0), ends[rows]

    def inverted(self) -> Inverted:
        """All words, those of rows that are no longer alive among them."""
        return Inverted.of(self._hashes.values, self._counts.values, self.sizes(np.arange(len(self))))

    def spaces(self, titles: bool = False) -> Mapping[Space, Stored]:
        """The vectors by space; or those of titles."""
        of = self._titles if titles else self._vectors
        return {space: vectors.part(len(self)) for space, vectors in of.items()}

    def near(self, space: Space, query: Vector, readable: Sequence[int], most: int) -> dict[str, Near]:
        """For each language the rows of its readable groups among which the ``most`` nearest are: all that have a
        vector."""
        there = self.spaces()[space].there(np.arange(len(self)))
        return {
            language: Near(np.flatnonzero(self._readable(some) & there), None)
            for language, some in self.groups.by_language(readable).items()
        }

    def sample(self, space: Space, language: str, titles: bool = False) -> Sample:
        """Vectors of some documents of a language by chance, always the same ones; or of their titles."""
        groups = [number for number, group in enumerate(self.groups.all) if group[0] == language]
        stored = self.spaces(titles)[space]
        return chosen(self.ids, np.flatnonzero(self._readable(groups)), stored)

    def _readable(self, groups: Sequence[int]) -> NDArray[np.bool_]:
        table = np.zeros(len(self.groups.all), bool)
        table[list(groups)] = True
        return table[self.group] & self.alive
