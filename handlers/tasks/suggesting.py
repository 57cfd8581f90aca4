"""Where a channel lets it, Agora offers to make a task of what somebody plainly said that they will do: to them alone,
once, and never again to who does not want that."""

from __future__ import annotations

from bot.cards import Actions, Button, Card, Reply, T, Text, User, simple
from bot.router import Router
from bot.secrecy import without_secrets
from bot.turn import Turn
from handlers.tasks import forms
from handlers.tasks.agreed import agreed
from models.base import now
from models.tasks import forms as written
from models.tasks import suggestions
from models.tasks.forms import TaskForm
from models.tasks.tables import Suggestion

router = Router()


@router.message
def heard(turn: Turn) -> bool:
    """Somebody talks with others. Whoever listens next may take it, too."""
    said = turn.inbound
    if turn.private or said.mentioned or said.message is None or not suggestions.wanted(
        turn.session, turn.actor, turn.place
    ):  # fmt: skip
        return False
    found = agreed(said.text, turn.actor)
    if found is None:
        return False
    title = without_secrets(turn, found.title).text
    values = {"title": title, "until": found.until, "who": "", "seen": forms.THREAD}
    meant, errors = forms.read(turn.session, turn.actor, values)
    offer = None if errors else suggestions.begin(turn.session, turn.actor, turn.place, said.message)
    if offer is not None:
        form = written.begin(turn.session, turn.actor, place=turn.place, thread=said.thread or said.message,
                             message=said.message, suggestion_id=offer.id)  # fmt: skip
        written.keep(form, values, meant)
        turn.whisper(_card(form, title))
    return False


@router.button("tasks.no_suggestion")
def dismiss(turn: Turn, form_id: int) -> Reply | None:
    """They want no task of it."""
    _dismiss(turn, written.find(turn.session, form_id, turn.actor))
    turn.replace(simple(T("All right.")))
    return None


@router.button("tasks.never_suggest")
def never(turn: Turn, form_id: int) -> Reply | None:
    """They want no more of these."""
    _dismiss(turn, written.find(turn.session, form_id, turn.actor))
    suggestions.wish(turn.session, turn.actor, False)
    again = Actions((Button(T("Suggest them after all"), "tasks.suggest_again", 0),))
    turn.replace(simple(T("I will not suggest tasks to you any more."), again))
    return None


@router.button("tasks.suggest_again")
def again(turn: Turn, id: int) -> Reply | None:
    """They want them after all."""
    suggestions.wish(turn.session, turn.actor, True)
    turn.replace(simple(T("All right.")))
    return None


def _dismiss(turn: Turn, form: TaskForm) -> None:
    if form.suggestion_id is not None:
        turn.session.get_one(Suggestion, form.suggestion_id).dismissed_at = now()
    written.end(turn.session, form)


def _card(form: TaskForm, title: str) -> Card:
    words = T("Shall I make a task of this? “{title}”", title=User(title))
    buttons = (
        Button(T("Make a task"), "tasks.rewrite", form.id, "primary", opens="form"),
        Button(T("No"), "tasks.no_suggestion", form.id),
        Button(T("Never suggest this"), "tasks.never_suggest", form.id),
    )
    return Card(words, (Text(words), Text(T("Only you can see this."), subtle=True), Actions(buttons)))
