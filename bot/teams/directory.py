"""Who and what there is in Teams: taken in when Agora meets them, and when Teams tells of changes.

Nobody is asked for before they are met: a conversation and its members when something first happens there, whoever
joins it later when Teams says so. What only members may read is shown in it while all of them are known; so every
channel is closed, since a team is private unless its owners chose otherwise, which a bot is not told
(docs/adr/channels-of-teams.md). Whoever leaves the tenant is not known to have left: Teams tells bots of conversations
alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from bot.inbound import Inbound
from bot.runtime import Runtime
from bot.teams import changes, naming, roster, store
from bot.teams.activity import part
from bot.teams.delivery import Deliverer
from bot.teams.known import join, keys_in, place_of
from bot.teams.members import PLATFORM, key_of
from bot.teams.roster import Roster
from bot.teams.store import CHANNEL, GROUP, PERSONAL, TeamsConversation, reference_of
from bot.turn import Turn
from models import places
from models.base import reading, transaction
from models.joining import find_account
from models.people import Person
from models.places import Place


class Directory:
    """People and places of Teams."""

    def __init__(self, runtime: Runtime, deliverer: Deliverer) -> None:
        self._roster = Roster(runtime.settings, deliverer)
        if roster.FILL not in runtime.router.jobs:
            runtime.router.job(roster.FILL)(self._roster.work)

    # -- met

    def introduce(self, inbound: Inbound) -> bool:
        """See ``Gateway.introduce``."""
        with reading() as session:
            here = reference_of(session, inbound.installation, inbound.conversation)
            strangers = _strangers(session, inbound)
            missing = here is not None and here.kind != PERSONAL and _is_missing(session, here)
        if here is None or not (strangers or missing):
            return False
        met = [self._meet_place(here)] if missing else []
        met += [self._meet(here, key, number) for key, number in strangers]
        return any(met)

    def _meet(self, here: TeamsConversation, key: str, number: str | None) -> bool:
        """Somebody who is in ``here``; Teams knows members by either of their ids."""
        own = here.member if here.kind == PERSONAL else None
        member = self._roster.get(here, "conversations", here.external, "members", number or own or key)
        if not isinstance(member, dict) or key_of(member) != key:
            return False
        with transaction() as session:
            account = self._roster.know(session, here, member)
            if account is not None and here.kind != PERSONAL:
                join(session, place_of(session, here), [account.person_id])
        return account is not None

    def _meet_place(self, here: TeamsConversation) -> bool:
        """A channel or a chat of several: first its members, then the place. Where they are many, a job goes on."""
        names = naming.Names(*self._names(here))
        with reading() as session:
            before = roster.members_of(session, place_of(session, here))
        people, complete = self._roster.meet(here)
        with transaction() as session:
            row = store.reference_of(session, here.installation, here.conversation)
            if row is not None and here.kind == CHANNEL:
                row.channel_type = names.channel_type(here)
            place = place_of(session, here) or _new_place(session, here, names.place(here, _some(session, people)))
            if complete:
                roster.replace(session, here, place, people, before)
            else:
                join(session, place, people)
            if complete is None:
                roster.fill_later(session, place)
        return True

    # -- asked

    def _names(self, here: TeamsConversation) -> tuple[Any, Any]:
        if here.kind != CHANNEL or here.team is None:
            return None, None
        channels = self._roster.get(here, "teams", here.team, "conversations")
        return self._roster.get(here, "teams", here.team), part(channels, "conversations")

    # -- changed

    def absorb(self, turn: Turn) -> None:
        """See ``Gateway.absorb``."""
        changes.absorb(turn)


def _strangers(session: Session, inbound: Inbound) -> list[tuple[str, str | None]]:
    """Whom the event is of and Agora has not met: the key of each, and the id in Teams where it is said."""
    said = {inbound.actor: None} if inbound.actor else keys_in(inbound)
    return [
        (key, number)
        for key, number in said.items()
        if find_account(session, PLATFORM, inbound.installation, key) is None
    ]


def _is_missing(session: Session, here: TeamsConversation) -> bool:
    place = place_of(session, here)
    return place is None or not (place.members_known or roster.is_filling(session, place))


def _new_place(session: Session, here: TeamsConversation, name: str) -> Place:
    kind = places.GROUP if here.kind == GROUP else places.CHANNEL
    row = insert(Place).values(
        platform=PLATFORM, installation=here.installation, key=here.conversation, kind=kind, name=name, closed=True,
        members_known=False, locale="en", answers="mentioned",
    )  # fmt: skip
    session.execute(row.on_conflict_do_nothing(constraint="place_once"))
    place = place_of(session, here)
    assert place is not None
    return place


def _some(session: Session, people: Sequence[int]) -> list[str]:
    return list(session.scalars(select(Person.name).where(Person.id.in_(people[:4])).order_by(Person.id)))
