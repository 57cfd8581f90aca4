"""What a tab sends: messages, presses, forms and shortcuts. Each answer is JSON that the tab's script shows."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypeVar

from aiohttp import web
from sqlalchemy.orm import Session

from bot.cards import Reply, T
from bot.inbound import Inbound
from bot.inbox import Event
from bot.runtime import Runtime
from bot.web import lookup, posting
from bot.web.guard import json_body
from bot.web.lookup import PLATFORM
from bot.web.markup import clean
from bot.web.posting import MOST_CHARACTERS, Draft
from bot.web.render import render
from bot.web.store import WebMessage, latest_change, mark_read
from bot.web.views import Viewer, as_changes, place_for, viewer_of
from models.announcements.reading import seen
from models.base import Refusal, reading, transaction
from models.places import Place

REFUSALS = {
    "web_empty": T("Write something first."),
    "web_too_long": T("A message has at most {most} characters. Shorten it, or send it in parts."),
    "web_no_command": T("There is no command {command}. Type / to see those there are."),
    "web_not_member": T("You are not a member of this channel, so you can only read it."),
    "web_bad_request": T("This page is out of date. Load it anew and try again."),
    "not_found": T("This is not there, or not for you to see."),
    "unknown_person": T("There is nobody of this name here."),
}
_KEY = re.compile(r"[0-9A-Za-z_-]{8,64}")
_NAME = re.compile(r"[0-9A-Za-z_.:-]{1,100}")
Result = TypeVar("Result")


def refused(runtime: Runtime, refusal: Refusal) -> T:
    """Why something was refused, and what to do."""
    words = runtime.router.refusals.get(refusal.code) or REFUSALS.get(refusal.code)
    words = words or T("That did not work. Nothing was changed.")
    return T(words.text, words.many, **{**words.args, **refusal.facts})


class Actions:
    """The endpoints to which a tab posts."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime

    async def message(self, request: web.Request, viewer: Viewer) -> web.Response:
        """A message or a command from the composer."""
        data = await json_body(request)
        text = posting.checked(_text(data, "text"))
        draft = Draft(_key_of_place(data), _optional(data, "thread"), text, _key(data), _files(data))
        command = posting.command_of(self._runtime.router, viewer, draft)
        if command is not None:
            await self._postable(viewer, draft.place)
            return await self._answer(viewer, command)
        return web.json_response(await asyncio.to_thread(self._post, viewer, draft))

    async def press(self, request: web.Request, viewer: Viewer) -> web.Response:
        """A button."""
        return await self._act(request, viewer, "button")

    async def submit(self, request: web.Request, viewer: Viewer) -> web.Response:
        """A form."""
        return await self._act(request, viewer, "form")

    async def shortcut(self, request: web.Request, viewer: Viewer) -> web.Response:
        """Something done with a message."""
        return await self._act(request, viewer, "shortcut")

    async def read(self, request: web.Request, viewer: Viewer) -> web.Response:
        """The viewer has read a place up to a message."""
        data = await json_body(request)
        return web.json_response(
            await asyncio.to_thread(self._mark, viewer, _key_of_place(data), _number(data, "upto"))
        )

    async def edit(self, request: web.Request, viewer: Viewer) -> web.Response:
        """The viewer writes a message of their own anew."""
        data = await json_body(request)
        text = posting.checked(_text(data, "text"))
        return await self._own(viewer, data, lambda session, place: posting.edit(
            session, viewer, place, _number(data, "message"), text, _key(data)))  # fmt: skip

    async def delete(self, request: web.Request, viewer: Viewer) -> web.Response:
        """The viewer takes a message of their own away."""
        data = await json_body(request)
        return await self._own(viewer, data, lambda session, place: posting.delete(
            session, viewer, place, _number(data, "message"), _key(data)))  # fmt: skip

    async def _own(
        self, viewer: Viewer, data: dict[str, Any], change: Callable[[Session, Place], WebMessage]
    ) -> web.Response:
        key = _key_of_place(data)

        def do() -> dict[str, Any]:
            with transaction() as session:
                message = change(session, posting.postable(session, viewer, key))
            with reading() as session:
                stored = session.get_one(WebMessage, message.id)
                return {"changes": self._changes(session, viewer, stored, key)}

        return web.json_response(await asyncio.to_thread(do))

    def _post(self, viewer: Viewer, draft: Draft) -> dict[str, Any]:
        with transaction() as session:
            message, meant = posting.post(session, viewer, draft)
        with reading() as session:
            stored = session.get_one(WebMessage, message.id)
            changes = self._changes(session, viewer, stored, draft.place)
        return {"changes": changes, "working": meant}

    def _changes(self, session: Session, viewer: Viewer, stored: WebMessage, place: str) -> list[dict[str, Any]]:
        return as_changes(session, viewer, self._runtime.router, [stored], place, latest_change(session))

    async def _postable(self, viewer: Viewer, place: str) -> None:
        def check() -> None:
            with reading() as session:
                posting.postable(session, viewer, place)

        await asyncio.to_thread(check)

    def _mark(self, viewer: Viewer, key: str, upto: int) -> dict[str, Any]:
        with transaction() as session:
            if place_for(session, viewer, key) is None:
                raise Refusal("not_found")
            mark_read(session, viewer.person.id, viewer.installation, key, upto)
            seen(session, viewer.person, PLATFORM, viewer.installation, key, str(upto))
        return {}

    async def _act(self, request: web.Request, viewer: Viewer, kind: str) -> web.Response:
        data = await json_body(request)
        heard = Inbound(
            PLATFORM,
            viewer.installation,
            _key_of_place(data),
            kind,
            viewer.handle,
            route=_matching(data, "route", _NAME),
            id=_number(data, "id") if kind != "shortcut" else 0,
            message=_optional(data, "message"),
            values=_values(data) if kind == "form" else {},
        )
        heard = await asyncio.to_thread(self._seen, viewer, heard)
        return await self._answer(viewer, posting.event(heard, f"{viewer.handle}:{_key(data)}"))

    def _seen(self, viewer: Viewer, heard: Inbound) -> Inbound:
        """With the words and the thread of its message; ``Refusal`` where the viewer does not see that."""
        with reading() as session:
            place = place_for(session, viewer, heard.conversation)
            if place is None:
                raise Refusal("not_found")
            if heard.message is None and heard.kind != "shortcut":
                return heard
            message = lookup.seen(session, viewer.person, place, lookup.number(heard.message))
            if message is None:
                raise Refusal("not_found")
        text = message.text if heard.kind == "shortcut" else ""
        return replace(heard, thread=message.thread, text=text)

    async def _answer(self, viewer: Viewer, event: Event) -> web.Response:
        """Handle it now and show what comes back."""
        captured = await self._runtime.inbox.capture(event)
        reply = await self._runtime.dispatcher.handle_now(captured)
        return web.json_response(await asyncio.to_thread(_shown, viewer, event, reply))


