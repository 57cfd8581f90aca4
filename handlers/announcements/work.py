"""Bringing an announcement to its readers: jobs of many small steps, each of which finds out what is left to do.

So whoever takes a job over goes on where it stood, two of them do nothing twice, and nobody else waits.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from sqlalchemy.orm import Session

from bot import broadcast
from bot.broadcast import STEP
from bot.cards import Card
from bot.jobs import Run
from bot.router import Router
from handlers.announcements.cards import Standing
from handlers.announcements.readings import Reading
from models.announcements import authors, polls, reach, timing
from models.announcements.figures import FAILED
from models.announcements.reach import Copy
from models.announcements.tables import OUT, RECALLED, SENDING, Announcement
from models.announcements.timing import Reader
from models.base import now
from models.mail import BULK, URGENT

router = Router()
DELIVER, CHANGE = "announcements.deliver", "announcements.change"
Phase = Callable[[Run, Session, Announcement], bool]
"""A step of a phase; whether there may be more to do."""


@router.job(DELIVER, quick=True)
def deliver(run: Run) -> dict[str, Any]:
    """Bring it to everybody whom it is for and who has it not: ``add`` looks for whoever came into its audience,
    ``remind`` (a number) reminds those who did not acknowledge it."""
    for phase in (_add, _back, _remind, _lost, _due):
        while _step(run, phase):
            pass
    return {"announcement_id": run.args["announcement_id"]}


@router.job(CHANGE, quick=True)
def change(run: Run) -> dict[str, Any]:
    """Change every copy to what it says now, or to say that it was taken back."""
    while _step(run, _change):
        pass
    return {}


def _step(run: Run, phase: Phase) -> bool:
    """Whoever says something to it holds their receipt, for which a step may wait, and may refer to the announcement
    meanwhile: its lock lets that pass."""
    with run.step() as session:
        announcement = session.get(Announcement, run.args["announcement_id"], with_for_update={"key_share": True})
        return announcement is not None and phase(run, session, announcement)


def _add(run: Run, session: Session, announcement: Announcement) -> bool:
    first = announcement.state == SENDING and not run.args.get("newcomers")
    if not run.args.get("add") or not (reach.is_open(announcement) if first else reach.takes_newcomers(announcement)):
        return False
    allowed = None if first else authors.reach(session, announcement.author)
    found = reach.not_added(session, announcement, allowed, run.checkpoint.get("after", 0), STEP)
    if not found:
        return False
    reading, moment = Reading(session, announcement), now()
    at = timing.times(announcement, found, moment)
    later = {id: time for id, time in at.items() if time > moment}
    sent = _post(run, session, announcement, [each for each in found if each.id not in later], reading.card)
    languages = {each.id: reading.language(each.locale) for each in found}
    reach.add(session, announcement, languages, sent.posted, sent.unreachable, later)
    run.checkpoint["after"], run.done = found[-1].id, run.done + len(found)
    return True


def _back(run: Run, session: Session, announcement: Announcement) -> bool:
    """Whoever can be reached again."""
    if run.args.get("newcomers") and reach.is_open(announcement):
        reach.come_back(session, announcement)
    return False


def _remind(run: Run, session: Session, announcement: Announcement) -> bool:
    number = run.args.get("remind")
    if not number or not reach.is_open(announcement):
        return False
    return reach.remind(session, announcement, number, STEP) == STEP


def _lost(run: Run, session: Session, announcement: Announcement) -> bool:
    """What cannot be delivered on one platform goes by another."""
    if not reach.is_open(announcement):
        return False
    found = reach.lost(session, announcement, STEP)
    _send(run, session, announcement, found, elsewhere=True)
    return len(found) == STEP


def _due(run: Run, session: Session, announcement: Announcement) -> bool:
    if not reach.is_open(announcement):
        reach.let_go(session, announcement)
        return False
    found, moment = reach.due(session, announcement, STEP), now()
    at = timing.times(announcement, found, moment)
    reach.postpone(session, announcement, {id: time for id, time in at.items() if time > moment})
    _bring(run, session, announcement, [each for each in found if at[each.id] <= moment])
    return len(found) == STEP


def _bring(run: Run, session: Session, announcement: Announcement, readers: Sequence[Reader]) -> None:
    """To whoever does not have it yet; who has it is reminded, unless they have acknowledged it since."""
    _send(run, session, announcement, [each for each in readers if each.posted_id is None])
    having = [each for each in readers if each.posted_id is not None]
    _send_again(run, session, announcement, [each for each in having if not each.acknowledged])
    reach.brought(session, announcement, {each.id: each.posted_id for each in having if each.posted_id}, {}, {})


def _send(
    run: Run, session: Session, announcement: Announcement, readers: Sequence[Reader], elsewhere: bool = False
) -> None:
    """Post it, and note by which card it comes, or why it does not."""
    if not readers:
        return
    reading = Reading(session, announcement)
    sent = _post(run, session, announcement, readers, reading.card, elsewhere)
    known = {each.id: each.unreachable or FAILED for each in readers} if elsewhere else {}
    unreachable = {person: known.get(person, why) if why == broadcast.NO_CHAT else why
                   for person, why in sent.unreachable.items()}  # fmt: skip
    languages = {each.id: reading.language(each.locale) for each in readers}
    reach.brought(session, announcement, sent.posted, unreachable, languages)


def _send_again(run: Run, session: Session, announcement: Announcement, readers: Sequence[Reader]) -> None:
    """Remind them: the first time where they have it, later by another platform if they are on one."""
    if not readers:
        return
    show = partial(Reading(session, announcement).card, reminder=True)
    later = [each for each in readers if each.reminders > 1]
    reached = _post(run, session, announcement, later, show, elsewhere=True).posted
    _post(run, session, announcement, [each for each in readers if each.id not in reached], show)


def _post(
    run: Run,
    session: Session,
    announcement: Announcement,
    readers: Sequence[Reader],
    show: Callable[[str, Standing], Card],
    elsewhere: bool = False,
) -> broadcast.Broadcast:
    kinds = {each.id: (each.locale, Standing(each.acknowledged, each.objected)) for each in readers}
    cards = {str(kind): show(*kind) for kind in set(kinds.values())}
    named = [(person, str(kind)) for person, kind in kinds.items()]
    urgency = URGENT if announcement.urgent else BULK
    return broadcast.broadcast(session, cards, named, announcement.about, run.correlation, urgency, elsewhere)


def _change(run: Run, session: Session, announcement: Announcement) -> bool:
    """What is not the last change any more is left to the job of that one."""
    taken_back = announcement.state == RECALLED
    if announcement.revision != run.args["revision"] or not (taken_back or announcement.state in OUT):
        return False
    copies = reach.copies(session, announcement, run.checkpoint.get("after", 0), STEP)
    if not copies:
        return False
    if taken_back:
        reach.let_go(session, announcement)
        stopped = broadcast.stop(session, [each.id for each in copies])
        _show_recalled(run, session, announcement, [each for each in copies if each.id not in stopped])
    else:
        _show_changed(run, session, announcement, copies)
    run.checkpoint["after"], run.done = copies[-1].id, run.done + len(copies)
    return True


def _show_recalled(run: Run, session: Session, announcement: Announcement, copies: Sequence[Copy]) -> None:
    reading = Reading(session, announcement)
    cards = {locale: reading.recalled(locale) for locale in {each.locale for each in copies}}
    named = [(each.id, each.locale) for each in copies]
    broadcast.change_all(session, cards, named, run.correlation, URGENT if announcement.urgent else BULK)


def _show_changed(run: Run, session: Session, announcement: Announcement, copies: Sequence[Copy]) -> None:
    """As each has it: who said the same shares a card."""
    reading = Reading(session, announcement)
    voted = polls.ballots(session, announcement.id, {each.person_id for each in copies})
    cards, named = {}, []
    for each in copies:
        ballots = voted.get(each.person_id, ())
        said = Standing(each.acknowledged, each.objected)
        name = str((each.locale, said, [(ballot.poll_id, ballot.choices) for ballot in ballots]))
        if name not in cards:
            cards[name] = reading.card(each.locale, said, ballots=ballots)
        named.append((each.id, name))
    broadcast.change_all(session, cards, named, run.correlation, URGENT if announcement.urgent else BULK)
