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

from bot.cards import Button, Input
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
someone = st.sampled_from(["omar", "lea", "tom"])
ROUTES = (
    "experts.accept experts.decline experts.pass experts.ask_back experts.hand_back experts.withdraw experts.reply "
    "experts.still_open experts.ask answers.write answers.accept questions.solved questions.reopen"
).split()


def filled(field: Input, choice: int) -> str:
    """What somebody writes or chooses in a field of a form."""
    if field.kind == "select":
        return field.options[choice % len(field.options)].value if field.options else ""
    if field.kind == "files":
        return ""
    return "In the vault, behind the *third* door." if field.name != "until" else "2026-03-09"


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
            "mona": self.mona,
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
            self.mona.presses("Ask an expert")

    @rule(presses=st.lists(st.tuples(st.integers(0, 999), st.integers(0, 9)), min_size=1, max_size=5))
    def people_press(self, presses: list[tuple[int, int]]) -> None:
        """Somebody presses something that they see, and fills in the form that opens; and again."""
        for number, choice in presses:
            shown = self.buttons()
            if shown:
                self.press(*shown[number % len(shown)], choice)

    @rule(number=st.integers(0, 2), words=st.sampled_from(["In production.", "Since Friday."]))
    def asker_writes(self, number: int, words: str) -> None:
        if number < len(self.asked):
            self.mona.says(words, in_="help", thread=self.asked[number], mention=False)

    def buttons(self) -> list[tuple[Someone, Button]]:
        """Who can press what, each once."""
        found = {
            (who, button.route, button.id): (someone, button)
            for who, someone in self.people.items()
            for message in someone.messages()
            for button in message.buttons
            if button.route in ROUTES
        }
        return [found[key] for key in sorted(found)]

    def press(self, who: Someone, button: Button, choice: int) -> None:
        form = who.uses(button.route, button.id).form
        if form is not None:
            who.submits(**{one.name: filled(one, choice) for one in form.inputs})

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
                max_examples=12, stateful_step_count=15, deadline=None, derandomize=True,
                suppress_health_check=list(HealthCheck),
            ),
        )  # fmt: skip
    finally:
        base.set_clock(None)
        base.disconnect()
