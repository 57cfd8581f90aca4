"""What asking looks for, so that it is encoded before the turn begins. What is missing here is searched for by words
alone; what is too much costs a little time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

from sqlalchemy.orm import Session

from bot.inbound import Inbound
from bot.router import Router
from handlers.questions.actions import RECENT
from models.access import is_own_chat
from models.base import Refusal, now
from models.people import by_account
from models.places import Place, place_at
from models.questions import Question, in_thread, latest_in

router = Router()


@router.seeks("message")
def said(session: Session, inbound: Inbound) -> Iterator[str]:
    """A question, or more about one: what is said alone, and together with it."""
    text = inbound.text.strip()
    place = place_at(session, inbound.platform, inbound.installation, inbound.conversation)
    if place is None or not text:
        return
    question = in_thread(session, place, inbound.thread) or _latest(session, place, inbound)
    if question is not None:
        yield f"{question.whole}\n{text}"
    if question is not None or is_own_chat(place) or inbound.mentioned or place.answers == "always":
        yield text


@router.seeks("message_changed")
@router.seeks("command", "ask")
@router.seeks("shortcut", "questions.from_message")
def written(session: Session, inbound: Inbound) -> Iterator[str]:
    """What stands there."""
    yield inbound.text.strip()


@router.seeks("form", "questions.ask")
def in_form(session: Session, inbound: Inbound) -> Iterator[str]:
    """What was filled in."""
    yield str(inbound.values.get("text", "")).strip()


@router.seeks("form", "threads.duplicate")
def of_which(session: Session, inbound: Inbound) -> Iterator[str]:
    """The words by which the other question is looked for."""
    yield str(inbound.values.get("number", "")).strip()


@router.seeks("button", "questions.not_meant")
@router.seeks("button", "questions.reopen")
def once_more(session: Session, inbound: Inbound) -> Iterator[str]:
    """A question that is looked for again, with what was added to it."""
    question = session.get(Question, inbound.id)
    if question is not None:
        yield question.whole
        yield from (question.text, question.more[-1]) if question.more else ()


def _latest(session: Session, place: Place, inbound: Inbound) -> Question | None:
    """In their own chat: what they asked a moment ago."""
    if inbound.thread is not None or inbound.actor is None or not is_own_chat(place):
        return None
    with suppress(Refusal):
        asker = by_account(session, inbound.platform, inbound.installation, inbound.actor)
        return latest_in(session, place, asker, now() - RECENT)
    return None
