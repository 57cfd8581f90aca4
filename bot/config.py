"""Settings: from the environment and a ``.env`` file to one frozen, validated object. The environment wins.

Every setting is a field here, with the description that ``docs/settings.md`` shows. Pydantic's own reader of the
environment is not used: it would also take a field's name for a variable, such as ``host`` or ``home``.
"""

from __future__ import annotations

import difflib
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from dotenv.parser import parse_stream
from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic.fields import FieldInfo

from bot import config_slack
from bot import config_values as values
from bot.config_fields import setting as setting
from bot.config_models import ModelSettings
from bot.config_teams import TeamsSettings

ENV_FILE = Path(".env")
PREFIX = "AGORA_"
OF_THE_TESTS = frozenset({"AGORA_DATA", "AGORA_FULL"})
"""Variables of our prefix that the tests and benchmarks read: no settings, and no mistakes either."""


class Common(BaseModel):
    """What an operator decides about Agora wherever it speaks."""

    database_url: values.DatabaseUrl = setting(
        "DATABASE_URL",
        "The PostgreSQL database, version 15 or newer with pgvector. Unset: Agora starts its own, in its data folder.",
        default=None,
        unset="its own database",
        example="postgresql://agora:secret@db.example.com:5432/agora",
    )
    home: values.Home = setting(
        "AGORA_HOME",
        "The folder for what Agora keeps on this machine: its own database, and the encryption key it made.",
        default=None,
        unset="`.agora` in the project",
        example="/srv/agora",
    )
    host: values.Host = setting(
        "HOST",
        "The address to listen on. `0.0.0.0` and `::` mean every address of this machine.",
        default="127.0.0.1",
        example="0.0.0.0",  # noqa: S104
    )
    port: values.Port = setting("PORT", "The TCP port to listen on.", default=8080, example="8081")
    public_url: values.PublicUrl = setting(
        "PUBLIC_URL",
        "The address under which people and platforms reach Agora; links in messages begin with it.",
        default_factory=values.default_public_url,
        unset="`http://HOST:PORT`",
        example="https://agora.example.com",
    )
    keys: values.Keys = setting(
        "AGORA_KEYS",
        "The keys (Fernet) for what is stored encrypted, newest first, separated by commas: the first encrypts, all "
        "decrypt. Unset: one is made and kept in the data folder. Machines that share a database need the same keys.",
        default=(),
        unset="one in the data folder",
        example="NEW_KEY,OLD_KEY",
    )
    company_domains: values.Domains = setting(
        "COMPANY_DOMAINS",
        "The e-mail domains of the company, separated by commas. Accounts of one person are joined only within them.",
        default=(),
        unset="none",
        example="example.com,example.co.il",
    )
    demo: values.YesNo = setting(
        "AGORA_DEMO",
        "`1` loads the demo company. Refused where real people exist. `make run` sets it.",
        default=False,
        example="1",
    )
    playground: values.YesNo = setting(
        "AGORA_PLAYGROUND",
        "`1` serves the playground at `/`, where anybody can be anybody. It answers only on this machine. "
        "`make run` sets it.",
        default=False,
        example="1",
    )
    log_format: values.LogFormat = setting(
        "AGORA_LOG",
        "How log lines look: `console` for people, `json` for machines. One line is one event either way.",
        default="console",
        example="json",
    )
    log_level: values.LogLevel = setting(
        "AGORA_LOG_LEVEL",
        "The least that is logged: `debug`, `info`, `warning` or `error`. Only `debug` shows the text of messages.",
        default="info",
        example="warning",
    )
    fairness: values.Percent = setting(
        "AGORA_FAIRNESS",
        "How evenly questions are offered: `0` always asks whoever most likely knows, more lets people who were asked"
        " much lately wait for others who may know. `100` halves what the busiest tenth is asked.",
        default=10,
        example="50",
    )
    ranking: values.YesNo = setting(
        "AGORA_RANKING",
        "`1` lets administrators see who gave most to others, in an order. Whoever does not want that is left out.",
        default=False,
        example="1",
    )
    retention_days: values.Days = setting(
        "AGORA_RETENTION_DAYS",
        "After how many days the content of handled events and delivered messages is blanked in Agora's queues.",
        default=30,
        example="7",
    )
    webhook_hosts: values.Hosts = setting(
        "AGORA_WEBHOOK_HOSTS",
        "Hosts inside the company's network that webhooks may call, separated by commas; without it they only call"
        " public addresses. `localhost` may then be called without TLS, too.",
        default=(),
        unset="none",
        example="jira.corp.example.com,10.1.2.3",
    )
    workers: values.Workers = setting(
        "AGORA_WORKERS",
        "How many events one process handles at the same time, each in a thread with a database connection.",
        default=6,
        example="12",
    )


