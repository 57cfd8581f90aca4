"""What is shown of a long text speaks of the question, fits, and ends well."""

from hypothesis import given
from hypothesis import strategies as st

from handlers.questions.excerpts import LONG, excerpt

TEXT = (
    """Cards open every door.

## Lost or stolen

1. Block it in the app.
2. Ask for a new one in Compass.

**When you come back**

Bring the old card to reception, and sign for the new one. """
    + "It takes a minute. " * 30
)


def test_it_begins_with_the_heading_of_what_was_asked() -> None:
    shown = excerpt(TEXT, "how do I block a stolen card", 85)
    assert shown.startswith("…\n\n## Lost or stolen") and "Block it" in shown


def test_it_never_ends_on_a_heading() -> None:
    shown = excerpt(TEXT, "block a stolen card in the app", 200)
    assert "When you come back" not in shown and shown.endswith("…")


@given(st.text(alphabet="ab# *\n`", max_size=3000), st.text(max_size=50))
def test_whatever_the_text_it_fits(text: str, question: str) -> None:
    assert len(excerpt(text, question)) <= LONG + 10
