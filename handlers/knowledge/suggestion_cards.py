"""What people see of a title and a summary that a model proposes."""

from __future__ import annotations

from bot.ai import model
from bot.ai.suggestions import Suggestion
from bot.cards import Actions, Button, Card, Element, Fields, Markdown, T, Text, User, simple
from models.knowledge import CURRENT, DRAFT, Entry


def way(entry: Entry) -> tuple[Actions, ...]:
    """The way to a suggestion, where there is a model."""
    if model.current() is None or entry.state not in (DRAFT, CURRENT):
        return ()
    return (Actions((Button(T("Suggest a title and a summary"), "knowledge.suggest", entry.id),)),)


def suggested(entry: Entry, suggestion: Suggestion) -> Card:
    """What is proposed; nothing comes of it but by the form."""
    words = T("A suggestion for “{title}”", title=User(entry.title))
    elements: list[Element] = [Text(words)]
    if suggestion.title:
        elements.append(Fields(((T("Title"), User(suggestion.title)),)))
    if suggestion.summary:
        elements.append(Markdown(" ".join(suggestion.summary), entry.language))
    note = T("Written by a model from the entry. Nothing is changed before you save the form.")
    take = Button(T("Put it into the form"), "knowledge.take_suggestion", entry.id, "primary", opens="form")
    return Card(words, (*elements, Text(note, subtle=True), Actions((take,))), by_model=True)


def none() -> Card:
    """There is none."""
    return simple(T("I have nothing better to suggest for this."))
