"""The browser itself, so that a failure of it is not sought in the pages."""

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.needs("chromium")


def test_a_page_runs_its_script(page: Page) -> None:
    page.goto("data:text/html,<p id=said>before</p><script>said.textContent = 'after'</script>")
    expect(page.locator("#said")).to_have_text("after")
