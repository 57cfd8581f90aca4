"""Agora's own pages for real people: whole entries and the like, the links that open them, and the status page."""

from __future__ import annotations

import asyncio
import hashlib
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import parse_qsl, quote

from aiohttp import web
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.cards import Link, T, simple
from bot.health import Probe, not_ready
from bot.inbox import from_system
from bot.router import PageHandler
from bot.runtime import Runtime
from bot.turn import Turn
from bot.version import VERSION
from bot.web import files
from bot.web.actions import refused
from bot.web.browser import speech_of
from bot.web.lookup import PLATFORM
from bot.web.render import page
from bot.web.speech import speech_for
from models import sessions
from models.base import Refusal, now, reading, transaction
from models.people import Account, Person

COOKIE = "agora_session"
NEW_LINK = "web.new_link"
_ASKED = 200  # characters of what an address says
_SELDOM = 600
"""Seconds within which a used link brings one new one, however often it is asked for."""


@dataclass(frozen=True)
class Opener:
    """Opens pages for one person: in the playground each link says as whom, elsewhere the session knows."""

    person: Person
    suffix: str
    home: str = ""
    """The address of this Agora."""

    def page(self, path: str) -> str:
        """Where a page opens as this person."""
        path, hash_mark, anchor = path.partition("#")
        suffix = self.suffix.replace("?", "&", 1) if "?" in path else self.suffix
        return f"{path}{suffix}{hash_mark}{anchor}"

    @property
    def kept(self) -> list[tuple[str, str]]:
        """What a form of this page says besides, so that it opens as this person, too."""
        return parse_qsl(self.suffix.removeprefix("?"))


class Pages:
    """Pages that need no playground."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._ready = Probe("status", not_ready)
        if NEW_LINK not in runtime.router.timers:
            runtime.router.timer(NEW_LINK)(send_link)

    async def status(self, request: web.Request) -> web.StreamResponse:
        """That there is an Agora here, and whether it is ready; nothing else."""
        try:
            ready = not await self._ready.result()
        except TimeoutError:
            ready = False
        return page("status.html", speech_of(request), ready=ready, version=VERSION)

    async def link(self, request: web.Request) -> web.StreamResponse:
        """What a link from a chat opens first. Chat programs fetch links to preview them: only pressing spends it. Who
        is in already needs none of that, nor a link that is still good."""
        secret = request.match_info["secret"]
        if (path := await asyncio.to_thread(_way_of_whoever_is_in, request.cookies.get(COOKIE), secret)) is not None:
            raise web.HTTPSeeOther(path)
        return _with_form("link.html", request, secret=secret)

    async def open(self, request: web.Request) -> web.StreamResponse:
        """Spend the link: a session, and the page."""
        secret = request.match_info["secret"]
        used = await asyncio.to_thread(_use, secret)
        if used is None:
            return _with_form("spent.html", request, 410, secret=secret, sent=False)
        path, token = used
        response = web.HTTPSeeOther(path)
        secure = self._runtime.settings.public_url.startswith("https:")
        life = int(sessions.SESSION_LIFE.total_seconds())
        response.set_cookie(COOKIE, token, max_age=life, httponly=True, samesite="Lax", secure=secure, path="/")
        raise response

    async def again(self, request: web.Request) -> web.StreamResponse:
        """Send a fresh link to the own chat of whoever the used one was for. It answers the same for any secret."""
        secret = request.match_info["secret"]
        found = await asyncio.to_thread(_spent, secret)
        if found is not None:
            key = f"{hashlib.sha256(secret.encode()).hexdigest()[:16]}:{int(now().timestamp()) // _SELDOM}"
            values = {"person_id": found.person_id, "path": found.path}
            event = from_system("timer", f"person:{found.person_id}", key, NEW_LINK, 0, values)
            await self._runtime.inbox.capture(event)
        return _with_form("spent.html", request, secret=secret, sent=True)

    async def page(self, request: web.Request, as_anybody: bool) -> web.StreamResponse:
        """One of the features' pages, as whoever the session says; in the playground as whoever the address says."""
        found = self._runtime.router.page_at(f"/{request.match_info['path']}")
        if found is None:
            return page("nothing.html", speech_of(request), 404, reason=None)
        return await asyncio.to_thread(self._show, request, as_anybody, *found)

    async def file(self, request: web.Request, as_anybody: bool) -> web.StreamResponse:
        """A file, as whoever a page would be opened."""
        return await asyncio.to_thread(self._serve, request, as_anybody)

    def _serve(self, request: web.Request, as_anybody: bool) -> web.Response:
        known = request.if_none_match
        etag = known[0].value if known else None
        with reading() as session:
            opener = _opener(session, request, as_anybody)
            return files.answer(session, opener.person if opener else None, int(request.match_info["id"]), etag)

    def _show(
        self, request: web.Request, as_anybody: bool, handler: PageHandler, numbers: dict[str, int]
    ) -> web.Response:
        with reading() as session:
            opener = _opener(session, request, as_anybody)
            if opener is None:
                return page("unknown.html", speech_of(request), 401)
            return self._page(session, opener, handler, {**self._said(request, handler), **numbers})

    def _said(self, request: web.Request, handler: PageHandler) -> dict[str, str]:
        """What the address says of what the page asks for."""
        asked = self._runtime.router.asked.get(handler, ())
        return {name: request.query.get(name, "").replace("\0", "").strip()[:_ASKED] for name in asked}

    def _page(self, session: Session, opener: Opener, handler: PageHandler, given: dict[str, Any]) -> web.Response:
        speech = speech_for(opener.person)
        try:
            shown = handler(session, opener.person, **given)
        except Refusal as refusal:
            reason = speech.say(refused(self._runtime, refusal))
            return page("nothing.html", speech, 404, reason=reason)
        home = self._runtime.settings.public_url
        return page("page.html", speech, shown=shown, viewer=replace(opener, home=home))


