"""What people press, submit and command: https://docs.slack.dev/reference/interaction-payloads."""

from __future__ import annotations

from dataclasses import replace
from itertools import chain

from bot.inbound import Inbound
from bot.slack import wire
from bot.slack.events import PLATFORM
from bot.slack.mrkdwn import plain
from bot.slack.reading import (
    Around,
    NotOurs,
    Payload,
    digest,
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


def installation_of(body: Payload) -> str:
    """The workspace where it happened; none is named where the app is installed in a whole organisation. A view that
    somebody of another company opened in a channel that both share names theirs, and beside it that of the app."""
    whole_organisation = body.get("is_enterprise_install") in (True, "true")
    if not whole_organisation and (own := maybe_id(body, "view", "app_installed_team_id")):
        return own
    found = maybe_id(body, "team", "id") or maybe_id(body, "team_id") or maybe_id(body, "user", "team_id")
    return found or maybe_id(body, "enterprise_id") or id_in(body, "enterprise", "id")


def heard_interaction(body: Payload, around: Around) -> Inbound:
    """What an interaction says. ``NotOurs`` where nothing follows from it."""
    match body.get("type"):
        case "block_actions":
            return _pressed(body)
        case "view_submission":
            return _submitted(body)
        case "message_action":
            return _message_shortcut(body, around)
        case "shortcut":
            return _global_shortcut(body)
        case kind:
            raise NotOurs(f"interaction {kind}")


def heard_command(body: Payload, around: Around) -> Inbound:
    """What a slash command says: https://docs.slack.dev/interactivity/implementing-slash-commands."""
    user = id_in(body, "user_id")
    installation = installation_of(body)
    said = plain(text_in(body, "text"), around.names(installation))
    route = id_in({"command": text_in(body, "command").removeprefix("/")}, "command")
    conversation = place(id_in(body, "channel_id"), user)
    return Inbound(PLATFORM, installation, conversation, "command", user, said, mentioned=True, route=route)


def key_of_interaction(body: Payload) -> str:
    """Each has a trigger, which is used once; without one it is known by all that it says."""
    return whole(body.get("trigger_id")) or digest(body)


def _at(body: Payload, kind: str, origin: wire.Origin) -> Inbound:
    user = id_in(body, "user", "id")
    return Inbound(
        PLATFORM, installation_of(body), origin.conversation or user, kind, user, thread=origin.thread,
        message=origin.message, surface=origin.surface,
    )  # fmt: skip


def _pressed(body: Payload) -> Inbound:
    pressed = _first_action(body)
    if pressed is None:
        raise NotOurs("it only opens an address")
    heard = _at(body, "button", _origin(body))
    return replace(heard, route=pressed.route, id=pressed.id)


def opens_form(body: Payload) -> bool:
    """Whether what was pressed answers with a form."""
    pressed = _first_action(body)
    return pressed is not None and pressed.opens == "form"


def _first_action(body: Payload) -> wire.Pressed | None:
    action = next(iter(parts(body, "actions")), None)
    if action is None:
        raise ValueError("no action")
    chosen = part(action, "selected_option").get("value") if action.get("type") == "overflow" else None
    if action.get("type") == "feedback_buttons":
        chosen = action.get("value")
    return wire.read_action(str(chosen or action.get("action_id") or ""))


def _origin(body: Payload) -> wire.Origin:
    """Where the button stood: on a message, on a home, or in a modal, which knows whence it came."""
    container, view = part(body, "container"), part(body, "view")
    if view.get("type") == "home":
        return wire.Origin(surface="home")
    if view:
        return wire.Origin.unpack(text_in(view, "private_metadata"))
    user = id_in(body, "user", "id")
    channel = maybe_id(container, "channel_id") or id_in(body, "channel", "id")
    message = maybe_id(container, "message_ts") or maybe_id(body, "message", "ts")
    thread = maybe_id(container, "thread_ts") or maybe_id(body, "message", "thread_ts")
    above = thread if thread != message else None
    reference = wire.ephemeral(message) if message and container.get("is_ephemeral") else message
    return wire.Origin(conversation=place(channel, user), thread=above, message=reference)


def _submitted(body: Payload) -> Inbound:
    view = part(body, "view")
    origin = wire.Origin.unpack(text_in(view, "private_metadata"))
    if not origin.route:
        raise NotOurs("a view that submits nothing")
    given = wire.submitted(view)
    files = chain.from_iterable(files_in({"files": list(files)}, name) for name, files in given.files.items())
    heard = _at(body, "form", origin)
    return replace(heard, route=origin.route, id=origin.id, values=dict(given.values), attachments=tuple(files))


def _message_shortcut(body: Payload, around: Around) -> Inbound:
    """Done with a message. One from a chat between people is not in Agora's, so nothing is posted below it there."""
    user, channel, message = id_in(body, "user", "id"), id_in(body, "channel", "id"), part(body, "message")
    installation = installation_of(body)
    text = plain(text_in(message, "text"), around.names(installation))
    own = channel.startswith("D")
    return Inbound(
        PLATFORM, installation, place(channel, user), "shortcut", user, text, route=id_in(body, "callback_id"),
        message=None if own else id_in(message, "ts"), thread=None if own else thread_of(message),
        values=_author(message), attachments=files_in(message),
    )  # fmt: skip


def _author(message: Payload) -> dict[str, str]:
    """Who wrote a message, where that was a person."""
    author = None if maybe_id(message, "bot_id") else maybe_id(message, "user")
    return {"author": author} if author else {}


def _global_shortcut(body: Payload) -> Inbound:
    """From the menu beside the message field: a command without words where it is called like one."""
    user, route = id_in(body, "user", "id"), text_in(body, "callback_id")
    command = route.startswith("/")
    name = id_in({"callback_id": route.removeprefix("/")}, "callback_id")
    return Inbound(PLATFORM, installation_of(body), user, "command" if command else "button", user, route=name)
