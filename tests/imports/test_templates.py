"""Templates read without running them."""

import pytest

from handlers.imports import templates
from handlers.imports.code import parts

VALUES = {"title": "Leave", "days": "25"}


def read(text: str) -> str:
    return templates.read(text, VALUES)


@pytest.mark.parametrize(
    ("tag", "said"),
    [
        ("<%= current_page.data.title %>", "Leave"),
        ("{{ page.days | append: ' days' }}", "25"),
        ("{{ site.description }}", ""),
        ('{% slack_channel "people-team" %}', "#people-team"),
        ('{% slack_channel "people-team" "the people team" %}', "the people team"),
        ('{% include note.html content="Ask first, please." %}', "Ask first, please."),
        ("<%= warning_text('Do not share it') %>", "Do not share it"),
        ('<%= link_to "the form", "/form" %>', "[the form](/form)"),
        ('{% include "banner.html" %}', ""),
        ('{% image "_img/plan.png"\n  "the plan of the floor" %}', "the plan of the floor"),
        ('{% icon "arrow" %}', ""),
        ('{% assign x = "not for readers" %}', ""),
        ("{% comment %}not `for` readers{% endcomment %}", ""),
        ("{# not for readers #}", ""),
        ("<%# not for readers %>", ""),
        ("{% raw %}{{ kept }}{% endraw %}", "{{ kept }}"),
        ('{{< notice "Mind the gap" >}}', "Mind the gap"),
        ('{% alert "Mind the gap" %}It is wide.{% endalert %}', "Mind the gapIt is wide."),
        ("{% if a %}yes{% else %}no{% endif %}", "yesno"),
        ("50 {% of them", "50 {% of them"),
        ("{%", "{%"),
    ],
)
def test_a_tag_leaves_what_it_says_to_a_reader(tag: str, said: str) -> None:
    assert read(f"before {tag} after") == f"before {said} after"


@pytest.mark.parametrize(
    ("target", "address"),
    [
        ('{% page "people/leave/" %}', "/people/leave/"),
        ("{% post_url 2024-01-02-leave %}", "/2024-01-02-leave"),
        ('{% link "https://a.example" %}', "https://a.example"),
        ('{% download "files/form.pdf" %}', "files/form.pdf"),
        ('{{ "/about/" | relative_url }}', "/about/"),
        ("{{ site.baseurl }}/about/", "/about/"),
        ('{{< ref "leave" >}}', "/leave"),
    ],
)
def test_a_tag_that_is_a_links_target_becomes_an_address(target: str, address: str) -> None:
    assert read(f"[words]({target})") == f"[words]({address})"
    assert read(f'<a href="{target}">words</a>') == f'<a href="{address}">words</a>'


def test_code_stays_to_the_letter_but_for_the_marks_around_examples() -> None:
    text = "```\n{% raw %}{% page %}{% endraw %} <%= x %>\n```\n`{{ y }}`\n"
    assert read(text) == "```\n{% page %} <%= x %>\n```\n`{{ y }}`\n"


def test_code_and_prose_are_told_apart_as_commonmark_does() -> None:
    text = "a `b` ``c ` d`` `e\n\nf` g\n- ~~~ x\n  h\n  ~~~\ni\n````\n```\n"
    assert [part.text for part in parts(text) if part.code] == [
        "`b`",
        "``c ` d``",
        "- ~~~ x\n  h\n  ~~~\n",
        "````\n```\n",
    ]
    assert "".join(part.text for part in parts(text)) == text
