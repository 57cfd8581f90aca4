"""Who and what there is in Teams: taken in when Agora meets them, and when Teams tells of changes.

Nobody is asked for before they are met: a conversation and its members when something first happens there, whoever
joins it later when Teams says so. What only members may read is shown in it while all of them are known; so every
channel is closed, since a team is private unless its owners chose otherwise, which a bot is not told. Whoever leaves
the tenant is not known to have left: Teams tells bots of conversations alone.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import quote

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from bot.gateway import Throttled
from bot.inbound import Inbound
from bot.runtime import Runtime
from bot.teams import changes, naming, store
from bot.teams.activity import objects, part, text
from bot.teams.delivery import Deliverer
from bot.teams.known import join, keys_in, known_people, place_of
from bot.teams.members import PLATFORM, key_of, profile_of, reference_to
from bot.teams.store import CHANNEL, GROUP, PERSONAL, TeamsConversation, reference_of
from bot.turn import Turn
from models import places
from models.base import reading, transaction
from models.joining import account_for, find_account
from models.people import Account, Person
from models.places import Place

Member = dict[str, Any]
MOST_MEMBERS = 2000
"""Of a larger conversation the members are met one by one, and only what is for the place itself is shown there."""
_PAGE = 200  # Teams gives up to 500: what is written together holds others up
_PATIENCE = 12.0  # seconds after which the rest is met by the next attempt


class Directory:
    """People and places of Teams."""

    def __init__(self, runtime: Runtime, deliverer: Deliverer) -> None:
        self._local = runtime.settings.teams_app_id is None
        self._deliverer = deliverer
        self._tenants = frozenset(runtime.settings.teams_tenants)

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
        member = self._get(here, "conversations", here.external, "members", number or own or key)
        if not isinstance(member, dict) or key_of(member) != key:
            return False
        with transaction() as session:
            account = self._know(session, here, member)
            if account is not None and here.kind != PERSONAL:
                join(session, place_of(session, here), [account.person_id])
        return account is not None

    def _meet_place(self, here: TeamsConversation) -> bool:
        """A channel or a chat of several: first its members, then the place."""
        names = naming.Names(*self._names(here))
        people, complete = self._meet_members(here)
        with transaction() as session:
            row = store.reference_of(session, here.installation, here.conversation)
            if row is not None and here.kind == CHANNEL:
                row.channel_type = names.channel_type(here)
            place = place_of(session, here) or _new_place(session, here, names.place(here, _some(session, people)))
            place.members_known = complete
            join(session, place, people)
        return True

    def _meet_members(self, here: TeamsConversation) -> tuple[list[int], bool]:
        """The people who are members, and whether that is all of them."""
        people: list[int] = []
        until = time.monotonic() + _PATIENCE
        for members, last in self._pages(here):
            if time.monotonic() > until:
                raise Throttled(0.1)
            with transaction() as session:
                known = known_people(session, here.installation, members)
                for member in members:
                    found = known.get(key_of(member) or "")
                    account = None if found else self._know(session, here, member)
                    people += [found] if found else [account.person_id] if account else []
            if last or len(people) >= MOST_MEMBERS:
                return people, last
        return people, False

    def _know(self, session: Session, here: TeamsConversation, member: Member) -> Account | None:
        profile = profile_of(member, here.installation, self._local)
        if profile is None:
            return None
        reference = reference_to(member, here)
        if reference is not None and here.kind != PERSONAL:
            store.refresh(session, reference, heard_there=False)
        return account_for(session, profile, self._local or here.installation in self._tenants)

    # -- asked

    def _pages(self, here: TeamsConversation) -> Iterator[tuple[list[Member], bool]]:
        """The members, page by page, each with whether it is the last; none where Agora may not ask."""
        token: str | None = ""
        while token is not None:
            more = f"?pageSize={_PAGE}" + (f"&continuationToken={quote(token, safe='')}" if token else "")
            page = self._get(here, "conversations", here.external, "pagedmembers", query=more)
            if not isinstance(page, dict):
                return
            token = text(page, "continuationToken")
            yield objects(page, "members"), token is None

    def _names(self, here: TeamsConversation) -> tuple[Any, Any]:
        if here.kind != CHANNEL or here.team is None:
            return None, None
        channels = self._get(here, "teams", here.team, "conversations")
        return self._get(here, "teams", here.team), part(channels, "conversations")

    def _get(self, here: TeamsConversation, *path: str | None, query: str = "") -> Any:
        """What Teams says; ids are of the platform's own making, and hold what a path may not."""
        return self._deliverer.ask(
            here.service_url, "/".join(["v3", *(quote(each or "", safe="") for each in path)]) + query
        )

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
    return place is None or not place.members_known


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
