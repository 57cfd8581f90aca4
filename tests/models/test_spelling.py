"""A question with a misspelt word finds what the right word finds; what must be as it is written is not touched."""

from __future__ import annotations

from pathlib import Path

import pytest

from models.search.index import Index
from models.search.merge import merge
from models.search.pool import Document, Pool, Query
from models.search.spelling import slips

TEXTS = {
    1: ("en", "Reset your password", "Open the portal and choose a new password."),
    2: ("en", "Vacations", "Ask for vacations in the calendar, two weeks ahead."),
    3: ("it", "Rimborso spese", "Il rimborso arriva con lo stipendio, di solito in città."),
    4: ("he", "איפוס הסיסמה", "כדי לאפס את הסיסמה פתחו את הפורטל."),
    5: ("ar", "طلب الإجازات", "يمكن طلب الإجازات من التقويم قبل أسبوعين."),
    6: ("en", "Printer", "The printer on the third floor prints in colour."),
    7: ("en", "Ask Katrina", "Katrina Hansen-Okoro looks after badges, mail to katrina."),
    8: ("en", "Error ERR-4012", "The gate says ERR-4012 when a badge has expired."),
}
MISSPELT = [
    ("I forgot my passwrod", "I forgot my password", 1),
    ("pasword", "password", 1),
    ("passsword", "password", 1),
    ("passvord", "password", 1),
    ("How do I ask for vacaton?", "How do I ask for vacation?", 2),
    ("vacatoins", "vacations", 2),
    ("quando arriva il rimbroso", "quando arriva il rimborso", 3),
    ("שכחתי סיסמא", "שכחתי סיסמה", 4),
    ("הסיסמא", "הסיסמה", 4),
    ("الإجازت", "الإجازات", 5),
    ("طلب الاجاوات", "طلب الاجازات", 5),
]


def index_of(folder: Path, at_rest: bool) -> Index:
    index = Index()
    for id, (language, title, text) in TEXTS.items():
        index.put([Document("passage", id, id, language, title, text, ["everyone"])])
    if at_rest:
        passages = index.of("passage")
        old = passages.turn_over()
        passages.replace([old], merge([old], folder))
    return index


@pytest.fixture(scope="module", params=["new", "at rest"])
def index(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Index:
    return index_of(tmp_path_factory.mktemp("index") / "block", request.param == "at rest")


def pool_of(index: Index, text: str) -> Pool:
    return index.pool(Query(text, "en"), ["everyone"])


def coverage(index: Index, text: str) -> dict[int, float]:
    pool = pool_of(index, text)
    return dict(zip(pool.ids.tolist(), pool.coverage.tolist(), strict=True))


@pytest.mark.parametrize(("typed", "meant", "entry"), MISSPELT)
def test_a_misspelt_word_finds_what_the_right_one_finds(index: Index, typed: str, meant: str, entry: int) -> None:
    pool = pool_of(index, typed)
    assert int(pool.ids[pool.bm25.argmax()]) == entry
    assert 0 < coverage(index, typed)[entry] < coverage(index, meant)[entry]


@pytest.mark.parametrize(
    "said",
    ['"passwrod"', "`vacaton`", "PASSWROD-77", "4021", "passwrod_1", "lift", "wassword", "lofty", "qqqqqqqq", "пароль"],
)
def test_what_is_written_on_purpose_or_is_another_word_finds_nothing(index: Index, said: str) -> None:
    assert not len(pool_of(index, said)) or not pool_of(index, said).bm25.any()


def test_a_word_that_the_store_has_is_what_it_is(tmp_path: Path) -> None:
    """A name that looks like another word."""
    index = index_of(tmp_path / "block", at_rest=False)
    assert set(coverage(index, "printers")) == {6}
    index.put([Document("passage", 9, 9, "en", "Pinter", "Harold Pinter speaks on Monday.", ["everyone"])])
    assert set(coverage(index, "Pinter")) == {9}


def test_the_right_words_of_a_question_count_more(index: Index) -> None:
    """The misspelt one is not so sure."""
    found = coverage(index, "Katrina passwrod")
    assert found[7] > found[1] * 0.5
    assert coverage(index, "Katrina password")[1] > found[1]


def test_of_many_unknown_words_few_are_looked_into(index: Index) -> None:
    many = "passwrod " + " ".join(letter * 12 for letter in "bcdfghjklm")
    assert not pool_of(index, many).bm25.any()
    assert pool_of(index, "passwrod zz zzz zzzz").bm25.any()


def test_who_may_not_read_an_entry_does_not_find_it_by_a_misspelt_word(index: Index) -> None:
    assert len(index.pool(Query("passwrod", "en"), ["place:7"])) == 0


@pytest.mark.parametrize("word", ["abcdef", "שלומית", "سلامات"])
def test_a_slip_is_one_letter(word: str) -> None:
    found = {each.decode() for each in slips(word).words}
    assert {len(each) - len(word) for each in found} == {-1, 0, 1}
    assert word[1] + word[0] + word[2:] in found and word[:-2] + word[-1] + word[-2] in found
    assert word[:-1] in found and word + word[-1] in found and word[0] + word[2:] in found
    assert word not in found and all(len(set(each) - set(word)) <= 1 for each in found)


def test_short_words_of_hebrew_may_have_a_vowel_more_or_less() -> None:
    assert {each.decode() for each in slips("גרסה").words} >= {"גירסה", "גרסוה"}
    assert not any(len(each.decode()) == 4 for each in slips("גרסה").words)


def test_a_word_that_is_published_is_no_slip_in_the_search_of_questions() -> None:
    index = Index()
    index.put([Document("passage", 1, 1, "en", "Planner", "The planner is in the hall.", ["everyone"])])
    index.put([Document("question", 2, 2, "en", "", "Who waters the planter?", ["everyone"])])

    def asked(text: str) -> list[int]:
        pool = index.pool(Query(text, "en", {}), ["everyone"], ("question",))
        return pool.ids[pool.bm25 > 0].tolist()

    assert asked("planler") == [2] and asked("planner") == []
