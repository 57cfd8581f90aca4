"""A real Chromium for the web pages. Its tests are plain functions: Playwright brings its own event loop."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from models import base
from tests.needs import chromium
from tests.town import Town, populate, served, settle

# Nothing but the pages under test may use the network, and root cannot have the sandbox.
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
]
expect.set_options(timeout=60_000)  # milliseconds: on a machine that is busy with other things, too


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """One Chromium for all tests of this folder; ended after them, for its loop would stop asynchronous tests."""
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium(), args=ARGUMENTS)
        yield started
        started.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page with a session of its own; a script error on it fails the test."""
    with browser.new_context() as context:
        opened = context.new_page()
        errors: list[str] = []
        opened.on("pageerror", lambda error: errors.append(str(error)))
        yield opened
        assert errors == []


@pytest.fixture
def town(database: str) -> Iterator[Town]:
    """Agora with its playground, served to browsers."""
    base.connect(database, pool=2)
    populate()
    with served(settle(), database) as running:
        yield running


Seat = Callable[..., Page]


@pytest.fixture
def sit(town: Town, browser: Browser) -> Iterator[Seat]:
    """Opens a tab as somebody: ``sit("mona", "/in/general")``. What the browser complains of fails the test, and so
    does every request to elsewhere."""
    complaints: list[str] = []
    with ExitStack() as stack:

        def open_tab(handle: str | None, path: str = "", *, width: int = 1280, **more: Any) -> Page:
            installation = more.pop("installation", "slack")
            size: Any = {"width": width, "height": 800}
            context = stack.enter_context(browser.new_context(viewport=size, **more))
            tab = context.new_page()
            tab.on("pageerror", lambda error: complaints.append(str(error)))
            tab.on("console", lambda line: line.type in ("error", "warning") and complaints.append(line.text))
            tab.on("request", lambda request: _is_ours(town, request.url) or complaints.append(request.url))
            tab.goto(f"{town.url}/as/{handle}/{installation}{path}" if handle else f"{town.url}{path}")
            return tab

        yield open_tab
    assert complaints == []


def _is_ours(town: Town, url: str) -> bool:
    return url.startswith((f"{town.url}/", "data:"))
