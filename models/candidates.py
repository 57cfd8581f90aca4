"""Who is asked next: the people most likely to know, who are there, have room and have not been asked yet.

The score is a sum of a few reasons, in points. One point is about what one similar answer is worth; whoever answered
before outweighs a title, and a title outweighs a language. Among equals whoever was asked least lately comes first.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.base import now
from models.conflicts import conflicts
from models.experts import LIVE, TRIED, Offer
from models.hours import Span, next_working
from models.interests import MORE, NEVER, wishes_in
from models.knowledge import CURRENT, Topic, subject
from models.people import EMPLOYEE, PEOPLE, Account, Person, with_role
from models.questions import Question
from models.rows import run
from models.search.find import alike
from models.strategies import ONE, at_once

OWNER, DEPUTY, SKILL = 3.0, 2.5, 2.0
SIMILAR = 2.0  # times how alike the questions are
ON_TOPIC, ON_TOPIC_MOST = 1.0, 4  # for each answered question of the topic; more of them say little more
WROTE, WROTE_MOST = 0.4, 5  # for each entry on the topic that they own or verified
ASKED_FOR = 1.5  # who wants more of a topic comes before others who did as much
_POINTS = {
    "owner": (OWNER, 1), "deputy": (DEPUTY, 1), "skill": (SKILL, 1), "answered": (ON_TOPIC, ON_TOPIC_MOST),
    "wrote": (WROTE, WROTE_MOST), "verified": (WROTE, WROTE_MOST), "asked_for": (ASKED_FOR, 1),
}  # fmt: skip
"""For each reason: the points of one, and how many count."""
SAME_LANGUAGE = 1.0
PER_LOAD = -1.0  # for each question that is with them
PER_WAIT, LONGEST_WAIT = -1.0 / 6, 24.0  # for each hour until they work again
FAIR_DAYS = 30
ALIKE = 0.5


@dataclass
class Candidate:
    """A person, why they may know, and how likely."""

    person: Person
    score: float = 0.0
    reasons: list[dict[str, Any]] = field(default_factory=list)
    away: Sequence[Span] = ()
    """When they are away, now or later; nothing for the last resort, which has no holidays."""

    def add(self, points: float, why: str, **about: Any) -> None:
        """One more reason."""
        self.score += points
        self.reasons.append({"why": why, **about})


@dataclass(frozen=True)
class _Known:
    """A candidate with what is known of them now: what is with them, how often and when they were last asked, and
    whether this was offered to them."""

    candidate: Candidate
    load: int
    lately: tuple[int, float]
    asked: bool


def candidates(session: Session, question: Question) -> list[Candidate]:
    """Who may be asked about ``question`` now, best first."""
    found = _known(session, question)
    never = conflicts(session, question)
    free = [one for one in found if not one.asked and _has_room(one) and one.candidate.person.id not in never]
    for one in free:
        person = one.candidate.person
        one.candidate.score += PER_LOAD * one.load + _waiting(person, one.candidate.away)
        one.candidate.score += SAME_LANGUAGE if person.locale == question.language else 0.0
    free.sort(key=lambda one: (-round(one.candidate.score, 1), *one.lately, one.candidate.person.id))
    return [one.candidate for one in free]


def known(session: Session, question: Question) -> dict[int, Candidate]:
    """Everybody whom something speaks for, asked before or not, there or not."""
    return {one.candidate.person.id: one.candidate for one in _known(session, question)}


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
        if person is not None and may_be_asked(session, person, question) and not _done_with(session, topic, person):
            return [Candidate(person, 0.0, [{"why": why}])]
    admins = [person for person in with_role(session, "admin") if may_be_asked(session, person, question)]
    admins = [person for person in admins if person.id not in never]
    fresh = [person for person in admins if person.id not in tried]
    chosen = fresh or (admins if again else [])
    return [Candidate(person, 0.0, [{"why": "admin"}]) for person in chosen]


def _done_with(session: Session, topic: Topic | None, person: Person) -> bool:
    """Whether they do not take questions of this topic any more."""
    return topic is not None and wishes_in(session, topic.id, [person.id]).get(person.id) == NEVER


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


_LIVE, _ASKED = f"{LIVE}", f"{(*LIVE, *TRIED)}"  # SQL lists words as Python does

# All that speaks for anybody, gathered by person: who answered questions like this one, who looks after the topic or
# says to know it, who answered questions on it, or wrote or verified entries on it.
_SPEAKS = f"""
reason as (
  select author_id as person_id, 1 as n, 'similar' as why, count(distinct question_id) as count,
    array_agg(distinct question_id) as questions
  from answer where question_id = any(%(alike)s) and not private group by author_id
  union all
  select p.id, 2, case p.id when t.owner_id then 'owner' when t.deputy_id then 'deputy' else 'skill' end, 1, null
  from topic t join person p on p.id in (t.owner_id, t.deputy_id) or t.key = any(p.skills) where t.id = %(topic)s
  union all
  select a.author_id, 3, 'answered', count(distinct q.id), null
  from question q join answer a on a.question_id = q.id where q.topic_id = %(topic)s group by a.author_id
  union all
  select owner_id, 4, 'wrote', count(*), null from entry where topic_id = %(topic)s and state = '{CURRENT}' group by 1
  union all
  select verified_by_id, 5, 'verified', count(*), null from entry
  where topic_id = %(topic)s and state = '{CURRENT}' group by 1
  union all
  select person_id, 6, 'asked_for', 1, null from interest where topic_id = %(topic)s and wish = '{MORE}'
), speaks as (
  select person_id, array_agg(why order by n) as why, array_agg(count order by n) as counts,
    max(questions) as questions
  from reason where person_id is not null group by person_id
)"""  # noqa: S608 the names are our own, never input
_KNOWN = f"""
with {_SPEAKS}
select why, counts, questions,
  (select count(*) from offer o where o.person_id = p.id and o.state in {_LIVE}),
  array(select starts_at from absence a where a.person_id = p.id and a.ends_at > %(now)s order by starts_at),
  array(select ends_at from absence a where a.person_id = p.id and a.ends_at > %(now)s order by starts_at),
  lately.count, lately.last,
  exists (select from offer o where (o.question_id, o.person_id) = (%(question)s, p.id) and o.state in {_ASKED}),
  {PEOPLE.columns("p")}
