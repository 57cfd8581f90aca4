"""Webhooks in words: what they are told, whom they may know of, and how they are."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session
from yarl import URL

from bot.cards import Moment, T, User, Words
from bot.hooks import client
from handlers.hooks import messages
from models.company import Audience
from models.hooks import telling
from models.hooks.tables import EMAILS, NAMES, NOBODY, OUTGOING, Hook
from models.places import Place

TASKS, DECISIONS, BOTH = "tasks", "decisions", "both"
EVENTS = {
    BOTH: (*messages.TASKS, *messages.DECISIONS),
    TASKS: messages.TASKS,
    DECISIONS: messages.DECISIONS,
}
EVENT_LABELS = {BOTH: T("Tasks and decisions"), TASKS: T("Tasks"), DECISIONS: T("Decisions")}
PEOPLE_LABELS = {
    NOBODY: T("Only their numbers in Agora"),
    NAMES: T("Their names"),
    EMAILS: T("Their names and e-mail addresses"),
}
TOLD_FOR, BROUGHT_FOR = T("As much as these people may see"), T("Who may see the tasks that it brings in")
OF_PEOPLE = T("What it is told of people")
_FAILURES = {
    client.INSIDE: T("Its address leads inside the company's network."),
    client.LATE: T("It did not answer in time."),
    client.CERTIFICATE: T("Its certificate is not good."),
    client.UNKNOWN: T("Its host is not known."),
    client.CLOSED: T("It cannot be reached."),
    client.BROKEN: T("The connection broke off."),
    telling.UNREADABLE: T("None of the keys that I have opens its secret. Give it a new one, and turn it on."),
}


def audience(session: Session, key: str) -> Words:
    """Who holds a key."""
    kind, _, name = key.partition(":")
    if kind == "everyone":
        return T("Everybody in the company")
    if kind == "place":
        place = session.get(Place, int(name))
        return User(f"#{place.name}" if place is not None else key)
    if kind == "group":
        return User(session.scalar(select(Audience.name).where(Audience.key == name)) or name)
    return User(name.title())


def events(hook: Hook) -> str:
    """Which of the choices it has."""
    return next((name for name, verbs in EVENTS.items() if set(verbs) == set(hook.events)), BOTH)


def what(hook: Hook) -> T:
    """What it does. Of an address only the host is said in chat: the rest may be a secret."""
    if hook.direction != OUTGOING:
        return T("{name} brings in tasks.", name=User(hook.name))
    host = User(URL(hook.url or "").host or "")
    told = EVENT_LABELS[events(hook)]
    return T("{name} is told at {host}: {what}.", name=User(hook.name), host=host, what=told)


def state(hook: Hook) -> T:
    """How it is."""
    if not hook.active:
        return T("Turned off.")
    if hook.last_error is not None and hook.failed_at is not None:
        return T("It failed last at {time}: {reason}", time=Moment(hook.failed_at), reason=failure(hook.last_error))
    if hook.last_at is not None:
        return T("It worked last at {time}.", time=Moment(hook.last_at))
    return T("Not used yet.")


def failure(why: str) -> T:
    """Why something was not taken."""
    if why in _FAILURES:
        return _FAILURES[why]
    if why.startswith("3"):
        return T("It answered {status}, and redirects are not followed: write the final address.", status=User(why))
    return T("It answered {status}.", status=User(why))
