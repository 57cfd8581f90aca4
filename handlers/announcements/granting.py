"""Who may announce to whom: administrators grant it in chat, and take it away again."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.cards import Actions, Button, Card, Element, Form, Heading, Input, Option, Reply, T, Text, Words, simple
from bot.mentions import named
from bot.router import Router
from bot.turn import Turn
from handlers.announcements import audiences
from models import access
from models.announcements import audience
from models.announcements.tables import Authorship
from models.base import Refusal
from models.people import Person, by_handle

router = Router()
router.refusal(
    one_author=T("Name a person, or choose a role: one of the two."),
    unknown_author=T("I know nobody by that name. Write the handle or the e-mail address of a colleague."),
    grant_over=T("That was taken away already."),
)
_MOST = 20
_NOBODY, _YES, _NO = "nobody", "yes", "no"
_ROLES = {"manager": T("every manager"), "expert": T("every expert")}
_DEFAULT = T("Administrators may announce to everybody, managers to their department and to whoever reports to them.")


@router.home(97)
def section(session: Session, person: Person) -> tuple[Element, ...]:
    """The way in, for administrators."""
    if not access.may(session, person, "administer", "company"):
        return ()
    show = Button(T("Show and change"), "announcements.authors", 0)
    return (Heading(T("Who may announce")), Text(_DEFAULT, subtle=True), Actions((show,)))


@router.button("announcements.authors")
def show(turn: Turn, id: int) -> Reply | None:
    """What is granted, with the ways to change it."""
    turn.require("administer", "company")
    turn.whisper(_list(turn.session))
    return None


@router.button("announcements.grant")
def granting(turn: Turn, id: int) -> Reply:
    """The form."""
    turn.require("administer", "company")
    return turn.open(_form())


@router.form("announcements.grant")
def grant(turn: Turn, id: int, values: dict[str, Any]) -> Reply | None:
    """Somebody may announce something to some."""
    turn.require("administer", "company")
    given = {name: str(value or "").strip() for name, value in values.items()}
    role = given.get("role") if given.get("role") in _ROLES else None
    person = _person(turn, given, "person")
    if (person is None) == (role is None):
        raise Refusal("one_author", field="person")
    approver = _person(turn, given, "approver")
    row = Authorship(
        person_id=person.id if person else None, role=role, urgent=given.get("urgent") == _YES,
        audience=audience.parse(turn.session, turn.actor, given.get("audience", "")),
        approver_id=approver.id if approver else None,
    )  # fmt: skip
    turn.session.add(row)
    turn.session.flush()
    turn.emit("authorship.granted", row, person_id=row.person_id, role=role, audience=row.audience, urgent=row.urgent,
              approver_id=row.approver_id)  # fmt: skip
    turn.whisper(_list(turn.session))
    return None


@router.button("announcements.ungrant")
def take_away(turn: Turn, authorship_id: int) -> Reply | None:
    """They may not any more. What is planned already is looked at again when it is due."""
    turn.require("administer", "company")
    row = turn.session.get(Authorship, authorship_id, with_for_update=True)
    if row is None:
        raise Refusal("grant_over")
    turn.emit("authorship.taken", row, person_id=row.person_id, role=row.role, audience=row.audience)
    turn.session.delete(row)
    turn.session.flush()
    turn.replace(_list(turn.session))
    return None


def _person(turn: Turn, given: dict[str, str], field: str) -> Person | None:
    if not given.get(field):
        return None
    found = by_handle(turn.session, given[field])
    if found is None:
        raise Refusal("unknown_author", field=field)
    return found


def _list(session: Session) -> Card:
    rows = session.scalars(select(Authorship).order_by(Authorship.id).limit(_MOST)).all()
    elements: list[Element] = [Text(_DEFAULT)]
    for row in rows:
        elements.append(Text(_said(session, row)))
        elements += [Text(each, subtle=True) for each in _conditions(row)]
        elements.append(Actions((Button(T("Take away"), "announcements.ungrant", row.id, "danger"),)))
    more = Button(T("Let somebody announce"), "announcements.grant", 0, opens="form")
    return simple(T("Who may announce"), *elements, Actions((more,)))


def _said(session: Session, row: Authorship) -> T:
    who: Words = named(row.person) if row.person is not None else _ROLES.get(row.role or "", T("nobody"))
    return T("{who} may announce to: {people}", who=who, people=audiences.said(session, row.audience))


def _conditions(row: Authorship) -> list[T]:
    said = [T("{name} must approve it.", name=named(row.approver))] if row.approver is not None else []
    return [*said, T("Also what is urgent.")] if row.urgent else said


def _form() -> Form:
    roles = (Option(_NOBODY, T("No role: the person above")), *(Option(key, words) for key, words in _ROLES.items()))
    inputs = (
        Input("person", T("Handle or e-mail address"), required=False, limit=200),
        Input("role", T("Or a role"), "select", _NOBODY, options=roles),
        Input("audience", T("May announce to"), limit=2000,
              hint=T("Such as everyone, or: department:Sales or #general, not location:Rome")),
        Input("urgent", T("May call something urgent"), "select", _NO,
              hint=T("It goes out at once, into quiet hours, too."),
              options=(Option(_NO, T("No")), Option(_YES, T("Yes")))),
        Input("approver", T("Who must approve it"), required=False, limit=200,
              hint=T("Handle or e-mail address; empty where nobody must.")),
    )  # fmt: skip
    return Form(T("Let somebody announce"), "announcements.grant", 0, inputs, T("Save"))
