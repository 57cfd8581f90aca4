"""One question on two platforms at once: asked in Teams, taken in Slack, answered in Teams, edited in Slack, accepted
in Teams, verified in Slack; by people who are the same on both."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import func, select

from models import base
from models.base import reading
from models.people import Account, Person
from tests.gateways.slack.sent import SECRET
from tests.homes import new_home
from tests.peers.company import ANSWER, KEYS, settle_in, topic
from tests.peers.emulated import Emulated, emulated
from tests.peers.playground import CHANNEL, Playground, playground
from tests.peers.process import agora, free_port


@dataclass
class Company:
    """One Agora between two platforms."""

    teams: Playground
    slack: Emulated


@pytest.fixture
async def company(database: str, tmp_path: Path) -> AsyncIterator[Company]:
    """Both clients, and a real Agora."""
    base.connect(database, pool=2)
    settle_in()
    ours, theirs = free_port(), free_port()
    async with AsyncExitStack() as stack:
        home = stack.enter_context(new_home())
        slack = await stack.enter_async_context(emulated(tmp_path))
        slack.agora = f"http://127.0.0.1:{ours}"
        settings = {"SLACK_BOT_TOKEN": "xoxb-agora", "SLACK_SIGNING_SECRET": SECRET, "SLACK_API_URL": slack.api,
                    "TEAMS_LOCAL": "1", "COMPANY_DOMAINS": "acme.example"}  # fmt: skip
        await stack.enter_async_context(agora(database, ours, home, **settings))
        teams = await stack.enter_async_context(playground(tmp_path, theirs, ours))
        yield Company(teams, slack)
    base.disconnect()


@pytest.mark.needs("teams playground", "emulate")
@pytest.mark.timeout(240)
async def test_a_question_follows_its_people(company: Company) -> None:
    teams, slack = company.teams, company.slack
    await slack.writes("omar", "help")  # he lives in Slack
    await slack.sees("omar", "How to ask")

    thread = await teams.writes(KEYS, CHANNEL)
    asked = await teams.sees("Ask an expert", thread)
    dialog = await teams.opens("mona", asked, "Ask an expert")
    await teams.submits("mona", dialog, asked, topic=topic())

    offer = await slack.sees("omar", KEYS)
    await slack.presses("omar", offer, "Accept")
    await teams.sees("has your question and answers by", thread)
    await teams.replies("omar", thread, ANSWER)  # the same Omar, in Teams
    answer = await teams.sees(ANSWER, thread)
    mine = await slack.sees("omar", "You answered")  # what he was offered there says so too

    await slack.presses("omar", mine, "Edit")
    await slack.submits("omar", await slack.form("Edit"), text=f"{ANSWER} It takes a minute.")
    answer = await teams.sees("It takes a minute.", thread)
    await teams.presses("mona", answer, "This solved it")
    await teams.sees("has what they needed", thread)
    await slack.sees("omar", "says that this solved it")

    draft = await slack.sees("omar", "A draft waits for you")
    await slack.presses("omar", draft, "Verify")
    await slack.sees("omar", "verified")
    await slack.writes("mona", "How can I rotate the signing keys?")
    await slack.sees("mona", "It takes a minute.")
    assert _accounts() == {"omar": ["slack", "teams"], "mona": ["slack", "teams"]}
    assert slack.failed() == []


def _accounts() -> dict[str, list[str]]:
    """Where each of the two is, as one person."""
    with reading() as session:
        found = select(Person.handle, func.array_agg(Account.platform)).join(Account)
        rows = session.execute(found.where(Person.handle.in_(("omar", "mona"))).group_by(Person.handle))
        return {handle: sorted(platforms) for handle, platforms in rows}
