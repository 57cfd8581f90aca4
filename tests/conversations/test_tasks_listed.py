"""The lists of tasks: in chat, on pages, at home, in the summary of the morning, as files and in calendars."""

from __future__ import annotations

import io
import zipfile
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from icalendar import Calendar
from sqlalchemy import select

from handlers.tasks import list_words
from models.base import now, reading
from models.files import File, content_of
from models.people import Person
from models.places import place_at
from models.tasks import feeds
from models.tasks.lists import FINISHED_LATELY, HERE, MINE, OTHERS, OVERDUE, TEAM, TODAY, UNDATED, WEEK
from models.tasks.tables import CalendarFeed
from tests.alike import home
from tests.announcing import became
from tests.chat import Chat, Someone
from tests.listing import ISOLATES, asks, page

MONDAY = datetime(2026, 3, 2, 8, tzinfo=UTC)


@pytest.fixture(autouse=True)
def monday_morning(chat: Chat) -> None:
    chat.at(MONDAY)


def last(someone: Someone) -> str:
    """The newest message that they see."""
    return someone.messages()[-1].text.translate(ISOLATES)


def list_of(someone: Someone) -> str:
    """The newest list that they see."""
    return next(text for message in reversed(someone.messages())
                if "All of them, on a page" in (text := message.text.translate(ISOLATES)))  # fmt: skip


def hours(number: float) -> dict[str, Any]:
    return {"due_at": now() + timedelta(hours=number)}


def test_my_tasks_stand_in_groups_with_what_can_be_done(chat: Chat) -> None:
    mona, omar = chat.slack("mona"), chat.teams("omar")
    asks(chat, omar, "Fix the door", mona, **hours(-2), priority="high")
    asks(chat, mona, "Water the plants", **hours(3))
    asks(chat, mona, "Someday")
    mona.commands("tasks")
    said = last(mona)
    assert "My tasks\n3 open · 1 overdue · 1 due today\nOverdue\nFix the door\nimportant · was due" in said
    assert "asked by Omar · waits for your answer\n[I will do it] [Open]" in said
    assert said.index("Today\nWater the plants") < said.index("Without a date\nSomeday\n[Done] [Open]")
    mona.presses("I will do it")
    assert "You do it: Fix the door" in list_of(mona) and "waits for your answer" not in list_of(mona)
    assert "Mona does this for you" in omar.screen().translate(ISOLATES)
    mona.presses("Done")
    assert "Done: Fix the door" in list_of(mona) and "2 open" in list_of(mona)
    mona.presses("Not done after all")
    mona.commands("tasks")
    assert "3 open" in last(mona)


@pytest.mark.parametrize(
    ("locale", "words"),
    [("en", "My tasks?"), ("it", "Le mie attività"), ("ar", "ما هي مهامي؟"), ("he", "מה המשימות שלי?")],
)
def test_they_are_asked_for_in_plain_words(chat: Chat, locale: str, words: str) -> None:
    mona = chat.teams("mona", locale=locale)
    asks(chat, mona, "Umzug")
    mona.says(words)
    assert "Umzug" in last(mona)
    channel = chat.channel("general", mona)
    before = len(mona.messages())
    mona.says(words, in_=channel, mention=False)
    assert len(mona.messages()) == before, "elsewhere it is talk"


@pytest.mark.parametrize(
    ("said", "meant"),
    [("", ("", "", "")), ("overdue", ("", OVERDUE, "")), ("others this week door", (OTHERS, WEEK, "door")),
     ("door today", ("", TODAY, "door")), ("team", (TEAM, "", "")), ("here senza data", (HERE, UNDATED, "")),
     ("באיחור", ("", OVERDUE, "")), ("فريقي اليوم", (TEAM, TODAY, "")), ("mie fatte", (MINE, FINISHED_LATELY, "")),
     ("Mine Overdue DOOR", (MINE, OVERDUE, "DOOR")), ("yesterday", ("", "", "yesterday")), ("\0 % _", ("", "", "% _"))],
)  # fmt: skip
def test_lists_and_times_are_named_in_four_languages(said: str, meant: tuple[str, str, str]) -> None:
    assert list_words.read(said) == meant


