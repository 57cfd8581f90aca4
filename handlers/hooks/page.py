"""The page of a webhook, for administrators: its address, its secret while that is new, and what failed."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.browsing import Address
from bot.cards import Element, Fields, Heading, Moment, T, Text, User, Words
from bot.hooks import signing
from bot.router import Page, Router
from bot.tables import Table
from handlers.hooks import words
from models import access
from models.base import Refusal
from models.hooks import life
from models.hooks.tables import OUTGOING, Hook
from models.mail import FAILED, Outbox
from models.people import Person

router = Router()
_SHOWN = 20


@router.page("/webhooks/{id}")
def page(session: Session, person: Person, id: int) -> Page:
    """A webhook."""
    access.require(session, person, "administer", "company")
    hook = session.get(Hook, id)
    if hook is None:
        raise Refusal("not_found")
    return Page(
        User(hook.name), (Text(words.what(hook)), *_facts(session, hook), *_secret(hook), *_failed(session, hook))
    )


def _facts(session: Session, hook: Hook) -> tuple[Element | Address, ...]:
    outgoing = hook.direction == OUTGOING
    pairs: list[tuple[Words, Words]] = [
        (words.TOLD_FOR if outgoing else words.BROUGHT_FOR, words.audience(session, hook.audience[0])),
        (T("State"), words.state(hook)),
    ]
    if not outgoing:
        return (Address(T("Address to send to"), f"/hooks/{hook.key}"), Fields(tuple(pairs)))
    pairs = [(T("Its address"), User(hook.url or "")), *pairs]
    pairs.append((words.OF_PEOPLE, words.PEOPLE_LABELS[hook.people]))
    return (Fields(tuple(pairs)),)


def _secret(hook: Hook) -> tuple[Element, ...]:
    secret = life.to_be_shown(hook)
    if secret is None:
        return (Text(T("Its secret is not shown any more. Whoever does not have it needs a new one."), subtle=True),)
    until = Moment(hook.secret_at + life.SHOWN_FOR)
    return (
        Heading(T("Secret")),
        Text(User(signing.shown(secret))),
        Text(T("Copy it now: it is shown until {time}, and never again.", time=until), subtle=True),
    )


def _failed(session: Session, hook: Hook) -> tuple[Element | Table, ...]:
    """The newest of what it did not take. Why, as the outbox says it, is for whoever runs the program."""
    here = (Outbox.platform == life.PLATFORM) & (Outbox.conversation == str(hook.id)) & (Outbox.state == FAILED)
    rows: Sequence[Outbox] = session.scalars(select(Outbox).where(here).order_by(Outbox.id.desc()).limit(_SHOWN)).all()
    if not rows:
        return ()
    lines = tuple((Moment(row.created_at), User(f"msg_{row.id}"), User(row.error or "—")) for row in rows)
    columns = (T("When it happened"), T("Number"), T("Why it was not taken"))
    return (Table(T("What it was not told"), columns, lines),)
