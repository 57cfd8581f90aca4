"""Everything about a person: as a file, and erased. Both read what the columns declare (``models.base.personal``).

A row is about a person when one of its columns leads to them. What is erased and what stays, because the company's
knowledge or other people's words depend on it, is said by ``KEPT``; who is erased stays as "Former colleague", so that
what stays still has an author, but no name.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime, time
from typing import Any

from sqlalchemy import Column, LargeBinary, Table, Text, cast, delete, false, or_, select, update
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, TSVECTOR
from sqlalchemy.orm import Session

from models import access, joins
from models.base import Base
from models.knowledge import Entry
from models.mail import DONE, DROPPED, HELD, NEW, Inbox, Outbox, PostedCard
from models.people import Account, Person
from models.places import PRIVATE, Place
from models.questions import Question

FORMER = "Former colleague"
KEPT = {
    "entry": "knowledge that was shared with the company, without their name",
    "revision": "how that knowledge read before, without their name",
    "passage": "the same knowledge as search keeps it",
    "answer": "answers that others rely on, without their name",
    "answer_revision": "how those answers read before",
    "comment": "comments in others' threads, without their name",
    "file": "what they attached to others' questions, answers and entries",
    "file_content": "the bytes of those files",
    "fact": "that something was done, by a number that no longer leads to a name",
}
_READ: dict[str, type[Entry] | type[Question]] = {"entry": Entry, "question": Question}
_SAYS = frozenset({"title", "body", "text", "more"})
_SECRET = (LargeBinary, TSVECTOR)  # digests and search words say nothing to a person


def links(table: Table) -> list[Column[Any]]:
    """The columns of ``table`` that lead to the person whose row it is. A manager is not in their people's rows."""
    return [
        column
        for column in table.columns
        if column.name != "manager_id"
        and (
            column.name in ("person_id", "actor_id")
            or any(key.column.table.name == "person" for key in column.foreign_keys)
        )
    ]


def tables() -> Iterator[Table]:
    """Every table, those that others depend on first."""
    yield from Base.metadata.sorted_tables


def export(session: Session, person: Person) -> dict[str, list[dict[str, Any]]]:
    """Every row about ``person``, by table, as JSON data; and what went through their own chats. Who they were before
    their accounts were joined is them too."""
    found: dict[str, list[dict[str, Any]]] = {}
    for each in (person, *joins.joined_into(session, person)):
        for name, rows in _export(session, each).items():
            found.setdefault(name, []).extend(row for row in rows if row not in found[name])
    return found


def _export(session: Session, person: Person) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    for table in tables():
        of_them = table.c.id == person.id if table.name == "person" else _leads_to(table, person.id)
        rows = session.execute(select(table).where(of_them)).mappings().all()
        if rows:
            found[_plain(table.name)] = [_row(table, _allowed(session, person, table.name, dict(row))) for row in rows]
    for kind, name in ((Inbox, "inbox"), (Outbox, "outbox")):
        table = Base.metadata.tables[name]
        rows = session.execute(select(table).where(_own_chats(session, kind, person))).mappings().all()
        if rows:
            found[name] = [_row(table, dict(row)) for row in rows]
    return found


def _allowed(session: Session, person: Person, name: str, row: dict[str, Any]) -> dict[str, Any]:
    """The row, without what it says where that is not theirs to read any more: that they verified it stays."""
    kind = _READ.get(name)
    if kind is None or access.may(session, person, "read", session.get_one(kind, row["id"])):
        return row
    return {column: value for column, value in row.items() if column not in _SAYS}


def erase(session: Session, person: Person) -> dict[str, int]:
    """Erase ``person`` everywhere, and who they were before their accounts were joined; how many rows stay, by table,
    for the reasons in ``KEPT``."""
    everything = (*joins.joined_into(session, person), person)
    counts: Counter[str] = Counter()
    for each in everything:
        _erase(session, each)
        counts.update(_kept(session, each.id))
    return dict(counts)


def _erase(session: Session, person: Person) -> None:
    session.flush()
    names = {value for value in (person.name, person.latin_name, person.email, person.handle) if value}
    _erase_mail(session, person)
    _erase_own_chats(session, person)
    _erase_mentions(session, person, names)
    for table in reversed(list(tables())):
        if table.name != "person":
            _erase_rows(session, table, person.id)
    entry = Base.metadata.tables["entry"]
    session.execute(update(entry).where(entry.c.author_name.in_(names)).values(author_name=None))
    _blank_person(person)
    session.flush()
    session.expire_all()


def _erase_rows(session: Session, table: Table, person_id: int) -> None:
    leading = links(table)
    own = [column for column in leading if column.info.get("personal") == "row"]
    if own:
        session.execute(delete(table).where(or_(*(column == person_id for column in own))))
    blanked = {column.name: _blank(column) for column in table.columns if column.info.get("personal") == "erase"}
    theirs = [column for column in leading if column.info.get("personal") != "row"][:1]
    if blanked and theirs:
        session.execute(update(table).where(theirs[0] == person_id).values(blanked))
    if table.name == "fact":
        about = (table.c.entity == "person") & (table.c.entity_id == person_id)
        session.execute(update(table).where(about).values(data={}))


