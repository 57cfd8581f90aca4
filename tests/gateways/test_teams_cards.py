"""What Teams is shown: valid, small, readable in both directions, and never alive where people wrote it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.cards import (
    Actions,
    Button,
    Card,
    Diff,
    Divider,
    Fields,
    FileLink,
    Heading,
    Link,
    Markdown,
    Mention,
    Names,
    Passage,
    Picture,
    T,
    Text,
    User,
    simple,
)
from bot.teams.limits import MESSAGE
from bot.teams.render import Scene, render, size
from bot.teams.wire import executed, submitted
from bot.texts import Reader
from tests.teams_cards import SCENE, fits

EN, AR, HE = Reader("en"), Reader("ar"), Reader("he")
OMAR = Mention(7, "عمر الخطيب", "Omar al-Khatib", "ar")


def parts(part: Any, kind: str | None = None) -> Iterator[dict[str, Any]]:
    """Every part of a card, of one type if it is named."""
    if isinstance(part, dict):
        if kind is None or part.get("type") == kind:
            yield part
        for value in part.values():
            yield from parts(value, kind)
    elif isinstance(part, list):
        for each in part:
            yield from parts(each, kind)


def texts(part: Any) -> str:
    """All words of a card."""
    return " ".join(str(each["text"]) for each in parts(part) if isinstance(each.get("text"), str))


def shown(*elements: Any, reader: Reader = EN, **about: Any) -> dict[str, Any]:
    scene = Scene(outbox=7, link=SCENE.link, **about)
    return fits(render(Card(T("Hello"), elements), reader, scene))


def test_a_card_says_what_old_clients_and_screen_readers_need() -> None:
    card = shown(Heading(T("Ask")), reader=HE)
    assert (card["version"], card["msteams"], card["lang"], card["rtl"]) == ("1.5", {"width": "Full"}, "he", True)
    assert card["speak"] == card["fallbackText"] != ""
    assert shown(Heading(T("Ask")))["rtl"] is False
    heading = next(parts(card, "TextBlock"))
    assert (heading["style"], heading["wrap"]) == ("heading", True)


def test_a_card_without_elements_shows_its_summary() -> None:
    assert "Hello" in texts(shown())


def test_buttons_carry_route_number_and_delivery_in_new_clients_and_old() -> None:
    (action,) = parts(shown(Actions((Button(T("Accept"), "experts.accept", 3, "primary"),))), "Action.Execute")
    assert (action["title"], action["style"]) == ("Accept", "positive")
    assert executed(action) and vars(executed(action)) | {"values": {}} == {
        "route": "experts.accept", "id": 3, "outbox": 7, "values": {}, "message": None, "form": None,
            "home": False,
    }  # fmt: skip
    old = submitted(action["fallback"]["data"])
    assert action["fallback"]["type"] == "Action.Submit" and old
    assert (old.route, old.id, old.outbox) == ("experts.accept", 3, 7)


def test_a_button_that_opens_a_form_asks_for_a_dialog() -> None:
    (action,) = parts(shown(Actions((Button(T("Answer"), "answers.write", 3, opens="form"),))), "Action.Submit")
    assert action["data"]["msteams"] == {"type": "task/fetch"}
    pressed = submitted(action["data"])
    assert pressed and (pressed.route, pressed.id, pressed.outbox) == ("answers.write", 3, 7)


def test_what_is_asked_first_is_done_by_the_second_press() -> None:
    card = shown(Actions((Button(T("Erase"), "privacy.erase", 3, "danger", confirm=T("Are you sure?")),)), reader=AR)
    (first,) = card["body"][0]["actions"]
    assert (first["type"], first["style"]) == ("Action.ShowCard", "destructive")
    assert first["card"]["rtl"] is True
    (second,) = parts(first["card"], "Action.Execute")
    assert second["verb"] == "privacy.erase"


def test_many_buttons_stand_in_rows_that_a_phone_shows() -> None:
    many = tuple(Button(T("Ask an expert"), "experts.ask", number) for number in range(20))
    rows = list(parts(shown(Actions(many)), "ActionSet"))
    assert [len(row["actions"]) for row in rows] == [2] * 10


def test_who_is_there_is_mentioned_and_nobody_else() -> None:
    words = T("{name} answered.", name=OMAR)
    there = shown(Text(words), there={7: "aad-omar"})
    (block,) = parts(there, "TextBlock")
    assert "<at>Omar al-Khatib</at>" in block["text"]
    assert there["msteams"]["entities"] == [
        {
            "type": "mention",
            "text": "<at>Omar al-Khatib</at>",
            "mentioned": {"id": "aad-omar", "name": "Omar al-Khatib"},
        }
    ]
    assert "entities" not in shown(Text(words))["msteams"] and "Omar" in texts(shown(Text(words)))


def test_two_people_of_one_name_are_told_apart() -> None:
    words = T("{one} and {two}", one=Mention(1, "Mona"), two=Mention(2, "Mona"))
    entities = shown(Text(words), there={1: "a", 2: "b"})["msteams"]["entities"]
    assert len({each["text"] for each in entities}) == 2
    assert {each["mentioned"]["id"] for each in entities} == {"a", "b"}


def test_words_beside_a_mention_stay_words() -> None:
    words = T("{name} answered: {title}", name=OMAR, title=User("<at>Omar al-Khatib</at> [here](https://evil.example)"))
    card = shown(Text(words), there={7: "aad-omar"})
    (block,) = parts(card, "TextBlock")
    assert block["text"].count("<at>") == 1 and len(card["msteams"]["entities"]) == 1
    assert "](" not in block["text"].replace("\\](", "")


def test_a_name_cannot_break_out_of_its_mention() -> None:
    evil = Mention(7, "</at><at>Everyone</at> *x* [y](z)")
    card = shown(Text(T("{name} answered.", name=evil)), there={7: "aad"})
    (entity,) = card["msteams"]["entities"]
    assert entity["text"].count("<at>") == 1 and next(parts(card, "TextBlock"))["text"].count(entity["text"]) == 1


MARKDOWN = """# Title

