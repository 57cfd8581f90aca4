"""Which language a text is in."""

import time

import pytest

from models.search.language import OTHER, detect

TEXTS = {
    "en": """How do I reset the VPN? | reset VPN | Where's my payslip | holiday form | wifi guest password | hi |
        thanks | I need a new laptop, who can help me? | badge lost | My PC does not start""",
    "it": """Come resetto la VPN? | VPN non funziona | rimborso spese | Dove trovo il modulo ferie? | grazie mille |
        chi è il mio buddy? | Ciao, il PC non si accende | buono pasto | ho perso il badge | perche\u0301?""",
    "he": "איך מאפסים את ה-VPN? | מהו Pixel Visual Core? | חופשה | שלום, ה-PC לא נדלק",
    "ar": "كيف أعيد ضبط VPN؟ | أين أجد نموذج الإجازة؟ | ما هو Google Workspace؟ | شكرا",
    OTHER: "Как сбросить VPN? | パスワードを忘れました | Πώς;",
}
CASES = [(language, text) for language, texts in TEXTS.items() for text in texts.split("|")]


@pytest.mark.parametrize(("language", "text"), CASES)
def test_short_questions_show_their_language(language: str, text: str) -> None:
    assert detect(text, "?") == language


@pytest.mark.parametrize(
    "text",
    ["", "???", "12:30", "https://acme.example/come-fare", "`rm -rf`", "<@U123>", "VPN", "😀", "password scaduta"],
)
def test_what_shows_none_is_in_the_default(text: str) -> None:
    assert detect(text, "it") == "it" and detect(text, "he") == "he"


def test_code_and_addresses_do_not_decide() -> None:
    assert detect("Non va: ```if this is not what you want then do it with the other one```", "en") == "it"
    assert detect("לא עובד: https://acme.example/this/is/not/what/you/want", "en") == "he"


def test_it_is_quick_whatever_it_is_given() -> None:
    texts = ["Come resetto la VPN?"] * 1_000 + [
        "x" * 100_000,
        "`" * 9_999,
        "<" * 9_999,
        "@" * 9_999,
        "a@" * 9_999,
        "```" * 9_999,
    ]
    started = time.process_time()
    for text in texts:
        detect(text, "en")
    assert time.process_time() - started < 1
