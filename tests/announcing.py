"""Announcements on their way, for tests: drafts that go out, and the jobs that bring them to their readers."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from bot import jobs
from bot.clock import fire_due
from bot.inbound import SYSTEM, Inbound
from bot.routing import tell
from bot.turn import Turn
from handlers.announcements import sending
from models.announcements import life
from models.announcements.tables import Announcement, Receipt
from models.base import reading, transaction
from models.mail import Job
from models.people import Person
from tests.chat import Chat, Someone

KINDS = ["announcements.deliver", "announcements.change"]


def work(chat: Chat) -> int:
    """Do the jobs that wait, and deliver what follows; how many jobs."""
    done = 0
    while True:
        with transaction() as session:
            run = jobs.take(session, "test", KINDS)
            kind = session.get_one(Job, run.id).kind if run else ""
        if run is None:
            chat.work()
            return done
        jobs.perform(chat.runtime.router, run, kind, "test")
        chat.work()
        done += 1


def goes(chat: Chat, author: Someone, **fields: Any) -> Announcement:
    """``author`` writes an announcement and lets it go: at its time where it has one, else at once."""
    values = {"title": "We move", "text": "To **Harbour Street**.", "audience": {"key": "everyone"}, **fields}
    with transaction() as session:
        announcement = life.draft(session, session.get_one(Person, author.person.id), **values)
        turn = a_turn(chat, session)
        sending.release(turn, announcement)
        tell(chat.runtime.router, turn)
    work(chat)
    return announcement


def a_turn(chat: Chat, session: Any) -> Turn:
    """Something that Agora itself does."""
    return Turn(session, Inbound(SYSTEM, SYSTEM, "announcements", "timer"), chat.new_id(), None)


def does(chat: Chat, what: Any, announcement: Announcement, *more: Any) -> None:
    """Do something with what is kept of it, and what follows."""
    with transaction() as session:
        turn = a_turn(chat, session)
        what(turn, session.get_one(Announcement, announcement.id, with_for_update=True), *more)
        tell(chat.runtime.router, turn)
    chat.work()
    work(chat)


def passes(chat: Chat, **time: float) -> None:
    """Let time pass, and do what became due, as often as it brings about more."""
    chat.passes(**time)
    while work(chat) or fire_due("test"):
        chat.work()


def kept(announcement: Announcement) -> Announcement:
    """The announcement as it is now."""
    with reading() as session:
        return session.get_one(Announcement, announcement.id)


def receipts(announcement: Announcement) -> dict[str, Receipt]:
    """What is known of whom it is for, by handle."""
    with reading() as session:
        found = select(Person.handle, Receipt).join(Receipt, Receipt.person_id == Person.id)
        rows = session.execute(found.where(Receipt.announcement_id == announcement.id)).all()
        return {row[0]: row[1] for row in rows}


def became(someone: Someone, **values: Any) -> None:
    """Something about a person is otherwise now."""
    with transaction() as session:
        person = session.get_one(Person, someone.person.id)
        for name, value in values.items():
            setattr(person, name, value)
