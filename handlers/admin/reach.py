"""What an administrator is told of the platforms: who cannot be reached there, and what of the app soon ends."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import Select, exists, func, select
from sqlalchemy.orm import Session

from bot.cards import Actions, Button, Card, Element, Fields, Moment, Reply, T, Text, simple
from bot.mentions import named
from bot.router import Router
from bot.turn import Turn
from models import access
from models.people import MASK, Account, Person, with_role

router = Router()
_MOST = 30
_WHY = {
    "not_installed": T("has not installed me"),
    "blocked": T("blocked me, or removed me"),
    "removed": T("removed me"),
}
_OTHERWISE = T("the platform does not take it")


@router.home(92)
def unreached(session: Session, person: Person) -> tuple[Element, ...]:
    """How many people cannot be reached, for administrators; nothing where everybody can."""
    if not access.may(session, person, "administer", "company"):
        return ()
    count = session.scalar(select(func.count()).select_from(_people().subquery())) or 0
    if not count:
        return ()
    show = Button(T("Who cannot be reached"), "admin.unreached", 0)
    return (Text(_how_many(count)), Actions((show,)))


@router.button("admin.unreached")
def who(turn: Turn, id: int) -> Reply | None:
    """Who that is, and why; each is reached again as soon as something comes from them."""
    turn.require("administer", "company")
    found = turn.session.execute(_people().order_by(Person.name, Person.id)).all()
    if not found:
        return Reply(notice=T("Everybody who talks to me can be reached."))
    pairs = tuple((named(person), _WHY.get(why or "", _OTHERWISE)) for person, why in found[:_MOST])
    more = T("And {n} more.", "And {n} more.", n=len(found) - _MOST)
    words = _how_many(len(found))
    left = (Text(more, subtle=True),) if len(found) > _MOST else ()
    turn.whisper(Card(words, (Text(words), Fields(pairs), *left)))
    return None


@router.timer("admin.ends")
def ends(turn: Turn, on: str, certificate: bool) -> None:
    """What the app shows of itself to Microsoft Teams ends soon: every administrator is told, in good time."""
    day = Moment(datetime.fromisoformat(on).replace(tzinfo=UTC), date_only=True, zone="UTC")
    secret = T("My secret for Microsoft Teams ends on {day}.", day=day)
    words = T("My certificate for Microsoft Teams ends on {day}.", day=day) if certificate else secret
    then = Text(T("From then on I cannot write there. Ask whoever runs me to make a new one before."))
    for admin in with_role(turn.session, "admin"):
        turn.send(admin, simple(words, then))


def _people() -> Select[Person, str | None]:
    """Who has accounts, and none in which they can be reached; and why, in the newest of them."""
    theirs = Account.person_id == Person.id
    reached = exists().where(theirs, Account.private.is_not(None), Account.unreachable.is_(None))
    why = select(Account.unreachable).where(theirs, Account.unreachable.is_not(None))
    newest = why.order_by(Account.id.desc()).limit(1).scalar_subquery()
    lost = exists().where(theirs, Account.unreachable.is_not(None))
    return select(Person, newest).where(Person.active, Person.kind != MASK, lost, ~reached)


def _how_many(count: int) -> T:
    return T("{n} person cannot be reached in chat.", "{n} people cannot be reached in chat.", n=count)
