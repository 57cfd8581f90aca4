"""The demo company's own questions: what people really ask, in four languages, and what nothing answers."""

from __future__ import annotations

import pytest

from handlers.demo import company as files
from handlers.demo.load import load
from models import access, base
from models.people import by_handle
from models.search.find import GOOD_ENOUGH, MAYBE, Hit, find


@pytest.fixture
def found(database: str) -> list[tuple[str | None, list[Hit]]]:
    """For every question: the title of the entry that answers it (none does), and what the asker is shown."""
    base.connect(database, pool=2)
    company = files.load()
    titles = {(entry.slug, entry.language): entry.title for entry in company.entries}
    try:
        with base.transaction() as session:
            load(session)
        with base.reading() as session:
            results = []
            for question in company.questions:
                person = by_handle(session, question.asker)
                assert person is not None
                hits = find(session, question.text, question.language, access.keys_of(session, person))
                expected = titles[question.expect, question.language] if question.expect else None
                results.append((expected, hits))
            return results
    finally:
        base.disconnect()


def test_the_right_entry_comes_first_nearly_always(found: list[tuple[str | None, list[Hit]]]) -> None:
    answerable = [(expected, hits) for expected, hits in found if expected]
    first = [hits[0].entry.title == expected for expected, hits in answerable if hits]
    assert sum(first) >= 0.9 * len(answerable)


def test_what_nothing_answers_is_never_answered_as_if_sure(found: list[tuple[str | None, list[Hit]]]) -> None:
    unanswerable = [hits[0].confidence for expected, hits in found if expected is None and hits]
    assert max(unanswerable) < GOOD_ENOUGH
    assert sum(confidence >= MAYBE for confidence in unanswerable) <= 2


def test_most_of_what_can_be_answered_is(found: list[tuple[str | None, list[Hit]]]) -> None:
    answered = [hits[0].confidence >= MAYBE for expected, hits in found if expected and hits]
    assert sum(answered) >= 0.8 * sum(1 for expected, _ in found if expected)