def _shown(viewer: Viewer, event: Event, reply: Reply) -> dict[str, Any]:
    speech = viewer.speech
    answer: dict[str, Any] = {"errors": {name: speech.say(words) for name, words in reply.errors.items()}}
    if reply.form is not None:
        origin = {"place": event.conversation, "message": event.payload.get("message")}
        answer["form"] = render("form.html", speech, form=reply.form, viewer=viewer, origin=origin)
    if reply.notice is not None:
        answer["notice"] = speech.say(reply.notice)
    if reply.open is not None and reply.open.startswith("/") and not reply.open.startswith("//"):
        answer["open"] = viewer.page(reply.open)
    return answer


def answering(runtime: Runtime, act: Callable[..., Any]) -> Callable[[web.Request], Any]:
    """An endpoint of a tab: finds out who acts, and says what was refused, in their language."""

    async def handler(request: web.Request) -> web.StreamResponse:
        names = request.match_info
        viewer = await asyncio.to_thread(find_viewer, names["handle"], names["installation"])
        try:
            response: web.StreamResponse = await act(request, viewer)
        except Refusal as refusal:
            words = viewer.speech.say(refused(runtime, refusal))
            response = web.json_response({"errors": {}, "refused": words})
        return response

    return handler


def find_viewer(handle: str, installation: str) -> Viewer:
    """Who looks; 404 where nobody has this account."""
    try:
        with reading() as session:
            return viewer_of(session, handle, installation)
    except Refusal:
        raise web.HTTPNotFound(text="There is nobody of this name here.") from None


def _text(data: dict[str, Any], name: str) -> str:
    value = data.get(name)
    if not isinstance(value, str):
        raise Refusal("web_bad_request")
    return value


def _matching(data: dict[str, Any], name: str, pattern: re.Pattern[str]) -> str:
    value = _text(data, name)
    if not pattern.fullmatch(value):
        raise Refusal("web_bad_request")
    return value


def _key(data: dict[str, Any]) -> str:
    return _matching(data, "key", _KEY)


def _key_of_place(data: dict[str, Any]) -> str:
    return _matching(data, "place", _NAME)


def _optional(data: dict[str, Any], name: str) -> str | None:
    if data.get(name) is None:
        return None
    value = _text(data, name)
    if not lookup.number(value):
        raise Refusal("web_bad_request")
    return value


def _files(data: dict[str, Any]) -> tuple[int, ...]:
    """The numbers of the files that go along."""
    given = data.get("files", [])
    if not isinstance(given, list) or not all(type(each) is int and 0 < each < 2**63 for each in given):
        raise Refusal("web_bad_request")
    return tuple(given)


def _number(data: dict[str, Any], name: str) -> int:
    value = data.get(name)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 2**63:
        raise Refusal("web_bad_request")
    return value


def _values(data: dict[str, Any]) -> dict[str, str]:
    """What was filled in: a few fields, each no longer than a message."""
    values = data.get("values")
    if not isinstance(values, dict) or len(values) > 50:
        raise Refusal("web_bad_request")
    for name in values:
        if not _NAME.fullmatch(name) or len(_text(values, name)) > MOST_CHARACTERS:
            raise Refusal("web_bad_request")
    return {name: clean(value) for name, value in values.items()}
