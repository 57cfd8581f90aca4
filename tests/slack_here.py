"""Agora in a workspace of Slack whose Web API is tests.slack_workspace: the real dispatcher, database and directory."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import select

from bot import jobs
from bot.gateway import Delivery
from bot.inbound import Inbound
from bot.slack.clients import Clients
from bot.slack.directory import Directory
from bot.slack.steps import DONE, FAILED, Steps
from bot.turn import Turn
from models import base, joining
from models.base import reading, transaction
from models.facts import Fact
from models.mail import NEW, Job
from models.people import Person
from models.places import Place, members
from tests.chat import Chat
from tests.faked import FakePlatform
from tests.slack_workspace import TEAM, Workspace, serving


class OneToken:
    """Keeps one token."""

    trusted = True

    def trusts(self, installation: str, organisation: str | None = None) -> bool:
        return self.trusted

    def token(self, installation: str) -> str:
        return "xoxb-test"


class Slack(FakePlatform):
    """A platform whose directory is Slack's."""

    def __init__(self, directory: Directory, steps: Steps) -> None:
        super().__init__("slack")
        self.directory, self.steps = directory, steps

    def introduce(self, inbound: Inbound) -> bool:
        return self.directory.introduce(inbound) or self.steps.refuse(inbound)

    async def deliver(self, delivery: Delivery) -> str:
        if delivery.operation in (DONE, FAILED):
            try:
                return await self.steps.deliver(delivery)
            finally:
                await self.steps._clients.close()  # each delivery here has an event loop of its own
        return await super().deliver(delivery)

    def absorb(self, turn: Turn) -> None:
        self.directory.absorb(turn)


class Here:
    """Agora in a workspace."""

    def __init__(self, chat: Chat, workspace: Workspace) -> None:
        self.chat, self.workspace = chat, workspace
        router = chat.runtime.router
        self.keeper = OneToken()
        self.clients = Clients(self.keeper, workspace.url)  # type: ignore[arg-type]
        steps = Steps(self.clients, router, "https://agora.example.com")
        self.platform = Slack(Directory(self.clients, router), steps)
        chat.platforms["slack"] = self.platform
        chat.runtime.gateways["slack"] = self.platform
        self._keys = itertools.count()

    def says(self, user: str, text: str, in_: str | None = None) -> None:
        message = f"{next(self._keys)}.0"
        self.chat.happens(
            Inbound("slack", TEAM, in_ or user, "message", actor=user, text=text, mentioned=True, message=message)
        )

    def hears(self, type: str, **event: Any) -> None:
        channel = event.get("channel")
        where = str((channel.get("id") if isinstance(channel, dict) else channel) or TEAM)
        self.chat.happens(Inbound("slack", TEAM, where, "directory", values={"type": type, **event}))

    def changes(self, user: str, **about: Any) -> None:
        """Somebody's profile changes."""
        known = self.workspace.users[user]
        profile = {**known.get("profile", {}), **about.pop("profile", {})}
        known.update(about, profile=profile)
        self.hears("user_change", user=known)

    def works(self) -> None:
        """Do the jobs that wait."""
        router = self.chat.runtime.router
        while True:
            with transaction() as session:
                run = jobs.take(session, "test", list(router.jobs))
                kind = session.get_one(Job, run.id).kind if run else ""
            if run is None:
                return
            jobs.perform(router, run, kind, "test")
            self.chat.work()

    def sees(self, channel: str, text: str) -> bool:
        """Whether everybody in a conversation sees it."""
        return any(
            text in shown.text for shown in self.platform.shown.values()
            if shown.conversation == channel and shown.only_for is None
        )  # fmt: skip


@contextmanager
def at_work(database: str) -> Iterator[Here]:
    """Agora, in a workspace of nobody."""
    base.connect(database, pool=4)
    joining.use_domains(["acme.example"])
    with serving(Workspace()) as workspace:
        yield Here(Chat(), workspace)
    joining.use_domains([])
    base.set_clock(None)
    base.disconnect()


def person(user: str) -> Person:
    """Whom a user of Slack is."""
    with reading() as session:
        found = joining.find_account(session, "slack", TEAM, user)
        assert found is not None
        return session.get_one(Person, found.person_id)


def place(key: str) -> Place:
    """The place of this key."""
    with reading() as session:
        return session.scalars(select(Place).where(Place.key == key)).one()


def inside(key: str) -> set[str]:
    """The names of who is known to be in it."""
    with reading() as session:
        return {person.name for person in members(session, place(key))}


def facts(verb: str) -> list[dict[str, Any]]:
    """What was said of each fact of this kind, oldest first."""
    with reading() as session:
        return [fact.data for fact in session.scalars(select(Fact).where(Fact.verb == verb).order_by(Fact.id))]


def waiting() -> int:
    """How many jobs wait that ask for members."""
    with reading() as session:
        return len(session.scalars(select(Job).where(Job.state == NEW, Job.kind == "slack.members")).all())
