"""Asking Slack something from a thread: what came back, or why not, in the words of ``bot.gateway``."""

from __future__ import annotations

import http.client
from collections.abc import Iterator
from typing import Any

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError

from bot.gateway import Throttled, Uncertain

PAGE = 900  # Slack takes less than 1,000, and gives fewer where it likes
_PAUSE = 30.0  # seconds, where Slack does not say how long
_PASSING = frozenset({"internal_error", "fatal_error", "service_unavailable", "request_timeout", "team_added_to_org"})


class Denied(Exception):
    """Slack says no; ``code`` is its word for why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def ask(client: WebClient, method: str, **values: Any) -> dict[str, Any]:
    """What Slack's ``method`` answers. ``Denied``; ``Throttled`` and ``Uncertain`` where it may answer later."""
    try:
        answer = client.api_call(method, data={name: value for name, value in values.items() if value is not None})
    except SlackApiError as error:
        raise _why(error) from None
    except (SlackClientError, OSError, http.client.HTTPException, ValueError) as error:
        raise Uncertain(f"{method}: {type(error).__name__}") from error
    data = answer.data
    if not isinstance(data, dict):
        raise Uncertain(f"{method}: no JSON")
    return data


def pages(client: WebClient, method: str, found: str, **values: Any) -> Iterator[list[Any]]:
    """What stands under ``found`` on each page of a long answer."""
    cursor: str | None = None
    while True:
        answer = ask(client, method, limit=PAGE, cursor=cursor, **values)
        yield list(answer.get(found) or ())
        cursor = (answer.get("response_metadata") or {}).get("next_cursor") or None
        if cursor is None:
            return


def _why(error: SlackApiError) -> Exception:
    answer = error.response
    code = answer.get("error") if isinstance(answer.data, dict) else None
    if answer.status_code == 429 or code in ("ratelimited", "rate_limited"):
        after = str(answer.headers.get("Retry-After") or answer.headers.get("retry-after") or "")
        return Throttled(float(after) if after.isdecimal() else _PAUSE)
    if answer.status_code >= 500 or code is None or code in _PASSING:
        return Uncertain(f"Slack answered {answer.status_code} {code or ''}".strip())
    return Denied(str(code))
