"""What other programs read without a session: by its address alone, cheaply, and not all the time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from icalendar import Calendar

from bot.web import feeds as web_feeds
from bot.web.feeds import OFTEN, Times
from models import base
from models.base import reading, transaction
from models.people import by_account
from models.tasks import feeds, life
from tests.gateways.conftest import Site, Starter


def address(handle: str = "mona") -> str:
    """The address of somebody's calendar, with one task in it."""
    feeds.use_keys(["a key"])
    with transaction() as session:
        person = by_account(session, "web", "slack", handle)
        due = datetime(2026, 5, 4, 9, tzinfo=UTC)
        life.make(session, person, title="Water the plants", people=[person], due_at=due, late=True)
        return f"/feeds/{feeds.secret_of(feeds.renew(session, person))}/calendar.ics"


async def test_a_calendar_is_read_without_a_session_and_not_made_anew_for_who_has_it(start: Starter) -> None:
    site = await start(playground=False, public_url="https://agora.example.com")
    path = address()
    response = await site.client.get(path)
    assert (response.status, response.content_type, response.charset) == (200, "text/calendar", "utf-8")
    (event,) = Calendar.from_ical(await response.text()).walk("VEVENT")
    assert str(event["summary"]) == "Water the plants" and str(event["url"]).startswith(
        "https://agora.example.com/tasks/"
    )
    etag = response.headers["ETag"]
    again = await site.client.get(path, headers={"If-None-Match": etag})
    assert again.status == 304 and not await again.read() and again.headers["ETag"] == etag
    assert (await site.client.head(path)).status == 200
    assert [
        each.name for each in Calendar.from_ical(await text(site, path.replace("calendar", "tasks"))).subcomponents
    ] == ["VTODO"]
    with transaction() as session:
        person = by_account(session, "web", "slack", "mona")
        life.make(session, person, title="Another", people=[person])
    assert (await site.client.get(path, headers={"If-None-Match": etag})).status == 200
    with reading() as session:
        feed = feeds.feed_of(session, by_account(session, "web", "slack", "mona"))
        assert feed is not None and feed.read_at is not None


async def test_what_is_no_address_says_nothing_about_those_that_are(site: Site) -> None:
    path = address()
    said = set()
    for wrong in (
        path[:-20] + "calendar.ics",
        path.replace("calendar.ics", "x.ics"),
        f"/feeds/{'a' * 43}/calendar.ics",
    ):
        response = await site.client.get(wrong)
        said.add((response.status, await response.text()))
    assert len({status for status, _ in said}) == 1 and next(iter(said))[0] == 404
    assert (await site.client.get("/feeds/x/calendar.ics")).status == 404


async def test_one_address_is_answered_only_so_often(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web_feeds, "OFTEN", 3)
    path = address()
    assert [(await site.client.get(path)).status for _ in range(5)] == [200, 200, 200, 429, 429]
    refused = await site.client.get(path)
    assert refused.headers["Retry-After"] == "60" and "feeds" not in await refused.text()


def test_who_guesses_keeps_nobody_else_from_theirs() -> None:
    at = datetime(2026, 3, 2, 8, tzinfo=UTC)
    base.set_clock(lambda: at)
    try:
        times = Times()
        assert times.may("good")
        times.was("good", there=True)
        for number in range(500):
            if times.may(f"guess {number}"):
                times.was(f"guess {number}", there=False)
        assert not times.may("guess again") and times.may("good")
        for _ in range(OFTEN):
            times.may("good")
        assert not times.may("good")
        base.set_clock(lambda: at + timedelta(minutes=1))
        assert times.may("good") and times.may("guess again")
    finally:
        base.set_clock(None)


async def text(site: Site, path: str) -> str:
    return await (await site.client.get(path)).text()
