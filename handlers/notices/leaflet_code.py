"""The QR code on a leaflet: level M, so that a worn or copied print still gives it up."""

from __future__ import annotations

import segno


def squares(address: str) -> list[list[bool]]:
    """Dark or light, row by row, without a border."""
    return [[bool(dark) for dark in row] for row in segno.make(address, error="m", micro=False).matrix]


def path_of(rows: list[list[bool]]) -> str:
    """The dark squares as the path of an SVG in which a square is 1 by 1."""
    return "".join(
        f"M{across} {down}h1v1h-1z" for down, row in enumerate(rows) for across, dark in enumerate(row) if dark
    )
