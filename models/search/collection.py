"""All documents of one kind: blocks, searched as one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from models.search.block import Block, Texts
from models.search.centre import Spread, cosines
from models.search.disk import Disk
from models.search.lexical import Fit, Rows, Sought, Weights, even, fit, sought, weights
from models.search.memory import Memory
from models.search.pool import SAMPLE, Background, Document, Kind, Pool, Query, Space, Vector
from models.search.spelling import spelt

BY_WORDS = 60
"""So many candidates are taken by words, and"""
NEAR = 50
"""so many by each space from each language."""

_STEADY = 50
"""One change in so many documents moves the middle of a language too little to look for it anew."""

Exact = Sequence[Sought]


class Candidates(NamedTuple):
    """Rows of one block."""

    block: Block
    rows: Rows


class Collection:
    """The documents of one kind. Not safe to use from several threads at once: ``Index`` sees to that."""

    def __init__(self, kind: Kind) -> None:
        self.kind = kind
        self.blocks: list[Block] = []
        self.memory = Memory()
        self._spreads: dict[tuple[Space, int, bool], tuple[int, Spread]] = {}
        self._version = 0

    def __len__(self) -> int:
        return sum(int(np.count_nonzero(block.alive)) for block in self._all())

    def _all(self) -> list[Block]:
        every: list[Block] = [*self.blocks, self.memory]
        return [block for block in every if len(block)]

    # -- changes

    def put(self, document: Document) -> None:
        """Take a document in, in place of an older one with its number."""
        self.remove(document.id)
        self.memory.put(document)

    def remove(self, id: int) -> None:
        """Forget a document, if it is there."""
        if not self.memory.remove(id):
            any(block.remove(id) for block in self.blocks)
        self._version += 1

    def turn_over(self) -> Memory:
        """Begin a new block in memory; the old one, which is still searched."""
        old, self.memory = self.memory, Memory()
        self.blocks.append(old)
        return old

    def replace(self, old: Sequence[Block], new: Disk | None) -> None:
        """One block in place of others: what went away meanwhile is not alive in it either."""
        if new is not None:
            alive, gone = (np.concatenate([block.ids[block.alive == yes] for block in old]) for yes in (True, False))
            new.bury(np.setdiff1d(gone, alive))
        self.blocks = [block for block in self.blocks if block not in old] + ([new] if new is not None else [])
        self._version += 1

    # -- search

    def pool(self, query: Query, held: Iterable[str], exact: Exact) -> Pool | None:
        """The candidates for ``query`` that a holder of ``held`` may read; ``None`` where there are none."""
        blocks, keys = self._all(), list(held)
        readable = [(block, block.groups.readable(keys)) for block in blocks]
        readable = [(block, groups) for block, groups in readable if groups]
        if not readable:
            return None
        asked, frequencies = spelt(query.text, sought(query.text), lambda words: _frequencies(words, blocks))
        weigh = _weights(asked, frequencies, blocks)
        rows: dict[int, list[Rows]] = {id(block): [] for block in blocks}
        for block, groups in readable:
            if asked.terms:
                rows[id(block)].append(block.by_words(asked, weigh, groups, BY_WORDS))
            for phrase in exact:
                rows[id(block)].append(block.all_words(phrase, groups, BY_WORDS))
        for space, vector in query.vectors.items():
            for block, some in self._nearest(readable, space, vector):
                rows[id(block)].append(some)
        found = [Candidates(block, _once(rows[id(block)])) for block, _ in readable]
        found = [one for one in found if len(one.rows)]
        return self._pool(query, found, asked, weigh, exact) if found else None

    def _nearest(
        self, readable: Sequence[tuple[Block, Sequence[int]]], space: Space, vector: Vector
    ) -> list[tuple[Block, Rows]]:
        """The nearest of every language, wherever they are."""
        by_language: dict[str, list[tuple[Block, Rows, NDArray[np.float64]]]] = {}
        for block, groups in readable:
            stored = block.spaces().get(space)
            if stored is None or stored.dimensions != len(vector):
                continue
            for language, some in block.groups.by_language(groups).items():
                by_language.setdefault(language, []).append((block, *block.nearest(space, vector, some, NEAR)))
        found = []
        for parts in by_language.values():
            least = _least(np.concatenate([scores for _, _, scores in parts]), NEAR)
            found += [(block, rows[scores >= least]) for block, rows, scores in parts]
        return found

    def _pool(self, query: Query, found: Sequence[Candidates], asked: Sought, weigh: Weights, exact: Exact) -> Pool:
        """What is known of the candidates."""
        texts = [block.texts(rows) for block, rows in found]
        fits = [_fit(asked, weigh, one) for one in texts]
        there = [_share(exact, one) for one in texts]
        languages = [
            np.array([group[0] for group in block.groups.all] or [""])[block.group[rows]] for block, rows in found
        ]
        ids = np.concatenate([block.ids[rows] for block, rows in found])
        return Pool(
            kinds=np.full(len(ids), self.kind),
            ids=ids,
            parents=np.concatenate([block.parents[rows] for block, rows in found]),
            languages=np.concatenate(languages),
            bm25=np.concatenate([one.bm25 for one in fits]),
            coverage=np.concatenate([one.coverage for one in fits]),
            titled=np.concatenate([one.titled for one in fits]),
            exact=np.concatenate(there),
            cosine=self._cosines(query, found, titles=False),
            title_cosine=self._cosines(query, found, titles=True),
            background=self._background(query, titles=False),
            title_background=self._background(query, titles=True),
            words=np.concatenate([one.sizes for one in texts]),
        )

    def _background(self, query: Query, titles: bool) -> dict[tuple[Space, str], Background]:
        return {
            (space, language): background
            for space, vector in query.vectors.items()
            for language, background in self.spread(space, len(vector), titles).backgrounds(vector).items()
        }

    def spread(self, space: Space, dimensions: int, titles: bool = False) -> Spread:
        """Samples by language of the vectors of a space, or of those of titles: the same until much has changed."""
        version, spread = self._spreads.get((space, dimensions, titles), (-1, None))
        if spread is None or self._version - version > sum(map(len, self._all())) // _STEADY:
            languages = {group[0] for block in self._all() for group in block.groups.all}
            samples = {language: self._drawn(space, language, dimensions, titles) for language in sorted(languages)}
            spread = Spread(samples, dimensions)
            self._spreads[space, dimensions, titles] = self._version, spread
        return spread

    def _drawn(self, space: Space, language: str, dimensions: int, titles: bool) -> NDArray[np.float32]:
        fit = ((block, (block.title_spaces() if titles else block.spaces()).get(space)) for block in self._all())
        samples = [
            block.sample(space, language, titles)
            for block, stored in fit
            if stored is not None and stored.dimensions == dimensions
        ]
        if not samples:
            return np.zeros((0, dimensions), np.float32)
        first = np.argsort(np.concatenate([sample.order for sample in samples]))[:SAMPLE]
        drawn: NDArray[np.float32] = np.concatenate([sample.vectors for sample in samples])[first]
        return drawn

    def _cosines(self, query: Query, found: Sequence[Candidates], titles: bool) -> dict[Space, NDArray[np.float64]]:
        """How near each candidate is, seen from the middle of its language; nan where it has no vector."""
        near = {}
        for space, vector in query.vectors.items():
            spread = self.spread(space, len(vector), titles)
            near[space] = np.concatenate([_cosine(block, rows, space, vector, spread, titles) for block, rows in found])
        return near


def _frequencies(asked: Sought, blocks: Sequence[Block]) -> NDArray[np.int64]:
    found = np.zeros(len(asked.hashes), np.int64)
    for block in blocks:
        found += block.frequencies(asked)
    return found


def _weights(asked: Sought, frequencies: NDArray[np.int64], blocks: Sequence[Block]) -> Weights:
    documents = sum(len(block) for block in blocks)
    return weights(asked, frequencies.clip(max=documents), documents, sum(block.length for block in blocks))


def _once(parts: Sequence[Rows]) -> Rows:
    return np.unique(np.concatenate(parts)) if parts else np.zeros(0, np.int64)


def _least(scores: NDArray[np.float64], most: int) -> float:
    """The score of the last of the ``most`` best."""
    if len(scores) <= most:
        return -np.inf
    return float(np.partition(scores, len(scores) - most)[len(scores) - most])


def _fit(asked: Sought, weigh: Weights, texts: Texts) -> Fit:
    return fit(asked, weigh, texts.hashes, texts.counts, texts.sizes, texts.lengths)


def _share(exact: Exact, texts: Texts) -> NDArray[np.float64]:
    """Of the phrases and codes the share whose words are all there."""
    if not exact:
        return np.ones(len(texts.sizes))
    there = []
    for phrase in exact:
        there.append(_fit(phrase, even(phrase), texts).met.all(axis=1))
    share: NDArray[np.float64] = np.mean(there, axis=0)
    return share


def _cosine(
    block: Block, rows: Rows, space: Space, vector: Vector, spread: Spread, titles: bool
) -> NDArray[np.float64]:
    stored = (block.title_spaces() if titles else block.spaces()).get(space)
    found = np.full(len(rows), np.nan)
    if stored is None or stored.dimensions != len(vector):
        return found
    group = block.group[rows]
    languages = block.groups.by_language(np.unique(group).tolist())
    centres = [spread.centre(language) for language in languages]
    dots, *to_centres = stored.products(rows, [vector, *centres])
    for groups, centre, to_centre in zip(languages.values(), centres, to_centres, strict=True):
        here = np.isin(group, groups)
        found[here] = cosines(dots[here], to_centre[here], vector, centre)
    return found
