"""What readers say of an answer by the thumbs that a platform shows below it."""

from __future__ import annotations

from sqlalchemy import select

from bot.router import Router
from bot.turn import Turn
from models.mail import PostedCard
from models.questions import Question

router = Router()
_JUDGEMENTS = {"+1": 1, "-1": -1}
_LONGEST = 2000  # characters


@router.reaction
def judged(turn: Turn) -> bool:
    """A fact for whoever looks at how good answers are; nothing else follows from it, since anybody may press it."""
    heard = turn.inbound
    words = heard.values.get("feedback")
    if words is None or heard.message is None or heard.text not in _JUDGEMENTS:
        return False
    here = (PostedCard.platform == heard.platform) & (PostedCard.installation == heard.installation)
    shown = here & (PostedCard.conversation == heard.conversation) & (PostedCard.reference == heard.message)
    about = turn.session.scalar(select(PostedCard.about).where(shown, PostedCard.about.like("question:%")).limit(1))
    if about is None:
        return False
    question = turn.fetch(Question, int(about.split(":")[1]), to="read")
    turn.emit("question.judged", question, value=_JUDGEMENTS[heard.text], words=str(words)[:_LONGEST])
    return True
