"""The pages of the playground: who to be, and what that person sees."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from aiohttp import web
from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from bot.cards import T
from bot.runtime import Runtime
from bot.web import lookup
from bot.web.actions import find_viewer
from bot.web.browser import speech_of
from bot.web.lookup import MOST, PLATFORM
from bot.web.render import page, render
from bot.web.speech import own_language
from bot.web.store import latest_change
from bot.web.views import Viewer, place_for, shown_list
from models.access import keys_of
from models.base import reading
from models.knowledge import CURRENT, Entry
from models.people import Account, Person
from models.places import CHANNEL, Place, members

_WORKSPACES = {"slack": "Slack", "teams": "Teams"}
"""What the demo's two workspaces are called; others go by their own name."""


_ROLES = {"admin": T("administrator"), "manager": T("manager"), "expert": T("expert")}
_KINDS = {"guest": T("guest"), "outsider": T("from outside the company")}


@dataclass(frozen=True)
class Someone:
    """A person in the list of whom one may be."""

    person: Person
    language: str
    path: str
    hint: str | None
    """The title of something to ask about."""


def workspace_name(installation: str) -> str:
    """What a workspace is called."""
    return _WORKSPACES.get(installation, installation)


class Playground:
    """What a browser on this machine gets to see."""

    def __init__(self, runtime: Runtime) -> None:
        self._router = runtime.router

    async def people(self, request: web.Request) -> web.StreamResponse:
        """Who to be."""
        speech = speech_of(request)

        def show() -> web.Response:
            with reading() as session:
                return page("people.html", speech, workspaces=_workspaces(session), roles=_ROLES, kinds=_KINDS)

        return await asyncio.to_thread(show)

    async def enter(self, request: web.Request) -> web.StreamResponse:
        """The first workspace of a person."""

        def find() -> str:
            with reading() as session:
                account = session.scalars(
                    select(Account)
                    .where(Account.platform == PLATFORM, Account.external == request.match_info["handle"])
                    .order_by(Account.id)
                    .limit(1)
                ).first()
            if account is None:
                raise _nobody(request)
            return _viewer_of(request, account.external, account.installation).base

        raise web.HTTPSeeOther(await asyncio.to_thread(find))

    async def own_chat(self, request: web.Request) -> web.StreamResponse:
        """The person's own chat with Agora comes first."""
        viewer = await self._viewer(request)
        raise web.HTTPSeeOther(viewer.in_place(viewer.own_key))

    async def home(self, request: web.Request) -> web.StreamResponse:
        """The person's home: what features show there."""
        viewer = await self._viewer(request)

        def show() -> web.Response:
            with reading() as session:
                sections = sorted(self._router.sections, key=lambda section: section[0])
                elements = [section(session, viewer.person) for _, section in sections]
                frame = self._frame(session, viewer, "home")
                return page("home.html", viewer.speech, **frame, sections=[each for each in elements if each])

        return await asyncio.to_thread(show)

    async def place(self, request: web.Request) -> web.StreamResponse:
        """A channel or the own chat, and beside it a thread."""
        viewer = await self._viewer(request)
        return await asyncio.to_thread(self._place, viewer, request.match_info["place"], request.query)

    def _place(self, viewer: Viewer, key: str, query: Any) -> web.Response:
        with reading() as session:
            place = place_for(session, viewer, key)
            if place is None:
                return self._missing(session, viewer)
            frame = self._frame(session, viewer, key)
            frame.update(self._messages(session, viewer, place, lookup.number(query.get("before")) or None))
            frame.update(self._thread(session, viewer, place, query.get("thread")))
            people = members(session, place)
            frame.update(place=place, people=people, member=any(each.id == viewer.person.id for each in people))
            return page("place.html", viewer.speech, **frame, suggestions=self._suggestions(viewer, people))

    def _suggestions(self, viewer: Viewer, people: list[Person]) -> list[dict[str, Any]]:
        """What the composer offers after "/" and "@"."""
        say = viewer.speech.say
        commands = [_suggestion(f"/{each.name}", say(each.usage)) for each in self._router.commands.values()]
        named = [_suggestion(f"@{each.handle}", each.name) for each in people if each.id != viewer.person.id]
        return [*commands, _suggestion("@agora", say(T("asks Agora"))), *named]

    def _missing(self, session: Session, viewer: Viewer) -> web.Response:
        return page("missing.html", viewer.speech, 404, **self._frame(session, viewer, ""))

    def _messages(self, session: Session, viewer: Viewer, place: Place, before: int | None) -> dict[str, Any]:
        found = lookup.messages(session, viewer.person, place, before=before)
        read = lookup.read_upto(session, viewer.person, place)
        older = found[1].id if len(found) > MOST else None
        return {"messages": shown_list(session, viewer, place, found[-MOST:], read), "older": older}

    def _thread(self, session: Session, viewer: Viewer, place: Place, thread: str | None) -> dict[str, Any]:
        root = lookup.seen(session, viewer.person, place, lookup.number(thread))
        if root is None:
            return {"thread": None, "replies": []}
        found = lookup.messages(session, viewer.person, place, thread=str(root.id))
        found = found if root in found else [root, *found]
        return {"thread": root, "replies": shown_list(session, viewer, place, found, 2**62)}

    def _frame(self, session: Session, viewer: Viewer, current: str) -> dict[str, Any]:
        """What stands around every page of a tab. The newest change comes first: what follows can only be newer."""
        since = latest_change(session)
        places = lookup.places(session, viewer.person, viewer.installation)
        keys = [place.key for place in places]
        return {
            "viewer": viewer,
            "current": current,
            "since": since,
            "channels": [place for place in places if place.kind == CHANNEL],
            "unread": lookup.unread(session, viewer.person, viewer.installation, keys),
            "workspace": workspace_name(viewer.installation),
            "others": _others(session, viewer),
            "shortcuts": self._router.shortcuts.values(),
        }

    async def _viewer(self, request: web.Request) -> Viewer:
        names = request.match_info
        return await asyncio.to_thread(_viewer_of, request, names["handle"], names["installation"])


