"""What the dispatcher asks of a platform: who that is, what was attached, what changed, a home, what links show."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy.orm import Session

from bot.cards import Element, Reply, T, Text, User, simple
from bot.gateway import Throttled
from bot.inbound import Inbound
from bot.router import Router
from bot.turn import Turn
from models.base import transaction
from models.people import Account, Person
from models.places import PRIVATE, Membership, Place
from tests.bot.queues import inbox
from tests.chat import Chat, Someone
from tests.faked import FakePlatform


class Knowing(FakePlatform):
    """A platform that can be asked about strangers, and has files."""

    asked = fetched = 0
    away = False

    def introduce(self, inbound: Inbound) -> bool:
        """They are Nora."""
        self.asked += 1
        if self.away:
            raise Throttled(1)
        account = Account(platform=self.name, installation="here", external=str(inbound.actor), private="dm:nora")
        person = Person(handle=str(inbound.actor), name="Nora", accounts=[account])
        with transaction() as session:
            place = Place(
                platform=self.name, installation="here", key="dm:nora", kind=PRIVATE, name="Nora", closed=True
            )
            session.add_all((person, place))
            session.flush()
            session.add(Membership(place_id=place.id, person_id=person.id))
        return True

    def fetch(self, inbound: Inbound) -> Inbound:
        """Each attachment has its number."""
        self.fetched += 1
        return replace(inbound, files=tuple(each["number"] for each in inbound.attachments), attachments=())

    def absorb(self, turn: Turn) -> None:
        """Somebody has another name now."""
        person = turn.session.get_one(Person, turn.inbound.values["id"])
        person.name = turn.inbound.values["name"]
        turn.emit("person.renamed", person)


@pytest.fixture
def slack(chat: Chat) -> Knowing:
    platform = Knowing("slack")
    chat.platforms["slack"] = chat.runtime.gateways["slack"] = platform
    return platform


def says(chat: Chat, **about: Any) -> Reply:
    return chat.happens(Inbound("slack", "here", "dm:nora", "message", actor="nora", **about))


def test_a_stranger_is_asked_about_once_and_answered(chat: Chat, router: Router, slack: Knowing) -> None:
    router.message(lambda turn: turn.reply(simple(User(f"hello {turn.actor.name}"))) is None)
    says(chat)
    says(chat)
    assert slack.asked == 1
    assert [message.text for message in slack.shown.values()] == ["hello Nora"] * 2


def test_a_stranger_is_asked_about_again_when_the_platform_is_there(chat: Chat, router: Router, slack: Knowing) -> None:
    router.message(lambda turn: True)
    slack.away = True
    says(chat)
    assert inbox()[0].state == "new"
    slack.away = False
    chat.passes(minutes=1)
    assert inbox()[0].state == "done"
    assert slack.asked == 2


def test_who_stays_unknown_is_refused(chat: Chat, router: Router) -> None:
    says(chat)
    assert inbox()[0].state == "done"


def test_what_is_attached_is_fetched_before_the_turn(chat: Chat, router: Router, slack: Knowing) -> None:
    seen: list[tuple[int, ...]] = []
    router.message(lambda turn: seen.append(turn.inbound.files) is None)
    says(chat, attachments=({"number": 4}, {"number": 9}))
    assert seen == [(4, 9)]


def test_what_changed_in_the_directory_is_written_and_told(chat: Chat, router: Router, slack: Knowing) -> None:
    mona, heard = chat.slack("mona"), []
    router.fact("person.renamed")(lambda turn, fact: heard.append(fact.entity_id))
    values = {"id": mona.person.id, "name": "Mona Haddad"}
    chat.happens(Inbound("slack", "here", "team", "directory", values=values))
    with transaction() as session:
        assert session.get_one(Person, mona.person.id).name == "Mona Haddad"
    assert heard == [mona.person.id]


def test_a_home_is_shown_when_it_is_opened_and_after_what_is_pressed_there(
    chat: Chat, router: Router, mona: Someone
) -> None:
    @router.home(1)
    def skills(session: Session, person: Person) -> tuple[Element, ...]:
        return (Text(User(" ".join(["skills:", *person.skills]))),)

    def learn(turn: Turn, id: int) -> None:
        turn.actor.skills = ["vpn"]

    router.home(2)(lambda session, person: ())
    router.button("learn")(learn)
    chat.happens(mona.inbound("home"))
    assert chat.platforms["slack"].homes == {"mona": "skills:"}
    chat.happens(mona.inbound("button", route="learn", surface="home"))
    assert chat.platforms["slack"].homes["mona"].endswith("skills: vpn")
    assert mona.messages() == []


def test_a_link_shows_only_what_everybody_there_may_read(chat: Chat, router: Router, mona: Someone) -> None:
    def shown(session: Session, keys: list[str], id: int) -> Any:
        return simple(T("Number {n}", n=id)) if "everyone" in keys and id < 9 else None

    router.unfurl("/entries/{id}")(shown)
    links = [["https://a/entries/5", "/entries/5"], ["https://a/entries/9", "/entries/9"], ["https://a/x", "/x"]]
    chat.happens(mona.inbound("unfurl", message="m1", values={"links": links}))
    assert chat.platforms["slack"].unfurled == {"https://a/entries/5": "Number 5"}
