"""One search for all that may be found: passages of entries, and questions asked before.

The index of this process finds candidates among what the asker may read and measures them, the ranker puts them in
order, and PostgreSQL has the last word: what it does not confirm, state and audience, is not shown. Where it says that
something is newer than the index, the index catches up and is asked again. *Confidence* is how sure it is that the
question is answered, from 0 to 1.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from sqlalchemy.orm import Session

from models.base import now
from models.knowledge import CURRENT, ENTRIES, PASSAGES, TOPICS, Entry, Passage
from models.people import PEOPLE
from models.questions import QUESTIONS, Question
from models.rows import plan_once, run
from models.search import analysis
from models.search.calibrate import GOOD_ENOUGH as GOOD_ENOUGH
from models.search.calibrate import MAYBE as MAYBE
from models.search.documents import DECIDED, NEWER
from models.search.follow import follower
from models.search.index import PHRASES
from models.search.language import detect
from models.search.learned import calibration
from models.search.lexical import sought
from models.search.pool import Kind, Pool, Query, Space, Vector
from models.search.rank import EXACT, NO_CORRECTION, Standing, judge

_LOOKED_AT = 30
"""So many passages are asked for in PostgreSQL: the rest is too far behind to come first by what is known there."""
_TIMES_LONGER = 3
"""A question with more words than so many times those of the new one is about more than that."""
_NOTHING: Mapping[Space, Vector] = {}

# That a passage is there yet is told by an index alone, as nothing else of it is read: half of the pages. Where nothing
# changed since the index was true it need not be told.
_SIGNALS = f"""
select found.passage_id, e.id, e.topic_id, e.verified_at is not null, e.unconfirmed, e.changed_at, votes.helped,
  votes.missed, {{whole}}, {NEWER}
from unnest(cast(%(ids)s as bigint[]), cast(%(entries)s as bigint[])) found (passage_id, entry_id)
{{there}} join entry e on e.id = found.entry_id, lateral (
  select count(*) filter (where helped) as helped, count(*) filter (where not helped) as missed
  from serving where serving.entry_id = e.id and serving.helped is not null) votes
where e.state = '{CURRENT}' and (e.ends_at is null or e.ends_at > %(now)s)
  and e.audience && cast(%(held)s as text[])
"""  # noqa: S608 the names are our own, never input
_THERE = "join passage p on p.id = found.passage_id"
_TRUE = _SIGNALS.format(whole="null", there="")
_PLAIN = _SIGNALS.format(whole="null", there=_THERE)
_QUOTED = _SIGNALS.format(
    whole="concat_ws(' ', e.title, array_to_string(e.tags, ' '), p.heading, p.text)", there=_THERE)  # fmt: skip
_ASKED = f"""
select {QUESTIONS.columns("q")}, {PEOPLE.columns("a")}, {PEOPLE.columns("w")}
from question q left join person a on a.id = q.asker_id left join person w on w.id = q.asked_of_id
where q.id = any(%(ids)s) and q.audience && cast(%(held)s as text[])
"""  # noqa: S608
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
    likely: float | None = None
    """The confidence before the company's votes corrected it; none where words decided alone."""


@dataclass(frozen=True)
class Hit:
    """A match with what is shown of it: the passage and its entry."""

    entry: Entry
    passage: Passage
    score: float
    confidence: float
    likely: float | None = None


@dataclass(frozen=True)
class Asked:
    """A question asked before, and how much of the new one it covers (0 to 1)."""

    question: Question
    confidence: float


def matches(
    session: Session,
    text: str,
    language: str,
    held: Sequence[str],
    limit: int = 5,
    vectors: Mapping[Space, Vector] = _NOTHING,
    decided: bool = False,
) -> list[Match]:
    """The best passages for ``text``, one an entry, among those that a holder of ``held`` may read; best first.
    ``decided``: only those that tell what was decided."""
    query, here = Query(text, language, vectors), follower()
    seen = None if _looked(session) else here.seen
    found = None if seen is None else _confirmed(session, query, held, decided, seen)
    if found is None:
        _look(session)
        found = _confirmed(session, query, held, decided) or []
    return found[:limit]


def _confirmed(
    session: Session, query: Query, held: Sequence[str], decided: bool, seen: str | None = None
) -> list[Match] | None:
    """The best of what the index knows and PostgreSQL confirms. ``None`` where passages may have changed since the
    snapshot ``seen``: what confirms tells that as well, and most questions do with one statement."""
    keys = [f"{DECIDED}{key}" for key in held] if decided else held
    pool = follower().index.pool(query, keys, ("passage",))
    if not len(pool):
        return None
    judged = judge(query, pool, calibration(session) if query.vectors else NO_CORRECTION)
    first = np.argsort(-judged.score, kind="stable")[:_LOOKED_AT]
    phrases = [phrase for phrase in analysis.exact(query.text)[:PHRASES] if len(phrase) > 1]  # words the index knows
    ids, at_present = pool.ids[first].tolist(), now()
    some = {"ids": _written(ids), "entries": _written(pool.parents[first].tolist())}
    values = {**some, "held": list(held), "now": at_present, "seen": seen}
    rows = run(session, _QUOTED if phrases else _PLAIN if seen is None else _TRUE, values).fetchall()
    if seen is not None and (not rows or rows[0][-1]):
        return None
    signals = {row[0]: row for row in rows}
    uncorrected = [None] * len(ids) if judged.likely is None else judged.likely[first].tolist()
    each = zip(ids, judged.score[first].tolist(), judged.confidence[first].tolist(), uncorrected, strict=True)
    found = []
    for id, score, sure, likely in each:
        if (signal := signals.get(id)) is not None:
            _, entry, topic, verified, unconfirmed, changed_at, helped, missed, whole, _ = signal
            score += Standing(verified, unconfirmed, at_present - changed_at, helped, missed).worth
            if phrases:
                there = _share(phrases, whole)
                score, sure = score - EXACT * (1 - there), sure * (0.5 + 0.5 * there)
            found.append(Match(id, entry, topic, score, sure, likely))
    found.sort(key=lambda match: -match.score)
    return _one_each(found)


