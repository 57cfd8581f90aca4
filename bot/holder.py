"""The name of a process in leases."""

from __future__ import annotations

import os
import secrets
import socket


def new_holder() -> str:
    """A name for this process in leases, never used before."""
    return f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"
