"""Channels and group messages of a workspace, as Slack tells of them: https://docs.slack.dev/reference/events."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from bot.inbound import Inbound
from bot.slack import roster
from bot.slack.people import PLATFORM
from bot.slack.roster import Roster
from bot.turn import Turn
from models.joining import find_account
from models.narrowing import narrow
from models.people import Account, Person
from models.places import CHANNEL, GROUP, PRIVATE, Membership, Place, place_at

Event = Mapping[str, Any]


def new_place(session: Session, inbound: Inbound, about: Event, account: Account | None) -> Place:
    """What cannot be seen is taken as closed, with only whoever speaks there in it."""
    closed = not about or bool(about.get("is_private") or about.get("is_mpim") or about.get("is_im"))
    channel = not about.get("is_mpim") and bool(about.get("is_channel") or about.get("is_group") or about.get("name"))
    person = session.get(Person, account.person_id) if account is not None else None
    place = Place(
        platform=PLATFORM,
        installation=inbound.installation,
        key=inbound.conversation,
        kind=CHANNEL if channel else GROUP,
        name=str(about.get("name") or inbound.conversation)[:80],
        purpose=str((about.get("purpose") or {}).get("value") or "")[:250] or None,
        closed=closed,
        members_known=False,
        locale=person.locale if person is not None else "en",
    )
    session.add(place)
    session.flush()
    return place


def own_chat(session: Session, account: Account) -> None:
    """Their own chat with Agora, which they have begun themselves."""
    person = session.get_one(Person, account.person_id)
    place = Place(platform=PLATFORM, installation=account.installation, key=account.external, kind=PRIVATE,
                  name=person.name, closed=True, locale=person.locale)  # fmt: skip
    session.add(place)
    session.flush()
    enter(session, place, account.person_id)


def enter(session: Session, place: Place, person_id: int) -> None:
    """They are in it."""
    row = insert(Membership).values(place_id=place.id, person_id=person_id)
    session.execute(row.on_conflict_do_nothing())


def _place_of(turn: Turn, event: Event) -> Place | None:
    channel = event.get("channel")
    key = channel.get("id") if isinstance(channel, Mapping) else channel
    found = place_at(turn.session, PLATFORM, turn.inbound.installation, str(key)) if key else None
    return turn.session.get(Place, found.id, with_for_update=True) if found is not None else None


def member_joined(of: Roster, turn: Turn, event: Event) -> None:
    """Somebody came. Whoever it is, they may not be one who may read everything."""
    place = _place_of(turn, event)
    if place is None:
        return
    account = find_account(turn.session, PLATFORM, turn.inbound.installation, str(event.get("user")))
    if account is not None:
        enter(turn.session, place, account.person_id)
    if account is None or not place.members_known:
        roster.fill_later(turn.session, place, turn.correlation)


def member_left(of: Roster, turn: Turn, event: Event) -> None:
    """Somebody went, or Agora."""
    place = _place_of(turn, event)
    if place is None:
        return
    account = find_account(turn.session, PLATFORM, turn.inbound.installation, str(event.get("user")))
    if account is not None:
        there = (Membership.place_id == place.id) & (Membership.person_id == account.person_id)
        turn.session.execute(delete(Membership).where(there))
    elif event.get("user") == of.workspace(turn.inbound.installation).bot:
        gone(of, turn, event)
        return
    if not place.members_known:
        roster.fill_later(turn.session, place, turn.correlation)


def gone(of: Roster, turn: Turn, event: Event) -> None:
    """Agora is not in a channel any more, or the channel is not."""
    place = _place_of(turn, event)
    if place is not None:
        roster.lose_sight(turn.session, place, gone=str(event.get("type")).endswith("_deleted"))
        turn.emit("place.left", place)


def renamed(of: Roster, turn: Turn, event: Event) -> None:
    """It has another name."""
    place, channel = _place_of(turn, event), event.get("channel")
    if place is not None and isinstance(channel, Mapping) and channel.get("name"):
        place.name = str(channel["name"])[:80]


def archived(of: Roster, turn: Turn, event: Event) -> None:
    """Nobody writes in it any more, or again: that is for the audit log alone."""
    place = _place_of(turn, event)
    if place is not None:
        turn.emit("place.archived" if str(event["type"]).endswith("_archive") else "place.unarchived", place)


def shared(of: Roster, turn: Turn, event: Event) -> None:
    """A channel is shared with another company, or is no longer: who is in it is asked anew."""
    place = _place_of(turn, event)
    if place is not None:
        roster.fill_later(turn.session, place, turn.correlation)


def converted(of: Roster, turn: Turn, event: Event) -> None:
    """A channel was made private, or public. What was asked in it while it was open is for its members from now on;
    what was asked while it was closed stays so."""
    place = _place_of(turn, event)
    if place is None:
        return
    place.closed = event.get("subtype") == "channel_convert_to_private"
    if place.closed:
        narrow(turn.session, place)
    roster.fill_later(turn.session, place, turn.correlation)


def new_id(of: Roster, turn: Turn, event: Event) -> None:
    """Slack calls it by another id."""
    old, new = str(event.get("old_channel_id")), str(event.get("new_channel_id"))
    place = place_at(turn.session, PLATFORM, turn.inbound.installation, old)
    if place is not None and place_at(turn.session, PLATFORM, turn.inbound.installation, new) is None:
        turn.session.get_one(Place, place.id, with_for_update=True).key = new
