"""Words in the reader's language: never an error to them, whatever people wrote and however bad a translation is."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import write_po
from hypothesis import given
from hypothesis import strategies as st

from bot import texts
from bot.cards import Day, Language, Mention, Moment, Month, Names, T, User, Words
from bot.locale.extract import header
from bot.texts import Reader, catalogue, say
from models.base import set_clock

FSI, PDI = "\u2068", "\u2069"
AT = datetime(2026, 7, 1, 21, 30, tzinfo=UTC)
EN, IT, AR, HE = Reader("en"), Reader("it"), Reader("ar"), Reader("he")


@pytest.fixture
def translated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Catalogues of a few sentences: ``translated("it", {"Yes": "Sì"})``."""

    def write(locale: str, sentences: dict[Any, Any]) -> Reader:
        catalog = Catalog(locale=locale, fuzzy=False)
        for said, translation in sentences.items():
            catalog.add(said, translation)
        path = tmp_path / locale / "LC_MESSAGES" / "agora.po"
        path.parent.mkdir(parents=True)
        with path.open("wb") as file:
            file.write(header(locale))
            write_po(file, catalog, omit_header=True)
        return Reader(locale)

    monkeypatch.setattr(texts, "LOCALE_DIR", tmp_path)
    catalogue.cache_clear()
    yield write
    catalogue.cache_clear()


def test_what_people_wrote_is_isolated_in_a_sentence_and_not_alone() -> None:
    assert say(T("{name} answered", name=User("מונה")), EN) == f"{FSI}מונה{PDI} answered"
    assert say(User("מונה"), EN) == "מונה"


@pytest.mark.parametrize("mark", [*map(chr, range(0x202A, 0x202F)), *map(chr, range(0x2066, 0x206A))], ids=ascii)
def test_nothing_people_write_turns_the_sentence_around_it(mark: str) -> None:
    said = say(T("{name} answered {other}", name=User(f"a{mark}b"), other=User(f"{mark}c")), EN)
    assert said == f"{FSI}ab{PDI} answered {FSI}c{PDI}"


@pytest.mark.parametrize(
    "wrote", ["{0}", "{name}", "{", "}", "{{}}", "%s", "%(name)s", "{name.__class__}", "\\1", "$x"]
)
def test_braces_and_signs_in_what_people_wrote_are_just_that(wrote: str) -> None:
    assert say(T("{name} answered", name=User(wrote)), EN) == f"{FSI}{wrote}{PDI} answered"


def test_every_language_has_its_own_plurals(translated: Any) -> None:
    one, many = "You have {n} question.", "You have {n} questions."
    forms = ("لا أسئلة", "سؤال واحد", "سؤالان", "{n} أسئلة", "{n} سؤالًا", "{n} سؤال")
    reader = translated("ar", {(one, many): forms})
    said = {n: say(T(one, many, n=n), reader) for n in (0, 1, 2, 3, 10, 11, 99, 100, 102, 103)}
    kinds = {n: next(i for i, form in enumerate(forms) if text.endswith(form.removeprefix("{n}"))) for n, text in
             said.items()}  # fmt: skip
    assert kinds == {0: 0, 1: 1, 2: 2, 3: 3, 10: 3, 11: 4, 99: 4, 100: 5, 102: 5, 103: 3}
    assert [say(T(one, many, n=n), EN) for n in (0, 1, 2)] == [
        "You have 0 questions.", "You have 1 question.", "You have 2 questions."]  # fmt: skip


def test_what_is_not_translated_is_said_in_english(translated: Any) -> None:
    reader = translated("it", {"Yes": "Sì", "No": ""})
    assert [say(T(text), reader) for text in ("Yes", "No", "Maybe")] == ["Sì", "No", "Maybe"]
    assert say(T("one", "many", n=1), reader) == "one"


@pytest.mark.parametrize(
    "bad", ["{nome} rispose", "{0} rispose", "{} rispose", "{name rispose", "{name!x}", "{name.x}"]
)
def test_a_translation_that_does_not_fit_is_said_in_english(translated: Any, bad: str) -> None:
    reader = translated("it", {"{name} answered": bad})
    assert say(T("{name} answered", name=User("Mona")), reader) == f"{FSI}Mona{PDI} answered"


def test_what_is_missing_in_a_sentence_is_no_error() -> None:
    assert "answered" in say(T("{name} answered"), EN)
    assert "answered" in say(T("{name} answered {what}", name=User("Mona")), EN)


@pytest.mark.parametrize("n", [None, "", "x", T("3"), 1.0])
def test_a_plural_of_what_is_no_number_is_one(n: Any) -> None:
    assert say(T("one", "many", n=n), EN) == "one"


