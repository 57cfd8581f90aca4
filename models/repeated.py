"""What several people ask in the same words and nobody has answered yet: gathered, so that one answer reaches them all.

Questions are put in one row when they are asked (``Question.repeats_id``), by what everybody where they were asked may
read; who looks at a row sees those of its questions that they may read themselves.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from models import access
from models.answers import Answer
from models.base import Refusal, now
from models.knowledge import Topic
from models.people import Person
from models.questions import OPEN, QUESTIONS, UNANSWERED, Question
from models.rows import run

_LOOKED_BACK = timedelta(days=90)
_MOST = 50  # questions that one answer reaches

# A question is unanswered where it is with people, or where nothing that was shown for it still may have helped. SQL
# lists words as Python does.
_FOUND = f"""
with rows as (
  select distinct repeats_id as first from question
  where repeats_id is not null and state in {UNANSWERED} and created_at >= %(since)s
    and (%(first)s::bigint is null or repeats_id = %(first)s)
), unanswered as (
  select q.id, q.asker_id, first from rows join question q on q.id = first or q.repeats_id = first
    left join topic t on t.id = q.topic_id
  where q.created_at >= %(since)s and q.state in {UNANSWERED} and q.audience && %(held)s
    and (%(all)s or %(person)s in (t.owner_id, t.deputy_id))
    and (q.state <> '{OPEN}' or not exists (
      select from serving s where s.question_id = q.id and s.helped is distinct from false))
)
select first, array_agg(id order by id), count(distinct asker_id) from unanswered
group by first having count(distinct asker_id) > 1
order by count(distinct asker_id) desc, max(id) desc limit %(limit)s
"""  # noqa: S608 the names are our own, never input


@dataclass(frozen=True)
class Repeated:
    """Unanswered questions that ask the same, oldest first, as far as their reader may read them; ``id`` is the number
    of the first of all, ``people`` how many asked."""

    id: int
    questions: tuple[Question, ...]
    people: int


def repeated(session: Session, person: Person, limit: int = 3) -> list[Repeated]:
    """What is asked again and again of what ``person`` looks after: their topics, and for admins everything."""
    return _found(session, person, limit, None)


def repeated_as(session: Session, person: Person, id: int, *, lock: bool = False) -> Repeated:
    """The row that begins with this question; with a ``lock`` its questions stay as they are to the end of the
    transaction. ``Refusal("repeated_settled")`` where less than two people wait."""
    found = _found(session, person, 1, id)
    if found and lock:
        for question in found[0].questions:
            QUESTIONS.locked(session, question.id)
        found = _found(session, person, 1, id)
    if not found:
        raise Refusal("repeated_settled")
    return found[0]


def part(session: Session, found: Repeated) -> None:
    """They do not ask the same, after all."""
    ids = [question.id for question in found.questions]
    session.execute(
        update(Question).where(or_(Question.id.in_(ids), Question.repeats_id.in_(ids))).values(repeats_id=None)
    )


def copies(session: Session, given: Answer) -> Sequence[Answer]:
    """What was given to others together with this answer."""
    first = given.copy_of_id or given.id
    same = or_(Answer.copy_of_id == first, Answer.id == first)
    return session.scalars(select(Answer).where(same, Answer.id != given.id).order_by(Answer.id)).all()


def _found(session: Session, person: Person, limit: int, first: int | None) -> list[Repeated]:
    looks_after = select(Topic.id).where(or_(Topic.owner_id == person.id, Topic.deputy_id == person.id)).limit(1)
    if not person.has("admin") and session.scalar(looks_after) is None:
        return []
    values = {
        "person": person.id, "all": person.has("admin"), "held": access.keys_of(session, person),
        "since": now() - _LOOKED_BACK, "limit": limit, "first": first,
    }  # fmt: skip
    rows = run(session, _FOUND, values).fetchall()
    wanted = [id for _, ids, _ in rows for id in ids[:_MOST]]
    known = {one.id: one for one in session.scalars(select(Question).where(Question.id.in_(wanted)))} if wanted else {}
    return [Repeated(id, tuple(known[one] for one in ids[:_MOST]), people) for id, ids, people in rows]
