"""Terms as PostgreSQL keeps them: a ``tsvector`` for what is stored, a ``tsquery`` for what is asked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from sqlalchemy import Insert, cast, insert
from sqlalchemy.dialects.postgresql import TSVECTOR

from models.knowledge import Entry, Part, Passage
from models.search.analysis import Term, plain, terms

BETWEEN = "\x1f"  # no word holds it: a text is written in a tenth of the time that an array takes
_MAX_POSITION = 16_383  # PostgreSQL's own bound: https://www.postgresql.org/docs/current/textsearch-limitations.html
_MAX_EACH = 20
_MAX_BYTES = 1_000_000  # of lexemes with their positions, of the 1,048,575 that PostgreSQL takes


def quoted(lexeme: str) -> str:
    """A lexeme inside the quotes of a ``tsvector`` or ``tsquery``."""
    return "'" + lexeme.replace("\\", "\\\\").replace("'", "''").replace("\0", "") + "'"


def vector(*weighted: tuple[str, str]) -> str:
    """The text of a ``tsvector`` of several texts, each with its weight ``A`` to ``D``: of as much as one can hold."""
    places: dict[str, list[str]] = {}
    position = size = 0
    for weight, text in weighted:
        for alternatives in terms(text):
            position = min(position + 1, _MAX_POSITION)
            for lexeme in alternatives:
                size += 2 if lexeme in places else len(lexeme.encode()) + 6
                if size > _MAX_BYTES:
                    break
                held = places.setdefault(lexeme, [])
                if len(held) < _MAX_EACH:
                    held.append(f"{position}{weight}")
    return " ".join(f"{quoted(lexeme)}:{','.join(held)}" for lexeme, held in places.items())


def group(alternatives: Term, weight: str = "") -> str:
    """The text of a ``tsquery`` that any alternative of a term satisfies, at a weight if one is given."""
    suffix = f":{weight}" if weight else ""
    return " | ".join(quoted(lexeme) + suffix for lexeme in alternatives)


def stored(*weighted: tuple[str, str]) -> Any:
    """``vector()`` as an expression to be stored."""
    return cast(vector(*weighted), TSVECTOR)


def passage_row(entry: Entry, position: int, part: Part) -> Insert:
    """The statement that stores one passage of ``entry`` with its words: title first, then heading, then text."""
    return insert(Passage).values(
        entry_id=entry.id,
        position=position,
        anchor=part.anchor,
        heading=part.heading,
        text=part.text,
        language=entry.language,
        audience=entry.audience,
        words=stored(("A", entry.title + " " + " ".join(entry.tags)), ("B", part.heading), ("D", plain(part.text))),
    )


def distinct(found: Iterable[Term], limit: int = 32) -> list[Term]:
    """The first ``limit`` different terms: what a question of any length is cut to."""
    return list(dict.fromkeys(found))[:limit]


@lru_cache(maxsize=256)
def wanted(text: str) -> Mapping[str, str | int]:
    """What a statement looks for that searches for ``text``, which is often several: each of its terms as a
    ``tsquery``, the same in a title, ``any`` of them, and how many lexemes they are. Empty where nothing is left."""
    found = distinct(terms(text))
    if not found:
        return {}
    return {
        "terms": BETWEEN.join(group(term) for term in found),
        "titles": BETWEEN.join(group(term, "A") for term in found),
        "any": " | ".join(group(term) for term in found),
        "count": sum(map(len, found)),
    }