def test_lists_of_others_of_a_team_and_of_a_place(chat: Chat) -> None:
    boss = chat.slack("boss")
    mona, omar = chat.slack("mona", manager_id=boss.person.id), chat.slack("omar")
    general = chat.channel("general", mona, omar, boss)
    asks(chat, omar, "Fix the door", mona, in_=general, thread="t1")
    asks(chat, omar, "Raise her pay", mona, in_=general, thread="t1", private=True)
    omar.commands("tasks", "others")
    assert "What I asked of others" in last(omar) and "Mona was asked, and has not answered yet" in last(omar)
    boss.commands("tasks")
    assert "You have no open task. Write /task" in last(boss) and "[My team's tasks]" in last(boss)
    boss.presses("My team's tasks")
    assert "Fix the door" in last(boss) and "pay" not in last(boss)
    boss.says("tasks", in_=general, thread="t1")
    assert "Tasks of this place" in last(boss) and "Fix the door" in last(boss) and "pay" not in last(boss)
    mona.says("tasks", in_=general, thread="t1")
    assert "Raise her pay" in last(mona), "it is hers"
    assert not boss.sees("Raise her pay") and not omar.sees("Done lately")
    omar.commands("tasks", "here", in_=general)
    assert "Fix the door" in last(omar)
    omar.commands("tasks", "others window")
    assert "Nothing fits that." in last(omar)


def test_a_long_list_is_turned_page_by_page(chat: Chat) -> None:
    mona = chat.teams("mona")
    for number in range(20):
        asks(chat, mona, f"Thing {number:02}", **hours(30 + number))
    mona.commands("tasks")
    assert "20 open" in last(mona) and "Thing 07" in last(mona) and "Thing 08" not in last(mona)
    assert "[Previous page]" not in last(mona)
    mona.presses("Next page")
    mona.presses("Next page")
    assert "Thing 19" in last(mona) and "Thing 15" not in last(mona) and "[Next page]" not in last(mona)
    mona.presses("Previous page")
    assert "Thing 08" in last(mona)
    for number in (-1, 10**9):
        notice = mona.uses("tasks.mine", number).notice
        assert notice is not None and "can no longer be pressed" in notice.text
    mona.commands("tasks", "thing")
    assert "There are more. The page has all of them." in last(mona)


def test_home_and_the_summary_of_the_morning(chat: Chat) -> None:
    mona, omar = chat.slack("mona"), chat.teams("omar")
    assert "You have no open task." in home(chat, mona)
    asks(chat, omar, "Fix the door", mona, **hours(40))
    asks(chat, mona, "Water the plants", **hours(6))
    asks(chat, mona, "Far away", **hours(400))
    asks(chat, mona, "Paint the wall", omar, **hours(-50))
    shown = home(chat, mona).translate(ISOLATES)
    assert shown.index("Water the plants") < shown.index("Fix the door") and "of others is overdue" in shown
    became(mona, digest="daily")
    chat.passes(hours=1.1)
    said = last(mona)
    assert "This is new for you" in said and "Water the plants" in said and "Fix the door" in said
    assert "Far away" not in said and "1 task that you asked of others is overdue." in said
    assert "My settings" in said and "every morning" not in said


def test_the_page_of_lists_is_narrowed_by_its_address(chat: Chat) -> None:
    mona, omar = chat.slack("mona"), chat.teams("omar")
    asks(chat, omar, "Fix the door", mona, **hours(-2), priority="high")
    asks(chat, mona, "Water the plants", **hours(3))
    shown = page(mona, "/tasks")
    assert all(words in shown for words in ("*My tasks None", "Overdue 1", "*All of them 2"))
    assert "Overdue\nFix the door | was due" in shown and "| important" in shown
    assert "Fix" not in page(mona, "/tasks", when="today") and "*Today 1" in page(mona, "/tasks", when="today")
    assert "There is nothing here." in page(mona, "/tasks", words="window")
    assert "Water" in page(mona, "/tasks", list="nonsense", when="x", words="", page="99999999999"), "it shows mine"
    assert "There is nothing here." in page(mona, "/tasks", page="7")
    assert "Fix the door" in page(omar, "/tasks", list="others") and "My team" not in page(omar, "/tasks")


