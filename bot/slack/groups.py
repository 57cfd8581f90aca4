"""User groups as named audiences: who is in one holds the key ``group:slack-…``."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from bot.jobs import Run
from bot.slack.asking import Denied, ask
from bot.slack.people import PLATFORM
from bot.slack.roster import GROUPS, Roster, calmly
from models.base import transaction
from models.company import Audience, AudienceMember
from models.mail import Job
from models.people import Account

Group = Mapping[str, Any]


def audience_key(group_id: str) -> str:
    """The key of a user group's audience: handles change, ids do not."""
    return f"slack-{group_id.casefold()}"


def learn_later(session: Session, installation: str, correlation: str) -> None:
    """Let a job learn the groups of a workspace, once: events tell what becomes of them."""
    args = {"installation": installation}
    if session.scalars(select(Job.id).where(Job.kind == GROUPS, Job.args == args).limit(1)).first() is None:
        session.add(Job(kind=GROUPS, args=args, correlation=correlation))


def work(roster: Roster, run: Run) -> dict[str, Any]:
    """The job that learns them."""
    installation = str(run.args["installation"])
    try:
        calmly(run, lambda: _learn(roster, installation))
    except Denied as denied:  # a scope that the company did not give, or a plan without groups
        return {"denied": denied.code}
    return {}


def _learn(roster: Roster, installation: str) -> None:
    """Groups of other companies are no audiences: a name that sounds like one of ours would be chosen by mistake."""
    if not roster.workspace(installation).trusted:
        return
    client = roster.client(installation)
    for group in ask(client, "usergroups.list", include_users="true").get("usergroups") or ():
        users = [str(user) for user in group.get("users") or ()]
        roster.meet(installation, users)
        with transaction() as session:
            members(session, installation, named(session, group), users)


def named(session: Session, group: Group) -> Audience:
    """The audience of a group, by its present name."""
    key = audience_key(str(group["id"]))
    name = f"@{group.get('handle') or group.get('name') or group['id']} (Slack)"[:80]
    row = insert(Audience).values(key=key, name=name)
    session.execute(row.on_conflict_do_update(index_elements=["key"], set_={"name": row.excluded.name}))
    return session.scalars(select(Audience).where(Audience.key == key).execution_options(populate_existing=True)).one()


def members(session: Session, installation: str, audience: Audience, users: Collection[str]) -> None:
    """They and nobody else are in it."""
    session.execute(delete(AudienceMember).where(AudienceMember.audience_id == audience.id))
    join(session, installation, audience, users)


def join(session: Session, installation: str, audience: Audience, users: Collection[str]) -> set[str]:
    """They are in it; those of ``users`` whom Agora has not met."""
    accounts = session.execute(
        select(Account.external, Account.person_id).where(
            Account.platform == PLATFORM, Account.installation == installation, Account.external.in_(users)
        )
    ).all()
    rows = [{"audience_id": audience.id, "person_id": row.person_id} for row in accounts]
    if rows:
        session.execute(insert(AudienceMember).values(rows).on_conflict_do_nothing())
    return set(users) - {row.external for row in accounts}


def leave(session: Session, installation: str, audience: Audience, users: Collection[str]) -> None:
    """They are not in it any more."""
    gone = select(Account.person_id).where(
        Account.platform == PLATFORM, Account.installation == installation, Account.external.in_(users)
    )
    session.execute(
        delete(AudienceMember).where(
            AudienceMember.audience_id == audience.id, AudienceMember.person_id.in_(gone.scalar_subquery())
        )
    )
