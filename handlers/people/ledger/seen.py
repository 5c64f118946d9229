"""Which rows of a file were there already; of each only two numbers are kept, so that many rows take little. Pure."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass

_ROW, _SHEET, _HASH = 32, 12, 32
"""Bits."""


@dataclass(frozen=True)
class First:
    """Where the same key stood first."""

    sheet: int
    """Its place among the sheets that are read."""
    row: int
    same_name: bool
    same: bool
    """Whether everything else was the same too."""


class Seen:
    def __init__(self) -> None:
        self._first: dict[int, int] = {}

    def note(self, key: Hashable, name: str, whole: str, *, sheet: int, row: int) -> First | None:
        """The row before that has this key; None for the first. `whole`: all that the row says."""
        said = _short(name) << _HASH | _short(whole)
        here = (said << _SHEET | sheet) << _ROW | row
        first = self._first.setdefault(hash(key), here)
        if first == here:
            return None
        at, before = first >> _ROW, first >> (_ROW + _SHEET)
        return First(
            at & ((1 << _SHEET) - 1), first & ((1 << _ROW) - 1), before >> _HASH == said >> _HASH, before == said
        )


def _short(text: str) -> int:
    return hash(text) & ((1 << _HASH) - 1)
