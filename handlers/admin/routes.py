"""Administration in chat: every change is a form, and every change is in the audit log."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.cards import Card, Element, Reply, T
from bot.router import Page, Router
from bot.turn import Turn
from handlers.admin import actions, cards, coverage, forms, lookup, reach, trouble
from handlers.admin import audit as audit_log
from models import access, files
from models.base import Base, Refusal
from models.company import Audience, audience_members, audiences, setting
from models.knowledge import Topic, topics
from models.people import Person
from models.places import CHANNEL, Place

router = Router()
router.include(coverage.router)
router.include(reach.router)
router.refusal(
    nobody_named=T("I know nobody called “{words}”. Try the e-mail address.", words=""),
    several_named=T("Several people are called “{words}”. Use the handle or the e-mail address.", words=""),
    too_many_people=T("At most {most} people at once. Use the people file for more.", most=0),
    bad_key=T("Use up to 40 small letters, digits and dashes, such as it-security."),
    key_taken=T("There is a topic with this short name already. Choose another."),
    bad_number=T("Write a whole number from 0 to {most}.", most=0),
    choose_one=T("Choose one of the list."),
    not_active=T("{name} does not work here any more. Name somebody who does.", name=""),
    last_admin=T("This is the last administrator. Make somebody else one first."),
    admins_have_left=T("All administrators have left. Whoever runs Agora can name one with the people file."),
    there_is_an_admin=T("There is an administrator already. Ask them."),
    settled_already=T("This is settled already."),
)


@router.command("admin", T("/admin: become the first administrator, or see what needs you"))
def admin(turn: Turn) -> Reply | None:
    """The first who asks is the first admin; admins see what needs them."""
    if not access.may(turn.session, turn.actor, "administer", "company"):
        actions.do_first_admin(turn)
        return Reply(notice=T("You are the administrator now. Your home has a section for it."))
    turn.whisper(_troubles(turn))
    return None


@router.button("admin.people")
def people(turn: Turn, id: int) -> Reply:
    """Whom is it about?"""
    _administer(turn)
    return turn.open(forms.who())


@router.form("admin.who")
def who(turn: Turn, id: int, values: dict[str, Any]) -> Reply:
    """The person's form."""
    _administer(turn)
    return turn.open(forms.person(lookup.person(turn.session, str(values.get("who", "")), "who")))


@router.form("admin.person")
def person(turn: Turn, person_id: int, values: dict[str, Any]) -> Reply:
    """A person's place and roles are changed."""
    _administer(turn)
    found = _get(turn, Person, person_id)
    actions.do_person(turn, found, values)
    return Reply(notice=T("{name} is saved.", name=found.name))


@router.button("admin.topics")
def choose_topic(turn: Turn, id: int) -> Reply:
    """Which topic?"""
    _administer(turn)
    return turn.open(forms.choose_topic(topics(turn.session)))


@router.form("admin.choose_topic")
def topic_form(turn: Turn, id: int, values: dict[str, Any]) -> Reply:
    """The topic's form."""
    _administer(turn)
    found = _chosen(turn, Topic, values, "topic")
    owner, deputy = (turn.session.get(Person, key) if key else None for key in _carers(found))
    return turn.open(forms.topic(found, owner.handle if owner else "", deputy.handle if deputy else ""))


@router.form("admin.topic")
def topic(turn: Turn, topic_id: int, values: dict[str, Any]) -> Reply:
    """A topic is made or changed."""
    _administer(turn)
    found = actions.do_topic(turn, _get(turn, Topic, topic_id) if topic_id else None, values)
    return Reply(notice=T("The topic {key} is saved.", key=found.key))


@router.button("admin.audiences")
def choose_audience(turn: Turn, id: int) -> Reply:
    """Which audience?"""
    _administer(turn)
    return turn.open(forms.choose_audience(audiences(turn.session)))


@router.form("admin.choose_audience")
def audience_form(turn: Turn, id: int, values: dict[str, Any]) -> Reply:
    """The audience's form."""
    _administer(turn)
    found = _chosen(turn, Audience, values, "audience")
    return turn.open(forms.audience(found, audience_members(turn.session, found) if found else ()))


@router.form("admin.audience")
def audience(turn: Turn, audience_id: int, values: dict[str, Any]) -> Reply:
    """An audience is made or changed."""
    _administer(turn)
    found = actions.do_audience(turn, _get(turn, Audience, audience_id) if audience_id else None, values)
    return Reply(notice=T("The audience {name} is saved. Its key is {key}.", name=found.name, key=f"group:{found.key}"))


@router.button("admin.places")
def choose_place(turn: Turn, id: int) -> Reply:
    """Which channel?"""
    _administer(turn)
    known = turn.session.scalars(select(Place).where(Place.kind == CHANNEL).order_by(Place.name, Place.id).limit(100))
    return turn.open(forms.choose_place(known.all()))


