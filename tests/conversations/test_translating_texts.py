"""Questions, answers and entries in their readers' own languages: checked, kept and erased with what they are of."""

from __future__ import annotations

from typing import Any

from models.base import transaction
from models.knowledge import Entry, revise
from models.questions import Question
from tests.chat import Chat
from tests.modelled import Asks, work
from tests.translated import NONE, NOTE, offer, page, rows, says, told


def test_an_expert_reads_a_question_in_their_own_language(chat: Chat, asks: Asks) -> None:
    def translate(asked: dict[str, Any]) -> str:
        (piece,) = asked["texts"]
        assert "lea" not in piece and "HR-204" not in piece and "acme" not in piece
        places = [piece[piece.index(word) + len(word) :].split("⟧")[0] + "⟧" for word in ("ho, ", "Vedi ", " e ")]
        return told("How many days of holiday do I have, {}? See {} and {}.".format(*places))

    asks(translate)
    mona, omar = offer(chat)
    omar.presses("Translate to {language}")
    work(chat)
    assert omar.sees("How many days of holiday do I have, @lea? See HR-204 and https://acme.example/ferie."), (
        omar.screen()
    )
    assert omar.sees(NOTE) and omar.sees("Quanti giorni") and not mona.sees(NOTE)
    assert "How many days of holiday do I have, @lea?" in page(chat, omar, "/translations/question/1")
    assert "/translations/question/1" in page(chat, omar, "/questions/1")
    assert "/translations" not in page(chat, mona, "/questions/1"), "it is in her own language"


def test_a_secret_stays_masked_and_is_not_sent(chat: Chat, asks: Asks) -> None:
    fake = asks(says(La_password="The password is ⟦0⟧ and does not work, why?"))
    _, omar = offer(chat, "La password: Xk29!pqLm e non funziona, perché?")
    omar.presses("Translate to {language}")
    work(chat)
    assert len(fake.asked) == 1 and "Xk29" not in fake.asked[0].text and not omar.sees("Xk29")
    assert omar.sees("The password is •••• and does not work, why?"), omar.screen()


def test_what_is_asked_otherwise_is_translated_anew_and_what_was_shown_goes(chat: Chat, asks: Asks) -> None:
    fake = asks(says(Quanti="How many days of holiday do I have?", Quante="How many hours off do I have?"))
    mona, omar = offer(chat, "Quanti giorni di ferie ho?")
    omar.presses("Translate to {language}")
    work(chat)
    assert omar.sees("How many days of holiday") and rows() == 1
    assert mona.last is not None
    mona.changes(mona.last, "Quante ore di permesso ho?", in_="aiuto")
    assert rows() == 0 and not omar.sees("How many days of holiday"), omar.screen()
    omar.presses("Translate to {language}")
    work(chat)
    assert omar.sees("How many hours off do I have?") and len(fake.asked) == 2


def test_what_changed_while_the_model_was_asked_is_not_kept(chat: Chat, asks: Asks) -> None:
    def change(_: object) -> str:
        with transaction() as session:
            session.query(Question).one().text = "Altro?"
        return told("How many days of holiday do I have?")

    asks(change)
    _, omar = offer(chat, "Quanti giorni di ferie ho?")
    omar.presses("Translate to {language}")
    work(chat)
    assert rows() == 0 and not omar.sees("How many days") and omar.sees(NONE)


def test_who_is_erased_is_read_in_no_language(chat: Chat, asks: Asks) -> None:
    asks(says(Quanti="How many days of holiday do I have?"))
    mona, omar = offer(chat, "Quanti giorni di ferie ho?")
    ada = chat.slack("ada", roles=["admin"])
    omar.presses("Translate to {language}")
    work(chat)
    assert omar.sees("How many days of holiday")
    mona.commands("privacy")
    mona.presses("Ask to be erased")
    ada.presses("Erase {name}")
    assert rows() == 0 and not omar.sees("How many days of holiday"), omar.screen()


# -- answers and entries


