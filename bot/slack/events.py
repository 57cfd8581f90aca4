"""The Events API: https://docs.slack.dev/reference/events."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bot.inbound import Inbound
from bot.slack import steps
from bot.slack.mrkdwn import addressed, mentions, plain
from bot.slack.reading import (
    Around,
    NotOurs,
    Payload,
    files_in,
    id_in,
    maybe_id,
    part,
    parts,
    place,
    text_in,
    thread_of,
    whole,
)

PLATFORM = "slack"
_SPOKEN = (None, "", "file_share", "thread_broadcast", "me_message")
"""Subtypes of messages that somebody wrote; all others are notes of Slack's own, or say what became of a message."""
_DIRECTORY = (
    "user_change", "team_join", "user_profile_changed", "user_status_changed", "user_huddle_changed",
    "dnd_updated_user", "subteam_created", "subteam_updated", "subteam_members_changed", "channel_created",
    "channel_rename", "channel_archive", "channel_unarchive", "channel_deleted", "channel_id_changed",
    "channel_shared", "channel_unshared", "channel_left", "group_rename", "group_archive", "group_unarchive",
    "group_deleted", "group_left", "member_joined_channel", "member_left_channel", "team_rename",
    "team_domain_change", "app_uninstalled", "tokens_revoked", "team_access_granted", "team_access_revoked",
)  # fmt: skip
CONVERSIONS = ("channel_convert_to_private", "channel_convert_to_public")
"""Subtypes of messages that tell that a channel became another one."""
Hear = Callable[[Payload, Payload, Around], Inbound]


def installation_of(body: Payload) -> str:
    """The workspace through which Agora hears of this: in channels that companies share it is not the writer's."""
    seen_by = next(iter(parts(body, "authorizations")), {})
    found = maybe_id(seen_by, "team_id") or maybe_id(body, "context_team_id") or maybe_id(body, "team_id")
    return found or id_in(body, "enterprise_id")


def bots_of(body: Payload, around: Around) -> frozenset[str]:
    """The users that Agora itself is, where this was heard."""
    told = {str(each.get("user_id")) for each in parts(body, "authorizations") if each.get("is_bot")}
    known = around.bots.get(installation_of(body))
    return frozenset(told | {known} if known else told)


def heard_event(body: Payload, around: Around) -> Inbound:
    """What an ``event_callback`` says. ``NotOurs`` where nothing follows from it."""
    event = part(body, "event")
    kind = event.get("type")
    if kind in ("message", "app_mention"):
        return _message(body, event, around)
    if kind in HEARD:
        return HEARD[str(kind)](body, event, around)
    raise NotOurs(f"event {kind}")


def key_of_event(body: Payload, heard: Inbound) -> str | None:
    """A message that mentions Agora is sent as two events: what they have in common is the message."""
    if heard.kind in ("message", "message_deleted"):
        return heard.message
    return whole(body.get("event_id"))


def _inbound(body: Payload, kind: str, conversation: str, **about: Any) -> Inbound:
    return Inbound(PLATFORM, installation_of(body), conversation, kind, **about)


def _message(body: Payload, event: Payload, around: Around) -> Inbound:
    subtype = event.get("subtype")
    if subtype == "message_changed":
        return _changed(body, event, around)
    if subtype == "message_deleted":
        return _deleted(body, event, part(event, "previous_message"), event.get("deleted_ts"), around)
    if subtype in CONVERSIONS:
        return _directory(body, event, around)
    if subtype not in _SPOKEN:
        raise NotOurs(f"message {subtype}")
    return _spoken(body, "message", id_in(event, "channel"), event, around)


def _spoken(body: Payload, kind: str, channel: str, message: Payload, around: Around) -> Inbound:
    """A message that a person wrote."""
    bots = bots_of(body, around)
    user = _author(message, bots)
    text = text_in(message, "text")
    names = around.names(installation_of(body))
    mentioned = channel.startswith("D") or mentions(text, bots)
    return _inbound(
        body, kind, place(channel, user), actor=user, mentioned=mentioned, message=id_in(message, "ts"),
        text=plain(addressed(text, bots), names), thread=thread_of(message), attachments=files_in(message),
    )  # fmt: skip


