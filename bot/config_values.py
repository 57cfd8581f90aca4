"""What the text of a setting may be. Validators return the value or raise ``ValueError`` with the reason and the fix.

A reason repeats the value only where it is no secret, cut short and with control characters made visible.
"""

from __future__ import annotations

import base64
import binascii
import ipaddress
import re
from pathlib import Path
from typing import Annotated, Any, Literal, get_args
from urllib.parse import SplitResult, urlsplit

from pydantic import AfterValidator, BeforeValidator, SecretStr
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

LONGEST_SHOWN = 60
POSTGRES = re.compile(r"postgres(ql)?(\+psycopg)?://")
EXAMPLE_URL = "postgresql://USER:PASSWORD@HOST:5432/DATABASE"
LABEL = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)", re.IGNORECASE)


def shown(value: object) -> str:
    """A value in an error: on one line, and not long."""
    text = str(value)
    text = text if len(text) <= LONGEST_SHOWN else text[:LONGEST_SHOWN] + "…"
    return text if text.isprintable() else ascii(text)[1:-1]


def words(value: Any) -> Any:
    """A list written with commas or spaces between."""
    return tuple(word for word in re.split(r"[,\s]+", value) if word) if isinstance(value, str) else value


def yes_or_no(value: Any) -> bool:
    """Yes or no, as people write it."""
    answers = {"1": True, "true": True, "yes": True, "on": True, "0": False, "false": False, "no": False, "off": False}
    answer = answers.get(str(value).lower())
    if answer is None:
        raise ValueError(f"{shown(value)!r} is neither yes nor no. Set it to 1 or to 0.")
    return answer


def whole_number(least: int, most: int) -> BeforeValidator:
    """A whole number within bounds."""

    def check(value: Any) -> int:
        digits = str(value)
        if not re.fullmatch(r"[0-9]{1,9}", digits) or not least <= int(digits) <= most:
            raise ValueError(f"{shown(value)!r} is not a whole number from {least} to {most}. Set it to one.")
        return int(digits)

    return BeforeValidator(check)


def one_of(choices: tuple[str, ...]) -> BeforeValidator:
    """One of a few words."""

    def check(value: Any) -> str:
        if str(value).lower() not in choices:
            raise ValueError(f"{shown(value)!r} is not one of {', '.join(choices)}. Set it to one of them.")
        return str(value).lower()

    return BeforeValidator(check)


def database_url(value: SecretStr | None) -> SecretStr | None:
    """Any way to write a PostgreSQL URL, as the one that SQLAlchemy takes for psycopg 3."""
    if value is None:
        return None
    text = value.get_secret_value()
    if not POSTGRES.match(text):
        raise ValueError(f"it does not begin with postgresql://. Write it as {EXAMPLE_URL}, without quotation marks.")
    text = POSTGRES.sub("postgresql+psycopg://", text, count=1)
    try:
        url = make_url(text)
        port_fits = url.port is None or 1 <= url.port <= 65535
    except (ArgumentError, ValueError):
        port_fits = False
    if not port_fits:
        advice = "In the password write @ as %40, / as %2F, : as %3A and % as %25"
        raise ValueError(f"it cannot be read as a URL. Write it as {EXAMPLE_URL}. {advice}.")
    return SecretStr(text)


def home(value: Path | None) -> Path | None:
    """A folder, or a place for one."""
    try:
        if value is not None and value.expanduser().exists() and not value.expanduser().is_dir():
            raise ValueError(f"{shown(value)} is a file. Name a folder, or a place where one can be made.")
    except (OSError, RuntimeError) as error:  # no home folder to expand ~ to; a name that is too long
        raise ValueError(f"{shown(value)} cannot be used as a folder. Name another one.") from error
    return value


def host(value: str) -> str:
    """An address or a name to listen on."""
    bare = value[1:-1] if value.startswith("[") and value.endswith("]") else value
    if not _is_host(bare):
        raise ValueError(f"{shown(value)!r} is neither an IP address nor a host name. 127.0.0.1 is this machine alone.")
    return bare


