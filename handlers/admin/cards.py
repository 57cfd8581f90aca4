"""What an admin sees."""

from __future__ import annotations

from collections.abc import Sequence

from bot.cards import Actions, Button, Card, Divider, Element, Heading, Link, Moment, T, Text, User, simple
from models.facts import Fact
from models.mail import UNCERTAIN, Inbox, Job, Outbox

BUTTONS = (
    (T("People and roles"), "admin.people"),
    (T("Topics"), "admin.topics"),
    (T("Audiences"), "admin.audiences"),
    (T("Channels"), "admin.places"),
    (T("Company"), "admin.company_form"),
)


def home(trouble: int) -> tuple[Element, ...]:
    """An admin's part of the home."""
    buttons = tuple(Button(label, route, 0, opens="form") for label, route in BUTTONS)
    attention = _attention(trouble) if trouble else (Text(T("Everything was delivered."), subtle=True),)
    audit = Link(T("Open the audit log"), "/audit")
    export = Actions((Button(T("Give me the audit log as a file"), "admin.export_audit", 0),))
    return (Heading(T("Administration")), Actions(buttons), *attention, audit, export)


def trouble_digest(trouble: int) -> tuple[Element, ...]:
    """The same in a digest, where there is anything."""
    return (Heading(T("Administration")), *_attention(trouble)) if trouble else ()


def _attention(trouble: int) -> tuple[Element, ...]:
    state = T("{n} delivery or event needs you.", "{n} deliveries or events need you.", n=trouble)
    return (Text(state), Actions((Button(T("Show them"), "admin.trouble", 0, "primary"),)))


def audit_file(path: str) -> Card:
    """The audit log is ready."""
    words = T("Here is the audit log, as a file. Only you can open it.")
    return Card(words, (Text(words), Link(T("Open the file"), path)))


def saved(words: T) -> Card:
    """It was done."""
    return simple(words)


def troubles(outgoing: Sequence[Outbox], incoming: Sequence[Inbox], jobs: Sequence[Job]) -> Card:
    """What could not be delivered, handled or worked through, each with what can be done."""
    intro = T("This needs you:") if outgoing or incoming or jobs else T("Everything was delivered.")
    elements: list[Element] = [Text(intro)]
    for row in outgoing:
        elements += [Divider(), *delivery(row)]
    for event in incoming:
        elements += [Divider(), *_event(event)]
    for job in jobs:
        elements += [Divider(), *_job(job)]
    return Card(intro, tuple(elements))


def delivery(row: Outbox) -> tuple[Element, ...]:
    """A message that failed or is uncertain. Not what it says: that is for whom it was meant."""
    where = User(f"{row.platform} · {row.installation} · {row.conversation}")
    if row.state == UNCERTAIN:
        state = T("A message to {where} may have arrived or not.", where=where)
        settle = Button(T("It arrived"), "admin.settle", row.id)
    else:
        state = T("A message to {where} was not delivered.", where=where)
        settle = Button(T("Let it go"), "admin.settle", row.id)
    why = T("{time} · {reason}", time=Moment(row.created_at), reason=User(row.error or "—"))
    resend = Button(T("Send again"), "admin.resend", row.id, "primary")
    return (Text(state), Text(why, subtle=True), Actions((resend, settle)))


def _event(row: Inbox) -> tuple[Element, ...]:
    what = T("An event could not be handled: {kind} from {platform}.", kind=User(row.kind), platform=User(row.platform))
    why = T("{time} · {reason}", time=Moment(row.received_at), reason=User(row.error or "—"))
    return (Text(what), Text(why, subtle=True), Actions((Button(T("Try again"), "admin.retry", row.id, "primary"),)))


def _job(job: Job) -> tuple[Element, ...]:
    what = T("Long work did not come to its end: {kind}, at {done}.", kind=User(job.kind), done=User(str(job.done)))
    why = T("{time} · {reason}", time=Moment(job.created_at), reason=User(job.error or "—"))
    again = Button(T("Try again"), "admin.retry_job", job.id, "primary")
    return (Text(what), Text(why, subtle=True), Actions((again, Button(T("Let it go"), "admin.drop_job", job.id))))


def audit(facts: Sequence[tuple[Fact, str | None]]) -> tuple[Element, ...]:
    """The newest facts: when, who, what, to what."""
    if not facts:
        return (Text(T("Nothing has happened yet."), subtle=True),)
    return tuple(part for fact, name in facts for part in _fact(fact, name))


def _fact(fact: Fact, name: str | None) -> tuple[Element, ...]:
    what = User(f"{fact.verb} · {fact.entity} {fact.entity_id}")
    who = User(name) if name else T("Agora")
    return (Text(what), Text(T("{time} · {who}", time=Moment(fact.at), who=who), subtle=True))
