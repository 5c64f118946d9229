"""The QR codes on a leaflet: level M, so that a worn or copied print still gives them up."""

from __future__ import annotations

import re
from dataclasses import dataclass

import segno

_HANDLE = re.compile(r"[A-Za-z][A-Za-z0-9_]{3,31}")


@dataclass(frozen=True)
class Code:
    """One code with the words below it."""

    address: str
    words: str


def telegram_address(handle: str) -> str:
    """Where a bot is found on Telegram by its name; empty for what is none (core.telegram.org/api/links)."""
    return f"https://t.me/{handle}" if _HANDLE.fullmatch(handle) else ""


def squares(address: str) -> list[list[bool]]:
    """Dark or light, row by row, without a border."""
    return [[bool(dark) for dark in row] for row in segno.make(address, error="m", micro=False).matrix]


def path_of(rows: list[list[bool]]) -> str:
    """The dark squares as the path of an SVG in which a square is 1 by 1."""
    return "".join(
        f"M{across} {down}h1v1h-1z" for down, row in enumerate(rows) for across, dark in enumerate(row) if dark
    )
