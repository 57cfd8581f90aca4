"""Webhooks that Agora turns off by itself, and what administrators make of that."""

from __future__ import annotations

from typing import Any

import pytest

from bot.cards import Reply
from bot.hooks import asked
from bot.inbound import Inbound
from models.base import reading
from models.hooks import life, sealing
from models.hooks.tables import Hook
from models.tasks.tables import Task
from tests.asking import leaves
from tests.chat import KEY, Chat
from tests.faked import FakePlatform
from tests.hooked import fresh, made


@pytest.fixture(autouse=True)
def _hooks(chat: Chat) -> None:
    sealing.use_keys([KEY])
    chat.runtime.gateways[life.PLATFORM] = FakePlatform(life.PLATFORM)


def asks_for(chat: Chat, hook: Hook, **about: Any) -> Reply:
    """What comes of it that a program asks for a task."""
    values = asked.Create(title="Fix the door", people=["tom"], **about).model_dump(mode="json")
    values["digest"] = ""
    where = (life.PLATFORM, life.PLATFORM, str(hook.id))
    return chat.happens(Inbound(*where, "form", route=f"hooks.{asked.CREATE}", id=hook.id, values=values))


def test_what_asks_in_the_name_of_somebody_who_left_is_off_until_another_turns_it_on(chat: Chat) -> None:
    mona, noa, tom = (chat.slack("mona", roles=["admin"]), chat.teams("noa", roles=["admin"]), chat.slack("tom"))
    hook, outgoing = made("mona"), made("mona", "https://hooks.example.com/", name="Planner")
    assert asks_for(chat, hook).open
    leaves(chat, mona)
    assert not fresh(hook).active and fresh(outgoing).active
    assert noa.sees("has left, in whose name the webhook \u2068Jira") and not noa.sees("the webhook \u2068Planner")
    assert not tom.sees("webhook") and not asks_for(chat, hook, asker="tom").open
    noa.presses("Open")
    noa.presses("Turn on")
    reply = asks_for(chat, hook)
    assert reply.open is not None
    with reading() as session:
        assert session.get_one(Task, int(reply.open.rpartition("/")[2])).asker_id == noa.person.id
