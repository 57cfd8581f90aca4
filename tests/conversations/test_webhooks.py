"""Administrators connect programs, and programs are told what whoever holds what they hold may see."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import fastjsonschema
import orjson
import pytest
from sqlalchemy import Text, cast, select

from bot.browsing import Address
from bot.cards import Fields
from bot.cards import Text as Paragraph
from bot.hooks import asked, signing
from bot.hooks.gateway import TURNED_OFF
from bot.inbound import SYSTEM, Inbound
from bot.texts import Reader, say
from handlers.hooks import page
from models import base
from models.base import Refusal, now, reading, transaction
from models.facts import Fact
from models.hooks import life, sealing, telling
from models.hooks.tables import EMAILS, NAMES, NOBODY, Hook
from models.mail import FAILED, Inbox, Outbox, lane_of
from models.people import Person
from models.places import Place
from tests.chat import KEY, Chat, Someone
from tests.tasked import asks

SCHEMA = fastjsonschema.compile(orjson.loads((Path(__file__).parents[2] / "docs/webhooks.schema.json").read_bytes()))
URL = "https://hooks.example.com/catch/a-secret-path"


@pytest.fixture(autouse=True)
def _keys() -> None:
    sealing.use_keys([KEY])


def connects(admin: Someone, **values: Any) -> Hook:
    """A program is connected: told at ``url`` unless it is none."""
    outgoing = {"url": URL, "events": "both", "people": NAMES} if values.get("url", URL) else {}
    admin.commands("webhooks")
    admin.presses("Tell a program" if outgoing else "Let a program bring in tasks")
    admin.submits(**{"name": "Jira", "audience": "everyone", **outgoing, **values})
    with reading() as session:
        return session.scalars(select(Hook).order_by(Hook.id.desc()).limit(1)).one()


def told(hook: Hook) -> list[dict[str, Any]]:
    """What it is told, as it is delivered, oldest first: each as it should look."""
    with reading() as session:
        rows = session.scalars(select(Outbox).where(Outbox.platform == "hook", Outbox.conversation == str(hook.id))
                               .order_by(Outbox.id)).all()  # fmt: skip
    found = []
    for row in rows:
        message = dict((row.payload or {})["data"])
        link = (row.payload or {})["link"]
        found.append(SCHEMA({**message, "data": {**message["data"], **({"url": link} if link else {})}}))
    return found


def the_page(hook: Hook, admin: Someone) -> str:
    """Its page, as text."""
    with reading() as session:
        shown = page.page(session, session.get_one(Person, admin.person.id), hook.id)
    return "\n".join(_said(part) for part in shown.elements)


def _said(part: Any) -> str:
    if isinstance(part, Paragraph):
        return say(part.words, Reader())
    if isinstance(part, Fields):
        return "\n".join(f"{say(name, Reader())}: {say(value, Reader())}" for name, value in part.pairs)
    if isinstance(part, Address):
        return part.path
    return "\n".join(str(value) for value in getattr(part, "rows", ()))


def test_only_administrators_connect_programs(chat: Chat) -> None:
    tom = chat.slack("tom")
    tom.commands("webhooks")
    assert tom.sees("Only administrators") and not tom.sees("Webhooks")
    for route in ("hooks.add_outgoing", "hooks.add_incoming", "hooks.show", "hooks.renew", "hooks.turn_off"):
        reply = tom.uses(route, 1)
        assert reply.form is None and reply.notice
    values = {"name": "x", "url": URL, "events": "both", "audience": "everyone", "people": NAMES}
    chat.happens(tom.inbound("form", route="hooks.outgoing", values=values))
    with reading() as session:
        assert session.scalars(select(Hook)).all() == []


def test_the_secret_and_the_address_are_shown_on_the_page_alone(chat: Chat) -> None:
    mona = chat.slack("mona", roles=["admin"])
    hook = connects(mona)
    with reading() as session:
        secret = signing.shown(life.keys(session.get_one(Hook, hook.id))[0])
    assert mona.sees("hooks.example.com") and not mona.sees("a-secret-path")
    assert secret in the_page(hook, mona) and URL in the_page(hook, mona)
    moment = now() + life.SHOWN_FOR
    base.set_clock(lambda: moment)
    assert secret not in the_page(hook, mona) and "not shown any more" in the_page(hook, mona)
    with reading() as session:
        kept = (Outbox.payload, Inbox.reply, Fact.data)
        assert not any(
            session.scalar(select(column).where(cast(column, Text).contains(each)).limit(1))
            for column in kept for each in (secret, "a-secret-path")
        )  # fmt: skip
    assert secret.removeprefix("whsec_").encode() not in hook.secret


def test_a_new_secret_is_shown_and_the_former_is_good_for_a_day(chat: Chat) -> None:
    mona = chat.teams("mona", roles=["admin"])
    hook = connects(mona, url="")
    later = now() + life.SHOWN_FOR
    chat.at(later)
    assert "whsec_" not in the_page(hook, mona) and f"/hooks/{hook.key}" in the_page(hook, mona)
    mona.presses("New secret")
    with reading() as session:
        keys = life.keys(session.get_one(Hook, hook.id))
    assert len(keys) == 2 and signing.shown(keys[0]) in the_page(hook, mona)


WRONG = [
    ("url", "http://example.com/x"), ("url", "https://127.0.0.1/x"), ("url", "https://localhost/x"), ("url", "nothing"),
    ("url", "https://user:word@example.com/"), ("url", "https://[::ffff:10.0.0.1]/"), ("url", "https://2130706433/"),
    ("url", "https://printer/"), ("url", "https://metadata.google.internal/"), ("name", " "), ("name", "x" * 81),
    ("events", "all"), ("audience", "person:1"), ("audience", "role:admin"), ("people", "all"),
]  # fmt: skip


def test_what_cannot_be_is_said_beside_the_field(chat: Chat) -> None:
    mona = chat.slack("mona", roles=["admin"])
    right = {"name": "Jira", "url": URL, "events": "both", "audience": "everyone", "people": NAMES}
    mona.uses("hooks.add_outgoing")
    for field, value in WRONG:
        assert list(mona.submits(**{**right, field: value}).errors) == [field], value
    assert not mona.submits(**right).errors


def test_a_program_is_told_what_its_audience_may_see(chat: Chat) -> None:
    mona, tom = chat.slack("mona", roles=["admin"]), chat.slack("tom", email="tom@example.com")
    chat.channel("general", mona, tom)
    chat.channel("board", mona, tom, closed=True)
    hook = connects(mona)
    asks(chat, mona, tom, title="Fix the door", in_="general")
    asks(chat, mona, tom, title="Choose a bank", in_="board")
    asks(chat, mona, tom, title="Buy a present", in_="general", private=True)
    asks(chat, mona, tom, title="Call me")
    (one,) = told(hook)
    assert one["type"] == "task.made" and one["data"]["task"]["title"] == "Fix the door"
    assert one["data"]["task"]["assignees"] == [{"person": {"id": tom.person.id, "name": "Tom"}, "state": "asked"}]
    assert one["data"]["by"] == {"id": mona.person.id, "name": "Mona"}
    tom.uses("tasks.accept", one["data"]["task"]["id"])
    tom.uses("tasks.done", one["data"]["task"]["id"])
    assert [each["type"] for each in told(hook)] == ["task.made", "task.accepted", "task.finished", "task.done"]
    assert told(hook)[-1]["data"]["task"]["state"] == "done"


def test_a_program_is_told_what_was_decided_and_why(chat: Chat) -> None:
    mona, tom = chat.slack("mona", roles=["admin"]), chat.slack("tom")
    chat.channel("move", mona, tom)
    hook = connects(mona, events="decisions")
    mona.commands("decide", in_="move")
    mona.agrees(title="Which floor do we take?", options="The third\nThe fifth", until="in 3 days")
    for someone in (mona, tom):
        someone.presses("Have your say")
        someone.submits(choice="2", reason="It has windows.")
    mona.presses("Close it now")
    mona.presses("Say why")
    mona.submits(reasons="Both want it.")
    decided, why = (message["data"]["decision"] for message in told(hook))
    assert (decided["chosen"], decided["reasons"], why["reasons"]) == ("The fifth", "", "Both want it.")
    assert "windows" not in str(told(hook))


def test_of_people_it_is_told_what_was_chosen(chat: Chat) -> None:
    mona, tom = chat.slack("mona", roles=["admin"]), chat.slack("tom", email="tom@example.com")
    chat.channel("general", mona, tom)
    hooks = [connects(mona, people=people, name=people) for people in (NOBODY, NAMES, EMAILS)]
    asks(chat, mona, tom, in_="general")
    assert [told(hook)[0]["data"]["task"]["assignees"][0]["person"] for hook in hooks] == [
        {"id": tom.person.id},
        {"id": tom.person.id, "name": "Tom"},
        {"id": tom.person.id, "name": "Tom", "email": "tom@example.com"},
    ]


def test_how_a_try_went_is_shown(chat: Chat) -> None:
    mona = chat.slack("mona", roles=["admin"])
    hook = connects(mona)
    mona.presses("Try it")
    assert mona.sees("Not used yet.") and told(hook)[0]["data"]["by"] == {"id": mona.person.id, "name": "Mona"}
    with transaction() as session:
        telling.failed(session, session.get_one(Hook, hook.id), "302")
    chat.passes(seconds=5)
    assert mona.sees("redirects are not followed")


def test_what_is_off_is_told_nothing(chat: Chat) -> None:
    mona, tom = chat.slack("mona", roles=["admin"]), chat.slack("tom")
    chat.channel("general", mona, tom)
    hook = connects(mona)
    mona.presses("Try it")
    mona.presses("Turn off")
    assert mona.sees("Turned off.")
    asks(chat, mona, tom, in_="general")
    assert [each["type"] for each in told(hook)] == ["webhook.test"]
    with reading() as session:
        assert session.scalars(select(Outbox.state).where(Outbox.platform == "hook")).all() == ["dropped"]
    mona.presses("Turn on")
    asks(chat, mona, tom, in_="general")
    assert [each["type"] for each in told(hook)] == ["webhook.test", "task.made"]


def test_it_is_changed_and_removed(chat: Chat) -> None:
    mona = chat.slack("mona", roles=["admin"])
    hook = connects(mona)
    mona.presses("Change")
    mona.submits(name="Planner", url="https://other.example.com/", events="decisions", audience="everyone",
                 people=NOBODY)  # fmt: skip
    assert mona.sees("other.example.com") and mona.sees("Planner") and not mona.sees("hooks.example.com: ")
    mona.presses("Turn off")
    mona.presses("Remove")
    assert mona.sees("was removed")
    with reading() as session:
        assert session.get(Hook, hook.id) is None
        verbs = session.scalars(select(Fact.verb).where(Fact.entity == "hook").order_by(Fact.id)).all()
    assert verbs == ["hook.made", "hook.changed", "hook.turned_off", "hook.removed"]


def test_nobody_sends_elsewhere_what_they_do_not_hold(chat: Chat) -> None:
    mona, omar = (chat.slack(name, roles=["admin"]) for name in ("mona", "omar"))
    chat.channel("board", mona, closed=True)
    with reading() as session:
        board = session.scalars(select(Place).where(Place.name == "board")).one().id
    hook = connects(mona, audience=f"place:{board}")
    omar.uses("hooks.change", hook.id)
    asked = {"name": "Mine", "events": "both", "people": NAMES, "audience": f"place:{board}"}
    omar.submits(**asked, url="https://omar.example.com/")
    with reading() as session:
        assert session.get_one(Hook, hook.id).url == URL
    omar.uses("hooks.change", hook.id)
    omar.submits(**asked, url=URL)
    with reading() as session:
        assert session.get_one(Hook, hook.id).name == "Mine"


def test_all_of_them_fit_into_one_message(chat: Chat) -> None:
    mona = chat.slack("mona", roles=["admin"])
    with transaction() as session:
        admin = session.get_one(Person, mona.person.id)
        for number in range(life.MOST):
            name = "W" * (life.NAME - 3) + f" {number:02}"
            life.make(session, admin, name=name, audience="everyone", url=URL, events=("task.made",))
    mona.commands("webhooks")
    assert mona.screen().count("is told at") == life.MOST
    mona.presses("Tell a program")
    reply = mona.submits(name="One more", url=URL, events="both", audience="everyone", people=NAMES)
    assert f"{life.MOST}" in say(next(iter(reply.errors.values())), Reader())


def test_administrators_hear_that_a_program_takes_nothing(chat: Chat) -> None:
    mona, noa, tom = (chat.slack("mona", roles=["admin"]), chat.teams("noa", roles=["admin"]), chat.slack("tom"))
    hook = connects(mona)
    with transaction() as session:
        found = session.get_one(Hook, hook.id)
        found.last_error, found.failed_at = "410", now()
        life.turn_off(session, found)
    chat.happens(Inbound(SYSTEM, SYSTEM, f"hook:{hook.id}", "result", route=TURNED_OFF, id=hook.id))
    for admin in (mona, noa):
        assert admin.sees("I turned the webhook") and admin.sees("It answered")
    assert not tom.sees("webhook")


def test_the_page_says_what_was_not_taken(chat: Chat) -> None:
    mona = chat.slack("mona", roles=["admin"])
    hook = connects(mona)
    about = {"platform": "hook", "installation": "hook", "conversation": str(hook.id), "operation": "post"}
    with transaction() as session:
        session.add(Outbox(lane=lane_of("hook", "hook", str(hook.id)), **about, payload={"data": {}}, correlation="c",
                           state=FAILED, error="the webhook answered 422"))  # fmt: skip
    assert "the webhook answered 422" in the_page(hook, mona)
    tom = chat.slack("tom")
    with pytest.raises(Refusal):
        the_page(hook, tom)


def test_people_cannot_ask_as_a_program(chat: Chat) -> None:
    mona, tom = chat.slack("mona", roles=["admin"]), chat.slack("tom")
    hook = connects(mona, url="")
    values = asked.Create(title="x", people=["tom"]).model_dump(mode="json")
    reply = chat.happens(tom.inbound("form", route=f"hooks.{asked.CREATE}", id=hook.id, values=values))
    assert reply.open is None and reply.errors and not tom.sees("asks you")
