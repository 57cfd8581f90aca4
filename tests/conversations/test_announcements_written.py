"""A manager writes an announcement: forms that lose nothing, a draft that shows what will happen, how it goes out."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from bot.slack.preview import preview as in_slack
from bot.teams.preview import preview as in_teams
from models.announcements.tables import Announcement
from models.base import reading, transaction
from models.people import Person
from tests.alike import home
from tests.announcing import work
from tests.chat import Chat, Someone

MONDAY = datetime(2026, 11, 23, 8, tzinfo=UTC)
TEXT = "We move to **Harbour Street** in March."


@pytest.fixture
def lena(chat: Chat) -> Someone:
    """An administrator who has something to say."""
    chat.at(MONDAY)
    return chat.slack("lena", name="Lena", roles=["admin"])


@pytest.fixture
def platforms(chat: Chat, monkeypatch: pytest.MonkeyPatch) -> None:
    """What Slack and Teams make of a card is what they would make of it."""
    monkeypatch.setattr(chat.platforms["slack"], "preview", in_slack)
    monkeypatch.setattr(chat.platforms["teams"], "preview", in_teams)


def fills(author: Someone, **more: str) -> dict[str, str]:
    """What a form for everybody says, sent: the errors by field."""
    values = {"title": "We move", "text": TEXT, "audience": "everyone", **more}
    return {field: words.text for field, words in author.submits(**values).errors.items()}


def drafted(author: Someone, **more: str) -> Announcement:
    """A draft of theirs."""
    author.commands("announce")
    assert fills(author, **more) == {}
    return newest()


def newest() -> Announcement:
    """The announcement that was written last, as it stands."""
    with reading() as session:
        found = session.scalars(select(Announcement).order_by(Announcement.id.desc()).limit(1)).one()
        assert found.author.name
        return found


def test_from_the_form_to_its_readers(chat: Chat, lena: Someone) -> None:
    mona, omar = chat.slack("mona"), chat.teams("omar")
    drafted(lena, send_at="")
    assert lena.sees("Your draft. Nobody else has it yet.") and lena.sees("everyone (3 people)")
    assert not mona.sees("Harbour Street")
    lena.presses("Send")
    assert lena.sees("You have half a minute to undo it") and not mona.sees("Harbour Street")
    chat.passes(seconds=31)
    work(chat)
    assert mona.sees("Harbour Street") and omar.sees("Lena announces: We move") is False and omar.sees("Harbour Street")
    assert mona.sees("Got it") and newest().state == "sent"
    assert lena.sees("has gone out.") and not lena.sees("half a minute")


def test_undo_while_nobody_has_it(chat: Chat, lena: Someone) -> None:
    mona = chat.slack("mona")
    drafted(lena)
    lena.presses("Send")
    lena.presses("Undo")
    chat.passes(minutes=2)
    work(chat)
    assert newest().state == "draft" and newest().send_at is None and not mona.sees("Harbour Street")


def test_what_is_urgent_does_not_wait(chat: Chat, lena: Someone) -> None:
    mona = chat.teams("mona")
    drafted(lena)
    lena.presses("Options")
    lena.submits(urgent="yes", language="en", topic="0", repeat="no")
    lena.presses("Send")
    work(chat)
    assert mona.sees("⚠ Urgent")


def test_a_time_in_words_is_shown_before_it_counts(chat: Chat, lena: Someone) -> None:
    with transaction() as session:
        session.get_one(Person, lena.person.id).timezone = "Europe/Rome"
    mona = chat.slack("mona")
    drafted(lena, send_at="tomorrow 9:00", acknowledge_by="friday", expires_at="2026-12-24")
    assert lena.sees("11/24/26, 9:00") and lena.sees("Europe/Rome") and lena.sees("11/27/26, 6:00")
    lena.presses("Schedule")
    assert newest().send_at == datetime(2026, 11, 24, 8, tzinfo=UTC) and newest().state == "scheduled"
    chat.at(datetime(2026, 11, 24, 8, 0, 1, tzinfo=UTC))
    chat.passes(seconds=1)
    work(chat)
    assert mona.sees("Please press “Got it” by")


def test_what_cannot_be_taken_is_said_at_its_field_and_comes_back(lena: Someone) -> None:
    lena.commands("announce")
    errors = fills(lena, audience="department:nowhere", send_at="soon", acknowledge_by="2020-01-01", title="  ")
    assert errors["audience"].startswith("I know nothing called")
    assert errors["send_at"].startswith("I cannot read that as a time")
    assert errors["acknowledge_by"].endswith("Choose a later time.")
    assert errors["title"].startswith("There is nothing in it")
    form = lena.commands("announce").form
    assert form is not None and {each.name: each.value for each in form.inputs} == {
        "title": "  ", "text": TEXT, "audience": "department:nowhere", "send_at": "soon",
        "acknowledge_by": "2020-01-01", "expires_at": ""}  # fmt: skip
    assert fills(lena) == {} and newest().title == "We move"
    again = lena.commands("announce").form
    assert again is not None and again.inputs[0].value == ""


def test_a_text_that_is_too_long_is_not_cut(lena: Someone) -> None:
    lena.commands("announce")
    reply = lena.submits(title="We move", text="a" * 9_007, audience="everyone")
    assert reply.errors["text"].args["n"] == 7
    form = lena.commands("announce").form
    assert form is not None and form.inputs[1].value == "a" * 9_007


@pytest.mark.usefixtures("platforms")
def test_a_text_that_a_platform_would_cut_is_said_so(lena: Someone) -> None:
    lena.commands("announce")
    reply = lena.submits(title="We move", text="**b** " * 1_400, audience="everyone")
    assert reply.errors["text"].args["n"] > 1_000 and "Slack" in str(reply.errors["text"].args["platform"])


def test_an_audience_of_nobody_is_refused(chat: Chat, lena: Someone) -> None:
    chat.slack("mona", department="Sales")
    lena.commands("announce")
    errors = fills(lena, audience="department:Sales and not department:Sales")
    assert errors == {"audience": "Nobody is among those who would get it. Choose others."}


def test_who_may_not_announce_is_told_whom_to_ask(chat: Chat) -> None:
    mona = chat.slack("mona")
    mona.commands("announce", "Free cake")
    assert mona.sees("Ask an administrator") and not mona.sees("Your draft")


def test_a_manager_reaches_no_more_than_their_own(chat: Chat, lena: Someone) -> None:
    chat.slack("mona", department="Sales")
    tariq = chat.teams("tariq", roles=["manager"], department="IT")
    tariq.commands("announce")
    errors = fills(tariq)
    assert "beyond those whom you may reach" in errors["audience"]
    assert fills(tariq, audience="department:IT") == {}


def test_words_after_the_command_are_a_draft_at_once(lena: Someone) -> None:
    lena.commands("announce", "# Summer party\nOn Friday, at the lake.")
    assert lena.sees("Summer party") and newest().title == "Summer party" and lena.sees("nobody yet")
    assert lena.sees("Say who gets it, for example: everyone.") and not lena.sees("[Send]")


def test_any_message_becomes_an_announcement(chat: Chat, lena: Someone) -> None:
    chat.channel("general", lena)
    text = "The lift is broken.\nUse the stairs."
    said = lena.says(text, in_="general", mention=False)
    shortcut = lena.inbound("shortcut", "general", route="announcements.from_message", text=text, message=said)
    lena.reply = chat.happens(shortcut)
    form = lena.reply.form
    assert form is not None and form.inputs[0].value == "The lift is broken." and "stairs" in form.inputs[1].value


def test_two_who_edit_one_draft(chat: Chat, lena: Someone) -> None:
    omar = chat.teams("omar", name="Omar", roles=["admin"])
    one = drafted(lena)
    lena.uses("announcements.edit", one.id)
    omar.uses("announcements.edit", one.id)
    assert fills(omar, text="We move in April.") == {}
    reply = lena.submits(title="We move!", text="We move in May.", audience="everyone")
    assert list(reply.errors) == ["text"]
    assert "April" in str(reply.errors["text"].args["theirs"]) and "Omar" in str(reply.errors["text"].args["name"])
    assert newest().text == "We move in April."
    assert fills(lena, title="We move!", text="We move in April, or May.") == {}
    assert newest().text == "We move in April, or May." and newest().title == "We move!"


def test_what_two_changed_in_different_places_is_both_kept(chat: Chat, lena: Someone) -> None:
    omar = chat.teams("omar", roles=["admin"])
    one = drafted(lena)
    lena.uses("announcements.edit", one.id)
    omar.uses("announcements.edit", one.id)
    assert fills(omar, title="We are moving") == {} and fills(lena, text="In May.") == {}
    assert (newest().title, newest().text) == ("We are moving", "In May.")


def test_discarded_is_over(chat: Chat, lena: Someone) -> None:
    one = drafted(lena)
    lena.presses("Discard")
    assert newest().state == "cancelled" and not lena.sees("[Send]")
    lena.uses("announcements.send", one.id)
    assert newest().state == "cancelled"
    lena.uses("announcements.edit", one.id)
    assert lena.reply.form is None


def test_the_list_leads_to_each(lena: Someone) -> None:
    one = drafted(lena)
    lena.commands("announce", "list")
    assert lena.sees("Your announcements") and lena.sees("draft")
    before = len(lena.messages())
    lena.commands("announce", str(one.id))
    assert len(lena.messages()) == before + 1
    lena.commands("announce", "999999")
    assert lena.sees("not") and len(lena.messages()) == before + 2


def test_from_the_home(chat: Chat, lena: Someone) -> None:
    tariq, mona = chat.teams("tariq", roles=["manager"], department="IT"), chat.slack("mona")
    assert all("Announce something" in home(chat, someone) for someone in (lena, tariq))
    assert "Announce something" not in home(chat, mona)
    tariq.uses("announcements.new")
    assert not fills(tariq, audience="department:IT") and tariq.sees("Your draft")
    assert mona.uses("announcements.new").form is None


def test_nobody_else_sees_a_draft(chat: Chat, lena: Someone) -> None:
    mona = chat.slack("mona", roles=["manager"])
    one = drafted(lena)
    for route in (
        "edit",
        "open",
        "send",
        "preview",
        "who",
        "test",
        "options",
        "discard",
        "original",
        "recall",
        "approve",
    ):
        mona.uses(f"announcements.{route}", one.id)
    assert not mona.sees("Harbour") and newest().state == "draft"


def test_an_audience_of_many_parts_can_be_read_and_kept(chat: Chat) -> None:
    omar = chat.teams("omar", roles=["admin"], department="Sales", location="Rome")
    many = " or ".join(["department:Sales"] * 90)
    drafted(omar, audience=many)
    assert omar.screen().count("Sales") >= 90
