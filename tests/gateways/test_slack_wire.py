"""What Agora writes into Slack's fields comes back as it was."""

from __future__ import annotations

import pytest

from bot.cards import Button, T
from bot.slack.wire import (
    Origin,
    Pressed,
    action_id,
    ephemeral,
    is_ephemeral,
    outbox_id_of,
    outbox_metadata,
    piece_id,
    read_action,
    submitted,
)


def test_a_button_says_what_it_calls() -> None:
    answer = Button(T("Answer"), "answers.write", 12, opens="form")
    assert read_action(action_id(answer)) == Pressed("answers.write", 12, "form")
    assert read_action(action_id(Button(T("Ask"), "/ask", 0), 3)) == Pressed("/ask", 0, None)
    assert action_id(answer) != action_id(answer, 1)
    assert read_action("link:4") is None


@pytest.mark.parametrize("strange", ["", "x", "a:b:c", "a:b:c:d"])
def test_what_is_not_ours_is_refused(strange: str) -> None:
    with pytest.raises(ValueError):
        read_action(strange)


def test_a_modal_remembers_what_it_was_opened_for() -> None:
    origin = Origin("answers.write", 12, "C1", "1.0", "e:1.5", "home")
    assert Origin.unpack(origin.pack()) == origin and Origin.unpack("") == Origin()
    for strange in ('{"x": 1}', "[", "5"):
        with pytest.raises(ValueError):
            Origin.unpack(strange)
    with pytest.raises(ValueError):
        Origin(conversation="C" * 3000).pack()


def test_what_was_typed_and_chosen_is_read_by_the_name_of_the_field() -> None:
    values = {
        "title": {"in": {"type": "plain_text_input", "value": "VPN"}},
        "empty": {"in": {"type": "plain_text_input", "value": None}},
        "topic": {"in": {"type": "static_select", "selected_option": {"value": "5", "text": {}}}},
        "none": {"in": {"type": "static_select", "selected_option": None}},
        "files": {"in": {"type": "file_input", "files": [{"id": "F1"}]}},
        piece_id("body", 10, "p"): {"in": {"type": "plain_text_input", "value": "d"}},
        piece_id("body", 2, "l"): {"in": {"type": "plain_text_input", "value": "b"}},
        piece_id("body", 3, ""): {"in": {"type": "plain_text_input", "value": "c"}},
        piece_id("body", 4, "w"): {"in": {"type": "plain_text_input", "value": None}},
        "body": {"in": {"type": "plain_text_input", "value": "a"}},
    }
    found = submitted({"state": {"values": values}})
    assert found.values == {"title": "VPN", "empty": "", "topic": "5", "none": "", "body": "a\nbc\n\nd"}
    assert found.files == {"files": ({"id": "F1"},)}
    assert submitted({}).values == {}


def test_a_message_is_known_as_the_delivery_of_its_row() -> None:
    assert outbox_id_of({"metadata": outbox_metadata(7)}) == 7
    for other in ({}, {"metadata": None}, {"metadata": {"event_type": "x", "event_payload": {"id": 7}}},
                  {"metadata": {"event_type": "agora_outbox"}}):  # fmt: skip
        assert outbox_id_of(other) is None


def test_ephemeral_messages_are_told_from_others() -> None:
    assert is_ephemeral(ephemeral("1.5")) and not is_ephemeral("1.5") and not is_ephemeral(None)
