"""An announcement on its way: each reader once, where they prefer, at their hour; changed, taken back, repeated."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from handlers.announcements import sending
from models.announcements import life
from models.announcements.tables import CANCELLED, DRAFT, RECALLED, SCHEDULED, SENDING, SENT, Announcement, Ballot, Poll
from models.base import Refusal, now, transaction
from models.people import Account
from tests.announced import also_on
from tests.announcing import became, does, goes, kept, passes, receipts, work
from tests.chat import Chat, Someone

HERE = "Harbour Street"
ADMIN = {"roles": ["admin"]}


def cards(someone: Someone) -> int:
    return sum(HERE in message.text for message in someone.messages())


def test_everybody_gets_it_once_where_they_prefer(chat: Chat) -> None:
    omar, mona, noa = chat.teams("omar", **ADMIN), chat.slack("mona"), chat.slack("noa", locale="it")
    mona_on_teams = also_on(chat, mona, "teams")
    became(mona, prefers="teams")
    chat.slack("gus", kind="guest")
    announcement = goes(chat, omar)
    assert [cards(each) for each in (omar, mona, mona_on_teams, noa)] == [1, 0, 1, 1]
    assert sorted(receipts(announcement)) == ["mona", "noa", "omar"]
    assert kept(announcement).state == SENT and work(chat) == 0


def test_who_never_chose_gets_it_where_they_were_on_the_latest_day(chat: Chat) -> None:
    omar, mona, noa = chat.teams("omar", **ADMIN), chat.slack("mona"), chat.slack("noa")
    mona_on_teams, noa_on_teams = also_on(chat, mona, "teams"), also_on(chat, noa, "teams")
    for each in (mona, mona_on_teams, noa):
        each.commands("missed")
    goes(chat, omar)
    assert [cards(each) for each in (mona, mona_on_teams, noa, noa_on_teams)] == [1, 0, 1, 0]
    passes(chat, days=1)
    for each in (mona_on_teams, noa_on_teams):
        each.commands("missed")
    became(noa, prefers="slack")
    goes(chat, omar, title="Once more")
    assert [_copies(each, "Once more") for each in (mona, mona_on_teams, noa, noa_on_teams)] == [0, 1, 1, 0]


def _copies(someone: Someone, title: str) -> int:
    return sum(message.text.startswith(title) for message in someone.messages())


def test_what_is_planned_goes_out_at_its_time(chat: Chat) -> None:
    omar, mona = chat.teams("omar", **ADMIN), chat.slack("mona")
    announcement = goes(chat, omar, send_at=now() + timedelta(hours=2))
    assert kept(announcement).state == SCHEDULED and cards(mona) == 0
    late = chat.slack("late")
    passes(chat, hours=1)
    assert cards(mona) == 0
    passes(chat, hours=1.1)
    assert cards(mona) == cards(late) == 1


def test_what_was_called_off_does_not_go_out(chat: Chat) -> None:
    omar, mona = chat.teams("omar", **ADMIN), chat.slack("mona")
    announcement = goes(chat, omar, send_at=now() + timedelta(hours=2))
    does(chat, lambda _, it: life.cancel(it), announcement)
    passes(chat, hours=3)
    assert cards(mona) == 0 and kept(announcement).state == CANCELLED


def test_who_may_not_send_it_any_more_has_a_draft_again(chat: Chat) -> None:
    boss, mona = chat.teams("boss", roles=["manager"], department="Sales"), chat.slack("mona", department="Sales")
    announcement = goes(chat, boss, audience={"key": "department:sales"}, send_at=now() + timedelta(hours=2))
    became(boss, department="Research")
    passes(chat, hours=3)
    assert cards(mona) == 0 and kept(announcement).state == DRAFT
    assert boss.sees("was not sent. It is a draft again.")


def test_each_reader_gets_it_at_the_same_hour_of_their_own_clock(chat: Chat) -> None:
    base = datetime(2026, 3, 9, 12, tzinfo=UTC)
    chat.at(base)
    rome = chat.teams("rome", timezone="Europe/Rome", **ADMIN)
    tokyo, york = chat.slack("tokyo", timezone="Asia/Tokyo"), chat.slack("york", timezone="America/New_York")
    nine = datetime(2026, 3, 11, 9, tzinfo=ZoneInfo("Europe/Rome"))
    announcement = goes(chat, rome, send_at=nine, local=True)
    who = (tokyo, rome, york)
    for hour, minute, expected in ((0, -1, 0), (0, 0, 1), (8, -1, 1), (8, 0, 2), (13, -1, 2), (13, 0, 3)):
        moment = datetime(2026, 3, 11, hour, tzinfo=UTC) + timedelta(minutes=minute)
        passes(chat, seconds=(moment - now()).total_seconds())
        assert [cards(each) for each in who] == [1] * expected + [0] * (3 - expected), moment
        assert expected == 0 or kept(announcement).state == (SENT if expected == 3 else SENDING)


def test_quiet_hours_hold_what_is_not_urgent(chat: Chat) -> None:
    chat.at(datetime(2026, 3, 9, 22, tzinfo=UTC))
    omar = chat.teams("omar", **ADMIN)
    quiet = chat.slack("quiet", quiet_from=time(21), quiet_to=time(7))
    goes(chat, omar)
    assert (cards(omar), cards(quiet)) == (1, 0)
    passes(chat, hours=8)
    assert cards(quiet) == 0
    passes(chat, hours=1.1)
    assert cards(quiet) == 1
    chat.at(datetime(2026, 3, 10, 22, tzinfo=UTC))
    goes(chat, omar, urgent=True)
    assert cards(quiet) == 2


def test_what_fails_on_one_platform_goes_by_the_other(chat: Chat) -> None:
    omar, mona, ada = chat.teams("omar", **ADMIN), chat.slack("mona"), chat.slack("ada")
    mona_on_teams = also_on(chat, mona, "teams")
    for someone in (mona, ada):
        chat.platforms["slack"].closed.add(someone.own_chat)
    announcement = goes(chat, omar)
    passes(chat, minutes=1)
    assert (cards(mona), cards(mona_on_teams), cards(ada)) == (0, 1, 0)
    found = receipts(announcement)
    assert found["mona"].unreachable is None and found["ada"].unreachable == "failed"
    chat.platforms["slack"].closed.clear()
    passes(chat, hours=3)
    assert cards(ada) == 0
    passes(chat, days=1)
    assert (cards(mona), cards(mona_on_teams), cards(ada)) == (0, 1, 1)
    assert receipts(announcement)["ada"].unreachable is None


def test_who_can_be_reached_again_gets_it(chat: Chat) -> None:
    omar, mona = chat.teams("omar", **ADMIN), chat.slack("mona")
    _account(mona, unreachable="blocked")
    announcement = goes(chat, omar)
    assert receipts(announcement)["mona"].unreachable == "blocked" and cards(mona) == 0
    _account(mona, unreachable=None)
    passes(chat, hours=1)
    assert cards(mona) == 1 and receipts(announcement)["mona"].unreachable is None


def _account(someone: Someone, **values: str | None) -> None:
    with transaction() as session:
        for account in session.query(Account).filter_by(person_id=someone.person.id):
            for name, value in values.items():
                setattr(account, name, value)


def test_leaving_people_out_brings_nobody_in_later(chat: Chat) -> None:
    omar, mona = chat.teams("omar", **ADMIN), chat.slack("mona", department="Sales")
    chat.slack("gus", kind="guest")
    but = [{"not": {"key": "department:sales"}}, {"not": {"key": "location:rome"}}]
    announcement = goes(chat, omar, audience={"all": but}, newcomers=True)
    passes(chat, hours=1.1)
    assert sorted(receipts(announcement)) == ["omar"] and cards(mona) == 0


def test_newcomers_get_it_where_its_author_wishes(chat: Chat) -> None:
    omar = chat.teams("omar", **ADMIN)
    wished = goes(chat, omar, newcomers=True, expires_at=now() + timedelta(hours=5))
    other = goes(chat, omar, expires_at=now() + timedelta(hours=5))
    nina = chat.slack("nina")
    passes(chat, hours=1)
    assert cards(nina) == 1
    assert ("nina" in receipts(wished), "nina" in receipts(other)) == (True, False)
    passes(chat, hours=5)
    late = chat.slack("late")
    passes(chat, hours=2)
    assert (cards(nina), cards(late)) == (1, 0)


def test_a_change_reaches_every_copy_and_those_on_their_way(chat: Chat) -> None:
    chat.at(datetime(2026, 3, 9, 22, tzinfo=UTC))
    omar, mona = chat.teams("omar", **ADMIN), chat.slack("mona")
    quiet = chat.slack("quiet", quiet_from=time(21), quiet_to=time(7))
    announcement = goes(chat, omar, acknowledge_by=now() + timedelta(days=2))
    mona.presses("Got it")
    does(chat, lambda turn, it: sending.edited(
        turn, it, life.edit_sent(turn.session, it, it.author, text="To Dock Road.")), announcement)  # fmt: skip
    assert mona.sees("Dock Road") and not mona.sees(HERE) and mona.sees("You have confirmed this")
    assert omar.sees("Dock Road") and not omar.sees("You have confirmed this")
    passes(chat, hours=9.1)
    assert quiet.sees("Dock Road") and not quiet.sees(HERE)


def test_a_change_keeps_what_a_reader_chose(chat: Chat) -> None:
    omar, mona = chat.teams("omar", **ADMIN), chat.slack("mona")
    announcement = goes(chat, omar)
    with transaction() as session:
        poll = Poll(
            announcement_id=announcement.id, position=0, kind="single", words="Lunch?", options=["Soup", "Rice"]
        )
        session.add(poll)
        session.flush()
        session.add(Ballot(poll_id=poll.id, person_id=mona.person.id, choices=[2]))
    does(chat, lambda turn, it: sending.edited(
        turn, it, life.edit_sent(turn.session, it, it.author, text="To Dock Road.")), announcement)  # fmt: skip
    assert mona.sees("Dock Road") and mona.sees("Rice") and not omar.sees("Rice")


def test_what_is_taken_back_says_so_everywhere_and_goes_no_further(chat: Chat) -> None:
    chat.at(datetime(2026, 3, 9, 22, tzinfo=UTC))
    omar, mona = chat.teams("omar", **ADMIN), chat.slack("mona")
    quiet = chat.slack("quiet", quiet_from=time(21), quiet_to=time(7))
    announcement = goes(chat, omar, acknowledge_by=now() + timedelta(days=1))
    does(chat, sending.recall, announcement)
    assert mona.sees("has taken back") and not mona.sees(HERE)
    passes(chat, days=4)
    assert quiet.messages() == [] and len(mona.messages()) == 1
    with pytest.raises(Refusal, match="announcement_recalled"):
        does(chat, sending.recall, announcement)
    assert kept(announcement).state == RECALLED


def test_what_expires_reaches_nobody_any_more(chat: Chat) -> None:
    chat.at(datetime(2026, 3, 9, 22, tzinfo=UTC))
    omar = chat.teams("omar", **ADMIN)
    quiet = chat.slack("quiet", quiet_from=time(21), quiet_to=time(7))
    announcement = goes(chat, omar, expires_at=now() + timedelta(hours=3))
    passes(chat, hours=10)
    assert cards(quiet) == 0 and receipts(announcement)["quiet"].unreachable == "expired"


def test_what_repeats_is_one_of_its_own_each_time(chat: Chat) -> None:
    chat.at(datetime(2026, 3, 16, 8, tzinfo=UTC))
    omar, mona = chat.teams("omar", timezone="Europe/Rome", **ADMIN), chat.slack("mona")
    first = goes(chat, omar, send_at=datetime(2026, 3, 16, 9, tzinfo=UTC), repeat="FREQ=WEEKLY;COUNT=3",
                 acknowledge_by=datetime(2026, 3, 18, 9, tzinfo=UTC))  # fmt: skip
    got = []
    for hours in (1, 24 * 7, 24 * 7 - 1, 24 * 21):  # summer time begins in Rome: an hour earlier by UTC
        passes(chat, hours=hours)
        got.append(cards(mona))
        mona.presses("Got it") if len(got) < 4 else None
    assert got == [1, 2, 3, 3]
    with transaction() as session:
        series = session.query(Announcement).filter_by(series_id=first.id).order_by(Announcement.send_at).all()
    assert [each.send_at.strftime("%d %H") for each in series if each.send_at] == ["23 09", "30 08"]
    assert [each.acknowledge_by.strftime("%d %H") for each in series if each.acknowledge_by] == ["25 09", "01 08"]
