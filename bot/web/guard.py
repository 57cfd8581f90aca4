"""What the web lets in: the playground for this machine alone, its own pages alone, bodies of a sane size."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import urlsplit

from aiohttp import web

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

MOST_BYTES = 1_000_000
_HERE = frozenset({"127.0.0.1", "localhost", "[::1]"})
_LOOPBACK = ("127.", "::1", "::ffff:127.")
_FORWARDED = frozenset({"forwarded", "via", "true-client-ip", "cf-connecting-ip", "client-ip"})
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


def is_local(request: web.Request) -> bool:
    """Whether somebody on this machine asks, through nothing that forwards. The name in ``Host`` must be this machine's
    own, so that no page of elsewhere can reach it by a name that resolves to here (DNS rebinding)."""
    hosts = request.headers.getall("Host", [])
    if len(hosts) != 1 or _name(hosts[0]) not in _HERE:
        return False
    if any(_forwards(header.lower()) for header in request.headers):
        return False
    return (request.remote or "").startswith(_LOOPBACK)


def _name(host: str) -> str:
    name, colon, port = host.rpartition(":")
    return (name if colon and port.isdigit() else host).lower()


def _forwards(header: str) -> bool:
    return header in _FORWARDED or header.startswith(("x-forwarded", "x-real-ip", "x-client-ip", "x-original-"))


def is_same_site(request: web.Request, public_url: str) -> bool:
    """Whether the request comes from a page of this server, or from no page at all. Browsers always say so
    (https://fetch.spec.whatwg.org/#origin-header, https://www.w3.org/TR/fetch-metadata/)."""
    if request.headers.get("Sec-Fetch-Site", "none") not in ("same-origin", "none"):
        return False
    origin = request.headers.get("Origin")
    ours = (request.headers.get("Host", "").lower(), urlsplit(public_url).netloc.lower())
    return origin is None or urlsplit(origin).netloc.lower() in ours


def secured(handler: Handler, public_url: str) -> Handler:
    """``handler`` with the headers that every answer carries; what changes anything must come from our own pages."""

    async def guarded(request: web.Request) -> web.StreamResponse:
        if not (request.method in ("GET", "HEAD") or is_same_site(request, public_url)):
            raise web.HTTPForbidden(text="This request came from another site.", headers=_HEADERS)
        try:
            response = await handler(request)
        except web.HTTPException as error:
            error.headers.update(_HEADERS)
            raise
        if not response.prepared:
            for name, value in {**_HEADERS, "Cache-Control": "no-cache" if response.etag else "no-store"}.items():
                response.headers.setdefault(name, value)
        return response

    return guarded


async def json_body(request: web.Request) -> dict[str, Any]:
    """The JSON object that a page sent. 415, 413 and 400 for anything else."""
    if request.content_type != "application/json":
        raise web.HTTPUnsupportedMediaType(text="Send application/json.")
    body = await _body(request)
    try:
        data = json.loads(body)  # orjson refuses the half characters that a browser may send
    except (ValueError, RecursionError):
        raise web.HTTPBadRequest(text="This is not JSON.") from None
    if not isinstance(data, dict):
        raise web.HTTPBadRequest(text="Send a JSON object.")
    return data


async def _body(request: web.Request) -> bytes:
    body = bytearray()
    async for chunk in request.content.iter_chunked(65536):
        body += chunk
        if len(body) > MOST_BYTES:
            raise web.HTTPRequestEntityTooLarge(MOST_BYTES, len(body), text="This is too long.")
    return bytes(body)
