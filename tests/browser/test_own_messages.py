"""Files that go along, and one's own messages written anew or taken away."""

import base64
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Seat

pytestmark = pytest.mark.needs("chromium")
DOT = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


def picture(name: str = "screen.png") -> Any:
    return {"name": name, "mimeType": "image/png", "buffer": DOT}


def say(tab: Page, text: str) -> None:
    tab.locator("#composer").fill(text)
    tab.locator("#composer").press("Enter")


def test_a_picture_is_attached_removed_and_sent(sit: Seat) -> None:
    mona = sit("mona", "/in/dm:mona")
    mona.locator("main [data-upload]").set_input_files([picture("a.png"), picture("b.png")])
    chips = mona.locator("main .attached li")
    expect(chips).to_have_count(2)
    chips.first.get_by_role("button").click()
    expect(chips).to_have_text(["b.png"])
    say(mona, "")
    expect(mona.locator("main .composer .error")).to_have_text("Write something first.")
    expect(chips).to_have_text(["b.png"])
    say(mona, "Which VPN error is this?")
    shown = mona.locator(".message.mine .picture img")
    expect(shown).to_have_attribute("alt", "b.png")
    expect(shown).to_have_js_property("naturalWidth", 1)
    expect(chips).to_have_count(0)


def test_an_empty_file_is_refused_in_place(sit: Seat) -> None:
    mona = sit("mona", "/in/dm:mona")
    mona.locator("main [data-upload]").set_input_files([{"name": "e.txt", "mimeType": "text/plain", "buffer": b""}])
    expect(mona.locator("main .composer .error")).to_contain_text("is empty")


def test_a_message_is_edited_and_deleted(sit: Seat) -> None:
    mona, noa = sit("mona", "/in/general"), sit("noa", "/in/general")
    say(mona, "Lunch at nona?")
    message = mona.locator(".message.mine")
    menu(message)
    message.locator("[data-edit]").click()
    box = message.locator(".own-edit textarea")
    expect(box).to_have_value("Lunch at nona?")
    box.fill("Lunch at noon?")
    box.press("Enter")
    expect(message.locator(".said")).to_have_text("Lunch at noon?")
    theirs = noa.locator(".message", has_text="Lunch at noon?")
    expect(theirs.locator(".edited")).to_be_visible()
    expect(theirs.locator("[data-edit]")).to_have_count(0)
    menu(message)
    message.locator("[data-delete]").click()
    mona.locator("#confirm button[value=yes]").click()
    expect(message).to_have_count(0)
    expect(theirs).to_have_count(0)


def menu(message: Any) -> None:
    message.hover()
    message.locator(".menu summary").click()
