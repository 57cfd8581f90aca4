"""Who and what there is in Slack: asked when it is needed, kept by events, and nobody is shown what is not for them."""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from bot import jobs
from bot.inbound import Inbound
from bot.slack.clients import Clients
from bot.slack.directory import Directory
from bot.slack.people import away_until, quiet_until
from bot.turn import Turn
from models import access, base, joining
from models.base import reading, transaction
from models.company import Audience, audience_members
from models.experts import absences_of, set_away
from models.facts import Fact
from models.mail import NEW, Job
from models.people import Account, Person
from models.places import CHANNEL, GROUP, PRIVATE, Place, members
from models.questions import Question
from tests.chat import Chat
from tests.faked import FakePlatform
from tests.slack_workspace import BOT, TEAM, Workspace, serving

MONDAY = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)


class OneToken:
    """Keeps one token."""

    def token(self, installation: str) -> str:
        return "xoxb-test"


class Slack(FakePlatform):
    """A platform whose directory is Slack's."""

    def __init__(self, directory: Directory) -> None:
        super().__init__("slack")
        self.directory = directory

    def introduce(self, inbound: Inbound) -> bool:
        return self.directory.introduce(inbound)

    def absorb(self, turn: Turn) -> None:
        self.directory.absorb(turn)


class Here:
    """Agora in a workspace."""

    def __init__(self, chat: Chat, workspace: Workspace) -> None:
        self.chat, self.workspace = chat, workspace
        router = chat.runtime.router
        directory = Directory(Clients(OneToken(), workspace.url), router)  # type: ignore[arg-type]
        self.platform = Slack(directory)
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


@pytest.fixture
def here(database: str) -> Iterator[Here]:
    base.connect(database, pool=4)
    joining.use_domains(["acme.example"])
    with serving(Workspace()) as workspace:
        yield Here(Chat(), workspace)
    joining.use_domains([])
    base.set_clock(None)
    base.disconnect()


def person(user: str) -> Person:
    with reading() as session:
        found = joining.find_account(session, "slack", TEAM, user)
        assert found is not None
        return session.get_one(Person, found.person_id)


def place(key: str) -> Place:
    with reading() as session:
        return session.scalars(select(Place).where(Place.key == key)).one()


def inside(key: str) -> set[str]:
    with reading() as session:
        return {person.name for person in members(session, place(key))}


def facts(verb: str) -> list[dict[str, Any]]:
    with reading() as session:
        return [fact.data for fact in session.scalars(select(Fact).where(Fact.verb == verb).order_by(Fact.id))]


def waiting() -> int:
    with reading() as session:
        return len(session.scalars(select(Job).where(Job.state == NEW, Job.kind == "slack.members")).all())


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


def test_a_public_channel_becomes_private_and_what_was_asked_in_it_too(here: Here) -> None:
    for user, name in (("U1", "Noa Barak"), ("U2", "Omar Khatib")):
        here.workspace.person(user, name)
    here.workspace.channel("C1", "talk", "U1")
    here.says("U1", "Who leads the merger with Globex?", "C1")
    here.hears("message", subtype="channel_convert_to_private", channel="C1")
    here.workspace.channels["C1"]["is_private"] = True
    assert place("C1").closed and not place("C1").members_known
    with reading() as session:
        assert session.scalars(select(Question)).one().audience == [f"place:{place('C1').id}"]
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


def test_a_profile_changes_but_not_what_a_person_chose_here(here: Here) -> None:
    here.workspace.person("U1", "Noa Barak", locale="he-IL", profile={"title": "Buyer"})
    here.says("U1", "help")
    with transaction() as session:
        session.get_one(Person, person("U1").id).locale = "it"
    here.changes("U1", locale="ar-SA", is_restricted=True, profile={"real_name": "Noa Levi", "title": "Chief"})
    noa = person("U1")
    assert (noa.name, noa.title, noa.locale, noa.kind) == ("Noa Levi", "Chief", "it", "guest")
    here.hears("user_change", user={**here.workspace.users["U1"], "id": "UNKNOWN"})


def test_somebody_is_deactivated_and_comes_back(here: Here) -> None:
    for user, name in (("U1", "Noa Barak"), ("U2", "Omar Khatib")):
        here.workspace.person(user, name)
        here.says(user, "help")
    for _ in range(2):
        here.changes("U1", deleted=True)
    assert not person("U1").active and len(facts("person.left")) == 1
    with reading() as session:
        assert access.keys_of(session, session.get_one(Person, person("U1").id)) == []
    here.changes("U1", deleted=False)
    assert person("U1").active and len(facts("person.returned")) == 1


def test_who_has_an_account_elsewhere_has_not_left(here: Here) -> None:
    here.workspace.person("U1", "Noa Barak")
    here.says("U1", "help")
    with transaction() as session:
        session.add(Account(person_id=person("U1").id, platform="teams", installation="t", external="x"))
    here.changes("U1", deleted=True)
    assert person("U1").active and facts("person.left") == []


def test_an_admin_who_let_somebody_go_is_not_overruled(here: Here) -> None:
    here.workspace.person("U1", "Noa Barak")
    here.says("U1", "help")
    with transaction() as session:
        session.get_one(Person, person("U1").id).active = False
    here.changes("U1", profile={"title": "Chief"})
    assert not person("U1").active


