"""Every platform takes every card and form of decisions, however much stands in them, in either direction."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from bot.cards import Card, Form
from bot.texts import Reader
from handlers.decisions import cards, forms, notices
from handlers.decisions.cards import State
from models.decisions import steps
from models.decisions.counting import Count
from models.decisions.tables import (
    ALL,
    DECIDED,
    MODES,
    NAMED,
    ONE,
    OPEN,
    STATES,
    Decision,
    DecisionForm,
    DecisionOption,
    Voice,
)
from models.decisions.voices import Said
from models.people import EMPLOYEE, LOCALES, Person
from models.places import Place
from tests import rendered

AT = datetime(2026, 3, 9, 10, tzinfo=UTC)
WORDS = {"en": "third floor ", "it": "terzo piano ", "ar": "الطابق الثالث ", "he": "קומה שלישית "}


def person(id: int, name: str, locale: str = "en") -> Person:
    return Person(
        id=id, name=name, handle=f"p{id}", locale=locale, kind=EMPLOYEE, timezone="Asia/Jerusalem", active=True
    )


PEOPLE = [person(1, "عمر الخطيب", "ar"), *(person(n, f"Reader {n}") for n in range(2, 14))]


def state(locale: str, **about: object) -> State:
    """One as full as its forms let it be."""
    words = WORDS[locale] * 400
    known = {"asker": PEOPLE[0], "decider": PEOPLE[1], "details": words[: forms.DETAILS], "reasons": words[:3_000],
             "anonymous": False, "quorum": 3, "proposals": True, "chosen": 1, "decided_at": AT, "changed_at": AT,
             "closes_at": AT, "language": locale, "title": words[: forms.TITLE], "mode": ALL,
             "state": OPEN}  # fmt: skip
    decision = Decision(id=7, **{**known, **about})
    options = [DecisionOption(decision_id=7, position=n, words=f"{n} {words}"[: forms.OPTION]) for n in range(1, 11)]
    said = [Said(each, n % 10 + 1, words[: forms.REASON]) for n, each in enumerate(PEOPLE)]
    counted = Count(13, 20, {n: 2 if n < 4 else 1 for n in range(1, 11)})
    return State(decision, options, counted, () if decision.anonymous else said, PEOPLE, Decision(id=8, title="Later"))


def shown(locale: str) -> Iterator[Card]:
    kinds = [*((mode, OPEN, mode == ALL) for mode in MODES), *((ALL, stands, False) for stands in STATES)]
    for mode, stands, anonymous in kinds:
        one = state(locale, mode=mode, state=stands, anonymous=anonymous)
        yield from (cards.of(one), cards.more(one, True, notices.who_can(one.decision, one.decision.asker)))
        yield cards.result(one) if stands == DECIDED else notices.not_decided(one)
    for keeper in (PEOPLE[0], PEOPLE[1], None):
        one = state(locale)
        yield cards.more(one, False, notices.who_can(one.decision, keeper))
    one = state(locale, mode=ONE, next_step=steps.REMIND_DECIDER)
    yield from (notices.goes_on(one), notices.goes_on(state(locale)), notices.looks_after(one, PEOPLE[0]))
    for say in (notices.asks_decider, notices.asks_why, notices.asks_asker, notices.all_said, notices.reminder,
                notices.reminder_here):  # fmt: skip
        yield say(one)
    yield from (notices.withdrawn(one.decision, before) for before in (OPEN, DECIDED))


def filled(locale: str) -> Iterator[Form]:
    one = state(locale, mode=NAMED)
    values = forms.values_of(one.decision, one.options, PEOPLE)
    places = [Place(id=n, name=f"{WORDS[locale]}{n}") for n in range(90)]
    yield forms.begin(DecisionForm(id=3, filled=values), values, places)
    for anonymous in (False, True):
        other = state(locale, anonymous=anonymous)
        yield forms.say(other.decision, other.options, Voice(choice=2, reason=WORDS[locale]), adds=not anonymous)
    yield from (forms.decide(one.decision, one.options), forms.explain(one.decision))
    yield from (forms.extend(one.decision), forms.hand_to(one.decision))


@pytest.mark.parametrize("locale", LOCALES)
def test_every_platform_takes_every_card(locale: str) -> None:
    parts: list[Card | Form] = [*shown(locale), *filled(locale)]
    for part in parts:
        rendered.shown(part, Reader(locale))
