"""What counts of what people gave, and what does not: of oneself, to and fro, in bursts, said again and again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import update

from models import joins, masks, recognition
from models.answers import Answer, vote
from models.base import Refusal, reading, transaction
from models.joins import Joining
from models.knowledge import MERGED, RETIRED, WITHDRAWN, Entry
from models.learning import retire, verify
from models.people import Account, Person
from models.questions import Question
from models.recognition import ACCEPTED, FOR_ONE, FROM_ONE, REUSED, THANKED, VERIFIED, WORTH, helped
from models.thanks import choose
from tests.chat import Chat, Someone
from tests.given import accepted, often, points, solved, thanked, wrote

MONDAY = datetime(2026, 3, 2, 10, tzinfo=UTC)
MINUTE, DAY, WEEK = timedelta(minutes=1), timedelta(days=1), timedelta(weeks=1)


@pytest.fixture(autouse=True)
def soon_after(chat: Chat) -> None:
    chat.at(MONDAY + 8 * WEEK)


def people(chat: Chat, number: int) -> list[Someone]:
    return [chat.slack(f"p{each}") for each in range(number)]


def state(entry: Entry, value: str, into: Entry | None = None) -> None:
    with transaction() as session:
        changes = {"state": value, "merged_into_id": into.id if into else None}
        session.execute(update(Entry).where(Entry.id == entry.id).values(**changes))


def test_accepted_reused_verified_and_thanked_count(chat: Chat) -> None:
    omar, *askers = people(chat, 4)
    assert points(omar) == 0
    given = accepted(omar, askers[0], MONDAY)
    assert points(omar) == WORTH[ACCEPTED]
    thanked(given, MONDAY + MINUTE)
    assert points(omar) == WORTH[ACCEPTED] + WORTH[THANKED]
    entry = wrote(chat, omar, "Resetting the VPN")
    solved(askers[1], MONDAY, entry=entry)
    assert points(omar) == WORTH[ACCEPTED] + WORTH[THANKED] + WORTH[REUSED]
    with transaction() as session:
        verify(session, session.merge(entry), session.get_one(Person, askers[2].person.id))
    assert points(omar) == sum(WORTH.values()) and often(omar) == dict.fromkeys(WORTH, 1)


def test_whoever_answered_has_a_part_in_the_entry_that_others_made_of_it(chat: Chat) -> None:
    omar, lea, mona, nora = people(chat, 4)
    given = accepted(omar, mona, MONDAY)
    entry = wrote(chat, lea, "Resetting the VPN", answer_id=given.id)
    solved(nora, MONDAY + 2 * WEEK, entry=entry)
    assert points(omar) == WORTH[ACCEPTED] + WORTH[REUSED] and points(lea) == WORTH[REUSED]


def test_what_is_taken_back_counts_no_more_and_comes_back(chat: Chat) -> None:
    omar, mona, nora = people(chat, 3)
    given = accepted(omar, mona, MONDAY)
    with transaction() as session:
        session.get_one(Answer, given.id).unaccept()
    assert points(omar) == 0
    with transaction() as session:
        session.get_one(Answer, given.id).accept()
    assert points(omar) == WORTH[ACCEPTED]
    entry = wrote(chat, omar, "Resetting the VPN")
    with transaction() as session:
        verify(session, session.merge(entry), session.get_one(Person, nora.person.id))
    assert often(omar) == {ACCEPTED: 1, VERIFIED: 1}
    with transaction() as session:
        retire(session, session.get_one(Entry, entry.id))
    assert often(omar) == {ACCEPTED: 1}
    question = solved(mona, MONDAY + WEEK, entry=entry)
    assert often(omar) == {ACCEPTED: 1, REUSED: 1}, "it helped, though it is not needed any more"
    state(entry, WITHDRAWN)
    assert often(omar) == {ACCEPTED: 1}, "it was wrong"
    state(entry, RETIRED)
    with transaction() as session:
        session.get_one(Question, question.id).reopen()
    assert often(omar) == {ACCEPTED: 1}


def test_what_is_older_than_a_year_counts_no_more(chat: Chat) -> None:
    omar, mona = people(chat, 2)
    accepted(omar, mona, MONDAY)
    chat.at(MONDAY + recognition.LASTS - MINUTE)
    assert points(omar) == WORTH[ACCEPTED]
    chat.at(MONDAY + recognition.LASTS)
    assert points(omar) == 0


def test_what_one_gives_to_oneself_is_nothing(chat: Chat) -> None:
    (omar,) = people(chat, 1)
    accepted(omar, omar, MONDAY)
    entry = wrote(chat, omar, "Resetting the VPN")
    solved(omar, MONDAY, entry=entry)
    with transaction() as session:
        verify(session, session.merge(entry), session.get_one(Person, omar.person.id))
    assert points(omar) == 0 and often(omar) == {}
    with reading() as session:
        assert helped(session, session.get_one(Entry, entry.id)) == 0


def test_a_vote_gives_nothing_least_of_all_ones_own(chat: Chat) -> None:
    omar, mona = people(chat, 2)
    given = accepted(omar, mona, MONDAY)
    before = points(omar)
    with transaction() as session, pytest.raises(Refusal):
        vote(session, session.get_one(Answer, given.id), session.get_one(Person, omar.person.id))
    with transaction() as session:
        vote(session, session.get_one(Answer, given.id), session.get_one(Person, mona.person.id))
    assert points(omar) == before


def test_two_accounts_of_one_person_give_each_other_nothing(chat: Chat) -> None:
    omar, other = people(chat, 2)
    accepted(omar, other, MONDAY)
    accepted(other, omar, MONDAY + WEEK)
    assert points(omar) == points(other) == WORTH[ACCEPTED]
    with transaction() as session:
        accounts = {one.person_id: one.id for one in session.query(Account)}
        joining = Joining(
            asked_by_id=omar.person.id, account_id=accounts[omar.person.id], other_id=other.person.id,
            other_account_id=accounts[other.person.id], state=joins.AGREED,
        )  # fmt: skip
        session.add(joining)
        session.flush()
        number = joining.id
        assert joining.confirm(session, session.get_one(Person, omar.person.id)).id == omar.person.id
    assert points(omar) == 0 and often(omar) == {}
    with transaction() as session:
        session.get_one(Joining, number).undo(session, session.get_one(Person, omar.person.id))
    assert points(omar) == points(other) == WORTH[ACCEPTED]


def test_a_mask_gives_no_points_whoever_wears_it(chat: Chat) -> None:
    omar, mona = people(chat, 2)
    for wearer in (omar, mona):
        with transaction() as session:
            person = session.get_one(Person, wearer.person.id)
            mask, _ = masks.put_on(session, person, person.accounts[0])
        accepted(omar, Someone(chat, mask, "relay"), MONDAY)
    assert points(omar) == 0 and often(omar) == {ACCEPTED: 2}, "kept, and no different for their own mask"


def test_to_and_fro_counts_once_a_week(chat: Chat) -> None:
    omar, mona = people(chat, 2)
    for number in range(5):
        accepted(omar, mona, MONDAY + 2 * number * MINUTE)
        accepted(mona, omar, MONDAY + (2 * number + 1) * MINUTE)
    assert (points(omar), points(mona)) == (WORTH[ACCEPTED], 0)
    assert often(omar) == often(mona) == {ACCEPTED: 5}
    accepted(mona, omar, MONDAY + WEEK)
    assert (points(omar), points(mona)) == (WORTH[ACCEPTED], WORTH[ACCEPTED])


def test_thanks_to_and_fro_count_once_a_week(chat: Chat) -> None:
    omar, mona = people(chat, 2)
    first, second = accepted(omar, mona, MONDAY), accepted(mona, omar, MONDAY + MINUTE)
    thanked(first, MONDAY + 2 * MINUTE)
    thanked(second, MONDAY + 3 * MINUTE)
    assert (points(omar), points(mona)) == (WORTH[ACCEPTED] + WORTH[THANKED], 0)


def test_the_same_words_again_and_again_count_once(chat: Chat) -> None:
    omar, mona, nora = people(chat, 3)
    for number, text in enumerate(("Wifi?", " wifi", "WIFI??")):
        accepted(omar, mona, MONDAY + number * WEEK, text)
    assert points(omar) == WORTH[ACCEPTED]
    accepted(omar, nora, MONDAY, "Wifi?")
    assert points(omar) == 2 * WORTH[ACCEPTED]


def test_a_burst_from_one_person_counts_up_to_a_number(chat: Chat) -> None:
    mona, *experts = people(chat, FROM_ONE + 4)
    for number, expert in enumerate(experts):
        accepted(expert, mona, MONDAY + number * MINUTE)
    assert [points(each) for each in experts] == [WORTH[ACCEPTED]] * FROM_ONE + [0] * 3
    accepted(experts[-1], mona, MONDAY + WEEK)
    assert points(experts[-1]) == WORTH[ACCEPTED]


def test_a_burst_for_one_person_counts_up_to_a_number(chat: Chat) -> None:
    omar, *askers = people(chat, FOR_ONE + 4)
    for number, asker in enumerate(askers):
        accepted(omar, asker, MONDAY + number * MINUTE)
    assert points(omar) == FOR_ONE * WORTH[ACCEPTED] and often(omar) == {ACCEPTED: FOR_ONE + 3}


def test_what_does_not_count_does_not_use_up_the_day(chat: Chat) -> None:
    omar, mona, nora = people(chat, 3)
    for number in range(FOR_ONE + 5):
        accepted(omar, mona, MONDAY + number * MINUTE)
    accepted(omar, nora, MONDAY + timedelta(hours=3))
    assert points(omar) == 2 * WORTH[ACCEPTED]


def test_whom_a_merged_entry_helped_is_counted_where_it_stands(chat: Chat) -> None:
    omar, lea, *askers = people(chat, 6)
    old, stays = wrote(chat, omar, "Resetting the VPN"), wrote(chat, lea, "VPN reset")
    for number, asker in enumerate(askers[:3]):
        solved(asker, MONDAY + number * DAY, entry=old)
    solved(askers[3], MONDAY, entry=stays)
    state(old, MERGED, stays)
    with reading() as session:
        assert helped(session, session.get_one(Entry, stays.id)) == 4
    assert (points(omar), points(lea)) == (3 * WORTH[REUSED], WORTH[REUSED]), "who wrote what helped keeps that"
    state(old, "current")
    with reading() as session:
        assert helped(session, session.get_one(Entry, stays.id)) == 1


def test_the_ranking_agrees_with_the_points_and_leaves_out_who_wants_none(chat: Chat) -> None:
    omar, lea, mona, nora = people(chat, 4)
    accepted(omar, mona, MONDAY)
    accepted(omar, nora, MONDAY)
    accepted(lea, mona, MONDAY)
    accepted(mona, omar, MONDAY + MINUTE)
    recognition.use_ranking(True)
    try:
        with reading() as session:
            found = {person.id: number for person, number in recognition.ranking(session, 10)}
        assert found == {each.person.id: points(each) for each in (omar, lea)}
        with transaction() as session:
            choose(session, session.get_one(Person, omar.person.id), counted=False, told=True)
        with reading() as session:
            assert [person.id for person, _ in recognition.ranking(session, 10)] == [lea.person.id]
        assert points(omar) is None
    finally:
        recognition.use_ranking(False)
    with reading() as session:
        assert recognition.ranking(session, 10) == []
