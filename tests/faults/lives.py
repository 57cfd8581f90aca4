"""A small company and whatever can happen in it, for a machine to choose from: messages, presses and forms on a faked
platform, people who go and come, who turn out to be one, who block Agora, and time.

Everything goes through the public interface, or is what an administrator's file would write.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule
from sqlalchemy import func, select, text

from bot.cards import Button, Input, T
from bot.inbound import Inbound
from bot.inbox import Event, insert_events
from models.announcements.questions import open_clusters
from models.announcements.tables import Announcement
from models.base import now, reading, transaction
from models.joins import AGREED, JOINED, Joining
from models.knowledge import Topic
from models.mail import Inbox
from models.people import Account, Person
from models.strategies import STRATEGIES
from tests.announced import announced
from tests.asking import leaves
from tests.chat import Chat, Someone

BEGIN = datetime(2026, 3, 2, 10, tzinfo=UTC)
someone = st.sampled_from(["omar", "lea", "tom"])
ROUTES = (
    "experts.accept experts.decline experts.pass experts.ask_back experts.hand_back experts.withdraw experts.reply "
    "experts.still_open experts.ask experts.no_more experts.as_before answers.write answers.accept questions.solved "
    "questions.reopen announcements.author announcements.answer announcements.sort"
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


class Company(RuleBasedStateMachine):
    """A company of four, one topic, and whatever they do."""

    @initialize(strategy=st.sampled_from(STRATEGIES), admins=st.booleans())
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
        self.topic_id = topic.id
        readers = (self.mona, self.people["lea"])
        self.announcement_id = announced(self.chat, self.people["omar"], *readers).id
        self.about = 0
        self.asked: list[str] = []
        self.joined: tuple[int, str, str] | None = None
        self.looked_at = 0
        self.asks()
        self.asks_about_what_was_announced("lea", "Is there a canteen?")

    @rule()
    def asks(self) -> None:
        with reading() as session:
            there = session.get_one(Person, self.mona.person.id).active
        if there and len(self.asked) < 3:  # as one with somebody, she may be that one
            self.asked.append(self.mona.says(f"How do I rotate signing key {len(self.asked)}?", in_="help"))
            self.mona.presses("Ask an expert")

    @rule(who=st.sampled_from(["mona", "lea"]), words=st.sampled_from(["Is there a canteen?", "Are dogs allowed?"]))
    def asks_about_what_was_announced(self, who: str, words: str) -> None:
        if self.about < 4 and self.people[who].uses("announcements.ask", self.announcement_id).form is not None:
            self.about += 1
            self.people[who].submits(text=words)

    @rule(sorts=st.booleans(), choice=st.integers(0, 9))
    def the_author_looks_at_what_is_asked(self, sorts: bool, choice: int) -> None:
        with reading() as session:
            found = open_clusters(session, session.get_one(Announcement, self.announcement_id))
        if found:
            route = "announcements.sort" if sorts else "announcements.answer"
            self.press(self.people["omar"], Button(T("Answer"), route, found[0].id), choice)

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

    @rule(number=st.integers(0, 2), words=st.sampled_from(["How do I rotate a key?", "Never mind.", "?"]))
    def asker_puts_it_otherwise(self, number: int, words: str) -> None:
        if number < len(self.asked):
            self.mona.changes(self.asked[number], words, in_="help")

    @rule(who=someone, route=st.sampled_from(["no_more", "more", "as_before"]))
    def says_what_they_do(self, who: str, route: str) -> None:
        self.people[who].uses(f"experts.{route}", self.topic_id)

    @rule(strategy=st.sampled_from(STRATEGIES), owner=someone)
    def topic_changes(self, strategy: str, owner: str) -> None:
        with transaction() as session:
            topic = session.get_one(Topic, self.topic_id)
            topic.strategy, topic.owner_id = strategy, self.people[owner].person.id

    @rule(who=someone, quota=st.integers(0, 2), skilled=st.booleans())
    def somebody_changes(self, who: str, quota: int, skilled: bool) -> None:
        with transaction() as session:
            person = session.get_one(Person, self.people[who].person.id)
            person.quota, person.skills = quota, ["security"] if skilled else []

    @rule(who=someone, weekly=st.sampled_from([None, 0, 1, 2]))
    def sets_a_limit(self, who: str, weekly: int | None) -> None:
        with transaction() as session:
            session.get_one(Person, self.people[who].person.id).weekly = weekly

    @rule(who=someone, begins=st.sampled_from([None, 8, 11, 22]), hours=st.integers(1, 12))
    def wants_quiet(self, who: str, begins: int | None, hours: int) -> None:
        with transaction() as session:
            person = session.get_one(Person, self.people[who].person.id)
            person.quiet_from = None if begins is None else time(begins)
            person.quiet_to = None if begins is None else time((begins + hours) % 24)

    @rule(
        who=someone, other=st.sampled_from(["", "mona", "omar", "lea", "tom"]), when=st.sampled_from(["away", "always"])
    )
    def names_a_deputy(self, who: str, other: str, when: str) -> None:
        self.people[who].uses("home.deputy")
        if self.people[who].reply.form is not None:
            self.people[who].submits(deputy=other, when=when)

    @rule(who=someone, blocked=st.booleans())
    def blocks_or_unblocks(self, who: str, blocked: bool) -> None:
        closed = self.chat.platforms[self.people[who].platform].closed
        (closed.add if blocked else closed.discard)(self.people[who].own_chat)

    @precondition(lambda self: self.joined is None)
    @rule(one=st.sampled_from(["mona", "omar", "lea", "tom"]), other=someone)
    def two_are_one(self, one: str, other: str) -> None:
        """They have a code each way round; who is not there, or the same, gets nowhere."""
        first, second = self.people[one], self.people[other]
        with transaction() as session:
            people = [session.get_one(Person, each.person.id) for each in (first, second)]
            if one == other or not all(each.active for each in people):
                return
            accounts = [session.scalars(select(Account).where(Account.person_id == each.id)).one() for each in people]
            joining = Joining(asked_by_id=people[0].id, account_id=accounts[0].id, other_id=people[1].id,
                              other_account_id=accounts[1].id, state=AGREED)  # fmt: skip
            session.add(joining)
            session.flush()
            number = joining.id
        first.uses("accounts.yes", number)
        self.joined = number, one, other

    @precondition(lambda self: self.joined is not None)
    @rule()
    def they_are_two(self) -> None:
        assert self.joined is not None
        number, one, _ = self.joined
        self.people[one].uses("accounts.undo", number)
        with reading() as session:
            if session.get_one(Joining, number).state != JOINED:
                self.joined = None

    @rule(who=someone)
    def comes_back(self, who: str) -> None:
        self.people[who].commands("agora", "back")

    @rule(who=someone, active=st.booleans())
    def leaves_or_returns(self, who: str, active: bool) -> None:
        if self.joined is not None and who in self.joined[1:]:
            return  # who is two accounts is told of on both, or not at all
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
