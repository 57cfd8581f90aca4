"""What this machine has to offer: Python, packages, the data folder, languages and time zones."""

from __future__ import annotations

import re
import shutil
import sys
import tempfile
from importlib import metadata
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from babel.messages.catalog import Message
from babel.messages.pofile import PoFileError, read_po

from bot import config, keys
from bot.check.found import Check
from bot.config import Settings
from bot.texts import LOCALE_DIR
from models.data_home import PROJECT, EmbeddedDatabaseError, data_home
from models.people import LOCALES

OLDEST_PYTHON = (3, 11)
LITTLE_SPACE, TOO_LITTLE_SPACE = 1024, 200  # MiB
SOURCE = "en"  # the language of the sentences themselves
ZONES = ("Europe/Rome", "Asia/Jerusalem", "Africa/Cairo", "America/New_York")


def check_python() -> Check:
    """The interpreter."""
    version = ".".join(map(str, sys.version_info[:3]))
    fits = sys.version_info >= OLDEST_PYTHON
    return Check("Python", fits, version, "" if fits else "Install Python 3.11 or newer, remove .venv, and: make run")


def check_packages() -> Check:
    """What requirements.txt names for every machine is installed."""
    try:
        lines = (PROJECT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    except OSError as error:
        return Check("packages", False, f"requirements.txt: {error.strerror}", "Get Agora's files again.")
    named = (re.match(r"[A-Za-z0-9._-]+", line) for line in lines if ";" not in line)  # after that, for which machines
    names = [found.group() for found in named if found]
    missing = [name for name in names if not _is_installed(name)]
    if missing:
        return Check("packages", False, f"missing: {', '.join(missing)}", "pip install -r requirements.txt")
    return Check("packages", True, f"all {len(names)} of requirements.txt")


def _is_installed(name: str) -> bool:
    try:
        metadata.version(name)
    except metadata.PackageNotFoundError:
        return False
    return True


def check_settings() -> Check:
    """What is set, and what looks like a setting and is none."""
    given = [name for name in config.variables() if name in config.read()]
    return Check("settings", True, f"set: {', '.join(given) or 'none'}", "\n".join(config.unknown()))


def check_home(settings: Settings) -> list[Check]:
    """The data folder, the space in it, and the encryption key."""
    try:
        home = data_home(settings.home, announce=lambda note: None)
        with tempfile.NamedTemporaryFile(dir=home):
            pass
    except EmbeddedDatabaseError as error:
        return [Check("data folder", False, str(error), "Set AGORA_HOME to a folder that this account may write to.")]
    except OSError as error:
        advice = "Make room, or set AGORA_HOME to a folder that this account may write to."
        return [Check("data folder", False, f"{settings.home or 'the default'}: {error.strerror}", advice)]
    return [Check("data folder", True, f"{home} can be written to"), check_space(home), check_key(settings, home)]


def check_space(home: Path) -> Check:
    """Space on the data folder's disk."""
    free = shutil.disk_usage(home).free // 2**20
    fix = f"Make room on the disk of {home}: a full disk stops the database." if free < LITTLE_SPACE else ""
    return Check("disk space", free >= TOO_LITTLE_SPACE, f"{free:,} MiB free", fix)


def check_key(settings: Settings, home: Path) -> Check:
    """The encryption key; none is made here."""
    path = home / keys.FILE
    shared = "Machines that share this database need the same AGORA_KEYS." if settings.database_url else ""
    if settings.keys:
        return Check("encryption key", True, f"{len(settings.keys)} in AGORA_KEYS")
    if not path.exists():
        return Check("encryption key", True, f"none yet; the first that is needed will be made in {path}", shared)
    try:
        keys.encryption_keys(settings, home)
    except config.SettingsError as error:
        return Check("encryption key", False, str(error), "Put back a copy of the file, or set AGORA_KEYS.")
    if path.stat().st_mode & 0o077:
        return Check("encryption key", False, f"{path} can be read by other accounts", f"chmod 600 '{path}'")
    return Check("encryption key", True, f"in {path}", shared)


def check_catalogues() -> Check:
    """Every language says everything that another one says."""
    said: dict[str, set[str]] = {}
    for locale in (each for each in LOCALES if each != SOURCE):
        try:
            with (LOCALE_DIR / locale / "LC_MESSAGES" / "agora.po").open("rb") as file:
                found = read_po(file, locale=locale, abort_invalid=True)
        except (OSError, ValueError, PoFileError) as error:
            return Check("languages", False, f"{locale}: {error}", "Get Agora's files again: a catalogue is damaged.")
        said[locale] = {str(each.id) for each in found if each.id and _is_said(each)}
    every = set[str]().union(*said.values())
    if not every:
        return Check("languages", False, "nothing is translated", "Get Agora's files again: bot/locale is empty.")
    gaps = {locale: len(every - known) for locale, known in said.items() if every - known}
    if gaps:
        listed = ", ".join(f"{locale} lacks {count}" for locale, count in gaps.items())
        return Check("languages", False, f"of {len(every)} sentences {listed}", "Translate them in bot/locale.")
    return Check("languages", True, f"{', '.join(LOCALES)}: {len(every)} sentences each")


def _is_said(message: Message) -> bool:
    strings = message.string if isinstance(message.string, tuple | list) else (message.string,)
    return all(strings) and not message.fuzzy


def check_time_zones() -> Check:
    """The time zones that people live in."""
    try:
        for name in ZONES:
            ZoneInfo(name)
    except ZoneInfoNotFoundError:
        return Check("time zones", False, f"{name} is unknown here", "pip install tzdata (or install it on the system)")
    return Check("time zones", True, f"{len(available_timezones())} known")
