"""A file -> the sheets that hold the ledger, their headers, and their rows as a stream. Raises BadTable."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import islice
from typing import BinaryIO

from handlers.people.ledger.cells import Line
from handlers.people.ledger.columns import Columns, Template
from handlers.people.ledger.faults import BadTable
from handlers.people.ledger.heading import LOOK_AT, Heading, find_heading, has_number
from handlers.people.ledger.masking import mask_header
from handlers.people.ledger.texts import read_text
from handlers.people.ledger.workbook import SheetInfo, Workbook, check_container

MOST_ROWS = 200_000


class Unread(StrEnum):
    """Why a sheet of a workbook is not read."""

    NO_LEDGER = "no_ledger"
    OTHER_LEDGER = "other_ledger"  # a whole one, but not the kind that is read
    COLUMNS_MISSING = "columns_missing"
    HIDDEN = "hidden"
    BROKEN = "broken"
    ASIDE = "aside"  # of who is gone, of samples, of what counts no more


@dataclass(frozen=True)
class Sheet:
    """One that is read."""

    name: str
    """Empty in text."""
    heading: Heading
    open: Callable[[], Iterator[Line]]


@dataclass(frozen=True)
class Table:
    """A ledger that can be read, as often as one likes: all sheets of a workbook that are of one kind."""

    sheets: Sequence[Sheet]
    other_sheets: Mapping[str, Unread]
    """Those that hold something and are not read."""

    @property
    def template(self) -> Template:
        return self.sheets[0].heading.template

    def lines(self) -> Iterator[tuple[int, Line]]:
        """(place of the sheet, line): what stands below the headers, blank lines left out; above them whoever has a
        number, to be told. Raises BadTable.
        """
        count = 0
        for place, sheet in enumerate(self.sheets):
            for line in sheet.open():
                if not line.is_blank and (line.number > sheet.heading.last_row or has_number(line)):
                    count += 1
                    if count > MOST_ROWS:
                        raise BadTable("table_too_long", most=MOST_ROWS)
                    yield place, line


def open_table(file: BinaryIO, columns: Columns, *, wanted: Template | None = None) -> Table:
    """Raises BadTable: what the file is instead, or which columns are missing."""
    if not check_container(file):
        of_text = _check(find_heading(list(_head(read_text(file))), columns, wanted=wanted), columns)
        return Table(list(_abreast("", of_text, lambda: read_text(file), columns)), {})
    book = Workbook(file)
    headings, broken = _find_headings(book, columns)
    if wanted is not None and not any(_is_whole(one, wanted) for one in headings.values()):
        headings, broken = _find_headings(book, columns, wanted)  # of another kind, but it holds these columns too
    if broken and not any(not heading.missing for heading in headings.values()):
        raise next(iter(broken.values()))
    aside = {name for name in headings if is_aside(name, columns)}
    if headings and aside == headings.keys():
        raise BadTable("table_set_aside", sheets=sorted(aside))
    headings = {name: heading for name, heading in headings.items() if name not in aside}
    # One that nobody sees is taken only where no other is a ledger.
    found = [info for info in book.sheets if info.name in headings]
    best_info = max(found, key=lambda info: _rank(headings[info.name], info, wanted), default=None)
    template = _check(None if best_info is None else headings[best_info.name], columns).template
    read: list[Sheet] = []
    others = dict.fromkeys(broken, Unread.BROKEN)
    for info in book.sheets:
        why = _why_not(headings.get(info.name), template, hidden=info.hidden and info is not best_info)
        if info.name in aside:
            others[info.name] = Unread.ASIDE
        elif why is None:
            read += _abreast(info.name, headings[info.name], _opener(book, info), columns)
        elif info.name not in broken and _has_rows(book, info):
            others[info.name] = why
    return Table(read, {info.name: others[info.name] for info in book.sheets if info.name in others})


def _find_headings(
    book: Workbook, columns: Columns, wanted: Template | None = None
) -> tuple[dict[str, Heading], dict[str, BadTable]]:
    """Of each sheet its header, if it has one; and of those that cannot be read why."""
    headings: dict[str, Heading] = {}
    broken: dict[str, BadTable] = {}
    for info in book.sheets:
        try:
            heading = find_heading(list(_head(book.lines(info))), columns, wanted=wanted)
        except BadTable as error:
            broken[info.name] = error
            continue
        if heading is not None:
            headings[info.name] = heading
    return headings, broken


def _is_whole(heading: Heading, template: Template) -> bool:
    return heading.template is template and not heading.missing


def _rank(heading: Heading, info: SheetInfo, wanted: Template | None) -> tuple[bool, bool, bool, tuple[bool, int, int]]:
    is_wanted = wanted is None or _is_whole(heading, wanted)
    return (is_wanted, not heading.missing, not info.hidden, heading.weight)


def _why_not(heading: Heading | None, template: Template, *, hidden: bool) -> Unread | None:
    """None: it is read."""
    if heading is None:
        return Unread.NO_LEDGER
    if heading.missing:
        # A sheet with a name column and a few more is no ledger that lacks something.
        if len(heading.columns) <= 2:
            return Unread.NO_LEDGER
        if heading.template is template:
            return Unread.COLUMNS_MISSING
        has_persons = any(one.field == "id_number" for one in heading.columns)
        return Unread.OTHER_LEDGER if has_persons else Unread.NO_LEDGER
    if hidden:
        return Unread.HIDDEN
    return None if heading.template is template else Unread.OTHER_LEDGER


def _abreast(name: str, heading: Heading, lines: Callable[[], Iterator[Line]], columns: Columns) -> Iterator[Sheet]:
    """The ledgers that stand side by side on one sheet, mostly one."""
    yield Sheet(name, _named_after(heading, name, columns), lines)
    while heading.beside:
        lines = _from_column(lines, heading.beside)
        further = find_heading(list(_head(lines())), columns, wanted=heading.template)
        if further is None or further.missing:
            return
        heading = further
        yield Sheet(name, _named_after(heading, name, columns), lines)


def _from_column(lines: Callable[[], Iterator[Line]], first: int) -> Callable[[], Iterator[Line]]:
    """The same lines without what stands to the left."""
    return lambda: (
        Line(line.number, [None] * min(first, len(line.cells)) + list(line.cells[first:]), line.hidden)
        for line in lines()
    )


def _named_after(heading: Heading, name: str, columns: Columns) -> Heading:
    """A sheet that is called 中原村 and has no column of villages is that village's."""
    fields = {one.field for one in heading.columns}
    village = _bare_name(name)
    if (
        heading.template is not Template.T2
        or "village" in fields
        or not re.fullmatch(r"[\u4e00-\u9fff]{2,19}", village)
    ):
        return heading
    if not _names_village(village, columns):
        return heading
    return replace(heading, titles={**heading.titles, "village": village})


