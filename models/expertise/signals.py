"""What people did, as the database has it: answers, and which of them were found good."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

from sqlalchemy.orm import Session

from models.joins import JOINED
from models.rows import run

# What the session's own transaction wrote may yet be taken back: it is seen after its end.
_COMMITTED = "a.xmin is distinct from pg_current_xact_id_if_assigned()::xid"
_IDS = f"""
select a.id from answer a where a.id > %(after)s and not a.private and {_COMMITTED} order by a.id limit %(most)s
"""  # noqa: S608 the names are our own, never input
_BY_ID = """
select a.id, a.author_id, a.text, a.language, a.created_at, q.id, q.text, q.created_at, q.topic_id, q.asker_id
from answer a join question q on q.id = a.question_id where a.id = any(%(ids)s) order by a.id
"""
_GOOD = f"""
select 'accepted', a.id, 0, a.author_id, a.accepted_at from answer a
where a.accepted_at >= %(since)s and not a.private and {_COMMITTED}
union all
select 'voted', v.answer_id, v.person_id, b.author_id, v.at from vote v join answer b on b.id = v.answer_id
where v.at >= %(since)s and not b.private and v.xmin is distinct from pg_current_xact_id_if_assigned()::xid
"""  # noqa: S608


_JOINED = f"select left_id, kept_id from joining where state = '{JOINED}'"  # noqa: S608


class Given(NamedTuple):
    """An answer, and the question that it answers."""

    id: int
    author: int
    text: str
    language: str
    at: datetime
    question: int
    asked: str
    asked_at: datetime
    topic: int | None
    asker: int


class Good(NamedTuple):
    """Somebody (0: the asker) found an answer of ``author`` good."""

    how: str
    answer: int
    by: int
    author: int
    at: datetime


def newest(session: Session) -> int:
    """The number of the newest answer; 0 where there is none."""
    row = run(session, "select max(id) from answer").fetchone()
    return int(row[0] or 0) if row else 0


def ids(session: Session, after: int, most: int) -> list[int]:
    """The next answers by number, private ones left out."""
    return [row[0] for row in run(session, _IDS, {"after": after, "most": most}).fetchall()]


def answers(session: Session, numbers: Collection[int]) -> list[Given]:
    """Those answers, oldest first."""
    if not numbers:
        return []
    return [Given(*row) for row in run(session, _BY_ID, {"ids": list(numbers)}).fetchall()]


def good(session: Session, since: datetime) -> list[Good]:
    """Which answers were found good since then."""
    return [Good(*row) for row in run(session, _GOOD, {"since": since}).fetchall()]


def joined(session: Session) -> dict[int, int]:
    """Who is somebody else by now, since two accounts were one person's: who they were, and who they are."""
    direct: dict[int, int] = dict(run(session, _JOINED).fetchall())
    found = {}
    for person, now in direct.items():
        for _ in range(10):
            now = direct.get(now, now)
        found[person] = now
    return found
