"""Who is in a channel or chat of Teams: asked page by page, while somebody waits as long as that is quick, and by a job
where they are many.

https://learn.microsoft.com/microsoftteams/platform/bots/how-to/get-teams-context#fetch-the-roster-or-user-profile
"""

from __future__ import annotations

import time
from collections.abc import Collection, Iterator, Sequence
from typing import Any
from urllib.parse import quote

import structlog
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from bot.config import Settings
from bot.gateway import Throttled, Uncertain
from bot.jobs import Run
from bot.teams import store
from bot.teams.activity import objects, text
from bot.teams.delivery import Deliverer
from bot.teams.known import join, known_people, place_of
from bot.teams.members import PLATFORM, key_of, profile_of, reference_to
from bot.teams.store import PERSONAL, TeamsConversation
from models.base import reading, transaction
from models.joining import account_for
from models.mail import HELD, NEW, Job
from models.people import Account
from models.places import Membership, Place

log = structlog.get_logger(__name__)
Member = dict[str, Any]
FILL = "teams.members"
FEW = 2000  # more than so many members are not met while somebody waits
_PATIENCE = 5.0  # seconds, likewise
_PAGE = 200  # Teams gives up to 500: what is written together holds others up
_LONGEST_PAUSE = 60.0  # seconds: a job keeps its lease for two minutes
_MOST_AGAIN = 100  # times that one page is asked for


class Roster:
    """Meets the members of conversations."""

    def __init__(self, settings: Settings, deliverer: Deliverer) -> None:
        self._local = settings.teams_app_id is None
        self._tenants = frozenset(settings.teams_tenants)
        self._deliverer = deliverer

    def get(self, here: TeamsConversation, *path: str | None, query: str = "") -> Any:
        """What Teams says; ids are of the platform's own making, and hold what a path may not."""
        return self._deliverer.ask(
            here.service_url, "/".join(["v3", *(quote(each or "", safe="") for each in path)]) + query
        )

    def know(self, session: Session, here: TeamsConversation, member: Member) -> Account | None:
        """The account of a member, made where there is none; ``None`` where nothing says who it is."""
        profile = profile_of(member, here.installation, self._local)
        if profile is None:
            return None
        reference = reference_to(member, here)
        if reference is not None and here.kind != PERSONAL:
            store.refresh(session, reference, heard_there=False)
        return account_for(session, profile, self._local or here.installation in self._tenants)

    def meet(self, here: TeamsConversation) -> tuple[list[int], bool | None]:
        """The people who are members, and whether that is all of them; ``None`` where there are more than can be met
        while somebody waits. ``False``: Agora may not ask."""
        people: list[int] = []
        until = time.monotonic() + _PATIENCE
        for members, last in self._pages(here):
            with transaction() as session:
                people += self._met(session, here, members)
            if last:
                return people, True
            if len(people) >= FEW or time.monotonic() > until:
                return people, None
        return people, False

    def work(self, run: Run) -> dict[str, Any]:
        """The job: everybody, from the first page on; Teams does not say how long it knows a page by its token."""
        installation, conversation = str(run.args["installation"]), str(run.args["conversation"])
        with reading() as session:
            here = store.reference_of(session, installation, conversation)
            place = place_of(session, here) if here is not None else None
            before = members_of(session, place)
        if here is None or place is None:
            return {}
        people: list[int] = []
        complete = False
        for members, last in self._pages(here, run):
            with run.step(done=len(people) + len(members)) as session:
                met = self._met(session, here, members)
                join(session, place, met)
            people += met
            complete = last
        if complete:
            with run.step() as session:
                replace(session, here, session.get_one(Place, place.id, with_for_update=True), people, before)
        log.info("members met", platform=PLATFORM, members=len(people), complete=complete)
        return {"members": len(people), "complete": complete}

    def _met(self, session: Session, here: TeamsConversation, members: Sequence[Member]) -> list[int]:
        known = known_people(session, here.installation, members)
        people = []
        for member in members:
            found = known.get(key_of(member) or "")
            account = None if found else self.know(session, here, member)
            people += [found] if found else [account.person_id] if account else []
        return people

    def _pages(self, here: TeamsConversation, run: Run | None = None) -> Iterator[tuple[list[Member], bool]]:
        """The members, page by page, each with whether it is the last; none where Agora may not ask."""
        token: str | None = ""
        while token is not None:
            more = f"?pageSize={_PAGE}" + (f"&continuationToken={quote(token, safe='')}" if token else "")
            page = self._page(here, more) if run is None else self._page_at_last(here, more, run)
            if not isinstance(page, dict):
                return
            token = text(page, "continuationToken")
            yield objects(page, "members"), token is None

    def _page(self, here: TeamsConversation, query: str) -> Any:
        return self.get(here, "conversations", here.external, "pagedmembers", query=query)

    def _page_at_last(self, here: TeamsConversation, query: str, run: Run) -> Any:
        """A page, as often as Teams asks to wait with it."""
        for _ in range(_MOST_AGAIN):
            try:
                return self._page(here, query)
            except Throttled as throttled:
                time.sleep(min(throttled.seconds, _LONGEST_PAUSE))
            except Uncertain:
                time.sleep(1.0)
            with run.step():
                pass
        raise Uncertain("Teams does not say who is there")


def fill_later(session: Session, place: Place) -> None:
    """Let a job meet the members of ``place``, unless one does."""
    if not is_filling(session, place):
        session.add(Job(kind=FILL, args=_args(place), correlation="directory"))
        session.execute(select(func.pg_notify("agora_job", "")))


def is_filling(session: Session, place: Place) -> bool:
    """Whether a job is at it, or about to be."""
    waiting = select(Job.id).where(Job.kind == FILL, Job.state.in_((NEW, HELD)), Job.args == _args(place))
    return session.scalars(waiting.limit(1)).first() is not None


def replace(
    session: Session, here: TeamsConversation, place: Place, people: Sequence[int], before: Collection[int] = ()
) -> None:
    """``people`` are all who are members. Those of ``before`` who are not among them are none any more; who came while
    Teams was asked stays."""
    join(session, place, people)
    if gone := set(before) - set(people):
        session.execute(delete(Membership).where(Membership.place_id == place.id, Membership.person_id.in_(gone)))
    row = store.reference_of(session, here.installation, here.conversation)
    place.members_known = row is not None and row.unreachable is None  # while Agora is away nobody tells who comes


def members_of(session: Session, place: Place | None) -> set[int]:
    """The people who are taken for members."""
    members = select(Membership.person_id).where(Membership.place_id == place.id) if place is not None else None
    return set(session.scalars(members)) if members is not None else set()


def _args(place: Place) -> dict[str, Any]:
    return {"installation": place.installation, "conversation": place.key}
