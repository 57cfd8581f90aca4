"""What Slack says when it does not do something, as the outbox knows it, in words that an administrator can act on.

See the errors of each method, such as https://docs.slack.dev/reference/methods/chat.postMessage#errors
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import aiohttp
from slack_sdk.errors import SlackApiError

from bot.gateway import Throttled, Uncertain, Undeliverable

NO_TOKEN = frozenset({"invalid_auth", "account_inactive", "token_revoked", "not_authed", "token_expired"})
_PAUSE = 30.0  # seconds, where Slack asks to wait and does not say for how long
_UNSURE = frozenset({"fatal_error", "internal_error", "service_unavailable", "request_timeout"})  # it may be done
_LATER = frozenset({"ratelimited", "rate_limited", "message_limit_exceeded", "team_added_to_org", "accesslimited"})
_OF_CHANNEL = frozenset({"rate_limited"})  # "too many messages" there; "ratelimited" is the method in the workspace
_CLOSED = frozenset({
    "channel_not_found", "not_in_channel", "is_archived", "user_not_in_channel", "restricted_action",
    "restricted_action_read_only_channel", "restricted_action_thread_only_channel",
    "restricted_action_non_threadable_channel", "ekm_access_denied", "team_access_not_granted",
})  # fmt: skip
_REASONS = {
    "channel_not_found": "Slack knows no such channel, or Agora may not see it: invite Agora there",
    "not_in_channel": "Agora is not in this channel: invite it with /invite",
    "is_archived": "the channel is archived",
    "user_not_found": "Slack knows no such user",
    "users_not_found": "Slack knows no such user",
    "user_not_in_channel": "this person is not in the channel",
    "user_disabled": "the user is deactivated",
    "cannot_dm_bot": "this user is a bot",
    "messages_tab_disabled": "the Messages tab is off: turn it on in the app's settings, under App Home",
    "not_enabled": "the Home tab is off: turn it on in the app's settings, under App Home",
    "message_not_found": "the message is gone",
    "thread_not_found": "the thread is gone",
    "cant_update_message": "Slack lets Agora change only its own messages",
    "edit_window_closed": "the workspace lets nobody edit a message this old",
    "cant_delete_message": "Slack lets Agora delete only its own messages",
    "restricted_action": "the settings of the workspace do not let apps post here",
    "restricted_action_read_only_channel": "only some people may post in this channel",
    "restricted_action_thread_only_channel": "only threads may be written in, in this channel",
    "restricted_action_non_threadable_channel": "there are no threads in this channel",
    "not_allowed_token_type": "the token is no bot's token (xoxb-…)",
    "missing_scope": "the app lacks a scope: run app.py check, then install it again",
    "ekm_access_denied": "the workspace's encryption keys keep Agora out",
    "team_access_not_granted": "Agora was not granted this workspace: its organisation's administrator can",
    **dict.fromkeys(NO_TOKEN, "Slack does not accept the token any more: install the app again"),
}


class BadBlocks(Undeliverable):
    """Slack does not take what the message is made of, such as a picture that it has lost."""


def code_of(error: Exception) -> str:
    """Slack's own name of an error; empty where it gave none."""
    data = getattr(getattr(error, "response", None), "data", None)
    return str(data.get("error") or "") if isinstance(data, Mapping) else ""


def as_ours(error: Exception, method: str, paused: Mapping[str, str]) -> Exception:
    """What the outbox knows how to go on after. ``paused`` has the keys of what is paused: ``channel``, ``method``."""
    if isinstance(error, SlackApiError):
        return _as_ours(error, method, paused)
    if isinstance(error, aiohttp.ClientError | asyncio.TimeoutError | OSError | AttributeError):
        return Uncertain(f"{method}: no answer from Slack ({type(error).__name__})")
    return error


def _as_ours(error: SlackApiError, method: str, paused: Mapping[str, str]) -> Exception:
    status, code = _status(error.response), code_of(error)
    if status == 429 or code in _LATER:
        scope = "channel" if code in _OF_CHANNEL else "method"
        return Throttled(_seconds(error.response), paused.get(scope))
    if status >= 500 or code in _UNSURE or not code:
        return Uncertain(f"{method}: Slack answered {code or status}")
    if code in ("invalid_blocks", "invalid_blocks_format"):
        return BadBlocks(f"{method}: {code}")
    reason = f"{_REASONS[code]} ({code})" if code in _REASONS else f"{method}: {code}"
    return Undeliverable(reason, closed=code in _CLOSED)


def _status(response: Any) -> int:
    return int(getattr(response, "status_code", None) or getattr(response, "status", None) or 0)


def _seconds(response: Any) -> float:
    try:
        return max(0.0, float(response.headers["Retry-After"]))
    except (KeyError, TypeError, ValueError, AttributeError):
        return _PAUSE
