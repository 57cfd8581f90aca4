"""Answered threads out of a Slack export, and nothing that was said in private."""

import json
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from handlers.imports import slack_export
from handlers.imports.outcome import NotTaken, Refused, Skipped
from handlers.imports.slack_text import to_markdown
from handlers.imports.threads import Thread
from tests.imports.reading import zipped

ASKED, ANSWERED, THANKED = "1700000000.000100", "1700000060.000200", "1700090000.000300"
USERS = [
    {"id": "U1", "name": "mona", "profile": {"display_name": "Mona", "email": "Mona@Acme.example"}},
    {"id": "U2", "name": "omar", "profile": {"display_name": "", "real_name": "Omar Haddad"}},
]


def said(user: str, text: str, at: str = ANSWERED, thread: str = ASKED, **more: object) -> dict[str, Any]:
    return {"type": "message", "user": user, "text": text, "ts": at, "thread_ts": thread, **more}


QUESTION = said("U1", "How do I reset my VPN, <@U2>?", ASKED)
ANSWER = said("U2", "Open <https://vpn.acme.example|the portal> and press *Reset*.")


def export(days: dict[str, Any], **lists: Any) -> dict[str, str | bytes]:
    """The files of an export: days of messages by their paths, and lists that differ from the usual ones."""
    usual = {"users": USERS, "channels": [{"id": "C1", "name": "help"}]}
    files = {**{f"{name}.json": value for name, value in {**usual, **lists}.items()}, **days}
    return {path: value if isinstance(value, str) else json.dumps(value) for path, value in files.items()}


def read(tmp_path: Path, days: dict[str, Any], **lists: Any) -> list[Thread | NotTaken]:
    return list(slack_export.read(zipped(tmp_path / "export.zip", export(days, **lists))))


def threads(found: Iterable[Thread | NotTaken]) -> list[Thread]:
    return [each for each in found if isinstance(each, Thread)]


def test_an_answered_question_becomes_a_thread(tmp_path: Path) -> None:
    (thread,) = threads(read(tmp_path, {"help/2023-11-14.json": [{"text": "hello", "ts": ASKED}, QUESTION, ANSWER]}))
    assert (thread.key, thread.channel, thread.language) == (f"C1/{ASKED}", "help", "en")
    assert thread.permalink == "C1/p1700000000000100"
    assert (thread.question.author, thread.question.email) == ("Mona", "mona@acme.example")
    assert thread.question.text == "How do I reset my VPN, @Omar Haddad?"
    assert thread.question.at == datetime(2023, 11, 14, 22, 13, 20, 100, tzinfo=UTC)
    (answer,) = thread.answers
    assert (answer.account, answer.author, answer.email) == ("U2", "Omar Haddad", None)
    assert answer.text == "Open [the portal](https://vpn.acme.example) and press **Reset**."


def test_a_folder_is_read_as_an_archive_is_also_with_a_folder_around_it(tmp_path: Path) -> None:
    for path, text in export({"help/2023-11-14.json": [QUESTION, ANSWER]}).items():
        file = tmp_path / "Acme export" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(str(text))
    assert [each.key for each in threads(slack_export.read(tmp_path / "Acme export"))] == [f"C1/{ASKED}"]
    assert [each.key for each in threads(slack_export.read(tmp_path))] == [f"C1/{ASKED}"]


def test_replies_of_later_days_belong_to_the_thread_and_count_once(tmp_path: Path) -> None:
    later = said("U2", "Or ask me.", THANKED)
    days = {
        "help/2023-11-14.json": [QUESTION, ANSWER],
        "help/2023-11-15.json": [later, {**later, "text": "Or ask us."}],
    }
    (thread,) = threads(read(tmp_path, days))
    assert [answer.text for answer in thread.answers[1:]] == ["Or ask us."]


@pytest.mark.parametrize(
    ("replies", "best"),
    [
        (
            [
                ("U2", "Restart."),
                ("U3", "Open the portal.", {"reactions": [{"name": "white_check_mark", "users": ["U1"]}]}),
            ],
            1,
        ),
        (
            [
                ("U2", "Restart."),
                ("U3", "No idea, sorry, really none."),
                ("U4", "Call us."),
                ("U1", "Thanks, that worked!"),
            ],
            2,
        ),
        ([("U2", "Restart.", {"reactions": [{"name": "+1::skin-tone-3", "users": ["U1"]}]}), ("U3", "Call us.")], 0),
        ([("U2", "Which VPN?"), ("U3", "Press `reset`.")], 1),
        ([("U2", "Call us."), ("U1", "grazie"), ("U3", "+1")], 0),
    ],
)
def test_the_best_answer_is_guessed_by_what_the_asker_and_others_said(
    tmp_path: Path, replies: list[tuple[Any, ...]], best: int
) -> None:
    messages = [
        said(user, text, f"17000001{n:02}.000000", **dict(*more)) for n, (user, text, *more) in enumerate(replies)
    ]
    (thread,) = threads(read(tmp_path, {"help/2023-11-14.json": [QUESTION, *messages]}))
    assert thread.best == best


