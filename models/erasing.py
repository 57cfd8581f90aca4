"""Erasing a person: from their rows, from the queues, from what others were shown of them, and from every name.

What is erased is what the columns declare (``models.base.personal``); what stays is said by ``models.privacy.KEPT``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

import orjson
from sqlalchemy import Column, Table, Text, cast, delete, false, func, or_, select, update
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Session

from models import joins, masks
from models.base import Base
from models.decisions import knowledge
from models.decisions.tables import Voice
from models.experts import Offer
from models.files import File
from models.knowledge import Entry
from models.mail import DONE, DROPPED, FAILED, HELD, NEW, SENT, Inbox, Job, Outbox, PostedCard, SharedCard
from models.people import Person
from models.places import PRIVATE, Place
from models.privacy import (
    FORMER,
    KEPT,
    in_own_chat,
    leads_to,
    links,
    own_chats,
    plain,
    private_accounts,
    questions_of,
    tables,
    written_in,
)
from models.questions import Question
from models.tasks.tables import Assignment, Task, TaskComment
from models.thanks import Thanks

_LONG_ENOUGH = 25  # characters: a text that is shorter may stand within others' by chance
_BEGINNING = 60  # characters of a text by which it is known where it was shortened
_WAITING = (NEW, HELD)
_MOST_SHOWN = 2000  # messages on platforms that are changed: the newest


@dataclass(frozen=True)
class Traces:
    """By what a person is found where no column leads to them: their names, what their accounts are called, and how
    what they asked, said of offers and in thanks begins."""

    person_id: int
    names: frozenset[str]
    accounts: frozenset[str]
    texts: frozenset[str]

    @property
    def all(self) -> frozenset[str]:
        """Whatever may stand in a card."""
        return self.names | self.accounts | self.texts

    def cleaned(self, value: Any) -> Any:
        """A stored card in which nobody finds them any more."""
        if isinstance(value, list):
            return [self.cleaned(item) for item in value]
        if isinstance(value, dict):
            if value.get("_") == "Mention" and value.get("person_id") == self.person_id:
                return {**value, "name": FORMER, "latin": None}
            return {key: self.cleaned(item) for key, item in value.items()}
        if not isinstance(value, str):
            return value
        if value in self.texts or any(text in value for text in self.texts if len(text) >= _LONG_ENOUGH):
            return "…"
        return FORMER if value in self.names | self.accounts else value


def erase(session: Session, person: Person) -> dict[str, int]:
    """Erase ``person`` everywhere, and who they were before their accounts were joined; how many rows stay, by table,
    for the reasons in ``KEPT``."""
    counts: Counter[str] = Counter()
    for each in (*joins.joined_into(session, person), person):
        _erase(session, each)
        counts.update(_kept(session, each.id))
    return dict(counts)


def _erase(session: Session, person: Person) -> None:
    session.flush()
    traces = _traces(session, person)
    for mask in masks.of(session, person):  # nothing leads to what they asked without their name: it is nobody's now
        session.execute(delete(masks.Seal).where(masks.Seal.person_id == mask.id))
    knowledge.leave_out(session, person, traces.names, FORMER)
    _erase_files(session, person, traces)
    _change_shown(session, person, traces)
    _erase_mail(session, person)
    _erase_own_chats(session, person)
    _erase_shown(session, traces)
    _erase_heard(session, traces)
    passed = update(Offer).where(Offer.by_id == person.id)
    session.execute(passed.values(words=None, reasons=[{"why": "passed"}]))  # as older rows say it, with a name
    for table in reversed(list(tables())):
        if table.name != "person":
            _erase_rows(session, table, person.id)
    session.execute(update(Question).where(Question.asker_id == person.id).values(text="…"))  # for cards, not empty
    session.execute(update(Entry).where(Entry.author_name.in_(traces.names)).values(author_name=None))
    _blank_person(person)
    session.flush()
    session.expire_all()


def _traces(session: Session, person: Person) -> Traces:
    names = frozenset(value for value in (person.name, person.latin_name, person.email) if value)
    accounts = frozenset((person.handle, *(account.external for account in person.accounts)))
    return Traces(person.id, names, accounts, _texts(session, person))


def _texts(session: Session, person: Person) -> frozenset[str]:
    """How what they asked, said of offers and in thanks begins; not what others ask in the same words."""
    asked = session.execute(select(Question.text, Question.more).where(Question.asker_id == person.id)).all()
    said = [text for row in asked for text in (row.text, *row.more)]
    theirs = (Offer.person_id == person.id) | (Offer.by_id == person.id)
    said += [words for words in session.scalars(select(Offer.words).where(theirs)) if words]
    thanks = session.scalars(select(Thanks.words).where(Thanks.person_id == person.id))
    said += [words for words in thanks if len(words or "") >= _LONG_ENOUGH]  # "Thank you!" is everybody's
    reasons = [*session.scalars(select(Voice.reason).where(Voice.person_id == person.id)), *_of_tasks(session, person)]
    said += [words for words in reasons if len(words or "") >= _LONG_ENOUGH]
    texts = {text.strip()[:_BEGINNING] for text in said} - {""}
    begins = func.left(Question.text, _BEGINNING)
    others = session.scalars(select(begins).where(Question.asker_id != person.id, begins.in_(texts)))
    return frozenset(texts.difference(others))


def _of_tasks(session: Session, person: Person) -> list[str | None]:
    """What they wrote about tasks, and why they do not do some, or do not want them any more."""
    said: list[str | None] = [*session.scalars(select(TaskComment.text).where(TaskComment.author_id == person.id))]
    said += session.scalars(select(Task.dropped_because).where(Task.asker_id == person.id))
    for column in (Assignment.reason, Assignment.blocked_because):
        said += session.scalars(select(column).where(Assignment.person_id == person.id))
    return said


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


def _erase_files(session: Session, person: Person, traces: Traces) -> None:
    """Their exports, what they gave and attached to nothing, and what went with their questions and messages. What is
    attached to what stays, stays, under a name that is not theirs."""
    others = select(Question.id).where(Question.asker_id != person.id)
    stays = or_(File.answer_id.is_not(None), File.entry_id.is_not(None), File.question_id.in_(others))
    session.execute(delete(File).where(File.owner_id == person.id, ~func.coalesce(stays, false())))
    for file in session.scalars(select(File).where(File.owner_id == person.id)):
        if any(name.casefold() in file.name.casefold() for name in traces.names | traces.accounts):
            file.name = f"file{PurePath(file.name).suffix}"
    session.flush()


def _erase_mail(session: Session, person: Person) -> None:
    """What they said and what was said to them, in queues too; what waits is not sent to who is gone."""
    gone = f"erased:{person.id}"
    inbox = own_chats(session, Inbox, person)
    caused = session.scalars(select(Inbox.correlation).where(inbox)).all()  # what they said stands in what followed
    outbox = own_chats(session, Outbox, person) | Outbox.correlation.in_(caused) | _about_questions(session, person)
    outbox &= Outbox.operation != "delete"  # a removal says nothing, and must still happen
    session.execute(update(Inbox).where(inbox, Inbox.state.in_(_WAITING)).values(state=DONE, holder=None))
    session.execute(update(Outbox).where(outbox, Outbox.state.in_(_WAITING)).values(state=DROPPED, holder=None))
    session.execute(update(Outbox).where(outbox).values(payload=None))
    session.execute(update(Job).where(Job.correlation.in_(caused), Job.state.in_((DONE, FAILED))).values(
        args={}, result=None))  # fmt: skip
    # A platform's key of an event may name its sender; it never comes again, since its account is gone.
    session.execute(update(Inbox).where(inbox).values(payload=None, reply=None, key="erased:" + cast(Inbox.id, Text)))
    for kind in (Inbox, Outbox, PostedCard):
        session.execute(update(kind).where(in_own_chat(session, kind, person)).values(conversation=gone))


def _change_shown(session: Session, person: Person, traces: Traces) -> None:
    """Let the platforms show others' messages as they are without the person: the newest that the queue remembers."""
    asked = questions_of(session, person.id)
    not_theirs = ~func.coalesce(own_chats(session, Outbox, person), false())
    rows = session.scalars(
        select(Outbox)
        .where(Outbox.state == SENT, Outbox.reference.is_not(None), Outbox.payload["only_for"].astext.is_(None),
               _contains_any(Outbox.payload["card"], traces.all), not_theirs,
               Outbox.id.not_in(select(PostedCard.outbox_id).where(PostedCard.about.in_(asked))))
        .order_by(Outbox.id.desc())
        .limit(_MOST_SHOWN)
    ).all()  # fmt: skip
    newest = {(row.platform, row.installation, row.conversation, row.reference): row for row in reversed(rows)}
    for at, row in newest.items():
        here = (Outbox.platform, Outbox.installation, Outbox.conversation, Outbox.reference)
        later = select(Outbox.id).where(
            Outbox.id > row.id, *(one == other for one, other in zip(here, at, strict=True))
        )
        changed = traces.cleaned(row.payload)
        if changed != row.payload and session.scalars(later.limit(1)).first() is None:
            payload = {**changed, "reference": row.reference}
            where = {name: getattr(row, name) for name in ("lane", "platform", "installation", "conversation")}
            session.add(Outbox(**where, operation="edit", payload=payload, correlation=f"erasing:{person.id}"))
    session.flush()


