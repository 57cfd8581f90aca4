"""The life of a webhook: it is made, changed, its secret renewed; it is turned off, by an admin or since nobody takes
what it brings, and on again."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import String, cast, select, update
from sqlalchemy.orm import Session

from models.base import Refusal, now
from models.hooks import sealing
from models.hooks.holding import choices
from models.hooks.tables import INCOMING, NOBODY, OUTGOING, PEOPLE, Hook
from models.mail import DROPPED, NEW, Outbox
from models.people import Person

PLATFORM = "hook"
"""The platform of which every webhook is a conversation."""
NAME = 80
"""Characters."""
MOST = 20
"""Webhooks of one company."""
SHOWN_FOR, HONOURED_FOR = timedelta(minutes=15), timedelta(hours=24)
"""How long a new secret can be seen, and how long the one before it is good beside it."""
_BYTES = 32


def make(
    session: Session,
    admin: Person,
    *,
    name: str,
    audience: str,
    url: str | None = None,
    events: Sequence[str] = (),
    people: str = NOBODY,
) -> Hook:
    """A new webhook, with a secret of its own: an outgoing one to ``url``, or an incoming one. It holds what ``admin``
    chose of what they hold themselves."""
    if len(of_company(session)) >= MOST:
        raise Refusal("hooks_most", most=MOST)
    hook = Hook(
        direction=OUTGOING if url else INCOMING, name=_name(name), url=url, events=list(events), active=True,
        key=None if url else secrets.token_urlsafe(24), people=_one_of(people), failures=0, made_by_id=admin.id,
        audience=[_held(session, admin, audience)], secret=sealing.seal(secrets.token_bytes(_BYTES)), secret_at=now(),
        made_at=now(),
    )  # fmt: skip
    session.add(hook)
    session.flush()
    return hook


def change(
    session: Session,
    hook: Hook,
    admin: Person,
    *,
    name: str,
    audience: str,
    url: str | None = None,
    events: Sequence[str] = (),
    people: str = NOBODY,
) -> None:
    """Change what it is called, where it goes, what it is told, and what it holds. Nobody sends elsewhere what they do
    not hold themselves."""
    hook.name = _name(name)
    if audience not in hook.audience or (hook.direction == OUTGOING and url and url != hook.url):
        hook.audience = [_held(session, admin, audience)]
    if hook.direction == OUTGOING and url:
        hook.url, hook.events, hook.people = url, list(events), _one_of(people)
    session.flush()


def renew_secret(hook: Hook) -> None:
    """Give it another secret; the one that it had is good for a day."""
    hook.former, hook.secret = hook.secret, sealing.seal(secrets.token_bytes(_BYTES))
    hook.secret_at = now()


def reseal(session: Session) -> list[Hook]:
    """Let the newest of the company's keys open every secret; those that are on and whose secret none opens."""
    hooks = session.scalars(select(Hook).order_by(Hook.id).with_for_update()).all()
    for hook in hooks:
        hook.secret = sealing.renewed(hook.secret)
        hook.former = sealing.renewed(hook.former) if hook.former else None
    return [hook for hook in hooks if hook.active and not keys(hook)]


def keys(hook: Hook) -> list[bytes]:
    """The secrets that are good now, the newest first; none where no key opens them any more."""
    sealed = [hook.secret, hook.former] if hook.former and now() < hook.secret_at + HONOURED_FOR else [hook.secret]
    return [secret for each in sealed if (secret := sealing.opened(each)) is not None]


def to_be_shown(hook: Hook) -> bytes | None:
    """Its secret, while it is new: it is shown then, and never again."""
    return sealing.opened(hook.secret) if now() < hook.secret_at + SHOWN_FOR else None


def turn_off(session: Session, hook: Hook) -> None:
    """It is told nothing more, what waits for it included, and asks for nothing more."""
    hook.active = False
    waiting = (Outbox.platform == PLATFORM) & (Outbox.conversation == cast(hook.id, String)) & (Outbox.state == NEW)
    session.execute(update(Outbox).where(waiting).values(state=DROPPED, done_at=now(), error="it was turned off"))


def turn_on(hook: Hook, admin: Person) -> None:
    """It is told of what happens from now on, or asks for tasks: in the name of ``admin``, where whoever made it has
    left."""
    hook.active, hook.failures = True, 0
    if not hook.made_by.active:
        hook.made_by, hook.made_by_id = admin, admin.id


def brought_in_for(session: Session, person: Person) -> list[Hook]:
    """Those that are on and ask for tasks in the name of ``person``; locked."""
    mine = (Hook.made_by_id == person.id) & (Hook.direction == INCOMING) & Hook.active
    return list(session.scalars(select(Hook).where(mine).order_by(Hook.id).with_for_update()))


def of_company(session: Session) -> list[Hook]:
    """Every webhook, by name."""
    return list(session.scalars(select(Hook).order_by(Hook.name, Hook.id)))


def _name(words: str) -> str:
    name = " ".join(words.split())
    if not name:
        raise Refusal("empty_text", field="name")
    if len(name) > NAME:
        raise Refusal("text_too_long", field="name", n=len(name) - NAME, most=NAME)
    return name


def _held(session: Session, admin: Person, key: str) -> str:
    if key not in choices(session, admin):
        raise Refusal("choose_one", field="audience")
    return key


def _one_of(people: str) -> str:
    if people not in PEOPLE:
        raise Refusal("choose_one", field="people")
    return people
