"""What people gave to others, and what counts of it. Nothing is added up in advance: the rows themselves are the truth,
so that what is said twice counts once, and what is taken back counts no more.

What counts, and how much, is here and nowhere else (``WORTH``, ``_COUNTED``); docs/using.md has the same table. What
does not count is kept as it is, and nobody is told: most of it is no cheating but a good neighbour.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models.base import now
from models.knowledge import Entry
from models.merging import merged_into, standing
from models.people import EMPLOYEE, MASK, PEOPLE, Person
from models.questions import SOLVED, Question
from models.rows import run
from models.thanks import choice

ACCEPTED, REUSED, VERIFIED, THANKED = "accepted", "reused", "verified", "thanked"
WORTH: Mapping[str, int] = {ACCEPTED: 5, REUSED: 3, VERIFIED: 2, THANKED: 1}
"""Points: to answer a person takes most; an entry helps again by itself; a word of thanks costs nothing to say."""
LASTS = timedelta(days=365)  # what somebody did years ago is not what they do
FROM_ONE = 10  # matters a day: nobody has more questions settled, or checks more drafts, with care
FOR_ONE = 20  # matters a day: nobody answers more with care

_ranking = False

_ASKED = """
select 'accepted' as kind, a.id as thing, a.author_id as to_id, q.asker_id as from_id, a.accepted_at as at,
  q.id as matter, null::bigint as entry_id, q.text as said, q.changed_at as settled
from answer a join question q on q.id = a.question_id where a.state = 'accepted'
union all
select 'reused', q.id, e.author_id, q.asker_id, q.changed_at, q.id, e.id, q.text, q.changed_at
from question q join entry e on e.id = q.solved_by_id
where q.state = 'solved' and e.state in ('current', 'merged', 'retired', 'vanished')
  and not exists (select from answer a where a.question_id = q.id and a.state = 'accepted')
union all
select 'reused', q.id, w.author_id, q.asker_id, q.changed_at, q.id, e.id, q.text, q.changed_at
from question q join entry e on e.id = q.solved_by_id join answer w on w.id = e.answer_id
where q.state = 'solved' and e.state in ('current', 'merged', 'retired', 'vanished')
  and e.author_id is distinct from w.author_id
  and not exists (select from answer a where a.question_id = q.id and a.state = 'accepted')
union all
select 'thanked', t.id, t.to_id, t.person_id, t.at, t.question_id, t.entry_id, q.text, q.changed_at
from thanks t join question q on q.id = t.question_id where q.state = 'solved'
"""
_CHECKED = """
select 'verified' as kind, e.id as thing, e.author_id as to_id, e.verified_by_id as from_id, e.verified_at as at,
  -e.id as matter, e.id as entry_id, null as said, e.verified_at as settled
from entry e where e.state in ('current', 'merged')
"""
_GIVEN = f"{_ASKED} union all {_CHECKED}"
"""Everything that was given: ``matter`` is the question it was about (an entry that was verified: its number,
negative). Whoever wrote an answer of which others made an entry has a part in what that solves."""

_FROM_OTHERS = "at > %(since)s and from_id <> to_id"

_COUNTED = f"""
first as (
  select g.*, f.kind <> '{MASK}'
    and first_value(matter) over (partition by least(from_id, to_id), greatest(from_id, to_id), date_trunc('week', at)
      order by at, thing) = matter
    and first_value(matter) over (partition by from_id, to_id,
      coalesce(nullif(lower(btrim(said, ' ?!.…')), ''), matter::text) order by at, thing) = matter
    and dense_rank() over (partition by from_id, date_trunc('day', settled) order by matter) <= {FROM_ONE} as sound
  from near g join person f on f.id = g.from_id
), judged as (
  select *, sound and dense_rank() over (partition by to_id, date_trunc('day', at), sound order by matter) <= {FOR_ONE}
    as counts
  from first
)
"""  # noqa: S608 the names are our own, never input
"""Which of ``near`` count. Not what came from behind a mask: who that is may not be looked up, so it may be whoever
gets it. Between two people, whichever of them gave, the first matter of a week; of questions in the same words from one
to another, the first; ``FROM_ONE`` matters a day from one person; of what is left, ``FOR_ONE`` a day for one person."""

_OF_ONE = f"""
with mine as materialized (select * from ({_GIVEN}) g where to_id = %(person)s and {_FROM_OTHERS}),
days as materialized (select distinct from_id as giver, date_trunc('day', settled) as day from mine),
matters as materialized (
  select q.id from days join question q on q.asker_id = giver
  where q.state in ('solved', 'merged') and q.changed_at >= day and q.changed_at < day + interval '1 day'
),
near as (
  select * from mine
  union
  select * from ({_ASKED}) g where matter = any(array(select id from matters)) and {_FROM_OTHERS}
  union
  select g.* from days join ({_CHECKED}) g on from_id = giver
  where settled >= day and settled < day + interval '1 day' and {_FROM_OTHERS}
  union
  select * from ({_GIVEN}) g where from_id = %(person)s and {_FROM_OTHERS}
), {_COUNTED}
select kind, matter, entry_id, from_id, at, counts from judged where to_id = %(person)s order by at desc, thing desc
"""  # noqa: S608
"""Besides what the person was given, and gave: what those who gave it settled on the same days, for ``FROM_ONE``."""

_OF_ALL = f"""
with near as (select * from ({_GIVEN}) g where {_FROM_OTHERS}), {_COUNTED},
points as (
  select to_id, sum(case kind {" ".join(f"when '{kind}' then {worth}" for kind, worth in WORTH.items())} end) as points
  from judged where counts group by to_id
)
select {PEOPLE.columns("p")}, points from points join person p on p.id = to_id
where p.active and p.kind = '{EMPLOYEE}'
  and not exists (select from recognition r where r.person_id = p.id and not r.counted)
