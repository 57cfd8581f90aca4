"""Looking at an announcement before anybody else does: as each platform shows it, whom it reaches, and a test."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from bot import previews
from bot.cards import Actions, Card, Divider, Element, Form, Heading, Input, Link, Reply, T, Text, User
from bot.previews import Preview
from bot.router import Page, Router
from bot.texts import Reader, say
from bot.turn import Turn
from handlers.announcements import cards, draft_cards, drafts
from handlers.announcements.readings import Reading
from models import access
from models.announcements import audience, authors, life
from models.announcements.listing import listed
from models.announcements.tables import Announcement
from models.announcements.texts import original
from models.base import Refusal
from models.files import File, content_of
from models.people import Account, Person

router = Router()
_SAMPLE, _NAMED = 5, 5


@router.button("announcements.preview")
def preview(turn: Turn, announcement_id: int) -> Reply | None:
    """What readers see, and whether every platform shows all of it."""
    announcement = turn.fetch(Announcement, announcement_id, to="edit")
    card = _card(turn.session, announcement)
    turn.whisper(_previewed(announcement, card, previews.of(card, turn.actor)))
    return None


@router.page("/announcements/{id}/preview")
def page(session: Session, person: Person, id: int) -> Page:
    """The same card as each platform of the company shows it, one below the other."""
    announcement = session.get(Announcement, id)
    if announcement is None or not access.may(session, person, "edit", announcement):
        raise Refusal("not_found")
    card = _card(session, announcement)
    reader = Reader(person.locale, person.timezone)
    shown = [*previews.of(card, person), Preview("Web", tuple(_still(each, reader) for each in card.elements))]
    elements: list[Element] = [Text(T("Made as it would be sent. Fonts and colours are each platform's own."), True)]
    for each in shown:
        elements += [Divider(), Heading(User(each.name)), Text(_fits(each), subtle=True), *each.elements]
    return Page(T("Preview of “{title}”", title=User(announcement.title)), tuple(elements))


@router.button("announcements.test")
def test(turn: Turn, announcement_id: int) -> Reply | None:
    """Exactly what a reader gets, in the chat in which they would get it, in their language."""
    announcement = turn.fetch(Announcement, announcement_id, to="edit")
    card = Reading(turn.session, announcement).card(turn.actor.locale)
    if not turn.send(turn.actor, draft_cards.on_top_of_test(card)):
        raise Refusal("no_own_chat")
    return None


@router.button("announcements.tried")
def tried(turn: Turn, announcement_id: int) -> Reply:
    """A button of a test, or of a preview."""
    return Reply(notice=T("This is how it would look. It works once the announcement is sent."))


@router.button("announcements.original")
def see_original(turn: Turn, announcement_id: int) -> Reply | None:
    """Somebody who read a translation wants to see what its author wrote."""
    announcement = turn.fetch(Announcement, announcement_id, to="read")
    turn.whisper(cards.original(announcement, original(announcement)))
    return None


@router.button("announcements.who")
def who(turn: Turn, announcement_id: int) -> Reply | None:
    """Whom it would reach now."""
    announcement = turn.fetch(Announcement, announcement_id, to="edit")
    reach, spec = drafts.reach(turn, announcement), announcement.audience
    if not spec:
        turn.whisper(draft_cards.who(announcement, reach, (), 0, ()))
        return None
    sample = audience.sample(turn.session, spec, _SAMPLE)
    unreachable, languages = _unreachable(turn.session, spec), _languages(turn.session, spec)
    turn.whisper(draft_cards.who(announcement, reach, sample, unreachable, languages))
    return None


@router.button("announcements.list")
def file_form(turn: Turn, announcement_id: int) -> Reply:
    """People are to be named by a file."""
    announcement = turn.fetch(Announcement, announcement_id, to="edit")
    hint = T("CSV, with one handle or e-mail address a line. In “Who gets it” these people are then called: list.")
    given = Input("files", T("A file with people"), "files", hint=hint)
    return turn.open(Form(T("Choose people"), "announcements.list", announcement.id, (given,), T("Take them")))


@router.form("announcements.list")
def file_given(turn: Turn, announcement_id: int, values: dict[str, Any]) -> Reply | None:
    """The people of a file. One of them that nobody knows is said before anything is changed."""
    announcement = turn.fetch(Announcement, announcement_id, to="edit")
    file = only_file(turn, values, "one_file")
    try:
        spec = _people(turn.session, content_of(turn.session, file))
        authors.may_reach(turn.session, announcement.author, spec, announcement.urgent)
    except Refusal as refusal:
        raise Refusal(refusal.code, field="files", **refusal.facts) from refusal
    drafts.withdrawn(turn, announcement)
    drafts.follow(turn, announcement, life.change(turn.session, announcement, announcement.version, audience=spec))
    return None


def _people(session: Session, content: bytes) -> dict[str, Any]:
    found = listed(session, content)
    if found.unknown:
        names = ", ".join(found.unknown[:_NAMED]) + ("…" if len(found.unknown) > _NAMED else "")
        raise Refusal("list_unknown", n=len(found.unknown), names=names)
    return {"people": list(found.people)}


def only_file(turn: Turn, values: dict[str, Any], otherwise: str) -> File:
    """The one file that a form sent, of whoever sends it; ``Refusal`` named ``otherwise`` where it is not one."""
    numbers = str(values.get("files", "")).split()
    if len(numbers) != 1:
        raise Refusal(otherwise, field="files")
    file = turn.session.get(File, int(numbers[0])) if numbers[0].isdecimal() and len(numbers[0]) <= 18 else None
    if file is None or file.owner_id != turn.actor.id:
        raise Refusal("file_gone", field="files")
    return file


def _card(session: Session, announcement: Announcement) -> Card:
    """What readers of its author's language see."""
    return Reading(session, announcement).card(announcement.language)


def _previewed(announcement: Announcement, card: Card, shown: Sequence[Preview]) -> Card:
    tested = draft_cards.on_top_of_test(card)
    lines = [Text(T("{platform}: {state}", platform=User(each.name), state=_fits(each)), True) for each in shown]
    way = Link(T("As each platform shows it"), f"/announcements/{announcement.id}/preview")
    return Card(card.summary, (*tested.elements, Divider(), *lines, way), card.by_model)


def _fits(shown: Preview) -> T:
    if shown.over:
        return T("about {n} character too long: the rest stands behind a link",
                 "about {n} characters too long: the rest stands behind a link", n=shown.over)  # fmt: skip
    return T("all of it fits")


def _still(element: Element, reader: Reader) -> Element:
    """Buttons cannot be pressed on a page: their labels stand there."""
    if not isinstance(element, Actions):
        return element
    return Text(User("   ".join(f"[ {say(each.label, reader)} ]" for each in element.buttons)))


def _unreachable(session: Session, spec: dict[str, Any]) -> int:
    """How many of them have no chat that takes anything."""
    chat = exists().where(Account.person_id == Person.id, Account.private.is_not(None), Account.unreachable.is_(None))
    meant = Person.id.in_(audience.people(session, spec))
    return session.scalar(select(func.count()).select_from(Person).where(meant, ~chat)) or 0


def _languages(session: Session, spec: dict[str, Any]) -> list[tuple[str, int]]:
    """How many of them read which language, the most first."""
    meant = Person.id.in_(audience.people(session, spec))
    n = func.count()
    found = session.execute(select(Person.locale, n).where(meant).group_by(Person.locale).order_by(n.desc()))
    return [(locale, number) for locale, number in found]
