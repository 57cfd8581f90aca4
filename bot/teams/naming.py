"""What channels and chats of Teams are called."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.inbound import Inbound
from bot.teams.activity import text
from bot.teams.members import PLATFORM
from bot.teams.store import CHANNEL, STANDARD, TeamsConversation
from models.places import GROUP, Place

_BETWEEN = " › "  # a team and one of its channels
_LONGEST = 200


class Names:
    """What Teams says of a team and of its channels; the general channel goes by the name of the team."""

    def __init__(self, team: Any, channels: Any) -> None:
        self._team = text(team, "name")
        self._channels = {
            each.get("id"): each for each in (channels if isinstance(channels, list) else []) if isinstance(each, dict)
        }

    def channel_type(self, here: TeamsConversation) -> str | None:
        """``standard`` for one that the whole team is in; ``None`` where Teams does not list it."""
        found = self._channels.get(here.conversation)
        return None if found is None else text(found, "type") or STANDARD

    def place(self, here: TeamsConversation, people: Sequence[str]) -> str:
        """The name of a channel; of a chat those of some who are in it."""
        if here.kind != CHANNEL:
            return (", ".join(people[:3]) + (", …" if len(people) > 3 else ""))[:_LONGEST] or here.conversation
        return _joined(self._team, text(self._channels.get(here.conversation), "name")) or here.conversation


def rename(session: Session, heard: Inbound, here: Place | None, team: str | None) -> None:
    """A team, a channel or a chat has another name now."""
    change, said = heard.values.get("change"), text(heard.values, "name")
    if change == "topicName" and here is not None and here.kind == GROUP and said:
        here.name = said[:_LONGEST]
    elif change == "channelRenamed":
        _rename_channel(session, heard)
    elif change == "teamRenamed" and team is not None:
        _rename_team(session, heard, team)


def _rename_channel(session: Session, heard: Inbound) -> None:
    channel, name = text(heard.values, "channel", "id"), text(heard.values, "channel", "name")
    for place, _ in _places(session, heard.installation, TeamsConversation.conversation == channel):
        place.name = (
            _joined(text(heard.values, "team", "name") or place.name.partition(_BETWEEN)[0], name) or place.name
        )


def _rename_team(session: Session, heard: Inbound, team: str) -> None:
    name = text(heard.values, "team", "name")
    for place, _ in _places(session, heard.installation, TeamsConversation.team == team):
        place.name = _joined(name, place.name.partition(_BETWEEN)[2]) or place.name


def _places(session: Session, installation: str, which: Any) -> Sequence[Any]:
    return session.execute(
        select(Place, TeamsConversation)
        .join(TeamsConversation, (TeamsConversation.conversation == Place.key)
              & (TeamsConversation.installation == Place.installation))
        .where(Place.platform == PLATFORM, Place.installation == installation, TeamsConversation.kind == CHANNEL, which)
    ).all()  # fmt: skip


def _joined(team: str | None, channel: str | None) -> str:
    return _BETWEEN.join(each for each in (team, channel) if each)[:_LONGEST]