def test_an_answer_in_another_language_is_translated_for_its_asker(chat: Chat, asks: Asks) -> None:
    asks(says(Avete="You have 26 days, of which 2 in ⟦0⟧."))
    mona, lea = chat.slack("mona"), chat.slack("lea", locale="it")
    chat.channel("help", mona, lea)
    mona.says("How much holiday do I have?", in_="help")
    lea.presses("I can answer")
    lea.submits(text="Avete 26 giorni, di cui 2 in `HR-204`.")
    mona.presses("Translate")
    work(chat)
    assert mona.sees("You have 26 days, of which 2 in `HR-204`.") and not lea.sees(NOTE)
    notice = lea.presses("Translate").notice
    assert notice and notice.text == "This is in your language already."


def test_where_all_read_its_language_nothing_is_offered(chat: Chat, asks: Asks) -> None:
    asks(told(""))
    mona, lea = chat.slack("mona"), chat.slack("lea")
    chat.channel("help", mona, lea)
    mona.says("How much holiday do I have?", in_="help")
    lea.presses("I can answer")
    lea.submits(text="You have 26 days of holiday.")
    assert mona.sees("You have 26 days") and not mona.sees("Translate")


def test_a_long_entry_is_translated_in_parts_and_read_on_a_page(chat: Chat, asks: Asks) -> None:
    fake = asks(says(Il_badge="The badge opens the door of the office and of the garage.", Porte="Doors"))
    lea = chat.slack("lea")
    body = "\n\n".join(f"{n}. Il badge apre la porta dell'ufficio e quella del garage." for n in range(1, 101))
    entry = chat.knows("Porte", f"{body}\n\nRimane 26.", language="it")
    assert "/know" in page(chat, lea, f"/entries/{entry.id}")
    lea.commands("know", str(entry.id))
    lea.presses("Translate to {language}")
    work(chat)
    assert len(fake.asked) == 3 and lea.sees("Read the whole translation") and lea.sees("Doors")
    whole = page(chat, lea, f"/translations/entry/{entry.id}")
    assert "100. The badge opens the door" in whole and "Rimane 26." in whole and "the original words stand" in whole
    assert f"/translations/entry/{entry.id}" in page(chat, lea, f"/entries/{entry.id}")
    with transaction() as session:
        again = session.get_one(Entry, entry.id)
        revise(session, again, title="Porte", body=body, language="it", by=None, reason="shorter")
    assert rows() == 0


def test_a_budget_that_is_used_up_leaves_the_original(chat: Chat, asks: Asks) -> None:
    fake = asks(told("How many days of holiday do I have?"), calls_per_person=0)
    _, omar = offer(chat, "Quanti giorni di ferie ho?")
    omar.presses("Translate to {language}")
    work(chat)
    assert fake.asked == [] and omar.sees(NONE) and omar.sees("Quanti giorni")


def test_who_joins_an_earlier_thread_reads_its_answers(chat: Chat, asks: Asks) -> None:
    asks(says(Avete="You have 26 days of holiday."))
    mona, lea, omar = chat.slack("mona"), chat.slack("lea", locale="it"), chat.slack("omar")
    chat.channel("help", mona, lea, omar)
    mona.says("How much holiday do I have in Milan?", in_="help")
    lea.presses("I can answer")
    lea.submits(text="Avete 26 giorni di ferie.")
    omar.says("How much holiday do I have in Milan?", in_="help")
    omar.presses("Join that thread")
    omar.presses("Translate to {language}")
    work(chat)
    assert omar.sees("You have 26 days of holiday.") and not mona.sees(NOTE)


def test_who_answered_reads_why_it_was_not_enough(chat: Chat, asks: Asks) -> None:
    asks(says(Quanti="How many days of holiday do I have?", Non="Not in Milan, in Rome."))
    mona, omar = offer(chat, "Quanti giorni di ferie ho?")
    omar.presses("Answer")
    omar.submits(text="You have 26 days of holiday.")
    mona.presses("This solved it")
    mona.presses("Not solved after all")
    mona.submits(why="Non a Milano, a Roma.")
    assert omar.sees("has reopened a question that you answered")
    omar.presses("Translate to {language}")
    work(chat)
    assert omar.sees("Not in Milan, in Rome."), omar.screen()
