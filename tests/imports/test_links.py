"""Where links lead."""

import pytest

from handlers.imports.links import Site, inline_references, rewrite


@pytest.fixture
def site() -> Site:
    """A site kept in `docs/pages`, as sites often are."""
    site = Site()
    for path in ("index", "leave", "people/index", "people/sick leave", "tools/vpn", "tools/vpn/setup", "tools/setup"):
        site.add(f"docs/pages/{path}.md")
    return site


@pytest.mark.parametrize(
    ("address", "path"),
    [
        ("/leave/", "leave"),
        ("/leave.html", "leave"),
        ("leave.md", "leave"),
        ("../leave", "leave"),
        ("/LEAVE", "leave"),
        ("/pages/leave", "leave"),
        ("/people", "people/index"),
        ("/people/sick%20leave", "people/sick leave"),
        ("vpn.md", "tools/vpn"),
        ("vpn/setup", "tools/vpn/setup"),
        ("setup", "tools/setup"),
        ("/", "index"),
        ("/nowhere", None),
        ("../../../../etc/passwd", None),
    ],
)
def test_an_address_means_a_page(site: Site, address: str, path: str | None) -> None:
    assert site.find("docs/pages/tools/vpn.md", address) == (path and f"docs/pages/{path}.md")


def test_an_address_that_could_mean_two_pages_means_none() -> None:
    site = Site()
    site.add("en/leave.md")
    site.add("it/leave.md")
    assert site.find("index.md", "/leave") is None
    assert site.find("index.md", "/it/leave") == "it/leave.md"


@pytest.mark.parametrize(
    ("link", "became"),
    [
        ("[a](https://a.example/x_(y)?q=1#z)", "[a](https://a.example/x_%28y%29?q=1#z)"),
        ("[a](<https://a.example/b c> 'title')", "[a](https://a.example/b%20c)"),
        ("[a](mailto:x@a.example)", "[a](mailto:x@a.example)"),
        ("[a](/people/sick%20leave#at%20home)", "[a](page:docs/pages/people/sick%20leave.md#at%20home)"),
        ("[a [b] c](/leave)", "[a [b] c](page:docs/pages/leave.md)"),
        ("[a](#b)", "[a](page:docs/pages/index.md#b)"),
        ("[a](javascript:alert(1))", "a"),
        ("[a](JAVASCRIPT&colon;alert(1))", "a"),
        ("[a](data:text/html,x)", "a"),
        ("[a](page:docs/pages/leave.md)", "a"),
        ("[a](/nowhere)", "a"),
        ("[a](http://[broken)", "a"),
        ("![a plan](plan.png)", "a plan"),
        ("[![a plan](plan.png)](/leave)", "[a plan](page:docs/pages/leave.md)"),
        ("![build](https://img.shields.io/x.svg) ok", " ok"),
        (r"\[a](/leave)", r"\[a](/leave)"),
        ("[a] (/leave)", "[a] (/leave)"),
    ],
)
def test_every_link_leads_to_a_page_an_address_or_nowhere(site: Site, link: str, became: str) -> None:
    assert rewrite(link, "docs/pages/index.md", site, {})[0] == became


def test_references_are_written_out() -> None:
    text = "[One][a], [A], [b][] and [c].\n\n[a]: https://a.example 'A'\n[b]:\n  <https://b.example>\n[^1]: a note\n"
    written = (
        "[One](<https://a.example>), [A](<https://a.example>), [b](<https://b.example>) and [c].\n\n[^1]: a note\n"
    )
    assert inline_references(text) == written
