"""Search: four languages, whatever people type, and only what they may read."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy import text as sql
from sqlalchemy.orm import Session

from models import base
from models.knowledge import Entry, Part, store_parts
from models.people import Person
from models.places import PRIVATE, Place
from models.questions import Question
from models.search.analysis import plain, terms
from models.search.find import asked_before, find
from models.search.lexical import hashed
from models.search.pool import Document
from models.search.words import words_of


@pytest.fixture
def session(database: str) -> Iterator[Session]:
    with Session(base.connect(database, pool=2), expire_on_commit=False) as session:
        yield session
    base.disconnect()


def entry(session: Session, title: str, *parts: str, language: str = "en", audience: str = "everyone") -> Entry:
    found = Entry(title=title, body="\n".join(parts), language=language, audience=[audience])
    session.add(found)
    session.flush()
    store_parts(session, found, [Part("", str(n), part) for n, part in enumerate(parts)])
    session.commit()
    return found


def asked(session: Session, text: str, audience: str = "everyone") -> Question:
    person = session.scalars(select(Person)).first() or Person(handle="mona", name="Mona")
    place = session.scalars(select(Place)).first() or Place(
        platform="web", installation="x", key="dm", kind=PRIVATE, name="x", closed=True
    )
    question = Question(asker=person, place=place, text=text, language="en", audience=[audience])
    session.add(question)
    session.commit()
    return question


def titles(session: Session, text: str, language: str = "en", *held: str) -> list[str]:
    session.commit()
    return [hit.entry.title for hit in find(session, text, language, held or ["everyone"])]


FOUND = [
    ("en", "Annual leave for employees", "How many days of leaves does an employee get?"),
    ("en", "Resetting passwords", "reset my PASSWORD"),
    ("en", "Scanner fails with ERR-4012", "what is err-4012"),
    ("en", "Scanner fails with ERR-4012", "error 4012 on the scanner"),
    ("en", "Setup ends in 0x80070005", "0X80070005"),
    ("en", "The file /etc/agora/app.conf", "where is app.conf"),
    ("en", "Working with C++ and C#", "c++"),
    ("en", "Café vouchers", "cafe\u0301 voucher"),
    ("en", "The ﬁnance oﬃce", "finance office"),
    ("it", "L'account bloccato", "il mio account è bloccato"),
    ("it", "Note spese e rimborsi", "come chiedo il rimborso di una nota spesa"),
    ("it", "Ferie e permessi", "permesso"),
    ("he", "חופשה שנתית", "כמה ימים יש בחופשה"),
    ("he", "חופשה שנתית", "מה קורה אם שבחופשה אני חולה"),
    ("he", "הזמנת מחשבים ניידים", "איך מזמינים מחשב נייד"),
    ("he", "תלוש שכר", "הַשָּׂכָר"),
    ("ar", "إجازة الأمومة", "كيف أطلب اجازه"),
    ("ar", "إجازة الأمومة", "الإجازات"),
    ("ar", "مكتبة الشركة", "مكتبه"),
    ("ar", "تأشيرة العمل", "تــأشيرة"),
    ("ar", "رمز الخطأ ERR-4012", "ما معنى ERR-4012؟"),
]


@pytest.mark.parametrize(("language", "title", "question"), FOUND)
def test_what_is_meant_is_found(session: Session, language: str, title: str, question: str) -> None:
    entry(session, title, "…", language=language)
    for other in ("Parking at the harbour", "Parcheggio al porto", "חניה בנמל", "موقف السيارات"):
        entry(session, other, "…")
    assert titles(session, question, language)[:1] == [title]


def test_the_best_comes_first_and_each_entry_once(session: Session) -> None:
    entry(session, "VPN", "Reset the VPN profile.", "The VPN needs a badge.", "It ends at night.")
    entry(session, "Badges", "A badge opens the gate. The VPN is not a gate.")
    entry(session, "Gates", "The gate opens at nine.")
    hits = find(session, "reset the VPN", "en", ["everyone"])
    assert [hit.entry.title for hit in hits] == ["VPN", "Badges"]
    assert hits[0].passage.text == "Reset the VPN profile."
    assert 1 >= hits[0].confidence > hits[1].confidence > 0 and hits[0].score > hits[1].score
    assert len(find(session, "vpn badge gate", "en", ["everyone"], limit=2)) == 2


def test_only_what_one_holds_a_key_of_is_found(session: Session) -> None:
    for key in ("everyone", "place:1", "place:11", "department:hr"):
        entry(session, f"canary {key}", "canary", audience=key)
        asked(session, f"canary {key}", audience=key)
    for held in (["place:1"], ["everyone", "department:hr"], ["place:"], ["%"], ["*"], [""], []):
        expected = sorted(f"canary {key}" for key in {"everyone", "place:1", "place:11", "department:hr"} & set(held))
        found = find(session, "canary", "en", held)
        assert sorted(hit.entry.title for hit in found) == expected
        assert sorted(each.question.text for each in asked_before(session, "canary", held)) == expected


def test_what_is_not_current_has_no_passages(session: Session) -> None:
    gone = entry(session, "canary", "canary")
    gone.state = "vanished"
    store_parts(session, gone, [Part("", "", "canary")])
    assert titles(session, "canary") == []


def test_a_question_asked_before_is_found_in_other_words_and_not_itself(session: Session) -> None:
    first = asked(session, "Where can I park my bicycle?")
    asked(session, "Who waters the plants?")
    again = asked(session, "where may one park a bicycle")
    assert asked_before(session, again.text, ["everyone"], but=again.id)[0].question is first
    assert asked_before(session, "bicycle", ["everyone"], but=first.id)[0].question is again


RUDE = {
    "only stop words": "how can I do that the of is",
    "nothing": "",
    "spaces": " \t\n\u00a0\u200b",
    "signs": "?!... --- ((( ''' \"\"\" ::: &&& ||| <-> !!",
    "a query": "cat & !dog | (x <-> y):*A",
    "a lexeme with quotes": "it''s 'quoted\\' \\\\' :A",
    "backslashes": "\\ \\\\ \\' '\\ C:\\temp\\x",
    "SQL": "'; drop table entry; -- $1 %s :terms {0} /* */ $$",
    "NUL": "a\0b \0",
    "half a surrogate pair": "a\ud800 b\udc00",
    "emoji": "🏳️‍🌈👩‍👩‍👧‍👦🇮🇹 🙂" * 20,
    "marks upon marks": "Z" + "\u0301" * 2000,
    "right to left overrides": "\u202eabc\u202c \u2067x\u2069",
    "controls": "".join(map(chr, range(1, 160))),
    "one long word": "x" * 40_000,
    "one long compound": "-".join(["ab"] * 13_000),
    "many words": " ".join(f"word{n}" for n in range(8_000)),
    "wide letters": "\U0001d4d0\uff21\u3300\ufdfa" * 10_000,
    "many languages": "سؤال שאלה domanda question вопрос 質問 คำถาม ప్రశ్న " * 700,
    "Hebrew marks": "\u05b0\u05b1" * 100 + " \u05f3 \u05f4",
    "an Arabic letter alone": "ء \u0640\u0640",
    "figures": "1 2.5 ١٢٣ ½ ² Ⅳ 0x0 1e9 -5 +972-50-1234567",
}


@pytest.mark.parametrize("text", RUDE.values(), ids=RUDE)
def test_whatever_is_typed_can_be_asked_and_stored(session: Session, text: str) -> None:
    entry(session, "A quiet entry", "with words")
    storable = text.replace("\0", "").encode(errors="replace").decode()
    entry(session, storable[:200], storable)
    asked(session, storable)
    assert isinstance(find(session, text, "en", ["everyone"]), list)
    assert isinstance(asked_before(session, text, ["everyone"]), list)


@pytest.mark.parametrize("text", [RUDE[name] for name in ("only stop words", "nothing", "spaces", "signs")])
def test_what_says_nothing_finds_nothing(session: Session, text: str) -> None:
    entry(session, "How can I do that", "the of is")
    assert not find(session, text, "en", ["everyone"]) and not asked_before(session, text, ["everyone"])


def test_a_page_of_a_book_can_be_stored(session: Session) -> None:
    """PostgreSQL takes at most a megabyte of words: what comes first counts."""
    luck = random.Random(1)
    words = ["".join(luck.choices("אבגדהוזחטיכלמנסעפצקרשת", k=60)) for _ in range(30_000)]
    entry(session, "A book", " ".join(["canary", *words]))
    assert titles(session, "canary") == ["A book"]


def test_a_long_question_is_cut_to_its_first_words(session: Session) -> None:
    entry(session, "VPN", "Reset the VPN.")
    assert titles(session, "Reset the VPN " + RUDE["many words"]) == ["VPN"]


PIECES = ["VPN", "של", "الإجازات", "l'account", "ERR-4012", "'", "\\", ":A", "&", "!", "(", "\0", "🙂", "\u0301"]
anything = st.text(max_size=200) | st.lists(st.sampled_from(PIECES), max_size=20).map(" ".join)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=anything)
def test_what_is_stored_is_found_by_its_own_words(text: str) -> None:
    wanted = terms(plain(text))
    kept = set(words_of([Document("passage", 1, 1, "en", "", text, ["everyone"])])[0].hashes.tolist())
    assert bool(kept) == bool(wanted)
    for term in wanted:
        assert kept & {hashed(word) for word in term}


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=anything, question=anything)
def test_a_question_is_never_an_error(session: Session, text: str, question: str) -> None:
    storable = text.replace("\0", "").encode(errors="replace").decode()
    entry(session, storable, storable)
    asked(session, storable)
    for said in (text, question):
        for hit in find(session, said, "xx", ["everyone"]):
            assert 0 <= hit.confidence <= 1 + 1e-9
        for each in asked_before(session, said, ["everyone"]):
            assert 0 <= each.confidence <= 1 + 1e-9
    session.execute(sql("select 1"))
    session.commit()
