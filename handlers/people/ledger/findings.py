"""What an import tells: columns, sheets, counts, faults. It is what the preview shows and `--json` prints. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from handlers.people.ledger.faults import Fault
from handlers.people.ledger.plans import Verdict

MOST_FAULTS = 200
"""Faults that a preview keeps; the table of faults holds all."""


@dataclass
class Findings:
    """What was found in a ledger; in the preview what would be done, after it what was."""

    template: str = ""
    sheets: list[dict[str, Any]] = field(default_factory=list)
    """Of each sheet that is read: name, titles, rows, and rows by verdict."""
    other_sheets: dict[str, str] = field(default_factory=dict)
    """Name -> why it is not read (`Unread`)."""
    columns: list[dict[str, str]] = field(default_factory=list)
    """Header in the file, field, label of ours."""
    unknown_columns: list[str] = field(default_factory=list)
    repeated_columns: list[str] = field(default_factory=list)
    """Headers of a field that another column is read for."""
    rows: int = 0
    hidden: int = 0
    skipped: dict[str, int] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(map(str, Verdict), 0))
    faults: list[dict[str, Any]] = field(default_factory=list)
    fault_counts: dict[str, int] = field(default_factory=dict)
    """Code -> how often."""
    regions: dict[str, int] = field(default_factory=dict)
    """Division code -> rows that fall there; empty for none."""
    not_named: int = 0
    """Persons of this place whom an earlier ledger named and this one does not; they are left alone."""

    def as_json(self) -> dict[str, Any]:
        order = {sheet["name"]: place for place, sheet in enumerate(self.sheets)}
        faults = sorted(self.faults, key=lambda fault: (order.get(fault["sheet"], 0), int(fault["row"])))
        return {**self.__dict__, "faults": faults}

    def count_faults(self, faults: Sequence[Fault]) -> None:
        for fault in faults:
            self.fault_counts[fault.code] = self.fault_counts.get(fault.code, 0) + 1
            if len(self.faults) < MOST_FAULTS:
                self.faults.append(describe(fault))


def describe(fault: Fault) -> dict[str, Any]:
    found: dict[str, Any] = {
        "sheet": fault.sheet,
        "row": fault.row,
        "column": fault.column,
        "code": fault.code,
        "refused": fault.refused,
    }
    return {**found, "value_masked": fault.value} if fault.value else found