def opened(session: Session, found: Sequence[Match]) -> list[Hit]:
    """What is shown of ``found``, loaded together with the topics, and the people who wrote and verified the
    entries."""
    passages: dict[int, tuple[Entry, Passage]] = {}
    if not found:
        return []
    plan_once(session)
    rows = run(session, _OPEN, {"ids": [match.passage_id for match in found]}).fetchall()
    for row in rows:
        entry, rest = ENTRIES.of(session, row), row[len(ENTRIES) :]
        passage, rest = PASSAGES.of(session, rest), rest[len(PASSAGES) :]
        TOPICS.maybe(session, rest)
        PEOPLE.maybe(session, rest[len(TOPICS) :])
        PEOPLE.maybe(session, rest[len(TOPICS) + len(PEOPLE) :])
        passages[passage.id] = entry, passage
    known = (one for one in found if one.passage_id in passages)
    return [Hit(*passages[one.passage_id], one.score, one.confidence, one.likely) for one in known]


def find(
    session: Session,
    text: str,
    language: str,
    held: Sequence[str],
    limit: int = 5,
    vectors: Mapping[Space, Vector] = _NOTHING,
) -> list[Hit]:
    """The best passages for ``text``, to be shown: see ``matches``."""
    return opened(session, matches(session, text, language, held, limit, vectors))


def asked_before(
    session: Session,
    text: str,
    held: Sequence[str],
    but: int = 0,
    limit: int = 3,
    least: float = 0.0,
    vectors: Mapping[Space, Vector] = _NOTHING,
) -> list[Asked]:
    """Questions much like ``text`` whose thread a holder of ``held`` may read, best first; each covers at least the
    share ``least`` of it. Who asked, and who has it, are loaded with each."""
    found = {id: sure for id, sure in alike(session, text, held, but, limit, vectors).items() if sure >= least}
    rows = run(session, _ASKED, {"ids": list(found), "held": list(held)}).fetchall() if found else ()
    questions = {}
    for row in rows:
        question, people = QUESTIONS.of(session, row), row[len(QUESTIONS) :]
        PEOPLE.maybe(session, people)
        PEOPLE.maybe(session, people[len(PEOPLE) :])
        questions[question.id] = question
    return [Asked(questions[id], confidence) for id, confidence in found.items() if id in questions]


def alike(
    session: Session,
    text: str,
    held: Sequence[str],
    but: int = 0,
    limit: int = 3,
    vectors: Mapping[Space, Vector] = _NOTHING,
) -> dict[int, float]:
    """The numbers of those questions, and how much of ``text`` each covers (0 to 1)."""
    query = Query(text, detect(text, "") if vectors else "", vectors)  # words alone are judged without it
    pool = _pool(session, query, held, "question")
    if not len(pool):
        return {}
    confidence = judge(query, pool).confidence
    most = _TIMES_LONGER * len(sought(text).hashes)
    good = np.flatnonzero((pool.ids != but) & (pool.words <= most) & (confidence > 0))
    first = good[np.lexsort((-pool.ids[good], -confidence[good]))][:limit]
    return {int(pool.ids[at]): float(confidence[at]) for at in first.tolist()}


def _pool(session: Session, query: Query, held: Sequence[str], kind: Kind) -> Pool:
    """Candidates: of what was committed until the turn looked first."""
    _look(session)
    return follower().index.pool(query, held, (kind,))


def _looked(session: Session) -> bool:
    """Whether the index has caught up in this transaction already."""
    return session.get_transaction() is not None and session.info.get("searched") is session.get_transaction()


def _look(session: Session) -> None:
    """Let the index catch up, once in a transaction."""
    if not _looked(session):
        follower().catch_up(session)
        session.info["searched"] = session.get_transaction()


def _written(numbers: Sequence[int]) -> str:
    """As PostgreSQL reads an array: the driver would look at each of them."""
    return f"{{{','.join(map(str, numbers))}}}"


def _share(phrases: Sequence[tuple[str, ...]], whole: str | None) -> float:
    """Of what was quoted the share that stands there as it was written."""
    if not phrases or whole is None:
        return 1.0
    return sum(analysis.has_phrase(phrase, whole) for phrase in phrases) / len(phrases)


def _one_each(found: Sequence[Match]) -> list[Match]:
    """The first of each entry."""
    first: dict[int, Match] = {}
    for match in found:
        first.setdefault(match.entry_id, match)
    return list(first.values())
