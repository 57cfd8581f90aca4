"""How the playground looks and behaves for everybody: languages, directions, sizes, colours, assistive technology."""

from __future__ import annotations

import asyncio
import re
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, WebSocketRoute, expect

from bot.cards import T
from bot.texts import Reader, say
from models import sessions
from models.base import transaction
from models.people import by_account
from tests.browser.conftest import Seat
from tests.browser.test_playground import QUESTION, write
from tests.town import Town

pytestmark = pytest.mark.needs("chromium")

LONG = "unbreakable" * 60


def is_too_wide(tab: Page) -> bool:
    return bool(tab.evaluate("document.documentElement.scrollWidth > innerWidth"))


def left(tab: Page, selector: str) -> float:
    box = tab.locator(selector).first.bounding_box()
    assert box is not None
    return box["x"]


def faults(tab: Page) -> list[str]:
    """What axe-core finds wrong, by rule and place."""
    response = Axe().run(tab).response
    assert len(response["passes"]) > 10, "axe-core did not run"
    found = response["violations"]
    return [f"{each['id']}: {node['html'][:120]}" for each in found for node in each["nodes"]]


@pytest.mark.parametrize("handle", ["omar", "noa"])
def test_right_to_left_is_a_mirror(sit: Seat, handle: str) -> None:
    tab = sit(handle, "/in/general")
    expect(tab.locator("html")).to_have_attribute("dir", "rtl")
    assert left(tab, "#sidebar") > left(tab, "main")
    write(tab, "@agora " + QUESTION)
    expect(tab.locator("#thread .card")).to_have_count(1)
    assert left(tab, "#thread") < left(tab, "main")
    assert left(tab, "main .gutter") > left(tab, "main .prose")
    expect(tab.locator("main .message .prose")).to_have_css("direction", "ltr")
    reader = Reader(tab.locator("html").get_attribute("lang") or "")
    assert tab.get_by_role("heading", level=2).first.inner_text() == say(T("Channels"), reader) != "Channels"


@pytest.mark.parametrize("handle", ["mona", "omar"])
def test_on_a_phone_everything_fits(sit: Seat, handle: str) -> None:
    tab = sit(handle, "/in/general", width=375, has_touch=True)
    write(tab, f"@agora {QUESTION} {LONG} https://{LONG}.example/ \n```\n{LONG}\n```\n|a|b|\n|-|-|\n|{LONG}|2|")
    expect(tab.locator(".replies")).to_be_visible()
    assert not is_too_wide(tab)
    tab.locator(".replies").click()
    expect(tab.locator("#thread .card")).to_be_visible()
    expect(tab.locator("main")).to_be_hidden()
    assert not is_too_wide(tab)
    tab.locator("[data-close-thread]").click()
    expect(tab.locator("main")).to_be_visible()
    expect(tab.locator("#sidebar")).to_be_hidden()
    tab.locator("main [popovertarget]").click()
    expect(tab.locator("#sidebar")).to_be_visible()
    tab.locator("#sidebar a[href$='/home']").click()
    expect(tab.locator(".sections")).to_be_visible()
    assert not is_too_wide(tab)
    tab.locator("[data-press='questions.new']").click()
    expect(tab.locator("dialog textarea").first).to_be_visible()
    assert not is_too_wide(tab)
    for path in ("/", "/entries/1?as=mona", "/tasks?as=omar&words=x", "/open/x"):
        page = sit(None, path, width=375)
        assert not is_too_wide(page), path


