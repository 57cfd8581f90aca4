"""Who has not acknowledged an announcement by its date is reminded, then by another platform; then managers know."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import reduce

from sqlalchemy import select

from bot import broadcast
from bot.cards import Card, T, Text, User, Words
from bot.mentions import named
from bot.router import Router
from bot.turn import Turn
from handlers.announcements import work
from models.announcements import reach, unconfirmed
from models.announcements.tables import Announcement
from models.announcements.unconfirmed import STAGES, TELL_MANAGERS
from models.experts import absences_of
from models.facts import Fact
from models.hours import next_working
from models.mail import PostedCard
from models.people import Person
from models.rows import rows_of

router = Router()
_REMIND, _TELL = "announcements.remind", "announcements.tell_manager"
_MOST = 30  # names in one message


def plan(turn: Turn, announcement: Announcement) -> None:
    """Look at its dates when they have come; where they were changed, the earlier timers do nothing."""
    for stage in STAGES:
        at = unconfirmed.due_at(announcement, stage)
        if at is not None and at > turn.now:
            turn.later(at, _REMIND, f"announcement-remind:{announcement.id}:{stage}",
                       announcement_id=announcement.id, stage=stage, at=at.isoformat())  # fmt: skip


@router.timer(_REMIND)
def remind(turn: Turn, announcement_id: int, stage: int, at: str) -> None:
    """A date has come, unless it was changed meanwhile."""
    announcement = rows_of(Announcement).locked(turn.session, announcement_id)
    if announcement is None or not reach.is_open(announcement):
        return
    if unconfirmed.due_at(announcement, stage) != datetime.fromisoformat(at):
        return
    if stage == TELL_MANAGERS:
        unconfirmed.tell_managers(turn.session, announcement, _TELL, turn.now)
    else:
        turn.job(work.DELIVER, announcement_id=announcement.id, remind=stage)


@router.timer(_TELL)
def tell(turn: Turn, announcement_id: int, manager_id: int) -> None:
    """Tell a manager, in their working hours, who of their people has not acknowledged it by then."""
    announcement = turn.session.get(Announcement, announcement_id)
    manager = turn.session.get(Person, manager_id)
    if announcement is None or manager is None or not manager.active or not reach.is_open(announcement):
        return
    at = next_working(manager, turn.now, absences_of(turn.session, manager))
    if at > turn.now and not announcement.urgent:
        turn.later(at, _TELL, f"announcement-list:{announcement_id}:{manager_id}", announcement_id=announcement_id,
                   manager_id=manager_id)  # fmt: skip
        return
    people, n = unconfirmed.of_manager(turn.session, announcement, manager, _MOST)
    if n:
        turn.send(manager, _list(announcement, people, n))


@router.fact("announcement.acknowledged")
def acknowledged(turn: Turn, fact: Fact) -> None:
    """Nobody is asked again after they did, not even by what waits in the outbox."""
    waiting = select(PostedCard.id).where(
        PostedCard.about == f"announcement:{fact.entity_id}", PostedCard.person_id == fact.actor_id,
        PostedCard.state.is_(None))  # fmt: skip
    broadcast.stop(turn.session, turn.session.scalars(waiting).all())


def _list(announcement: Announcement, people: Sequence[Person], n: int) -> Card:
    title = User(announcement.title)
    words = T("{n} of your people has not confirmed “{title}” by {name}.",
              "{n} of your people have not confirmed “{title}” by {name}.", n=n, title=title,
              name=named(announcement.author))  # fmt: skip
    names: list[Words] = [named(person) for person in people]
    together = reduce(lambda first, second: T("{first}, {second}", first=first, second=second), names)
    more = (Text(T("And {n} more.", "And {n} more.", n=n - len(people)), subtle=True),) if n > len(people) else ()
    hint = T("They were reminded twice. A word from you may help.")
    return Card(words, (Text(words), Text(together), *more, Text(hint, subtle=True)))
