"""Logs: one line an event, found again by its correlation id, without secrets and without what people wrote."""

import asyncio
import io
import json
import logging
import string
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import pytest
import structlog
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import BaseModel, SecretStr
from sqlalchemy import text as sql
from sqlalchemy.exc import DBAPIError

from bot import log
from bot.redaction import GONE, clean, clean_text, error_text, is_secret_name
from models import base


@pytest.fixture
def lines():
    """Set up logging anew: ``lines(...)`` does, and what it returns gives the lines so far."""
    root, before = logging.getLogger(), logging.getLogger().handlers[:]
    levels = {name: logging.getLogger(name).level for name in (None, *log.QUIET)}

    def start(log_format="json", log_level="info"):
        stream = io.StringIO()
        log.configure(log_format, log_level, stream)
        return lambda: stream.getvalue().splitlines()

    yield start
    root.handlers[:] = before
    for name, level in levels.items():
        logging.getLogger(name).setLevel(level)
    structlog.reset_defaults()


def test_an_event_is_one_object_on_one_line(lines):
    said = lines()
    with log.bind("c0ffee"):
        structlog.get_logger("bot.x").info("handled", ms=1.5, outcome="done", many=[1, None, True, float("nan")])
    (event,) = map(json.loads, said())
    assert event.pop("timestamp").endswith("Z")
    assert event == {
        "level": "info", "logger": "bot.x", "event": "handled", "ms": 1.5, "outcome": "done",
        "many": [1, None, True, "nan"], "correlation": "c0ffee",
    }  # fmt: skip


def test_an_event_is_one_line_for_people_too(lines):
    said = lines("console")
    structlog.get_logger("bot.x").warning("handled\nforged", who="a b", empty="")
    (line,) = said()
    assert line[8:] == ' warning handled\\nforged  who="a b"  empty=""  [bot.x]'


def test_only_what_is_important_enough_is_logged(lines):
    said = lines(log_level="warning")
    structlog.get_logger("x").info("no")
    logging.getLogger("y").info("no")
    structlog.get_logger("x").warning("yes")
    logging.getLogger("y").warning("%s", "yes")
    assert [json.loads(line)["event"] for line in said()] == ["yes", "yes"]


def test_the_correlation_follows_awaits_and_threads_and_ends_with_the_block(lines):
    said = lines()
    logger = structlog.get_logger("x")

    async def handle(number):
        with log.bind(f"c{number}"):
            await asyncio.sleep(0)
            await asyncio.to_thread(logger.info, "handled", number=number)
            logging.getLogger("aiohttp.server").error("also")

    async def everything():
        await asyncio.gather(*map(handle, range(20)))

    asyncio.run(everything())
    logger.info("after")
    events = [json.loads(line) for line in said()]
    handled = [each for each in events if each["event"] == "handled"]
    assert sorted(each["number"] for each in handled) == list(range(20))
    assert all(each["correlation"] == f"c{each['number']}" for each in handled)
    assert {each["correlation"] for each in events if each["event"] == "also"} == {f"c{n}" for n in range(20)}
    assert "correlation" not in events[-1]


def test_lines_of_many_threads_do_not_mix(lines):
    said = lines()
    ready = threading.Barrier(8)

    def write(number):
        ready.wait(10)
        for _ in range(50):
            structlog.get_logger("x").info("w", fill=str(number) * 200)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(write, range(8)))
    assert len([json.loads(line) for line in said()]) == 400


@pytest.mark.parametrize("level", ["info", "warning", "error"])
@pytest.mark.parametrize("name", ["text", "body", "title", "question", "Text"])
def test_what_people_wrote_is_not_logged(lines, level, name):
    said = lines(log_level="debug")
    getattr(structlog.get_logger("x"), level)("e", **{name: "words"}, nested={"deep": [{name: "words"}]})
    assert "words" not in said()[0]


def test_what_people_wrote_is_logged_for_debugging_and_secrets_never(lines):
    said = lines(log_level="debug")
    structlog.get_logger("x").debug("e", text="words", nested={"text": "more", "token": "geheim"})
    assert json.loads(said()[0])["text"] == "words"
    assert json.loads(said()[0])["nested"] == {"text": "more", "token": GONE}


@dataclass
class Holder:
    words: str


class Model(BaseModel):
    number: int


def test_things_that_nobody_looked_at_are_named_only(lines):
    said = lines()
    structlog.get_logger("x").info("e", thing=Holder("geheim"), secret=SecretStr("geheim"), plain=SecretStr("geheim"))
    event = json.loads(said()[0])
    assert (event["thing"], event["secret"], event["plain"]) == ("<Holder>", GONE, GONE)


def test_an_exception_is_data_without_local_variables(lines):
    said = lines()

    def fails():
        local_variable = "geheim"
        raise KeyError(f"what {local_variable[:0]}people wrote")

    try:
        try:
            fails()
        except KeyError as error:
            raise RuntimeError("it did not work") from error
    except RuntimeError:
        structlog.get_logger("x").exception("failed")
    assert len(said()) == 1
    first, second = json.loads(said()[0])["exception"]
    assert (first["type"], first["message"]) == ("RuntimeError", "it did not work")
    assert (second["type"], second["message"]) == ("KeyError", "'…'")
    assert second["frames"][0].startswith("tests/test_log.py:")
    assert second["frames"][0].endswith(" fails")
    assert "geheim" not in said()[0]


