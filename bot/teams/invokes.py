"""Invokes: what Teams waits for, five seconds at most, and then asks again.

Each is an event that is answered in-band: the same one again gets the stored reply. What takes longer is said so, and
its result appears in the chat: as a row of the transaction that made it (``dispatcher.Waiting``). Searches, links,
refreshes, and forms that a button carries, only read, and are kept nowhere.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import partial
from typing import Any

import structlog
from aiohttp import web
from sqlalchemy.orm import Session

from bot.cards import Form, Reply, T
from bot.gateway import Delivery, Throttled, Uncertain
from bot.inbound import Inbound
from bot.runtime import Runtime
from bot.seeking import vectors
from bot.teams import answers, dialogs, events, lookups, parse
from bot.teams.activity import Activity, actor, conversation, tenant, text
from bot.teams.blocks import Block
from bot.teams.directory import Directory
from bot.teams.reach import target
from bot.teams.render import Scene, render
from bot.teams.waited import Waited, filled_in
from bot.teams.wire import REFRESH
from bot.waiting import Waiting
from models.base import Refusal, reading

log = structlog.get_logger(__name__)
PATIENCE = 4.0  # seconds after which Teams is told that it takes longer; it waits for five
COMMIT = 0.7  # seconds more for a transaction that is being committed
_LEAST = 0.5
_WRONG = T("That did not work. Nothing was changed.")
Answer = Callable[[Activity, float], Awaitable[web.Response]]
Lookup = Callable[[Session, Runtime, Activity], Block]


class Invokes:
    """Answers invokes."""

    def __init__(self, runtime: Runtime, directory: Directory) -> None:
        self._runtime = runtime
        self._directory = directory
        self._late: set[asyncio.Task[None]] = set()
        self._answers: dict[str, Answer] = {
            "adaptiveCard/action": self._action,
            "task/fetch": self._fetched,
            "task/submit": self._dialog("form"),
            "composeExtension/fetchTask": self._dialog("shortcut"),
            "composeExtension/submitAction": self._dialog("form"),
            "composeExtension/query": self._search,
            "composeExtension/queryLink": self._lookup(lookups.unfurled),
            "composeExtension/anonymousQueryLink": self._nothing_found,
            "message/submitAction": self._feedback,
            "fileConsent/invoke": self._ignored,
            "signin/verifyState": self._ignored,
            "signin/tokenExchange": self._ignored,
            "signin/failure": self._ignored,
        }

    async def answer(self, activity: Activity, began: float) -> web.Response:
        """The response to an invoke that came in at ``began`` (``time.monotonic``)."""
        found = self._answers.get(text(activity, "name") or "")
        if found is None:
            log.info("passed over", platform="teams", type="invoke", name=(text(activity, "name") or "")[:80])
            return _json(answers.error(501, "NotSupported", "Agora does not do this."))
        return await found(activity, began + PATIENCE)

    async def close(self) -> None:
        """Finish what is still to be said."""
        if self._late:
            await asyncio.wait(set(self._late), timeout=3)

    async def _action(self, activity: Activity, until: float) -> web.Response:
        if text(activity, "value", "action", "verb") == REFRESH:
            return await self._refresh(activity, until)
        return await self._in_band(activity, until, "button", is_dialog=False)

    async def _fetched(self, activity: Activity, until: float) -> web.Response:
        """What a button opens: the form that it carries, or what its route answers."""
        pressed = filled_in(activity)
        if pressed is None or pressed.form is None:
            return await self._in_band(activity, until, "button", is_dialog=True)
        return _json(await asyncio.to_thread(self._carried, activity, pressed.form))

    def _dialog(self, kind: str) -> Answer:
        async def answer(activity: Activity, until: float) -> web.Response:
            return await self._in_band(activity, until, kind, is_dialog=True)

        return answer

    def _lookup(self, lookup: Lookup) -> Answer:
        async def answer(activity: Activity, until: float) -> web.Response:
            return await self._read(activity, until, lookup, answers.results([]))

        return answer

    async def _search(self, activity: Activity, until: float) -> web.Response:
        """By what the words mean, too: they are encoded first, since nobody waits inside a transaction."""
        known = await asyncio.to_thread(vectors, lookups.words(activity))
        return await self._read(activity, until, partial(lookups.search, vectors=known), answers.results([]))

    async def _nothing_found(self, activity: Activity, until: float) -> web.Response:
        """A link, asked about by who has not installed Agora: nobody says who they are."""
        return _json(answers.results([]))

    async def _ignored(self, activity: Activity, until: float) -> web.Response:
        return _json({})

    async def _feedback(self, activity: Activity, until: float) -> web.Response:
        if text(activity, "value", "actionName") == "feedback":
            await self._runtime.inbox.capture(events.event(activity, "feedback", events.key_of(activity)))
        return _json({})

    async def _in_band(self, activity: Activity, until: float, kind: str, *, is_dialog: bool) -> web.Response:
        event = events.event(activity, kind, events.key_of(activity), now=True)
        try:
            heard = parse.inbound(event.payload)
        except ValueError:
            return _json(answers.error(400, "BadRequest", "This is nothing that Agora's cards say."))
        captured = await self._runtime.inbox.capture(event)
        waited = Waited(activity, heard, captured, is_dialog)
        waiting = Waiting(waited.hears, waited.form)
        task = asyncio.create_task(self._runtime.dispatcher.handle_now(captured, waiting))
        await asyncio.wait({task}, timeout=max(_LEAST, until - time.monotonic()))
        if not task.done() and waited.give_up():
            await asyncio.wait({task}, timeout=COMMIT)
            if not task.done():  # the database is about to have it, or about to be away
                self._keep(self._tell(task, waited))
        if not task.done():
            return await self._said(waited, Reply(notice=answers.LATER))
        if (error := task.exception()) is not None:
            log.error("invoke failed", exc_info=error, correlation=captured.correlation)
            return await self._said(waited, Reply(notice=_WRONG))
        return await self._said(waited, task.result())

    def _keep(self, telling: Any) -> None:
        task: asyncio.Task[None] = asyncio.create_task(telling)
        self._late.add(task)
        task.add_done_callback(self._late.discard)

    async def _tell(self, task: asyncio.Task[Reply], waited: Waited) -> None:
        """Say in the chat what was promised in-band, and came too late for it."""
        try:
            told = (waited.heard, waited.captured.correlation, await task, waited.form)
            await asyncio.to_thread(self._runtime.dispatcher.tell, *told)
        except Exception as error:
            log.error("not told", exc_info=error, correlation=waited.captured.correlation)

    async def _said(self, waited: Waited, reply: Reply) -> web.Response:
        return _json(await asyncio.to_thread(self._body, waited, reply))

    def _body(self, waited: Waited, reply: Reply) -> Block | None:
        with reading() as session:
            reader = lookups.reader_of(session, waited.activity)
            stands = lookups.standing(session, waited.activity, reader, waited.captured.correlation)
            scene = self._scene(session, waited.activity)
        if waited.is_dialog:
            return answers.dialog(reply, reader, waited.heard, filled_in(waited.activity), scene)
        shown = _shown(self._runtime, waited.activity, stands) if stands is not None else None
        return answers.pressed(reply, reader, shown)

    def _carried(self, activity: Activity, form: Form) -> Block:
        with reading() as session:
            reader, scene = lookups.reader_of(session, activity), self._scene(session, activity)
        return dialogs.task(dialogs.Shown(form), reader, scene)

    def _scene(self, session: Session, activity: Activity) -> Scene:
        files = lookups.files_of(session, activity)
        return Scene(link=lambda path: f"{self._runtime.settings.public_url}{path}", files=files)

    async def _refresh(self, activity: Activity, until: float) -> web.Response:
        """The card as this reader should see it; where it is not kept any more, as it stands."""
        return await self._read(activity, until, _refreshed, None)

    async def _read(self, activity: Activity, until: float, lookup: Lookup, otherwise: Block | None) -> web.Response:
        """What only reads. Whoever is not known yet is asked about once; what takes too long is nothing."""
        try:
            async with asyncio.timeout(max(_LEAST, until - time.monotonic())):
                return _json(await asyncio.to_thread(self._looked_up, activity, lookup))
        except TimeoutError:
            log.warning("lookup took too long", name=text(activity, "name"))
        except Refusal:
            log.info("refused", code="unknown_person")
        except Exception as error:
            log.error("lookup failed", exc_info=error)
        return _json(otherwise)

    def _looked_up(self, activity: Activity, lookup: Lookup) -> Block:
        try:
            with reading() as session:
                return lookup(session, self._runtime, activity)
        except Refusal as refusal:
            if refusal.code != "unknown_person" or not self._introduced(activity):
                raise
        with reading() as session:
            return lookup(session, self._runtime, activity)

    def _introduced(self, activity: Activity) -> bool:
        heard = Inbound(parse.PLATFORM, tenant(activity), conversation(activity) or "", "message", actor(activity))
        try:
            return self._directory.introduce(heard)
        except (Throttled, Uncertain):
            return False


def _refreshed(session: Session, runtime: Runtime, activity: Activity) -> Block:
    stands = lookups.standing(session, activity, lookups.reader_of(session, activity))
    if stands is None:
        return answers.error(404, "NotFound", "This card is not kept any more.")
    return answers.card(_shown(runtime, activity, replace(stands, person_id=None)))


def _shown(runtime: Runtime, activity: Activity, stands: Delivery) -> Block:
    """The card, as a delivery would show it there."""
    there = target(stands, runtime.settings.public_url, text(activity, "recipient", "id") or "")
    card = there.card or stands.card
    assert card is not None
    return render(card, stands.reader, there.scene)


def _json(body: Block | None) -> web.Response:
    return web.Response() if body is None else web.json_response(body)
