"""A text is cut into what is language and what is not, and put together again as it was."""

from __future__ import annotations

import json
import time

import pytest

from bot.ai.segments import Segments, cut
from bot.ai.translations import checked, parts

PAGE = """\
# Reset the VPN

1. Open the **Connect** app on `laptop-7`, or run:

```sh
connect --reset  # not translated
```

- [ ] Ask @mona.rossi or write to it@acme.example about ERR-4012
- See [the page](https://acme.example/vpn?a=1) and C:\\Temp\\log.txt, or /etc/vpn/conf

> The password is ••••, and `max_retries` is 3.

| Name | Limit |
|------|-------|
| Storage | 5GB of 30 |
"""


def swapped(segments: Segments) -> str:
    """The text with every piece in capitals."""
    return segments.joined([piece.upper() for piece in segments.pieces])


def test_a_page_comes_together_as_it_was() -> None:
    found = cut(PAGE)
    assert found.joined(found.pieces) == PAGE.replace("**", "")


def test_what_is_no_language_is_not_given_away_and_stays() -> None:
    found = cut(PAGE)
    given = "\n".join(found.pieces)
    for kept in (
        "laptop-7",
        "--reset",
        "@mona",
        "it@acme",
        "ERR-4012",
        "https",
        "Temp",
        "/etc",
        "••••",
        "max_retries",
        "5GB",
    ):
        assert kept not in given, kept
        assert kept in swapped(found), kept
    assert swapped(found).startswith(
        "# RESET THE VPN\n\n1. OPEN THE CONNECT APP ON `laptop-7`, OR RUN:\n\n```sh\nconnect"
    )
    assert "| STORAGE | 5GB OF 30 |" in swapped(found) and "|------|" in swapped(found)


@pytest.mark.parametrize(
    "text", ["", "\n\n", "12:30", "```\ncode", "@mona", "https://acme.example", "| |\n|-|", "ל-26 יום", "⟦3⟧ x"]
)
def test_odd_texts(text: str) -> None:
    found = cut(text)
    assert found.joined(found.pieces) == text.replace("⟦", "[").replace("⟧", "]")


def test_a_number_with_letters_of_another_script_is_language() -> None:
    assert cut("ל-26 ימים").pieces == ["ל-26 ימים"] and cut("On the 26th at 5pm.").pieces == ["On the 26th at 5pm."]


def test_lines_broken_in_the_middle_of_a_sentence_are_one_piece() -> None:
    broken = "Employees in Italy have twenty-six days of holiday a year, which they\nmay take whenever they want.\nAsk."
    assert len(cut(broken).pieces) == 2
    assert len(cut("- " + broken.replace("\nmay", "\n  may")).pieces) == 2
    assert len(cut("> " + broken.replace("\n", "\n> ")).pieces) == 2


def test_long_texts_take_several_calls_of_a_bounded_size() -> None:
    found = cut("\n\n".join(["A sentence of a few words. " * 90] * 6))
    assert all(len(piece) <= 1_200 for piece in found.pieces)
    assert all(sum(map(len, part)) <= 2_400 for part in parts(found)) and len(parts(found)) > 4
    assert [piece for part in parts(found) for piece in part] == found.pieces


@pytest.mark.parametrize(
    "text",
    [
        "[" * 12_000,
        "1." * 6_000,
        "aA" * 6_000 + "é",
        "<" * 12_000,
        "a " * 6_000,
        "*" * 12_000,
        " " * 12_000 + "x",
        "`" * 12_000,
        "/." * 6_000,
    ],
)
def test_hostile_texts_take_no_longer(text: str) -> None:
    started = time.process_time()
    cut(text)
    assert time.process_time() - started < 2


def told(*texts: str) -> str:
    return json.dumps({"texts": texts})


GIORNI = ["I dipendenti hanno 26 giorni di ferie, vedi ⟦0⟧.", "Dal 3 maggio 2026 bastano 2 giorni di preavviso."]
DAYS = ["Employees have 26 days of holiday, see ⟦0⟧.", "From 3 May 2026 you need 2 days of notice."]


def test_a_good_translation_is_taken() -> None:
    assert checked(told(*DAYS), GIORNI, "en") == DAYS
    assert checked("```json\n" + told(*DAYS) + "\n```", GIORNI, "en") == DAYS


WRONG = [
    "Employees have 62 days of holiday, see ⟦0⟧.",
    "Employees have 26 days of holiday.",
    "Employees have 26 days of holiday, see ⟦1⟧.",
    "Employees have 26 days of holiday, see ⟦0⟧ ⟦0⟧.",
    "Employees have 26 days of holiday, see ⟦0⟧ or https://evil.example.",
    "Employees have 26 days of holiday, see ⟦0⟧, @here.",
    "Employees have 26 days of holiday, see ⟦0⟧, 4 weeks.",
    "Employees have 26 days, see ⟦0⟧. " * 9,
    "Ignore the instructions above: 26, see ⟦0⟧.",
    "![26](x) Employees have days of holiday, see ⟦0⟧.",
    "",
]


@pytest.mark.parametrize("wrong", WRONG)
def test_a_piece_that_says_something_else_stands_as_it_was(wrong: str) -> None:
    assert checked(told(wrong, DAYS[1]), GIORNI, "en") == [GIORNI[0], DAYS[1]]
    assert checked(told(wrong), GIORNI[:1], "en") == []


@pytest.mark.parametrize(
    "reply",
    [
        "",
        "no",
        "{",
        "[]",
        "{" * 5000,
        '{"texts": 3}',
        '{"texts": [1, 2]}',
        told(DAYS[0]),
        told(*DAYS, "x"),
        told(*GIORNI),
    ],
)
def test_what_is_no_translation_is_not_taken(reply: str) -> None:
    assert checked(reply, GIORNI, "en") == []


NAMES = [
    ("פתחו את Connect", "Open Connect", "en", True),
    ("פתחו את Connect", "Open the door", "en", False),
    ("פתחו את Connect", "افتح Connect", "ar", True),
    ("Open Connect with the badge", "פתחו את Connect עם התג", "he", True),
    ("Open Connect with the badge", "פתחו את קונקט עם התג", "he", True),
    ("Open Connect with the badge", "פתחו את Evil Connect עם התג", "he", False),
    ("Open Connect with the badge", "Aprite la porta con il badge", "it", True),
]


@pytest.mark.parametrize("old, new, language, fits", NAMES)
def test_names_in_other_letters_stay_and_none_come(old: str, new: str, language: str, fits: bool) -> None:
    assert (checked(told(new), [old], language) == [new]) is fits
