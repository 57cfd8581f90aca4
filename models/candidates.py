"""Who is asked next: the people most likely to know, who are there, have room and have not been asked yet.

What speaks for a person is a sum of points (``models.expertise.known``). What speaks for asking them now is added: how
soon they work, what is with them, whether they answered in time so far, and their language. Among equals whoever was
asked least lately comes first, then who is nearer to the asker; and who was asked much lately lets others go first, as
the company sets it.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Sequence
from datetime import timedelta
from typing import Any

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from models import deputies
from models.base import Refusal, now
from models.conflicts import conflicts
from models.expertise.known import Candidate as Candidate
from models.expertise.known import Known, gathered
from models.expertise.ranker import in_turn
from models.experts import LIVE, TRIED, Offer, asked_this_week, away_until, loads
from models.hours import Span, next_working, quiet_until
from models.interests import NEVER, wishes_in
from models.knowledge import Topic, subject
from models.people import EMPLOYEE, Account, Person, with_role
from models.places import is_closed, is_member
from models.questions import Question
from models.strategies import ONE, at_once

SAME_LANGUAGE = 1.0
PER_LOAD = -1.0  # for each question that is with them
PER_WAIT, LONGEST_WAIT = -1.0 / 6, 24.0  # for each hour until they work again
FAIRNESS = 0.2
"""What it costs, in points, to have been asked much lately, times the logarithm of how often."""
FAIREST = 2.0
_TRUSTED = 4  # answers in time are assumed of everybody: one that is late is no habit
_fairness = FAIRNESS


def be_fair(percent: float) -> None:
    """Choose so evenly in this process: 0 is not at all, 100 asks the busiest half as often."""
    global _fairness
    _fairness = FAIREST * percent / 100


def candidates(session: Session, question: Question) -> list[Candidate]:
    """Who may be asked about ``question`` now, best first."""
    never = conflicts(session, question)
    found = gathered(session, question)
    free = [one for one in found if not one.asked and _has_room(one) and one.candidate.person.id not in never]
    free = _without_stood_in(free)
    for one in free:
        one.candidate.score += _now(question, one)
    free.sort(key=lambda one: _order(one, question.asker))
    scores = np.array([round(one.candidate.score, 1) for one in free])
    often = np.array([one.lately[0] for one in free], float)
    return [free[at].candidate for at in in_turn(scores, often, _fairness)]


def _without_stood_in(free: list[Known]) -> list[Known]:
    """Without those for whom another of them always stands in; where that goes round in a circle, all of it."""
    stood_in = {number for one in free for number in one.candidate.stands_in}
    last = [one for one in free if one.candidate.person.id not in stood_in]
    theirs = {number for one in last for number in one.candidate.stands_in}
    return [one for one in free if one.candidate.person.id not in theirs]


def _order(one: Known, asker: Person) -> tuple[float, ...]:
    """The best first; what decides between equals comes after the score."""
    person, (often, last) = one.candidate.person, one.lately
    near = sum(bool(mine) and mine == theirs for mine, theirs in zip(_place(asker), _place(person), strict=True))
    return -round(one.candidate.score, 1), often, -near, last, person.id


def _place(person: Person) -> tuple[str, str]:
    """Where somebody works, and with whom: what makes two people close."""
    return (person.location or "").casefold(), (person.department or "").casefold()


def _now(question: Question, one: Known) -> float:
    """What speaks for asking them now, or against it."""
    person = one.candidate.person
    same = person.locale == question.language or question.language in one.languages
    in_time = math.log((one.kept + _TRUSTED) / (one.kept + one.missed + _TRUSTED))
    return PER_LOAD * one.load + _waiting(person, one.candidate.away) + _language(same, one) + in_time


def _language(same: bool, one: Known) -> float:
    """Who answers in the language comes first, then who answers in several."""
    return SAME_LANGUAGE if same else SAME_LANGUAGE / 2 if len(one.languages) > 1 else 0.0


def known(session: Session, question: Question) -> dict[int, Candidate]:
    """Everybody whom something speaks for, asked before or not, there or not."""
    return {one.candidate.person.id: one.candidate for one in gathered(session, question)}


def group_of(session: Session, question: Question) -> list[Candidate]:
    """Those of the candidates who are asked at once, as the topic's strategy says."""
    topic = subject(session, question.topic_id)
    return at_once(session, question, topic.strategy if topic else ONE, candidates(session, question))


