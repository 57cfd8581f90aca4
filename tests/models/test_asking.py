"""What is looked for, for what somebody wrote."""

from __future__ import annotations

import time

import pytest

from models.search.asking import says_nothing, sought

PYTHON = """The nightly import fails, what now?
Traceback (most recent call last):
  File "/srv/app/jobs/nightly.py", line 41, in run
    portal.load(path)
    ~~~~~~~~~~~^^^^^^
  File "/srv/app/jobs/portal.py", line 7, in load
    raise QuotaExceeded("disk quota of /srv/data exceeded")
app.errors.QuotaExceeded: disk quota of /srv/data exceeded"""
JAVA = """java.lang.IllegalStateException: connection pool exhausted
\tat com.example.db.Pool.take(Pool.java:88)
\tat com.example.web.Handler.handle(Handler.java:12)
\t... 24 more
Caused by: java.net.SocketTimeoutException: connect timed out
\tat java.base/java.net.Socket.connect(Socket.java:601)"""
NODE = """TypeError: Cannot read properties of undefined (reading 'badge')
    at openGate (/app/gates.js:10:15)
    at async Server.<anonymous> (/app/index.js:3:1)"""


@pytest.mark.parametrize(
    ("trace", "kept", "gone"),
    [
        (PYTHON, ("nightly import fails", "disk quota of /srv/data exceeded"), ("line 41", "portal.load")),
        (JAVA, ("connection pool exhausted", "connect timed out"), ("Pool.java", "24 more")),
        (NODE, ("Cannot read properties of undefined",), ("gates.js", "index.js")),
    ],
)
def test_of_a_stack_trace_the_error_is_sought(trace: str, kept: tuple[str, ...], gone: tuple[str, ...]) -> None:
    found = sought(trace)
    assert all(each in found for each in kept)
    assert not any(each in found for each in gone)
    assert sought(found) == found and "app.errors" not in found and "java.lang" not in found


@pytest.mark.parametrize("text", ["At what time does the canteen open?\nAnd on Friday?", "at noon", "מתי פותחים?", ""])
def test_what_is_no_trace_stays_as_it_is(text: str) -> None:
    assert sought(text) == text


def test_a_secret_is_not_sought() -> None:
    assert "hunter2" not in sought("my password: hunter2 does not work")


@pytest.mark.parametrize("text", ["🤔", "???", "what is the", "che cosa è", "هل في", "מה זה", "\u202e\u2066"])
def test_what_has_nothing_to_look_for(text: str) -> None:
    assert says_nothing(text)


@pytest.mark.parametrize("text", ["休暇の申請", "отпуск", "VPN", "ERR-4012", "select * from users; --"])
def test_other_scripts_and_codes_say_something(text: str) -> None:
    assert not says_nothing(text)


def test_the_longest_text_takes_no_time() -> None:
    lines = ("at " + "a in " * 190 + "(", "at " + "a" * 996 + "))", "#1 " + " " * 990, " " * 999 + "|")
    for text in ("at " * 13_000, "    at a\n" * 4000, 'File "' * 6000, *("\n".join([line] * 40) for line in lines)):
        started = time.process_time()
        sought(text)
        assert time.process_time() - started < 1