def test_a_new_colleague_is_known_from_the_event_alone(here: Here) -> None:
    user = here.workspace.person("U1", "Noa Barak")
    here.hears("team_join", user=user)
    assert person("U1").kind == "employee"
    assert here.workspace.calls["users.info"] == 0
    here.hears("team_join", user={**user, "id": "U2", "is_bot": True})
    with reading() as session:
        assert len(session.scalars(select(Account)).all()) == 1


def test_user_groups_are_audiences(here: Here) -> None:
    for user, name in (("U1", "Noa Barak"), ("U2", "Omar Khatib"), ("U3", "Mona Ahlberg")):
        here.workspace.person(user, name)
    here.workspace.groups = [{"id": "S1", "handle": "it-team", "users": ["U1", "U2"]}]

    def group() -> tuple[str, set[str]]:
        with reading() as session:
            found = session.scalars(select(Audience).where(Audience.key == "slack-s1")).one()
            return found.name, {each.name for each in audience_members(session, found)}

    here.says("U1", "help")
    here.works()
    assert group() == ("@it-team (Slack)", {"Noa Barak", "Omar Khatib"})
    here.says("U3", "help")
    here.works()
    assert here.workspace.calls["usergroups.list"] == 1
    here.hears("subteam_members_changed", subteam_id="S1", added_users=["U3"], removed_users=["U1"])
    assert group()[1] == {"Omar Khatib", "Mona Ahlberg"}
    with reading() as session:
        assert "group:slack-s1" in access.keys_of(session, session.get_one(Person, person("U3").id))
    here.hears("subteam_updated", subteam={"id": "S1", "handle": "it", "users": ["U1"]})
    assert group() == ("@it (Slack)", {"Noa Barak"})
    here.hears("subteam_updated", subteam={"id": "S1", "handle": "it", "date_delete": 1})
    assert group()[1] == set()


def test_no_user_groups_where_they_may_not_be_read(here: Here) -> None:
    here.workspace.person("U1", "Noa Barak")
    here.workspace.denied["usergroups.list"] = "missing_scope"
    here.says("U1", "help")
    here.works()
    with reading() as session:
        assert session.scalars(select(Audience)).all() == []


def absences(user: str) -> list[datetime]:
    with reading() as session:
        return [end for _, end in absences_of(session, session.get_one(Person, person(user).id))]


def test_a_status_that_says_so_is_an_absence_until_it_ends(here: Here) -> None:
    here.chat.at(MONDAY)
    here.workspace.person("U1", "Noa Barak")
    here.says("U1", "help")
    ends = MONDAY + timedelta(days=4)
    here.changes("U1", profile={"status_text": "Lunch", "status_expiration": int(ends.timestamp())})
    assert absences("U1") == []
    here.changes("U1", profile={"status_text": "In ferie", "status_expiration": int(ends.timestamp())})
    assert absences("U1") == [ends] and facts("person.away")[0]["by"] == "slack"
    here.changes("U1", profile={"status_text": "", "status_expiration": 0})
    assert absences("U1") == [] and len(facts("person.back")) == 1
    soon = int((MONDAY + timedelta(hours=2)).timestamp())
    here.changes("U1", profile={"status_emoji": ":palm_tree:", "status_expiration": soon})
    assert absences("U1") == []


def test_what_somebody_told_agora_comes_before_what_slack_says(here: Here) -> None:
    here.chat.at(MONDAY)
    here.workspace.person("U1", "Noa Barak")
    here.says("U1", "help")
    ends = MONDAY + timedelta(days=20)
    with transaction() as session:
        set_away(session, session.get_one(Person, person("U1").id), MONDAY + timedelta(days=10), ends)
    later = int((MONDAY + timedelta(days=4)).timestamp())
    here.changes("U1", profile={"status_text": "vacation", "status_expiration": later})
    here.changes("U1", profile={"status_text": "", "status_expiration": 0})
    assert absences("U1") == [ends]


def test_who_will_not_be_disturbed_for_half_a_working_day_is_away(here: Here) -> None:
    here.chat.at(MONDAY)
    here.workspace.person("U1", "Noa Barak")
    here.says("U1", "help")
    begins, ends = int(MONDAY.timestamp()) - 60, MONDAY + timedelta(hours=7)
    dnd = {"dnd_enabled": True, "next_dnd_start_ts": begins, "next_dnd_end_ts": int(ends.timestamp())}
    here.hears("dnd_updated_user", user="U1", dnd_status=dnd)
    assert absences("U1") == [ends]
    here.hears("dnd_updated_user", user="U1", dnd_status={"dnd_enabled": False})
    assert absences("U1") == []
    here.hears("dnd_updated_user", user="UNKNOWN", dnd_status=dnd)


@pytest.mark.parametrize("value", [None, "x", True, -5, 10**20, 1.5])
def test_moments_that_are_none_say_nothing(value: object) -> None:
    status = {"profile": {"status_text": "vacation", "status_expiration": value}}
    assert away_until(status) is None
    assert quiet_until({"dnd_enabled": True, "next_dnd_start_ts": 1, "next_dnd_end_ts": value}) is None
    assert away_until({"profile": {"status_text": "vacation", "status_expiration": int(time.time()) + 10**9}}) is None
