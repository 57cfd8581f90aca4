"""The playground in a real browser: people talk to Agora, each in a tab of their own."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import APIResponse, Locator, Page, Route, expect

from bot.cards import Actions, Button, Card, T, Text, User
from bot.gateway import POST, Delivery
from bot.texts import Reader
from tests.browser.conftest import Seat
from tests.town import Town

pytestmark = pytest.mark.needs("chromium")

QUESTION = "How do I reset the VPN?"


def write(tab: Page, text: str, box: str = "#composer") -> None:
    tab.locator(box).fill(text)
    tab.locator(box).press("Enter")


def deliver(town: Town, outbox_id: int, card: Card, **about: str) -> None:
    """Let Agora post a card in #general."""
    import asyncio

    delivery = Delivery(outbox_id, "slack", "general", POST, card, Reader(), **about)  # type: ignore[arg-type]
    asyncio.run_coroutine_threadsafe(town.runtime.gateways["web"].deliver(delivery), town.loop).result(60)


def test_from_choosing_a_person_to_an_answer(sit: Seat) -> None:
    people = sit(None, "/")
    with people.context.expect_page() as opened:
        people.get_by_role("link", name=re.compile("Mona Ahlberg")).first.click()
    mona = opened.value
    expect(mona.get_by_role("heading", name="Ask me anything about the company")).to_be_visible()
    write(mona, QUESTION)
    answer = mona.locator(".message", has_text="This is what the company knows")
    expect(answer.get_by_text("Resetting the VPN")).to_be_visible()
    expect(mona.get_by_text("Ask me anything about the company")).to_have_count(0)
    with mona.context.expect_page() as entry:
        answer.get_by_role("link", name=re.compile("Read the whole entry")).first.click()
    expect(entry.value.get_by_role("heading", level=1)).to_have_text("Resetting the VPN")


def test_two_people_see_each_other_without_a_reload(sit: Seat) -> None:
    mona, omar = sit("mona", "/in/general"), sit("omar", "/in/general")
    write(mona, "@agora " + QUESTION)
    expect(omar.locator(".message .mention")).to_have_text("@agora")
    expect(omar.locator(".replies")).to_contain_text("رد واحد")
    expect(mona.locator("#thread .message")).to_have_count(2)
    mona.locator("#thread").get_by_role("button", name="This solved it").click()
    expect(mona.locator("#thread .card")).to_contain_text("Solved")
    omar.locator(".replies").click()
    expect(omar.locator("#thread .edited")).to_have_count(1)
    write(omar, "شكرا", "#reply")
    expect(mona.locator("#thread .message").last).to_contain_text("شكرا")


def test_an_answer_that_is_there_first_stays(sit: Seat) -> None:
    mona = sit("mona", "/in/general")
    held: list[tuple[Route, APIResponse]] = []
    mona.route("**/messages", lambda route: held.append((route, route.fetch())))
    write(mona, "@agora " + QUESTION)
    expect(mona.locator("main .replies .count")).to_have_text("1 reply")
    route, answer = held.pop()
    with mona.expect_response("**/messages"):
        route.fulfill(response=answer)
    expect(mona.locator("#thread .message")).to_have_count(2)  # which it opens once its sending has come back
    expect(mona.locator("main .replies .count")).to_have_text("1 reply")


def test_what_only_one_sees_is_marked_and_seen_by_one(sit: Seat, town: Town) -> None:
    mona, omar = sit("mona", "/in/general"), sit("omar", "/in/general")
    deliver(town, 1, Card(User("for mona"), (Text(User("for mona")),)), only_for="mona")
    deliver(town, 2, Card(User("for all"), (Text(User("for all")),)))
    expect(mona.locator(".message.alone .badge")).to_have_text("Only you see this")
    expect(omar.locator(".card", has_text="for all")).to_be_visible()
    expect(omar.get_by_text("for mona")).to_have_count(0)


