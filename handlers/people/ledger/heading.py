"""Where the header of a sheet is, what its columns are, and so which ledger it is. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from handlers.people.ledger.cells import Line, Number, plain
from handlers.people.ledger.columns import LOSS, Columns, Kind, Template, header_text
from handlers.people.ledger.picking import Column, find_beside, is_others, of_others, one_of_each, stand_in_for

LOOK_AT = 100
"""Lines in which a header is looked for."""
LEAST = 2
"""Columns that must be known in a header."""
MOST_LINES = 3
"""Of one header."""
_NUMBER = re.compile(r"[0-9]{15}|[0-9]{17}[0-9Xx]|[0-9.]+[eE]\+1[0-9]|[0-9]{6}\*{4,}[0-9Xx]*")


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

    by_householder: bool = False
    """Its names are householders' beside numbers that may be those of others of the household."""

    @property
    def weight(self) -> tuple[bool, int, int]:
        return (not self.missing, -len(self.missing), len(self.columns))


@dataclass(frozen=True)
class _Candidate:
    heading: Heading
    goes_on: bool
    head: Sequence[Line]
    above: Sequence[Line]

    @property
    def weight(self) -> tuple[tuple[bool, int, int], bool]:
        return (self.heading.weight, self.goes_on)


def find_heading(lines: Sequence[Line], columns: Columns, *, wanted: Template | None = None) -> Heading | None:
    """The best header above the first rows of a ledger; None where nothing looks like one.

    Headers further down are those of other blocks: whoever stands above them belongs to the first.
    """
    filled = [line for line in lines if not line.is_blank][:LOOK_AT]
    best: _Candidate | None = None
    end = len(filled)
    for at in range(len(filled)):
        if at >= end:
            break
        for one in _candidates_at(filled, at, columns, wanted):
            if len(one.heading.columns) >= LEAST and (best is None or one.weight > best.weight):
                best = one
                if not one.heading.missing:
                    below = at + len(one.head)
                    end = next((place for place in range(below, len(filled)) if is_data(filled[place])), len(filled))
    if best is None:
        return None
    if wanted is None and best.heading.template is Template.T2 and (other := _lacking_other(best, columns)):
        return other
    return _unless_members(best, columns, [line for line in filled if line.number > best.heading.last_row])


def _candidates_at(filled: Sequence[Line], at: int, columns: Columns, wanted: Template | None) -> Iterator[_Candidate]:
    if is_data(filled[at]):
        return
    for template in [wanted] if wanted else [Template.T4, Template.T3, Template.T2]:
        for depth in range(1, MOST_LINES + 1):
            head = filled[at : at + depth]
            if len(head) < depth or not _is_head(head):
                break
            found = _read(head, template, columns, filled[:at])
            yield _Candidate(found, depth > 1 and _goes_on(head, template, columns), head, filled[:at])


def _lacking_other(best: _Candidate, columns: Columns) -> Heading | None:
    """The ledger of payments or services that it is though a column is missing: its amounts or days are no roster's."""
    roster = _kept(best.head, Template.T2, columns)
    for template in (Template.T3, Template.T4):
        other = _read(best.head, template, columns, best.above)
        fewest = 1 if other.missing == ["year"] else 2  # an amount alone shows it
        known = _kept(best.head, template, columns)
        own, not_own = known[0] - roster[0], roster[0] - known[0] - known[1]
        if (
            len(other.missing) == 1
            and other.missing != ["id_number"]
            and len(own) >= fewest
            and len(own) > len(not_own)
        ):
            return other
    return None


def _kept(head: Sequence[Line], template: Template, columns: Columns) -> tuple[set[int], set[int]]:
    """Places of the columns that a ledger keeps, and of those that it knows and does not keep."""
    kept: set[int] = set()
    left: set[int] = set()
    for index, parts in enumerate(_stacks(head)):
        if parts and (name := _name(parts, template, columns)[0]):
            (left if columns.fields[template][name].kind is Kind.SKIP else kept).add(index)
    return kept, left


def _unless_members(best: _Candidate, columns: Columns, below: Sequence[Line]) -> Heading:
    """A householder's name over the numbers of two persons is not theirs."""
    found = best.heading
    if not found.by_householder:
        return found
    name, number = (next(one.index for one in found.columns if one.field == it) for it in ("name", "id_number"))
    rows = [(plain(line.at(name)), plain(line.at(number))) for line in below if plain(line.at(number))]
    if any(one[0] and one[0] == other[0] and one[1] != other[1] for one, other in pairwise(rows)):
        return _read(best.head, found.template, columns, best.above, stand_in=False)
    return found


def _is_head(lines: Sequence[Line]) -> bool:
    """Whether several lines may be one header: no title (one text alone) stands above another, nobody below it."""
    titled = any(len(_texts(line)) < 2 for line in lines[:-1])
    return not titled and not any(is_data(line) for line in lines[1:])


def _goes_on(lines: Sequence[Line], template: Template, columns: Columns) -> bool:
    """Whether the last line names columns of its own below a line that is a header itself."""
    above = {text for line in lines[:-1] for text in _texts(line)}
    own = [text for text in _texts(lines[-1]) if text not in above and columns.field_of(template, text)]
    known = [text for text in _texts(lines[0]) if columns.field_of(template, text)]
    return bool(own) and len(known) >= LEAST


def _texts(line: Line) -> list[str]:
    """What differs; a title may be merged over all columns."""
    return list(dict.fromkeys(text for cell in line.cells if (text := header_text(cell))))


def is_data(line: Line) -> bool:
    """Whether somebody's number or phone stands there."""
    return any(
        (isinstance(cell, Number) and len(cell) > 6)
        or re.search(r"[0-9]{11}|[0-9]{6}\*+", plain(cell).replace(" ", ""))
        for cell in line.cells
    )


def has_number(line: Line) -> bool:
    """Whether a cell is the number of somebody, whole, masked or rounded."""
    return any(not isinstance(cell, date) and _NUMBER.fullmatch(plain(cell).replace(" ", "")) for cell in line.cells)


def _read(
    head: Sequence[Line], template: Template, columns: Columns, above: Sequence[Line], *, stand_in: bool = True
) -> Heading:
    named = [
        (rank, Column(index, name, header))
        for index, parts in enumerate(_stacks(head))
        if parts
        for name, rank, header in [_name(parts, template, columns)]
    ]
    theirs = of_others([column for _, column in named], columns, columns.fields[template])
    unknown = [theirs.get(one.index, one.header) for _, one in named if not one.field or one.index in theirs]
    known = [(rank, one) for rank, one in named if one.field and one.index not in theirs]
    beside = find_beside(known)
    found, repeated = one_of_each([one for one in known if not beside or one[1].index < beside], columns, template)
    own, by_householder = stand_in_for(found, columns, template, unknown) if stand_in else (found, False)
    unknown += [one.header for one in own if one.field == "member"]
    found = [one for one in own if one.field != "member"]
    names = {one.field for one in found}
    titles = {name: said for name, said in _titles(above, template, columns).items() if name not in names}
    missing = [needs[0] for needs in columns.needs[template] if not names.union(titles).intersection(needs)]
    texts = [text for line in (*above, *head) for cell in line.cells if (text := plain(cell))]
    last = head[-1].number
    return Heading(template, found, unknown, repeated, missing, last, titles, texts, beside, by_householder)


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
        if start < len(above) and (above[start].startswith(columns.other_persons) or is_others(parts[start], columns)):
            break
    return "", 0, "/".join(parts)


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
