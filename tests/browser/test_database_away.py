"""What somebody sees whose database is away: a sentence, what they wrote, and their answer once it is back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Page, expect

from models.data_home import server_account
from models.postgres import Postgres
from tests.faults.running import Agora
from tests.homes import new_home

pytestmark = pytest.mark.needs("chromium")

LOOKS = 30_000  # milliseconds within which a tab looks by itself
FAILED = "That did not work. Check the connection and try again."


@dataclass
class Company:
    """Agora as a process, with a database that can be stopped and started."""

    url: str
    database: Postgres


@pytest.fixture
def company() -> Iterator[Company]:
    with new_home() as home, Agora("run", AGORA_HOME=str(home), AGORA_DEMO="1") as agora:
        agora.ready()
        yield Company(f"http://127.0.0.1:{agora.port}", Postgres(home, server_account(home)))
        assert agora.stop() == 0, agora.log()


def test_what_was_written_stays_and_is_answered_when_it_is_back(company: Company, page: Page) -> None:
    page.goto(f"{company.url}/as/grace/slack/in/general")
    page.get_by_role("link", name="Home").first.click()
    page.get_by_role("button", name="Ask a question").first.click()
    page.get_by_label("Your question").fill("How do I get a new badge?")
    company.database.stop()
    form = page.locator("#form")
    form.get_by_role("button", name="Ask", exact=True).click()
    expect(form.get_by_text(FAILED)).to_be_visible()
    expect(page.get_by_label("Your question")).to_have_value("How do I get a new badge?")
    expect(page.locator("#lost")).to_be_visible(timeout=LOOKS)
    company.database.start({})
    expect(page.locator("#lost")).to_be_hidden(timeout=LOOKS)
    form.get_by_role("button", name="Ask", exact=True).click()
    expect(form).to_be_hidden()
    page.goto(f"{company.url}/as/grace/slack/in/dm:grace")
    expect(page.get_by_text("How do I get a new badge?")).to_have_count(1)
    expect(page.get_by_text("This solved it").first).to_be_visible()


def test_a_message_comes_back_into_its_box_and_is_sent_once(company: Company, page: Page) -> None:
    page.goto(f"{company.url}/as/grace/slack/in/general")
    company.database.stop()
    page.locator("#composer").fill("@agora how do I set up the VPN?")
    page.locator("#composer").press("Enter")
    expect(page.get_by_text(FAILED)).to_be_visible()
    expect(page.locator("#composer")).to_have_value("@agora how do I set up the VPN?")
    page.reload()
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    expect(page.get_by_text("nothing was lost")).to_be_visible()
    company.database.start({})
    page.goto(f"{company.url}/as/grace/slack/in/general")
    expect(page.locator("#composer")).to_have_value("@agora how do I set up the VPN?")
    page.locator("#composer").press("Enter")
    expect(page.locator("main .message", has_text="how do I set up the VPN?")).to_have_count(1)
    expect(page.get_by_text("This is what the company knows").first).to_be_visible()
