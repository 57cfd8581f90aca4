"""What people see of questions about an announcement."""

from __future__ import annotations

from bot.cards import Actions, Button, Card, Form, Input, Moment, Option, T, Text, User
from bot.mentions import mention, named
from models.announcements.tables import Announcement
from models.base import now
from models.questions import Question
from models.steps import REMIND_AUTHOR


def has_author(question: Question) -> tuple[Text, ...]:
    """Who announced it has it, and what happens when; nothing where they do not."""
    if not question.with_author or question.asked_of is None:
        return ()
    name, at = mention(question.asked_of), Moment(question.next_at or now(), zone=question.asker.timezone)
    if question.next_step == REMIND_AUTHOR:
        return (Text(T("{name}, who announced it, has your question. I remind them on {at}.", name=name, at=at)),)
    return (Text(T("{name}, who announced it, has your question. I ask others on {at}.", name=name, at=at)),)


def with_author(question: Question) -> Card:
    """The thread's card while whoever announced it has the question."""
    elements = has_author(question)
    summary = elements[0].words if elements else T("Your question is open.")
    withdraw = Button(T("Withdraw the question"), "experts.withdraw", question.id)
    return Card(summary, (*elements, Actions((withdraw,))))


TOO_FEW = T("So few people got this that its author would know who asks. You can ask only with your name.")


def form(announcement: Announcement, anonymously: bool, hidden: bool) -> Form:
    """The form that asks about an announcement; ``anonymously`` where the company lets people choose to, ``hidden``:
    whether that would not tell who they are all the same."""
    name = named(announcement.author)
    hint = T("First I look for it myself. What I do not find goes to {name}, with your name.", name=name)
    what = Input("text", T("Your question"), "text", limit=3000, hint=hint)
    inputs = (what, anonymously_or_not()) if anonymously and hidden else (what,)
    intro = [Text(User(announcement.title), subtle=True)]
    if anonymously and not hidden:
        intro.append(Text(TOO_FEW, subtle=True))
    return Form(T("Ask"), "announcements.ask", announcement.id, inputs, T("Ask"), tuple(intro))


def anonymously_or_not() -> Input:
    """The choice, and what it does not protect from."""
    hint = T(
        "Nobody sees your name, administrators included. Who operates the database and holds its keys could find it "
        "out while the question is open, and a week longer; how you write may give you away."
    )
    options = (Option("no", T("With my name")), Option("yes", T("Without my name")))
    return Input("anonymous", T("Ask"), "select", value="no", options=options, hint=hint)
