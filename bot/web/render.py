"""Templates, and the files that go to browsers as they are."""

from __future__ import annotations

import hashlib
import mimetypes
from functools import cache
from pathlib import Path
from typing import Any

from aiohttp import web
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from bot.cards import T, User, Words
from bot.web import markup
from bot.web.speech import Speech, hue, initials

FOLDER = Path(__file__).parent


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(FOLDER / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        kind=lambda part: type(part).__name__,
        chat=lambda text: Markup(markup.chat(text)),  # noqa: S704 sanitised there
        document=lambda text: Markup(markup.document(text)),  # noqa: S704 sanitised there
        clean=markup.clean,
        turned=_turned,
        initials=initials,
        hue=hue,
    )
    # Whatever name one of our sentences begins with: a browser that looks for itself would go by that.
    environment.tests["sentence"] = lambda words: isinstance(words, T)
    return environment


def _turned(words: Words) -> Markup:
    """What people wrote has a direction of its own. Our sentences have the reader's, whatever name they begin with."""
    return Markup(' dir="auto"') if isinstance(words, User) else Markup("")


def render(template: str, speech: Speech, **context: Any) -> str:
    """The template in the reader's language; ``_`` says a sentence, ``say`` the words of a card."""
    return _environment().get_template(template).render(
        _=speech.text, say=speech.say, speech=speech, reader=speech.reader, **context
    )  # fmt: skip


def page(template: str, speech: Speech, status: int = 200, **context: Any) -> web.Response:
    """A whole page."""
    return web.Response(text=render(template, speech, **context), content_type="text/html", status=status)


@cache
def _file(name: str) -> tuple[bytes, str, str] | None:
    path = FOLDER / "static" / name
    if path.parent != FOLDER / "static" or not path.is_file():
        return None
    body = path.read_bytes()
    kind = "text/javascript" if path.suffix == ".js" else mimetypes.guess_type(name)[0] or "application/octet-stream"
    return body, kind, hashlib.sha256(body).hexdigest()[:16]


async def static(request: web.Request) -> web.Response:
    """A file of ``static/``, kept by the browser until it changes."""
    found = _file(request.match_info["name"])
    if found is None:
        raise web.HTTPNotFound
    body, kind, etag = found
    unchanged = any(tag.value == etag for tag in request.if_none_match or ())
    response = web.Response(status=304) if unchanged else web.Response(body=body, content_type=kind)
    response.etag = etag
    return response