def last_resort(session: Session, question: Question, again: bool) -> list[Candidate]:
    """Whom to ask when nobody else is left, away or busy as they may be: the topic's owner, then the deputy, then all
    admins together. Who was asked before is asked ``again`` only as an admin, when no other admin is left."""
    tried, never = asked(session, question), conflicts(session, question)
    topic = subject(session, question.topic_id)
    for why, number in (("owner", topic.owner_id), ("deputy", topic.deputy_id)) if topic else ():
        person = session.get(Person, number) if number and number not in {*tried, *never} else None
        if person is None or week_is_full(session, person) or _done_with(session, topic, person):
            continue
        if may_be_asked(session, person, question):
            return [Candidate(person, 0.0, [{"why": why}])]
    admins = [person for person in with_role(session, "admin") if may_be_asked(session, person, question)]
    admins = [one for one in admins if one.id not in never and not week_is_full(session, one)]
    fresh = [person for person in admins if person.id not in tried]
    chosen = fresh or (admins if again else [])
    return [Candidate(person, 0.0, [{"why": "admin"}]) for person in chosen]


def _done_with(session: Session, topic: Topic | None, person: Person) -> bool:
    """Whether they do not take questions of this topic any more."""
    return topic is not None and wishes_in(session, topic.id, [person.id]).get(person.id) == NEVER


def week_is_full(session: Session, person: Person) -> bool:
    """Whether they were asked as often in the last seven days as they take."""
    most = person.weekly
    return most is not None and asked_this_week(session, [person.id]).get(person.id, 0) >= most


def obstacle(session: Session, person: Person, question: Question) -> Refusal | None:
    """Why ``question`` cannot be offered to ``person`` now, by a colleague or in somebody's place; ``None`` where it
    can."""
    moment = now()
    if not may_be_asked(session, person, question):
        return Refusal("cannot_pass")
    if person.id in asked(session, question):
        return Refusal("was_asked")
    if wishes_in(session, question.topic_id, [person.id]).get(person.id) == NEVER:
        return Refusal("does_not")
    back = away_until(session, person, moment)
    if back is not None:
        return Refusal("is_away", until=back)
    if loads(session, [person.id]).get(person.id, 0) >= person.quota or week_is_full(session, person):
        return Refusal("is_full")
    until = quiet_until(person, moment)
    return Refusal("is_quiet", until=until) if until is not None else None


def instead_of(session: Session, person: Person, question: Question) -> Person | None:
    """Who has ``question`` in the place of ``person``, who is not there: the first who can of those who stand in.
    Nobody whom its asker would not have, nor who is not in the closed place where it was asked."""
    return _first_who_can(session, deputies.chain(session, person), question)


def decider_for(session: Session, person: Person, question: Question) -> Person | None:
    """Who decides on ``question`` where nobody stands in for ``person``, who left or is away for long: their manager,
    who can be asked as a deputy could."""
    manager = deputies.decider(session, person)
    return _first_who_can(session, [manager] if manager is not None else (), question)


def _first_who_can(session: Session, several: Iterable[Person], question: Question) -> Person | None:
    never = conflicts(session, question)
    for one in several:
        reads = not is_closed(question.place) or is_member(session, question.place, one)
        if reads and one.id not in never and obstacle(session, one, question) is None:
            return one
    return None


def may_be_asked(session: Session, person: Person, question: Question) -> bool:
    """Whether ``person`` may be asked at all: an active colleague with a chat of their own, not the asker."""
    return session.scalar(select(Person.id).where(_askable(question), Person.id == person.id)) is not None


def colleagues(session: Session, question: Question, but: Collection[int], most: int) -> list[Person]:
    """To whom a question may be passed on: who may know first, then by name."""
    likely = [one.person for one in sorted(known(session, question).values(), key=lambda one: -one.score)]
    query = select(Person).where(_askable(question)).order_by(Person.name, Person.id).limit(2 * most + len(but))
    people = {person.id: person for person in (*likely, *session.scalars(query)) if person.id not in but}
    return list(people.values())[:most]


def _askable(question: Question) -> Any:
    theirs = (Account.person_id == Person.id) & Account.private.is_not(None) & Account.unreachable.is_(None)
    reachable = select(Account.id).where(theirs).exists()
    return Person.active & (Person.kind == EMPLOYEE) & (Person.id != question.asker_id) & reachable


def asked(session: Session, question: Question) -> set[int]:
    """To whom it is offered now, and who need not be asked again."""
    states = Offer.state.in_((*LIVE, *TRIED))
    return set(session.scalars(select(Offer.person_id).where(Offer.question_id == question.id, states)))


def _has_room(one: Known) -> bool:
    person = one.candidate.person
    absent = any(start <= now() < end for start, end in one.candidate.away)
    return not absent and one.load < person.quota and (person.weekly is None or one.week < person.weekly)


def _waiting(person: Person, away: Sequence[Span]) -> float:
    """What it costs that they do not work now."""
    hours = (next_working(person, now(), away) - now()) / timedelta(hours=1)
    return PER_WAIT * min(hours, LONGEST_WAIT)
