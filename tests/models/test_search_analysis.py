"""What is the same word, per language; what must be found as it is written; what is a typing error."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.search.analysis import exact, has_phrase, normalise, terms


def shared(one: str, other: str) -> int:
    """How many words of ``one`` are in ``other``."""
    there = {alternative for term in terms(other) for alternative in term}
    return sum(bool(there & set(term)) for term in terms(one))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("policies", "policy"),
        ("approving", "approved"),
        ("rimborsi", "rimborso"),
        ("ferie", "FERIE"),
        ("בַּקָּשָׁה", "בקשה"),  # niqqud
        ("מסמכים", "מסמכימ"),  # final letters
        ("ובמשרד", "משרד"),  # particles: "and in the office"
        ("שהבקשות", "בקשה"),  # "that the requests", one request
        ("לעובדים", "עובד"),
        ("عـــطلة", "عطلة"),  # tatweel
        ("عُطْلَة", "عطلة"),  # marks
        ("إجازة", "اجازه"),  # alef with hamza, teh marbuta
        ("والإجازات", "إجازة"),  # article, plural
        ("للموظفين", "موظف"),
        ("wi-fi", "Wi-Fi"),
        ("ERR-4012", "err-4012"),
        ("Müller", "MÜLLER"),
        ("ﬁle", "file"),  # a ligature
    ],
)
def test_forms_of_a_word_are_one_word(one: str, other: str) -> None:
    assert shared(one, other) >= 1


@pytest.mark.parametrize(
    ("one", "other"),
    [("ERR-4012", "ERR-4013"), ("C++", "C#"), ("leave", "lease"), ("חופשה", "חשבון"), ("إجازة", "راتب")],
)
def test_other_words_stay_apart(one: str, other: str) -> None:
    assert {one for term in terms(one) for one in term} != {one for term in terms(other) for one in term}
    assert shared(one, other) < len(terms(one))


def test_a_compound_is_found_by_its_parts() -> None:
    assert shared("mail", "e-mail") == 1
    assert shared("4012", "ERR-4012") == 1


@pytest.mark.parametrize(
    ("text", "phrases"),
    [
        ('Where is "out of office" set?', [("out", "of", "office")]),
        ("What is “Piano ferie”?", [("piano", "ferie")]),
        ("cos'è «nota spese»?", [("nota", "spese")]),
        ("run `make bench` again", [("make", "bench")]),
        ("I get ERR-4012 and snake_case", [("err-4012",), ("snake_case",)]),
        ('מה זה ״דמי הבראה״ של צה"ל?', [("דמי", "הבראה")]),
        ("30 days, 2026, e-mail, don't", []),
        ("version v2.3.1", [("v2.3.1",)]),
    ],
)
def test_quotations_and_codes_are_exact(text: str, phrases: list[tuple[str, ...]]) -> None:
    assert list(exact(text)) == phrases


def test_a_phrase_stands_together() -> None:
    phrase = ("out", "of", "office")
    assert has_phrase(phrase, "Set *Out of\n office* first.")
    assert not has_phrase(phrase, "Out in the office")
    assert not has_phrase(phrase, "Out of offices")


@settings(deadline=None)
@given(st.text(max_size=300))
def test_whatever_is_typed_is_analysed(text: str) -> None:
    assert all(alternative for term in terms(text) for alternative in term)
    assert all(word for phrase in exact(text) for word in phrase)
    assert normalise(normalise(text)) == normalise(text)


@pytest.mark.parametrize(
    "hostile", ['"' * 40_000, "a_" * 20_000, "`x" * 20_000, "«" * 20_000 + "»", "1a-" * 13_000, "\0" * 99]
)
def test_a_long_and_odd_question_is_cheap(hostile: str) -> None:
    assert len(terms(hostile)) <= 40_000
    assert all(len(word) <= 40_000 for phrase in exact(hostile) for word in phrase)
