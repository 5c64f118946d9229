"""Where the header of a sheet is, what its columns are, and so which ledger it is. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from handlers.people.ledger.cells import Cell, Line, Number, plain
from handlers.people.ledger.columns import Columns, Kind, Template, header_text

LOOK_AT = 40
"""Lines in which a header is looked for."""
LEAST = 2
"""Columns that must be known in a header."""


@dataclass(frozen=True)
class Column:
    """A column of the sheet that is read."""

    index: int
    field: str
    header: str
    """As the file calls it."""


@dataclass(frozen=True)
class Heading:
    """A header that was found."""

    template: Template
    columns: Sequence[Column]
    unknown: Sequence[str]
    """Headers that nothing is known of, and those of a field that has a column already."""
    missing: Sequence[str]
    """Fields without which the sheet is not this ledger."""
    last_row: int
    """Number of its last line; data begin below."""
    first_row: int
    titles: Mapping[str, str]
    """What the title above it says instead of a column: field -> value."""
    takes_title: bool = False
    """Its upper line is one text alone: rather the title of the sheet than a line of the header."""

    @property
    def weight(self) -> tuple[bool, int, bool]:
        return (not self.missing, len(self.columns), not self.takes_title)


def find_heading(lines: Sequence[Line], columns: Columns, *, wanted: Template | None = None) -> Heading | None:
    """The best header among the first lines of a sheet; None where nothing looks like one."""
    best: Heading | None = None
    filled = [line for line in lines if not line.is_blank][:LOOK_AT]
    for at, line in enumerate(filled):
        if _is_data(line):
            continue
        below = filled[at + 1] if at + 1 < len(filled) else None
        two = below if below is not None and not _is_data(below) else None
        for template in [wanted] if wanted else [Template.T4, Template.T3, Template.T2]:
            for second in (None, two) if two is not None else (None,):
                found = _read(line, second, template, columns, filled[:at])
                if len(found.columns) >= LEAST and (best is None or found.weight > best.weight):
                    best = found
    return best


def _is_data(line: Line) -> bool:
    """Whether somebody's number or phone stands there."""
    return any(
        (isinstance(cell, Number) and len(cell) > 6)
        or re.search(r"[0-9]{11}|[0-9]{6}\*+", plain(cell).replace(" ", ""))
        for cell in line.cells
    )


def _read(line: Line, below: Line | None, template: Template, columns: Columns, above: Sequence[Line]) -> Heading:
    width = max(len(line.cells), len(below.cells) if below else 0)
    found: list[Column] = []
    unknown: list[str] = []
    group: Cell = None
    for index in range(width):
        top, bottom = line.at(index), below.at(index) if below else None
        if below is not None:
            # A text file has no merged cells: what stands over several columns stands in the first.
            group = top if plain(top) else (group if plain(bottom) else None)
        name, header = _name(top, bottom, group, template, columns)
        if not header:
            continue
        if not name or any(one.field == name for one in found):
            if not (name and columns.fields[template][name].kind is Kind.SKIP):
                unknown.append(header)
        else:
            found.append(Column(index, name, header))
    known = {one.field for one in found}
    missing = [needs[0] for needs in columns.needs[template] if not known.intersection(needs)]
    titles = _titles(above, template, columns) if above else {}
    missing = [name for name in missing if name not in titles]
    return Heading(
        template,
        found,
        unknown,
        missing,
        (below or line).number,
        line.number,
        {k: v for k, v in titles.items() if k not in known},
        takes_title=below is not None and len({header_text(cell) for cell in line.cells if plain(cell)}) == 1,
    )


def _name(top: Cell, bottom: Cell, group: Cell, template: Template, columns: Columns) -> tuple[str, str]:
    """The field of a column, and its header; of two lines of header the lower, both together, or the upper."""
    over, under = header_text(top), header_text(bottom)
    if not under or under == over:
        return (columns.field_of(template, over) if over else "", over)
    above = header_text(group)
    whole = f"{above}/{under}" if above else under
    for words in (above + under, under) if above else (under,):
        if name := columns.field_of(template, words):
            return (name, whole)
    return ("", whole)


def _titles(above: Sequence[Line], template: Template, columns: Columns) -> dict[str, str]:
    """2023年退捕渔民城乡居民养老保险缴费补贴发放表 -> year 2023, insurance resident."""
    if template is Template.T2:
        return {}
    text = " ".join(dict.fromkeys(plain(cell) for line in above for cell in line.cells if plain(cell)))
    found: dict[str, str] = {}
    years = set(re.findall(r"((?:19|20)[0-9]{2})年", text))
    if len(years) == 1:
        found["year"] = years.pop()
    if template is Template.T3:
        kinds = {value for word, value in columns.titles["insurance"].items() if word in text}
        if len(kinds) == 1:
            found["insurance"] = kinds.pop()
    return found