def _viewer_of(request: web.Request, handle: str, installation: str) -> Viewer:
    try:
        return find_viewer(handle, installation)
    except web.HTTPNotFound:
        raise _nobody(request) from None


def _nobody(request: web.Request) -> web.HTTPNotFound:
    """A way on for whoever was somebody who has left, or mistyped a name."""
    return web.HTTPNotFound(text=render("nobody.html", speech_of(request)), content_type="text/html")


def _suggestion(word: str, hint: str) -> dict[str, Any]:
    also = [f"@{part}" for part in hint.split()] if word.startswith("@") else []
    return {"insert": f"{word} ", "label": word, "hint": hint.removeprefix(word).lstrip(), "also": also}


def _others(session: Session, viewer: Viewer) -> list[tuple[str, str]]:
    """The person's other workspaces: name and path."""
    accounts = lookup.workspaces(session, viewer.person)
    return [
        (workspace_name(each.installation), Viewer(viewer.person, each.external, each.installation).base)
        for each in accounts
        if each.installation != viewer.installation
    ]


def _workspaces(session: Session) -> list[tuple[str, list[Someone]]]:
    accounts = session.scalars(
        select(Account)
        .join(Person)
        .where(Account.platform == PLATFORM, Person.active)
        .order_by(Account.installation, Person.name)
        .options(selectinload(Account.person))
    ).all()
    names = dict.fromkeys(account.installation for account in accounts)
    return [(workspace_name(name), _people(session, (a for a in accounts if a.installation == name))) for name in names]


def _people(session: Session, accounts: Iterable[Account]) -> list[Someone]:
    return [
        Someone(
            account.person,
            own_language(account.person.locale),
            Viewer(account.person, account.external, account.installation).base,
            _hint(session, account.person),
        )
        for account in accounts
    ]


def _hint(session: Session, person: Person) -> str | None:
    """Something written in their language that they may read: each person gets another."""
    titles = session.scalars(
        select(Entry.title)
        .where(
            Entry.state == CURRENT, Entry.language == person.locale, Entry.audience.overlap(keys_of(session, person))
        )
        .order_by(Entry.id)
        .limit(40)
    ).all()
    return titles[person.id * 7 % len(titles)] if titles else None
