"""How often, as people say it."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.repeating import rule_among, rule_in

MONDAYS, DAILY, WORK = "FREQ=WEEKLY;BYDAY=MO", "FREQ=DAILY", "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR"
SECOND, MONTHLY = "FREQ=WEEKLY;INTERVAL=2", "FREQ=MONTHLY"


@pytest.mark.parametrize(
    ("locale", "rule", "said"),
    [
        ("en", MONDAYS, "every Monday|every mon|each Monday|Every Mondays"),
        ("en", "FREQ=WEEKLY;BYDAY=MO,TH", "every Monday and Thursday|every Thursday, Monday"),
        ("en", WORK, "every weekday|on weekdays|every working day"),
        ("en", DAILY, "daily|every day"),
        ("en", SECOND, "every 2 weeks|every two weeks|every other week|every second week|fortnightly"),
        ("en", MONTHLY, "monthly|every month"),
        ("en", "FREQ=YEARLY", "yearly|every year"),
        ("en", "FREQ=MONTHLY;BYMONTHDAY=31", "every month on the 31st|on the 31st of every month"),
        ("en", "FREQ=MONTHLY;BYMONTHDAY=-1", "at the end of every month|on the last day of the month"),
        ("en", "FREQ=MONTHLY;BYDAY=-1FR", "every last Friday of the month|the last Friday of every month"),
        ("en", "FREQ=MONTHLY;BYDAY=1MO", "on the first Monday of every month"),
        ("it", MONDAYS, "ogni lunedì|tutti i lunedì"),
        ("it", SECOND, "ogni due settimane|ogni 2 settimane"),
        ("it", MONTHLY, "ogni mese|mensile|mensilmente"),
        ("it", WORK, "ogni giorno lavorativo"),
        ("it", "FREQ=MONTHLY;BYMONTHDAY=15", "il 15 di ogni mese|ogni mese il 15"),
        ("it", "FREQ=MONTHLY;BYDAY=-1FR", "l'ultimo venerdì del mese"),
        ("ar", "FREQ=WEEKLY;BYDAY=MO", "كل يوم اثنين|كل اثنين|كل يوم الإثنين"),
        ("ar", SECOND, "كل أسبوعين"),
        ("ar", MONTHLY, "كل شهر|شهريًا"),
        ("ar", DAILY, "كل يوم|يوميًا"),
        ("ar", "FREQ=MONTHLY;BYMONTHDAY=15", "يوم 15 من كل شهر|يوم ١٥ من كل شهر"),
        ("he", MONDAYS, "כל יום שני|בכל יום שני"),
        ("he", "FREQ=WEEKLY;BYDAY=MO,TH", "כל יום שני וחמישי"),
        ("he", SECOND, "כל שבועיים"),
        ("he", MONTHLY, "כל חודש|מדי חודש"),
        ("he", DAILY, "כל יום"),
        ("he", "FREQ=MONTHLY;BYMONTHDAY=15", "ב-15 בכל חודש|ב-15 לכל חודש"),
        ("en", MONDAYS, "ogni lunedì"),
    ],
)
def test_what_people_say(locale: str, rule: str, said: str) -> None:
    assert {each: rule_in(each, locale) for each in said.split("|")} == dict.fromkeys(said.split("|"), rule)


@pytest.mark.parametrize("text", ["", "no", "Monday", "every", "every 0 weeks", "every minute", "every hour",
                                  "on the 32nd of every month", "the 15th of every week", "tomorrow"])  # fmt: skip
def test_what_is_no_rule(text: str) -> None:
    with pytest.raises(ValueError):
        rule_in(text, "en")


def test_the_rule_among_other_words() -> None:
    assert rule_among("send the report every Monday at 10", "en") == (MONDAYS, "every Monday", "send the report at 10")
    assert rule_among("every weekday water the plants", "en") == (WORK, "every weekday", "water the plants")
    assert rule_among("mandare il rapporto ogni lunedì alle 10", "it") == (
        MONDAYS,
        "ogni lunedì",
        "mandare il rapporto alle 10",
    )
    assert rule_among("say hello to everybody", "en") is None


@settings(max_examples=40, deadline=None, derandomize=True)
@given(
    st.text(max_size=40)
    | st.lists(
        st.sampled_from(
            "every second last day of month the 31 st 2 week year ogni ultimo כל חודש כל شهر كل monday".split()
        )
    ).map(" ".join)
)
def test_nothing_that_is_written_breaks_it(text: str) -> None:
    try:
        assert rule_in(text, "he").startswith("FREQ=")
    except ValueError:
        assert rule_among(text, "he") is None or len(text.split()) > 1
