"""What is new for me, in one message: sent when I want it, if there is anything, and ended by a button in it."""

from __future__ import annotations

from collections.abc import Sequence

from bot.cards import Actions, Button, Card, Divider, Element, Link, Reply, T, Text, simple
from bot.router import Router
from bot.turn import Turn
from models import digests
from models.base import Refusal, now
from models.digests import DAILY, OFF, WEEKLY
from models.experts import away_until
from models.people import Person

MODES = {
    OFF: T("never"),
    DAILY: T("on every working day"),
    WEEKLY: T("once a week"),
}
_KINDS = (OFF, DAILY, WEEKLY)  # by the number in a button
_MOST = 12  # elements of one section: about three things with their buttons


def routes(everything: Router) -> Router:
    """The routes of digests; what stands in one is contributed by every feature to ``everything``."""
    router = Router()

    @router.timer(digests.ROUTE)
    def due(turn: Turn, person_id: int) -> None:
        """It is time. Who is away, or has no chat or nothing new, is not told; the next one is planned all the same."""
        person = turn.session.get(Person, person_id, with_for_update=True, populate_existing=True)
        if person is None or not person.active or person.digest == OFF:
            return
        digests.plan(turn.session, person)
        if away_until(turn.session, person, now()) is None:
            tell(turn, everything, person)

    router.button("home.digest")(change)
    return router


def tell(turn: Turn, everything: Router, person: Person) -> bool:
    """Send ``person`` what is new for them; whether there was anything, and a chat to send it to."""
    since = digests.since(person)
    found = [section(turn.session, person, since) for _, section in everything.digests]
    parts = [_short(elements) for elements in found if elements]
    sent = bool(parts) and turn.send(person, card(person, parts))
    if sent:
        turn.emit("person.digested", person, sections=len(parts))
    if sent or not parts:
        person.digested_at = now()
    return sent


def change(turn: Turn, number: int) -> Reply | None:
    """As often as the button says, which is also how one takes it back."""
    if not 0 <= number < len(_KINDS):
        raise Refusal("unknown_route")
    person = turn.actor
    before, person.digest = person.digest, _KINDS[number]
    if before != person.digest:
        turn.emit("person.settings_changed", person)
    turn.replace(changed(person, before))
    return None


def card(person: Person, parts: Sequence[Sequence[Element]]) -> Card:
    """The digest: every section that has something, and the way to end it."""
    words = T("This is new for you, or waits for you.")
    elements: list[Element] = [Text(words)]
    for part in parts:
        elements += [Divider(), *part]
    end = Button(T("Send me no more of these"), "home.digest", _KINDS.index(OFF))
    settings = Button(T("My settings"), "home.settings", 0, opens="form")
    return Card(words, (*elements, Divider(), Actions((end, settings))))


def changed(person: Person, before: str) -> Card:
    """What becomes of the digest on which somebody pressed "no more", with the way back."""
    if person.digest != OFF:
        return simple(T("You are told what is new for you: {often}.", often=MODES[person.digest]))
    undo = (Actions((Button(T("Undo"), "home.digest", _KINDS.index(before)),)),) if before != OFF else ()
    return simple(T("I send you no more of these. Your home shows what is new, and your settings bring them back."),
                  *undo)  # fmt: skip


def _short(elements: tuple[Element, ...]) -> tuple[Element, ...]:
    """What fits; cut before a thing, never inside it."""
    if len(elements) <= _MOST:
        return elements
    ends = [place for place, each in enumerate(elements[: _MOST + 1]) if isinstance(each, Link)]
    return (*elements[: ends[-1] if ends else _MOST], Text(T("Your home shows all of them."), subtle=True))
