"""An activity as Teams sends it, read with suspicion: whatever is missing, or of another kind than it should be, is
``None``. https://learn.microsoft.com/azure/bot-service/rest-api/bot-framework-rest-connector-api-reference
"""

from __future__ import annotations

import hashlib
from typing import Any

import orjson

from bot.teams.store import CHANNEL, GROUP, PERSONAL, Reference

Activity = dict[str, Any]
LOCAL = "local"
"""The tenant of the playground, which may have none."""
_THREAD = ";messageid="
_OF_TWO = "@unq.gbl.spaces"  # ends the id of a chat of two, which names both
_LONGEST = 400  # characters of an id


def part(data: Any, *path: str) -> Any:
    """What stands at ``path``, or ``None``."""
    for name in path:
        data = data.get(name) if isinstance(data, dict) else None
    return data


def text(data: Any, *path: str) -> str | None:
    """The text at ``path``, or ``None``; one that is empty is none."""
    found = part(data, *path)
    return found if isinstance(found, str) and found else None


def identifier(data: Any, *path: str) -> str | None:
    """The text at ``path`` if it can be the name of something: plain letters, and not too many."""
    found = text(data, *path)
    return found if found is not None and len(found) <= _LONGEST and found.isascii() and found.isprintable() else None


def objects(data: Any, *path: str) -> list[dict[str, Any]]:
    """The objects in the list at ``path``."""
    found = part(data, *path)
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []


def tenants(activity: Activity) -> set[str]:
    """The tenants that it names: of the conversation, and of the app's installation there."""
    named = (identifier(activity, "channelData", "tenant", "id"), identifier(activity, "conversation", "tenantId"))
    return {each.lower() for each in named if each}


def tenant(activity: Activity) -> str:
    """The tenant in which it happened."""
    named = identifier(activity, "channelData", "tenant", "id") or identifier(activity, "conversation", "tenantId")
    return (named or LOCAL).lower()


def account(channel_account: Any) -> str | None:
    """The key of an account: its id in Microsoft Entra, or that in Teams of who has none."""
    entra = identifier(channel_account, "aadObjectId")
    return entra.lower() if entra else identifier(channel_account, "id")


def is_bot(activity: Activity, channel_account: Any) -> bool:
    """Whether this is Agora itself."""
    own = text(activity, "recipient", "id")
    return own is not None and text(channel_account, "id") == own


def actor(activity: Activity) -> str | None:
    """The key of whoever did it; ``None`` for Agora itself."""
    author = part(activity, "from")
    return None if is_bot(activity, author) else account(author)


def kind(activity: Activity) -> str:
    """``personal``, ``groupChat`` or ``channel``. Teams also calls a chat of two people personal: that is nobody's own
    chat with Agora."""
    said = text(activity, "conversation", "conversationType")
    if said == PERSONAL and _is_of_others(activity):
        return GROUP
    if said in (PERSONAL, GROUP, CHANNEL):
        return str(said)
    return GROUP if part(activity, "conversation", "isGroup") is True else PERSONAL


def _is_of_others(activity: Activity) -> bool:
    named, own = external(activity) or "", (text(activity, "recipient", "id") or "").rpartition(":")[2]
    return named.endswith(_OF_TWO) and not (own and own in named)


def is_composed(activity: Activity) -> bool:
    """Whether it comes from the message extension, which people use where Agora is not, too: it does not say where
    anything can be sent to."""
    return (text(activity, "name") or "").startswith("composeExtension/")


def external(activity: Activity) -> str | None:
    """The id of the conversation in Teams, without the thread."""
    named = identifier(activity, "conversation", "id")
    return named.partition(_THREAD)[0] if named else None


def conversation(activity: Activity) -> str | None:
    """The key of the place: of somebody's own chat their account's."""
    own = actor(activity) if kind(activity) == PERSONAL else None
    return own or external(activity)


def root(activity: Activity) -> str | None:
    """The message that begins the thread in which this stands, or that this is."""
    return (identifier(activity, "conversation", "id") or "").partition(_THREAD)[2] or None


def thread(activity: Activity, message: str | None) -> str | None:
    """The thread in which ``message`` stands; one that begins it stands in none."""
    found = root(activity)
    return None if found == message else found


def references(activity: Activity) -> list[Reference]:
    """How its conversation is reached; and how its author's own chat is, or would be begun."""
    key, url, bot = conversation(activity), text(activity, "serviceUrl"), identifier(activity, "recipient", "id")
    if key is None or url is None or bot is None:
        return []
    here, who, member = tenant(activity), actor(activity), identifier(activity, "from", "id")
    if kind(activity) == PERSONAL:
        there = None if is_composed(activity) else external(activity)
        return [Reference(here, key, PERSONAL, there, member, url, bot, None, *client(activity))]
    team = identifier(activity, "channelData", "team", "id")
    found = Reference(here, key, kind(activity), external(activity), None, url, bot, team)
    own = [Reference(here, who, PERSONAL, None, member, url, bot, None, *client(activity))] if who else []
    return [found, *own]


def client(activity: Activity) -> tuple[str | None, str | None]:
    """The language and the time zone of whoever did it, as their client says them."""
    said = next((each for each in objects(activity, "entities") if each.get("type") == "clientInfo"), {})
    locale = identifier(said, "locale") or identifier(activity, "locale")
    return locale, identifier(activity, "localTimezone") or identifier(said, "timezone")


def digest(activity: Activity) -> str:
    """A name for an activity that has none: the same for the same."""
    return hashlib.sha256(orjson.dumps(activity, option=orjson.OPT_SORT_KEYS)).hexdigest()[:40]
