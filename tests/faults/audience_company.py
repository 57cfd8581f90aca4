"""A company with one of every kind of person, and a thing of every kind with a word of its own that only it says.

The word of a thing is a canary: who may not read the thing must not see its word anywhere. Who may is written down
here by hand, not computed.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sqlalchemy import delete, select

from models import learning
from models.answers import Answer
from models.base import transaction
from models.company import Audience, AudienceMember, set_setting
from models.files import attach, keep
from models.knowledge import Entry, Part, revise, store_parts
from models.learning import Content
from models.people import Person
from models.places import Membership, Place
from models.questions import Question
from tests.chat import Chat, Someone
from tests.entries import edits

PEOPLE: dict[str, dict[str, Any]] = {
    "ann": {"department": "HR"},
    "vic": {"department": "HR"},  # who verified the department's entry
    "bob": {"department": "Sales"},
    "cai": {"location": "Rome"},
    "dee": {},  # in the named group "board"
    "eli": {"roles": ["manager"]},
    "fay": {},  # in the closed channel
    "sol": {},  # there too
    "gus": {"kind": "guest"},  # in the open channel
    "gil": {"kind": "guest", "roles": ["admin"], "department": "HR"},  # what a guest has they do not hold
    "oto": {"kind": "outsider"},
    "ina": {"active": False, "department": "HR", "roles": ["manager"]},  # left, from the group and the closed channel
    "ada": {"roles": ["admin"]},
    "tia": {},  # looks after the topic
    "eve": {},  # writes and answers
    "aya": {},  # asks
    "mia": {"name": "Xanthippe"},  # asks without her name
    "pam": {},  # an employee as any other
}
EMPLOYEES = frozenset("ann vic bob cai dee eli fay sol ada tia eve aya mia pam".split())
LOOKS_AFTER = frozenset({"tia"})

ENTRIES: dict[str, tuple[list[str], frozenset[str]]] = {
    "everybody": (["everyone"], EMPLOYEES),
    "department": (["department:hr"], frozenset({"ann", "vic"})),
    "location": (["location:rome"], frozenset({"cai"})),
    "group": (["group:board"], frozenset({"dee"})),
    "role": (["role:manager"], frozenset({"eli"})),
    "closed": (["place:secret"], frozenset({"fay", "sol"})),
    "open": (["place:lounge"], frozenset({"gus", "aya", "pam"})),
    "person": (["person:bob"], frozenset({"bob"})),
    "guests": (["guests"], frozenset({"gus", "gil", "oto"})),
    "several": (["department:hr", "group:board"], frozenset({"ann", "vic", "dee"})),
}
OTHERS: dict[str, frozenset[str]] = {
    "draft": frozenset({"tia", "eve", "ada"}),
    "refused": frozenset({"tia", "eve", "ada"}),
    "retired": frozenset({"tia", "eve", "ada"}),
    "withdrawn": frozenset({"tia", "eve", "ada"}),
    "older": frozenset({"tia", "ann", "vic"}),  # how an entry for everybody read when it was for one department
    "asked_openly": EMPLOYEES | {"gus"},
    "asked_closed": frozenset({"fay", "sol"}),
    "asked_alone": frozenset({"aya"}),
    "asked_masked": frozenset({"mia"}),
    "answered": EMPLOYEES | {"gus"},
    "answered_alone": frozenset({"aya", "eve"}),
}
WORDS = "heron"
FINDS = "walrus"


def word(thing: str, life: int = 1) -> str:
    """The canary of a thing: a word that stands nowhere else. What it says later has another."""
    return f"{WORDS}{thing.replace('_', '')}{life}x"


class Company:
    """The people, the places and the things."""

    def __init__(self, chat: Chat) -> None:
        self.chat = chat
        self.people = {name: chat.slack(name, **dict(about)) for name, about in PEOPLE.items()}
        self.entries: dict[str, Entry] = {}
        self.may: dict[str, frozenset[str]] = {}
        self._places()
        self.topic = chat.topic("office", self.people["tia"])
        for thing, (audience, readers) in ENTRIES.items():
            self.entries[thing] = self._entry(thing, self._keys(audience))
            self.may[word(thing)] = self.may[word(f"{thing}_file")] = readers | LOOKS_AFTER
        self._other_states()
        self._questions()
        self._found()
        self.may |= {word(thing): readers for thing, readers in OTHERS.items()}

    def __getattr__(self, name: str) -> Someone:
        if name in PEOPLE:
            return self.people[name]
        raise AttributeError(name)

    def _places(self) -> None:
        of = self.people
        self.chat.channel("lounge", of["aya"], of["pam"], of["gus"])
        self.chat.channel("secret", of["fay"], of["sol"], of["ina"], closed=True)
        with transaction() as session:
            set_setting(session, "anonymous", True)
            board = Audience(key="board", name="Board")
            session.add(board)
            session.flush()
            session.add_all(AudienceMember(audience_id=board.id, person_id=of[name].person.id)
                            for name in ("dee", "ina"))  # fmt: skip
            self.places = {each.key: each.id for each in session.scalars(select(Place))}

    def _keys(self, audience: list[str]) -> list[str]:
        """Keys with numbers in place of names."""
        numbers = {f"place:{key}": f"place:{id}" for key, id in self.places.items()}
        numbers |= {f"person:{name}": f"person:{one.person.id}" for name, one in self.people.items()}
        return [numbers.get(key, key) for key in audience]

    def _entry(self, thing: str, audience: list[str]) -> Entry:
        said = f"The {FINDS} zone{thing} of {word(thing)}"
        entry = self.chat.knows(said, f"{said} sleeps.", audience=audience, topic_id=self.topic.id,
                                owner_id=self.tia.person.id)  # fmt: skip
        with transaction() as session:
            kept = session.get_one(Entry, entry.id)
            by = self.vic if thing == "department" else self.tia
            learning.verify(session, kept, session.get_one(Person, by.person.id))
            self._file(session, f"{thing}_file", self.tia, kept)
        return entry

    def _file(self, session: Any, thing: str, owner: Someone, holder: Any) -> None:
        person = session.get_one(Person, owner.person.id)
        kept = keep(session, person, f"{word(thing)}.txt", f"It says {word(thing)}.".encode())
        attach(session, person, [kept.id], holder)

    def _other_states(self) -> None:
        """A draft, one of each state that nobody finds, and an older revision that was for fewer."""
        with transaction() as session:
            eve, tia = (session.get_one(Person, each.person.id) for each in (self.eve, self.tia))
            for thing in ("draft", "refused", "retired", "withdrawn"):
                said = f"The {FINDS} of {word(thing)}"
                content = Content(said, said, "en", self.topic.id, ("everyone",))
                self.entries[thing] = entry = learning.draft(session, content, eve)
                if thing == "refused":
                    learning.refuse(session, entry)
                elif thing != "draft":
                    learning.verify(session, entry, tia)
                    (learning.retire if thing == "retired" else learning.withdraw)(session, entry)
            self._grown(session, tia)
        self.chat.passes(minutes=1)

    def _grown(self, session: Any, tia: Person) -> None:
        said = f"The {FINDS} of {word('older')}"
        entry = Entry(title=said, body=said, language="en", audience=["department:hr"], topic_id=self.topic.id,
                      owner_id=tia.id)  # fmt: skip
        session.add(entry)
        revise(session, entry, title=said, body=said, language="en", by=tia, reason="written")
        store_parts(session, entry, [Part("", "", said)])
        learning.verify(session, entry, tia)
        content = Content(f"The {FINDS} that grew", "It grew.", "en", self.topic.id, ("everyone",))
        learning.change(session, entry, content, tia, "changed")
        self.entries["older"] = entry

    def _questions(self) -> None:
        """Asked openly with an answer for everybody and one for the asker, in a closed channel, alone, and masked."""
        self.aya.says(f"Where is the {word('asked_openly')}?", in_="lounge")
        self.fay.says(f"Where is the {word('asked_closed')}?", in_="secret")
        self.aya.says(f"Where is the {word('asked_alone')}?")
        self.mia.commands("ask")
        self.mia.submits(text=f"Where is the {word('asked_masked')}?", anonymous="yes")
        asked = self.question(word("asked_openly"))
        for follower in (self.pam, self.bob, self.gus):
            follower.uses("threads.follow", asked.id)
        self.sol.uses("threads.follow", self.question(word("asked_closed")).id)
        self.answers(self.eve, asked, word("answered"))
        self.answers(self.eve, asked, word("answered_alone"), private="private")
        with transaction() as session:
            for thing, holder in self._holders(session).items():
                owner = self.people["eve" if thing.startswith("answered") else "fay" if "closed" in thing else "aya"]
                self._file(session, f"{thing}_file", owner, holder)
                self.may[word(f"{thing}_file")] = OTHERS[thing]

    def _found(self) -> None:
        """Whoever may read an entry asks for it in the open channel and in their own chat: it is served to them."""
        for thing, (_, readers) in ENTRIES.items():
            for name in sorted(readers & {"ann", "bob", "cai", "dee", "eli", "fay", "gus", "oto"}):
                self.people[name].says(f"Where is the {FINDS} zone{thing}?", in_="lounge")
                self.people[name].says(f"Where does the {FINDS} zone{thing} sleep?")

    def _holders(self, session: Any) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for thing in ("asked_openly", "asked_closed", "asked_alone"):
            found[thing] = session.get_one(Question, self.question(word(thing)).id)
        for thing in ("answered", "answered_alone"):
            found[thing] = session.scalars(select(Answer).where(Answer.text.contains(word(thing)))).one()
        return found

    def question(self, said: str) -> Question:
        """The question in which this was said."""
        with transaction() as session:
            return session.scalars(select(Question).where(Question.text.contains(said))).one()

    def answers(self, who: Someone, question: Question, said: str, **values: str) -> None:
        """Somebody answers by the form."""
        who.uses("answers.write", question.id)
        who.submits(text=f"Behind the {said}.", **values)

    def taken_away(self) -> None:
        """Everybody loses what let them read: department, location, group, role, places; two are inactive."""
        changed: dict[str, dict[str, Any]] = {
            "ann": {"department": "Sales"}, "vic": {"department": None}, "cai": {"location": "Oslo"},
            "eli": {"roles": []}, "bob": {"active": False}, "gil": {"active": False},
        }  # fmt: skip
        with transaction() as session:
            for name, values in changed.items():
                for column, value in values.items():
                    setattr(session.get_one(Person, self.people[name].person.id), column, value)
            session.execute(delete(AudienceMember))
            gone = [self.people[name].person.id for name in ("sol", "gus", "aya", "pam")]
            places = [self.places[key] for key in ("lounge", "secret")]
            session.execute(delete(Membership).where(Membership.person_id.in_(gone), Membership.place_id.in_(places)))

    def say_more(self) -> dict[str, frozenset[str]]:
        """Every entry says something new and tells whom it was served to, the one for everybody now to one department;
        and both questions have another answer. Who may see each of it."""
        for thing, entry in self.entries.items():
            if thing not in ENTRIES:
                continue
            if thing == "everybody":
                with transaction() as session:
                    session.get_one(Entry, entry.id).audience = ["department:hr"]
            said = f"The {FINDS} zone{thing} of {word(thing, 2)}"
            if thing == "department":
                self._imported(entry, said)  # who verified it stays in the row
            else:
                edits(self.tia, entry, title=said, body=said, wrong="yes")
        self.answers(self.eve, self.question(word("asked_openly")), word("answered", 2))
        self.answers(self.fay, self.question(word("asked_closed")), word("closed_answer", 2))
        for _ in range(3):
            self.chat.passes(minutes=1)
        left = {word(thing, 2): LOOKS_AFTER for thing in ENTRIES}
        return left | {
            word("closed", 2): frozenset({"tia", "fay"}),
            word("guests", 2): frozenset({"tia", "gus", "oto"}),
            word("answered", 2): EMPLOYEES - {"bob"},
            word("closed_answer", 2): frozenset({"fay"}),
        }

    def _imported(self, entry: Entry, said: str) -> None:
        with transaction() as session:
            kept = session.get_one(Entry, entry.id)
            content = replace(learning.content_of(kept), title=said, body=said)
            learning.change(session, kept, content, session.get_one(Person, self.tia.person.id), "imported")

    def left_of(self) -> dict[str, frozenset[str]]:
        """Who may still open what was said before: pages, files and home do not remember."""
        left = dict(self.may)
        for thing, (_, readers) in ENTRIES.items():
            still = {"closed": {"fay"}, "guests": {"gus", "oto"}}.get(thing, set())
            left[word(thing)] = left[word(f"{thing}_file")] = LOOKS_AFTER | (readers & still)
        left[word("everybody")] = EMPLOYEES - {"bob"}  # how it read when it was for everybody, for whoever may read it
        left[word("everybody_file")] = LOOKS_AFTER
        left[word("older")] = LOOKS_AFTER
        for thing in ("asked_openly", "answered"):
            left[word(thing)] = left[word(f"{thing}_file")] = EMPLOYEES - {"bob"}
        for thing in ("asked_closed", "asked_closed_file"):
            left[word(thing)] = frozenset({"fay"})
        return left
