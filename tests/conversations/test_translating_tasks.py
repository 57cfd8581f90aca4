"""One thread, several languages: tasks and decisions in those of their readers, beside what people wrote."""

from __future__ import annotations

from typing import Any

import pytest

from bot.cards import Language, T
from bot.texts import Reader, say
from models.base import Refusal, transaction
from models.decisions.tables import Decision, DecisionOption
from tests.chat import Chat, Someone
from tests.conversations.test_decisions_made import begun, says
from tests.conversations.test_erasing import erase
from tests.modelled import Asks, work
from tests.tasked import asks as task_asked
from tests.translated import NONE, NOTE, page, rows
from tests.translated import says as translating

DOOR = {"לתקן": "Fix the door", "היא": "It sticks in the morning.", "לקנות": "Buy a lock"}
ORIGINAL = {"title": "לתקן את הדלת", "details": "היא נתקעת בבוקר.", "checklist_lines": ["לקנות מנעול", "HR-204"]}


def door(chat: Chat, **about: object) -> tuple[Someone, Someone]:
    """Noa, who writes Hebrew, asks Tom, who reads English and uses Teams."""
    noa, tom = chat.slack("noa", locale="he"), chat.teams("tom")
    task_asked(chat, noa, tom, **{**ORIGINAL, **about})
    return noa, tom


def test_without_a_model_nothing_is_offered(chat: Chat) -> None:
    _, tom = door(chat)
    assert tom.sees("לתקן את הדלת") and not tom.sees("Translate")
    assert "language" not in page(chat, tom, "/tasks/1")


def test_a_task_is_read_in_the_language_of_who_does_it(chat: Chat, asks: Asks) -> None:
    fake = asks(translating(**DOOR))
    noa, tom = door(chat)
    assert "press “Translate”" in page(chat, tom, "/tasks/1")
    assert "press “Translate”" not in page(chat, noa, "/tasks/1"), "it is in her own language"
    tom.presses("Translate to {language}")
    work(chat)
    assert tom.sees("Fix the door") and tom.sees("It sticks in the morning.") and tom.sees("- Buy a lock"), tom.screen()
    assert tom.sees("- HR-204") and tom.sees(NOTE) and tom.sees("See the original") and tom.sees("לתקן את הדלת")
    assert len(fake.asked) == 1 and "noa" not in fake.asked[0].text and not noa.sees("Buy a lock")
    assert "/translations/task/1" in page(chat, tom, "/tasks/1")
    assert "- Buy a lock" in page(chat, tom, "/translations/task/1")


def test_a_name_or_a_code_is_in_no_other_language(chat: Chat, asks: Asks) -> None:
    asks(translating())
    noa, tom = chat.slack("noa", locale="he"), chat.teams("tom", locale="he")
    offers = say(T("Translate to {language}", language=Language("he")), Reader("he"))
    task_asked(chat, noa, tom, **{**ORIGINAL, "checklist_lines": ["HR-204", "Slack", "Microsoft Teams"]})
    tom.presses("I will do it")
    tom.presses("Comment…")
    tom.submits(text="OK")
    assert not tom.sees(offers) and not noa.sees(offers)
    tom.presses("Comment…")
    tom.submits(text="The lock is broken, we need another one.")
    assert noa.sees(offers)


def test_a_reader_from_right_to_left_presses_in_their_own_language(chat: Chat, asks: Asks) -> None:
    asks(translating(Fix="تصليح الباب"))
    mona, sami = chat.slack("mona"), chat.teams("sami", locale="ar")
    task_asked(chat, mona, sami, title="Fix the door")
    assert sami.sees(say(T("Translate to {language}", language=Language("ar")), Reader("ar")))
    sami.presses("Translate to {language}")
    work(chat)
    assert sami.sees("تصليح الباب"), sami.screen()


