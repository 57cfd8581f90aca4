"""All that speaks for anybody when a question is to be offered: what they did, what they look after, what they said.

One point is about what one similar answer is worth; whoever answered before outweighs a title, and a title outweighs a
claim. What the ranker learned of who answers is added in the same points: they are logarithms of chances, too.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy.orm import Session

from models import deputies, replies
from models.base import now
from models.expertise.evidence import Reason, reason, shared
from models.expertise.likely import Likely, likely
from models.expertise.ranker import FAIR_DAYS
from models.experts import LIVE, TRIED, WEEK
from models.hours import Span
from models.interests import MORE, NEVER
from models.knowledge import CURRENT
from models.people import EMPLOYEE, PEOPLE, Person
from models.places import is_closed
from models.questions import Question
from models.rows import plan_once, run
from models.search import meaning
from models.search.find import alike

OWNER, DEPUTY, SKILL = 3.0, 2.5, 2.0
SIMILAR = 2.0  # times how alike the questions are
ON_TOPIC, ON_TOPIC_MOST = 1.0, 4  # for each answered question of the topic; more of them say little more
REPLIED, REPLIED_MOST = 0.4, 5  # for each thread on the topic in which they replied, unasked
WROTE, WROTE_MOST = 0.4, 5  # for each entry on the topic that they own or verified
REFERRED, REFERRED_MOST = 1.5, 2  # for each time that somebody said "ask them instead"
ASKED_FOR = 1.5  # who wants more of a topic comes before others who did as much
NOT_THEIRS, NOT_THEIRS_MOST = -1.5, 3  # for each such question that they declined since it is not their topic
ALIKE = 0.5
_POINTS = {
    "owner": (OWNER, 1), "deputy": (DEPUTY, 1), "skill": (SKILL, 1), "answered": (ON_TOPIC, ON_TOPIC_MOST),
    "replied": (REPLIED, REPLIED_MOST), "wrote": (WROTE, WROTE_MOST), "verified": (WROTE, WROTE_MOST),
    "referred": (REFERRED, REFERRED_MOST), "asked_for": (ASKED_FOR, 1), "active": (0.0, 1), "stands_in": (0.0, 1),
}  # fmt: skip
"""For each reason: the points of one, and how many count."""
_GONE = ("answered", "replied", "skill", "active")  # what does not speak any more for who moved on to other work
_OF_TOPIC = ("owner", "deputy", "skill", "answered", "replied", "wrote", "verified", "asked_for")

_LIVE, _ASKED = f"{LIVE}", f"{(*LIVE, *TRIED)}"  # SQL lists words as Python does
_REPLIERS = 50  # who replied most
_TOPIC = "(select q.topic_id from question q where q.id = o.question_id)"
_ABOUT = f"(o.question_id = any(%(alike)s) or {_TOPIC} = %(topic)s)"
"""Whether an offer ``o`` was of a question like it or of its topic."""
_SPEAKS = f"""
reason as (
  select a.author_id as person_id, 'similar' as why, count(distinct q.id) as count, max(a.created_at) as last,
    array_agg(distinct q.id) as questions, array_agg(distinct q.text) as texts, null::bigint as by_id
  from answer a join question q on q.id = a.question_id
  where a.question_id = any(%(alike)s) and not a.private group by a.author_id
  union all
  select owner_id, 'owner', 1, null, null, null, null from topic where id = %(topic)s
  union all
  select deputy_id, 'deputy', 1, null, null, null, null from topic
  where id = %(topic)s and deputy_id is distinct from owner_id
  union all
  select p.id, 'skill', 1, null, null, null, null from topic t join person p on p.skills @> array[t.key]
  where t.id = %(topic)s and p.id is distinct from t.owner_id and p.id is distinct from t.deputy_id
  union all
  select person, why, n, last, null, null, null
  from unnest(%(people)s::bigint[], %(whys)s::text[], %(counts)s::int[], %(lasts)s::timestamptz[])
    as t (person, why, n, last)
  union all
  select owner_id, 'wrote', count(*), null, null, null, null from entry
  where topic_id = %(topic)s and state = '{CURRENT}' group by owner_id
  union all
  select verified_by_id, 'verified', count(*), null, null, null, null from entry
  where topic_id = %(topic)s and state = '{CURRENT}' group by verified_by_id
  union all
  select o.person_id, 'referred', count(*), max(o.made_at), null, null, (array_agg(o.by_id order by o.id desc))[1]
  from offer o
  where o.by_id is not null and o.question_id <> %(question)s and {_ABOUT} group by o.person_id
  union all
  (
    select person_id, 'replied', count(*), max(at), null, null, null from reply
    where (topic_id = %(topic)s or question_id = any(%(alike)s) or question_id = %(question)s) and not began
      and at > %(year)s
    group by person_id order by count(*) desc limit {_REPLIERS}
  )
  union all
  select person_id, 'asked_for', 1, null, null, null, null from interest
  where topic_id = %(topic)s and wish = '{MORE}'
), {deputies.STAND_IN}, speaks as (
  select person_id, json_agg(json_build_array(why, count, last, questions, texts, by_id)) as reasons
  from (
    select * from reason
    union all
    select s.person_id, 'stands_in', 1, null, null, null, s.for_id from stands s
    where s.person_id <> s.for_id and (not %(closed)s or exists (
      select from membership m where (m.place_id, m.person_id) = (%(place)s, s.person_id)))
  ) each where person_id is not null group by person_id
)"""  # noqa: S608 the names are our own, never input
_KNOWN = f"""
with recursive {_SPEAKS}
select reasons,
  array(select array[starts_at, ends_at] from absence a where a.person_id = p.id and a.ends_at > %(now)s
    order by starts_at),
  asked.*, {PEOPLE.columns("p")}
