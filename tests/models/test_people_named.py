"""People as others name them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy.orm import Session

from models import base, people_named
from models.base import Refusal
from models.company import Audience, AudienceMember
from models.embedded import EmbeddedServer
from models.people import Account, Person


@pytest.fixture(scope="module")
def company(server: EmbeddedServer, template: str) -> Iterator[str]:
    """A company of ten, three of them called Tom, and somebody who left; nobody changes it."""
    url = server.create_database("people_named", template)
    base.connect(url, pool=2)
    with base.transaction() as session:
        _company(session)
    base.disconnect()
    yield url
    server.drop_database("people_named")


@pytest.fixture
def session(company: str) -> Iterator[Session]:
    """What can be read of it."""
    base.connect(company, pool=2)
    with base.reading() as session:
        yield session
    base.disconnect()


def _company(session: Session) -> None:
    ada = Person(handle="ada", name="Ada Levi", department="Sales")
    session.add(ada)
    session.flush()
    ben = Person(handle="ben", name="Ben", department="IT", manager_id=ada.id)
    tom = Person(handle="tom", name="Tom Rossi", department="IT", manager_id=ada.id)
    andy = Person(handle="andy", name="Andy of Arms", email="andy@example.com", department="Sales and Care")
    account = Account(platform="slack", installation="here", external="U1", private=None)
    mona = Person(handle="mona", name="منى حداد", latin_name="Mona Haddad", locale="ar", accounts=[account])
    zoe = Person(handle="zoe", name="Zoë Ferri")
    more = [Person(handle="tom2", name="Tom Rossi", department="Legal"), Person(handle="tk", name="Tom Katz"),
            Person(handle="gus", name="Gus", kind="guest"), Person(handle="mask-1", name="Mask", kind="mask"),
            Person(handle="gone", name="Gone", active=False)]  # fmt: skip
    group = Audience(key="it-helpdesk", name="IT helpdesk")
    session.add_all((ben, tom, andy, mona, zoe, *more, group))
    session.flush()
    session.add_all(AudienceMember(audience_id=group.id, person_id=each.id) for each in (ben, tom))
    session.flush()


def _named(session: Session, text: str) -> tuple[str, bool]:
    ada = session.query(Person).filter_by(handle="ada").one()
    found = people_named.resolve(session, ada, text)
    return " ".join(person.handle for person in found.people), found.anyone


@pytest.mark.parametrize(
    ("text", "handles", "anyone"),
    [
        ("@ben", "ben", False),
        ("ben, @tom and Gus", "ben tom gus", False),
        ("@ben @gus", "ben gus", False),
        ("<@U1|mona>", "mona", False),
        ("<@U1>", "mona", False),
        ("andy@example.com", "andy", False),
        ("mona haddad", "mona", False),
        ("منى", "mona", False),
        ("\u2068@mona\u2069 و@ben", "mona ben", False),
        ("Andy of Arms", "andy", False),
        ("Zoe", "zoe", False),
        ("Katz", "tk", False),
        ("me", "ada", False),
        ("io", "ada", False),
        ("אני", "ada", False),
        ("أنا", "ada", False),
        ("anyone of @it-helpdesk", "ben tom", True),
        ("@it-helpdesk", "ben tom", True),
        ("everyone of IT helpdesk", "ben tom", False),
        ("uno di @it-helpdesk", "ben tom", True),
        ("מישהו מ-@it-helpdesk", "ben tom", True),
        ("أي شخص من @it-helpdesk", "ben tom", True),
        ("anyone of @ben, @gus", "ben gus", True),
        ("@ben or it-helpdesk", "ben tom", False),
        ("department IT", "ben tom", True),
        ("Sales and Care", "andy", False),
        ("my team", "ben tom", True),
    ],
)
def test_who_is_meant(session: Session, text: str, handles: str, anyone: bool) -> None:
    assert _named(session, text) == (handles, anyone)


def test_nobody_is_called_so(session: Session) -> None:
    with pytest.raises(Refusal) as refused:
        _named(session, "@ben, Ada Lewi")
    assert refused.value.code == "name_unknown"
    assert refused.value.facts["part"] == "Ada Lewi"
    assert "Ada Levi (Sales, @ada)" in refused.value.facts["known"]


def test_several_are_called_so(session: Session) -> None:
    with pytest.raises(Refusal) as refused:
        _named(session, "Tom Rossi")
    assert refused.value.code == "name_of_several"
    assert refused.value.facts["known"] == "Tom Rossi (IT, @tom); Tom Rossi (Legal, @tom2)"
    with pytest.raises(Refusal) as refused:
        _named(session, "Tom")
    assert refused.value.facts["known"].count("@") == 3


@pytest.mark.parametrize("text", ["mask-1 x", "Mask", "Gone", "@gone"])
def test_who_cannot_be_named(session: Session, text: str) -> None:
    with pytest.raises(Refusal, match="nobody_alike"):
        _named(session, text)


@pytest.mark.parametrize(
    ("text", "code"), [(" \u200f", "people_empty"), (",;", "people_empty"), ("x" * 2000, "too_many_named")]
)
def test_what_names_nobody(session: Session, text: str, code: str) -> None:
    with pytest.raises(Refusal, match=code):
        _named(session, text)
