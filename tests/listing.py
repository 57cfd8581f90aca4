"""Tasks in lists, for tests: made as if by a form, and pages read as their readers see them."""

from __future__ import annotations

from typing import Any

from bot.browsing import Address, Choices, Items, Lines, Lookup
from bot.cards import Card
from bot.plaintext import plain
from bot.router import Page
from bot.routing import tell
from bot.tables import Table
from bot.texts import Reader, say
from models.base import reading, transaction
from models.people import Person
from models.places import place_at
from models.tasks import life
from models.tasks.tables import Task
from tests.announcing import a_turn
from tests.chat import Chat, Someone

ISOLATES = dict.fromkeys((0x2066, 0x2067, 0x2068, 0x2069))


def asks(chat: Chat, asker: Someone, title: str, *people: Someone, in_: str | None = None, **about: Any) -> Task:
    """``asker`` asks ``people`` (themselves, where nobody is named) for something; everybody hears of it."""
    with transaction() as session:
        place = place_at(session, asker.platform, "here", in_) if in_ else None
        who = [session.get_one(Person, one.person.id) for one in people or (asker,)]
        turn = a_turn(chat, session)
        turn._actor = session.get_one(Person, asker.person.id)
        task = life.make(session, turn.actor, title=title, people=who, place=place, late=True, **about)
        session.flush()
        turn.emit("task.made", task)
        tell(chat.runtime.router, turn)
    chat.work()
    return task


def page(someone: Someone, path: str, **asked: str) -> str:
    """A page as they read it."""
    found = someone.chat.runtime.router.page_at(path)
    assert found is not None, path
    with reading() as session:
        return words(found[0](session, session.get_one(Person, someone.person.id), **asked, **found[1]), someone)


def words(shown: Page, someone: Someone) -> str:
    """All that stands on it, one thing a line."""
    reader = Reader(someone.person.locale, someone.person.timezone)
    lines = [say(shown.title, reader)]
    for part in shown.elements:
        match part:
            case Table():
                lines += [" | ".join(say(cell, reader) for cell in row) for row in part.rows]
            case Choices():
                lines += [f"{'*' * each.chosen}{say(each.words, reader)} {each.count}" for each in part.choices]
            case Items():
                lines += [" | ".join(say(each, reader) for each in (item.link.label, *item.about, item.mark))
                          for item in part.items]  # fmt: skip
            case Lines():
                lines += [say(each, reader) for each in part.lines]
            case Lookup():
                lines.append(f"? {part.value}")
            case Address():
                lines.append(part.path)
            case _:
                lines.append(plain(Card(say(shown.title, reader), (part,)), reader))  # type: ignore[arg-type]
    return "\n".join(lines).translate(ISOLATES)
