"""One search for all that may be found: passages of entries, and questions asked before.

Permissions are part of the query: only rows that share a key with ``held`` are looked at. Scores are sums of how rare
the shared words are; *confidence* is the share of the question's weight that the found text covers, from 0 to 1.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy.orm import Session

from models.knowledge import ENTRIES, PASSAGES, TOPICS, Entry, Passage
from models.people import PEOPLE
from models.questions import QUESTIONS, Question
from models.rows import run
from models.search.words import BETWEEN, wanted

# What share of the question a passage must cover to be shown as the answer, and to be shown with doubt. Chosen on the
# demo company: of 40 answerable questions 26 pass the first and 10 more the second; of 8 unanswerable none and one.
GOOD_ENOUGH = 0.5
MAYBE = 0.35
UNCONFIRMED = 0.75  # enough to come after what is as good and confirmed, not enough to lose a clearly better answer

# ``near`` holds whatever shares a word with the question, each ``words`` fetched once (that is what || '' does): they
# stand beside their row, and fetching them for every word of the question takes as long as all the rest. How near each
# other the words stand is a bonus that takes long to tell: only what comes near the best gets it.
_PASSAGES = f"""
with word as (
  select n, alternatives, in_title
  from unnest(string_to_array(%(terms)s, '{BETWEEN}')::tsquery[], string_to_array(%(titles)s, '{BETWEEN}')::tsquery[])
    with ordinality as q(alternatives, in_title, n)
),
near as materialized (
  select id, entry_id, words || '' as words, audience && cast(%(held)s as text[]) as readable,
    language = %(language)s as same
  from passage where words @@ cast(%(any)s as tsquery)
),
match as materialized (
  select word.n, near.id, near.readable, near.words @@ word.in_title as titled
  from word join near on near.words @@ word.alternatives
),
term as (
  select n, ln(1 + (total - df + 0.5) / (df + 0.5)) as weight
  from (select word.n, count(match.id)::float as df from word left join match using (n) group by word.n) as seen,
    (select greatest(count(*), 1)::float as total from passage) as every
),
hit as (
  select id, sum(weight) as covered, sum(weight * (1 + 0.6 * titled::int)) as score,
    max(sum(weight * (1 + 0.6 * titled::int))) over () as most
  from match join term using (n) where readable group by id
),
best as (
  select distinct on (entry_id) id, entry_id, covered,
    score + 0.3 * same::int
      + case when score >= 0.6 * most then 0.5 * ts_rank_cd(words, cast(%(any)s as tsquery), 1) else 0 end as final
  from hit join near using (id)
  order by entry_id, final desc, id
)
select p.id, entry_id, topic_id, unconfirmed, final, covered / (select sum(weight) from term)
from best p join entry e on e.id = entry_id order by final desc, p.id limit %(limit)s
"""  # noqa: S608 the names are our own, never input

_QUESTIONS = f"""
with word as (
  select n, alternatives
  from unnest(string_to_array(%(terms)s, '{BETWEEN}')::tsquery[]) with ordinality as q(alternatives, n)
),
near as materialized (
  select id, words,
    audience && cast(%(held)s as text[]) and id <> %(but)s and length(words) <= 3 * %(count)s as eligible
  from question where words @@ cast(%(any)s as tsquery)
),
match as materialized (
  select word.n, near.id, near.eligible from word join near on near.words @@ word.alternatives
),
term as (
  select n, ln(1 + (total - df + 0.5) / (df + 0.5)) as weight
  from (select word.n, count(match.id)::float as df from word left join match using (n) group by word.n) as seen,
    (select greatest(count(*), 1)::float as total from question) as every
)
select id, sum(weight order by n) / (select sum(weight order by n) from term) as confidence
from match join term using (n) where eligible
group by id order by confidence desc, id desc limit %(limit)s
"""  # noqa: S608
_BY_ID = f"select {QUESTIONS.columns('q')} from question q where id = any(%(ids)s)"  # noqa: S608
_OPEN = f"""
select {ENTRIES.columns("e")}, {PASSAGES.columns("p")}, {TOPICS.columns("t")}, {PEOPLE.columns("a")},
  {PEOPLE.columns("v")}
