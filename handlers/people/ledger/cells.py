"""What a cell of a table holds, as near to the file as it can be. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeAlias

LONGEST = 2_000
"""Characters of a cell that are read; whoever writes more is told."""

_MARKS = frozenset("'\u2019\u2018`")
"""With which spreadsheets force text."""
_INVISIBLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufffe\uffff]"
)


class Number(str):
    """A cell that the file holds as a number: its digits as they stand there, such as `4.21083199001011E+17`."""

    __slots__ = ()


class Number1904(Number):
    """The same in a workbook whose days count from 1904."""

    __slots__ = ()


class Wrong(str):
    """A cell without a value: an error of the spreadsheet (#N/A), or a formula that nobody has calculated."""

    __slots__ = ()


Cell: TypeAlias = str | Number | Wrong | date | None
"""Text is `str`; a date is a cell that the spreadsheet shows as one."""


@dataclass(frozen=True)
class Line:
    """One row of a sheet."""

    number: int
    """As the spreadsheet counts, from 1."""
    cells: Sequence[Cell]
    hidden: bool = False

    def at(self, column: int) -> Cell:
        return self.cells[column] if column < len(self.cells) else None

    @property
    def is_blank(self) -> bool:
        return not any(plain(cell) for cell in self.cells)


def plain(cell: Cell) -> str:
    """As one line: full-width letters narrow, without what cannot be seen, spaces at the ends, a text mark before."""
    if cell is None:
        return ""
    if isinstance(cell, date):
        return cell.isoformat()
    text = str(cell)
    if not (text.isascii() and text.isprintable()):
        text = unicodedata.normalize("NFKC", _INVISIBLE.sub("", text))
        text = re.sub(r"[ \t\r\n\u3000]+", " ", text)
    text = text.strip()
    if text[:1] in _MARKS and len(text) > 1:
        text = text[1:].strip()
    return text


def words(cell: Cell) -> str:
    """The same for what people wrote: line breaks are kept, wide letters stay as they are."""
    if cell is None or isinstance(cell, date):
        return plain(cell)
    text = _INVISIBLE.sub("", str(cell)).replace("\u00a0", " ").replace("\r\n", "\n").replace("\r", "\n")
    text = "\n".join(line.strip(" \t\u3000") for line in text.split("\n")).strip()
    if text[:1] in ("'", "\u2019") and len(text) > 1:
        text = text[1:].lstrip()
    return text
