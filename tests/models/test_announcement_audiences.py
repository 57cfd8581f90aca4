"""Whom an audience means: its expressions as people write them, and the one statement that finds the people."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy.orm import Session

from models import base, masks
from models.announcements import audience
from models.announcements.audience import parse, written
from models.announcements.listing import listed
from models.base import Refusal
from models.company import Audience, AudienceMember
from models.joins import JOINED, Joining
from models.knowledge import Topic, TopicFollower
from models.people import Account, Person
from models.places import CHANNEL, Membership, Place


@pytest.fixture
def session(database: str) -> Iterator[Session]:
    """A company of eight, a guest, somebody who left, and a mask."""
    base.connect(database, pool=2)
    with base.transaction() as session:
        _company(session)
        yield session
    base.disconnect()


def _company(session: Session) -> None:
    ada = Person(handle="ada", name="Ada", roles=["admin", "manager"], department="Sales", location="Rome")
    session.add(ada)
    session.flush()
    ben = Person(handle="ben", name="Ben", department="sales", location="Haifa", manager_id=ada.id)
    cem = Person(handle="cem", name="Cem", email="cem@example.com", department="Research and Sales", location="Rome")
    session.add_all((ben, cem))
    session.flush()
    dan = Person(handle="dan", name="Dan", department="Straße", location="חיפה", manager_id=ben.id)
    gus = Person(handle="gus", name="Gus", kind="guest", department="Sales", location="Rome")
    out = Person(handle="out", name="Out", active=False, department="Sales", manager_id=ada.id)
    session.add_all((dan, gus, out))
    session.flush()
    ada.manager_id = dan.id  # in a circle
    for platform, members in (("slack", (ada, gus, out)), ("teams", (ada, cem))):
        place = Place(platform=platform, installation="here", key=f"{platform}1", kind=CHANNEL, name="general")
        session.add(place)
        session.flush()
        session.add_all(Membership(place_id=place.id, person_id=each.id) for each in members)
    for name, those in (("Berlin › Ops", (ben,)), ("Berlin › Night", (dan,)), ("Berliner › Ops", (cem,))):
        place = Place(platform="teams", installation="here", key=name, kind=CHANNEL, name=name, closed=True)
        session.add(place)
        session.flush()
        session.add_all(Membership(place_id=place.id, person_id=each.id) for each in those)
    secret = Place(platform="slack", installation="here", key="C9", kind=CHANNEL, name="secret", closed=True)
    group = Audience(key="slack-s1", name="Drivers")
    topic = Topic(key="travel", names={"en": "Travel", "it": "Viaggi"})
    session.add_all((secret, group, topic))
    session.flush()
    session.add_all((AudienceMember(audience_id=group.id, person_id=dan.id),
                     AudienceMember(audience_id=group.id, person_id=gus.id),
                     TopicFollower(topic_id=topic.id, person_id=cem.id)))  # fmt: skip
    masks.use_keys([])
    mask = Person(handle="relay:1", name="Somebody", kind="mask")
    mask.accounts = [Account(platform="relay", installation="relay", external="relay:1", private="relay:1")]
    session.add(mask)
    session.flush()


def who(session: Session, text: str, by: str = "ada") -> str:
    """The initials of whom ``text`` means; the same again after it was written out."""
    author = session.query(Person).filter_by(handle=by).one()
    spec = parse(session, author, text)
    again = parse(session, author, written(session, spec), audience.listed_in(spec))
    found = [each.handle[0] for each in audience.sample(session, spec, 20)]
    assert found == [each.handle[0] for each in audience.sample(session, again, 20)], written(session, spec)
    assert audience.count(session, spec) == len(found)
    return "".join(found)


FOUND = [
    ("everyone", "abcd"),
    ("tutti", "abcd"),
    ("guests", "g"),
    ("#general", "acg"),
    ("<#slack1|general>", "ag"),
    ("department:Sales", "ab"),
    ("department:SALES or location:Rome", "abc"),
    ("department:Research and Sales", "c"),
    ('department:"straße"', "d"),
    ("reparto:STRASSE", "d"),
    ("location:חיפה", "d"),
    ("#general or department:sales, not location:Rome", "bg"),
    ("#general and not location:rome", "g"),
    ("not location:Rome", "bd"),
    ("not not guests", "g"),
    ("everyone -department:sales", "cd"),
    ("everyone - department:sales", "cd"),
    ("#general, not guests", "ac"),
    ("sales", "ab"),
    ("Drivers", "dg"),
    ("@drivers", "dg"),
    ("<!subteam^S1|@drivers>", "dg"),
    ("topic:viaggi", "c"),
    ("reports:me", "bd"),
    ("reports:@ben", "ad"),
    ("role:manager", "a"),
    ("@ben, cem@example.com", "bc"),
    ("(department:sales or Drivers) and (location:Haifa | guests)", "bg"),
    ("الجميع، ليس department:sales", "cd"),
    ("team:berlin", "bd"),
    ('#"Berlin › Ops" or team:General', "abcg"),
]


def test_what_people_write_finds_whom_they_mean(session: Session) -> None:
    found = [(text, who(session, text)) for text, _ in FOUND]
    assert found == FOUND


def test_marks_of_direction_are_no_part_of_a_name(session: Session) -> None:
    assert who(session, "\u200f#general\u200e") == who(session, "#general")


REFUSED = [
    ("", "audience_empty", None),
    ("  \0 ", "audience_empty", None),
    ("department:Sails", "audience_unknown", "department:Sails"),
    ("#generall", "audience_unknown", "#generall"),
    ("colour:red", "audience_unknown", "colour:"),
    ("nobody I know", "audience_unknown", "nobody I know"),
    ("@nobody", "audience_unknown", "@nobody"),
    ("#general #general", "audience_joins", None),
    ("(#general", "audience_unreadable", "("),
    ("#general)", "audience_unreadable", ")"),
    ("#general or", "audience_unreadable", "or"),
    ("and #general", "audience_unreadable", "and"),
    ('department:"Sales', "audience_unreadable", None),
    ("<!here>", "audience_unreadable", "<!here>"),
    ("(" * 500, "audience_unreadable", "("),
    ("not " * 400 + "guests", "audience_unreadable", None),
    ("x" * 3000, "audience_unreadable", None),
    ("list", "audience_unknown", "list"),
]


def test_what_does_not_fit_is_refused_with_its_part(session: Session) -> None:
    author = session.query(Person).filter_by(handle="ada").one()
    for text, code, part in REFUSED:
        with pytest.raises(Refusal) as refused:
            parse(session, author, text)
        assert (refused.value.code, refused.value.field) == (code, "audience"), text
        assert part is None or refused.value.facts["part"] == part


def test_what_is_like_it_is_named(session: Session) -> None:
    author = session.query(Person).filter_by(handle="ada").one()
    with pytest.raises(Refusal) as refused:
        parse(session, author, "department:Sails")
    assert refused.value.facts["known"].startswith("department:sales")


def test_a_closed_channel_is_unknown_to_whoever_is_not_in_it(session: Session) -> None:
    assert who(session, "#secret") == ""
    with pytest.raises(Refusal, match="audience_unknown"):
        who(session, "#secret", by="cem")


def test_two_things_of_one_name_must_be_told_apart(session: Session) -> None:
    session.add(Audience(key="sales", name="Sales"))
    session.flush()
    with pytest.raises(Refusal) as refused:
        who(session, "sales")
    assert refused.value.code == "audience_unclear"
    assert refused.value.facts["known"] == "department:sales, group:sales"


LISTS = [
    (b"ada\nben\nnobody@else.example\nben\n", "ab", ["nobody@else.example"]),
    ("\ufeffName;E-Mail\r\nCem;CEM@example.com\r\nGus;\r\nZoë;zoë@example.com\r\n".encode(), "c", ["zoë@example.com"]),
    (b'name,handle\n"Ada, of Rome",@ada\nOut,out\n', "a", ["out"]),
    (b"", "", []),
    (b"dan\n\n  \n,\n", "d", []),
]


def test_a_file_names_people_and_what_is_unknown_is_told(session: Session) -> None:
    for content, known, unknown in LISTS:
        found = listed(session, content)
        spec = {"people": found.people}
        assert "".join(each.handle[0] for each in audience.sample(session, spec, 9)) == known
        assert found.unknown == unknown
    for content in (b"PK\x03\x04rest", b"a\0b", b"\xff\xfea\0", b'"ada\nben', b"%PDF-1.7"):
        with pytest.raises(Refusal, match="not_a_list"):
            listed(session, content)


def test_who_turned_out_to_be_somebody_else_is_meant_still(session: Session) -> None:
    by_handle = {each.handle: each for each in session.query(Person)}
    ben, cem = by_handle["ben"], by_handle["cem"]
    account = Account(platform="slack", installation="here", external="ben", private="D1", person_id=ben.id)
    session.add(account)
    session.flush()
    session.add(Joining(asked_by_id=ben.id, account_id=account.id, state=JOINED, kept_id=ben.id, left_id=cem.id))
    cem.active = False
    session.flush()
    found = audience.sample(session, {"people": [cem.id, ben.id]}, 9)
    assert [each.handle for each in found] == ["ben"]
