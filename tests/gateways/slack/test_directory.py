"""Who and what there is in Slack: asked when it is needed, kept by events, and nobody is shown what is not for them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from bot.inbound import Inbound
from bot.slack.directory import schedule
from models.base import now, reading, transaction
from models.decisions import knowledge, life
from models.decisions.tables import Decision
from models.knowledge import Entry, Passage
from models.mail import Inbox
from models.people import Account, Person
from models.places import CHANNEL, GROUP, PRIVATE, Place
from models.questions import Question
from models.tasks import life as tasks
from models.tasks.tables import Task
from tests.slack_here import Here, facts, inside, person, place, waiting
from tests.slack_workspace import BOT, TEAM

MONDAY = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)


def test_somebody_writes_for_the_first_time_and_is_answered(here: Here) -> None:
    here.workspace.person("U1", "Noa Barak", locale="he-IL", tz="Asia/Jerusalem", profile={"title": "Buyer"})
    here.chat.knows("Resetting the VPN", "Choose Reset profile.")
    here.says("U1", "How do I reset the VPN?")
    noa = person("U1")
    assert (noa.name, noa.kind, noa.locale, noa.timezone, noa.title) == (
        "Noa Barak", "employee", "he", "Asia/Jerusalem", "Buyer")  # fmt: skip
    assert noa.email == "noa@acme.example"
    assert place("U1").kind == PRIVATE
    assert here.sees("U1", "Reset profile")
    before = here.workspace.calls.total()
    here.says("U1", "And the printer?")
    assert here.workspace.calls.total() == before


def test_people_known_from_a_list_are_the_same(here: Here) -> None:
    with transaction() as session:
        session.add(Person(handle="noa", name="Noa", email="noa@acme.example", department="HR"))
    here.workspace.person("U1", "Noa Barak")
    here.says("U1", "help")
    assert person("U1").department == "HR"


@pytest.mark.parametrize(
    ("about", "kind"),
    [
        ({}, "employee"),
        ({"is_restricted": True}, "guest"),
        ({"is_restricted": True, "is_ultra_restricted": True}, "guest"),
        ({"team_id": "T9", "is_stranger": True}, "outsider"),
        ({"team_id": "T9"}, "outsider"),
        ({"team_id": "T9", "enterprise_user": {"enterprise_id": "E1"}}, "employee"),
        ({"team_id": "E1"}, "employee"),
    ],
)
def test_what_somebody_is(here: Here, about: dict[str, Any], kind: str) -> None:
    here.workspace.enterprise = "E1"
    here.workspace.teams["T9"] = "Globex"
    here.workspace.person("U1", "Noa Barak", **about)
    here.says("U1", "help")
    found = person("U1")
    assert (found.kind, found.organisation) == (kind, "Globex" if kind == "outsider" else None)
    assert (found.email is None) == (kind != "employee")


def test_programs_are_nobody(here: Here) -> None:
    here.workspace.person("U2", "Zap Bot", is_bot=True)
    here.says("U2", "help")
    here.says("UGONE", "help")
    with reading() as session:
        assert session.scalars(select(Account)).all() == []
    assert not here.platform.shown


def test_a_channel_is_asked_about_once_when_somebody_speaks_to_agora_there(here: Here) -> None:
    for number in range(3):
        here.workspace.person(f"U{number}", f"Colleague{number} Smith")
    here.workspace.channel("C1", "general", "U0", "U1", "U2", purpose={"value": "For all"})
    here.chat.knows("Resetting the VPN", "Choose Reset profile.")
    here.says("U0", "How do I reset the VPN?", "C1")
    found = place("C1")
    assert (found.kind, found.name, found.closed, found.purpose) == (CHANNEL, "general", False, "For all")
    assert found.members_known and len(inside("C1")) == 3
    assert here.sees("C1", "Reset profile")
    assert here.workspace.calls["conversations.members"] == 1
    before = here.workspace.calls.total()
    here.says("U2", "How do I reset the VPN?", "C1")
    assert here.workspace.calls.total() == before


def test_in_a_private_channel_only_what_all_its_members_may_read_is_shown(here: Here) -> None:
    here.workspace.person("U1", "Noa Barak")
    here.workspace.person("U2", "Gino Ferro", is_restricted=True)
    here.workspace.channel("C1", "secret", "U1", "U2", is_private=True)
    here.chat.knows("Resetting the VPN", "Choose Reset profile.")
    here.says("U1", "How do I reset the VPN?", "C1")
    assert place("C1").closed and inside("C1") == {"Noa Barak", "Gino Ferro"}
    assert not here.sees("C1", "Reset profile")
    assert any("Reset profile" in shown.text and shown.only_for == "U1" for shown in here.platform.shown.values())


def test_what_was_asked_in_a_group_message_is_not_found_elsewhere(here: Here) -> None:
    for user, name in (("U1", "Noa Barak"), ("U2", "Omar Khatib"), ("U3", "Mona Ahlberg")):
        here.workspace.person(user, name)
    here.workspace.channel("G1", "mpdm-noa--omar-1", "U1", "U2", is_channel=False, is_mpim=True, is_private=True)
    here.workspace.channel("C1", "general", "U1", "U2", "U3")
    here.says("U1", "Who leads the merger with Globex?", "G1")
    assert place("G1").kind == GROUP and place("G1").closed
    values = {"text": "Mona does.", "private": ""}
    here.chat.happens(Inbound("slack", TEAM, "G1", "form", actor="U2", route="answers.write", id=1, values=values))
    assert here.sees("G1", "Mona does.")
    here.says("U3", "Who leads the merger with Globex?", "C1")
    here.says("U3", "Who leads the merger with Globex?")
    assert not any("asked this before" in shown.text for shown in here.platform.shown.values())
    here.says("U2", "Who leads the merger with Globex?", "G1")
    assert here.sees("G1", "asked this before")


def test_a_large_channel_is_filled_by_a_job_and_shows_little_until_then(here: Here) -> None:
    ids = [f"U{number}" for number in range(1000, 3000)]
    for id in ids:
        here.workspace.person(id, f"Colleague{id} Smith", is_restricted=id == "U2999")
    here.workspace.channel("C1", "general", *ids)
    here.chat.knows("Resetting the VPN", "Choose Reset profile.")
    here.says("U1000", "How do I reset the VPN?", "C1")
    assert not place("C1").members_known and waiting() == 1
    assert not here.sees("C1", "Reset profile")
    assert here.workspace.calls.total() < 10
    here.works()
    assert place("C1").members_known and len(inside("C1")) == 2000
    assert here.workspace.calls.total() < 20, here.workspace.calls
    here.says("U1001", "How do I reset the VPN?", "C1")
    assert not here.sees("C1", "Reset profile")  # one of the two thousand is a guest


def test_what_agora_cannot_see_is_taken_as_closed(here: Here) -> None:
    here.workspace.person("U1", "Noa Barak")
    here.chat.knows("Resetting the VPN", "Choose Reset profile.")
    here.chat.happens(Inbound("slack", TEAM, "C404", "command", actor="U1", text="VPN", route="find"))
    assert place("C404").closed and not place("C404").members_known
    assert inside("C404") == {"Noa Barak"}


def test_slack_asks_to_wait_and_the_question_is_not_lost(here: Here) -> None:
    here.workspace.person("U1", "Noa Barak")
    here.workspace.fails = [
        (429, {"Retry-After": "1"}, {"ok": False, "error": "ratelimited"}),
        (503, {}, {}),
        (200, {}, {"ok": False, "error": "fatal_error"}),
    ]
    here.says("U1", "help")
    for seconds in (1, 4, 20):
        here.chat.passes(seconds=seconds)
    assert here.sees("U1", "How to ask")


def test_who_comes_and_goes(here: Here) -> None:
    for user, name in (("U1", "Noa Barak"), ("U2", "Omar Khatib")):
        here.workspace.person(user, name)
    here.workspace.channel("C1", "talk", "U1", is_private=True)
    here.says("U1", "help", "C1")
    here.says("U2", "help")
    here.hears("member_joined_channel", user="U2", channel="C1")
    assert inside("C1") == {"Noa Barak", "Omar Khatib"} and place("C1").members_known
    here.hears("member_left_channel", user="U1", channel="C1")
    assert inside("C1") == {"Omar Khatib"}
    here.hears("member_joined_channel", user="U2", channel="CUNKNOWN")


def test_a_stranger_comes_and_everything_waits_until_it_is_known_what_they_are(here: Here) -> None:
    here.workspace.person("U1", "Noa Barak")
    here.workspace.channel("C1", "talk", "U1")
    here.chat.knows("Resetting the VPN", "Choose Reset profile.")
    here.says("U1", "help", "C1")
    here.workspace.teams["T9"] = "Globex"
    here.workspace.person("U9", "Hank Scorpio", team_id="T9", is_stranger=True)
    here.workspace.members["C1"].append("U9")
    here.hears("member_joined_channel", user="U9", channel="C1")
    here.hears("member_joined_channel", user="U9", channel="C1")
    assert not place("C1").members_known and waiting() == 1
    here.says("U1", "How do I reset the VPN?", "C1")
    assert not here.sees("C1", "Reset profile")
    here.works()
    assert person("U9").kind == "outsider" and place("C1").members_known
    here.says("U1", "How do I reset the VPN?", "C1")
    assert not here.sees("C1", "Reset profile")
    here.hears("member_left_channel", user="U9", channel="C1")
    here.says("U1", "How do I reset the VPN?", "C1")
    assert here.sees("C1", "Reset profile")


def known_of(channel: str) -> tuple[int, int]:
    """What was decided, and what was agreed on, in an open channel."""
    with transaction() as session:
        here, noa = session.get_one(Place, place(channel).id), session.get_one(Person, person("U1").id)
        wanted = life.Wanted("Who leads?", ("Noa", "Omar"), "en", now() + timedelta(days=1))
        decision = life.begin(session, noa, wanted, here)
        life.choose(session, decision, 1)
        knowledge.publish(session, decision, "Who leads? Noa", "We decided: Noa")
        task = tasks.make(session, noa, title="Tell Globex", people=[noa], place=here)
        assert {*decision.audience} == {*task.audience} == {"everyone", f"place:{here.id}"}
        return decision.id, task.id


def test_a_public_channel_becomes_private_and_what_was_asked_in_it_too(here: Here) -> None:
    for user, name in (("U1", "Noa Barak"), ("U2", "Omar Khatib")):
        here.workspace.person(user, name)
    here.workspace.channel("C1", "talk", "U1")
    here.says("U1", "Who leads the merger with Globex?", "C1")
    decided, agreed = known_of("C1")
    here.hears("message", subtype="channel_convert_to_private", channel="C1")
    here.workspace.channels["C1"]["is_private"] = True
    assert place("C1").closed and not place("C1").members_known
    with reading() as session:
        only = [f"place:{place('C1').id}"]
        assert session.scalars(select(Question)).one().audience == only
        decision = session.get_one(Decision, decided)
        assert decision.audience == only and session.get_one(Task, agreed).audience == only
        assert session.get_one(Entry, decision.entry_id).audience == only
        assert session.scalars(select(Passage.audience).where(Passage.entry_id == decision.entry_id)).all() == [only]
    here.works()
    assert place("C1").members_known
    here.says("U2", "Who leads the merger with Globex?")
    assert not any("asked this before" in shown.text for shown in here.platform.shown.values())


def test_agora_is_removed_from_a_private_channel_and_comes_back(here: Here) -> None:
    here.workspace.person("U1", "Noa Barak")
    here.workspace.channel("C1", "talk", "U1", is_private=True)
    here.says("U1", "help", "C1")
    here.hears("member_left_channel", user=BOT, channel="C1")
    assert inside("C1") == set() and not place("C1").members_known
    here.chat.happens(Inbound("slack", TEAM, "C1", "joined", actor="U1"))
    here.works()
    assert inside("C1") == {"Noa Barak"} and place("C1").members_known


def test_a_job_that_may_not_look_any_more_forgets_who_was_there(here: Here) -> None:
    here.workspace.person("U1", "Noa Barak")
    here.workspace.channel("C1", "talk", "U1", is_private=True)
    here.says("U1", "help", "C1")
    here.workspace.denied["conversations.members"] = "not_in_channel"
    here.hears("channel_shared", channel="C1")
    here.works()
    assert inside("C1") == set() and not place("C1").members_known


def test_a_channel_is_renamed_archived_and_deleted(here: Here) -> None:
    here.workspace.person("U1", "Noa Barak")
    here.workspace.channel("C1", "talk", "U1")
    here.says("U1", "help", "C1")
    here.hears("channel_rename", channel={"id": "C1", "name": "chatter"})
    assert place("C1").name == "chatter"
    here.hears("channel_archive", channel="C1")
    here.hears("channel_unarchive", channel="C1")
    assert (len(facts("place.archived")), len(facts("place.unarchived"))) == (1, 1)
    here.hears("channel_id_changed", old_channel_id="C1", new_channel_id="C7")
    here.hears("channel_deleted", channel="C7")
    assert inside("C7") == set() and len(facts("place.left")) == 1


def test_every_night_is_asked_again_who_is_where(here: Here) -> None:
    here.chat.at(datetime(2026, 11, 23, 8, tzinfo=UTC))
    for user, name in (("U1", "Noa Barak"), ("U2", "Omar Khatib")):
        here.workspace.person(user, name)
    here.workspace.channel("C1", "talk", "U1", "U2", is_private=True)
    here.says("U1", "help", "C1")
    schedule()
    schedule()
    here.workspace.members["C1"].remove("U2")  # while Agora could not be reached
    for _ in range(2):
        here.chat.passes(hours=24)
        assert place("C1").members_known and waiting() == 1
        here.works()
        assert inside("C1") == {"Noa Barak"}


def test_addresses_that_take_changes_no_more_are_forgotten_by_night(here: Here) -> None:
    pressed = {"lane": 1, "platform": "slack", "installation": TEAM, "conversation": "C1", "kind": "button",
               "state": "done", "correlation": "x"}  # fmt: skip
    schedule()
    with transaction() as session:
        for key, age in (("old", 31), ("new", -25 * 60)):
            payload = {"response_url": "https://hooks.slack.example/x", "user": "U1"}
            moment = now() - timedelta(minutes=age)
            session.add(Inbox(key=key, payload=payload, received_at=moment, **pressed))
    here.chat.passes(hours=24)
    with reading() as session:
        kept = {row.key: row.payload for row in session.scalars(select(Inbox).where(Inbox.kind == "button"))}
    assert kept["old"] == {"user": "U1"} and kept["new"] is not None and "response_url" in kept["new"]
