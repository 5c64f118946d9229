"""Spreadsheets that are given out: cells no spreadsheet runs, rows that lie nowhere, and the way to the browser."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO
from urllib.parse import quote

from aiohttp import web

if TYPE_CHECKING:
    from openpyxl import Workbook

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PIECE = 256 * 1024
FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet would take for a formula."""
MOST_IN_CELL = 32_000
"""Characters; a spreadsheet takes 32,767."""


class SheetWriter:
    """A workbook of one sheet while it is written; each row goes to openpyxl's temporary file at once."""

    def __init__(self, title: str, head: Sequence[str]) -> None:
        from openpyxl import Workbook

        self._book: Workbook = Workbook(write_only=True)
        self._sheet: Any = self._book.create_sheet(title)
        self._sheet.append([safe_cell(cell) for cell in head])

    def add(self, row: Sequence[Any]) -> None:
        self._sheet.append([safe_cell(cell) for cell in row])

    def save(self, file: BinaryIO) -> None:
        self._book.save(file)

    def tidy(self) -> None:
        """What was told must not lie about: openpyxl drops its file only when it saves."""
        with suppress(ValueError):  # whoever asked has gone, and a row is being written in a thread
            if not self._sheet.closed:
                self._sheet.close()
        Path(self._sheet._writer.out).unlink(missing_ok=True)


def safe_cell(value: Any) -> Any:
    """A cell that no spreadsheet runs or chokes on."""
    if value is None or isinstance(value, int | float):
        return value
    text = "".join(character for character in str(value) if character >= " " or character in "\n\t")[:MOST_IN_CELL]
    return "'" + text if text.startswith(FORMULA) or text.lstrip().startswith(FORMULA) else text


async def send_xlsx(request: web.Request, file: BinaryIO, *, name: str, plain_name: str) -> web.StreamResponse:
    """A file as a download; `plain_name` for browsers that read ASCII only."""
    size = file.seek(0, 2)
    file.seek(0)
    disposition = f"attachment; filename=\"{plain_name}\"; filename*=UTF-8''{quote(name)}"
    response = web.StreamResponse(headers={"Content-Type": XLSX, "Content-Disposition": disposition})
    response.content_length = size
    await response.prepare(request)
    while piece := await asyncio.to_thread(file.read, PIECE):
        await response.write(piece)
    await response.write_eof()
    return response
