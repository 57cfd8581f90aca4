"""What the index and the ranker say to each other: a query, a document, and what was found for a query.

The index finds candidates and measures them; it does not judge. The ranker judges from these figures alone: it reads no
database and no index, so that one configuration can be measured on any store.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Space = str
"""The key of an encoder with its version: vectors of different spaces are never compared."""
Vector = NDArray[np.float32]
"""Of unit length."""
Kind = Literal["passage", "question"]

SAMPLE = 512
"""How many documents of a language are looked at to tell what is usual there."""


@dataclass(frozen=True)
class Query:
    """What is looked for. ``vectors`` is empty where no encoder answered in time: then words decide alone."""

    text: str
    language: str
    vectors: Mapping[Space, Vector] = field(default_factory=dict)


@dataclass(frozen=True)
class Document:
    """What may be found. ``parent`` is the entry of a passage, and a question itself.

    ``title`` is the title of the entry with its tags; ``text`` the heading and the text of the passage, as Markdown.
    ``vectors`` holds title and text encoded together, ``titles`` the title alone (none where there is none).
    """

    kind: Kind
    id: int
    parent: int
    language: str
    title: str
    text: str
    audience: Sequence[str]
    vectors: Mapping[Space, Vector] = field(default_factory=dict)
    titles: Mapping[Space, Vector] = field(default_factory=dict)


@dataclass(frozen=True)
class Pool:
    """Candidates for one query as parallel arrays: for every language of the store the nearest by each space, and the
    best by words; only what the asker may read. A few hundred, in no order."""

    kinds: NDArray[np.str_]
    ids: NDArray[np.int64]
    parents: NDArray[np.int64]
    languages: NDArray[np.str_]
    bm25: NDArray[np.float64]
    """0 where no word is shared; about 1 for each that is in this document alone and once."""
    coverage: NDArray[np.float64]
    """Of the weight (idf) of the query's words, the share that title or text have: 0 to 1."""
    exact: NDArray[np.float64]
    """Of the query's quoted phrases and codes (``analysis.exact``), the share that is there: 1 where it has none."""
    cosine: Mapping[Space, NDArray[np.float64]]
    """Centred (``models.search.centre``); nan where a document has no vector of that space (it waits to be encoded)."""
    title_cosine: Mapping[Space, NDArray[np.float64]]
    """The same of the title alone."""
    words: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))
    """How many different words title and text have."""

    def __len__(self) -> int:
        return len(self.ids)
