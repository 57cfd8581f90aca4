"""Whatever people do, in whatever order: a question that is not over has exactly one next step with a date.

Everything goes through the public interface: messages, presses and forms on a faked platform, and time.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy import func, select, text

from bot.inbound import Inbound
from bot.inbox import Event, insert_events
from models import base
from models.base import now, reading, transaction
from models.experts import HELD, LIVE, OFFERED, Offer
from models.knowledge import Topic
from models.mail import Inbox, Timer
from models.people import Person
from models.questions import ACCEPTED, OVER, WAITING, WITH_PEOPLE, Question
from tests.asking import leaves
from tests.chat import Chat, Someone

BEGIN = datetime(2026, 3, 2, 10, tzinfo=UTC)
PEOPLE = ("omar", "lea", "tom")
ASKER = ("Ask an expert", "Ask somebody else", "This solved it", "Reopen", "Undo", "Withdraw the question",
         "Still open", "Not what I meant")  # fmt: skip
someone = st.sampled_from(PEOPLE)


def empty() -> None:
    """Take every row away, and keep the tables."""
    with transaction() as session:
        names = session.scalars(text("select tablename from pg_tables where schemaname = 'public'")).all()
        session.execute(text("truncate " + ", ".join(f'"{name}"' for name in names if name != "alembic_version")))


class Life(RuleBasedStateMachine):
    """A company of five, one topic, and whatever they do."""

    @initialize(strategy=st.sampled_from(["one", "group"]), admins=st.booleans())
    def begin(self, strategy: str, admins: bool) -> None:
        empty()
        self.chat = Chat()
        self.chat.at(BEGIN)
        self.mona = self.chat.slack("mona")
        self.people = {
            "omar": self.chat.teams("omar"),
            "lea": self.chat.slack("lea", skills=["security"]),
            "tom": self.chat.slack("tom", skills=["security"], roles=["admin"] if admins else []),
        }
        topic = self.chat.topic("security", self.people["omar"])
        with transaction() as session:
            session.get_one(Topic, topic.id).strategy = strategy
        self.chat.channel("help", self.mona, self.people["lea"], topic_id=topic.id)
        self.asked: list[str] = []
        self.asks()

    @rule()
    def asks(self) -> None:
        if len(self.asked) < 3:
            self.asked.append(self.mona.says(f"How do I rotate signing key {len(self.asked)}?", in_="help"))

    @rule(label=st.sampled_from(ASKER))
    def asker_presses(self, label: str) -> None:
        self.presses(self.mona, label)

    @rule(number=st.integers(0, 2), words=st.sampled_from(["In production.", "Since Friday."]))
    def asker_writes(self, number: int, words: str) -> None:
        if number < len(self.asked):
            self.mona.says(words, in_="help", thread=self.asked[number], mention=False)

    @rule()
    def asker_replies(self) -> None:
        if self.presses(self.mona, "Reply"):
            self.mona.submits(text="In production.")

    @rule(who=someone, label=st.sampled_from(["Accept", "Hand back"]))
    def expert_presses(self, who: str, label: str) -> None:
        self.presses(self.people[who], label)

    @rule(who=someone, reason=st.sampled_from(["time", "topic", "other"]))
    def expert_declines(self, who: str, reason: str) -> None:
        if self.presses(self.people[who], "Decline"):
            self.people[who].submits(reason=reason)

    @rule(who=someone, other=someone)
    def expert_passes_on(self, who: str, other: str) -> None:
        if self.presses(self.people[who], "Pass on to…"):
            self.people[who].submits(person=str(self.people[other].person.id))

    @rule(who=someone, label=st.sampled_from(["Ask back", "Answer"]))
    def expert_writes(self, who: str, label: str) -> None:
        if self.presses(self.people[who], label):
            self.people[who].submits(text="In the vault, behind the *third* door?")

    @rule(who=someone, days=st.integers(0, 20))
    def goes_away(self, who: str, days: int) -> None:
        last = (now() + timedelta(days=days)).date()
        self.people[who].commands("agora", f"away until {last.isoformat()}")

    @rule(who=someone)
    def comes_back(self, who: str) -> None:
        self.people[who].commands("agora", "back")

    @rule(who=someone, active=st.booleans())
    def leaves_or_returns(self, who: str, active: bool) -> None:
        if not active:
            leaves(self.chat, self.people[who])
            return
        with transaction() as session:
            session.get_one(Person, self.people[who].person.id).active = True

    @rule(hours=st.sampled_from([0, 1, 3, 5, 20, 30, 80, 200, 500]))
    def time_passes(self, hours: int) -> None:
        self.chat.passes(hours=hours, seconds=1)

    @rule()
    def the_last_event_comes_again(self) -> None:
        with transaction() as session:
            row = session.scalars(select(Inbox).order_by(Inbox.id.desc()).limit(1)).one()
            again = Event(row.platform, row.installation, row.conversation, row.kind, row.key, row.payload or {})
            before = session.scalar(select(func.count()).select_from(Inbox))
            insert_events(session, [again], "test")
            assert session.scalar(select(func.count()).select_from(Inbox)) == before
        self.chat.work()

    @rule(ago=st.integers(1, 12))
    def an_old_press_comes_late(self, ago: int) -> None:
        """A press on a card that has changed since: kept by a client, sent days later."""
        with reading() as session:
            pressed = select(Inbox).where(Inbox.kind.in_(("button", "form"))).order_by(Inbox.id.desc())
            row = session.scalars(pressed.offset(ago).limit(1)).first()
            heard = Inbound.from_json(row.payload) if row is not None and row.payload else None
        if heard is not None:
            self.chat.happens(replace(heard, attempt=2))

    def presses(self, who: Someone, label: str) -> bool:
        """Press the newest such button, if they see one; whether a form opened."""
        if not any(button.label.text == label for message in who.messages() for button in message.buttons):
            return False
        return who.presses(label).form is not None

    @invariant()
    def nothing_failed(self) -> None:
        with reading() as session:
            failed = session.scalars(select(Inbox.error).where(Inbox.state != "done")).all()
            assert failed == []

    @invariant()
    def every_question_has_one_next_step_and_one_timer(self) -> None:
        with reading() as session:
            for question in session.scalars(select(Question)):
                schedule = Timer.schedule == f"question:{question.id}"
                timers = session.scalars(select(Timer).where(schedule, Timer.fired_at.is_(None))).all()
                if question.state in OVER:
                    assert question.next_step is None and question.next_at is None and timers == []
                    continue
                assert question.next_step is not None and question.next_at is not None
                assert [(t.due_at, t.args["number"]) for t in timers] == [(question.next_at, question.step_number)]
                assert question.next_at > now()

    @invariant()
    def one_person_or_group_has_it(self) -> None:
        with reading() as session:
            for question in session.scalars(select(Question)):
                offers = session.scalars(select(Offer).where(Offer.question_id == question.id, Offer.state.in_(LIVE)))
                states = [offer.state for offer in offers]
                match question.state:
                    case "offered":
                        assert states and set(states) == {OFFERED}
                    case "accepted":
                        assert states == [ACCEPTED]
                    case "waiting":
                        assert states == [WAITING]
                    case _:
                        assert question.state not in WITH_PEOPLE and states == []

    @invariant()
    def nobody_has_what_they_may_not(self) -> None:
        with reading() as session:
            for offer in session.scalars(select(Offer).where(Offer.state.in_((OFFERED, *HELD)))):
                assert offer.person.active and offer.person_id != offer.question.asker_id


def test_every_question_lives(database: str) -> None:
    base.connect(database, pool=4)
    try:
        run_state_machine_as_test(
            Life,
            settings=settings(
                max_examples=12, stateful_step_count=25, deadline=None, derandomize=True,
                suppress_health_check=list(HealthCheck),
            ),
        )  # fmt: skip
    finally:
        base.set_clock(None)
        base.disconnect()
