"""Who and what there is in a workspace: asked when Agora meets it, and kept by Slack's events.

Nobody is asked about in advance: who and what is not needed is not known. What an event says of somebody or something
that Agora has not met is passed over, but for new colleagues, who are told of in full.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, time, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from bot.inbound import Inbound
from bot.router import Router
from bot.slack import absences, groups, pictures, places, reach, roster
from bot.slack.asking import Denied, ask
from bot.slack.clients import Clients
from bot.slack.people import PLATFORM, is_person, profile_of
from bot.slack.roster import Roster
from bot.turn import Turn
from models.base import Refusal, now, transaction
from models.company import Audience
from models.facts import Fact
from models.joining import account_for, find_account
from models.mail import Timer
from models.people import Account, Person
from models.places import PRIVATE, Place, place_at

Event = Mapping[str, Any]
_LEFT = "deactivated"
"""``Account.unreachable`` of an account that was switched off on Slack."""


REFRESH = "slack.refresh"
_AT = time(3, tzinfo=UTC)  # of every day: when fewest people ask


class Directory:
    """People, channels and groups, as Slack knows them."""

    def __init__(self, clients: Clients, router: Router) -> None:
        self._roster = Roster(clients)
        router.job(roster.FILL)(self._roster.work)
        router.job(roster.GROUPS)(lambda run: groups.work(self._roster, run))
        router.job(pictures.TIDY)(lambda run: pictures.tidy(clients, run))
        router.fact("place.joined")(self._joined)
        if REFRESH not in router.timers:
            router.timer(REFRESH)(refresh)

    def introduce(self, inbound: Inbound) -> bool:
        """Ask Slack who did this, and where; whether that may have helped."""
        if inbound.kind == "directory":
            self._roster.workspace(inbound.installation)
            return True
        if inbound.actor is None:
            return self._place(inbound, None)
        own_chat = inbound.conversation == inbound.actor
        with transaction() as session:
            account = find_account(session, PLATFORM, inbound.installation, inbound.actor)
            known = account is not None and (account.private is not None or not own_chat)
        if not known:
            account = self._person(inbound.installation, inbound.actor, own_chat)
        return account is not None and (own_chat or self._place(inbound, account))

    def absorb(self, turn: Turn) -> None:
        """Write down what an event of kind ``directory`` says: ``turn.inbound.values`` is the event."""
        event = turn.inbound.values
        heard = _HEARD.get(str(event.get("type")))
        if heard is None:
            return
        if not self._roster.knows(turn.inbound.installation):
            raise Refusal("unknown_place")  # ``introduce`` asks, outside this transaction
        heard(self._roster, turn, event)

    def _person(self, installation: str, user: str, met: bool) -> Account | None:
        try:
            self._roster.meet(installation, [user], met)
        except Denied:
            return None
        with transaction() as session:
            account = find_account(session, PLATFORM, installation, user)
            if account is None:
                return None
            if met and account.private is None:  # somebody of another company writes to Agora by themselves
                account.private = user
                places.own_chat(session, account)
            groups.learn_later(session, installation, "directory")
            return account

    def _place(self, inbound: Inbound, account: Account | None) -> bool:
        """Write down the place. Who does something there is in it; who else is, is asked next."""
        about = self._about(inbound.installation, inbound.conversation)
        with transaction() as session:
            place = place_at(session, PLATFORM, inbound.installation, inbound.conversation)
            if place is None:
                place = places.new_place(session, inbound, about or {}, account)
            if account is not None:
                places.enter(session, place, account.person_id)
            id, known = place.id, place.members_known
        if not known and about is not None:
            self._fill(id, inbound)
        return True

    def _about(self, installation: str, channel: str) -> Event | None:
        """What Slack says of a channel; nothing of one that Agora is not in, and may not see."""
        try:
            return ask(self._roster.client(installation), "conversations.info", channel=channel).get("channel")
        except Denied:
            return None

    def _fill(self, place_id: int, inbound: Inbound) -> None:
        try:
            if self._roster.fill(place_id, inbound.installation, inbound.conversation, few=True):
                return
        except Denied:
            return
        with transaction() as session:
            roster.fill_later(session, session.get_one(Place, place_id), "directory")

    def _joined(self, turn: Turn, fact: Fact) -> None:
        """Agora is in a channel again, of which it has heard nothing for a while."""
        place = turn.session.get_one(Place, fact.entity_id)
        if place.platform == PLATFORM and not place.members_known:
            roster.fill_later(turn.session, place, turn.correlation)


def schedule() -> None:
    """See to it that there is a next time at which every channel is asked about again."""
    due = _next()
    row = insert(Timer).values(schedule=REFRESH, slot=due.isoformat(), route=REFRESH, args={}, due_at=due,
                               correlation=REFRESH)  # fmt: skip
    with transaction() as session:
        session.execute(row.on_conflict_do_nothing(constraint="timer_once"))


def refresh(turn: Turn) -> None:
    """Who is in the channels that Agora knows is asked anew: what happened while Agora could not be reached for long,
    Slack does not tell later. What has no use any more is removed."""
    here = (Place.platform == PLATFORM) & (Place.kind != PRIVATE)
    for place in turn.session.scalars(select(Place).where(here).order_by(Place.id)):
        roster.fill_later(turn.session, place, turn.correlation, doubted=False)
    pictures.tidy_later(turn.session, turn.correlation)
    reach.forget_addresses(turn.session)
    turn.later(_next(), REFRESH, REFRESH)


def _next() -> datetime:
    today = datetime.combine(now().date(), _AT)
    return today if today > now() else today + timedelta(days=1)


def _user_changed(of: Roster, turn: Turn, event: Event) -> None:
    """A profile, a role, a status; or that somebody left, or came back."""
    user = event.get("user")
    if not isinstance(user, Mapping) or not is_person(user):
        return
    account = find_account(turn.session, PLATFORM, turn.inbound.installation, str(user.get("id")))
    if account is None:
        return
    if user.get("deleted"):
        _left(turn, account)
        return
    _came_back(turn, account)
    workspace = of.workspace(turn.inbound.installation)
    said = profile_of(user, workspace, met=account.private is not None)
    account_for(turn.session, said, trusted=workspace.trusted)
    absences.follow_status(turn, account, user)


def _team_join(of: Roster, turn: Turn, event: Event) -> None:
    """A new colleague."""
    user = event.get("user")
    if isinstance(user, Mapping) and is_person(user) and not user.get("deleted"):
        workspace = of.workspace(turn.inbound.installation)
        account_for(turn.session, profile_of(user, workspace), trusted=workspace.trusted)


def _left(turn: Turn, account: Account) -> None:
    """An account was switched off. Its person left, unless another one of theirs is not."""
    if account.unreachable == _LEFT:
        return
    account.unreachable = _LEFT
    person = turn.session.get_one(Person, account.person_id, with_for_update=True)
    if person.active and all(other.unreachable == _LEFT for other in person.accounts):
        person.active = False
        turn.emit("person.left", person)


def _came_back(turn: Turn, account: Account) -> None:
    """An account was switched on again."""
    if account.unreachable != _LEFT:
        return
    account.unreachable = None
    person = turn.session.get_one(Person, account.person_id, with_for_update=True)
    if not person.active:
        person.active = True
        turn.emit("person.returned", person)


def _disturb(of: Roster, turn: Turn, event: Event) -> None:
    account = find_account(turn.session, PLATFORM, turn.inbound.installation, str(event.get("user")))
    if account is not None and isinstance(event.get("dnd_status"), Mapping):
        absences.follow_dnd(turn, account, event["dnd_status"])


def _group_changed(of: Roster, turn: Turn, event: Event) -> None:
    group = event.get("subteam")
    if not isinstance(group, Mapping) or not group.get("id") or not of.workspace(turn.inbound.installation).trusted:
        return
    audience = groups.named(turn.session, group)
    if group.get("date_delete"):
        groups.members(turn.session, turn.inbound.installation, audience, [])
    elif isinstance(group.get("users"), list):
        users = [str(user) for user in group["users"]]
        groups.members(turn.session, turn.inbound.installation, audience, users)


def _group_members(of: Roster, turn: Turn, event: Event) -> None:
    key = groups.audience_key(str(event.get("subteam_id")))
    audience = turn.session.scalars(select(Audience).where(Audience.key == key)).first()
    if audience is None:
        return
    added, removed = (list(map(str, event.get(f"{what}_users") or ())) for what in ("added", "removed"))
    groups.join(turn.session, turn.inbound.installation, audience, added)
    groups.leave(turn.session, turn.inbound.installation, audience, removed)


_HEARD: dict[str, Callable[[Roster, Turn, Event], None]] = {
    "user_change": _user_changed,
    "team_join": _team_join,
    "dnd_updated_user": _disturb,
    "member_joined_channel": places.member_joined,
    "member_left_channel": places.member_left,
    "channel_rename": places.renamed,
    "group_rename": places.renamed,
    "channel_archive": places.archived,
    "channel_unarchive": places.archived,
    "group_archive": places.archived,
    "group_unarchive": places.archived,
    "channel_deleted": places.gone,
    "group_deleted": places.gone,
    "channel_left": places.gone,
    "group_left": places.gone,
    "channel_shared": places.shared,
    "channel_unshared": places.shared,
    "channel_id_changed": places.new_id,
    "message": places.converted,
    "subteam_created": _group_changed,
    "subteam_updated": _group_changed,
    "subteam_members_changed": _group_members,
}
EVENTS = frozenset(_HEARD) - {"message"}
"""The events of kind ``directory`` from which something follows; and ``events.CONVERSIONS``."""
