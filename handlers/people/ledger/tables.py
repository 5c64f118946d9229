"""A file -> the sheet that holds the ledger, its header, and its rows as a stream. Raises BadTable."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from typing import BinaryIO

from handlers.people.ledger.cells import Line
from handlers.people.ledger.columns import Columns, Template
from handlers.people.ledger.faults import BadTable
from handlers.people.ledger.heading import LOOK_AT, Heading, find_heading
from handlers.people.ledger.texts import read_text
from handlers.people.ledger.workbook import SheetInfo, Workbook, check_container

MOST_ROWS = 200_000


@dataclass(frozen=True)
class Table:
    """A ledger that can be read, as often as one likes."""

    heading: Heading
    sheet: str
    """Its name; empty in text."""
    other_sheets: Sequence[str]
    """Sheets that are not read."""
    _open: Callable[[], Iterator[Line]]

    def lines(self) -> Iterator[Line]:
        """What stands below the header, blank lines left out. Raises BadTable."""
        count = 0
        for line in self._open():
            if line.number > self.heading.last_row and not line.is_blank:
                count += 1
                if count > MOST_ROWS:
                    raise BadTable("table_too_long", most=MOST_ROWS)
                yield line


def open_table(file: BinaryIO, columns: Columns, *, wanted: Template | None = None) -> Table:
    """Raises BadTable: what the file is instead, or which columns are missing."""
    if not check_container(file):
        of_text = _check(find_heading(list(_head(read_text(file))), columns, wanted=wanted), columns)
        return Table(of_text, "", (), lambda: read_text(file))
    book = Workbook(file)
    found: list[tuple[tuple[int, ...], SheetInfo, Heading]] = []
    broken: BadTable | None = None
    for sheet in book.sheets:
        try:
            heading = find_heading(list(_head(book.lines(sheet))), columns, wanted=wanted)
        except BadTable as error:
            broken = error
            continue
        if heading is not None:
            whole, *rest = heading.weight
            # One that nobody sees is taken only where no other is a ledger.
            found.append(((whole, not sheet.hidden, *rest), sheet, heading))
    if broken is not None and not any(weight[0] for weight, _, _ in found):
        raise broken
    _, chosen, best = max(found, key=lambda one: one[0], default=(None, None, None))
    whole_heading = _check(best, columns)
    assert chosen is not None
    others = [sheet.name for sheet in book.sheets if sheet is not chosen and _has_rows(book, sheet)]
    return Table(whole_heading, chosen.name, others, lambda: book.lines(chosen))


def _head(lines: Iterator[Line]) -> Iterator[Line]:
    return islice((line for line in islice(lines, 10 * LOOK_AT) if not line.is_blank), LOOK_AT)


def _has_rows(book: Workbook, sheet: SheetInfo) -> bool:
    with suppress(BadTable):
        return any(not line.is_blank for line in islice(book.lines(sheet), 10 * LOOK_AT))
    return False


def _check(heading: Heading | None, columns: Columns) -> Heading:
    if heading is None:
        raise BadTable("table_no_header")
    if heading.missing:
        labels = [columns.fields[heading.template][name].label for name in heading.missing]
        raise BadTable(
            "table_columns_missing",
            template=str(heading.template),
            missing=labels,
            unknown=list(heading.unknown)[:20],
        )
    return heading
