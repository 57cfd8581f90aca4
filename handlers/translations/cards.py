"""What people see of translations."""

from __future__ import annotations

from bot.cards import Card, Element, Link, Markdown, T, Text, User, Words, simple
from bot.router import Page
from bot.shorten import shortened
from bot.translating import Translated, path_of

_SHOWN = 2_500  # characters in a chat


def translated(done: Translated) -> Card:
    """A translation in a chat, and the way to what it is of."""
    summary = _summary(done)
    text = shortened(done.text, _SHOWN)
    source = done.source
    whole = (Link(T("Read the whole translation"), path_of(source.kind, source.id)),) if text != done.text else ()
    elements = (Text(summary, subtle=True), *_title(done), *_text(done, text), *whole, *_notes(done), _original(done))
    return Card(summary, elements, by_model=True)


def page(done: Translated) -> Page:
    """The whole of it."""
    title: Words = User(done.title) if done.title else _summary(done)
    elements = (*_notes(done), _original(done), *_text(done, done.text))
    return Page(title, elements, done.language)


def none() -> Card:
    """There is none."""
    return simple(T("I cannot translate this. The original is all there is."))


def _summary(done: Translated) -> Words:
    if done.source.title:
        return T("Translation of “{title}”", title=User(shortened(done.source.title)))
    return T("Translation")


def _title(done: Translated) -> tuple[Element, ...]:
    return (Text(User(done.title)),) if done.title else ()


def _text(done: Translated, text: str) -> tuple[Element, ...]:
    """None, where there is a title alone."""
    return (Markdown(text, done.language),) if text else ()


def _notes(done: Translated) -> tuple[Element, ...]:
    note = T("Translated by a model, and not checked. What counts is the original.")
    rest = T("Where a number, a code or a link would not have stayed the same, the original words stand.")
    return (Text(note, subtle=True), *(() if done.whole else (Text(rest, subtle=True),)))


def _original(done: Translated) -> Link:
    return Link(T("See the original"), done.source.path)
