"""What is told of a cell or a header that is wrong, so that nobody is known by it. Pure."""

from __future__ import annotations

import re
from functools import cache

from bot.sealing import mask_id, mask_name, mask_phone
from handlers.people.ledger.cells import Cell, plain
from handlers.people.ledger.columns import Columns, Kind
from knowledge.surnames import surname_shape


def mask(kind: Kind, cell: Cell, columns: Columns) -> str:
    """In a row whose cells have slipped any cell may hold a name: what may be one is hidden wherever it stands."""
    text = plain(cell)[:40]
    match kind:
        case Kind.ID:
            return mask_id(text) if len(text) >= 15 and "." not in text else f"{text[:4]}…" if text else ""
        case Kind.PHONE:
            return mask_phone(text) if text else ""
        case Kind.NAME:
            return mask_name(text)
        case Kind.LAST4 | Kind.TEXT:
            return f"{len(plain(cell))} 字" if text else ""
    return _mask_words(re.sub(r"[0-9]{7,}", "****", text)[:20], columns)


def _mask_words(text: str, columns: Columns) -> str:
    """张某停止务工 -> **停止务工: what the ledgers know is shown, else what begins as no name does."""
    if _may_be_name().fullmatch(text):
        return mask_name(text)
    parts = re.split(f"({columns.shown.pattern})", text)
    for at in range(0, len(parts), 2):
        parts[at] = _may_be_name().sub(lambda found: "*" * len(found[0]), parts[at])
    return "".join(parts)


def mask_header(header: str, columns: Columns) -> str:
    """A header that is not known; what may be somebody's name, as in a form that is no table, is half hidden."""
    parts = [_mask_part(part, columns) for part in header.split("/")]
    return "/".join(parts)


def _mask_part(text: str, columns: Columns) -> str:
    bare = text.replace(" ", "")
    if _may_be_name().fullmatch(bare) and not bare.endswith(columns.header_ends):
        return mask_name(bare)
    return re.sub(r"[0-9]{6,}[0-9xX]", "****", text)


@cache
def _may_be_name() -> re.Pattern[str]:
    return re.compile(rf"(?:{surname_shape()})[\u4e00-\u9fff]{{1,2}}")