def _bare_name(name: str) -> str:
    """3、龙潭村花名册(12户) -> 龙潭村; but 三合村 and 五一村 are called so."""
    text = re.sub(r"\([^()]*\)|\s", "", unicodedata.normalize("NFKC", name))
    text = re.sub(r"^(?:[0-9]{1,3}(?![0-9年月日号])[、.,_-]*|[一二三四五六七八九十]{1,3}[、.,_-]+)", "", text)
    return re.sub(r"(?:花名册|名册|名单|台账|登记表|明细表|一人一档)$", "", text)


def is_aside(name: str, columns: Columns) -> bool:
    """死亡人员, 作废, 填写示例; but not 在册（已剔除死亡）."""
    return bool(columns.aside_sheets.search(name)) and not columns.kept_sheets.search(name)


def _names_village(name: str, columns: Columns) -> bool:
    """中原村 does; 全村, 脱贫村 and 易地搬迁社区 say which or what kind."""
    ends, kinds = "|".join(columns.village_ends), "|".join(columns.village_kinds)
    return name.endswith(columns.village_ends) and not re.fullmatch(f"(?:{kinds}|{ends})+", name)


def _opener(book: Workbook, info: SheetInfo) -> Callable[[], Iterator[Line]]:
    return lambda: book.lines(info)


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
            unknown=[mask_header(one, columns) for one in heading.unknown[:20]],
        )
    return heading
