"""What people do from question to knowledge, from task to task, to a decision, and the company in which they do it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from models.base import transaction
from models.company import set_setting
from models.knowledge import Topic
from tests.chat import Chat

KEYS = "How do I rotate the signing keys?"
HANDLES = ("mona", "omar", "lea", "tom", "nora")
ON_TWO = {"mona": "slack", "omar": "teams", "lea": "slack", "tom": "teams", "nora": "teams"}


@dataclass(frozen=True)
class Step:
    """Somebody writes, or presses the newest button of a route that they see and fills in its form; or time passes."""

    who: str = ""
    text: str = ""
    place: str | None = None
    thread: str | None = None
    message: str | None = None
    route: str = ""
    values: dict[str, str] | None = None
    command: str = ""
    """``text`` follows this command, which opens a form where there are ``values``."""
    minutes: int = 0


@dataclass(frozen=True)
class Plot:
    """A company's platforms and its topic's way to offer, and what happens there."""

    strategy: str
    platforms: dict[str, str]
    steps: tuple[Step, ...]
    forgets: bool = False
    """The platform does not know what it was given: only to see that the count would notice."""
    anonymous: bool = False
    """The company lets people ask without their name."""
    kills: int = 8
    """At how many points, where not all are asked for."""


def _asks() -> tuple[Step, ...]:
    asked = Step("mona", KEYS, "security", message="asked")
    return asked, Step("mona", route="experts.ask")


def _answers(expert: str, accepts: str) -> tuple[Step, ...]:
    """From asking back to the next asker, who gets the entry."""
    return (
        Step(expert, route="experts.ask_back", values={"text": "In which environment?"}),
        Step("mona", "In production.", "security", thread="asked", message="more"),
        Step(expert, route="answers.write", values={"text": "Run the *rotate* job, and wait for the green light."}),
        Step("mona", route=accepts),
        Step(minutes=2),
        Step("omar", route="knowledge.verify"),
        Step(minutes=2),
        Step("nora", KEYS),
    )


PLOTS = {
    "one expert": Plot("one", ON_TWO, (*_asks(), Step("omar", route="experts.accept"),
                                       *_answers("omar", "answers.accept"))),
    "a group, in the playground": Plot("group", dict.fromkeys(HANDLES, "web"), (
        *_asks(),
        Step("lea", route="experts.decline", values={"reason": "time"}),
        Step("tom", route="experts.accept"),
        *_answers("tom", "answers.accept"),
    )),
    "expired and passed on": Plot("one", ON_TWO, (
        *_asks(),
        Step(minutes=48 * 60),
        Step("lea", route="experts.pass", values={"person": "@tom", "words": "He set it up."}),
        Step("tom", route="experts.accept"),
        *_answers("tom", "questions.solved"),
    )),
}  # fmt: skip


PLOTS["without a name"] = Plot("one", ON_TWO, (
    Step("mona", "help"),
    Step("mona", route="questions.new", values={"text": KEYS, "anonymous": "yes"}),
    Step("mona", route="experts.choose_topic", values={"topic": "#security"}),
    Step("omar", route="experts.accept"),
    Step("omar", route="experts.ask_back", values={"text": "In which environment?"}),
    Step("mona", route="experts.reply", values={"text": "In production."}),
    Step("omar", route="answers.write", values={"text": "Run the *rotate* job, and wait for the green light."}),
    Step("mona", route="answers.accept"),
    Step(minutes=2),
    Step("omar", route="knowledge.edit", values={"audience": "everyone"}),
    Step(minutes=2),
    Step("nora", KEYS),
), anonymous=True)  # fmt: skip


PLOTS["a task that repeats"] = Plot("one", ON_TWO, (
    Step("mona", "@omar rotate the keys by tomorrow 12:00 every week", "security", command="task"),
    Step("mona", route="tasks.confirm"),
    Step("omar", route="tasks.accept"),
    Step(minutes=24 * 60),
    Step("omar", route="tasks.done"),
    Step(minutes=7 * 24 * 60 + 150),
))  # fmt: skip


PLOTS["a decision"] = Plot("one", ON_TWO, (
    Step("mona", "Where do we eat?", "security", command="decide",
         values={"options": "Falafel\nSushi", "mode": "named", "people": "@omar, @lea", "until": "Thursday 12:00"}),
    Step("omar", route="decisions.say", values={"choice": "2", "reason": "It is near."}),
    Step(minutes=2 * 24 * 60 + 150),
    Step("lea", route="decisions.say", values={"choice": "2"}),
    Step("mona", route="decisions.close"),
), kills=5)  # fmt: skip


FORGETFUL = "a platform that forgets"
PLOTS[FORGETFUL] = replace(PLOTS["one expert"], forgets=True)


def populate(plot: Plot) -> None:
    """Five people, the topic "security" with its channel, and the experts of it."""
    chat = Chat()
    about: dict[str, dict[str, Any]] = {"lea": {"skills": ["security"]}, "tom": {"skills": ["signing"]}}
    people = {name: chat._someone(name, plot.platforms[name], dict(about.get(name, {}))) for name in HANDLES}
    topic = chat.topic("security", people["omar"])
    with transaction() as session:
        set_setting(session, "anonymous", plot.anonymous)
        kept = session.get_one(Topic, topic.id)
        kept.strategy, kept.deputy_id = plot.strategy, people["tom"].person.id if plot.strategy == "group" else None
    chat.channel("security", people["mona"], people["lea"], topic_id=topic.id)
