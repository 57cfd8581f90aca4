"""A home that is looked at changes with what happens, and others are left alone."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from bot.homes import MOST, Refresher
from models import homes
from models.base import now, reading, transaction
from models.homes import HomeView
from tests.chat import Chat, Someone


def opens_home(someone: Someone) -> None:
    someone.chat.happens(someone.inbound("home"))


def home(someone: Someone) -> str | None:
    """What their home shows."""
    return someone.chat.platforms[someone.platform].homes.get(someone.handle)


@pytest.fixture
def refresher(chat: Chat) -> Refresher:
    return Refresher(chat.runtime.router, "slack")


def looked_at() -> int:
    with reading() as session:
        return len(session.scalars(select(HomeView)).all())


def test_what_happens_is_on_the_home_that_is_looked_at(chat: Chat, refresher: Refresher) -> None:
    mona, omar = chat.slack("mona"), chat.slack("omar")
    chat.topic("it", omar)
    opens_home(mona)
    assert "no open question" in str(home(mona))
    assert refresher.refresh() == 0
    mona.says("Who repairs the espresso machine?")
    assert refresher.refresh() == 1
    chat.work()
    assert "espresso" in str(home(mona)) and home(omar) is None
    assert refresher.refresh() == 0
    assert refresher.refresh() == 0


def test_what_does_not_show_is_not_shown_again(chat: Chat, refresher: Refresher) -> None:
    mona, omar = chat.slack("mona"), chat.slack("omar")
    chat.channel("all", mona, omar)
    opens_home(mona)
    omar.says("Who repairs the espresso machine?", in_="all")
    assert refresher.refresh() == 0


def test_two_processes_do_not_do_it_twice(chat: Chat, refresher: Refresher) -> None:
    mona = chat.slack("mona")
    opens_home(mona)
    mona.says("Who repairs the espresso machine?")
    assert [refresher.refresh(), Refresher(chat.runtime.router, "slack").refresh()] == [1, 0]
    assert Refresher(chat.runtime.router, "teams").refresh() == 0


def test_after_a_while_nobody_looks_any_more(chat: Chat, refresher: Refresher) -> None:
    mona = chat.slack("mona")
    opens_home(mona)
    moment = now() + homes.RECENT * 1.1
    chat.at(moment)
    mona.says("Who repairs the espresso machine?")
    assert refresher.refresh() == 0
    with transaction() as session:
        homes.purge(session)
    assert looked_at() == 0


def test_who_left_sees_nothing_new(chat: Chat, refresher: Refresher) -> None:
    mona, root = chat.slack("mona"), chat.slack("root", roles=["admin"])
    opens_home(mona)
    mona.says("Who repairs the espresso machine?")
    root.uses("admin.people")
    root.submits(who="mona")
    root.submits(kind="employee", active="no", quota="3")
    assert refresher.refresh() == 0


def test_one_round_has_an_end(chat: Chat, refresher: Refresher) -> None:
    people = [chat.slack(f"p{number}") for number in range(MOST + 2)]
    for someone in people:
        opens_home(someone)
    assert looked_at() == MOST + 2
    with transaction() as session:
        for view in session.scalars(select(HomeView)):
            view.digest = b"old"
    people[0].says("Who repairs the espresso machine?")
    assert refresher.refresh() == MOST
