"""People of other companies in Slack, and what they name: nothing of it makes them colleagues."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from bot.inbound import Inbound
from models.base import reading, transaction
from models.people import Account, Person
from tests.slack_here import Here, inside, place
from tests.slack_workspace import BOT, TEAM


@pytest.mark.parametrize(
    ("about", "kind"),
    [({}, "outsider"), ({"enterprise_user": {"enterprise_id": "E1"}}, "employee")],
)
def test_who_names_another_workspace_is_no_colleague_by_that(here: Here, about: dict[str, Any], kind: str) -> None:
    """What strangers press in channels that companies share may name their workspace."""
    here.workspace.enterprise = "E1"
    here.workspace.teams["T9"] = "Globex"
    with transaction() as session:
        session.add(Person(handle="noa", name="Noa", email="noa@acme.example", roles=["admin"]))
    here.workspace.person("U9", "Noa Barak", team_id="T9", **about)
    here.chat.happens(Inbound("slack", "T9", "U9", "message", actor="U9", text="help", mentioned=True, message="1.0"))
    with reading() as session:
        found = session.scalars(select(Person).join(Account).where(Account.external == "U9")).one()
        assert (found.kind, found.handle == "noa") == (kind, kind == "employee")


def test_a_channel_with_somebody_of_whom_slack_tells_nothing_is_not_known(here: Here) -> None:
    here.workspace.person("U1", "Noa Barak")
    here.workspace.channel("C1", "general", "U1", "UHIDDEN")
    here.chat.knows("Resetting the VPN", "Choose Reset profile.")
    here.says("U1", "How do I reset the VPN?", "C1")
    assert inside("C1") == {"Noa Barak"} and not place("C1").members_known
    assert not here.sees("C1", "Reset profile")
    here.hears("member_left_channel", user="UHIDDEN", channel="C1")
    here.workspace.members["C1"].remove("UHIDDEN")
    here.works()
    assert place("C1").members_known


def test_in_the_workspace_of_another_company_nothing_of_ours_is_shown_to_all(here: Here) -> None:
    here.keeper.trusted = False
    with transaction() as session:
        noa = Person(handle="noa", name="Noa")
        noa.accounts = [Account(platform="slack", installation=TEAM, external="U1", private="U1")]  # joined by a code
        session.add(noa)
    here.workspace.person("U1", "Noa Barak")
    here.workspace.channel("C1", "general", "U1")
    here.chat.knows("Resetting the VPN", "Choose Reset profile.")
    here.says("U1", "How do I reset the VPN?", "C1")
    assert inside("C1") == {"Noa"}
    assert not here.sees("C1", "Reset profile")


def test_in_a_channel_without_agora_nobody_knows_who_comes(here: Here) -> None:
    """Slack tells who comes only where Agora is: until it is, nothing is shown to all that a guest may not read."""
    here.workspace.person("U1", "Noa Barak")
    here.workspace.person("U2", "Gino Verdi", is_restricted=True)
    here.workspace.channel("C1", "general", "U1")
    here.workspace.members["C1"].remove(BOT)
    entry = here.chat.knows("Resetting the VPN", "Choose Reset profile.")
    link = Inbound("slack", TEAM, "C1", "unfurl", actor="U1", message="1.0",
                   values={"links": [["https://agora.example.com/entries/1", f"/entries/{entry.id}"]]})  # fmt: skip
    here.chat.happens(link)
    assert not place("C1").members_known and here.platform.unfurled == {}
    here.workspace.members["C1"].append(BOT)
    here.chat.happens(Inbound("slack", TEAM, "C1", "joined", actor="U1"))
    here.works()
    assert place("C1").members_known
    here.chat.happens(link)
    assert len(here.platform.unfurled) == 1
    here.workspace.members["C1"].append("U2")
    here.hears("member_joined_channel", user="U2", channel="C1")
    here.works()
    here.platform.unfurled.clear()
    here.chat.happens(link)
    assert here.platform.unfurled == {}, "a guest reads there now"
