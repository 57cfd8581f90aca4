"""What looks like a secret, and what only speaks of one."""

from __future__ import annotations

import json
import os
import re
import time
from pathlib import Path

import pytest

from models import secrets
from models.secrets import CARD, KEY, MASK, PASSWORD, masked

_BLOCK = "-----BEGIN RSA PRIVATE KEY-----\nMIIEowIBAAKCAQEA\nabc\n-----END RSA PRIVATE KEY-----"
_BEARER = "Authorization: Bearer 4f1d9a7c0b3e4f1d9a7c0b3e"
_STRIPE, _GITHUB = "sk_live_" + "4eC39HqLyjWDarjtT1zdp7dc", "ghp_" + "a1B2" * 9

SECRETS = [
    ("My password is Tr0ub4dor&3, why can't I log in?", "Tr0ub4dor&3", PASSWORD),
    ("password: hunter2", "hunter2", PASSWORD),
    ("Password: sunshine", "sunshine", PASSWORD),
    ("The wifi passphrase for guests: 'correct-horse-7'", "correct-horse-7", PASSWORD),
    ("La mia password è Estate2026! ma non entro", "Estate2026!", PASSWORD),
    ("la parola chiave: gattino99", "gattino99", PASSWORD),
    ("הסיסמה שלי היא Kayitz2026 ולא מצליח להיכנס", "Kayitz2026", PASSWORD),
    ("סיסמה: shalom123", "shalom123", PASSWORD),
    ("كلمة المرور الخاصة بي هي Sayf2026 ولا أستطيع الدخول", "Sayf2026", PASSWORD),
    ("كلمة السر: q8kuwait9", "q8kuwait9", PASSWORD),
    ("PIN: 493817", "493817", PASSWORD),
    ("Server=db;User Id=sa;Password=Pa55w0rd;Encrypt=yes", "Pa55w0rd", PASSWORD),
    ("psql postgresql://app:s3cr3t@db.example.com/app says refused", "s3cr3t", PASSWORD),
    (f"is this key still good? {_BLOCK} thanks", "MIIEowIBAAKCAQEA", KEY),
    ("-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjE", "b3BlbnNzaC1rZXktdjE", KEY),
    (f"curl -H '{_BEARER}' gives 401", "4f1d9a7c0b3e", KEY),
    ("AKIA" + "IOSFODNN7EXAMPLE is refused", "IOSFODNN7", KEY),
    (f"use {_STRIPE} for payments", _STRIPE, KEY),
    (f"git says no to {_GITHUB}", _GITHUB, KEY),
    ("api_key=9f8e7d6c5b4a39281706", "9f8e7d6c5b4a39281706", KEY),
    ("xoxb-" + "1234567890-abcdefghij", "abcdefghij", KEY),
    ("Can I pay with 4111 1111 1111 1111?", "1111 1111", CARD),
    ("carta 378282246310005 rifiutata", "378282246310005", CARD),
]
HARMLESS = [
    "How do I reset my password?",
    "The password must be at least 12 characters long.",
    "password: must be at least 12 characters",
    "Password is required",
    "My password is expired",
    "La password è scaduta",
    "הסיסמה היא חובה",
    "كلمة المرور منتهية",
    "password = os.environ['DATABASE_PASSWORD']",
    "password: <your password>",
    "psql postgresql://app@db.example.com/app",
    "What is a bearer token?",
    "The key is to ask early.",
    "secret = client.read_secret(name)",
    "Order 4111 1111 1111 1112 has not arrived",  # its check digit is wrong
    "Call +39 02 1234 5678 or 4000",
    "ticket 1234567890123456",
    "https://example.com/a?page=2",
    "Meet at 10:30, room 4:12",
    "",
]


@pytest.mark.parametrize(("text", "secret", "kind"), SECRETS)
def test_a_secret_is_masked_and_the_rest_stays(text: str, secret: str, kind: str) -> None:
    result = masked(text)
    assert secret not in result.text and MASK in result.text
    assert kind in result.found
    assert masked(result.text).text == result.text


@pytest.mark.parametrize("text", HARMLESS)
def test_what_speaks_of_secrets_stays_as_it_is(text: str) -> None:
    assert masked(text).text == text and not masked(text).found


def test_the_longest_text_takes_no_time() -> None:
    for text in (
        "password: " * 4000,
        "eyJ" * 13_000,
        "4111 " * 8000,
        "a:" * 20_000,
        "-----BEGIN PRIVATE KEY-----" * 1500,
        "a: " + "-eyJ" * 10_000,
        "pin: a\n" * 6000,
    ):
        started = time.process_time()
        masked(text[:40_000])
        assert time.process_time() - started < 1


_MARKUP = re.compile(r"\\[a-zA-Z]|\(\?[:=!<P]+|\[[^\]]*\]|\{[^}]*\}")  # of a pattern: the rest is what it finds
_RUNS = re.compile(r"[^\W\d_]{2,}|[^\w\0]{2,}")
PATTERNS = [each for each in vars(secrets).values() if isinstance(each, re.Pattern)]
PATTERNS += [each[0] for each in (*secrets._SHAPES, *secrets._NAMED)]


@pytest.mark.parametrize("pattern", PATTERNS, ids=lambda pattern: pattern.pattern[:30])
def test_no_pattern_stumbles_over_what_it_looks_for(pattern: re.Pattern[str]) -> None:
    """Each is given what it begins with again and again, joined in every way: what is quadratic takes a second."""
    for part in {*_RUNS.findall(_MARKUP.sub("\0", pattern.pattern)), "1", "4111", "a1", "://a:"}:
        for joint in ("", "-", ".", "_", " ", ":", "aaaaaaaaaaa.eyJ"):
            started = time.process_time()
            pattern.sub("", ((part + joint) * 30_000)[:30_000])
            assert time.process_time() - started < 0.5, (part, joint)


@pytest.mark.needs("data")
def test_real_questions_hold_hardly_any() -> None:
    """Of thousands of real questions no more than a handful may be touched."""
    data = Path(os.environ["AGORA_DATA"])
    sets = [*data.glob("retrieval/*/questions.jsonl"), *data.glob("abstain/*.jsonl")]
    texts = [json.loads(line)["text"] for path in sets for line in path.read_text("utf-8").splitlines()]
    touched = [text for text in texts if masked(text).found]
    assert len(texts) > 5000 and len(touched) <= 5, touched
