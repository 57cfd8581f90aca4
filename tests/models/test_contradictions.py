"""Two sentences that may contradict each other, in four languages."""

from __future__ import annotations

import pytest

from models.search.contradictions import contradiction

AGAINST = [
    ("The yard is open until 20:00 every day.", "Every day the yard is open until 22:00."),
    ("Guests may use the canteen at noon.", "Guests may not use the canteen at noon."),
    ("Le ferie si chiedono 14 giorni prima.", "Le ferie si chiedono 30 giorni prima."),
    (
        "I visitatori entrano dal cancello principale.",
        "I visitatori non entrano mai senza badge dal cancello principale.",
    ),
    ("تقدم طلبات الإجازة قبل ١٤ يوما.", "تقدم طلبات الإجازة قبل 30 يوما."),
    ("يمكن للضيوف استخدام المطعم ظهرا.", "لا يمكن للضيوف استخدام المطعم ظهرا."),
    ("בקשות חופשה מוגשות 14 ימים מראש.", "בקשות חופשה מוגשות 30 ימים מראש."),
    ("מותר לאורחים להיכנס לחדר האוכל.", "אסור לאורחים להיכנס לחדר האוכל."),
]
WITH = [
    ("The yard is open until 20:00.", "The yard is open until 20:00, every day."),
    ("تقدم طلبات الإجازة قبل ١٤ يوما.", "تقدم طلبات الإجازة قبل 14 يوما."),
    ("Ask for leave 14 days before.", "Travel is paid within 30 days."),
    ("", "Nothing."),
]


@pytest.mark.parametrize(("one", "other"), AGAINST)
def test_numbers_dates_and_denials_that_differ(one: str, other: str) -> None:
    assert contradiction(f"Something else. {one}", f"{other} And more of it.") is not None


@pytest.mark.parametrize(("one", "other"), WITH)
def test_what_says_the_same_or_speaks_of_something_else(one: str, other: str) -> None:
    assert contradiction(one, other) is None
