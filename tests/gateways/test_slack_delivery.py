"""Deliveries to Slack over a real socket: where they arrive, what becomes of them when Slack fails, and that nothing is
said twice or lost."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from bot.cards import Card, Link, Mention, T, Text, User, simple, to_json
from bot.gateway import DELETE, EDIT, HOME, POST, UNFURL, Delivery, Throttled, Uncertain, Undeliverable
from bot.outbox import OutboxWorker
from bot.pacing import Pacing
from bot.slack.clients import NotInstalled
from bot.slack.wire import outbox_id_of
from bot.texts import Reader
from models import base, sessions
from models.base import now, reading, transaction
from models.mail import Inbox, Outbox, lane_of
from models.people import Account, Person
from tests.bot.queues import outbox
from tests.slack_check import parts, texts
from tests.slack_faults import Fault
from tests.slack_sending import Sender, delivered, sending
from tests.slack_server import SlackServer

MONA = "U0MONA"


@pytest.fixture
def mona(database: str) -> Iterator[int]:
    """Mona's number; she is on Slack."""
    base.connect(database)
    with transaction() as session:
        person = Person(handle="mona", name="Mona", locale="en")
        person.accounts = [Account(platform="slack", installation="T1", external=MONA, private=MONA)]
        session.add(person)
        session.flush()
        id = person.id
    yield id
    base.set_clock(None)
    base.disconnect()


@pytest.fixture
async def there(mona: int) -> AsyncIterator[SlackServer]:
    """Slack, faster."""
    there = SlackServer(scale=20, people=frozenset({MONA}))
    yield there
    assert there.wrong == []


@pytest.fixture
async def slack(there: SlackServer) -> AsyncIterator[Sender]:
    """The way to it."""
    async with sending(there) as sender:
        yield sender


def a(operation: str = POST, card: Card | None = None, **about: Any) -> Delivery:
    """A delivery."""
    given = {"outbox_id": 7, "installation": "T1", "conversation": "C1", "reader": Reader("en"), **about}
    return Delivery(operation=operation, card=card or simple(User("Hello")), **given)


def asked(text: str, conversation: str = "C1", operation: str = POST, installation: str = "T1", **payload: Any) -> int:
    """Ask the outbox for it; the number of its row."""
    with transaction() as session:
        row = Outbox(lane=lane_of("slack", installation, conversation), platform="slack", installation=installation,
                     conversation=conversation, operation=operation, correlation="x",
                     payload={"card": to_json(simple(User(text))), **payload})  # fmt: skip
        session.add(row)
        session.flush()
        return int(row.id)


async def test_a_message_arrives_in_its_thread_with_its_number(there: SlackServer, slack: Sender, mona: int) -> None:
    card = Card(T("Your home"), (Text(T("{name} answered", name=Mention(mona, "Mona"))), Link(T("Ask"), "/entries/5")))
    ts = await slack.deliver(a(card=card, thread="5.000"))
    (message,) = there.posted("T1", "C1")
    assert (message["ts"], message["thread_ts"], message["text"]) == (ts, "5.000", "Your home")
    assert outbox_id_of(message) == 7
    assert [part["user_id"] for part in parts(message) if part.get("type") == "user"] == [MONA]
    assert [part["url"] for part in parts(message) if "url" in part] == ["https://agora.example.com/entries/5"]


async def test_in_their_own_chat_pages_open_as_the_reader_and_the_chat_is_found_again(
    there: SlackServer, slack: Sender, mona: int
) -> None:
    card = Card(T("Your home"), (Link(T("Ask"), "/entries/5"),))
    ts = await slack.deliver(a(card=card, conversation=MONA, person_id=mona))
    (message,) = there.posted("T1", "D0MONA")
    (url,) = [part["url"] for part in parts(message) if "url" in part]
    with transaction() as session:
        spent = sessions.use_link(session, url.removeprefix("https://agora.example.com/open/"))
        assert spent is not None and (spent[0].path, spent[0].person_id) == ("/entries/5", mona)
    await slack.deliver(a(EDIT, simple(User("new")), conversation=MONA, person_id=mona, reference=ts))
    assert message["text"] == "new" and there.calls["conversations.open"] == 0
    fresh = Sender(there)
    for reference in (ts, ts):
        await fresh.deliver(a(DELETE, conversation=MONA, reference=reference))
    assert there.posted("T1", "D0MONA") == [] and there.calls["conversations.open"] == 1
    await fresh.clients.close()


async def test_a_message_for_one_of_many_is_seen_by_them_alone(there: SlackServer, slack: Sender, mona: int) -> None:
    card = Card(T("Your home"), (Link(T("Ask"), "/entries/5"),))
    reference = await slack.deliver(a(card=card, only_for=MONA, person_id=mona))
    (message,) = there.ephemerals
    assert (message["channel"], message["user"], reference) == ("C1", MONA, f"e:{message['ts']}")
    assert "/open/" in str(message["blocks"]), "nobody else can follow the link"
    assert await slack.deliver(a(card=card, only_for=MONA, conversation=MONA)) == there.posted("T1", "D0MONA")[0]["ts"]
    with pytest.raises(Uncertain):
        await slack.reconcile(a(only_for=MONA))


