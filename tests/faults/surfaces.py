"""Everything that Agora shows to a person, as text by where it stands."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Iterator

from aiohttp.web import HTTPNotFound
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.router import Router
from bot.web import files as web_files
from models.base import Refusal, reading
from models.files import File, content_of
from models.knowledge import Entry, Topic
from models.people import Person
from models.questions import Question
from models.tasks.tables import Task
from tests.chat import Chat, Someone

PAGES = {"/entries/{}": Entry, "/entries/{}/history": Entry, "/questions/{}": Question, "/topics/{}": Topic,
         "/tasks/{}": Task}  # fmt: skip


def surfaces(chat: Chat, who: Someone, find: str, acts: bool = True) -> dict[str, str]:
    """What ``who`` sees: pages, files, home, what searching ``find`` and managing every entry says, the export, and
    all messages of all their places."""
    if acts and is_active(who):
        who.commands("find", find)
        for id in ids(Entry):
            who.uses("knowledge.manage", id)
        who.uses("privacy.export")
    with reading() as session:
        person = session.get_one(Person, who.person.id)
        found = {name: "\n".join(text) for name, text in {
            "pages": pages(session, chat.runtime.router, person),
            "files": served(session, person),
            "home": home(session, chat.runtime.router, person),
            "export": exports(session, person),
        }.items()}  # fmt: skip
    return {**found, "messages": messages(who)}


def messages(who: Someone) -> str:
    """What stands in their places. Their platform lets nobody in whom the company let go: what counts then is what
    Agora sends to them."""
    if is_active(who):
        return who.screen()
    return "\n".join(each.text for each in who.messages() if who.own_chat == each.conversation or each.only_for)


def is_active(who: Someone) -> bool:
    """Whether the person is active now."""
    with reading() as session:
        return session.get_one(Person, who.person.id).active


def ids(kind: type) -> list[int]:
    """The numbers of all rows."""
    with reading() as session:
        return list(session.scalars(select(kind.id).order_by(kind.id)))  # type: ignore[attr-defined]


def pages(session: Session, router: Router, person: Person) -> Iterator[str]:
    """Every page of everything, as the web serves it: nothing for who is not active, which no session opens for."""
    paths = [path.format(id) for path, kind in PAGES.items() for id in session.scalars(select(kind.id))]
    for path in (*paths, "/audit", "/tasks"):
        found = router.page_at(path)
        assert found is not None, path
        handler, numbers = found
        yield _said(lambda handler=handler, numbers=numbers: handler(session, person, **numbers))  # type: ignore[misc]


def home(session: Session, router: Router, person: Person) -> Iterator[str]:
    """Every section, of the home and of a digest."""
    for _, section in router.sections:
        yield _said(lambda section=section: section(session, person))  # type: ignore[misc]
    for _, part in router.digests if person.active else ():  # nobody else gets one
        yield _said(lambda part=part: part(session, person, person.created_at))  # type: ignore[misc]


def served(session: Session, person: Person) -> Iterator[str]:
    """Every file that is no export."""
    for file in session.scalars(select(File).where(File.name.not_like("agora-%"))):
        try:
            response = web_files.answer(session, person if person.active else None, file.id, None)
        except HTTPNotFound:
            continue
        assert isinstance(response.body, bytes)
        yield file.name + response.body.decode()


def exports(session: Session, person: Person) -> Iterator[str]:
    """Every export that the person may open."""
    for file in session.scalars(select(File).where(File.name.like("agora-%"))):
        try:
            web_files.answer(session, person, file.id, None)
        except HTTPNotFound:
            continue
        with zipfile.ZipFile(io.BytesIO(content_of(session, file))) as packed:
            yield from (packed.read(name).decode() for name in packed.namelist())


def _said(show: Callable[[], object]) -> str:
    """All the text in what is shown: with every word of every element."""
    try:
        return repr(show())
    except Refusal:
        return ""
