"""One search for all that may be found: passages of entries, and questions asked before.

Permissions are part of the query: only rows that share a key with ``held`` are looked at. Scores are sums of how rare
the shared words are; *confidence* is the share of the question's weight that the found text covers, from 0 to 1.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import text as sql
from sqlalchemy.orm import Session

from models.knowledge import Entry, Passage
from models.questions import Question
from models.search.analysis import Term, terms
from models.search.words import distinct, group

# What share of the question a passage must cover to be shown as the answer, and to be shown with doubt. Chosen on the
# demo company: of 40 answerable questions 26 pass the first and 10 more the second; of 8 unanswerable none and one.
GOOD_ENOUGH = 0.5
MAYBE = 0.35
UNCONFIRMED = 0.75  # enough to come after what is as good and confirmed, not enough to lose a clearly better answer

_PASSAGES = sql("""
with total as (select greatest(count(*), 1)::float as n from passage),
term as (
  select q.any_weight, q.in_title, ln(1 + (total.n - seen.df + 0.5) / (seen.df + 0.5)) as weight
  from total, unnest(cast(:terms as tsquery[]), cast(:titles as tsquery[])) as q(any_weight, in_title),
  lateral (select count(*)::float as df from passage where words @@ q.any_weight) as seen
),
hit as (
  select p.id, p.entry_id, sum(term.weight) as covered,
    sum(term.weight * (1 + 0.6 * (p.words @@ term.in_title)::int)) as score, p.language = :language as same
  from term join passage p on p.words @@ term.any_weight
  where p.audience && cast(:held as text[])
  group by p.id
),
best as (
  select distinct on (h.entry_id) h.*,
    h.score + 0.5 * ts_rank_cd(p.words, cast(:any as tsquery), 1) + 0.3 * h.same::int as final
  from hit h join passage p on p.id = h.id
  order by h.entry_id, final desc, h.id
)
select best.id, best.entry_id, best.final, best.covered / (select sum(weight) from term) as confidence
from best order by best.final desc, best.id limit :limit
""")

_QUESTIONS = sql("""
with total as (select greatest(count(*), 1)::float as n from question),
term as (
  select q as any_weight, ln(1 + (total.n - seen.df + 0.5) / (seen.df + 0.5)) as weight
  from total, unnest(cast(:terms as tsquery[])) as q,
  lateral (select count(*)::float as df from question where words @@ q) as seen
)
select q.id, sum(term.weight) / (select sum(weight) from term) as confidence
from term join question q on q.words @@ term.any_weight
where q.audience && cast(:held as text[]) and q.id <> :but and length(q.words) <= 3 * :count
group by q.id order by confidence desc, q.id desc limit :limit
""")


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
    passages = {p.id: p for p in session.query(Passage).where(Passage.id.in_([f[0] for f in found]))} if found else {}
    hits = [_hit(passages[key], score, sure) for key, score, sure in found if key in passages]
    return sorted(hits, key=lambda hit: -hit.score)


def _hit(passage: Passage, score: float, sure: float) -> Hit:
    """What nobody confirmed when that was due counts for less."""
    return Hit(passage.entry, passage, score * UNCONFIRMED if passage.entry.unconfirmed else score, sure)


def asked_before(session: Session, text: str, held: Sequence[str], but: int = 0, limit: int = 3) -> list[Asked]:
    """Questions much like ``text`` whose thread a holder of ``held`` may read, best first."""
    wanted = distinct(terms(text))
    if not wanted or not held:
        return []
    queries = {"terms": [group(term) for term in wanted], "count": sum(map(len, wanted))}
    rows = session.execute(_QUESTIONS, {**queries, "held": list(held), "but": but, "limit": limit}).all()
    found = {q.id: q for q in session.query(Question).where(Question.id.in_([row.id for row in rows]))} if rows else {}
    return [Asked(found[row.id], float(row.confidence)) for row in rows if row.id in found]


def _queries(wanted: Sequence[Term]) -> dict[str, object]:
    return {
        "terms": [group(term) for term in wanted],
        "titles": [group(term, "A") for term in wanted],
        "any": " | ".join(group(term) for term in wanted),
    }
