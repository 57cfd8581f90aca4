"""The words of documents as they are kept: many documents are read at once, and a piece of text that was met before is
not analysed again.

No word goes over a space, so a text is cut there. What stands between two spaces has a number; the words that are made
of it stand in one array, and those of a page of documents are picked from it together.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from models.search.analysis import MAX_TERMS, plain, terms
from models.search.column import Column, places
from models.search.lexical import TIMES, Hashes, hashed
from models.search.pool import Document

_REMEMBERED = 400_000
"""So many pieces are remembered, at about 200 bytes each; then it begins anew."""
_LONG = 64  # characters; longer pieces are no words that come again


@dataclass(frozen=True)
class Words:
    """The different words of a document with how often each is there, and how many there are in all."""

    hashes: Hashes
    counts: NDArray[np.uint8]
    length: int


class Reader:
    """Reads documents. Safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._begin()

    def read(self, documents: Sequence[Document]) -> list[Words]:
        """The words of each of ``documents``."""
        if not documents:
            return []
        with self._lock:
            if len(self._terms.values) > _REMEMBERED:
                self._begin()
            texts = [self._text(text) for document in documents for text in (document.title, document.text)]
            pieces = np.concatenate(texts)
            text = np.repeat(np.arange(len(texts)), [len(one) for one in texts])
            many, ends = self._many.values[pieces], self._ends.values[pieces]
            lengths = np.bincount(text, self._terms.values[pieces], len(texts)).astype(np.int64)
            hashes = self._hashes.values[places(ends - many, ends)]
        return _each(hashes, np.repeat(text, many), lengths)

    def _begin(self) -> None:
        self._known = _Known(self._met)
        self._hashes, self._ends = Column(np.uint32), Column(np.int64)
        self._many, self._terms = Column(np.int64), Column(np.int64)

    def _text(self, text: str) -> NDArray[np.int64]:
        """The pieces of a text: so many that they are ``MAX_TERMS`` terms."""
        whole = plain(text) if _over_spaces(text) else text
        pieces = np.array([*map(self._known.__getitem__, whole.split())], np.int64)
        until = np.cumsum(self._terms.values[pieces])
        if len(until) and until[-1] > MAX_TERMS:
            pieces = pieces[: int(np.searchsorted(until, MAX_TERMS)) + 1]
        return pieces

    def _met(self, piece: str) -> int:
        """The number of a piece that is met for the first time."""
        found = terms(piece if _over_spaces(piece) else plain(piece))
        words = [hashed(word) for term in found for word in term]
        self._hashes.append(np.array(words, np.uint32))
        self._ends.append(len(self._hashes.values))
        self._many.append(len(words))
        self._terms.append(len(found))
        return len(self._ends.values) - 1


class _Known(dict[str, int]):
    """The numbers of pieces: one that is met for the first time gets its own."""

    def __init__(self, met: Callable[[str], int]) -> None:
        super().__init__()
        self._met = met

    def __missing__(self, piece: str) -> int:
        number = self._met(piece)
        if len(piece) <= _LONG:
            self[piece] = number
        return number


def _over_spaces(text: str) -> bool:
    """Whether it may have marks that go over spaces: all others are taken away piece by piece."""
    return "<" in text or "](" in text or "://" in text


def _each(hashes: Hashes, text: NDArray[np.int64], lengths: NDArray[np.int64]) -> list[Words]:
    """What each document has: its title and its text, one after the other."""
    found, times = np.unique((text >> 1) << 32 | hashes, return_counts=True)
    counts = times.clip(max=TIMES).astype(np.uint8)
    words, whole = (found & 0xFFFFFFFF).astype(np.uint32), lengths[::2] + lengths[1::2]
    ends = np.searchsorted(found, np.arange(1, len(whole) + 1) << 32)
    starts = np.concatenate([[0], ends[:-1]])
    return [
        Words(words[start:end].copy(), counts[start:end].copy(), length)
        for start, end, length in zip(starts.tolist(), ends.tolist(), whole.tolist(), strict=True)
    ]


@cache
def _reader() -> Reader:
    return Reader()


def words_of(documents: Sequence[Document]) -> list[Words]:
    """What is kept of the words of each of ``documents``."""
    return _reader().read(documents)
