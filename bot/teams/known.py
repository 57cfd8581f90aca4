"""People and channels of Teams that Agora has met, by what Teams calls them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from bot.inbound import Inbound
from bot.teams.activity import identifier, objects
from bot.teams.members import PLATFORM, key_of
from bot.teams.store import CHANNEL, TeamsConversation
from models.people import Account
from models.places import Membership, Place, place_at


def keys_in(heard: Inbound) -> dict[str, str | None]:
    """Whom a change is about: the key of each, and their id in Teams."""
    return {key: identifier(each, "id") for each in objects(heard.values, "members") if (key := key_of(each))}


def place_of(session: Session, here: TeamsConversation) -> Place | None:
    """The place of a conversation, if Agora has been there."""
    return place_at(session, PLATFORM, here.installation, here.conversation)


def known_people(session: Session, installation: str, members: Sequence[dict[str, Any]]) -> dict[str, int]:
    """The people behind those of the members' accounts that Agora has met, by the accounts' keys."""
    keys = [key for each in members if (key := key_of(each)) is not None]
    mine = (Account.platform == PLATFORM) & (Account.installation == installation) & Account.external.in_(keys)
    found = session.execute(select(Account.external, Account.person_id).where(mine))
    return {row.external: row.person_id for row in found}


def channels_of(session: Session, installation: str, team: str | None, channel_type: str | None = None) -> list[Place]:
    """The channels of a team where Agora has been; of one type alone, if that is said."""
    mine = (TeamsConversation.installation == installation) & (TeamsConversation.team == team)
    if channel_type is not None:
        mine &= TeamsConversation.channel_type == channel_type
    keys = select(TeamsConversation.conversation).where(mine, TeamsConversation.kind == CHANNEL)
    where = (Place.platform == PLATFORM) & (Place.installation == installation) & Place.key.in_(keys)
    return list(session.scalars(select(Place).where(where).order_by(Place.id))) if team is not None else []


def join(session: Session, place: Place | None, people: Sequence[int]) -> None:
    """They are members of ``place``."""
    if place is not None and people:
        rows = [{"place_id": place.id, "person_id": person} for person in dict.fromkeys(people)]
        session.execute(insert(Membership).values(rows).on_conflict_do_nothing())
