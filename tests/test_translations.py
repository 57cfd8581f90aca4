"""Every sentence can be read in every language that people work in."""

import pytest

from models.people import LOCALES
from tests.words import catalogue, fault, sentences


@pytest.mark.parametrize("locale", sorted(set(LOCALES) - {"en"}))
def test_every_sentence_is_translated(locale: str) -> None:
    known = catalogue(locale)
    faults = {said[0]: fault(said, known.get(said[0])) for said in sentences()}
    assert {said: wrong for said, wrong in faults.items() if wrong is not None} == {}


@pytest.mark.parametrize("locale", sorted(set(LOCALES) - {"en"}))
def test_no_translation_outlives_its_sentence(locale: str) -> None:
    said = {each[0] for each in sentences()}
    ids = (message.id if isinstance(message.id, str) else message.id[0] for message in catalogue(locale))
    assert sorted(each for each in ids if each and each not in said) == []


def test_the_sentences_are_found() -> None:
    found = sentences()
    assert len(found) > 100
    assert any(where.endswith(".html", 0, where.rindex(":")) for where in found.values())
    assert any(len(said) == 2 for said in found)
