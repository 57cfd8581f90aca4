"""Every sentence can be read in every language that people work in."""

from io import BytesIO

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

from bot.locale.extract import Sentence, brought_up_to_date, catalogue_file, sentences
from models.people import LOCALES
from tests.words import catalogue, fault

TRANSLATED = sorted(set(LOCALES) - {"en"})
EMPTY = b'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=utf-8\\n"\n\n'


@pytest.mark.parametrize("locale", TRANSLATED)
def test_every_sentence_is_translated(locale: str) -> None:
    known = catalogue(locale)
    forms = Catalog(locale=locale).num_plurals
    faults = {said[0]: fault(said, known.get(said[0]), forms) for said in sentences()}
    assert {said: wrong for said, wrong in faults.items() if wrong is not None} == {}


@pytest.mark.parametrize("locale", TRANSLATED)
def test_the_catalogues_are_as_the_code_has_it(locale: str) -> None:
    """No sentence is new, and no translation outlives its sentence: ``make messages`` has nothing to do."""
    written = catalogue_file(locale).read_bytes()
    assert brought_up_to_date(locale, written, sentences()).decode() == written.decode()


def test_the_sentences_are_found() -> None:
    found = sentences()
    assert len(found) > 100
    assert any(where.endswith(".html") for where in found.values())
    assert any(len(said) == 2 for said in found)


def up_to_date(locale: str, written: bytes, *said: Sentence) -> Catalog:
    return read_po(BytesIO(brought_up_to_date(locale, written, dict.fromkeys(said, "a.py"))), locale=locale)


@pytest.mark.parametrize(("locale", "forms"), [("ar", 6), ("he", 2), ("it", 2)])
def test_a_plural_has_as_many_forms_as_the_language(locale: str, forms: int) -> None:
    message = up_to_date(locale, EMPTY, ("{n} reply", "{n} replies")).get("{n} reply")
    assert message is not None and len(message.string) == forms


def test_translations_are_kept_new_sentences_come_empty_and_orphans_go() -> None:
    written = EMPTY + b'#, fuzzy\nmsgid "kept"\nmsgstr "tenuto"\n\nmsgid "gone"\nmsgstr "andato"\n'
    catalog = up_to_date("it", written, ("kept",), ("new",))
    assert {m.id: m.string for m in catalog if m.id} == {"kept": "tenuto", "new": ""}
    assert catalog.get("kept").fuzzy  # type: ignore[union-attr]  # what is doubtful stays so


def test_what_becomes_a_plural_is_translated_anew() -> None:
    written = EMPTY + b'msgid "{n} reply"\nmsgstr "{n} risposta"\n'
    message = up_to_date("it", written, ("{n} reply", "{n} replies")).get("{n} reply")
    assert message is not None and message.string == ("", "")


@pytest.mark.parametrize(("said", "translation", "wrong"), [
    (("Hi {name}",), "Ciao {name}", None),
    (("Hi {name}",), "Ciao {nome}", "places differ: ['name', 'nome']"),
    (("Hi {name}",), "Ciao", "places differ: ['name']"),
    (("Hi",), "", "unfinished"),
    (("{n} of {all}", "{n} of {all}"), ("una di {all}", "{n} di {all}"), None),
    (("{n} of {all}", "{n} of {all}"), ("una", "{n} di {all}"), "places differ: ['all']"),
    (("{n} x", "{n} xs"), ("x", "y", "z"), "3 plural forms of 2"),
    (("{n} x", "{n} xs"), "x", "plural in one, not in the other"),
])  # fmt: skip
def test_a_bad_translation_is_noticed(said: Sentence, translation: str | tuple[str, ...], wrong: str | None) -> None:
    catalog = Catalog(locale="it", fuzzy=False)
    plural = not isinstance(translation, str)
    catalog.add(said if plural else said[0], translation)
    assert fault(said, catalog.get(said[0]), 2) == wrong