async def test_nobody_is_let_in_as_somebody_by_a_link_that_others_see(
    slack: Sender, there: SlackServer, mona: int
) -> None:
    card = Card(T("Your home"), (Link(T("Ask"), "/entries/5"),))
    ts = await slack.deliver(a(card=card))
    await slack.deliver(a(EDIT, card, reference=ts, person_id=mona))  # who pressed on a message for all
    await slack.deliver(a(UNFURL, card, reference=ts, person_id=mona, link="https://agora.example.com/entries/5"))
    assert "/open/" not in str(there.posted("T1", "C1")) and "/open/" not in str(there.unfurls)
    with reading() as session:
        assert session.scalars(select(sessions.Link)).all() == []


def pressed(ts: str, url: str, minutes: float = 0) -> None:
    """Somebody pressed on a message that only they see."""
    with transaction() as session:
        session.add(Inbox(lane=lane_of("slack", "T1", "C1"), platform="slack", installation="T1", conversation="C1",
                          kind="button", key=url, correlation="x", received_at=now() - timedelta(minutes=minutes),
                          payload={"response_url": url, "container": {"message_ts": ts}}))  # fmt: skip


async def test_what_one_person_sees_is_changed_where_slack_still_lets_us(
    there: SlackServer, slack: Sender, mona: int
) -> None:
    pressed("1.5", f"{there.url}/actions/old", minutes=1)
    pressed("1.5", f"{there.url}/actions/new")
    edit = a(EDIT, simple(User("new")), reference="e:1.5", person_id=mona)
    assert await slack.deliver(edit) == "e:1.5"
    (response,) = there.responses
    assert response["url"].endswith("new") and response["replace_original"] and texts(response["blocks"]) == ["new"]
    await slack.deliver(a(DELETE, reference="e:1.5"))
    assert there.responses[1]["delete_original"] and there.ephemerals == []


async def test_later_they_are_told_anew_and_in_their_own_chat_where_they_left(
    there: SlackServer, slack: Sender, mona: int
) -> None:
    pressed("1.5", f"{there.url}/actions/gone", minutes=31)
    edit = a(EDIT, simple(User("new")), reference="e:1.5", person_id=mona)
    assert (await slack.deliver(edit)).startswith("e:") and there.responses == []
    assert [(each["user"], each["text"]) for each in there.ephemerals] == [(MONA, "new")]
    pressed("1.5", f"{there.url}/actions/used")
    there.script["response_url"] = [Fault("404")]
    there.script["chat.postEphemeral"] = [Fault("user_not_in_channel")]
    await slack.deliver(edit)
    assert [each["text"] for each in there.posted("T1", "D0MONA")] == ["new"]
    await slack.deliver(a(DELETE, reference="e:9.9"))
    with pytest.raises(Undeliverable):
        await slack.deliver(a(EDIT, reference="e:9.9", person_id=mona + 1))


async def test_homes_and_links_are_shown(there: SlackServer, slack: Sender, mona: int) -> None:
    await slack.deliver(a(HOME, conversation=MONA, only_for=MONA, person_id=mona))
    assert texts(there.homes[MONA]["blocks"]) == ["Hello"]
    await slack.deliver(a(UNFURL, reference="5.0", link="https://agora.example.com/entries/5"))
    (shown,) = there.unfurls
    assert (shown["ts"], list(shown["unfurls"])) == ("5.0", ["https://agora.example.com/entries/5"])


REFUSALS = {"channel_not_found": "invite Agora", "not_in_channel": "/invite", "is_archived": "archived",
            "user_disabled": "deactivated", "token_revoked": "install the app again", "missing_scope": "app.py check",
            "strange_new_error": "strange_new_error"}  # fmt: skip


@pytest.mark.parametrize(("code", "reason"), REFUSALS.items())
async def test_what_slack_never_takes_fails_visibly_with_a_reason(
    there: SlackServer, slack: Sender, code: str, reason: str
) -> None:
    there.channels["C1"] = code
    asked("1"), asked("2", "C2")
    (first, error), second = await delivered(slack)
    assert first == "failed" and reason in str(error) and second == ("sent", None)


async def test_who_is_not_installed_or_asked_for_something_else_is_told(slack: Sender) -> None:
    slack.deliverer._clients._keeper.token = lambda installation: None  # type: ignore[method-assign,assignment]
    with pytest.raises(NotInstalled):
        await slack.deliver(a())
    for nothing in (a("dance"), Delivery(1, "T1", "C1", POST, None, Reader())):
        with pytest.raises(Undeliverable):
            await slack.deliver(nothing)


