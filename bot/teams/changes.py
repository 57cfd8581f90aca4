"""What Teams tells of who and what there is: members who come and go, Agora among them, and new names."""

from __future__ import annotations

from sqlalchemy import delete
from sqlalchemy.orm import Session

from bot.inbound import Inbound
from bot.teams import naming, roster
from bot.teams.activity import identifier, objects
from bot.teams.known import channels_of, join, keys_in, known_people
from bot.teams.members import PLATFORM
from bot.teams.store import STANDARD
from bot.turn import Turn
from models import places
from models.base import Refusal
from models.places import Membership, Place, place_at


def absorb(turn: Turn) -> None:
    """Write a change down; ``Refusal`` where Teams has to be asked first. ``turn.inbound.values`` is what
    ``bot.teams.parse`` made of it."""
    heard, session = turn.inbound, turn.session
    change, team = str(heard.values.get("change")), identifier(heard.values, "team", "id")
    here = place_at(session, PLATFORM, heard.installation, heard.conversation)
    if heard.values.get("agora"):
        _agora_came_or_went(session, heard, here, team, change)
    elif change in ("membersAdded", "teamMemberAdded"):
        _came(session, heard, here, team)
    elif change in ("membersRemoved", "teamMemberRemoved"):
        _went(session, heard, here, team)
    else:
        naming.rename(session, heard, here, team)


def _agora_came_or_went(session: Session, heard: Inbound, here: Place | None, team: str | None, change: str) -> None:
    """While Agora is away nobody tells it who joins: until it has asked again, the members are not known."""
    away = change.startswith("remove") or change in ("membersRemoved", "teamMemberRemoved")
    theirs = channels_of(session, heard.installation, team)
    if away:
        for place in [here] if here is not None and team is None else theirs:
            place.members_known = place.kind == places.PRIVATE
        return
    for place in theirs:
        if place is not here and not place.members_known:
            roster.fill_later(session, place)
    if here is not None and not here.members_known:
        raise Refusal("unknown_place")


def _came(session: Session, heard: Inbound, here: Place | None, team: str | None) -> None:
    joined = [place for place in channels_of(session, heard.installation, team, STANDARD) if place is not here]
    joined += [here] if here is not None and here.kind != places.PRIVATE else []
    if not joined:
        return
    people = known_people(session, heard.installation, objects(heard.values, "members"))
    if len(people) < len(keys_in(heard)):
        raise Refusal("unknown_person")
    for place in joined:
        join(session, place, list(people.values()))


def _went(session: Session, heard: Inbound, here: Place | None, team: str | None) -> None:
    """Whoever leaves a team leaves its channels; whoever leaves a private channel, or a chat, that one."""
    whole = team is not None and heard.conversation == team
    left = channels_of(session, heard.installation, team) if whole else [here] if here is not None else []
    people = known_people(session, heard.installation, objects(heard.values, "members"))
    session.execute(
        delete(Membership).where(
            Membership.place_id.in_([place.id for place in left if place.kind != places.PRIVATE]),
            Membership.person_id.in_(people.values()),
        )
    )
