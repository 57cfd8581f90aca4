"""Which address leads where, and who may come that way."""

from __future__ import annotations

import asyncio
import secrets

import structlog
from aiohttp import web

from bot.runtime import Runtime
from bot.web.actions import Actions, answering, find_viewer
from bot.web.browser import speech_of
from bot.web.feeds import Feeds
from bot.web.files import take
from bot.web.guard import Handler, is_local, secured
from bot.web.live import Hub
from bot.web.pages import Pages
from bot.web.playground import Playground
from bot.web.render import page, static

log = structlog.get_logger(__name__)
_TAB = "/as/{handle}/{installation}"


class Site:
    """Everything that the web platform serves."""

    def __init__(self, runtime: Runtime) -> None:
        self.hub = Hub(runtime)
        self._runtime = runtime
        self._settings = runtime.settings
        self._playground = Playground(runtime)
        self._pages = Pages(runtime)
        self._feeds = Feeds(runtime)

    def routes(self) -> list[web.AbstractRouteDef]:
        """All routes, each with its guard."""
        return [
            web.get("/", self._secured(self._front)),
            web.get("/static/{name}", self._secured(static)),
            *self._of_the_playground(),
            web.get("/open/{secret}", self._secured(self._pages.link)),
            web.post("/open/{secret}", self._secured(self._pages.open)),
            web.post("/open/{secret}/again", self._secured(self._pages.again)),
            web.get("/files/{id:[0-9]{1,18}}", self._secured(self._file)),
            web.get("/feeds/{secret:[A-Za-z0-9_-]{20,200}}/{name}", self._secured(self._feeds.answer)),
            web.get("/{path:.+}", self._secured(self._page)),
            web.post("/{path:.+}", _nowhere),
        ]

    def _of_the_playground(self) -> list[web.RouteDef]:
        show, actions = self._playground, Actions(self._runtime)
        return [
            web.get("/as/{handle}", self._here(show.enter)),
            web.get(_TAB, self._here(show.own_chat)),
            web.get(f"{_TAB}/home", self._here(show.home)),
            web.get(f"{_TAB}/in/{{place}}", self._here(show.place)),
            web.get(f"{_TAB}/live", self._here(self._follow)),
            *(
                web.post(f"{_TAB}/{name}", self._here(answering(self._runtime, act)))
                for name, act in {
                    "messages": actions.message,
                    "press": actions.press,
                    "submit": actions.submit,
                    "shortcut": actions.shortcut,
                    "read": actions.read,
                    "files": take,
                    "edit": actions.edit,
                    "delete": actions.delete,
                }.items()
            ),
        ]

    def _secured(self, handler: Handler) -> Handler:
        return secured(_apologising(handler), self._settings.public_url)

    def _here(self, handler: Handler) -> Handler:
        """``handler`` for the playground's guests alone: for anybody else it is not there."""

        async def local(request: web.Request) -> web.StreamResponse:
            if not self._open_to(request):
                raise web.HTTPNotFound
            return await handler(request)

        return self._secured(local)

    def _open_to(self, request: web.Request) -> bool:
        return self._settings.playground and is_local(request)

    async def _front(self, request: web.Request) -> web.StreamResponse:
        return await (self._playground.people(request) if self._open_to(request) else self._pages.status(request))

    async def _page(self, request: web.Request) -> web.StreamResponse:
        return await self._pages.page(request, as_anybody=self._open_to(request))

    async def _file(self, request: web.Request) -> web.StreamResponse:
        return await self._pages.file(request, as_anybody=self._open_to(request))

    async def _follow(self, request: web.Request) -> web.StreamResponse:
        names = request.match_info
        viewer = await asyncio.to_thread(find_viewer, names["handle"], names["installation"])
        return await self.hub.follow(request, viewer)


async def _nowhere(request: web.Request) -> web.StreamResponse:
    """Nothing is taken here: of a platform that is not configured, too, there is no trace."""
    raise web.HTTPNotFound


def _apologising(handler: Handler) -> Handler:
    """``handler``, and an apology where it fails: never a trace of what went wrong, but a way to find it."""

    async def safe(request: web.Request) -> web.StreamResponse:
        try:
            return await handler(request)
        except web.HTTPException:
            raise
        except Exception as error:
            reference = secrets.token_hex(4)
            log.error("page failed", reference=reference, exc_info=error)
            return page("failed.html", speech_of(request), 500, reference=reference)

    return safe
