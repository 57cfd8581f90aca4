"""The form in which an announcement is written in another language, with its polls, and what a model drafts for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from bot.cards import Element, Form, Input, Language, Markdown, T, Text, User
from bot.filled import text
from bot.translatable import Source
from bot.translating import Translated
from handlers.announcements import forms
from models.announcements.opened import Opened
from models.announcements.tables import Announcement, AnnouncementText, Poll
from models.announcements.texts import Wording, spoken
from models.base import Refusal

_APART = "\n\n---\n\n"
_POLL = 1_200  # characters


def form(
    announcement: Announcement, language: str, found: AnnouncementText | None, opening: Opened, polls: Sequence[Poll]
) -> Form:
    """The form of one language, below what the author wrote."""
    values = _values(found, polls) | (opening.filled or {})
    intro: list[Element] = [Text(T("With “This is right” you say that it says the same."), subtle=True)]
    if found is not None and found.by_model and found.checked_at is None:
        intro.append(Text(T("Drafted by a model, and not checked yet."), subtle=True))
    intro += [Text(User(announcement.title)), Markdown(announcement.text, announcement.language)]
    inputs = [
        Input("title", T("Title"), value=values.get("title", ""), limit=forms.TITLE),
        Input("text", T("Text"), "text", value=values.get("text", ""), limit=forms.ROOM),
    ]
    if announcement.picture_alt:
        inputs.append(Input("alt", T("What the picture shows"), value=values.get("alt", ""), required=False,
                            limit=forms.ALT))  # fmt: skip
    for poll in polls:
        intro.append(Markdown(_listed(poll), announcement.language))
        hint = T("The question, then each answer on a line of its own, in the same order.")
        inputs.append(Input(_field(poll), T("Poll: {question}", question=User(poll.words)), "text",
                            values.get(_field(poll), ""), hint, required=False, limit=_POLL))  # fmt: skip
    title = T("In {language}", language=Language(language))
    route = f"announcements.language.{language}"
    return Form(title, route, opening.id, tuple(inputs), T("This is right"), tuple(intro))


def read(values: Mapping[str, Any], language: str, polls: Sequence[Poll]) -> Wording:
    """What the form sent. A poll that is left empty stays in its author's words."""
    title, words = text(values, "title", forms.TITLE), text(values, "text", forms.TEXT)
    alt = text(values, "alt", forms.ALT, required=False)
    said = {}
    for poll in polls:
        lines = _lines(text(values, _field(poll), _POLL, required=False))
        if lines and len(lines) != len(spoken(poll)):
            raise Refusal("poll_lines", field=_field(poll), n=len(spoken(poll)))
        if lines:
            said[str(poll.position)] = lines
    return Wording(language, title, words, alt, polls=said)


def with_polls(source: Source, polls: Sequence[Poll]) -> Source:
    """The text to translate, with the polls below it."""
    return replace(source, text=_APART.join((source.text, *(_listed(poll) for poll in polls))))


def drafted(done: Translated, polls: Sequence[Poll]) -> Wording:
    """What a model made of that. A poll that did not come back line by line stays in its author's words."""
    text, *rest = done.text.rsplit(_APART, len(polls)) if polls else [done.text]
    found = {str(poll.position): _lines(part) for poll, part in zip(polls, rest, strict=False)}
    said = {str(poll.position): found[str(poll.position)] for poll in polls
            if len(found.get(str(poll.position), ())) == len(spoken(poll))}  # fmt: skip
    return Wording(done.language, " ".join(done.title.split())[: forms.TITLE], text, polls=said)


def _values(found: AnnouncementText | None, polls: Sequence[Poll]) -> dict[str, Any]:
    if found is None:
        return {}
    said = {_field(poll): "\n".join(found.polls.get(str(poll.position), ())) for poll in polls}
    return {"title": found.title, "text": found.text, "alt": found.picture_alt, **said}


def _listed(poll: Poll) -> str:
    """A poll in Markdown."""
    question, *answers = spoken(poll)
    return "\n\n".join((question, "\n".join(f"- {answer}" for answer in answers))).strip()


def _lines(text: str) -> list[str]:
    lines = (" ".join(line.strip(" -*•").split()) for line in text.splitlines())
    return [line for line in lines if line]


def _field(poll: Poll) -> str:
    return f"poll{poll.position}"
