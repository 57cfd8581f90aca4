"""Which accounts become whom: by e-mail where that proves it, else as somebody new."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from sqlalchemy import func, select

from models import base, joining
from models.base import reading, transaction
from models.facts import Fact
from models.joining import Profile, account_for
from models.people import EMPLOYEE, GUEST, OUTSIDER, Account, Person
from models.places import Membership, Place

MONA = Profile("slack", "T1", "U1", "Mona Ahlberg", private="U1", email="Mona@Acme.example", locale="it-IT",
               timezone="Europe/Rome", title="Buyer")  # fmt: skip
ON_TEAMS = replace(MONA, platform="teams", installation="tenant", external="aad-1", private="aad-1", locale=None)


@pytest.fixture(autouse=True)
def company(database: str) -> Iterator[None]:
    base.connect(database, pool=8)
    joining.use_domains(["acme.example"])
    yield
    joining.use_domains([])
    base.disconnect()


def met(profile: Profile, trusted: bool = True) -> Person:
    """Who this account is."""
    with transaction() as session:
        account = account_for(session, profile, trusted)
        return session.get_one(Person, account.person_id)


def listed(**about: object) -> int:
    """Somebody of the file of people, without accounts; their number."""
    with transaction() as session:
        person = Person(**{"handle": "mona", "name": "Mona A.", "email": "mona@acme.example", **about})
        session.add(person)
        session.flush()
        return person.id


def facts() -> list[str]:
    with reading() as session:
        return list(session.scalars(select(Fact.verb).order_by(Fact.id)))


def test_somebody_new_is_as_their_platform_says() -> None:
    person = met(MONA)
    assert (person.name, person.email, person.kind) == ("Mona Ahlberg", "mona@acme.example", EMPLOYEE)
    assert (person.handle, person.locale, person.timezone, person.title) == ("mona", "it", "Europe/Rome", "Buyer")
    assert facts() == ["person.met"]
    with reading() as session:
        place = session.scalars(select(Place)).one()
        assert (place.platform, place.key, place.kind, place.closed) == ("slack", "U1", "private", True)
        assert session.get(Membership, (place.id, person.id)) is not None


def test_the_same_address_on_both_platforms_is_one_person() -> None:
    assert met(MONA).id == met(ON_TEAMS).id
    assert facts() == ["person.met", "person.account_joined"]


def test_people_of_the_list_are_met_by_their_address() -> None:
    number = listed(title="Head of buying", locale="ar")
    person = met(MONA)
    assert person.id == number
    assert (person.title, person.locale, person.timezone) == ("Head of buying", "ar", "Europe/Rome")


@pytest.mark.parametrize(
    "other",
    [
        replace(ON_TEAMS, kind=GUEST),
        replace(ON_TEAMS, kind=OUTSIDER),
        replace(ON_TEAMS, email="mona@acme.example.evil.example"),
        replace(ON_TEAMS, email="mona@sub.acme.example"),
        replace(ON_TEAMS, email="mona@elsewhere.example@acme.example"),
        replace(ON_TEAMS, email="mona@аcme.example"),  # a Cyrillic letter
        replace(ON_TEAMS, email="mоna@acme.example"),  # another
        replace(ON_TEAMS, email="mona@acme.example "[:-2]),
        replace(ON_TEAMS, email=""),
        replace(ON_TEAMS, email=None),
    ],
    ids=str,
)
def test_what_proves_nothing_joins_nobody(other: Profile) -> None:
    mona = met(MONA)
    stranger = met(other)
    assert stranger.id != mona.id and stranger.email is None
    assert "person.account_joined" not in facts()


def test_a_platform_that_nobody_vouches_for_proves_nothing() -> None:
    mona = met(MONA)
    stranger = met(ON_TEAMS, trusted=False)
    assert (stranger.id != mona.id, stranger.kind, stranger.email) == (True, OUTSIDER, None)


def test_an_address_outside_the_company_is_not_taken_for_anybody() -> None:
    number = listed(email="gino@partner.example")
    person = met(replace(MONA, email="gino@partner.example"))
    assert person.id != number and person.email is None and person.kind == EMPLOYEE


def test_a_stranger_cannot_wait_with_the_address_of_somebody_to_come() -> None:
    stranger = met(replace(ON_TEAMS, kind=GUEST))
    assert met(MONA).id != stranger.id


def test_whoever_left_does_not_come_back_by_another_account() -> None:
    number = listed(active=False)
    person = met(MONA)
    assert (person.id, person.active) == (number, False)


def test_what_changes_on_the_platform_changes_here() -> None:
    met(MONA)
    person = met(replace(MONA, name="Mona Berg", title="Head of buying", timezone="Asia/Dubai", locale="he"))
    assert (person.name, person.title, person.timezone, person.locale) == (
        "Mona Berg", "Head of buying", "Asia/Dubai", "he")  # fmt: skip


def test_what_somebody_chose_here_stays() -> None:
    number = met(MONA).id
    with transaction() as session:
        person = session.get_one(Person, number)
        person.locale, person.timezone, person.name = "ar", "Asia/Dubai", "Mona"
    person = met(replace(MONA, locale="he", timezone="UTC", name="M. Ahlberg", title="Boss"))
    assert (person.locale, person.timezone, person.name, person.title) == ("ar", "Asia/Dubai", "Mona", "Boss")


def test_what_a_platform_no_longer_says_is_not_forgotten() -> None:
    met(MONA)
    met(replace(MONA, title=None, locale="tlh", timezone="Mars/Base"))
    person = met(replace(MONA, title="Boss", locale="he", timezone="UTC"))
    assert (person.title, person.locale, person.timezone) == ("Boss", "he", "UTC")


def test_who_becomes_a_guest_holds_no_more_than_a_guest() -> None:
    met(MONA)
    assert met(replace(MONA, kind=GUEST)).kind == GUEST
    assert met(MONA).kind == EMPLOYEE
    assert facts() == ["person.met", "person.kind_changed", "person.kind_changed"]


def test_who_is_an_employee_elsewhere_stays_one() -> None:
    met(MONA)
    met(ON_TEAMS)
    assert met(replace(MONA, kind=GUEST)).kind == EMPLOYEE


def test_what_an_admin_made_of_somebody_stays() -> None:
    number = met(replace(MONA, kind=GUEST)).id
    with transaction() as session:
        session.get_one(Person, number).kind = OUTSIDER
    assert met(MONA).kind == OUTSIDER


def test_a_new_address_is_theirs_unless_it_is_somebody_elses() -> None:
    met(MONA)
    assert met(replace(MONA, email="m.berg@acme.example")).email == "m.berg@acme.example"
    met(replace(MONA, external="U2", private="U2", email="noa@acme.example"))
    assert met(replace(MONA, email="noa@acme.example")).email == "m.berg@acme.example"


def test_names_hide_nothing() -> None:
    person = met(replace(MONA, email=None, name="\u202eevil\u2066\x00\nMo  na\u200b"))
    assert (person.name, person.handle) == ("evil Mo na", "evil-mo-na")
    assert met(replace(MONA, external="U3", private="U3", email=None, name=" \u202e ")).name == "U3"


def test_handles_are_never_given_twice() -> None:
    found = [met(replace(MONA, external=f"U{n}", private=f"U{n}", email=None, name="Zoë Ä")) for n in range(3)]
    assert [person.handle for person in found] == ["zoe-a", "zoe-a-2", "zoe-a-3"]
    assert met(replace(MONA, external="U9", private="U9", email=None, name="עומר")).handle == "person"


def test_many_who_meet_the_same_account_at_once_meet_one_person() -> None:
    profiles = [MONA, ON_TEAMS] * 4
    with ThreadPoolExecutor(8) as threads:
        found = {person.id for person in threads.map(met, profiles)}
    with reading() as session:
        counted = [session.scalar(select(func.count()).select_from(table)) for table in (Person, Account, Place)]
    assert (len(found), counted) == (1, [1, 2, 2])


def test_whoever_looks_around_in_the_demo_company_is_part_of_it() -> None:
    listed(demo=True, email=None)
    assert met(MONA).demo


def test_among_real_people_nobody_is_of_the_demo_company() -> None:
    listed(email=None)
    assert not met(MONA).demo