def test_exceptions_of_the_standard_library_s_logging_look_the_same(lines):
    said = lines()
    logging.getLogger("aiohttp.server").error("Error at %s", "http://me:geheim@x", exc_info=ValueError("no"))
    event = json.loads(said()[0])
    assert (event["logger"], event["level"], event["event"]) == (
        "aiohttp.server",
        "error",
        f"Error at http://me:{GONE}@x",
    )
    assert event["exception"] == [{"type": "ValueError", "message": "no", "frames": []}]


def test_addresses_of_requests_and_statements_are_not_logged(lines):
    said = lines(log_level="info")
    logging.getLogger("aiohttp.access").info("GET /open/geheim")
    logging.getLogger("sqlalchemy.engine.Engine").info("insert geheim")
    assert said() == []


def test_a_record_that_cannot_be_formatted_is_still_a_line(lines):
    said = lines()
    (ours,) = (each for each in logging.getLogger().handlers if isinstance(each, log._Handler))
    ours.handle(logging.LogRecord("x", logging.WARNING, "x.py", 1, "%d", ("geheim",), None))
    assert json.loads(said()[0])["event"] == "a log record cannot be shown"


def test_a_log_that_cannot_be_written_stops_nothing():
    stream = io.StringIO()
    stream.close()
    log._Logger("x", stream).info("line")


def test_an_error_of_the_database_is_named_without_the_data(database):
    base.connect(database, pool=1)
    try:
        with pytest.raises(DBAPIError) as refused, base.transaction() as session:
            session.execute(sql("select cast(:words as int)"), {"words": "what people wrote"})
        with pytest.raises(DBAPIError) as twice, base.transaction() as session:
            session.execute(sql("create temporary table account_of (handle text unique)"))
            for _ in range(2):
                session.execute(sql("insert into account_of values (:handle)"), {"handle": "mona"})
    finally:
        base.disconnect()
    assert error_text(refused.value) == "InvalidTextRepresentation: 22P02"
    assert error_text(twice.value).startswith("UniqueViolation: 23505 duplicate key value violates unique constraint")
    assert "mona" not in error_text(twice.value).lower()


def test_an_error_of_validation_is_named_without_the_data():
    with pytest.raises(ValueError, match="number") as wrong:
        Model.model_validate({"number": "geheim"})
    assert error_text(wrong.value) == "not valid: number"


@pytest.mark.parametrize(
    "name",
    "token password secret key keys api_key apikey API-KEY signingSecret access_token Authorization cookie db.password "
    "AGORA_KEYS SLACK_BOT_TOKEN clientSecret credentials".split(),
)
def test_names_of_secrets(name):
    assert is_secret_name(name)
    assert clean({name: "geheim", "x": {name: ["geheim", {"y": "geheim"}]}}) == {name: GONE, "x": {name: GONE}}


@pytest.mark.parametrize(
    "name", "keyboard monkey tokenizer correlation outcome secretary event kind passage hotkeying".split()
)
def test_names_of_other_things(name):
    assert not is_secret_name(name)


@pytest.mark.parametrize(
    "text",
    [
        "Authorization: Bearer geheim.geheim",
        "curl -H 'Authorization: Basic geheim=='",
        "password=geheim host=db",
        'connect "password"="geheim"',
        "https://x/?a=1&access_token=geheim&b=2",
        "xoxb-123-geheim",
        "said xapp-1-geheim-2",
        "sk-geheim123",
        "https://geheim@github.com/x",
    ],
)
def test_secrets_inside_texts(text):
    assert "geheim" not in clean_text(text)
    assert GONE in clean_text(text)


SEEN = st.characters(codec="utf-8", exclude_categories=("Z", "C"))


@given(st.text(SEEN, min_size=1, max_size=40))
@example("p@ss/w:rd?#")
def test_the_password_of_an_address_is_gone_whatever_it_is(password):
    assert clean_text(f"at postgresql://agora:{password}@db/x now") == f"at postgresql://agora:{GONE}@db/x now"


PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(st.dictionaries(st.text(), PLAIN, max_size=5), st.booleans())
def test_whatever_is_logged_is_one_line_of_json(values, debug):
    line = json.dumps(clean(values, debug), ensure_ascii=False, allow_nan=False)
    assert len(line.splitlines()) == 1
    line.encode("utf-8")


@given(
    st.text(string.ascii_letters, max_size=5),
    st.sampled_from(["token", "SECRET", "Password", "key", "authorization"]),
    PLAIN.filter(lambda value: value is not None and not isinstance(value, bool)),
    st.integers(0, 3),
)
def test_what_is_named_a_secret_is_gone_at_every_depth(before, name, value, depth):
    whole = {f"{before}_{name}": value}
    for _ in range(depth):
        whole = {"inner": [whole]}
    cleaned = clean(whole, debug=True)
    for _ in range(depth):
        cleaned = cleaned["inner"][0]
    assert cleaned == {f"{before}_{name}": GONE}


def test_long_texts_take_no_time_and_are_cut():
    for part in ("a", "a-", "://", "x://@", "token", "key=", "'", '"a', "bearer "):
        assert len(clean_text(part * 100_000)) < 10_000
        error_text(ValueError(part * 100_000))


def test_a_thing_that_contains_itself_ends():
    whole: dict[str, object] = {}
    whole["again"] = whole
    assert "…" in json.dumps(clean(whole), ensure_ascii=False)