def _author(message: Payload, bots: frozenset[str]) -> str:
    """Who wrote it. Agora answers no program: neither itself nor another."""
    user = maybe_id(message, "user")
    if message.get("bot_id") or user is None or user in bots or user == "USLACKBOT":
        raise NotOurs("a bot's message")
    return user


def _changed(body: Payload, event: Payload, around: Around) -> Inbound:
    """Slack also calls it a change when it shows a link, counts replies, or hides a deleted message that has some."""
    now, before = part(event, "message"), part(event, "previous_message")
    if now.get("subtype") == "tombstone":
        return _deleted(body, event, before or now, now.get("ts"), around)
    if now.get("subtype") not in _SPOKEN:
        raise NotOurs(f"message {now.get('subtype')}")
    if before and text_in(now, "text") == text_in(before, "text") and _ids(now) == _ids(before):
        raise NotOurs("nothing that was written changed")
    return _spoken(body, "message_changed", id_in(event, "channel"), now, around)


def _ids(message: Payload) -> list[Any]:
    return [file.get("id") for file in parts(message, "files")]


def _deleted(body: Payload, event: Payload, before: Payload, ts: Any, around: Around) -> Inbound:
    user = _author(before, bots_of(body, around))
    message = id_in({"ts": ts}, "ts")
    return _inbound(body, "message_deleted", place(id_in(event, "channel"), user), actor=user, message=message,
                    thread=thread_of({**before, "ts": message}))  # fmt: skip


def _reaction(body: Payload, event: Payload, around: Around) -> Inbound:
    item = part(event, "item")
    user = id_in(event, "user")
    if item.get("type") != "message" or user in bots_of(body, around):
        raise NotOurs("a reaction to something else")
    return _inbound(body, "reaction", place(id_in(item, "channel"), user), actor=user, message=id_in(item, "ts"),
                    text=text_in(event, "reaction"), values={"added": event["type"] == "reaction_added"})  # fmt: skip


def _links(body: Payload, event: Payload, around: Around) -> Inbound:
    """Links that somebody posted. While a message is still being written, none is shown."""
    user, channel = id_in(event, "user"), id_in(event, "channel")
    if channel == "COMPOSER" or event.get("source") == "composer" or user in bots_of(body, around):
        raise NotOurs("not posted yet")
    urls = [str(each.get("url") or "") for each in parts(event, "links")]
    links = [[url, path] for url in urls if (path := around.path_of(url)) is not None]
    if not links:
        raise NotOurs("links to elsewhere")
    return _inbound(body, "unfurl", place(channel, user), actor=user, message=id_in(event, "message_ts"),
                    thread=maybe_id(event, "thread_ts"), values={"links": links})  # fmt: skip


def _home(body: Payload, event: Payload, around: Around) -> Inbound:
    if event.get("tab") not in (None, "home"):
        raise NotOurs("another tab")
    user = id_in(event, "user")
    return _inbound(body, "home", user, actor=user)


def _directory(body: Payload, event: Payload, around: Around) -> Inbound:
    """Who and what there is changed; ``values`` are the event."""
    user, channel = _id_or_object(event, "user"), _id_or_object(event, "channel")
    if event.get("type") == "member_joined_channel" and user in bots_of(body, around):
        return _inbound(body, "joined", id_in(event, "channel"), actor=maybe_id(event, "inviter"))
    where = channel or user or installation_of(body)
    return _inbound(body, "directory", where, values={**event, "event_time": body.get("event_time")})


def _installed(body: Payload, event: Payload, around: Around) -> Inbound:
    """Said by Agora itself, once somebody has installed it: it has come to them."""
    user = id_in(event, "user")
    return _inbound(body, "joined", user, actor=user)


def _id_or_object(event: Payload, name: str) -> str | None:
    return maybe_id(event, name, "id") if isinstance(event.get(name), dict) else maybe_id(event, name)


def _step(body: Payload, event: Payload, around: Around) -> Inbound:
    return steps.heard(body, event, installation_of(body))


HEARD: dict[str, Hear] = {
    "function_executed": _step,
    "reaction_added": _reaction,
    "reaction_removed": _reaction,
    "link_shared": _links,
    "app_home_opened": _home,
    "agora_installed": _installed,
    **dict.fromkeys(_DIRECTORY, _directory),
}
"""Each event but messages, and how it is heard."""
