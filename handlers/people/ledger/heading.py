"""Where the header of a sheet is, what its columns are, and so which ledger it is. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from handlers.people.ledger.cells import Line, Number, plain
from handlers.people.ledger.columns import LOSS, Columns, Kind, Template, header_text

LOOK_AT = 100
"""Lines in which a header is looked for."""
LEAST = 2
"""Columns that must be known in a header."""
MOST_LINES = 3
"""Of one header."""


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
    """Phones may stand in several; of every other field there is one."""
    unknown: Sequence[str]
    """Headers that nothing is known of."""
    repeated: Sequence[str]
    """Headers of a field that a better column has."""
    missing: Sequence[str]
    """Fields without which the sheet is not this ledger."""
    last_row: int
    """Number of its last line; data begin below."""
    titles: Mapping[str, str]
    """What the title above it says instead of a column: field -> value."""
    texts: Sequence[str]
    """Everything that stands in it and above it; the same again below is no person."""
    beside: int = 0
    """Where in the same lines a second ledger begins: rosters are printed two abreast. 0: nowhere."""

    @property
    def weight(self) -> tuple[bool, int, int]:
        return (not self.missing, -len(self.missing), len(self.columns))


def find_heading(lines: Sequence[Line], columns: Columns, *, wanted: Template | None = None) -> Heading | None:
    """The best header among the first lines of a sheet; None where nothing looks like one."""
    best: Heading | None = None
    best_weight: tuple[tuple[bool, int, int], bool] | None = None
    filled = [line for line in lines if not line.is_blank][:LOOK_AT]
    for at, line in enumerate(filled):
        if _is_data(line):
            continue
        for template in [wanted] if wanted else [Template.T4, Template.T3, Template.T2]:
            for depth in range(1, MOST_LINES + 1):
                head = filled[at : at + depth]
                if len(head) < depth or not _is_head(head):
                    break
                found = _read(head, template, columns, filled[:at])
                weight = (found.weight, depth > 1 and _goes_on(head, template, columns))
                if len(found.columns) >= LEAST and (best_weight is None or weight > best_weight):
                    best, best_weight = found, weight
    return best


def _is_head(lines: Sequence[Line]) -> bool:
    """Whether several lines may be one header: no title (one text alone) stands above another, nobody below it."""
    titled = any(len(_texts(line)) < 2 for line in lines[:-1])
    return not titled and not any(_is_data(line) for line in lines[1:])


def _goes_on(lines: Sequence[Line], template: Template, columns: Columns) -> bool:
    """Whether the last line names columns of its own below a line that is a header itself."""
    above = {text for line in lines[:-1] for text in _texts(line)}
    own = [text for text in _texts(lines[-1]) if text not in above and columns.field_of(template, text)]
    known = [text for text in _texts(lines[0]) if columns.field_of(template, text)]
    return bool(own) and len(known) >= LEAST


def _texts(line: Line) -> list[str]:
    """What differs; a title may be merged over all columns."""
    return list(dict.fromkeys(text for cell in line.cells if (text := header_text(cell))))


def _is_data(line: Line) -> bool:
    """Whether somebody's number or phone stands there."""
    return any(
        (isinstance(cell, Number) and len(cell) > 6)
        or re.search(r"[0-9]{11}|[0-9]{6}\*+", plain(cell).replace(" ", ""))
        for cell in line.cells
    )


def _read(head: Sequence[Line], template: Template, columns: Columns, above: Sequence[Line]) -> Heading:
    known: list[tuple[int, Column]] = []
    unknown: list[str] = []
    for index, parts in enumerate(_stacks(head)):
        if not parts:
            continue
        name, rank, header = _name(parts, template, columns)
        if name:
            known.append((rank, Column(index, name, header)))
        else:
            unknown.append(header)
    beside = _beside(known)
    found, repeated = _one_of_each([one for one in known if not beside or one[1].index < beside], columns, template)
    found = _stand_in(found, columns, template)
    names = {one.field for one in found}
    titles = {name: said for name, said in _titles(above, template, columns).items() if name not in names}
    missing = [needs[0] for needs in columns.needs[template] if not names.union(titles).intersection(needs)]
    texts = [text for line in (*above, *head) for cell in line.cells if (text := plain(cell))]
    return Heading(template, found, unknown, repeated, missing, head[-1].number, titles, texts, beside)


def _stacks(head: Sequence[Line]) -> Iterator[list[str]]:
    """Of each column what stands in the lines of the header, from above, the same once.

    A text file has no merged cells: what stands over several columns stands in the first of them.
    """
    width = max(len(line.cells) for line in head)
    carried = [""] * len(head)
    for index in range(width):
        texts = [header_text(line.at(index)) for line in head]
        for depth, text in enumerate(texts):
            carried[depth] = text or (carried[depth] if any(texts[depth + 1 :]) else "")
        yield list(dict.fromkeys(text for text in carried if text))


def _name(parts: Sequence[str], template: Template, columns: Columns) -> tuple[str, int, str]:
    """The field of a column, how sure that is, and its header: all its lines together, else the lower ones.

    户主信息 over 姓名 is 户主姓名; 配偶 over 姓名 is no name of the person's.
    """
    above = [columns.group_of(part) for part in parts[:-1]]
    for start in range(len(parts)):
        name, rank = columns.match(template, "".join([*above[start:], parts[-1]]))
        if name:
            groups = [part for part, said in zip(parts[start:-1], above[start:], strict=True) if said]
            return name, rank + start * LOSS, "/".join([*groups, parts[-1]])
        if start < len(above) and above[start].startswith(columns.other_persons):
            break
    return "", 0, "/".join(parts)


def _beside(known: Sequence[tuple[int, Column]]) -> int:
    """Where names and numbers begin anew, called as before; 0 where they do not."""
    first: dict[tuple[str, str], int] = {}
    again: dict[str, int] = {}
    for _, column in known:
        if first.setdefault((column.field, column.header), column.index) != column.index:
            again.setdefault(column.field, column.index)
    return min(again.values()) if {"name", "id_number"} <= again.keys() else 0


def _one_of_each(
    known: Sequence[tuple[int, Column]], columns: Columns, template: Template
) -> tuple[list[Column], list[str]]:
    """Of several columns for one field the one that is called so most plainly; of phones all."""
    fields = columns.fields[template]
    best: dict[str, Column] = {}
    for _, column in sorted(known, key=lambda one: one[0]):
        best.setdefault(column.field, column)
    found: list[Column] = []
    repeated: list[str] = []
    for _, column in known:
        kind = fields[column.field].kind
        if best[column.field] is column or kind is Kind.PHONE:
            found.append(column)
        elif kind is not Kind.SKIP:
            repeated.append(column.header)
    return found, repeated


def _stand_in(found: Sequence[Column], columns: Columns, template: Template) -> list[Column]:
    """Columns that stand for those which the sheet has not."""
    made = list(found)
    for rule in columns.instead[template]:
        have = {one.field for one in made}
        first = next(iter(rule.fields))
        if first in have or rule.fields[first] not in have or rule.unless in have:
            continue
        swap = {source: name for name, source in rule.fields.items() if name not in have}
        made = [replace(one, field=swap.get(one.field, one.field)) for one in made]
    return made


def _titles(above: Sequence[Line], template: Template, columns: Columns) -> dict[str, str]:
    """2023年退捕渔民城乡居民养老保险缴费补贴发放表 -> year 2023, insurance resident."""
    if template is Template.T2 or not above:
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