def test_a_form_keeps_what_was_written_and_says_what_is_wrong(sit: Seat) -> None:
    mona = sit("mona", "/home")
    mona.get_by_role("button", name="Ask a question").click()
    dialog = mona.get_by_role("dialog")
    text = dialog.get_by_role("textbox")
    expect(text).to_be_focused()
    dialog.get_by_role("button", name="Ask", exact=True).click()
    expect(text).to_have_attribute("aria-invalid", "true")
    expect(dialog.get_by_text("This is needed.")).to_be_visible()
    text.fill(QUESTION)
    mona.keyboard.press("Escape")
    mona.get_by_role("dialog", name="Discard what you wrote?").get_by_role("button", name="Cancel").click()
    expect(text).to_have_value(QUESTION)
    with mona.expect_event("dialog") as asked:
        mona.once("dialog", lambda leaving: leaving.dismiss())
        mona.evaluate("setTimeout(() => location.reload())")
    assert asked.value.type == "beforeunload"
    expect(text).to_have_value(QUESTION)
    dialog.get_by_role("button", name="Ask", exact=True).click()
    expect(dialog).to_have_count(0)
    mona.get_by_role("link", name=re.compile("^Agora")).click()
    expect(mona.locator(".card", has_text="Connect")).to_be_visible()


def test_a_form_shows_what_the_server_finds_wrong(sit: Seat) -> None:
    mona = sit("mona", "/in/general")
    write(mona, "/ask")
    dialog = mona.get_by_role("dialog")
    dialog.get_by_role("textbox").fill("\u200b")
    dialog.get_by_role("button", name="Ask", exact=True).click()
    expect(dialog.locator(".error").or_(mona.locator(".toast")).first).not_to_be_empty()


def test_everything_can_be_done_with_the_keyboard(sit: Seat) -> None:
    mona = sit("mona", "/in/general")
    expect(mona.locator("#composer")).to_be_focused()
    mona.keyboard.type("@ag")
    mona.keyboard.press("Tab")
    mona.keyboard.type(QUESTION)
    mona.keyboard.press("Enter")
    expect(mona.locator("#thread .message")).to_have_count(2)
    go(mona, mona.locator("main .replies"), "Shift+Tab")
    mona.keyboard.press("Enter")
    expect(mona.locator("#reply")).to_be_focused()
    go(mona, mona.locator("#thread .card button").first, "Shift+Tab")
    mona.keyboard.press("Enter")
    expect(mona.locator("#thread .card").first).to_contain_text("Solved")
    go(mona, mona.locator("[data-close-thread]"), "Shift+Tab")
    mona.keyboard.press("Enter")
    expect(mona.locator("#thread .message")).to_have_count(0)
    go(mona, mona.get_by_role("link", name="Home"), "Shift+Tab")
    mona.keyboard.press("Enter")
    go(mona, mona.get_by_role("button", name="Ask a question"), "Tab")


def go(tab: Page, target: Locator, key: str) -> None:
    """Walk with the keyboard until ``target`` has the focus."""
    for _ in range(40):
        tab.keyboard.press(key)
        if target.evaluate("target => target === document.activeElement"):
            return
    raise AssertionError(f"{key} does not lead to {target}")


def test_the_arrow_keys_walk_through_the_messages(sit: Seat) -> None:
    mona = sit("mona", "/in/general")
    for text in ("one", "two", "three"):
        write(mona, text)
    expect(mona.locator("main .message")).to_have_count(3)
    go(mona, mona.locator("main .message").last, "Shift+Tab")
    mona.keyboard.press("ArrowUp")
    expect(mona.locator("main .message").nth(1)).to_be_focused()
    mona.keyboard.press("Home")
    expect(mona.locator("main .message").first).to_be_focused()
    mona.keyboard.press("ArrowUp")
    expect(mona.locator("main .message").first).to_be_focused()


def test_a_messages_menu_turns_it_into_a_question_by_keyboard(sit: Seat) -> None:
    mona = sit("mona", "/in/general")
    write(mona, "resetting the VPN is beyond me")
    message = mona.locator("main .message")
    message.focus()
    for _ in range(2):
        mona.keyboard.press("Tab")
    expect(message.locator("summary")).to_be_focused()
    mona.keyboard.press("Enter")
    go(mona, message.get_by_role("button", name="Ask the experts about this"), "Tab")
    mona.keyboard.press("Enter")
    expect(mona.locator("#thread .message").nth(1)).to_contain_text("Connect")