def test_nothing_said_is_nothing() -> None:
    """gettext knows the empty sentence as the catalogue's header."""
    assert [say(T(""), reader) for reader in (EN, IT, AR, HE)] == [""] * 4
    assert say(T("{a}|{b}", a=None, b=True), EN) == "|True"


def test_sentences_stand_in_sentences_without_isolation() -> None:
    assert say(T("{state} · {n}", state=T("open"), n=3), EN) == "open · 3"


def test_moments_are_shown_in_the_readers_zone() -> None:
    assert say(Moment(AT, date_only=True), Reader("en", "UTC")) == "Jul 1, 2026"
    assert say(Moment(AT, date_only=True), Reader("en", "Asia/Jerusalem")) == "Jul 2, 2026"
    assert say(Moment(AT), Reader("it", "Europe/Rome")) == "01/07/26, 23:30"
    assert say(T("on {day}", day=date(2026, 7, 1)), IT) == f"on {FSI}1 luglio 2026{PDI}"


def test_a_month_has_its_year_where_that_is_long_ago() -> None:
    set_clock(lambda: datetime(2026, 3, 2, tzinfo=UTC))
    try:
        names = [say(Month(date(2025, 10, 31)), Reader(locale)) for locale in ("he", "it", "ar", "en")]
        assert names == ["אוקטובר", "ottobre", "أكتوبر", "October"]
        assert say(Month(date(2025, 4, 30)), EN) == "April 2025"
    finally:
        set_clock(None)


@pytest.mark.parametrize("zone", ["", "Nowhere/At_All", "../../etc/passwd", "/etc/passwd", "\0", "a" * 5000, "Europe"])
def test_a_zone_that_this_machine_does_not_know_is_utc(zone: str) -> None:
    assert say(Moment(AT), Reader("it", zone)) == "01/07/26, 21:30"


@pytest.mark.parametrize(("locale", "read_as"), [
    ("it-IT", "it"), ("he_IL", "he"), ("AR", "ar"), ("xx", "en"), ("", "en"), ("../it", "en"), ("\0", "en"),
])  # fmt: skip
def test_a_locale_that_is_not_ours_is_the_nearest_or_english(locale: str, read_as: str) -> None:
    words = (T("{day} {n}", day=Day(date(2026, 7, 1)), n=1234.5), Language("it"), Moment(AT))
    assert [say(each, Reader(locale)) for each in words] == [say(each, Reader(read_as)) for each in words]
    assert Reader(locale).direction == Reader(read_as).direction


@pytest.mark.parametrize(("code", "name"), [
    ("it", "italiano"), ("he", "ebraico"), ("und", "lingua imprecisata"), ("", ""), ("x!", "x!"), ("../it", "../it"),
])  # fmt: skip
def test_languages_have_names_as_far_as_they_are_known(code: str, name: str) -> None:
    assert say(Language(code), IT) == name


def test_names_stand_in_the_readers_language_or_in_any() -> None:
    assert say(Names({"en": "Security", "he": "אבטחה"}), HE) == "אבטחה"
    assert say(Names({"en": "Security", "he": ""}), HE) == "Security"
    assert say(Names({"it": "Sicurezza"}), HE) == "Sicurezza"
    assert say(Names({}), HE) == ""


words: st.SearchStrategy[Words] = st.deferred(lambda: st.one_of(
    st.builds(User, st.text()),
    st.builds(Mention, st.integers(), st.text()),
    st.builds(Names, st.dictionaries(st.sampled_from(["en", "ar", "he", "it"]), st.text())),
    st.builds(Language, st.text(max_size=8)),
    st.builds(Moment, st.integers(-(10**9), 10**10).map(lambda at: datetime.fromtimestamp(at, UTC)), st.booleans()),
    st.builds(Day, st.dates()),
    st.builds(Month, st.dates()),
    sentences,
))  # fmt: skip
sentences = st.builds(
    lambda text, args: T(text, **args),
    st.text() | st.sampled_from(["{a}", "{a} {b}", "{a.b}", "{0}", "{a!r:>9}", "%s {a}"]),
    st.dictionaries(
        st.sampled_from("ab"), words | st.none() | st.integers(-(10**18), 10**18) | st.floats(-1e9, 1e9), max_size=2
    ),
)


@given(words, st.sampled_from([EN, IT, AR, HE]))
def test_whatever_is_to_be_said_is_said(what: Words, reader: Reader) -> None:
    assert isinstance(say(what, reader), str)
