"""Many documents at rest: a block in a folder, written at once, read from there by all processes of a machine.

Words are found by tantivy, whose documents are the row numbers. Rows of one group stand next to each other, so that
what a reader may read is a few spans of rows.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import orjson
import tantivy
from numpy.typing import NDArray

from models.search import bits
from models.search.bits import Spans
from models.search.block import Groups, Sample, Texts, chosen, texts
from models.search.column import places
from models.search.lexical import Counts, Hashes, Rows, Sought, Weights, looked_up
from models.search.pool import Space, Vector
from models.search.vectors import Near, Stored, mapped

_MOST_TERMS = 400
"""Readable groups that are looked for one by one; of more, all rows are looked at and the unreadable ones left out."""
_WIDE = 0.2
"""From this share on that a reader may read, it is quicker to look everywhere and leave out what they may not."""
_SURPLUS, _SURPLUS_ROWS = 1.2, 8
"""So many times what is wanted, and so many more, are looked at: to search again takes as long."""
ARRAYS = ("ids", "parents", "group", "lengths", "starts", "hashes", "counts", "by_id", "words", "often")


def _schema() -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    builder.add_unsigned_field("row", fast=True)
    builder.add_unsigned_field("group", indexed=True)
    builder.add_text_field("words", tokenizer_name="whitespace", index_option="freq")
    return builder.build()


SCHEMA = _schema()


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
        self._alive = np.ones(len(self), bool)
        self._vectors = {space: Stored.open(folder / place) for space, place in about["vectors"].items()}
        self._titles = {space: Stored.open(folder / place) for space, place in about["titles"].items()}
        self._searcher = tantivy.Index(SCHEMA, path=str(folder / "words")).searcher()
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
        self.length -= int(self._arrays["lengths"][row])
        return True

    def bury(self, ids: NDArray[np.int64]) -> None:
        """Remove many at once."""
        rows = np.flatnonzero(np.isin(self.ids, ids) & self.alive)
        self._alive[rows] = False
        self.length -= int(self._arrays["lengths"][rows].sum())

    def frequencies(self, asked: Sought) -> NDArray[np.int64]:
        """In how many documents each word of a question is."""
        words = self._arrays["words"]
        at = np.searchsorted(words, asked.hashes).clip(max=len(words) - 1)
        return np.where(words[at] == asked.hashes, self._arrays["often"][at], 0)

    def by_words(self, asked: Sought, weigh: Weights, readable: Sequence[int], most: int) -> Rows:
        """The best by words among the readable groups: about ``most``.

        Of each term its commonest alternative is looked for: that is what a term weighs (``lexical.weights``), and
        nearly all texts that have another one have it, too. Those that do not count where there are too few.
        """
        common = [int(term[weigh.words[term].argmin()]) for term in asked.terms]
        sure = np.ones(len(common)) if asked.sure is None else asked.sure
        rows = self._readable(_any(asked.hashes[common], sure), readable, most)
        if len(rows) < most and len(set(common)) < len(asked.hashes):
            every = self._readable(_any(asked.hashes, np.ones(len(asked.hashes))), readable, most)
            return np.union1d(rows, every)
        return rows

    def all_words(self, asked: Sought, readable: Sequence[int], most: int) -> Rows:
        """Some of the rows that have all these words."""
        musts = []
        for term in asked.terms:
            words = [_word(number) for number in asked.hashes[term].tolist()]
            musts.append(words[0] if len(words) == 1 else tantivy.Query.boolean_query(
                [(tantivy.Occur.Should, word) for word in words]))  # fmt: skip
        every = tantivy.Query.boolean_query([(tantivy.Occur.Must, must) for must in musts])
        return self._readable(every, readable, most)

    def _readable(self, query: tantivy.Query, readable: Sequence[int], most: int) -> Rows:
        """What a query finds first in these groups."""
        allowed = np.zeros(len(self.groups.all), bool)
        allowed[list(readable)] = True
        share = float((self._ends - self._starts)[allowed].sum()) / max(1, len(self))
        if share < _WIDE and len(readable) <= _MOST_TERMS:
            groups = tantivy.Query.term_set_query(SCHEMA, "group", list(readable))
            both = [(tantivy.Occur.Must, tantivy.Query.const_score_query(groups, 0.0)), (tantivy.Occur.Must, query)]
            return self._found(tantivy.Query.boolean_query(both), allowed, most, 1.0)
        return self._found(query, allowed, most, share)

    def _found(self, query: tantivy.Query, allowed: NDArray[np.bool_], most: int, share: float) -> Rows:
        """The first ``most`` rows that may be read, as about a ``share`` may, and are alive: so many are looked at that
        they hardly ever are too few, and more where they are."""
        alive = np.count_nonzero(self.alive) / max(1, len(self))
        wider = int(_SURPLUS * most / max(share * alive, 0.05)) + _SURPLUS_ROWS
        while True:
            hits = self._searcher.search(query, wider, count=False).hits
            rows = np.array(self._searcher.fast_field_values("row", [address for _, address in hits]), np.int64)
            rows = rows[self.alive[rows] & allowed[self.group[rows]]]
            if len(rows) >= most or len(hits) < wider:
                return rows[:most]
            wider *= 4

    def texts(self, rows: Rows) -> Texts:
        """All words of these rows."""
        starts = self._arrays["starts"]
        return texts(self._arrays["hashes"], self._arrays["counts"], starts[rows], starts[rows + 1], self.lengths(rows))

    def counts(self, asked: Sought, rows: Rows) -> Counts:
        """How often each word of a question is in these rows."""
        starts = self._arrays["starts"]
        return looked_up(asked, self._arrays["hashes"], self._arrays["counts"], starts[rows], starts[rows + 1])

    def sizes(self, rows: Rows) -> NDArray[np.int64]:
        """How many different words each has."""
        starts = self._arrays["starts"]
        sizes: NDArray[np.int64] = starts[rows + 1] - starts[rows]
        return sizes

    def lengths(self, rows: Rows) -> NDArray[np.float64]:
        """How many words there are in all."""
        return self._arrays["lengths"][rows].astype(np.float64)

    def spaces(self, titles: bool = False) -> Mapping[Space, Stored]:
        """The vectors by space; or those of titles."""
        return self._titles if titles else self._vectors

    def near(self, space: Space, query: Vector, groups: Mapping[str, Sequence[int]], most: int) -> dict[str, Near]:
        """For each language the rows of its groups among which the ``most`` nearest are."""
        stored = self._vectors[space]
        aim = bits.aim(query)
        return {language: stored.near(aim, self._together(some), self.alive, most) for language, some in groups.items()}

    def _together(self, groups: Sequence[int]) -> Spans:
        """The spans of rows of these groups, which are in order; those that touch are one, but for long groups."""
        starts, ends = self._starts[groups], self._ends[groups]
        long = ends - starts > bits.LONG
        apart = (starts[1:] != ends[:-1]) | long[1:] | long[:-1]
        return starts[np.append(True, apart)], ends[np.append(apart, True)]

    def sample(self, space: Space, language: str, titles: bool = False) -> Sample:
        """Vectors of some documents of a language by chance, always the same ones; or of their titles. Those that went
        away since are among them."""
        key = space, language, titles
        if key not in self._samples:
            groups = [number for number, group in enumerate(self.groups.all) if group[0] == language]
            stored = self.spaces(titles)[space]
            self._samples[key] = chosen(self.ids, places(*self._together(groups)), stored)
        return self._samples[key]


def as_text(number: int) -> str:
    """A word's number as tantivy keeps it."""
    return f"{number:08x}"


def _word(number: int) -> tantivy.Query:
    return tantivy.Query.term_query(SCHEMA, "words", as_text(number), "freq")


def _any(numbers: Hashes, sure: NDArray[np.float64]) -> tantivy.Query:
    """Any of these words; each counts as much as is sure."""
    words = [
        _word(number) if share == 1 else tantivy.Query.boost_query(_word(number), share)
        for number, share in dict(zip(numbers.tolist(), sure.tolist(), strict=True)).items()
    ]
    return tantivy.Query.boolean_query([(tantivy.Occur.Should, word) for word in words])
