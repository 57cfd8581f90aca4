"""What entries and questions mean, told by the vectors that are kept of them: nothing is encoded here."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import numpy as np
from sqlalchemy.orm import Session

from models import vectors
from models.rows import run
from models.search.centre import PRIOR, unit
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
_ASKED = """
select q.id, q.language, v.space, v.value from question q join vector v on v.kind = 'question' and v.ref_id = q.id
where q.announcement_id = %(announcement)s and q.id <> %(but)s and q.state <> 'merged' and v.space = any(%(spaces)s)
order by q.id desc limit 2000
"""
SAME, COMMON = 0.3, 0.13
"""So near two questions ask the same where many questions of their languages are known; and how much nearer they must
be where none is, since then they still have in common what all questions of a language have.

Of 64 questions about eight sides of a move, in four languages and any order, with the encoder that comes along and only
the titles of the demo company known before: they stand in 21 groups, and 2 in 100 pairs that stand together do not ask
the same. Of any 16 they stand in 11 groups where 7 were right, of any 8 in 7 where 5 were, and none wrongly."""
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


def asked_alike(
    session: Session, index: Index, announcement: int, language: str, vectors: Mapping[Space, Vector], but: int
) -> list[int]:
    """The numbers of the questions about an announcement that ask what a question with these ``vectors`` does, in
    whatever language, nearest first; those that wait to be encoded are not among them."""
    values = {"announcement": announcement, "but": but, "spaces": list(vectors)}
    ahead: dict[int, list[float]] = {}
    for id, other, space, value in run(session, _ASKED, values).fetchall():
        ahead.setdefault(id, []).append(_ahead(index, space, (language, vectors[space]), (other, _vector(value))))
    means = {id: float(np.mean(each)) for id, each in ahead.items()}
    return sorted((id for id, mean in means.items() if mean >= 0), key=lambda id: -means[id])


def _ahead(index: Index, space: Space, one: tuple[str, Vector], other: tuple[str, Vector]) -> float:
    """By how much two questions are nearer than they must be to ask the same; ``other`` is among those known."""
    with index.lock:
        (first, known), (second, known_too) = (index.middle(lang, space, len(vector)) for lang, vector in (one, other))
    cosine = float(unit(one[1] - first) @ unit(other[1] - second))
    known = max(0, min(known - (one[0] == other[0]), known_too - 1))
    return cosine - SAME - COMMON * PRIOR / (PRIOR + known)


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
