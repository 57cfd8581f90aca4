"""Announcements as their authors write and send them, for tests."""

from __future__ import annotations

from sqlalchemy import select

from models.announcements.tables import Announcement
from models.base import reading, transaction
from models.files import keep
from models.people import Person
from tests.announcing import work
from tests.chat import Chat, Someone

TEXT = "We are moving to Harbour Street in March, with all the offices of the management."


def drafted(author: Someone, **more: str) -> Announcement:
    """A draft of theirs."""
    author.commands("announce")
    reply = author.submits(**{"title": "We move", "text": TEXT, "audience": "everyone", **more})
    assert not reply.errors
    return newest()


def newest() -> Announcement:
    """The announcement that was written last, as it stands."""
    with reading() as session:
        return session.scalars(select(Announcement).order_by(Announcement.id.desc()).limit(1)).one()


def sent(chat: Chat, author: Someone) -> None:
    """It is out."""
    author.presses("Send")
    chat.passes(seconds=31)
    work(chat)


def reads(person: Someone) -> str:
    """What they see, without the signs that keep names from turning sentences around."""
    return person.screen().replace("\u2068", "").replace("\u2069", "")


def gives(person: Someone, name: str, content: bytes) -> str:
    """A file of theirs, by its number."""
    with transaction() as session:
        return str(keep(session, session.get_one(Person, person.person.id), name, content).id)
