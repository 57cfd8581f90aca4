"""What people see of answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.cards import (
    Actions,
    Button,
    Card,
    Element,
    FileLink,
    Form,
    Input,
    Link,
    Markdown,
    Moment,
    Option,
    Picture,
    T,
    Text,
    User,
    Words,
    simple,
)
from bot.mentions import mention, named
from bot.shorten import shortened
from bot.translating import offered
from models.answers import Answer, Comment
from models.files import File
from models.questions import Question

MOST = 40_000  # characters of an answer
MOST_OF_COMMENT = 2000
_SHOWN = 3000  # characters of an answer in a chat; the whole is on its page
_REMARKS = 3  # comments below an answer in a chat


@dataclass(frozen=True)
class Standing:
    """How an answer stands: how many find it helpful, its newest comments, how many comments there are, and what is
    attached."""

    votes: int = 0
    comments: Sequence[Comment] = ()
    count: int = 0
    files: Sequence[File] = ()
    foreign: bool = False
    """Somebody who is shown it reads another language than it is written in."""


def in_thread(given: Answer, standing: Standing) -> Card:
    """An answer where it was asked, addressed to the asker; of a private one only that there is one."""
    if given.private and given.question.place.kind != "private":
        return simple(T("{expert} has answered {asker} privately.", expert=mention(given.author),
                        asker=mention(given.question.asker)))  # fmt: skip
    words = T("{expert} answers {asker}:", expert=mention(given.author), asker=mention(given.question.asker))
    body = (*_body(given, standing), *_translation(given, standing))
    return Card(words, (Text(words), *body, *_standing(given, standing), _choices(given, standing)))


def told(given: Answer, standing: Standing) -> Card:
    """An answer in the own chat of somebody who follows, or of the asker where it is private."""
    question = given.question
    words = T("{name} answered “{text}”", name=mention(given.author), text=User(shortened(question.text)))
    more = (Text(T("Only you and the author can see this answer."), subtle=True),) if given.private else ()
    link = Link(T("Open the thread"), f"/questions/{question.id}")
    text = (*_body(given, standing), *_translation(given, standing))
    body = (*text, *more, *_standing(given, standing))
    return Card(words, (Text(words), *body, link, _choices(given, standing)))


def authors(given: Answer, standing: Standing) -> Card:
    """An answer in its author's own chat, where they can edit it."""
    question = given.question
    words = T("You answered {name}. Thank you!", name=mention(question.asker))
    edit = Button(T("Edit"), "answers.edit", given.id, opens="form")
    again = Button(T("Add another answer"), "answers.write", question.id, opens="form")
    remark = Button(T("Comment"), "answers.comment", given.id, opens="form")
    link = Link(User(shortened(question.text)), f"/questions/{question.id}")
    secret = (Text(T("Only the asker can see it."), subtle=True),) if given.private else ()
    helped = (Text(_helped(standing.votes), subtle=True),) if standing.votes else ()
    elements = (Text(words), link, *_body(given, standing), *secret, *helped, *_standing(given, standing))
    return Card(words, (*elements, Actions((edit, again, remark))))


def commented(given: Answer, unread: Sequence[Comment]) -> Card:
    """Told to the author and the asker: what was remarked since they last looked, in one message."""
    words = T("{n} comment on an answer to “{text}”", "{n} comments on an answer to “{text}”", n=len(unread),
              text=User(shortened(given.question.text)))  # fmt: skip
    link = Link(T("Open the thread"), f"/questions/{given.question_id}")
    reply = Button(T("Comment"), "answers.comment", given.id, opens="form")
    return Card(words, (Text(words), *_remarks(unread[-_REMARKS:]), link, Actions((reply,))))


def unaccepted(given: Answer) -> Card:
    """Told to the author when the asker takes it back."""
    about = User(shortened(given.question.text))
    words = T("{name} no longer says that your answer to “{text}” solved it.", name=mention(given.question.asker),
              text=about)  # fmt: skip
    return simple(words, Link(T("Open the thread"), f"/questions/{given.question_id}"))


