"""One question on two platforms at once: asked in Teams, taken in Slack, answered in Teams, edited in Slack, accepted
in Teams, verified in Slack; by people who are the same on both. And one announcement to the readers of both."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select, update

from models import base
from models.announcements.tables import Announcement
from models.base import now, reading, transaction
from models.mail import Timer
from models.people import Account, Person
from tests.gateways.slack.sent import SECRET
from tests.homes import new_home
from tests.peers.company import ANSWER, KEYS, settle_in, topic
from tests.peers.emulated import Emulated, emulated
from tests.peers.playground import CHANNEL, GROUP, OWN, Playground, playground
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
    settle_in("mona", "noa")
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


NEWS, ASKED, REPLY = "Lunch is at noon from Monday.", "Is there something without meat?", "Yes, every day."


@pytest.mark.needs("teams playground", "emulate")
@pytest.mark.timeout(240)
async def test_an_announcement_reaches_everybody_where_they_are(company: Company) -> None:
    teams, slack = company.teams, company.slack
    _becomes("mona", roles=["manager"])
    _becomes("noa", prefers="slack")  # she is in Teams, too
    await teams.replies("omar", GROUP, "status")
    await teams.gets("omar", "open questions")
    await slack.writes("noa", "status")
    await slack.sees("noa", "open questions")

    await teams.writes(f"/announce {NEWS}")
    draft = await teams.sees("Your draft. Nobody else has it yet.", OWN)
    dialog = await teams.opens("mona", draft, "Edit")
    await teams.submits("mona", dialog, draft, title="Lunch", text=NEWS, audience="department:IT and not @mona")
    draft = await teams.sees("(2 people)", OWN)
    await teams.presses("mona", draft, "Send")
    await teams.sees("half a minute to undo", OWN)
    _half_a_minute_passes()

    his = await teams.gets("omar", NEWS)
    await teams.presses("omar", his, "Got it")
    his = await teams.gets("omar", "You have confirmed this.")
    hers = await slack.sees("noa", NEWS)
    await slack.presses("noa", hers, "I have a question")
    await slack.submits("noa", await slack.form("Ask"), text=ASKED)
    await slack.sees("noa", "who announced it, has your question")

    dialog = await teams.opens("omar", his, "I have a question")
    await teams.submits("omar", dialog, his, text=ASKED)  # the same
    await teams.gets("omar", "who announced it, has your question")

    desk = await teams.sees("2 people asked", OWN)
    dialog = await teams.opens("mona", desk, "Answer")
    await teams.submits("mona", dialog, desk, text=REPLY, title=ASKED, readers="all")
    await slack.sees("noa", REPLY)
    await teams.gets("omar", REPLY)

    desk = await teams.sees("1 of 2 (50 %)", OWN)
    await teams.presses("mona", desk, "Take back")
    assert (await teams.gets("omar", "taken back")).id == his.id
    assert (await slack.sees("noa", "taken back")).ts == hers.ts
    assert slack.failed() == []


def _becomes(handle: str, **values: Any) -> None:
    """What the company's list says of somebody, or they said themselves."""
    with transaction() as session:
        session.execute(update(Person).where(Person.handle == handle).values(values))


def _half_a_minute_passes() -> None:
    """What could be undone until now goes out."""
    with transaction() as session:
        announcement = session.scalars(select(Announcement)).one()
        announcement.send_at = now()
        schedule = f"announcement:{announcement.id}"
        session.scalars(select(Timer).where(Timer.schedule == schedule)).one().due_at = now()


def _accounts() -> dict[str, list[str]]:
    """Where each of the two is, as one person."""
    with reading() as session:
        found = select(Person.handle, func.array_agg(Account.platform)).join(Account)
        rows = session.execute(found.where(Person.handle.in_(("omar", "mona"))).group_by(Person.handle))
        return {handle: sorted(platforms) for handle, platforms in rows}