class Settings(ModelSettings, TeamsSettings, config_slack.SlackSettings, Common):
    """What an operator decides. ``Settings(port=8081)`` takes the rest from the defaults, ``load()`` from outside."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", populate_by_name=True, validate_default=True, hide_input_in_errors=True
    )


class SettingsError(ValueError):
    """Settings that cannot be used; ``lines`` has one for each: its name, what is wrong and how to fix it."""

    def __init__(self, lines: list[str]) -> None:
        super().__init__("\n".join(lines))
        self.lines = lines


def load(environment: Mapping[str, str] | None = None, env_file: Path = ENV_FILE) -> Settings:
    """The settings of this process. Raises ``SettingsError``."""
    given = read(environment, env_file)
    try:
        settings = Settings.model_validate({name: given[name] for name in variables() if name in given})
    except ValidationError as error:
        raise SettingsError(_lines(error)) from None
    if lines := config_slack.incomplete(settings):
        raise SettingsError(lines)
    return settings


def read(environment: Mapping[str, str] | None = None, env_file: Path = ENV_FILE) -> dict[str, str]:
    """What is set, by variable; what is empty counts as unset. Raises ``SettingsError``."""
    merged = {**_written(env_file), **(os.environ if environment is None else environment)}
    return {name: value.strip() for name, value in merged.items() if value.strip()}


def _written(env_file: Path) -> dict[str, str]:
    """What the file says. A ``$`` in it is a dollar sign, since passwords have them."""
    if not env_file.is_file():
        return {}
    try:
        with env_file.open(encoding="utf-8-sig") as file:
            lines = list(parse_stream(file))
    except (OSError, UnicodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not text in UTF-8"
        raise SettingsError([f"{env_file}: it cannot be read: {reason}. Correct it, or remove it."]) from None
    wrong = [each.original.line for each in lines if each.error or (each.key and each.value is None)]
    if wrong:
        advice = "is not NAME=value. Correct it, or put # before it."
        raise SettingsError([f"{env_file}: line {number} {advice}" for number in wrong])
    return {each.key: each.value for each in lines if each.key and each.value is not None}


def variables() -> dict[str, FieldInfo]:
    """Every setting by the name of its variable."""
    return {str(field.validation_alias): field for field in Settings.model_fields.values()}


def is_secret(field: FieldInfo) -> bool:
    """Whether the value of this setting must never be shown."""
    return "SecretStr" in str(field.annotation)


def unknown(environment: Mapping[str, str] | None = None, env_file: Path = ENV_FILE) -> list[str]:
    """A line for each variable that looks like one of ours and is none, with the name that may have been meant."""
    names = sorted(name for name in read(environment, env_file) if name.startswith(PREFIX))
    return [_unknown(name) for name in names if name not in variables() and name not in OF_THE_TESTS]


def _unknown(name: str) -> str:
    known = {each.removeprefix(PREFIX): each for each in variables()}
    close = difflib.get_close_matches(name.removeprefix(PREFIX), known, n=1, cutoff=0.7)
    hint = f"Did you mean {known[close[0]]}?" if close else "docs/settings.md lists every setting."
    return f"{values.shown(name)}: there is no such setting, so it has no effect. {hint}"


def _lines(error: ValidationError) -> list[str]:
    """One line a wrong setting. Pydantic's own words are not used: they may repeat the value."""
    derived = "default_factory_not_called"  # follows from another error, which has its own line
    lines = {str(each["loc"][0]): _reason(each) for each in error.errors() if each["type"] != derived}
    return [f"{name}: {reason}" for name, reason in lines.items()]


def _reason(each: Any) -> str:
    reason = each.get("ctx", {}).get("error")
    return str(reason) if reason is not None else "it cannot be used. docs/settings.md says what it may be."
