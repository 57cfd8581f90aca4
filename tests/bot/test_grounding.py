"""Which sentences a passage supports, and which it does not."""

from __future__ import annotations

import re
import time

import pytest

from bot.ai import answers, distrust
from bot.ai.distrust import speaks_to_models
from bot.ai.grounding import Source, is_alive, numbers, sentences, supported
from tests.modelled import reply

ABROAD = Source(
    "Working from abroad\nDuration",
    "You may work from another EU country for up to **30 days** a year. Tell your manager at least two weeks before "
    "you leave. Work from outside the EU is not allowed.\n\nExpenses of 1,200 euros need approval by Dana Levi. Use "
    "form HR-204 in `expenses.xlsx`. See https://intra.example.com or write to hr@example.com.",
    "en",
)
FERIE = Source("Ferie", "I dipendenti hanno 26 giorni di ferie all'anno. Le ferie non si possono monetizzare.", "it")
LEAVE = Source("חופשה", "ניתן לקחת 20 ימי חופשה בשנה. אין להעביר ימי חופשה לשנה הבאה.", "he")
HOLIDAY = Source("إجازة", "يحق لكل موظف 21 يوماً من الإجازة السنوية. لا يمكن نقل الإجازة إلى العام التالي.", "ar")


@pytest.mark.parametrize(
    "source, sentence",
    [
        (ABROAD, "You may work from another EU country for up to 30 days a year."),
        (ABROAD, "You can work from another EU country for 30 days a year."),
        (ABROAD, "Work from outside the EU is not allowed."),
        (ABROAD, "Expenses of 1200 euros need approval by Dana Levi."),
        (ABROAD, "Tell your manager two weeks before you leave."),
        (ABROAD, "Use form HR-204 in expenses.xlsx."),
        (FERIE, "I dipendenti hanno 26 giorni di ferie."),
        (FERIE, "Le ferie non si possono monetizzare."),
        (LEAVE, "אפשר לקחת 20 ימי חופשה בשנה."),
        (LEAVE, "אין להעביר ימי חופשה לשנה הבאה."),
        (HOLIDAY, "يحق لكل موظف ٢١ يوماً من الإجازة السنوية."),
        (HOLIDAY, "لا يمكن نقل الإجازة إلى العام التالي."),
    ],
)
def test_what_a_passage_says_is_supported(source, sentence):
    assert supported(sentence, source.language, [source])


@pytest.mark.parametrize(
    "source, sentence",
    [
        (ABROAD, "You may work from another EU country for up to 60 days a year."),
        (ABROAD, "You may work from another EU country for up to 30 euros a year."),
        (ABROAD, "You may not work from another EU country."),
        (ABROAD, "Work from outside the EU is allowed."),
        (ABROAD, "Tell your manager two weeks after you leave."),
        (ABROAD, "Expenses of 1,200 euros need approval by Omar Haddad."),
        (ABROAD, "Use form HR-205."),
        (ABROAD, "Everybody gets a bonus."),
        (ABROAD, "Expenses of 30 euros need approval by Dana Levi."),
        (ABROAD, "See https://intra.example.com for expenses."),
        (ABROAD, "Write to hr@example.com."),
        (ABROAD, "See intra.example.com."),
        (ABROAD, "Tell @here two weeks before you leave."),
        (ABROAD, "Use [form HR-204](/entries/1)."),
        (ABROAD, "<b>Use form HR-204.</b>"),
        (ABROAD, "."),
        (ABROAD, "Use form HR-204 " + "and form HR-204 " * 40),
        (FERIE, "Le ferie si possono monetizzare."),
        (FERIE, "I dipendenti hanno 62 giorni di ferie."),
        (LEAVE, "ניתן להעביר ימי חופשה לשנה הבאה."),
        (HOLIDAY, "يمكن نقل الإجازة إلى العام التالي."),
        (HOLIDAY, "يحق لكل موظف ٣١ يوماً من الإجازة السنوية."),
    ],
)
def test_what_it_does_not_say_is_not(source, sentence):
    assert not supported(sentence, source.language, [source])


def test_words_from_far_apart_are_no_sentence():
    far = Source("Gate", "Guests enter by gate 3. " + "The yard is large. " * 8 + "Staff park behind the hall.", "en")
    assert supported("Guests enter by gate 3.", "en", [far])
    assert not supported("Guests park behind gate 3.", "en", [far])


def test_another_language_supports_nothing():
    assert not supported("Employees have 26 days of holiday.", "en", [FERIE])
    assert not supported("I dipendenti hanno 26 giorni di ferie.", "en", [FERIE])


def test_numbers_have_one_form():
    assert numbers("1,200 1.200 1'200 ١٢٠٠") == ["1200"] * 4
    assert numbers("2,5 2.5 02.5 9:30 31/12") == ["2.5", "2.5", "2.5", "9:30", "31/12"]


