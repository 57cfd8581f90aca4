"""A password in a question: left out at once, its asker asked, and nothing of it kept anywhere."""

from __future__ import annotations

import pytest
from sqlalchemy import String, cast, func, select

from models.base import Base, reading
from models.people import Person
from models.questions import Question
from tests.chat import Chat, Someone

SECRET = "Kayitz2026"


def stored() -> list[str]:
    """The tables in which the secret stands, in whatever column."""
    with reading() as session:
        return [
            table.name
            for table in Base.metadata.sorted_tables
            if session.scalar(
                select(func.count()).select_from(table).where(
                    func.concat(*(cast(column, String) for column in table.columns)).contains(SECRET))
            )
        ]  # fmt: skip


def question() -> Question:
    with reading() as session:
        return session.scalars(select(Question)).one()


ASKED = [
    ("slack", "en", f"I cannot log in to the portal, my password is {SECRET} and it says no"),
    ("teams", "he", f"לא מצליח להיכנס לפורטל, הסיסמה שלי היא {SECRET}"),
    ("teams", "it", f"Non entro nel portale, password: {SECRET}"),
    ("slack", "ar", f"لا أستطيع الدخول إلى البوابة، كلمة المرور: {SECRET}"),
]


@pytest.mark.parametrize(("platform", "locale", "text"), ASKED)
def test_a_password_is_never_kept(chat: Chat, platform: str, locale: str, text: str) -> None:
    asker: Someone = getattr(chat, platform)("mona", locale=locale)
    omar = getattr(chat, platform)("omar")
    place = chat.channel("help", asker, omar)
    asker.says(text, in_=place)
    assert SECRET not in question().text and "••••" in question().text
    assert stored() == [] and not omar.sees(SECRET) and not asker.sees(SECRET)


def test_the_asker_alone_is_offered_to_remove_it(chat: Chat) -> None:
    mona, omar = chat.slack("mona"), chat.slack("omar")
    place = chat.channel("help", mona, omar)
    mona.says(f"The VPN refuses my password: {SECRET}", in_=place)
    assert mona.sees("seems to hold a password") and not omar.sees("seems to hold")
    mona.presses("Remove it")
    assert mona.sees("nothing that I keep or have posted holds it")
    assert mona.sees("delete or edit it where you wrote it")


def test_what_is_no_secret_is_asked_as_it_was_written(chat: Chat) -> None:
    chat.knows("Error XK-2288-PLQ-71", "The licence key XK-2288-PLQ-71 is refused when no seat is free.")
    mona = chat.teams("mona")
    mona.says("What is the licence key: XK-2288-PLQ-71?")
    assert "XK-2288-PLQ" not in question().text
    form = mona.presses("It is not a secret").form
    assert form is not None and "••••" in form.inputs[0].value
    mona.submits(text="What is the licence key: XK-2288-PLQ-71?")
    assert question().text == "What is the licence key: XK-2288-PLQ-71?"
    assert mona.sees("no seat is free")


def test_nobody_else_may_say_that(chat: Chat) -> None:
    mona, omar = chat.slack("mona"), chat.slack("omar")
    place = chat.channel("help", mona, omar)
    mona.says(f"The VPN refuses my password: {SECRET}", in_=place)
    omar.uses("questions.no_secret", question().id)
    assert omar.reply.form is None and not omar.sees("seems to hold")


def test_by_a_form_and_in_what_is_added(chat: Chat) -> None:
    mona = chat.slack("mona")
    chat.knows("VPN", "The VPN asks for the password of your laptop.")
    mona.uses("questions.new")
    mona.submits(text=f"VPN password: {SECRET} refused")
    assert stored() == [] and mona.sees("seems to hold a password")
    assert not mona.sees("I cannot change your own message")
    place = chat.channel("help", mona)
    first = mona.says("How do I use the VPN?", in_=place)
    mona.says(f"it is about the laptop, pwd={SECRET}", in_=place, thread=first)
    mona.changes(first, f"How do I use the VPN with token={SECRET}99XYZ77?", in_=place)
    assert stored() == []


def test_an_expert_is_not_shown_it(chat: Chat) -> None:
    mona, omar = chat.slack("mona"), chat.teams("omar")
    topic = chat.topic("security", omar)
    place = chat.channel("help", mona, topic_id=topic.id)
    first = mona.says(f"My password: {SECRET} is refused", in_=place)
    mona.presses("Ask an expert")
    mona.says(f"now it is password: {SECRET}", in_=place, thread=first)
    assert omar.sees("My password: ••••") and not omar.sees(SECRET) and stored() == []


def test_without_a_name_too(chat: Chat) -> None:
    from models.base import transaction
    from models.company import set_setting

    with transaction() as session:
        set_setting(session, "anonymous", True)
    mona = chat.slack("mona")
    mona.uses("questions.new")
    mona.submits(text=f"My password: {SECRET} is refused", anonymous="yes")
    assert stored() == [] and mona.sees("seems to hold a password")
    with reading() as session:
        assert session.get_one(Person, question().asker_id).kind == "mask"
