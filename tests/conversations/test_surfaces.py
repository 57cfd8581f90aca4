"""Where features meet people besides the conversation: links they post, what they look up, places Agora comes to."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from bot.cards import T, to_json
from bot.plaintext import plain
from bot.texts import Reader, say
from models.answers import Vote
from models.base import reading, transaction
from models.facts import Fact
from models.people import LOCALES
from models.places import Place
from tests.chat import Chat, Someone

VPN = "Open the Connect app and choose Reset profile."


def posts_link(someone: Someone, path: str, in_: str | None = None) -> str | None:
    """Somebody posts the address of a page; what is shown under it."""
    link = f"https://agora.example.com{path}"
    unfurled = someone.chat.platforms[someone.platform].unfurled
    unfurled.pop(link, None)
    someone.chat.happens(someone.inbound("unfurl", in_, message="m", values={"links": [[link, path]]}))
    return unfurled.get(link)


def count(verb: str) -> int:
    with reading() as session:
        return session.scalar(select(func.count()).select_from(Fact).where(Fact.verb == verb)) or 0


def place(key: str) -> Place:
    with reading() as session:
        return session.scalars(select(Place).where(Place.key == key)).one()


def test_a_link_to_an_entry_shows_it_where_all_may_read_it(chat: Chat) -> None:
    mona, gino = chat.slack("mona"), chat.slack("gino", kind="guest")
    chat.channel("all", mona)
    chat.channel("with-guest", mona, gino, closed=True)
    entry = chat.knows("Resetting the VPN", VPN)
    shown = posts_link(mona, f"/entries/{entry.id}", "all")
    assert shown is not None and "Resetting the VPN" in shown and "Reset profile" in shown
    assert posts_link(mona, f"/entries/{entry.id}", "with-guest") is None


def test_a_link_to_what_few_may_read_shows_nothing_even_to_them(chat: Chat) -> None:
    mona, omar = chat.slack("mona", department="hr"), chat.slack("omar")
    chat.channel("hr", mona, closed=True)
    chat.channel("all", mona, omar)
    entry = chat.knows("Salary bands", "A to F.", audience=["department:hr"])
    assert posts_link(mona, f"/entries/{entry.id}", "all") is None
    assert "Salary bands" in str(posts_link(mona, f"/entries/{entry.id}", "hr"))
    assert posts_link(mona, "/entries/999999", "all") is None


def test_a_link_to_a_question_of_a_closed_place_shows_nothing_elsewhere(chat: Chat) -> None:
    mona, omar = chat.slack("mona"), chat.slack("omar")
    chat.channel("closed", mona, closed=True)
    chat.channel("all", mona, omar)
    mona.says("Who leads the merger?", in_="closed")
    assert posts_link(mona, "/questions/1", "all") is None
    assert "merger" in str(posts_link(mona, "/questions/1", "closed"))


def test_a_link_to_a_question_shows_its_answer_but_no_private_one(chat: Chat) -> None:
    mona, omar = chat.slack("mona"), chat.slack("omar")
    chat.channel("all", mona, omar)
    mona.says("Where is the bicycle yard?", in_="all")
    omar.uses("answers.write", 1)
    omar.submits(text="Behind gate 7.", private="private")
    shown = str(posts_link(omar, "/questions/1", "all"))
    assert "bicycle" in shown and "gate 7" not in shown
    omar.uses("answers.write", 1)
    omar.submits(text="Ask at gate 3.", private="")
    mona.chat.happens(mona.inbound("button", "all", route="answers.accept", id=2))
    assert "gate 3" in str(posts_link(omar, "/questions/1", "all"))


def test_a_search_finds_what_the_searcher_may_read_and_shares_no_more_than_all_may(chat: Chat) -> None:
    mona, gino = chat.slack("mona", department="hr"), chat.slack("gino", kind="guest")
    chat.knows("Resetting the VPN", VPN)
    chat.knows("VPN of the HR department", "It has a second password.", audience=["department:hr"])
    look = chat.runtime.router.searches["knowledge"]
    with reading() as session:
        found = {say(hit.title, Reader()): plain(hit.card, Reader()) for hit in look(session, mona.person, "VPN", {})}
        assert look(session, gino.person, "VPN", {}) == []
        assert look(session, mona.person, "\0 ", {}) == []
    assert set(found) == {"Resetting the VPN", "VPN of the HR department"}
    assert "Connect" in found["Resetting the VPN"]
    assert "password" not in found["VPN of the HR department"]
    assert all("Read the whole entry" in card for card in found.values())


def test_what_is_found_can_be_kept_in_a_card(chat: Chat) -> None:
    mona = chat.slack("mona")
    chat.knows("Resetting the VPN", VPN)
    with reading() as session:
        hits = chat.runtime.router.searches["knowledge"](session, mona.person, "VPN", {})
        assert [to_json(hit.card)["_"] for hit in hits] == ["Card"]


@pytest.mark.parametrize("locale", LOCALES)
def test_what_a_prompt_says_is_understood_in_every_language(chat: Chat, locale: str) -> None:
    mona = chat.slack("mona", locale=locale)
    prompts = chat.runtime.router.prompts
    assert len(prompts) >= 2
    for _, says in prompts:
        mona.says(say(says, Reader(locale)))
    assert count("question.asked") == 0
    assert len([m for m in mona.messages() if m.conversation == mona.own_chat]) == len(prompts)


def test_agora_says_once_what_it_does_where_it_is_added_in_the_language_of_who_added_it(chat: Chat) -> None:
    noa = chat.slack("noa", locale="he")
    chat.channel("new", noa)
    for _ in range(2):
        chat.happens(noa.inbound("joined", "new"))
    shown = [m for m in noa.messages() if m.conversation == "new"]
    assert len(shown) == 1 and shown[0].only_for is None
    assert place("new").locale == "he"
    assert count("place.welcomed") == 1


def test_nobody_is_named_who_added_it(chat: Chat) -> None:
    mona = chat.slack("mona")
    chat.channel("new", mona)
    chat.happens(mona.inbound("joined", "new").__class__("slack", "here", "new", "joined"))
    assert mona.sees("Mention me with your question")


def test_who_installs_it_is_greeted_once_and_told_how_to_administer(chat: Chat) -> None:
    mona, omar = chat.slack("mona"), chat.slack("omar")
    for _ in range(2):
        chat.happens(mona.inbound("joined"))
    assert len(mona.messages()) == 1 and mona.sees("Write /admin to become its administrator")
    mona.commands("admin")
    chat.happens(omar.inbound("joined"))
    assert omar.sees("How to ask") and not omar.sees("/admin")


def test_who_is_in_a_channel_says_when_agora_speaks_there(chat: Chat) -> None:
    mona, omar = chat.slack("mona"), chat.slack("omar")
    chat.channel("talk", mona)
    chat.knows("Resetting the VPN", VPN)
    chat.happens(mona.inbound("joined", "talk"))
    mona.says("How do I reset the VPN?", in_="talk", mention=False)
    assert not mona.sees("Reset profile")
    mona.presses("When I answer here")
    mona.submits(answers="always", locale="en")
    mona.says("How do I reset the VPN?", in_="talk", mention=False)
    assert mona.sees("Reset profile")
    place_id = place("talk").id
    omar.uses("places.settings", place_id)
    assert omar.reply.form is None and omar.reply.notice is not None


def test_a_guest_does_not_change_a_channel_and_what_is_no_choice_is_refused(chat: Chat) -> None:
    mona, gino = chat.slack("mona"), chat.slack("gino", kind="guest")
    chat.channel("talk", mona, gino)
    assert gino.uses("places.settings", place("talk").id).form is None
    mona.uses("places.settings", place("talk").id)
    assert set(mona.submits(answers="loud", locale="en").errors) == {"answers"}
    assert set(mona.submits(answers="off", locale="xx").errors) == {"locale"}
    assert place("talk").answers == "mentioned"


def test_where_it_is_to_be_silent_only_who_speaks_to_it_is_told(chat: Chat) -> None:
    mona, omar = chat.slack("mona"), chat.slack("omar")
    chat.channel("quiet", mona, omar, answers="off")
    mona.says("How do I reset the VPN?", in_="quiet")
    assert mona.sees("I do not answer in this channel") and not omar.sees("I do not answer")
    mona.says("Lunch?", in_="quiet", mention=False)
    assert mona.screen().count("I do not answer in this channel") == 1
    assert count("question.asked") == 0


def test_settings_lead_to_what_can_be_set(chat: Chat) -> None:
    mona = chat.slack("mona")
    chat.channel("talk", mona)
    mona.commands("agora", "settings", in_="talk")
    reply = mona.presses("When I answer here")
    assert reply.form is not None and reply.form.route == "places.settings"
    assert mona.presses("My settings").form.route == "home.settings"  # type: ignore[union-attr]
    mona.commands("agora", "settings")
    last = mona.messages()[-1]
    assert [button.label for button in last.buttons] == [T("My settings")]


def test_the_same_place_of_another_installation_is_another(chat: Chat) -> None:
    mona = chat.slack("mona")
    chat.channel("new", mona)
    with transaction() as session:
        session.add(Place(platform="slack", installation="there", key="new", kind="channel", name="new"))
    chat.happens(mona.inbound("joined", "new"))
    assert count("place.welcomed") == 1


def reacts(someone: Someone, name: str, words: str, added: bool = True) -> None:
    """React to the newest message that says ``words``."""
    shown = next(m for m in reversed(someone.messages()) if words in m.text)
    someone.chat.happens(
        someone.inbound("reaction", shown.conversation, text=name, message=shown.id, values={"added": added})
    )


def votes() -> int:
    with reading() as session:
        return session.scalar(select(func.count()).select_from(Vote)) or 0


def answered(chat: Chat) -> tuple[Someone, Someone]:
    """Somebody asked in a channel, and somebody answered."""
    mona, omar = chat.slack("mona", roles=["admin"]), chat.slack("omar")
    chat.channel("all", mona, omar)
    mona.says("Where is the bicycle yard?", in_="all")
    omar.uses("answers.write", 1)
    omar.submits(text="Behind gate 7.", private="")
    return mona, omar


def test_a_reaction_is_a_vote_where_the_company_says_so(chat: Chat) -> None:
    mona, omar = answered(chat)
    reacts(mona, "+1", "gate 7")
    assert votes() == 0
    mona.uses("admin.company_form")
    mona.submits(name="", anonymous="no", reactions="yes")
    for name in ("eyes", "+1", "heart"):
        reacts(mona, name, "gate 7")
    assert votes() == 1 and omar.sees("1 person found it helpful")
    reacts(omar, "+1", "gate 7")
    assert votes() == 1 and not omar.sees("It is your own answer")
    chat.happens(mona.inbound("reaction", "all", text="+1", message="m999", values={"added": False}))
    assert votes() == 1
    reacts(mona, "+1", "gate 7", added=False)
    assert votes() == 0


def test_where_not_all_members_are_known_only_who_asks_is_answered(chat: Chat) -> None:
    mona = chat.slack("mona")
    chat.channel("half", mona, members_known=False)
    chat.knows("Resetting the VPN", VPN)
    mona.says("How do I reset the VPN?", in_="half")
    shown = [m for m in mona.messages() if "Reset profile" in m.text]
    assert [m.only_for for m in shown] == ["mona"]
