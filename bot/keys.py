"""The keys that encrypt what is stored encrypted: those of ``AGORA_KEYS``, or one made and kept in the data folder."""

from __future__ import annotations

import os
import secrets
from collections.abc import Sequence
from pathlib import Path

from cryptography.fernet import Fernet
from pydantic import SecretStr

from bot.config import Settings, SettingsError
from bot.config_values import is_fernet_key
from models import masks
from models.hooks import sealing
from models.tasks import feeds

FILE = "encryption.key"


def encryption_keys(settings: Settings, home: Path) -> tuple[SecretStr, ...]:
    """The keys, newest first: the first encrypts, all decrypt. Raises ``SettingsError`` for a file that holds none."""
    return settings.keys or (_kept(home / FILE),)


def hand_out(keys: Sequence[str]) -> None:
    """Give the keys, newest first, to whatever in ``models`` encrypts or signs with them."""
    masks.use_keys(keys)
    feeds.use_keys(keys)
    sealing.use_keys(keys)


def _kept(path: Path) -> SecretStr:
    try:
        if not path.exists():
            _make(path)
        key = path.read_text(encoding="ascii", errors="replace").strip()
    except OSError as error:
        reason = f"{path} cannot be used: {error.strerror}. Correct its permissions, or set AGORA_KEYS."
        raise SettingsError([f"AGORA_KEYS: {reason}"]) from error
    if not is_fernet_key(key):
        advice = "Put back a copy of it, or remove it: what was encrypted with it is then lost."
        raise SettingsError([f"AGORA_KEYS: {path} does not hold a key. {advice}"])
    return SecretStr(key)


def _make(path: Path) -> None:
    """Write a new key, whole or not at all; of two processes that start together, one's key is kept."""
    unfinished = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    with open(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(Fernet.generate_key() + b"\n")
        file.flush()
        os.fsync(file.fileno())
    try:
        if os.geteuid() == 0:  # the folder may be an ordinary user's, who has to read it later
            owner = path.parent.stat()
            os.chown(unfinished, owner.st_uid, owner.st_gid)
        os.link(unfinished, path)
    except FileExistsError:
        pass
    finally:
        unfinished.unlink()