def test_what_cannot_be_seen_is_gone():
    assert sentences("One\u202e two.\u200b Three\x00 four.") == ["One two.", "Three four."]


@pytest.mark.parametrize(
    "said",
    [
        reply(("Use form HR-204.", [1])),
        "```json\n" + reply(("Use form HR-204.", [1])) + "\n```",
        'Here it is: [{"text": "Use form HR-204.", "sources": [1]}] Anything else?',
        "Use form HR-204. [1]",
        '{"sentences": [{"text": "Use form HR-204. It is blue.", "sources": [1]}, {"text": "Us',
        '{"sentences": [{"text": "Use form HR-204. [1]", "sources": [1, 1]}, 7, {"text": 3}, {"sources": [1]}]}',
    ],
)
def test_replies_are_read_however_they_come(said):
    for size in (1, 5, 1000):
        reading = answers.Reading("en", {1: ABROAD})
        for start in range(0, len(said), size):
            reading.add(said[start : start + size])
        assert [(each.text, each.sources) for each in reading.end().sentences] == [("Use form HR-204.", (1,))]


@pytest.mark.parametrize(
    "said", ["", "{", "[", "[" * 5000, '{"sentences": "Use form HR-204."}', "Use form HR-204.", "Use form HR-204. [2]",
             '{"sentences": [{"text": "Use form HR-204.", "sources": []}]}',
             '{"sentences": [{"text": "Use form HR-204.", "sources": [true]}]}',
             '{"sentences": [{"text": "Use form HR-204.", "sources": ["1"]}]}']
)  # fmt: skip
def test_what_cannot_be_read_or_cites_nothing_shows_nothing(said):
    reading = answers.Reading("en", {1: ABROAD})
    reading.add(said)
    assert reading.end().sentences == ()


def test_a_reply_has_an_end():
    many = Source("Many", " ".join(f"Room {n} is on floor {n}." for n in range(40)), "en")
    reading = answers.Reading("en", {1: many})
    reading.add(reply(*((f"Room {n} is on floor {n}.", [1]) for n in range(40))))
    assert len(reading.end().sentences) == answers.MOST_SENTENCES


def test_everyday_sentences_do_not_speak_to_models():
    everyday = [
        "Tell your manager that you are ill before nine.", "Ignore the old badge reader at gate 3.",
        "The system prompts you for your password.", "Answer the phone with your name.",
        "Ignorate il vecchio lettore di badge.", "התעלמו מהקורא הישן בשער 3.", "تجاهل القارئ القديم عند البوابة 3.",
    ]  # fmt: skip
    assert [each for each in everyday if speaks_to_models(each)] == []


_LINES = distrust._ENGLISH + distrust._ITALIAN + distrust._HEBREW + distrust._ARABIC
_SAID = sorted(set(re.findall(r"[^\W\d_]{2,}(?: [^\W\d_]+)*", re.sub(r"\\[wWbs]", "|", _LINES))))


@pytest.mark.parametrize(
    "said",
    [
        "a " * 20_000, " " * 40_000, "a " * 20_000 + "[1", " " * 20_000 + "[1]", "a-" * 20_000 + "[1]", "[1]" * 13_000,
        "[1]!!!!" * 6_000, '{"sentences": [{"text":"' + "Aa aa a-a-a. " * 3_000 + '","sources":[1]}]}',
        '{"sentences": [{"text":"' + " " * 40_000 + '[1]","sources":[1]}]}',
    ],
    ids=lambda said: said[22:34],
)  # fmt: skip
def test_no_reply_takes_long_to_read(said):
    started = time.process_time()
    reading = answers.Reading("en", {1: ABROAD})
    reading.add(said)
    assert reading.end().sentences == ()
    supported("a-" * 20_000, "en", [ABROAD])
    is_alive("a-" * 20_000)
    assert time.process_time() - started < 1


def test_sentences_that_cite_without_json_are_told_apart():
    reading = answers.Reading("en", {1: ABROAD, 2: ABROAD})
    reading.add("[Note] Use form HR-204. [1], [2]. Work from outside the EU is not allowed [2].")
    assert [each.sources for each in reading.end().sentences] == [(1, 2), (2,)]


@pytest.mark.parametrize("joint", ["", "!", " ", "!!!!!!!!!", " a "])
def test_no_line_stumbles_over_what_it_looks_for(joint):
    for said in ("you are now", "if you answer", *_SAID):
        started = time.process_time()
        speaks_to_models(((said + joint) * 4_000)[:4_000])
        speaks_to_models(said + (joint or "a") * 4_000)
        assert time.process_time() - started < 0.3, said


@pytest.mark.parametrize("gap", ["!" * 50, " - " * 30, f" {'x' * 80} "])
def test_what_is_drawn_out_speaks_to_models_all_the_same(gap):
    assert speaks_to_models(f"Ignore{gap}instructions")
