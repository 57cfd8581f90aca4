"""What speaks for a person, by topic: for their own eyes, and for whoever looks after a topic."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from models.knowledge import CURRENT, Topic
from models.people import Person
from models.rows import run
from models.search.analysis import is_stopword, normalise, plain

Reason = dict[str, Any]
"""``why`` in one word, with what fills its sentence: JSON, as offers keep it."""
SUBJECT = 3  # words name a subject
_WORD = re.compile(r"[^\W\d_]\w{2,30}")
_LATELY = 30  # questions outside any topic are looked at

_BY_TOPIC = f"""
select topic_id, why, count, last, place from (
  select id as topic_id, 1 as n, 'owner' as why, 1 as count, null::timestamptz as last, null as place from topic
  where owner_id = %(person)s
  union all
  select id, 2, 'deputy', 1, null, null from topic where deputy_id = %(person)s
  union all
  select q.topic_id, 3, 'answered', count(distinct q.id), max(a.created_at), null from answer a
  join question q on q.id = a.question_id
  where a.author_id = %(person)s and q.topic_id is not null and not a.private group by q.topic_id
  union all
  select r.topic_id, 4, 'replied', count(*), max(r.at), p.name from reply r join place p on p.id = r.place_id
  where r.person_id = %(person)s and not r.began group by r.topic_id, p.id
  union all
  select topic_id, 5, 'wrote', count(*), null, null from entry
  where owner_id = %(person)s and state = '{CURRENT}' and topic_id is not null group by 1
  union all
  select topic_id, 6, 'verified', count(*), null, null from entry
  where verified_by_id = %(person)s and state = '{CURRENT}' and topic_id is not null group by 1
  union all
  select id, 7, 'skill', 1, null, null from topic where key = any(%(skills)s)
) found order by topic_id, n
"""  # noqa: S608 the names are our own, never input
_ELSEWHERE = """
select text, last from (
  select q.id, q.text, max(a.created_at) as last from answer a join question q on q.id = a.question_id
  where a.author_id = %(person)s and q.topic_id is null and not a.private group by q.id
) found order by last desc limit %(most)s
"""


def evidence(session: Session, person: Person) -> list[tuple[Topic | str, list[Reason]]]:
    """What speaks for ``person``: each topic with its reasons, most answered first, then what they answered lately
    outside any topic, named by the words that its questions share."""
    found: dict[int | None, list[Reason]] = {}
    rows = run(session, _BY_TOPIC, {"person": person.id, "skills": list(person.skills)}).fetchall()
    for topic_id, why, count, last, place in rows:
        where = {"place": place} if place is not None else {}
        found.setdefault(topic_id, []).append(reason(why, count, last, topic=topic_id, **where))
    elsewhere = found.pop(None, [])  # replies below questions outside any topic
    topics = [(session.get_one(Topic, id), reasons) for id, reasons in found.items()]
    topics.sort(key=lambda pair: (-sum(one.get("n", 1) for one in pair[1]), pair[0].key))
    return [*topics, *_elsewhere(session, person), *([("", elsewhere)] if elsewhere else ())]


def reason(why: str, count: int, last: date | None, **about: Any) -> Reason:
    """One reason; what is a yes or a no has no count."""
    counted = {"n": count} if why not in ("owner", "deputy", "skill", "asked_for", "stands_in") else {}
    dated = {"last": last.isoformat()[:10]} if last else {}
    return {"why": why, **counted, **dated, **about}


def shared(text: str, others: Sequence[str]) -> str:
    """The words of ``text`` that most of ``others`` have, too, as it writes them."""
    theirs = Counter(word for other in others for word in _words(other))
    here = _words(text)
    best = sorted((word for word in here if theirs[word]), key=lambda word: -theirs[word])
    return " ".join(here[word] for word in best[:SUBJECT])


def subject(texts: Iterable[str]) -> str:
    """The words that most of some texts share, as they were written first; nothing where they share none."""
    times: Counter[str] = Counter()
    written: dict[str, str] = {}
    texts = list(texts)
    for text in texts:
        here = _words(text)
        times.update(here.keys())
        written = {**here, **written}
    least = 1 if len(texts) == 1 else 2
    shared = [word for word, count in times.most_common() if count >= least]
    return " ".join(written[word] for word in shared[:SUBJECT])


def _words(text: str) -> dict[str, str]:
    """The words of a text that say something, in their one form and as they are written."""
    return {key: word for word in _WORD.findall(plain(text)) if not is_stopword(key := normalise(word))}


def _elsewhere(session: Session, person: Person) -> list[tuple[Topic | str, list[Reason]]]:
    rows = run(session, _ELSEWHERE, {"person": person.id, "most": _LATELY}).fetchall()
    if not rows:
        return []
    return [(subject(text for text, _ in rows), [reason("answered", len(rows), rows[0][1])])]
