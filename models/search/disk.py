"""Many documents at rest: a block in a folder, written at once, read from there by all processes of a machine.

Words are found by tantivy, whose documents are the row numbers. Rows of one group stand next to each other, so that
what a reader may read is a few spans of rows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import orjson
import tantivy
from numpy.typing import NDArray

from models.search.block import Groups, Sample, Texts, chosen, texts
from models.search.lexical import Rows, Sought, Weights
from models.search.pool import Space, Vector
from models.search.vectors import Scores, Span, Stored, joined, mapped

_CHUNK = 20_000
_MOST_TERMS = 400
"""Readable groups that are looked for one by one; of more, all rows are looked at and the unreadable ones left out."""
_WIDE = 0.2
"""From this share on that a reader may read, it is quicker to look everywhere and leave out what they may not."""
ARRAYS = ("ids", "parents", "group", "lengths", "starts", "hashes", "counts", "by_id")


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
        self._spans: list[Span] = [(start, end) for start, end in about["spans"]]
        self._arrays = {name: mapped(folder / f"{name}.npy") for name in ARRAYS}
        self.length = int(about["length"])
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
        order = self._arrays["by_id"]
        at = int(np.searchsorted(self.ids[order], id)) if len(self) <= _CHUNK else self._bisect(id)
        if at < len(self) and self.ids[order[at]] == id and self.alive[order[at]]:
            return int(order[at])
        return None

    def _bisect(self, id: int) -> int:
        """Without looking at every number: they are on the disk."""
        order, low, high = self._arrays["by_id"], 0, len(self)
        while low < high:
            middle = (low + high) // 2
            if self.ids[order[middle]] < id:
                low = middle + 1
            else:
                high = middle
        return low

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
        found = (self._searcher.doc_freq("words", as_text(number)) for number in asked.hashes.tolist())
        return np.fromiter(found, np.int64, len(asked.hashes))

    def by_words(self, asked: Sought, weigh: Weights, readable: Sequence[int], most: int) -> Rows:
        """The best by words among the readable groups: about ``most``."""
        words = [_word(number) for number in asked.hashes.tolist()]
        any_word = tantivy.Query.boolean_query([(tantivy.Occur.Should, word) for word in words])
        return self._readable(any_word, readable, most)

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
        share = sum(self._size(number) for number in readable) / max(1, len(self))
        if share < _WIDE and len(readable) <= _MOST_TERMS:
            groups = tantivy.Query.term_set_query(SCHEMA, "group", list(readable))
            both = [(tantivy.Occur.Must, tantivy.Query.const_score_query(groups, 0.0)), (tantivy.Occur.Must, query)]
            return self._found(tantivy.Query.boolean_query(both), allowed, most, len(self))
        return self._found(query, allowed, most, int(most / max(share, 0.01)))

    def _found(self, query: tantivy.Query, allowed: NDArray[np.bool_], most: int, wider: int) -> Rows:
        """The first ``most`` rows that may be read and are alive; more are looked at until there are as many."""
        wider = min(wider, 2 * most)
        while True:
            hits = self._searcher.search(query, wider, count=False).hits
            rows = np.array(self._searcher.fast_field_values("row", [address for _, address in hits]), np.int64)
            rows = rows[self.alive[rows] & allowed[self.group[rows]]]
            if len(rows) >= most or len(hits) < wider:
                return rows[:most]
            wider *= 4

    def _size(self, number: int) -> int:
        start, end = self._spans[number]
        return end - start

    def texts(self, rows: Rows) -> Texts:
        """The words of these rows."""
        starts, lengths = self._arrays["starts"], self._arrays["lengths"][rows].astype(np.float64)
        return texts(self._arrays["hashes"], self._arrays["counts"], starts[rows], starts[rows + 1], lengths)

    def spaces(self) -> Mapping[Space, Stored]:
        """The vectors by space."""
        return self._vectors

    def title_spaces(self) -> Mapping[Space, Stored]:
        """Those of titles."""
        return self._titles

    def nearest(self, space: Space, query: Vector, groups: Sequence[int], most: int) -> tuple[Rows, Scores]:
        """The nearest among these groups."""
        return self._vectors[space].nearest(query, self._together(groups), self.alive, most)

    def _together(self, groups: Sequence[int]) -> list[Span]:
        """The spans of rows of these groups, those that touch as one."""
        spans: list[Span] = []
        for start, end in sorted(self._spans[number] for number in groups):
            if spans and spans[-1][1] == start:
                spans[-1] = (spans[-1][0], end)
            else:
                spans.append((start, end))
        return spans

    def sample(self, space: Space, language: str, titles: bool = False) -> Sample:
        """Vectors of some documents of a language by chance, always the same ones; or of their titles. Those that went
        away since are among them."""
        key = space, language, titles
        if key not in self._samples:
            groups = [number for number, group in enumerate(self.groups.all) if group[0] == language]
            stored = (self._titles if titles else self._vectors)[space]
            self._samples[key] = chosen(self.ids, joined(self._together(groups)), stored)
        return self._samples[key]


def as_text(number: int) -> str:
    """A word's number as tantivy keeps it."""
    return f"{number:08x}"


def _word(number: int) -> tantivy.Query:
    return tantivy.Query.term_query(SCHEMA, "words", as_text(number), "freq")