def hosts(value: tuple[str, ...]) -> tuple[str, ...]:
    """Addresses and names, as they stand in addresses of the web: in lower case."""
    return tuple(dict.fromkeys(host(each).lower() for each in value))


def _is_host(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        looks_like_an_address = re.fullmatch(r"[0-9.]+", text) is not None
        return not looks_like_an_address and len(text) <= 253 and all(map(LABEL.fullmatch, text.split(".")))
    return True


def public_url(value: str) -> str:
    """An address for people, without a final slash."""
    example = "Write it as https://agora.example.com."
    try:
        parts = urlsplit(value)
        usable = parts.port != 0 and _is_host(parts.hostname or "")
    except ValueError:
        raise ValueError(f"it cannot be read as a URL. {example}") from None
    if "@" in parts.netloc:
        raise ValueError("it has a user name or a password in it, which everybody would see. Leave them out.")
    if parts.scheme not in ("http", "https") or not usable or not value.isprintable() or " " in value:
        raise ValueError(f"{shown(value)!r} is not an http or https address. {example}")
    if parts.query or parts.fragment:
        raise ValueError(f"{shown(value)!r} has a ? or # in it. {example}")
    return _without_slash(parts)


def _without_slash(parts: SplitResult) -> str:
    return parts._replace(path=parts.path.rstrip("/")).geturl()


def default_public_url(data: dict[str, Any]) -> str:
    """Where this machine itself reaches what listens on ``host`` and ``port``."""
    reachable = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(data["host"], data["host"])  # noqa: S104 - compared only
    return f"http://[{reachable}]:{data['port']}" if ":" in reachable else f"http://{reachable}:{data['port']}"


def keys(value: tuple[SecretStr, ...]) -> tuple[SecretStr, ...]:
    """Fernet keys: 32 bytes in URL-safe base64 (https://github.com/fernet/spec)."""
    for number, key in enumerate(value, start=1):
        if not is_fernet_key(key.get_secret_value()):
            make = "python -c 'from cryptography.fernet import Fernet; print(Fernet.generate_key().decode())'"
            raise ValueError(f"number {number} of {len(value)} is not a Fernet key. Make one with: {make}")
    return value


def is_fernet_key(text: str) -> bool:
    """Whether ``text`` is one."""
    try:
        return len(text) == 44 and len(base64.b64decode(text, altchars=b"-_", validate=True)) == 32
    except (binascii.Error, ValueError):
        return False


def domains(value: tuple[str, ...]) -> tuple[str, ...]:
    """E-mail domains, in lower case and in ASCII, each once."""
    return tuple(dict.fromkeys(_domain(each) for each in value))


def _domain(text: str) -> str:
    try:
        name = text.removeprefix("@").rstrip(".").encode("idna").decode("ascii").lower()
    except UnicodeError:
        name = ""
    if "." not in name or not _is_host(name):
        raise ValueError(f"{shown(text)!r} is not an e-mail domain. Write what follows the @, such as example.com.")
    return name


Format = Literal["console", "json"]
Level = Literal["debug", "info", "warning", "error"]

DatabaseUrl = Annotated[SecretStr | None, AfterValidator(database_url)]
Home = Annotated[Path | None, AfterValidator(home)]
Host = Annotated[str, AfterValidator(host)]
Port = Annotated[int, whole_number(1, 65535)]
PublicUrl = Annotated[str, AfterValidator(public_url)]
Keys = Annotated[tuple[SecretStr, ...], BeforeValidator(words), AfterValidator(keys)]
Domains = Annotated[tuple[str, ...], BeforeValidator(words), AfterValidator(domains)]
Hosts = Annotated[tuple[str, ...], BeforeValidator(words), AfterValidator(hosts)]
YesNo = Annotated[bool, BeforeValidator(yes_or_no)]
LogFormat = Annotated[Format, one_of(get_args(Format))]
LogLevel = Annotated[Level, one_of(get_args(Level))]
Days = Annotated[int, whole_number(1, 3650)]
Percent = Annotated[int, whole_number(0, 100)]
Workers = Annotated[int, whole_number(1, 64)]
