"""The XML of one sheet and of the shared strings, as expat's events -> rows."""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache

from handlers.people.ledger.cells import LONGEST, Cell, Line, Number, Number1904, Wrong

MOST_COLUMNS = 200
"""What stands further to the right is no ledger's."""
_EPOCH, _EPOCH_1904 = datetime(1899, 12, 30), datetime(1904, 1, 1)  # noqa: DTZ001  # days of a sheet have no zone


class Strings:
    """Texts that cells refer to by number; as one block of bytes, so that many short ones take little."""

    def __init__(self) -> None:
        self._bytes = bytearray()
        self._ends = array("Q", [0])
        self._parts: list[str] = []
        self._within = self._silent = False

    def __getitem__(self, index: int) -> str:
        if not 0 <= index < len(self._ends) - 1:
            raise IndexError(index)
        return self._bytes[self._ends[index] : self._ends[index + 1]].decode("utf-8", "replace")

    def start(self, name: str, _attributes: object) -> None:
        local = name.rpartition(":")[2]
        if local == "rPh":
            self._silent = True  # how it is pronounced
        self._within = local == "t" and not self._silent

    def data(self, text: str) -> None:
        if self._within:
            self._parts.append(text)

    def end(self, name: str) -> None:
        local = name.rpartition(":")[2]
        self._within = False
        if local == "rPh":
            self._silent = False
        elif local == "si":
            self._bytes += "".join(self._parts)[: LONGEST + 1].encode("utf-8", "replace")
            self._ends.append(len(self._bytes))
            self._parts.clear()


class SheetReader:
    """Collects rows; `take` gives those that are whole."""

    def __init__(self, strings: Strings, dates: Sequence[bool], *, starts_1904: bool) -> None:
        self._strings = strings
        self._dates = dates
        self._epoch = _EPOCH_1904 if starts_1904 else _EPOCH
        self._plain_number = Number1904 if starts_1904 else Number
        self._done: list[Line] = []
        self._number = 0
        self._hidden = False
        self._row: list[Cell] = []
        self._column = -1
        self._type, self._style = "n", -1
        self._formula = self._within = self._silent = False
        self._parts: list[str] = []

    def take(self) -> Iterator[Line]:
        done, self._done = self._done, []
        return iter(done)

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if ":" in name:
            name = name.rpartition(":")[2]
        if name == "c":
            self._open_cell(attributes)
        elif name == "v":
            self._within = True
        elif name == "f":
            self._formula = True
        elif name == "t":
            self._within = not self._silent
        elif name == "rPh":
            self._silent = True
        elif name == "row":
            found = attributes.get("r", "")
            self._number = int(found) if found.isdecimal() else self._number + 1
            self._hidden = attributes.get("hidden", "0") in ("1", "true")
            self._row, self._column = [], -1

    def data(self, text: str) -> None:
        if self._within:
            self._parts.append(text)

    def end(self, name: str) -> None:
        if ":" in name:
            name = name.rpartition(":")[2]
        if name == "c":
            if self._column < MOST_COLUMNS:
                row = self._row
                while len(row) <= self._column:
                    row.append(None)
                row[self._column] = self._value("".join(self._parts))
        elif name in ("v", "t"):
            self._within = False
        elif name == "rPh":
            self._silent = False
        elif name == "row":
            self._done.append(Line(self._number, self._row, self._hidden))

    def _open_cell(self, attributes: dict[str, str]) -> None:
        at = attributes.get("r")
        self._column = column_of(at.rstrip("0123456789")) if at else self._column + 1
        self._type = attributes.get("t", "n")
        style = attributes.get("s", "")
        self._style = int(style) if style.isdecimal() else -1
        self._formula = self._within = False
        self._parts.clear()

    def _value(self, text: str) -> Cell:
        if not text:
            return Wrong("formula") if self._formula else None
        match self._type:
            case "s":
                return self._strings[int(text)]
            case "str" | "inlineStr":
                return text[: LONGEST + 1]
            case "e":
                return Wrong(text)
            case "b":
                return "是" if text == "1" else "否"
            case "d":
                return text
        if 0 <= self._style < len(self._dates) and self._dates[self._style]:
            return self._as_date(text)
        return self._plain_number(text)

    def _as_date(self, text: str) -> Cell:
        try:
            days = float(text)
            # 1900 was no leap year, and the spreadsheet thinks it was: only its first two months are a day off.
            found = self._epoch + timedelta(days=days)
        except (ValueError, OverflowError):
            return Number(text)
        return found.date() if 1900 <= found.year <= 2100 else Number(text)


@dataclass
class Merges:
    """Cells that are one over several rows or columns: their value stands in the first only."""

    tops: dict[int, list[tuple[int, int, int]]] = field(default_factory=dict)
    """First row -> (first column, last column, last row)."""
    _open: list[tuple[int, int, int, Cell]] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.tops)

    def add(self, left: int, top: int, right: int, bottom: int) -> None:
        if left < MOST_COLUMNS:
            self.tops.setdefault(top, []).append((left, min(right, MOST_COLUMNS - 1), bottom))

    def fill(self, line: Line) -> Line:
        """The same line with what stands merged over it. Lines come in order."""
        self._open = [one for one in self._open if one[2] >= line.number]
        begun = self.tops.get(line.number, ())
        if not begun and not self._open:
            return line
        cells = list(line.cells)
        for left, right, bottom in begun:
            self._open.append((left, right, bottom, line.at(left)))
        for left, right, _, value in self._open:
            cells += [None] * (right + 1 - len(cells))
            for column in range(left, right + 1):
                if cells[column] is None:
                    cells[column] = value
        return Line(line.number, cells, line.hidden)


@lru_cache(maxsize=1024)
def column_of(letters: str) -> int:
    """A -> 0, AA -> 26. Raises ValueError."""
    if not re.fullmatch(r"[A-Z]{1,4}", letters):
        raise ValueError(letters)
    found = 0
    for letter in letters:
        found = found * 26 + ord(letter) - 64
    return found - 1
