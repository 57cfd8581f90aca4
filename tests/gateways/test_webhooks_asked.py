"""Programs bring in tasks: signed, each once, and with clear errors; what is not signed learns nothing."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select, text, update

from bot.hooks import asked, endpoint, signing
from bot.pacing import Pacing
from models.base import now, reading, transaction
from models.hooks import life
from models.hooks.tables import Hook
from models.mail import FAILED, Inbox
from models.people import Person
from models.tasks.tables import DONE, DROPPED, Assignment, Task
from tests.gateways.conftest import Site
from tests.hooked import Program, made, secret

CREATE, COMPLETE = asked.CREATE, asked.COMPLETE
DOOR: dict[str, Any] = {"title": "Fix the door", "people": ["noa"]}


@pytest.fixture
async def program(site: Site) -> AsyncIterator[Program]:
    """A program whose webhook Mona made."""
    yield Program(site.client, made("mona", name="Jira"))


def task(id: int) -> Task:
    with reading() as session:
        return session.get_one(Task, id)


def count() -> int:
    with reading() as session:
        return session.scalar(select(func.count()).select_from(Task)) or 0


async def test_a_task_comes_in(program: Program) -> None:
    due = (now() + timedelta(days=3)).replace(microsecond=0)
    more = {"due": due.isoformat(), "priority": "high", "external_id": "DOOR-1", "details": "It does not close."}
    status, told = await program.asks(CREATE, **DOOR, **more, checklist=["Hinges", "Lock"])
    found = task(told["id"])
    assert status == 200 and told["url"].endswith(f"/tasks/{found.id}")
    assert (found.title, found.due_at, found.priority, found.external) == ("Fix the door", due, "high", "DOOR-1")
    assert found.audience == ["everyone"] and found.hook_id == program.hook.id
    with reading() as session:
        assert session.get_one(Person, found.asker_id).handle == "mona"
        who = select(Person.handle).join(Assignment, Assignment.person_id == Person.id)
        assert list(session.scalars(who)) == ["noa"]


async def test_whoever_is_asked_reads_where_it_comes_from(site: Site, program: Program) -> None:
    await program.asks(CREATE, **DOOR)
    (asked_for,) = await site.tab("noa").sees(1)
    assert "Brought in by" in str(asked_for.card) and "Jira" in str(asked_for.card)


async def test_the_same_task_comes_in_once(program: Program) -> None:
    asked_for = {**DOOR, "external_id": "DOOR-1"}
    answers = await asyncio.gather(*(program.asks(CREATE, **asked_for) for _ in range(4)))
    assert len({told["id"] for _, told in answers}) == 1 and count() == 1


async def test_the_same_request_again_gets_the_same_answer(program: Program) -> None:
    first = await program.asks(CREATE, "again-1", **DOOR)
    assert await program.asks(CREATE, "again-1", **DOOR) == first and count() == 1
    status, told = await program.asks(CREATE, "again-1", title="Another", people=["noa"])
    assert status == 409 and "webhook-id" in told["errors"][0]["message"] and count() == 1


async def test_a_task_is_done_and_stays_done(program: Program) -> None:
    _, told = await program.asks(CREATE, **DOOR, external_id="DOOR-1")
    for _ in range(2):
        assert (await program.asks(COMPLETE, external_id="DOOR-1"))[0] == 200
    assert task(told["id"]).state == DONE
    assert (await program.asks(COMPLETE, id=told["id"]))[0] == 200


async def test_what_it_may_not_see_is_not_there(program: Program) -> None:
    _, told = await program.asks(CREATE, **DOOR)
    with transaction() as session:
        session.execute(update(Task).values(private=True, audience=[], hook_id=None))
    refused = await program.asks(COMPLETE, id=told["id"])
    missing = await program.asks(COMPLETE, id=told["id"] + 1)
    assert refused == missing and refused[0] == 404 and task(told["id"]).state != DONE


async def test_what_is_dropped_cannot_be_done(program: Program) -> None:
    _, told = await program.asks(CREATE, **DOOR)
    with transaction() as session:
        session.execute(update(Task).values(state=DROPPED))
    assert (await program.asks(COMPLETE, id=told["id"]))[0] == 409


WRONG: list[tuple[str, dict[str, Any]]] = [
    ("title", {"title": ""}),
    ("title", {"title": "x" * 180}),
    ("title", {"title": "a\0b"}),
    ("people", {"people": []}),
    ("people", {"people": ["noa", "nobody", "mr.x@example.com"]}),
    ("people", {"people": ["gino"] * 51}),
    ("asker", {"asker": "gino"}),
    ("asker", {"asker": "nobody"}),
    ("due", {"due": "2030-01-01T10:00:00"}),
    ("due", {"due": "2001-01-01T10:00:00Z"}),
    ("due", {"due": "tomorrow"}),
    ("due", {"due": "9999-12-31T23:59:59-12:00"}),
    ("due", {"due": "0001-01-01T00:00:00+14:00"}),
    ("checklist", {"checklist": ["x"] * 200}),
    ("priority", {"priority": "urgent"}),
    ("secret", {"secret": 1}),
]


async def test_what_is_wrong_is_said_by_field(program: Program) -> None:
    for field, wrong in WRONG:
        status, told = await program.asks(CREATE, **{**DOOR, **wrong})
        assert (status, field) == (422, told["errors"][0]["field"].partition(".")[0]), (wrong, told)
    assert count() == 0


async def test_unknown_people_are_named(program: Program) -> None:
    _, told = await program.asks(CREATE, title="Fix the door", people=["noa", "nobody", "mr.x@example.com"])
    (error,) = told["errors"]
    assert "nobody, mr.x@example.com" in error["message"] and "noa" not in error["message"].replace("nobody", "")


async def test_what_is_no_json_object_is_said(program: Program) -> None:
    for body in (b"", b"[]", b"null", b"{", b'"x"', b"\xff", b'{"type": "\xed\xa0\x80"}', b"[" * 5000):
        assert (await program.sends(body)).status == 400


async def test_what_is_not_signed_learns_nothing(program: Program) -> None:
    body = orjson.dumps({"type": CREATE, "data": DOOR})
    other = secrets.token_bytes(32)
    answers = [
        await program.sends(body, key=other),
        await program.sends(body, late=signing.TOLERANCE + 5),
        await program.sends(body, late=-signing.TOLERANCE - 5),
        await program.client.post(f"/hooks/{program.hook.key}", data=body),
        await program.client.post("/hooks/" + "x" * 32, data=body),
        await Program(program.client, Hook(key="y" * 32)).sends(body, key=other),
        await Program(program.client, Hook(key="short")).sends(body, key=other),
    ]
    with transaction() as session:
        life.turn_off(session, session.get_one(Hook, program.hook.id))
    answers.append(await program.sends(body))
    assert {answer.status for answer in answers} == {401} and count() == 0
    assert len({await answer.text() for answer in answers}) == 1


async def test_a_secret_that_was_changed_is_good_for_a_day(program: Program) -> None:
    body, before = orjson.dumps({"type": CREATE, "data": DOOR}), secret(program.hook)
    with transaction() as session:
        life.renew_secret(session.get_one(Hook, program.hook.id))
    assert (await program.sends(body, key=before)).status == 200
    assert (await program.sends(body)).status == 200
    with transaction() as session:
        session.get_one(Hook, program.hook.id).secret_at = now() - life.HONOURED_FOR
    assert (await program.sends(body, key=before)).status == 401


async def test_too_much_is_refused_before_it_is_read(program: Program) -> None:
    assert (await program.sends(b'{"x": "' + b"x" * endpoint.MOST_BYTES + b'"}')).status == 413
    assert (await program.sends(b"{}", headers={"Content-Type": "text/plain"})).status == 415
    assert (await program.sends(b"{}", headers={"Content-Encoding": "gzip"})).status in (400, 415)


async def test_too_many_are_told_to_wait(site: Site, program: Program) -> None:
    site.runtime.pacing = Pacing(clock=lambda: 1000.0)
    statuses = [(await program.sends(b"[]")).status for _ in range(endpoint.WINDOW.most + 1)]
    assert statuses[-2:] == [400, 429]
    refused = await program.sends(b"[]")
    assert int(refused.headers["Retry-After"]) > 0


async def test_what_fails_inside_is_an_error_with_a_reference(program: Program) -> None:
    with transaction() as session:
        session.execute(text("alter table checklist_item rename to elsewhere"))
    status, told = await program.asks(CREATE, **DOOR, checklist=["Hinges"])
    with reading() as session:
        failed = session.scalars(select(Inbox).where(Inbox.state == FAILED)).one()
    assert status == 500 and str(failed.error).partition(" ")[0] in told["errors"][0]["message"] and count() == 0


_json = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**20), 10**20) | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(data=st.fixed_dictionaries({}, optional=dict.fromkeys((*asked.Create.model_fields, "x"), _json)),
       kind=st.sampled_from([CREATE, COMPLETE, "task.drop"]))  # fmt: skip
def test_whatever_is_said_is_understood_or_refused(data: dict[str, Any], kind: str) -> None:
    try:
        body = orjson.dumps({"type": kind, "data": data})
    except (TypeError, ValueError):  # larger numbers than JSON programs agree on
        return
    try:
        name, values = asked.read(body)
    except asked.Malformed as malformed:
        assert malformed.problems and all(field and message for field, message in malformed.problems)
    else:
        assert name == kind and "\0" not in str(values)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(body=st.binary(max_size=60))
def test_any_bytes_are_refused_or_understood(body: bytes) -> None:
    with pytest.raises((ValueError, asked.Malformed)):
        asked.read(body)


async def test_nothing_secret_is_logged(program: Program, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    await program.asks(CREATE, **DOOR)
    await program.sends(b"{}", key=b"x" * 32)
    shown = signing.shown(secret(program.hook))
    assert shown not in caplog.text and shown.removeprefix("whsec_") not in caplog.text
