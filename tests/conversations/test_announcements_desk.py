"""Who announced something sees how far it is: on their desk, on its page, and in a file."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from io import BytesIO
from zipfile import ZipFile

import pytest
from sqlalchemy import func, select

from bot.cards import Card, Element
from bot.gateway import EDIT
from bot.plaintext import plain
from bot.tables import Table
from bot.texts import Reader, say
from handlers.announcements import sending
from models.announcements.tables import Receipt
from models.base import Refusal, now, reading, transaction
from models.files import FileContent
from models.mail import Outbox, PostedCard
from models.people import Person
from tests.announcing import does, goes, passes
from tests.chat import Chat, Someone

MORNING = datetime(2026, 3, 2, 10, tzinfo=UTC)
_ISOLATES = dict.fromkeys((0x2068, 0x2069))


@pytest.fixture(autouse=True)
def monday_morning(chat: Chat) -> None:
    chat.at(MORNING)


def read(parts: Sequence[Element | Table]) -> str:
    """Elements and tables as lines: the cells of a row with bars between."""
    lines = []
    for part in parts:
        if isinstance(part, Table):
            lines += [" | ".join(say(cell, Reader()) for cell in row) for row in part.rows]
        else:
            lines.append(plain(Card("", (part,)), Reader()))  # type: ignore[arg-type]
    return "\n".join(lines).translate(_ISOLATES)


def page(someone: Someone, path: str) -> str:
    found = someone.chat.runtime.router.page_at(path)
    assert found is not None
    with reading() as session:
        shown = found[0](session, session.get_one(Person, someone.person.id), **found[1])
    return read(shown.elements)


def desk(someone: Someone) -> str:
    """The card on their desk: there is one."""
    found = [message.text for message in someone.messages() if "See who has it" in message.text]
    assert len(found) == 1, someone.screen()
    return found[0].translate(_ISOLATES)


def edits(someone: Someone) -> int:
    """How often something in their own chat was changed."""
    with reading() as session:
        here = (Outbox.conversation == someone.own_chat, Outbox.operation == EDIT)
        return session.scalar(select(func.count()).select_from(Outbox).where(*here)) or 0


def town(chat: Chat, people: int, **about: object) -> list[Someone]:
    return [(chat.slack if n % 2 else chat.teams)(f"p{n}", **about) for n in range(people)]


def test_the_desk_is_one_card_that_goes_along(chat: Chat) -> None:
    omar, (mona, noa, lea) = chat.teams("omar", roles=["admin"]), town(chat, 3)
    goes(chat, omar)
    passes(chat, seconds=11)
    assert "Sent to 4 people." in desk(omar) and "Got it: 0 of 4 (0 %)" in desk(omar)
    mona.presses("Got it")
    noa.presses("Got it")
    lea.presses("It does not work for me")
    lea.submits(text="I am in the other house.")
    assert "Got it: 0 of 4" in desk(omar), "not for every press"
    passes(chat, seconds=11)
    assert "Got it: 2 of 4 (50 %)" in desk(omar) and "Does not work for them: 1" in desk(omar)


def test_a_flood_of_answers_changes_it_once(chat: Chat) -> None:
    omar, people = chat.teams("omar", roles=["admin"]), town(chat, 12)
    goes(chat, omar)
    for _ in range(4):
        passes(chat, seconds=6)
    before = edits(omar)
    for someone in people:
        someone.presses("Got it")
    assert edits(omar) == before
    passes(chat, seconds=6)
    assert edits(omar) == before + 1 and "Got it: 12 of 13" in desk(omar)
    for _ in range(4):
        passes(chat, seconds=6)
    assert edits(omar) == before + 1, "nothing moved"


def test_what_is_on_its_way_is_said_with_how_long_it_takes(chat: Chat) -> None:
    omar = chat.teams("omar", roles=["admin"])
    town(chat, 10)
    announcement = goes(chat, omar)
    receipts = select(Receipt).where(Receipt.announcement_id == announcement.id).order_by(Receipt.person_id)
    with reading() as session:
        posted = [receipt.posted_id for receipt in session.scalars(receipts)]

    def arrived(people: int) -> None:
        with transaction() as session:
            for number, receipt in enumerate(session.scalars(receipts).all()):
                receipt.posted_id = posted[number] if number < people else None

    arrived(1)
    passes(chat, seconds=120)
    assert "1 of 11 sent" in desk(omar)
    arrived(3)
    passes(chat, seconds=120)
    assert "3 of 11 sent, about " in desk(omar) and "minutes left" in desk(omar)
    arrived(11)
    passes(chat, seconds=240)
    assert "Sent to 11 people." in desk(omar)


def test_the_page_tells_readers_what_it_says_and_its_author_how_far_it_is(chat: Chat) -> None:
    omar, mona = chat.teams("omar", roles=["admin"]), chat.slack("mona")
    announcement = goes(chat, omar)
    mona.presses("Got it")
    path = f"/announcements/{announcement.id}"
    assert "Harbour Street" in page(mona, path) and "Got it | " not in page(mona, path)
    assert "It is for | 2 | 100 %" in page(omar, path) and "Got it | 1 | 50 %" in page(omar, path)
    assert "Harbour Street" in page(omar, path) and "Over time" not in page(omar, path), "two people are too few for it"
    with pytest.raises(Refusal):
        page(chat.slack("late"), path)
    with pytest.raises(Refusal):
        page(mona, f"{path}/silent")
    assert "Omar |  | arrived | 0" in page(omar, f"{path}/silent") and "Mona" not in page(omar, f"{path}/silent")


def test_small_departments_stand_together_on_the_page(chat: Chat) -> None:
    omar = chat.teams("omar", roles=["admin"], department="Sales")
    for department, people in (("sales", 6), ("Law", 2), ("Board", 3)):
        for number in range(people):
            chat.slack(f"{department.lower()}{number}", department=department)
    announcement = goes(chat, omar)
    text = page(omar, f"/announcements/{announcement.id}")
    assert "2 groups together | 5 | 5 | 0" in text and "Law" not in text and "Board" not in text
    assert "ales | 7 | 7 | 0" in text and "Over time" in text


def test_the_file_has_everything_and_no_formula(chat: Chat) -> None:
    omar, mona = chat.teams("omar", roles=["admin"]), chat.slack("mona", name="=cmd()", department="@law")
    announcement = goes(chat, omar)
    assert mona.uses("announcements.export", announcement.id).notice is not None
    omar.presses("Give me that as a file")
    assert omar.sees("Only you can open it.") and not mona.sees("as a file")
    with reading() as session:
        archive = ZipFile(BytesIO(session.scalars(select(FileContent.content)).one()))
    name = f"agora-announcement-{announcement.id}"
    silent = archive.read(f"{name}-silent.csv").decode("utf-8-sig").splitlines()
    assert silent[1:] == ["'=cmd(),'@law,en,arrived,,0", "Omar,,en,arrived,,0"]
    assert "everybody,,2,2,0,0,0,0" in archive.read(f"{name}-figures.csv").decode("utf-8-sig")


def test_who_has_read_their_chat_that_far_has_seen_it(chat: Chat) -> None:
    omar, mona, noa = chat.teams("omar", roles=["admin"]), chat.teams("mona"), chat.teams("noa")
    announcement = goes(chat, omar)
    with transaction() as session:  # as Teams counts its messages
        for number, card in enumerate(session.scalars(select(PostedCard).order_by(PostedCard.id))):
            card.reference = str(1000 + number)
        upto = session.scalar(select(PostedCard.reference).where(PostedCard.person_id == mona.person.id))
    for someone, message in ((mona, upto), (noa, "999"), (noa, "x"), (noa, None)):
        chat.happens(someone.inbound("read", message=message))
    assert f"Seen | 1 | {100 // 3} %" in page(omar, f"/announcements/{announcement.id}")
    assert not mona.messages()[len(noa.messages()) :], "nothing is said"


def test_what_is_taken_back_is_said_on_the_desk(chat: Chat) -> None:
    omar, mona = chat.teams("omar", roles=["admin"]), chat.slack("mona")
    announcement = goes(chat, omar, acknowledge_by=now() + timedelta(days=1))
    assert "wanted by" in desk(omar)
    does(chat, sending.recall, announcement)
    passes(chat, seconds=11)
    assert "It was taken back." in desk(omar) and "wanted by" not in desk(omar)
    with pytest.raises(Refusal):
        page(mona, f"/announcements/{announcement.id}")
