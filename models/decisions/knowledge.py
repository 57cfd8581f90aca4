"""What was decided, as knowledge: an entry for whoever may read the decision, which search finds and answers cite."""

from __future__ import annotations

import re
from collections.abc import Collection

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from models import learning
from models.base import now
from models.decisions.tables import Decision, Voice
from models.knowledge import CURRENT, Entry, Revision, revise
from models.learning import YEAR, Content
from models.people import Person

_MARKS = "[\u2066-\u2069]*"  # of direction, around names


def publish(session: Session, decision: Decision, title: str, body: str) -> Entry:
    """Let it be known: a new entry, or the one that there is as it reads now."""
    content = Content(title, body, decision.language, decision.topic_id, tuple(decision.audience))
    entry = session.get(Entry, decision.entry_id) if decision.entry_id else None
    if entry is not None:
        if entry.state == CURRENT:
            learning.change(session, entry, content, decision.asker, "decided")
        return entry
    author = decision.decider or decision.asker
    entry = Entry(
        title=content.title, body=content.body, language=content.language, topic_id=content.topic_id, state=CURRENT,
        audience=list(content.audience), author_id=author.id, owner_id=decision.asker_id, verified_by_id=author.id,
        verified_at=now(), review_on=(now() + YEAR).date(),
    )  # fmt: skip
    session.add(entry)
    session.flush()
    decision.entry_id = entry.id
    revise(session, entry, title=entry.title, body=entry.body, language=entry.language, by=author, reason="decided")
    learning.store(session, entry)
    learning.plan_review(session, entry)
    return entry


def forget(session: Session, decision: Decision) -> None:
    """It does not hold any more: not found from now on."""
    entry = session.get(Entry, decision.entry_id) if decision.entry_id else None
    if entry is not None and entry.state == CURRENT:
        learning.retire(session, entry)


def leave_out(session: Session, person: Person, names: Collection[str], instead: str) -> None:
    """Let what is known of decisions say neither that ``person`` asked or decided, nor what they were for and why."""
    spoke = Decision.id.in_(select(Voice.decision_id).where(Voice.person_id == person.id))
    theirs = or_(Decision.asker_id == person.id, Decision.decider_id == person.id, spoke)
    of = select(Entry).join(Decision, Decision.entry_id == Entry.id).where(theirs)
    for entry in session.scalars(of).all():
        for text in (entry, *session.scalars(select(Revision).where(Revision.entry_id == entry.id))):
            text.body = _without(text.body, names, instead)
        session.flush()
        learning.store(session, entry)


def _without(body: str, names: Collection[str], instead: str) -> str:
    """``body`` without the paragraphs that say what one of these people said."""
    theirs = "|".join(map(re.escape, sorted(names, key=len, reverse=True))) or r"(?!)"
    said = re.compile(rf"{_MARKS}(?:{theirs}){_MARKS}:")
    kept = "\n\n".join(part for part in body.split("\n\n") if not said.match(part))
    return re.sub(rf"(?<!\w)(?:{theirs})(?!\w)", lambda _: instead, kept)
