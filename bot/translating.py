"""Texts of people in their readers' languages: where they are offered, and what is kept of one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy.orm import Session

from bot.ai import model, segments, translations
from bot.ai.distrust import speaks_to_models
from bot.cards import Actions, Button, Language, Link, T
from bot.shorten import shortened
from models import access, derived
from models.announcements.tables import Announcement
from models.answers import Answer
from models.base import Base, Refusal
from models.knowledge import Entry, Passage
from models.people import Person
from models.questions import Question
from models.secrets import masked


@dataclass(frozen=True)
class Source:
    """A text of people that may be translated: the row that it is of, its language, its title if it has one, the text
    as Markdown without its secrets, the page on which it stands, and what its cards are about."""

    kind: str
    id: int
    language: str
    title: str
    text: str
    path: str
    about: str

    @property
    def whole(self) -> str:
        """What is translated: the title is the first line."""
        return f"{self.title}\n\n{self.text}" if self.title else self.text

    @property
    def speaks_to_models(self) -> bool:
        """Whether it is given to none."""
        return speaks_to_models(self.whole)


@dataclass(frozen=True)
class Translated:
    """A source in ``language``: its title, and its text as Markdown. ``whole``: nothing of it stands as it was."""

    source: Source
    language: str
    title: str
    text: str
    whole: bool


@dataclass(frozen=True)
class Work:
    """How a source is translated: its pieces in parts, and by what each part is kept."""

    source: Source
    language: str
    segments: segments.Segments
    parts: list[list[str]]
    digests: list[bytes]


def _question(question: Question) -> Source:
    text, path = _readable(question.whole), f"/questions/{question.id}"
    return Source("question", question.id, question.language, "", text, path, question.about)


def _answer(given: Answer) -> Source:
    text, path = _readable(given.text), f"/questions/{given.question_id}"
    return Source("answer", given.id, given.language, "", text, path, given.about)


def _entry(entry: Entry) -> Source:
    title, path = masked(entry.title).text, f"/entries/{entry.id}"
    return Source("entry", entry.id, entry.language, title, _readable(entry.body), path, entry.about)


def _passage(passage: Passage) -> Source:
    title, path = masked(passage.heading).text, f"/entries/{passage.entry_id}"
    return Source("passage", passage.id, passage.language, title, _readable(passage.text), path, passage.entry.about)


def _announcement(announcement: Announcement) -> Source:
    title, path = masked(announcement.title).text, f"/announcements/{announcement.id}"
    text = _readable(announcement.text)
    return Source("announcement", announcement.id, announcement.language, title, text, path, announcement.about)


_KINDS: dict[str, tuple[type[Base], Callable[..., Source]]] = {
    "question": (Question, _question),
    "answer": (Answer, _answer),
    "entry": (Entry, _entry),
    "passage": (Passage, _passage),
    "announcement": (Announcement, _announcement),
}
"""What can be translated, by its table, which has a trigger that erases what was made of it."""


def source_of(session: Session, kind: str, id: int, person: Person, *, lock: bool = False) -> Source:
    """The text, if ``person`` may read it: else ``Refusal("not_found")``. With a ``lock`` it stays as it is to the end
    of the transaction."""
    table, read = _KINDS[kind]
    found = session.get(table, id, with_for_update={"read": True} if lock else None, populate_existing=lock)
    thing = found.entry if isinstance(found, Passage) else found
    if found is None or thing is None or not access.may(session, person, "read", thing):
        raise Refusal("not_found")
    return read(found)


def work_of(source: Source, language: str, asked: model.Model) -> Work:
    """How ``source`` is translated."""
    cut = segments.cut(source.whole)
    parts = translations.parts(cut)
    digests = [
        derived.digest_of(source.kind, source.id, translations.PURPOSE, language, asked.name, part) for part in parts
    ]
    return Work(source, language, cut, parts, digests)


def kept(session: Session, work: Work) -> Translated | None:
    """The whole translation, if all parts of it are there."""
    found = derived.find(session, work.digests)
    if not work.parts or len(found) < len(set(work.digests)):
        return None
    pieces = [piece for digest in work.digests for piece in found[digest]]
    text, title = work.segments.joined(pieces), ""
    if work.source.title:
        title, _, text = text.partition("\n\n")
    as_it_was = any(new == old for new, old in zip(pieces, work.segments.pieces, strict=True))
    return Translated(work.source, work.language, title, text, not as_it_was)


def kept_of(session: Session, kind: str, id: int, person: Person) -> Translated | None:
    """What is kept of a text in the language of ``person``; ``Refusal("not_found")`` where they may not read it."""
    source, asked = source_of(session, kind, id, person), model.current()
    return kept(session, work_of(source, person.locale, asked)) if asked is not None else None


def offered(kind: str, id: int, language: str, reader: Person | None = None) -> tuple[Actions, ...]:
    """The way to a text in the language of whoever presses; none where there is no model, or where ``reader``, who
    alone sees it, reads ``language``."""
    if model.current() is None:
        return ()
    label = T("Translate")
    if reader is not None:
        if reader.locale == language or not translations.can(reader.locale):
            return ()
        label = T("Translate to {language}", language=Language(reader.locale))
    return (Actions((Button(label, f"translations.{kind}", id),)),)


def on_page(session: Session, kind: str, id: int, language: str, person: Person) -> tuple[Link, ...]:
    """On a page, where nothing can be pressed: the way to the translation, if there is one already."""
    if language == person.locale or kept_of(session, kind, id, person) is None:
        return ()
    label = T("Read it in {language}", language=Language(person.locale))
    return (Link(label, path_of(kind, id)),)


def path_of(kind: str, id: int) -> str:
    """The page with what is kept of a text in its reader's language."""
    return f"/translations/{kind}/{id}"


def _readable(text: str) -> str:
    return masked(shortened(text, translations.MOST)).text
