"""Files and pictures of entries: those of an accepted answer go along with it, as the entry's own."""

from __future__ import annotations

from sqlalchemy.orm import Session

from bot.cards import Element, FileLink, Picture, User
from models.answers import Answer
from models.files import attach, content_of, files_of, keep
from models.knowledge import Entry


def take_along(session: Session, answer: Answer, entry: Entry) -> None:
    """Copy what is attached to ``answer``: who may read the entry may read its files, and the thread keeps its own."""
    for file in files_of(session, answer):
        copy = keep(session, answer.author, file.name, content_of(session, file))
        attach(session, answer.author, [copy.id], entry)


def shown(session: Session, entry: Entry) -> tuple[Element, ...]:
    """What is attached to ``entry``."""
    return tuple(
        Picture(file.id, User(file.name)) if file.is_picture else FileLink(file.id, User(file.name), file.size)
        for file in files_of(session, entry)
    )
