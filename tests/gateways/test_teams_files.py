"""Files that are sent in Teams: fetched once, no larger than they may be, and from nowhere else than Microsoft's."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from sqlalchemy import select

from bot.gateway import Uncertain
from bot.inbound import Inbound
from bot.teams import files
from models.base import Refusal, connect, disconnect, reading
from models.files import MOST_BYTES, File, FileContent
from tests.gateways.teams import settle_in
from tests.teams_service import TENANT
from tests.town import populate

PNG = b"\x89PNG\r\n\x1a\n" + b"x" * 100


class Shelf:
    """A server with files, which remembers who asked for what."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str | None]] = []
        app = web.Application()
        app.add_routes([web.get("/{name}", self._give)])
        self.server = TestServer(app)

    async def _give(self, request: web.Request) -> web.StreamResponse:
        name = request.match_info["name"]
        self.asked.append((name, request.headers.get("Authorization")))
        if name.isdigit():
            return web.Response(status=int(name))
        if name == "round":
            raise web.HTTPFound("/round")
        if name == "away":
            raise web.HTTPFound("http://10.0.0.1/secret")
        if name == "moved":
            raise web.HTTPFound("/picture")
        return web.Response(body=b"x" * (MOST_BYTES + 1) if name == "large" else b"" if name == "empty" else PNG)

    def url(self, name: str) -> str:
        return str(self.server.make_url(f"/{name}"))


@pytest.fixture
async def shelf() -> AsyncIterator[Shelf]:
    shelf = Shelf()
    await shelf.server.start_server()
    yield shelf
    await shelf.server.close()


@pytest.fixture(autouse=True)
def town(database: str) -> Iterator[None]:
    connect(database)
    populate()
    settle_in()
    yield
    disconnect()


async def token() -> str:
    return "the app's own"


def message(*urls: str, own: bool = False) -> Inbound:
    attachments: tuple[dict[str, Any], ...] = tuple({"name": "a.png", "url": url, "own": own} for url in urls)
    return Inbound("teams", TENANT, "aad-mona", "message", "aad-mona", text="look", attachments=attachments)


async def fetch(heard: Inbound, local: bool = True) -> Inbound:
    return await asyncio.to_thread(files.fetch, heard, token, local)


def kept() -> list[File]:
    with reading() as session:
        return list(session.scalars(select(File).order_by(File.id)))


async def test_a_file_is_kept_as_its_senders(shelf: Shelf) -> None:
    heard = await fetch(message(shelf.url("picture"), shelf.url("moved")))
    (file,) = kept()
    assert heard.files == (file.id, file.id) and heard.attachments == ()
    assert (file.name, file.media_type, file.size) == ("a.png", "image/png", len(PNG))
    with reading() as session:
        assert session.scalar(select(FileContent.content)) == PNG


async def test_tried_again_it_is_the_same_file(shelf: Shelf) -> None:
    first, second = await fetch(message(shelf.url("picture"))), await fetch(message(shelf.url("picture")))
    assert first.files == second.files and len(kept()) == 1


async def test_only_the_service_itself_gets_the_token(shelf: Shelf) -> None:
    await fetch(message(shelf.url("picture")))
    await fetch(message(shelf.url("moved"), own=True))
    assert shelf.asked == [("picture", None), ("moved", "Bearer the app's own"), ("picture", None)]


REFUSED = {
    "large": "file_too_large", "empty": "file_empty", "404": "file_gone", "403": "file_gone", "round": "file_gone",
    "away": "file_gone",
}  # fmt: skip


@pytest.mark.parametrize(("name", "code"), REFUSED.items(), ids=REFUSED.keys())
async def test_what_cannot_be_had_is_refused(shelf: Shelf, name: str, code: str) -> None:
    with pytest.raises(Refusal) as refused:
        await fetch(message(shelf.url(name)))
    assert refused.value.code == code
    assert kept() == []


@pytest.mark.parametrize("name", ["500", "503", "429"])
async def test_what_cannot_be_had_now_is_tried_again(shelf: Shelf, name: str) -> None:
    with pytest.raises(Uncertain):
        await fetch(message(shelf.url(name)))


ELSEWHERE = (
    "http://127.0.0.1:1/x", "https://10.0.0.1/x", "https://sharepoint.com.evil.example/x",
    "http://acme.sharepoint.com/x", "file:///etc/passwd", "", "https://[::1", "gopher://x",
)  # fmt: skip


@pytest.mark.parametrize("url", ELSEWHERE)
async def test_nobody_is_led_anywhere_else(url: str) -> None:
    with pytest.raises(Refusal):
        await fetch(message(url), local=False)
    assert kept() == []
