"""Pictures in Slack: shown to whoever may see them, uploaded once, and a link where Slack fails."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import select

from bot import jobs
from bot.cards import Card, FileLink, Picture, Text, User
from bot.gateway import EDIT, POST, Delivery
from bot.slack import pictures
from bot.slack.store import SlackFile
from bot.texts import Reader
from models import base
from models.access import EVERYONE
from models.base import now, reading, transaction
from models.files import File, attach, keep, posted
from models.knowledge import CURRENT, DRAFT, Entry
from models.people import GUEST, Account, Person
from models.places import CHANNEL, PRIVATE, Membership, Place
from tests.models.test_files import PNG
from tests.slack_check import parts
from tests.slack_faults import Fault
from tests.slack_sending import Sender, sending
from tests.slack_server import SlackServer

MONA, HANK = "U0MONA", "U0HANK"


def somebody(name: str, external: str, **about: Any) -> Person:
    account = Account(platform="slack", installation="T1", external=external, private=external)
    return Person(handle=name, name=name.title(), locale="en", accounts=[account], **about)


def place(key: str, *people: Person, **about: Any) -> Place:
    return Place(platform="slack", installation="T1", key=key, name=key, **{"kind": CHANNEL, **about})


@pytest.fixture
def here(database: str) -> Iterator[SimpleNamespace]:
    """Mona, an employee, in an open channel; a guest is in another one."""
    base.connect(database)
    with transaction() as session:
        mona, hank = somebody("mona", MONA), somebody("hank", HANK, kind=GUEST)
        places = [place("C1"), place("C2"), place("G1", closed=True), place(MONA, kind=PRIVATE, closed=True),
                  place(HANK, kind=PRIVATE, closed=True)]  # fmt: skip
        session.add_all([mona, hank, *places])
        session.flush()
        there = [(0, mona), (1, mona), (1, hank), (2, mona), (3, mona), (4, hank)]
        session.add_all(Membership(place_id=places[n].id, person_id=who.id) for n, who in there)
        found = SimpleNamespace(mona=mona.id, hank=hank.id, closed=places[2].id)
    yield found
    base.set_clock(None)
    base.disconnect()


@pytest.fixture
async def there(here: SimpleNamespace) -> AsyncIterator[SlackServer]:
    """Slack."""
    there = SlackServer(scale=20)
    yield there
    assert there.wrong == []


@pytest.fixture
async def slack(there: SlackServer) -> AsyncIterator[Sender]:
    async with sending(there) as sender:
        yield sender


def picture(here: SimpleNamespace, audience: list[str], state: str = CURRENT, content: bytes = PNG) -> int:
    """The number of a picture of an entry for these."""
    step = "remind" if state == DRAFT else None
    with transaction() as session:
        mona = session.get_one(Person, here.mona)
        entry = Entry(title="Seats", body="See the plan.", language="en", audience=audience, state=state,
                      owner_id=mona.id, author_id=mona.id, next_step=step, next_at=now() if step else None)  # fmt: skip
        session.add(entry)
        session.flush()
        file = keep(session, mona, "plan <of> floor 9.png", content)
        attach(session, mona, [file.id], entry)
        return file.id


def a(file: int, conversation: str = "C1", operation: str = POST, **about: Any) -> Delivery:
    card = Card(User("Seats"), (Text(User("Seats")), Picture(file, User("plan <of> floor 9.png"))))
    return Delivery(7, "T1", conversation, operation, card, Reader("en"), **about)


def shown(message: dict[str, Any]) -> list[tuple[str, str]]:
    """The pictures of a message, with what stands for them."""
    return [(each["slack_file"]["id"], each["alt_text"]) for each in message["blocks"] if each["type"] == "image"]


def linked(message: dict[str, Any]) -> list[str]:
    return [part["url"] for part in parts(message) if "url" in part]


def rows() -> list[SlackFile]:
    with reading() as session:
        return list(session.scalars(select(SlackFile).order_by(SlackFile.external)))


async def test_a_picture_is_shown_with_its_words_and_uploaded_once(
    there: SlackServer, slack: Sender, here: SimpleNamespace
) -> None:
    file = picture(here, [EVERYONE])
    there.files.looks = 3
    ts = await slack.deliver(a(file))
    await slack.deliver(a(file, operation=EDIT, reference=ts))
    await slack.deliver(a(file, "G1"))
    for channel in ("C1", "G1"):
        (message,) = there.posted("T1", channel)
        assert shown(message) == [("F100000001", "plan <of> floor 9.png")] and linked(message) == []
    assert there.files.contents == {"F100000001": PNG}


async def test_what_not_all_who_are_there_may_see_is_uploaded_for_nobody(
    there: SlackServer, slack: Sender, here: SimpleNamespace
) -> None:
    for file, conversation in (
        (picture(here, ["department:hr"]), "C1"),
        (picture(here, [EVERYONE]), "C2"),  # a guest is there
        (picture(here, [EVERYONE], state=DRAFT), "C1"),
        (picture(here, [f"place:{here.closed}"]), "C1"),
        (10**9, "C1"),
    ):
        await slack.deliver(a(file, conversation))
        message = there.posted("T1", conversation)[-1]
        assert shown(message) == [] and linked(message) == [f"https://agora.example.com/files/{file}"]
    assert there.files.contents == {}


async def test_one_person_alone_is_shown_what_they_may_read(
    there: SlackServer, slack: Sender, here: SimpleNamespace
) -> None:
    file = picture(here, [EVERYONE])
    await slack.deliver(a(file, MONA, person_id=here.mona))
    await slack.deliver(a(file, HANK, person_id=here.hank))
    await slack.deliver(a(file, MONA))
    await slack.deliver(a(file, "C2", person_id=here.mona, only_for=MONA))
    mona, unknown = there.posted("T1", "D0MONA")
    assert len(shown(mona)) == 1 and shown(unknown) == [] and len(shown(there.ephemerals[0])) == 1
    assert shown(there.posted("T1", "D0HANK")[0]) == []


async def test_what_was_posted_in_a_place_is_shown_there(
    there: SlackServer, slack: Sender, here: SimpleNamespace
) -> None:
    with transaction() as session:
        mona = session.get_one(Person, here.mona)
        file = keep(session, mona, "plan.gif", b"GIF89a...")
        posted(session, mona, [file.id], session.get_one(Place, here.closed))
        number = file.id
    await slack.deliver(a(number, "G1"))
    await slack.deliver(a(number, "C1"))
    assert len(shown(there.posted("T1", "G1")[0])) == 1 and shown(there.posted("T1", "C1")[0]) == []


@pytest.mark.parametrize("method", ["files.getUploadURLExternal", "files.completeUploadExternal", "files.info"])
@pytest.mark.parametrize("fault", ["missing_scope", "ratelimited", "503", "garbled"])
async def test_where_slack_takes_no_picture_it_is_a_link(
    there: SlackServer, slack: Sender, here: SimpleNamespace, method: str, fault: str
) -> None:
    there.script[method].append(Fault(fault))
    file = picture(here, [EVERYONE])
    await slack.deliver(a(file))
    (message,) = there.posted("T1", "C1")
    assert shown(message) == [] and linked(message) == [f"https://agora.example.com/files/{file}"]


async def test_a_picture_that_slack_has_lost_is_a_link_once_and_uploaded_anew(
    there: SlackServer, slack: Sender, here: SimpleNamespace
) -> None:
    file = picture(here, [EVERYONE])
    await slack.deliver(a(file))
    there.files.about.clear()
    await slack.deliver(a(file))
    await slack.deliver(a(file))
    first, second, third = there.posted("T1", "C1")
    assert (len(shown(first)), len(shown(second)), len(shown(third))) == (1, 0, 1)


async def test_what_slack_shows_not_by_itself_is_a_link(
    there: SlackServer, slack: Sender, here: SimpleNamespace
) -> None:
    file = picture(here, [EVERYONE], content=b"RIFF\x00\x00\x00\x00WEBPVP8 ")
    await slack.deliver(a(file))
    card = Card(User("Seats"), (FileLink(file, User("plan.webp"), 10),))
    await slack.deliver(Delivery(8, "T1", "C1", POST, card, Reader("en")))
    assert [shown(message) for message in there.posted("T1", "C1")] == [[], []] and there.files.contents == {}


async def test_what_agora_has_no_more_is_removed_from_slack(
    there: SlackServer, slack: Sender, here: SimpleNamespace
) -> None:
    gone, kept = picture(here, [EVERYONE]), picture(here, [EVERYONE])
    for file in (gone, kept):
        await slack.deliver(a(file))
    with transaction() as session:
        session.delete(session.get_one(File, gone))
        session.flush()
        pictures.tidy_later(session, "x")
        session.flush()
        run = jobs.take(session, "test", [pictures.TIDY])
    assert run is not None
    await asyncio.to_thread(pictures.tidy, slack.clients, run)
    assert list(there.files.about) == ["F100000002"] and [row.file_id for row in rows()] == [kept]
