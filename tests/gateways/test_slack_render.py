"""Cards and forms as Block Kit: whatever stands in them, Slack takes it, and nothing in it is alive."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.cards import (
    Actions,
    Button,
    Card,
    Diff,
    Divider,
    Element,
    Fields,
    FileLink,
    Heading,
    Link,
    Markdown,
    Mention,
    Moment,
    Names,
    Passage,
    Picture,
    T,
    Text,
    User,
    Words,
)
from bot.slack import limits, render
from bot.slack.richtext import markdown, split
from bot.slack.voice import Voice
from bot.texts import Reader
from tests.slack_check import LIVE, check_message, check_unfurl, check_view, parts, texts

TRUSTED = frozenset({"U0MONA"})


def voice(locale: str = "en") -> Voice:
    return Voice(Reader(locale), {1: "U0MONA"}, lambda path: f"https://agora.example.com{path}")


def message(*elements: Element, summary: Words | None = None, locale: str = "en") -> dict[str, Any]:
    made = render.message(Card(summary or T("Your home"), elements), voice(locale), "/all")
    check_message(made, TRUSTED)
    return made


LIVELY = ["<!channel>", "<!here|x>", "<@U0MONA>", "<#C123|general>", "<https://evil.example|good>", "<!subteam^S1>",
          "<!date^1^{date}|x>", "@channel", "@here", "#general", "[x](javascript:alert(1))", "[x](slack://open)",
          "<slack://open>", "![p](data:text/html,x)", "[a](<!channel>)", "`<!channel>`", "```\n<@U1>\n```",
          "[https://good.example](https://evil.example)", "&lt;!channel&gt;", "\\<!channel\\>", "<http://x|<!channel>>",
          "[<@U1>](https://x.example/<!here>)", "\u2069\u202e", "\x00\ud800", "|", "*"]  # fmt: skip
UNTRUSTED = st.lists(
    st.one_of(st.sampled_from(LIVELY), st.text(max_size=20), st.sampled_from(list("\n\n \t>-*_`~[]()<>|!@#1.")))
).map("".join)


@st.composite
def words(draw: st.DrawFn) -> Words:
    text = draw(UNTRUSTED)
    return draw(
        st.sampled_from([
            User(text), T("{name} answered", name=User(text)), Names({"en": text, "ar": text}), Mention(1, text),
            Mention(2, text, "Latin"), T("{name} answered", name=Mention(1, text)),
            T("{state} · {day}", state=T("{name} answered", name=Mention(1, text)), day=User(text)),
            T("Please answer by {until}.", until=Moment(datetime(2026, 11, 22, tzinfo=UTC))),
        ])
    )  # fmt: skip


@st.composite
def elements(draw: st.DrawFn) -> Element:
    some, text = draw(words()), draw(UNTRUSTED)
    button = Button(T("{name} answered", name=some), "experts.accept", draw(st.integers(0, 2**60)),
                    draw(st.sampled_from(["default", "primary", "danger"])), draw(st.sampled_from([None, "form"])),
                    draw(st.sampled_from([None, T("{name} answered", name=some)])))  # fmt: skip
    return draw(
        st.sampled_from([
            Heading(some), Text(some), Text(some, True), Markdown(text), Link(some, "/entries/5"),
            Passage(User(text), text, "en", (some, some), Link(some, "/entries/5")), Fields(((some, some),) * 3),
            Picture(1, User(text)), FileLink(1, User(text), 10), Diff((("same", text), ("added", text))), Divider(),
            Actions((button,) * draw(st.sampled_from([1, 2, 7]))),
        ])
    )  # fmt: skip


@settings(deadline=None, max_examples=30, suppress_health_check=[HealthCheck.too_slow, HealthCheck.large_base_example])
@given(words(), st.lists(elements(), max_size=10), st.sampled_from(["en", "ar", "he", "it"]))
def test_nothing_that_anybody_wrote_is_alive_and_slack_takes_it(
    summary: Words, some: list[Element], locale: str
) -> None:
    card = Card(summary, tuple(some))
    made = render.message(card, voice(locale), "/all")
    check_message(made, TRUSTED)  # which knows who may be mentioned, and finds no text with markup
    check_unfurl(render.unfurl(card, voice(locale), "/all"), TRUSTED)
    check_view(render.home(card, voice(locale), "/all"), TRUSTED)
    for link in (part for part in parts(made) if part.get("type") == "link"):
        assert link["url"].lower().startswith(("http://", "https://", "mailto:"))
    json.dumps(made, ensure_ascii=False).encode()


@given(UNTRUSTED)
def test_no_markup_of_anybody_is_left_in_a_text_that_slack_reads(text: str) -> None:
    assert not LIVE.search(message(Text(User("x")), summary=User(text))["text"])


def test_a_mention_is_alive_where_agora_makes_it_for_whoever_is_there() -> None:
    made = message(
        Text(T("{name} answered", name=Mention(1, "Mona"))),
        Text(T("{name} answered", name=Mention(2, "Omar"))),
        Text(T("{name} answered", name=User("<@U0MONA>"))),
        Text(T("{name} answered", name=Mention(1, "Mona")), subtle=True),
        summary=T("{name} answered", name=Mention(1, "Mona")),
    )
    assert [part["user_id"] for part in parts(made) if part.get("type") == "user"] == ["U0MONA"]
    assert texts(made["blocks"]) == ["\u2068", "\u2069 answered", "\u2068Omar\u2069 answered",
                                     "\u2068<@U0MONA>\u2069 answered", "\u2068Mona\u2069 answered"]  # fmt: skip
    assert made["text"] == "\u2068Mona\u2069 answered"


def test_names_and_numbers_turn_no_line_around() -> None:
    source = (T("by {name}", name=User("נועה")), User("IT"))
    made = message(Fields(((T("Topic"), User("VPN 2")),)), Passage(User("T"), "x", "en", source, Link(User("L"), "/x")),
                   locale="ar")  # fmt: skip
    said = "".join(texts(made))
    assert "\u2068VPN 2\u2069" in said and "\u2068נועה\u2069" in said and "\u2068IT\u2069" in said
    assert said.count("\u2068") == said.count("\u2069")


@pytest.mark.parametrize("text", ["x" * 40_000, "word " * 8_000, "😀" * 20_000, "<&>" * 13_000, "line\n" * 8_000,
                                  "- item\n" * 5_000, "> quote\n" * 4_000, "```\n" + "code\n" * 8_000 + "```",
                                  "| a | b |\n|---|---|\n" + "| 1 | 2 |\n" * 3_000, "# head\n\npara\n\n" * 2_000,
                                  "[x](https://a.example/" + "y" * 5_000 + ")", "> " * 3_000 + "deep",
                                  "- " * 300 + "deep", "[" * 9_000, "**" * 9_000, "\u202e", " ", ""])  # fmt: skip
def test_any_text_fits_and_what_does_not_is_behind_show_all(text: str) -> None:
    for element in (Markdown(text), Text(User(text)), Text(User(text), True), Heading(User(text)),
                    Passage(User(text), text, "en", (User(text),), Link(User(text), "/entries/1")),
                    Fields(((User(text), User(text)),)), Link(User(text), "/x"), Diff((("added", text),))):  # fmt: skip
        made = message(element, Actions((Button(T("Accept"), "experts.accept", 1),)), summary=User(text))
        assert "Accept" in texts(made), "the buttons stay"
        check_view(render.home(Card(User(text), (element,)), voice(), "/all"))


def test_what_is_left_out_is_a_page_away() -> None:
    made = message(Text(T("Your home")), Markdown("word " * 8_000), Text(User("the end")), Actions(()),
                   Actions((Button(T("Accept"), "experts.accept", 1),)))  # fmt: skip
    shown = [part for part in parts(made) if part.get("url") == "https://agora.example.com/all"]
    assert [part["text"] for part in shown] == ["Show all"]
    assert texts(made)[0].startswith("Your home") and "the end" not in texts(made)
    assert sum(map(len, texts(made["blocks"]))) > 8_500
    assert not [p for p in parts(message(Markdown("word " * 2_000))) if p.get("url")], "it fits"


def test_more_blocks_and_buttons_than_slack_takes() -> None:
    button = Button(T("Accept"), "experts.accept", 1)
    made = message(*[Text(User(f"{n}")) for n in range(200)], Actions((button,) * 100))
    assert len(made["blocks"]) == limits.MESSAGE_BLOCKS
    assert texts(made).count("Accept") == 100, "nothing is left out of what can be pressed"
    made = message(Actions((button,) * 1_000))
    assert texts(made).count("Accept") == 49 * limits.ACTIONS_A_ROW


def test_markdown_becomes_what_it_means() -> None:
    source = "# Head\n*it* **b** ~~s~~ `c`\nnext\n\n3. one\n   - deep\n4. two\n\n> said\n\n```py\ncode\n```\n\nhttps://a.example/x"
    made = [piece.to_dict() for piece in markdown(source)]
    assert [piece["type"].removeprefix("rich_text_") for piece in made] == [
        "section", "list", "list", "list", "quote", "preformatted", "section"]  # fmt: skip
    assert [run.get("style") for run in made[0]["elements"]][:8:2] == [{"bold": True}, {"italic": True}, {"bold": True},
                                                                      {"strike": True}]  # fmt: skip
    assert "\nnext" in texts(made[0]) and (made[1]["offset"], made[2]["indent"], made[3]["offset"]) == (2, 1, 3)
    assert made[-1]["elements"] == [{"type": "link", "url": "https://a.example/x", "text": "https://a.example/x"}]
    assert "\nnext" not in texts([piece.to_dict() for piece in markdown(source, breaks=False)])


@given(UNTRUSTED, st.integers(60, 200))
def test_nothing_is_lost_where_a_text_is_broken(text: str, most: int) -> None:
    whole = markdown(text)
    said = "".join(texts([piece.to_dict() for piece in whole]))
    packs = list(split(markdown(text), most))
    assert "".join(texts([piece.to_dict() for pack in packs for piece in pack])).replace(" ", "") == said.replace(
        " ", ""
    )
