"""Questions to Teams from a thread that waits for the answer."""

from __future__ import annotations

import asyncio
from typing import Any

from bot.teams.connector import Connector, Refused
from bot.teams.tokens import Tokens


def asked(tokens: Tokens, service_url: str, path: str) -> dict[str, Any] | list[Any] | None:
    """What is at ``path``; ``None`` where Teams refuses. ``Throttled``, ``Uncertain``."""
    found: dict[str, Any] | list[Any] | None = asyncio.run(_asked(tokens, service_url, path))
    return found


async def _asked(tokens: Tokens, service_url: str, path: str) -> Any:
    connector = Connector(tokens)
    try:
        return await connector.call("GET", service_url, path)
    except Refused:
        return None
    finally:
        await connector.close()
