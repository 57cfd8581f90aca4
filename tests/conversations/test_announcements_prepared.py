"""What goes along with an announcement, who looks at it first, and what its author can still do when it is out."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from bot.cards import Picture
from bot.slack.preview import preview as in_slack
from bot.teams.preview import preview as in_teams
from models.announcements.tables import Authorship, Poll
from models.base import reading, transaction
from models.people import Person
from tests.announcing import work
from tests.chat import Chat, Someone
from tests.drafting import TEXT, drafted, gives, newest, reads, sent

PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 40


@pytest.fixture
def lena(chat: Chat) -> Someone:
    """An administrator who has something to say."""
    chat.at(datetime(2026, 11, 23, 8, tzinfo=UTC))
    return chat.slack("lena", name="Lena", roles=["admin"])


def test_who_must_approve_is_asked_and_may_want_changes(chat: Chat, lena: Someone) -> None:
    tariq, mona = chat.teams("tariq", name="Tariq"), chat.slack("mona")
    with transaction() as session:
        session.add(Authorship(person_id=tariq.person.id, audience={"key": "everyone"}, approver_id=lena.person.id))
    one = drafted(tariq)
    assert not tariq.sees("[Send]")
    tariq.uses("announcements.send", one.id)
    assert newest().state == "draft"
    tariq.presses("Ask {name} to approve")
    assert "Tariq asks you to approve an announcement: “We move”" in reads(lena) and lena.sees("Harbour Street")
    lena.presses("Ask for changes")
    assert lena.submits(reason=" ").errors
    lena.submits(reason="Say the day.")
    assert tariq.sees("Say the day.") and newest().state == "draft" and "Lena asked for changes" in reads(lena)
    tariq.presses("Edit")
    tariq.submits(title="We move", text="We move on 2 March.", audience="everyone")
    tariq.presses("Ask {name} to approve")
    lena.presses("Approve")
    work(chat)
    assert tariq.sees("It goes out now.") and mona.sees("We move on 2 March.")


def test_what_was_proposed_and_is_changed_needs_to_be_approved_again(chat: Chat, lena: Someone) -> None:
    tariq = chat.teams("tariq", name="Tariq")
    with transaction() as session:
        session.add(Authorship(person_id=tariq.person.id, audience={"key": "everyone"}, approver_id=lena.person.id))
    one = drafted(tariq)
    tariq.presses("Ask {name} to approve")
    tariq.uses("announcements.edit", one.id)
    tariq.submits(title="We move", text="Something else.", audience="everyone")
    assert lena.sees("there is nothing to approve now") and newest().state == "draft"
    lena.uses("announcements.approve", one.id)
    assert newest().state == "draft"


def test_an_older_card_approves_nothing_that_was_changed_since(chat: Chat, lena: Someone) -> None:
    tariq = chat.teams("tariq", name="Tariq")
    with transaction() as session:
        session.add(Authorship(person_id=tariq.person.id, audience={"key": "everyone"}, approver_id=lena.person.id))
    one = drafted(tariq)
    tariq.presses("Ask {name} to approve")
    older = lena.messages()[-1]
    tariq.uses("announcements.edit", one.id)
    tariq.submits(title="We move", text="Something else.", audience="everyone")
    tariq.presses("Ask {name} to approve")
    assert lena._event("button", older.conversation, route="announcements.approve", id=one.id, message=older.id).notice
    assert newest().state == "proposed"
    lena.presses("Approve")
    assert newest().state == "sending"


def test_what_was_approved_is_what_goes_out(chat: Chat, lena: Someone) -> None:
    tariq = chat.teams("tariq", name="Tariq")
    giulia = chat.slack("giulia", locale="it")
    with transaction() as session:
        session.add(Authorship(person_id=tariq.person.id, audience={"key": "everyone"}, approver_id=lena.person.id))
    one = drafted(tariq, send_at="tomorrow 9:00")
    tariq.presses("Ask {name} to approve")
    lena.presses("Approve")
    assert newest().state == "scheduled"
    tariq.uses("announcements.language.it", one.id)
    tariq.submits(title="Altro", text="Tutt'altro, che nessuno ha approvato.")
    assert newest().state == "draft" and newest().approved_at is None
    tariq.presses("Ask {name} to approve")
    lena.presses("Approve")
    chat.passes(days=2)
    work(chat)
    assert giulia.sees("nessuno ha approvato")
    tariq.uses("announcements.language.it", one.id)
    assert "approved this" in str(tariq.submits(title="Ancora", text="Di nuovo altro.").errors)
    work(chat)
    assert not giulia.sees("Di nuovo altro")


def test_preview_on_every_platform_and_a_test(chat: Chat, lena: Someone, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chat.platforms["slack"], "preview", in_slack)
    monkeypatch.setattr(chat.platforms["teams"], "preview", in_teams)
    one = drafted(lena)
    lena.presses("Preview")
    assert "Slack: all of it fits" in reads(lena) and "Teams: all of it fits" in reads(lena)
    assert lena.sees("Only you see this")
    with reading() as session:
        handler, numbers = chat.runtime.router.page_at(f"/announcements/{one.id}/preview") or (None, {})
        assert handler is not None
        seen = handler(session, session.get_one(Person, lena.person.id), **numbers)
    shown = str(seen.elements)
    assert all(name in shown for name in ("'Slack'", "'Teams'", "'Web'")) and shown.count("[ Got it ]") == 3
    lena.presses("Test to myself")
    assert lena.sees("its buttons begin to work once it is sent")
    lena.presses("Got it")
    assert "once the announcement is sent" in str(lena.reply.notice)


def test_who_gets_it(chat: Chat, lena: Someone) -> None:
    chat.slack("mona", name="Mona", locale="it")
    with transaction() as session:
        session.add(Person(handle="pen", name="Pen"))
    drafted(lena)
    lena.presses("Who gets it")
    assert lena.sees("It reaches 3 people.") and lena.sees("Mona") and lena.sees("1 of them cannot be reached")
    assert lena.sees("Italian")


def test_people_of_a_file(chat: Chat, lena: Someone) -> None:
    mona, omar = chat.slack("mona"), chat.slack("omar", email="omar@acme.example")
    drafted(lena)
    lena.presses("Who gets it")
    lena.presses("Choose people by a file")
    reply = lena.submits(files=gives(lena, "people.csv", b"handle\nmona\nnobody1\nnobody2\n"))
    assert reply.errors["files"].args == {"n": 2, "names": "nobody1, nobody2"} and newest().audience == {
        "key": "everyone"
    }
    assert lena.submits(files=gives(lena, "people.csv", b"\x00\x01\x02")).errors["files"].text.startswith("I cannot")
    assert not lena.submits(files=gives(lena, "people.csv", b"handle\nmona\nomar@acme.example\nmona\n")).errors
    assert newest().audience == {"people": [mona.person.id, omar.person.id]} and lena.sees("2 people of a list")
    form = lena.uses("announcements.edit", newest().id).form
    assert form is not None and form.inputs[2].value == "list"
    assert not lena.submits(title="We move", text=TEXT, audience="list and not @mona").errors
    assert lena.sees("(1 person)")


def test_a_picture_with_what_it_shows(chat: Chat, lena: Someone) -> None:
    mona = chat.slack("mona")
    drafted(lena)
    lena.presses("Picture")
    errors = lena.submits(files=gives(lena, "map.png", b"GIF is not here"), alt="A map").errors
    assert errors["files"].text.startswith("{name} is not a picture") and newest().text == TEXT
    assert list(lena.submits(files=gives(lena, "map.png", PNG), alt=" ").errors) == ["alt"]
    assert list(lena.submits(files=gives(mona, "map.png", PNG), alt="A map").errors) == ["files"]
    assert not lena.submits(files=gives(lena, "map.png", PNG), alt="A map of the harbour").errors
    assert lena.sees("A map of the harbour")
    lena.presses("Picture")
    assert not lena.submits(files=gives(lena, "new.png", PNG), alt="Another map").errors
    sent(chat, lena)
    card = mona.messages()[-1].card
    assert card is not None and [each.name.text for each in card.elements if isinstance(each, Picture)] == [
        "Another map"
    ]


def test_a_picture_can_be_taken_away(lena: Someone) -> None:
    drafted(lena)
    lena.presses("Picture")
    assert not lena.submits(files=gives(lena, "map.png", PNG), alt="A map").errors
    lena.presses("Picture")
    assert not lena.submits(files="", alt="").errors
    assert newest().picture_alt == "" and lena.messages()[-1].card is not None
    assert "Picture: " not in lena.messages()[-1].text


def test_questions_to_readers(chat: Chat, lena: Someone) -> None:
    mona = chat.slack("mona")
    drafted(lena)
    lena.presses("Poll")
    assert list(lena.submits(words="When?", kind="single", options="March").errors) == ["options"]
    assert list(lena.submits(words="When?", kind="single", options="\n".join("abcdefghijkl")).errors) == ["options"]
    assert list(lena.submits(words="When?", kind="scale", steps="99").errors) == ["steps"]
    assert list(lena.submits(words="When?", kind="odd", options="1\n2").errors) == ["kind"]
    assert not lena.submits(words="When?", kind="single", options="- March\n- April\n- April", anonymous="yes").errors
    lena.presses("Poll")
    assert not lena.submits(words="How good?", kind="scale", steps="5").errors
    with reading() as session:
        polls = session.scalars(select(Poll).order_by(Poll.position)).all()
        assert [(each.kind, each.options, each.anonymous) for each in polls] == [
            ("single", ["March", "April"], True), ("scale", list("12345"), False)]  # fmt: skip
    lena.presses("Poll")
    assert not lena.submits(remove=str(polls[1].id), words="", kind="single").errors
    sent(chat, lena)
    assert mona.sees("When?") and mona.sees("Anonymous") and not mona.sees("How good?")


def test_changed_and_taken_back_after_it_went_out(chat: Chat, lena: Someone) -> None:
    mona, omar = chat.slack("mona"), chat.teams("omar")
    one = drafted(lena)
    sent(chat, lena)
    lena.commands("announce", str(one.id))
    lena.presses("Edit")
    form = lena.reply.form
    assert form is not None and [each.name for each in form.inputs] == ["title", "text", "acknowledge_by", "expires_at"]
    assert list(lena.submits(title="We move", text=" ").errors) == ["text"]
    assert not lena.submits(title="We move", text="To Market Street.").errors
    work(chat)
    assert all(each.sees("Market Street") and not each.sees("Harbour") for each in (mona, omar))
    mona.uses("announcements.recall", one.id)
    assert newest().state == "sent"
    lena.presses("Take back")
    work(chat)
    assert all(each.sees("has taken back") and not each.sees("Market Street") for each in (mona, omar))
