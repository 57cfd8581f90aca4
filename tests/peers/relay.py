"""Stands between Agora and a stand-in for Slack's Web API, and keeps what was asked and answered."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
from aiohttp import web

TOKEN = "xoxb-agora"


@asynccontextmanager
async def relay(
    direct: str, http: aiohttp.ClientSession, calls: list[tuple[str, dict[str, Any], dict[str, Any]]]
) -> AsyncIterator[str]:
    """Its address: what is asked there is asked of ``direct``, and kept in ``calls`` where Agora asked it."""

    async def pass_on(request: web.Request) -> web.Response:
        method = request.match_info["method"]
        body, asked = await request.read(), dict(request.query)
        headers = {name: request.headers[name] for name in ("Authorization", "Content-Type") if name in request.headers}
        if body:
            asked = json.loads(body) if body.startswith(b"{") else dict(await request.post())  # type: ignore[arg-type]
        data: Any = body or asked  # it answers no query strings
        if not body:
            headers.pop("Content-Type", None)
        async with http.post(f"{direct}/{method}", data=data, headers=headers) as answer:
            said = await answer.json() if answer.status == 200 else {"ok": False, "error": "unknown_method"}
        if request.headers.get("Authorization") == f"Bearer {TOKEN}":
            calls.append((method, asked, said))
        return web.json_response(said)

    app = web.Application(client_max_size=8 * 1024 * 1024)
    app.router.add_route("*", "/api/{method}", pass_on)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/api"
    finally:
        await runner.cleanup()
