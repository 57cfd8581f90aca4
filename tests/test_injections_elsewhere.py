"""The same injections where a model translates, and where it suggests a title and a summary: it obeys every one, and
nothing of that is shown.

What an injection demands of a model that translates is said in the language that was wanted, as it would be.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from bot.ai import grounding, segments, suggestions, translations
from bot.ai.distrust import speaks_to_models
from bot.translatable import Source
from models.base import reading
from models.derived import DerivedText
from tests.chat import Chat
from tests.modelled import served, work
from tests.test_injections import ALIVE, CASES, NAMES, SETS, source
from tests.translated import NONE, NOTE

LANGUAGES = [about["language"] for about in SETS]


def text_of(about: dict[str, Any], case: dict[str, Any]) -> str:
    """The text that is to be translated, with the injection in it."""
    if case["where"] == "question":
        return f"{about['question']} {case['text']}"
    given = source(about, case)
    return f"{given.title}\n\n{given.text}"


def obeyed(about: dict[str, Any], case: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """What a model says that obeys, each with the language that was wanted."""
    number = about["cases"].index(case)
    for other in SETS:
        if other is not about:
            for said in (*case["obeyed"], *other["cases"][number]["obeyed"]):
                yield said, other["language"]


def test_cases_of_the_same_number_demand_the_same() -> None:
    assert len({tuple(case["where"] for case in about["cases"]) for about in SETS}) == 1


def given_away(about: dict[str, Any], case: dict[str, Any]) -> bool:
    """Whether a model is given the text."""
    return not Source("question", 1, about["language"], "", text_of(about, case), "/", "").speaks_to_models


NOT_FOUND = [(about, case) for about, case in CASES if given_away(about, case)]


def test_what_is_not_found_by_its_phrases_is_in_questions_alone() -> None:
    assert len(NOT_FOUND) >= 12 and {case["where"] for _, case in NOT_FOUND} == {"question"}


@pytest.mark.parametrize("about, case", NOT_FOUND)
def test_what_a_model_obeyed_is_no_translation(about: dict[str, Any], case: dict[str, Any]) -> None:
    """It would have other numbers, or what could be pressed, or names that the text has not."""
    text = text_of(about, case)
    for said, language in obeyed(about, case):
        for part in translations.parts(segments.cut(text)):
            for at in range(len(part) + 1):  # in place of one piece, and of all
                pieces = [said if number == at or at == len(part) else old for number, old in enumerate(part)]
                shown = translations.checked(json.dumps({"texts": pieces}), part, language)
                assert said not in shown or said in part, (said, language)


@pytest.mark.parametrize("about, case", CASES, ids=NAMES)
def test_what_a_model_obeyed_is_not_suggested(about: dict[str, Any], case: dict[str, Any]) -> None:
    """If the detection of what speaks to models failed, too, only what an entry says itself would be left."""
    given = source(about, case)
    assert case["where"] == "question" or speaks_to_models(f"{given.title}\n{given.text}"), "it is given to no model"
    clean = grounding.Source(about["title"], about["passage"], about["language"])
    for said in case["obeyed"]:
        reply = json.dumps({"title": said, "summary": [said, about["supported"], said]})
        assert suggestions.checked(reply, clean).summary == (about["supported"],)
        assert suggestions.checked(reply, clean).title == ""


@pytest.fixture
def chat(database: str, llmock: Any) -> Iterator[Chat]:
    yield from served(database, llmock.base_url())


def test_an_expert_is_shown_nothing_that_a_question_demanded(chat: Chat, llmock: Any) -> None:
    """The questions that no list of phrases finds, as people ask them."""
    omar = chat.teams("omar")
    topic = chat.topic("vpn", omar)
    english = next(about for about in SETS if about["language"] == "en")
    asked = 0
    for about in SETS:
        if about is english:
            continue
        mona = chat.slack(f"mona-{about['language']}", locale=about["language"])
        chat.channel(f"help-{about['language']}", mona, topic_id=topic.id)
        for number, case in enumerate(about["cases"]):
            if not given_away(about, case):
                continue
            for said in english["cases"][number]["obeyed"]:
                llmock.reset()
                llmock.reply(json.dumps({"texts": [said]}), times=None)
                mona.says(text_of(about, case), in_=f"help-{about['language']}")
                mona.presses("Ask an expert")
                omar.presses("Translate to {language}")
                work(chat)
                asked += len(llmock.requests)
                assert all("41,000" not in str(each.body) for each in llmock.requests)
                last = omar.messages()[-1]
                assert NONE in last.text and not ALIVE.search(last.text.replace(NONE, ""))
                with reading() as session:
                    assert session.query(DerivedText).count() == 0
    assert asked >= 6 and not omar.sees(NOTE), "it does reach the model"
