"""What was decided, as knowledge: an entry for whoever may read the decision, which search finds and answers cite."""

from __future__ import annotations

from sqlalchemy.orm import Session

from models import learning
from models.base import now
from models.decisions.tables import Decision
from models.knowledge import CURRENT, Entry, revise
from models.learning import YEAR, Content


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
