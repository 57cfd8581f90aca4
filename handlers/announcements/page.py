"""The page of an announcement: for its readers what it says and what was answered; for those who look after it also how
far it is."""

from __future__ import annotations

from sqlalchemy.orm import Session

from bot.cards import Divider, Element, Heading, Link, Markdown, Picture, T, Text, User
from bot.mentions import named
from bot.router import Page, Router
from bot.tables import Table
from handlers.announcements import page_tables
from models import access
from models.announcements import figures, texts
from models.announcements.questions import faq
from models.announcements.tables import Announcement
from models.base import Refusal, now
from models.files import files_of
from models.people import Person

router = Router()
NAMED = 500


@router.page("/announcements/{id}")
def page(session: Session, person: Person, id: int) -> Page:
    """All of it, in the reader's language."""
    announcement = _read(session, person, id)
    written = texts.wordings(session, announcement)
    wording = texts.best(written, announcement, person.locale)
    shown: list[Element | Table] = []
    if access.may(session, person, "oversee", announcement):
        shown += [*page_tables.elements(session, person, announcement), Divider()]
    shown += [*_said(session, announcement, wording), *_original(announcement, wording), *_faq(session, announcement)]
    return Page(User(wording.title), tuple(shown), wording.language)


@router.page("/announcements/{id}/silent")
def silent(session: Session, person: Person, id: int) -> Page:
    """Who has not said "Got it", by name: for whoever looks after it."""
    announcement = _read(session, person, id)
    if not access.may(session, person, "oversee", announcement):
        raise Refusal("not_found")
    found = figures.silent(session, announcement, NAMED + 1)
    return Page(T("Who has not said “Got it”"), page_tables.names(announcement, found, NAMED))


def _read(session: Session, person: Person, id: int) -> Announcement:
    announcement = session.get(Announcement, id)
    if announcement is None or not access.may(session, person, "read", announcement):
        raise Refusal("not_found")
    return announcement


def _said(session: Session, announcement: Announcement, wording: texts.Wording) -> list[Element]:
    shown: list[Element] = [Text(T("from {name}", name=named(announcement.author)), subtle=True)]
    if announcement.expires_at is not None and announcement.expires_at <= now():
        shown.append(Text(T("This is over. It is kept for those who look it up."), subtle=True))
    shown += [Picture(file.id, User(wording.picture_alt or file.name))
              for file in files_of(session, announcement) if file.is_picture]  # fmt: skip
    return [*shown, Markdown(wording.text, wording.language)]


def _original(announcement: Announcement, wording: texts.Wording) -> list[Element]:
    """What the author wrote, below a translation of it."""
    if not wording.translated:
        return []
    original = texts.original(announcement)
    note = T("Translated by a model, and not checked. What counts is the original.")
    unchecked = (Text(note, subtle=True),) if wording.unchecked else ()
    title = Text(User(original.title))
    return [*unchecked, Divider(), Heading(T("The original")), title, Markdown(original.text, original.language)]


def _faq(session: Session, announcement: Announcement) -> list[Element]:
    answered = faq(session, announcement)
    if not answered:
        return []
    shown: list[Element] = [Divider(), Heading(T("Questions and answers"))]
    for entry in answered:
        shown += [Link(User(entry.title), f"/entries/{entry.id}"), Markdown(entry.body, entry.language)]
    return shown
