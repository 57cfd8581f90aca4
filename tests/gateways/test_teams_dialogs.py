"""Forms as dialogs of Teams: labels, limits, choices, and errors that lose nothing of what was typed."""

from __future__ import annotations

from typing import Any

from bot.cards import Form, Input, Option, T, Text, User
from bot.teams.blocks import Block
from bot.teams.dialogs import Shown, dialog, notice, task
from bot.teams.render import Scene
from bot.teams.wire import submitted
from bot.texts import Reader
from tests.teams_cards import fits

EN, HE = Reader("en"), Reader("he")
FEW = tuple(Option(str(n), User(f"Person {n}")) for n in range(3))
MANY = tuple(Option(str(n), User(f"Person {n}")) for n in range(40))
LONG = T("One question, in your own language, in the words you would use to a colleague.")


def form(*inputs: Input, **about: Any) -> Form:
    return Form(T("Ask"), "questions.ask", 4, inputs, T("Ask"), **about)


def body(shown: Form, **about: Any) -> list[Block]:
    found: list[Block] = fits(dialog(Shown(shown, **about), EN))["body"]
    return found


def test_fields_say_what_they_are_and_what_they_take() -> None:
    (line, text, below) = body(
        form(Input("who", T("Who?"), limit=200, hint=T("A name")), Input("text", T("Your question"), "text", hint=LONG))
    )
    assert (line["label"], line["isRequired"], line["maxLength"]) == ("Who?", True, 200)
    assert line["errorMessage"] and line["placeholder"] == "A name" and line["isMultiline"] is False
    assert text["isMultiline"] is True and "placeholder" not in text and below["text"] == LONG.text


def test_what_need_not_be_filled_in_has_no_error() -> None:
    (line,) = body(form(Input("who", T("Who?"), required=False)))
    assert line["isRequired"] is False and "errorMessage" not in line


def test_a_long_list_of_choices_can_be_searched() -> None:
    short, long = body(form(Input("a", T("Who?"), "select", options=FEW, value="2"),
                            Input("b", T("Who?"), "select", options=MANY, value="not there")))  # fmt: skip
    assert (short["style"], short["value"], long["style"]) == ("compact", "2", "filtered")
    assert len(long["choices"]) == 40 and "value" not in long


def test_a_choice_of_nothing_is_no_field() -> None:
    (line,) = body(form(Input("a", T("Who?"), "select")))
    assert line["type"] == "TextBlock" and "Who?" in line["text"]


def test_files_are_chosen_from_those_that_were_sent_before() -> None:
    asked = form(Input("files", T("Files and pictures"), "files", required=False))
    (first,) = body(asked)
    assert first["type"] == "TextBlock" and "our own chat" in first["text"]
    scene = Scene(files=[(7, "plan.pdf"), (5, "<at>x</at>.png")])
    (choice,) = fits(dialog(Shown(asked, values={"files": "5,6"}), EN, scene))["body"]
    assert (choice["type"], choice["isMultiSelect"], choice["value"]) == ("Input.ChoiceSet", True, "5")
    assert [each["value"] for each in choice["choices"]] == ["7", "5"] and "<at>" not in str(choice["choices"])


def test_errors_stand_at_their_fields_and_nothing_typed_is_lost() -> None:
    shown = form(Input("text", T("Your question"), "text", value="as it was"),
                 Input("who", T("Who?"), "select", options=FEW, value="1"))  # fmt: skip
    errors = {"text": T("Please write something."), "": T("Nothing was changed.")}
    found = body(shown, values={"text": "typed <at>x</at>"}, errors=errors)
    assert [each.get("id") for each in found] == [None, None, "text", "who"]
    assert "Nothing was changed." in str(found[0]) and "Please write something." in str(found[1])
    assert (found[2]["value"], found[3]["value"]) == ("typed <at>x</at>", "1")


def test_what_was_emptied_stays_empty() -> None:
    (line,) = body(form(Input("text", T("Your question"), value="as it was")), values={})
    assert "value" not in line


def test_the_dialog_comes_back_with_its_form() -> None:
    shown = form(Input("text", T("Your question"), value="x"), intro=(Text(T("Hello")),))
    answer = task(Shown(shown, "170"), HE)["task"]
    assert answer["type"] == "continue" and answer["value"]["title"]
    card = fits(answer["value"]["card"]["content"])
    assert card["rtl"] is True
    (action,) = card["actions"]
    sent = submitted({**action["data"], "text": "what?"})
    assert sent and (sent.route, sent.id, sent.message, sent.values) == ("questions.ask", 4, "170", {"text": "what?"})
    assert sent.form and sent.form.inputs[0].label == T("Your question")


def test_a_dialog_can_end_with_a_sentence() -> None:
    assert notice(T("Done."), EN) == {"task": {"type": "message", "value": "Done."}}
