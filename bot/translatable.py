"""Texts of people that can be translated: what of each a person reads in another language."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from sqlalchemy.orm import Session

from bot.ai import segments, translations
from bot.ai.distrust import speaks_to_models
from bot.shorten import shortened
from models import access
from models.announcements.tables import Announcement
from models.answers import Answer
from models.base import Base, Refusal
from models.decisions import counting, voices
from models.decisions.tables import Decision
from models.knowledge import Entry, Passage
from models.people import MASK, Person
from models.questions import Question
from models.search.language import detect
from models.secrets import masked
from models.tasks import assignments, checklist, comments
from models.tasks.tables import Task

_COMMENTS = 10  # of a task: the last
_FEW, _LATIN = 3, frozenset({"en", "it"})
Written = tuple[str, str]
"""A language, and what somebody wrote in it, as Markdown."""


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


def _question(_: Session, __: Person, question: Question) -> Source:
    text, path = _readable(question.whole), f"/questions/{question.id}"
    return Source("question", question.id, question.language, "", text, path, question.about)


def _answer(_: Session, __: Person, given: Answer) -> Source:
    text, path = _readable(given.text), f"/questions/{given.question_id}"
    return Source("answer", given.id, given.language, "", text, path, given.about)


def _entry(_: Session, __: Person, entry: Entry) -> Source:
    title, path = masked(entry.title).text, f"/entries/{entry.id}"
    return Source("entry", entry.id, entry.language, title, _readable(entry.body), path, entry.about)


def _passage(_: Session, __: Person, passage: Passage) -> Source:
    title, path = masked(passage.heading).text, f"/entries/{passage.entry_id}"
    return Source("passage", passage.id, passage.language, title, _readable(passage.text), path, passage.entry.about)


def _announcement(_: Session, __: Person, announcement: Announcement) -> Source:
    title, path = masked(announcement.title).text, f"/announcements/{announcement.id}"
    text = _readable(announcement.text)
    return Source("announcement", announcement.id, announcement.language, title, text, path, announcement.about)


def _task(session: Session, person: Person, task: Task) -> Source:
    """With what was said about it, as far as that is for ``person``."""
    items = [(_language(each.words, task.language), f"- {each.words}") for each in checklist.items(session, task)]
    said = [_said_by(session.get_one(Person, each.author_id), each.text)
            for each in comments.shown_to(session, person, task, _COMMENTS)]  # fmt: skip
    written = [(task.language, task.details), *items, *_because(session, person, task), *said]
    return _of_several(task, person, written, f"/tasks/{task.id}")


def _because(session: Session, person: Person, task: Task) -> list[Written]:
    """Why somebody does not do it, or cannot: for whoever asked."""
    if person.id != task.asker_id:
        return []
    reasons = [(each.person, assignments.reason(each)) for each in assignments.of(session, task)]
    return [_said_by(by, said) for by, said in reasons if said]


def _decision(session: Session, person: Person, decision: Decision) -> Source:
    """With its choices, and why people are for one of them."""
    return _of_several(decision, person, written_of(session, decision), f"/decisions/{decision.id}")


def written_of(session: Session, decision: Decision) -> list[Written]:
    """What people wrote in a decision, beside its title."""
    choices = [(_language(each.words, decision.language), f"{each.position}. {each.words}")
               for each in counting.options(session, decision)]  # fmt: skip
    why = [(_language(decision.reasons, decision.language), decision.reasons)] if decision.reasons else []
    said = [_said_by(each.person, each.reason) for each in voices.said(session, decision) if each.reason]
    return [(decision.language, decision.details), *choices, *why, *said]


def _of_several(row: Task | Decision, person: Person, written: Iterable[Written], path: str) -> Source:
    """What ``person`` does not read in their language already of what several people wrote."""
    others = [(language, text) for language, text in written if text and language != person.locale]
    title = masked(row.title).text if row.language != person.locale else ""
    language = row.language if title or not others else others[0][0]
    text = _readable("\n\n".join(text for _, text in others))
    return Source(row.__tablename__, row.id, language, title, text, path, row.about)


def _said_by(person: Person, text: str) -> Written:
    """Under who said it: a line that no model is given, since mentions are left out of what is translated."""
    written = text if person.kind == MASK else f"@{person.handle}:\n\n{text}"
    return _language(text, person.locale), written


def _language(text: str, usual: str) -> str:
    """The language of a text among others. A code, or a name in Latin letters among other ones, is in theirs."""
    words = [word for piece in segments.cut(text).pieces for word in piece.split()]
    found = detect(text, usual)
    is_name = len(words) < _FEW and found in _LATIN and usual not in _LATIN
    return usual if is_name or not words else found


def _readable(text: str) -> str:
    return masked(shortened(text, translations.MOST)).text


_KINDS: dict[str, tuple[type[Base], Callable[..., Source]]] = {
    "question": (Question, _question),
    "answer": (Answer, _answer),
    "entry": (Entry, _entry),
    "passage": (Passage, _passage),
    "announcement": (Announcement, _announcement),
    "task": (Task, _task),
    "decision": (Decision, _decision),
}
"""What can be translated, by its table, which has a trigger that erases what was made of it; so have the tables of what
belongs to it."""

KINDS = tuple(_KINDS)


def source_of(session: Session, kind: str, id: int, person: Person, *, lock: bool = False) -> Source:
    """The text, if ``person`` may read it: else ``Refusal("not_found")``. With a ``lock`` it stays as it is to the end
    of the transaction."""
    table, _ = _KINDS[kind]
    found = session.get(table, id, with_for_update={"read": True} if lock else None, populate_existing=lock)
    thing = found.entry if isinstance(found, Passage) else found
    if found is None or thing is None or not access.may(session, person, "read", thing):
        raise Refusal("not_found")
    return read(session, kind, found, person)


def read(session: Session, kind: str, row: Base, person: Person) -> Source:
    """The text of a row, for ``person``, who may read it."""
    return _KINDS[kind][1](session, person, row)
