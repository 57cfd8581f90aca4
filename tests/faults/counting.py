"""What there is when the loop has ended, without numbers and times: to compare with an undisturbed life."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.answers import Answer
from models.decisions.tables import Decision, Voice
from models.experts import Offer
from models.knowledge import Entry
from models.mail import Inbox, Outbox, Timer
from models.questions import Question
from models.tasks.tables import Assignment, Task
from tests.faults.platforms import standing

Counts = dict[str, Counter[Any]]


def counted(session: Session) -> Counts:
    """Questions, answers, tasks, decisions, timers, messages: how often each, by what it says and how it stands."""
    return {
        "questions": Counter((each.whole, each.state, each.next_step) for each in session.scalars(select(Question))),
        "answers": Counter((each.text, each.accepted) for each in session.scalars(select(Answer))),
        "offers": Counter((each.person.handle, each.state) for each in session.scalars(select(Offer))),
        "entries": Counter((each.body, each.state, each.next_step) for each in session.scalars(select(Entry))),
        "tasks": Counter((each.title, each.state, each.due_at) for each in session.scalars(select(Task))),
        "parts": Counter(
            (each.person.handle, each.state, each.next_step, each.reminders)
            for each in session.scalars(select(Assignment))
        ),
        "decisions": Counter(
            (each.title, each.state, each.chosen, each.reasons) for each in session.scalars(select(Decision))
        ),
        "voices": Counter((each.person_id, each.choice, each.reason) for each in session.scalars(select(Voice))),
        "timers": Counter(_timer(session, each) for each in session.scalars(select(Timer))),
        "messages": Counter(
            (each.platform, each.conversation, each.only_for or "", _plain(each.text)) for each in standing(session)
        ),
    }


def twice(session: Session) -> int:
    """Messages that stand there more than once for one row of the outbox."""
    posted = Counter(each.outbox_id for each in standing(session))
    return sum(count - 1 for count in posted.values())


def stuck(session: Session) -> int:
    """Events that were not handled and messages that were not delivered."""
    unhandled = session.scalars(select(Inbox.id).where(Inbox.state != "done")).all()
    undelivered = session.scalars(select(Outbox.id).where(Outbox.state.not_in(("sent", "dropped")))).all()
    return len(unhandled) + len(undelivered)


def lost(found: Counts, wanted: Counts) -> dict[str, int]:
    """By kind, how many there are fewer than in ``wanted``."""
    return {kind: sum((wanted[kind] - found[kind]).values()) for kind in wanted}


def too_many(found: Counts, wanted: Counts) -> dict[str, int]:
    """By kind, how many there are more than in ``wanted``."""
    return {kind: sum((found[kind] - wanted[kind]).values()) for kind in wanted}


def _timer(session: Session, timer: Timer) -> tuple[str, str]:
    """A timer that fired and left no event was lost."""
    state = "waits"
    if timer.fired_at is not None:
        key = f"{timer.schedule}@{timer.slot}"
        happened = session.scalar(select(Inbox.id).where(Inbox.kind == "timer", Inbox.key == key))
        state = "fired" if happened else "fired, and nothing happened"
    return f"{timer.route} {_plain(timer.schedule)}", state


def _plain(text: str) -> str:
    """Without numbers and moments, which differ from life to life."""
    return re.sub(r"\d+", "#", text)
