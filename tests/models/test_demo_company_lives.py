"""The demo company goes on when somebody has looked around in it, and is never mixed with real people."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import select

from handlers.demo.load import RealPeople, load
from models import base, masks
from models.base import transaction
from models.joining import Profile, account_for
from models.people import Account, Person


@pytest.fixture(autouse=True)
def company(database: str) -> Iterator[None]:
    base.connect(database, pool=2)
    with transaction() as session:
        assert load(session)
    yield
    base.disconnect()


def test_it_is_there_already_after_somebody_came_from_teams() -> None:
    with transaction() as session:
        account_for(session, Profile("teams", "local", "user-1", "Megan"), trusted=True)
    with transaction() as session:
        assert not load(session)


def test_it_is_there_already_after_somebody_asked_without_their_name() -> None:
    masks.use_keys([Fernet.generate_key().decode()])
    with transaction() as session:
        account = session.scalars(select(Account).limit(1)).one()
        masks.put_on(session, account.person, account)
    with transaction() as session:
        assert not load(session)


def test_it_is_not_mixed_with_real_people() -> None:
    with transaction() as session:
        session.add(Person(handle="real", name="Real"))
    with transaction() as session, pytest.raises(RealPeople):
        load(session)
