"""All documents of one kind: blocks, searched as one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from models.search import background
from models.search.background import Usual
from models.search.bits import BITS
from models.search.block import Block
from models.search.centre import Spread, cosines
from models.search.disk import Disk
from models.search.lexical import Counts, Rows, Sought, Weights, even, fit, sought, weights
from models.search.memory import Memory
from models.search.pool import SAMPLE, Document, Kind, Pool, Query, Space, Vector
from models.search.spelling import Count, spelt
from models.search.vectors import WIDER, Near
from models.search.words import Words

BY_WORDS = 60
"""So many candidates are taken by words, and"""
NEAR, NEAR_OF_MANY = 100, 50
"""so many by each space from each language; fewer from one that has so many texts that bits find the nearest."""

_STEADY = 50
"""One change in so many documents moves the middle of a language too little to look for it anew."""

_NOTHING = np.zeros(0, np.int64)

Exact = Sequence[Sought]


class Candidates(NamedTuple):
    """Rows of one block."""

    block: Block
    rows: Rows


class Crowds(NamedTuple):
    """The languages of some candidates, and which of them is that of each."""

    languages: Sequence[str]
    of: NDArray[np.intp]


class Collection:
    """The documents of one kind. Not safe to use from several threads at once: ``Index`` sees to that."""

    def __init__(self, kind: Kind) -> None:
        self.kind = kind
        self.blocks: list[Block] = []
        self.memory = Memory()
        self._spreads: dict[tuple[Space, int, bool, bool], tuple[int, Spread]] = {}
        self._version = 0

    def __len__(self) -> int:
        return sum(block.living for block in self._all())

    def _all(self) -> list[Block]:
        every: list[Block] = [*self.blocks, self.memory]
        return [block for block in every if len(block)]

    # -- changes

    def put(self, document: Document, words: Words) -> None:
        """Take a document and its words in, in place of an older one with its number."""
        self.remove(document.id)
        self.memory.put(document, words)

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

    def frequencies(self, asked: Sought) -> NDArray[np.int64]:
        """In how many documents each word is."""
        return _frequencies(asked, self._all())

    def pool(self, query: Query, held: Iterable[str], exact: Exact, known: Count | None) -> Pool | None:
        """The candidates for ``query`` that a holder of ``held`` may read; ``None`` where there are none. See
        ``spelling.spelt`` for ``known``."""
        blocks, keys = self._all(), list(held)
        readable = [(block, block.groups.readable(keys)) for block in blocks]
        readable = [(block, groups) for block, groups in readable if groups]
        if not readable:
            return None
        asked, frequencies = spelt(query.text, sought(query.text), lambda words: _frequencies(words, blocks), known)
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
        by_language: dict[str, list[tuple[Block, Near]]] = {}
        for block, groups in readable:
            stored = block.spaces().get(space)
            if stored is not None and stored.dimensions == len(vector):
                for language, near in block.near(space, vector, groups, NEAR_OF_MANY).items():
                    by_language.setdefault(language, []).append((block, near))
        maybe = [(block, rows) for parts in by_language.values() for block, rows in _alike(parts, WIDER * NEAR_OF_MANY)]
        scores = _scores(maybe, space, vector)
        found, at = [], 0
        for parts in by_language.values():
            here = slice(at, at + len(parts))
            most = NEAR if all(near.differing is None for _, near in parts) else NEAR_OF_MANY
            least = _least(np.concatenate(scores[here]), most)
            found += [
                (block, rows[near >= least]) for (block, rows), near in zip(maybe[here], scores[here], strict=True)
            ]
            at += len(parts)
        return found

    def _pool(self, query: Query, found: Sequence[Candidates], asked: Sought, weigh: Weights, exact: Exact) -> Pool:
        """What is known of the candidates."""
        lengths = np.concatenate([block.lengths(rows) for block, rows in found])
        fits = fit(asked, weigh, _counts(asked, found), lengths)
        languages = np.concatenate([block.groups.languages()[block.group[rows]] for block, rows in found])
        crowds = _crowds(languages)
        return Pool(
            kinds=np.full(len(languages), self.kind),
            ids=np.concatenate([block.ids[rows] for block, rows in found]),
            parents=np.concatenate([block.parents[rows] for block, rows in found]),
            languages=languages,
            bm25=fits.bm25,
            coverage=fits.coverage,
            exact=_share(exact, found, lengths),
            cosine=self._cosines(query, found, crowds, titles=False),
            title_cosine=self._cosines(query, found, crowds, titles=True),
            words=np.concatenate([block.sizes(rows) for block, rows in found]),
        )

    def spread(self, space: Space, dimensions: int, titles: bool = False) -> Spread:
        """Samples by language of the vectors of a space, or of those of titles: the same until much has changed."""
        usual = self._usual(space, titles)
        key = space, dimensions, titles, usual is not None
        version, spread = self._spreads.get(key, (-1, None))
        if spread is None or self._version - version > sum(map(len, self._all())) // _STEADY:
            languages = {group[0] for block in self._all() for group in block.groups.all}
            samples = {language: self._drawn(space, language, dimensions, titles) for language in sorted(languages)}
            spread = Spread(samples, dimensions, usual)
            self._spreads[key] = self._version, spread
        return spread

    def _usual(self, space: Space, titles: bool) -> Usual | None:
        known = background.known(space)
        if known is None:
            return None
        return known.passages if self.kind == "passage" and not titles else known.questions

    def _drawn(self, space: Space, language: str, dimensions: int, titles: bool) -> NDArray[np.float32]:
        fit = ((block, block.spaces(titles).get(space)) for block in self._all())
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

    def _cosines(
        self, query: Query, found: Sequence[Candidates], crowds: Crowds, titles: bool
    ) -> dict[Space, NDArray[np.float64]]:
        """How near each candidate is, seen from the middle of its language; nan where it has no vector."""
        near = {}
        for space, vector in query.vectors.items():
            spread = self.spread(space, len(vector), titles)
            centres = np.stack([spread.centre(language) for language in crowds.languages])
            several = np.concatenate([vector[None], centres])
            products = np.concatenate([_products(one, space, several, titles) for one in found], axis=1)
            to_centre = products[crowds.of + 1, np.arange(len(crowds.of))]
            to_query, to_itself = centres @ vector, np.square(centres).sum(axis=1)
            near[space] = cosines(products[0], to_centre, to_query[crowds.of], to_itself[crowds.of])
        return near


def _frequencies(asked: Sought, blocks: Sequence[Block]) -> NDArray[np.int64]:
    found = np.zeros(len(asked.hashes), np.int64)
    for block in blocks:
        found += block.frequencies(asked)
    return found


def _weights(asked: Sought, frequencies: NDArray[np.int64], blocks: Sequence[Block]) -> Weights:
    documents = sum(block.living for block in blocks)
    return weights(asked, frequencies.clip(max=documents), documents, sum(block.length for block in blocks))


def _once(parts: Sequence[Rows]) -> Rows:
    rows = np.sort(np.concatenate([_NOTHING, *parts]))
    return rows[np.append(rows[1:] != rows[:-1], True)] if len(rows) else rows


def _crowds(languages: NDArray[np.str_]) -> Crowds:
    each = languages.tolist()
    numbers = {language: number for number, language in enumerate(dict.fromkeys(each))}
    return Crowds(list(numbers), np.array([numbers[language] for language in each], np.intp))


def _least(scores: NDArray[np.float64], most: int) -> float:
    """The score of the last of the ``most`` best."""
    if len(scores) <= most:
        return -np.inf
    return float(np.partition(scores, len(scores) - most)[len(scores) - most])


def _counts(asked: Sought, found: Sequence[Candidates]) -> Counts:
    return np.concatenate([block.counts(asked, rows) for block, rows in found], axis=1)


def _share(exact: Exact, found: Sequence[Candidates], lengths: NDArray[np.float64]) -> NDArray[np.float64]:
    """Of the phrases and codes the share whose words are all there."""
    if not exact:
        return np.ones(len(lengths))
    met = [fit(phrase, even(phrase), _counts(phrase, found), lengths).met for phrase in exact]
    share: NDArray[np.float64] = np.mean([one.all(axis=1) for one in met], axis=0)
    return share


def _products(found: Candidates, space: Space, vectors: NDArray[np.float32], titles: bool) -> NDArray[np.float64]:
    """Of each candidate with each vector; nan where it has none in this space."""
    block, rows = found
    stored = block.spaces(titles).get(space)
    if stored is None or stored.dimensions != vectors.shape[1]:
        return np.full((len(vectors), len(rows)), np.nan)
    return stored.products(rows, vectors)


def _scores(maybe: Sequence[tuple[Block, Rows]], space: Space, vector: Vector) -> list[NDArray[np.float64]]:
    """How near each is: all of a block at once."""
    scores: list[NDArray[np.float64]] = [np.zeros(0)] * len(maybe)
    for block in dict.fromkeys(block for block, _ in maybe):
        here = [at for at, (other, _) in enumerate(maybe) if other is block]
        near = block.spaces()[space].cosines(np.concatenate([maybe[at][1] for at in here]), vector)
        start = 0
        for at in here:
            end = start + len(maybe[at][1])
            scores[at], start = near[start:end], end
    return scores


def _alike(parts: Sequence[tuple[Block, Near]], most: int) -> list[tuple[Block, Rows]]:
    """Of those that bits found the ``most`` that differ least, and all others."""
    told = [near.differing for _, near in parts if near.differing is not None]
    bits = np.concatenate([np.zeros(0, np.int64), *told])
    least = int(np.partition(bits, most - 1)[most - 1]) if len(bits) > most else BITS
    return [
        (block, near.rows if near.differing is None else near.rows[near.differing <= least]) for block, near in parts
    ]
