"""What people see of entries and topics on pages and on their home."""

from __future__ import annotations

from collections.abc import Sequence

from bot.cards import (
    Actions,
    Button,
    Day,
    Diff,
    Divider,
    Element,
    Fields,
    Heading,
    Link,
    Markdown,
    Moment,
    Names,
    T,
    Text,
    User,
    Words,
)
from bot.mentions import named
from handlers.knowledge import cards
from models.history import SAME, Piece, difference
from models.knowledge import CURRENT, DRAFT, VANISHED, Entry, Revision, Topic
from models.questions import Question

_AROUND = 200  # characters shown before and after a change; what lies farther is left out
_REASONS = {
    "written": T("written"),
    "drafted": T("drafted from an accepted answer"),
    "imported": T("imported"),
    "imported again": T("imported again"),
    "back again": T("found again by an import"),
    "merged": T("merged with what said the same"),
    "merge undone": T("the merge was undone"),
    "answer edited": T("the answer was edited"),
    "announced": T("said with an announcement"),
}


def page(
    entry: Entry, audience: Words, files: Sequence[Element], question: Question | None, manages: bool
) -> tuple[Element, ...]:
    """A whole entry: what it says, where it comes from, who may read it, and where it can be changed."""
    elements: list[Element] = [Fields(tuple(_facts(entry, audience)))]
    if entry.state == VANISHED:
        elements.append(Text(T("The page this came from is gone. It may no longer be true.")))
    elements += [Markdown(entry.body, entry.language), *files, Divider()]
    if entry.answer_id and entry.author:
        elements.append(Text(T("Thanks to {name}, who answered this.", name=named(entry.author)), subtle=True))
    if question is not None:
        elements.append(Link(T("The question it came from"), f"/questions/{question.id}"))
    elements.append(cards.history(entry))
    if manages:
        command = f"/know {entry.id}"
        elements.append(Text(T("To change it, write {command} in our chat.", command=User(command)), subtle=True))
    return tuple(elements)


def to_translate(entry: Entry) -> tuple[Element, ...]:
    """Said where nobody had it translated yet: a page only shows."""
    command = User(f"/know {entry.id}")
    words = T("To read it in your language, write {command} in our chat, and press the button there.", command=command)
    return (Text(words, subtle=True),)


def helped(people: int) -> tuple[Element, ...]:
    """How many people's questions an entry solved, with those that were merged into it; nothing where none."""
    if not people:
        return ()
    return (Text(T("It has solved it for {n} person.", "It has solved it for {n} people.", n=people), subtle=True),)


def merged_from(entry: Entry | None) -> tuple[Element, ...]:
    """Said to who came by the link of an entry that was merged, and could read it."""
    if entry is None:
        return ()
    return (Text(T("“{title}” was merged into this entry.", title=User(entry.title)), subtle=True),)


def history(entry: Entry, revisions: Sequence[Revision], most: int) -> tuple[Element, ...]:
    """The revisions, newest first, each with what differs from the one before it."""
    elements: list[Element] = [Link(T("The entry as it reads now"), f"/entries/{entry.id}")]
    for one, before in zip(revisions[:most], [*revisions[1:], None], strict=False):
        elements += [Heading(_heading(one)), Text(_why(one), subtle=True)]
        if before is None:
            elements += [Text(User(one.title)), Markdown(one.body, one.language)]
            continue
        if one.title != before.title:
            elements.append(Diff(tuple(difference(before.title, one.title)), one.language))
        if one.body != before.body:
            elements.append(Diff(tuple(_near(difference(before.body, one.body))), one.language))
        elif one.title == before.title:
            elements.append(Text(T("The text did not change."), subtle=True))
    return tuple(elements)


def line(entry: Entry) -> tuple[Element, ...]:
    """An entry in a list."""
    return (Link(User(entry.title), f"/entries/{entry.id}"), Text(cards.state(entry), subtle=True))


