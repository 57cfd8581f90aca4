"""Many documents at rest: a block in a folder, written at once, read from there by all processes of a machine.

Rows of one group stand next to each other, so that what a reader may read is a few spans of rows.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import orjson
from numpy.typing import NDArray

from models.search import bits
from models.search.block import Groups, Sample, chosen
from models.search.column import Spans, mapped, places
from models.search.inverted import Inverted
from models.search.lexical import Counts, Rows, Sought, Weights
from models.search.pool import Space, Vector
from models.search.scoring import Scoring
from models.search.vectors import Near, Stored

_READERS = 256
"""So many readers' spans are remembered: of those who may read the same, they are the same."""
_PIECE = 10_000
"""So many rows are looked at together for those that have several words."""
ARRAYS = ("ids", "parents", "group", "lengths", "sizes", "by_id")


_WIDE = 0.5
"""From this share on that may be read and is alive, it is quicker to look at all and leave out the others."""
_SURPLUS, _SURPLUS_ROWS = 1.2, 8
"""So many times what is wanted, and so many more, are looked at then."""


class Reach(NamedTuple):
    """The rows that a reader may read: their groups, their spans, all together and language by language as they are
    searched by vectors, and what share they are."""

    groups: NDArray[np.bool_]
    share: float
    spans: Spans
    by_language: Mapping[str, Spans]


