"""What did I miss: asked for in chat, on everybody's home, and in their digest. What is over is not there any more."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from bot.cards import Actions, Button, Card, Element, Heading, Link, Moment, Reply, T, Text, User
from bot.mentions import named
from bot.router import Router
from bot.texts import everywhere
from bot.turn import Turn
from handlers.announcements import cards
from models.announcements import reading, texts
from models.announcements.reading import Mine
from models.announcements.tables import Announcement
from models.base import now
from models.facts import Fact
from models.people import Person
from models.rows import run

router = Router()
_ASKED = T("What did I miss?")
_SAYS = T("what did I miss")
_ALSO = frozenset({
    "what have i missed", "what did i miss today", "did i miss anything", "what's new", "what is new",
    "cosa mi sono perso", "cosa mi sono persa", "che cosa mi sono perso", "cosa ho perso", "cosa c'è di nuovo",
    "ماذا فاتني", "ما الذي فاتني", "ما الجديد", "ماذا فاتنا",
    "מה פספסתי", "מה החמצתי", "מה חדש", "מה פיספסתי",
})  # fmt: skip
"""As people also say it, in the languages that Agora speaks."""
_LISTED, _ON_HOME = 8, 5
_IN_LIST = """
select 1 from posted_card where conversation = %(conversation)s and reference = %(message)s
  and (platform, installation) = (%(platform)s, %(installation)s) and about = %(about)s
"""
_LATELY = timedelta(days=14)

router.prompt(_ASKED, _SAYS)


@router.command("missed", T("/missed: what was announced to you and you have not seen yet"))
def command(turn: Turn) -> Reply | None:
    """``/missed``."""
    _show(turn)
    return None


@router.message
def said(turn: Turn) -> bool:
    """The same in plain words, in one's own chat."""
    text = turn.inbound.text.strip().strip("!.؟?").strip().casefold()
    if not turn.private or text not in _ALSO | everywhere(_SAYS):
        return False
    _show(turn)
    return True


@router.fact("announcement.acknowledged")
def confirmed(turn: Turn, fact: Fact) -> None:
    """Who pressed "Got it" in such a list reads there what is left."""
    heard = turn.inbound
    values = {"platform": heard.platform, "installation": heard.installation, "conversation": heard.conversation,
              "message": heard.message, "about": _about(turn.actor)}  # fmt: skip
    if heard.message is not None and run(turn.session, _IN_LIST, values).fetchone():
        turn.replace(card(turn.session, turn.actor))


def _show(turn: Turn) -> None:
    """What others are not to see elsewhere cannot be changed there later."""
    turn.whisper(card(turn.session, turn.actor), _about(turn.actor) if turn.private else None)


def _about(person: Person) -> str:
    return f"missed:{person.id}"


@router.home(15)
def home(session: Session, person: Person) -> tuple[Element, ...]:
    """What somebody has not seen or confirmed; below it what else still holds of the last two weeks."""
    missed = reading.missed(session, person, _ON_HOME)
    known = {one.announcement.id for one in missed}
    lately = [one for one in reading.mine(session, person, _ON_HOME + len(missed), now() - _LATELY)
              if one.announcement.id not in known]  # fmt: skip
    lines = [*_lines(session, person, missed), *_lines(session, person, lately[: _ON_HOME - len(missed)], bare=True)]
    return (Heading(T("Announcements")), *lines) if lines else ()


@router.digest(15)
def digest(session: Session, person: Person, since: datetime) -> tuple[Element, ...]:
    """What came since they were told last, and what they are still to confirm."""
    missed = reading.missed(session, person, _LISTED)
    fresh = [one for one in missed if one.to_confirm or one.receipt.added_at > since]
    return (Heading(T("Announcements")), *_lines(session, person, fresh)) if fresh else ()


def card(session: Session, person: Person) -> Card:
    """All that somebody missed; where that is nothing, what came last."""
    missed = reading.missed(session, person, _LISTED + 1)
    if missed:
        words = T("{n} announcement waits for you to read or confirm it.",
                  "{n} announcements wait for you to read or confirm them.", n=min(len(missed), _LISTED))  # fmt: skip
        if len(missed) > _LISTED:
            words = T("These announcements, and older ones, wait for you to read or confirm them.")
        return Card(words, (Text(words), *_lines(session, person, missed[:_LISTED])))
    words = T("You have missed nothing.")
    last = reading.mine(session, person, 3)
    heading = (Text(T("This came last:"), subtle=True),) if last else ()
    return Card(words, (Text(words), *heading, *_lines(session, person, last, bare=True)))


def _lines(session: Session, person: Person, found: Sequence[Mine], bare: bool = False) -> list[Element]:
    lines: list[Element] = []
    for one in found:
        lines += line(session, person, one.announcement)
        if one.to_confirm and one.announcement.acknowledge_by is not None:
            by = Moment(one.announcement.acknowledge_by)
            lines.append(Text(T("Please press “Got it” by {moment}.", moment=by), subtle=True))
        if one.receipt.acknowledged_at is None and not bare:
            lines.append(Actions((Button(T("Got it"), "announcements.got", one.announcement.id, "primary"),)))
    return lines


def line(session: Session, person: Person, announcement: Announcement) -> list[Element]:
    """One in a list: its title in the reader's language, who wrote it, and when."""
    wording = texts.best(texts.wordings(session, announcement), announcement, person.locale)
    link = Link(User(wording.title), cards.path(announcement))
    name, urgent = named(announcement.author), announcement.urgent
    if announcement.sent_at is None:
        return [link, Text(T("from {name}", name=name), subtle=True)]
    day = Moment(announcement.sent_at, date_only=True)
    if urgent:
        return [link, Text(T("urgent, from {name}, {day}", name=name, day=day), subtle=True)]
    return [link, Text(T("from {name}, {day}", name=name, day=day), subtle=True)]
