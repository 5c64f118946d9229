"""Offers from an xlsx table: one a row, headers in any order (columns.yaml), faults by row and column."""

from __future__ import annotations

import io
import re
import unicodedata
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, datetime, time
from functools import cache
from importlib.resources import files
from typing import Any

import yaml
from sqlalchemy.ext.asyncio import AsyncSession

from bot.staff import audit
from bot.staff.roles import Scope
from handlers.offers.drafting import read_draft
from handlers.offers.errors import SheetUnfit
from handlers.offers.likeness import columns_of, same_as
from handlers.offers.offer import Draft
from handlers.offers.publishing import Publishing
from knowledge.regions import Regions

MOST_ROWS = 1_000
HEAD_WITHIN = 10
"""Rows above the header: a title, who filled it in."""
MOST_BYTES = 50_000_000
"""Of the unpacked table; a small file may hold a very large one."""


@dataclass(frozen=True)
class RowFault:
    row: int
    """As the spreadsheet counts it."""
    column: str
    """As the table calls it; the field where it has no such column."""
    code: str


@dataclass(frozen=True)
class Sheet:
    rows: tuple[tuple[int, Draft], ...]
    written: tuple[Mapping[str, Any], ...]
    """Each row as it was written, by field."""
    names: Mapping[str, str]
    """Field -> its header."""
    unknown: tuple[str, ...]
    """Headers that nothing is read from."""


@dataclass
class Imported:
    rows: int = 0
    fit: int = 0
    added: int = 0
    codes: list[str] = field(default_factory=list)
    faults: list[RowFault] = field(default_factory=list)
    doubts: list[RowFault] = field(default_factory=list)
    """What should be looked at again: left open, or a limit that the law forbids."""
    unknown_columns: list[str] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


@cache
def _columns() -> dict[str, list[str]]:
    """Field -> headers, the first as we call it."""
    found: dict[str, list[str]] = yaml.safe_load((files("handlers.offers") / "columns.yaml").read_text("utf-8"))
    return found


@cache
def _aliases() -> dict[str, str]:
    """Header -> field."""
    return {_bare(alias): name for name, aliases in _columns().items() for alias in aliases}


def write_empty() -> bytes:
    """A table with all headers and no row, to be filled in."""
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    sheet.append([aliases[0] for aliases in _columns().values()])
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _bare(header: object) -> str:
    """工资（元/月） -> 工资."""
    text = unicodedata.normalize("NFKC", str(header or ""))
    return re.sub(r"\(.*?\)|[\s*:：/]|\[.*?\]", "", text).lower()


def read_sheet(content: bytes, *, regions: Regions, home: str, now: datetime) -> Sheet:
    """The first sheet with a header. Raises SheetUnfit."""
    for table in _tables(content):
        if (found := _header(table)) is not None:
            at, columns, unknown = found
            names = {name: header for name, header, _ in columns}
            rows = [
                {"row": number, **{name: cells[column] for name, _, column in columns if column < len(cells)}}
                for number, cells in enumerate(table[at + 1 :], at + 2)
                if any(cell not in (None, "") for cell in cells)
            ]
            return _sheet(rows, names, unknown, regions=regions, home=home, now=now)
    raise SheetUnfit(why="no_columns")


def _tables(content: bytes) -> list[list[tuple[Any, ...]]]:
    from openpyxl import load_workbook

    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if sum(entry.file_size for entry in archive.infolist()) > MOST_BYTES:
                raise SheetUnfit(why="too_many")
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        tables = []
        for sheet in book.worksheets:
            rows = []
            for row in sheet.iter_rows(values_only=True):
                rows.append(tuple(row))
                if len(rows) > MOST_ROWS + HEAD_WITHIN:
                    raise SheetUnfit(why="too_many")
            tables.append(rows)
    except SheetUnfit:
        raise
    except Exception as error:  # whatever a broken file makes of a parser
        raise SheetUnfit(why="unreadable") from error
    return tables


def _header(
    table: Sequence[tuple[Any, ...]],
) -> tuple[int, list[tuple[str, str, int]], tuple[str, ...]] | None:
    """The row with the most known headers, kind and title among them. -> row, (field, header, column), unknown"""
    for at, cells in enumerate(table[:HEAD_WITHIN]):
        columns: dict[str, tuple[str, str, int]] = {}
        unknown = []
        for column, cell in enumerate(cells):
            name = _aliases().get(_bare(cell))
            if name is None:
                unknown += [str(cell)[:40]] if cell not in (None, "") else []
            else:
                columns.setdefault(name, (name, str(cell).strip(), column))
        if {"kind", "title"} <= set(columns):
            return at, list(columns.values()), tuple(unknown)
    return None


def _sheet(
    rows: Sequence[Mapping[str, Any]],
    names: Mapping[str, str],
    unknown: tuple[str, ...],
    *,
    regions: Regions,
    home: str,
    now: datetime,
) -> Sheet:
    if not rows:
        raise SheetUnfit(why="empty")
    if len(rows) > MOST_ROWS:
        raise SheetUnfit(why="too_many")
    drafts = tuple((int(row["row"]), read_draft(row, regions=regions, home=home, now=now)) for row in rows)
    return Sheet(drafts, tuple(rows), names, unknown)


def rows_of(sheet: Sheet) -> list[dict[str, Any]]:
    """As JSON, so that a page can hold them until somebody has looked."""
    return [
        {name: value.isoformat() if isinstance(value, date | time) else value for name, value in row.items()}
        for row in sheet.written
    ]


def read_rows(rows: Sequence[Mapping[str, Any]], *, regions: Regions, home: str, now: datetime) -> Sheet:
    """What `rows_of` gave. Raises SheetUnfit."""
    if any(not str(row.get("row", "")).isdecimal() for row in rows):
        raise SheetUnfit(why="empty")
    return _sheet(rows, {}, (), regions=regions, home=home, now=now)


async def add_rows(
    session: AsyncSession,
    publishing: Publishing,
    sheet: Sheet,
    *,
    actor: audit.Actor,
    scope: Scope,
    now: datetime,
    write: bool,
) -> Imported:
    """Every row that fits and is not there yet; `write` adds them, without it they are only looked at."""
    done = Imported(rows=len(sheet.rows), unknown_columns=list(sheet.unknown))
    seen: list[Mapping[str, Any]] = []
    for number, draft in sheet.rows:
        faults, missing, limits = publishing.check(draft, scope=scope, now=now)

        def named(name: str) -> str:
            return sheet.names.get(name, name)

        if faults:
            done.faults += [RowFault(number, named(name), code) for name, code in faults.items()]
            continue
        said = columns_of(draft)
        if said in seen or await same_as(session, draft):
            done.doubts.append(RowFault(number, draft.title, "there"))
            continue
        seen.append(said)
        done.fit += 1
        done.doubts += [RowFault(number, named(name), "missing") for name in missing]
        done.doubts += [RowFault(number, limit.words, limit.clause) for limit in limits]
        done.doubts += [RowFault(number, written, "misspelt") for written, _ in draft.misspelt]
        if write:
            offer = await publishing.add(session, draft, actor=actor, scope=scope, now=now, confirmed=True)
            done.added += 1
            done.codes.append(offer.code)
    return done


def say_doubts(publishing: Publishing, draft: Draft, *, scope: Scope, now: datetime) -> list[str]:
    """What should be looked at again, one line each, for the command line."""
    _, missing, limits = publishing.check(draft, scope=scope, now=now)
    said = [f"{name}: missing" for name in missing] + [f"{limit.words}: {limit.clause}" for limit in limits]
    return said + [f"{written}: {meant}?" for written, meant in draft.misspelt]
