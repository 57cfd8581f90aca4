"""Agora's icons, drawn: a hall of columns in a speech bubble.

https://learn.microsoft.com/microsoftteams/platform/concepts/build-and-test/apps-package#app-icons"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable

ACCENT = "#1F5FA8"
_BLUE, _WHITE, _NOTHING = (31, 95, 168, 255), (255, 255, 255, 255), (255, 255, 255, 0)
_FINE = 4  # samples in each direction of a pixel
Colour = tuple[int, int, int, int]


def color() -> bytes:
    """The icon in colour, 192 by 192: the symbol in white on the whole square, within the middle 120 pixels."""
    return _png(192, lambda x, y: _WHITE if _is_ink((x - 0.5) * 1.6 + 0.5, (y - 0.5) * 1.6 + 0.5) else _BLUE)


def outline() -> bytes:
    """The icon of one colour, 32 by 32: white on nothing."""
    return _png(32, lambda x, y: _WHITE if _is_ink(x, y) else _NOTHING)


def _is_ink(x: float, y: float) -> bool:
    """Whether the symbol covers this point of the unit square: a bubble's edge, and what stands in it."""
    return (_in_bubble(x, y, 0.0) and not _in_bubble(x, y, 0.075)) or _in_hall(x, y)


def _in_bubble(x: float, y: float, inset: float) -> bool:
    left, top, right, bottom, round_ = 0.06 + inset, 0.08 + inset, 0.94 - inset, 0.78 - inset, 0.16 - inset / 2
    across = max(left + round_ - x, x - right + round_, 0.0)
    down = max(top + round_ - y, y - bottom + round_, 0.0)
    tail = bottom <= y <= 0.95 - 2 * inset and 0.24 + inset <= x <= 0.46 - inset - (y - bottom) * 0.9
    return (left <= x <= right and top <= y <= bottom and across**2 + down**2 <= round_**2) or tail


def _in_hall(x: float, y: float) -> bool:
    roof = 0.22 <= y <= 0.35 and abs(x - 0.5) <= (y - 0.22) / 0.13 * 0.27
    columns = 0.39 <= y <= 0.58 and any(abs(x - middle) <= 0.04 for middle in (0.3, 0.5, 0.7))
    floor = 0.61 <= y <= 0.66 and abs(x - 0.5) <= 0.27
    return roof or columns or floor


def _png(size: int, colour_at: Callable[[float, float], Colour]) -> bytes:
    rows = b"".join(b"\0" + b"".join(_pixel(x, y, size, colour_at) for x in range(size)) for y in range(size))
    head = struct.pack(">IIBBBBB", size, size, 8, 6, 0, 0, 0)
    parts = ((b"IHDR", head), (b"IDAT", zlib.compress(rows, 9)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(name, data) for name, data in parts)


def _pixel(x: int, y: int, size: int, colour_at: Callable[[float, float], Colour]) -> bytes:
    """The mean of what lies in a pixel; where nothing does, it is clear."""
    steps = [(2 * n + 1) / (2 * _FINE) for n in range(_FINE)]
    found = [colour_at((x + across) / size, (y + down) / size) for down in steps for across in steps]
    return bytes(round(sum(each[channel] for each in found) / len(found)) for channel in range(4))


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