def test_commands_are_offered_and_unknown_ones_explained(sit: Seat) -> None:
    mona = sit("mona", "/in/general")
    mona.locator("#composer").press_sequentially("/as")
    expect(mona.get_by_role("option")).to_have_count(1)
    mona.keyboard.press("Enter")
    expect(mona.locator("#composer")).to_have_value("/ask ")
    write(mona, "/nonsense")
    expect(mona.get_by_role("alert").filter(has_text="/nonsense")).to_be_visible()
    expect(mona.locator("#composer")).to_have_value("/nonsense")


def test_a_command_that_is_written_out_is_taken_as_it_is(sit: Seat) -> None:
    mona = sit("mona", "/in/general")
    mona.locator("#composer").press_sequentially("/task")
    expect(mona.locator("[role=option][aria-selected=true] strong")).to_have_text("/task")
    mona.keyboard.press("Enter")
    expect(mona.get_by_role("dialog")).to_be_visible()


def test_a_draft_outlives_a_reload_and_a_failed_sending(sit: Seat) -> None:
    mona = sit("mona", "/in/general")
    mona.locator("#composer").fill("half a thou")
    mona.reload()
    expect(mona.locator("#composer")).to_have_value("half a thou")
    lost: list[str] = []

    def lose_the_answer(route: object) -> None:
        """The server does it; the browser never hears of it."""
        lost.append(route.request.post_data)  # type: ignore[attr-defined]
        route.fetch()  # type: ignore[attr-defined]
        route.fulfill(status=200, body="cut off")  # type: ignore[attr-defined]

    mona.route("**/messages", lose_the_answer)
    mona.locator("#composer").press("Enter")
    expect(mona.get_by_text("That did not work.")).to_be_visible()
    mona.unroute("**/messages")
    mona.locator("#composer").press("Enter")
    expect(mona.locator("#composer")).to_have_value("")
    expect(mona.locator("main .message")).to_have_count(1)
    assert len(lost) == 1


def test_a_press_happens_once_however_fast_one_clicks(sit: Seat, town: Town) -> None:
    mona = sit("mona", "/in/general")
    sent: list[str] = []
    mona.on("request", lambda request: request.url.endswith("/press") and sent.append(request.url))
    deliver(town, 1, Card(User("form"), (Actions((Button(T("Ask a question"), "questions.new", 0, opens="form"),)),)))
    mona.get_by_role("button", name="Ask a question").dblclick()
    expect(mona.get_by_role("dialog").get_by_role("textbox")).to_be_visible()
    assert len(sent) == 1


def test_a_danger_is_asked_about_first(sit: Seat, town: Town) -> None:
    mona = sit("mona", "/in/general")
    button = Button(T("Ask a question"), "questions.new", 0, "danger", confirm=T("Nothing was changed."))
    deliver(town, 1, Card(User("sure?"), (Actions((button,)),)))
    mona.get_by_role("button", name="Ask a question").click()
    mona.get_by_role("dialog").get_by_role("button", name="Cancel").click()
    expect(mona.get_by_role("dialog")).to_have_count(0)
    mona.get_by_role("button", name="Ask a question").click()
    mona.get_by_role("dialog").get_by_role("button", name="Yes, go on").click()
    expect(mona.get_by_role("dialog").get_by_role("textbox")).to_be_visible()


def test_more_tabs_than_a_browser_has_connections(sit: Seat) -> None:
    """A browser opens six connections to one server, and every open tab holds one."""
    first = sit("mona", "/in/general")
    tabs = [first, *(first.context.new_page() for _ in range(8))]
    for tab in tabs[1:]:
        tab.goto(first.url)
    write(tabs[-1], "from the ninth tab")
    for tab in tabs:
        expect(tab.locator(".message", has_text="from the ninth tab")).to_be_visible()


def test_unread_messages_are_counted_beside_the_channel_and_in_the_title(sit: Seat) -> None:
    mona, omar = sit("mona", "/in/general"), sit("omar", "/home")
    write(mona, "one")
    write(mona, "two")
    badge = omar.locator('[data-unread="general"]')
    expect(badge).to_contain_text("2")
    expect(omar).to_have_title(re.compile(r"^\(2\)"))
    omar.locator('a[href$="/in/general"]').click()
    expect(omar.locator(".fresh")).to_have_count(0)
    expect(omar.locator(".message")).to_have_count(2)
    expect(omar.locator('[data-unread="general"]')).to_be_hidden()
