"""Secrets that must be read again, encrypted with the company's keys (``AGORA_KEYS``)."""

from __future__ import annotations

from collections.abc import Sequence

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

_cipher: MultiFernet | None = None
_newest: Fernet | None = None


def use_keys(keys: Sequence[str]) -> None:
    """The keys of the company, newest first: the first one seals, all open."""
    global _cipher, _newest
    _cipher = MultiFernet([Fernet(key) for key in keys]) if keys else None
    _newest = Fernet(keys[0]) if keys else None


def seal(secret: bytes) -> bytes:
    """``secret`` as it is kept."""
    return _sealing().encrypt(secret)


def opened(sealed: bytes) -> bytes | None:
    """The secret; ``None`` where no key opens it any more."""
    try:
        return _sealing().decrypt(sealed)
    except InvalidToken:
        return None


def renewed(sealed: bytes) -> bytes:
    """``sealed`` as the newest key seals it, so that older ones can be retired; as it is where no key opens it."""
    try:
        if _newest is not None:
            _newest.decrypt(sealed)
        return sealed
    except InvalidToken:
        return sealed if opened(sealed) is None else _sealing().rotate(sealed)


def _sealing() -> MultiFernet:
    if _cipher is None:
        raise RuntimeError("use_keys() has not been called")
    return _cipher