def test_the_page_of_a_task_has_everything_and_is_for_its_readers_alone(chat: Chat) -> None:
    mona, omar, noa = chat.slack("mona"), chat.slack("omar"), chat.slack("noa")
    general = chat.channel("general", mona, omar, noa)
    first = asks(chat, mona, "Order paint", in_=general)
    task = asks(chat, omar, "Paint the wall", mona, in_=general, details="In **blue**.", checklist_lines=["one", "two"],
                needs=[first.id], **hours(40))  # fmt: skip
    private = asks(chat, omar, "Raise her pay", mona, in_=general, private=True)
    mona.uses("tasks.accept", task.id)
    shown = page(noa, f"/tasks/{task.id}")
    for words in ("Paint the wall", "In **blue**.", "☐ one", "Mona does it", "Asked by: Omar", "Agreed in: general",
                  "First this must be done\nOrder paint | still open", "Omar made this task.",
                  "Mona accepted."):  # fmt: skip
        assert words in shown, shown
    assert "These wait for it\nPaint the wall" in page(mona, f"/tasks/{first.id}")
    assert "Raise her pay" in page(mona, f"/tasks/{private.id}")
    assert "only whoever asked and whoever does it" in page(omar, f"/tasks/{private.id}")
    for number in (private.id, 10**15):
        with pytest.raises(Exception, match="not_found"):
            page(noa, f"/tasks/{number}")
    unfurl, _ = chat.runtime.router.unfurl_at(f"/tasks/{task.id}") or (None, {})
    assert unfurl is not None
    with reading() as session:
        place = place_at(session, "slack", "here", general)
        assert place is not None
        for keys in (["everyone"], [f"place:{place.id}"]):
            assert unfurl(session, keys, task.id) is not None
            assert unfurl(session, keys, private.id) is unfurl(session, keys, 10**15) is None
        assert unfurl(session, ["department:it"], task.id) is None


def test_as_files_that_no_spreadsheet_runs(chat: Chat) -> None:
    mona, omar = chat.slack("mona"), chat.teams("omar")
    asks(chat, omar, "=HYPERLINK(1)", mona, details="@SUM(1)", **hours(3))
    asks(chat, mona, "שלום", omar)
    assert mona.uses("tasks.export").notice is not None
    assert "as files. Only you can open them." in last(mona)
    with reading() as session:
        found = {file.name: content_of(session, file) for file in session.scalars(select(File))}
    with zipfile.ZipFile(io.BytesIO(found["agora-tasks.csv.zip"])) as packed:
        table = packed.read("agora-tasks.csv").decode("utf-8-sig")
    assert "'=HYPERLINK(1)" in table and "'@SUM(1)" in table and "שלום" in table and "2026-03-02T11:00+00:00" in table
    (todo,) = Calendar.from_ical(found["tasks.ics"]).walk("VTODO")
    assert str(todo["summary"]) == "=HYPERLINK(1)" and todo["status"] == "NEEDS-ACTION"


def test_a_private_address_is_made_shown_on_a_page_renewed_and_turned_off(chat: Chat) -> None:
    mona, omar = chat.slack("mona"), chat.teams("omar")
    asks(chat, omar, "Fix the door", mona, **hours(3))
    mona.commands("tasks")
    mona.presses("In my calendar")
    assert "Whoever has the address can read them" in last(mona)
    mona.presses("Make a private address")
    assert "No program has read it yet." in last(mona)
    first = address(mona)
    assert not mona.sees(first.split("/")[2]), "it stands in no message"
    with reading() as session:
        assert [feed.hash for feed in session.scalars(select(CalendarFeed))] != [first.split("/")[2]]
    assert "Fix the door" in (calendar(chat, first) or "")
    assert "Last read on" in page(mona, "/tasks/calendar")
    mona.presses("Make a new address")
    second = address(mona)
    assert second != first and calendar(chat, first) is None and calendar(chat, second) is not None
    became(mona, active=False)
    assert calendar(chat, second) is None, "who left is read no more"
    became(mona, active=True)
    mona.presses("Turn it off")
    assert calendar(chat, second) is None and "You have no address yet." in page(mona, "/tasks/calendar")
    assert "You have no address yet." in page(omar, "/tasks/calendar")


def address(someone: Someone) -> str:
    return next(line for line in page(someone, "/tasks/calendar").splitlines() if line.endswith("/calendar.ics"))


def calendar(chat: Chat, path: str) -> str | None:
    """What a program reads there."""
    _, _, secret, name = path.split("/")
    _, feed = chat.runtime.router.feeds[name]
    with reading() as session:
        found = feed(session, secret, "https://agora.example")
        return found.make() if found else None


def test_an_outsider_has_no_address(chat: Chat) -> None:
    olaf = chat.slack("olaf", kind="outsider")
    olaf.uses("tasks.calendar_new")
    with reading() as session:
        assert feeds.feed_of(session, session.get_one(Person, olaf.person.id)) is None
