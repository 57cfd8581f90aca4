"""What a process knows of what may be found: a cache that follows PostgreSQL and can be thrown away at any time.

Safe to use from several threads. It knows no database: ``models.search.follow`` fills it.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.search import analysis
from models.search.centre import SAME, Spread, alike, shrunk, unit
from models.search.collection import Collection
from models.search.lexical import Sought, is_kept, literally
from models.search.pool import Document, Kind, Pool, Query, Space, Vector
from models.search.spelling import Count
from models.search.words import words_of

PHRASES = 8
"""So many quoted phrases and codes are looked for as they are written: more are no question."""
KINDS: tuple[Kind, ...] = ("passage", "question")
_NOWHERE = np.zeros(0, np.float32)


class Index:
    """Documents, and the candidates among them for a question."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        """Held while the index is read or changed: what several changes belong together, hold it over all."""
        self._of: dict[Kind, Collection] = {kind: Collection(kind) for kind in KINDS}
        self._middles: dict[tuple[str, Space], tuple[tuple[Spread, ...], Vector]] = {}

    def __len__(self) -> int:
        with self.lock:
            return sum(map(len, self._of.values()))

    def of(self, kind: Kind) -> Collection:
        """The documents of a kind; to be used under the lock."""
        return self._of[kind]

    def put(self, documents: Iterable[Document]) -> None:
        """Take documents in, in place of older ones with their numbers; findable at once."""
        several = list(documents)
        words = words_of(several)  # before the lock: whoever asks does not wait for it
        with self.lock:
            for document, has in zip(several, words, strict=True):
                self._of[document.kind].put(document, has)

    def remove(self, kind: Kind, ids: Iterable[int]) -> None:
        """Forget documents, where they are there."""
        with self.lock:
            for id in ids:
                self._of[kind].remove(id)

    def pool(self, query: Query, held: Sequence[str], kinds: Sequence[Kind] = ("passage",)) -> Pool:
        """Candidates for ``query`` among what a holder of ``held`` may read, of every kind alike."""
        phrases = exact(query.text)
        with self.lock:
            query = replace(query, vectors={space: self._centred(query, space) for space in query.vectors})
            pools = [self._of[kind].pool(query, held, phrases, self._known(kind)) for kind in kinds]
        return joined([pool for pool in pools if pool is not None])

    def _known(self, kind: Kind) -> Count | None:
        """What tells that a word is as it should be: it is in what is published. In a question it may be a slip."""
        return None if kind == "passage" else self._of["passage"].frequencies

    def _centred(self, query: Query, space: Space) -> Vector:
        """What a question says beyond what questions say in its language: those asked before, else titles, else
        texts. Those that ask the same do not count: where many do, it would be taken away from all who ask it next."""
        vector, language = query.vectors[space], query.language
        asked, prior = self._asked(space, len(vector))
        middle, sample = self._middle(language, space, asked, prior), asked.sample(language)
        if len(sample):
            same = alike(sample, vector, prior.centre(language) if len(prior.sample(language)) else middle) >= SAME
            if same.any():
                middle = shrunk(sample[~same], prior.centre(language), prior.weight)
        return unit(vector - middle)

    def middle(self, language: str, space: Space, dimensions: int) -> tuple[Vector, int]:
        """What questions say in a language, whatever they ask, and from how many questions that is known."""
        asked, prior = self._asked(space, dimensions)
        return self._middle(language, space, asked, prior), len(asked.sample(language))

    def _middle(self, language: str, space: Space, asked: Spread, prior: Spread) -> Vector:
        of, middle = self._middles.get((language, space), ((), _NOWHERE))
        if of != (asked, prior):
            middle = shrunk(asked.sample(language), prior.centre(language), prior.weight)
            self._middles[language, space] = (asked, prior), middle
        return middle

    def _asked(self, space: Space, dimensions: int) -> tuple[Spread, Spread]:
        """The questions asked before; and titles, or texts where there are none."""
        passages, questions = (self._of[kind] for kind in KINDS)
        titles, texts = (passages.spread(space, dimensions, titles=of) for of in (True, False))
        return questions.spread(space, dimensions), titles if titles or not texts else texts


def exact(text: str) -> list[Sought]:
    """What must be there as it is written: of a quoted phrase or a code, all words that are indexed."""
    found = (literally(tuple(word for word in phrase if is_kept(word))) for phrase in analysis.exact(text)[:PHRASES])
    return [one for one in found if one.terms]


def joined(pools: Sequence[Pool]) -> Pool:
    """Several pools as one."""
    if len(pools) == 1:
        return pools[0]
    return Pool(
        kinds=_all([pool.kinds for pool in pools], np.str_),
        ids=_all([pool.ids for pool in pools], np.int64),
        parents=_all([pool.parents for pool in pools], np.int64),
        languages=_all([pool.languages for pool in pools], np.str_),
        bm25=_all([pool.bm25 for pool in pools], np.float64),
        coverage=_all([pool.coverage for pool in pools], np.float64),
        exact=_all([pool.exact for pool in pools], np.float64),
        cosine=_by_space([pool.cosine for pool in pools]),
        title_cosine=_by_space([pool.title_cosine for pool in pools]),
        words=_all([pool.words for pool in pools], np.int64),
    )


def _all(arrays: Sequence[NDArray[Any]], dtype: Any) -> NDArray[Any]:
    return np.concatenate(arrays) if arrays else np.zeros(0, dtype)


def _by_space(pools: Sequence[Mapping[Space, NDArray[np.float64]]]) -> dict[Space, NDArray[np.float64]]:
    return {space: np.concatenate([pool[space] for pool in pools]) for space in (pools[0] if pools else ())}
