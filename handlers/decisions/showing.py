"""A decision as it stands now, wherever it stands: in its thread, and in the chats of those who were asked."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.cards import Actions, Card
from bot.translatable import written_of
from bot.translating import offered, offered_to
from bot.turn import Turn
from handlers.decisions import cards, notices
from handlers.decisions.cards import State
from models import readers
from models.decisions import counting, voices
from models.decisions.log import replaced_by
from models.decisions.tables import OPEN, Decision
from models.mail import PostedCard
from models.pending import standing_about
from models.people import Person


def state_of(session: Session, decision: Decision, reader: Person | None = None) -> State:
    """Everything that is shown of it, to all who see its cards, or to ``reader`` alone."""
    session.flush()
    return State(
        decision,
        counting.options(session, decision),
        counting.count(session, decision),
        voices.said(session, decision),
        voices.named(session, decision),
        replaced_by(session, decision),
        _translation(session, decision, reader),
    )


def _translation(session: Session, decision: Decision, reader: Person | None) -> tuple[Actions, ...]:
    """Where somebody who is shown it does not read all that was written in it."""
    if reader is not None:
        return offered_to(session, "decision", decision, reader)
    button = offered("decision", decision.id, decision.language)
    languages = {decision.language, *(language for language, _ in written_of(session, decision))} if button else set()
    return button if button and readers.decision_read_otherwise(session, decision, languages) else ()


def result_about(decision: Decision) -> str:
    """What the card of its result is about."""
    return f"decided:{decision.id}"


def end_about(decision: Decision) -> str:
    """What the lines are about that say until when."""
    return f"{decision.about}:end"


def begin(turn: Turn, decision: Decision) -> None:
    """Post it in its thread, and show it to those who were asked by name."""
    state = state_of(turn.session, decision)
    card = cards.running(state)
    turn.post(decision.place, card, about=decision.about, thread=decision.thread)
    asked = [*state.named, *([decision.decider] if decision.decider is not None else [])]
    for person in asked:
        if person.id != decision.asker_id:
            turn.send(person, card, decision.about)


def again(turn: Turn, decision: Decision) -> State:
    """Change every card of it that stands."""
    state = state_of(turn.session, decision)
    changed = {decision.about: cards.of(state)}
    if decision.decided_at is not None:
        changed[result_about(decision)] = cards.as_it_is(state)
    if decision.state != OPEN:
        changed[end_about(decision)] = notices.over(state)
    turn.edit_all(changed)
    return state


def tell(turn: Turn, decision: Decision, card: Card, about: str | None = None) -> None:
    """Say something in its thread."""
    turn.post(decision.place, card, about=about, thread=thread_of(turn, decision))


def thread_of(turn: Turn, decision: Decision) -> str | None:
    """Its thread: where it was begun in none, the one below its card."""
    if decision.thread is not None:
        return decision.thread
    place = (decision.place.platform, decision.place.installation, decision.place.key)
    here = [one.id for one in standing_about(turn.session, decision.about)
            if (one.platform, one.installation, one.conversation) == place]  # fmt: skip
    return turn.session.scalar(select(PostedCard.reference).where(PostedCard.id == here[0])) if here else None
