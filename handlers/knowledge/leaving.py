"""Whoever leaves hands on what they looked after: a few entries at a time, told in one card."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select

from bot.router import Router
from bot.turn import Turn
from handlers.knowledge import cards
from models import learning
from models.facts import Fact
from models.knowledge import CURRENT, DRAFT, Entry
from models.people import Person

router = Router()
AT_A_TIME = 50  # entries in one turn
SHOWN = 10
_REASSIGN = "knowledge.reassign"


@router.fact("person.left")
def left(turn: Turn, fact: Fact) -> None:
    """Somebody left: begin at once, and go on until nothing is theirs."""
    turn.later(turn.now, _REASSIGN, f"reassign:{fact.entity_id}:{turn.correlation}", person_id=fact.entity_id)


@router.timer(_REASSIGN)
def reassign(turn: Turn, person_id: int, after: int = 0, since: str | None = None) -> None:
    """Hand on the next few. Who comes back before it is their turn keeps the rest."""
    person = turn.session.get(Person, person_id)
    if person is None or person.active:
        return
    since = since or turn.now.isoformat()
    theirs = turn.session.scalars(
        select(Entry)
        .where((Entry.owner_id == person_id) | (Entry.asked_of_id == person_id), Entry.id > after)
        .order_by(Entry.id)
        .limit(AT_A_TIME)
        .with_for_update()
    ).all()
    for entry in theirs:
        _hand_on(turn, entry, person_id)
    if len(theirs) == AT_A_TIME:
        last = theirs[-1].id
        schedule = f"reassign:{person_id}:{turn.correlation}:{last}"
        turn.later(turn.now, _REASSIGN, schedule, person_id=person_id, after=last, since=since)
    else:
        turn.session.flush()
        _tell(turn, person, since)


def _hand_on(turn: Turn, entry: Entry, person_id: int) -> None:
    if entry.owner_id == person_id:
        entry.owner_id = None
        people = learning.responsible(turn.session, entry)
        entry.owner_id = people[0].id if people else None
        turn.emit("entry.reassigned", entry, was=person_id, owner_id=entry.owner_id)
    if entry.asked_of_id == person_id:
        entry.asked_of_id = None
        if entry.state == DRAFT:
            learning.plan(turn.session, entry, learning.OFFER, turn.now)
        elif entry.state == CURRENT:
            learning.plan(turn.session, entry, learning.REVIEW, turn.now)


def _tell(turn: Turn, person: Person, since: str) -> None:
    """One card for each who looks after something now that was theirs."""
    moved = select(Fact.entity_id).where(
        Fact.verb == "entry.reassigned",
        Fact.at >= datetime.fromisoformat(since),
        Fact.data["was"].as_string() == str(person.id),
    )
    mine = select(Entry).where(Entry.id.in_(moved), Entry.owner_id.is_not(None))
    counts = turn.session.execute(
        select(Entry.owner_id, func.count()).where(Entry.id.in_(moved), Entry.owner_id.is_not(None)).group_by(
            Entry.owner_id)
    ).all()  # fmt: skip
    for owner_id, n in counts:
        owner = turn.session.get(Person, owner_id)
        shown = turn.session.scalars(mine.where(Entry.owner_id == owner_id).order_by(Entry.id).limit(SHOWN)).all()
        if owner is not None:
            turn.send(owner, cards.reassigned(person, shown, n))
