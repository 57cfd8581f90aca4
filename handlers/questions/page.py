"""A question's own page: what was asked, what people answered and remarked, and what was shown."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.orm import Session

from bot.cards import Divider, Element, FileLink, Heading, Link, Markdown, Moment, Picture, T, Text, User
from bot.mentions import mention, named
from bot.shorten import shortened
from bot.translating import on_page
from handlers.questions import cards
from models import access
from models.answers import Answer, answers, comments, history, votes
from models.files import Holder, files_of
from models.knowledge import Entry
from models.merging import standing
from models.people import Person
from models.questions import Question
from models.servings import served


def elements(session: Session, person: Person, question: Question) -> tuple[Element, ...]:
    """The whole page, as far as ``person`` may read it."""
    found = [*_asked(session, question, person)]
    given = [answer for answer in answers(session, question) if access.may(session, person, "read", answer)]
    if given:
        found += [Divider(), Heading(T("Answers"))]
    for answer in given:
        found += _answered(session, answer, person)
    shown = (session.get_one(Entry, serving.entry_id) for serving in served(session, question))
    entries = list(dict.fromkeys(standing(session, entry) for entry in shown))
    return (*found, *_shown(access.readable(entries, session, person)), *_duplicate(session, person, question))


def _asked(session: Session, question: Question, person: Person) -> list[Element]:
    asked_on = T("{name} asked on {day}", name=mention(question.asker), day=Moment(question.created_at, True))
    text = Markdown(question.whole, question.language)
    translated = on_page(session, "question", question.id, question.language, person)
    state = Text(cards.state(question), subtle=True)
    return [Text(asked_on, subtle=True), text, *translated, *_files(session, question), state]


def _answered(session: Session, given: Answer, person: Person) -> list[Element]:
    """An answer with who found it helpful, what was remarked on it, and how it read before."""
    words = T("{name} answered on {day}:", name=named(given.author), day=Moment(given.created_at, True))
    found: list[Element] = [Text(words, subtle=True), Markdown(given.text, given.language)]
    found += [*on_page(session, "answer", given.id, given.language, person), *_files(session, given)]
    if given.accepted:
        found.append(Text(T("✓ This solved it.")))
    helped = votes(session, given)
    if helped:
        found.append(Text(T("{n} person found it helpful.", "{n} people found it helpful.", n=helped), subtle=True))
    for comment in comments(session, given):
        said = T("{name}: {text}", name=named(comment.author), text=User(comment.text))
        found.append(Text(said, subtle=True))
    for revision in reversed(history(session, given)):
        found.append(Text(T("Until {moment} it read:", moment=Moment(revision.until)), subtle=True))
        found.append(Markdown(revision.text, given.language))
    return found


def _files(session: Session, holder: Holder) -> list[Element]:
    return [
        Picture(file.id, User(file.name)) if file.is_picture else FileLink(file.id, User(file.name), file.size)
        for file in files_of(session, holder)
    ]


def _shown(entries: Sequence[Entry]) -> list[Element]:
    if not entries:
        return []
    links = (Link(User(entry.title), f"/entries/{entry.id}") for entry in entries)
    return [Divider(), Heading(T("What was shown")), *links]


def _duplicate(session: Session, person: Person, question: Question) -> list[Element]:
    """The way to the question that this one was merged into, for whoever may read that."""
    into = session.get(Question, question.merged_into_id) if question.merged_into_id else None
    if into is None or not access.may(session, person, "read", into):
        return []
    link = Link(User(shortened(into.text)), f"/questions/{into.id}")
    return [Divider(), Text(T("This was closed as a duplicate of:")), link]
