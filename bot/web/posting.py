"""What a person writes in the playground: a message, which stands there and reaches Agora, or a command."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from sqlalchemy.orm import Session

from bot.inbound import Inbound
from bot.inbox import Event, insert_events
from bot.router import Router
from bot.web import lookup
from bot.web.attachments import described
from bot.web.lookup import PLATFORM
from bot.web.markup import clean
from bot.web.store import WebMessage, touch, write
from bot.web.views import Viewer, place_for
from models import access
from models.base import Refusal, now
from models.files import posted
from models.places import Place

MOST_CHARACTERS = 40_000
_MENTION = re.compile(r"(?i)(?<![\w@./])@agora\b[,:]?\s?")
_COMMAND = re.compile(r"/([a-z][a-z0-9-]*)(?:\s+|$)")


@dataclass(frozen=True)
class Draft:
    """What was typed, where, and the browser's own key of it."""

    place: str
    thread: str | None
    text: str
    key: str
    files: tuple[int, ...] = ()


def checked(text: str) -> str:
    """The text as it will stand. ``Refusal`` where there is none, or too much."""
    text = clean(text).strip()
    if not text:
        raise Refusal("web_empty")
    if len(text) > MOST_CHARACTERS:
        raise Refusal("web_too_long", most=MOST_CHARACTERS)
    return text


def command_of(router: Router, viewer: Viewer, draft: Draft) -> Event | None:
    """The command that was typed, or ``None``; ``Refusal("web_no_command")`` where there is no such command."""
    found = _COMMAND.match(draft.text)
    if found is None:
        return None
    if found[1] not in router.commands:
        raise Refusal("web_no_command", command=f"/{found[1]}")
    heard = Inbound(
        PLATFORM,
        viewer.installation,
        draft.place,
        "command",
        viewer.handle,
        text=draft.text[found.end() :].strip(),
        thread=draft.thread,
        route=found[1],
    )
    return event(heard, f"{viewer.handle}:{draft.key}")


def event(heard: Inbound, key: str) -> Event:
    """What is answered in-band: commands, buttons, forms and shortcuts."""
    return Event(PLATFORM, heard.installation, heard.conversation, heard.kind, key, heard.to_json(), now=True)


def post(session: Session, viewer: Viewer, draft: Draft) -> tuple[WebMessage, bool]:
    """Store the message and its event in this transaction, each once however often it is sent; is Agora meant?"""
    place = postable(session, viewer, draft.place)
    given = posted(session, viewer.person, draft.files, place)
    message = write(
        session,
        WebMessage(
            installation=viewer.installation,
            conversation=place.key,
            thread=_root(session, viewer, place, draft.thread),
            author_id=viewer.person.id,
            text=draft.text,
            key=draft.key,
            files=[described(file) for file in given],
        ),
    )
    heard = _heard(viewer, place, message)
    insert_events(
        session, [Event(PLATFORM, place.installation, place.key, "message", str(message.id), heard.to_json())], ""
    )
    return message, heard.mentioned


def edit(session: Session, viewer: Viewer, place: Place, id: int, text: str, key: str) -> WebMessage:
    """The author writes their message anew, and Agora hears of it; ``Refusal`` where it is not theirs."""
    message = _own(session, viewer, place, id)
    if message.text != text:
        message.text, message.edited_at = text, now()
        touch(session, message)
        _tell(session, viewer, place, message, "message_changed", key)
    return message


def delete(session: Session, viewer: Viewer, place: Place, id: int, key: str) -> WebMessage:
    """The author takes their message away, and Agora hears of it; ``Refusal`` where it is not theirs."""
    message = _own(session, viewer, place, id)
    message.text, message.files, message.deleted_at = "", [], now()
    touch(session, message)
    _tell(session, viewer, place, message, "message_deleted", key)
    return message


def _own(session: Session, viewer: Viewer, place: Place, id: int) -> WebMessage:
    message = lookup.seen(session, viewer.person, place, id)
    if message is None or message.author_id != viewer.person.id:
        raise Refusal("not_found")
    return message


def _tell(session: Session, viewer: Viewer, place: Place, message: WebMessage, kind: str, key: str) -> None:
    heard = replace(_heard(viewer, place, message), kind=kind)
    event = Event(PLATFORM, place.installation, place.key, kind, f"{message.id}:{key}", heard.to_json())
    insert_events(session, [event], "")


def postable(session: Session, viewer: Viewer, key: str) -> Place:
    """The place, if the viewer may write there; ``Refusal`` if not."""
    place = place_for(session, viewer, key)
    if place is None:
        raise Refusal("not_found")
    if not access.may(session, viewer.person, "post", place):
        raise Refusal("web_not_member")
    return place


def _root(session: Session, viewer: Viewer, place: Place, thread: str | None) -> str | None:
    """The thread in which an answer to this message stands."""
    if thread is None:
        return None
    found = lookup.seen(session, viewer.person, place, lookup.number(thread))
    if found is None:
        raise Refusal("not_found")
    return found.thread or str(found.id)


def _heard(viewer: Viewer, place: Place, message: WebMessage) -> Inbound:
    named, count = _MENTION.subn("", message.text)
    return Inbound(
        PLATFORM,
        place.installation,
        place.key,
        "message",
        viewer.handle,
        text=named.strip(),
        mentioned=bool(count) or access.is_own_chat(place),
        thread=message.thread,
        message=str(message.id),
        files=tuple(file["id"] for file in message.files),
    )