order by points desc, p.name, p.id limit %(most)s
"""  # noqa: S608

_OFTEN = f"""
select kind, count(*) from ({_GIVEN}) g where to_id = %(person)s and {_FROM_OTHERS} group by kind
"""  # noqa: S608

_AGAIN = f"""
select entry_id, from_id from ({_GIVEN}) g where kind = '{REUSED}' and to_id = %(person)s and {_FROM_OTHERS}
order by at, thing
"""  # noqa: S608


@dataclass(frozen=True)
class Credit:
    """Something that a person gave: of which kind, about which question (none of an entry that was verified), with
    which entry (none of an answer), and when."""

    kind: str
    question_id: int | None
    entry_id: int | None
    at: datetime
    counts: bool


@dataclass(frozen=True)
class Gave:
    """All that a person gave in the last year, newest first."""

    credits: tuple[Credit, ...]
    often: Mapping[str, int]
    """How often, by kind, whether it counts or not."""

    @property
    def points(self) -> int:
        """What it is worth."""
        return sum(WORTH[credit.kind] for credit in self.credits if credit.counts)


def use_ranking(wanted: bool) -> None:
    """Whether the company lets its administrators see people in an order."""
    global _ranking
    _ranking = wanted


def ranking_wanted() -> bool:
    """Whether it does."""
    return _ranking


def gave(session: Session, person: Person) -> Gave | None:
    """What ``person`` gave in the last year; ``None`` where they do not want it added up."""
    counted = often(session, person)
    if counted is None:
        return None
    rows = run(session, _OF_ONE, {"person": person.id, "since": now() - LASTS}).fetchall()
    credits = (
        Credit(kind, matter if matter > 0 else None, entry_id, at, counts)
        for kind, matter, entry_id, _, at, counts in rows
    )
    return Gave(tuple(credits), counted)


def often(session: Session, person: Person) -> Mapping[str, int] | None:
    """How often ``person`` gave in the last year, by kind, whether it counts or not; ``None`` where they do not want it
    added up. Far less to look at than for ``gave``: homes are shown again and again."""
    if not choice(session, person).counted:
        return None
    return dict(run(session, _OFTEN, {"person": person.id, "since": now() - LASTS}).fetchall())


def ranking(session: Session, most: int) -> list[tuple[Person, int]]:
    """Who has the most points, of those who want them added up; nobody where the company does not want that."""
    if not _ranking:
        return []
    rows = run(session, _OF_ALL, {"since": now() - LASTS, "most": most}).fetchall()
    return [(PEOPLE.of(session, row), int(row[len(PEOPLE)])) for row in rows]


def helped_again(session: Session, person: Person, since: datetime) -> list[tuple[Entry, int]]:
    """The entries by which ``person`` helped since then, and how many people each; of what was merged since into
    another entry of theirs, that one."""
    people: dict[int, set[int]] = {}
    found: dict[int, Entry] = {}
    for entry_id, from_id in run(session, _AGAIN, {"person": person.id, "since": since}).fetchall():
        entry = session.get_one(Entry, entry_id)
        after = standing(session, entry)
        entry = after if after.author_id == person.id else entry
        found[entry.id] = entry
        people.setdefault(entry.id, set()).add(from_id)
    return [(entry, len(people[id])) for id, entry in found.items()]


def helped(session: Session, entry: Entry) -> int:
    """How many people's questions ``entry`` solved, with the entries that were merged into it; its author not among
    them."""
    numbers = [entry.id, *merged_into(session, entry)]
    solved = Question.solved_by_id.in_(numbers) & (Question.state == SOLVED)
    others = Question.asker_id.is_distinct_from(entry.author_id)
    return session.scalar(select(func.count(Question.asker_id.distinct())).where(solved, others)) or 0
