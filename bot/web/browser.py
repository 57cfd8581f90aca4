"""What a browser tells of its reader before anybody knows who it is."""

from __future__ import annotations

import re

from aiohttp import web
from babel import negotiate_locale

from bot.texts import Reader
from bot.web.speech import Speech
from models.people import LOCALES


def speech_of(request: web.Request) -> Speech:
    """How to speak to whoever this is: the first language of theirs that Agora has, else English."""
    wanted = re.findall(r"[A-Za-z]{2,3}(?:-[A-Za-z]+)?", request.headers.get("Accept-Language", "")[:200])
    return Speech(Reader(negotiate_locale(wanted, LOCALES, sep="-") or "en"))
