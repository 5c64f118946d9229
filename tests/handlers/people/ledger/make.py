"""Ledgers for tests: identity numbers that hold, sheets and text files of every shape, and what is read of them."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from io import BytesIO
from typing import Any

from openpyxl import Workbook

from handlers.people.ledger.columns import Template, load_columns
from handlers.people.ledger.faults import Fault
from handlers.people.ledger.heading import Heading
from handlers.people.ledger.identity import check_digit
from handlers.people.ledger.rows import Record, RowReader
from handlers.people.ledger.tables import Table, open_table

TODAY = date(2026, 11, 24)
HEAD = ["姓名", "身份证号", "联系电话", "乡镇", "村"]


def number(place: str = "421083", born: str = "19680103", order: int = 123) -> str:
    """A number that holds; of nobody."""
    first = f"{place}{born}{order:03}"
    return first + check_digit(first)


ID, OTHER_ID = number(), number(born="19750615", order=246)
ROW = ["示例张三", ID, "13800001234", "新堤街道", "示例村"]
OTHER = ["示例李四", OTHER_ID, "13900005678", "螺山镇", "样板村"]


def sheet(*rows: Sequence[Any], change: Callable[[Workbook], None] | None = None) -> bytes:
    book = Workbook()
    assert book.active is not None
    for row in rows:
        book.active.append(list(row))
    if change is not None:
        change(book)
    file = BytesIO()
    book.save(file)
    return file.getvalue()


def rewrite(content: bytes, part: str, change: Callable[[str], str]) -> bytes:
    """An xlsx with one of its parts changed, as no library writes it."""
    made = BytesIO()
    with zipfile.ZipFile(BytesIO(content)) as old, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new:
        for info in old.infolist():
            body = old.read(info)
            if info.filename == part:
                body = change(body.decode()).encode()
            new.writestr(info.filename, body)
    return made.getvalue()


def text(*rows: Sequence[str], separator: str = ",", end: str = "\r\n", encoding: str = "utf-8") -> bytes:
    return end.join(separator.join(row) for row in rows).encode(encoding) + end.encode(encoding)


@dataclass
class Result:
    table: Table
    records: list[Record]
    faults: list[Fault]
    skipped: list[str]

    @property
    def heading(self) -> Heading:
        """Of the first sheet."""
        return self.table.sheets[0].heading

    @property
    def codes(self) -> list[str]:
        return [fault.code for fault in self.faults]

    @property
    def ids(self) -> list[str]:
        return [record.identity.number for record in self.records]


def read(content: bytes, wanted: Template | None = None) -> Result:
    """Raises BadTable."""
    columns = load_columns()
    table = open_table(BytesIO(content), columns, wanted=wanted)
    readers = [
        RowReader(sheet.heading, columns, today=TODAY, sheet=sheet.name, place=place)
        for place, sheet in enumerate(table.sheets)
    ]
    result = Result(table, [], [], [])
    for place, line in table.lines():
        one = readers[place].read(line)
        result.faults += one.faults
        if one.record is not None:
            result.records.append(one.record)
        if one.skipped:
            result.skipped.append(one.skipped)
    return result


def cell_xml(content: bytes, at: str, xml: str) -> bytes:
    """Put a cell into the sheet as it is given."""
    pattern = rf'<c r="{at}"[^>]*?(?:/>|>.*?</c>)'
    return rewrite(content, "xl/worksheets/sheet1.xml", lambda body: re.sub(pattern, xml, body, count=1))
