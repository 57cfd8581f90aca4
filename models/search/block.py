"""Some of the documents of one kind as parallel arrays, and what both sorts of such blocks have in common.

``Memory`` (models.search.memory) takes new documents; ``Disk`` (models.search.disk) was written at once and is only
read. In both a document that changed or went away is not alive any more. Rows of one *group* share language and
audience, so that who may read a row is told by its group.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from models.search.inverted import Inverted
from models.search.lexical import Counts, Rows, Sought, Weights
from models.search.pool import SAMPLE, Space, Vector
from models.search.vectors import Near, Stored

Group = tuple[str, tuple[str, ...]]
"""Language and audience."""


class Groups:
    """The groups of a block by number, and which of them a reader may read."""

    def __init__(self, groups: Iterable[Group] = ()) -> None:
        self.all: list[Group] = []
        self._numbers: dict[Group, int] = {}
        self._by_key: dict[str, list[int]] = {}
        self._languages = np.zeros(0, np.str_)
        for group in groups:
            self.number(group)

    def number(self, group: Group) -> int:
        """The number of a group, new or known."""
        if group not in self._numbers:
            self._numbers[group] = number = len(self.all)
            self.all.append(group)
            for key in set(group[1]):
                self._by_key.setdefault(key, []).append(number)
        return self._numbers[group]

    def readable(self, held: Iterable[str]) -> list[int]:
        """The groups that a holder of these keys may read, in order."""
        return sorted({number for key in held for number in self._by_key.get(key, ())})

    def languages(self) -> NDArray[np.str_]:
        """The language of each group."""
        if len(self._languages) != len(self.all):
            self._languages = np.array([language for language, _ in self.all])
        return self._languages

    def by_language(self, groups: Sequence[int]) -> dict[str, list[int]]:
        """These groups, language by language."""
        found: dict[str, list[int]] = {}
        for number in groups:
            found.setdefault(self.all[number][0], []).append(number)
        return found


class Block(Protocol):
    """Some documents of one kind."""

    groups: Groups
    length: int
    """Of all texts together, in words."""

    @property
    def alive(self) -> NDArray[np.bool_]:
        """Which rows are still true."""

    @property
    def living(self) -> int:
        """How many those are: documents that went away since, or came anew, are left out."""

    def __len__(self) -> int: ...

    @property
    def ids(self) -> NDArray[np.int64]:
        """The documents' numbers by row."""

    @property
    def parents(self) -> NDArray[np.int64]:
        """Those of what they are parts of."""

    @property
    def group(self) -> NDArray[np.int64]:
        """The numbers of their groups."""

    def row(self, id: int) -> int | None:
        """Where a document is."""

    def remove(self, id: int) -> bool:
        """It is not alive any more; whether it was here."""

    def frequencies(self, asked: Sought) -> NDArray[np.int64]:
        """In how many documents each word of a question is."""

    def by_words(self, asked: Sought, weigh: Weights, readable: Sequence[int], most: int) -> Rows:
        """The best by words among the readable groups; about ``most``, in no order."""

    def all_words(self, asked: Sought, readable: Sequence[int], most: int) -> Rows:
        """Some of the rows that have all these words."""

    def counts(self, asked: Sought, rows: Rows) -> Counts:
        """How often each word of a question is in these rows."""

    def sizes(self, rows: Rows) -> NDArray[np.int64]:
        """How many different words each has."""

    def lengths(self, rows: Rows) -> NDArray[np.float64]:
        """How many words there are in all."""

    def inverted(self) -> Inverted:
        """All words, those of rows that are no longer alive among them."""

    def spaces(self, titles: bool = False) -> Mapping[Space, Stored]:
        """The vectors by space; or those of titles."""

    def near(self, space: Space, query: Vector, readable: Sequence[int], most: int) -> dict[str, Near]:
        """For each language the rows of its readable groups among which the ``most`` nearest are."""

    def sample(self, space: Space, language: str, titles: bool = False) -> Sample:
        """Vectors of some documents of a language by chance, always the same ones; or of their titles."""


@dataclass(frozen=True)
class Sample:
    """Vectors of documents chosen by chance: those whose ``order`` is lowest."""

    order: NDArray[np.uint64]
    vectors: NDArray[np.float32]


def chosen(ids: NDArray[np.int64], rows: Rows, stored: Stored) -> Sample:
    """Of ``rows`` those that chance (a hash of their number) puts first."""
    rows = rows[stored.there(rows)]
    order = scrambled(ids[rows])
    if len(rows) > SAMPLE:
        at = np.argpartition(order, SAMPLE)[:SAMPLE]
        rows, order = rows[at], order[at]
    return Sample(order, stored.real(rows))


def scrambled(ids: NDArray[np.int64]) -> NDArray[np.uint64]:
    """A number for each id that looks drawn (the finaliser of SplitMix64)."""
    mixed = ids.astype(np.uint64)
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB), (31, 1)):
        mixed = (mixed ^ (mixed >> np.uint64(shift))) * np.uint64(factor)
    return mixed
