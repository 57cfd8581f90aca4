"""The ways in which an announcement is written: the command, a message, its forms, and the list of one's own."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.cards import Actions, Button, Element, Heading, Reply, T
from bot.router import Router
from bot.turn import Turn
from handlers.announcements import cards, draft_cards, drafts, forms
from models.announcements import authors, opened
from models.announcements.opened import Opened
from models.announcements.tables import CANCELLED, OUT, Announcement
from models.base import Refusal
from models.people import Person

router = Router()
_LISTED = 10
_LIST = frozenset(("list", "lista", "elenco", "قائمة", "רשימה"))


@router.home(98)
def section(session: Session, person: Person) -> tuple[Element, ...]:
    """The way in, for whoever may announce something; administrators have it below who may."""
    if not authors.is_author(session, person):
        return ()
    heading = () if person.has("admin") else (Heading(T("Announcements")),)
    write = Button(T("Announce something"), "announcements.new", 0, opens="form")
    return (
        *heading,
        Actions((write, Button(T("Your announcements"), "announcements.mine", 0))),
    )


@router.command(
    "announce",
    T("/announce: announce something; /announce list: your announcements; /announce 12: the one with this number"),
    opens="bare",
)
def announce(turn: Turn) -> Reply | None:
    """Without words the form; with a number or "list" what there is; with other words a draft of these."""
    _require_author(turn)
    said = turn.inbound.text.strip()
    if not said:
        return turn.open(drafts.form(turn))
    if said.casefold() in _LIST:
        return mine(turn, 0)
    number = said.lstrip("#")
    if number.isascii() and number.isdecimal():
        if len(number) >= 18:
            raise Refusal("unknown_announcement")
        return open_one(turn, int(number))
    drafts.do_begin(turn, said[: forms.ROOM])
    return None if turn.private else Reply(notice=T("Your draft is in your own chat with me."))


@router.button("announcements.new")
def new(turn: Turn, id: int) -> Reply:
    """The form that writes a new one."""
    _require_author(turn)
    return turn.open(drafts.form(turn))


@router.shortcut("announcements.from_message", T("Announce this"), opens="form")
def from_message(turn: Turn) -> Reply:
    """Any message that one may read becomes the text of an announcement."""
    turn.require("read", turn.place)
    _require_author(turn)
    return turn.open(drafts.form(turn, text=turn.inbound.text.strip()[: forms.ROOM]))


@router.button("announcements.edit")
def edit(turn: Turn, announcement_id: int) -> Reply:
    """The form of one that is there, as it reads now."""
    return turn.open(drafts.form(turn, _changeable(turn, announcement_id)))


@router.form("announcements.write")
def written(turn: Turn, opened_id: int, values: dict[str, Any]) -> Reply | None:
    """The form that writes was sent."""
    opening = opened.find(turn.session, opened_id, turn.actor, drafts.WRITE)
    reply = drafts.do_write(turn, opening, values)
    if reply is None and not turn.private:
        return Reply(notice=T("Your draft is in your own chat with me."))
    return reply


@router.button("announcements.options")
def options(turn: Turn, announcement_id: int) -> Reply:
    """What is said more rarely."""
    announcement = _changeable(turn, announcement_id)
    opening = opened.begin(turn.session, turn.actor, drafts.OPTIONS, announcement)
    urgent = announcement.urgent or _may_call_urgent(turn, announcement)
    return turn.open(forms.options(turn.session, announcement, opening, urgent))


@router.form("announcements.options")
def chosen(turn: Turn, opened_id: int, values: dict[str, Any]) -> Reply | None:
    """The form of options was sent."""
    opening = opened.find(turn.session, opened_id, turn.actor, drafts.OPTIONS)
    return drafts.do_options(turn, opening, values)


@router.button("announcements.mine")
def mine(turn: Turn, id: int) -> Reply | None:
    """Their announcements."""
    found = select(Announcement).where(Announcement.author_id == turn.actor.id, Announcement.state != CANCELLED)
    newest = turn.session.scalars(found.order_by(Announcement.id.desc()).limit(_LISTED)).all()
    left = (Opened.person_id == turn.actor.id) & Opened.filled.is_not(None) & Opened.announcement_id.is_(None)
    unfinished = turn.session.scalar(select(Opened.id).where(left).limit(1)) is not None
    turn.whisper(draft_cards.listed(newest, unfinished))
    return None


@router.button("announcements.open")
def open_one(turn: Turn, announcement_id: int) -> Reply | None:
    """One of them, with what may be done with it now."""
    announcement = turn.fetch(Announcement, announcement_id, to="edit")
    if announcement.state in OUT:
        turn.whisper(draft_cards.out(announcement, cards.manage(announcement)))
    else:
        drafts.show(turn, announcement, anew=True)
    return None


def _changeable(turn: Turn, announcement_id: int) -> Announcement:
    """One that can still be changed: what was taken back or discarded cannot."""
    announcement = turn.fetch(Announcement, announcement_id, to="edit")
    if announcement.state in ("recalled", "cancelled"):
        raise Refusal(f"announcement_{announcement.state}")
    return announcement


def _require_author(turn: Turn) -> None:
    turn.require("write", "announcement")
    if not authors.is_author(turn.session, turn.actor):
        raise Refusal("not_an_author")


def _may_call_urgent(turn: Turn, announcement: Announcement) -> bool:
    author = announcement.author
    return author.has("admin") or any(each.urgent for each in authors.grants(turn.session, author))
