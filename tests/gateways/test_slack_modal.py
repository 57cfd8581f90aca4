"""Forms as modals: whatever is asked, Slack takes it, and what was typed comes back under its name."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.cards import Actions, Button, Form, Input, Link, Markdown, Option, T, Text, User
from bot.slack import limits, modal
from bot.slack.voice import Voice
from bot.slack.wire import Origin, Submitted, submitted
from bot.texts import Reader
from tests.slack_check import check_view, parts, texts

ORIGIN = Origin(conversation="C1", thread="1.0", message="e:1.5", surface="home")


def voice(locale: str = "en") -> Voice:
    return Voice(Reader(locale), {}, lambda path: f"https://agora.example.com{path}")


def view_of(*inputs: Input, title: T | None = None, intro: tuple[Any, ...] = (), locale: str = "en") -> dict[str, Any]:
    made = modal.form(Form(title or T("Ask"), "questions.ask", 7, inputs, T("Ask"), intro), ORIGIN, voice(locale))
    check_view(made)
    return made


def sent(view: dict[str, Any]) -> Submitted:
    """What Slack sends when nobody changes anything."""
    values = {}
    for block in (block for block in view["blocks"] if block["type"] == "input"):
        element = block["element"]
        given = {"type": element["type"], "value": element.get("initial_value")}
        if element["type"] == "static_select":
            given["selected_option"] = element.get("initial_option")
        values[block["block_id"]] = {element["action_id"]: given}
    shuffled = dict(reversed(values.items()))
    return submitted({**view, "state": {"values": shuffled}})


def test_a_form_keeps_where_it_was_opened_and_what_it_calls() -> None:
    view = view_of(Input("text", T("Your question"), "text", hint=T("Why"), required=False, value="so far"))
    origin = Origin.unpack(view["private_metadata"])
    assert origin == Origin("questions.ask", 7, "C1", "1.0", "e:1.5", "home") and view["callback_id"] == "questions.ask"
    (block,) = view["blocks"]
    assert (block["block_id"], block["optional"], block["hint"]["text"]) == ("text", True, "Why")
    assert (block["element"]["multiline"], block["element"]["initial_value"]) == (True, "so far")


@pytest.mark.parametrize("locale", ["en", "ar", "he", "it"])
def test_all_kinds_of_fields_in_all_languages(locale: str) -> None:
    options = (Option("no", T("With my name")), Option("yes", T("Without my name")))
    view = view_of(
        Input("line", T("Title"), value="x" * 5_000, limit=200), Input("text", T("Text"), "text", limit=0),
        Input("select", T("Ask"), "select", "yes", options=options),
        Input("none", T("Ask"), "select", "gone", options=options),
        Input("files", T("More about it"), "files"), Input("empty", T("Which revision"), "select"),
        title=T("{name} asked this before, on {day}:", name=User("A" * 90), day=User("today")),
        intro=(Text(T("Ask")), Markdown("<!channel> " * 900), Link(T("Open the page"), "/x")), locale=locale,
    )  # fmt: skip
    kinds = [block["element"]["type"] for block in view["blocks"] if block["type"] == "input"]
    assert kinds == ["plain_text_input"] * 2 + ["static_select"] * 2 + ["file_input"]
    assert sent(view).values == {"line": "x" * 200, "text": "", "select": "yes", "none": ""}
    assert len(view["title"]["text"]) <= 24 and any("A" * 90 in text for text in texts(view["blocks"]))


@settings(deadline=None, max_examples=40)
@given(st.lists(st.sampled_from(["word", " ", "\n", "\n\n", "x" * 2_000, "😀&<" * 300, "\n\n\n  "]), max_size=60))
def test_a_long_text_is_edited_in_several_fields_and_nothing_of_it_is_lost(some: list[str]) -> None:
    text = "".join(some).strip()
    view = view_of(Input("title", T("Title")), Input("body", T("Text"), "text", value=text, limit=40_000))
    assert sent(view).values == {"title": "", "body": text}
    assert len(view["blocks"]) >= 3, "there is room to go on"
    labels = [block["label"]["text"] for block in view["blocks"]]
    assert labels[1:3] == ["Text", "Text (continued)"]


@pytest.mark.parametrize("count", [1, 100, 101, 2_500, 12_000])
def test_any_number_of_options_can_be_chosen_from(count: int) -> None:
    options = tuple(Option(str(n), User(f"Topic {n} <!channel> " + "x" * 100)) for n in range(count))
    view = view_of(Input("topic", T("Topic"), "select", str(count - 1), options=(*options, options[0])))
    assert sent(view).values == {"topic": str(count - 1)}
    offered = sum(1 for part in parts(view["blocks"]) if set(part) == {"text", "value"})
    assert offered == min(count, limits.ALL_OPTIONS) + 1, "each once, and the one that is chosen"


def test_a_view_opens_before_its_form_is_there_and_says_so_where_there_is_none() -> None:
    for made in (modal.loading(voice("ar"), ORIGIN), modal.notice(T("Ask"), voice())):
        check_view(made)
        assert "submit" not in made
    assert Origin.unpack(modal.loading(voice(), ORIGIN)["private_metadata"]) == ORIGIN


def test_errors_stand_below_their_fields_or_else_below_the_first() -> None:
    view = view_of(Input("title", T("Title")), Input("body", T("Text"), "text", limit=9_000))
    said = modal.errors(view, {"body": T("Ask"), "nowhere": T("Why"), "either": User("y" * 9_000)}, voice())  # type: ignore[dict-item]
    assert said["response_action"] == "errors" and said["errors"]["body"] == "Ask"
    assert said["errors"]["title"].startswith("Why yyy") and len(said["errors"]["title"]) <= limits.ERROR
    bare = modal.errors({"blocks": [{"type": "section"}]}, {"body": T("Ask")}, voice())
    assert bare["response_action"] == "update" and texts(bare["view"]["blocks"]) == ["Ask"]


def test_a_form_without_room_for_its_introduction_keeps_its_fields() -> None:
    inputs = [Input(f"n{n}", T("Text")) for n in range(90)]
    intro = (*itertools.repeat(Text(T("Why")), 50), Actions((Button(T("Ask"), "questions.ask", 1),)))
    view = view_of(*inputs, intro=intro)
    assert len(view["blocks"]) == limits.VIEW_BLOCKS and len(sent(view).values) == 90
