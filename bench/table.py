"""One table for all measurements: each figure beside its floor, measured in the same run, or its aim."""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """One figure; `floor` is what the same machine does with less work, in the same unit."""

    name: str
    figure: float
    unit: str
    floor_name: str = ""
    floor: float | None = None
    aim: str = ""
    """In words, such as `≥ 100`; empty where none is set."""
    ok: bool | None = None
    """Whether the aim is met; None without one."""
    note: str = ""


def say_number(value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def load_words() -> str:
    """How busy the machine was: others may be at work on it."""
    one, five, _ = os.getloadavg()
    return f"load average {one:.1f} (1 min), {five:.1f} (5 min) on {os.cpu_count()} cores"


def print_table(rows: Iterable[Row]) -> None:
    head = ("", "figure", "unit", "floor", "", "aim", "", "note")
    lines = [
        (
            row.name,
            say_number(row.figure),
            row.unit,
            say_number(row.floor),
            row.floor_name,
            row.aim,
            {True: "ok", False: "MISSED", None: ""}[row.ok],
            row.note,
        )
        for row in rows
    ]
    columns = [column for column in zip(head, *lines, strict=True) if any(column[1:])]
    widths = [max(map(_width, column)) for column in columns]
    for line in zip(*columns, strict=True):
        print("  ".join(_pad(cell, width) for cell, width in zip(line, widths, strict=True)).rstrip())


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)


def _pad(text: str, width: int) -> str:
    return text + " " * (width - _width(text))