def _about_questions(session: Session, person: Person) -> Any:
    """Messages about what they asked, wherever those stand: its own card, offers of it, and reminders; and what they
    wrote, in other languages."""
    asked = select(Question.id).where(Question.asker_id == person.id)
    offers = session.scalars(select(Offer.id).where(Offer.question_id.in_(asked))).all()
    translated = (f"{about}:translated" for about in written_in(session, person.id))
    abouts = [*questions_of(session, person.id), *translated, *(f"offer:{id}" for id in offers)]
    cards = session.execute(select(PostedCard.id, PostedCard.outbox_id).where(PostedCard.about.in_(abouts))).all()
    posted = [str(card.id) for card in cards]
    return Outbox.id.in_([card.outbox_id for card in cards]) | Outbox.payload["posted"].astext.in_(posted)


def _erase_own_chats(session: Session, person: Person) -> None:
    gone = f"erased:{person.id}"
    of_platforms = ("web_message", "web_read", "teams_conversation")
    kept = [Base.metadata.tables[name] for name in of_platforms if name in Base.metadata.tables]
    for account in private_accounts(session, person):
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


def _erase_shown(session: Session, traces: Traces) -> None:
    """Their name and what they asked, in cards that were shown to others, or are about to be."""
    shown = [table.c.card for table in tables() if table.name == "web_message"]
    for column in (Base.metadata.tables["outbox"].c.payload, SharedCard.__table__.c.card, *shown):
        table = column.table
        keys = list(table.primary_key.columns)
        found = _contains_any(column, traces.all)
        for row in session.execute(select(*keys, column).where(found)).all():
            where = [key == value for key, value in zip(keys, row[:-1], strict=True)]
            session.execute(update(table).where(*where).values({column.name: traces.cleaned(row[-1])}))


