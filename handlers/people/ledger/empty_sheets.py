"""Sheets that go out beside the ledgers: empty ones to be filled in, and the list of faults of one that came in."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import BinaryIO

from bot.sheets import SheetWriter
from handlers.people.ledger.columns import Kind, Template, load_columns
from handlers.people.ledger.faults import Fault
from handlers.people.ledger.importing import Import
from handlers.people.ledger.labels import say_value, word, words_of

TEXT_FORMAT = "@"
ROWS = 500
"""Of an empty sheet, that are set to text: a number typed there keeps its digits."""
_AS_TEXT = frozenset({Kind.ID, Kind.PHONE, Kind.DATE, Kind.LAST4})


def write_empty(template: Template, file: BinaryIO) -> None:
    """The columns of a ledger, numbers and dates as text, the words of closed columns to choose from."""
    from openpyxl import Workbook
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter
    from openpyxl.worksheet.datavalidation import DataValidation

    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = word("template", template)
    fields = [one for one in load_columns().fields[template].values() if not one.extra]
    for index, one in enumerate(fields, start=1):
        letter = get_column_letter(index)
        sheet.cell(1, index, one.label).font = Font(bold=True)
        sheet.column_dimensions[letter].width = 22 if one.kind is Kind.ID else max(8, 2 * len(one.label) + 4)
        if one.kind in _AS_TEXT:
            for row in range(2, ROWS + 2):
                sheet.cell(row, index).number_format = TEXT_FORMAT
        if one.kind in (Kind.CHOICE, Kind.GENDER):
            choices = DataValidation("list", formula1=f'"{",".join(_choices(one.name, one.values))}"', allow_blank=True)
            choices.errorStyle = "information"
            choices.add(f"{letter}2:{letter}{ROWS + 1}")
            sheet.add_data_validation(choices)
    sheet.freeze_panes = "A2"
    book.save(file)


def _choices(name: str, table: str) -> list[str]:
    if not table:
        return [say_value(name, value) for value in ("male", "female")]
    return sorted(say_value(name, value) for value in load_columns().values_of(table))


async def write_faults(ledger: Import, file: BinaryIO) -> None:
    """Raises BadTable."""
    sheet = SheetWriter(word("template", ledger.findings.template), words_of("fault_columns"))

    def add(faults: Sequence[Fault]) -> None:
        for fault in faults:
            told = word("fault", fault.code)
            sheet.add([fault.sheet, fault.row, fault.column, told, fault.value, words_of("refused")[fault.refused]])

    try:
        await ledger.look(on_faults=add)
        await asyncio.to_thread(sheet.save, file)
    finally:
        sheet.tidy()
