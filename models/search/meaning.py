"""What entries and questions mean, told by the vectors that are kept of them: nothing is encoded here."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import numpy as np
from sqlalchemy.orm import Session

from models import vectors
from models.rows import run
from models.search.centre import unit
from models.search.index import Index
from models.search.pool import Space, Vector

_KEPT = """
select ref_id, kind, space, value from vector where kind = 'title' and ref_id = any(%(ids)s)
union all
select p.entry_id, v.kind, v.space, v.value
from (select distinct on (entry_id) entry_id, id from passage where entry_id = any(%(ids)s)
  order by entry_id, position) p
join vector v on v.kind = 'passage' and v.ref_id = p.id
"""
_QUESTION = "select space, value from vector where kind = 'question' and ref_id = %(id)s"
Kept = Mapping[tuple[str, Space], Vector]
"""Of an entry: the vectors of its title and of its first passage, by kind and space."""


def kept(session: Session, entries: Collection[int]) -> dict[int, Kept]:
    """What is kept of these entries in the spaces that are searched, by number."""
    answering = set(vectors.answering(session))
    found: dict[int, dict[tuple[str, Space], Vector]] = {id: {} for id in entries}
    for id, kind, space, value in run(session, _KEPT, {"ids": list(entries)}).fetchall() if answering else ():
        if space in answering:
            found[id][kind, space] = _vector(value)
    return dict(found)


def of_question(session: Session, id: int) -> dict[Space, Vector]:
    """What a question says, to search with, in the spaces that are searched; nothing as long as it waits to be
    encoded."""
    answering = set(vectors.answering(session))
    rows = run(session, _QUESTION, {"id": id}).fetchall() if answering else ()
    return {space: _vector(value) for space, value in rows if space in answering}


def titles(of: Kept) -> dict[Space, Vector]:
    """What the title says, to search with."""
    return {space: vector for (kind, space), vector in of.items() if kind == vectors.TITLE}


def nearness(index: Index, language: str, one: Kept, other: Kept) -> float:
    """How near two entries of one language are, by what is farther apart, title or text (-1 to 1; 0 where that is not
    known): the mean over the spaces that know both."""
    each = [
        min(_cosine(index, language, one, other, vectors.TITLE, space),
            _cosine(index, language, one, other, vectors.PASSAGE, space))
        for kind, space in one
        if kind == vectors.TITLE and all(key in both for both in (one, other) for key in _both(space))
    ]  # fmt: skip
    return float(np.mean(each)) if each else 0.0


def _both(space: Space) -> tuple[tuple[str, Space], ...]:
    return (vectors.TITLE, space), (vectors.PASSAGE, space)


def _cosine(index: Index, language: str, one: Kept, other: Kept, kind: str, space: Space) -> float:
    """As seen from the middle of their language: what all texts of a company have in common says nothing."""
    first, second = one[kind, space], other[kind, space]
    with index.lock:
        spread = index.of("passage").spread(space, len(first), titles=kind == vectors.TITLE)
        centre = spread.centre(language)
    return float(unit(first - centre) @ unit(second - centre))


def _vector(value: Any) -> Vector:
    return np.frombuffer(value, "<f2").astype(np.float32)