def test_what_is_no_answered_question_is_skipped_with_a_reason(tmp_path: Path) -> None:
    times = [f"170000{n}000.000000" for n in range(5)]
    found = read(
        tmp_path,
        {
            "help/2023-11-14.json": [
                *(
                    said("U1", "Lunch is at noon.", times[0], times[0]),
                    said("U2", "Yum.", "1700000001.000000", times[0]),
                ),
                *(said("U1", "Anybody?", times[1], times[1]), said("U1", "Nobody.", "1700001001.000000", times[1])),
                *(
                    said("U1", "A bot?", times[2], times[2]),
                    said("B1", "Hi", "1700002001.000000", times[2], bot_id="B1"),
                ),
                said("U2", "An answer to something deleted", "1700003001.000000", times[3]),
            ]
        },
    )
    assert [str(each) for each in found] == [
        f"help/{times[0]}: asks nothing: no question mark, and no answer marked as the solution",
        f"help/{times[1]}: nobody else answered, or not in words",
        f"help/{times[3]}: the thread's first message is missing, or no person's",
    ]


def test_private_conversations_are_not_read(tmp_path: Path) -> None:
    private = [QUESTION, ANSWER]
    found = read(
        tmp_path,
        {f"{folder}/2023-11-14.json": private for folder in ("secret", "D1", "mpdm-a--b-1", "unlisted", "closed")},
        channels=[
            {"id": "C1", "name": "help"},
            {"id": "C9", "name": "secret"},
            {"id": "C8", "name": "closed", "is_private": True},
        ],
        groups=[{"id": "G1", "name": "secret"}],
        dms=[{"id": "D1"}],
        mpims=[{"id": "G2", "name": "mpdm-a--b-1"}],
    )
    assert {str(each) for each in found} == {
        "secret: a private channel",
        "D1: a direct conversation",
        "mpdm-a--b-1: a group conversation",
        "unlisted: not among the public channels",
        "closed: not among the public channels",
    }
    assert all(isinstance(each, Skipped) for each in found)


@pytest.mark.parametrize("broken", ['{"a":', "[1, 2]", "{}", "[" * 5_000, '["\\ud800"]', "\0"])
def test_a_broken_file_is_refused_and_the_rest_goes_on(tmp_path: Path, broken: str) -> None:
    found = read(tmp_path, {"help/2023-11-13.json": broken, "help/2023-11-14.json": [QUESTION, ANSWER]}, users=broken)
    assert [each.path for each in found if isinstance(each, Refused)] == ["users.json", "help/2023-11-13.json"]
    (thread,) = threads(found)
    assert (thread.question.author, thread.question.email) == ("somebody", None)


def test_without_a_list_of_public_channels_nothing_is_read(tmp_path: Path) -> None:
    for broken in ("[", "{}"):
        with pytest.raises(Refused, match="nothing says which channels are public"):
            read(tmp_path, {"help/2023-11-14.json": [QUESTION, ANSWER]}, channels=broken)


@pytest.mark.parametrize("odd", [None, 1, [], {}, "x", True])
def test_odd_values_do_no_harm(tmp_path: Path, odd: object) -> None:
    for key in ("user", "text", "ts", "thread_ts", "subtype", "reactions", "user_profile", "bot_id"):
        read(tmp_path, {"help/2023-11-14.json": [QUESTION, {**ANSWER, key: odd}, ANSWER]})
    (thread, *_) = threads(
        read(
            tmp_path,
            {"help/2023-11-14.json": [QUESTION, {**ANSWER, "reactions": [odd, {"name": odd, "users": odd}]}]},
            users=[{"id": odd, "profile": odd}, {"id": "U1", "profile": {"email": odd, "real_name": odd}}],
        )
    )
    assert isinstance(thread.question.author, str)


@pytest.mark.parametrize(
    ("text", "markdown"),
    [
        ("<@U1> <@U9|zoe> <#C1> <#C2|other>", "@Mona @zoe #help #other"),
        ("<!here> <!subteam^S1|@it> <!subteam^S1> <!date^1^{date}|May 4>", "@here @it @subteam May 4"),
        (
            "<https://a.example> <https://a.example/?a&amp;b|words &lt;3>",
            "[https://a.example](https://a.example) [words \\<3](https://a.example/?a&b)",
        ),
        ("<mailto:a@b.example|a@b.example> <javascript:alert(1)|x>", "[a@b.example](mailto:a@b.example) x"),
        ("*bold* 2*3*4 ~gone~ _soft_", "**bold** 2*3*4 ~~gone~~ _soft_"),
        ("*see <https://a.example|this>*", "**see [this](https://a.example)**"),
        ("use `a &lt; *b* <https://c.example>`", "use `a < *b* https://c.example`"),
        ("run ```ls &amp;&amp; rm\nx``` now", "run \n\n```\nls && rm\nx\n```\n\n now"),
        ("one\ntwo\n\nthree", "one  \ntwo\n\nthree"),
        ("&gt; quoted\nnot", "> quoted  \nnot"),
        ("[x](javascript:alert(1)) &lt;script&gt; # no", "\\[x\\](javascript:alert(1)) \\<script> # no"),
        ("# no heading", "\\# no heading"),
    ],
)
def test_a_message_becomes_markdown(text: str, markdown: str) -> None:
    assert to_markdown(text, {"U1": "Mona", "C1": "help"}) == markdown
