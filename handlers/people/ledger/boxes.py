"""Boxes to tick within a cell: ☑男 □女, 已就业□ 未就业☑ -> the words that are ticked. Pure."""

from __future__ import annotations

import re

from handlers.people.ledger.cells import Cell, plain

_EMPTY, _TICKED = "□☐⬜", "☑☒■√✓✔✅"
_BOX = re.compile(f"[{_EMPTY}{_TICKED}]")
_BRACKETS = re.compile(rf"[\[(]\s*([{_TICKED}])\s*[\])]")
_BRACKETS_EMPTY = re.compile(r"\[\s*\]|\(\s*\)")


def ticked(cell: Cell) -> list[str] | None:
    """The labels that are ticked, in order; None where the cell holds no boxes with labels."""
    if not isinstance(cell, str) or not _BOX.search(cell):
        return None
    text = _BRACKETS_EMPTY.sub("□", _BRACKETS.sub(r"\1", plain(cell)))
    marks = list(_BOX.finditer(text))
    boxed = any(mark[0] in _EMPTY or mark[0] in "☑☒✅" for mark in marks)
    if not marks or not boxed:
        return None
    labels = [_label(part) for part in _BOX.split(text)]
    labels = labels[1:] if not labels[0] else labels[:-1]
    if len(labels) != len(marks) or not all(labels):
        return None
    return [label for mark, label in zip(marks, labels, strict=True) if mark[0] in _TICKED]


def _label(text: str) -> str:
    return text.strip(" 、,，;；/|:：")
