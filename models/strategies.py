"""How the questions of a topic are offered: to whom of those who may know, and to how many at once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models.base import now
from models.experts import Offer
from models.hours import quiet_until
from models.questions import Question

if TYPE_CHECKING:
    from models.candidates import Candidate

ONE, TWO, GROUP, ROBIN = "one", "two", "group", "robin"
STRATEGIES = (ONE, TWO, GROUP, ROBIN)
"""One person after another; two at once; all who know it at once, and the first has it; whoever's turn it is."""

MOST_AT_ONCE = 6  # more would each leave it to the others
_NEVER = datetime.min.replace(tzinfo=UTC)


def at_once(session: Session, question: Question, strategy: str, found: Sequence[Candidate]) -> list[Candidate]:
    """Those of ``found`` (best first) who are asked at once; nobody where it is empty. Who has quiet hours now is not
    among them, unless all have: then it is who is back first."""
    moment = now()
    quiet = {one.person.id: until for one in found if (until := quiet_until(one.person, moment)) is not None}
    if len(quiet) == len(found):
        return sorted(found, key=lambda one: quiet[one.person.id])[:1]
    found = [one for one in found if one.person.id not in quiet]
    match strategy:
        case "two":
            return list(found[:2])
        case "group":
            return list(found[:MOST_AT_ONCE])
        case "robin":
            return _next(session, question, found)
    return list(found[:1])


def _next(session: Session, question: Question, found: Sequence[Candidate]) -> list[Candidate]:
    """Of those who would be asked as a group whoever was asked about this topic longest ago; among equals the best. Who
    merely answers a lot takes turns only where nobody knows more."""
    good = [one for one in found if any(reason["why"] != "active" for reason in one.reasons)] or found
    good = good[:MOST_AT_ONCE]
    if not good:
        return []
    asked = (
        select(Offer.person_id, func.max(Offer.made_at))
        .join(Question, Question.id == Offer.question_id)
        .where(Question.topic_id == question.topic_id, Offer.person_id.in_([one.person.id for one in good]))
        .group_by(Offer.person_id)
    )
    last = {person_id: at for person_id, at in session.execute(asked)}  # noqa: C416
    return [min(good, key=lambda one: last.get(one.person.id, _NEVER))]
