"""Files that somebody sends in Teams: fetched when their message is handled, and kept as files of Agora's.

In a person's own chat Teams gives an address that opens by itself for a few minutes; pictures in a message are fetched
with the app's own token. Files in channels and group chats stand in the company's SharePoint, which Agora asks nothing:
their sender is told so. Nothing else is ever asked for anything, whatever a message names.
https://learn.microsoft.com/microsoftteams/platform/bots/how-to/bots-filesv4
"""

from __future__ import annotations

import asyncio
import hashlib
import re
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

import aiohttp
from sqlalchemy import select
from yarl import URL

from bot.cards import T
from bot.gateway import Uncertain
from bot.inbound import Inbound
from bot.teams.activity import Activity, objects, text
from bot.teams.tokens import NoToken
from models.base import Refusal, transaction
from models.files import MOST_AT_ONCE, MOST_BYTES, File, keep
from models.people import Person, by_account

FILE = "application/vnd.microsoft.teams.file.download.info"
_HOSTS = (".sharepoint.com", ".sharepoint.us", ".sharepoint-mil.us", ".sharepoint.cn", ".svc.ms")
_LOCAL = ("127.0.0.1", "localhost", "::1")
_DEADLINE = 20.0  # seconds
_REDIRECTS = 3
OUT_OF_REACH: dict[str, Any] = {"name": "", "url": "", "own": False}
"""Stands for files that Agora is not given."""
OUT_OF_REACH_SAID = T("The files in your message did not reach me. Upload them from your device, in our own chat.")
_QUOTE = "messageReference"
_PLACE = re.compile(r"""<attachment\b[^>]{0,200}?\bid=["']([^"']{1,200})["']""", re.IGNORECASE)
_LONGEST = 100_000  # characters
Token = Callable[[], Awaitable[str | None]]


def attached(activity: Activity) -> list[dict[str, Any]]:
    """What is needed to fetch the files of a message: ``{"name", "url", "own"}``; ``own``: with the app's token, from
    the service that the message came from."""
    found = []
    for each in objects(activity, "attachments"):
        kind, url = text(each, "contentType") or "", text(each, "contentUrl")
        if kind == FILE and (address := text(each, "content", "downloadUrl")):
            found.append({"name": text(each, "name") or "file", "url": address, "own": False})
        elif kind.startswith("image/") and url and _host(url) == _host(text(activity, "serviceUrl") or ""):
            found.append({"name": text(each, "name") or "picture", "url": url, "own": True})
    away = _named(activity) > sum(not each["own"] for each in found)
    return found[:MOST_AT_ONCE] + [OUT_OF_REACH] * away


def _named(activity: Activity) -> int:
    """How many files go along, given to Agora or not: the text has their places, or the list names them."""
    listed = objects(activity, "attachments")
    quoted = {text(each, "id") for each in listed if text(each, "contentType") == _QUOTE}
    html = next((text(each, "content") for each in listed if text(each, "contentType") == "text/html"), None)
    places = set(_PLACE.findall((html or "")[:_LONGEST])) - quoted
    return max(len(places), sum(text(each, "contentType") in (FILE, "reference") for each in listed))


def fetch(inbound: Inbound, token: Token, local: bool) -> Inbound:
    """``inbound`` with its ``files``. Tried again it finds those that it has kept. ``Uncertain`` where one cannot be
    had now, ``Refusal`` where it never will."""
    contents = asyncio.run(_download_all(inbound.attachments, token, local))
    with transaction() as session:
        owner = by_account(session, inbound.platform, inbound.installation, inbound.actor or "")
        files = [_kept(session, owner, each["name"], content)
                 for each, content in zip(inbound.attachments, contents, strict=True)]  # fmt: skip
    return replace(inbound, files=tuple(files), attachments=())


def _kept(session: Any, owner: Person, name: str, content: bytes) -> int:
    """The number of the file, which may be here from an earlier attempt."""
    same = select(File.id).where(
        File.owner_id == owner.id, File.sha256 == hashlib.sha256(content).digest(), File.place_id.is_(None),
        File.question_id.is_(None), File.answer_id.is_(None), File.entry_id.is_(None),
    )  # fmt: skip
    found = session.scalar(same.limit(1))
    return int(found) if found is not None else keep(session, owner, name, content).id


async def _download_all(attachments: tuple[dict[str, Any], ...], token: Token, local: bool) -> list[bytes]:
    try:
        async with asyncio.timeout(_DEADLINE), aiohttp.ClientSession() as http:
            return [await _download(http, each, token, local) for each in attachments]
    except (aiohttp.InvalidURL, ValueError) as error:
        raise Refusal("file_gone") from error
    except (aiohttp.ClientError, TimeoutError, OSError, NoToken) as error:
        raise Uncertain from error


async def _download(http: aiohttp.ClientSession, file: dict[str, Any], token: Token, local: bool) -> bytes:
    url, own, headers = str(file["url"]), bool(file["own"]), {}
    if own and (bearer := await token()) is not None:
        headers["Authorization"] = f"Bearer {bearer}"
    for _ in range(_REDIRECTS + 1):
        if not _may_be_asked(url, own, local):
            raise Refusal("file_gone")
        async with http.get(url, headers=headers, allow_redirects=False) as response:
            if response.status in (301, 302, 303, 307, 308):
                url, own, headers = str(response.url.join(URL(response.headers.get("Location", "/")))), False, {}
                continue
            return await _content(response)
    raise Refusal("file_gone")


async def _content(response: aiohttp.ClientResponse) -> bytes:
    if response.status in (408, 429) or response.status >= 500:
        raise Uncertain
    if response.status != 200:
        raise Refusal("file_gone")
    content = bytearray()
    async for chunk in response.content.iter_chunked(65536):
        content += chunk
        if len(content) > MOST_BYTES:
            raise Refusal("file_too_large", most=MOST_BYTES // 1024 // 1024)
    return bytes(content)


def _may_be_asked(url: str, own: bool, local: bool) -> bool:
    """Whether it is Microsoft's: what a message names must lead nobody into the company's own network."""
    host, scheme = _host(url), url.partition(":")[0].lower()
    if local and host in _LOCAL:
        return scheme in ("http", "https")
    return scheme == "https" and (own or host.endswith(_HOSTS))


def _host(url: str) -> str:
    try:
        return (urlsplit(url).hostname or "").lower()
    except ValueError:
        return ""
