"""Who knows what: for each topic the people whose work shows that they know it, how much, and where few or none do."""

from __future__ import annotations

from dataclasses import dataclass, field

from sqlalchemy.orm import Session

from models.interests import NEVER
from models.knowledge import CURRENT, Topic, topics
from models.people import EMPLOYEE, PEOPLE, Person
from models.questions import UNANSWERED
from models.rows import run

MOST = 1000
"""So many people of a topic are named at most."""
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
    """The first of them."""
    people: int = 0
    proven: int = 0
    """How many know it, and how many of those showed it by their work."""

    @property
    def risk(self) -> str:
        """How it stands: ``nobody``, ``said``, ``one`` or ``several``."""
        if not self.proven:
            return SAID if self.people else NOBODY
        return ONE if self.proven == 1 else SEVERAL


_THERE = f"""
join person p on p.id = one.person_id and p.active and p.kind = '{EMPLOYEE}' and not exists (
  select from interest i where (i.person_id, i.topic_id, i.wish) = (p.id, one.topic_id, '{NEVER}'))
"""
_KNOWERS = f"""
with others as materialized (
  select topic_id, person_id, sum(entries)::int as entries from (
    select topic_id, owner_id as person_id, 1 as entries from entry where state = '{CURRENT}'
    union all
    select topic_id, verified_by_id, 1 from entry
    where state = '{CURRENT}' and verified_by_id is distinct from owner_id
    union all
    select t.id, p.id, 0 from topic t join person p on p.id in (t.owner_id, t.deputy_id)
    union all
    select t.id, p.id, 0 from topic t join person p on p.skills @> array[t.key]
  ) each where topic_id is not null and person_id is not null group by 1, 2
), counted as (
  select topic_id, count(*) as people, count(*) filter (where shown) as proven from (
    select topic_id, person_id, true as shown from answered where answers > 0
    union all
    select topic_id, person_id, entries > 0 from others o where not exists (
      select from answered a where (a.topic_id, a.person_id) = (o.topic_id, o.person_id) and a.answers > 0)
  ) one {_THERE} group by topic_id
), best as (
  select topic_id, person_id, max(answers) as answers, max(entries) as entries from (
    select o.topic_id, o.person_id, coalesce(a.answers, 0) as answers, o.entries
    from others o left join answered a on (a.topic_id, a.person_id) = (o.topic_id, o.person_id)
    union all
    select t.id, most.person_id, most.answers, 0 from topic t, lateral (
      select person_id, answers from answered one {_THERE} where topic_id = t.id and answers > 0
      order by answers desc, person_id limit %(most)s) most
  ) each group by 1, 2
), known as (
  select one.topic_id, answers, entries, p.id,
    row_number() over (partition by topic_id order by answers + entries desc, p.id) as place
  from best one {_THERE}
)
select k.topic_id, k.answers, k.entries, c.people, c.proven, {PEOPLE.columns("p")}
from known k join counted c on c.topic_id = k.topic_id join person p on p.id = k.id
where k.place <= %(most)s order by k.topic_id, k.place
"""  # noqa: S608
_WAITING = f"select topic_id, count(*) from question where state in {UNANSWERED} group by 1"  # noqa: S608


def coverage(session: Session, most: int = MOST) -> list[Covered]:
    """Every topic, with ``most`` of those who know it: what nobody knows first, then what is only said, then what one
    person alone knows."""
    found = {topic.id: Covered(topic) for topic in topics(session)}
    for topic_id, answers, entries, people, proven, *person in run(session, _KNOWERS, {"most": most}).fetchall():
        one = found[topic_id]
        one.knowers.append(Knower(PEOPLE.of(session, person), answers, entries))
        one.people, one.proven = people, proven
    for topic_id, count in run(session, _WAITING).fetchall():
        if topic_id is not None:
            found[topic_id].waiting = count
    order = (NOBODY, SAID, ONE, SEVERAL)
    return sorted(found.values(), key=lambda one: (order.index(one.risk), -one.waiting, one.topic.key))