from speaks join person p on p.id = person_id,
  lateral (select count(*), max(made_at) as last from offer o where o.person_id = p.id and made_at >= %(since)s) lately
where p.active and p.kind = '{EMPLOYEE}' and p.id <> %(asker)s
  and exists (select from account a where a.person_id = p.id and a.private is not null and a.unreachable is null)
  and not exists (select from interest i where (i.person_id, i.topic_id, i.wish) = (p.id, %(topic)s, '{NEVER}'))
order by p.id
"""  # noqa: S608 the names are our own, never input


def _known(session: Session, question: Question) -> list[_Known]:
    similar = alike(session, question.text, question.audience, but=question.id, limit=10)
    moment = now()
    values = {
        "alike": [id for id, confidence in similar.items() if confidence >= ALIKE], "topic": question.topic_id,
        "question": question.id, "asker": question.asker_id, "now": moment, "since": moment - timedelta(days=FAIR_DAYS),
    }  # fmt: skip
    found = []
    for row in run(session, _KNOWN, values).fetchall():
        why, counts, questions, load, starts, ends, times, last, tried, *person = row
        away = list(zip(starts, ends, strict=True))
        candidate = Candidate(PEOPLE.of(session, person), away=away)
        for reason, count in zip(why, counts, strict=True):
            if reason == "similar":
                candidate.add(SIMILAR * sum(similar[id] for id in questions), reason, n=count)
            else:
                each, most = _POINTS[reason]
                candidate.add(each * min(count, most), reason, **({"n": count} if most > 1 else {}))
        lately = (times, last.timestamp() if last else 0.0)
        found.append(_Known(candidate, load, lately, tried))
    return found


def _has_room(one: _Known) -> bool:
    absent = any(start <= now() < end for start, end in one.candidate.away)
    return not absent and one.load < one.candidate.person.quota


def _waiting(person: Person, away: Sequence[Span]) -> float:
    """What it costs that they do not work now."""
    hours = (next_working(person, now(), away) - now()) / timedelta(hours=1)
    return PER_WAIT * min(hours, LONGEST_WAIT)
