"""What happens to entries by itself: drafts are shown, reminded of and handed on; old entries are asked about."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import func, select

from bot.cards import Card
from bot.router import Router
from bot.turn import Turn
from handlers.knowledge import actions, audiences, cards
from models import learning
from models.company import setting
from models.facts import Fact
from models.knowledge import DRAFT, Entry, Topic
from models.learning import (
    ASK_NEXT,
    DOUBT,
    DOUBT_LASTS,
    HAND_ON,
    OFFER,
    REMIND,
    REMIND_AT,
    RETIRE,
    REVIEW,
    REVIEW_HAS,
)
from models.people import Person

router = Router()
AT_ONCE = 5  # cards of one kind that wait in somebody's chat: more are on their home alone
_NOBODY = timedelta(days=1)  # until somebody can be reached again


@router.timer("knowledge.next")
def due(turn: Turn, entry_id: int, number: int) -> None:
    """The next step of an entry is due; a timer of an earlier step does nothing."""
    entry = turn.session.get(Entry, entry_id, with_for_update=True, populate_existing=True)
    if entry is None or entry.step_number != number or not learning.is_due(entry):
        return
    match entry.next_step:
        case "offer":
            _show_draft(turn, entry, next_one=False)
        case "remind":
            _remind(turn, entry)
        case "hand_on":
            _show_draft(turn, entry, next_one=True)
        case "review":
            _ask(turn, entry, ASK_NEXT, next_one=False)
        case "ask_next":
            _ask(turn, entry, DOUBT, next_one=True)
        case "doubt":
            learning.doubt(entry)
            turn.emit("entry.doubted", entry)
            learning.plan(turn.session, entry, RETIRE, turn.now + DOUBT_LASTS)
        case "retire":
            learning.retire(turn.session, entry)
            turn.emit("entry.retired", entry, reason="unconfirmed")
            actions.show_gone(turn, entry, None)
        case "end":
            learning.retire(turn.session, entry)
            turn.emit("entry.retired", entry, reason="over")


@router.fact("entry.verified")
@router.fact("entry.refused")
def settled(turn: Turn, fact: Fact) -> None:
    """One thing less waits for somebody: show them the next draft that was kept back."""
    person = turn.session.get(Person, fact.actor_id) if fact.actor_id else None
    if person is None:
        return
    waiting = turn.session.scalars(
        select(Entry).where(Entry.asked_of_id == person.id, Entry.state == DRAFT).order_by(Entry.id).limit(AT_ONCE + 1)
    )
    for entry in waiting:
        if not actions.has_card(turn, actions.draft_about(entry), person):
            _post(turn, entry, person, actions.draft_about(entry), actions.draft_card(turn, entry))
            return


@router.fact("topic.owner_changed")
def new_owner(turn: Turn, fact: Fact) -> None:
    """The drafts of a topic go to whoever looks after it now."""
    drafts = select(Entry).where(Entry.topic_id == fact.entity_id, Entry.state == DRAFT)
    topic = turn.session.get(Topic, fact.entity_id)
    for entry in turn.session.scalars(drafts.with_for_update()):
        entry.owner_id = topic.owner_id if topic else None
        learning.plan(turn.session, entry, OFFER, turn.now)


def _show_draft(turn: Turn, entry: Entry, next_one: bool) -> None:
    person = learning.ask(turn.session, entry, next_one=next_one)
    if person is None:
        learning.plan(turn.session, entry, OFFER, turn.now + _NOBODY)
        return
    learning.plan(turn.session, entry, REMIND, turn.now + _within(turn) * REMIND_AT)
    _send(turn, entry, person, actions.draft_about(entry), actions.draft_card(turn, entry))


def _remind(turn: Turn, entry: Entry) -> None:
    """Once more to the same person, if they are still there and were shown it; then to the next."""
    person = turn.session.get(Person, entry.asked_of_id) if entry.asked_of_id else None
    if person is None or not person.active:
        _show_draft(turn, entry, next_one=False)
        return
    learning.plan(turn.session, entry, HAND_ON, turn.now + _within(turn) * (1 - REMIND_AT))
    if actions.has_card(turn, actions.draft_about(entry), person):
        turn.send(person, actions.draft_card(turn, entry, again=True), about=actions.draft_about(entry))


def _within(turn: Turn) -> timedelta:
    """How long one person has a draft before it goes to the next."""
    return timedelta(days=setting(turn.session, "verify_within_days"))


def _ask(turn: Turn, entry: Entry, then: str, next_one: bool) -> None:
    person = learning.ask(turn.session, entry, next_one=next_one)
    learning.plan(turn.session, entry, then, turn.now + REVIEW_HAS)
    if person is not None:
        card = cards.review(entry, audiences.in_words(turn.session, entry.audience), person)
        _send(turn, entry, person, actions.review_about(entry), card)


def _send(turn: Turn, entry: Entry, person: Person, about: str, card: Card) -> None:
    """Send it, unless too many wait for them already: then that is said once, and the home shows the rest."""
    waiting = turn.session.scalar(
        select(func.count())
        .select_from(Entry)
        .where(
            Entry.asked_of_id == person.id,
            Entry.id != entry.id,
            Entry.state == entry.state,
            Entry.next_step.not_in((OFFER, REVIEW)),
        )
    )
    if (waiting or 0) < AT_ONCE:
        _post(turn, entry, person, about, card)
    elif waiting == AT_ONCE:
        turn.send(person, cards.more_waits(waiting + 1))


def _post(turn: Turn, entry: Entry, person: Person, about: str, card: Card) -> None:
    turn.send(person, card, about=about)
    turn.emit("entry.shown", entry, person_id=person.id, step=entry.next_step)
