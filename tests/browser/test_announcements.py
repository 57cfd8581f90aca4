"""The page of an announcement: what its reader and its author see, on any screen, in any direction, by any means."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from models.announcements.tables import SENT, Announcement, Receipt
from models.base import now, transaction
from models.people import Person
from tests.browser.conftest import Seat
from tests.browser.test_looks import faults, is_too_wide, left

pytestmark = pytest.mark.needs("chromium")
TEXT = "From **1 March** the office is at Harbour Street 5.\n\n<b>Bring a bag.</b>"


def announced(author: str, readers: int = 24) -> str:
    """Somebody announced it three days ago to many in two departments and to everybody here, of whom some answered; the
    way to its page."""
    then = now() - timedelta(days=3)
    with transaction() as session:
        people = [Person(handle=f"r{n}", name=f"Reader {n}", department="Sales" if n % 3 else "מחשוב")
                  for n in range(readers)]  # fmt: skip
        session.add_all(people)
        session.flush()
        here = session.scalars(select(Person)).all()
        writes = next(person for person in here if person.handle == author)
        one = Announcement(author_id=writes.id, title="We move", text=TEXT, state=SENT, sent_at=then,
                           acknowledge_by=now() + timedelta(days=1))  # fmt: skip
        session.add(one)
        session.flush()
        for number, person in enumerate(here):
            at = then + timedelta(hours=6 * (number % 9)) if number % 2 else None
            session.add(Receipt(announcement_id=one.id, person_id=person.id, acknowledged_at=at,
                                language="en" if number % 4 else "it"))  # fmt: skip
        return f"/announcements/{one.id}"


def test_its_author_sees_how_far_it_is_and_its_readers_what_it_says(sit: Seat) -> None:
    path = announced("mona")
    author = sit(None, f"{path}?as=mona")
    funnel = author.get_by_role("region", name="How far it got")
    expect(funnel.get_by_role("row", name="It is for 28 100 %")).to_be_visible()
    expect(funnel.get_by_role("row", name="Got it 14 50 %")).to_be_visible()
    expect(funnel.get_by_role("columnheader")).to_have_text(["Step", "People", "Share"])
    expect(funnel.get_by_role("rowheader").first).to_have_text("It is for")
    width = "bar => bar.getBoundingClientRect().width"
    part, whole = (funnel.locator(f"tr:has-text('Got it') .bar-{each}") for each in ("part", "whole"))
    assert part.evaluate(width) == pytest.approx(whole.evaluate(width) / 2, rel=0.05)
    for caption in ("How it went, day by day", "How far each department is", "How far each language is"):
        expect(author.get_by_role("table", name=caption)).to_be_visible()
    funnel.focus()
    expect(funnel).to_be_focused()
    author.get_by_role("link", name="Who has not said “Got it”").click()
    expect(author.get_by_role("rowheader", name="Reader 2", exact=True)).to_be_visible()
    reader = sit(None, f"{path}?as=gino")
    expect(reader.get_by_role("heading", level=1)).to_have_text("We move")
    expect(reader.get_by_text("<b>Bring a bag.</b>")).to_be_visible()
    expect(reader.get_by_role("table")).to_have_count(0)


@pytest.mark.parametrize(("author", "scheme"), [("mona", "light"), ("mona", "dark"), ("noa", "dark")])
def test_it_is_for_everybody_on_every_screen(sit: Seat, author: str, scheme: Any) -> None:
    page = sit(None, f"{announced(author)}?as={author}", width=375, color_scheme=scheme)
    expect(page.get_by_role("table").first).to_be_visible()
    assert faults(page) == [] and not is_too_wide(page)
    if author == "noa":
        expect(page.locator("html")).to_have_attribute("dir", "rtl")
        assert left(page, "tbody th") > left(page, "tbody td")
