"""Who stands in for me, and for whom I do."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from bot.cards import Actions, Button, Card, Element, Form, Input, Option, Reply, T, Text, simple
from bot.mentions import mention, named
from bot.router import Router
from bot.turn import Turn
from models import deputies
from models.base import Refusal
from models.deputies import deputy_of, stood_in_for
from models.people import EMPLOYEE, Person, by_handle

router = Router()
router.refusal(
    unknown_deputy=T("I know no colleague by that name. Write a handle or an e-mail address, or nothing for nobody."),
    unknown_when=T("Choose from the list when they stand in."),
    no_deputy_of=T("You do not stand in for them any more."),
)
_AWAY, _ALWAYS = "away", "always"


@router.button("home.deputy")
def naming(turn: Turn, id: int) -> Reply:
    """Who stands in?"""
    return turn.open(_form(turn.session, turn.actor))


@router.form("home.deputy")
def named_one(turn: Turn, id: int, values: dict[str, Any]) -> Reply | None:
    """Somebody stands in for them, or nobody any more."""
    words = str(values.get("deputy") or "").replace("\0", "").strip()
    when = str(values.get("when") or _AWAY)
    if when not in (_AWAY, _ALWAYS):
        raise Refusal("unknown_when", field="when")
    if words:
        _name(turn, words, when == _ALWAYS)
    elif deputies.forget(turn.session, turn.actor):
        turn.emit("person.settings_changed", turn.actor)
    turn.whisper(simple(_standing(turn.session, turn.actor)))
    return None


@router.button("home.no_deputy")
def refuses(turn: Turn, person_id: int) -> Reply | None:
    """Whoever was named does not want to stand in."""
    other = turn.session.get(Person, person_id)
    found = deputy_of(turn.session, other) if other is not None else None
    if other is None or found is None or found.deputy_id != turn.actor.id:
        raise Refusal("no_deputy_of")
    deputies.forget(turn.session, other)
    turn.emit("person.settings_changed", other)
    told = simple(T("{name} does not stand in for you. Name somebody else.", name=named(turn.actor)), _button())
    turn.send(other, told)
    words = T("You do not stand in for {name}.", name=named(other))
    if turn.inbound.message is None:
        return Reply(notice=words)
    turn.replace(simple(words))
    return None


def standing(session: Session, person: Person) -> tuple[Element, ...]:
    """Who stands in for them, and for whom they do, each with the way to change it; for colleagues only."""
    if person.kind != EMPLOYEE:
        return ()
    mine = [
        part
        for other in stood_in_for(session, person)
        for part in (Text(T("You stand in for {name}.", name=named(other)), subtle=True), Actions((_refuse(other),)))
    ]
    return (Text(_standing(session, person), subtle=True), _button(), *mine)


def _name(turn: Turn, words: str, always: bool) -> None:
    deputy = by_handle(turn.session, words)
    if deputy is None or deputy.kind != EMPLOYEE or deputy.id == turn.actor.id or turn.actor.kind != EMPLOYEE:
        raise Refusal("unknown_deputy", field="deputy")
    before = deputy_of(turn.session, turn.actor)
    known = before is not None and (before.deputy_id, before.always) == (deputy.id, always)
    deputies.name(turn.session, turn.actor, deputy, always)
    turn.emit("person.settings_changed", turn.actor)
    if not known:
        turn.send(deputy, _told(turn.actor, always))


def _told(person: Person, always: bool) -> Card:
    """Told to whoever was named."""
    words = (
        T("You stand in for {name} from now on.", name=mention(person))
        if always
        else T("You stand in for {name} whenever they are away.", name=mention(person))
    )
    note = T("Questions that would come to them come to you, as long as you have room and may read them. While they "
             "are away for days, you are asked to do the tasks that are due meanwhile.")  # fmt: skip
    return simple(words, Text(note), Actions((_refuse(person),)))


def _standing(session: Session, person: Person) -> T:
    found = deputy_of(session, person)
    deputy = session.get(Person, found.deputy_id) if found is not None else None
    if found is None or deputy is None or not deputy.active:
        return T("Nobody stands in for you.")
    if found.always:
        return T("{name} always stands in for you.", name=named(deputy))
    return T("{name} stands in for you while you are away.", name=named(deputy))


def _form(session: Session, person: Person) -> Form:
    found = deputy_of(session, person)
    deputy = session.get(Person, found.deputy_id) if found is not None else None
    who = Input("deputy", T("Deputy"), value=deputy.handle if deputy else "", required=False, limit=200,
                hint=T("A colleague's handle or e-mail address; empty for nobody."))  # fmt: skip
    when = Input("when", T("They stand in"), "select", _ALWAYS if found is not None and found.always else _AWAY,
                 options=(Option(_AWAY, T("While I am away")), Option(_ALWAYS, T("Always"))))  # fmt: skip
    note = T("What would be offered to you is offered to them, if they have room and may read it. If you leave the "
             "company, they are offered the questions that you have, and asked to do your tasks.")  # fmt: skip
    return Form(T("Deputy"), "home.deputy", 0, (who, when), T("Save"), (Text(note, subtle=True),))


def _button() -> Actions:
    return Actions((Button(T("Deputy"), "home.deputy", 0, opens="form"),))


def _refuse(person: Person) -> Button:
    return Button(T("I cannot stand in"), "home.no_deputy", person.id)