def _with_form(template: str, request: web.Request, status: int = 200, **context: Any) -> web.Response:
    """A page whose form comes back to us. Under ``no-referrer`` a browser would not say that it comes from here: the
    ``Origin`` of forms is ``null`` then (https://fetch.spec.whatwg.org/#append-a-request-origin-header)."""
    response = page(template, speech_of(request), status, **context)
    response.headers["Referrer-Policy"] = "same-origin"
    return response


def send_link(turn: Turn, person_id: int, path: str) -> None:
    """Somebody wants a new link in place of one that was used or is too old."""
    person = turn.session.get(Person, person_id)
    if person is not None and person.active:
        turn.send(
            person, simple(T("Here is a new link to the page you wanted to open."), Link(T("Open the page"), path))
        )


def _use(secret: str) -> tuple[str, str] | None:
    with transaction() as session:
        used = sessions.use_link(session, secret)
        return (used[0].path, used[1]) if used else None


def _way_of_whoever_is_in(token: str | None, secret: str) -> str | None:
    """Where a link leads, if it was made for whose browser this is."""
    if token is None:
        return None
    with reading() as session:
        person, link = sessions.session_person(session, token), sessions.spent_link(session, secret)
        return link.path if link is not None and person is not None and link.person_id == person.id else None


def _spent(secret: str) -> sessions.Link | None:
    with reading() as session:
        return sessions.spent_link(session, secret)


def _opener(session: Session, request: web.Request, as_anybody: bool) -> Opener | None:
    if as_anybody and (handle := request.query.get("as")):
        found = session.scalars(
            select(Person)
            .join(Account)
            .where(Account.platform == PLATFORM, Account.external == handle, Person.active)
            .limit(1)
        ).first()
        return Opener(found, f"?as={quote(handle)}") if found else None
    token = request.cookies.get(COOKIE)
    person = sessions.session_person(session, token) if token else None
    return Opener(person, "") if person else None
