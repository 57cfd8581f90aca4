"""Pages cut into passages."""

import pytest

from models.markdown.outline import Anchors, blocks, plain
from models.markdown.passages import LARGEST, count, split


def words(number: int, word: str = "word") -> str:
    return " ".join([word] * number) + "."


def test_each_section_is_a_passage_that_links_back() -> None:
    text = f"{words(30)}\n\n## Leave\n\n{words(30)}\n\n### Sick leave\n\n{words(30)}\n\n## Pay\n\n{words(30)}"
    assert [(each.headings, each.anchor) for each in split(text)] == [
        ((), ""),
        (("Leave",), "leave"),
        (("Leave", "Sick leave"), "sick-leave"),
        (("Pay",), "pay"),
    ]


def test_small_sections_join_what_belongs_to_them() -> None:
    text = f"## Leave\n\nShort.\n\n### Sick\n\n{words(30)}\n\n### Late\n\nAsk.\n\n## Pay\n\n## When\n\n{words(30)}"
    first, second = split(text)
    assert (first.headings, first.anchor) == (("Leave", "Sick"), "sick")
    assert first.text == f"Short.\nSick\n{words(30)}\nLate\nAsk."
    assert (second.headings, second.text) == (("Pay",), f"Pay\nWhen\n{words(30)}")


@pytest.mark.parametrize(
    "text",
    [
        "\n\n".join([words(100)] * 20),
        "\n".join(f"- {words(40)}" for _ in range(50)),
        "\n".join(f"{n}. {words(40)}\n   - {words(20)}" for n in range(50)),
        "|a|b|\n|-|-|\n" + "\n".join(f"|{words(20)}|{words(20)}|" for _ in range(50)),
        words(5_000),
        "x" * 60_000,
        "\n".join(words(9) for _ in range(500)),
        "```sh\n" + "\n".join(words(9) for _ in range(500)) + "\n```",
        "> " + words(3_000),
    ],
    ids=["paragraphs", "items", "steps", "table", "sentence", "letters", "lines", "code", "quote"],
)
def test_long_texts_are_cut_to_size_and_lose_nothing(text: str) -> None:
    passages = split(f"## Long\n\n{text}")
    assert len(passages) > 5
    assert all(count(each.text) <= 1.7 * LARGEST and each.anchor == "long" for each in passages)
    whole, cut = "".join(plain(text).split()), "".join("".join(each.text for each in passages).split())
    assert cut.replace("a|b", "") == whole.replace("a|b", "")  # the head of a table stands in every part


def test_parts_of_tables_and_code_are_tables_and_code() -> None:
    table = split("|a|b|\n|-|-|\n" + "\n".join(f"|{words(20)}|c|" for _ in range(50)))
    code = split("~~~sh\n" + "\n".join(words(9) for _ in range(500)) + "\n~~~")
    assert {blocks(each.markdown)[0].kind for each in table} == {"table"}
    assert {(blocks(each.markdown)[0].kind, each.markdown[:5]) for each in code} == {("fence", "~~~sh")}


def test_a_sentence_that_announces_a_list_stays_with_it() -> None:
    passages = split(f"{words(200)}\n\nYou need:\n\n- {words(60)}\n- {words(60)}")
    assert [each.text.split("\n")[0] for each in passages] == [words(200), "You need:"]


def test_words_are_what_a_reader_sees() -> None:
    text = (
        "# A *b*\n\n[c](d) `e` ![f](g) <h>\n\n- i\n- j\n\n| k | l |\n|---|---|\n| m | n\\|o |\n\n```\np\n```\n\n***\n"
    )
    assert plain(text) == "A b\nc e f <h>\ni\nj\nk | l\nm | n|o\np"


def test_anchors_are_unique_and_keep_every_script() -> None:
    anchors = Anchors()
    names = ["What's new?", "What's new?", "Città più vicina", "איך נרשמים?", "C++", "!!!", "!!!"]
    assert [anchors.next(name) for name in names] == [
        *("whats-new", "whats-new-1", "città-più-vicina", "איך-נרשמים", "c", "section", "section-1")
    ]
