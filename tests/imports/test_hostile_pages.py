"""Pages made to do harm: each is refused with its reason, or read without what would do it."""

import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from handlers.imports.files import File
from handlers.imports.links import Site
from handlers.imports.outcome import NotTaken, Refused
from handlers.imports.pages import Page
from handlers.imports.reader import Reader
from models.markdown.outline import PARSER
from tests.imports.reading import left, page

LAUGHS = "\n".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9) if n else 'lol'}]" for n in range(9))
ENTITIES = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10 if n else "lol"}">' for n in range(9))


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (f"---\n{LAUGHS}\n---\ntext", "front matter with YAML aliases, which can expand without end"),
        ("---\na: " + "[" * 3_000 + "\n---\n", "front matter with more than 20 levels of nesting"),
        ("---\n" + "- " * 5_000 + "\n---\n", "front matter with more than 20 levels of nesting"),
        ("---\na: " + "x" * 70_000 + "\n---\n", "front matter over 64 KB"),
        ("+++\na = " + "[" * 3_000 + "\n+++\n", "front matter nested too deeply"),
        ("text\0text", "holds NUL bytes: not a text file"),
        ("\x01\x02\x03\x04\x05", "not readable as text in any known encoding"),
    ],
)
def test_an_attack_on_the_text_is_refused(text: str, why: str) -> None:
    refused = left(text)
    assert (type(refused), refused.why) == (Refused, why)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (f"<!DOCTYPE lolz [{ENTITIES}]><p>&l8;", "declares entities (the billion laughs attack): not read"),
        (f'<?xml version="1.0"?>{ENTITIES}<p>&l8;', "declares entities (the billion laughs attack): not read"),
        ("<div>" * 200 + "x", "elements nested more than 150 deep"),
        ("<div>" * 500_000, "elements nested more than 150 deep"),
        ("<b><i>" * 100_000, "elements nested more than 150 deep"),
    ],
)
def test_an_attack_on_the_parser_is_refused(text: str, why: str) -> None:
    refused = left(text, "page.html")
    assert (type(refused), refused.why) == (Refused, why)


@pytest.mark.parametrize("path", ["page.html", "page.md"])
def test_nothing_that_runs_is_left(path: str) -> None:
    text = """text

<script>alert(1)</script><SCRIPT SRC=//x.example></SCRIPT ><p onclick="alert(1)">a</p>
<svg onload=alert(1)><script>1</script></svg><img src=x onerror=alert(1) alt="<script>alert(1)</script>">
<a href="javascript:alert(1)">b</a><a href=" java&#10;script:alert(1)">c</a><iframe src="javascript:1"></iframe>
<style>@import "x"</style><math><mtext><script>alert(1)</script></mtext></math>
[d](javascript:alert(1)) [e](<java
script:alert(1)>) <javascript:alert(1)> ![f](javascript:alert(1)) [g]: javascript:alert(1)

[h][i]

[i]: vbscript:alert(1)
"""
    read = page(text, path)
    rendered = PARSER.render(read.markdown)
    assert "<script" not in rendered and "<svg" not in rendered and "onclick=" not in rendered
    assert 'href="j' not in rendered and 'href="v' not in rendered and "src=" not in rendered


@pytest.mark.parametrize(
    "text",
    [
        "# a\n" * 8_000,
        "|a|b|\n|-|-|\n" + "|c|d|\n" * 2_000,
        "> " * 10_000 + "x",
        "- " * 10_000 + "x",
        "[" * 3_000,
        "![" * 1_500 + "](" * 1_500,
        "[a](" * 10_000,
        "[a][" * 1_500,
        "[x]: " * 10_000,
        "`" * 50_000 + "a" + "`" * 49_999,
        "".join("`" * n + " " for n in range(300)),
        "*a_ " * 4_000,
        "**a" * 2_000 + "a**" * 2_000,
        "<b>" * 10_000,
        "<table>" * 10_000,
        "<!--" * 50_000,
        "<!-- ` -->" * 10_000,
        "{% a" * 20_000,
        "{{" * 40_000 + "}}",
        "{% comment %}" * 10_000,
        "    x\n" * 20_000,
        "&amp;" * 20_000,
        "x" * 1_000_000,
        "a " * 300_000,
        "\n" * 200_000 + "x",
        "---\n" * 10_000 + "x",
        "```\n" * 20_001,
        "1. a\n" * 3_000,
    ],
    ids=lambda text: repr(text[:12]),
)
def test_patterns_that_make_parsers_slow_do_not(text: str) -> None:
    started = time.process_time()
    try:
        page(text)
    except NotTaken as why:
        assert isinstance(why, NotTaken)
    assert time.process_time() - started < 5  # a quarter of what a page may take; each needs less than one


def test_a_page_that_takes_too_long_is_refused_and_the_next_one_is_read() -> None:
    endless = "<p>" + "".join(f"<b id=x{n}>" for n in range(2_900)) + "<p>x" * 20_000  # each <p> reopens every <b>
    with Reader(Site(), seconds=1) as reader:
        with pytest.raises(Refused, match="takes more than 1 s or too much memory to read"):
            reader.read(File("endless.html", endless.encode()))
        assert reader.read(File("good.md", b"fine")).markdown == "fine"
        with pytest.raises(NotTaken, match="holds no text"):
            reader.read(File("empty.md", b""))


PIECES = r"""--- ~title:~x # ~h ``` ` |a|~|-|~ <b> </b> <table> <td> <x~y> <!-- --> {% %} {{ }} <% %> [a] (b) [c]:~d
![ ]( ~~ ~~~~ - 1. > \ &lt; {#i} 0 w {%~raw~%} {%~endraw~%} שלום * _ <script> <pre> <li> <h2> <a~href=b> & " '"""
MARKS = [" ", "\t", "\u202e", "\ue000", "\ue001"]
HOSTILE = st.lists(st.sampled_from([*PIECES.replace("~", "\n").split(" "), *MARKS])).map("".join)


@given(text=st.one_of(HOSTILE, st.text()), path=st.sampled_from(["a.md", "a.html", "a.txt", "a.html.md.erb"]))
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_text_is_read_or_left_with_a_reason(text: str, path: str) -> None:
    check(text.encode("utf-8", "surrogatepass"), path)


@given(data=st.binary(), path=st.sampled_from(["a.md", "a.html", "a.txt"]))
@settings(max_examples=200, deadline=None)
def test_any_bytes_are_read_or_left_with_a_reason(data: bytes, path: str) -> None:
    check(data, path)


def check(data: bytes, path: str) -> None:
    """Whatever is taken can be stored, shown without HTML, and is whole in its passages."""
    try:
        read = page(data, path)
    except NotTaken as why:
        assert why.why
        return
    stored(read)
    for passage in read.passages:
        assert passage.text.strip()
        assert not any(token.type.startswith("html") for token in PARSER.parse(passage.markdown))
    words = "".join(passage.text for passage in read.passages)
    assert "\ue000" not in words and "\ue001" not in words


def stored(read: Page) -> None:
    """PostgreSQL takes no NUL and no half characters."""
    for text in (read.title, read.markdown, *read.tags, *(each.text + each.markdown for each in read.passages)):
        assert "\0" not in text
        text.encode()
