"""What people see of entries."""

from __future__ import annotations

from bot.cards import Element, Fields, Link, Markdown, Moment, Names, T, Text, User, Words
from models.knowledge import VANISHED, Entry, Topic


def page(entry: Entry) -> tuple[Element, ...]:
    """A whole entry: what it says, and where it comes from."""
    elements: list[Element] = [Fields(tuple(_facts(entry)))]
    if entry.state == VANISHED:
        elements.append(Text(T("The page this came from is gone. It may no longer be true.")))
    return (*elements, Markdown(entry.body, entry.language))


def _facts(entry: Entry) -> list[tuple[Words, Words]]:
    author = entry.author.name if entry.author else entry.author_name
    facts: list[tuple[Words, Words]] = []
    if entry.topic:
        facts.append((T("Topic"), Names(dict(entry.topic.names))))
    if author:
        facts.append((T("Written by"), User(author)))
    if entry.owner and entry.owner is not entry.author:
        facts.append((T("Looked after by"), User(entry.owner.name)))
    if entry.verified_by and entry.verified_at:
        day = Moment(entry.verified_at, date_only=True)
        facts.append((T("Verified"), T("by {name} on {day}", name=User(entry.verified_by.name), day=day)))
    else:
        facts.append((T("Verified"), T("not verified yet")))
    facts.append((T("Last changed"), Moment(entry.changed_at, date_only=True)))
    if entry.source_path:
        facts.append((T("Imported from"), User(entry.source_path)))
    return facts


def topic_line(topic: Topic, count: int) -> tuple[Element, ...]:
    """A topic in a list: its name, how much is known, and whom to ask."""
    owner = topic.owner.name if topic.owner else None
    known = T("{n} entry", "{n} entries", n=count)
    about: Words = T("{known} · looked after by {name}", known=known, name=User(owner)) if owner else known
    return (Link(Names(dict(topic.names)), f"/topics/{topic.id}"), Text(about, subtle=True))


def in_topic(entries: list[Entry]) -> tuple[Element, ...]:
    """The entries of a topic, by title."""
    if not entries:
        return (Text(T("Nothing is written here yet that you may read."), subtle=True),)
    return tuple(Link(User(entry.title), f"/entries/{entry.id}") for entry in entries)
