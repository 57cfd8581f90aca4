"""Everything about a person: which rows those are, and all of them as a file. ``models.erasing`` erases them.

A row is about a person when one of its columns leads to them. What is erased and what stays, because the company's
knowledge or other people's words depend on it, is said by ``KEPT``; who is erased stays as "Former colleague", so that
what stays still has an author, but no name.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time
from typing import Any

from sqlalchemy import Column, LargeBinary, Table, false, or_, select
from sqlalchemy.orm import Session

from models import access, joins
from models.base import Base
from models.facts import Fact
from models.knowledge import Entry
from models.mail import Inbox, Outbox
from models.people import Account, Person
from models.questions import Question
from models.tasks.tables import Assignment, TaskComment

FORMER = "Former colleague"
KEPT = {
    "entry": "knowledge that was shared with the company, without their name",
    "revision": "how that knowledge read before, without their name",
    "passage": "the same knowledge as search keeps it",
    "vector": "the same knowledge as an encoder sees it; of what they asked none is left",
    "written_answer": "what a model wrote from that knowledge, for a month at most",
    "derived_text": "what a model made of knowledge, answers, tasks and decisions that stay, for a month at most",
    "answer": "answers that others rely on, without their name",
    "answer_revision": "how those answers read before",
    "comment": "comments in others' threads, without their name",
    "announcement": "what they announced to others, without their name",
    "announcement_text": "the same in other languages",
    "poll": "what they asked those others to choose from",
    "shared_card": "the same as it was sent, until the queues forget it",
    "task": "what they asked others to do, without their name",
    "checklist_item": "the parts of it",
    "decision": "what they asked others to decide, and why it was decided so, without their name",
    "decision_option": "what could be chosen",
    "file": "what they attached to others' questions, to answers, entries and announcements",
    "file_content": "the bytes of those files",
    "fact": "that something was done, by a number that no longer leads to a name",
}
_READ: dict[str, type[Entry] | type[Question]] = {"entry": Entry, "question": Question}
_SAYS = frozenset({"title", "body", "text", "more"})
_SECRET = (LargeBinary,)  # digests and vectors say nothing to a person


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
        of_them = table.c.id == person.id if table.name == "person" else leads_to(table, person.id)
        rows = session.execute(select(table).where(of_them)).mappings().all()
        if rows:
            found[plain(table.name)] = [_row(table, _allowed(session, person, table.name, dict(row))) for row in rows]
    for kind, name in ((Inbox, "inbox"), (Outbox, "outbox")):
        table = Base.metadata.tables[name]
        rows = session.execute(select(table).where(own_chats(session, kind, person))).mappings().all()
        if rows:
            found[name] = [_row(table, dict(row)) for row in rows]
    return found


def _allowed(session: Session, person: Person, name: str, row: dict[str, Any]) -> dict[str, Any]:
    """The row, without what it says where that is not theirs to read any more: that they verified it stays."""
    kind = _READ.get(name)
    if kind is None or access.may(session, person, "read", session.get_one(kind, row["id"])):
        return row
    return {column: value for column, value in row.items() if column not in _SAYS}


def own_chats(session: Session, kind: Any, person: Person) -> Any:
    """Rows of a queue that are in the person's own chats, or that they sent, or that only they see."""
    conditions = [in_own_chat(session, kind, person)]
    for account in session.scalars(select(Account).where(Account.person_id == person.id)):
        here = (kind.platform == account.platform) & (kind.installation == account.installation)
        name = "actor" if kind is Inbox else "only_for"
        conditions.append(here & (kind.payload[name].astext == account.external))
    if kind is Outbox:
        conditions.append(kind.payload["person_id"].astext == str(person.id))
    return or_(false(), *conditions)


def in_own_chat(session: Session, kind: Any, person: Person) -> Any:
    """Rows of a queue, or cards, in the person's own chats."""
    return or_(
        false(),
        *(
            (kind.platform == account.platform)
            & (kind.installation == account.installation)
            & (kind.conversation == account.private)
            for account in private_accounts(session, person)
        ),
    )


def private_accounts(session: Session, person: Person) -> list[Account]:
    """The person's accounts that have a chat of their own."""
    return list(session.scalars(select(Account).where(Account.person_id == person.id, Account.private.is_not(None))))


def leads_to(table: Table, person_id: int) -> Any:
    """Rows of ``table`` that lead to the person."""
    return or_(false(), *(column == person_id for column in links(table)))


def plain(name: str) -> str:
    """SQLAlchemy's names are a kind of string of their own, which JSON writers refuse."""
    return "".join(name)


def _row(table: Table, row: dict[str, Any]) -> dict[str, Any]:
    shown = {plain(name): value for name, value in row.items() if not isinstance(table.c[name].type, _SECRET)}
    dates = datetime | date | time
    return {name: value.isoformat() if isinstance(value, dates) else value for name, value in shown.items()}


def written_in(session: Session, person_id: int) -> list[str]:
    """What the cards are about of what holds words of theirs that are erased: what they asked, the tasks about which
    they said something, the decisions in which they had their say."""
    commented = select(TaskComment.task_id).where(TaskComment.author_id == person_id)
    tasks = commented.union(select(Assignment.task_id).where(Assignment.person_id == person_id))
    decisions = select(Fact.entity_id).where(Fact.verb == "decision.voted", Fact.actor_id == person_id).distinct()
    found = {"task": session.scalars(tasks), "decision": session.scalars(decisions)}
    said = [f"{kind}:{id}" for kind, numbers in found.items() for id in numbers]
    return [*questions_of(session, person_id), *said]


def questions_of(session: Session, person_id: int) -> list[str]:
    """What the cards of their questions are about."""
    return [f"question:{id}" for id in session.scalars(select(Question.id).where(Question.asker_id == person_id))]