from speaks join person p on p.id = person_id,
  lateral (
    select count(*) filter (where o.state in {_LIVE}) as load,
      count(*) filter (where made_at >= %(since)s) as count, max(made_at) filter (where made_at >= %(since)s) as last,
      count(*) filter (where made_at >= %(since)s and state = 'answered') as kept,
      count(*) filter (where made_at >= %(since)s and state in ('expired', 'overdue')) as missed,
      count(*) filter (where made_at > %(week)s and state <> 'unreached') as week,
      count(*) filter (where o.state = 'declined' and o.reason = 'topic' and {_ABOUT}) as not_theirs,
      max(o.ended_at) filter (where o.state = 'declined' and o.reason = 'moved' and {_TOPIC} = %(topic)s) as moved,
      coalesce(bool_or(o.question_id = %(question)s and o.state in {_ASKED}), false) as tried
    from offer o where o.person_id = p.id) asked
where p.active and p.kind = '{EMPLOYEE}' and p.id <> %(asker)s
  and exists (select from account a where a.person_id = p.id and a.private is not null and a.unreachable is null)
  and p.id <> all (array(select i.person_id from interest i where (i.topic_id, i.wish) = (%(topic)s, '{NEVER}')))
order by p.id
"""  # noqa: S608 the names are our own, never input


@dataclass
class Candidate:
    """A person, why they may know, and how likely."""

    person: Person
    score: float = 0.0
    reasons: list[Reason] = field(default_factory=list)
    away: Sequence[Span] = ()
    """When they are away, now or later; nothing for the last resort, which has no holidays."""

    @property
    def stands_in(self) -> list[int]:
        """For whom they stand in, by number."""
        return [one["for_id"] for one in self.reasons if one["why"] == "stands_in"]


@dataclass(frozen=True)
class Known:
    """A candidate with what is known of them now: what is with them, how often and when they were last asked, how many
    of those they answered and how many they let pass, how often they were asked this week, and whether this was offered
    to them."""

    candidate: Candidate
    load: int
    lately: tuple[int, float]
    kept: int
    missed: int
    week: int
    asked: bool
    languages: Collection[str]
    """In which languages they answered."""


def gathered(session: Session, question: Question) -> list[Known]:
    """Everybody for whom something speaks."""
    moment = now()
    vectors = meaning.of_question(session, question.id)
    similar = alike(session, question.text, question.audience, but=question.id, limit=10, vectors=vectors)
    similar = {id: confidence for id, confidence in similar.items() if confidence >= ALIKE}
    ranked = likely(session, question)
    shown = [*(("answered", one) for one in ranked.on_topic), *(("active", one) for one in ranked.active)]
    values = {
        "alike": list(similar), "topic": question.topic_id, "question": question.id, "asker": question.asker_id,
        "people": [one.person for _, one in shown], "whys": [why for why, _ in shown],
        "counts": [one.n for _, one in shown], "lasts": [one.last for _, one in shown],
        "now": moment, "since": moment - timedelta(days=FAIR_DAYS), "week": moment - WEEK,
        "year": moment - replies.LASTS,
        "closed": is_closed(question.place), "place": question.place_id,
    }  # fmt: skip
    plan_once(session)
    rows = run(session, _KNOWN, values).fetchall()
    about = _About(question, similar, ranked)
    found = [one for one in (_known(session, about, row) for row in rows) if one.candidate.reasons]
    _stand_in(found)
    return found


def _stand_in(found: Sequence[Known]) -> None:
    """Who stands in for somebody is as good a choice as they."""
    scores = {one.candidate.person.id: one.candidate.score for one in found}
    for one in found:
        stood_in = [scores.get(number, 0.0) for number in one.candidate.stands_in]
        one.candidate.score = max([one.candidate.score, *stood_in])


class _Told(NamedTuple):
    """A reason as the database tells it; of questions like it those that somebody answered, and what they say."""

    why: str
    n: int
    last: str | None
    questions: Sequence[int] | None
    texts: Sequence[str] | None
    by: int | None


@dataclass(frozen=True)
class _About:
    """The question, how alike the questions like it are, and what the ranker says."""

    question: Question
    similar: dict[int, float]
    ranked: Likely

    def points(self, told: _Told) -> float:
        """What one reason is worth."""
        if told.why == "similar":
            return SIMILAR * sum(self.similar[id] for id in told.questions or ())
        each, most = _POINTS[told.why]
        return each * min(told.n, most)

    def reason(self, told: _Told) -> Reason:
        """It as the offer keeps it."""
        about: dict[str, Any] = {"topic": self.question.topic_id} if told.why in _OF_TOPIC else {}
        if told.why == "similar":
            about["subject"] = shared(self.question.text, told.texts or ())
        if told.why in ("referred", "stands_in"):
            about["for_id" if told.why == "stands_in" else "by_id"] = told.by
        return reason(told.why, told.n, _date(told.last) if told.last else None, **about)


def _known(session: Session, about: _About, row: Sequence[Any]) -> Known:
    reasons, away, load, times, last, kept, missed, week, not_theirs, moved, tried, *person = row
    candidate = Candidate(PEOPLE.of(session, person), away=[(start, end) for start, end in away])
    told = [one for one in (_Told(*each) for each in reasons) if not _over(one, moved)]
    candidate.score = sum(map(about.points, told)) + about.ranked.points.get(candidate.person.id, 0.0)
    candidate.score += NOT_THEIRS * min(not_theirs, NOT_THEIRS_MOST)
    told.sort(key=about.points, reverse=True)
    if any(one.why != "active" for one in told):  # who knows the subject need not be told that they answer much
        told = [one for one in told if one.why != "active"]
    candidate.reasons = [about.reason(one) for one in told]
    spoken = about.ranked.languages.get(candidate.person.id, ())
    return Known(candidate, load, (times, last.timestamp() if last else 0.0), kept, missed, week, tried, spoken)


def _date(last: str) -> date:
    return datetime.fromisoformat(last).astimezone(UTC).date()


def _over(told: _Told, moved: datetime | None) -> bool:
    """Whether a reason was true before they moved on to other work, and is not any more."""
    if moved is None or told.why not in _GONE:
        return False
    return told.last is None or datetime.fromisoformat(told.last) <= moved
