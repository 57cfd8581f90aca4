"""The forms in which an administrator makes and changes webhooks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy.orm import Session

from bot.cards import Form, Input, Option, T, User, Words
from bot.hooks.addresses import LONGEST
from handlers.hooks import words
from models.hooks.holding import choices
from models.hooks.life import NAME
from models.hooks.tables import NOBODY, OUTGOING, Hook
from models.people import Person

SAVE = T("Save")
_MOST = 100  # choices of a select


def outgoing(session: Session, admin: Person, hook: Hook | None = None) -> Form:
    """A program that is told of what happens."""
    title = T("A program to be told") if hook is None else T("Change {name}", name=User(hook.name))
    fields = (
        _name(hook),
        Input("url", T("Its address"), value=(hook.url or "") if hook else "", limit=LONGEST,
              hint=T("It begins with https://.")),
        _select("events", T("What it is told of"), words.events(hook) if hook else words.BOTH, words.EVENT_LABELS),
        _audience(session, admin, hook, words.TOLD_FOR),
        _select("people", words.OF_PEOPLE, hook.people if hook else NOBODY, words.PEOPLE_LABELS),
    )  # fmt: skip
    return Form(title, "hooks.outgoing", hook.id if hook else 0, fields, SAVE)


def incoming(session: Session, admin: Person, hook: Hook | None = None) -> Form:
    """A program that brings in tasks."""
    title = T("A program that brings in tasks") if hook is None else T("Change {name}", name=User(hook.name))
    fields = (_name(hook), _audience(session, admin, hook, words.BROUGHT_FOR))
    return Form(title, "hooks.incoming", hook.id if hook else 0, fields, SAVE)


def of(session: Session, admin: Person, hook: Hook) -> Form:
    """The form of a webhook that there is."""
    return (outgoing if hook.direction == OUTGOING else incoming)(session, admin, hook)


def _name(hook: Hook | None) -> Input:
    hint = T("Where it both is told and brings in, give both the same name.")
    return Input("name", T("Name of the program"), value=hook.name if hook else "", limit=NAME, hint=hint)


def _audience(session: Session, admin: Person, hook: Hook | None, label: T) -> Input:
    keys: Sequence[str] = [*(hook.audience if hook else ()), *choices(session, admin)]
    labels = {key: words.audience(session, key) for key in list(dict.fromkeys(keys))[:_MOST]}
    return _select("audience", label, next(iter(labels), ""), labels)


def _select(name: str, label: T, value: str, labels: Mapping[str, Words]) -> Input:
    return Input(name, label, "select", value=value, options=tuple(Option(key, each) for key, each in labels.items()))
