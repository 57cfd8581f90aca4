"""One search for all that may be found: passages of entries, and questions asked before.

Permissions are part of the query: only rows that share a key with ``held`` are looked at. Scores are sums of how rare
the shared words are; *confidence* is the share of the question's weight that the found text covers, from 0 to 1.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import BigInteger, any_, bindparam, select
from sqlalchemy import text as sql
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session, defer, joinedload

from models.knowledge import Entry, Passage, Topic
from models.people import Person
from models.questions import Question
from models.search.analysis import Term, terms
from models.search.words import distinct, group

# What share of the question a passage must cover to be shown as the answer, and to be shown with doubt. Chosen on the
# demo company: of 40 answerable questions 26 pass the first and 10 more the second; of 8 unanswerable none and one.
GOOD_ENOUGH = 0.5
MAYBE = 0.35
UNCONFIRMED = 0.75  # enough to come after what is as good and confirmed, not enough to lose a clearly better answer

# ``near`` holds whatever shares a word with the question, each ``words`` unpacked once (that is what || '' does): they
# are stored compressed, and unpacking them for every word of the question takes five times as long as all the rest.
_PASSAGES = sql("""
with word as (
  select n, alternatives, in_title
  from unnest(cast(:terms as tsquery[]), cast(:titles as tsquery[])) with ordinality as q(alternatives, in_title, n)
),
near as materialized (
  select id, entry_id, words || '' as words, audience && cast(:held as text[]) as readable, language = :language as same
  from passage where words @@ cast(:any as tsquery)
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
  select id, sum(weight) as covered, sum(weight * (1 + 0.6 * titled::int)) as score
  from match join term using (n) where readable group by id
),
best as (
  select distinct on (entry_id) id, entry_id, covered,
    score + 0.5 * ts_rank_cd(words, cast(:any as tsquery), 1) + 0.3 * same::int as final
  from hit join near using (id)
  order by entry_id, final desc, id
)
select id, final, covered / (select sum(weight) from term) as confidence
from best order by final desc, id limit :limit
""")

_QUESTIONS = sql("""
with word as (
  select n, alternatives from unnest(cast(:terms as tsquery[])) with ordinality as q(alternatives, n)
),
near as materialized (
  select id, words,
    audience && cast(:held as text[]) and id <> :but and length(words) <= 3 * :count as eligible
  from question where words @@ cast(:any as tsquery)
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
group by id order by confidence desc, id desc limit :limit
""")
_BY_ID = (
    select(Passage)
    .where(Passage.id == any_(bindparam("ids", type_=ARRAY(BigInteger))))
    .options(joinedload(Passage.entry, innerjoin=True).defer(Entry.body), defer(Passage.words))
)
_PEOPLE = select(Person).where(Person.id == any_(bindparam("ids", type_=ARRAY(BigInteger))))
_TOPICS = select(Topic).where(Topic.id == any_(bindparam("ids", type_=ARRAY(BigInteger))))
_NAMED = 3  # so many of the best are shown, with their people and topics
_ASKED_BY_ID = select(Question).where(Question.id == any_(bindparam("ids", type_=ARRAY(BigInteger))))


@dataclass(frozen=True)
class Hit:
    """A found passage with its entry, its score (comparable within one search) and its confidence (0 to 1)."""

    entry: Entry
    passage: Passage
    score: float
    confidence: float


@dataclass(frozen=True)
class Asked:
    """A question asked before, and how much of the new one it covers (0 to 1)."""

    question: Question
    confidence: float


def find(session: Session, text: str, language: str, held: Sequence[str], limit: int = 5) -> list[Hit]:
    """The best passages for ``text``, one an entry, among those that a holder of ``held`` may read; best first."""
    wanted = distinct(terms(text))
    if not wanted or not held:
        return []
    rows = session.execute(_PASSAGES, {**_queries(wanted), "held": list(held), "language": language, "limit": limit})
    found = [(row.id, float(row.final), float(row.confidence)) for row in rows]
    passages = {p.id: p for p in session.scalars(_BY_ID, {"ids": [key for key, *_ in found]})} if found else {}
    hits = [_hit(passages[key], score, sure) for key, score, sure in found if key in passages]
    hits.sort(key=lambda hit: -hit.score)
    _name(session, [hit.entry for hit in hits[:_NAMED]])
    return hits


def _name(session: Session, entries: Sequence[Entry]) -> None:
    """Load the people and topics of ``entries`` together; the session holds them."""
    people = {id for entry in entries for id in (entry.author_id, entry.verified_by_id) if id is not None}
    subjects = {entry.topic_id for entry in entries if entry.topic_id is not None}
    for statement, kind, wanted in ((_PEOPLE, Person, people), (_TOPICS, Topic, subjects)):
        missing = [id for id in wanted if session.identity_key(kind, id) not in session.identity_map]
        if missing:
            session.scalars(statement, {"ids": missing}).all()


def _hit(passage: Passage, score: float, sure: float) -> Hit:
    """What nobody confirmed when that was due counts for less."""
    return Hit(passage.entry, passage, score * UNCONFIRMED if passage.entry.unconfirmed else score, sure)


def asked_before(session: Session, text: str, held: Sequence[str], but: int = 0, limit: int = 3) -> list[Asked]:
    """Questions much like ``text`` whose thread a holder of ``held`` may read, best first."""
    wanted = distinct(terms(text))
    if not wanted or not held:
        return []
    values = {"held": list(held), "but": but, "count": sum(map(len, wanted)), "limit": limit}
    rows = session.execute(_QUESTIONS, {**_queries(wanted), **values}).all()
    found = {q.id: q for q in session.scalars(_ASKED_BY_ID, {"ids": [row.id for row in rows]})} if rows else {}
    return [Asked(found[row.id], float(row.confidence)) for row in rows if row.id in found]


def _queries(wanted: Sequence[Term]) -> dict[str, object]:
    return {
        "terms": [group(term) for term in wanted],
        "titles": [group(term, "A") for term in wanted],
        "any": " | ".join(group(term) for term in wanted),
    }