Some **bold**, *italic*, ~~gone~~ and `code` with [a link](https://example.com/a?b=c).
A second line.

- one
  - two
    1. three

1. first
2. second

> quoted

```
if x < 1:
    y()
```

| a | b |
|---|---|
| 1 | *2* |

| a | b | c | d | e |
|---|---|---|---|---|
| 1 | 2 | 3 | 4 | 5 |

---
<script>alert(1)</script> <at>Mona</at> ![picture](https://example.com/a.png)
"""


def test_markdown_is_shown_as_far_as_cards_can() -> None:
    card = shown(Markdown(MARKDOWN, "en"))
    runs = {each["text"]: each for each in parts(card, "TextRun")}
    assert runs["bold"]["weight"] == "Bolder" and runs["italic"]["italic"] and runs["gone"]["strikethrough"]
    assert runs["code"]["fontType"] == "Monospace"
    assert runs["a link"]["selectAction"] == {"type": "Action.OpenUrl", "url": "https://example.com/a?b=c"}
    assert {"• ", "1. ", "2. "} <= runs.keys() and runs["if x < 1:\n    y()".replace("    ", "\u00a0" * 4)]
    (table,) = parts(card, "Table")
    assert len(table["rows"]) == 2 and "1 · 2 · 3 · 4 · 5" in runs
    assert "<script>alert(1)</script>" in texts(card) and not list(parts(card, "Image"))


@pytest.mark.parametrize(
    ("text", "language", "rtl"), [("שלום", None, True), ("hello שלום", None, False), ("hello", "ar", True)]
)
def test_a_text_has_the_direction_of_its_own_language(text: str, language: str | None, rtl: bool) -> None:
    (box,) = parts(shown(Markdown(text, language)), "Container")
    assert box["rtl"] is rtl


def test_a_long_text_stands_behind_a_button() -> None:
    long = "\n\n".join(f"Paragraph {number} " + "word " * 60 for number in range(20))
    card = shown(Markdown(long, "en"), Markdown(long, "en"))
    hidden = [each for each in parts(card, "Container") if each.get("isVisible") is False]
    toggles = list(parts(card, "Action.ToggleVisibility"))
    assert len(hidden) == len(toggles) == 2 and {each["title"] for each in toggles} == {"Show all"}
    named = {target["elementId"] for toggle in toggles for target in toggle["targetElements"]}
    assert (
        {each["id"] for each in hidden}
        < named
        == {each["id"] for each in parts(card) if "id" in each and "type" in each}
    )
    assert "Paragraph 19" in texts(card)


@pytest.mark.parametrize("letter", ["a", "ש", "漢", "\U0001f600", "**a** ", "<at>"])
def test_what_is_too_long_for_teams_is_cut_and_says_so(letter: str) -> None:
    texts_ = [Markdown(letter * 60_000 + f"\n\nend{number}", "en") for number in range(3)]
    card = shown(*texts_, Actions((Button(T("Accept"), "experts.accept", 3),)))
    assert size(card) <= MESSAGE
    assert "too long to be shown" in texts(card) and list(parts(card, "Action.Execute"))


def test_a_card_of_far_too_many_parts_keeps_its_summary_and_its_buttons() -> None:
    lines = [Link(User(f"Question {number} " + "x" * 300), f"/questions/{number}") for number in range(2000)]
    card = shown(*lines, Actions((Button(T("Accept"), "experts.accept", 3),)))
    assert size(card) <= MESSAGE and "Hello" in texts(card) and list(parts(card, "Action.Execute"))


def test_pictures_have_alternative_texts_and_others_are_links() -> None:
    card = shown(Picture(4, User("plan.png")), Picture(5, User("big.png")), FileLink(6, User("a.pdf"), 2_000_000),
                 pictures={4: "data:image/png;base64,AAAA"})  # fmt: skip
    (picture,) = parts(card, "Image")
    assert picture["altText"] == "plan.png"
    addresses = [each["url"] for each in parts(card, "Action.OpenUrl")]
    assert addresses == ["https://agora.example.com/files/5", "https://agora.example.com/files/6"]
    assert "1.9 MB" in texts(card)


def test_everything_else_that_a_card_can_hold() -> None:
    passage = Passage(User("Resetting *it*"), "Press **on**.", "en", (T("by {name}", name=Names({"en": "Mona"})),),
                      Link(T("Read the whole entry"), "/entries/5"))  # fmt: skip
    fields = Fields(((T("Topic"), User("IT")), (T("Language"), User(""))))
    marked = Fields(((T("Topic"), User("*IT* <at>Mona</at>")),))
    diff = Diff((("same", "a "), ("removed", "b"), ("added", "c")), "en")
    card = shown(Divider(), Text(T("Ask"), subtle=True), Divider(), passage, fields, marked, diff)
    assert [block.get("separator", False) for block in card["body"]] == [False, True, False, False, False]
    styles = {each["text"]: each for each in parts(card, "TextRun")}
    assert styles["b"]["strikethrough"] and styles["c"]["underline"] and "strikethrough" not in styles["a "]
    assert [each["title"] for each in next(parts(card, "FactSet"))["facts"]] == ["Topic", "Language"]


def test_who_reads_another_language_is_asked_for_and_no_more_than_teams_takes() -> None:
    card = shown(Text(T("Hello")), refreshed=[f"29:{number}" for number in range(80)])
    assert len(card["refresh"]["userIds"]) == 60
    assert card["refresh"]["action"]["data"] == {"id": 7, "outbox": 7}


PIECES = [
    "<at>Omar al-Khatib</at>", "< at>", "</at>", "<AT>x</AT>", "&lt;at&gt;", "[a](javascript:alert(1))",
    "[b](https://x.io)", "<javascript:x>", "![i](data:text/html,x)", "<https://y.io>", "https://z.io/<at>", "tel:1",
    "file:///x", "vbscript:x", "[c]: ms-msdt:x\n\n[c]", "{{DATE(2026-01-01T00:00:00Z)}}", "\ue0000\ue001", "**", "_",
    "`", "\n", "\n\n", "# ", "- ", "1. ", "> ", "|a|b|\n|-|-|\n", "```\n", "    ", "\\", "\u202e", "\u2067",
    "\ud800", "\0", "a", "ב", "é",
]  # fmt: skip
HOSTILE = st.lists(st.sampled_from(PIECES) | st.text(max_size=8), max_size=14).map("".join)


@settings(max_examples=300, deadline=None)
@given(text=HOSTILE, reader=st.sampled_from([EN, AR]))
def test_nothing_that_people_wrote_comes_alive(text: str, reader: Reader) -> None:
    sentence = T("{name} answered: {title}", name=OMAR, title=User(text))
    link = Link(User(text), "/entries/5")
    card = Card(User(text), (
        Markdown(text), Markdown(text, "he"), Heading(User(text)), Text(User(text)), Text(sentence),
        Diff((("added", text),)), Text(T("{name} is here.", name=Mention(8, text))),
        Fields(((User(text), User(text)),)), link,
        Passage(User(text), text, "ar", (User(text),), link), Picture(1, User(text)), FileLink(2, User(text), 1),
        Actions((Button(T("Ask {name}", name=User(text)), "experts.ask", 1, confirm=T("{name}?", name=User(text))),)),
    ))  # fmt: skip
    rendered = fits(render(card, reader, Scene(link=SCENE.link, there={7: "omar", 8: "eight"})))
    blocks = [each["text"] for each in parts(rendered, "TextBlock")]
    entities = rendered["msteams"]["entities"]
    assert {each["mentioned"]["id"] for each in entities} == {"omar", "eight"}
    assert sum(text.lower().count("<at") for text in blocks) == 2 == sum(text.count("<at>") for text in blocks)
    elsewhere = json.dumps({**rendered, "msteams": {}, "body": []}) + json.dumps(list(parts(rendered, "TextRun")))
    assert not re.search(r"(?i)<[\s/]*at", elsewhere)
    for action in parts(rendered, "Action.OpenUrl"):
        assert re.match(r"(https?://|mailto:)\S", action["url"])
    for block in blocks:
        assert not re.search(r"(?<!\\)\]\(|\{\{(DATE|TIME)|(?<!\\)[*_`\[]", re.sub(r"<at>.*?</at>", "", block))


def test_a_card_of_words_alone_is_simple() -> None:
    assert [each["type"] for each in shown(*simple(T("Hello")).elements)["body"]] == ["TextBlock"]
