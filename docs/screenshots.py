"""The pictures of the documentation, made anew: ``make screenshots``. Needs Chromium.

Agora is started with the demo company on a data folder and a port of its own; people ask and answer in the browser.
"""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, expect, sync_playwright

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from tests.homes import new_home  # noqa: E402  a folder that the database's account can reach
from tests.needs import chromium  # noqa: E402

IMAGES = ROOT / "docs" / "images"
LARGEST = 250_000  # bytes of a picture
START_LIMIT = 120  # seconds
NOT_WRITTEN = "does anybody know why the badge printer in London asks for a service code?"
WIDE, PHONE = {"width": 1280, "height": 800}, {"width": 375, "height": 720}


@contextmanager
def agora() -> Iterator[str]:
    """The address of an Agora with the demo company, fresh and only for us."""
    with new_home() as home, (home / "log").open("w") as log, socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
        probe.close()
        settings = {"AGORA_HOME": str(home), "PORT": str(port), "AGORA_DEMO": "1", "AGORA_PLAYGROUND": "1"}
        kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
        process = subprocess.Popen(
            [sys.executable, "app.py", "run"], cwd=ROOT, env={**kept, **settings}, stdout=log, stderr=log
        )
        try:
            _wait(f"http://127.0.0.1:{port}/metrics", process, Path(log.name))
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait()


def _wait(metrics: str, process: subprocess.Popen[bytes], log: Path) -> None:
    """Until Agora is there and what is due in the demo company has happened."""
    deadline = time.monotonic() + START_LIMIT
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(metrics, timeout=2) as page:  # noqa: S310 our own server
                depths = re.findall(
                    r'^agora_queue_depth{queue="(?:inbox|outbox|timer)"} (\S+)', page.read().decode(), re.M
                )
        except OSError:
            depths = []
        if depths == ["0.0"] * 3:
            return
        time.sleep(0.2)
    raise SystemExit(f"Agora did not start:\n{log.read_text()[-2000:]}")


class Photographer:
    """Sits down as people of the demo company, and takes pictures."""

    def __init__(self, browser: Browser, url: str) -> None:
        self._browser = browser
        self._url = url

    def sit(self, path: str, *, size: dict[str, int] = WIDE, **about: Any) -> Page:
        """A tab at ``path``."""
        context = self._browser.new_context(viewport=size, locale="en-GB", reduced_motion="reduce", **about)  # type: ignore[arg-type]
        tab = context.new_page()
        tab.goto(f"{self._url}{path}")
        return tab

    def take(self, tab: Page, name: str) -> None:
        """A picture of the tab as it is, without a blinking cursor."""
        path = IMAGES / f"{name}.png"
        tab.mouse.move(0, 0)
        tab.screenshot(path=path, animations="disabled", caret="hide")
        size = path.stat().st_size
        print(f"{path.relative_to(ROOT)}  {size:,} bytes")
        if size > LARGEST:
            raise SystemExit(f"{name}.png is larger than {LARGEST:,} bytes.")


def ask(tab: Page, text: str) -> None:
    """Write ``text`` and wait until Agora has answered."""
    cards = tab.locator(".message .card")
    before = cards.count()
    tab.locator("#composer").fill(text)
    tab.locator("#composer").press("Enter")
    expect(cards).to_have_count(before + 1, timeout=15_000)


def take_all(camera: Photographer) -> None:
    """Every picture, in an order in which each finds what it shows."""
    camera.take(camera.sit("/"), "entry")
    grace = camera.sit("/as/grace/slack/in/it-help")
    ask(grace, "@agora too many wrong passwords and now my account is locked, how long do i have to wait")
    expect(grace.locator("#thread .card")).to_be_visible()
    camera.take(grace, "playground")
    noa = camera.sit("/as/noa/slack")
    ask(noa, "קיבלתי צו מילואים, איך משלמים לי משכורת ומה צריך להעלות")
    camera.take(noa, "hebrew")
    karim = camera.sit("/as/karim/teams", color_scheme="dark")
    ask(karim, "كم ساعات الدوام في رمضان بمكتب القاهره")
    camera.take(karim, "dark")
    marco = camera.sit("/as/marco/slack", size=PHONE, device_scale_factor=2, has_touch=True)
    ask(marco, "ho perso il badge ieri, come lo blocco e come chiedo il duplicato")
    camera.take(marco, "phone")
    _a_person_is_asked(camera, camera.sit("/as/grace/slack/in/it-help"))


def _a_person_is_asked(camera: Photographer, grace: Page) -> None:
    ask(grace, f"@agora {NOT_WRITTEN}")
    grace.locator("#thread").get_by_role("button", name="Ask an expert").last.click()
    expect(grace.locator("#thread .card").last).to_contain_text("Tom Okafor")
    tom = camera.sit("/as/tom/slack")
    expect(tom.locator(".message .card").last).to_contain_text(NOT_WRITTEN)
    camera.take(tom, "offer")


def main() -> None:
    """Start, photograph, stop."""
    if chromium() is None:
        raise SystemExit("Chromium is needed, and not installed here.")
    IMAGES.mkdir(exist_ok=True)
    with agora() as url, sync_playwright() as playwright:
        flags = ["--no-sandbox", "--disable-gpu", "--hide-scrollbars"]
        browser = playwright.chromium.launch(executable_path=chromium(), args=flags)
        take_all(Photographer(browser, url))
        browser.close()


if __name__ == "__main__":
    main()
