"""Every platform takes every card of announcements, whatever its reader has said so far, in either direction; what is
shown here is kept for the peers that look at all cards (``tests/rendered.py``)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.cards import Actions, Button, Card, Form, T, Text, User
from bot.texts import Reader
from handlers.announcements import cards, cluster_cards, draft_cards, objecting, overview, poll_cards
from handlers.announcements.cards import Standing
from handlers.announcements.draft_cards import Extras, Reach
from models.announcements.polls import Results
from models.announcements.tables import DRAFT, PROPOSED, SCHEDULED, SENT, STATES, Announcement, Ballot, Poll, Receipt
from models.announcements.texts import Wording, original
from models.files import File
from models.people import EMPLOYEE, LOCALES, Person
from tests import rendered

AT = datetime(2026, 3, 9, 10, tzinfo=UTC)
TEXTS = {
    "en": (
        "We move",
        "To **Harbour Street**:\n\n1. on Monday\n2. with [a plan](https://x.example)\n\n|a|b|\n|-|-|\n|1|2|",
    ),
    "it": ("Ci trasferiamo", "In **Harbour Street**, da lunedì."),
    "ar": ("سننتقل", "إلى **Harbour Street** ابتداءً من يوم الاثنين:\n\n- مكتب 5\n- مكتب 6"),
    "he": ("אנחנו עוברים", "ל**Harbour Street** מיום שני:\n\n- משרד 5\n- משרד 6"),
}
STANDINGS = [Standing(a, o) for a in (False, True) for o in (False, True)]
SINGLE = Poll(id=1, position=0, kind="single", words="By train?", options=["Yes", "No"], anonymous=False, open=True)
SCALE = Poll(id=2, position=1, kind="scale", words="כמה טוב?", options=["1", "2", "3"], anonymous=True, open=True)
PICTURE = File(id=7, name="map.png", media_type="image/png", size=9)


def person(id: int, name: str, **about: Any) -> Person:
    known = {"handle": f"p{id}", "locale": "en", "kind": EMPLOYEE, "timezone": "Asia/Jerusalem", "active": True}
    return Person(id=id, name=name, **{**known, **about})


OMAR, LENA = person(1, "عمر الخطيب", latin_name="Omar", locale="ar"), person(2, "Lena")


def announcement(language: str = "en", **about: Any) -> Announcement:
    title, text = TEXTS[language]
    plain = {"state": SENT, "urgent": False, "questions": True, "revision": 0, "unseen": False, "local": False}
    return Announcement(id=3, author=OMAR, title=title, text=text, language=language, sent_at=AT,
                        picture_alt="A map", **{**plain, **about})  # fmt: skip


def readers(locale: str) -> Iterator[Card]:
    """A reader's copy, in all its standings; with everything, and with next to nothing."""
    full = announcement(locale, urgent=True, revision=1, acknowledge_by=AT + timedelta(days=1))
    other = next(each for each in LOCALES if each != locale)
    unchecked = Wording(locale, *TEXTS[locale], "", translated=True, unchecked=True)
    given = {1: Ballot(poll_id=1, choices=[1]), 2: Ballot(poll_id=2, choices=None)}
    found = {1: Results(4, (3, 1)), 2: Results(0, (0, 0, 0), hidden=True)}
    voted = {poll.id: poll_cards.voted(poll, given[poll.id], found[poll.id]) for poll in (SINGLE, SCALE)}
    for said in STANDINGS:
        more: dict[str, Any] = {"locale": locale, "said": said, "polls": [SINGLE, SCALE], "picture": PICTURE}
        yield cards.reader(full, original(full), **more, answered=2, reminder=True)
        yield cards.reader(announcement(other), unchecked, **more, voted=voted, answered=1)
        yield cards.reader(announcement(locale, questions=False), original(full), said=said)
    yield cards.reader(full, original(full), locale=other, over=True)
    yield cards.recalled(full, original(full))
    yield cards.original(full, original(full))


def drafts(locale: str) -> Iterator[Card]:
    """What its author and whoever approves see, at every point of its life."""
    reach, extras = Reach(T("Everybody"), 12), Extras(["he", "it"], ["it"], picture=True, polls=2)
    hindered = Reach(User("department:Sales"), 1, LENA, T("Nobody is meant."))
    times = {"send_at": AT, "acknowledge_by": AT, "expires_at": AT, "local": True, "repeat": "FREQ=DAILY"}
    for state in STATES:
        about: dict[str, Any] = {"state": state, "approver": LENA}
        yield draft_cards.draft(announcement(locale, **about), reach, Extras())
        one = announcement(locale, **about, **times, urgent=True, refused_because="Too *long*.")
        for whom in (reach, hindered, Reach(T("Everybody"), 12, LENA)):
            yield draft_cards.draft(one, whom, extras)
    yield draft_cards.draft(announcement(locale, state=SCHEDULED, send_at=AT), reach, extras, undo=True)
    proposed = announcement(locale, state=PROPOSED, refused_because="Too *long*.", send_at=AT)
    yield draft_cards.approval(proposed, reach, extras)
    yield draft_cards.told_refused(proposed, LENA)
    yield from (draft_cards.decided(proposed, LENA, approved) for approved in (True, False))
    yield from (draft_cards.told_approved(each, LENA) for each in (proposed, announcement(locale, state=DRAFT)))
    yield draft_cards.listed([proposed, announcement(locale)], unfinished=True)
    yield draft_cards.listed([], unfinished=False)
    yield draft_cards.out(announcement(locale), cards.manage(announcement(locale)))
    yield draft_cards.who(announcement(locale), hindered, [OMAR, LENA], 2, [("ar", 1), ("he", 4)])
    yield draft_cards.on_top_of_test(next(readers(locale)))


def others(locale: str) -> Iterator[Card | Form]:
    """What comes back: reminders, replies, and forms."""
    one = announcement(locale)
    receipt = Receipt(objection=TEXTS[locale][1], reply=TEXTS[locale][1])
    buttons = (Text(T("Ask")), Actions((Button(T("Answer"), "announcements.answer", 1, "primary", opens="form"),)))
    yield cluster_cards.reminder(one, 3, buttons)
    yield cluster_cards.settled(one)
    yield from (cluster_cards.sent(2, private) for private in (True, False))
    yield objecting.told(one, receipt, OMAR)
    yield objecting.form(one, receipt)
    yield objecting.reply_form(one, [(receipt, OMAR), (receipt, LENA)])
    yield from (poll_cards.form(poll, [1]) for poll in (SINGLE, SCALE))


@pytest.mark.parametrize("locale", LOCALES)
def test_every_platform_takes_every_card(locale: str) -> None:
    shown = [*readers(locale), *drafts(locale), *others(locale)]
    assert len(shown) > 60
    for card in shown:
        rendered.shown(card, Reader(locale))


def test_each_reason_has_its_own_words() -> None:
    known = ("no_chat", "left", "deactivated", "not_installed", "blocked", "removed", "expired")
    said = {overview.reason(code).text for code in known}
    assert len(said) == len(known) and overview.reason("failed").text not in said