@router.form("admin.choose_place")
def place_form(turn: Turn, id: int, values: dict[str, Any]) -> Reply:
    """The channel's form."""
    _administer(turn)
    found = _chosen(turn, Place, values, "place")
    if found is None:
        raise Refusal("choose_one", field="place")
    return turn.open(forms.place(found, topics(turn.session)))


@router.form("admin.place")
def place(turn: Turn, place_id: int, values: dict[str, Any]) -> Reply:
    """A channel is set."""
    _administer(turn)
    found = _get(turn, Place, place_id)
    actions.do_place(turn, found, values)
    return Reply(notice=T("The channel {name} is saved.", name=found.name))


@router.button("admin.company_form")
def company_form(turn: Turn, id: int) -> Reply:
    """What holds for everybody."""
    _administer(turn)
    return turn.open(forms.company(*(setting(turn.session, key) for key in ("name", "anonymous", "reactions"))))


@router.form("admin.company")
def company(turn: Turn, id: int, values: dict[str, Any]) -> Reply:
    """What holds for everybody is changed."""
    _administer(turn)
    actions.do_company(turn, values)
    return Reply(notice=T("Saved."))


@router.button("admin.trouble")
def troubles(turn: Turn, id: int) -> Reply | None:
    """What needs an admin, in their own chat."""
    _administer(turn)
    turn.send(turn.actor, _troubles(turn))
    return Reply(notice=T("I have answered in our own chat."))


@router.button("admin.resend")
def resend(turn: Turn, outbox_id: int) -> Reply:
    """Send it again."""
    _administer(turn)
    turn.emit("delivery.resent", _recorded(turn, trouble.resend(turn.session, outbox_id)))
    return Reply(notice=T("It is being sent again."))


@router.button("admin.settle")
def settle(turn: Turn, outbox_id: int) -> Reply:
    """It arrived, or is let go."""
    _administer(turn)
    turn.emit("delivery.settled", _recorded(turn, trouble.settle(turn.session, outbox_id)))
    return Reply(notice=T("Settled."))


@router.button("admin.retry")
def retry(turn: Turn, inbox_id: int) -> Reply:
    """Handle it again."""
    _administer(turn)
    turn.emit("event.retried", _recorded(turn, trouble.retry(turn.session, inbox_id)))
    return Reply(notice=T("It is being handled again."))


@router.button("admin.retry_job")
def retry_job(turn: Turn, job_id: int) -> Reply:
    """Work on it again."""
    _administer(turn)
    turn.emit("job.retried", trouble.retry_job(turn.session, job_id))
    return Reply(notice=T("It is being worked on again."))


@router.button("admin.drop_job")
def drop_job(turn: Turn, job_id: int) -> Reply:
    """It is let go."""
    _administer(turn)
    turn.emit("job.dropped", trouble.drop_job(turn.session, job_id))
    return Reply(notice=T("Settled."))


@router.page("/audit")
def audit(session: Session, person: Person) -> Page:
    """The audit log, newest first."""
    access.require(session, person, "administer", "company")
    return Page(T("Audit log"), cards.audit(audit_log.newest(session)))


@router.button("admin.export_audit")
def export_audit(turn: Turn, id: int) -> Reply:
    """The audit log as a file that only who asked for it can open. That it was taken is in it the next time."""
    _administer(turn)
    file = files.keep(turn.session, turn.actor, "agora-audit.csv.zip", audit_log.packed(turn.session))
    turn.session.flush()
    turn.emit("audit.exported", file)
    turn.send(turn.actor, cards.audit_file(file.path))
    return Reply(notice=T("The audit log is in our own chat now."))


@router.home(90)
def home(session: Session, person: Person) -> tuple[Element, ...]:
    """An admin's section."""
    if not access.may(session, person, "administer", "company"):
        return ()
    return cards.home(trouble.count(session))


@router.digest(90)
def needs_me(session: Session, person: Person, since: datetime) -> tuple[Element, ...]:
    """What needs an admin, if anything does."""
    if not access.may(session, person, "administer", "company"):
        return ()
    return cards.trouble_digest(trouble.count(session))


def _administer(turn: Turn) -> None:
    turn.require("administer", "company")


def _troubles(turn: Turn) -> Card:
    session = turn.session
    return cards.troubles(trouble.outgoing(session), trouble.incoming(session), trouble.jobs(session))


def _get(turn: Turn, kind: type[Any], id: int) -> Any:
    found = turn.session.get(kind, id, with_for_update=True)
    if found is None:
        raise Refusal("not_found")
    return found


def _chosen(turn: Turn, kind: type[Any], values: dict[str, Any], name: str) -> Any:
    """What a select names; ``None`` for a new one."""
    number = str(values.get(name, ""))
    if not number.isdecimal() or len(number) > 18:
        raise Refusal("choose_one", field=name)
    return _get(turn, kind, int(number)) if number != "0" else None


def _carers(topic: Topic | None) -> tuple[int | None, int | None]:
    return (topic.owner_id, topic.deputy_id) if topic else (None, None)


def _recorded(turn: Turn, row: Base) -> Base:
    turn.session.flush()
    return row