def test_what_is_said_about_it_is_read_by_whom_it_concerns(chat: Chat, asks: Asks) -> None:
    fake = asks(translating(המנעול="The lock is broken, we need another one."))
    mona, noa, eve = chat.slack("mona"), chat.teams("noa", locale="he"), chat.slack("eve")
    chat.channel("hall", mona, eve)
    task = task_asked(chat, mona, noa, in_="hall", details="It sticks in the morning.")
    noa.presses("I will do it")
    noa.presses("Comment…")
    assert not any("Translate" in str(each) for each in mona.messages()[-1].card.elements)
    noa.submits(text="המנעול שבור, צריך חדש.")
    mona.presses("Translate to {language}")
    work(chat)
    assert mona.sees("@noa:\n\nThe lock is broken, we need another one."), mona.screen()
    assert len(fake.asked) == 1 and "door" not in fake.asked[0].text, "what she can read herself is not translated"
    eve.uses("translations.task", task.id)
    assert work(chat) == 0 and not eve.sees("broken"), "it is not for all who may read the task"


def test_why_somebody_declines_is_read_by_whoever_asked(chat: Chat, asks: Asks) -> None:
    asks(translating(אני="I am away this week."))
    mona, noa = chat.slack("mona"), chat.teams("noa", locale="he")
    task_asked(chat, mona, noa)
    noa.presses("Decline…")
    noa.submits(reason="אני בחופשה השבוע.")
    mona.presses("Translate to {language}")
    work(chat)
    assert mona.sees("@noa:\n\nI am away this week."), mona.screen()


def test_a_private_task_is_translated_for_those_alone_whom_it_concerns(chat: Chat, asks: Asks) -> None:
    fake = asks(translating(**DOOR))
    _, tom = door(chat, private=True)
    eve = chat.slack("eve", roles=["admin"])
    eve.uses("translations.task", 1)
    assert work(chat) == 0 and fake.asked == []
    tom.presses("Translate to {language}")
    work(chat)
    assert tom.sees("It sticks in the morning.")
    with pytest.raises(Refusal):
        page(chat, eve, "/translations/task/1")


def test_in_a_thread_it_is_offered_where_somebody_reads_otherwise(chat: Chat, asks: Asks) -> None:
    asks(translating(Ripara="Fix the door"))
    lea, ugo, tom = chat.slack("lea", locale="it"), chat.slack("ugo", locale="it"), chat.slack("tom")
    chat.channel("atrio", lea, ugo)
    task_asked(chat, lea, ugo, title="Ripara la porta", in_="atrio")
    assert not ugo.sees(say(T("Translate"), Reader("it")))
    chat.channel("cortile", lea, tom)
    task_asked(chat, lea, lea, title="Ripara la porta", in_="cortile")
    tom.presses("Translate")
    work(chat)
    assert tom.sees("Fix the door") and not lea.sees("Fix the door")


def test_what_is_changed_is_translated_anew(chat: Chat, asks: Asks) -> None:
    asks(translating(**DOOR))
    noa, tom = door(chat)
    tom.presses("I will do it")
    tom.presses("Translate to {language}")
    work(chat)
    noa.presses("Comment…")
    noa.submits(text="המפתח אצלי.")
    assert rows() == 1 and tom.sees("Buy a lock"), "it still says that"
    tom.presses("Change the checklist…")
    tom.submits(checklist="לשמן")
    assert rows() == 0 and not tom.sees("Buy a lock"), tom.screen()


def test_a_budget_that_is_used_up_leaves_the_original(chat: Chat, asks: Asks) -> None:
    fake = asks(translating(**DOOR), calls_per_person=0)
    _, tom = door(chat)
    tom.presses("Translate to {language}")
    work(chat)
    assert fake.asked == [] and tom.sees(NONE) and tom.sees("לתקן את הדלת")


# -- decisions

PIANO = {"title": "Quale piano prendiamo?", "options": "Il terzo piano\nIl quinto piano", "until": "fra 3 giorni"}
FLOOR = {"Quale": "Which floor do we take?", "Il_terzo": "The third floor", "Il_quinto": "The fifth floor"}
WINDOWS = "Ci sono finestre più grandi, e anche una terrazza."


def asked_in_italian(chat: Chat, **values: str) -> tuple[Someone, Someone, Decision]:
    """Lea asks in Italian where Mona reads English."""
    lea, mona = chat.slack("lea", locale="it"), chat.slack("mona")
    chat.channel("move", lea, mona)
    return lea, mona, begun(lea, **{**PIANO, **values})


