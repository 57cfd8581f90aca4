"""Who is in a workspace's channels and groups: asked when it is needed, remembered, and kept by events.

A channel is asked about when somebody first speaks to Agora there. Until every member is known, only what is for the
channel itself is shown in it (``Place.members_known``). Slack names members by their ids alone, so each who is new is
asked about too: a few one by one, many by the page.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable, Mapping
from typing import Any

import structlog
from slack_sdk import WebClient
from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from bot.gateway import Throttled
from bot.jobs import Run
from bot.slack import people
from bot.slack.asking import Denied, ask, pages
from bot.slack.clients import Clients
from bot.slack.people import PLATFORM, SLACKBOT, Workspace
from models.base import transaction
from models.joining import account_for
from models.mail import NEW, Job
from models.people import OUTSIDER, Account, Person
from models.places import Membership, Place

log = structlog.get_logger(__name__)
FILL, GROUPS = "slack.members", "slack.groups"
FEW = 30  # more than so many who are new are not asked about while somebody waits
ONE_BY_ONE = 100  # more than so many are looked for in the list of all
_LONGEST_PAUSE = 60.0  # seconds: a job keeps its lease for two minutes


class Roster:
    """Meets people of a workspace."""

    def __init__(self, clients: Clients) -> None:
        self._clients = clients
        self._workspaces: dict[str, Workspace] = {}
        self._organisations: dict[str, str | None] = {}

    def client(self, installation: str) -> WebClient:
        """To ask Slack with."""
        return self._clients.sync_of(installation)

    def workspace(self, installation: str) -> Workspace:
        """The workspace, asked about once in the life of a process."""
        if installation not in self._workspaces:
            said = ask(self.client(installation), "auth.test")
            organisation = said.get("enterprise_id")
            named = installation not in (said.get("team_id"), organisation)
            trusted = self._clients.trusts(installation, organisation)
            self._workspaces[installation] = Workspace(installation, organisation, said.get("user_id"), trusted, named)
        return self._workspaces[installation]

    def knows(self, installation: str) -> bool:
        """Whether ``workspace`` can be told without asking."""
        return installation in self._workspaces

    def meet(self, installation: str, ids: Collection[str], met: bool = False) -> bool:
        """Make people of those of ``ids`` whom Agora has not met. Programs are left out. Whether Slack told who each of
        them is."""
        new = strangers(installation, ids)
        client, workspace = self.client(installation), self.workspace(installation)
        if len(new) > ONE_BY_ONE:
            for page in pages(client, "users.list", "members", include_locale="true"):
                wanted = [user for user in page if user.get("id") in new]
                self._write(workspace, wanted, met)
                new -= {str(user["id"]) for user in wanted}
                if not new:
                    return True
        told = [self._met(client, workspace, id, met) for id in sorted(new - {workspace.bot or ""})]
        return all(told)

    def _met(self, client: WebClient, workspace: Workspace, id: str, met: bool) -> bool:
        user = self._user(client, id)
        if user is not None:
            self._write(workspace, [user], met)
        return user is not None

    def fill(self, place_id: int, installation: str, channel: str, few: bool = False) -> bool:
        """Write down who is in a channel; whether that was done. With ``few`` nothing that takes long is begun. Where
        somebody is in it of whom Slack tells nothing, or whom anybody may be joined by, not all are known; nor where
        Agora is not in it, since nobody tells it who comes."""
        with transaction() as session:
            before = set(session.scalars(select(Membership.person_id).where(Membership.place_id == place_id)))
        ids: set[str] = set()
        for page in pages(self.client(installation), "conversations.members", "members", channel=channel):
            ids.update(map(str, page))
            if few and len(strangers(installation, ids)) > FEW:
                return False
        workspace = self.workspace(installation)
        all_known = self.meet(installation, ids) and workspace.trusted and workspace.bot in ids
        with transaction() as session:
            _replace(session, place_id, installation, ids, before, all_known)
        return True

    def work(self, run: Run) -> dict[str, Any]:
        """The job that fills a channel which has many members, or whose members changed meanwhile."""
        installation, channel, place_id = run.args["installation"], run.args["channel"], int(run.args["place_id"])
        try:
            calmly(run, lambda: self.fill(place_id, installation, channel))
        except Denied as denied:
            log.info("members stay unknown", reason=denied.code)
            with run.step() as session:
                lose_sight(session, session.get_one(Place, place_id, with_for_update=True))
            return {"denied": denied.code}
        return {}

    def organisation(self, installation: str, team: str | None) -> str | None:
        """What the company of a stranger is called, where Slack says it."""
        if not team:
            return None
        if team not in self._organisations:
            try:
                said = ask(self.client(installation), "team.info", team=team)
                self._organisations[team] = (said.get("team") or {}).get("name")
            except Denied:
                self._organisations[team] = None
        return self._organisations[team]

    def _user(self, client: WebClient, id: str) -> Mapping[str, Any] | None:
        try:
            return ask(client, "users.info", user=id, include_locale="true").get("user")
        except Denied as denied:
            if denied.code not in ("user_not_found", "user_not_visible", "users_not_found"):
                raise
            return None

    def _write(self, workspace: Workspace, users: Iterable[Mapping[str, Any]], met: bool) -> None:
        profiles = []
        for user in users:
            if people.is_person(user) and not user.get("deleted"):
                stranger = people.kind_of(user, workspace) == OUTSIDER
                name = self.organisation(workspace.team, user.get("team_id")) if stranger else None
                profiles.append(people.profile_of(user, workspace, name, met))
        for profile in profiles:
            with transaction() as session:
                account_for(session, profile, trusted=workspace.trusted)


def calmly(run: Run, work: Any) -> None:
    """Do ``work`` as often as Slack asks to wait with it."""
    while True:
        with run.step():
            pass
        try:
            work()
            return
        except Throttled as throttled:
            time.sleep(min(throttled.seconds, _LONGEST_PAUSE))


def strangers(installation: str, ids: Collection[str]) -> set[str]:
    """Those of ``ids`` whom Agora has not met."""
    with transaction() as session:
        known = set(session.scalars(select(Account.external).where(*_accounts(installation, ids))))
    return set(ids) - known - {SLACKBOT}


def fill_later(session: Session, place: Place, correlation: str, doubted: bool = True) -> None:
    """Let a job fill ``place``, unless one is about to. Where it is ``doubted`` that all of its members are known, that
    holds until then."""
    if doubted:
        place.members_known = False
    args = {"installation": place.installation, "channel": place.key, "place_id": place.id}
    waiting = select(Job.id).where(Job.kind == FILL, Job.state == NEW, Job.args == args)
    if session.scalars(waiting.limit(1)).first() is None:
        session.add(Job(kind=FILL, args=args, correlation=correlation))
        session.execute(select(func.pg_notify("agora_job", "")))


def lose_sight(session: Session, place: Place, *, gone: bool = False) -> None:
    """Nobody tells any more who comes to a place and goes. Who was in a closed one, or in one that is ``gone``, reads
    nothing of it any more by that."""
    place.members_known = False
    if place.closed or gone:
        session.execute(delete(Membership).where(Membership.place_id == place.id))


def _accounts(installation: str, ids: Collection[str]) -> tuple[Any, ...]:
    return Account.platform == PLATFORM, Account.installation == installation, Account.external.in_(ids)


def _replace(
    session: Session, place_id: int, installation: str, ids: Collection[str], before: Collection[int], all_known: bool
) -> None:
    """Members are those who have ``ids``. Who came while we asked, and is not ``before``, stays."""
    place = session.get_one(Place, place_id, with_for_update=True)
    found = select(Account.person_id).join(Person).where(*_accounts(installation, ids))
    now_in = set(session.scalars(found))
    gone = set(before) - now_in
    session.execute(delete(Membership).where(Membership.place_id == place_id, Membership.person_id.in_(gone)))
    rows = [{"place_id": place_id, "person_id": person_id} for person_id in sorted(now_in)]
    if rows:
        session.execute(insert(Membership).values(rows).on_conflict_do_nothing())
    place.members_known = all_known