def _erase_mail(session: Session, person: Person) -> None:
    """What they said and what was said to them, in queues too; what waits is not sent to who is gone."""
    gone = f"erased:{person.id}"
    inbox = _own_chats(session, Inbox, person)
    caused = session.scalars(select(Inbox.correlation).where(inbox)).all()  # what they said stands in what followed
    outbox = _own_chats(session, Outbox, person) | Outbox.correlation.in_(caused) | _about_questions(session, person)
    outbox &= Outbox.operation != "delete"  # a removal says nothing, and must still happen
    waiting = (NEW, HELD)
    session.execute(update(Inbox).where(inbox, Inbox.state.in_(waiting)).values(state=DONE, holder=None))
    session.execute(update(Outbox).where(outbox, Outbox.state.in_(waiting)).values(state=DROPPED, holder=None))
    session.execute(update(Inbox).where(inbox).values(payload=None, reply=None))
    session.execute(update(Outbox).where(outbox).values(payload=None))
    for kind in (Inbox, Outbox, PostedCard):
        session.execute(update(kind).where(_in_own_chat(session, kind, person)).values(conversation=gone))


def _about_questions(session: Session, person: Person) -> Any:
    """Messages about what they asked, wherever those stand."""
    asked = session.scalars(select(Question.id).where(Question.asker_id == person.id)).all()
    cards = session.execute(
        select(PostedCard.id, PostedCard.outbox_id).where(PostedCard.about.in_([f"question:{id}" for id in asked]))
    ).all()
    posted = [str(card.id) for card in cards]
    return Outbox.id.in_([card.outbox_id for card in cards]) | Outbox.payload["posted"].astext.in_(posted)


def _erase_own_chats(session: Session, person: Person) -> None:
    gone = f"erased:{person.id}"
    of_platforms = ("web_message", "web_read", "teams_conversation")
    kept = [Base.metadata.tables[name] for name in of_platforms if name in Base.metadata.tables]
    for account in _private_accounts(session, person):
        for table in kept:
            session.execute(
                delete(table).where(
                    table.c.installation == account.installation, table.c.conversation == account.private
                )
            )
        session.execute(
            update(Place)
            .where(Place.platform == account.platform, Place.installation == account.installation,
                   Place.key == account.private, Place.kind == PRIVATE)
            .values(key=f"{gone}:{account.id}", name=FORMER, purpose=None)
        )  # fmt: skip


def _erase_mentions(session: Session, person: Person, names: set[str]) -> None:
    """Their name in cards that were shown to others, or are about to be."""
    shown = [table.c.card for table in tables() if table.name == "web_message"]
    for column in (Base.metadata.tables["outbox"].c.payload, *shown):
        table = column.table
        keys = list(table.primary_key.columns)
        for row in session.execute(select(*keys, column).where(_contains_any(column, names))).all():
            cleaned = without_person(row[-1], person.id, names)
            where = [key == value for key, value in zip(keys, row[:-1], strict=True)]
            session.execute(update(table).where(*where).values({column.name: cleaned}))


def without_person(value: Any, person_id: int, names: set[str]) -> Any:
    """A stored card in which nobody finds the person's name any more."""
    if isinstance(value, list):
        return [without_person(item, person_id, names) for item in value]
    if isinstance(value, dict):
        if value.get("_") == "Mention" and value.get("person_id") == person_id:
            return {**value, "name": FORMER, "latin": None}
        return {key: without_person(item, person_id, names) for key, item in value.items()}
    return FORMER if isinstance(value, str) and value in names else value


def _contains_any(column: Any, names: set[str]) -> Any:
    return or_(false(), *(cast(column, Text).contains(name, autoescape=True) for name in sorted(names)))


def _own_chats(session: Session, kind: Any, person: Person) -> Any:
    """Rows of a queue that are in the person's own chats, or that they sent, or that only they see."""
    conditions = [_in_own_chat(session, kind, person)]
    for account in session.scalars(select(Account).where(Account.person_id == person.id)):
        here = (kind.platform == account.platform) & (kind.installation == account.installation)
        name = "actor" if kind is Inbox else "only_for"
        conditions.append(here & (kind.payload[name].astext == account.external))
    if kind is Outbox:
        conditions.append(kind.payload["person_id"].astext == str(person.id))
    return or_(false(), *conditions)


def _in_own_chat(session: Session, kind: Any, person: Person) -> Any:
    return or_(
        false(),
        *(
            (kind.platform == account.platform)
            & (kind.installation == account.installation)
            & (kind.conversation == account.private)
            for account in _private_accounts(session, person)
        ),
    )


def _private_accounts(session: Session, person: Person) -> list[Account]:
    return list(session.scalars(select(Account).where(Account.person_id == person.id, Account.private.is_not(None))))


def _blank_person(person: Person) -> None:
    person.handle, person.name, person.email = f"erased-{person.id}", FORMER, None
    person.latin_name = None
    person.organisation = person.title = person.department = person.location = None
    person.skills, person.roles, person.active, person.manager_id = [], [], False, None


def _leads_to(table: Table, person_id: int) -> Any:
    return or_(false(), *(column == person_id for column in links(table)))


def _kept(session: Session, person_id: int) -> dict[str, int]:
    kept = {}
    for table in tables():
        if table.name in KEPT and links(table):
            kept[_plain(table.name)] = len(
                session.execute(select(*table.primary_key).where(_leads_to(table, person_id))).all()
            )
    return {name: count for name, count in kept.items() if count}


def _blank(column: Column[Any]) -> Any:
    if column.nullable:
        return None
    if isinstance(column.type, ARRAY):
        return []
    return {} if isinstance(column.type, JSONB) else ""


def _plain(name: str) -> str:
    """SQLAlchemy's names are a kind of string of their own, which JSON writers refuse."""
    return "".join(name)


def _row(table: Table, row: dict[str, Any]) -> dict[str, Any]:
    shown = {_plain(name): value for name, value in row.items() if not isinstance(table.c[name].type, _SECRET)}
    dates = datetime | date | time
    return {name: value.isoformat() if isinstance(value, dates) else value for name, value in shown.items()}