def write_form(question: Question, text: str = "") -> Form:
    """The form in which a person answers."""
    inputs = (
        Input("text", T("Your answer"), "text", value=text, limit=MOST,
              hint=T("It appears in the thread where it was asked.")),
        Input("private", T("Who may read it?"), "select", required=False, options=_options(),
              hint=T("Left empty: everybody who may read the question.")),
        Input("files", T("Files and pictures"), "files", required=False),
    )  # fmt: skip
    quoted = (Markdown(shortened(question.whole, 1500), question.language),)
    return Form(T("Answer"), "answers.write", question.id, inputs, T("Send the answer"), quoted)


def edit_form(given: Answer) -> Form:
    """The form in which the author edits."""
    field = Input("text", T("Your answer"), "text", value=given.text, limit=MOST,
                  hint=T("What it said before is kept in its history."))  # fmt: skip
    return Form(T("Edit your answer"), "answers.edit", given.id, (field,), T("Save"))


def comment_form(given: Answer) -> Form:
    """The form in which somebody comments."""
    field = Input("text", T("Your comment"), "text", limit=MOST_OF_COMMENT,
                  hint=T("It appears below the answer. The author and the asker are told."))  # fmt: skip
    quoted = (Markdown(shortened(given.text, 600), given.language),)
    return Form(T("Comment"), "answers.comment", given.id, (field,), T("Send"), quoted)


def _options() -> tuple[Option, ...]:
    return (
        Option("private", T("Only the asker")),
        Option("shareable", T("Only the asker, who may share it later")),
    )


def _body(given: Answer, standing: Standing) -> tuple[Element, ...]:
    text = Markdown(shortened(given.text, _SHOWN), given.language)
    whole = (Link(T("Read the whole answer"), f"/questions/{given.question_id}"),) if len(given.text) > _SHOWN else ()
    return (text, *whole, *(_attached(file) for file in standing.files))


def _translation(given: Answer, standing: Standing) -> tuple[Actions, ...]:
    return offered("answer", given.id, given.language) if standing.foreign else ()


def _attached(file: File) -> Element:
    return Picture(file.id, User(file.name)) if file.is_picture else FileLink(file.id, User(file.name), file.size)


def _standing(given: Answer, standing: Standing) -> tuple[Element, ...]:
    elements = [*_state(given), *_remarks(standing.comments)]
    hidden = standing.count - len(standing.comments)
    if hidden > 0:
        all_of_them = T("{n} earlier comment", "{n} earlier comments", n=hidden)
        elements.append(Link(all_of_them, f"/questions/{given.question_id}"))
    return tuple(elements)


def _state(given: Answer) -> list[Element]:
    elements: list[Element] = []
    if given.edited_at:
        elements.append(Text(T("edited on {moment}", moment=Moment(given.edited_at)), subtle=True))
    if given.accepted:
        elements.append(Text(T("✓ {name} says that this solved it.", name=mention(given.question.asker))))
    return elements


def _remarks(comments: Sequence[Comment]) -> list[Element]:
    return [
        Text(T("{name}: {text}", name=named(comment.author), text=User(comment.text)), subtle=True)
        for comment in comments
    ]


def _choices(given: Answer, standing: Standing) -> Actions:
    """The same for everybody who sees the card: who may not is told so."""
    if given.accepted:
        first = Button(T("Undo"), "answers.unaccept", given.id)
    else:
        first = Button(T("This solved it"), "answers.accept", given.id, "primary")
    label = T("Helpful ({n})", n=standing.votes) if standing.votes else T("Helpful")
    buttons = [first, Button(label, "answers.vote", given.id)]
    buttons.append(Button(T("Comment"), "answers.comment", given.id, opens="form"))
    if given.private and given.shareable:
        sure = T("Everybody who may read your question will be able to read this answer.")
        buttons.append(Button(T("Share with everybody"), "answers.share", given.id, confirm=sure))
    return Actions(tuple(buttons))


def _helped(votes: int) -> Words:
    return T("{n} person found it helpful.", "{n} people found it helpful.", n=votes)
