"""Two entries that say the same, side by side, and the form that merges them."""

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from models.base import reading, transaction
from models.knowledge import MERGED, Entry, Part, revise, store_parts
from models.likeness import Likeness
from models.people import Person
from tests.browser.conftest import Seat

pytestmark = pytest.mark.needs("chromium")
ONE = "Bicycles stand in the yard, behind gate 3."
OTHER = "Bicycles stand in the yard, behind gate 3.\n\nThe yard closes at eight. <b>No cars.</b>"


def said_twice() -> tuple[int, int]:
    """Two entries that Mona looks after, as they are after they were compared; their numbers."""
    with transaction() as session:
        mona = session.scalars(select(Person).where(Person.handle == "mona")).one()
        made = []
        for title, body in (("Bicycles", ONE), ("Where to leave a bicycle", OTHER)):
            entry = Entry(title=title, body=body, language="en", audience=["everyone"], owner_id=mona.id)
            session.add(entry)
            revise(session, entry, title=title, body=body, language="en", by=mona, reason="written")
            store_parts(session, entry, [Part("", "", body)])
            made.append(entry.id)
        session.add(Likeness(entry_id=made[0], other_id=made[1], share=0.8, asked_of_id=mona.id))
    return made[0], made[1]


def test_they_are_compared_and_merged(sit: Seat) -> None:
    one, other = said_twice()
    mona = sit("mona", "/home")
    expect(mona.get_by_text("These 2 entries seem to say the same:")).to_be_visible()
    compare = mona.get_by_role("link", name="Compare them side by side")
    page = sit(None, str(compare.get_attribute("href")))
    expect(page.get_by_role("heading", name="Where to leave a bicycle", exact=True)).to_be_visible()
    expect(page.get_by_text("The yard closes at eight.").first).to_be_visible()
    expect(page.locator("b")).to_have_count(0)
    mona.get_by_role("button", name="Merge", exact=True).click()
    dialog = mona.get_by_role("dialog")
    expect(dialog.get_by_label("Which one stays")).to_be_visible()
    dialog.get_by_label("Which one stays").select_option(label="Bicycles")
    dialog.get_by_label("Title").fill("Bicycles")
    expect(dialog.get_by_label("Text")).to_have_value(OTHER)
    dialog.get_by_role("button", name="Merge", exact=True).click()
    expect(dialog).to_have_count(0)
    expect(mona.get_by_text("These 2 entries seem to say the same:")).to_have_count(0)
    merged = sit(None, f"/entries/{other}?as=mona")
    expect(merged.get_by_role("heading", name="Bicycles", exact=True)).to_be_visible()
    expect(merged.get_by_text("was merged into this entry")).to_be_visible()
    with reading() as session:
        assert session.get_one(Entry, other).state == MERGED and "closes at eight" in session.get_one(Entry, one).body
