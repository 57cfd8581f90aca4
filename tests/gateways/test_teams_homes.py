"""A home in Teams, which is a message: however much stands in it, it has room there."""

from __future__ import annotations

from bot.cards import Actions, Button, Card, Divider, Element, Heading, T, Text, User
from bot.teams.render import render
from bot.texts import Reader
from tests.teams_cards import SCENE, fits


def test_a_home_of_far_too_many_parts_keeps_the_beginning_and_the_end_of_each() -> None:
    def section(name: str) -> list[Element]:
        many = [part for n in range(150) for part in (Text(User(f"{name} {n} " + "x" * 300)), press(f"Do {name}", n))]
        return [Heading(User(name)), *many, press(f"New in {name}", 0)]

    def press(label: str, number: int) -> Actions:
        return Actions((Button(T(label), "probe.press", number),))

    parts = [*section("Questions"), Divider(), *section("Topics"), Divider(), press("People", 0)]
    card = fits(render(Card(T("Your home"), tuple(parts), home=True), Reader("en"), SCENE))
    said = str(card)
    for there in ("Questions 0 ", "Topics 0 ", "New in Questions", "New in Topics", "People", "too long to be shown"):
        assert there in said, there
