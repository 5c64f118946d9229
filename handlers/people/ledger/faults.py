"""What can be wrong with a ledger: the file as a whole, or one cell of it. Codes here, words in `ledger.yaml`."""

from __future__ import annotations

from dataclasses import dataclass

from bot.errors import UserFacingError


class BadTable(UserFacingError):
    """The file cannot be read as a ledger; `code` says why, `table_…`."""


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong with a row."""

    row: int
    column: str
    """As the file calls it; empty where it concerns the whole row."""
    code: str
    value: str = ""
    """What stands there, masked."""
    refused: bool = True
    """Whether the row is left out for it; else it is only told."""
    sheet: str = ""
    """Of the workbook; empty in text."""
