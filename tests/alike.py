"""What conversations about entries that seem to say the same have in common."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import select

from bot.cards import Card, Element, Form
from bot.plaintext import plain
from bot.texts import Reader
from models import learning
from models.base import reading, transaction
from models.knowledge import Entry
from models.likeness import Likeness, plan_look
from models.people import Person
from tests.chat import Chat, Someone

ONE = "Bicycles stand in the yard, behind gate 3. The key is at the reception."
OTHER = "Bicycles stand in the yard behind gate 3, and the key is kept at the reception desk."


def knows(chat: Chat, owner: Someone, title: str, body: str, **about: object) -> Entry:
    made = chat.knows(title, body, owner_id=owner.person.id, **about)
    with transaction() as session:
        learning.verify(session, session.get_one(Entry, made.id), session.get_one(Person, owner.person.id))
        plan_look(session, timedelta(minutes=1))
    return made


def shown(chat: Chat, someone: Someone, path: str) -> str:
    found = chat.runtime.router.page_at(path)
    assert found is not None
    with reading() as session:
        page = found[0](session, session.get_one(Person, someone.person.id), **found[1])
        return str(page.title) + "\n" + as_text(page.elements)


def home(chat: Chat, someone: Someone) -> str:
    with reading() as session:
        person = session.get_one(Person, someone.person.id)
        return as_text([part for _, section in chat.runtime.router.sections for part in section(session, person)])


def as_text(elements: Sequence[Element]) -> str:
    return plain(Card(None, tuple(elements)), Reader())  # type: ignore[arg-type]


def pairs() -> list[Likeness]:
    with reading() as session:
        return list(session.scalars(select(Likeness).order_by(Likeness.id)))


def twice(chat: Chat, owner: Someone, second: str = OTHER, **about: object) -> tuple[Entry, Entry]:
    entries = knows(chat, owner, "Bicycles", ONE), knows(chat, owner, "Where do bicycles stand?", second, **about)
    chat.passes(minutes=3)
    return entries


def keep(form: Form, entry: Entry) -> str:
    options = next(each for each in form.inputs if each.name == "keep").options
    return next(option.value for option in options if option.value.startswith(f"{entry.id}|"))


def refused(someone: Someone, why: str) -> bool:
    return someone.reply.notice is not None and why in someone.reply.notice.text


def merges(someone: Someone, entry: Entry, **values: str) -> None:
    form = someone.presses("Merge").form
    assert form is not None
    given = {each.name: each.value for each in form.inputs}
    someone.submits(**{**given, "keep": keep(form, entry), **values})