def _erase_heard(session: Session, traces: Traces) -> None:
    """What others said of them to Agora, and were answered, once it was handled: whom an administrator looked for."""
    for column in (Inbox.payload, Inbox.reply):
        named = _contains_any(column, traces.names | traces.texts) | _contains_any(column, traces.accounts, whole=True)
        session.execute(update(Inbox).where(Inbox.state == DONE, named).values(payload=None, reply=None))


def _contains_any(column: Any, words: Collection[str], whole: bool = False) -> Any:
    """Whether one of ``words`` stands in a string of the column's JSON, or is the ``whole`` of one."""
    written = (orjson.dumps(word).decode() for word in sorted(words))
    sought = (word if whole else word[1:-1] for word in written)
    return or_(false(), *(cast(column, Text).contains(word, autoescape=True) for word in sought))


def _blank_person(person: Person) -> None:
    person.handle, person.name, person.email = f"erased-{person.id}", FORMER, None
    person.latin_name = None
    person.organisation = person.title = person.department = person.location = None
    person.skills, person.roles, person.active, person.manager_id = [], [], False, None


def _kept(session: Session, person_id: int) -> dict[str, int]:
    kept = {}
    for table in tables():
        if table.name in KEPT and links(table):
            rows = session.execute(select(*table.primary_key).where(leads_to(table, person_id))).all()
            kept[plain(table.name)] = len(rows)
    return {name: count for name, count in kept.items() if count}


def _blank(column: Column[Any]) -> Any:
    if column.nullable:
        return None
    if isinstance(column.type, ARRAY):
        return []
    return {} if isinstance(column.type, JSONB) else ""