class Disk:
    """A block that is read."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        about = orjson.loads((folder / "about.json").read_bytes())
        self.groups = Groups((language, tuple(audience)) for language, audience in about["groups"])
        self._starts, self._ends = np.array(about["spans"], np.int64).reshape(-1, 2).T
        self._arrays = {name: mapped(folder / f"{name}.npy") for name in ARRAYS}
        self.length = int(about["length"])
        self._sorted = self.ids[self._arrays["by_id"]]
        self._least, self._most = (int(self._sorted[0]), int(self._sorted[-1])) if len(self) else (0, -1)
        self._alive, self._gone = np.ones(len(self), bool), 0
        spans = self._starts, self._ends
        self._vectors = {space: Stored.open(folder / place, spans) for space, place in about["vectors"].items()}
        self._titles = {space: Stored.open(folder / place, spans) for space, place in about["titles"].items()}
        self._inverted = Inverted.open(folder)
        self._scoring = Scoring(self._arrays["lengths"])
        self._reaches: dict[tuple[int, ...], Reach] = {}
        self._samples: dict[tuple[Space, str, bool], Sample] = {}

    def __len__(self) -> int:
        return len(self._arrays["ids"])

    @property
    def ids(self) -> NDArray[np.int64]:
        """The documents' numbers by row."""
        return self._arrays["ids"]

    @property
    def parents(self) -> NDArray[np.int64]:
        """Those of what they are parts of."""
        return self._arrays["parents"]

    @property
    def group(self) -> NDArray[np.int64]:
        """The numbers of their groups."""
        return self._arrays["group"]

    @property
    def alive(self) -> NDArray[np.bool_]:
        """Which rows are still true."""
        return self._alive

    @property
    def living(self) -> int:
        """How many those are."""
        return len(self) - self._gone

    def row(self, id: int) -> int | None:
        """Where a document is that is alive."""
        at = bisect_left(self._sorted, id) if self._least <= id <= self._most else len(self)
        if at < len(self) and self._sorted[at] == id and self.alive[row := int(self._arrays["by_id"][at])]:
            return row
        return None

    def remove(self, id: int) -> bool:
        """It is not alive any more; whether it was here."""
        row = self.row(id)
        if row is None:
            return False
        self.alive[row] = False
        self._gone += 1
        self.length -= int(self._arrays["lengths"][row])
        return True

    def bury(self, ids: NDArray[np.int64]) -> None:
        """Remove many at once."""
        rows = np.flatnonzero(np.isin(self.ids, ids) & self.alive)
        self._alive[rows] = False
        self._gone += len(rows)
        self.length -= int(self._arrays["lengths"][rows].sum())

    def frequencies(self, asked: Sought) -> NDArray[np.int64]:
        """In how many documents each word of a question is."""
        return self._inverted.frequencies(asked.hashes)

    def by_words(self, asked: Sought, weigh: Weights, readable: Sequence[int], most: int) -> Rows:
        """The best by words among the readable groups: about ``most``.

        Of each term its commonest alternative is looked for: that is what a term weighs (``lexical.weights``), and
        nearly all texts that have another one have it, too. Those that do not count where there are too few.
        """
        common = [int(term[weigh.words[term].argmin()]) for term in asked.terms]
        sure = np.ones(len(common)) if asked.sure is None else asked.sure
        worth = dict(zip(asked.hashes[common].tolist(), (weigh.words[common] * sure).tolist(), strict=True))
        rows = self._best(worth, weigh, readable, most)
        if len(rows) < most and len(worth) < len(asked.hashes):
            every = dict(zip(asked.hashes.tolist(), weigh.words.tolist(), strict=True))
            return np.union1d(rows, self._best(every, weigh, readable, most))
        return rows

    def _best(self, worth: Mapping[int, float], weigh: Weights, readable: Sequence[int], most: int) -> Rows:
        words, reach = self._inverted.valued(worth), self._reach(readable)
        share = reach.share * self.living / max(1, len(self))
        wider = int(_SURPLUS * most / max(share, _WIDE)) + _SURPLUS_ROWS
        if share >= _WIDE:
            rows = self._scoring.best(words, None, weigh.average, wider)
            readily = rows[reach.groups[self.group[rows]] & self.alive[rows]]
            if len(readily) >= most or len(rows) < wider:
                return readily[:most]
        while True:
            rows = self._scoring.best(words, reach.spans, weigh.average, wider)
            living = rows[self.alive[rows]]
            if len(living) >= most or len(rows) < wider:
                return living[:most]
            wider *= 4

    def all_words(self, asked: Sought, readable: Sequence[int], most: int) -> Rows:
        """Some of the rows that have all these words."""
        rarest, *others = sorted(self._inverted.having(asked.hashes), key=lambda word: len(word.rows))
        found, reach = np.zeros(0, np.int64), self._reach(readable)
        for start in range(0, len(rarest.rows), _PIECE):
            rows = rarest.rows[start : start + _PIECE]
            rows = rows[reach.groups[self.group[rows]] & self.alive[rows]]
            for word in others:
                rows = rows[word.looked_up(rows) > 0]
            found = np.concatenate([found, rows])
            if len(found) >= most:
                break
        return found[:most]

    def counts(self, asked: Sought, rows: Rows) -> Counts:
        """How often each word of a question is in these rows."""
        return self._inverted.counts(asked.hashes, rows)

    def sizes(self, rows: Rows) -> NDArray[np.int64]:
        """How many different words each has."""
        return self._arrays["sizes"][rows].astype(np.int64)

    def lengths(self, rows: Rows) -> NDArray[np.float64]:
        """How many words there are in all."""
        return self._arrays["lengths"][rows].astype(np.float64)

    def inverted(self) -> Inverted:
        """All words, those of rows that are no longer alive among them."""
        return self._inverted

    def spaces(self, titles: bool = False) -> Mapping[Space, Stored]:
        """The vectors by space; or those of titles."""
        return self._titles if titles else self._vectors

    def near(self, space: Space, query: Vector, readable: Sequence[int], most: int) -> dict[str, Near]:
        """For each language the rows of its readable groups among which the ``most`` nearest are."""
        reach = self._reach(readable).by_language
        return self._vectors[space].near(bits.aim(query), reach, self.alive, most)

    def _reach(self, readable: Sequence[int]) -> Reach:
        key = tuple(readable)
        if key not in self._reaches:
            if len(self._reaches) >= _READERS:
                self._reaches.clear()
            by_language, spans = self.groups.by_language(key), self._together(key, len(self))
            allowed = np.zeros(len(self.groups.all), bool)
            allowed[list(key)] = True
            self._reaches[key] = Reach(
                allowed,
                float((spans[1] - spans[0]).sum()) / max(1, len(self)),
                spans,
                {language: self._together(groups, bits.LONG) for language, groups in by_language.items()},
            )
        return self._reaches[key]

    def _together(self, groups: Sequence[int], long: int) -> Spans:
        """The spans of rows of these groups, which are in order; those that touch are one, but for long groups."""
        starts, ends = self._starts[list(groups)], self._ends[list(groups)]
        alone = ends - starts > long
        apart = (starts[1:] != ends[:-1]) | alone[1:] | alone[:-1]
        return starts[np.append(True, apart)], ends[np.append(apart, True)]

    def sample(self, space: Space, language: str, titles: bool = False) -> Sample:
        """Vectors of some documents of a language by chance, always the same ones; or of their titles. Those that went
        away since are among them."""
        key = space, language, titles
        if key not in self._samples:
            groups = [number for number, group in enumerate(self.groups.all) if group[0] == language]
            rows = places(*self._together(groups, bits.LONG)) if groups else np.zeros(0, np.int64)
            self._samples[key] = chosen(self.ids, rows, self.spaces(titles)[space])
        return self._samples[key]
