"""The step "Ask Agora" of Slack's Workflow Builder: a workflow asks in the name of whoever set it off, and goes on with
the answer.

Who that is Slack says, as a ``user_context``, which whoever builds a workflow cannot fill in: else they could ask, and
be answered, as anybody. What a workflow is told, it may show to anybody: of what is written it gets only what every
employee may read, and no answer that was given in private. A step ends once: with the answer, or with why there is
none.

See https://docs.slack.dev/workflows/workflow-steps and https://docs.slack.dev/reference/types/user_context-type
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from slack_sdk.errors import SlackApiError
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from bot.cards import T, User, Words, simple, to_json
from bot.gateway import Delivery, Undeliverable
from bot.inbound import Inbound
from bot.plaintext import plain
from bot.router import Router
from bot.shorten import shortened
from bot.slack.clients import Clients
from bot.slack.reading import NotOurs, Payload, id_in, maybe_id, part
from bot.slack.refusals import as_ours, code_of
from bot.slack.store import SlackStep
from bot.turn import Turn
from models import access
from models.answers import Answer, accepted_of
from models.base import Refusal, transaction
from models.facts import Fact
from models.knowledge import CURRENT, Entry
from models.mail import Outbox, lane_of
from models.questions import Question
from models.search.analysis import plain as unmarked
from models.search.find import GOOD_ENOUGH
from models.servings import served

PLATFORM = "slack"
CALLBACK, ROUTE = "ask_agora", "slack.step"
DONE, FAILED = "step_done", "step_failed"
QUESTION, ASKER, ANSWER, LINK = "question", "asker", "answer", "link"
MOST = 3000  # characters of an answer
_OVER = ("question.closed", "question.joined", "question.merged")
_ENDED = frozenset(
    {"function_execution_not_found", "function_execution_already_completed", "invalid_function_execution"}
)
_NOBODY = T("I do not know who asks. The workflow must be set off by somebody of this workspace.")
_NO_ANSWER = T("The question was settled without an answer that I could pass on.")
_IN_PRIVATE = T("It was answered in private. Whoever asked can read it in our own chat.")


def heard(body: Payload, event: Payload, installation: str) -> Inbound:
    """A step begins: it asks in the name of whoever set the workflow off, in their own chat. A plain id is what a
    builder filled in, and nobody's."""
    if part(event, "function").get("callback_id") != CALLBACK:
        raise NotOurs("a step of another kind")
    inputs = part(event, "inputs")
    asker = maybe_id(inputs, ASKER, "id") if isinstance(inputs.get(ASKER), Mapping) else None
    values = {"step": id_in(event, "function_execution_id")}
    text = inputs.get(QUESTION)
    return Inbound(PLATFORM, installation, asker or installation, "button", asker or "nobody", route=ROUTE,
                   text=text if isinstance(text, str) else "", values=values)  # fmt: skip