FAULTS = [
    *(Fault(kind, after) for kind in ("500", "fatal_error", "dropped") for after in (False, True)),
    *(Fault(kind) for kind in ("internal_error", "ratelimited", "rate_limited", "message_limit_exceeded")),
    Fault("garbled", after=True),
    Fault("slow", after=True, seconds=60),
]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: f"{fault.kind}-{'after' if fault.after else 'before'}")
@pytest.mark.parametrize("thread", [None, "5.000"])
async def test_whatever_goes_wrong_it_stands_there_once_and_in_order(
    there: SlackServer, slack: Sender, fault: Fault, thread: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.outbox.DEADLINE", 1.5)
    monkeypatch.setattr("bot.slack.refusals._PAUSE", 1.0)
    there.script["chat.postMessage"] = [fault, fault]
    numbers = [asked(str(n), thread=thread) for n in range(3)]
    assert [state for state, _ in await delivered(slack)] == ["sent"] * 3
    assert [outbox_id_of(message) for message in there.posted("T1", "C1")] == numbers
    assert [row.reference for row in outbox()] == [message["ts"] for message in there.posted("T1", "C1")]


async def test_what_one_person_was_to_see_alone_is_uncertain_without_an_answer(
    there: SlackServer, slack: Sender
) -> None:
    there.script["chat.postEphemeral"] = [Fault("dropped", after=True)]
    asked("1", only_for=MONA), asked("2")
    (first, error), second = await delivered(slack)
    assert first == "uncertain" and "only one person" in str(error) and second == ("sent", None)
    assert len(there.ephemerals) == 1


async def test_who_may_not_look_cannot_tell(there: SlackServer, slack: Sender) -> None:
    there.script["chat.postMessage"] = [Fault("dropped", after=True)]
    there.script["conversations.history"] = [Fault("missing_scope")]
    asked("1")
    assert [state for state, _ in await delivered(slack)] == ["uncertain"]


async def test_it_is_found_among_many_or_said_that_there_are_too_many(there: SlackServer, slack: Sender) -> None:
    number = asked("1")
    await slack.deliver(a(outbox_id=number))
    (found,) = there.posted("T1", "C1")
    later = [{"ts": f"{float(found['ts']) + n / 1e4:.6f}", "text": "chatter"} for n in range(1, 500)]
    there.history["T1", "C1"][:0] = later
    assert await slack.reconcile(a(outbox_id=number)) == found["ts"]
    assert await slack.reconcile(a(outbox_id=number + 1)) is None
    there.history["T1", "C1"][:0] = later * 5
    with pytest.raises(Uncertain):
        await slack.reconcile(a(outbox_id=number))


async def test_a_pause_is_for_the_method_in_that_workspace_or_for_that_channel(
    there: SlackServer, slack: Sender
) -> None:
    there.script["chat.postMessage"] = [Fault("ratelimited", seconds=30), Fault("rate_limited", seconds=20)]
    with pytest.raises(Throttled) as workspace:
        await slack.deliver(a())
    with pytest.raises(Throttled) as channel:
        await slack.deliver(a(installation="T2"))
    channel_pace, method_pace = slack.paces(a())
    assert (workspace.value.key, workspace.value.seconds) == (method_pace.key, pytest.approx(1.5, abs=0.01))
    assert channel.value.key == channel_pace.key.replace("T1", "T2")
    assert [pace.key for pace in slack.paces(a(EDIT))] == ["slack/T1/chat.update"]
    assert slack.paces(a(only_for=MONA))[1].key == "slack/T1/chat.postEphemeral"


async def test_a_busy_workspace_holds_up_no_other(there: SlackServer, slack: Sender) -> None:
    for n in range(300):
        asked(f"{n}", f"C{n % 100}")
    last = asked("urgent", "C1", installation="T2")
    worker = OutboxWorker({"slack": slack}, "test", Pacing(scale=1))
    there.scale = 1
    running = asyncio.create_task(worker.run())
    async with asyncio.timeout(10):
        while not there.posted("T2", "C1"):
            await asyncio.sleep(0.05)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert outbox_id_of(there.posted("T2", "C1")[0]) == last
    assert len(there.deliveries()) < 200, "the others are still being sent"


@pytest.mark.parametrize(
    ("code", "closed"),
    [("is_archived", True), ("not_in_channel", True), ("channel_not_found", True), ("restricted_action", True),
     ("user_not_in_channel", True), ("msg_too_long", False), ("invalid_blocks", False), ("account_inactive", False)],
)  # fmt: skip
async def test_a_channel_that_takes_nothing_is_told_from_other_refusals(
    there: SlackServer, slack: Sender, mona: int, code: str, closed: bool
) -> None:
    there.channels["C1"] = code
    with pytest.raises(Undeliverable) as refused:
        await slack.deliver(a())
    assert refused.value.closed is closed