def test_a_decision_is_read_in_ones_own_language(chat: Chat, asks: Asks) -> None:
    asks(translating(**FLOOR))
    lea, mona, _ = asked_in_italian(chat)
    mona.presses("Translate")
    work(chat)
    assert mona.sees("Which floor do we take?") and mona.sees("2. The fifth floor"), mona.screen()
    assert mona.sees(NOTE) and not lea.sees("The fifth floor")
    assert "2. The fifth floor" in page(chat, mona, "/translations/decision/1")
    assert "/translations/decision/1" in page(chat, mona, "/decisions/1")
    assert "/translations" not in page(chat, lea, "/decisions/1")


def test_why_people_chose_is_read_in_ones_own_language(chat: Chat, asks: Asks) -> None:
    fake = asks(translating(Ci="There are larger windows, and a terrace."))
    mona, lea = chat.slack("mona"), chat.slack("lea", locale="it")
    chat.channel("move", mona, lea)
    decision = begun(mona)
    says(lea, decision, "2", reason=WINDOWS)
    mona.uses("decisions.more", decision.id)
    mona.presses("Translate to {language}")
    work(chat)
    assert mona.sees("@lea:\n\nThere are larger windows, and a terrace."), mona.screen()
    assert len(fake.asked) == 1 and "floor" not in fake.asked[0].text
    says(lea, decision, "2", reason="Costa meno, e questo è importante per noi.")
    assert rows() == 0 and not mona.sees("larger windows"), "she says otherwise now"


def test_where_all_read_it_nothing_is_offered(chat: Chat, asks: Asks) -> None:
    asks(translating())
    mona, omar = chat.slack("mona"), chat.slack("omar")
    chat.channel("move", mona, omar)
    begun(mona)
    assert omar.sees("Which floor") and not omar.sees("Translate")


def test_who_decides_reads_what_the_others_said(chat: Chat, asks: Asks) -> None:
    asks(translating(**FLOOR))
    lea, tom = chat.slack("lea", locale="it"), chat.teams("tom")
    chat.channel("move", lea)
    decision = begun(lea, **PIANO, mode="one", people="tom")
    tom.presses("Translate")
    work(chat)
    assert tom.sees("1. The third floor"), tom.screen()
    tom.uses("decisions.decide", decision.id)
    tom.submits(choice="1")
    tom.commands("decisions", str(decision.id))
    tom.presses("Translate to {language}")
    assert work(chat) == 0 and tom.messages()[-1].card is not None and tom.messages()[-1].card.by_model


def test_who_is_erased_is_read_in_no_language(chat: Chat, asks: Asks) -> None:
    asks(translating(Ci="There are larger windows, and a terrace.", Il="The lock is broken, we need another one."))
    mona, lea, ada = chat.slack("mona"), chat.slack("lea", locale="it"), chat.slack("ada", roles=["admin"])
    chat.channel("move", mona, lea)
    decision, task = begun(mona), task_asked(chat, mona, lea)
    says(lea, decision, "2", reason=WINDOWS)
    lea.uses("tasks.comment", task.id)
    lea.submits(text="Il lucchetto è rotto, ne serve uno nuovo.")
    mona.uses("translations.decision", decision.id)
    mona.uses("translations.task", task.id)
    work(chat)
    assert mona.sees("larger windows") and mona.sees("lock is broken") and rows() == 2, mona.screen()
    erase(lea, ada)
    assert rows() == 0 and not mona.sees("larger windows") and not mona.sees("lock is broken"), mona.screen()


def test_what_changed_while_the_model_was_asked_is_not_kept(chat: Chat, asks: Asks) -> None:
    def changing(asked: dict[str, Any]) -> str:
        with transaction() as session:
            session.query(DecisionOption).filter_by(position=1).one().words = "Un altro piano"
        return translating(**FLOOR)(asked)

    asks(changing)
    _, mona, _ = asked_in_italian(chat)
    mona.presses("Translate")
    work(chat)
    assert rows() == 0 and mona.sees(NONE) and not mona.sees("Which floor")