def topic(topic: Topic, entries: Sequence[Entry]) -> tuple[Element, ...]:
    """A topic's own page: what it is about, who looks after it, and its entries by title."""
    elements: list[Element] = []
    if topic.descriptions:
        elements.append(Text(Names({"en": "", **topic.descriptions})))
    if topic.owner:
        elements.append(Text(T("Looked after by {name}", name=named(topic.owner)), subtle=True))
    if not entries:
        return (*elements, Text(T("Nothing is written here yet that you may read."), subtle=True))
    unsure = sum(1 for entry in entries if not entry.verified_at)
    elements.append(Text(T("{n} entry", "{n} entries", n=len(entries)), subtle=True))
    if unsure:
        elements.append(Text(T("{n} of them is not verified yet", "{n} of them are not verified yet", n=unsure), True))
    for entry in entries:
        elements.append(Link(User(entry.title), f"/entries/{entry.id}"))
        if not entry.verified_at or entry.unconfirmed:
            elements.append(Text(cards.state(entry), subtle=True))
    return tuple(elements)


def topic_line(topic: Topic, count: int, followed: bool) -> tuple[Element, ...]:
    """A topic in a list: its name, how much is known, whom to ask, and whether one follows it."""
    known = T("{n} entry", "{n} entries", n=count)
    about: Words = T("{known} · looked after by {name}", known=known, name=named(topic.owner)) if topic.owner else known
    follow = Button(T("Unfollow") if followed else T("Follow"), "knowledge.follow", topic.id)
    link = Link(Names(dict(topic.names)), f"/topics/{topic.id}")
    return (link, Text(about, subtle=True), Actions((follow,)))


def news(entries: Sequence[Entry], title: T) -> tuple[Element, ...]:
    """New entries, grouped by topic."""
    if not entries:
        return ()
    elements: list[Element] = [Heading(title)]
    topic_id = None
    for entry in entries:
        if entry.topic is not None and entry.topic_id != topic_id:
            topic_id = entry.topic_id
            elements.append(Text(Names(dict(entry.topic.names)), subtle=True))
        elements.append(Link(User(entry.title), f"/entries/{entry.id}"))
    return tuple(elements)


def _facts(entry: Entry, audience: Words) -> list[tuple[Words, Words]]:
    author = named(entry.author) if entry.author else User(entry.author_name or "")
    facts: list[tuple[Words, Words]] = [(T("State"), cards.state(entry))]
    if entry.topic:
        facts.append((T("Topic"), Names(dict(entry.topic.names))))
    if entry.author or entry.author_name:
        facts.append((T("Written by"), author))
    if entry.owner and entry.owner is not entry.author:
        facts.append((T("Looked after by"), named(entry.owner)))
    facts.append((T("Who may read it"), audience))
    if entry.review_on and entry.state == CURRENT:
        facts.append((T("To be confirmed on"), Day(entry.review_on)))
    facts.append((T("Last changed"), Moment(entry.changed_at, date_only=True)))
    if entry.source_path and entry.state != DRAFT:
        facts.append((T("Imported from"), User(entry.source_path)))
    return facts


def _heading(one: Revision) -> T:
    if one.author is None:
        return T("Revision {number}, on {moment}", number=one.number, moment=Moment(one.at))
    who = named(one.author)
    return T("Revision {number}, by {name} on {moment}", number=one.number, name=who, moment=Moment(one.at))


def _why(one: Revision) -> Words:
    if one.reason.startswith("restored ") and one.reason[9:].isdecimal():
        return T("back to revision {number}", number=int(one.reason[9:]))
    return _REASONS.get(one.reason) or (User(one.reason) if one.reason else T("No reason given"))


def _near(pieces: Sequence[Piece]) -> list[Piece]:
    """Without most of what did not change."""
    shown = []
    for i, (kind, text) in enumerate(pieces):
        if kind == SAME and len(text) > 2 * _AROUND:
            head, tail = text[:_AROUND] if i else "", text[-_AROUND:] if i + 1 < len(pieces) else ""
            text = f"{head} … {tail}"
        shown.append((kind, text))
    return shown
