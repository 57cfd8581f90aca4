"""Who knows what: for each topic the people whose work shows that they know it, how much, and where few or none do."""

from __future__ import annotations

from dataclasses import dataclass, field

from sqlalchemy.orm import Session

from models.interests import NEVER
from models.knowledge import CURRENT, Topic, topics
from models.people import EMPLOYEE, PEOPLE, Person
from models.questions import UNANSWERED
from models.rows import run

NOBODY, SAID, ONE, SEVERAL = "nobody", "said", "one", "several"
"""No one at all; some who look after it or say to know it, and never showed it; one person alone; two or more."""


@dataclass(frozen=True)
class Knower:
    """A person who knows a topic: of how many questions and entries on it, or only as they say."""

    person: Person
    answers: int
    entries: int

    @property
    def shown(self) -> int:
        """How much they did."""
        return self.answers + self.entries


@dataclass
class Covered:
    """A topic with who knows it, most first, and how many of its questions wait for an answer."""

    topic: Topic
    waiting: int = 0
    knowers: list[Knower] = field(default_factory=list)

    @property
    def proven(self) -> list[Knower]:
        """Those whose work shows it."""
        return [one for one in self.knowers if one.shown]

    @property
    def risk(self) -> str:
        """How it stands: ``nobody``, ``said``, ``one`` or ``several``."""
        if not self.proven:
            return SAID if self.knowers else NOBODY
        return ONE if len(self.proven) == 1 else SEVERAL


_KNOWERS = f"""
with did as (
  select q.topic_id, a.author_id as person_id, count(distinct q.id) as answers, 0 as entries
  from answer a join question q on q.id = a.question_id
  where q.topic_id is not null and not a.private group by 1, 2
  union all
  select e.topic_id, who, 0, count(distinct e.id) from entry e, unnest(array[e.owner_id, e.verified_by_id]) who
  where e.topic_id is not null and e.state = '{CURRENT}' and who is not null group by 1, 2
  union all
  select t.id, p.id, 0, 0 from topic t join person p on p.id in (t.owner_id, t.deputy_id) or t.key = any(p.skills)
)
select did.topic_id, sum(answers), sum(entries), {PEOPLE.columns("p")} from did join person p on p.id = person_id
where p.active and p.kind = '{EMPLOYEE}' and not exists (
  select from interest i where (i.person_id, i.topic_id, i.wish) = (p.id, did.topic_id, '{NEVER}')
)
group by did.topic_id, p.id order by sum(answers) + sum(entries) desc, p.id
"""  # noqa: S608 the names are our own, never input
_WAITING = f"select topic_id, count(*) from question where state in {UNANSWERED} group by 1"  # noqa: S608


def coverage(session: Session) -> list[Covered]:
    """Every topic: what nobody knows first, then what is only said, then what one person alone knows."""
    found = {topic.id: Covered(topic) for topic in topics(session)}
    for topic_id, answers, entries, *person in run(session, _KNOWERS).fetchall():
        found[topic_id].knowers.append(Knower(PEOPLE.of(session, person), int(answers), int(entries)))
    for topic_id, count in run(session, _WAITING).fetchall():
        if topic_id is not None:
            found[topic_id].waiting = count
    order = (NOBODY, SAID, ONE, SEVERAL)
    return sorted(found.values(), key=lambda one: (order.index(one.risk), -one.waiting, one.topic.key))
