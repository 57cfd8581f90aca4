"""Texts of people in their readers' languages: where they are offered, and what is kept of one."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from bot.ai import model, segments, translations
from bot.cards import Actions, Button, Language, Link, T, Text
from bot.translatable import Source, read, source_of
from models import derived
from models.base import Base
from models.people import Person


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


def offered_to(session: Session, kind: str, row: Base, reader: Person) -> tuple[Actions, ...]:
    """The same for what several people wrote, each in their own language."""
    if model.current() is None:
        return ()
    source = read(session, kind, row, reader)
    return offered(kind, source.id, source.language, reader)


def on_page(session: Session, kind: str, id: int, language: str, person: Person) -> tuple[Link, ...]:
    """On a page, where nothing can be pressed: the way to the translation, if there is one already."""
    if language == person.locale or kept_of(session, kind, id, person) is None:
        return ()
    label = T("Read it in {language}", language=Language(person.locale))
    return (Link(label, path_of(kind, id)),)


def on_page_of(session: Session, kind: str, row: Base, person: Person) -> tuple[Link | Text, ...]:
    """The same for what several people wrote; where nobody had it translated yet, that it can be: a page only shows."""
    if model.current() is None:
        return ()
    source = read(session, kind, row, person)
    if source.language == person.locale or not translations.can(person.locale):
        return ()
    words = T("To read it in your language, press “Translate” where it stands in a chat.")
    return on_page(session, kind, source.id, source.language, person) or (Text(words, subtle=True),)


def path_of(kind: str, id: int) -> str:
    """The page with what is kept of a text in its reader's language."""
    return f"/translations/{kind}/{id}"
