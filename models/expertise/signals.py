"""What people did, as the database has it: answers, which of them were found good, and which do not hold any more."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

from sqlalchemy.orm import Session

from models.rows import run

# What the session's own transaction wrote may yet be taken back: it is seen after its end.
_COMMITTED = "{}.xmin is distinct from pg_current_xact_id_if_assigned()::xid"
_ANSWERS = f"""
select a.id from answer a where a.id > %(after)s and not a.private and {_COMMITTED.format("a")}
order by a.id limit %(most)s
"""  # noqa: S608 the names are our own, never input
_GOOD = f"""
select 'accepted', a.id, 0, a.author_id, a.accepted_at from answer a
where a.accepted_at >= %(since)s and not a.private and {_COMMITTED.format("a")}
union all
select 'voted', v.answer_id, v.person_id, b.author_id, v.at from vote v join answer b on b.id = v.answer_id
where v.at >= %(since)s and not b.private and {_COMMITTED.format("v")}
"""  # noqa: S608
_NEWS = f"""
select 'answer', id, 0, 0, null from ({_ANSWERS}) answers
union all
{_GOOD}
union all
select 'unlearned', u.id, 0, u.person_id, null from unlearned u
where u.id > %(unlearned)s and {_COMMITTED.format("u")}
"""  # noqa: S608
_GIVEN = """
select a.id, a.author_id, a.text, a.language, a.created_at, q.id, q.text, q.created_at, q.topic_id, q.asker_id
from answer a join question q on q.id = a.question_id
"""
_BY_ID = f"{_GIVEN} where a.id = any(%(ids)s) order by a.id"
_BY = f"""
{_GIVEN} where a.author_id = %(person)s and a.id <= %(until)s and not a.private and {_COMMITTED.format("a")}
order by a.id
"""
_GOOD_OF = f"""
select 'accepted', a.id, 0, a.author_id, a.accepted_at from answer a
where a.author_id = %(person)s and a.accepted_at >= %(since)s and not a.private and {_COMMITTED.format("a")}
union all
select 'voted', v.answer_id, v.person_id, b.author_id, v.at from answer b join vote v on v.answer_id = b.id
where b.author_id = %(person)s and v.at >= %(since)s and not b.private and {_COMMITTED.format("v")}
"""  # noqa: S608


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


class News(NamedTuple):
    """What is new: the numbers of the next answers, what was found good, and whose answers do not hold as they were
    known, by the number of the change."""

    answers: list[int]
    good: list[Good]
    unlearned: dict[int, int]


def newest(session: Session) -> tuple[int, int]:
    """The number of the newest answer, and of the newest change of what was known; 0 where there is none."""
    row = run(session, "select (select max(id) from answer), (select max(id) from unlearned)").fetchone()
    return (int(row[0] or 0), int(row[1] or 0)) if row else (0, 0)


def ids(session: Session, after: int, most: int) -> list[int]:
    """The next answers by number, private ones left out."""
    return [row[0] for row in run(session, _ANSWERS, {"after": after, "most": most}).fetchall()]


def news(session: Session, after: int, most: int, since: datetime, unlearned: int) -> News:
    """What is new since then, in one statement."""
    values = {"after": after, "most": most, "since": since, "unlearned": unlearned}
    rows = run(session, _NEWS, values).fetchall()
    answers = sorted(row[1] for row in rows if row[0] == "answer")
    good = [Good(*row) for row in rows if row[0] in ("accepted", "voted")]
    return News(answers, good, {row[1]: row[3] for row in rows if row[0] == "unlearned"})


def answers(session: Session, numbers: Collection[int]) -> list[Given]:
    """Those answers, oldest first."""
    if not numbers:
        return []
    return [Given(*row) for row in run(session, _BY_ID, {"ids": list(numbers)}).fetchall()]


def given_by(session: Session, person: int, until: int) -> list[Given]:
    """All answers of somebody up to that number, oldest first."""
    return [Given(*row) for row in run(session, _BY, {"person": person, "until": until}).fetchall()]


def good_of(session: Session, person: int, since: datetime) -> list[Good]:
    """Which of their answers were found good since then."""
    return [Good(*row) for row in run(session, _GOOD_OF, {"person": person, "since": since}).fetchall()]