def test_dark_and_light_follow_the_system_until_one_chooses(sit: Seat) -> None:
    tab = sit("mona", "/home", color_scheme="dark")
    ground = "getComputedStyle(document.body.querySelector('main')).backgroundColor"
    dark = tab.evaluate(ground)
    tab.locator("[data-theme-switch]").click()
    assert tab.evaluate(ground) != dark
    tab.reload()
    assert tab.evaluate(ground) != dark
    other = tab.context.new_page()
    other.goto(tab.url)
    assert other.evaluate(ground) == dark


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("handle", ["mona", "omar"])
def test_nothing_shuts_anybody_out(sit: Seat, handle: str, scheme: Any) -> None:
    """axe-core: names, roles, contrast and the like (WCAG 2.2 A and AA)."""
    tab = sit(handle, "/in/general", color_scheme=scheme, reduced_motion="reduce")
    assert faults(tab) == []
    write(tab, f"@agora {QUESTION} **bold** `code` https://a.example\n> quoted")
    expect(tab.locator("#thread .card")).to_be_visible()
    assert faults(tab) == []
    tab.goto(tab.url.replace("/in/general", "/home").partition("?")[0])
    assert faults(tab) == []
    tab.locator("[data-press='questions.new']").click()
    tab.locator("dialog [type=submit]").click()
    expect(tab.locator("dialog .error").first).not_to_be_empty()
    assert faults(tab) == []
    for path in ("/", "/entries/1?as=mona", "/tasks?as=omar", "/open/x"):
        assert faults(sit(None, path, color_scheme=scheme)) == [], path


def test_new_messages_are_said_to_who_does_not_see_them(sit: Seat) -> None:
    mona, omar = sit("mona", "/in/general"), sit("omar", "/in/general")
    write(mona, "good morning")
    expect(omar.locator("#announcer")).to_have_text(re.compile("good morning"))
    expect(mona.locator("#announcer")).to_be_empty()


def test_a_lost_connection_is_said_and_made_good(sit: Seat, town: Town) -> None:
    mona, noa = sit("mona", "/in/general"), sit("noa", "/in/general")
    dead: list[WebSocketRoute] = []
    noa.route_web_socket("**/live*", lambda route: dead.append(route) or route.close())
    gateway = town.runtime.gateways["web"]
    asyncio.run_coroutine_threadsafe(gateway.close(), town.loop).result(60)
    expect(noa.locator("#lost")).to_be_visible()
    write(mona, "while noa was away")
    expect(mona.locator("main .message")).to_have_count(1)
    assert noa.locator("main .message").count() == 0
    noa.unroute_all()
    noa.route_web_socket("**/live*", lambda route: route.connect_to_server() and None)
    expect(noa.locator("main .message")).to_have_count(1)
    expect(noa.locator("#lost")).to_be_hidden()
    assert dead


def test_a_link_from_a_chat_opens_its_page_once(sit: Seat) -> None:
    """In a real browser: what a form says of where it comes from depends on more than the form."""
    with transaction() as session:
        mona = by_account(session, "web", "slack", "mona")
        secret = sessions.new_link(session, mona.id, "/entries/1")
    tab = sit(None, f"/open/{secret}")
    tab.get_by_role("button", name="Continue").click()
    expect(tab.get_by_role("heading", level=1)).to_have_text("Resetting the VPN")
    link = tab.url.replace("/entries/1", f"/open/{secret}")
    led_on = tab.context.new_page()
    led_on.goto(link)
    expect(led_on.get_by_role("heading", level=1)).to_have_text("Resetting the VPN")
    assert tab.context.browser is not None
    again = tab.context.browser.new_context().new_page()  # a browser that nobody is signed in with
    again.goto(link)
    again.get_by_role("button", name="Continue").click()
    again.get_by_role("button", name="Send me a new link").click()
    expect(again.get_by_role("status")).to_contain_text("on its way")
    expect(sit("mona").get_by_role("link", name="Open the page")).to_be_visible()


def test_a_long_message_is_folded_until_one_wants_it(sit: Seat) -> None:
    mona = sit("mona", "/in/general")
    write(mona, "\n".join(f"line {number}" for number in range(60)))
    message = mona.locator("main .message")
    unfold = message.locator("[data-unfold]")
    expect(unfold).to_have_attribute("aria-expanded", "false")
    height = "message => message.offsetHeight"
    folded = message.evaluate(height)
    unfold.click()
    expect(unfold).to_have_attribute("aria-expanded", "true")
    assert message.evaluate(height) > folded * 2


def test_words_that_turn_the_line_turn_nothing_else(sit: Seat) -> None:
    mona = sit("mona", "/in/general")
    write(mona, "\u202egnorw\u202c ok")
    said = mona.locator("main .message .prose")
    expect(said).to_have_text("gnorw ok")
    expect(mona.locator("main .message .name")).to_have_text("Mona Ahlberg")