from passage p join entry e on e.id = p.entry_id left join topic t on t.id = e.topic_id
left join person a on a.id = e.author_id left join person v on v.id = e.verified_by_id
where p.id = any(%(ids)s)
"""  # noqa: S608


class Match(NamedTuple):
    """A passage that was found, its entry's topic, its score (comparable within one search) and its confidence (0 to
    1)."""

    passage_id: int
    entry_id: int
    topic_id: int | None
    score: float
    confidence: float


@dataclass(frozen=True)
class Hit:
    """A match with what is shown of it: the passage and its entry."""

    entry: Entry
    passage: Passage
    score: float
    confidence: float


@dataclass(frozen=True)
class Asked:
    """A question asked before, and how much of the new one it covers (0 to 1)."""

    question: Question
    confidence: float


def matches(session: Session, text: str, language: str, held: Sequence[str], limit: int = 5) -> list[Match]:
    """The best passages for ``text``, one an entry, among those that a holder of ``held`` may read; best first."""
    sought = wanted(text)
    if not sought or not held:
        return []
    values = {**sought, "held": list(held), "language": language, "limit": limit}
    found = []
    for id, entry, topic, unconfirmed, final, sure in run(session, _PASSAGES, values).fetchall():
        score = float(final) * (UNCONFIRMED if unconfirmed else 1.0)  # what nobody confirmed when that was due
        found.append(Match(id, entry, topic, score, float(sure)))
    return sorted(found, key=lambda match: -match.score)


def opened(session: Session, found: Sequence[Match]) -> list[Hit]:
    """What is shown of ``found``, loaded together with the topics, and the people who wrote and verified the
    entries."""
    passages: dict[int, tuple[Entry, Passage]] = {}
    rows = run(session, _OPEN, {"ids": [match.passage_id for match in found]}).fetchall() if found else ()
    for row in rows:
        entry, rest = ENTRIES.of(session, row), row[len(ENTRIES) :]
        passage, rest = PASSAGES.of(session, rest), rest[len(PASSAGES) :]
        TOPICS.maybe(session, rest)
        PEOPLE.maybe(session, rest[len(TOPICS) :])
        PEOPLE.maybe(session, rest[len(TOPICS) + len(PEOPLE) :])
        passages[passage.id] = entry, passage
    return [Hit(*passages[one.passage_id], one.score, one.confidence) for one in found if one.passage_id in passages]


def find(session: Session, text: str, language: str, held: Sequence[str], limit: int = 5) -> list[Hit]:
    """The best passages for ``text``, to be shown: see ``matches``."""
    return opened(session, matches(session, text, language, held, limit))


def asked_before(
    session: Session, text: str, held: Sequence[str], but: int = 0, limit: int = 3, least: float = 0.0
) -> list[Asked]:
    """Questions much like ``text`` whose thread a holder of ``held`` may read, best first; each covers at least the
    share ``least`` of it."""
    found = {id: sure for id, sure in alike(session, text, held, but, limit).items() if sure >= least}
    ids = {"ids": list(found)}
    questions = {question.id: question for question in QUESTIONS.all(session, _BY_ID, ids)} if found else {}
    return [Asked(questions[id], confidence) for id, confidence in found.items() if id in questions]


def alike(session: Session, text: str, held: Sequence[str], but: int = 0, limit: int = 3) -> dict[int, float]:
    """The numbers of those questions, and how much of ``text`` each covers (0 to 1)."""
    sought = wanted(text)
    if not sought or not held:
        return {}
    values = {**sought, "held": list(held), "but": but, "limit": limit}
    rows = run(session, _QUESTIONS, values).fetchall()
    return {id: float(confidence) for id, confidence in rows}
