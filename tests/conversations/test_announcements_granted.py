"""Who may announce to whom: what administrators grant in chat holds, and no more."""

from __future__ import annotations

from typing import Any

import pytest

from models.announcements import audience, authors
from models.base import Refusal, transaction
from models.people import Person
from tests.chat import Chat, Someone

SALES, RESEARCH = {"key": "department:sales"}, {"key": "department:research"}


def approver(someone: Someone, spec: dict[str, Any], urgent: bool = False) -> str | None:
    with transaction() as session:
        found = authors.may_reach(session, session.get_one(Person, someone.person.id), spec, urgent)
        return found.handle if found is not None else None


def refused(someone: Someone, spec: dict[str, Any], urgent: bool = False) -> str:
    with pytest.raises(Refusal) as refusal:
        approver(someone, spec, urgent)
    return refusal.value.code


def grants(admin: Someone, **values: str) -> dict[str, Any]:
    admin.uses("announcements.authors")
    admin.presses("Let somebody announce")
    return admin.submits(**{"person": "", "role": "nobody", "urgent": "no", "approver": "", **values}).errors


@pytest.fixture
def company(chat: Chat) -> dict[str, Someone]:
    boss = chat.slack("boss", roles=["manager"], department="Sales")
    return {
        "admin": chat.slack("admin", roles=["admin"]), "boss": boss, "omar": chat.teams("omar"),
        "mona": chat.slack("mona", department="Sales"), "noa": chat.slack("noa", department="Research"),
        "report": chat.slack("report", department="Research", manager_id=boss.person.id),
    }  # fmt: skip


def test_what_roles_may_by_themselves(company: dict[str, Someone]) -> None:
    admin, boss, omar = company["admin"], company["boss"], company["omar"]
    assert approver(admin, {"any": [{"key": "everyone"}, {"key": "guests"}]}, urgent=True) is None
    assert approver(boss, SALES) is None
    assert approver(boss, {"any": [SALES, {"people": [company["report"].person.id]}]}) is None
    assert refused(boss, RESEARCH) == "audience_too_wide"
    assert refused(boss, SALES, urgent=True) == "not_urgent"
    assert refused(omar, SALES) == "not_an_author"


def test_what_is_granted_holds_until_it_is_taken_away(company: dict[str, Someone]) -> None:
    admin, boss, omar = company["admin"], company["boss"], company["omar"]
    assert not grants(admin, person="omar", audience="department:Research", approver="boss", urgent="yes")
    assert not grants(admin, role="manager", audience="department:Research")
    assert admin.sees("must approve it") and admin.sees("Also what is urgent.")
    assert approver(omar, RESEARCH, urgent=True) == "boss" and refused(omar, SALES) == "audience_too_wide"
    assert approver(boss, {"any": [SALES, RESEARCH]}) is None
    with transaction() as session:  # to people, not to words: Research is all of these
        spec = audience.parse(session, admin.person, "@noa, @report")
    assert approver(omar, spec) == "boss"
    admin.presses("Take away")
    admin.presses("Take away")
    assert refused(omar, RESEARCH) == "not_an_author" and refused(boss, RESEARCH) == "audience_too_wide"


def test_whoever_has_left_approves_nothing(company: dict[str, Someone]) -> None:
    admin, omar = company["admin"], company["omar"]
    grants(admin, person="omar", audience="department:Research", approver="boss")
    with transaction() as session:
        session.get_one(Person, company["boss"].person.id).active = False
    assert approver(omar, RESEARCH) == "admin"


def test_what_does_not_fit_is_said_at_its_field(company: dict[str, Someone]) -> None:
    admin = company["admin"]
    assert "person" in grants(admin, audience="everyone")
    assert "person" in grants(admin, person="omar", role="manager", audience="everyone")
    assert "person" in grants(admin, person="nobody-i-know", audience="everyone")
    assert "audience" in grants(admin, person="omar", audience="department:Sails")
    assert "approver" in grants(admin, person="omar", audience="everyone", approver="x")


def test_only_administrators_grant(company: dict[str, Someone]) -> None:
    boss = company["boss"]
    assert boss.uses("announcements.grant").form is None
    assert boss.uses("announcements.authors").notice is not None or not boss.sees("Who may announce")
