"""What a person sees: themselves in a workspace, and messages as their templates want them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import quote

from sqlalchemy.orm import Session

from bot.cards import Card, Element, T, from_json
from bot.router import Router
from bot.web import lookup
from bot.web.attachments import elements
from bot.web.lookup import PLATFORM, Replies
from bot.web.render import render
from bot.web.speech import Speech, speech_for
from bot.web.store import WebMessage
from models import access
from models.people import Person, by_account
from models.places import Place, place_at

_SOON = timedelta(minutes=5)
_LONG_TEXT, _LONG_LINES = 1500, 18


@dataclass(frozen=True)
class Viewer:
    """A person in one of their workspaces: a browser tab."""

    person: Person
    handle: str
    installation: str

    @property
    def base(self) -> str:
        """The path under which everything of this tab lies."""
        return f"/as/{quote(self.handle)}/{quote(self.installation)}"

    def in_place(self, key: str) -> str:
        """Where a place is shown."""
        return f"{self.base}/in/{quote(key)}"

    def page(self, path: str) -> str:
        """Where a page of Agora's opens as this person."""
        path, hash_mark, anchor = path.partition("#")
        return f"{path}?as={quote(self.handle)}{hash_mark}{anchor}"

    @property
    def speech(self) -> Speech:
        """How to speak to them."""
        return speech_for(self.person)

    @property
    def own_key(self) -> str:
        """The key of their own chat with Agora."""
        return f"dm:{self.handle}"


def viewer_of(session: Session, handle: str, installation: str) -> Viewer:
    """Who looks; ``Refusal("unknown_person")`` when nobody has this account."""
    return Viewer(by_account(session, PLATFORM, installation, handle), handle, installation)


def place_for(session: Session, viewer: Viewer, key: str, verb: str = "read") -> Place | None:
    """The place of this key in the viewer's workspace, if they may ``verb`` there."""
    place = place_at(session, PLATFORM, viewer.installation, key)
    return place if place is not None and access.may(session, viewer.person, verb, place) else None


@dataclass(frozen=True)
class Shown:
    """A message as one person sees it."""

    message: WebMessage
    card: Card | None
    continued: bool
    """The same author goes on: neither picture nor name again."""
    day: str | None
    """The day, where it is another than that of the message above."""
    fresh: bool
    """The first that this person has not read."""
    replies: Replies | None
    mine: bool
    text: str

    @property
    def files(self) -> tuple[Element, ...]:
        """What went along."""
        return elements(self.message.files or [])

    @property
    def long(self) -> bool:
        """Whether it is folded at first."""
        return len(self.text) > _LONG_TEXT or self.text.count("\n") > _LONG_LINES


def shown(
    viewer: Viewer, message: WebMessage, above: WebMessage | None, replies: Replies | None, fresh: bool = False
) -> Shown:
    """``message`` as ``viewer`` sees it below ``above``."""
    speech = viewer.speech
    new_day = above is None or speech.day_of(above.created_at) != speech.day_of(message.created_at)
    continued = above is not None and not new_day and not fresh and _goes_on(above, message)
    return Shown(
        message,
        from_json(message.card) if message.card else None,
        continued,
        speech.day(message.created_at) if new_day else None,
        fresh,
        replies,
        message.author_id == viewer.person.id,
        message.text,
    )


def _goes_on(above: WebMessage, message: WebMessage) -> bool:
    same = (above.author_id, above.only_for_id) == (message.author_id, message.only_for_id)
    return same and message.created_at - above.created_at < _SOON


def shown_list(session: Session, viewer: Viewer, place: Place, messages: list[WebMessage], read: int) -> list[Shown]:
    """A list of messages, each below the one before."""
    replies = lookup.replies(session, viewer.person, place, (m for m in messages if m.thread is None))
    result: list[Shown] = []
    above: WebMessage | None = None
    marked = False
    for message in messages:
        unread = message.id > read and message.author_id != viewer.person.id
        first = unread and not marked and above is not None
        marked = marked or unread
        result.append(shown(viewer, message, above, replies.get(message.id), first))
        above = message
    return result


def fragment(viewer: Viewer, router: Router, one: Shown) -> str:
    """A message as HTML, to be put into its list."""
    return render("message.html", viewer.speech, m=one, viewer=viewer, shortcuts=router.shortcuts.values())


def spoken(viewer: Viewer, message: WebMessage) -> str:
    """A message in plain words, for notices and screen readers."""
    said = viewer.speech.say(from_json(message.card).summary) if message.card else message.text
    return said[:300]


def as_changes(
    session: Session, viewer: Viewer, router: Router, messages: Iterable[WebMessage], looking_at: str | None, at: int
) -> list[dict[str, Any]]:
    """Changed messages for the browser: the HTML of those where the viewer looks, the mere fact of the others.
    ``at`` is the change they have all seen: what comes later with a lower one is older."""
    place = place_for(session, viewer, looking_at) if looking_at else None
    changes = []
    for message in messages:
        here = place is not None and message.conversation == place.key
        changes.append(_change(session, viewer, router, message, place if here else None) | {"at": at})
    return changes


def _change(
    session: Session, viewer: Viewer, router: Router, message: WebMessage, place: Place | None
) -> dict[str, Any]:
    change: dict[str, Any] = {
        "id": message.id,
        "place": message.conversation,
        "thread": message.thread,
        "mine": message.author_id == viewer.person.id,
        "agora": message.author_id is None,
        "edited": message.edited_at is not None,
        "html": None,
        "root": None,
    }
    if place is None:
        return change
    if message.deleted_at is None:
        change["html"] = _html(session, viewer, router, place, message)
        change["say"] = _said(viewer, message)
    root = lookup.seen(session, viewer.person, place, lookup.number(message.thread))
    if root is not None:
        change["root"] = {"id": root.id, "html": _html(session, viewer, router, place, root)}
    return change


def _html(session: Session, viewer: Viewer, router: Router, place: Place, message: WebMessage) -> str:
    above = lookup.before(session, viewer.person, message)
    replies = lookup.replies(session, viewer.person, place, [message])
    return fragment(viewer, router, shown(viewer, message, above, replies.get(message.id)))


def _said(viewer: Viewer, message: WebMessage) -> str:
    name = message.author.name if message.author else "Agora"
    return viewer.speech.say(T("{name} wrote: {message}", name=name, message=spoken(viewer, message)))