class Steps:
    """Begins steps, and ends them."""

    def __init__(self, clients: Clients, router: Router, public_url: str) -> None:
        self._clients, self._router, self._public_url = clients, router, public_url
        router.button(ROUTE)(self.begin)
        router.fact("question.answered")(self._answered)
        router.fact("question.solved")(self._solved)
        for verb in _OVER:
            router.fact(verb)(self._over)

    def begin(self, turn: Turn, id: int) -> None:
        """Ask, as ``/ask`` does; what is refused ends the step."""
        execution = str(turn.inbound.values.get("step") or "")
        if not execution:
            raise Refusal("unknown_route")
        turn.inbound = replace(turn.inbound, kind="command", route="ask")
        try:
            if not turn.inbound.text.strip():
                raise Refusal("empty_text")
            with turn.session.begin_nested():
                self._router.commands["ask"].handler(turn)
                turn.session.flush()
        except Refusal as refusal:
            sentence = self._router.refusals.get(refusal.code, _NO_ANSWER)
            words = T(sentence.text, sentence.many, **{**sentence.args, **refusal.facts})
            _end(turn, turn.inbound.installation, execution, FAILED, words, None)
            return
        self._asked(turn, execution)

    def refuse(self, inbound: Inbound) -> bool:
        """Nobody is known to ask: say so to the workflow. That does not help the event: ``False``."""
        if inbound.route == ROUTE and (execution := str(inbound.values.get("step") or "")):
            with transaction() as session:
                session.add(_row(inbound.installation, execution, FAILED, _NOBODY))
        return False

    async def deliver(self, delivery: Delivery) -> str:
        """Tell Slack how a step ended."""
        execution = str(delivery.reference)
        said = plain(delivery.card, delivery.reader) if delivery.card else ""
        client = await self._clients.of(delivery.installation)
        try:
            if delivery.operation == DONE:
                outputs = {ANSWER: said, LINK: self._public_url + (delivery.link or "")}
                values: dict[str, Any] = {"function_execution_id": execution, "outputs": outputs}
                await client.api_call("functions.completeSuccess", json=values)
            else:
                values = {"function_execution_id": execution, "error": said}
                await client.api_call("functions.completeError", json=values)
        except Exception as error:
            if isinstance(error, SlackApiError) and code_of(error) in _ENDED:
                raise Undeliverable("the workflow has gone on without it") from error
            raise as_ours(error, "the step's end", {}) from error
        return execution

    def _asked(self, turn: Turn, execution: str) -> None:
        asked = next((fact for fact in turn.facts if fact.verb == "question.asked"), None)
        question = turn.session.get(Question, asked.entity_id) if asked is not None else None
        if question is None:
            _end(turn, turn.inbound.installation, execution, FAILED, _NO_ANSWER, None)
            return
        step = SlackStep(execution=execution, installation=turn.inbound.installation, question_id=question.id)
        turn.session.add(step)
        turn.session.flush()
        entry = _known(turn.session, question)
        if entry is not None:
            _complete(turn, question, _entry_words(entry), f"/entries/{entry.id}")

    def _answered(self, turn: Turn, fact: Fact) -> None:
        given = turn.session.get_one(Answer, fact.data["answer_id"])
        _complete(turn, given.question, _answer_words(given), f"/questions/{given.question_id}")

    def _solved(self, turn: Turn, fact: Fact) -> None:
        question = turn.session.get_one(Question, fact.entity_id)
        given = accepted_of(turn.session, question)
        entry = turn.session.get(Entry, question.solved_by_id) if question.solved_by_id else None
        words: Words = _IN_PRIVATE
        if given is not None:
            words = _answer_words(given)
        elif entry is not None and _is_for_all(entry):
            words = _entry_words(entry)
        _complete(turn, question, words, f"/questions/{question.id}")

    def _over(self, turn: Turn, fact: Fact) -> None:
        for step in _standing(turn.session, fact.entity_id):
            _end(turn, step.installation, step.execution, FAILED, _NO_ANSWER, None)


def _complete(turn: Turn, question: Question, words: Words, path: str) -> None:
    for step in _standing(turn.session, question.id):
        _end(turn, step.installation, step.execution, DONE, words, path, question.asker_id)


def _standing(session: Session, question_id: int) -> list[SlackStep]:
    return list(session.scalars(select(SlackStep).where(SlackStep.question_id == question_id)))


def _end(
    turn: Turn, installation: str, execution: str, how: str, words: Words, path: str | None, person: int | None = None
) -> None:
    """A step ends once: what is told of it later finds it no more."""
    turn.session.execute(delete(SlackStep).where(SlackStep.execution == execution))
    payload = {"card": to_json(simple(words)), "reference": execution, "link": path, "person_id": person}
    turn.operate(how, PLATFORM, installation, execution, payload)


def _row(installation: str, execution: str, how: str, words: Words) -> Outbox:
    payload = {"card": to_json(simple(words)), "reference": execution}
    lane = lane_of(PLATFORM, installation, execution)
    return Outbox(lane=lane, platform=PLATFORM, installation=installation, conversation=execution, operation=how,
                  payload=payload, correlation=execution)  # fmt: skip


def _known(session: Session, question: Question) -> Entry | None:
    """What answers it for sure, and is for everybody."""
    for serving in served(session, question):
        entry = session.get_one(Entry, serving.entry_id)
        if serving.confidence >= GOOD_ENOUGH and _is_for_all(entry):
            return entry
    return None


def _is_for_all(entry: Entry) -> bool:
    return entry.state == CURRENT and access.EVERYONE in entry.audience


def _entry_words(entry: Entry) -> User:
    return User(f"{entry.title}\n\n{shortened(unmarked(entry.body).strip(), MOST)}")


def _answer_words(given: Answer) -> Words:
    return _IN_PRIVATE if given.private else User(shortened(given.text, MOST))
