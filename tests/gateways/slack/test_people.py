"""People of Slack and their groups, kept by events: profiles, who left, and who is away."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from bot.slack.people import away_until, quiet_until
from models import access
from models.base import reading, transaction
from models.company import Audience, audience_members
from models.experts import absences_of, set_away
from models.people import Account, Person
from tests.slack_here import Here, facts, person

MONDAY = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)


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


def test_groups_of_another_company_are_no_audiences(here: Here) -> None:
    here.keeper.trusted = False
    here.workspace.person("U1", "Noa Barak")
    here.workspace.groups = [{"id": "S1", "handle": "board", "users": ["U1"]}]
    here.says("U1", "help")
    here.works()
    here.hears("subteam_updated", subteam={"id": "S1", "handle": "board", "users": ["U1"]})
    with reading() as session:
        assert session.scalars(select(Audience)).all() == []


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
