"""Who is asked next: the people most likely to know, who are there, have room and have not been asked yet.

The score is a sum of a few reasons, in points. One point is about what one similar answer is worth; whoever answered
before outweighs a title, and a title outweighs a language. Among equals whoever was asked least lately comes first.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models.answers import Answer
from models.base import now
from models.experts import LIVE, TRIED, Offer, absences, loads
from models.hours import Span, next_working
from models.knowledge import CURRENT, Entry, Topic
from models.people import EMPLOYEE, Account, Person, with_role
from models.questions import Question
from models.search.find import asked_before

OWNER, DEPUTY, SKILL = 3.0, 2.5, 2.0
SIMILAR = 2.0  # times how alike the questions are
ON_TOPIC, ON_TOPIC_MOST = 1.0, 4  # for each answered question of the topic; more of them say little more
WROTE, WROTE_MOST = 0.4, 5  # for each entry on the topic that they own or verified
SAME_LANGUAGE = 1.0
PER_LOAD = -1.0  # for each question that is with them
PER_WAIT, LONGEST_WAIT = -1.0 / 6, 24.0  # for each hour until they work again
FAIR_DAYS = 30
GROUP = 6  # at most so many are asked at once: more would each leave it to the others
ALIKE = 0.5


@dataclass
class Candidate:
    """A person, why they may know, and how likely."""

    person: Person
    score: float = 0.0
    reasons: list[dict[str, Any]] = field(default_factory=list)

    def add(self, points: float, why: str, **about: Any) -> None:
        """One more reason."""
        self.score += points
        self.reasons.append({"why": why, **about})


def candidates(session: Session, question: Question) -> list[Candidate]:
    """Who may be asked about ``question`` now, best first."""
    found = known(session, question)
    for person_id in asked(session, question):
        found.pop(person_id, None)
    away = absences(session, found, now())
    load = loads(session, found)
    lately = _lately(session, found)
    free = [one for one in found.values() if _has_room(one.person, load, away)]
    for one in free:
        one.score += PER_LOAD * load.get(one.person.id, 0) + _waiting(one.person, away.get(one.person.id, ()))
        one.score += SAME_LANGUAGE if one.person.locale == question.language else 0.0
    free.sort(key=lambda one: (-round(one.score, 1), *lately.get(one.person.id, (0, 0.0)), one.person.id))
    return free


def known(session: Session, question: Question) -> dict[int, Candidate]:
    """Everybody whom something speaks for, asked before or not, there or not."""
    found: dict[int, Candidate] = {}
    _similar(session, question, found)
    topic = session.get(Topic, question.topic_id) if question.topic_id else None
    if topic is not None:
        _on_topic(session, question, topic, found)
    return found


def group_of(session: Session, question: Question) -> list[Candidate]:
    """Those of the candidates who are asked at once: several where the topic says so."""
    found = candidates(session, question)
    grouped = question.topic is not None and question.topic.strategy == "group"
    return found[: GROUP if grouped else 1]


def last_resort(session: Session, question: Question, again: bool) -> list[Candidate]:
    """Whom to ask when nobody else is left, away or busy as they may be: the topic's owner, else all admins together.
    Who was asked before is asked ``again`` only as an admin, when no other admin is left."""
    tried = asked(session, question)
    topic = session.get(Topic, question.topic_id) if question.topic_id else None
    owner = session.get(Person, topic.owner_id) if topic and topic.owner_id else None
    if owner is not None and owner.id not in tried and may_be_asked(session, owner, question):
        return [Candidate(owner, OWNER, [{"why": "owner"}])]
    admins = [person for person in with_role(session, "admin") if may_be_asked(session, person, question)]
    fresh = [person for person in admins if person.id not in tried]
    chosen = fresh or (admins if again else [])
    return [Candidate(person, 0.0, [{"why": "admin"}]) for person in chosen]


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
    reachable = select(Account.id).where(Account.person_id == Person.id, Account.private.is_not(None)).exists()
    return Person.active & (Person.kind == EMPLOYEE) & (Person.id != question.asker_id) & reachable


def asked(session: Session, question: Question) -> set[int]:
    """To whom it is offered now, and who need not be asked again."""
    states = Offer.state.in_((*LIVE, *TRIED))
    return set(session.scalars(select(Offer.person_id).where(Offer.question_id == question.id, states)))


def _similar(session: Session, question: Question, found: dict[int, Candidate]) -> None:
    """Who answered questions like this one."""
    alike = {
        one.question.id: one.confidence
        for one in asked_before(session, question.text, question.audience, but=question.id, limit=10)
        if one.confidence >= ALIKE
    }
    answered = select(Person, Answer.question_id).join(Answer, Answer.author_id == Person.id)
    query = answered.where(Answer.question_id.in_(alike), Answer.private.is_(False), _askable(question)).distinct()
    by_person: dict[int, tuple[Person, list[float]]] = {}
    for person, question_id in session.execute(query):
        by_person.setdefault(person.id, (person, []))[1].append(alike[question_id])
    for person, points in by_person.values():
        _of(found, person).add(SIMILAR * sum(points), "similar", n=len(points))


def _on_topic(session: Session, question: Question, topic: Topic, found: dict[int, Candidate]) -> None:
    """Who looks after the topic, says to know it, answered questions on it, or wrote or verified entries on it."""
    skilled = Person.skills.contains([topic.key])
    heads = Person.id.in_([id for id in (topic.owner_id, topic.deputy_id) if id is not None])
    for person in session.scalars(select(Person).where(skilled | heads, _askable(question))):
        points, why = (
            (OWNER, "owner") if person.id == topic.owner_id
            else (DEPUTY, "deputy") if person.id == topic.deputy_id
            else (SKILL, "skill")
        )  # fmt: skip
        _of(found, person).add(points, why)
    answered = select(Answer.author_id, func.count(Answer.question_id.distinct())).join(Answer.question)
    _counted(session, question, answered.where(Question.topic_id == topic.id).group_by(Answer.author_id),
             found, "answered", ON_TOPIC, ON_TOPIC_MOST)  # fmt: skip
    for column, why in ((Entry.owner_id, "wrote"), (Entry.verified_by_id, "verified")):
        entries = select(column, func.count()).where(Entry.topic_id == topic.id, Entry.state == CURRENT)
        _counted(session, question, entries.group_by(column), found, why, WROTE, WROTE_MOST)


def _counted(
    session: Session, question: Question, query: Any, found: dict[int, Candidate], why: str, points: float, most: int
) -> None:
    counts: dict[int, int] = {person_id: n for person_id, n in session.execute(query) if person_id is not None}
    for person in session.scalars(select(Person).where(Person.id.in_(counts), _askable(question))):
        _of(found, person).add(points * min(counts[person.id], most), why, n=counts[person.id])


def _of(found: dict[int, Candidate], person: Person) -> Candidate:
    return found.setdefault(person.id, Candidate(person))


def _lately(session: Session, people: Collection[int]) -> dict[int, tuple[int, float]]:
    """How often each was asked in the last weeks, and when last (seconds): who is not in it was not asked at all."""
    since = now() - timedelta(days=FAIR_DAYS)
    query = select(Offer.person_id, func.count(), func.max(Offer.made_at)).where(Offer.made_at >= since)
    rows = session.execute(query.where(Offer.person_id.in_(people)).group_by(Offer.person_id))
    return {person_id: (count, last.timestamp()) for person_id, count, last in rows}


def _has_room(person: Person, load: dict[int, int], away: dict[int, list[Span]]) -> bool:
    absent = any(start <= now() < end for start, end in away.get(person.id, ()))
    return not absent and load.get(person.id, 0) < person.quota


def _waiting(person: Person, away: Sequence[Span]) -> float:
    """What it costs that they do not work now."""
    hours = (next_working(person, now(), away) - now()) / timedelta(hours=1)
    return PER_WAIT * min(hours, LONGEST_WAIT)
