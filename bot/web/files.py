"""Files: taken from a tab, and served to whoever may read what they belong to."""

from __future__ import annotations

import asyncio
from typing import Any
from urllib.parse import quote

from aiohttp import BodyPartReader, web
from sqlalchemy.orm import Session

from bot.web.attachments import described
from bot.web.views import Viewer
from models import access
from models.base import Refusal, transaction
from models.files import MOST_BYTES, PICTURES, UNKNOWN, File, content_of, keep, sniffed
from models.people import Person

_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cache-Control": "private, no-cache",
}
_SHOWN = frozenset({*PICTURES.values(), "image/webp"})


async def take(request: web.Request, viewer: Viewer) -> web.Response:
    """Keep one file of the viewer's; its number, to be sent with a message or a form."""
    if request.content_type != "multipart/form-data":
        raise web.HTTPUnsupportedMediaType(text="Send multipart/form-data.")
    try:
        part = await (await request.multipart()).next()
    except ValueError:
        raise web.HTTPBadRequest(text="This is no form.") from None
    if not isinstance(part, BodyPartReader) or not part.filename:
        raise Refusal("web_bad_request")
    content = await _read(part)
    return web.json_response(await asyncio.to_thread(_keep, viewer, part.filename, content))


def answer(session: Session, person: Person | None, id: int, etag: str | None) -> web.Response:
    """The file for ``person``. Only what is a picture by its bytes is shown; everything else is saved, and whatever a
    browser thinks it is, it may run nothing (CSP ``sandbox``)."""
    file = session.get(File, id)
    if file is None or person is None or not access.may(session, person, "read", file):
        raise web.HTTPNotFound(text="This is not there, or not for you to see.")
    if etag == file.sha256.hex():
        response = web.Response(status=304, headers=_HEADERS)
    else:
        content = content_of(session, file)
        media_type = sniffed(content)
        shown = media_type in _SHOWN
        response = web.Response(body=content, content_type=media_type if shown else UNKNOWN, headers=_HEADERS)
        response.headers["Content-Disposition"] = _disposition("inline" if shown else "attachment", file.name)
    response.etag = file.sha256.hex()
    return response


async def _read(part: BodyPartReader) -> bytes:
    content = bytearray()
    while chunk := await part.read_chunk(65536):
        content += chunk
        if len(content) > MOST_BYTES:
            raise Refusal("file_too_large", most=MOST_BYTES // 1024 // 1024)
    return bytes(content)


def _keep(viewer: Viewer, name: str, content: bytes) -> dict[str, Any]:
    with transaction() as session:
        return described(keep(session, viewer.person, name, content))


def _disposition(kind: str, name: str) -> str:
    """RFC 6266: the name in full, and in plain letters for old browsers."""
    plain = "".join(char if char.isascii() and char.isprintable() and char not in '"\\%;' else "_" for char in name)
    return f"{kind}; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
