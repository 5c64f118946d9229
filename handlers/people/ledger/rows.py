"""A line of a ledger -> a record of its fields, or what is wrong with it. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from handlers.people.ledger import values
from handlers.people.ledger.blocks import Blocks
from handlers.people.ledger.boxes import ticked
from handlers.people.ledger.cells import LONGEST, Cell, Line, plain, words
from handlers.people.ledger.columns import Columns, Field, Kind, Template
from handlers.people.ledger.faults import Fault
from handlers.people.ledger.gone import Gone, who_is_gone
from handlers.people.ledger.grouping import is_unclear, means_yes
from handlers.people.ledger.heading import Heading, has_number
from handlers.people.ledger.identity import Identity
from handlers.people.ledger.masking import mask
from handlers.people.ledger.names import check_name
from handlers.people.ledger.skips import Skips
from handlers.people.ledger.values import BadValue
from handlers.people.ledger.villages import village_name
from handlers.people.ledger.wishing import WISHES, read_wish

_MUST = (Kind.ID, Kind.NAME)
_TICKED = (Kind.GENDER, Kind.CHOICE, Kind.TEXT)
"""In which boxes may stand to be ticked; yes-or-no columns read theirs themselves."""
MOST_TEXT = 500
"""Characters of a field; 60 of a village."""
SOFT_KINDS = (Kind.TEXT, Kind.YESNO, Kind.LAST4)
"""What is not understood there refuses no row."""
UNKEPT = (Kind.DATE, Kind.LAST4)
"""... and is not kept as it stands."""
PLACES = frozenset({"province", "city", "county", "town", "village", "hamlet"})
"""What may be filled down over lines that hold nobody, as 序号 is."""
SHORT = {"village": 60, "town": 40, "county": 40, "householder": 40, "helper": 40, "officer": 40}


@dataclass(frozen=True)
class Record:
    """One row that can be taken."""

    row: int
    identity: Identity
    fields: Mapping[str, Any]
    """Field -> text, number, list of phones; what is empty is not there."""
    hidden: bool = False
    place: int = 0
    """Of its sheet among those that are read."""


@dataclass
class Reading:
    """What came of one line: a record or nothing, and what is to be told of it."""

    record: Record | None = None
    faults: list[Fault] = field(default_factory=list)
    skipped: str = ""
    """total, note, header, section, sample, numbering, blank: no row of a person; again: one that was there."""
    number: str = ""
    """Of the person, also where the row is refused."""
    householder: str = ""
    """The number of the householder whom the row names beside the person."""
    heading: Heading | None = None
    """Another header that counts from here on."""


class RowReader:
    """Reads the lines below one header."""

    def __init__(self, heading: Heading, columns: Columns, *, today: date, sheet: str = "", place: int = 0) -> None:
        self._columns = columns
        self._today = today
        self._sheet, self._place = sheet, place
        self._blocks = Blocks(heading, columns)
        self._begins = heading.last_row
        self._before: tuple[Any, str] = (None, "")
        self._use(heading)

    def _use(self, heading: Heading) -> None:
        self._heading = heading
        self._fields = self._columns.fields[heading.template]
        self._by_field = {column.field: column for column in reversed(heading.columns)}
        persons_own = [
            column.index
            for column in heading.columns
            if column.field not in PLACES and self._fields[column.field].kind is not Kind.SKIP
        ]
        self._skips = Skips(heading, self._columns, persons_own)

    def read(self, line: Line) -> Reading:
        if line.number <= self._begins:
            return self._refuse(line, "above_header")
        if (switched := self._blocks.goes_on(line)) is not None:
            return self._headed(switched)
        if self._blocks.barred and has_number(line):
            return self._refuse(line, "block_differs")
        if skipped := self._skips.why(line):
            if skipped == "header":
                return self._headed(self._blocks.begin(line))
            self._blocks.pass_by(line)
            return Reading(skipped=skipped)
        reading = self._refuse(line, "block_differs") if self._blocks.barred else self._read(line)
        if reading.number or self._blocks.barred:
            self._blocks.rows_begin()
        else:
            self._blocks.pass_by(line)  # it may be the first line of the next header
        return reading

    def _refuse(self, line: Line, code: str) -> Reading:
        return Reading(faults=[self._fault(line, self._by_field["id_number"].header, code)])

    def _headed(self, switched: bool) -> Reading:
        """A line of headers; from here on the columns may be others."""
        if switched:
            self._use(self._blocks.heading)
        return Reading(skipped="header", heading=self._heading if switched else None)

    def _read(self, line: Line) -> Reading:
        reading = Reading()
        found: dict[str, Any] = {
            name: int(value) if name == "year" else village_name(value) if name == "village" else value
            for name, value in self._heading.titles.items()
        }
        identity: Identity | None = None
        for column in self._heading.columns:
            kind, cell = self._fields[column.field], line.at(column.index)
            if kind.kind is Kind.SKIP or (cell is None and kind.kind not in _MUST):
                continue
            try:
                value = self._value(kind, cell)
            except BadValue as error:
                soft = kind.soft or kind.kind in SOFT_KINDS
                # A formula for what the number says better.
                soft = soft or (error.code == "no_value" and kind.name in ("birth", "gender"))
                kept = soft and type(cell) is str and kind.kind not in UNKEPT and error.code != "ditto"
                value = words(cell)[: SHORT.get(kind.name, MOST_TEXT)] if kept else None
                reading.faults.append(
                    self._fault(line, column.header, error.code, mask(kind.kind, cell, self._columns), refused=not soft)
                )
            if isinstance(value, Identity):
                identity = value
            elif kind.kind is Kind.PHONE and value:
                found[column.field] = values.mobile_first([*found.get(column.field, ()), *value])
            elif value not in (None, "", []):
                found[column.field] = value
        reading.faults += self._compare(line, found, identity, {fault.column for fault in reading.faults})
        reading.faults += self._check_name(line, found, identity)
        reading.number = identity.number if identity is not None else ""
        reading.householder = self._householder(line)
        if identity is not None and not any(fault.refused for fault in reading.faults):
            reading.record = Record(line.number, identity, found, line.hidden, self._place)
        return reading

    def _check_name(self, line: Line, found: Mapping[str, Any], identity: Identity | None) -> list[Fault]:
        """The name of the place instead of a name; the householder's over the number of each of the household."""
        name, number = found.get("name"), identity.number if identity else ""
        before, self._before = self._before, (name, number)
        if name is None:
            return []
        code = ""
        if name in (found.get("village"), found.get("town")):
            code = "name_bad"
        elif self._heading.by_householder and name == before[0] and number and before[1] and number != before[1]:
            code = "name_of_householder"
        return [self._fault(line, self._by_field["name"].header, code)] if code else []

    def _householder(self, line: Line) -> str:
        """The number of whoever stands beside the person as head of the household."""
        column = self._by_field.get("householder_id")
        if column is None or line.at(column.index) is None:
            return ""
        with suppress(BadValue):
            return values.read_id(line.at(column.index), today=self._today).number
        return ""

    def _fault(self, line: Line, column: str, code: str, value: str = "", *, refused: bool = True) -> Fault:
        return Fault(line.number, column, code, value, refused, self._sheet)

    def _value(self, one: Field, cell: Cell) -> Any:
        """Raises BadValue."""
        if one.kind in _TICKED and one.name != "note" and (labels := ticked(cell)) is not None:
            cell = "、".join(labels)
        match one.kind:
            case Kind.ID:
                return values.read_id(cell, today=self._today)
            case Kind.NAME:
                name = values.read_name(cell, self._columns)
                check_name(cell)
                return name
            case Kind.PHONE:
                return values.read_phones(cell, self._columns)
            case Kind.DATE:
                return values.read_date(cell, birth=one.name == "birth", span=one.span)
            case Kind.YEAR:
                return self._year(cell)
            case Kind.AMOUNT:
                return values.read_amount(cell)
            case Kind.GENDER:
                return values.read_gender(cell)
            case Kind.LAST4:
                return values.read_last4(cell)
            case Kind.CHOICE:
                return self._choice(one, cell)
            case Kind.YESNO:
                return self._yes_or_no(one, cell)
            case _:
                return self._text(one, cell)

    def _year(self, cell: Cell) -> int | None:
        if not isinstance(cell, date) and not values.text_of(cell):
            return None
        year = values.read_year(cell)
        if not 1990 <= year <= self._today.year + 1:
            raise BadValue("year_bad")
        return year

    def _choice(self, one: Field, cell: Cell) -> str:
        text = values.text_of(cell) or plain(cell)
        if not text:
            return ""
        if chosen := self._columns.choose(one.values, text):
            return chosen
        if text.casefold() in values.EMPTY:
            return ""
        raise BadValue("word_unknown")

    def _yes_or_no(self, one: Field, cell: Cell) -> str:
        """As it stands there, if it says one of both; 0 and 无 say no where another column would be empty."""
        text = self._text(one, cell) or (said if (said := plain(cell)) in self._columns.no_words else "")
        if text and means_yes(one, text, self._columns) is None:
            raise BadValue("word_unknown")
        return text

    def _text(self, one: Field, cell: Cell) -> str:
        text = values.text_of(cell)
        if not text:
            return ""
        if text in self._columns.ditto_words:
            raise BadValue("ditto")
        if type(cell) is str and cell != text:
            text = words(cell)
        most = SHORT.get(one.name, MOST_TEXT)
        if len(text) > min(most, LONGEST):
            raise BadValue("too_long")
        if one.name in WISHES and read_wish(text, self._columns)[1]:
            raise BadValue("wish_unclear")
        if self._heading.template is Template.T2 and is_unclear(one.name, text, self._columns):
            raise BadValue("group_unclear")
        if one.name == "village":
            return village_name(text)
        return " ".join(text.split()) if one.name in SHORT else text

    def _compare(
        self, line: Line, found: Mapping[str, Any], identity: Identity | None, told: Collection[str]
    ) -> list[Fault]:
        """What the number says of its holder against what the columns say; and what each row must have.

        `told`: columns of which something is told already.
        """
        faults: list[Fault] = []

        def say(name: str, code: str, value: str = "") -> None:
            column = self._by_field.get(name)
            faults.append(self._fault(line, column.header if column else self._fields[name].label, code, value))

        if identity is not None:
            if (born := found.get("birth")) and not identity.born.isoformat().startswith(born):
                say("birth", "birth_differs")
            if (gender := found.get("gender")) and gender != identity.gender:
                say("gender", "gender_differs")
        needed = {
            Template.T2: (),
            Template.T3: (("insurance", "insurance_missing"), ("year", "year_missing")),
            Template.T4: (("kind", "kind_missing"), ("held_on", "date_missing")),
        }
        for name, code in needed[self._heading.template]:
            column = self._by_field.get(name)
            if name not in found and not (column and column.header in told):
                say(name, code)
        if self._heading.template is Template.T2:
            faults += self._check_gone(line)
        if self._heading.template is Template.T4:
            faults += self._check_service(line, found)
        return faults

    def _check_gone(self, line: Line) -> list[Fault]:
        """已去世 in the remarks: nobody is to be called."""
        for name in self._columns.gone_columns:
            column = self._by_field.get(name)
            if column and (text := plain(line.at(column.index))) and (gone := who_is_gone(text, self._columns)):
                code = "person_gone" if gone is Gone.SELF else "gone_in_note"
                return [self._fault(line, column.header, code, refused=gone is Gone.SELF)]
        return []

    def _check_service(self, line: Line, found: Mapping[str, Any]) -> list[Fault]:
        on, column = str(found.get("held_on", "")), self._by_field["held_on"]
        if on and len(on) < 10:
            return [self._fault(line, column.header, "day_missing")]
        if on > self._today.isoformat():
            return [self._fault(line, column.header, "date_ahead")]
        if on and "year" in found and int(on[:4]) != found["year"]:
            return [self._fault(line, column.header, "year_differs")]
        return []


def jsonable(fields: Mapping[str, Any]) -> dict[str, Any]:
    """As it is kept: amounts as text."""
    return {name: str(value) if isinstance(value, Decimal) else value for name, value in fields.items()}
